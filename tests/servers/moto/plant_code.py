"""What uses secrets: functions, tasks, builds, stacks, databases; and what holds them where it should not."""

import base64
import io
import json
import zipfile

from moto.secretsmanager.models import secretsmanager_backends

from plan import ACCOUNT, REGION, allow, document, trust
import plant_iam


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as one:
        one.writestr("main.py", "def handler(event, context):\n    return None\n")
    return packed.getvalue()


def function(made, name, role="rotator", runtime="python3.13", variables=None, key=None, is_rotation=True):
    plant_iam.role(made, role)
    settings = {"KMSKeyArn": key} if key else {}
    arn = made.client("lambda").create_function(
        FunctionName=name, Runtime=runtime, Role=f"arn:aws:iam::{ACCOUNT}:role/{role}", Handler="main.handler",
        Code={"ZipFile": archive()}, Environment={"Variables": variables or {}}, **settings,
    )["FunctionArn"]
    if is_rotation:
        made.client("lambda").add_permission(
            FunctionName=name, StatementId="rotation", Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com", SourceAccount=ACCOUNT,
        )
    return arn


def task(made, family, environment=None, secrets=None, command=None, runs=False):
    ecs = made.client("ecs")
    container = {"name": "web", "image": "web", "memory": 128, "environment": environment or [], "secrets": secrets or []}
    if command:
        container["command"] = command
    arn = ecs.register_task_definition(family=family, containerDefinitions=[container])["taskDefinition"]["taskDefinitionArn"]
    if runs:
        if "web" not in " ".join(ecs.list_clusters()["clusterArns"]):
            ecs.create_cluster(clusterName="web")
        ecs.create_service(cluster="web", serviceName=family, taskDefinition=arn, desiredCount=1)
    return arn


def key_arn(made):
    import plant_secrets

    return plant_secrets.key_arn(made)


def good(made):
    function(made, "plain", role="app", variables={"STAGE": "prod"}, is_rotation=False)
    sound = made.client("secretsmanager").describe_secret(SecretId="app/sound")["ARN"]
    task(made, "sound", secrets=[{"name": "DB", "valueFrom": sound + ":password::"}], runs=True)
    made.client("rds").create_db_instance(
        DBInstanceIdentifier="managed", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="app", ManageMasterUserPassword=True, MasterUserSecretKmsKeyId=key_arn(made),
    )
    # RDS rotates it.
    for one in secretsmanager_backends[ACCOUNT][REGION].secrets.values():
        if one.name.startswith("rds!"):
            one.rotation_requested = one.rotation_enabled = True
            one.auto_rotate_after_days = 7


def bad(made):
    token = made.github_token
    arn = function(made, "leaky", role="app", variables={"GITHUB_TOKEN": token()}, is_rotation=False)
    made.expect("aws-lambda-env-secret", arn)
    made.expect("aws-lambda-env-cmk", arn)

    arn = task(made, "leaky-variable", environment=[{"name": "GITHUB_TOKEN", "value": token()}])
    made.expect("aws-ecs-env-secret", arn)
    arn = task(made, "leaky-command", command=["serve", "--token", token()])
    made.expect("aws-ecs-env-secret", arn)
    gone = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:gone-AbCdEf"
    arn = task(made, "dangling", secrets=[{"name": "DB", "valueFrom": gone}], runs=True)
    made.expect("aws-ecs-dangling-secret", f"{arn}#containerDefinitions.web.secrets.DB")
    arn = task(made, "dangling-soon", secrets=[{"name": "DB", "valueFrom": made.gone}], runs=True)
    made.expect("aws-ecs-dangling-secret", f"{arn}#containerDefinitions.web.secrets.DB")
    made.client("secretsmanager").delete_secret(SecretId=made.gone, RecoveryWindowInDays=30)

    made.client("rds").create_db_instance(
        DBInstanceIdentifier="by-hand", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="app", MasterUserPassword=made.value(20),
    )
    made.expect("aws-sm-rds-not-managed", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:by-hand")

    builds = made.client("codebuild")
    arn = builds.create_project(
        name="leaky-build", source={"type": "GITHUB", "location": f"https://ci:{made.value(20)}@git.example/app.git"},
        artifacts={"type": "NO_ARTIFACTS"}, serviceRole=f"arn:aws:iam::{ACCOUNT}:role/app",
        environment={
            "type": "LINUX_CONTAINER", "image": "build", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "GITHUB_TOKEN", "value": token(), "type": "PLAINTEXT"}],
        },
    )["project"]["arn"]
    made.expect("aws-codebuild-env-secret", arn)
    made.expect("aws-codebuild-url-secret", arn)

    ec2 = made.client("ec2")
    data = f"#!/bin/sh\nexport GITHUB_TOKEN={token()}\n"
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData=data)["Instances"][0]["InstanceId"]
    made.expect("aws-ec2-userdata-secret", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}#userData")
    data = base64.b64encode(f"export GITHUB_TOKEN={token()}\n".encode()).decode()
    template = ec2.create_launch_template(LaunchTemplateName="leaky", LaunchTemplateData={"UserData": data})
    template = template["LaunchTemplate"]["LaunchTemplateId"]
    made.expect("aws-ec2-userdata-secret", f"arn:aws:ec2:{REGION}:{ACCOUNT}:launch-template/{template}/1#userData")

    stack = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"GithubToken": {"Type": "String"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    arn = made.client("cloudformation").create_stack(
        StackName="leaky", TemplateBody=json.dumps(stack),
        Parameters=[{"ParameterKey": "GithubToken", "ParameterValue": token()}],
    )["StackId"]
    made.expect("aws-cfn-output-secret", arn)

    cluster = made.client("eks").create_cluster(
        name="plain", roleArn=f"arn:aws:iam::{ACCOUNT}:role/app", resourcesVpcConfig={"subnetIds": []},
    )["cluster"]["arn"]
    made.expect("aws-eks-secrets-kms", cluster)
    made.expect("aws-eks-audit-logs", cluster)
    made.expect("aws-eks-authenticator-logs", cluster)
    cluster = made.client("eks").create_cluster(
        name="open", roleArn=f"arn:aws:iam::{ACCOUNT}:role/app",
        resourcesVpcConfig={"subnetIds": [], "endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
        logging={"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": True}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/eks"}}],
    )["cluster"]["arn"]
    made.expect("aws-eks-endpoint-open", cluster)

    glue = made.client("glue")
    glue.create_job(
        Name="leaky", Role="app", Command={"Name": "glueetl", "ScriptLocation": "s3://bucket/job.py"},
        DefaultArguments={"--github_token": token()},
    )
    made.expect("aws-glue-args-secret", f"arn:aws:glue:{REGION}:{ACCOUNT}:job/leaky")

    gateway = made.client("apigateway")
    api = gateway.create_rest_api(name="leaky")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(
        restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", integrationHttpMethod="POST", uri="http://x.example"
    )
    gateway.create_deployment(restApiId=api, stageName="prod", variables={"github_token": token()})
    made.expect("aws-apigw-stage-secret", f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/prod")

    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"github_token": token()}, "End": True}}}
    machine = made.client("stepfunctions").create_state_machine(
        name="leaky", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/app"
    )["stateMachineArn"]
    made.expect("aws-sfn-definition-secret", machine)

"""Parameters and documents of Systems Manager."""

import json

from moto.ssm.models import ssm_backends

from plan import ACCOUNT, REGION, ago
from plant_secrets import key_arn


def parameter(made, name, kind="SecureString", age=10, key=None, versions=1, **more):
    ssm = made.client("ssm")
    settings = {"KeyId": key or key_arn(made)} if kind == "SecureString" else {}
    for _ in range(versions):
        ssm.put_parameter(Name=name, Value=made.value(), Type=kind, Overwrite=versions > 1, **settings, **more)
    for one in ssm_backends[ACCOUNT][REGION]._parameters[name]:
        one.last_modified_date = ago(age).timestamp()
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}"


def good(made):
    parameter(made, "/app/db/password")
    made.client("ssm").put_parameter(Name="/app/stage", Value="prod", Type="String")
    content = {"schemaVersion": "2.2", "description": "d", "mainSteps": [
        {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}]}
    made.client("ssm").create_document(Name="own", DocumentType="Command", Content=json.dumps(content))


def bad(made):
    made.expect("aws-ssm-plaintext-secret", parameter(made, "/bad/plain/password", kind="String"))
    arn = parameter(made, "/bad/default-key", key="alias/aws/ssm")
    # Moto lists no keys of AWS, so that the one behind the alias is gone.
    for control in ("aws-ssm-param-cmk", "aws-ssm-param-kms-unusable"):
        made.expect(control, arn)
    made.expect("aws-ssm-param-age", parameter(made, "/bad/old", age=200))
    made.expect("aws-ssm-param-kms-unusable", parameter(made, "/bad/disabled-key", key=key_arn(made, "alias/disabled")))
    made.expect("aws-ssm-param-version-label-sprawl", parameter(made, "/bad/versions", versions=60))

    ssm = made.client("ssm")
    content = {"schemaVersion": "2.2", "description": "d", "mainSteps": [
        {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}]}
    ssm.create_document(Name="shared", DocumentType="Command", Content=json.dumps(content))
    ssm.modify_document_permission(Name="shared", PermissionType="Share", AccountIdsToAdd=["all"])
    made.expect("aws-ssm-document-public", f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/shared")
    content["mainSteps"][0]["inputs"]["runCommand"] = [f"export GITHUB_TOKEN={made.github_token()}"]
    ssm.create_document(Name="leaky", DocumentType="Command", Content=json.dumps(content))
    made.expect("aws-ssm-document-secret", f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/leaky")

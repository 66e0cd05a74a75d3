//! What the servers of the tests answer: nothing, or one of everything.

use serde_json::json;

const DENIED: &str = r#"{"__type":"com.amazonaws#AccessDeniedException","Message":"no"}"#;
/// Who asks.
pub(super) const IDENTITY: &str =
    "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>";

/// Refuses all but the question who asks.
pub(super) fn denied(asked: &str) -> (u16, String) {
    if asked.starts_with("GetCallerIdentity") {
        return (200, IDENTITY.into());
    }
    // As XML it has no code, which is a failure all the same.
    (403, DENIED.into())
}

/// Answers with one of everything, so that what follows from it is asked too.
pub(super) fn rich(asked: &str) -> (u16, String) {
    let arn =
        |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:123456789012:{rest}");
    let (name, _) = asked.split_once(' ').unwrap_or((asked, ""));
    let answer = match name {
        "ListSecrets" => json!({"SecretList": [{
            "ARN": arn("secretsmanager", "secret:a-AbCdEf"), "Name": "a", "KmsKeyId": "k", "PrimaryRegion": "eu-west-1",
            "RotationLambdaARN": arn("lambda", "function:f"), "SecretVersionsToStages": {"a": ["AWSCURRENT"], "b": ["AWSPREVIOUS"]},
        }]}),
        "ListKeys" => json!({"Keys": [{"KeyId": "k", "KeyArn": arn("kms", "key/k")}]}),
        "DescribeKey" => {
            json!({"KeyMetadata": {"KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled"}})
        }
        "DescribeTrails" => json!({"trailList": [{
            "TrailARN": arn("cloudtrail", "trail/t"), "HomeRegion": "eu-west-1", "S3BucketName": "b",
            "CloudWatchLogsLogGroupArn": arn("logs", "log-group:g:*"), "KmsKeyId": arn("kms", "key/k"),
        }]}),
        "ListEventDataStores" => {
            json!({"EventDataStores": [{"EventDataStoreArn": arn("cloudtrail", "eventdatastore/e")}]})
        }
        "DescribeMetricFilters" => {
            json!({"metricFilters": [{"filterName": "f", "metricTransformations": [{"metricName": "m"}]}]})
        }
        "ListRules" => {
            json!({"Rules": [{"Name": "r", "Arn": arn("events", "rule/r"), "EventPattern": "{}"}]})
        }
        "DescribeParameters" => {
            json!({"Parameters": [{"Name": "/p", "Type": "SecureString", "Tier": "Advanced"}]})
        }
        "ListDocuments" => json!({"DocumentIdentifiers": [{"Name": "d"}]}),
        "ListTaskDefinitionFamilies" => json!({"families": ["web"]}),
        "ListClusters" => json!({"clusterArns": [arn("ecs", "cluster/c")]}),
        "ListServices" => json!({"serviceArns": [arn("ecs", "service/s")]}),
        "DescribeServices" => {
            json!({"services": [{"serviceArn": arn("ecs", "service/s"), "taskDefinition": "web",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}]})
        }
        "DescribeTaskDefinition" => {
            json!({"taskDefinition": {"taskDefinitionArn": "web", "containerDefinitions": [
            {"name": "c", "secrets": [{"name": "s", "valueFrom": "/p"}]}]}})
        }
        "ListProjects" => json!({"projects": ["p"]}),
        "ListStateMachines" => json!({"stateMachines": [{"stateMachineArn": "m", "name": "m"}]}),
        "ListPipelines" => json!({"pipelines": [{"name": "p"}]}),
        "DescribeOrganization" => {
            json!({"Organization": {"Id": "o-1", "MasterAccountId": "111111111111"}})
        }
        "ListPoliciesForTarget" => json!({"Policies": [{"Id": "p-1", "Name": "p"}]}),
        "GET" if asked.contains("/analyzer") => {
            json!({"analyzers": [{"arn": arn("access-analyzer", "analyzer/a"), "type": "ACCOUNT", "status": "ACTIVE"}]})
        }
        "GET" if asked.contains("/detector ") => json!({"detectorIds": ["d"]}),
        "GET" if asked.contains("/trustanchors") => {
            json!({"trustAnchors": [{"trustAnchorArn": "t", "source": {"sourceData": {"acmPcaArn": "p"}}}]})
        }
        "GET" if asked.contains("/access-policies") => json!({"associatedAccessPolicies": []}),
        "GET" if asked.contains("/access-entries/") => json!({"accessEntry": {}}),
        "GET" if asked.contains("/access-entries") => {
            json!({"accessEntries": [arn("iam", "role/r")]})
        }
        "GET" if asked.contains("/clusters/c") => {
            json!({"cluster": {"name": "c", "accessConfig": {"authenticationMode": "API"}}})
        }
        "GET" if asked.contains("/clusters") => json!({"clusters": ["c"]}),
        "GET" if asked.contains("/restapis") => json!({"item": [{"id": "a"}]}),
        "GET" if asked.contains("/v1/apis") => json!({"graphqlApis": [{"arn": "a", "apiId": "a"}]}),
        "POST" if asked.contains("/listresources") => {
            json!({"resources": [{"arn": arn("ssm", "parameter/p")}]})
        }
        "GetAccountAuthorizationDetails" => {
            let policy = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            let xml = format!(
                "<R><X-Result><UserDetailList><member><Arn>arn:aws:iam::123456789012:user/u</Arn><UserName>u</UserName>\
                 <UserPolicyList><member><PolicyName>p</PolicyName><PolicyDocument>{policy}</PolicyDocument></member></UserPolicyList>\
                 </member></UserDetailList></X-Result></R>"
            );
            return (200, xml);
        }
        "ListAccessKeys" => {
            return (200, "<R><XResult><AccessKeyMetadata><member><AccessKeyId>A</AccessKeyId></member></AccessKeyMetadata></XResult></R>".into());
        }
        "DescribeEnvironments" => {
            return (200, "<R><XResult><Environments><member><EnvironmentArn>e</EnvironmentArn><EnvironmentName>e</EnvironmentName>\
                          </member></Environments></XResult></R>".into());
        }
        "DescribeInstances" => {
            return (200, "<R><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet></item>\
                          </reservationSet></R>".into());
        }
        "DescribeLaunchTemplates" => {
            return (200, "<R><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId></item></launchTemplates></R>".into());
        }
        "GenerateServiceLastAccessedDetails" => {
            return (200, "<R><XResult><JobId>j</JobId></XResult></R>".into());
        }
        _ if asked.starts_with("GET") || asked.contains("Version=") => return (200, String::new()),
        _ => json!({}),
    };
    (200, answer.to_string())
}

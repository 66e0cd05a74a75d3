//! The collector against answers of the API reference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::Client;
use super::kinds::KINDS;
use super::leaks::tests::Hidden;
use super::session::{Address, Regions};
use super::sheet::Sheet;
use super::{Account, read};
use crate::collect::values::{Values, is_of_values};
use crate::collect::{CollectError, Progress, Request};
use crate::model::{DigestKey, Inventory};

/// Counts requests.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Progress for Counted {
    fn asked(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn found(&self, _: usize) {}
    fn reads(&self, _: &str) {}
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn request<'a>(progress: &'a dyn Progress, kinds: Option<&'a BTreeSet<String>>) -> Request<'a> {
    Request {
        address: "",
        now: now(),
        environment: &nothing,
        home: None,
        kinds,
        concurrency: 8,
        timeout: Duration::from_secs(5),
        deadline: Duration::from_mins(1),
        progress,
        values: None,
        judge: &Hidden,
    }
}

/// What a request asks: the operation and its input; of REST the method, path and query.
fn asked(request: &http::Request<SdkBody>) -> String {
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    if let Some(target) = request.headers().get("x-amz-target") {
        let name = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        return format!("{name} {body}");
    }
    if body.starts_with("Action=") {
        return body.replacen("Action=", "", 1).replacen('&', " ", 1);
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query} {body}", request.method(), request.uri().path())
}

/// Settings whose requests `answer` is given: status and body.
fn config(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> SdkConfig {
    let client = infallible_client_fn(move |request: http::Request<SdkBody>| {
        let (status, body) = answer(&asked(&request));
        http::Response::builder().status(status).body(SdkBody::from(body)).unwrap()
    });
    SdkConfig::builder()
        .http_client(client)
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(credentials())
        .build()
}

fn credentials() -> aws_credential_types::provider::SharedCredentialsProvider {
    let credentials = aws_credential_types::Credentials::for_tests();
    aws_credential_types::provider::SharedCredentialsProvider::new(credentials)
}

fn collect(
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
    request: &Request<'_>,
) -> Result<Inventory, CollectError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = Address { profile: None, regions: Regions::Own };
    runtime.block_on(read(config(answer), &address, request))
}

/// Runs a test with an account that is not asked.
pub(super) fn with_account(test: impl FnOnce(&Account<'_>)) {
    let progress = Counted::default();
    let request = request(&progress, None);
    let account = Account {
        client: Client::new(config(|_| (500, String::new())), &request).unwrap(),
        sheet: Sheet::new(&progress),
        judge: &Hidden,
        progress: &progress,
        now: now(),
        id: "123456789012".into(),
        partition: "aws",
        home: "eu-west-1".into(),
        regions: vec!["eu-west-1".into()],
        values: None,
        is_global_known: false,
        kinds: None,
    };
    test(&account);
}

const DENIED: &str = r#"{"__type":"com.amazonaws#AccessDeniedException","Message":"no"}"#;
const IDENTITY: &str =
    "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>";

fn denied(asked: &str) -> (u16, String) {
    if asked.starts_with("GetCallerIdentity") {
        return (200, IDENTITY.into());
    }
    // As XML it has no code, which is a failure all the same.
    (403, DENIED.into())
}

fn kinds(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_is_denied_is_missing_of_every_kind() {
    let progress = Counted::default();
    let inventory = collect(denied, &request(&progress, None)).unwrap();
    for kind in KINDS.0.iter().filter(|kind| !is_of_values(kind.name)) {
        let has_gap = inventory.gaps.iter().any(|gap| gap.needs == kind.name);
        let is_unread = |fact: &crate::model::Fact| {
            fact.kind == kind.name
                && fact.fields["unread"].as_object().is_some_and(|unread| !unread.is_empty())
        };
        assert!(has_gap || inventory.facts.iter().any(is_unread), "{}", kind.name);
    }
}

/// Serves one text to everybody who asks, at the address that is returned.
fn serve(text: &'static str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/package?signature=s", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                text.len()
            );
            let _ = stream.write_all(format!("{head}{text}").as_bytes());
        }
    });
    address
}

#[test]
fn values_packages_and_logs_are_looked_at_where_they_may_be_and_not_kept() {
    let package = serve("a file with hidden in it");
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf";
    let answer = move |asked: &str| {
        let name = asked.split_once(' ').map_or(asked, |(name, _)| name);
        let answer = match name {
            "GetCallerIdentity" => return (200, IDENTITY.to_owned()),
            "ListSecrets" => json!({"SecretList": [{
                "ARN": secret, "Name": "a", "CreatedDate": 1.0, "LastChangedDate": 1.0,
                "SecretVersionsToStages": {"v2": ["AWSCURRENT"], "v1": ["AWSPREVIOUS"]},
            }]}),
            "BatchGetSecretValue" => json!({"SecretValues": [
                {"ARN": secret, "VersionId": "v2", "SecretString": "{\"password\": \"current-value\"}"}]}),
            "GetSecretValue" => {
                json!({"ARN": secret, "VersionId": "v1", "SecretString": "previous-value"})
            }
            "DescribeParameters" => json!({"Parameters": [{"Name": "/a/plain", "Type": "String"}]}),
            "GetParameters" => json!({"Parameters": [
                {"Name": "/a/plain", "Type": "String", "Version": 3, "Value": "hidden-value"}]}),
            "DescribeLogGroups" => {
                json!({"logGroups": [{"logGroupName": "/app", "retentionInDays": 7}]})
            }
            "FilterLogEvents" => {
                json!({"events": [{"message": "a hidden line"}, {"message": "another"}]})
            }
            _ if asked.starts_with("GET /2015-03-31/functions?") => json!({"Functions": [{
                "FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
                "PackageType": "Zip"}]}),
            _ if asked.starts_with("GET /2015-03-31/functions/") => {
                json!({"Code": {"Location": package}})
            }
            _ => json!({}),
        };
        (200, answer.to_string())
    };
    let progress = Counted::default();
    let key = DigestKey::new([1; 32]);
    let values = Values::new(&key, &Hidden);
    let wanted = kinds(&[
        "stored_value",
        "aws_ssm_parameter",
        "aws_log_group",
        "aws_lambda_package",
        "aws_lambda_function",
    ]);
    let asking = Request { values: Some(&values), ..request(&progress, Some(&wanted)) };
    let inventory = collect(answer.clone(), &asking).unwrap();
    let fact = |kind: &str| {
        let fact = inventory.facts.iter().find(|fact| fact.kind == kind);
        fact.unwrap_or_else(|| panic!("no {kind}: {:?}", inventory.gaps))
    };
    let found = |kind: &str| fact(kind).fields["leaks"][0]["where"].clone();
    assert_eq!(found("aws_log_group"), json!("events"));
    assert_eq!(fact("aws_log_group").fields["sampled_events"], json!(2));
    assert_eq!(found("aws_lambda_package"), json!("package.zip"));
    assert_eq!(fact("aws_ssm_parameter").fields["value_is_secret"], json!(true));
    let kept = values.into_facts();
    let versions: Vec<(&Value, &Value)> =
        kept.iter().map(|fact| (&fact.fields["version"], &fact.fields["is_current"])).collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(versions, [(&json!("v1"), &no), (&json!("v2"), &yes), (&json!("3"), &yes)]);
    let text = format!(
        "{}{}",
        serde_json::to_string(&inventory).unwrap(),
        serde_json::to_string(&kept).unwrap()
    );
    for value in ["current-value", "previous-value", "hidden-value", "hidden line", "signature=s"] {
        assert!(!text.contains(value), "{value} is kept");
    }
    // Without leave there is neither a fact nor a gap.
    let without = collect(answer, &request(&progress, Some(&wanted))).unwrap();
    assert!(without.facts.iter().all(|fact| !is_of_values(&fact.kind)));
    assert!(without.gaps.iter().all(|gap| !is_of_values(&gap.needs)), "{:?}", without.gaps);
}

#[test]
fn all_that_is_asked_is_in_the_printed_policy() {
    for kind in KINDS.0 {
        let wanted = kinds(&[kind.name]);
        let progress = Counted::default();
        let request = request(&progress, Some(&wanted));
        let allowed = super::kinds::permissions(&[kind.name].into());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let key = DigestKey::new([1; 32]);
        let values = Values::new(&key, &Hidden);
        let rights = runtime.block_on(async {
            let account = Account {
                client: Client::new(config(rich), &request).unwrap(),
                sheet: Sheet::new(&progress),
                judge: &Hidden,
                progress: &progress,
                now: now(),
                id: "123456789012".into(),
                partition: "aws",
                home: "eu-west-1".into(),
                regions: vec!["eu-west-1".into()],
                values: is_of_values(kind.name).then_some(&values),
                is_global_known: false,
                kinds: Some(KINDS.with_sources([kind.name].into_iter())),
            };
            super::everything(&account).await;
            account.client.rights.into_inner().unwrap()
        });
        let missing: Vec<&String> =
            rights.iter().filter(|right| !allowed.contains(&format!("\"{right}\""))).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", kind.name);
    }
}

/// Answers with one of everything, so that what follows from it is asked too.
fn rich(asked: &str) -> (u16, String) {
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

/// Facts of one kind, of answers by the beginning of what is asked.
fn facts(kind: &str, answers: &[(&str, Value)]) -> Vec<Value> {
    let answers: BTreeMap<String, String> = answers
        .iter()
        .map(|(asked, answer)| {
            (
                (*asked).to_owned(),
                match answer {
                    Value::String(xml) => xml.clone(),
                    json => json.to_string(),
                },
            )
        })
        .collect();
    let answer = move |asked: &str| match answers
        .iter()
        .find(|(begin, _)| asked.starts_with(begin.as_str()))
    {
        Some((_, answer)) => (200, answer.clone()),
        None => denied(asked),
    };
    let wanted = kinds(&[kind]);
    let progress = Counted::default();
    let inventory = collect(answer, &request(&progress, Some(&wanted))).unwrap();
    inventory.facts.iter().map(|fact| serde_json::to_value(fact).unwrap()).collect()
}

#[test]
fn analyzers_and_findings_are_those_of_the_reference() {
    let arn = "arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/one";
    let found = facts(
        "aws_access_analyzer_finding",
        &[
            (
                "GET /analyzer",
                json!({"analyzers": [{"arn": arn, "name": "one", "type": "ACCOUNT", "status": "ACTIVE",
            "createdAt": "2026-01-02T03:04:05Z"}]}),
            ),
            (
                "POST /findingv2",
                json!({"findings": [{"id": "f1", "resource": "arn:aws:kms:eu-west-1:123456789012:key/k",
            "resourceType": "AWS::KMS::Key", "resourceOwnerAccount": "123456789012", "status": "ACTIVE",
            "findingType": "ExternalAccess", "createdAt": "2026-01-02T03:04:05.678Z", "updatedAt": "2026-01-03T00:00:00Z"}]}),
            ),
        ],
    );
    let expected = json!({
        "kind": "aws_access_analyzer_finding", "id": format!("{arn}#finding/f1"), "account": "123456789012", "region": "eu-west-1",
        "resource": "arn:aws:kms:eu-west-1:123456789012:key/k", "resourceType": "AWS::KMS::Key",
        "resourceOwnerAccount": "123456789012", "status": "ACTIVE", "findingType": "ExternalAccess",
        "createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-03T00:00:00Z", "unread": {},
    });
    assert_eq!(found, [expected]);
}

#[test]
fn policies_of_the_organization_are_those_of_each_level() {
    let unit = "ou-ab12-cdefghij";
    let asks = |target: &str, kind: &str| {
        format!(r#"ListPoliciesForTarget {{"TargetId":"{target}","Filter":"{kind}"}}"#)
    };
    let parent = |child: &str| format!(r#"ListParents {{"ChildId":"{child}"}}"#);
    let policies = |ids: &[&str]| {
        let summary = |id: &&str| json!({"Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false});
        json!({"Policies": ids.iter().map(summary).collect::<Value>()})
    };
    let content = |id: &str| json!({"Policy": {"PolicySummary": {"Id": id}, "Content": r#"{"Version":"2012-10-17","Statement":[]}"#}});
    let organization = json!({"Organization": {"Id": "o-1", "MasterAccountId": "111111111111"}});
    let (scp, rcp) = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY");
    let asked = [
        (parent("123456789012"), json!({"Parents": [{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]})),
        (parent(unit), json!({"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]})),
        (asks("123456789012", scp), policies(&["p-all", "p-own"])),
        (asks(unit, scp), policies(&["p-all"])),
        (asks("r-ab12", scp), policies(&["p-all"])),
        (asks("123456789012", rcp), policies(&[])),
        (asks(unit, rcp), policies(&[])),
        (asks("r-ab12", rcp), policies(&[])),
        (r#"DescribePolicy {"PolicyId":"p-all"}"#.into(), content("p-all")),
        (r#"DescribePolicy {"PolicyId":"p-own"}"#.into(), content("p-own")),
        ("DescribeOrganization".into(), organization),
    ];
    let answers = |left_out: &str| -> Vec<(&str, Value)> {
        let all = asked.iter().filter(|(asked, _)| asked != left_out);
        all.map(|(asked, answer)| (asked.as_str(), answer.clone())).collect()
    };
    let found = facts("aws_account", &answers(""));
    let at: Vec<(&str, &str)> = found[0]["organization_policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| (policy["Target"].as_str().unwrap(), policy["Name"].as_str().unwrap()))
        .collect();
    let expected = [
        ("123456789012", "p-all"),
        ("123456789012", "p-own"),
        (unit, "p-all"),
        ("r-ab12", "p-all"),
    ];
    assert_eq!(at, expected);
    assert_eq!(found[0]["organization_path"], json!(["123456789012", unit, "r-ab12"]));
    // What is denied on the way makes all of it unknown.
    let (of_unit, own) = (parent(unit), r#"DescribePolicy {"PolicyId":"p-own"}"#);
    for left_out in [of_unit.as_str(), own] {
        let found = facts("aws_account", &answers(left_out));
        assert_eq!(found[0]["organization_policies"], Value::Null, "{left_out}");
        let why = found[0]["unread"]["organization_policies"].as_str().unwrap();
        assert!(why.contains("organizations:"), "{why}");
    }
    // None of it binds the account that manages.
    let managing = json!({"Organization": {"Id": "o-1", "MasterAccountId": "123456789012"}});
    let found = facts("aws_account", &[("DescribeOrganization", managing)]);
    assert_eq!(found[0]["organization_policies"], json!([]));
}

#[test]
fn clusters_and_their_access_entries_are_those_of_the_reference() {
    let principal = "arn:aws:iam::111122223333:role/Admin";
    let arn = "arn:aws:eks:eu-west-1:123456789012:cluster/shop";
    let cluster = |mode: &str| {
        json!({"cluster": {
            "name": "shop", "arn": arn, "version": "1.33", "status": "ACTIVE", "createdAt": 1_767_323_045,
            "resourcesVpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAccess": true,
                "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"]},
            "logging": {"clusterLogging": [{"types": ["audit"], "enabled": true}]},
            "accessConfig": {"authenticationMode": mode, "bootstrapClusterCreatorAdminPermissions": true},
            "certificateAuthority": {"data": "x"},
        }})
    };
    let entries = "GET /clusters/shop/access-entries?";
    let one = "GET /clusters/shop/access-entries/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FAdmin";
    let entry = json!({"accessEntry": {
        "clusterName": "shop", "principalArn": principal, "type": "STANDARD", "kubernetesGroups": ["ops"],
        "username": "arn:aws:sts::111122223333:assumed-role/Admin/{{SessionName}}", "tags": {},
    }});
    let associated = json!({"clusterName": "shop", "principalArn": principal, "associatedAccessPolicies": [{
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy",
        "accessScope": {"type": "cluster", "namespaces": []}, "associatedAt": 1_767_323_045,
    }]});
    let (one, policies) = (format!("{one} "), format!("{one}/access-policies?"));
    let all = |mode: &str| {
        vec![
            (policies.as_str(), associated.clone()),
            (one.as_str(), entry.clone()),
            (entries, json!({"accessEntries": [principal]})),
            ("GET /clusters/shop ", cluster(mode)),
            ("GET /clusters ", json!({"clusters": ["shop"]})),
        ]
    };
    let expected = json!({
        "kind": "aws_eks_cluster", "id": arn, "account": "123456789012", "region": "eu-west-1", "name": "shop",
        "version": "1.33", "status": "ACTIVE", "is_external": false, "encryptionConfig": [],
        "logging": {"clusterLogging": [{"types": ["audit"], "enabled": true}]},
        "resourcesVpcConfig": {"endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"]},
        "accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"},
        "access_entries": [{
            "principalArn": principal, "type": "STANDARD", "kubernetesGroups": ["ops"],
            "username": "arn:aws:sts::111122223333:assumed-role/Admin/{{SessionName}}",
            "policies": [{
                "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy",
                "accessScope": {"type": "cluster", "namespaces": []},
            }],
        }],
        "unread": {},
    });
    assert_eq!(facts("aws_eks_cluster", &all("API_AND_CONFIG_MAP")), [expected]);
    // Where a ConfigMap alone counts they are not asked for.
    let found = facts("aws_eks_cluster", &all("CONFIG_MAP")[3..]);
    assert_eq!((&found[0]["access_entries"], &found[0]["unread"]), (&json!([]), &json!({})));
    // One that is denied makes all of it unknown, and nothing else.
    for denied in [policies.as_str(), &one, entries] {
        let mut answers = all("API");
        answers.retain(|(asked, _)| *asked != denied);
        let found = facts("aws_eks_cluster", &answers);
        assert_eq!(found[0]["access_entries"], Value::Null, "{denied}");
        let why = found[0]["unread"]["access_entries"].as_str().unwrap();
        assert!(why.contains("eks:"), "{why}");
        assert_eq!(found[0]["version"], "1.33");
    }
}

#[test]
fn last_uses_are_those_of_the_reference() {
    let details = "<R><GetAccountAuthorizationDetailsResult><RoleDetailList><member><Arn>arn:aws:iam::123456789012:role/r</Arn>\
        <RoleName>r</RoleName><Path>/</Path><RolePolicyList><member><PolicyName>p</PolicyName><PolicyDocument>\
        %7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22ssm%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D\
        </PolicyDocument></member></RolePolicyList></member></RoleDetailList><IsTruncated>false</IsTruncated><Marker>m</Marker>\
        </GetAccountAuthorizationDetailsResult></R>";
    let used = "<R><GetServiceLastAccessedDetailsResult><JobStatus>COMPLETED</JobStatus><ServicesLastAccessed><member>\
        <ServiceName>AWS Systems Manager</ServiceName><ServiceNamespace>ssm</ServiceNamespace>\
        <LastAuthenticated>2026-10-01T00:00:00Z</LastAuthenticated><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities>\
        </member></ServicesLastAccessed></GetServiceLastAccessedDetailsResult></R>";
    let found = facts("aws_iam_last_accessed", &[
        ("GetAccountAuthorizationDetails", details.into()),
        ("GenerateServiceLastAccessedDetails", "<R><GenerateServiceLastAccessedDetailsResult><JobId>j</JobId></GenerateServiceLastAccessedDetailsResult></R>".into()),
        ("GetServiceLastAccessedDetails", used.into()),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0]["services"],
        json!([{"ServiceNamespace": "ssm", "LastAuthenticated": "2026-10-01T00:00:00Z"}])
    );
}

#[test]
fn events_are_kept_without_what_may_be_a_password() {
    let hidden = ["hid", "den"].concat();
    let record = json!({
        "eventName": "UpdateLoginProfile", "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/a"},
        "requestParameters": {"password": hidden, "userName": "b"}, "errorCode": "AccessDenied",
    });
    let event = |name: &str| {
        json!({"Events": [{"EventId": name, "EventName": name, "EventTime": 1_700_000_000,
        "EventSource": "iam.amazonaws.com", "Username": "a", "CloudTrailEvent": record.to_string()}]})
    };
    let found = facts("aws_cloudtrail_event", &[("LookupEvents", event("StopLogging"))]);
    assert!(!found.is_empty());
    assert!(!serde_json::to_string(&found).unwrap().contains("hidden"));
    assert_eq!(found[0]["actor"], "arn:aws:iam::123456789012:user/a");
    assert_eq!(found[0]["errorCode"], "AccessDenied");
    assert_eq!(found[0]["EventTime"], "2023-11-14T22:13:20Z");
}

#[test]
fn uses_of_keys_are_those_of_the_reference() {
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/k";
    let with = |usage: Value| {
        facts("aws_kms_key", &[
        ("ListKeys", json!({"Keys": [{"KeyId": "k", "KeyArn": arn}]})),
        ("DescribeKey", json!({"KeyMetadata": {"KeyId": "k", "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled", "CreationDate": 1_700_000_000.1}})),
        ("GetKeyLastUsage", usage),
    ]).remove(0)
    };
    let used = with(
        json!({"KeyLastUsage": {"Operation": "Decrypt", "Timestamp": 1_750_000_000, "CloudTrailEventId": "e"},
        "TrackingStartDate": 1_740_000_000}),
    );
    assert_eq!(
        used["LastUsage"],
        json!({"Operation": "Decrypt", "Timestamp": "2025-06-15T15:06:40Z"})
    );
    let unused = with(json!({"TrackingStartDate": 1_740_000_000}));
    assert_eq!(unused["LastUsage"], json!({}));
    assert_eq!(unused["TrackingStartDate"], "2025-02-19T21:20:00Z");
    // What else was denied is told of each field.
    assert!(
        unused["unread"]["Policy"].as_str().unwrap().starts_with("AccessDeniedException at kms:"),
        "{unused}"
    );
}

#[test]
fn an_expired_login_ends_the_questions_and_not_the_run() {
    let count = AtomicUsize::new(0);
    let progress = Counted::default();
    let answer = move |asked: &str| match count.fetch_add(1, Ordering::Relaxed) {
        0 => (200, IDENTITY.to_owned()),
        1..20 => rich(asked),
        _ => (403, r#"{"__type":"ExpiredTokenException"}"#.to_owned()),
    };
    let inventory = collect(answer, &request(&progress, None)).unwrap();
    assert!(inventory.gaps.iter().any(|gap| gap.why.contains("login has expired")));
    // Those in flight may fail too, and no more.
    assert!(progress.0.load(Ordering::Relaxed) < 80, "{}", progress.0.load(Ordering::Relaxed));
}

#[test]
fn a_refused_login_is_an_error_without_a_secret() {
    let progress = Counted::default();
    let error = collect(
        |_| (403, "<E><Error><Code>InvalidClientTokenId</Code></Error></E>".into()),
        &request(&progress, None),
    );
    let error = error.unwrap_err();
    assert!(matches!(error, CollectError::Login { .. }), "{error}");
    assert!(error.to_string().contains("InvalidClientTokenId"), "{error}");
}

#[test]
fn a_listing_that_repeats_itself_ends() {
    let progress = Counted::default();
    let wanted = kinds(&["aws_secret"]);
    let answer = |asked: &str| match asked {
        _ if asked.starts_with("ListSecrets") => {
            (200, json!({"SecretList": [], "NextToken": "same"}).to_string())
        }
        _ => denied(asked),
    };
    let inventory = collect(answer, &request(&progress, Some(&wanted))).unwrap();
    assert!(
        inventory.gaps.iter().any(|gap| gap.needs == "aws_secret" && gap.why.contains("repeats")),
        "{:?}",
        inventory.gaps
    );
}

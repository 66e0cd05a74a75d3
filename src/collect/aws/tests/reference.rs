//! Facts as the API reference shows the answers that they are made of.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answers::denied;
use super::{Counted, collect, kinds, request};

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

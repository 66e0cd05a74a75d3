//! Values, packages and logs, which are only looked at where they may be.

use serde_json::{Value, json};

use super::answers::IDENTITY;
use super::{Counted, Hidden, collect, kinds, request};
use crate::collect::Request;
use crate::collect::values::{Values, is_of_values};
use crate::model::DigestKey;

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

//! AWS: what is collected of an account that moto emulates, what policies find in it, and what comes of it when
//! it does not answer.
#![expect(clippy::panic, reason = "a test fails by it")]

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cases::quiet;
use server::{Deed, Proxy, Server};

/// Runs keystrel with a login that moto takes.
fn keystrel(port: u16, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "planted")
        .env("AWS_SECRET_ACCESS_KEY", "planted")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.args(args).output().unwrap()
}

/// An inventory.
struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    /// What is collected.
    fn of(port: u16, args: &[&str]) -> Self {
        let output = keystrel(port, &[&["collect", "aws:"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // There are gaps: moto does not have all services.
        assert!(
            matches!(output.status.code(), Some(0 | 4)),
            "{args:?}: {:?} {said}",
            output.status
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        Self { text, value }
    }

    fn facts(&self) -> &[Value] {
        self.value["facts"].as_array().unwrap()
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.value["gaps"].as_array().unwrap();
        gaps.iter().map(|gap| format!("{} {} {}", gap["needs"], gap["what"], gap["why"])).collect()
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }

    fn fact(&self, id: &str) -> &Value {
        self.facts().iter().find(|fact| fact["id"] == id).unwrap_or_else(|| panic!("no fact {id}"))
    }

    /// Facts by id, without the time.
    fn by_id(&self) -> BTreeMap<&str, &Value> {
        self.facts().iter().map(|fact| (fact["id"].as_str().unwrap(), fact)).collect()
    }
}

/// What fails, by control: the ids of the resources, sorted.
fn failing(port: u16, args: &[&str]) -> (BTreeMap<String, Vec<String>>, Value) {
    let output =
        keystrel(port, &[&["audit", "aws:", "--format", "json", "--show-all"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        matches!(output.status.code(), Some(0 | 1 | 4)),
        "{args:?}: {:?} {said}",
        output.status
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["policy_errors"], json!([]));
    let mut failing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for check in report["checks"].as_array().unwrap() {
        if check["verdict"] == "fail" {
            let resource = check["resource"].as_str().unwrap().to_owned();
            failing
                .entry(check["control"].as_str().unwrap().to_owned())
                .or_default()
                .push(resource);
        }
    }
    for ids in failing.values_mut() {
        ids.sort();
        ids.dedup();
    }
    (failing, report)
}

/// The verdicts on an inventory, by control and resource.
fn verdicts(inventory: &Inventory) -> BTreeMap<(String, String), String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory");
    std::fs::write(&file, &inventory.text).unwrap();
    let output = keystrel(0, &["audit", "--from", file.to_str().unwrap(), "--format", "json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 4)), "{:?} {said}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|one| ((text(&one["control"]), text(&one["resource"])), text(&one["verdict"])))
        .collect()
}

/// What a fact or gap says of an operation that failed.
fn mentions(inventory: &Inventory, operation: &str) -> bool {
    inventory.text.contains(&format!(" at {operation}"))
}

#[test]
fn an_account_is_read_and_no_value_of_a_secret() {
    let Some(server) = Server::start(&["bad"]) else { return };
    let inventory = Inventory::of(server.port, &[]);
    for value in &server.values {
        assert!(!inventory.text.contains(value.as_str()), "an inventory has a planted value");
    }
    let missing: BTreeSet<&str> =
        KINDS.iter().copied().filter(|kind| !inventory.kinds().contains(kind)).collect();
    assert_eq!(missing, BTreeSet::new(), "{}", inventory.gaps().join("\n"));
    // Of each fact every field that docs/facts has is there, whether it has a value or not.
    let id = "arn:aws:iam::123456789012:root";
    let account = inventory.fact(id);
    assert_eq!(account["PasswordPolicy"]["MinimumPasswordLength"], 6);
    assert_eq!(account["root_mfa"], "none");
}

/// Kinds that moto has something of.
const KINDS: &[&str] = &[
    "aws_account",
    "aws_api_gateway_stage",
    "aws_cloudformation_stack",
    "aws_cloudtrail_trail",
    "aws_codebuild_project",
    "aws_ec2_user_data",
    "aws_ecs_task_definition",
    "aws_eks_cluster",
    "aws_glue_job",
    "aws_iam_access_key",
    "aws_iam_credential_report",
    "aws_iam_identity",
    "aws_iam_policy",
    "aws_kms_grant",
    "aws_kms_key",
    "aws_kms_key_reference",
    "aws_lambda_function",
    "aws_rds_database",
    "aws_region",
    "aws_rotation_function",
    "aws_s3_bucket",
    "aws_secret",
    "aws_secret_readers",
    "aws_secret_reference",
    "aws_service_definition",
    "aws_ssm_document",
    "aws_ssm_parameter",
    "aws_ssm_settings",
];

/// Compares what is found in an account with what is planted in it.
fn compare(account: &str) {
    let Some(server) = Server::start(&[account]) else { return };
    let (found, report) = failing(server.port, &[]);
    let planted: BTreeMap<String, Vec<String>> =
        serde_json::from_value(server.planted.clone()).unwrap();
    let told = report.to_string();
    for value in &server.values {
        assert!(!told.contains(value.as_str()), "a report has a planted value");
    }
    let mut wrong = Vec::new();
    for control in found.keys().chain(planted.keys()).collect::<BTreeSet<_>>() {
        let none = Vec::new();
        let found = found.get(control).unwrap_or(&none);
        let planted = planted.get(control).unwrap_or(&none);
        let missed: Vec<_> = planted.iter().filter(|id| !found.contains(id)).collect();
        let more: Vec<_> = found.iter().filter(|id| !planted.contains(id)).collect();
        if !(missed.is_empty() && more.is_empty()) {
            wrong.push(format!("{control}: missed {missed:?}, found too {more:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    compare("bad");
}

#[test]
fn a_sound_account_is_found_sound() {
    // Save for what moto cannot have: a second factor of root, and an analyzer.
    compare("good");
}

/// Operations that are refused in turn: one of each collector.
const REFUSED: &[&str] = &[
    "secretsmanager:ListSecrets",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecretVersionIds",
    "iam:GetAccountAuthorizationDetails",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountSummary",
    "iam:GetAccountPasswordPolicy",
    "iam:ListAccountAliases",
    "iam:ListServerCertificates",
    "kms:ListKeys",
    "kms:DescribeKey",
    "kms:ListAliases",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListKeyRotations",
    "kms:ListGrants",
    "kms:ListResourceTags",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "ssm:DescribeParameters",
    "ssm:ListDocuments",
    "ssm:GetDocument",
    "ssm:DescribeDocumentPermission",
    "lambda:ListFunctions",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "ecs:ListTaskDefinitionFamilies",
    "ecs:DescribeTaskDefinition",
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "events:ListRules",
    "events:ListTargetsByRule",
    "logs:DescribeMetricFilters",
    "guardduty:ListDetectors",
    "config:DescribeConfigurationRecorders",
    "config:DescribeConfigurationRecorderStatus",
    "s3:GetBucketAcl",
    "s3:GetBucketVersioning",
    "s3:GetObjectLockConfiguration",
    "s3:GetBucketLogging",
];

/// The operation behind a method and path of REST.
fn rest(name: &str) -> Option<&'static str> {
    let path = name.split_once(' ')?.1;
    Some(match name.split(':').next()? {
        "lambda" if path.ends_with("/functions") || path.contains("/functions?") => {
            "lambda:ListFunctions"
        }
        "lambda" if path.ends_with("/configuration") => "lambda:GetFunctionConfiguration",
        "lambda" if path.ends_with("/policy") => "lambda:GetPolicy",
        "guardduty" if path == "/detector" => "guardduty:ListDetectors",
        "s3" if path.ends_with("?acl") => "s3:GetBucketAcl",
        "s3" if path.ends_with("?versioning") => "s3:GetBucketVersioning",
        "s3" if path.ends_with("?object-lock") => "s3:GetObjectLockConfiguration",
        "s3" if path.ends_with("?logging") => "s3:GetBucketLogging",
        _ => return None,
    })
}

#[test]
fn what_is_refused_is_told_and_no_control_passes_for_it() {
    let Some(server) = Server::start(&["good"]) else { return };
    let all = verdicts(&Inventory::of(server.port, &[]));
    for operation in REFUSED {
        let proxy = Proxy::start(server.port, move |name, _| {
            if name == *operation || rest(name) == Some(operation) {
                Deed::Refuse(403, "AccessDeniedException")
            } else {
                Deed::Pass
            }
        });
        let inventory = Inventory::of(proxy.port, &[]);
        assert!(mentions(&inventory, operation), "{operation}");
        let after = verdicts(&inventory);
        for ((control, resource), verdict) in &after {
            let before = all.get(&(control.clone(), resource.clone())).map(String::as_str);
            // What was unknown or failed does not pass for knowing less.
            let is_worse = verdict == "pass" && !matches!(before, Some("pass") | None);
            assert!(!is_worse, "{operation}: {control} {resource}: {before:?}");
        }
        // Nor does a control stop to be about what is there.
        let there = inventory.by_id();
        let gone: Vec<_> = all
            .keys()
            .filter(|check| !after.contains_key(*check) && there.contains_key(check.1.as_str()))
            .collect();
        assert!(gone.is_empty(), "{operation}: {gone:?}");
    }
}

#[test]
fn what_passes_by_itself_is_waited_for() {
    let Some(server) = Server::start(&["good"]) else { return };
    let plain = Inventory::of(server.port, &[]);
    // A storm: of the first requests each second one, and then each tenth.
    let storm = Proxy::start(server.port, |name, count| match count {
        _ if name.starts_with("sts:") => Deed::Pass,
        0..60 if count % 2 == 0 => Deed::Refuse(400, "ThrottlingException"),
        60..200 if count % 10 == 0 => Deed::Refuse(503, "ServiceUnavailable"),
        _ => Deed::Pass,
    });
    let after = Inventory::of(storm.port, &[]);
    assert_eq!(after.gaps(), plain.gaps());
    assert_eq!(after.by_id().keys().collect::<Vec<_>>(), plain.by_id().keys().collect::<Vec<_>>());
    let cut = Proxy::start(server.port, |name, count| match count {
        _ if name.starts_with("sts:") => Deed::Pass,
        _ if count % 7 == 3 => Deed::Cut(220),
        _ => Deed::Pass,
    });
    let after = Inventory::of(cut.port, &[]);
    assert_eq!(after.gaps(), plain.gaps());
    assert_eq!(after.by_id().keys().collect::<Vec<_>>(), plain.by_id().keys().collect::<Vec<_>>());
}

#[test]
fn what_never_comes_is_a_gap_in_time() {
    let Some(server) = Server::start(&["good"]) else { return };
    let began = Instant::now();
    let proxy =
        Proxy::start(
            server.port,
            |name, _| {
                if name == "kms:ListKeys" { Deed::Hang } else { Deed::Pass }
            },
        );
    let inventory = Inventory::of(proxy.port, &["--timeout", "2", "--deadline", "20"]);
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    assert!(
        inventory
            .gaps()
            .iter()
            .any(|gap| gap.contains("aws_kms_key") && gap.contains("kms:ListKeys"))
    );
    assert!(inventory.kinds().contains("aws_secret"));
}

#[test]
fn a_login_that_expires_leaves_what_was_read() {
    let Some(server) = Server::start(&["good"]) else { return };
    let proxy = Proxy::start(server.port, |_, count| {
        if count < 60 { Deed::Pass } else { Deed::Refuse(400, "ExpiredTokenException") }
    });
    let inventory = Inventory::of(proxy.port, &[]);
    assert!(!inventory.facts().is_empty());
    assert!(inventory.gaps().iter().any(|gap| gap.contains("the login has expired")));
    let asked = proxy.count.load(std::sync::atomic::Ordering::SeqCst);
    assert!(asked < 120, "{asked} requests");
    assert!(verdicts(&inventory).values().any(|verdict| verdict == "unknown"));
}

#[test]
fn a_login_that_is_none_is_said_to_be() {
    let Some(server) = Server::start(&["good"]) else { return };
    let proxy = Proxy::start(server.port, |_, _| Deed::Refuse(403, "InvalidClientTokenId"));
    let output = keystrel(proxy.port, &["collect", "aws:"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("InvalidClientTokenId"));
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    let output = command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .args(["collect", "aws:"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no credentials"), "{said}");
}

#[test]
fn several_regions_are_read_and_what_is_global_once() {
    let Some(server) = Server::start(&["good"]) else { return };
    let output = keystrel(server.port, &["collect", "aws:@us-east-1,eu-west-1"]);
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(inventory["source"], "aws:123456789012@us-east-1,eu-west-1");
    let count = |kind: &str| {
        inventory["facts"].as_array().unwrap().iter().filter(|fact| fact["kind"] == kind).count()
    };
    assert_eq!((count("aws_account"), count("aws_region")), (1, 2));
}

#[test]
fn two_thousand_secrets_take_two_requests_each_and_little_more() {
    let Some(server) = Server::start(&["many", "2000"]) else { return };
    let proxy = Proxy::start(server.port, |_, _| Deed::Pass);
    let inventory = Inventory::of(proxy.port, &[]);
    let secrets = inventory.facts().iter().filter(|fact| fact["kind"] == "aws_secret").count();
    assert_eq!(secrets, 2000);
    let asked = proxy.count.load(std::sync::atomic::Ordering::SeqCst);
    assert!(asked <= 2 * 2000 + 300, "{asked} requests");
}

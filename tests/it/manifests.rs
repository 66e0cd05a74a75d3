//! Manifests that are staged, in ranges, pushed, in a bare repository and in images are judged as those of a work tree are.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keystrel::detect::examples;
use serde_json::Value;

use crate::cases::quiet;

fn git(root: &Path, args: &[&str]) {
    let output = quiet(Command::new("git"), root).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn keystrel(root: &Path, args: &[&str]) -> Output {
    quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), root).args(args).output().unwrap()
}

/// The report of a scan that ends with the code `exit`.
fn report(root: &Path, args: &[&str], exit: i32) -> Value {
    let output = keystrel(root, &[&["scan", "--format", "json"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Rule, path, line and status of each finding, and the controls that are told with it.
fn told(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            let controls = finding["breaches"].as_array().unwrap().iter();
            let controls = controls.map(|breach| breach["control"].as_str().unwrap());
            let status = finding["status"]["state"].as_str().unwrap();
            let line = &finding["start"]["line"];
            let all = [format!("{}:{line}", text("path")), text("rule"), status.to_owned()];
            all.iter().map(String::as_str).chain(controls).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main", "."]);
    write(directory.path(), "plain", "x\n");
    for (path, text) in files {
        write(directory.path(), path, text);
    }
    commit(directory.path());
    directory
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(root: &Path) {
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "change"]);
}

fn stage(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        write(root, path, text);
        git(root, &["add", path]);
    }
}

const ACCOUNT: &str = "apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
";

/// A workload that is fine if its account is.
const WORKLOAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      serviceAccountName: web
      containers: [{name: web, image: web}]
";

const BUILD: &str = "FROM debian:12\nARG NPM_TOKEN\nRUN make\n";

/// A secret of Terraform without rotation, and what rotates it.
const SECRET: &str = "resource \"aws_secretsmanager_secret\" \"db\" {
  name       = \"db\"
  kms_key_id = aws_kms_key.own.arn
}
";
const ROTATION: &str = "resource \"aws_secretsmanager_secret_rotation\" \"db\" {
  secret_id           = aws_secretsmanager_secret.db.id
  rotation_lambda_arn = aws_lambda_function.rotate.arn
  rotation_rules {
    automatically_after_days = 30
  }
}
";

fn token(seed: u64) -> String {
    examples::fill("ghp_${alnum:30}${checksum}", Some("crc32-base62"), seed).unwrap()
}

#[test]
fn staged_content_is_judged_and_not_that_of_the_work_tree() {
    let repository = repository(&[]);
    let root = repository.path();
    stage(root, &[("Dockerfile", BUILD)]);
    write(root, "Dockerfile", "FROM debian:12\n");
    let found = told(&report(root, &["--staged"], 1));
    assert_eq!(found, ["Dockerfile:2 build-argument-secret open"]);
    // The other way round nothing is brought in.
    stage(root, &[("Dockerfile", "FROM debian:12\n")]);
    write(root, "Dockerfile", BUILD);
    assert_eq!(told(&report(root, &["--staged"], 0)), [""; 0]);
    let off = report(root, &["--staged", "--no-policies", "--fail-on", "critical"], 0);
    assert_eq!(told(&off), [""; 0]);
}

#[test]
fn what_head_says_already_does_not_block_again() {
    let repository = repository(&[("Dockerfile", BUILD)]);
    let root = repository.path();
    stage(root, &[("Dockerfile", &format!("{BUILD}USER 1000\n"))]);
    let found = told(&report(root, &["--staged"], 0));
    assert_eq!(found, ["Dockerfile:2 build-argument-secret suppressed"]);
    stage(root, &[("Dockerfile", &format!("{BUILD}ARG API_KEY\n"))]);
    let found = told(&report(root, &["--staged"], 1));
    assert_eq!(
        found,
        [
            "Dockerfile:2 build-argument-secret suppressed",
            "Dockerfile:4 build-argument-secret open"
        ]
    );
}

#[test]
fn a_leak_and_what_a_control_says_of_its_place_are_one_finding() {
    let repository = repository(&[]);
    let root = repository.path();
    stage(root, &[("compose.yml", &compose(1))]);
    let found = told(&report(root, &["--staged"], 1));
    assert_eq!(found, ["compose.yml:4 github-pat open env-literal-secret"]);
    commit(root);
    // Another version of the file holds the value too, and comes to the end of the range.
    stage(root, &[("compose.yml", &format!("# ours\n{}", compose(1)))]);
    let found = told(&report(root, &["--staged"], 0));
    assert_eq!(found, ["compose.yml:5 github-pat suppressed env-literal-secret"]);
    commit(root);
    let found = told(&report(root, &["--range", "HEAD~2..HEAD"], 1));
    assert_eq!(found, ["compose.yml:5 github-pat open env-literal-secret"]);
    let found = told(&report(root, &["--range", "HEAD~2..HEAD~1"], 1));
    assert_eq!(found, ["compose.yml:4 github-pat open env-literal-secret"]);
    // A value that moves into a variable was there, and what is done with it was not.
    let note = compose(1).replace("      TOKEN: ", "      # ");
    stage(root, &[("compose.yml", &note)]);
    commit(root);
    stage(root, &[("compose.yml", &compose(1))]);
    let found = told(&report(root, &["--staged"], 1));
    assert_eq!(
        found,
        ["compose.yml:4 env-literal-secret open", "compose.yml:4 github-pat suppressed"]
    );
}

fn compose(seed: u64) -> String {
    format!("services:\n  web:\n    environment:\n      TOKEN: {}\n", token(seed))
}

#[test]
fn what_stands_in_files_that_did_not_change_counts() {
    let repository = repository(&[("k8s/account.yml", ACCOUNT), ("infra/rotation.tf", ROTATION)]);
    let root = repository.path();
    stage(root, &[("apps/web.yml", WORKLOAD), ("infra/db.tf", SECRET)]);
    assert_eq!(told(&report(root, &["--staged"], 0)), [""; 0]);
    // What is not staged does not count.
    fs::remove_file(root.join("k8s/account.yml")).unwrap();
    fs::remove_file(root.join("infra/rotation.tf")).unwrap();
    assert_eq!(told(&report(root, &["--staged"], 0)), [""; 0]);
    git(root, &["rm", "-q", "--cached", "k8s/account.yml", "infra/rotation.tf"]);
    let found = told(&report(root, &["--staged"], 1));
    let expected = [
        "apps/web.yml:6 service-account-token-automount open",
        "infra/db.tf:1 iac-aws-secret-no-rotation open",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_range_is_judged_as_it_ends_with_what_stands_beside() {
    let repository = repository(&[("k8s/account.yml", ACCOUNT), ("infra/rotation.tf", ROTATION)]);
    let root = repository.path();
    stage(root, &[("apps/web.yml", WORKLOAD), ("infra/db.tf", SECRET), ("Dockerfile", BUILD)]);
    commit(root);
    stage(root, &[("Dockerfile", "FROM debian:12\n")]);
    commit(root);
    // What a later commit took back is at the end of an earlier range only.
    assert_eq!(told(&report(root, &["--range", "HEAD~2..HEAD"], 0)), [""; 0]);
    let found = told(&report(root, &["--range", "HEAD~2..HEAD~1"], 1));
    assert_eq!(found, ["Dockerfile:2 build-argument-secret open"]);
    // A file that did not change is not told of.
    git(root, &["rm", "-q", "k8s/account.yml"]);
    commit(root);
    assert_eq!(told(&report(root, &["--range", "HEAD~1..HEAD"], 0)), [""; 0]);
    let found = told(&report(root, &["--range", "HEAD~3..HEAD"], 1));
    assert_eq!(found, ["apps/web.yml:6 service-account-token-automount open"]);
}

#[test]
fn what_was_so_before_a_range_is_told_from_what_it_makes_so() {
    let loose = ACCOUNT.replace("false", "true");
    let repository = repository(&[("account.yml", ACCOUNT), ("web.yml", WORKLOAD)]);
    let root = repository.path();
    // The account no longer says it, in a commit that touches the workload too.
    stage(root, &[("account.yml", &loose), ("web.yml", &format!("{WORKLOAD}# touched\n"))]);
    commit(root);
    let found = told(&report(root, &["--range", "HEAD~1..HEAD"], 1));
    assert_eq!(found, ["web.yml:6 service-account-token-automount open"]);
    stage(root, &[("web.yml", &format!("{WORKLOAD}# touched again\n"))]);
    commit(root);
    let found = told(&report(root, &["--range", "HEAD~1..HEAD"], 0));
    assert_eq!(found, ["web.yml:6 service-account-token-automount suppressed"]);
}

#[test]
fn ignore_comments_exceptions_and_baselines_count_for_staged_manifests() {
    let repository = repository(&[]);
    let root = repository.path();
    let noted = BUILD.replace("ARG", "# keystrel:allow-next-line: the mirror takes any\nARG");
    stage(root, &[("Dockerfile", &noted)]);
    let found = report(root, &["--staged"], 0);
    assert_eq!(found["findings"][0]["status"]["by"], "inline");
    stage(root, &[("Dockerfile", BUILD)]);
    report(root, &["--staged", "--write-baseline", "baseline.json"], 1);
    let found = report(root, &["--staged", "--baseline", "baseline.json"], 0);
    assert_eq!(found["findings"][0]["status"]["by"], "baseline");
    let exception = "[[policy.exceptions]]\ncontrol = \"build-argument-secret\"\nowner = \"us\"\n\
                     reason = \"a mirror\"\nexpires = 2999-01-01\n";
    write(root, ".keystrel.toml", exception);
    let found = report(root, &["--staged"], 0);
    assert_eq!(found["findings"][0]["status"]["by"], "exception");
}

#[test]
fn links_are_no_manifests() {
    let repository = repository(&[]);
    let root = repository.path();
    std::os::unix::fs::symlink("plain", root.join("Dockerfile")).unwrap();
    git(root, &["add", "Dockerfile"]);
    let found = report(root, &["--staged"], 0);
    assert_eq!(found["skipped"], serde_json::json!([]));
}

#[test]
fn hooks_stop_for_manifests_and_are_silent_without() {
    let repository = repository(&[]);
    let root = repository.path();
    stage(root, &[("Dockerfile", "FROM debian:12\n"), ("k8s/account.yml", ACCOUNT)]);
    let output = keystrel(root, &["hook", "pre-commit"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!([output.stdout, output.stderr].concat(), b"");
    stage(root, &[("Dockerfile", BUILD)]);
    let output = keystrel(root, &["hook", "pre-commit"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Dockerfile:2:5: high build-argument-secret"), "{text}");
}

#[test]
fn a_push_is_judged_as_its_branches_end() {
    let repository = repository(&[]);
    let root = repository.path();
    git(root, &["init", "-q", "--bare", "remote.git"]);
    git(root, &["remote", "add", "origin", "remote.git"]);
    git(root, &["push", "-q", "origin", "main"]);
    for (branch, file) in [("one", "Dockerfile"), ("two", "build/Dockerfile")] {
        git(root, &["checkout", "-q", "-b", branch, "main"]);
        stage(root, &[(file, BUILD)]);
        git(root, &["commit", "-qm", branch]);
    }
    let found = told(&report(root, &["--range", "one two ^main"], 1));
    let expected = [
        "Dockerfile:2 build-argument-secret open",
        "build/Dockerfile:2 build-argument-secret open",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_repository_without_a_work_tree_is_judged_as_head_has_it() {
    let repository = repository(&[("Dockerfile", BUILD), ("compose.yml", &compose(1))]);
    let root = repository.path();
    stage(root, &[("old/Dockerfile", BUILD), ("compose.yml", &format!("# ours\n{}", compose(1)))]);
    commit(root);
    git(root, &["rm", "-q", "-r", "old"]);
    git(root, &["commit", "-qm", "gone"]);
    git(root, &["clone", "-q", "--bare", ".", "bare.git"]);
    let found = told(&report(root, &["bare.git"], 1));
    let expected = [
        "Dockerfile:2 build-argument-secret open",
        "compose.yml:5 github-pat open env-literal-secret",
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_exception_that_is_for_nothing_is_told_where_all_is_scanned() {
    let repository = repository(&[("app/Dockerfile", BUILD)]);
    let root = repository.path();
    let exception = |path: &str| {
        format!(
            "[[policy.exceptions]]\ncontrol = \"build-argument-secret\"\npath = \"{path}\"\n\
             owner = \"us\"\nreason = \"a mirror\"\nexpires = 2999-01-01\n"
        )
    };
    let used = exception("app/Dockerfile");
    write(root, ".keystrel.toml", &(used.clone() + &exception("gone/Dockerfile")));
    let warnings = |args: &[&str], exit| report(root, args, exit)["warnings"].clone();
    let told = [".keystrel.toml:7: exception of `build-argument-secret` is for nothing"];
    assert_eq!(warnings(&["."], 0), serde_json::json!(told));
    assert_eq!(warnings(&["--no-history", "."], 0), serde_json::json!(told));
    // A part of it tells nothing.
    let config = ["--config", ".keystrel.toml", "app"];
    assert_eq!(warnings(&config, 0), serde_json::json!([]));
    assert_eq!(warnings(&["--range", "HEAD"], 3), serde_json::json!([]));
    write(root, ".keystrel.toml", &used);
    assert_eq!(warnings(&["."], 0), serde_json::json!([]));
}

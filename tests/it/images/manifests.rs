//! Manifests in layers, and what images say of themselves, are judged by policies.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::build::{Image, Packed, docker_archive, layer};
use super::{report, token};

const ACCOUNT: &[u8] = b"apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
";
const WORKLOAD: &[u8] = b"apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  serviceAccountName: web
  containers: [{name: web, image: web}]
";

/// The rule, the place within the image, what policies say there, the layer and what became of the file, of each finding.
fn told(root: &Path, image: &Image, args: &[&str], exit: i32) -> Vec<Value> {
    fs::write(root.join("app.tar"), docker_archive(image)).unwrap();
    let report = report(root, &[&["docker-archive:app.tar"], args].concat(), exit);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let place = finding["path"].as_str().unwrap().strip_prefix("app.tar!").unwrap();
            let controls: Vec<&str> = finding["breaches"]
                .as_array()
                .unwrap()
                .iter()
                .map(|breach| breach["control"].as_str().unwrap())
                .collect();
            let image = &finding["image"];
            json!([finding["rule"], place, controls, image["layer"], image["fate"]])
        })
        .collect()
}

#[test]
fn manifests_in_layers_are_judged_with_layer_and_fate() {
    let directory = tempfile::tempdir().unwrap();
    let unit = format!("[Service]\nEnvironment=API_TOKEN={}\n", token(1));
    let files = layer(&[
        ("srv/Dockerfile", b"FROM scratch\nARG NPM_TOKEN\n"),
        ("etc/systemd/system/app.service", unit.as_bytes()),
        // Nobody runs it there.
        ("srv/.github/workflows/ci.yml", PIPELINE),
    ]);
    let image = Image::default()
        .step("COPY . /", Some((files, Packed::Gzip)))
        .step("RUN rm", Some((layer(&[("srv/.wh.Dockerfile", b"")]), Packed::Gzip)));
    let expected = [
        json!(["github-pat", "etc/systemd/system/app.service", ["env-literal-secret"], 1, "kept"]),
        json!(["build-argument-secret", "srv/Dockerfile", [], 1, "deleted"]),
    ];
    assert_eq!(told(directory.path(), &image, &[], 1), expected);
    let expected = [json!(["github-pat", "etc/systemd/system/app.service", [], 1, "kept"])];
    assert_eq!(told(directory.path(), &image, &["--no-policies"], 1), expected);
}

const PIPELINE: &[u8] = b"on: pull_request_target
permissions: write-all
jobs:
  a:
    runs-on: x
    steps: [{run: 'echo $T', env: {T: '${{ secrets.TOKEN }}'}}]
";

#[test]
fn what_other_layers_of_the_image_say_counts() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let alone =
        Image::default().step("COPY", Some((layer(&[("k/pod.yml", WORKLOAD)]), Packed::Plain)));
    let expected = [json!(["service-account-token-automount", "k/pod.yml", [], 1, "kept"])];
    assert_eq!(told(root, &alone, &[], 1), expected);
    let account = layer(&[("k/account.yml", ACCOUNT)]);
    let both = alone.step("COPY account", Some((account, Packed::Plain)));
    assert_eq!(told(root, &both, &[], 0), [Value::Null; 0]);
}

#[test]
fn what_an_image_says_of_its_environment_and_its_build_is_judged() {
    let directory = tempfile::tempdir().unwrap();
    let run = |what: &str| format!("RUN |2 NPM_TOKEN=none VERSION=1 /bin/sh -c {what} # buildkit");
    let image = Image {
        config: json!({ "Env": ["PATH=/bin", format!("CI_TOKEN={}", token(6)), "A=b\nc"] }),
        ..Image::default()
    };
    let image = image
        .step(&format!("ENV CI_TOKEN={}", token(6)), None)
        .step(&run("make"), Some((layer(&[("a", b"a")]), Packed::Plain)))
        .step(&run("clean"), Some((layer(&[("b", b"b")]), Packed::Plain)));
    let expected = [
        json!(["github-pat", "[config]/.env", ["env-literal-secret"], null, "kept"]),
        json!(["build-argument-secret", "[history]/2.dockerfile", [], 1, "kept"]),
    ];
    assert_eq!(told(directory.path(), &image, &[], 1), expected);
}

#[test]
fn a_ledger_forgets_no_manifest() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let files = layer(&[("Dockerfile", b"FROM scratch\nARG NPM_TOKEN\n"), ("x", b"x")]);
    let image = Image::default().step("COPY", Some((files, Packed::Plain)));
    let expected = [json!(["build-argument-secret", "Dockerfile", [], 1, "kept"])];
    // Also one of a scan that judged nothing.
    assert_eq!(told(root, &image, &["--ledger", "seen", "--no-policies"], 0), [Value::Null; 0]);
    for _ in 0..2 {
        assert_eq!(told(root, &image, &["--ledger", "seen"], 1), expected);
    }
}

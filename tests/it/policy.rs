//! `keystrel policy` on what is built in: no test here changes when a control is added.

use std::process::{Command, Output};

fn policy(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keystrel"));
    command.current_dir(std::env::temp_dir()).arg("policy").args(args).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn controls_are_listed_a_line_each() {
    let output = policy(&["list"]);
    let line =
        stdout(&output).lines().find(|line| line.starts_with("env-literal-secret ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1..4], ["high", "env_binding", "A"]);
}

#[test]
fn controls_are_listed_as_json_with_all_that_is_known() {
    let output = policy(&["list", "--format", "json"]);
    let controls: Vec<serde_json::Value> = serde_json::from_str(stdout(&output)).unwrap();
    let control = controls.iter().find(|control| control["id"] == "configmap-secret").unwrap();
    assert_eq!(control["severity"], "high");
    assert_eq!(control["where"]["object_kind"][0], "ConfigMap");
    assert_eq!(control["threshold"], "likely");
    assert_eq!(control["frameworks"]["pci_dss_4"][0], "8.6.2");
    assert_eq!(controls.len(), stdout(&policy(&["list"])).lines().count());
}

#[test]
fn what_is_built_in_passes_its_tests_and_checks() {
    let output = policy(&["test"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains(" passed, 0 failed"));
    let output = policy(&["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

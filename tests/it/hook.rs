//! The installed hook, run by git itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keystrel::detect::examples;

use crate::cases::quiet;

fn git(directory: &Path, args: &[&str]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_keystrel")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let mut command = quiet(Command::new("git"), directory);
    command.env("PATH", std::env::join_paths(paths).unwrap()).args(args).output().unwrap()
}

/// A repository with one commit, the hook installed, and a token in `leak`, which is not added.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", "."]);
    fs::write(root.join("plain"), "x\n").unwrap();
    git(root, &["add", "plain"]);
    assert!(git(root, &["commit", "-qm", "first"]).status.success());
    let mut install = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), root);
    let all = ["hook", "install", "--type", "pre-commit,pre-push,commit-msg"];
    assert!(install.args(all).output().unwrap().status.success());
    let token =
        examples::fill("t = ghp_${alnum:30}${checksum}\n", Some("crc32-base62"), 4).unwrap();
    fs::write(root.join("leak"), token).unwrap();
    directory
}

#[test]
fn a_commit_with_a_leak_is_stopped_and_one_without_is_not() {
    let directory = repository();
    let root = directory.path();
    git(root, &["add", "leak"]);
    assert!(!git(root, &["commit", "-qm", "leak"]).status.success());
    git(root, &["reset", "-q", "leak"]);
    fs::write(root.join("plain"), "y\n").unwrap();
    let output = git(root, &["commit", "-qam", "plain"]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing is wrong");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing is wrong");
}

#[test]
fn a_hook_that_does_not_find_keystrel_says_so() {
    let directory = repository();
    let root = directory.path();
    fs::write(root.join("plain"), "y\n").unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).filter(|path| !path.join("keystrel").exists());
    let mut command = quiet(Command::new("git"), root);
    command.env("PATH", std::env::join_paths(others).unwrap());
    let output = command.args(["commit", "-qam", "plain"]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("keystrel: it is not on PATH"), "{said}");
    assert!(said.contains("git commit --no-verify"), "{said}");
}

#[test]
fn misuses_stop_a_commit_from_medium_severity_on() {
    let directory = repository();
    let root = directory.path();
    // A pod with a token that it did not ask for: low, and of the default account: info.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers: [{name: app, image: app}]\n";
    fs::write(root.join("pod.yaml"), pod).unwrap();
    git(root, &["add", "pod.yaml"]);
    let output = git(root, &["commit", "-qm", "pod"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing is wrong");
    let all = pod.replace("image: app}", "image: app, envFrom: [{secretRef: {name: app}}]}");
    fs::write(root.join("pod.yaml"), all).unwrap();
    let output = git(root, &["commit", "-qam", "whole secret"]);
    let told = [output.stdout.as_slice(), &output.stderr].concat();
    let shown = String::from_utf8_lossy(&told);
    assert!(!output.status.success() && shown.contains("env-from-whole-secret"), "{shown}");
    // Who wants to hear of everything says so.
    fs::write(root.join(".keystrel.toml"), "[scan]\nfail-on = \"info\"\n").unwrap();
    let other = pod.replace("{name: app}\nspec", "{name: other}\nspec");
    fs::write(root.join("pod.yaml"), other).unwrap();
    assert!(!git(root, &["commit", "-qam", "another"]).status.success());
}

#[test]
fn a_commit_of_named_files_is_judged_by_those() {
    let directory = repository();
    let root = directory.path();
    git(root, &["add", "leak"]);
    fs::write(root.join("plain"), "y\n").unwrap();
    let plain = git(root, &["commit", "-qm", "plain", "plain"]);
    assert!(plain.status.success(), "{}", String::from_utf8_lossy(&plain.stdout));
    assert!(!git(root, &["commit", "-qm", "leak", "leak"]).status.success());
}

#[test]
fn files_that_are_given_in_parts_are_judged_with_what_they_name() {
    let directory = repository();
    let root = directory.path();
    let secret = "resource \"aws_secretsmanager_secret\" \"shop\" {\n  name       = \"shop\"\n  kms_key_id = aws_kms_key.shop.arn\n}\n";
    let rotation = "resource \"aws_secretsmanager_secret_rotation\" \"shop\" {\n  secret_id = aws_secretsmanager_secret.shop.id\n  \
                    rotation_rules {\n    automatically_after_days = 30\n  }\n}\n";
    fs::create_dir(root.join("infra")).unwrap();
    fs::write(root.join("infra/secret.tf"), secret).unwrap();
    let hook = |files: &[&str]| {
        let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), root);
        let output = command.args(["hook", "pre-commit"]).args(files).output().unwrap();
        let told = [output.stdout.as_slice(), &output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&told).into_owned())
    };
    git(root, &["add", "infra"]);
    assert!(git(root, &["commit", "-qm", "secret", "--no-verify"]).status.success());
    let (code, told) = hook(&["infra/secret.tf"]);
    assert!(code == Some(1) && told.contains("iac-aws-secret-no-rotation"), "{told}");
    fs::write(root.join("infra/rotation.tf"), rotation).unwrap();
    git(root, &["add", "infra"]);
    assert!(git(root, &["commit", "-qm", "rotation", "--no-verify"]).status.success());
    // Nothing is staged now: pre-commit run --all-files.
    assert_eq!(hook(&["infra/secret.tf"]), (Some(0), String::new()));
    assert_eq!(hook(&["plain", "infra/secret.tf", "infra/rotation.tf"]), (Some(0), String::new()));
    assert_eq!(hook(&["infra/rotation.tf"]), (Some(0), String::new()));
    // A file that is not there any more is told, and the others are read.
    let (code, told) = hook(&["absent", "leak"]);
    assert!(code == Some(1) && told.contains("absent") && told.contains("github-pat"), "{told}");
}

#[test]
fn a_linked_work_tree_has_its_own_index() {
    let directory = repository();
    let root = directory.path();
    assert!(git(root, &["worktree", "add", "-q", "linked"]).status.success());
    let linked = root.join("linked");
    fs::copy(root.join("leak"), linked.join("leak")).unwrap();
    git(&linked, &["add", "leak"]);
    assert!(!git(&linked, &["commit", "-qm", "leak"]).status.success());
    fs::write(root.join("plain"), "y\n").unwrap();
    assert!(git(root, &["commit", "-qam", "plain"]).status.success());
}

#[test]
fn a_hook_that_is_there_stays() {
    let directory = repository();
    let root = directory.path();
    let hook = root.join(".git/hooks/pre-commit");
    fs::write(&hook, "#!/bin/sh\n").unwrap();
    let mut install = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), root);
    let output = install.args(["hook", "install"]).output().unwrap();
    // Who sets a machine up must not take it for installed.
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--force"));
    assert_eq!(fs::read_to_string(hook).unwrap(), "#!/bin/sh\n");
}

/// A remote of the repository that has its first commit.
fn remote(root: &Path) {
    git(root, &["init", "-q", "--bare", "remote.git"]);
    git(root, &["remote", "add", "origin", "remote.git"]);
    assert!(git(root, &["push", "-q", "origin", "HEAD:main"]).status.success());
}

/// Commits without asking the hooks.
fn commit(root: &Path, file: &str) {
    git(root, &["add", file]);
    assert!(git(root, &["commit", "-q", "--no-verify", "-m", file]).status.success());
}

#[test]
fn a_push_of_a_leak_is_stopped_although_a_later_commit_removes_it() {
    let directory = repository();
    let root = directory.path();
    remote(root);
    commit(root, "leak");
    git(root, &["rm", "-q", "leak"]);
    assert!(git(root, &["commit", "-qm", "removed"]).status.success());
    for to in ["HEAD:main", "HEAD:new"] {
        let push = git(root, &["push", "-q", "origin", to]);
        assert!(!push.status.success(), "{to}");
        let told = String::from_utf8_lossy(&push.stdout) + String::from_utf8_lossy(&push.stderr);
        assert!(told.contains("github-pat"), "{told}");
        assert!(told.contains("`git push --no-verify`"), "{told}");
    }
    assert!(git(root, &["push", "-q", "--no-verify", "origin", "HEAD:main"]).status.success());
    // The remote has it now: later pushes do not bring it in.
    fs::write(root.join("plain"), "y\n").unwrap();
    commit(root, "plain");
    assert!(git(root, &["push", "-q", "origin", "HEAD:main", "HEAD:new"]).status.success());
    assert!(git(root, &["push", "-q", "origin", ":new"]).status.success());
}

#[test]
fn a_push_is_judged_by_what_its_remote_has_and_by_all_that_it_pushes() {
    let directory = repository();
    let root = directory.path();
    remote(root);
    commit(root, "leak");
    // Another remote has the leak, and so has the local main branch: this one gets it all the same.
    git(root, &["init", "-q", "--bare", "other.git"]);
    git(root, &["remote", "add", "other", "other.git"]);
    assert!(git(root, &["push", "-q", "--no-verify", "other", "HEAD:main"]).status.success());
    git(root, &["branch", "-q", "clean", "HEAD~1"]);
    git(root, &["branch", "-q", "-M", "main"]);
    assert!(git(root, &["push", "-q", "origin", "clean"]).status.success());
    assert!(!git(root, &["push", "-q", "origin", "clean:more", "main:topic"]).status.success());
    // All that an empty remote gets is new.
    git(root, &["init", "-q", "--bare", "empty.git"]);
    assert!(!git(root, &["push", "-q", "empty.git", "main"]).status.success());
    assert!(git(root, &["push", "-q", "empty.git", "clean"]).status.success());
}

#[test]
fn a_push_of_a_tag_is_judged_by_its_message() {
    let directory = repository();
    let root = directory.path();
    remote(root);
    git(root, &["tag", "-a", "fine", "-m", "a tag"]);
    assert!(git(root, &["push", "-q", "origin", "fine"]).status.success());
    git(root, &["tag", "-a", "leaks", "-F", "leak"]);
    assert!(!git(root, &["push", "-q", "origin", "leaks"]).status.success());
}

#[test]
fn a_message_with_a_leak_is_stopped_and_what_is_below_it_is_no_message() {
    let directory = repository();
    let root = directory.path();
    fs::write(root.join("plain"), "y\n").unwrap();
    git(root, &["add", "plain"]);
    let stopped = git(root, &["commit", "-q", "-F", "leak"]);
    assert!(!stopped.status.success());
    let told = String::from_utf8_lossy(&stopped.stdout) + String::from_utf8_lossy(&stopped.stderr);
    assert!(told.contains("commit message:1"), "{told}");
    // What HEAD has and the diff of a verbose commit shows is not brought in by it.
    commit(root, "leak");
    fs::write(root.join("leak"), "gone\n").unwrap();
    let verbose = ["-c", "core.editor=sed -i 1s/^/removes/", "commit", "-q", "-a", "--verbose"];
    let output = git(root, &verbose);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(git(root, &["log", "-1", "--format=%s"]).stdout, b"removes\n");
}

#[test]
fn what_is_no_word_of_git_is_refused() {
    let directory = repository();
    let mut push = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), directory.path());
    let input = directory.path().join("lines");
    fs::write(&input, "refs/heads/main nonsense refs/heads/main 0\n").unwrap();
    push.args(["hook", "pre-push", "origin", "url"]).stdin(fs::File::open(input).unwrap());
    assert_eq!(push.output().unwrap().status.code(), Some(2));
}

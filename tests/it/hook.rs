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
    assert!(install.args(["hook", "install"]).output().unwrap().status.success());
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
    assert!(git(root, &["commit", "-qam", "plain"]).status.success());
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
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--force"));
    assert_eq!(fs::read_to_string(hook).unwrap(), "#!/bin/sh\n");
}

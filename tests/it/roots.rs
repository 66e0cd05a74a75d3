//! Scans from below the root of a repository: configuration, ignore files and paths are those of the root.

use std::fs;
use std::path::Path;
use std::process::Command;

use keystrel::detect::examples;
use serde_json::Value;

use crate::cases::quiet;

fn token(seed: u64) -> String {
    examples::fill("token = ghp_${alnum:30}${checksum}\n", Some("crc32-base62"), seed).unwrap()
}

/// Exit code, and path and suppression of each finding, sorted by path.
fn scan(directory: &Path, args: &[&str]) -> (i32, Vec<(String, bool)>) {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), directory);
    let output =
        command.arg("scan").args(args).args(["--report", "json=-", "--show-suppressed"]).output();
    let output = output.unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).expect(&shown);
    let told = report["findings"].as_array().unwrap().iter().map(|finding| {
        (finding["path"].as_str().unwrap().to_owned(), finding["status"]["state"] != "open")
    });
    (output.status.code().unwrap(), told.collect())
}

/// A repository with leaks in `api/a.txt`, `api/tests/b.txt` and `c.txt`; those below `api/tests/` are accepted by the
/// ignore file, those of `c.txt` by the configuration.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let git = quiet(Command::new("git"), root).args(["init", "-q", "."]).status().unwrap();
    assert!(git.success());
    fs::create_dir_all(root.join("api/tests")).unwrap();
    for (seed, path) in ["api/a.txt", "api/tests/b.txt", "c.txt"].iter().enumerate() {
        fs::write(root.join(path), token(seed as u64)).unwrap();
    }
    let ignores = "[[ignore]]\npath = \"api/tests/**\"\nreason = \"made up\"\n";
    fs::write(root.join(".keystrelignore"), ignores).unwrap();
    let config = "[extend]\nuseDefault = true\n[[allowlists]]\ndescription = \"known\"\npaths = ['^c\\.txt$', '^api/never']\n";
    fs::write(root.join(".keystrel.toml"), config).unwrap();
    directory
}

#[test]
fn what_is_accepted_at_the_root_is_accepted_from_below_it() {
    let directory = repository();
    let root = directory.path();
    let (a, b) = (("a.txt".to_owned(), false), ("tests/b.txt".to_owned(), true));
    let below = |prefix: &str| {
        let told = [&a, &b].map(|(path, accepted)| (format!("{prefix}{path}"), *accepted));
        (1, told.to_vec())
    };
    assert_eq!(scan(root, &["api", "--no-history"]), below("api/"));
    assert_eq!(scan(&root.join("api"), &["--no-history"]), below(""));
    assert_eq!(scan(&root.join("api/tests"), &["..", "--no-history"]), below("../"));
    let absolute = root.join("api").canonicalize().unwrap();
    let shown = format!("{}/", absolute.display());
    assert_eq!(scan(Path::new("/"), &[absolute.to_str().unwrap()]), below(&shown));
    // Files are told from there too.
    assert_eq!(scan(&root.join("api/tests"), &["b.txt"]), (0, vec![("b.txt".into(), true)]));
    assert_eq!(scan(root, &["api/tests/b.txt"]), (0, vec![("api/tests/b.txt".into(), true)]));
    assert_eq!(scan(&root.join("api"), &["../c.txt"]).0, 0);
}

#[test]
fn what_is_staged_is_judged_by_the_configuration_of_the_root() {
    let directory = repository();
    let root = directory.path();
    let add = quiet(Command::new("git"), root).args(["add", "-A"]).status().unwrap();
    assert!(add.success());
    let (code, told) = scan(&root.join("api"), &["--staged"]);
    let open: Vec<_> = told.iter().filter(|(_, accepted)| !accepted).collect();
    assert_eq!((code, open), (1, vec![&("a.txt".to_owned(), false)]), "{told:?}");
}

#[test]
fn paths_of_what_is_staged_are_told_from_where_one_is() {
    let directory = repository();
    let root = directory.path();
    assert!(quiet(Command::new("git"), root).args(["add", "."]).status().unwrap().success());
    let paths = |from: &str, asked: &[&str]| -> Vec<String> {
        let (_, told) = scan(&root.join(from), &[&["--staged"], asked].concat());
        told.into_iter().map(|(path, _)| path).collect()
    };
    assert_eq!(paths("api", &["a.txt"]), ["a.txt"]);
    assert_eq!(paths("api", &["../api/a.txt", "./tests/"]), ["a.txt", "tests/b.txt"]);
    assert_eq!(paths("api/tests", &["../a.txt"]), ["../a.txt"]);
    // As `git status` tells them, and a scan of files from there.
    assert_eq!(paths("api/tests", &[]), ["../a.txt", "b.txt"]);
    let (_, files) = scan(&root.join("api"), &["--no-history"]);
    let files: Vec<String> = files.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths("api", &[]), files);
    assert_eq!(paths("", &["api/a.txt"]), ["api/a.txt"]);
    let absolute = root.join("api/a.txt").canonicalize().unwrap();
    assert_eq!(paths("api", &[absolute.to_str().unwrap()]), ["a.txt"]);
}

#[test]
fn a_directory_with_a_configuration_of_its_own_is_its_own_root() {
    let directory = repository();
    let api = directory.path().join("api");
    fs::write(api.join(".gitleaksignore"), "a.txt:github-pat:1\n").unwrap();
    let told = scan(&api, &["--no-history"]).1;
    let by_path = |path: &str| told.iter().find(|(told, _)| told == path).unwrap().1;
    assert!(by_path("a.txt") && !by_path("tests/b.txt"), "{told:?}");
}

#[test]
fn sarif_names_files_from_the_root() {
    let directory = repository();
    let api = directory.path().join("api");
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), &api);
    let output = command.args(["scan", "a.txt", "--format", "sarif"]).output().unwrap();
    let sarif: Value = serde_json::from_slice(&output.stdout).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "api/a.txt");
}

#[test]
fn outside_of_repositories_no_directory_above_counts() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(directory.path().join(".keystrel.toml"), "no configuration").unwrap();
    fs::write(below.join("a.txt"), token(9)).unwrap();
    assert_eq!(scan(&below, &["."]), (1, vec![("a.txt".into(), false)]));
    assert_eq!(scan(&below, &["a.txt"]), (1, vec![("a.txt".into(), false)]));
}

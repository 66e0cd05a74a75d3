//! Histories: told by what differs as in full, and with a ledger as without.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keystrel::detect::{Profile, examples};
use serde_json::Value;

use crate::cases::quiet;

fn git(directory: &Path, args: &[&str]) {
    let output = quiet(Command::new("git"), directory).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn scan(directory: &Path, args: &[&str]) -> Output {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), directory);
    command.arg("scan").args(args).output().unwrap()
}

/// The findings without what differs from run to run, and the counts.
fn findings(directory: &Path, args: &[&str]) -> (Value, Value) {
    let all = [&[".", "--report", "json=-"], args].concat();
    let output = scan(directory, &all);
    let code = output.status.code();
    assert!(code == Some(0) || code == Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for finding in report["findings"].as_array_mut().unwrap() {
        finding.as_object_mut().unwrap().remove("identity");
    }
    (report["findings"].take(), report["counts"].take())
}

fn token(seed: u64) -> String {
    examples::fill("ghp_${alnum:30}${checksum}", Some("crc32-base62"), seed).unwrap()
}

fn commit(root: &Path, path: &str, content: &str) {
    fs::write(root.join(path), content).unwrap();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", &format!("change {path}")]);
}

/// Many versions of a long file that packs store as changes of one another: a token comes, moves, goes
/// and comes back; another is split over a seam.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", "-b", "main", "."]);
    let mut lines: Vec<String> =
        (0..400).map(|n| format!("line {n} of a file that is long, {}", n * 7919)).collect();
    for version in 0..30usize {
        lines[version * 9] = format!("another line {version}");
        match version {
            3 => lines.insert(40, format!("token = \"{}\"", token(1))),
            9 => lines.insert(10, "something above".into()),
            12 => lines.retain(|line| !line.starts_with("token")),
            18 => lines.insert(200, format!("token = \"{}\"", token(1))),
            20 => lines.insert(300, token(2)[..9].to_owned()),
            21 => lines[300] = format!("x = {}", token(2)),
            25 => lines.truncate(280),
            _ => {}
        }
        commit(root, "long.txt", &(lines.join("\n") + "\n"));
    }
    git(root, &["gc", "-q", "--aggressive"]);
    directory
}

#[test]
fn versions_are_told_by_what_differs_as_in_full() {
    let directory = repository();
    let (told, _) = findings(directory.path(), &[]);
    assert_eq!(told.as_array().unwrap().len(), 2, "{told:#}");
    for args in [&["--no-delta"][..], &["--threads", "1"], &["--threads", "3", "--no-delta"]] {
        assert_eq!(findings(directory.path(), args).0, told, "{args:?}");
    }
}

#[test]
fn a_multi_pack_index_and_many_packs_change_nothing() {
    let directory = repository();
    let root = directory.path();
    let (told, _) = findings(root, &[]);
    commit(root, "more.txt", "nothing\n");
    git(root, &["repack", "-q", "-d"]);
    git(root, &["multi-pack-index", "write"]);
    git(root, &["commit-graph", "write", "--reachable"]);
    assert_eq!(findings(root, &[]).0, told);
}

#[test]
fn with_a_ledger_findings_are_the_same_and_only_what_is_new_is_looked_at() {
    let directory = repository();
    let root = directory.path();
    let ledger = ["--ledger", ".git/ledger"];
    let (told, counts) = findings(root, &ledger);
    assert_eq!(counts["known"], 0);
    assert_eq!((findings(root, &[]).0, findings(root, &ledger).0), (told.clone(), told));

    // A leak in a new file, and a new version of the old one.
    commit(root, "new.txt", &format!("x = {}\n", token(3)));
    commit(root, "long.txt", &format!("only this: {}\n", token(1)));
    let (told, counts) = findings(root, &ledger);
    assert_eq!(told, findings(root, &[]).0);
    assert_eq!(told.as_array().unwrap().len(), 3);
    // Two commits and two blobs are new.
    let number = |key: &str| counts[key].as_u64().unwrap();
    assert_eq!(number("objects") - number("known"), 4, "{counts}");

    // History is rewritten, and what is left is packed anew.
    git(root, &["reset", "-q", "--hard", "HEAD~5"]);
    commit(root, "other.txt", "nothing\n");
    git(root, &["gc", "-q"]);
    let (told, _) = findings(root, &ledger);
    assert_eq!(told, findings(root, &[]).0);
    assert_eq!(told, findings(root, &ledger).0);
}

#[test]
fn a_ledger_of_other_rules_or_one_that_is_damaged_hides_nothing() {
    let directory = repository();
    let root = directory.path();
    let ledger = ["--ledger", ".git/ledger"];
    let only = ["--rule", "aws-access-key-id", "--ledger", ".git/ledger"];
    assert_eq!(findings(root, &only).0.as_array().unwrap().len(), 0);
    let (told, counts) = findings(root, &ledger);
    assert_eq!((told.as_array().unwrap().len(), counts["known"].as_u64()), (2, Some(0)));
    let path = root.join(".git/ledger");
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = scan(root, &[".", "--ledger", ".git/ledger"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("damaged"), "{text}");
    assert_eq!(findings(root, &ledger).0, told);
}

#[test]
fn a_ledger_holds_no_value() {
    let directory = repository();
    findings(directory.path(), &["--ledger", ".git/ledger"]);
    let bytes = fs::read(directory.path().join(".git/ledger")).unwrap();
    for seed in 1..3 {
        let token = token(seed);
        let held = bytes.windows(8).any(|window| token.as_bytes()[4..].starts_with(window));
        assert!(!held, "the ledger holds a part of a token");
    }
}

#[test]
fn a_ledger_that_cannot_be_written_is_said() {
    let directory = repository();
    let output = scan(directory.path(), &[".", "--ledger", "none/ledger", "--fail-on", "critical"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("ledger none/ledger"), "{text}");
}

#[test]
fn a_huge_blob_is_scanned_to_its_end_loose_and_packed() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", "-b", "main", "."]);
    let line = "x".repeat(1023) + "\n";
    let content = line.repeat(66 << 10) + &format!("token = {}\n", token(1));
    commit(root, "huge.txt", &content);
    git(root, &["rm", "-q", "huge.txt"]);
    git(root, &["commit", "-qm", "remove"]);
    for packed in [false, true] {
        if packed {
            git(root, &["gc", "-q"]);
        }
        let (told, _) = findings(root, &[]);
        assert_eq!(told.as_array().unwrap().len(), 1, "packed: {packed}");
        assert_eq!(told[0]["path"], "huge.txt");
        assert_eq!(told[0]["start"]["line"], (66 << 10) + 1);
    }
}

/// An object that no commit names is judged as strictly as any other, and not only up to its first finding.
#[test]
fn what_no_commit_names_is_judged_in_full() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", "-b", "main", "."]);
    let names = ["password", "db_passwd", "api_token", "secretKey", "authKey", "credential", "pwd"];
    let forms =
        ["${alnum:9}", "${alnum:16}", "${hex:8}", "Summer${digit:4}", "${alnum:5}-${alnum:4}"];
    let mut text = String::new();
    for (seed, name) in (0..).zip(names) {
        for form in forms {
            let value = examples::fill(form, None, seed).unwrap();
            text += &format!("{name}: {value}\n{name} = get_{value}()\n{name}=\"{value}\"\n");
        }
    }
    fs::write(root.join("notes"), text).unwrap();
    git(root, &["hash-object", "-w", "notes"]);
    fs::remove_file(root.join("notes")).unwrap();
    let (found, _) = findings(root, &["--profile", "ci"]);
    let found = found.as_array().unwrap();
    let likely: Vec<f64> =
        found.iter().filter_map(|finding| finding["probability"].as_f64()).collect();
    assert!(likely.len() > 5, "{found:#?}");
    let least = likely.iter().copied().fold(1.0, f64::min);
    assert!(least >= f64::from(Profile::Balanced.least_probability()), "{least}");
}

#[test]
fn no_report_tells_a_value_by_its_commit_or_branch() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", "-b", "main", "."]);
    // One that a rule knows in the message, and one that only its name in the file tells.
    let (token, password) = (token(5), ["tea", "+Biscuits", "9"].concat());
    fs::write(root.join("app.py"), format!("t = '{token}'\npassword = '{password}'\n")).unwrap();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", &format!("use {token} and {password} for now")]);
    git(root, &["branch", &format!("with-{token}")]);
    for format in ["text", "json", "jsonl", "sarif", "csv", "html", "junit", "github"] {
        let output = scan(root, &[".", "--format", format]);
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("app.py"), "{format}: {told}");
        for value in [&token[8..], &password] {
            assert!(!told.contains(value), "{format}: {told}");
        }
    }
    let (found, _) = findings(root, &["--ledger", "ledger"]);
    let kept = fs::read(root.join("ledger")).unwrap();
    for value in [&token[8..], &password] {
        assert!(!kept.windows(value.len()).any(|window| window == value.as_bytes()));
    }
    let summaries: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["history"]["commit"]["summary"].as_str())
        .collect();
    assert!(summaries.contains(&"use ghp_**** and **** for now"), "{summaries:?}");
}

#[test]
fn what_lies_beside_a_repository_is_none_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let (repository, beside) = (directory.path().join("app"), directory.path().join("beside"));
    fs::create_dir_all(&repository).unwrap();
    fs::create_dir_all(&beside).unwrap();
    git(&repository, &["init", "-q", "-b", "main", "."]);
    fs::write(beside.join("x.txt"), format!("token = {}\n", token(1))).unwrap();
    for target in ["../beside", "../beside/x.txt"] {
        let output = scan(&repository, &[target]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{target}: {said}");
    }
}

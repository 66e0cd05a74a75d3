//! A test is a folder: `tests/cases/<topic>/<case>/`.
//!
//! - `cmd`: the arguments, one a line; then, after an empty line, the exit code.
//! - `in/`: files that are copied to an empty directory where the command runs. Holes such as
//!   `${alnum:36}` in them are filled as in the rules' examples, so that no secret is stored.
//! - `setup.sh`: run there first, if it is present (git repositories are made here).
//! - `stdin`: standard input, if it is present.
//! - `stdout`: what is printed, with `[..]` for times and `[TMP]` for the directory; `stderr` likewise
//!   where it matters.
//!
//! `UPDATE_CASES=1 cargo test` writes what is printed now.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keystrel::detect::examples;

#[test]
fn every_case_prints_and_exits_as_its_folder_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    find(&root, &mut cases);
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", root.display());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| run(case).err().map(|why| format!("{}:\n{why}", case.display())))
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn find(directory: &Path, cases: &mut Vec<PathBuf>) {
    if directory.join("cmd").is_file() {
        cases.push(directory.to_owned());
        return;
    }
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, cases);
        }
    }
}

fn run(case: &Path) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    if case.join("in").is_dir() {
        copy(&case.join("in"), root);
    }
    if case.join("setup.sh").is_file() {
        let script = filled(&fs::read(case.join("setup.sh")).unwrap());
        let mut shell = quiet(Command::new("sh"), root);
        let status = shell.arg("-euc").arg(String::from_utf8(script).unwrap()).status().unwrap();
        assert!(status.success(), "{}: setup.sh failed", case.display());
    }
    let cmd = fs::read_to_string(case.join("cmd")).unwrap();
    let (args, exit) = cmd.trim_end().rsplit_once("\n\n").unwrap_or((&cmd, "0"));
    let stdin = filled(&fs::read(case.join("stdin")).unwrap_or_default());
    let mut child = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), root)
        .args(args.lines())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(&stdin);
    let output = child.wait_with_output().unwrap();
    let mut wrong = String::new();
    let code = output.status.code();
    if code.map(|code| code.to_string()).as_deref() != Some(exit.trim()) {
        let _ = writeln!(wrong, "exit {code:?}, should be {exit}");
    }
    for (name, printed) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let printed = steady(&String::from_utf8_lossy(printed), root);
        let file = case.join(name);
        if !file.is_file() && (name == "stderr" || std::env::var_os("UPDATE_CASES").is_none()) {
            continue;
        }
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&file, &printed).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap();
        if printed != expected {
            let _ = writeln!(wrong, "--- {name} should be\n{expected}--- {name} is\n{printed}---");
        }
    }
    if !wrong.is_empty() {
        let _ = writeln!(wrong, "stderr: {}", String::from_utf8_lossy(&output.stderr));
        return Err(wrong);
    }
    Ok(())
}

/// A command that sees nothing of this machine's configuration.
pub(crate) fn quiet(mut command: Command, directory: &Path) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .current_dir(directory)
        .env_clear()
        .env("PATH", path)
        .env("HOME", directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ada Lovelace")
        .env("GIT_AUTHOR_EMAIL", "ada@example.org")
        .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+00:00")
        .env("GIT_COMMITTER_NAME", "Ada Lovelace")
        .env("GIT_COMMITTER_EMAIL", "ada@example.org")
        .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+00:00");
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::write(target, filled(&fs::read(entry.path()).unwrap())).unwrap();
        }
    }
}

/// The bytes with holes filled; `${checksum}` is that of GitHub's tokens.
fn filled(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => examples::fill(text, Some("crc32-base62"), 1).unwrap().into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

/// The text without what differs from run to run.
fn steady(text: &str, root: &Path) -> String {
    let text = text.replace(root.to_str().unwrap(), "[TMP]");
    let times = r#"\b\d+(\.\d+)? m?s\b \([\d.]+ [kMG]?B/s\)|time="[\d.]+""#;
    // Identities are under a key that is random for each run.
    let identities = r"\b[0-9a-f]{64}\b";
    // Of HTML.
    let page = r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|keystrel [\d.]+ with \d+ rules";
    let varying = regex::Regex::new(&format!("{times}|{identities}|{page}")).unwrap();
    varying.replace_all(&text, "[..]").into_owned()
}

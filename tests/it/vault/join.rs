//! Leaks beside what a store holds: in one run, and by reports of two.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::server::{Kind, Server};
use super::{keystrel, keystrel_with};

/// Values that look like what people set; made here, so that none is in this repository.
fn value(seed: u32) -> String {
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        letters[state as usize % letters.len()]
    };
    (0..24).map(|_| next()).collect()
}

struct Planted {
    server: Server,
    repository: tempfile::TempDir,
    current: String,
    old: String,
}

/// A secret with an old and a current value, a history that has leaked both, and a leak of neither.
fn planted() -> Option<Planted> {
    let server = Server::start(Kind::Plain)?;
    let (current, old, strange) = (value(1), value(2), value(3));
    let api = server.api();
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    for password in [&old, &current] {
        let data = json!({"data": {"username": "orders", "password": password}});
        api.post("secret/data/prod/orders-db", &data);
    }
    server.token("shop", "path \"secret/data/prod/*\" { capabilities = [\"read\"] }");
    let repository = tempfile::tempdir().unwrap();
    let at = repository.path();
    git(at, &["init", "-q"]);
    commit(at, &format!("DB_PASSWORD={old}\n"));
    // Escaped in a URI, plain in the store.
    let uri = format!("DATABASE_URL=postgres://orders:{current}@db.example/orders\n");
    commit(at, &format!("{uri}API_TOKEN={strange}\n"));
    Some(Planted { server, repository, current, old })
}

fn commit(at: &Path, text: &str) {
    fs::write(at.join(".env"), text).unwrap();
    git(at, &["add", "."]);
    git(
        at,
        &["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "change"],
    );
}

fn git(at: &Path, args: &[&str]) {
    let status = Command::new("git").args(args).current_dir(at).status().unwrap();
    assert!(status.success());
}

/// Control, verdict and message of each check, passed ones without a message.
fn told(report: &Value) -> Vec<(String, String, String)> {
    let text = |check: &Value, field: &str| check[field].as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    let all = checks.map(|c| (text(c, "control"), text(c, "verdict"), text(c, "message")));
    all.collect()
}

const CONTROLS: &str = "x-repo-leak-live,x-repo-leak-rotated";

fn expect(report: &Value, planted: &Planted) {
    let told = told(report);
    let failed: Vec<_> = told.iter().filter(|(_, verdict, _)| verdict == "fail").collect();
    assert_eq!(failed.len(), 2, "{told:?}");
    assert_eq!(failed[0].0, "x-repo-leak-live");
    for part in [".env:1`", "still in HEAD", "`secret/prod/orders-db`", "version 2", "2 principals"]
    {
        assert!(failed[0].2.contains(part), "no {part} in {}", failed[0].2);
    }
    assert_eq!(failed[1].0, "x-repo-leak-rotated");
    for part in ["only in the history", "version 1"] {
        assert!(failed[1].2.contains(part), "no {part} in {}", failed[1].2);
    }
    // The token is the value of no secret.
    let passed =
        told.iter().filter(|(id, verdict, _)| id == "x-repo-leak-live" && verdict == "pass");
    assert!(passed.count() >= 1, "{told:?}");
    let text = report.to_string();
    assert!(!text.contains(&planted.current) && !text.contains(&planted.old));
}

#[test]
fn a_leak_that_is_the_current_value_is_told_from_an_old_one() {
    let Some(planted) = planted() else { return };
    let repository = planted.repository.path().to_string_lossy().into_owned();
    let args = [
        "audit",
        "vault:",
        "--read-values",
        "--scan",
        &repository,
        "--control",
        CONTROLS,
        "-f",
        "json",
    ];
    let output = keystrel(&planted.server, &planted.server.root, &args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    expect(&serde_json::from_slice(&output.stdout).unwrap(), &planted);
    // What values were is asked of nobody who did not allow it.
    let without: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--read-values").collect();
    let output = keystrel(&planted.server, &planted.server.root, &without);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_scan_and_an_inventory_that_were_made_apart_are_joined_by_their_key() {
    let Some(planted) = planted() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let (key, leaks, inventory) = (path("key"), path("leaks.json"), path("inventory.json"));
    let repository = planted.repository.path().to_string_lossy().into_owned();
    let report = format!("json={leaks}");
    let output = keystrel_with(&[], &["scan", &repository, "--value-key", &key, "-r", &report]);
    assert_eq!(output.status.code(), Some(1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let args = ["collect", "vault:", "--read-values", "--value-key", &key, "-o", &inventory];
    assert_eq!(keystrel(&planted.server, &planted.server.root, &args).status.code(), Some(0));
    for file in [&leaks, &inventory] {
        let text = fs::read_to_string(file).unwrap();
        assert!(!text.contains(&planted.current) && !text.contains(&planted.old), "{file}");
    }
    let audit = |inventory: &str| {
        let args =
            ["audit", "--from", inventory, "--leaks", &leaks, "--control", CONTROLS, "-f", "json"];
        let output = keystrel_with(&[], &args);
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
    };
    let (exit, report) = audit(&inventory);
    assert_eq!(exit, Some(1));
    expect(&report, &planted);
    // What is scanned only now meets what was collected then, since both have the key.
    let args = ["audit", "--from", &inventory, "--value-key", &key, "--scan", &repository];
    let output = keystrel_with(&[], &[&args[..], &["--control", CONTROLS, "-f", "json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    expect(&serde_json::from_slice(&output.stdout).unwrap(), &planted);
    // Under another key nothing can be compared, which is no pass.
    let (other, apart) = (path("other-key"), path("apart.json"));
    let args = ["collect", "vault:", "--read-values", "--value-key", &other, "-o", &apart];
    assert_eq!(keystrel(&planted.server, &planted.server.root, &args).status.code(), Some(0));
    let (exit, report) = audit(&apart);
    assert_ne!(exit, Some(0));
    assert_eq!(told(&report).iter().filter(|(_, verdict, _)| verdict == "pass").count(), 0);
    // Digests under a key that nobody has are not kept.
    let args = ["collect", "vault:", "--read-values"];
    let output = keystrel(&planted.server, &planted.server.root, &args);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("stored_value"));
}

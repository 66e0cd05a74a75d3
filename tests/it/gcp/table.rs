//! The table: what is planted is what controls find, and nothing else.
//!
//! `found.txt` has the findings, control and resource. `UPDATE_CASES=1` writes it anew; what changes has to be read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::server::Server;
use super::{bad, keystrel, verdicts};

/// Controls that nothing here fails, and why.
const NOT_HERE: &[(&str, &[&str])] =
    &[("names no place without a setting: a test of its own", &["gcp-sm-replication-location"])];

#[test]
fn places_are_judged_by_the_setting_that_names_them() {
    let server = Server::start(bad::world());
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("keystrel.toml");
    let text = "[policy.params.gcp-sm-replication-location]\nthreshold = [\"europe-west1\"]\n";
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let args = ["audit", "gcp:shop", "--format", "json", "--show-all", "--config", config];
    let found = verdicts(&keystrel(server.port, &args));
    let of = |secret: &str| {
        let id = format!("//secretmanager.googleapis.com/projects/shop/secrets/{secret}");
        found[&("gcp-sm-replication-location".to_owned(), id)].clone()
    };
    assert_eq!((of("db").as_str(), of("critical").as_str()), ("fail", "pass"));
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let server = Server::start(bad::world());
    let args = ["audit", "gcp:shop,till", "--format", "json", "--show-all"];
    let output = keystrel(server.port, &args);
    for value in bad::values() {
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(!told.contains(&value), "a report has a planted value");
    }
    let mut found = String::new();
    let mut seen = BTreeSet::new();
    for ((control, resource), verdict) in verdicts(&output) {
        let mark = match verdict.as_str() {
            "fail" => "",
            "unknown" => "? ",
            _ => continue,
        };
        found.push_str(&format!("{mark}{control}\t{resource}\n"));
        if verdict == "fail" {
            seen.insert(control);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gcp/found.txt");
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    let (a, b): (BTreeSet<&str>, BTreeSet<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let missed: Vec<_> = a.difference(&b).collect();
    let more: Vec<_> = b.difference(&a).collect();
    assert!(missed.is_empty() && more.is_empty(), "missed {missed:#?}, found too {more:#?}");
    let listed = keystrel(0, &["policy", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let controls = listed.split_whitespace().filter(|word| word.starts_with("gcp-"));
    let excused: BTreeSet<&str> =
        NOT_HERE.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let silent: Vec<&str> =
        controls.filter(|id| !seen.contains(*id) && !excused.contains(id)).collect();
    assert!(silent.is_empty(), "never found: {silent:?}");
    assert!(excused.iter().all(|id| !seen.contains(*id)), "excused for nothing");
}

//! Azure: what is collected of subscriptions that a server in the tests has, what policies find in them, and what
//! comes of it when it does not answer.
#![expect(clippy::panic, reason = "a test fails by it")]

mod plants;
mod server;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::cases::quiet;
use plants::{BAD, GOOD, Planted};
use server::{Options, QUOTE, Server};

/// Runs keystrel with the login of a server.
fn keystrel(server: &Server, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    command.envs(server.environment()).args(args).output().unwrap()
}

/// An inventory.
struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    /// What is collected.
    fn of(server: &Server, address: &str, args: &[&str]) -> Self {
        let output = keystrel(server, &[&["collect", address], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 4)), "{:?} {said}", output.status);
        assert!(!said.contains(QUOTE), "{said}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(QUOTE), "a message of the server is in the inventory");
        let value = serde_json::from_str(&text).unwrap();
        Self { text, value }
    }

    fn facts(&self) -> &[Value] {
        self.value["facts"].as_array().unwrap()
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.value["gaps"].as_array().unwrap();
        gaps.iter().map(|gap| format!("{} {} {}", gap["needs"], gap["what"], gap["why"])).collect()
    }

    fn fact(&self, id: &str) -> &Value {
        self.facts().iter().find(|fact| fact["id"] == id).unwrap_or_else(|| panic!("no fact {id}"))
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }

    /// Everything that a fact says could not be read.
    fn unread(&self) -> BTreeSet<String> {
        let of = |fact: &Value| {
            let unread = fact["unread"].as_object().unwrap();
            unread
                .iter()
                .map(|(field, why)| format!("{} {field}: {why}", fact["id"]))
                .collect::<Vec<_>>()
        };
        self.facts().iter().flat_map(of).collect()
    }
}

/// What an audit says: the ids that fail by control, and the whole report.
fn failing(server: &Server, address: &str) -> (Planted, Value) {
    let output = keystrel(server, &["audit", address, "--format", "json", "--show-all"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 4)), "{:?} {said}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["policy_errors"], json!([]));
    let mut failing = Planted::new();
    for check in report["checks"].as_array().unwrap() {
        if check["verdict"] == "fail" {
            let resource = check["resource"].as_str().unwrap().to_owned();
            failing
                .entry(check["control"].as_str().unwrap().to_owned())
                .or_default()
                .insert(resource);
        }
    }
    (failing, report)
}

fn compare(found: &Planted, planted: &Planted) {
    let none = BTreeSet::new();
    let mut wrong = Vec::new();
    for control in found.keys().chain(planted.keys()).collect::<BTreeSet<_>>() {
        let found = found.get(control).unwrap_or(&none);
        let planted = planted.get(control).unwrap_or(&none);
        let missed: Vec<_> = planted.difference(found).collect();
        let more: Vec<_> = found.difference(planted).collect();
        if !(missed.is_empty() && more.is_empty()) {
            wrong.push(format!("{control}: missed {missed:?}, found too {more:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let mut planted = BTreeMap::new();
    let make = |ports: &BTreeMap<_, _>| {
        let (world, all) = plants::bad(ports);
        planted = all;
        world
    };
    let Some(server) = Server::start(make, Options::default()) else { return };
    let (found, report) = failing(&server, &format!("azure:{BAD}"));
    assert!(!report.to_string().contains(&plants::leak()), "a report has a planted value");
    compare(&found, &planted);
}

#[test]
fn a_sound_subscription_is_found_sound() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let (found, report) = failing(&server, &format!("azure:{GOOD}"));
    compare(&found, &Planted::new());
    let unknown = report["checks"].as_array().unwrap().iter();
    let unknown: Vec<_> = unknown.filter(|check| check["verdict"] == "unknown").collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_subscription_is_read_without_gaps_and_no_value_of_a_secret() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let inventory = Inventory::of(&server, "azure:", &[]);
    assert_eq!(inventory.value["source"], format!("azure:{GOOD}"));
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert_eq!(inventory.unread(), BTreeSet::new());
    assert!(inventory.kinds().len() >= 20, "{:?}", inventory.kinds());
    assert!(!inventory.text.contains("planted+value"));
    let asked = server.log();
    assert!(asked.iter().all(|one| !one.right.contains("getSecret")), "a value was asked for");
}

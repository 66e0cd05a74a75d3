//! AWS: what is collected of an account that moto emulates, what policies find in it, and what comes of it when
//! it does not answer.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cases::quiet;
use server::{Deed, Proxy, Server};

/// Runs keystrel with a login that moto takes.
fn keystrel(port: u16, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "planted")
        .env("AWS_SECRET_ACCESS_KEY", "planted")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.args(args).output().unwrap()
}

/// An inventory.
struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    /// What is collected.
    fn of(port: u16, args: &[&str]) -> Self {
        let output = keystrel(port, &[&["collect", "aws:"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // There are gaps: moto does not have all services.
        assert!(matches!(output.status.code(), Some(0 | 4)), "{args:?}: {:?} {said}", output.status);
        let text = String::from_utf8(output.stdout).unwrap();
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

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }

    fn fact(&self, id: &str) -> &Value {
        self.facts().iter().find(|fact| fact["id"] == id).unwrap_or_else(|| panic!("no fact {id}"))
    }

    /// Facts by id, without the time.
    fn by_id(&self) -> BTreeMap<&str, &Value> {
        self.facts().iter().map(|fact| (fact["id"].as_str().unwrap(), fact)).collect()
    }
}

#[test]
fn an_account_is_read_and_no_value_of_a_secret() {
    let Some(server) = Server::start(&["bad"]) else { return };
    let inventory = Inventory::of(server.port, &[]);
    for value in &server.values {
        assert!(!inventory.text.contains(value.as_str()), "an inventory has a planted value");
    }
    println!("{:?}\n{}", inventory.kinds(), inventory.gaps().join("\n"));
}

//! Vault: what is collected from a real OpenBao, with what rights, and what comes of it when it does not answer.

mod api;
mod capabilities;
mod faults;
mod join;
mod logins;
mod seed;
mod server;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::cases::quiet;
use server::{Kind, Postgres, Server};

/// Runs keystrel with the login of a server.
fn keystrel(server: &Server, token: &str, args: &[&str]) -> Output {
    keystrel_at(&server.address, server.authority.as_deref(), token, args)
}

fn keystrel_at(address: &str, authority: Option<&Path>, token: &str, args: &[&str]) -> Output {
    let authority = authority.map(Path::to_string_lossy);
    let mut variables = vec![("VAULT_ADDR", address), ("VAULT_TOKEN", token)];
    variables.extend(authority.as_deref().map(|path| ("VAULT_CACERT", path)));
    keystrel_with(&variables, args)
}

/// Runs keystrel with variables of the environment, and a home with nothing in it.
fn keystrel_with(variables: &[(&str, &str)], args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    command.env("HOME", home.path()).envs(variables.iter().copied());
    command.args(args).output().unwrap()
}

/// The inventory that is collected, after an end with the code `exit`.
fn collect(server: &Server, token: &str, args: &[&str], exit: i32) -> Inventory {
    let output = keystrel(server, token, &[&["collect", "vault:"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
    Inventory::of(&output.stdout)
}

/// What the controls say of an inventory, as JSON.
fn audit(inventory: &Inventory) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.json");
    std::fs::write(&file, inventory.value.to_string()).unwrap();
    let args = ["audit", "--from", &file.to_string_lossy(), "--format", "json"];
    let output = keystrel_with(&[], &args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
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
        let fact = self.facts().iter().find(|fact| fact["id"] == id);
        assert!(fact.is_some(), "no fact {id}");
        fact.unwrap()
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }
}

/// Kinds that only Vault has, or its Enterprise edition, or storage that the careless server does not have.
const ELSEWHERE: &[&str] = &[
    "vault_tls",
    "vault_seal_backends",
    "vault_raft",
    "vault_autopilot_state",
    "vault_autopilot_configuration",
    "vault_snapshot_config",
    "vault_replication",
    "vault_license",
    "vault_activity",
    "vault_rotation_policy",
    "vault_rotation_orphans",
    "vault_okta_auth_config",
    "vault_okta_auth_group",
    "vault_okta_auth_user",
    "vault_github_auth_config",
    "vault_github_auth_team",
    "vault_github_auth_user",
    "vault_aws_auth_config",
    "vault_aws_auth_role",
    "vault_azure_auth_config",
    "vault_azure_auth_role",
    "vault_gcp_auth_config",
    "vault_gcp_auth_role",
    "vault_aws_engine_config",
    "vault_aws_engine_role",
    "vault_aws_engine_static_role",
    "vault_azure_engine_config",
    "vault_azure_engine_role",
    "vault_gcp_engine_config",
    "vault_gcp_engine_roleset",
    "vault_gcp_engine_static_account",
    "vault_gcp_engine_impersonated_account",
    "vault_ad_engine_config",
    "vault_ad_engine_role",
    "vault_ad_engine_library",
    "vault_lease_count_quota",
    "vault_kv_values",
    "vault_audit_accessor",
    "vault_audit_policy_use",
    // They need a directory server.
    "vault_ldap_engine_static_role",
    "vault_ldap_engine_library",
];

const PASSWORD: &str = "owner-of-the-database";

/// A server with everything planted, and the values that were.
fn planted() -> Option<(Server, Postgres, seed::Planted)> {
    let server = Server::start(Kind::Careless)?;
    let postgres = Postgres::start("owner", PASSWORD)?;
    let planted = seed::everything(&server, &postgres, PASSWORD);
    Some((server, postgres, planted))
}

/// Kinds of facts and their fields, as docs/facts/vault.md has them.
fn documented() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/facts/vault.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (head, _) = text.split_once("\n## ").unwrap();
    let rows = head.lines().filter(|line| line.starts_with("| `vault_"));
    rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap().to_owned();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    })
    .map(|kind| (kind, text.clone()))
    .collect()
}

#[test]
fn everything_is_read_and_no_value_of_a_secret() {
    let Some((server, _postgres, planted)) = planted() else { return };
    let inventory = collect(&server, &server.root, &[], 0);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    let mut expected: BTreeSet<String> = documented().into_keys().collect();
    for kind in ELSEWHERE {
        assert!(expected.remove(*kind), "{kind} is not documented");
    }
    let kinds: BTreeSet<String> = inventory.kinds().into_iter().map(str::to_owned).collect();
    assert_eq!(kinds, expected);
    let text = documented().into_values().next().unwrap();
    for fact in inventory.facts() {
        for field in fact
            .as_object()
            .unwrap()
            .keys()
            .filter(|field| !["id", "kind"].contains(&field.as_str()))
        {
            let is_told = text.contains(&format!("`{field}`"));
            assert!(is_told, "{}: `{field}` is not documented", fact["kind"]);
        }
    }
    for value in &planted.values {
        assert!(!inventory.text.contains(value.as_str()), "an inventory has a planted value");
    }
}

#[test]
fn the_printed_policy_is_enough() {
    let Some((server, _postgres, _)) = planted() else { return };
    let all = collect(&server, &server.root, &[], 0);
    // Of mounts with other names, and of namespaces, whoever uses it has to write the paths again.
    let kinds: BTreeSet<String> = documented().into_keys().collect();
    let kinds =
        kinds.iter().map(String::as_str).filter(|kind| *kind != "vault_kv_values").collect();
    let (store, _) = keystrel::collect::find("vault:").unwrap();
    let policy = (store.permissions)(&kinds);
    let token = server.token("auditor", &everywhere(&policy));
    let least = collect(&server, &token, &[], 0);
    assert_eq!(least.gaps(), Vec::<String>::new());
    let ids = |inventory: &Inventory| -> BTreeSet<String> {
        let facts = inventory.facts().iter();
        facts.map(|fact| format!("{} {}", fact["kind"], fact["id"])).collect()
    };
    let lost: Vec<_> = ids(&all).difference(&ids(&least)).cloned().collect();
    assert_eq!(lost, Vec::<String>::new());
}

/// The policy with what it says of mounts said of those that the test has besides, and of its namespaces.
fn everywhere(policy: &str) -> String {
    let mut all = policy.to_owned();
    for block in policy.split_inclusive("}\n") {
        for (from, to) in [
            ("\"pki/", "\"pki_int/"),
            ("\"auth/oidc/", "\"auth/good-oidc/"),
            ("\"secret/", "\"bad-described/"),
            ("\"secret/", "\"bad-unused/"),
            ("\"secret/", "\"bad-unhashed/"),
            ("path \"", "path \"team/"),
            ("path \"", "path \"team/shop/"),
        ] {
            if let Some(start) = block.find("path \"").filter(|_| block.contains(from)) {
                all.push_str(&block[start..].replacen(from, to, 1));
            }
        }
    }
    all
}

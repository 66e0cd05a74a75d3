//! The table: what is planted is what controls find, and nothing else.
//!
//! `found.txt` has the findings, control and resource, on the planted server as it is, after 800 days, and on a
//! server as it should be. `UPDATE_CASES=1` writes it anew; what changes has to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::server::{Kind, Server};
use super::{Inventory, audit, collect, keystrel_at, planted, seed};

/// How far the clock is put forward for what only time makes wrong, in days.
const LATER: i64 = 800;

/// Controls that no OpenBao can be made to fail here, and why.
const NOT_HERE: &[(&str, &[&str])] = &[
    (
        "clouds, engines and counters that only Vault has",
        &[
            "vault-aws-engine-root-key",
            "vault-aws-engine-star-policy",
            "vault-aws-engine-iam-user",
            "vault-gcp-engine-sa-key",
            "vault-azure-engine-root-ttl",
            "vault-awsauth-wildcard",
            "vault-awsauth-no-server-id",
            "vault-gcpauth-open",
            "vault-seal-key-unusable",
            "vault-auth-unused",
            "vault-mlock-off",
            "vault-identity-stale-entity",
            "vault-ldap-bind-rotation",
        ],
    ),
    (
        "Enterprise",
        &[
            "vault-no-snapshot",
            "vault-no-dr-replica",
            "vault-license-expiry",
            "vault-rotation-orphans",
            "vault-rotation-policy-retries",
            "vault-rotation-disabled-flag",
            "vault-controlgroup-missing",
        ],
    ),
    (
        "a directory server, more nodes, a fault, a plugin, wrapped key material",
        &[
            "vault-ad-ldap-static-overdue",
            "vault-raft-unhealthy",
            "vault-nodes-mixed-version",
            "vault-lease-irrevocable",
            "vault-audit-failures",
            "vault-plugin-external",
            "vault-seal-migration",
            "vault-mount-no-seal-wrap",
            "vault-auth-deprecated",
            "vault-autopilot-dead-servers",
            "vault-transit-imported",
            "vault-policy-snapshot",
        ],
    ),
    (
        "thousands of things",
        &[
            "vault-lease-pile-up",
            "vault-token-count-growth",
            "vault-batch-vs-service",
            "vault-policy-templating-absent",
            "vault-approle-secretid-sprawl",
            "vault-pki-no-tidy",
        ],
    ),
    (
        "a log of a device",
        &["vault-agent-token-shared", "vault-audit-denied-burst", "vault-audit-unused-access"],
    ),
    (
        "the server refuses or ignores it, or listens on 127.0.0.1 alone, or is too new",
        &[
            "vault-tls-old",
            "vault-tls-disabled",
            "vault-audit-discard-sink",
            "vault-barrier-autorotate-off",
            "vault-db-static-no-rotation",
            "vault-version-vulnerable",
        ],
    ),
    (
        "other audit devices than the one that shows what is wrong with one",
        &[
            "vault-audit-same-sink",
            "vault-audit-filter-excludes",
            "vault-audit-local-only",
            "vault-audit-socket-udp",
        ],
    ),
    ("a test of its own", &["vault-sealed", "vault-kv2-rollback"]),
];

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let Some((server, _postgres, _)) = planted() else { return };
    let Some(good) = Server::start(Kind::Careful) else { return };
    seed::careful(&good.api());
    let mut found = String::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let inventory = collect(&server, &server.root, &[], 0);
    let now = findings(&inventory, 0);
    let later: BTreeSet<_> = findings(&inventory, LATER).difference(&now).cloned().collect();
    let careful = collect(&good, &good.root, &[], 0);
    let good = findings(&careful, 0);
    let good_later: BTreeSet<_> = findings(&careful, LATER).difference(&good).cloned().collect();
    let Some(fresh) = Server::start(Kind::Plain) else { return };
    let fresh = findings(&collect(&fresh, &fresh.root, &[], 0), 0);
    for (title, all) in [
        ("the careless server", now),
        ("the same after 800 days", later),
        ("the careful server", good),
        ("the same after 800 days, unrotated", good_later),
        ("a fresh server", fresh),
    ] {
        found.push_str(&format!("# {title}\n"));
        for (control, resource) in all {
            found.push_str(&format!("{control}\t{resource}\n"));
            seen.insert(control);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/vault/found.txt");
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    let differ: Vec<String> = diff(&expected, &found);
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    // Every control is seen to find something, or it is said why it cannot be.
    let excused: BTreeSet<&str> =
        NOT_HERE.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let controls = controls();
    let silent: Vec<&String> = controls
        .iter()
        .filter(|id| !seen.contains(*id) && !excused.contains(id.as_str()))
        .collect();
    assert!(silent.is_empty(), "never found: {silent:?}");
    let known: Vec<&&str> =
        excused.iter().filter(|id| seen.contains(**id) || !controls.contains(**id)).collect();
    assert!(known.is_empty(), "excused for nothing: {known:?}");
}

/// Lines that only one of two texts has.
fn diff(expected: &str, found: &str) -> Vec<String> {
    let (a, b): (BTreeSet<&str>, BTreeSet<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let lacks = a.difference(&b).map(|line| format!("- {line}"));
    lacks.chain(b.difference(&a).map(|line| format!("+ {line}"))).collect()
}

/// What the controls say is wrong `days` after an inventory was collected, by control and resource.
fn findings(inventory: &Inventory, days: i64) -> BTreeSet<(String, String)> {
    let mut value = inventory.value.clone();
    let now: jiff::Timestamp = value["now"].as_str().unwrap().parse().unwrap();
    let now = now + jiff::SignedDuration::from_hours(24 * days);
    value["now"] = now.to_string().into();
    let report = audit(&Inventory { text: String::new(), value });
    assert_eq!(report["policy_errors"].as_array().unwrap(), &Vec::<Value>::new());
    let names = names(inventory);
    let mut found = BTreeSet::new();
    for check in report["checks"].as_array().unwrap() {
        let text = |name: &str| check[name].as_str().unwrap_or_default();
        let resource = text("resource");
        let shown = names.get(resource).cloned().unwrap_or_else(|| resource.to_owned());
        match text("verdict") {
            "fail" => found.insert((text("control").to_owned(), shown)),
            "unknown" => found.insert((
                format!("? {}", text("control")),
                format!("{shown}: {}", text("message")),
            )),
            _ => true,
        };
    }
    found
}

/// Names for what has another id in every run.
fn names(inventory: &Inventory) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for fact in inventory.facts() {
        let text = |name: &str| fact[name].as_str().unwrap_or_default();
        let shown = match text("kind") {
            "vault_token" => format!("token {} {}", text("display_name"), text("path")),
            "vault_entity" | "vault_group" => {
                format!("{} {}{}", text("kind"), text("namespace"), text("name"))
            }
            "vault_pki_issuer" => {
                format!("issuer {}{} {}", text("namespace"), text("mount_path"), text("subject"))
            }
            "vault_approle_secret_id" => format!("secret id of {}", text("role")),
            "vault_lease" => format!("lease {}", text("prefix")),
            "vault_mfa_method" => format!("mfa {}", text("name")),
            "vault_kv_secret" if text("path").contains("****") => "secret in a path".to_owned(),
            _ => continue,
        };
        names.insert(text("id").to_owned(), shown);
    }
    // An entity that logging in made is named by the server.
    for shown in names.values_mut().filter(|shown| shown.contains("entity_")) {
        let end = shown.find("entity_").unwrap();
        shown.truncate(end);
        shown.push_str("made by a login");
    }
    names
}

/// The ids of all controls of Vault.
fn controls() -> BTreeSet<String> {
    let output = keystrel_at("", None, "", &["policy", "list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let words = text.split_whitespace().filter(|word| word.starts_with("vault-"));
    words.map(str::to_owned).collect()
}

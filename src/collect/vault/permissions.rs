//! The least policy for a token that reads facts of some kinds: from the rows that it reads them by.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds;
use super::rows::{self, Place, Row};
use crate::collect::values;

/// What is needed for kinds that are no rows: path and capabilities. `{kv}`, `{auth}`, `{approle}` and `{engines}` are mounts.
const OWN: &[(&[&str], &str, &[&str])] = &[
    (&["vault_config"], "sys/config/state/sanitized", &["read"]),
    (&["vault_rekey"], "sys/rekey/init", &["read", "sudo"]),
    (&["vault_rekey"], "sys/rekey-recovery-key/init", &["read", "sudo"]),
    (&["vault_rekey"], "sys/rotate/root/init", &["read", "sudo"]),
    (&["vault_rekey"], "sys/rotate/recovery/init", &["read", "sudo"]),
    (&["vault_root_generation"], "sys/generate-root/attempt", &["read"]),
    (&["vault_root_generation"], "sys/generate-root-token/attempt", &["read"]),
    (&["vault_version_history"], "sys/version-history", &["list"]),
    (&["vault_metrics"], "sys/metrics", &["read"]),
    (&["vault_irrevocable_leases"], "sys/leases", &["read", "sudo"]),
    (&["vault_audit_device"], "sys/audit", &["read", "sudo"]),
    (&["vault_request_header"], "sys/config/auditing/request-headers", &["read", "sudo"]),
    (&["vault_plugin"], "sys/plugins/catalog", &["read"]),
    (&["vault_auth_mount"], "sys/mounts/auth/+/tune", &["read"]),
    (&["vault_policy"], "sys/policies/acl", &["list"]),
    (&["vault_policy"], "sys/policies/acl/*", &["read"]),
    (&["vault_password_policy"], "sys/policies/password", &["list"]),
    (&["vault_password_policy"], "sys/policies/password/*", &["read"]),
    (&["vault_token"], "auth/token/accessors", &["list", "sudo"]),
    (&["vault_token"], "auth/token/lookup-accessor", &["update"]),
    (&["vault_approle_secret_id"], "auth/approle/role", &["list"]),
    // Lists have a slash at their end, which older servers count as a segment of a path with `+`.
    (&["vault_approle_secret_id"], "auth/approle/role/+/secret-id", &["list"]),
    (&["vault_approle_secret_id"], "auth/approle/role/+/secret-id/", &["list"]),
    (&["vault_approle_secret_id"], "auth/approle/role/+/secret-id-accessor/lookup", &["update"]),
    (&["vault_entity"], "identity/entity/id", &["list"]),
    (&["vault_entity"], "identity/entity/id/*", &["read"]),
    (&["vault_group"], "identity/group/id", &["list"]),
    (&["vault_group"], "identity/group/id/*", &["read"]),
    (&["vault_lease", "vault_lease_counts"], "sys/leases/lookup/*", &["list", "sudo"]),
    // Listing at the top is asked for by this name, and an exact path hides the pattern.
    (&["vault_lease", "vault_lease_counts"], "sys/leases/lookup", &["list", "sudo", "update"]),
    (&["vault_kv_config"], "secret/config", &["read"]),
    (&["vault_kv_secret"], "secret/metadata/*", &["read", "list"]),
    (&["vault_kv_config"], "kv/config", &["read"]),
    (&["vault_kv_secret"], "kv/metadata/*", &["read", "list"]),
    (&["vault_kv1_secret", "vault_mount"], "kv/*", &["list"]),
    (&["vault_kv_values", values::KIND], "secret/data/*", &["read"]),
    (&["vault_kv_values", values::KIND], "kv/data/*", &["read"]),
    (&[values::KIND], "kv/*", &["read", "list"]),
    (&["vault_mount"], "secret/metadata", &["list"]),
    (&["vault_mount"], "kv/metadata", &["list"]),
    (&["vault_mount"], "totp/keys", &["list"]),
];

/// What reads whatever it is that is read.
const ALWAYS: &[(&str, &[&str])] = &[
    ("sys/mounts", &["read"]),
    ("sys/auth", &["read"]),
    ("sys/namespaces", &["list"]),
    ("auth/token/lookup-self", &["read"]),
    ("auth/token/revoke-self", &["update"]),
];

/// Rows whose paths only a privileged token may ask.
const SUDO: &[&str] = &["vault_cors", "vault_snapshot_config"];

/// The policy, as HCL.
pub(super) fn policy(kinds: &BTreeSet<&str>) -> String {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let kinds = kinds::with_sources(&kinds);
    let mut paths: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut add = |path: String, capabilities: &[&'static str]| {
        paths.entry(path).or_default().extend(capabilities);
    };
    if kinds.iter().any(|kind| kind.starts_with("vault_")) {
        for (path, capabilities) in ALWAYS {
            add((*path).to_owned(), capabilities);
        }
    }
    for (of, path, capabilities) in OWN {
        if of.iter().any(|kind| kinds.contains(*kind)) {
            add((*path).to_owned(), capabilities);
        }
    }
    for row in rows::all() {
        let is_counted = matches!(row.place, Place::Engine(_)) && kinds.contains("vault_mount");
        let sudo: &[&str] = if SUDO.contains(&row.kind) { &["sudo"] } else { &[] };
        for base in bases(row) {
            if let Some(list) = row.list.filter(|_| is_counted || kinds.contains(row.kind)) {
                add(format!("{base}{list}"), &["list"]);
                add(format!("{base}{list}"), sudo);
            }
            if !kinds.contains(row.kind) {
                continue;
            }
            let read = std::iter::once((row.item, false))
                .chain(row.beside.iter().map(|b| (b.path, b.lists)));
            for (path, lists) in read {
                let capability = if lists { "list" } else { "read" };
                add(format!("{base}{}", pattern(path)), &[capability]);
                add(format!("{base}{}", pattern(path)), sudo);
            }
        }
    }
    let mut text = String::from(HEAD);
    for (path, capabilities) in paths {
        let capabilities: Vec<String> =
            capabilities.iter().map(|one| format!("\"{one}\"")).collect();
        text.push_str(&format!(
            "\npath \"{path}\" {{\n  capabilities = [{}]\n}}\n",
            capabilities.join(", ")
        ));
    }
    text
}

const HEAD: &str = "\
# What `keystrel audit` may do with Vault or OpenBao: read settings, lists of names and metadata.
# Mounts are named by their defaults: write the paths once more for engines and methods that are mounted elsewhere,
# and `NAMESPACE/` before them for namespaces.
";

/// Where a row's paths begin.
fn bases(row: &Row) -> Vec<String> {
    match row.place {
        Place::Engine(types) => types.iter().map(|kind| format!("{kind}/")).collect(),
        Place::Auth(types) => types.iter().map(|kind| format!("auth/{kind}/")).collect(),
        Place::Namespace | Place::Server => vec![String::new()],
    }
}

/// A name at the end may have slashes; one in the middle is a segment. Below the names of Google Cloud's engine lie tokens
/// and keys, which reading makes
/// (<https://developer.hashicorp.com/vault/api-docs/secret/gcp#generate-secret-oauth2-access-token>).
fn pattern(item: &str) -> String {
    let has_values_below = ["roleset/", "static-account/", "impersonated-account/"]
        .iter()
        .any(|start| item.starts_with(start));
    match item.strip_suffix("{}").filter(|_| !has_values_below) {
        Some(start) => format!("{start}*"),
        None => item.replace("{}", "+"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Policy;
    use super::*;

    #[test]
    fn every_kind_has_a_policy_that_can_be_read_and_grants_no_values() {
        let values = ["secret/data/*", "kv/data/*"];
        for kind in kinds::all() {
            let text = policy(&BTreeSet::from([kind]));
            let policy = Policy::parse(&text).unwrap();
            for rule in &policy.rules {
                assert!(
                    kind == "vault_kv_values" || !values.contains(&rule.path.as_str()),
                    "{kind}: {}",
                    rule.path
                );
                assert!(
                    rule.path != "*" && !rule.capabilities.contains("create"),
                    "{kind}: {}",
                    rule.path
                );
            }
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_allowed() {
        assert!(!policy(&BTreeSet::from(["vault_kv_secret"])).contains("database"));
        assert!(
            policy(&BTreeSet::from(["vault_database_role"])).contains("path \"database/roles/*\"")
        );
        assert!(!policy(&BTreeSet::from(["aws_secret"])).contains("path \""));
    }
}

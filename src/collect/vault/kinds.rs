//! The kinds of facts, and what some of them are derived from.

use std::collections::BTreeSet;

use super::{auth_rows, rows};

/// Kinds that are no rows.
const OWN: &[&str] = &[
    "vault_server",
    "vault_config",
    "vault_tls",
    "vault_anonymous_access",
    "vault_rekey",
    "vault_root_generation",
    "vault_version_history",
    "vault_metrics",
    "vault_irrevocable_leases",
    "vault_audit_device",
    "vault_request_header",
    "vault_mount",
    "vault_auth_mount",
    "vault_namespace",
    "vault_plugin",
    "vault_policy",
    "vault_policy_usage",
    "vault_password_policy",
    "vault_token",
    "vault_approle_secret_id",
    "vault_entity",
    "vault_group",
    "vault_kv_config",
    "vault_kv_secret",
    "vault_kv1_secret",
    "vault_kv_values",
    "vault_secret_readers",
    "vault_lease",
    "vault_lease_counts",
    "vault_audit_accessor",
    "vault_audit_policy_use",
];

/// All kinds.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    OWN.iter().copied().chain(rows::all().map(|row| row.kind))
}

/// Kinds of what policies are given to.
pub(super) fn holders() -> impl Iterator<Item = &'static str> {
    let others = ["vault_token", "vault_token_role", "vault_entity", "vault_group"];
    auth_rows::role_kinds().chain(others)
}

/// Kinds whose facts are needed for those of a kind.
fn sources(kind: &str) -> Vec<&'static str> {
    match kind {
        "vault_policy_usage" => holders()
            .chain([
                "vault_policy",
                "vault_ldap_auth_config",
                "vault_okta_auth_config",
                "vault_github_auth_config",
                "vault_radius_auth_config",
            ])
            .collect(),
        "vault_secret_readers" => {
            holders().chain(["vault_policy", "vault_kv_secret", "vault_kv1_secret"]).collect()
        }
        "vault_entity" => vec!["vault_token"],
        "vault_auth_mount" => vec!["vault_login_enforcement"],
        "vault_approle_role" => vec!["vault_approle_secret_id"],
        "vault_database_role" | "vault_database_static_role" => vec!["vault_database_connection"],
        "vault_kv_values" => vec!["vault_kv_secret"],
        crate::collect::values::KIND => vec!["vault_kv_secret", "vault_kv1_secret"],
        "vault_audit_policy_use" => vec!["vault_policy"],
        _ => Vec::new(),
    }
}

/// The kinds, and what they are derived from.
pub(super) fn with_sources(kinds: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut left: Vec<String> = kinds.iter().cloned().collect();
    while let Some(kind) = left.pop() {
        if !all.contains(&kind) {
            left.extend(sources(&kind).into_iter().map(str::to_owned));
            all.insert(kind);
        }
    }
    all
}

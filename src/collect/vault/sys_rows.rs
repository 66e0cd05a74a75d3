//! What belongs to no mount: identity, quotas, and parts of the server that are one object each.

use serde_json::{Value, json};

use super::fields::{list, plain, seconds, strings, time};
use super::rows::{Beside, Place, Row};

pub(super) static ROWS: &[Row] = &[
    Row::many(
        "vault_login_enforcement",
        Place::Namespace,
        "identity/mfa/login-enforcement",
        "identity/mfa/login-enforcement/{}",
        &[&[
            plain("auth_method_accessors"),
            plain("auth_method_types"),
            plain("identity_group_ids"),
            plain("identity_entity_ids"),
            plain("mfa_method_ids"),
        ]],
    ),
    Row::many(
        "vault_mfa_method",
        Place::Namespace,
        "identity/mfa/method",
        "identity/mfa/method/{}",
        &[&[plain("method_id").of("id"), plain("type"), plain("name")]],
    ),
    Row::many(
        "vault_oidc_key",
        Place::Namespace,
        "identity/oidc/key",
        "identity/oidc/key/{}",
        &[&[
            plain("algorithm"),
            plain("allowed_client_ids"),
            seconds("rotation_period"),
            seconds("verification_ttl"),
        ]],
    ),
    Row::many(
        "vault_oidc_role",
        Place::Namespace,
        "identity/oidc/role",
        "identity/oidc/role/{}",
        &[&[plain("key"), plain("client_id"), seconds("ttl")]],
    ),
    Row::many(
        "vault_oidc_client",
        Place::Namespace,
        "identity/oidc/client",
        "identity/oidc/client/{}",
        &[&[
            plain("key"),
            plain("client_id"),
            plain("client_type"),
            plain("redirect_uris"),
            plain("assignments"),
            seconds("access_token_ttl"),
            seconds("id_token_ttl"),
        ]],
    ),
    Row::many(
        "vault_oidc_provider",
        Place::Namespace,
        "identity/oidc/provider",
        "identity/oidc/provider/{}",
        &[&[plain("issuer"), plain("allowed_client_ids"), plain("scopes_supported")]],
    ),
    Row::many(
        "vault_rate_limit_quota",
        Place::Server,
        "sys/quotas/rate-limit",
        "sys/quotas/rate-limit/{}",
        &[&[
            plain("path"),
            plain("role"),
            plain("rate"),
            seconds("interval"),
            seconds("block_interval"),
            plain("inheritable"),
        ]],
    ),
    Row::many(
        "vault_lease_count_quota",
        Place::Server,
        "sys/quotas/lease-count",
        "sys/quotas/lease-count/{}",
        &[&[plain("path"), plain("role"), plain("max_leases"), plain("inheritable")]],
    ),
    Row::many(
        "vault_rotation_policy",
        Place::Namespace,
        "sys/policies/rotation",
        "sys/policies/rotation/{}",
        &[&[plain("max_retries_per_cycle"), plain("max_retry_cycles")]],
    ),
    Row::one("vault_rotation_orphans", Place::Namespace, "sys/rotation/orphans", &[&[]]).derive(
        |object, fields| {
            let orphans = object.answer["orphans"].as_array().cloned().unwrap_or_default();
            let names: Value = orphans
                .iter()
                .filter_map(|orphan| orphan.as_str().or_else(|| orphan.get("name")?.as_str()))
                .collect();
            fields.insert("orphans".into(), names);
        },
    ),
    Row::one(
        "vault_seal_backends",
        Place::Server,
        "sys/seal-backend-status",
        &[&[plain("healthy"), time("unhealthy_since")]],
    )
    .derive(|object, fields| {
        let names = ["name", "healthy", "unhealthy_since", "disabled"];
        fields.insert("backends".into(), picked(&object.answer["backends"], &names));
    }),
    Row::one(
        "vault_key_status",
        Place::Server,
        "sys/key-status",
        &[&[plain("term"), time("install_time"), plain("encryptions")]],
    ),
    Row::one(
        "vault_rotate_config",
        Place::Server,
        "sys/rotate/config",
        &[&[plain("enabled"), plain("max_operations"), seconds("interval")]],
    ),
    Row::one("vault_ha_status", Place::Server, "sys/ha-status", &[&[]]).derive(|object, fields| {
        let names = [
            "hostname",
            "api_address",
            "active_node",
            "last_echo",
            "version",
            "upgrade_version",
            "redundancy_zone",
        ];
        fields.insert("nodes".into(), picked(&object.answer["nodes"], &names));
    }),
    Row::one("vault_raft", Place::Server, "sys/storage/raft/configuration", &[&[]]).derive(
        |object, fields| {
            let names = ["node_id", "address", "leader", "voter", "protocol_version"];
            fields.insert("servers".into(), picked(&object.answer["config"]["servers"], &names));
        },
    ),
    Row::one(
        "vault_autopilot_state",
        Place::Server,
        "sys/storage/raft/autopilot/state",
        &[&[
            plain("healthy"),
            plain("failure_tolerance"),
            plain("optimistic_failure_tolerance"),
            plain("leader"),
            plain("voters"),
        ]],
    )
    .derive(|object, fields| {
        let names = ["id", "name", "healthy", "status", "node_status", "last_contact", "version"];
        let servers: Value = object.answer["servers"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
            .cloned()
            .collect();
        fields.insert("servers".into(), picked(&servers, &names));
    }),
    Row::one(
        "vault_autopilot_configuration",
        Place::Server,
        "sys/storage/raft/autopilot/configuration",
        &[&[
            plain("cleanup_dead_servers"),
            seconds("dead_server_last_contact_threshold"),
            seconds("last_contact_threshold"),
            plain("min_quorum"),
            plain("max_trailing_logs"),
            seconds("server_stabilization_time"),
            plain("disable_upgrade_migration"),
        ]],
    ),
    Row::many(
        "vault_snapshot_config",
        Place::Server,
        "sys/storage/raft/snapshot-auto/config",
        "sys/storage/raft/snapshot-auto/config/{}",
        &[&[seconds("interval"), plain("retain"), plain("storage_type"), plain("path_prefix")]],
    )
    .beside(&[Beside {
        path: "sys/storage/raft/snapshot-auto/status/{}",
        lists: false,
        fields: &[
            time("last_snapshot_start"),
            time("last_snapshot_end"),
            plain("last_snapshot_error"),
            time("next_snapshot_start"),
            plain("consecutive_errors"),
        ],
    }]),
    Row::one("vault_replication", Place::Server, "sys/replication/status", &[&[]]).derive(
        |object, fields| {
            for name in ["dr", "performance"] {
                let one = Value::Array(vec![object.answer[name].clone()]);
                let picked = picked(&one, &["mode", "state", "known_secondaries"]);
                fields.insert(name.into(), picked[0].clone());
            }
        },
    ),
    Row::one("vault_license", Place::Server, "sys/license/status", &[&[]]).derive(
        |object, fields| {
            let sources = ["autoloaded", "stored"];
            let source = sources.into_iter().find(|name| object.answer[name].is_object());
            let license = source.map_or(&Value::Null, |name| &object.answer[name]);
            for name in ["expiration_time", "termination_time"] {
                let time = super::fields::as_time(&license[name]);
                fields.insert(name.into(), time.into());
            }
            fields.insert("license_id".into(), license["license_id"].clone());
            fields.insert("features".into(), strings(license, "features").into());
            fields.insert("source".into(), source.into());
        },
    ),
    Row::one(
        "vault_seal_backends",
        Place::Server,
        "sys/seal-backend-status",
        &[&[plain("healthy"), time("unhealthy_since")]],
    )
    .derive(|object, fields| {
        let backends =
            picked(&object.answer["backends"], &["name", "healthy", "unhealthy_since", "disabled"]);
        fields.insert("backends".into(), backends);
    }),
    Row::one(
        "vault_cors",
        Place::Server,
        "sys/config/cors",
        &[&[plain("enabled"), list("allowed_origins"), list("allowed_headers")]],
    ),
    Row::one("vault_token_counters", Place::Server, "sys/internal/counters/tokens", &[&[]]).derive(
        |object, fields| {
            let total = object.answer["counters"]["service_tokens"]["total"].clone();
            fields.insert("service_tokens".into(), total);
        },
    ),
    Row::one(
        "vault_activity",
        Place::Server,
        "sys/internal/counters/activity",
        &[&[time("start_time"), time("end_time")]],
    )
    .derive(|object, fields| {
        let mut mounts = Vec::new();
        for namespace in object.answer["by_namespace"].as_array().into_iter().flatten() {
            for mount in namespace["mounts"].as_array().into_iter().flatten() {
                mounts.push(json!({
                    "namespace_path": namespace["namespace_path"],
                    "mount_path": mount["mount_path"],
                    "clients": mount["counts"]["clients"],
                    "entity_clients": mount["counts"]["entity_clients"],
                    "non_entity_clients": mount["counts"]["non_entity_clients"],
                }));
            }
        }
        fields.insert("mounts".into(), mounts.into());
    }),
];

/// Named fields of every object in a list.
pub(super) fn picked(list: &Value, names: &[&str]) -> Value {
    let pick = |item: &Value| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), item.get(*name).cloned().unwrap_or_default()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    list.as_array().into_iter().flatten().map(pick).collect()
}

//! The configuration of the server, without what is secret in it.

use serde_json::{Map, Value, json};

use super::fields::{self, plain, seconds};
use super::gather::Gather;
use super::sys_rows::picked;

/// Adds `vault_config`.
pub(super) async fn read(gather: &Gather<'_>) {
    const KIND: &str = "vault_config";
    const PATH: &str = "sys/config/state/sanitized";
    if !gather.wants(KIND) {
        return;
    }
    let Some(state) = gather.read(KIND, "", PATH).await else { return };
    let mut facts = Map::new();
    let simple = [
        seconds("default_lease_ttl"),
        seconds("max_lease_ttl"),
        plain("disable_mlock"),
        plain("raw_storage_endpoint"),
        plain("introspection_endpoint"),
        plain("enable_ui"),
        plain("log_level"),
        plain("log_format"),
        plain("disable_cache"),
        plain("disable_sealwrap"),
        plain("disable_printable_check"),
        plain("plugin_directory"),
        plain("api_addr"),
        plain("cluster_addr"),
        plain("unsafe_allow_api_audit_creation"),
        plain("unsafe_cross_namespace_identity"),
    ];
    fields::copy(&simple, &state, &mut gather.texts(), &mut facts);
    let listeners: Value =
        state["listeners"].as_array().into_iter().flatten().map(listener).collect();
    facts.insert("listeners".into(), listeners);
    let seal_names = [
        "key_id",
        "kms_key_id",
        "key_name",
        "key_ring",
        "crypto_key",
        "project",
        "region",
        "vault_name",
        "mount_path",
        "address",
        "priority",
        "name",
    ];
    let seals: Value = state["seals"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|seal| {
            let config =
                picked(&Value::Array(vec![seal["config"].clone()]), &seal_names)[0].clone();
            json!({"type": seal["type"], "disabled": seal["disabled"], "config": config})
        })
        .collect();
    facts.insert("seals".into(), seals);
    let storage = &state["storage"];
    let node = |name: &str| storage.get(name).or_else(|| storage["config"].get(name)).cloned();
    facts.insert(
        "storage".into(),
        json!({
            "type": storage["type"], "disable_clustering": storage["disable_clustering"],
            "path": node("path"), "node_id": node("node_id"),
        }),
    );
    let (telemetry, sinks) = telemetry(&state["telemetry"]);
    facts.insert("telemetry".into(), telemetry);
    facts.insert("telemetry_sinks".into(), sinks);
    gather.put(KIND, "", PATH, facts);
}

fn listener(listener: &Value) -> Value {
    let config = &listener["config"];
    let mut kept = Map::new();
    for name in [
        "address",
        "tls_min_version",
        "tls_max_version",
        "tls_cipher_suites",
        "tls_cert_file",
        "x_forwarded_for_authorized_addrs",
        "proxy_protocol_behavior",
        "proxy_protocol_authorized_addrs",
    ] {
        kept.insert(name.into(), config[name].clone());
    }
    for name in [
        "tls_disable",
        "tls_require_and_verify_client_cert",
        "disable_unauthed_rekey_endpoints",
        "disable_unauthed_generate_root_endpoints",
    ] {
        kept.insert(name.into(), flag(&config[name]).into());
    }
    for (block, name) in [
        ("telemetry", "unauthenticated_metrics_access"),
        ("profiling", "unauthenticated_pprof_access"),
        ("inflight_requests_logging", "unauthenticated_in_flight_requests_access"),
    ] {
        // As HCL has blocks: a list of objects. Or read: one.
        let inner = match &config[block] {
            Value::Array(blocks) => blocks.first().cloned().unwrap_or_default(),
            one => one.clone(),
        };
        kept.insert(block.into(), json!({name: flag(&inner[name])}));
    }
    json!({"type": listener["type"], "config": kept})
}

/// A bool in the forms in which configuration files have it; None if it is not set.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" => Some(true),
            "false" | "0" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The block without its tokens, and the names of where metrics go.
fn telemetry(block: &Value) -> (Value, Value) {
    let Some(block) = block.as_object() else { return (Value::Null, json!([])) };
    let kept: Map<String, Value> = block
        .iter()
        .filter(|(name, value)| {
            !name.contains("token") && !value.is_object() && !name.contains("url")
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let is_set = |name: &str| match block.get(name) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        _ => false,
    };
    let sinks: Value = [
        ("statsd_address", "statsd_address"),
        ("statsite_address", "statsite_address"),
        ("dogstatsd_addr", "dogstatsd_addr"),
        ("circonus_api_token", "circonus"),
        ("circonus_submission_url", "circonus"),
        ("stackdriver_project_id", "stackdriver"),
        ("prometheus_retention_time", "prometheus"),
    ]
    .iter()
    .filter(|(name, _)| is_set(name))
    .map(|(_, sink)| *sink)
    .collect();
    (Value::Object(kept), sinks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_in_all_their_forms() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("true"), Some(true)),
            (json!(1), Some(true)),
            (json!("0"), Some(false)),
            (json!(null), None),
            (json!("maybe"), None),
        ] {
            assert_eq!(flag(&value), expected, "{value}");
        }
    }

    #[test]
    fn telemetry_has_no_tokens() {
        let block = json!({"circonus_api_token": "t", "statsd_address": "", "prometheus_retention_time": 1});
        let (kept, sinks) = telemetry(&block);
        assert!(!kept.to_string().contains("token"));
        assert_eq!(sinks, json!(["circonus", "prometheus"]));
    }
}

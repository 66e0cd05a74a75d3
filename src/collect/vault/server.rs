//! What is one of a kind on a server: its health and seal, its configuration, what it tells strangers.

use serde_json::{Map, Value, json};

use super::client::{Answer, Question};
use super::config;
use super::fields::{self, as_seconds, as_time, plain};
use super::gather::Gather;
use super::sys_rows::picked;

/// The state of the server: everybody may read it, and so it is asked for at first.
///
/// # Errors
/// When nobody answers, or not as Vault does.
pub(super) async fn state(
    gather: &Gather<'_>,
    address: &str,
    scheme: &str,
) -> Result<State, String> {
    let nobody = |path| Question { as_nobody: true, ..Question::get("", path) };
    // As success whatever the state is.
    let query =
        "standbyok=true&perfstandbyok=true&sealedcode=200&uninitcode=200&drsecondarycode=200";
    let health = match gather.client.ask(Question { query, ..nobody("sys/health") }).await {
        Answer::Found(health) => health,
        Answer::Absent => return Err("it is no Vault: it knows no sys/health".into()),
        Answer::Failed(why) => return Err(why),
    };
    let seal = match gather.client.ask(nobody("sys/seal-status")).await {
        Answer::Found(seal) => seal,
        Answer::Absent => return Err("it is no Vault: it knows no sys/seal-status".into()),
        Answer::Failed(why) => return Err(why),
    };
    if !health["initialized"].is_boolean() || !seal["sealed"].is_boolean() {
        return Err("it answers otherwise than Vault does".into());
    }
    let version = health["version"].as_str().unwrap_or_default();
    // Vault's seal status has a build date, OpenBao's the date of the commit. Their numbers do not overlap.
    let product = if !seal["build_date"].is_null()
        || version.starts_with("0.")
        || version.starts_with("1.")
    {
        Some("vault")
    } else if !seal["commit_date"].is_null() || version.starts_with("2.") {
        Some("openbao")
    } else {
        None
    };
    let mut facts = Map::new();
    facts.insert("product".into(), product.into());
    facts.insert("enterprise".into(), version.contains("+ent").into());
    facts.insert("address".into(), address.into());
    facts.insert("url_scheme".into(), scheme.into());
    for name in [
        "version",
        "initialized",
        "sealed",
        "standby",
        "cluster_name",
        "replication_dr_mode",
        "replication_performance_mode",
    ] {
        facts.insert(name.into(), health[name].clone());
    }
    facts.insert("server_time_utc".into(), as_time(&health["server_time_utc"]).into());
    let names = [
        "type",
        "initialized",
        "sealed",
        "t",
        "n",
        "progress",
        "migration",
        "recovery_seal",
        "storage_type",
        "version",
        "build_date",
    ];
    let status = picked(&Value::Array(vec![seal]), &names)[0].clone();
    let sealed = status["sealed"] == true || status["initialized"] == false;
    facts.insert("seal_status".into(), status);
    if gather.wants("vault_server") {
        gather.put("vault_server", "", "sys", facts);
    }
    Ok(State { sealed })
}

/// What decides how to go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// Whether nothing else can be read.
    pub(super) sealed: bool,
}

/// What is left of the server.
pub(super) async fn rest(gather: &Gather<'_>) {
    futures_util::join!(
        config::read(gather),
        anonymous(gather),
        rekeys(gather),
        root_generation(gather),
        versions(gather),
        metrics(gather),
        irrevocable(gather),
    );
}

/// What the server tells those without a token.
async fn anonymous(gather: &Gather<'_>) {
    const KIND: &str = "vault_anonymous_access";
    if !gather.wants(KIND) {
        return;
    }
    let mut facts = Map::new();
    for (name, path) in [
        ("metrics", "sys/metrics"),
        ("pprof", "sys/pprof/"),
        ("in_flight_requests", "sys/in-flight-req"),
        ("rekey", "sys/rekey/init"),
    ] {
        let question = Question { as_nobody: true, ..Question::get("", path) };
        let answers = match gather.client.probe(question).await {
            Ok(status) => Some((200..300).contains(&status)),
            Err(_) => None,
        };
        facts.insert(name.into(), answers.into());
    }
    gather.put(KIND, "", "sys#anonymous", facts);
}

async fn rekeys(gather: &Gather<'_>) {
    const KIND: &str = "vault_rekey";
    if !gather.wants(KIND) {
        return;
    }
    // OpenBao has moved them, and serves the old ones only if it is told to.
    for (key, path, moved) in [
        ("unseal", "sys/rekey/init", "sys/rotate/root/init"),
        ("recovery", "sys/rekey-recovery-key/init", "sys/rotate/recovery/init"),
    ] {
        let mut answer = gather.client.read("", path).await;
        let mut from = path;
        if matches!(answer, Answer::Absent) {
            answer = gather.client.read("", moved).await;
            from = moved;
        }
        // Of the kind of key that the seal does not have.
        if matches!(&answer, Answer::Failed(why) if why.ends_with("HTTP 400")) {
            continue;
        }
        let Some(status) = gather.settle(KIND, "", from, answer) else { continue };
        let mut facts = Map::new();
        facts.insert("key".into(), key.into());
        for name in ["started", "t", "n", "progress", "required"] {
            facts.insert(name.into(), status[name].clone());
        }
        gather.put(KIND, "", from, facts);
    }
}

async fn root_generation(gather: &Gather<'_>) {
    const KIND: &str = "vault_root_generation";
    if !gather.wants(KIND) {
        return;
    }
    // As with rekeying: the second is that of OpenBao.
    for path in ["sys/generate-root/attempt", "sys/generate-root-token/attempt"] {
        let answer = gather.client.read("", path).await;
        if matches!(answer, Answer::Absent) {
            continue;
        }
        let Some(attempt) = gather.settle(KIND, "", path, answer) else { return };
        let mut facts = Map::new();
        let wanted = [plain("started"), plain("progress"), plain("required"), plain("complete")];
        fields::copy(&wanted, &attempt, &mut gather.texts(), &mut facts);
        gather.put(KIND, "", path, facts);
        return;
    }
}

async fn versions(gather: &Gather<'_>) {
    const KIND: &str = "vault_version_history";
    const PATH: &str = "sys/version-history";
    if !gather.wants(KIND) {
        return;
    }
    let answer = gather.client.pages("", PATH).await;
    let Some(history) = gather.settle(KIND, "", PATH, answer) else { return };
    let versions: Value = history["key_info"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(version, info)| {
            json!({
                "version": version,
                "timestamp_installed": as_time(&info["timestamp_installed"]),
                "previous_version": info["previous_version"],
                "build_date": as_time(&info["build_date"]).or_else(|| as_time(&info["commit_date"])),
            })
        })
        .collect();
    let facts = Map::from_iter([("versions".to_owned(), versions)]);
    gather.put(KIND, "", PATH, facts);
}

async fn metrics(gather: &Gather<'_>) {
    const KIND: &str = "vault_metrics";
    const PATH: &str = "sys/metrics";
    if !gather.wants(KIND) {
        return;
    }
    let Some(metrics) = gather.read(KIND, "", PATH).await else { return };
    let mut facts = Map::new();
    for (name, metric, label) in [
        ("audit_log_request_failure", "audit.log_request_failure", None),
        ("audit_log_response_failure", "audit.log_response_failure", None),
        ("expire_num_leases", "expire.num_leases", None),
        ("expire_num_irrevocable_leases", "expire.num_irrevocable_leases", None),
        ("token_count", "token.count", None),
        ("token_creation", "token.creation", None),
        ("token_count_by_policy_root", "token.count.by_policy", Some(("policy", "root"))),
    ] {
        facts.insert(name.into(), sum(&metrics, metric, label).into());
    }
    gather.put(KIND, "", PATH, facts);
}

/// The sum of a metric over its labels; None if it was never counted.
fn sum(metrics: &Value, name: &str, label: Option<(&str, &str)>) -> Option<f64> {
    let mut total = None;
    for (list, value) in [("Gauges", "Value"), ("Counters", "Sum")] {
        for one in metrics[list].as_array().into_iter().flatten() {
            // Behind a prefix that can be set, and the name of a host.
            let own = one["Name"].as_str().unwrap_or_default();
            let is_it = own.strip_suffix(name).is_some_and(|prefix| prefix.ends_with('.'));
            let has_label = label.is_none_or(|(key, value)| one["Labels"][key] == value);
            if is_it && has_label {
                total = Some(total.unwrap_or(0.0) + one[value].as_f64().unwrap_or(0.0));
            }
        }
    }
    total
}

async fn irrevocable(gather: &Gather<'_>) {
    const KIND: &str = "vault_irrevocable_leases";
    if !gather.wants(KIND) {
        return;
    }
    let question = Question { query: "type=irrevocable", ..Question::get("", "sys/leases") };
    let answer = gather.client.ask(question).await.map_data();
    let Some(leases) = gather.settle(KIND, "", "sys/leases", answer) else { return };
    let mut by_mount: Map<String, Value> = Map::new();
    if let Some(counts) = leases["counts"].as_object() {
        by_mount.extend(counts.clone());
    } else {
        for lease in leases["leases"].as_array().into_iter().flatten() {
            let mount = lease["mount_id"]
                .as_str()
                .or_else(|| lease["lease_id"].as_str())
                .unwrap_or_default();
            let count = by_mount.get(mount).and_then(Value::as_u64).unwrap_or(0) + 1;
            by_mount.insert(mount.to_owned(), count.into());
        }
    }
    let facts = Map::from_iter([
        ("lease_count".to_owned(), as_seconds(&leases["lease_count"]).into()),
        ("by_mount".to_owned(), Value::Object(by_mount)),
    ]);
    gather.put(KIND, "", "sys/leases?type=irrevocable", facts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_labels_and_absent_ones_are_null() {
        let metrics = json!({
            "Gauges": [{"Name": "vault.expire.num_leases", "Value": 3}, {"Name": "vault.token.count", "Value": 9}],
            "Counters": [
                {"Name": "vault.token.creation", "Sum": 2, "Labels": {"a": "1"}},
                {"Name": "vault.token.creation", "Sum": 3, "Labels": {"a": "2"}},
            ],
        });
        assert_eq!(sum(&metrics, "expire.num_leases", None), Some(3.0));
        assert_eq!(sum(&metrics, "token.creation", None), Some(5.0));
        assert_eq!(sum(&metrics, "audit.log_request_failure", None), None);
        assert_eq!(sum(&metrics, "count", None), Some(9.0));
    }
}

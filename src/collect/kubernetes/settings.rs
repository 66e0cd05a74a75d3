//! Configurations of the control plane and of kubelets: from the cluster as far as it shows them, and from files that
//! somebody gives.

use std::path::Path;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::live::Live;
use super::{Cluster, certificates};
use crate::collect::{CollectError, Judge, Request};
use crate::model::{Fact, Gap, cluster_settings, kubelet_settings};

pub(super) const KUBELET: &str = "k8s_kubelet_config";
pub(super) const ENVELOPE: &str = "k8s_envelope_key";

/// Names the files, as `PATH` names directories.
const FILES: &str = "KEYSTREL_KUBE_CONFIG_FILES";
/// Largest of these files, in bytes.
const MAX_FILE: u64 = 4 << 20;
/// Counts the uses of keys of a KMS (Kubernetes, "Using a KMS provider for data encryption").
const METRIC: &str = "apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds{";

/// What the files say.
///
/// # Errors
/// When one cannot be read, or is no YAML: it was asked for by name.
pub(super) fn of_files(request: &Request<'_>) -> Result<Vec<Fact>, CollectError> {
    let Some(list) = (request.environment)(FILES) else { return Ok(Vec::new()) };
    let mut facts = Vec::new();
    for path in std::env::split_paths(&list) {
        let shown = path.display().to_string();
        let wrong = |why: String| CollectError::Address { what: shown.clone(), why };
        let text = read(&path).map_err(|error| wrong(error.to_string()))?;
        let certificates = certificates::of_pem(&shown, &text);
        if !certificates.is_empty() {
            facts.extend(certificates);
            continue;
        }
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
            .map_err(|error| wrong(error.without_snippet().to_string()))?;
        let before = facts.len();
        for document in &documents {
            facts.extend(of_document(&shown, document, &text, request.judge));
        }
        if facts.len() == before {
            return Err(wrong(
                "there is no EncryptionConfiguration, Policy, KubeletConfiguration, Pod or \
                 certificate (in PEM, or of a kubeconfig) in it"
                    .into(),
            ));
        }
    }
    Ok(facts)
}

fn read(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let size = std::fs::metadata(path)?.len();
    if size > MAX_FILE {
        return Err(std::io::Error::other(format!("{size} bytes, of at most {MAX_FILE}")));
    }
    std::fs::read_to_string(path).map(Zeroizing::new)
}

fn of_document(path: &str, document: &Value, text: &str, judge: &dyn Judge) -> Vec<Fact> {
    let field = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let (api, kind) = (field("apiVersion"), field("kind"));
    if let Some((kind, fields)) = cluster_settings(api, kind, document) {
        return vec![Fact::new(kind, path, fields)];
    }
    match (api, kind) {
        ("v1", "Config") => certificates::of_kubeconfig(path, document),
        ("v1", "Pod") => {
            let facts = judge.facts("static-pod.yaml", text);
            let own = facts.into_iter().filter(|fact| fact.kind == "k8s_object");
            let id = |fact: &Fact| fact.id.rsplit('#').next().unwrap_or_default().to_owned();
            own.map(|fact| Fact { id: id(&fact), at: None, ..fact }).collect()
        }
        _ => Vec::new(),
    }
}

/// The configuration of kubelets that kubeadm keeps in a ConfigMap.
pub(super) fn of_config_map(object: &Live) -> Option<Fact> {
    let is_it = object.kind == "ConfigMap"
        && object.namespace.as_deref() == Some("kube-system")
        && object.name.starts_with("kubelet-config");
    let text = object.object.pointer("/data/kubelet").filter(|_| is_it)?.as_str()?;
    let document: Value = serde_saphyr::from_str(text).ok()?;
    let id = format!("ConfigMap/kube-system/{}#kubelet", object.name);
    Some(Fact::new(KUBELET, id, kubelet_settings(&document)))
}

/// The keys of a KMS that the API server has used.
pub(super) fn envelope_keys(cluster: &Cluster<'_>) -> Result<Vec<Fact>, Gap> {
    let gap = |why: String| Gap { needs: ENVELOPE.into(), what: "/metrics".into(), why };
    match cluster.text("/metrics") {
        Ok(text) => Ok(text.lines().filter_map(envelope_key).collect()),
        Err(refused) => Err(gap(refused.why())),
    }
}

fn envelope_key(line: &str) -> Option<Fact> {
    let (labels, value) = line.strip_prefix(METRIC)?.rsplit_once("} ")?;
    let label = |name: &str| {
        let (_, rest) = labels.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    let (provider, kind, hash) =
        (label("provider_name")?, label("transformation_type")?, label("key_id_hash")?);
    let seconds = value.trim().parse::<f64>().ok()? as i64;
    let last = jiff::Timestamp::from_second(seconds).ok()?.to_string();
    let fields = json!({
        "provider_name": provider,
        "transformation_type": kind,
        "key_id_hash": hash,
        "last_timestamp": last,
    });
    Some(Fact::new(ENVELOPE, format!("metrics/{provider}/{hash}/{kind}"), fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_kms_are_told_by_metrics() {
        let line = format!(
            "{METRIC}key_id_hash=\"sha256:ab\",provider_name=\"vault\",transformation_type=\"to_storage\"}} 1.767323045e+09"
        );
        let fact = envelope_key(&line).unwrap();
        assert_eq!(fact.id, "metrics/vault/sha256:ab/to_storage");
        assert_eq!(fact.fields["last_timestamp"], "2026-01-02T03:04:05Z");
        assert!(envelope_key("apiserver_other{} 1").is_none());
    }
}

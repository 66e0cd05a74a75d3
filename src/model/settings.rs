//! What controls read of the configurations of a cluster, whether a cluster shows them or files have them.

use serde_json::{Map, Value, json};

/// The kind and the fields of the fact of a configuration of encryption at rest, audit or kubelets; None of anything else. Keys are told
/// by their names alone.
#[must_use]
pub fn cluster_settings(api: &str, kind: &str, document: &Value) -> Option<(&'static str, Value)> {
    match (api.split('/').next().unwrap_or_default(), kind) {
        (_, "EncryptionConfiguration" | "EncryptionConfig") => {
            Some(("k8s_encryption_config", encryption(document)))
        }
        ("audit.k8s.io", "Policy") => {
            let fields = json!({
                "omitStages": document.get("omitStages"),
                "rules": document.get("rules"),
            });
            Some(("k8s_audit_policy", fields))
        }
        (_, "KubeletConfiguration") => Some(("k8s_kubelet_config", kubelet_settings(document))),
        _ => None,
    }
}

/// Which providers encrypt what; keys by their names alone.
fn encryption(document: &Value) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let provider = |provider: &Value| {
        let (name, of) = provider.as_object().and_then(|fields| fields.iter().next())?;
        let keys = list(of.get("keys"));
        let names: Vec<&Value> = keys.iter().filter_map(|key| key.get("name")).collect();
        Some(json!({
            "provider": name,
            "keys": names,
            "apiVersion": of.get("apiVersion"),
            "name": of.get("name"),
            "endpoint": of.get("endpoint"),
        }))
    };
    let resource = |one: &Value| {
        let providers: Vec<Value> =
            list(one.get("providers")).iter().filter_map(provider).collect();
        json!({ "resources": one.get("resources"), "providers": providers })
    };
    let resources: Vec<Value> = list(document.get("resources")).iter().map(resource).collect();
    json!({ "resources": resources })
}

/// The fields of a kubelet's configuration that controls read.
#[must_use]
pub fn kubelet_settings(document: &Value) -> Value {
    let names = [
        "readOnlyPort",
        "authentication",
        "authorization",
        "rotateCertificates",
        "serverTLSBootstrap",
        "featureGates",
        "imagePullCredentialsVerificationPolicy",
    ];
    let field = |name: &&str| document.get(name).cloned().unwrap_or_default();
    names.iter().map(|name| ((*name).to_owned(), field(name))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_an_encryption_configuration_stay_where_they_are() {
        let document = json!({"resources": [{
            "resources": ["secrets"],
            "providers": [{"aescbc": {"keys": [{"name": "k1", "secret": "CANARY"}]}}, {"identity": {}}],
        }]});
        let told = encryption(&document);
        assert!(!told.to_string().contains("CANARY"));
        let providers = &told["resources"][0]["providers"];
        assert_eq!(
            (&providers[0]["keys"], &providers[1]["provider"]),
            (&json!(["k1"]), &json!("identity"))
        );
    }
}

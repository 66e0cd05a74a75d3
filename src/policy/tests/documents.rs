//! Documents are what people write: nothing in them may make a control fail.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// JSON of the keys that policies read, with anything below them.
fn any_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z%{}]{0,4}".prop_map(Value::from),
    ];
    let keys = &[
        "spec",
        "template",
        "jobTemplate",
        "containers",
        "initContainers",
        "envFrom",
        "secretRef",
        "name",
        "automountServiceAccountToken",
        "serviceAccountName",
        "serviceAccount",
        "sops",
        "mac",
        "data",
    ];
    leaf.prop_recursive(7, 64, 4, move |inner| {
        let key = prop::sample::select(&keys[..]);
        let object = prop::collection::btree_map(key, inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_a_built_in_control_fail(
        objects in prop::collection::vec((any_document(), any_document(), 0..11_usize), 1..4),
    ) {
        let kinds = [
            "Pod", "PodTemplate", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob",
            "ConfigMap", "Secret", "ServiceAccount",
        ];
        let fact = |(n, (object, name, kind)): (usize, (Value, Value, usize))| {
            let fields = json!({
                "api_version": "v1", "object_kind": kinds[kind], "name": name, "namespace": name,
                "object": object, "secrets": [{"path": ["data", 0], "rule": null, "confidence": null}],
            });
            Fact::new("k8s_object", n.to_string(), fields)
        };
        let inventory = files(objects.into_iter().enumerate().map(fact).collect());
        ENGINE.with(|engine| {
            let evaluation = engine.evaluate(&inventory).unwrap();
            assert!(!evaluation.has_failures(), "{evaluation:#?}");
        });
    }
}

thread_local! {
    static ENGINE: PolicyEngine = builtin();
}

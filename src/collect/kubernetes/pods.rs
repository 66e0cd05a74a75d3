//! What running pods tell: values of Secrets that are as they were when a container started.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::live::Live;
use crate::model::Fact;

pub(super) const KIND: &str = "k8s_pod";

/// The sorts of containers, each with what tells their state.
const SORTS: [(&str, &str); 3] = [
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
];

/// The fact of a pod.
pub(super) fn fact(pod: &Live) -> Fact {
    let object = &pod.object;
    let containers: Vec<Value> = SORTS
        .iter()
        .flat_map(|(sort, statuses)| {
            let statuses = list(object, &format!("/status/{statuses}"));
            list(object, &format!("/spec/{sort}"))
                .iter()
                .map(move |container| told(object, container, statuses))
        })
        .collect();
    let namespace = pod.namespace.as_deref().unwrap_or_default();
    let id = format!("Pod/{namespace}/{}#running", pod.name);
    let fields = json!({
        "namespace": pod.namespace,
        "name": pod.name,
        "phase": object.pointer("/status/phase"),
        "pull_secrets": names(list(object, "/spec/imagePullSecrets"), "/name"),
        "containers": containers,
    });
    Fact::new(KIND, id, fields)
}

fn told(pod: &Value, container: &Value, statuses: &[Value]) -> Value {
    let name = container.get("name");
    let state = statuses.iter().find(|status| status.get("name") == name);
    let of_state = |path: &str| state.and_then(|state| state.pointer(path));
    json!({
        "name": name,
        "image": container.get("image"),
        "startedAt": of_state("/state/running/startedAt"),
        "waiting": of_state("/state/waiting/reason"),
        "fixed_secrets": fixed_secrets(pod, container),
    })
}

/// Names of the Secrets whose values do not follow changes: those of variables, and those of files that are mounted
/// one by one (Kubernetes, "Secrets", on mounted Secrets and `subPath`).
fn fixed_secrets<'a>(pod: &'a Value, container: &'a Value) -> BTreeSet<&'a str> {
    let mut fixed = names(list(container, "/env"), "/valueFrom/secretKeyRef/name");
    fixed.extend(names(list(container, "/envFrom"), "/secretRef/name"));
    let volumes = list(pod, "/spec/volumes");
    for mount in list(container, "/volumeMounts") {
        let is_one_file = ["subPath", "subPathExpr"].iter().any(|field| mount.get(field).is_some());
        let volume = volumes.iter().find(|volume| volume.get("name") == mount.get("name"));
        let Some(volume) = volume.filter(|_| is_one_file) else { continue };
        fixed.extend(volume.pointer("/secret/secretName").and_then(Value::as_str));
        fixed.extend(names(list(volume, "/projected/sources"), "/secret/name"));
    }
    fixed
}

fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn names<'a>(items: &'a [Value], path: &str) -> BTreeSet<&'a str> {
    items.iter().filter_map(|item| item.pointer(path)?.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_variables_and_single_files_are_fixed() {
        let object = json!({
            "metadata": {"name": "web-1", "namespace": "shop"},
            "spec": {
                "volumes": [
                    {"name": "a", "secret": {"secretName": "whole"}},
                    {"name": "b", "projected": {"sources": [{"secret": {"name": "part"}}]}},
                ],
                "containers": [{
                    "name": "web",
                    "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}],
                    "envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "no"}}],
                    "volumeMounts": [
                        {"name": "a", "mountPath": "/a"},
                        {"name": "b", "mountPath": "/b", "subPath": "k"},
                    ],
                }],
            },
            "status": {"phase": "Running", "containerStatuses": [
                {"name": "web", "state": {"running": {"startedAt": "2026-01-02T03:04:05Z"}}},
            ]},
        });
        let fact = fact(&Live::new("v1", "Pod", object));
        assert_eq!(fact.id, "Pod/shop/web-1#running");
        let container = &fact.fields["containers"][0];
        assert_eq!(container["fixed_secrets"], json!(["all", "one", "part"]));
        assert_eq!(container["startedAt"], "2026-01-02T03:04:05Z");
        assert_eq!(container["waiting"], Value::Null);
    }
}

//! The control plane that a configuration of kubeadm makes
//! (<https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/>): static pods with the flags that kubeadm gives them by
//! itself, and those of the configuration behind them.

use std::ops::Range;
use std::rc::Rc;

use serde_json::json;

use super::node::Node;
use super::sheet::Sheet;
use crate::model::PathId;

/// A component, where its settings are, and flags that kubeadm gives it
/// (<https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#generate-static-pod-manifests-for-control-plane-components>).
struct Component {
    name: &'static str,
    settings: &'static [&'static str],
    flags: &'static [&'static str],
}

const COMPONENTS: &[Component] = &[
    Component {
        name: "kube-apiserver",
        settings: &["apiServer"],
        flags: &[
            "--authorization-mode=Node,RBAC",
            "--client-ca-file=/etc/kubernetes/pki/ca.crt",
            "--enable-admission-plugins=NodeRestriction",
            "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt",
            "--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key",
            "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
            "--service-account-signing-key-file=/etc/kubernetes/pki/sa.key",
            "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
            "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
        ],
    },
    Component {
        name: "kube-controller-manager",
        settings: &["controllerManager"],
        flags: &[
            "--root-ca-file=/etc/kubernetes/pki/ca.crt",
            "--service-account-private-key-file=/etc/kubernetes/pki/sa.key",
            "--use-service-account-credentials=true",
        ],
    },
    Component {
        name: "etcd",
        settings: &["etcd", "local"],
        flags: &[
            "--cert-file=/etc/kubernetes/pki/etcd/server.crt",
            "--client-cert-auth=true",
            "--key-file=/etc/kubernetes/pki/etcd/server.key",
            "--peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt",
            "--peer-client-cert-auth=true",
            "--peer-key-file=/etc/kubernetes/pki/etcd/peer.key",
            "--peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt",
            "--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt",
        ],
    },
];

/// What kubeadm gives the API server for an etcd that it makes itself.
const LOCAL_ETCD: &[&str] = &[
    "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt",
    "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
    "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key",
    "--etcd-servers=https://127.0.0.1:2379",
];

/// Where the container is within the fact.
fn container() -> PathId {
    PathId::ROOT.key("object").key("spec").key("containers").item(0)
}

/// Whether a document is such a configuration.
pub(super) fn is(api: &str, kind: &str) -> bool {
    kind == "ClusterConfiguration" && api.starts_with("kubeadm.k8s.io/")
}

/// Adds the components that it makes.
pub(super) fn add(sheet: &mut Sheet<'_>, root: &Rc<Node>, id: &str) {
    let external = root.at(&["etcd", "external"]);
    for component in COMPONENTS {
        if component.name == "etcd" && external.is_some() {
            continue;
        }
        let settings = root.at(component.settings);
        let span = settings.map_or(&root.span, |settings| &settings.span);
        let mut command: Vec<String> = vec![component.name.to_owned()];
        let mut parts: Vec<(PathId, Range<usize>)> = vec![(container(), span.clone())];
        command.extend(component.flags.iter().map(|flag| (*flag).to_owned()));
        if component.name == "kube-apiserver" {
            match external {
                None => command.extend(LOCAL_ETCD.iter().map(|flag| (*flag).to_owned())),
                Some(etcd) => command.extend(external_etcd(etcd)),
            }
        }
        for (name, value, at) in settings.map(arguments).unwrap_or_default() {
            let place = container().key("command").item(command.len() as u64);
            parts.push((place, at));
            command.push(format!("--{name}={value}"));
        }
        let fields = json!({
            "api_version": "v1",
            "object_kind": "Pod",
            "name": component.name,
            "namespace": "kube-system",
            "object": {"spec": {"containers": [{"image": component.name, "command": command}]}},
            "secrets": [],
            "component": component.name,
            "managed": false,
        });
        sheet.add("k8s_control_plane", &format!("{id}.{}", component.name), span, fields);
        sheet.parts(parts);
    }
}

/// What kubeadm gives the API server for an etcd that is there.
fn external_etcd(etcd: &Rc<Node>) -> Vec<String> {
    let endpoints: Vec<&str> = etcd
        .get("endpoints")
        .map(|all| all.items())
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.text())
        .collect();
    let files =
        [("caFile", "etcd-cafile"), ("certFile", "etcd-certfile"), ("keyFile", "etcd-keyfile")];
    let given = files
        .iter()
        .filter_map(|(field, flag)| Some(format!("--{flag}={}", etcd.text_at(&[field])?)));
    given.chain([format!("--etcd-servers={}", endpoints.join(","))]).collect()
}

/// The arguments of a component, each with where it stands: a map, or since v1beta4 a list of names and values.
fn arguments(settings: &Rc<Node>) -> Vec<(&str, &str, Range<usize>)> {
    let Some(all) = settings.get("extraArgs") else { return Vec::new() };
    let of_map = all.entries().iter().filter_map(|(key, value)| {
        Some((key.text()?, value.text()?, key.span.start..value.span.end))
    });
    let of_list = all.items().iter().filter_map(|item| {
        Some((item.text_at(&["name"])?, item.get("value")?.text()?, item.span.clone()))
    });
    of_map.chain(of_list).collect()
}

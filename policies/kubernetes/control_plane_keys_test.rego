package keystrel.kubernetes.control_plane_keys_test

import data.keystrel.kubernetes.control_plane_keys
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

cluster := {"kind": "k8s_cluster", "id": "cluster", "managed": false}

pod(component, command) := fixtures.resource("Pod", "kube-system", component, {"spec": {"containers": [{
	"image": sprintf("registry.k8s.io/%s:v1", [component]),
	"command": command,
}]}})

with_flags(component, flags) := fixtures.cluster([cluster, pod(component, array.concat([component], flags))])

# The manifest of a static pod.
manifest(component, flags) := fixtures.files([object.union(
	pod(component, array.concat([component], flags)),
	{"kind": "k8s_control_plane", "component": component, "managed": false},
)])

hidden(component) := fixtures.cluster([cluster, pod(component, ["sh", "-c", "x"])])

none := fixtures.cluster([cluster])

said(control, inventory) := findings if {
	results := control_plane_keys with input as inventory
	findings := results[control]
}

keys(inventory) := said("k8s_apiserver_sa_key", inventory)

about(findings) := {finding | some finding in findings; finding.message}

test_tokens_without_a_key if {
	about(keys(with_flags("kube-apiserver", []))) == {{"fact": "cluster", "message": "kube-apiserver has no --service-account-key-file"}}
	about(keys(manifest("kube-controller-manager", []))) == {{
		"fact": "Pod/kube-system/kube-controller-manager",
		"path": ["object", "spec", "containers", 0, "command"],
		"message": "kube-controller-manager has no --service-account-private-key-file",
	}}
}

test_tokens_with_the_key_of_tls if {
	flags := ["--tls-private-key-file=/pki/apiserver.key", "--service-account-key-file=/pki/apiserver.key"]
	about(keys(manifest("kube-apiserver", flags))) == {{
		"fact": "Pod/kube-system/kube-apiserver",
		"path": ["object", "spec", "containers", 0, "command", 2],
		"message": "kube-apiserver has the key of TLS for --service-account-key-file",
	}}
}

test_tokens_with_a_key_of_their_own if {
	keys(manifest("kube-apiserver", ["--service-account-key-file=/pki/sa.pub"])) == set()
	keys(manifest("kube-controller-manager", ["--service-account-private-key-file=/pki/sa.key"])) == set()
}

roots(inventory) := said("k8s_cm_root_ca", inventory)

test_the_authority_of_pods if {
	roots(manifest("kube-controller-manager", [])) == {{
		"fact": "Pod/kube-system/kube-controller-manager",
		"path": ["object", "spec", "containers", 0, "command"],
		"message": "kube-controller-manager has no --root-ca-file",
	}}
	roots(manifest("kube-controller-manager", ["--root-ca-file=/pki/ca.crt"])) == set()
}

rotated(inventory) := said("k8s_cm_no_kubelet_rotation", inventory)

test_certificates_of_kubelets if {
	rotated(manifest("kube-controller-manager", ["--feature-gates=A=true,RotateKubeletServerCertificate=false"])) == {{
		"fact": "Pod/kube-system/kube-controller-manager",
		"path": ["object", "spec", "containers", 0, "command", 1],
		"message": "kube-controller-manager has RotateKubeletServerCertificate switched off",
	}}
	rotated(manifest("kube-controller-manager", ["--feature-gates=RotateKubeletServerCertificate=true"])) == set()
	rotated(manifest("kube-controller-manager", [])) == set()
}

shared(inventory) := said("k8s_etcd_shared_ca", inventory)

test_one_authority_for_all if {
	shared(manifest("etcd", ["--trusted-ca-file=/etc/kubernetes/pki/ca.crt"])) == {{
		"fact": "Pod/kube-system/etcd",
		"path": ["object", "spec", "containers", 0, "command", 1],
		"message": "etcd trusts /etc/kubernetes/pki/ca.crt, the authority of the cluster",
	}}
	about(shared(with_flags("kube-apiserver", ["--etcd-cafile=/a", "--client-ca-file=/a"]))) == {{
		"fact": "cluster",
		"message": "kube-apiserver checks etcd and its own clients by one authority: /a",
	}}
}

test_an_authority_of_its_own if {
	shared(manifest("etcd", ["--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt"])) == set()
	about(shared(with_flags("kube-apiserver", ["--etcd-cafile=/b", "--client-ca-file=/a"]))) == set()
}

test_what_cannot_be_seen_is_unknown if {
	components := {
		"k8s_apiserver_sa_key": "kube-apiserver",
		"k8s_cm_root_ca": "kube-controller-manager",
		"k8s_cm_no_kubelet_rotation": "kube-controller-manager",
		"k8s_etcd_shared_ca": "etcd",
	}
	every control, component in components {
		fixtures.unknown(said(control, hidden(component))) == {"cluster"}
		fixtures.unknown(said(control, none)) == {"cluster"}
		about(said(control, hidden(component))) == set()
	}
}

encryption(changes) := object.union(
	fixtures.resource("EncryptionConfiguration", null, null, {"resources": []}),
	changes,
)

written(facts) := said("k8s_encryption_key_in_file", fixtures.files(facts))

test_a_key_in_a_file if {
	path := ["resources", 0, "providers", 0, "aescbc", "keys", 0, "secret"]
	written([encryption({"secrets": [{"path": path, "rule": null, "confidence": null}]})]) == {{
		"fact": "EncryptionConfiguration/null/null",
		"path": array.concat(["object"], path),
		"message": "EncryptionConfiguration has a key written out (resources.0.providers.0.aescbc.keys.0.secret)",
	}}
	written([encryption({})]) == set()
}

test_keys_that_were_not_read_are_unknown if {
	fixtures.unknown(written([{"kind": "k8s_object", "id": "e", "object_kind": "EncryptionConfig"}])) == {"e"}
}

snippets(data_of) := said("k8s_ingress_snippets", fixtures.files([fixtures.resource("ConfigMap", "ingress", "c", data_of)]))

test_snippets_of_ingresses if {
	snippets({"data": {"allow-snippet-annotations": "true"}}) == {{
		"fact": "ConfigMap/ingress/c",
		"path": ["object", "data", "allow-snippet-annotations"],
		"message": "ConfigMap c lets Ingresses write the controller's configuration",
	}}
	snippets({"data": {"allow-snippet-annotations": "false"}}) == set()
	snippets({}) == set()
}

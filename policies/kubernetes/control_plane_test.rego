package keystrel.kubernetes.control_plane_test

import data.keystrel.kubernetes.control_plane
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-external-store-none": {"threshold": ["external-secrets.io"]}}

cluster := {
	"kind": "k8s_cluster", "id": "cluster", "managed": false, "version": "v1.33.1",
	"anonymous": "refused", "api_groups": ["apps", "external-secrets.io"],
}

pod(component, flags) := fixtures.resource("Pod", "kube-system", sprintf("%s-n1", [component]), {"spec": {"containers": [{
	"image": sprintf("registry.k8s.io/%s:v1", [component]),
	"command": array.concat([component], flags),
}]}})

with_pod(component, flags) := fixtures.cluster([cluster, pod(component, flags)])

safe := [
	"--cert-file=/a", "--key-file=/b", "--trusted-ca-file=/c", "--client-cert-auth=true", "--peer-cert-file=/a", "--peer-key-file=/b",
	"--peer-trusted-ca-file=/c", "--peer-client-cert-auth", "--listen-client-urls=https://10.0.0.1:2379,http://127.0.0.1:2382",
]

etcd(flags) := found if {
	found := control_plane.k8s_etcd_tls with input as with_pod("etcd", flags)
}

test_etcd_is_fine if count(etcd(safe)) == 0

test_etcd_without_tls if {
	messages := {finding.message | some finding in etcd(["--peer-auto-tls", "--auto-tls=true", "--listen-client-urls=http://10.0.0.1:2379"])}
	some message in messages
	startswith(message, "etcd-n1 has no --cert-file, --key-file, --trusted-ca-file, --client-cert-auth")
	"etcd-n1 makes certificates that nobody can check: --auto-tls" in messages
	"etcd-n1 makes certificates that nobody can check: --peer-auto-tls" in messages
	"etcd-n1 listens at http://10.0.0.1:2379" in messages
	count(messages) == 4
}

test_etcd_asks_for_no_certificate if {
	found := etcd(array.concat(safe, ["--client-cert-auth=false"]))
	found == {{"fact": "cluster", "message": "etcd-n1 asks for no certificate: --client-cert-auth is not true"}}
}

test_etcd_that_cannot_be_seen_is_unknown if {
	unseen := control_plane.k8s_etcd_tls with input as fixtures.cluster([cluster])
	unseen == {{"fact": "cluster", "unknown": "no static pod of etcd is visible"}}
	hidden := etcd(["--config-file=/etc/etcd.yaml"])
	fixtures.unknown(hidden) == {"cluster"}
	count(fixtures.found(hidden)) == 0
}

manager(flags) := found if {
	found := control_plane.k8s_cm_sa_credentials with input as with_pod("kube-controller-manager", flags)
}

test_controllers_share_a_login if {
	every flags in [[], ["--use-service-account-credentials=false"]] {
		manager(flags) == {{"fact": "cluster", "message": "kube-controller-manager-n1 runs its controllers with one login"}}
	}
	count(manager(["--use-service-account-credentials=true"])) == 0
	count(manager(["--use-service-account-credentials"])) == 0
	unseen := control_plane.k8s_cm_sa_credentials with input as fixtures.cluster([cluster])
	fixtures.unknown(unseen) == {"cluster"}
	shell := fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{"image": "kube-controller-manager:v1", "command": ["sh"]}]}})
	hidden := control_plane.k8s_cm_sa_credentials with input as fixtures.cluster([cluster, shell])
	hidden == {{"fact": "cluster", "unknown": "its arguments come from what cannot be seen"}}
}

config(fields) := object.union(
	{
		"kind": "k8s_kubelet_config", "id": "kubelet", "readOnlyPort": null, "authentication": null, "authorization": null,
		"featureGates": null, "imagePullCredentialsVerificationPolicy": null,
	},
	fields,
)

kubelet(fields) := found if {
	found := control_plane.k8s_kubelet_readonly with input as fixtures.cluster([config(fields)])
}

test_kubelets_answer_anybody if {
	kubelet({"readOnlyPort": 10255}) == {{
		"fact": "kubelet", "path": ["readOnlyPort"],
		"message": "kubelets listen on the read-only port 10255",
	}}
	kubelet({"authentication": {"anonymous": {"enabled": true}}}) == {{
		"fact": "kubelet", "path": ["authentication", "anonymous", "enabled"],
		"message": "kubelets answer anonymous requests",
	}}
	kubelet({"authorization": {"mode": "AlwaysAllow"}}) == {{
		"fact": "kubelet", "path": ["authorization", "mode"], "severity": "high",
		"message": "kubelets allow everything to whoever is logged in",
	}}
}

test_kubelets_are_fine if {
	count(kubelet({})) == 0
	count(kubelet({"readOnlyPort": 0, "authentication": {"anonymous": {"enabled": false}}, "authorization": {"mode": "Webhook"}})) == 0
}

anonymous(said) := found if {
	found := control_plane.k8s_apiserver_anonymous with input as fixtures.cluster([object.union(cluster, {"anonymous": said})])
}

test_anonymous if {
	anonymous("authenticated") == {{"fact": "cluster", "message": "the API server takes anonymous requests, and only roles refuse them"}}
	anonymous("allowed") == {{"fact": "cluster", "severity": "critical", "message": "the API server shows anybody its namespaces"}}
	count(anonymous("refused")) == 0
	fixtures.unknown(anonymous(null)) == {"cluster"}
}

store(facts) := found if {
	found := control_plane.k8s_external_store_none with input as fixtures.cluster(facts) with data.params as params
}

test_no_store if {
	bare := object.union(cluster, {"api_groups": ["apps"]})
	store([bare]) == {{"fact": "cluster", "message": "no operator of an outside secret store is installed"}}
	count(store([cluster])) == 0
	injector := fixtures.resource("MutatingWebhookConfiguration", null, "v", {"webhooks": [{"name": "vault.hashicorp.com"}]})
	count(store([bare, injector])) == 0
	other := fixtures.resource("MutatingWebhookConfiguration", null, "v", {"webhooks": [{"name": "mesh.example"}, "x"]})
	count(store([bare, other])) == 1
	fixtures.unknown(store([object.union(cluster, {"api_groups": null})])) == {"cluster"}
}

backup(provider, settings) := found if {
	place := fixtures.resource("BackupStorageLocation", "velero", "b", {"spec": {"provider": provider, "config": settings}})
	found := control_plane.k8s_etcd_backup_plain with input as fixtures.cluster([place])
}

test_backups if {
	backup("aws", {"region": "eu-west-1"}) == {{
		"fact": "BackupStorageLocation/velero/b",
		"message": "BackupStorageLocation b names no key that encrypts its backups",
	}}
	count(backup("velero.io/gcp", {})) == 1
	count(backup("aws", {"kmsKeyId": "alias/backups"})) == 0
	count(backup("gcp", {"kmsKeyName": "k"})) == 0
	count(backup("azure", {})) == 0
}

pull(version, flags, others) := found if {
	facts := array.concat([object.union(cluster, {"version": version}), pod("kube-apiserver", flags)], others)
	found := control_plane.k8s_apiserver_always_pull with input as fixtures.cluster(facts)
}

test_images_of_others if {
	count(fixtures.found(pull("v1.34.1", [], []))) == 1
	count(pull("v1.34.1", ["--enable-admission-plugins=NodeRestriction,AlwaysPullImages"], [])) == 0
	count(pull("v1.34.1", [], [config({"featureGates": {"KubeletEnsureSecretPulledImages": true}})])) == 0
}

test_images_are_checked_by_newer_kubelets if {
	count(pull("v1.35.0", [], [])) == 0
	count(pull("v1.35.0", [], [config({})])) == 0
	count(pull("v1.35.0", [], [config({"featureGates": {"KubeletEnsureSecretPulledImages": false}})])) == 1
	count(pull("v1.35.0", [], [config({"imagePullCredentialsVerificationPolicy": "NeverVerify"})])) == 1
	count(pull("strange", [], [])) == 1
	count(pull(null, [], [])) == 1
}

test_images_where_flags_cannot_be_seen if {
	unseen := control_plane.k8s_apiserver_always_pull with input as fixtures.cluster([cluster])
	fixtures.unknown(unseen) == {"cluster"}
	shell := fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{"image": "kube-apiserver:v1", "command": ["sh"]}]}})
	hidden := control_plane.k8s_apiserver_always_pull with input as fixtures.cluster([cluster, shell])
	fixtures.unknown(hidden) == {"cluster"}
}

test_no_store_where_webhooks_could_not_be_read if {
	bare := object.union(cluster, {"api_groups": ["apps"]})
	found := control_plane.k8s_external_store_none with input as fixtures.without([bare], "mutatingwebhookconfigurations") with data.params as params
	found == {{"fact": "cluster", "unknown": "whether Vault's injector is installed could not be read"}}
	none := control_plane.k8s_external_store_none with input as fixtures.without([cluster], "mutatingwebhookconfigurations") with data.params as params
	count(none) == 0
}

# METADATA
# title: Keys and authorities of the control plane
package keystrel.kubernetes.control_plane_keys

import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes
import data.keystrel.lib.static_pod

# METADATA
# title: Tokens of service accounts have no key of their own
# description: >-
#   Without a key that is for them alone, tokens are signed or checked with that of TLS, or not signed at all: one key opens both, and
#   neither can be replaced without the other.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   id: k8s-apiserver-sa-key
#   severity: medium
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Make a pair of keys, `openssl genrsa -out sa.key 3072`, and set `--service-account-key-file` and
#     `--service-account-signing-key-file` of kube-apiserver and `--service-account-private-key-file` of kube-controller-manager to it.
#   frameworks:
#     cis: [kubernetes/1.2.22, kubernetes/1.3.4]
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
k8s_apiserver_sa_key contains finding if {
	some [component, flag] in token_keys
	some instance in static_pod.of(component)
	static_pod.lacks(instance, flag)
	finding := static_pod.found(instance, [flag], sprintf("%s has no --%s", [static_pod.named(instance), flag]))
}

k8s_apiserver_sa_key contains finding if {
	some [component, flag] in token_keys
	some instance in static_pod.of(component)
	path := static_pod.value(instance, flag)
	path == static_pod.value(instance, "tls-private-key-file")
	message := sprintf("%s has the key of TLS for --%s", [static_pod.named(instance), flag])
	finding := static_pod.found(instance, [flag], message)
}

k8s_apiserver_sa_key contains finding if {
	some [component, flag] in token_keys
	some instance in static_pod.of(component)
	static_pod.hides(instance, {flag})
	finding := {"fact": instance.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_sa_key contains finding if {
	some [component, _] in token_keys
	some cluster in static_pod.without(component)
	finding := {"fact": cluster.id, "unknown": static_pod.unseen(component)}
}

token_keys := {
	["kube-apiserver", "service-account-key-file"],
	["kube-controller-manager", "service-account-private-key-file"],
}

# METADATA
# title: Pods cannot check the API server that they give their token to
# description: >-
#   The controller manager puts the authority of the API server beside the tokens of pods. Without it clients do not check whom they
#   send the token to, or do not work.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   id: k8s-cm-root-ca
#   severity: low
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--root-ca-file=/etc/kubernetes/pki/ca.crt` in its manifest (`/etc/kubernetes/manifests/kube-controller-manager.yaml`).
#   frameworks:
#     cis: [kubernetes/1.3.5]
#     nist_800_53: [SC-8]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.24]
k8s_cm_root_ca contains finding if {
	some manager in static_pod.of("kube-controller-manager")
	static_pod.lacks(manager, "root-ca-file")
	finding := static_pod.found(manager, [], sprintf("%s has no --root-ca-file", [static_pod.named(manager)]))
}

k8s_cm_root_ca contains finding if {
	some manager in static_pod.of("kube-controller-manager")
	static_pod.hides(manager, {"root-ca-file"})
	finding := {"fact": manager.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_cm_root_ca contains finding if {
	some cluster in static_pod.without("kube-controller-manager")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-controller-manager")}
}

# METADATA
# title: Nobody signs new server certificates of kubelets
# description: >-
#   The controller manager has the rotation of server certificates switched off: they are kept until they end, and whoever has a copy of
#   a key is the kubelet for as long.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
# custom:
#   id: k8s-cm-no-kubelet-rotation
#   severity: low
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Take `RotateKubeletServerCertificate=false` out of `--feature-gates` in its manifest
#     (`/etc/kubernetes/manifests/kube-controller-manager.yaml`), and set `serverTLSBootstrap: true` of kubelets.
#   frameworks:
#     cis: [kubernetes/1.3.6]
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.7.2"]
k8s_cm_no_kubelet_rotation contains finding if {
	some manager in static_pod.of("kube-controller-manager")
	"RotateKubeletServerCertificate=false" in static_pod.names(manager, "feature-gates")
	message := sprintf("%s has RotateKubeletServerCertificate switched off", [static_pod.named(manager)])
	finding := static_pod.found(manager, ["feature-gates"], message)
}

k8s_cm_no_kubelet_rotation contains finding if {
	some manager in static_pod.of("kube-controller-manager")
	static_pod.hides(manager, {"feature-gates"})
	finding := {"fact": manager.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_cm_no_kubelet_rotation contains finding if {
	some cluster in static_pod.without("kube-controller-manager")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-controller-manager")}
}

# METADATA
# title: Whoever has a certificate of the cluster is let in by etcd
# description: >-
#   etcd knows no rights: with one authority for both, every user and kubelet that has a certificate reads and writes everything,
#   all Secrets among it.
# related_resources:
# - ref: https://kubernetes.io/docs/setup/best-practices/certificates/
# - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   id: k8s-etcd-shared-ca
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Make an authority for etcd (`kubeadm init phase certs etcd-ca`), sign its certificates and the API server's client certificate
#     with it, and set `--trusted-ca-file` and `--etcd-cafile` to it.
#   frameworks:
#     cis: [kubernetes/2.7]
#     nist_800_53: [AC-3]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3, A.8.24]
k8s_etcd_shared_ca contains finding if {
	some etcd in static_pod.of("etcd")
	path := static_pod.value(etcd, "trusted-ca-file")
	path in clusters_own
	message := sprintf("%s trusts %s, the authority of the cluster", [static_pod.named(etcd), path])
	finding := static_pod.found(etcd, ["trusted-ca-file"], message)
}

k8s_etcd_shared_ca contains finding if {
	some server in static_pod.of("kube-apiserver")
	path := static_pod.value(server, "etcd-cafile")
	path == static_pod.value(server, "client-ca-file")
	message := sprintf("%s checks etcd and its own clients by one authority: %s", [static_pod.named(server), path])
	finding := static_pod.found(server, ["etcd-cafile"], message)
}

k8s_etcd_shared_ca contains finding if {
	some etcd in static_pod.of("etcd")
	static_pod.hides(etcd, {"trusted-ca-file"})
	finding := {"fact": etcd.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_etcd_shared_ca contains finding if {
	some cluster in static_pod.without("etcd")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("etcd")}
}

# By its place, as kubeadm has it; etcd's own lies in `etcd/`.
clusters_own := {"/etc/kubernetes/pki/ca.crt"}

# METADATA
# title: A key that encrypts Secrets is written into a file
# description: >-
#   The key stands beside what it is for: whoever can read the file, in a repository everybody and for good, decrypts the Secrets of
#   etcd and of its backups.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
# custom:
#   id: k8s-encryption-key-in-file
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [EncryptionConfiguration, EncryptionConfig]}
#   needs: [k8s_object]
#   remediation: >-
#     Use a KMS (`kms: {apiVersion: v2, ...}`), so that there is no key in the file. Put a new provider first, have all Secrets written
#     again (`kubectl get secrets -A -o json | kubectl replace -f -`), and take the old key out.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
k8s_encryption_key_in_file contains finding if {
	some kind in ["EncryptionConfiguration", "EncryptionConfig"]
	some config in kubernetes.objects(kind)
	some secret in kubernetes.secrets(config)
	finding := {
		"fact": config.id,
		"path": kubernetes.within(secret.path),
		"message": sprintf("%s has a key written out (%s)", [kind, kubernetes.shown(secret.path)]),
	}
}

k8s_encryption_key_in_file contains finding if {
	some config in facts.of("k8s_object")
	object.get(config, "object_kind", "") in {"EncryptionConfiguration", "EncryptionConfig"}
	not facts.has(config, ["object", "secrets"])
	finding := {"fact": config.id, "unknown": "its keys were not read"}
}

# METADATA
# title: Whoever may write an Ingress reads all Secrets
# description: >-
#   Snippets are written into the configuration of the controller, which can read the Secrets of all namespaces: what they run
#   gives them away (CVE-2021-25742).
# related_resources:
# - ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#allow-snippet-annotations
# - ref: https://github.com/kubernetes/ingress-nginx/issues/7837
# custom:
#   id: k8s-ingress-snippets
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [ConfigMap]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `allow-snippet-annotations: "false"`, and in Helm `controller.allowSnippetAnnotations: false`.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     owasp_secrets: ["2.3"]
k8s_ingress_snippets contains finding if {
	some config in kubernetes.objects("ConfigMap")
	kubernetes.field(config, ["data", "allow-snippet-annotations"], null) in ["true", true]
	finding := {
		"fact": config.id,
		"path": ["object", "data", "allow-snippet-annotations"],
		"message": sprintf("%s lets Ingresses write the controller's configuration", [kubernetes.named(config)]),
	}
}

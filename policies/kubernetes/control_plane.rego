# METADATA
# title: etcd, controllers and kubelets
package keystrel.kubernetes.control_plane

import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.static_pod

# METADATA
# title: etcd lets in whoever has no certificate
# description: >-
#   etcd holds everything, and knows no rights: whoever reaches it has the cluster.
# related_resources:
# - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   id: k8s-etcd-tls
#   severity: critical
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--cert-file`, `--key-file`, `--trusted-ca-file` and `--client-cert-auth=true`, the same with `peer-`, and
#     take `--auto-tls` and `--peer-auto-tls` out.
#   frameworks:
#     cis: [kubernetes/2.1, kubernetes/2.2, kubernetes/2.3, kubernetes/2.4, kubernetes/2.5, kubernetes/2.6]
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
k8s_etcd_tls contains finding if {
	some etcd in static_pod.of("etcd")
	missing := [flag |
		some flag in [
			"cert-file", "key-file", "trusted-ca-file", "client-cert-auth", "peer-cert-file", "peer-key-file",
			"peer-trusted-ca-file", "peer-client-cert-auth",
		]
		static_pod.lacks(etcd, flag)
	]
	count(missing) > 0
	finding := static_pod.found(etcd, [], sprintf("%s has no %s", [static_pod.named(etcd), static_pod.shown(missing)]))
}

k8s_etcd_tls contains finding if {
	some etcd in static_pod.of("etcd")
	some flag in ["client-cert-auth", "peer-client-cert-auth"]
	static_pod.value(etcd, flag) != "true"
	message := sprintf("%s asks for no certificate: --%s is not true", [static_pod.named(etcd), flag])
	finding := static_pod.found(etcd, [flag], message)
}

k8s_etcd_tls contains finding if {
	some etcd in static_pod.of("etcd")
	some flag in ["auto-tls", "peer-auto-tls"]
	static_pod.value(etcd, flag) == "true"
	message := sprintf("%s makes certificates that nobody can check: --%s", [static_pod.named(etcd), flag])
	finding := static_pod.found(etcd, [flag], message)
}

k8s_etcd_tls contains finding if {
	some etcd in static_pod.of("etcd")
	some address in static_pod.names(etcd, "listen-client-urls")
	startswith(address, "http://")
	not regex.match(`^http://(127\.0\.0\.1|localhost|\[::1\])[:/]`, address)
	finding := static_pod.found(etcd, ["listen-client-urls"], sprintf("%s listens at %s", [static_pod.named(etcd), address]))
}

k8s_etcd_tls contains finding if {
	some server in static_pod.of("etcd")
	static_pod.hides(server, {"cert-file", "key-file", "client-cert-auth", "peer-cert-file", "peer-key-file", "peer-client-cert-auth"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_etcd_tls contains finding if {
	some cluster in static_pod.without("etcd")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("etcd")}
}

# METADATA
# title: All controllers act as one
# description: >-
#   With one login for all of them each has the rights of all: every Secret among them.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   id: k8s-cm-sa-credentials
#   severity: medium
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--use-service-account-credentials=true` in its manifest
#     (`/etc/kubernetes/manifests/kube-controller-manager.yaml`).
#   frameworks:
#     cis: [kubernetes/1.3.3]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_cm_sa_credentials contains finding if {
	some manager in static_pod.of("kube-controller-manager")
	static_pod.value_or(manager, "use-service-account-credentials", "false") != "true"
	message := sprintf("%s runs its controllers with one login", [static_pod.named(manager)])
	finding := static_pod.found(manager, ["use-service-account-credentials"], message)
}

k8s_cm_sa_credentials contains finding if {
	some server in static_pod.of("kube-controller-manager")
	static_pod.hides(server, {"use-service-account-credentials"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_cm_sa_credentials contains finding if {
	some cluster in static_pod.without("kube-controller-manager")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-controller-manager")}
}

# METADATA
# title: Kubelets answer anybody
# description: >-
#   The read-only port and anonymous requests show the specifications of all pods of a node, with their environment;
#   where everything is allowed they run commands in them.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
# custom:
#   id: k8s-kubelet-readonly
#   severity: medium
#   subject: k8s_kubelet_config
#   needs: [k8s_kubelet_config]
#   remediation: >-
#     Set `readOnlyPort: 0`, `authentication.anonymous.enabled: false` and `authorization.mode: Webhook` in the
#     configuration of kubelets, and start them again.
#   frameworks:
#     cis: [kubernetes/4.2.1, kubernetes/4.2.4]
#     nist_800_53: [AC-14, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.8.5, A.8.9]
#     csa_ccm_4: [IAM-16, IVS-04]
#     owasp_secrets: ["6.3"]
k8s_kubelet_readonly contains finding if {
	some config in facts.of("k8s_kubelet_config")
	port := object.get(config, "readOnlyPort", null)
	is_number(port)
	port != 0
	finding := {
		"fact": config.id,
		"path": ["readOnlyPort"],
		"message": sprintf("kubelets listen on the read-only port %v", [port]),
	}
}

k8s_kubelet_readonly contains finding if {
	some config in facts.of("k8s_kubelet_config")
	config.authentication.anonymous.enabled == true
	finding := {
		"fact": config.id,
		"path": ["authentication", "anonymous", "enabled"],
		"message": "kubelets answer anonymous requests",
	}
}

k8s_kubelet_readonly contains finding if {
	some config in facts.of("k8s_kubelet_config")
	config.authorization.mode == "AlwaysAllow"
	finding := {
		"fact": config.id,
		"path": ["authorization", "mode"],
		"severity": "high",
		"message": "kubelets allow everything to whoever is logged in",
	}
}

# METADATA
# title: The API server takes anonymous requests
# description: >-
#   Only roles stand between anybody who reaches it and the cluster: one binding for `system:anonymous` opens it.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
# custom:
#   id: k8s-apiserver-anonymous
#   severity: medium
#   subject: k8s_cluster
#   needs: [k8s_cluster]
#   remediation: >-
#     Set `--anonymous-auth=false`, or, since 1.34, allow it for paths of health checks alone: `anonymous: {enabled:
#     true, conditions: [{path: /livez}]}` in the file of `--authentication-config`.
#   frameworks:
#     cis: [kubernetes/1.2.1]
#     nist_800_53: [AC-14, IA-2]
#     pci_dss_4: ["8.3.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.12"]
k8s_apiserver_anonymous contains finding if {
	some cluster in facts.of("k8s_cluster")
	cluster.anonymous == "authenticated"
	finding := {
		"fact": cluster.id,
		"message": "the API server takes anonymous requests, and only roles refuse them",
	}
}

k8s_apiserver_anonymous contains finding if {
	some cluster in facts.of("k8s_cluster")
	cluster.anonymous == "allowed"
	finding := {
		"fact": cluster.id,
		"severity": "critical",
		"message": "the API server shows anybody its namespaces",
	}
}

k8s_apiserver_anonymous contains finding if {
	some cluster in facts.of("k8s_cluster")
	not object.get(cluster, "anonymous", null) in {"authenticated", "allowed", "refused"}
	finding := {"fact": cluster.id, "unknown": "it did not answer requests without credentials"}
}

# METADATA
# title: Secrets live in the cluster alone
# description: >-
#   Without a store outside nothing rotates them, and each cluster has copies of its own, which backups and everybody
#   with `list` have as well.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/#configure-access-to-external-secrets
# custom:
#   id: k8s-external-store-none
#   severity: info
#   subject: k8s_cluster
#   needs: [k8s_cluster, k8s_object]
#   threshold: [external-secrets.io, secrets-store.csi.x-k8s.io, secrets.hashicorp.com, secrets.doppler.com, secrets.infisical.com, onepassword.com, akeyless.io, generators.external-secrets.io]
#   remediation: >-
#     Install External Secrets Operator, the Secrets Store CSI driver, or the operator of your store. The threshold
#     lists API groups of such operators.
#   frameworks:
#     cis: [kubernetes/5.4.2]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.2"]
k8s_external_store_none contains finding if {
	live.complete({"mutatingwebhookconfigurations"})
	some cluster in facts.of("k8s_cluster")
	is_array(cluster.api_groups)
	not has_operator(cluster)
	not has_injector
	finding := {"fact": cluster.id, "message": "no operator of an outside secret store is installed"}
}

k8s_external_store_none contains finding if {
	some cluster in facts.of("k8s_cluster")
	not is_array(cluster.api_groups)
	finding := {"fact": cluster.id, "unknown": "the API groups that it serves could not be read"}
}

k8s_external_store_none contains finding if {
	not live.complete({"mutatingwebhookconfigurations"})
	some cluster in facts.of("k8s_cluster")
	not has_operator(cluster)
	finding := {"fact": cluster.id, "unknown": "whether Vault's injector is installed could not be read"}
}

has_operator(cluster) if {
	some group in kubernetes.list(cluster, "api_groups")
	group in data.params["k8s-external-store-none"].threshold
}

# Vault's injector is a webhook without kinds of its own.
has_injector if {
	some webhook in kubernetes.objects("MutatingWebhookConfiguration")
	some hook in kubernetes.list(webhook.object, "webhooks")
	is_object(hook)
	contains(object.get(hook, "name", ""), "vault")
}

# METADATA
# title: Backups of the cluster are not encrypted with a key of yours
# description: >-
#   Backups of Velero hold all objects, Secrets too, as the API gives them: what is encrypted in etcd is not in the
#   bucket. Storage that encrypts by itself shows them to everybody who may read the bucket.
# related_resources:
# - ref: https://velero.io/docs/main/api-types/backupstoragelocation/
# custom:
#   id: k8s-etcd-backup-plain
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [BackupStorageLocation]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `config.kmsKeyId` (AWS) or `config.kmsKeyName` (Google Cloud) of the BackupStorageLocation, and let few
#     decrypt with that key.
#   frameworks:
#     nist_800_53: [CP-9(8), SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [BCR-08, CEK-03]
#     owasp_secrets: ["2.9", "7"]
k8s_etcd_backup_plain contains finding if {
	some place in live.objects("BackupStorageLocation")
	provider := kubernetes.field(place, ["spec", "provider"], "")
	is_string(provider)
	settings := key_settings[trim_prefix(lower(provider), "velero.io/")]
	every setting in settings {
		kubernetes.field(place, ["spec", "config", setting], "") == ""
	}
	finding := {
		"fact": place.id,
		"message": sprintf("%s names no key that encrypts its backups", [kubernetes.named(place)]),
	}
}

key_settings := {
	"aws": {"kmsKeyId", "customerKeyEncryptionFile", "customerKeyEncryptionSecret"},
	"gcp": {"kmsKeyName"},
}

# METADATA
# title: Pods use private images that others have pulled
# description: >-
#   An image that is on a node is started for any pod that names it, with what is in it, also without the pull secret.
#   Since 1.35 kubelets check that unless their configuration says otherwise.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages
# - ref: https://kubernetes.io/docs/concepts/containers/images/#ensureimagepullcredentialverification
# custom:
#   id: k8s-apiserver-always-pull
#   severity: low
#   subject: k8s_cluster
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_object, k8s_kubelet_config]
#   remediation: >-
#     Add `AlwaysPullImages` to `--enable-admission-plugins` in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`), or have kubelets check with the feature gate
#     `KubeletEnsureSecretPulledImages`.
#   frameworks:
#     cis: [kubernetes/1.2.11]
#     nist_800_53: [AC-3]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_apiserver_always_pull contains finding if {
	some server in static_pod.of("kube-apiserver")
	not kubelets_check
	server.complete == true
	not "AlwaysPullImages" in static_pod.names(server, "enable-admission-plugins")
	message := sprintf("%s runs without AlwaysPullImages, and kubelets do not check who pulled an image", [static_pod.named(server)])
	finding := static_pod.found(server, ["enable-admission-plugins"], message)
}

k8s_apiserver_always_pull contains finding if {
	some server in static_pod.of("kube-apiserver")
	not kubelets_check
	not "AlwaysPullImages" in static_pod.names(server, "enable-admission-plugins")
	server.complete != true
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_always_pull contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	not kubelets_check
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

kubelets_check if {
	some cluster in facts.of("k8s_cluster")
	is_string(cluster.version)
	[major, minor] := array.slice(split(trim_prefix(cluster.version, "v"), "."), 0, 2)
	major == "1"
	regex.match(`^[0-9]{1,4}$`, minor)
	to_number(minor) >= 35
	not kubelets_refuse
}

kubelets_check if {
	some config in facts.of("k8s_kubelet_config")
	config.featureGates.KubeletEnsureSecretPulledImages == true
	not kubelets_refuse
}

kubelets_refuse if {
	some config in facts.of("k8s_kubelet_config")
	config.featureGates.KubeletEnsureSecretPulledImages == false
}

kubelets_refuse if {
	some config in facts.of("k8s_kubelet_config")
	config.imagePullCredentialsVerificationPolicy == "NeverVerify"
}

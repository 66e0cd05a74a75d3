# METADATA
# title: Encryption of Secrets in etcd
package keystrel.kubernetes.encryption

import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.static_pod

# METADATA
# title: Secrets are stored in clear
# description: >-
#   Whoever has the disk of etcd, a snapshot or a backup of it, has every Secret of the cluster.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
# custom:
#   id: k8s-etcd-encryption
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Write an EncryptionConfiguration with a KMS, set `--encryption-provider-config` in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`), and have all Secrets written again: `kubectl get secrets -A
#     -o json | kubectl replace -f -`.
#   frameworks:
#     cis: [kubernetes/1.2.27]
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
k8s_etcd_encryption contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.lacks(server, "encryption-provider-config")
	message := sprintf("%s stores Secrets in clear: it has no --encryption-provider-config", [static_pod.named(server)])
	finding := static_pod.found(server, ["encryption-provider-config"], message)
}

k8s_etcd_encryption contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"encryption-provider-config"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_etcd_encryption contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: Secrets are written in clear, or with a weak cipher
# description: >-
#   The first provider encrypts what is written. `identity` encrypts nothing; `aesgcm` is safe only while its key is
#   changed every 200,000 writes.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
# custom:
#   id: k8s-etcd-encryption-provider
#   severity: high
#   subject: k8s_encryption_config
#   needs: [k8s_encryption_config]
#   threshold: [kms, secretbox, aescbc]
#   remediation: >-
#     Put a KMS first under `providers` of `secrets`, start the API servers again, and have all Secrets written again.
#     The threshold lists providers that are good enough; with `[kms]` keys must not lie beside the API server.
#   frameworks:
#     cis: [kubernetes/1.2.28]
#     nist_800_53: [SC-13, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
k8s_etcd_encryption_provider contains finding if {
	some config in facts.of("k8s_encryption_config")
	not covering(config)
	finding := {"fact": config.id, "message": "the configuration does not encrypt Secrets"}
}

k8s_etcd_encryption_provider contains finding if {
	some config in facts.of("k8s_encryption_config")
	first := object.get(providers_of(covering(config))[0], "provider", "")
	not first in data.params["k8s-etcd-encryption-provider"].threshold
	finding := {
		"fact": config.id,
		"path": array.concat(place_of(config), ["providers", 0]),
		"severity": severity[first],
		"message": sprintf("Secrets are written by provider %s", [first]),
	}
}

k8s_etcd_encryption_provider contains finding if {
	some config in facts.of("k8s_encryption_config")
	count(providers_of(covering(config))) == 0
	finding := {"fact": config.id, "path": place_of(config), "message": "no provider encrypts Secrets"}
}

severity[name] := "high" if some name in {"identity", ""}

severity[name] := "medium" if some name in {"aesgcm", "aescbc", "secretbox", "kms"}

# METADATA
# title: Secrets are encrypted by version 1 of the KMS interface
# description: >-
#   It is out of use since 1.28 and off since 1.29: each object needs a call of the KMS, and keys rotate only when the
#   API server starts again.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/
# custom:
#   id: k8s-etcd-encryption-kms-v1
#   severity: medium
#   subject: k8s_encryption_config
#   needs: [k8s_encryption_config]
#   remediation: >-
#     Add the provider once more with `apiVersion: v2`, put it first, have all Secrets written again, and take version
#     1 out.
#   frameworks:
#     nist_800_53: [SC-28(1)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
k8s_etcd_encryption_kms_v1 contains finding if {
	some config in facts.of("k8s_encryption_config")
	some at, entry in kubernetes.list(config, "resources")
	some index, provider in providers_of(entry)
	provider.provider == "kms"
	object.get(provider, "apiVersion", "v1") in {"v1", null}
	finding := {
		"fact": config.id,
		"path": ["resources", at, "providers", index],
		"message": sprintf(
			"KMS provider %v has version 1 of the interface",
			[object.get(provider, "name", "without a name")],
		),
	}
}

# METADATA
# title: Secrets may still be stored in clear
# description: >-
#   What was written before encryption was switched on stays as it was. While `identity` is among the providers such
#   Secrets are read without a word; without it they would fail.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
# - ref: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/storage-version-migration/
# custom:
#   id: k8s-etcd-not-migrated
#   severity: medium
#   subject: k8s_encryption_config
#   needs: [k8s_encryption_config, k8s_object]
#   remediation: >-
#     Have all Secrets written again (a StorageVersionMigration of `secrets`, or `kubectl get secrets -A -o json |
#     kubectl replace -f -`), then take `identity` out.
#   frameworks:
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
k8s_etcd_not_migrated contains finding if {
	data.keystrel.lib.live.is_cluster
	some config in facts.of("k8s_encryption_config")
	list := providers_of(covering(config))
	object.get(list[0], "provider", "") != "identity"
	some index, provider in list
	index > 0
	provider.provider == "identity"
	not was_migrated
	finding := {
		"fact": config.id,
		"message": "Secrets that were never written again are read in clear: identity is among the providers",
	}
}

was_migrated if {
	some migration in live.objects("StorageVersionMigration")
	kubernetes.field(migration, ["spec", "resource", "resource"], "") == "secrets"
	some condition in kubernetes.list(kubernetes.field(migration, ["status"], {}), "conditions")
	is_object(condition)
	condition.type == "Succeeded"
	condition.status == "True"
}

# METADATA
# title: Secrets are still encrypted with an earlier key of the KMS
# description: >-
#   The API server writes with the current key and reads with those before. What was not written again since the key
#   was rotated cannot be read once the old key is destroyed, and is open to whoever has it.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/
# custom:
#   id: k8s-etcd-kek-rotation
#   severity: medium
#   subject: k8s_envelope_key
#   where: {transformation_type: [from_storage]}
#   needs: [k8s_envelope_key]
#   remediation: >-
#     Have all Secrets written again (a StorageVersionMigration of `secrets`, or `kubectl get secrets -A -o json |
#     kubectl replace -f -`), then retire the old key. How old keys are is told by the audit of their KMS.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
k8s_etcd_kek_rotation contains finding if {
	some key in facts.of("k8s_envelope_key")
	key.transformation_type == "from_storage"
	some current in facts.of("k8s_envelope_key")
	current.transformation_type == "to_storage"
	current.provider_name == key.provider_name
	is_newest(current)
	current.key_id_hash != key.key_id_hash
	finding := {
		"fact": key.id,
		"message": sprintf("provider %s still reads with an earlier key", [key.provider_name]),
	}
}

is_newest(key) if {
	every other in facts.of("k8s_envelope_key") {
		not is_later(other, key)
	}
}

is_later(other, key) if {
	other.transformation_type == "to_storage"
	other.provider_name == key.provider_name
	other.last_timestamp > key.last_timestamp
}

# What a configuration says of Secrets: the first of its entries that covers them, which is the one that counts.
covering(config) := entry if [_, entry] := first_covering(config)

# Where that stands.
place_of(config) := ["resources", at] if [at, _] := first_covering(config)

first_covering(config) := entries[0] if {
	entries := [[at, entry] |
		some at, entry in kubernetes.list(config, "resources")
		is_object(entry)
		some resource in kubernetes.list(entry, "resources")
		resource in {"secrets", "*.", "*.*"}
	]
	count(entries) > 0
}

providers_of(entry) := [provider |
	some provider in kubernetes.list(entry, "providers")
	is_object(provider)
]

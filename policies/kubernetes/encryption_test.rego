package keystrel.kubernetes.encryption_test

import data.keystrel.kubernetes.encryption
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-etcd-encryption-provider": {"threshold": ["kms", "secretbox", "aescbc"]}}

cluster := {"kind": "k8s_cluster", "id": "cluster", "managed": false}

server(flags) := found if {
	pod := fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{
		"image": "kube-apiserver:v1",
		"command": array.concat(["kube-apiserver"], flags),
	}]}})
	found := encryption.k8s_etcd_encryption with input as fixtures.cluster([cluster, pod])
}

test_in_clear if {
	server([]) == {{"fact": "cluster", "message": "a stores Secrets in clear: it has no --encryption-provider-config"}}
	count(server(["--encryption-provider-config=/etc/enc.yaml"])) == 0
	unseen := encryption.k8s_etcd_encryption with input as fixtures.cluster([cluster])
	fixtures.unknown(unseen) == {"cluster"}
	shell := fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{"image": "kube-apiserver:v1", "command": ["sh"]}]}})
	hidden := encryption.k8s_etcd_encryption with input as fixtures.cluster([cluster, shell])
	fixtures.unknown(hidden) == {"cluster"}
}

config(resources, given) := {"kind": "k8s_encryption_config", "id": "enc.yaml", "resources": [{"resources": resources, "providers": given}]}

provider(name) := {"provider": name, "keys": [], "apiVersion": null, "name": null, "endpoint": null}

provided(fact) := found if {
	found := encryption.k8s_etcd_encryption_provider with input as fixtures.cluster([fact]) with data.params as params
}

test_identity_comes_first if {
	provided(config(["secrets"], [provider("identity"), provider("aescbc")])) == {{
		"fact": "enc.yaml", "path": ["resources", 0, "providers", 0], "severity": "high",
		"message": "Secrets are written by provider identity",
	}}
}

test_weak_ciphers if {
	provided(config(["*.*"], [provider("aesgcm")])) == {{
		"fact": "enc.yaml", "path": ["resources", 0, "providers", 0], "severity": "medium",
		"message": "Secrets are written by provider aesgcm",
	}}
	every name in ["kms", "secretbox", "aescbc"] {
		count(provided(config(["secrets"], [provider(name), provider("identity")]))) == 0
	}
}

test_others_are_encrypted if {
	provided(config(["configmaps"], [provider("kms")])) == {{"fact": "enc.yaml", "message": "the configuration does not encrypt Secrets"}}
	provided(config(["secrets"], [])) == {{"fact": "enc.yaml", "path": ["resources", 0], "message": "no provider encrypts Secrets"}}
	count(provided({"kind": "k8s_encryption_config", "id": "enc.yaml", "resources": []})) == 1
}

# The first entry that covers them counts.
test_two_entries if {
	both := {"kind": "k8s_encryption_config", "id": "enc.yaml", "resources": [
		{"resources": ["secrets"], "providers": [provider("kms")]},
		{"resources": ["*."], "providers": [provider("identity")]},
	]}
	count(provided(both)) == 0
}

versions(version) := found if {
	kms := object.union(provider("kms"), {"apiVersion": version, "name": "vault"})
	found := encryption.k8s_etcd_encryption_kms_v1 with input as fixtures.cluster([config(["secrets"], [kms, provider("identity")])])
}

test_versions_of_the_kms if {
	every version in ["v1", null] {
		versions(version) == {{"fact": "enc.yaml", "path": ["resources", 0, "providers", 0], "message": "KMS provider vault has version 1 of the interface"}}
	}
	count(versions("v2")) == 0
}

migrated(facts) := found if {
	found := encryption.k8s_etcd_not_migrated with input as fixtures.cluster(facts)
}

migration(status) := fixtures.resource("StorageVersionMigration", null, "m", {
	"spec": {"resource": {"group": "", "resource": "secrets"}},
	"status": {"conditions": [{"type": "Succeeded", "status": status}]},
})

test_not_migrated if {
	half := config(["secrets"], [provider("kms"), provider("identity")])
	migrated([half]) == {{"fact": "enc.yaml", "message": "Secrets that were never written again are read in clear: identity is among the providers"}}
	count(migrated([half, migration("False")])) == 1
	count(migrated([half, migration("True")])) == 0
	count(migrated([config(["secrets"], [provider("kms")])])) == 0
	count(migrated([config(["secrets"], [provider("identity"), provider("kms")])])) == 0
}

key(transformation, hash, at) := {
	"kind": "k8s_envelope_key", "id": sprintf("metrics/kms/%s/%s", [hash, transformation]), "provider_name": "kms",
	"transformation_type": transformation, "key_id_hash": hash, "last_timestamp": at,
}

rotated(facts) := found if {
	found := encryption.k8s_etcd_kek_rotation with input as fixtures.cluster(facts)
}

test_earlier_keys if {
	new := key("to_storage", "new", "2026-11-29T00:00:00Z")
	old := key("from_storage", "old", "2026-11-29T12:00:00Z")
	rotated([new, old]) == {{"fact": "metrics/kms/old/from_storage", "message": "provider kms still reads with an earlier key"}}
	count(rotated([new, key("from_storage", "new", "2026-11-29T12:00:00Z")])) == 0
	before := key("to_storage", "old", "2026-11-01T00:00:00Z")
	count(rotated([new, before, key("from_storage", "new", "2026-11-29T12:00:00Z")])) == 0
	count(rotated([old])) == 0
}

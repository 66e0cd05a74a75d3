package keystrel.kubernetes.secret_care_test

import data.keystrel.kubernetes.secret_care
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {
	"k8s-secret-age": {"threshold": 90},
	"k8s-secret-unused": {"threshold": 30},
	"k8s-secret-owner": {"threshold": ["owner", "team"]},
}

old := fixtures.secret("shop", "old", "Opaque", "2026-01-01")

fresh := fixtures.secret("shop", "fresh", "Opaque", "2026-11-01")

# A Secret with other metadata.
with_metadata(secret, metadata) := object.union(secret, {"object": {"metadata": metadata}})

test_age_is_found if {
	found := secret_care.k8s_secret_age with input as fixtures.cluster([old, fresh]) with data.params as params
	found == {{"fact": "Secret/shop/old", "message": "Secret old was last written 333 days ago, of at most 90"}}
}

test_age_at_the_threshold_is_fine if {
	edge := fixtures.secret("shop", "edge", "Opaque", "2026-09-01")
	found := secret_care.k8s_secret_age with input as fixtures.cluster([edge]) with data.params as params
	count(found) == 0
	over := fixtures.secret("shop", "over", "Opaque", "2026-08-31")
	more := secret_care.k8s_secret_age with input as fixtures.cluster([over]) with data.params as params
	count(more) == 1
}

# Old in itself, written since.
test_age_counts_from_the_last_write if {
	entries := [
		{"time": "2026-11-20T00:00:00Z", "fields": ["data"]},
		{"time": "2026-01-01T00:00:00Z", "fields": ["data"]},
		{"time": "2026-11-29T00:00:00Z", "fields": ["metadata"]},
	]
	written := with_metadata(old, {"managedFields": entries})
	found := secret_care.k8s_secret_age with input as fixtures.cluster([written]) with data.params as params
	count(found) == 0
	labelled := with_metadata(old, {"managedFields": [{"time": "2026-11-29T00:00:00Z", "fields": ["metadata"]}]})
	more := secret_care.k8s_secret_age with input as fixtures.cluster([labelled]) with data.params as params
	count(more) == 1
}

test_age_of_files_and_others_is_none if {
	nothing := secret_care.k8s_secret_age with input as fixtures.files([old]) with data.params as params
	count(nothing) == 0
	others := [
		fixtures.secret("kube-system", "old", "Opaque", "2026-01-01"), fixtures.secret("shop", "tls", "kubernetes.io/tls", "2026-01-01"),
		fixtures.secret("shop", "token", "kubernetes.io/service-account-token", "2026-01-01"),
	]
	none := secret_care.k8s_secret_age with input as fixtures.cluster(others) with data.params as params
	count(none) == 0
}

test_age_without_times_is_unknown if {
	bare := fixtures.resource("Secret", "shop", "bare", {"metadata": {}, "type": "Opaque"})
	found := secret_care.k8s_secret_age with input as fixtures.cluster([bare]) with data.params as params
	fixtures.unknown(found) == {"Secret/shop/bare"}
	fixtures.found(found) == set()
}

test_unused_is_found if {
	found := secret_care.k8s_secret_unused with input as fixtures.cluster([old, fresh]) with data.params as params
	found == {{"fact": "Secret/shop/old", "message": "nothing refers to Secret old, which is 333 days old"}}
}

test_used_is_fine if {
	every user in [
		fixtures.deployment("shop", "web", fixtures.mounts({"secretName": "old"})),
		fixtures.resource("ServiceAccount", "shop", "app", {"imagePullSecrets": [{"name": "old"}]}),
		fixtures.resource("Ingress", "shop", "web", {"spec": {"tls": [{"secretName": "old"}]}}),
		fixtures.resource("Ingress", "web", "web", {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-secret": "shop/old"}}, "spec": {}}),
		fixtures.resource("Ingress", "shop", "web", {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-secret": "old"}}, "spec": {}}),
		fixtures.resource("Role", "shop", "reads", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["old"], "verbs": ["get"]}]}),
		fixtures.resource("ClusterRole", null, "reads", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["old"], "verbs": ["get"]}]}),
		fixtures.resource("SecretStore", "shop", "own", {"spec": {"provider": {"vault": {"auth": {"tokenSecretRef": {"name": "old", "key": "token"}}}}}}),
	] {
		found := secret_care.k8s_secret_unused with input as fixtures.cluster([old, user]) with data.params as params
		count(found) == 0
	}
}

test_used_elsewhere_is_unused if {
	every user in [
		fixtures.deployment("web", "web", fixtures.mounts({"secretName": "old"})),
		fixtures.resource("Role", "shop", "reads", {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["old"], "verbs": ["get"]}]}),
		fixtures.resource("ConfigMap", "shop", "c", {"spec": {"name": "old"}}),
	] {
		found := secret_care.k8s_secret_unused with input as fixtures.cluster([old, user]) with data.params as params
		count(found) == 1
	}
}

test_unused_of_owned_and_sealing_keys_is_none if {
	owned := with_metadata(old, {"ownerReferences": [{"kind": "ExternalSecret", "name": "e"}]})
	sealing := with_metadata(old, {"labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"}})
	found := secret_care.k8s_secret_unused with input as fixtures.cluster([owned, sealing]) with data.params as params
	count(found) == 0
}

test_unused_with_a_gap_is_unknown if {
	found := secret_care.k8s_secret_unused with input as fixtures.without([old], "pods") with data.params as params
	fixtures.unknown(found) == {"Secret/shop/old"}
	fixtures.found(found) == set()
}

test_default_namespace if {
	inside := fixtures.secret("default", "a", "Opaque", "2026-11-01")
	helm := fixtures.secret("default", "h", "helm.sh/release.v1", "2026-11-01")
	found := secret_care.k8s_secret_default_namespace with input as fixtures.cluster([inside, helm, fresh])
	fixtures.found(found) == {"Secret/default/a"}
	none := secret_care.k8s_secret_default_namespace with input as fixtures.files([inside])
	count(none) == 0
}

test_owner if {
	nobody := with_metadata(fresh, {"labels": {"owner": null}})
	empty := with_metadata(fresh, {"labels": {"owner": ""}})
	found := secret_care.k8s_secret_owner with input as fixtures.cluster([nobody]) with data.params as params
	fixtures.found(found) == {"Secret/shop/fresh"}
	more := secret_care.k8s_secret_owner with input as fixtures.cluster([empty]) with data.params as params
	count(more) == 1
}

test_owner_is_named if {
	nobody := with_metadata(fresh, {"labels": {"owner": null}})
	every named in [
		fresh,
		with_metadata(nobody, {"annotations": {"team": "shop"}}),
		with_metadata(nobody, {"ownerReferences": [{"kind": "Certificate", "name": "c"}]}),
	] {
		found := secret_care.k8s_secret_owner with input as fixtures.cluster([named]) with data.params as params
		count(found) == 0
	}
}

hashed := fixtures.secret("shop", sprintf("settings-%s", ["5d4f8c7b9d"]), "Opaque", "2026-11-01")

test_immutable if {
	found := secret_care.k8s_secret_immutable with input as fixtures.cluster([hashed, fresh])
	fixtures.found(found) == {"Secret/shop/settings-5d4f8c7b9d"}
	fixed := with_metadata(hashed, {"managedFields": [{"time": fixtures.now, "fields": ["data", "immutable"]}]})
	none := secret_care.k8s_secret_immutable with input as fixtures.cluster([fixed])
	count(none) == 0
}

test_immutable_without_managed_fields_is_unknown if {
	bare := with_metadata(hashed, {"managedFields": []})
	found := secret_care.k8s_secret_immutable with input as fixtures.cluster([bare])
	fixtures.unknown(found) == {"Secret/shop/settings-5d4f8c7b9d"}
	fixtures.found(found) == set()
}

test_unused_in_some_namespaces_is_unknown if {
	some_namespaces := {"kind": "k8s_cluster", "id": "cluster", "namespaces": ["shop"]}
	found := secret_care.k8s_secret_unused with input as fixtures.cluster([some_namespaces, old]) with data.params as params
	fixtures.unknown(found) == {"Secret/shop/old"}
	fixtures.found(found) == set()
}

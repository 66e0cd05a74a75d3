package keystrel.kubernetes.secret_references_test

import data.keystrel.kubernetes.secret_references
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-pod-imagepull-secret-missing": {"threshold": ["private.example/"]}}

database := fixtures.secret("shop", "database", "Opaque", "2026-11-01")

web(source) := fixtures.deployment("shop", "web", fixtures.mounts(source))

env(variable) := fixtures.deployment("shop", "web", {"containers": [{"name": "a", "env": [variable]}]})

missing(facts) := found if {
	found := secret_references.k8s_secret_missing_ref with input as fixtures.cluster(facts)
}

test_missing_secret if {
	missing([database, web({"secretName": "gone"})]) == {{
		"fact": "Deployment/shop/web",
		"message": "Deployment web refers to Secret gone, which does not exist",
	}}
	count(missing([database, fixtures.deployment("web", "web", fixtures.mounts({"secretName": "database"}))])) == 1
	count(missing([env({"name": "A", "valueFrom": {"secretKeyRef": {"name": "gone", "key": "a"}}})])) == 1
	whole := fixtures.deployment("shop", "web", {"containers": [{"name": "a", "envFrom": [{"secretRef": {"name": "gone"}}]}]})
	count(missing([whole])) == 1
	projected := fixtures.deployment("shop", "web", {"volumes": [{"name": "p", "projected": {"sources": [{"secret": {"name": "gone"}}]}}]})
	count(missing([projected])) == 1
	driver := fixtures.deployment("shop", "web", {"volumes": [{"name": "c", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "gone"}}}]})
	count(missing([driver])) == 1
	files := fixtures.deployment("shop", "web", {"volumes": [{"name": "c", "azureFile": {"secretName": "gone"}}]})
	count(missing([files])) == 1
}

test_missing_key if {
	missing([database, web({"secretName": "database", "items": [{"key": "pasword", "path": "p"}]})]) == {{
		"fact": "Deployment/shop/web",
		"message": "Deployment web refers to key pasword of Secret database, which has no such key",
	}}
	count(missing([database, env({"name": "A", "valueFrom": {"secretKeyRef": {"name": "database", "key": "a"}}})])) == 1
}

test_missing_key_of_unknown_keys_is_fine if {
	nameless := object.union(database, {"object": {"keys": null}})
	count(missing([nameless, web({"secretName": "database", "items": [{"key": "pasword", "path": "p"}]})])) == 0
}

test_missing_ingress if {
	ingress := fixtures.resource("Ingress", "shop", "web", {"spec": {"tls": [{"secretName": "gone"}, {"hosts": ["a"]}, {"secretName": "database"}]}})
	missing([database, ingress]) == {{"fact": "Ingress/shop/web", "message": "Ingress web refers to Secret gone, which does not exist"}}
}

test_nothing_is_missing if {
	count(missing([database, web({"secretName": "database"})])) == 0
	count(missing([database, web({"secretName": "database", "items": [{"key": "password", "path": "p"}]})])) == 0
	count(missing([web({"secretName": "gone", "optional": true})])) == 0
	count(missing([fixtures.deployment("shop", "web", {"imagePullSecrets": [{"name": "gone"}]})])) == 0
	found := secret_references.k8s_secret_missing_ref with input as fixtures.files([web({"secretName": "gone"})])
	count(found) == 0
}

test_missing_with_a_gap_is_unknown if {
	found := secret_references.k8s_secret_missing_ref with input as fixtures.without([web({"secretName": "gone"})], "secrets")
	fixtures.unknown(found) == {"Deployment/shop/web"}
	fixtures.found(found) == set()
	ingress := fixtures.resource("Ingress", "shop", "web", {"spec": {"tls": [{"secretName": "gone"}]}})
	plain := fixtures.resource("Ingress", "shop", "plain", {"spec": {}})
	bare := fixtures.deployment("shop", "bare", {"containers": []})
	others := secret_references.k8s_secret_missing_ref with input as fixtures.without([ingress, plain, bare], "secrets")
	fixtures.unknown(others) == {"Ingress/shop/web"}
}

test_optional if {
	found := secret_references.k8s_secret_optional_swallow with input as fixtures.files([web({"secretName": "perhaps", "optional": true})])
	at := ["object", "spec", "template", "spec"]
	found == {{
		"fact": "Deployment/shop/web",
		"path": array.concat(at, ["volumes", 0, "secret", "optional"]),
		"message": "Deployment web starts without Secret perhaps if it is missing",
	}}
	none := secret_references.k8s_secret_optional_swallow with input as fixtures.files([web({"secretName": "must"})])
	count(none) == 0
	pull := fixtures.deployment("shop", "web", {"imagePullSecrets": [{"name": "p"}]})
	nothing := secret_references.k8s_secret_optional_swallow with input as fixtures.files([pull])
	count(nothing) == 0
}

test_optional_everywhere if {
	container := {
		"name": "a",
		"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "a", "key": "k", "optional": true}}}, {"name": "B", "value": "b"}],
		"envFrom": [{"secretRef": {"name": "b", "optional": true}}, {"configMapRef": {"name": "c", "optional": true}}],
	}
	volume := {"name": "p", "projected": {"sources": [{"configMap": {}}, {"secret": {"name": "d", "optional": true}}]}}
	pods := fixtures.deployment("shop", "web", {"containers": [container], "volumes": [volume]})
	found := secret_references.k8s_secret_optional_swallow with input as fixtures.files([pods])
	at := ["object", "spec", "template", "spec"]
	{finding.path | some finding in found} == {
		array.concat(at, ["containers", 0, "env", 0, "valueFrom", "secretKeyRef", "optional"]),
		array.concat(at, ["containers", 0, "envFrom", 0, "secretRef", "optional"]),
		array.concat(at, ["volumes", 0, "projected", "sources", 1, "secret", "optional"]),
	}
}

all_keys(facts) := found if {
	found := secret_references.k8s_pod_all_secrets with input as fixtures.cluster(facts)
}

test_all_keys if {
	all_keys([database, web({"secretName": "database"})]) == {{
		"fact": "Deployment/shop/web",
		"message": "Deployment web mounts all 2 keys of Secret database",
	}}
}

test_all_keys_is_fine if {
	count(all_keys([database, web({"secretName": "database", "items": [{"key": "password", "path": "p"}]})])) == 0
	single := object.union(database, {"object": {"data_count": 1}})
	count(all_keys([single, web({"secretName": "database"})])) == 0
	pair := fixtures.secret("shop", "tls", "kubernetes.io/tls", "2026-11-01")
	count(all_keys([pair, web({"secretName": "tls"})])) == 0
	count(all_keys([web({"secretName": "database"})])) == 0
}

pod(started) := {
	"kind": "k8s_pod", "id": "Pod/shop/web-1#running", "namespace": "shop", "name": "web-1", "phase": "Running", "pull_secrets": [],
	"containers": [{"name": "web", "image": "public.example/web:1", "startedAt": started, "waiting": null, "fixed_secrets": ["database"]}],
}

stale(facts) := found if {
	found := secret_references.k8s_pod_stale_secret with input as fixtures.cluster(facts)
}

test_stale_secret if {
	stale([database, pod("2026-10-31T23:59:59Z")]) == {{
		"fact": "Pod/shop/web-1#running",
		"message": "container web runs since before Secret database was written, on 2026-11-01",
	}}
}

test_stale_secret_is_fine if {
	count(stale([database, pod("2026-11-01T00:00:00Z")])) == 0
	count(stale([database, pod(null)])) == 0
	other := fixtures.secret("web", "database", "Opaque", "2026-11-01")
	count(stale([other, pod("2026-10-01T00:00:00Z")])) == 0
}

test_stale_secret_is_unknown if {
	timeless := fixtures.resource("Secret", "shop", "database", {"metadata": {}})
	fixtures.unknown(stale([timeless, pod("2026-10-01T00:00:00Z")])) == {"Pod/shop/web-1#running"}
	found := secret_references.k8s_pod_stale_secret with input as fixtures.without([pod("2026-10-01T00:00:00Z")], "secrets")
	fixtures.unknown(found) == {"Pod/shop/web-1#running"}
}

pulls(facts) := found if {
	found := secret_references.k8s_pod_imagepull_secret_missing with input as fixtures.cluster(facts) with data.params as params
}

private(fields) := object.union_n([
	pod(null),
	{"containers": [{"name": "web", "image": "private.example/web:1", "startedAt": null, "waiting": null, "fixed_secrets": []}]},
	fields,
])

test_no_pull_secret if {
	pulls([private({})]) == {{"fact": "Pod/shop/web-1#running", "message": "pod web-1 has no pull secret for its image of private.example/"}}
	count(pulls([pod(null)])) == 0
	count(pulls([private({"pull_secrets": ["p"]})])) == 0
}

test_an_image_that_does_not_come if {
	waiting := [{"name": "web", "image": "public.example/web:1", "startedAt": null, "waiting": "ImagePullBackOff", "fixed_secrets": []}]
	pulls([private({"containers": waiting})]) == {{
		"fact": "Pod/shop/web-1#running",
		"message": "pod web-1 cannot pull an image and has no pull secret",
	}}
	count(pulls([private({"containers": waiting, "pull_secrets": ["p"]})])) == 0
}

test_all_keys_of_secrets_that_could_not_be_read if {
	found := secret_references.k8s_pod_all_secrets with input as fixtures.without([web({"secretName": "database"})], "secrets")
	found == {{"fact": "Deployment/shop/web", "unknown": "Secret database could not be read"}}
}

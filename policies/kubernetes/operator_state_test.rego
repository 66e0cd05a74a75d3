package keystrel.kubernetes.operator_state_test

import data.keystrel.kubernetes.operator_state
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {
	"k8s-eso-unpinned-version": {"threshold": ["tier=critical"]},
	"k8s-vai-role-shared": {"threshold": 1},
	"k8s-sealedsecrets-key-age": {"threshold": 30},
}

external(spec, status) := fixtures.resource("ExternalSecret", "shop", "e", {"metadata": {"labels": {}}, "spec": spec, "status": status})

ready(status) := {"conditions": [{"type": "Ready", "status": status, "reason": "SecretSyncedError"}]}

failing(facts) := found if {
	found := operator_state.k8s_eso_not_ready with input as fixtures.cluster(facts)
}

test_not_ready if {
	failing([external({}, ready("False"))]) == {{"fact": "ExternalSecret/shop/e", "message": "ExternalSecret e is not ready: SecretSyncedError"}}
	every kind in ["SecretStore", "ClusterSecretStore", "PushSecret", "ClusterExternalSecret"] {
		count(failing([fixtures.resource(kind, null, "s", {"status": ready("Unknown")})])) == 1
		count(failing([fixtures.resource(kind, null, "s", {"status": ready("True")})])) == 0
	}
}

refreshed(at, spec) := [external(spec, object.union(ready("True"), {"refreshTime": at}))]

test_not_refreshed if {
	failing(refreshed("2026-11-29T21:00:00Z", {"refreshInterval": "1h"})) == {{
		"fact": "ExternalSecret/shop/e",
		"message": "ExternalSecret e was last refreshed at 2026-11-29T21:00:00Z, and should be every 1 hour",
	}}
	count(failing(refreshed("2026-11-29T21:00:00Z", {}))) == 1
}

test_refreshed if {
	count(failing(refreshed("2026-11-29T22:00:00Z", {"refreshInterval": "1h"}))) == 0
	count(failing(refreshed("2026-11-01T00:00:00Z", {"refreshInterval": "0"}))) == 0
	count(failing(refreshed("2026-11-01T00:00:00Z", {"refreshInterval": "1h", "refreshPolicy": "CreatedOnce"}))) == 0
	count(failing(refreshed(null, {"refreshInterval": "1h"}))) == 0
	files := operator_state.k8s_eso_not_ready with input as fixtures.files([external({}, ready("False"))])
	count(files) == 0
}

test_without_a_status_it_is_unknown if {
	found := failing([external({}, {})])
	fixtures.unknown(found) == {"ExternalSecret/shop/e"}
	fixtures.found(found) == set()
}

dangling(facts) := found if {
	found := operator_state.k8s_eso_dangling with input as fixtures.cluster(facts)
}

names(reference) := external({"secretStoreRef": reference}, {})

store := fixtures.resource("SecretStore", "shop", "own", {})

shared_store := fixtures.resource("ClusterSecretStore", null, "all", {})

test_dangling if {
	dangling([store, names({"name": "gone"})]) == {{
		"fact": "ExternalSecret/shop/e",
		"message": "ExternalSecret e names SecretStore gone, which does not exist",
	}}
	count(dangling([store, names({"kind": "ClusterSecretStore", "name": "own"})])) == 1
	count(dangling([fixtures.resource("SecretStore", "web", "own", {}), names({"name": "own"})])) == 1
	single := external({"data": [{"sourceRef": {"storeRef": {"name": "gone"}}}]}, {})
	count(dangling([single])) == 1
}

test_not_dangling if {
	count(dangling([store, names({"name": "own"})])) == 0
	count(dangling([shared_store, names({"kind": "ClusterSecretStore", "name": "all"})])) == 0
	count(dangling([external({"dataFrom": [{"sourceRef": {"generatorRef": {"name": "g"}}}]}, {})])) == 0
	unread := operator_state.k8s_eso_dangling with input as fixtures.without([names({"name": "gone"})], "secretstores")
	fixtures.unknown(unread) == {"ExternalSecret/shop/e"}
	fixtures.found(unread) == set()
}

pinned(labels, reference) := found if {
	fact := fixtures.resource("ExternalSecret", "shop", "e", {"metadata": {"labels": labels}, "spec": {"data": [{"remoteRef": reference}]}})
	found := operator_state.k8s_eso_unpinned_version with input as fixtures.files([fact]) with data.params as params
}

test_pinned if {
	pinned({"tier": "critical"}, {"key": "db"}) == {{"fact": "ExternalSecret/shop/e", "message": "ExternalSecret e takes any version of db"}}
	count(pinned({"tier": "critical"}, {"key": "db", "version": "3"})) == 0
	count(pinned({"tier": "low"}, {"key": "db"})) == 0
	count(pinned({}, {"key": "db"})) == 0
}

vault_secret(spec) := fixtures.resource("VaultStaticSecret", "shop", "v", {"spec": object.union({"destination": {"name": "db"}}, spec)})

rollout(facts) := found if {
	found := operator_state.k8s_vso_no_rollout with input as fixtures.files(facts)
}

by_env := fixtures.deployment("shop", "web", {"containers": [{"name": "a", "envFrom": [{"secretRef": {"name": "db"}}]}]})

test_no_rollout if {
	rollout([vault_secret({}), by_env]) == {{
		"fact": "VaultStaticSecret/shop/v",
		"message": "VaultStaticSecret v does not start Deployment web again, which keeps the old value",
	}}
	alone := object.union(fixtures.mounts({"secretName": "db"}), {"containers": [{
		"name": "a",
		"volumeMounts": [{"name": "s", "mountPath": "/run/s", "subPath": "password"}],
	}]})
	count(rollout([vault_secret({}), fixtures.deployment("shop", "web", alone)])) == 1
}

test_rollout if {
	count(rollout([vault_secret({"rolloutRestartTargets": [{"kind": "Deployment", "name": "web"}]}), by_env])) == 0
	count(rollout([vault_secret({})])) == 0
	count(rollout([vault_secret({}), fixtures.deployment("shop", "web", fixtures.mounts({"secretName": "db"}))])) == 0
}

injected(kind, account, metadata) := fixtures.resource(kind, "shop", account, {"spec": {"template": {"metadata": metadata, "spec": {"serviceAccountName": account}}}})

annotated := {"annotations": {"vault.hashicorp.com/agent-inject": "true", "vault.hashicorp.com/role": "shop"}}

roles(facts) := found if {
	found := operator_state.k8s_vai_role_shared with input as fixtures.files(facts) with data.params as params
}

test_a_shared_role if {
	found := roles([injected("Deployment", "a", annotated), injected("StatefulSet", "b", annotated)])
	fixtures.found(found) == {"Deployment/shop/a", "StatefulSet/shop/b"}
	some finding in found
	finding.message == "Deployment a logs in with Vault role shop, as 2 service accounts do: shop/a, shop/b"
}

test_a_role_of_all_kinds if {
	pod := fixtures.resource("Pod", "shop", "p", {"metadata": annotated, "spec": {"serviceAccountName": "p"}})
	template := fixtures.resource("PodTemplate", "shop", "t", {"template": {"metadata": annotated, "spec": {"serviceAccountName": "t"}}})
	cron := fixtures.resource("CronJob", "shop", "c", {"spec": {"jobTemplate": {"spec": {"template": {"metadata": annotated, "spec": {}}}}}})
	count(roles([pod, template, cron])) == 3
}

test_a_role_of_one if {
	count(roles([injected("Deployment", "a", annotated), injected("StatefulSet", "a", annotated)])) == 0
	off := {"annotations": {"vault.hashicorp.com/role": "shop"}}
	roles([injected("Deployment", "a", annotated), injected("StatefulSet", "b", off)]) == {{
		"fact": "StatefulSet/shop/b", "not_applicable": "no agent of Vault logs in for it",
	}}
}

sealing(name, day, state) := fixtures.resource("Secret", "kube-system", name, {"metadata": {
	"creationTimestamp": sprintf("%sT00:00:00Z", [day]),
	"labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": state},
}})

keys(facts) := found if {
	found := operator_state.k8s_sealedsecrets_key_age with input as fixtures.cluster(facts) with data.params as params
}

test_old_keys if {
	keys([sealing("a", "2026-01-01", "active"), sealing("b", "2026-10-01", "active"), sealing("c", "2026-11-01", "compromised")]) == {
		{
			"fact": "Secret/kube-system/b",
			"message": "Secret b is the newest key, and was made 60 days ago, of at most 30",
		},
		{"fact": "Secret/kube-system/c", "not_applicable": "it is no key of Sealed Secrets that is in use"},
	}
	count(keys([sealing("a", "2026-01-01", "active"), sealing("b", "2026-10-31", "active")])) == 0
	count(keys([])) == 0
	files := operator_state.k8s_sealedsecrets_key_age with input as fixtures.files([sealing("a", "2026-01-01", "active")]) with data.params as params
	fixtures.found(files) == set()
}

test_workloads_that_could_not_be_read if {
	started := operator_state.k8s_vso_no_rollout with input as fixtures.without([vault_secret({})], "deployments")
	started == {{"fact": "VaultStaticSecret/shop/v", "unknown": "not all workloads could be read"}}
	set := vault_secret({"rolloutRestartTargets": [{"kind": "Deployment", "name": "web"}]})
	fine := operator_state.k8s_vso_no_rollout with input as fixtures.without([set], "deployments")
	count(fine) == 0
	alone := fixtures.without([injected("Deployment", "a", annotated)], "pods")
	shared := operator_state.k8s_vai_role_shared with input as alone with data.params as params
	shared == {{"fact": "Deployment/shop/a", "unknown": "not all workloads could be read"}}
}

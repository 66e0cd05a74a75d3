package keystrel.lib.secret_refs_test

import data.keystrel.lib.kubernetes
import data.keystrel.lib.kubernetes_fixtures_test as fixtures
import data.keystrel.lib.secret_refs

test_of_pods if {
	spec := {
		"imagePullSecrets": [{"name": "pull"}],
		"initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "whole", "optional": true}}, {"configMapRef": {"name": "c"}}]}],
		"containers": [{
			"name": "a",
			"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}, {"name": "B", "value": "x"}],
			"volumeMounts": [{"name": "v", "subPath": "k"}, {"name": "p"}, {"name": "w", "subPathExpr": "$(A)"}],
		}],
		"volumes": [
			{"name": "v", "secret": {"secretName": "files", "items": [{"key": "k", "path": "p"}]}},
			{"name": "w", "secret": {"secretName": "alone"}},
			{"name": "p", "projected": {"sources": [{"secret": {"name": "part"}}, {"configMap": {"name": "c"}}]}},
			{"name": "r", "rbd": {"secretRef": {"name": "login"}}},
		],
	}
	{[reference.name, reference.by, reference.key, reference.optional] | some reference in secret_refs.of_pods(spec)} == {
		["pull", "pull", null, true], ["whole", "env-from", null, true], ["one", "env", "k", false],
		["files", "volume", "k", false], ["files", "sub-path", null, false], ["alone", "volume", null, false],
		["alone", "sub-path", null, false], ["part", "projected", null, false], ["login", "csi", null, false],
	}
}

# Documents are what people write.
test_of_strange_pods if {
	every strange in [null, "x", 1, true, [], {}, ["x"], [null], [{}], [[]], {"name": 1}, [{"name": 1}], [{"name": {}}]] {
		every spec in [
			{"containers": strange}, {"volumes": strange}, {"imagePullSecrets": strange}, {"containers": [{"env": strange}]},
			{"containers": [{"envFrom": strange}]}, {"containers": [{"volumeMounts": strange}]},
			{"containers": [{"env": [{"valueFrom": strange}]}]}, {"containers": [{"env": [{"valueFrom": {"secretKeyRef": strange}}]}]},
			{"containers": [{"envFrom": [{"secretRef": strange}]}]}, {"volumes": [{"name": "v", "secret": strange}]},
			{"volumes": [{"name": "v", "secret": {"secretName": strange}}]}, {"volumes": [{"name": "v", "projected": strange}]},
			{"volumes": [{"name": "v", "projected": {"sources": strange}}]}, {"volumes": [{"name": "v", "csi": strange}]},
			{"volumes": [{"name": "v", "azureFile": strange}]}, {"volumes": [{"name": strange, "secret": {"items": strange}}]},
		] {
			every reference in secret_refs.of_pods(spec) {
				is_string(reference.name)
			}
		}
	}
}

test_strange_objects if {
	every strange in [null, "x", 1, true, [], ["x"], {"name": 1}] {
		facts := [
			fixtures.resource("Deployment", null, "d", strange), fixtures.resource("Pod", null, "p", {"metadata": strange, "spec": strange}),
			fixtures.resource("ReplicaSet", null, "r", {"metadata": {"ownerReferences": strange}}),
			fixtures.resource("ServiceAccount", null, "s", {"imagePullSecrets": strange}),
			fixtures.resource("Ingress", null, "i", {"metadata": {"annotations": strange}, "spec": {"tls": strange}}),
			fixtures.resource("Role", null, "r", {"rules": strange}), fixtures.resource("SecretStore", null, "s", {"spec": strange}),
		]
		workloads := kubernetes.workloads with input as fixtures.files(facts)
		count(workloads) == 3
		referred := secret_refs.referred with input as fixtures.files(facts)
		count(referred) == 0
	}
}

test_what_operators_name if {
	store := fixtures.resource("SecretStore", "shop", "s", {"spec": {"auth": {"secretRef": {"name": "key", "namespace": "web"}}}})
	secret_refs.is_referred("shop", "key") with input as fixtures.cluster([store])
	not secret_refs.is_referred("shop", "other") with input as fixtures.cluster([store])
}

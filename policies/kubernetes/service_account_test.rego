package keystrel.kubernetes.service_account_test

import data.keystrel.kubernetes.service_account

deployment(spec) := {
	"kind": "k8s_object", "id": "d", "object_kind": "Deployment", "name": "web", "namespace": "shop",
	"object": {"spec": {"template": {"spec": spec}}},
}

refusing(namespace) := {
	"kind": "k8s_object", "id": "a", "object_kind": "ServiceAccount", "name": "web", "namespace": namespace,
	"object": {"automountServiceAccountToken": false},
}

findings(facts) := found if {
	found := service_account.service_account_token_automount with input as {"facts": facts}
}

test_a_pod_that_says_nothing_is_found if {
	findings([deployment({"containers": []})]) == {{
		"fact": "d",
		"path": ["object", "spec", "template", "spec", "automountServiceAccountToken"],
		"message": "pods of Deployment web get a token of service account default",
	}}
}

test_a_pod_that_asks_for_it_is_found if count(findings([deployment({"automountServiceAccountToken": true})])) == 1

test_a_pod_that_refuses_is_fine if findings([deployment({"automountServiceAccountToken": false})]) == set()

test_an_account_that_refuses_is_fine if {
	findings([deployment({"serviceAccountName": "web"}), refusing("shop")]) == set()
}

test_an_account_of_another_namespace_says_nothing if {
	count(findings([deployment({"serviceAccountName": "web"}), refusing("other")])) == 1
}

test_a_pod_that_asks_wins_over_its_account if {
	spec := {"serviceAccountName": "web", "automountServiceAccountToken": true}
	count(findings([deployment(spec), refusing("shop")])) == 1
}

test_the_old_name_of_the_account_counts if {
	findings([deployment({"serviceAccount": "web"}), refusing("shop")]) == set()
}

test_a_workload_without_pods_is_unknown if {
	some finding in findings([object.union(deployment({}), {"object": null})])
	finding.unknown
}

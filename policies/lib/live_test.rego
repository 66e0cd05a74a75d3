package keystrel.lib.live_test

import data.keystrel.lib.kubernetes_fixtures_test as fixtures
import data.keystrel.lib.live

stored := fixtures.secret("shop", "a", "Opaque", "2026-11-01")

test_clusters_and_files if {
	live.is_cluster with input as fixtures.cluster([])
	not live.is_cluster with input as fixtures.files([])
	not live.is_cluster with input as {"facts": []}
	of_cluster := live.objects("Secret") with input as fixtures.cluster([stored])
	count(of_cluster) == 1
	of_files := live.objects("Secret") with input as fixtures.files([stored])
	count(of_files) == 0
	workload := fixtures.deployment("shop", "web", {})
	workloads := live.workloads with input as fixtures.cluster([workload])
	count(workloads) == 1
	none := live.workloads with input as fixtures.files([workload])
	count(none) == 0
}

test_lists_that_could_be_read if {
	live.complete({"secrets"}) with input as fixtures.cluster([])
	live.complete({"secrets"}) with input as {"facts": []}
	live.complete({"secrets"}) with input as fixtures.without([], "pods")
	not live.complete({"secrets"}) with input as fixtures.without([], "secrets")
	not live.complete({"secrets"}) with input as fixtures.without([], "namespaces/shop/secrets")
	not live.complete({"secrets"}) with input as {"facts": [], "gaps": [{"needs": "k8s_object", "what": "/api/v1/secrets", "why": "403"}]}
	live.complete({"secrets"}) with input as {"facts": [], "gaps": [{"needs": "k8s_pod", "what": "secrets", "why": "403"}]}
}

test_when_data_was_written if {
	live.data_changed(stored) == "2026-11-01T00:00:00Z"
	applied := object.union(stored, {"object": {"metadata": {"managedFields": [{"time": "2026-11-02T00:00:00Z", "fields": ["stringData"]}]}}})
	live.data_changed(applied) == "2026-11-02T00:00:00Z"
	labelled := object.union(stored, {"object": {"metadata": {"managedFields": [{"time": "2026-11-02T00:00:00Z", "fields": ["metadata"]}, "x"]}}})
	live.data_changed(labelled) == "2026-11-01T00:00:00Z"
	not live.data_changed({"object": {"metadata": {"creationTimestamp": null}}})
}

test_labels_and_annotations if {
	live.labels({"object": {"metadata": {"labels": {"a": "b"}}}}) == {"a": "b"}
	live.labels({"object": {"metadata": {"labels": "x"}}}) == {}
	live.annotations({"object": {"metadata": {"annotations": {"a": "b"}}}}) == {"a": "b"}
	live.annotations({"object": {"metadata": {"annotations": null}}}) == {}
}

test_patterns if {
	live.matches(["a", "b*"], "a")
	live.matches(["a", "b*"], "bc")
	not live.matches(["a", "b*"], "ab")
	not live.matches([], "a")
}

test_what_gives_rights_and_makes_pods if {
	live.rights_are_complete with input as fixtures.cluster([])
	not live.rights_are_complete with input as fixtures.without([], "clusterrolebindings")
	live.workloads_are_complete with input as fixtures.without([], "clusterrolebindings")
	not live.workloads_are_complete with input as fixtures.without([], "cronjobs")
}

test_some_namespaces if {
	some_namespaces := fixtures.cluster([{"kind": "k8s_cluster", "id": "cluster", "namespaces": ["shop"]}])
	live.reads("shop") with input as some_namespaces
	not live.reads("web") with input as some_namespaces
	live.complete({"secrets"}) with input as some_namespaces
	not live.complete({"roles", "clusterroles"}) with input as some_namespaces
	every namespaces in [null, []] {
		live.reads("web") with input as fixtures.cluster([{"kind": "k8s_cluster", "id": "cluster", "namespaces": namespaces}])
		live.complete({"clusterroles"}) with input as fixtures.cluster([{"kind": "k8s_cluster", "id": "cluster", "namespaces": namespaces}])
	}
}

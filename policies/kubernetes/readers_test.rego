package keystrel.kubernetes.readers_test

import data.keystrel.kubernetes.readers
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {
	"k8s-rbac-secrets-read-cluster": {"threshold": ["system:serviceaccount:kube-system:*", "trusted"]},
	"k8s-pod-can-read-secrets": {"threshold": ["kube-system/*"]},
	"k8s-ns-shared-secrets": {"threshold": 2},
}

reads := [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]

role(kind, namespace, name, rules) := fixtures.resource(kind, namespace, name, {"rules": rules})

binding(kind, namespace, name, role_kind, subject) := fixtures.resource(kind, namespace, name, {
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": "reads"},
	"subjects": [subject],
})

account(namespace, name) := {"kind": "ServiceAccount", "namespace": namespace, "name": name}

reader := role("ClusterRole", null, "reads", reads)

wide(subject) := binding("ClusterRoleBinding", null, "b", "ClusterRole", subject)

cluster_wide(facts) := found if {
	found := readers.k8s_rbac_secrets_read_cluster with input as fixtures.cluster(facts) with data.params as params
}

test_reads_the_cluster if {
	found := cluster_wide([reader, wide({"kind": "User", "name": "ada"}), wide(account("shop", "ci"))])
	found == {
		{"fact": "ClusterRoleBinding/null/b", "message": "ClusterRoleBinding b lets ada read the Secrets of all namespaces"},
		{"fact": "ClusterRoleBinding/null/b", "message": "ClusterRoleBinding b lets system:serviceaccount:shop:ci read the Secrets of all namespaces"},
	}
}

test_who_may_read_the_cluster if {
	count(cluster_wide([reader, wide({"kind": "User", "name": "trusted"})])) == 0
	count(cluster_wide([reader, wide(account("kube-system", "ci"))])) == 0
	count(cluster_wide([reader, binding("RoleBinding", "shop", "b", "ClusterRole", account("shop", "ci"))])) == 0
}

test_what_reads_the_cluster if {
	user := wide({"kind": "User", "name": "ada"})
	every rule in [
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["watch"]},
	] {
		count(cluster_wide([role("ClusterRole", null, "reads", [rule]), user])) == 1
	}
	every rule in [
		{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["one"]},
		{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]},
	] {
		count(cluster_wide([role("ClusterRole", null, "reads", [rule]), user])) == 0
	}
}

test_reads_by_aggregation if {
	whole := fixtures.resource("ClusterRole", null, "reads", {
		"rules": null,
		"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "reads"}}]},
	})
	part := fixtures.resource("ClusterRole", null, "part", {"metadata": {"labels": {"to": "reads"}}, "rules": reads})
	count(cluster_wide([whole, part, wide({"kind": "User", "name": "ada"})])) == 1
	other := fixtures.resource("ClusterRole", null, "part", {"metadata": {"labels": {"to": "view"}}, "rules": reads})
	count(cluster_wide([whole, other, wide({"kind": "User", "name": "ada"})])) == 0
}

stale(facts) := found if {
	found := readers.k8s_rbac_stale_binding with input as fixtures.cluster(facts)
}

bound := binding("RoleBinding", "shop", "b", "ClusterRole", account("shop", "app"))

app := fixtures.resource("ServiceAccount", "shop", "app", {})

test_stale_account if {
	stale([reader, bound]) == {{
		"fact": "RoleBinding/shop/b",
		"message": "RoleBinding b is for service account app in namespace shop, which does not exist",
	}}
}

test_stale_role if {
	stale([app, bound]) == {{"fact": "RoleBinding/shop/b", "message": "RoleBinding b gives ClusterRole reads, which does not exist"}}
	elsewhere := role("Role", "web", "reads", reads)
	count(stale([app, elsewhere, binding("RoleBinding", "shop", "b", "Role", account("shop", "app"))])) == 1
}

test_nothing_is_stale if {
	count(stale([reader, app, bound])) == 0
	count(stale([app, role("Role", "shop", "reads", reads), binding("RoleBinding", "shop", "b", "Role", account("shop", "app"))])) == 0
	count(stale([reader, wide({"kind": "User", "name": "ada"})])) == 0
	unnamed := binding("RoleBinding", "shop", "b", "ClusterRole", {"kind": "ServiceAccount", "name": "app"})
	count(stale([reader, app, unnamed])) == 0
}

test_stale_of_files_is_none if {
	found := readers.k8s_rbac_stale_binding with input as fixtures.files([reader, bound])
	count(found) == 0
}

test_stale_with_a_gap_is_unknown if {
	every resource in ["serviceaccounts", "clusterroles"] {
		found := readers.k8s_rbac_stale_binding with input as fixtures.without([bound], resource)
		"RoleBinding/shop/b" in fixtures.unknown(found)
	}
	no_roles := readers.k8s_rbac_stale_binding with input as fixtures.without([reader, app, bound], "roles")
	count(no_roles) == 0
}

# Some namespaces were asked for: what is in others, or in none, was not read.
test_stale_in_some_namespaces if {
	some_namespaces := {"kind": "k8s_cluster", "id": "cluster", "namespaces": ["shop"]}
	found := stale([some_namespaces, app, bound])
	found == {{"fact": "RoleBinding/shop/b", "unknown": "not all roles could be read"}}
	elsewhere := binding("RoleBinding", "shop", "b", "Role", account("web", "app"))
	other := stale([some_namespaces, role("Role", "shop", "reads", reads), elsewhere])
	other == {{"fact": "RoleBinding/shop/b", "unknown": "not all service accounts could be read"}}
	here := binding("RoleBinding", "shop", "b", "Role", account("shop", "gone"))
	fixtures.found(stale([some_namespaces, role("Role", "shop", "reads", reads), here])) == {"RoleBinding/shop/b"}
}

writes := [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update"]}]

config_maps(facts) := found if {
	found := readers.k8s_rbac_configmap_write with input as fixtures.cluster(facts)
}

test_writes_config_maps if {
	own := role("Role", "kube-system", "w", writes)
	config_maps([own]) == {{"fact": "Role/kube-system/w", "message": "Role w writes every ConfigMap of kube-system"}}
	everywhere := role("ClusterRole", null, "reads", writes)
	count(config_maps([everywhere, wide({"kind": "User", "name": "ada"})])) == 1
	count(config_maps([everywhere, binding("RoleBinding", "kube-system", "b", "ClusterRole", account("shop", "app"))])) == 1
}

test_writes_config_maps_where_it_is_fine if {
	count(config_maps([role("Role", "shop", "w", writes)])) == 0
	everywhere := role("ClusterRole", null, "reads", writes)
	count(config_maps([everywhere])) == 0
	count(config_maps([everywhere, binding("RoleBinding", "shop", "b", "ClusterRole", account("shop", "app"))])) == 0
	named := [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update"], "resourceNames": ["lock"]}]
	count(config_maps([role("Role", "kube-system", "w", named)])) == 0
}

pod(namespace, name, spec) := fixtures.deployment(namespace, name, object.union({"containers": [{"name": "a"}], "serviceAccountName": "app"}, spec))

in_pods(facts) := found if {
	found := readers.k8s_pod_can_read_secrets with input as fixtures.cluster(facts) with data.params as params
}

test_pods_read_secrets if {
	in_pods([reader, bound, pod("shop", "web", {})]) == {{
		"fact": "Deployment/shop/web",
		"message": "pods of Deployment web run as app, which reads every Secret of shop",
	}}
	found := in_pods([reader, wide(account("shop", "app")), pod("shop", "web", {})])
	some finding in found
	finding.message == "pods of Deployment web run as app, which reads every Secret of the cluster"
}

test_pods_read_secrets_as_a_group if {
	every group in ["system:serviceaccounts", "system:authenticated", "system:serviceaccounts:shop"] {
		count(in_pods([reader, wide({"kind": "Group", "name": group}), pod("shop", "web", {})])) == 1
	}
	count(in_pods([reader, wide({"kind": "Group", "name": "system:serviceaccounts:web"}), pod("shop", "web", {})])) == 0
}

test_pods_read_secrets_as_default if {
	default_account := binding("RoleBinding", "shop", "b", "ClusterRole", account("shop", "default"))
	count(in_pods([reader, default_account, fixtures.deployment("shop", "web", {"containers": []})])) == 1
}

test_pods_without_a_token_are_fine if {
	count(in_pods([reader, bound, pod("shop", "web", {"automountServiceAccountToken": false})])) == 0
	silent := fixtures.resource("ServiceAccount", "shop", "app", {"automountServiceAccountToken": false})
	count(in_pods([reader, bound, silent, pod("shop", "web", {})])) == 0
	count(in_pods([reader, bound, silent, pod("shop", "web", {"automountServiceAccountToken": true})])) == 1
	projected := {"automountServiceAccountToken": false, "volumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]}
	count(in_pods([reader, bound, pod("shop", "web", projected)])) == 1
}

test_pods_of_others_are_fine if {
	count(in_pods([reader, bound, pod("web", "web", {})])) == 0
	count(in_pods([reader, binding("RoleBinding", "kube-system", "b", "ClusterRole", account("kube-system", "app")), pod("kube-system", "web", {})])) == 0
	found := readers.k8s_pod_can_read_secrets with input as fixtures.files([reader, bound, pod("shop", "web", {})])
		with data.params as params
	count(found) == 0
}

test_pods_with_a_gap_are_unknown if {
	found := readers.k8s_pod_can_read_secrets with input as fixtures.without([pod("shop", "web", {})], "rolebindings")
		with data.params as params
	fixtures.unknown(found) == {"Deployment/shop/web"}
	silent := pod("shop", "web", {"automountServiceAccountToken": false})
	none := readers.k8s_pod_can_read_secrets with input as fixtures.without([silent, pod("kube-system", "web", {})], "rolebindings")
		with data.params as params
	count(none) == 0
}

shared(facts) := found if {
	found := readers.k8s_ns_shared_secrets with input as fixtures.cluster(facts) with data.params as params
}

space := fixtures.resource("Namespace", null, "shop", {})

labelled(name) := object.union(pod("shop", name, {"serviceAccountName": name}), {"object": {"metadata": {"labels": {"app": name}}}})

app_reads := binding("RoleBinding", "shop", "b", "ClusterRole", account("shop", "a"))

test_namespace_is_shared if {
	shared([space, reader, app_reads, labelled("a"), labelled("b"), labelled("c")]) == {{
		"fact": "Namespace/null/shop",
		"message": "Namespace shop holds 3 programs, and every Secret of them is read by a",
	}}
}

test_namespace_is_shared_by_few if {
	count(shared([space, reader, app_reads, labelled("a"), labelled("b")])) == 0
	count(shared([space, reader, labelled("a"), labelled("b"), labelled("c")])) == 0
}

test_it_is_not_for_namespaces_of_the_cluster_and_empty_ones if {
	system := fixtures.resource("Namespace", null, "kube-system", {})
	idle := "it is the cluster's own, or no programs run in it"
	shared([system, reader, app_reads, labelled("a"), labelled("b"), labelled("c")]) == {{"fact": "Namespace/null/kube-system", "not_applicable": idle}}
	shared([space, reader, app_reads]) == {{"fact": "Namespace/null/shop", "not_applicable": idle}}
}

test_reads_the_cluster_by_roles_that_could_not_be_read if {
	inventory := fixtures.without([wide({"kind": "User", "name": "ada"})], "clusterroles")
	found := readers.k8s_rbac_secrets_read_cluster with input as inventory with data.params as params
	found == {{"fact": "ClusterRoleBinding/null/b", "unknown": "not all roles could be read"}}
	trusted := fixtures.without([wide({"kind": "User", "name": "trusted"})], "clusterroles")
	none := readers.k8s_rbac_secrets_read_cluster with input as trusted with data.params as params
	count(none) == 0
}

test_writes_config_maps_by_bindings_that_could_not_be_read if {
	facts := [role("ClusterRole", null, "reads", writes), role("ClusterRole", null, "other", reads)]
	found := readers.k8s_rbac_configmap_write with input as fixtures.without(facts, "rolebindings")
	found == {{"fact": "ClusterRole/null/reads", "unknown": "not all bindings could be read"}}
}

test_namespaces_of_workloads_that_could_not_be_read if {
	every resource in ["pods", "roles"] {
		found := readers.k8s_ns_shared_secrets with input as fixtures.without([space], resource) with data.params as params
		fixtures.unknown(found) == {"Namespace/null/shop"}
		fixtures.found(found) == set()
	}
}

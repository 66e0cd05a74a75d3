package keystrel.lib.static_pod_test

import data.keystrel.lib.kubernetes_fixtures_test as fixtures
import data.keystrel.lib.static_pod

cluster := {"kind": "k8s_cluster", "id": "cluster", "managed": false}

pod(container) := fixtures.resource("Pod", "kube-system", "p", {"spec": {"containers": [container]}})

only(component, container) := instance if {
	instances := static_pod.of(component) with input as fixtures.cluster([cluster, pod(container)])
	count(instances) == 1
	some instance in instances
}

test_flags_as_one_argument_or_two if {
	instance := only("kube-apiserver", {
		"image": "registry.k8s.io/kube-apiserver:v1.36.3",
		"command": ["/usr/local/bin/kube-apiserver", "--a=1", "--b", "2", "--c"],
		"args": ["--d_e=x=y", "--a=3", "word"],
	})
	instance.flags == {"a": ["1", "3"], "b": ["2"], "c": ["true"], "d-e": ["x=y"]}
	instance.complete == true
	static_pod.value(instance, "a") == "3"
	static_pod.value_or(instance, "z", "none") == "none"
	static_pod.lacks(instance, "z")
	not static_pod.lacks(instance, "a")
}

test_flags_without_a_command if {
	instance := only("etcd", {"image": "quay.io/coreos/etcd:v3", "args": ["--a", "--b=c"]})
	instance.flags == {"a": ["true"], "b": ["c"]}
	instance.complete == true
}

test_flags_of_the_environment if {
	env := [{"name": "ETCD_CERT_FILE", "value": "/a"}, {"name": "ETCD_KEY_FILE", "value": "/b"}, {"name": "HOME", "value": "/"}, {"name": "ETCD_X"}]
	instance := only("etcd", {"image": "etcd", "command": ["etcd", "-key-file=/c"], "env": env})
	instance.flags == {"cert-file": ["/a"], "key-file": ["/c"]}
}

test_what_cannot_be_seen if {
	shell := only("kube-apiserver", {"image": "kube-apiserver-amd64:v1", "command": ["sh", "-c", "kube-apiserver --a=1"]})
	shell.complete == false
	static_pod.hides(shell, {"a"})
	not static_pod.lacks(shell, "a")
	not static_pod.value_or(shell, "a", "b")
	file := only("etcd", {"image": "etcd", "command": ["etcd", "--config-file=/etc/etcd.yaml"]})
	file.complete == false
	nothing := only("etcd", {"image": "etcd"})
	nothing.complete == false
	every word in ["$KUBE_ARGS", "${KUBE_ARGS}"] {
		unit := only("kube-apiserver", {"command": ["/usr/bin/kube-apiserver", "--a=1", word]})
		unit.complete == false
	}
	variables := only("etcd", {"command": ["/usr/bin/etcd"], "envFrom": [{"file": "/etc/etcd.env"}]})
	variables.complete == false
	own := only("kube-apiserver", {"command": ["kube-apiserver", "--a=$(HOST)"], "envFrom": [{"file": "/etc/api.env"}]})
	own.complete == true
}

test_an_empty_flag_is_not_given if {
	instance := only("kube-apiserver", {"image": "x", "command": ["kube-apiserver", "--a="]})
	static_pod.lacks(instance, "a")
	not static_pod.hides(instance, {"a"})
}

test_names if {
	instance := only("kube-apiserver", {"image": "x", "command": ["kube-apiserver", "--a=Node, RBAC", "--a=X"]})
	static_pod.names(instance, "a") == {"Node", "RBAC", "X"}
	static_pod.names(instance, "b") == set()
}

test_other_pods_are_none if {
	every other in [
		fixtures.resource("Pod", "shop", "p", {"spec": {"containers": [{"image": "etcd", "command": ["etcd"]}]}}),
		fixtures.resource("Pod", "kube-system", "p", {"spec": {"containers": [{"image": "etcd-backup:1", "command": ["backup"]}]}}),
		fixtures.resource("Pod", "kube-system", "p", {}),
	] {
		instances := static_pod.of("etcd") with input as fixtures.cluster([cluster, other])
		count(instances) == 0
	}
}

test_clusters_without if {
	without := static_pod.without("etcd") with input as fixtures.cluster([cluster])
	count(without) == 1
	managed := static_pod.without("etcd") with input as fixtures.cluster([object.union(cluster, {"managed": true})])
	count(managed) == 0
	seen := static_pod.without("etcd") with input as fixtures.cluster([cluster, pod({"image": "etcd", "command": ["etcd"]})])
	count(seen) == 0
}

manifest(container) := fixtures.files([object.union(
	pod(container),
	{"kind": "k8s_control_plane", "component": "etcd", "managed": false},
)])

# What is told of a manifest, for a flag.
told(container, names) := finding if {
	instances := static_pod.of("etcd") with input as manifest(container)
	count(instances) == 1
	some instance in instances
	finding := static_pod.found(instance, names, "m")
}

test_places_in_manifests if {
	container := {"image": "etcd:v3", "command": ["etcd", "--a=1"], "args": ["--b", "2", "--a=3"]}
	at := ["object", "spec", "containers", 0]
	told(container, ["a"]) == {"fact": "Pod/kube-system/p", "path": array.concat(at, ["args", 2]), "message": "m"}
	told(container, ["z", "b"]) == {"fact": "Pod/kube-system/p", "path": array.concat(at, ["args", 0]), "message": "m"}
	told(container, ["z"]) == {"fact": "Pod/kube-system/p", "path": array.concat(at, ["command"]), "message": "m"}
}

test_a_cluster_has_no_places if {
	instance := only("etcd", {"image": "etcd:v3", "command": ["etcd", "--a=1"]})
	static_pod.found(instance, ["a"], "m") == {"fact": "cluster", "message": "m"}
}

test_static_pods if {
	static_pod.is_static(pod({"image": "etcd:v3"}))
	not static_pod.is_static(pod({"image": "x"}))
	not static_pod.is_static(fixtures.resource("Pod", "shop", "p", {"spec": {"containers": [{"image": "etcd:v3"}]}}))
	mirror := {"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}, "spec": {}}
	static_pod.is_static(fixtures.resource("Pod", "kube-system", "p", mirror))
}

test_names_of_flags if static_pod.shown(["a", "b"]) == "--a, --b"

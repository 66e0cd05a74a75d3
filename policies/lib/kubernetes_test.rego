package keystrel.lib.kubernetes_test

import data.keystrel.lib.kubernetes

test_pod_spec_of_a_pod if {
	kubernetes.pod_spec({"object_kind": "Pod", "object": {"spec": {"a": 1}}}) == {"a": 1}
}

test_pod_spec_of_a_cron_job if {
	document := {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"a": 1}}}}}}
	kubernetes.pod_spec({"object_kind": "CronJob", "object": document}) == {"a": 1}
}

test_no_pod_spec if not kubernetes.pod_spec({"object_kind": "Job", "object": {"spec": {}}})

test_no_pod_spec_of_what_makes_no_pods if {
	not kubernetes.pod_spec({"object_kind": "Role", "object": {"spec": {"a": 1}}})
}

test_containers_of_all_sorts if {
	spec := {"containers": [{"name": "a"}], "initContainers": [{"name": "b"}]}
	{container.name | some container in kubernetes.containers(spec)} == {"a", "b"}
}

test_namespaces if {
	kubernetes.namespace({"namespace": "shop"}) == "shop"
	kubernetes.namespace({"namespace": null}) == "default"
	kubernetes.namespace({"namespace": ""}) == "default"
	kubernetes.namespace({}) == "default"
}

test_paths_are_shown_with_dots if kubernetes.shown(["spec", "env", 0, "value"]) == "spec.env.0.value"

test_pod_spec_of_a_deployment if {
	document := {"spec": {"template": {"spec": {"a": 1}}}}
	kubernetes.pod_spec({"object_kind": "Deployment", "object": document}) == {"a": 1}
}

test_pod_spec_of_a_pod_template if {
	kubernetes.pod_spec({"object_kind": "PodTemplate", "object": {"template": {"spec": {"a": 1}}}}) == {"a": 1}
}

test_nothing_need_be_of_its_type if {
	every spec in [null, "a", 3, ["a"]] {
		not kubernetes.pod_spec({"object_kind": "Pod", "object": {"spec": spec}})
		not kubernetes.pod_spec({"object_kind": "Deployment", "object": {"spec": spec}})
		not kubernetes.pod_spec({"object_kind": "CronJob", "object": spec})
		kubernetes.containers({"containers": spec, "initContainers": [spec]}) == set()
	}
}

owned(kind, name, owner) := {
	"kind": "k8s_object", "id": name, "object_kind": kind, "namespace": "shop", "name": name,
	"object": {"metadata": {"ownerReferences": [{"kind": owner, "name": "web", "controller": true}]}},
}

web := {"kind": "k8s_object", "id": "web", "object_kind": "Deployment", "namespace": "shop", "name": "web", "object": {}}

names := {fact.name | some fact in kubernetes.workloads}

test_what_others_make_is_left_out if {
	made := names with input as {"facts": [web, owned("ReplicaSet", "web-1", "Deployment")]}
	made == {"web"}
	alone := names with input as {"facts": [owned("ReplicaSet", "web-1", "Rollout"), owned("Pod", "p", "ReplicaSet")]}
	alone == {"web-1", "p"}
	other := names with input as {"facts": [object.union(web, {"namespace": "calm"}), owned("ReplicaSet", "web-1", "Deployment")]}
	other == {"web", "web-1"}
}

test_pods_of_the_control_plane_are_left_out if {
	mirror := {"metadata": {"annotations": {"kubernetes.io/config.mirror": "hash"}}}
	pod := {"kind": "k8s_object", "id": "p", "object_kind": "Pod", "namespace": "kube-system", "name": "p", "object": mirror}
	none := names with input as {"facts": [pod]}
	count(none) == 0
	elsewhere := names with input as {"facts": [object.union(pod, {"namespace": "shop"})]}
	elsewhere == {"p"}
}

test_where_pods_are_specified if {
	spec := {"volumes": [1, {"name": "v"}], "containers": [{"env": [1, {"name": "A"}]}]}
	template := {"template": {"spec": spec}}
	every fact in [
		{"object_kind": "Pod", "object": {"spec": spec}, "path": ["spec"]},
		{"object_kind": "PodTemplate", "object": template, "path": ["template", "spec"]},
		{"object_kind": "Job", "object": {"spec": template}, "path": ["spec", "template", "spec"]},
		{
			"object_kind": "CronJob", "object": {"spec": {"jobTemplate": {"spec": template}}},
			"path": ["spec", "jobTemplate", "spec", "template", "spec"],
		},
	] {
		whole := kubernetes.within(fact.path)
		kubernetes.placed_containers(fact) == {[array.concat(whole, ["containers", 0]), spec.containers[0]]}
		kubernetes.placed_variables(fact) == {[array.concat(whole, ["containers", 0, "env", 1]), {"name": "A"}]}
		kubernetes.placed_volumes(fact) == {[array.concat(whole, ["volumes", 1]), {"name": "v"}]}
	}
}

test_paths_within_a_fact if {
	kubernetes.within(["data", "a"]) == ["object", "data", "a"]
	kubernetes.within(null) == ["object"]
}

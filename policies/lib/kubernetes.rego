# METADATA
# title: Objects of Kubernetes
package keystrel.lib.kubernetes

import data.keystrel.lib.facts

# The objects of a kind.
objects(kind) := {fact |
	some fact in facts.of("k8s_object")
	fact.object_kind == kind
}

# The kinds of objects that make pods, and where their pods' specification is.
pod_spec_paths := {
	"Pod": ["spec"],
	"PodTemplate": ["template", "spec"],
	"Deployment": ["spec", "template", "spec"],
	"StatefulSet": ["spec", "template", "spec"],
	"DaemonSet": ["spec", "template", "spec"],
	"ReplicaSet": ["spec", "template", "spec"],
	"ReplicationController": ["spec", "template", "spec"],
	"Job": ["spec", "template", "spec"],
	"CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
}

# The objects that make pods.
workloads := {fact |
	some fact in facts.of("k8s_object")
	pod_spec_paths[fact.object_kind]
}

# The specification of a workload's pods; undefined where the document has none.
pod_spec(fact) := spec if {
	spec := object.get(fact.object, pod_spec_paths[fact.object_kind], null)
	is_object(spec)
}

# The containers of a pod, of all sorts.
containers(spec) := {container |
	some sort in ["containers", "initContainers", "ephemeralContainers"]
	some container in object.get(spec, sort, [])
}

# The namespace of an object; the one that manifests without any are for.
namespace(fact) := name if {
	name := fact.namespace
	is_string(name)
	name != ""
} else := "default"

# What a message calls an object.
named(fact) := sprintf("%s %s", [fact.object_kind, object.get(fact, "name", "without a name")])

# The values of an object that were found to be secrets, by their path from its root. Undefined where the fact
# does not say which are.
secrets(fact) := found if {
	found := fact.secrets
	is_array(found)
}

# A path for people: `data.password`.
shown(path) := concat(".", [sprintf("%v", [step]) | some step in path])

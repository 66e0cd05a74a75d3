# METADATA
# title: Objects of Kubernetes
package keystrel.lib.kubernetes

import data.keystrel.lib.facts

# The objects of a kind.
objects(kind) := object.get(data.keystrel.lib.kubernetes.by_kind, kind, set())

# The same of all kinds, sorted out once for all that ask.
by_kind := {kind: found |
	some kind in {fact.object_kind | some fact in facts.of("k8s_object")}
	found := {fact |
		some fact in facts.of("k8s_object")
		fact.object_kind == kind
	}
}

# The objects of several kinds.
objects_of(kinds) := {fact |
	some kind in kinds
	some fact in objects(kind)
}

# What a document says at a path from its root; `absent` where it says nothing there.
field(fact, path, absent) := said if {
	is_object(fact.object)
	said := object.get(fact.object, path, absent)
} else := absent

# What an object is to be; empty where the document does not say.
spec(fact) := written if {
	written := fact.object.spec
	is_object(written)
} else := {}

# The kinds of objects that make pods by a template in their specification.
templated := {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}

# The objects that make pods, but for those that another one makes, which is judged in their place, and but for the
# control plane's own pods, which hold the cluster's keys by their nature.
workloads := {fact |
	some fact in facts.of("k8s_object")
	fact.object_kind in (templated | {"Pod", "PodTemplate", "CronJob"})
	not is_made_by_other(fact)
	not is_static(fact)
}

is_made_by_other(fact) if {
	some owner in list(field(fact, ["metadata"], {}), "ownerReferences")
	is_object(owner)
	owner.controller == true
	[object.get(owner, "kind", null), object.get(fact, "namespace", null), object.get(owner, "name", null)] in makers
}

makers contains [fact.object_kind, object.get(fact, "namespace", null), object.get(fact, "name", null)] if {
	some fact in facts.of("k8s_object")
	fact.object_kind in (templated | {"CronJob"})
}

# Pods that a kubelet runs from files on its node, of which the API has a copy.
is_static(fact) if {
	fact.object_kind == "Pod"
	fact.namespace == "kube-system"
	is_string(field(fact, ["metadata", "annotations", "kubernetes.io/config.mirror"], null))
}

# The specification of a workload's pods; undefined where the document has none. Documents are what people write:
# nothing in them need be of the type that it should be.
pod_spec(fact) := spec if {
	spec := written_spec(fact)
	is_object(spec)
}

written_spec(fact) := fact.object.spec if fact.object_kind == "Pod"

written_spec(fact) := fact.object.template.spec if fact.object_kind == "PodTemplate"

written_spec(fact) := fact.object.spec.template.spec if fact.object_kind in templated

written_spec(fact) := fact.object.spec.jobTemplate.spec.template.spec if fact.object_kind == "CronJob"

# The containers of a pod, of all sorts.
containers(spec) := {container |
	some part in ["containers", "initContainers", "ephemeralContainers"]
	some container in list(spec, part)
	is_object(container)
}

# The same, each beside its path within the fact.
placed_containers(fact) := {[array.concat(pod_path(fact), [part, at]), container] |
	spec := pod_spec(fact)
	some part in ["containers", "initContainers", "ephemeralContainers"]
	some at, container in list(spec, part)
	is_object(container)
}

# The variables of a workload's containers that are objects, each beside its path.
placed_variables(fact) := {[array.concat(path, ["env", at]), variable] |
	some [path, container] in placed_containers(fact)
	some at, variable in list(container, "env")
	is_object(variable)
}

# The volumes of a workload's pods that have a name, each beside its path.
placed_volumes(fact) := {[array.concat(pod_path(fact), ["volumes", at]), volume] |
	some at, volume in list(pod_spec(fact), "volumes")
	is_object(volume)
	is_string(volume.name)
}

# Where the specification of a workload's pods is within the fact.
pod_path(fact) := ["object", "spec"] if fact.object_kind == "Pod"

pod_path(fact) := ["object", "template", "spec"] if fact.object_kind == "PodTemplate"

pod_path(fact) := ["object", "spec", "template", "spec"] if fact.object_kind in templated

pod_path(fact) := ["object", "spec", "jobTemplate", "spec", "template", "spec"] if fact.object_kind == "CronJob"

# A list of an object, empty where it has none.
list(document, key) := document[key] if {
	is_array(document[key])
} else := []

# The namespace of an object; the one that manifests without any are for.
namespace(fact) := name if {
	name := fact.namespace
	is_string(name)
	name != ""
} else := "default"

# What a message calls an object.
named(fact) := sprintf("%s %s", [fact.object_kind, fact.name]) if is_string(fact.name)

else := sprintf("%s without a name", [fact.object_kind])

# The values of an object that were found to be secrets, by their path from its root. Undefined where the fact
# does not say which are.
secrets(fact) := found if {
	found := fact.secrets
	is_array(found)
}

# Where a path from the root of a document leads within the fact.
within(path) := array.concat(["object"], path) if is_array(path)

else := ["object"]

# A path for people: `data.password`.
shown(path) := concat(".", [sprintf("%v", [step]) | some step in path])

# METADATA
# title: Objects of a cluster that runs, as against manifests in files
# description: >-
#   Age, use and what is missing can be told of a cluster alone: files have no ages, and what they refer to may be made
#   elsewhere.
package keystrel.lib.live

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes

# Whether the facts are of a cluster.
is_cluster if {
	is_string(input.source)
	input.source != "files"
}

# The objects of a kind, of a cluster.
objects(kind) := kubernetes.objects(kind) if is_cluster

else := set()

# What makes pods, of a cluster.
default workloads := set()

workloads := data.keystrel.lib.kubernetes.workloads if is_cluster

# Whether all lists of these resources, by their names in paths, could be read, in all namespaces that were asked for. Who
# says that something is not there asks this first, and needs `k8s_cluster` where some of them are in no namespace: those are
# not read if some namespaces were asked for.
complete(resources) if {
	every gap in object.get(input, "gaps", []) {
		not hides(gap, resources)
	}
	not leaves_out(resources)
}

leaves_out(resources) if {
	some _ in limits
	some resource in resources
	resource in in_no_namespace
}

in_no_namespace := {"clusterroles", "clusterrolebindings", "clustersecretstores", "csidrivers", "mutatingwebhookconfigurations"}

# The namespaces that were asked for, if not all of them were.
limits := {namespace |
	some cluster in facts.of("k8s_cluster")
	some namespace in kubernetes.list(cluster, "namespaces")
}

# Whether a namespace was read, as far as it could be.
reads(_) if count(limits) == 0

reads(namespace) if namespace in limits

hides(gap, resources) if {
	split(gap.needs, ":")[0] == "k8s_object"
	parts := split(gap.what, "/")
	parts[count(parts) - 1] in resources
}

# Whether everything that makes pods could be read, and everything that gives rights.
workloads_are_complete if complete({
	"pods", "replicationcontrollers", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs",
})

rights_are_complete if complete({"roles", "clusterroles", "rolebindings", "clusterrolebindings"})

# When an object was made. Undefined where the cluster does not say.
created(fact) := at if {
	at := kubernetes.field(fact, ["metadata", "creationTimestamp"], null)
	age.is_time(at)
}

# When the data of a Secret or ConfigMap was last written, as its managed fields tell; when it was made where they do
# not say. Fields that are written again with a new value by whoever wrote them before may keep their time, and other edits by
# him may move it: this is what the cluster knows, not more. Whoever applies a Secret on the server's side owns `stringData`.
data_changed(fact) := max(times) if {
	times := {entry.time |
		some entry in kubernetes.list(kubernetes.field(fact, ["metadata"], {}), "managedFields")
		is_object(entry)
		some field in {"data", "stringData"}
		field in kubernetes.list(entry, "fields")
		age.is_time(object.get(entry, "time", null))
	}
	count(times) > 0
} else := created(fact)

labels(fact) := found if {
	found := kubernetes.field(fact, ["metadata", "labels"], {})
	is_object(found)
} else := {}

annotations(fact) := found if {
	found := kubernetes.field(fact, ["metadata", "annotations"], {})
	is_object(found)
} else := {}

# Whether something else made the object and answers for it.
is_owned(fact) if count(kubernetes.list(kubernetes.field(fact, ["metadata"], {}), "ownerReferences")) > 0

# Namespaces of the cluster itself, whose programs read Secrets by name through the API.
is_system(namespace) if namespace in {"kube-system", "kube-public", "kube-node-lease"}

# Whether one of the patterns, which may end in `*`, is for the text.
matches(patterns, text) if {
	some pattern in patterns
	pattern == text
}

matches(patterns, text) if {
	some pattern in patterns
	endswith(pattern, "*")
	startswith(text, trim_suffix(pattern, "*"))
}

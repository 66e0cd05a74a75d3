# METADATA
# title: Which Secrets the objects of a cluster refer to
package keystrel.lib.secret_refs

import data.keystrel.lib.kubernetes
import data.keystrel.lib.live

# What pods of a workload take from Secrets: `{"name", "key" (null for all of it), "optional", "by"}`, where `by` is `env`,
# `env-from`, `volume`, `projected`, `sub-path`, `csi` or `pull`.
of_pods(spec) := ((from_env(spec) | from_volumes(spec)) | from_sub_paths(spec)) | from_pulls(spec)

from_env(spec) := {reference |
	some container in kubernetes.containers(spec)
	some reference in of_container(container)
}

# What a container takes into its environment.
of_container(container) := {reference |
	some variable in kubernetes.list(container, "env")
	is_object(variable)
	reference := named(object.get(variable, ["valueFrom", "secretKeyRef"], null), "name", "env")
} | {reference |
	some source in kubernetes.list(container, "envFrom")
	is_object(source)
	whole := named(object.get(source, "secretRef", null), "name", "env-from")
	reference := object.union(whole, {"key": null})
}

from_volumes(spec) := (from_secret_volumes(spec) | from_projections(spec)) | from_other_volumes(spec)

from_secret_volumes(spec) := {reference |
	some volume in volumes(spec)
	source := object.get(volume, "secret", null)
	whole := named(source, "secretName", "volume")
	some key in keys(source)
	reference := object.union(whole, {"key": key})
}

from_projections(spec) := {reference |
	some volume in volumes(spec)
	sources := object.get(volume, ["projected", "sources"], [])
	is_array(sources)
	some entry in sources
	is_object(entry)
	source := object.get(entry, "secret", null)
	whole := named(source, "name", "projected")
	some key in keys(source)
	reference := object.union(whole, {"key": key})
}

# Drivers and file systems that log in with a Secret.
from_other_volumes(spec) := {reference |
	some volume in volumes(spec)
	some path in [
		["csi", "nodePublishSecretRef"], ["cephfs", "secretRef"], ["rbd", "secretRef"], ["iscsi", "secretRef"],
		["flexVolume", "secretRef"], ["scaleIO", "secretRef"], ["storageos", "secretRef"],
	]
	reference := object.union(named(object.get(volume, path, null), "name", "csi"), {"key": null})
} | {reference |
	some volume in volumes(spec)
	reference := object.union(named(object.get(volume, "azureFile", null), "secretName", "csi"), {"key": null})
}

# Files of a secret volume that are mounted alone: those are not renewed.
from_sub_paths(spec) := {reference |
	some volume in volumes(spec)
	whole := named(object.get(volume, "secret", null), "secretName", "sub-path")
	some container in kubernetes.containers(spec)
	some mount in kubernetes.list(container, "volumeMounts")
	is_object(mount)
	mount.name == volume.name
	is_string(object.get(mount, "subPath", object.get(mount, "subPathExpr", null)))
	reference := object.union(whole, {"key": null})
}

from_pulls(spec) := {object.union(reference, {"key": null, "optional": true}) |
	some entry in kubernetes.list(spec, "imagePullSecrets")
	reference := named(entry, "name", "pull")
}

# Undefined where it names none.
named(source, field, by) := {
	"name": source[field],
	"key": object.get(source, "key", null),
	"optional": object.get(source, "optional", false) == true,
	"by": by,
} if {
	is_object(source)
	is_string(source[field])
	source[field] != ""
}

# The keys that are mounted; null for all.
keys(source) := {item.key | some item in source.items; is_object(item); is_string(item.key)} if {
	is_array(source.items)
	count(source.items) > 0
} else := {null}

volumes(spec) := {volume |
	some volume in kubernetes.list(spec, "volumes")
	is_object(volume)
}

# Whether something in the cluster refers to a Secret, as far as can be told: what names it in its text counts, so that
# no Secret is called unused for a field that nobody thought of.
is_referred(namespace, name) if [namespace, name] in referred

is_referred(_, name) if name in by_operators

is_referred(_, name) if name in by_cluster_roles

# Every `[namespace, name]` that the API's own objects refer to.
referred := ((by_workloads | by_accounts) | by_ingresses) | by_roles

by_workloads := {[kubernetes.namespace(workload), reference.name] |
	some workload in data.keystrel.lib.kubernetes.workloads
	some reference in of_pods(kubernetes.pod_spec(workload))
}

by_accounts := {[kubernetes.namespace(account), entry.name] |
	some account in kubernetes.objects("ServiceAccount")
	some field in ["secrets", "imagePullSecrets"]
	some entry in kubernetes.list(account.object, field)
	is_object(entry)
	is_string(entry.name)
}

by_ingresses := {[kubernetes.namespace(ingress), entry.secretName] |
	some ingress in kubernetes.objects("Ingress")
	some entry in kubernetes.list(kubernetes.spec(ingress), "tls")
	is_object(entry)
	is_string(entry.secretName)
} | {reference |
	some ingress in kubernetes.objects("Ingress")
	some value in live.annotations(ingress)
	is_string(value)
	reference := split_name(value, kubernetes.namespace(ingress))
}

# Annotations of ingress controllers name a Secret, with or without its namespace.
split_name(value, _) := split(value, "/") if count(split(value, "/")) == 2

split_name(value, namespace) := [namespace, value] if not contains(value, "/")

# A role that names a Secret is for a program that reads it through the API.
by_roles := {[kubernetes.namespace(role), name] |
	some role in kubernetes.objects("Role")
	some name in named_by(role)
}

# A ClusterRole names it in all namespaces.
by_cluster_roles := {name |
	some role in kubernetes.objects("ClusterRole")
	some name in named_by(role)
}

named_by(role) := {name |
	some rule in kubernetes.list(role.object, "rules")
	is_object(rule)
	"secrets" in kubernetes.list(rule, "resources")
	some name in kubernetes.list(rule, "resourceNames")
	is_string(name)
}

# Objects of operators name Secrets in fields of many names: all texts in their specifications are taken for names.
by_operators := {name |
	some fact in input.facts
	fact.kind == "k8s_object"
	not fact.object_kind in plain
	some quoted in regex.find_n(`"[a-z0-9][-a-z0-9.]{0,252}"`, json.marshal(kubernetes.spec(fact)), -1)
	name := trim(quoted, "\"")
}

# Kinds that name no Secrets, or are looked at in detail above.
plain := (data.keystrel.lib.kubernetes.templated | {"Pod", "PodTemplate", "CronJob"}) | {
	"Secret", "ConfigMap", "ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Namespace",
	"CustomResourceDefinition", "SealedSecret", "StorageVersionMigration", "CSIDriver",
}

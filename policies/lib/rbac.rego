# METADATA
# title: Roles and their bindings
package keystrel.lib.rbac

import data.keystrel.lib.kubernetes

# Roles and bindings that somebody wrote.
roles := {role | some role in all_roles; not is_built_in(role)}

bindings := {binding | some binding in all_bindings; not is_built_in_binding(binding)}

all_roles := kubernetes.objects("Role") | kubernetes.objects("ClusterRole")

all_bindings := kubernetes.objects("RoleBinding") | kubernetes.objects("ClusterRoleBinding")

# What every API server makes when it starts, and puts right when it starts again. The label alone says nothing: anybody may
# set it.
is_built_in(fact) if {
	kubernetes.field(fact, ["metadata", "labels", "kubernetes.io/bootstrapping"], "") == "rbac-defaults"
	is_built_in_name(fact.name)
}

is_built_in_name(name) if {
	is_string(name)
	startswith(name, "system:")
}

is_built_in_name(name) if name in {"cluster-admin", "admin", "edit", "view", "extension-apiserver-authentication-reader"}

# Subjects that were added to it stay.
is_built_in_binding(binding) if {
	is_built_in(binding)
	every subject in subjects(binding) {
		is_built_in_subject(subject)
	}
}

is_built_in_subject(subject) if {
	name := object.get(subject, "name", "")
	is_string(name)
	startswith(name, "system:")
}

is_built_in_subject(subject) if {
	subject.kind == "ServiceAccount"
	subject.namespace == "kube-system"
}

# The rules of a role, and the subjects of a binding, as far as they are of the right form.
rules(role) := {rule |
	some rule in kubernetes.list(role.object, "rules")
	is_object(rule)
}

subjects(binding) := {subject |
	some subject in kubernetes.list(binding.object, "subjects")
	is_object(subject)
}

# The same, each beside its path within the fact.
placed_rules(role) := {[["object", "rules", at], rule] |
	some at, rule in kubernetes.list(role.object, "rules")
	is_object(rule)
}

placed_subjects(binding) := {[["object", "subjects", at], subject] |
	some at, subject in kubernetes.list(binding.object, "subjects")
	is_object(subject)
}

# Whether a rule lets do one of the verbs with one of the resources, by their names. Wildcards are told by a control
# of their own.
grants(rule, resources, verbs) if {
	some resource in kubernetes.list(rule, "resources")
	resource in resources
	some verb in kubernetes.list(rule, "verbs")
	verb in verbs
}

names_resources(rule) if count(kubernetes.list(rule, "resourceNames")) > 0

reaches_secrets(rule) if {
	covers_core(rule)
	some resource in kubernetes.list(rule, "resources")
	resource == "*"
	some verb in kubernetes.list(rule, "verbs")
	verb in {"*", "get", "list", "watch"}
}

reaches_secrets(rule) if {
	some resource in kubernetes.list(rule, "resources")
	resource == "secrets"
	some verb in kubernetes.list(rule, "verbs")
	verb == "*"
}

# Secrets are of the core group, which has no name.
covers_core(rule) if {
	some group in kubernetes.list(rule, "apiGroups")
	group in {"", "*"}
}

# Whether a rule reads Secrets, whichever: by name, by a list, or by wildcards.
reads_any_secret(rule) if {
	covers_core(rule)
	not names_resources(rule)
	some resource in kubernetes.list(rule, "resources")
	resource in {"*", "secrets"}
	some verb in kubernetes.list(rule, "verbs")
	verb in {"*", "get", "list", "watch"}
}

# The rules of a role, and of a ClusterRole also those of the roles that it aggregates.
effective_rules(role) := rules(role) | aggregated_rules(role)

aggregated_rules(role) := {rule |
	some selector in kubernetes.list(kubernetes.field(role, ["aggregationRule"], {}), "clusterRoleSelectors")
	is_object(selector)
	wanted := object.get(selector, "matchLabels", null)
	is_object(wanted)
	count(wanted) > 0
	some other in kubernetes.objects("ClusterRole")
	labels := kubernetes.field(other, ["metadata", "labels"], {})
	is_object(labels)
	every name, value in wanted {
		labels[name] == value
	}
	some rule in rules(other)
}

# Roles that read any Secret where they are bound: `[kind, namespace, name]`, without a namespace of a ClusterRole.
secret_readers contains [role.object_kind, object.get(role, "namespace", null), role.name] if {
	some role in all_roles
	some rule in effective_rules(role)
	reads_any_secret(rule)
}

# Whether a binding gives a role that reads any Secret where it holds.
binds_secret_reader(binding) if {
	kubernetes.field(binding, ["roleRef", "kind"], "") == "ClusterRole"
	["ClusterRole", null, kubernetes.field(binding, ["roleRef", "name"], "")] in secret_readers
}

binds_secret_reader(binding) if {
	kubernetes.field(binding, ["roleRef", "kind"], "") == "Role"
	["Role", binding.namespace, kubernetes.field(binding, ["roleRef", "name"], "")] in secret_readers
}

# The name by which requests of a subject come: `system:serviceaccount:shop:app`, a user, a group.
principal(subject, binding) := sprintf("system:serviceaccount:%v:%v", [
	object.get(subject, "namespace", kubernetes.namespace(binding)),
	object.get(subject, "name", ""),
]) if {
	subject.kind == "ServiceAccount"
} else := sprintf("%v", [object.get(subject, "name", "")])

# METADATA
# title: Roles and their bindings
package keystrel.lib.rbac

import data.keystrel.lib.kubernetes

roles := kubernetes.objects("Role") | kubernetes.objects("ClusterRole")

bindings := kubernetes.objects("RoleBinding") | kubernetes.objects("ClusterRoleBinding")

# The rules of a role, and the subjects of a binding, as far as they are of the right form.
rules(role) := {rule |
	some rule in kubernetes.list(role.object, "rules")
	is_object(rule)
}

subjects(binding) := {subject |
	some subject in kubernetes.list(binding.object, "subjects")
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
	some resource in kubernetes.list(rule, "resources")
	resource == "*"
	covers_core(rule)
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

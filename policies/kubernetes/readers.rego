# METADATA
# title: Who can read Secrets
package keystrel.kubernetes.readers

import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.rbac

# METADATA
# title: Somebody reads the Secrets of all namespaces
# description: >-
#   A ClusterRoleBinding holds in every namespace, also in those that come later: whoever steals this one login has
#   every credential of the cluster.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-secrets-read-cluster
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [ClusterRoleBinding]}
#   needs: [k8s_object]
#   threshold: ["system:serviceaccount:kube-system:*", "system:kube-*", "system:masters", "system:node:*", "system:nodes", "kubeadm:cluster-admins", "eks:*"]
#   remediation: >-
#     Delete the binding (`kubectl delete clusterrolebinding NAME`) and bind a Role in the namespaces that are meant,
#     with `resourceNames`. The threshold lists whose names may do it; `*` ends a pattern.
#   frameworks:
#     cis: [kubernetes/5.1.2]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_secrets_read_cluster contains finding if {
	not live.complete({"clusterroles"})
	some binding in data.keystrel.lib.rbac.bindings
	binding.object_kind == "ClusterRoleBinding"
	count(outsiders(binding, data.params["k8s-rbac-secrets-read-cluster"].threshold)) > 0
	finding := {"fact": binding.id, "unknown": "not all roles could be read"}
}

k8s_rbac_secrets_read_cluster contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	binding.object_kind == "ClusterRoleBinding"
	rbac.binds_secret_reader(binding)
	names := outsiders(binding, data.params["k8s-rbac-secrets-read-cluster"].threshold)
	count(names) > 0
	finding := {
		"fact": binding.id,
		"message": sprintf(
			"%s lets %s read the Secrets of all namespaces",
			[kubernetes.named(binding), concat(", ", sort(names))],
		),
	}
}

# METADATA
# title: A binding is for an account or role that does not exist
# description: >-
#   Whoever may make a service account of that name, or a role, gets what the binding gives. Users and groups are no
#   objects of the cluster, so that nothing can be told of them.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-stale-binding
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [RoleBinding, ClusterRoleBinding]}
#   needs: [k8s_object, k8s_cluster]
#   remediation: >-
#     Delete the binding, or take the subject out: `kubectl delete rolebinding NAME -n NAMESPACE`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
k8s_rbac_stale_binding contains finding if {
	live.complete({"serviceaccounts"})
	some [binding, key] in bound_accounts
	live.reads(key[0])
	not key in accounts
	finding := {
		"fact": binding.id,
		"message": sprintf(
			"%s is for service account %v in namespace %v, which does not exist",
			[kubernetes.named(binding), key[1], key[0]],
		),
	}
}

k8s_rbac_stale_binding contains finding if {
	some binding in stale_candidates
	kind := kubernetes.field(binding, ["roleRef", "kind"], "")
	live.complete(lists_of[kind])
	name := kubernetes.field(binding, ["roleRef", "name"], "")
	not [kind, role_namespace(kind, binding), name] in role_names
	finding := {
		"fact": binding.id,
		"message": sprintf("%s gives %v %v, which does not exist", [kubernetes.named(binding), kind, name]),
	}
}

k8s_rbac_stale_binding contains finding if {
	some [binding, key] in bound_accounts
	not are_read(key[0])
	finding := {"fact": binding.id, "unknown": "not all service accounts could be read"}
}

k8s_rbac_stale_binding contains finding if {
	some binding in stale_candidates
	not live.complete(lists_of[kubernetes.field(binding, ["roleRef", "kind"], "Role")])
	finding := {"fact": binding.id, "unknown": "not all roles could be read"}
}

lists_of := {"Role": {"roles"}, "ClusterRole": {"clusterroles"}}

are_read(namespace) if {
	live.complete({"serviceaccounts"})
	live.reads(namespace)
}

bound_accounts contains [binding, key] if {
	some binding in stale_candidates
	some subject in rbac.subjects(binding)
	subject.kind == "ServiceAccount"
	key := [object.get(subject, "namespace", kubernetes.namespace(binding)), object.get(subject, "name", "")]
}

default stale_candidates := set()

stale_candidates := data.keystrel.lib.rbac.bindings if data.keystrel.lib.live.is_cluster

accounts contains [kubernetes.namespace(fact), fact.name] if some fact in live.objects("ServiceAccount")

role_names contains [role.object_kind, role_namespace(role.object_kind, role), role.name] if some role in data.keystrel.lib.rbac.all_roles

role_namespace("Role", fact) := kubernetes.namespace(fact)

role_namespace(kind, _) := "" if kind != "Role"

# METADATA
# title: A role writes the ConfigMaps that decide whom the cluster trusts
# description: >-
#   ConfigMaps of `kube-system` map cloud identities to users (`aws-auth`), tell names to the DNS (`coredns`), and
#   carry the CA that clients trust.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-configmap-write
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Name the ConfigMaps that are meant in `resourceNames`, or bind the role in other namespaces than `kube-system`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_configmap_write contains finding if {
	some role in data.keystrel.lib.rbac.roles
	writes_config_maps(role)
	in_system(role)
	finding := {
		"fact": role.id,
		"message": sprintf("%s writes every ConfigMap of kube-system", [kubernetes.named(role)]),
	}
}

k8s_rbac_configmap_write contains finding if {
	not live.complete({"rolebindings", "clusterrolebindings"})
	some role in data.keystrel.lib.rbac.roles
	role.object_kind == "ClusterRole"
	writes_config_maps(role)
	finding := {"fact": role.id, "unknown": "not all bindings could be read"}
}

writes_config_maps(role) if {
	some rule in rbac.rules(role)
	rbac.grants(rule, {"configmaps"}, {"create", "update", "patch", "delete", "*"})
	not rbac.names_resources(rule)
}

in_system(role) if {
	role.object_kind == "Role"
	role.namespace == "kube-system"
}

# A ClusterRole holds where it is bound.
in_system(role) if {
	role.object_kind == "ClusterRole"
	some binding in data.keystrel.lib.rbac.bindings
	kubernetes.field(binding, ["roleRef", "kind"], "") == "ClusterRole"
	kubernetes.field(binding, ["roleRef", "name"], "") == role.name
	scope(binding) in {"*", "kube-system"}
}

# METADATA
# title: Pods run with a token that reads Secrets
# description: >-
#   Whoever gets into one of the containers has more than its own credentials: every Secret of the namespace, or of
#   the cluster.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-pod-can-read-secrets
#   severity: high
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object, k8s_cluster]
#   threshold: ["kube-system/*"]
#   remediation: >-
#     Restrict the role of the account to named Secrets (`resourceNames`), or give the pods
#     `automountServiceAccountToken: false`. The threshold lists accounts, `namespace/name`, that may; `*` ends a
#     pattern.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_pod_can_read_secrets contains finding if {
	some workload in data.keystrel.lib.live.workloads
	spec := kubernetes.pod_spec(workload)
	namespace := kubernetes.namespace(workload)
	name := account(spec)
	not live.matches(data.params["k8s-pod-can-read-secrets"].threshold, sprintf("%s/%s", [namespace, name]))
	has_token(workload, spec)
	found := read_by(namespace, name)
	count(found) > 0
	finding := {
		"fact": workload.id,
		"message": sprintf(
			"pods of %s run as %s, which reads every Secret of %s",
			[kubernetes.named(workload), name, shown(found)],
		),
	}
}

k8s_pod_can_read_secrets contains finding if {
	not data.keystrel.lib.live.rights_are_complete
	some workload in data.keystrel.lib.live.workloads
	spec := kubernetes.pod_spec(workload)
	name := sprintf("%s/%s", [kubernetes.namespace(workload), account(spec)])
	not live.matches(data.params["k8s-pod-can-read-secrets"].threshold, name)
	has_token(workload, spec)
	finding := {"fact": workload.id, "unknown": "not all roles and bindings could be read"}
}

shown(found) := "the cluster" if "*" in found

shown(found) := concat(", ", sort(found)) if not "*" in found

# METADATA
# title: Many programs share a namespace in which one of them reads every Secret
# description: >-
#   A namespace is the border that roles know. Where unrelated programs share one, an account that reads its Secrets
#   has the credentials of all.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/multi-tenancy/
# custom:
#   id: k8s-ns-shared-secrets
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Namespace]}
#   needs: [k8s_object, k8s_cluster]
#   threshold: 5
#   remediation: >-
#     Give each program a namespace of its own, or name the Secrets in the role. The threshold is how many programs
#     may share it.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_ns_shared_secrets contains finding if {
	some space in live.objects("Namespace")
	not live.is_system(space.name)
	programs := programs_in[space.name]
	count(programs) > data.params["k8s-ns-shared-secrets"].threshold
	readers := {name |
		some name in accounts_in[space.name]
		count(read_by(space.name, name) & {"*", space.name}) > 0
	}
	count(readers) > 0
	finding := {
		"fact": space.id,
		"message": sprintf(
			"%s holds %d programs, and every Secret of them is read by %s",
			[kubernetes.named(space), count(programs), concat(", ", sort(readers))],
		),
	}
}

k8s_ns_shared_secrets contains finding if {
	not are_complete
	some space in live.objects("Namespace")
	not live.is_system(space.name)
	finding := {"fact": space.id, "unknown": "not all workloads, roles and bindings could be read"}
}

k8s_ns_shared_secrets contains finding if {
	some space in live.objects("Namespace")
	is_idle(space)
	finding := {"fact": space.id, "not_applicable": "it is the cluster's own, or no programs run in it"}
}

is_idle(space) if live.is_system(space.name)

is_idle(space) if {
	data.keystrel.lib.live.workloads_are_complete
	not programs_in[space.name]
}

# Subjects of a binding that are not on a list.
outsiders(binding, allowed) := {name |
	some subject in rbac.subjects(binding)
	name := rbac.principal(subject, binding)
	not live.matches(allowed, name)
}

# Where accounts and groups read any Secret: namespaces by the name of the subject, `*` for all of them.
reading[name] contains where if {
	some binding in data.keystrel.lib.rbac.all_bindings
	rbac.binds_secret_reader(binding)
	some subject in rbac.subjects(binding)
	object.get(subject, "kind", "") in {"ServiceAccount", "Group"}
	is_string(object.get(subject, "name", null))
	name := rbac.principal(subject, binding)
	where := scope(binding)
}

scope(binding) := "*" if binding.object_kind == "ClusterRoleBinding"

scope(binding) := kubernetes.namespace(binding) if binding.object_kind == "RoleBinding"

# The namespaces whose Secrets an account reads, whichever they are, by itself or as one of all accounts.
read_by(namespace, account_name) := {where |
	some name in [
		sprintf("system:serviceaccount:%s:%s", [namespace, account_name]), sprintf("system:serviceaccounts:%s", [namespace]),
		"system:serviceaccounts", "system:authenticated",
	]
	some where in reading[name]
}

account(spec) := spec.serviceAccountName if {
	is_string(spec.serviceAccountName)
	spec.serviceAccountName != ""
} else := "default"

# Whether containers find a token: the pod says so, or it and its account say nothing else, or it is projected.
has_token(_, spec) if spec.automountServiceAccountToken == true

has_token(workload, spec) if {
	object.get(spec, "automountServiceAccountToken", null) == null
	not [kubernetes.namespace(workload), account(spec)] in without_token
}

has_token(_, spec) if {
	some volume in kubernetes.list(spec, "volumes")
	is_object(volume)
	sources := object.get(volume, ["projected", "sources"], [])
	is_array(sources)
	some source in sources
	is_object(source)
	is_object(object.get(source, "serviceAccountToken", null))
}

without_token contains [kubernetes.namespace(fact), fact.name] if {
	some fact in kubernetes.objects("ServiceAccount")
	kubernetes.field(fact, ["automountServiceAccountToken"], null) == false
}

are_complete if {
	data.keystrel.lib.live.workloads_are_complete
	data.keystrel.lib.live.rights_are_complete
}

programs_in[namespace] contains name if {
	some workload in data.keystrel.lib.live.workloads
	namespace := kubernetes.namespace(workload)
	name := program(workload)
}

accounts_in[namespace] contains name if {
	some workload in data.keystrel.lib.live.workloads
	namespace := kubernetes.namespace(workload)
	name := account(kubernetes.pod_spec(workload))
}

# What people call the program that a workload is of.
program(workload) := name if {
	labels := live.labels(workload)
	name := object.get(labels, "app.kubernetes.io/name", object.get(labels, "app", object.get(labels, "k8s-app", workload.name)))
	is_string(name)
}

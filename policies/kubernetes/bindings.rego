# METADATA
# title: Bindings of roles
package keystrel.kubernetes.bindings

import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.rbac

# METADATA
# title: Somebody is made cluster-admin
# description: >-
#   `cluster-admin` does everything with everything, and reads every secret.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-cluster-admin
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [RoleBinding, ClusterRoleBinding]}
#   needs: [k8s_object]
#   threshold: ["system:masters", "kubeadm:cluster-admins"]
#   remediation: >-
#     Bind a role with what is needed. Keep `cluster-admin` for emergencies. The threshold lists who may have it.
#   frameworks:
#     cis: [kubernetes/5.1.1]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
k8s_rbac_cluster_admin contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	kubernetes.field(binding, ["roleRef", "name"], "") == "cluster-admin"
	some subject in rbac.subjects(binding)
	not rbac.principal(subject, binding) in data.params["k8s-rbac-cluster-admin"].threshold
	finding := {
		"fact": binding.id,
		"path": ["object", "roleRef"],
		"message": sprintf("%s gives cluster-admin", [kubernetes.named(binding)]),
	}
}

# METADATA
# title: A binding is for system:masters
# description: >-
#   Whoever is in this group passes all authorization; its rights cannot be taken back.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-system-masters
#   severity: critical
#   subject: k8s_object
#   where: {object_kind: [RoleBinding, ClusterRoleBinding]}
#   needs: [k8s_object]
#   remediation: >-
#     Bind another group.
#   frameworks:
#     cis: [kubernetes/5.1.7]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
k8s_rbac_system_masters contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	some [path, subject] in rbac.placed_subjects(binding)
	subject.name == "system:masters"
	finding := {
		"fact": binding.id,
		"path": path,
		"message": sprintf("%s is for the group system:masters", [kubernetes.named(binding)]),
	}
}

# METADATA
# title: Anybody gets rights
# description: >-
#   These names stand for whoever reaches the API server, with or without a login.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-anonymous
#   severity: critical
#   subject: k8s_object
#   where: {object_kind: [RoleBinding, ClusterRoleBinding]}
#   needs: [k8s_object, k8s_cluster]
#   remediation: >-
#     Bind a group of known users or a service account.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
k8s_rbac_anonymous contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	some [path, subject] in rbac.placed_subjects(binding)
	name := object.get(subject, "name", "")
	name in {"system:anonymous", "system:unauthenticated"}
	not is_cluster_info(binding)
	finding := {
		"fact": binding.id,
		"path": path,
		"message": sprintf("%s gives rights to %s", [kubernetes.named(binding), name]),
	}
}

k8s_rbac_anonymous contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	rbac.binds_secret_reader(binding)
	some [path, subject] in rbac.placed_subjects(binding)
	subject.kind == "Group"
	name := object.get(subject, "name", "")
	name in {"system:authenticated", "system:serviceaccounts"}
	finding := {
		"fact": binding.id,
		"path": path,
		"message": sprintf("%s lets everybody in %s read Secrets", [kubernetes.named(binding), name]),
	}
}

k8s_rbac_anonymous contains finding if {
	not live.complete({"roles", "clusterroles"})
	some binding in data.keystrel.lib.rbac.bindings
	some subject in rbac.subjects(binding)
	object.get(subject, "name", "") in {"system:authenticated", "system:serviceaccounts"}
	finding := {"fact": binding.id, "unknown": "not all roles could be read"}
}

# Nodes that join a cluster read its address and CA before they have a login (kubeadm).
is_cluster_info(binding) if {
	binding.namespace == "kube-public"
	kubernetes.field(binding, ["roleRef", "name"], "") == "kubeadm:bootstrap-signer-clusterinfo"
}

# METADATA
# title: The default service account gets rights
# description: >-
#   Every pod that names no account runs as `default`, and has the rights that it is given.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-default-sa-rights
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [RoleBinding, ClusterRoleBinding]}
#   needs: [k8s_object]
#   remediation: >-
#     Give the workload an account of its own, and bind that.
#   frameworks:
#     cis: [kubernetes/5.1.5]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_default_sa_rights contains finding if {
	some binding in data.keystrel.lib.rbac.bindings
	some [path, subject] in rbac.placed_subjects(binding)
	subject.kind == "ServiceAccount"
	subject.name == "default"
	finding := {
		"fact": binding.id,
		"path": path,
		"message": sprintf("%s gives rights to the default service account", [kubernetes.named(binding)]),
	}
}

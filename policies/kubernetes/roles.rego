# METADATA
# title: Roles that reach secrets
package keystrel.kubernetes.roles

import data.keystrel.lib.kubernetes
import data.keystrel.lib.rbac

# METADATA
# title: A role lists secrets
# description: >-
#   Listing and watching give the values, of all secrets of the namespace or, bound for the cluster, of all
#   namespaces. Names cannot restrict it unless `resourceNames` are set.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-secrets-list-watch
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant `get` on the secrets that are needed, by `resourceNames`.
#   frameworks:
#     cis: [kubernetes/5.1.2]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_secrets_list_watch contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"secrets"}, {"list", "watch"})
	not rbac.names_resources(rule)
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s lists secrets with their values", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role reads any secret whose name is known
# description: >-
#   Names of secrets are no secrets: they stand in manifests, and those of operators are the same everywhere.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-secrets-get-unnamed
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Name the secrets that are needed in `resourceNames`.
#   frameworks:
#     cis: [kubernetes/5.1.2]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_secrets_get_unnamed contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"secrets"}, {"get"})
	not rbac.names_resources(rule)
	not rbac.grants(rule, {"secrets"}, {"list", "watch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s reads every secret of its namespace", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role has a wildcard that covers secrets
# description: >-
#   A wildcard grants what there is and what will be: every secret, and every kind of resource that is installed
#   later.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-wildcard
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     List the resources and verbs that are needed.
#   frameworks:
#     cis: [kubernetes/5.1.3]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_wildcard contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.reaches_secrets(rule)
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s reaches secrets by a wildcard", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role creates pods
# description: >-
#   Whoever creates a pod mounts any secret of its namespace, and runs as any of its service accounts.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-pod-create
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Leave it to whoever deploys, in namespaces that hold nothing else; restrict what pods may be by admission.
#   frameworks:
#     cis: [kubernetes/5.1.4]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_pod_create contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"pods", "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs"}, {"create"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s creates pods, and so reads every secret of their namespace", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role runs commands in containers
# description: >-
#   Whoever runs a command in a container reads what it mounts and its environment.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-exec
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant what is needed alone: the verbs that are used, on named resources, in one namespace.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_exec contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"pods/exec", "pods/attach", "pods/ephemeralcontainers"}, {"create", "get", "patch", "update"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s runs commands in containers", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role writes secrets
# description: >-
#   Whoever writes secrets swaps the credentials of others, and can have a token made for any service account.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-secret-write
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant what is needed alone: the verbs that are used, on named resources, in one namespace.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_secret_write contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"secrets"}, {"create", "update", "patch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s writes secrets", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role adds rights on secrets to a role of everybody
# description: >-
#   Rules of a ClusterRole with such a label become part of `view` or `edit`, which are given freely because
#   `view` shows no secrets.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-aggregated
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Take the rights on secrets out, or the label off.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_aggregated contains finding if {
	some role in data.keystrel.lib.rbac.roles
	labels := kubernetes.field(role, ["metadata", "labels"], {})
	is_object(labels)
	some target in {"view", "edit"}
	labels[sprintf("rbac.authorization.k8s.io/aggregate-to-%s", [target])] in {"true", true}
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"secrets"}, {"get", "list", "watch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s adds rights on secrets to %s", [kubernetes.named(role), target]),
	}
}

# METADATA
# title: A role reaches kubelets through the API server
# description: >-
#   The API of a kubelet runs commands in all containers of its node, past audit and admission.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-nodes-proxy
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant `nodes/metrics`, `nodes/stats` or `nodes/log` in place of `nodes/proxy`.
#   frameworks:
#     cis: [kubernetes/5.1.10]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_nodes_proxy contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"nodes/proxy"}, {"get", "create", "update", "patch", "delete"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s has rights on nodes/proxy", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role creates persistent volumes
# description: >-
#   A volume of type `hostPath` is the file system of a node, with the secrets of all its pods.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-pv-create
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Have volumes made by a storage class.
#   frameworks:
#     cis: [kubernetes/5.1.9]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_pv_create contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"persistentvolumes"}, {"create"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s creates persistent volumes", [kubernetes.named(role)]),
	}
}

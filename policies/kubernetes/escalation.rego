# METADATA
# title: Roles that lead to more rights
package keystrel.kubernetes.escalation

import data.keystrel.lib.kubernetes
import data.keystrel.lib.rbac

# METADATA
# title: A role may take more rights than it has
# description: >-
#   Whoever may `bind` or `escalate` gives himself any role, and whoever may `impersonate` acts as anybody.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-escalate
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Leave `bind`, `escalate` and `impersonate` to administrators, on named roles and users.
#   frameworks:
#     cis: [kubernetes/5.1.8]
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_escalate contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	some verb in kubernetes.list(rule, "verbs")
	verb in {"bind", "escalate", "impersonate"}
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s has the verb %s", [kubernetes.named(role), verb]),
	}
}

# METADATA
# title: A role makes tokens of service accounts
# description: >-
#   A token acts as the account; whoever makes tokens acts as all accounts of the namespace.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-token-create
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Name the accounts in `resourceNames`.
#   frameworks:
#     cis: [kubernetes/5.1.13]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_token_create contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"serviceaccounts/token"}, {"create"})
	not rbac.names_resources(rule)
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s makes tokens of service accounts", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role changes admission webhooks
# description: >-
#   A webhook sees every object that is written, secrets too, and may change it.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-webhook
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant what is needed alone: the verbs that are used, on named resources, in one namespace.
#   frameworks:
#     cis: [kubernetes/5.1.12]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_webhook contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}, {"create", "update", "patch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s changes admission webhooks", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role approves certificates
# description: >-
#   An approved certificate logs in as the name that is in it.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-csr-approve
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant what is needed alone: the verbs that are used, on named resources, in one namespace.
#   frameworks:
#     cis: [kubernetes/5.1.11]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_csr_approve contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"certificatesigningrequests/approval", "signers"}, {"update", "patch", "approve"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s approves certificates", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role binds roles
# description: >-
#   Bindings give rights; only what the role has itself can be bound, until somebody adds `bind`.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-rolebinding-create
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Grant what is needed alone: the verbs that are used, on named resources, in one namespace.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_rolebinding_create contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"rolebindings", "clusterrolebindings"}, {"create", "update", "patch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s binds roles", [kubernetes.named(role)]),
	}
}

# METADATA
# title: A role changes what is fetched from outside stores
# description: >-
#   Whoever writes an ExternalSecret, a store or a provider class has the operator fetch any secret that the
#   operator may read.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-crd-secret-stores
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Role, ClusterRole]}
#   needs: [k8s_object]
#   remediation: >-
#     Leave it to whoever deploys; give each namespace a store of its own with an identity that reads no more.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_rbac_crd_secret_stores contains finding if {
	some role in data.keystrel.lib.rbac.roles
	some [path, rule] in rbac.placed_rules(role)
	rbac.grants(rule, {"externalsecrets", "clusterexternalsecrets", "secretstores", "clustersecretstores", "pushsecrets", "secretproviderclasses", "vaultstaticsecrets", "vaultdynamicsecrets", "vaultauths", "vaultconnections"}, {"create", "update", "patch"})
	finding := {
		"fact": role.id,
		"path": path,
		"message": sprintf("%s changes what is fetched from outside stores", [kubernetes.named(role)]),
	}
}

# METADATA
# title: Logins of Kubernetes
package keystrel.vault.kubernetes_auth

import data.keystrel.lib.facts
import data.keystrel.lib.vault_role

# METADATA
# title: A role lets any service account or namespace log in
# description: >-
#   Whoever may create a namespace, or a pod in one, has what the role grants. Any account of named namespaces is
#   less grave: there the namespace is the border.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role
# custom:
#   id: vault-k8sauth-wildcard-sa
#   severity: critical
#   subject: vault_kubernetes_auth_role
#   needs: [vault_kubernetes_auth_role]
#   remediation: >-
#     Run `vault write auth/kubernetes/role/NAME bound_service_account_names=app
#     bound_service_account_namespaces=shop`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_k8sauth_wildcard_sa contains finding if {
	some role in roles
	found := open(role)
	finding := {
		"fact": role.id,
		"severity": found.severity,
		"message": sprintf("%s lets %s log in", [vault_role.named(role), found.why]),
	}
}

# METADATA
# title: A role is for the default service account
# description: >-
#   Every pod that names no account runs with it, so that all of the namespace log in.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/kubernetes
# custom:
#   id: vault-k8sauth-default-sa
#   severity: high
#   subject: vault_kubernetes_auth_role
#   needs: [vault_kubernetes_auth_role]
#   remediation: >-
#     Create an account for the application (`kubectl create serviceaccount app`), use it in the pod, and run `vault
#     write auth/kubernetes/role/NAME bound_service_account_names=app`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_k8sauth_default_sa contains finding if {
	some role in roles
	"default" in vault_role.texts(role, "bound_service_account_names")
	finding := {
		"fact": role.id,
		"message": sprintf("%s lets the account `default` of %s log in", [vault_role.named(role), places(role)]),
	}
}

# METADATA
# title: A role takes tokens that are meant for others
# description: >-
#   Any token of the account logs in, also one that was made for another service, which then logs in as the pod.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role
# custom:
#   id: vault-k8sauth-no-audience
#   severity: medium
#   subject: vault_kubernetes_auth_role
#   needs: [vault_kubernetes_auth_role]
#   remediation: >-
#     Project a token with `audience: vault` into the pod, and run `vault write auth/kubernetes/role/NAME
#     audience=vault`.
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_k8sauth_no_audience contains finding if {
	some role in roles
	vault_role.is_empty(role, "audience")
	finding := {
		"fact": role.id,
		"message": sprintf("%s does not look at the audience of tokens", [vault_role.named(role)]),
	}
}

# METADATA
# title: Tokens are reviewed with a long-lived token
# description: >-
#   A token of Kubernetes that is written into Vault does not end with a pod, and has to be rotated by hand.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/kubernetes#how-to-work-with-short-lived-kubernetes-tokens
# custom:
#   id: vault-k8sauth-iss-validation
#   severity: low
#   subject: vault_kubernetes_auth_config
#   needs: [vault_kubernetes_auth_config]
#   remediation: >-
#     Leave `token_reviewer_jwt` empty: in the cluster Vault uses its own token, which it reads anew
#     (`disable_local_ca_jwt=false`), outside that of the client. Run `vault write auth/kubernetes/config
#     kubernetes_host=...`.
#   frameworks:
#     nist_800_53: [IA-5, IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_k8sauth_iss_validation contains finding if {
	some config in facts.of("vault_kubernetes_auth_config")
	config.token_reviewer_jwt_set == true
	finding := {
		"fact": config.id,
		"message": sprintf("%s reviews tokens with one that was written into its configuration", [config.mount_path]),
	}
}

vault_k8sauth_iss_validation contains finding if {
	some config in facts.of("vault_kubernetes_auth_config")
	not is_boolean(config.token_reviewer_jwt_set)
	finding := {"fact": config.id, "unknown": "the server does not say whether token_reviewer_jwt is set"}
}

roles := facts.of("vault_kubernetes_auth_role")

# Why a role is open, and how much.
open(role) := {"severity": "critical", "why": "any service account of any namespace"} if {
	"*" in vault_role.texts(role, "bound_service_account_names")
	"*" in vault_role.texts(role, "bound_service_account_namespaces")
} else := {"severity": "critical", "why": sprintf("service account %s of any namespace", [shown(role, "bound_service_account_names")])} if {
	"*" in vault_role.texts(role, "bound_service_account_namespaces")
} else := {"severity": "high", "why": sprintf("any service account of %s", [places(role)])} if {
	"*" in vault_role.texts(role, "bound_service_account_names")
}

shown(role, field) := concat(", ", sort(vault_role.texts(role, field)))

places(role) := "any namespace" if {
	"*" in vault_role.texts(role, "bound_service_account_namespaces")
} else := sprintf("namespace %s", [shown(role, "bound_service_account_namespaces")]) if {
	not vault_role.is_empty(role, "bound_service_account_namespaces")
} else := "namespaces by their labels"

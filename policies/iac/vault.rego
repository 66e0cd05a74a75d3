# METADATA
# title: Vault and OpenBao in Terraform
package keystrel.iac.vault

import data.keystrel.lib.iac

# METADATA
# title: An audit device logs secrets in clear
# description: >-
#   With `log_raw` requests and answers are written as they are, with every value that was read.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit
# custom:
#   id: iac-vault-audit-raw
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [vault_audit]}
#   needs: [iac_resource]
#   remediation: >-
#     Leave out `log_raw`.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [DSP-17, IAM-15]
#     owasp_secrets: ["8"]
iac_vault_audit_raw contains finding if {
	some resource in iac.of_type("vault_audit")
	options := iac.property(resource, ["options"])
	is_object(options)
	object.get(options, "log_raw", false) in [true, "true"]
	finding := iac.found_in(resource, ["options"], "log_raw", sprintf("%s logs values in clear", [iac.named(resource)]))
}

iac_vault_audit_raw contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A policy of Vault is for every path
# description: >-
#   Whoever has it reads and changes all secrets, and the policies.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: iac-vault-policy-everything
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [vault_policy]}
#   needs: [iac_resource]
#   remediation: >-
#     Name the paths that are needed.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
iac_vault_policy_everything contains finding if {
	some resource in iac.of_type("vault_policy")
	regex.match(`path\s+"[*]"`, iac.text(resource, ["policy"]))
	finding := iac.found(resource, ["policy"], sprintf("%s is for every path", [iac.named(resource)]))
}

iac_vault_policy_everything contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A role of Vault is for every account of a cluster
# description: >-
#   Every pod of the cluster can log in and has what the role may.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/kubernetes
# custom:
#   id: iac-vault-kubernetes-role-open
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [vault_kubernetes_auth_backend_role]}
#   needs: [iac_resource]
#   remediation: >-
#     Name the service accounts and namespaces.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
iac_vault_kubernetes_role_open contains finding if {
	some resource in iac.of_type("vault_kubernetes_auth_backend_role")
	regex.match(`"[*]"`, iac.text(resource, ["bound_service_account_names"]))
	regex.match(`"[*]"`, iac.text(resource, ["bound_service_account_namespaces"]))
	message := sprintf("%s is for every account of the cluster", [iac.named(resource)])
	finding := iac.found(resource, ["bound_service_account_names"], message)
}

iac_vault_kubernetes_role_open contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A role of Vault is for whoever has a token of an issuer
# description: >-
#   Without a claim or subject that is asked for, every workload of the issuer can log in: of GitHub, any repository.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/jwt
# custom:
#   id: iac-vault-jwt-role-unbound
#   severity: critical
#   subject: iac_resource
#   where: {resource_type: [vault_jwt_auth_backend_role]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `bound_claims` or `bound_subject` to those who may.
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
iac_vault_jwt_role_unbound contains finding if {
	some resource in iac.of_type("vault_jwt_auth_backend_role")
	iac.text(resource, ["role_type"]) == "jwt"
	not iac.is_given(resource, ["bound_claims", "bound_subject"])
	finding := {"fact": resource.id, "message": sprintf("%s asks for no claim", [iac.named(resource)])}
}

iac_vault_jwt_role_unbound contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: Secret ids of an AppRole do not end
# description: >-
#   A secret id that was once seen opens the role for good.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
# custom:
#   id: iac-vault-secret-id-endless
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [vault_approle_auth_backend_role]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `secret_id_ttl` or `secret_id_num_uses`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
iac_vault_secret_id_endless contains finding if {
	some resource in iac.of_type("vault_approle_auth_backend_role")
	iac.property(resource, ["secret_id_ttl"]) in [null, 0, "0"]
	iac.property(resource, ["secret_id_num_uses"]) in [null, 0, "0"]
	not iac.is_false(resource, ["bind_secret_id"])
	message := sprintf("%s has secret ids that do not end", [iac.named(resource)])
	finding := iac.found(resource, ["secret_id_ttl", "secret_id_num_uses"], message)
}

iac_vault_secret_id_endless contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A role of a certificate authority signs any name
# description: >-
#   Whoever has the role gets certificates for every host.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/pki/considerations
# custom:
#   id: iac-vault-pki-any-name
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [vault_pki_secret_backend_role]}
#   needs: [iac_resource]
#   remediation: >-
#     Set `allowed_domains` in place of `allow_any_name`.
#   frameworks:
#     nist_800_53: [AC-6, SC-17]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
iac_vault_pki_any_name contains finding if {
	some resource in iac.of_type("vault_pki_secret_backend_role")
	iac.is_true(resource, ["allow_any_name"])
	finding := iac.found(resource, ["allow_any_name"], sprintf("%s signs any name", [iac.named(resource)]))
}

iac_vault_pki_any_name contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A module makes a token of Vault
# description: >-
#   The token is in the state, and is good for as long as it is renewed.
# related_resources:
# - ref: https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/token
# custom:
#   id: iac-vault-token
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [vault_token]}
#   needs: [iac_resource]
#   remediation: >-
#     Let workloads log in by their own identity.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
iac_vault_token contains finding if {
	some resource in iac.of_type("vault_token")
	not iac.is_given(resource, ["wrapping_ttl"])
	finding := {"fact": resource.id, "message": sprintf("%s is a token in the state", [iac.named(resource)])}
}

iac_vault_token contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

unread := "what the resource is set to was not read"

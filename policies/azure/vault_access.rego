# METADATA
# title: Access policies of key vaults
package keystrel.azure.vault_access

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

# METADATA
# title: Vault uses legacy access policies
# description: >-
#   Access policies know no scope below the vault, no conditions, no time limits and no denials, and whoever may write
#   the vault may write himself one.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
# custom:
#   id: az-kv-rbac
#   severity: medium
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   remediation: >-
#     Give roles in place of the policies (`az role assignment create --role "Key Vault Secrets User"
#     --assignee-object-id OBJECT-ID --scope VAULT-ID`), then `az keyvault update --name VAULT
#     --enable-rbac-authorization true`: all access policies end with it.
#   frameworks:
#     cis: [azure/8.3.6]
#     nist_800_53: [AC-3, AC-3(7)]
#     pci_dss_4: ["7.2.1", "7.3.1"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_rbac contains finding if {
	some vault in azure.told(vaults, ["enableRbacAuthorization"])
	vault.enableRbacAuthorization != true
	finding := {"fact": vault.id, "message": sprintf("%s uses access policies in place of roles", [azure.named(vault)])}
}

az_kv_rbac contains finding if {
	some finding in azure.unknown(vaults, ["enableRbacAuthorization"])
}

vaults := facts.of("azure_key_vault")

policy_fields := ["enableRbacAuthorization", "accessPolicies"]

# METADATA
# title: Access policy gives all or nearly all permissions
# description: >-
#   One principal that reads, writes, deletes and copies everything is enough to lose all of it. Told are `all`,
#   `purge`, and more than the threshold of get, list, set (create), delete, backup, restore, of secrets, keys or
#   certificates.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
# custom:
#   id: az-kv-access-policy-wide
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault, azure_principal]
#   threshold: 4
#   remediation: >-
#     `az keyvault set-policy --name VAULT --object-id OBJECT-ID --secret-permissions get list`: what is given
#     replaces what was there. Better: `az keyvault update --name VAULT --enable-rbac-authorization true`, and roles.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_access_policy_wide contains finding if {
	some vault in azure.told(vaults, policy_fields)
	some object_id, reasons in wide_policies(vault)
	finding := {
		"fact": vault.id,
		"message": sprintf("%s gives %s %s", [
			azure.named(vault),
			azure_rights.principal_name(object_id),
			azure.listed(reasons),
		]),
	}
}

az_kv_access_policy_wide contains finding if {
	some finding in azure.unknown(vaults, policy_fields)
}

# What is too much in the policies of a vault, by principal.
wide_policies(vault) := {object_id: reasons |
	some object_id in {policy.objectId | some policy in azure_rights.policies(vault)}
	reasons := {reason |
		some policy in azure_rights.policies(vault)
		policy.objectId == object_id
		some area, permissions in azure.object_of(policy, "permissions")
		some reason in excess(area, {lower(permission) | some permission in permissions})
	}
	count(reasons) > 0
}

excess(area, permissions) := {sprintf("`all` of %s", [area])} if {
	"all" in permissions
} else := {sprintf("`purge` of %s", [area])} if {
	"purge" in permissions
} else := {sprintf("%d of 6 kinds of permissions on %s", [count(permissions & kinds[area]), area])} if {
	count(permissions & kinds[area]) > data.params["az-kv-access-policy-wide"].threshold
} else := set()

kinds := {
	"secrets": {"get", "list", "set", "delete", "backup", "restore"},
	"keys": {"get", "list", "create", "delete", "backup", "restore"},
	"certificates": {"get", "list", "create", "delete", "backup", "restore"},
	"storage": {"get", "list", "set", "delete", "backup", "restore"},
}

# METADATA
# title: Vault has very many access policies
# description: >-
#   Nobody reviews so many, and a vault takes 1,024 at most. The threshold is the greatest number.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
# custom:
#   id: az-kv-access-policy-limit
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: 50
#   remediation: >-
#     Give roles to groups, and take policies away: `az keyvault delete-policy --name VAULT --object-id OBJECT-ID`.
az_kv_access_policy_limit contains finding if {
	allowed := data.params["az-kv-access-policy-limit"].threshold
	some vault in azure.told(vaults, policy_fields)
	number := count(azure_rights.policies(vault))
	number > allowed
	finding := {
		"fact": vault.id,
		"message": sprintf("%s has %d access policies, of at most %v", [azure.named(vault), number, allowed]),
	}
}

az_kv_access_policy_limit contains finding if {
	some finding in azure.unknown(vaults, policy_fields)
}

# METADATA
# title: Access policy is for a user together with an application
# description: >-
#   Such a policy counts only for that user in that application, is shown as neither's, and cannot become a role. It
#   stays when either goes.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/security-features
# custom:
#   id: az-kv-access-policy-compound
#   severity: medium
#   subject: azure_key_vault
#   needs: [azure_key_vault, azure_principal]
#   remediation: >-
#     Give the application or the user a role of its own, then `az keyvault delete-policy --name VAULT --object-id
#     OBJECT-ID --application-id APPLICATION-ID`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_access_policy_compound contains finding if {
	some vault in azure.told(vaults, policy_fields)
	pairs := {sprintf("%s in application %s", [azure_rights.principal_name(policy.objectId), policy.applicationId]) |
		some policy in azure_rights.policies(vault)
		is_string(policy.applicationId)
	}
	count(pairs) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("%s has access policies for %s", [azure.named(vault), azure.listed(pairs)]),
	}
}

az_kv_access_policy_compound contains finding if {
	some finding in azure.unknown(vaults, policy_fields)
}

# METADATA
# title: Contributors can give themselves access to the data of a vault
# description: >-
#   While a vault is under access policies, whoever may write it may write a policy for himself. Told are those whose
#   role lets do that and does not let assign roles: owners can do so anyway.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
# - ref: https://learn.microsoft.com/azure/key-vault/general/rbac-guide
# custom:
#   id: az-kv-contributor-escalation
#   severity: high
#   subject: azure_key_vault
#   needs: [azure_key_vault, azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     `az keyvault update --name VAULT --enable-rbac-authorization true` once roles are given in place of the
#     policies, or `az role assignment delete --ids ASSIGNMENT-ID`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
az_kv_contributor_escalation contains finding if {
	some vault in azure.told(vaults, ["enableRbacAuthorization"])
	vault.enableRbacAuthorization != true
	names := {sprintf("%s (%s)", [azure_rights.principal_name(assignment.principalId), assignment.role_name]) |
		some assignment in azure_rights.reaching("write vaults", vault.id)
		not "assign roles" in azure_rights.powers(assignment)
	}
	count(names) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("%s is under access policies, and %s may write them without access to data: %s", [
			azure.named(vault),
			age.counted(count(names), "principal"),
			azure.listed(names),
		]),
	}
}

az_kv_contributor_escalation contains finding if {
	some finding in azure.unknown(vaults, ["enableRbacAuthorization"])
}

az_kv_contributor_escalation contains finding if {
	some vault in azure.told(vaults, ["enableRbacAuthorization"])
	vault.enableRbacAuthorization != true
	some assignment in azure_rights.reaching("unknown", vault.id)
	finding := {"fact": vault.id, "unknown": sprintf("what %s permits was not read", [azure_rights.role_of(assignment)])}
}

# METADATA
# title: Roles for what is in key vaults, and where they are assigned
package keystrel.azure.roles

import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

assignments := facts.of("azure_role_assignment")

# METADATA
# title: Role for the data of vaults is given at a subscription or group
# description: >-
#   It is for all vaults there, also for those that are made tomorrow. Told are roles that read or write values, use
#   or make keys, or make certificates, by whatever name.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/rbac-guide
# custom:
#   id: az-kv-role-broad-scope
#   severity: high
#   subject: azure_role_assignment
#   needs: [azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     `az role assignment create --role ROLE --assignee-object-id OBJECT-ID --scope VAULT-ID` for each vault that is
#     meant, then `az role assignment delete --ids ASSIGNMENT-ID`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_role_broad_scope contains finding if {
	some assignment in azure.told(assignments, broad_fields)
	assignment.scope_kind in {"root", "management_group", "subscription", "resource_group"}
	powers := azure_rights.data_powers(assignment)
	count(powers) > 0
	finding := {
		"fact": assignment.id,
		"message": sprintf("%s lets %s %s of all vaults in %s", [
			azure_rights.role_of(assignment),
			azure_rights.principal_name(assignment.principalId),
			concat(", ", sort(powers)),
			assignment.scope,
		]),
	}
}

az_kv_role_broad_scope contains finding if {
	some finding in azure_rights.unknown_roles(broad_fields)
}

broad_fields := ["role", "principalId", "scope", "scope_kind"]

# METADATA
# title: Role for the data of vaults is given to a person directly
# description: >-
#   It stays when the person changes teams, and no review of groups sees it. A role that Privileged Identity
#   Management has activated for hours is fine.
# related_resources:
# - ref: https://learn.microsoft.com/azure/role-based-access-control/best-practices
# custom:
#   id: az-kv-role-user-direct
#   severity: medium
#   subject: azure_role_assignment
#   needs: [azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     `az role assignment create --role ROLE --assignee-object-id GROUP-ID --assignee-principal-type Group --scope
#     SCOPE`, then `az role assignment delete --ids ASSIGNMENT-ID`; for administrators an eligible assignment.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_role_user_direct contains finding if {
	some assignment in azure.told(assignments, direct_fields)
	assignment.principalType == "User"
	assignment.assignment_type != "Activated"
	count(azure_rights.data_powers(assignment)) > 0
	finding := {
		"fact": assignment.id,
		"message": sprintf("%s is assigned to user %s at %s", [
			azure_rights.role_of(assignment),
			azure_rights.principal_name(assignment.principalId),
			assignment.scope,
		]),
	}
}

az_kv_role_user_direct contains finding if {
	some finding in azure_rights.unknown_roles(direct_fields)
}

direct_fields := ["role", "principalId", "principalType", "scope", "assignment_type"]

# METADATA
# title: Standing administration of vaults instead of time-bound
# description: >-
#   A stolen session of an administrator has all values at any hour. Told are people and groups with a role that may
#   read and write values and make keys and certificates, for ever and without activation.
# related_resources:
# - ref: https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-resource-roles-assign-roles
# - ref: https://learn.microsoft.com/azure/role-based-access-control/pim-integration
# custom:
#   id: az-kv-role-standing-admin
#   severity: high
#   subject: azure_role_assignment
#   needs: [azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     Make the assignment eligible in Privileged Identity Management (`az rest --method put --url
#     "https://management.azure.com/SCOPE/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/GUID?api-version=2020-10-01"
#     --body @request.json`), then `az role assignment delete --ids ASSIGNMENT-ID`.
#   frameworks:
#     nist_800_53: [AC-2(7), AC-6(5)]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-10]
#     owasp_secrets: ["2.3"]
az_kv_role_standing_admin contains finding if {
	some assignment in azure.told(assignments, standing_fields)
	assignment.principalType in {"User", "Group", "ForeignGroup"}
	assignment.assignment_type != "Activated"
	not is_string(assignment.ends)
	count({"read values", "write values", "make keys", "make certificates"} - azure_rights.powers(assignment)) == 0
	finding := {
		"fact": assignment.id,
		"message": sprintf("%s is assigned to %s %s at %s for ever", [
			azure_rights.role_of(assignment),
			lower(assignment.principalType),
			azure_rights.principal_name(assignment.principalId),
			assignment.scope,
		]),
	}
}

az_kv_role_standing_admin contains finding if {
	some finding in azure_rights.unknown_roles(standing_fields)
}

standing_fields := ["role", "principalId", "principalType", "scope", "assignment_type", "ends"]

# METADATA
# title: Custom role has wildcards for data of key vaults
# description: >-
#   A wildcard gives more than was thought of, and whatever Azure adds. Told are data actions with `*` that read or
#   write values, use or make keys, or make certificates.
# related_resources:
# - ref: https://learn.microsoft.com/azure/role-based-access-control/custom-roles
# custom:
#   id: az-kv-custom-role-wildcard
#   severity: high
#   subject: azure_role_definition
#   where: {role_type: [CustomRole]}
#   needs: [azure_role_definition]
#   remediation: >-
#     `az role definition update --role-definition @role.json` with the operations that are needed, such as
#     `Microsoft.KeyVault/vaults/secrets/getSecret/action`, in place of the wildcard.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_kv_custom_role_wildcard contains finding if {
	some role in azure.told(custom, ["permissions"])
	patterns := {pattern |
		some permission in role.permissions
		some pattern in azure.list(permission, "dataActions")
		contains(pattern, "*")
		azure_rights.opens_data(permission, pattern)
	}
	count(patterns) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("%s has data actions with wildcards: %s", [azure.named(role), azure.listed(patterns)]),
	}
}

az_kv_custom_role_wildcard contains finding if {
	some finding in azure.unknown(custom, ["permissions"])
}

custom := [role |
	some role in facts.of("azure_role_definition")
	object.get(role, "role_type", "CustomRole") == "CustomRole"
]

# METADATA
# title: Managed identities that may use key vaults
package keystrel.azure.managed_identities

import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

identities := facts.of("azure_managed_identity")

# METADATA
# title: One managed identity with vault rights is used by many resources
# description: >-
#   Whatever breaks into one of them has the rights of all, and no log tells which it was. The threshold is the
#   greatest number of resources.
# related_resources:
# - ref: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations
# custom:
#   id: az-mi-user-assigned-shared
#   severity: medium
#   subject: azure_managed_identity
#   needs: [azure_key_vault, azure_managed_identity, azure_role_assignment, azure_role_definition]
#   threshold: 5
#   remediation: >-
#     `az identity create --name NEW --resource-group GROUP` for each application, with the roles that it needs, and
#     assign it in place of this one.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
az_mi_user_assigned_shared contains finding if {
	allowed := data.params["az-mi-user-assigned-shared"].threshold
	some identity in with_rights
	azure.is_told(identity, ["associated_resources"])
	number := count(azure.list(identity, "associated_resources"))
	number > allowed
	finding := {
		"fact": identity.id,
		"message": sprintf("%s is used by %d resources, of at most %v, and has %s", [
			azure.named(identity),
			number,
			allowed,
			azure.listed(azure_rights.rights_of(identity.principalId)),
		]),
	}
}

az_mi_user_assigned_shared contains finding if {
	some finding in (azure.unknown(with_rights, ["associated_resources"]) | azure.unknown(identities, ["principalId"]))
}

az_mi_user_assigned_shared contains finding if {
	some identity in azure.told(identities, ["principalId"])
	azure_rights.has_unknown_roles(identity.principalId)
	finding := {"fact": identity.id, "unknown": "what a role permits that is assigned to it was not read"}
}

with_rights := [identity |
	some identity in azure.told(identities, ["principalId"])
	count(azure_rights.rights_of(identity.principalId)) > 0
]

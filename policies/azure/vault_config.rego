# METADATA
# title: What key vaults are open and used for
package keystrel.azure.vault_config

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

vaults := facts.of("azure_key_vault")

# METADATA
# title: Vault open to VM, template or disk-encryption fetch
# description: >-
#   Whoever may deploy machines or templates has what is in the vault put into them, without any right to read it. The
#   threshold lists the flags that are wanted.
# related_resources:
# - ref: https://learn.microsoft.com/azure/azure-resource-manager/templates/key-vault-parameter
# - ref: https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints
# custom:
#   id: az-kv-deployment-flags
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_key_vault]
#   threshold: []
#   remediation: >-
#     `az keyvault update --name VAULT --enabled-for-deployment false --enabled-for-template-deployment false
#     --enabled-for-disk-encryption false`, those that nothing needs.
#   frameworks:
#     nist_800_53: [CM-6, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
az_kv_deployment_flags contains finding if {
	wanted := {lower(flag) | some flag in data.params["az-kv-deployment-flags"].threshold}
	some vault in azure.told(vaults, flags)
	open := {flag |
		some flag in flags
		vault[flag] == true
		not lower(flag) in wanted
	}
	count(open) > 0
	finding := {"fact": vault.id, "message": sprintf("%s has %s", [azure.named(vault), azure.listed(open)])}
}

az_kv_deployment_flags contains finding if {
	some finding in azure.unknown(vaults, flags)
}

flags := ["enabledForDeployment", "enabledForTemplateDeployment", "enabledForDiskEncryption"]

# METADATA
# title: One vault serves many applications or environments
# description: >-
#   What is broken into in one of them has the values of all, since a reader of a vault reads all of it. Told where
#   tags `env`, `environment` or `stage` of what is in it, or of itself, name several, and where more principals than
#   the threshold may read values by roles at the vault itself or by its access policies.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/secure-key-vault
# custom:
#   id: az-kv-vault-shared
#   severity: low
#   subject: azure_key_vault
#   needs: [azure_certificate, azure_key, azure_key_vault, azure_role_assignment, azure_role_definition, azure_secret]
#   threshold: 5
#   remediation: >-
#     `az keyvault create --name NEW --resource-group GROUP --enable-rbac-authorization true` for each application and
#     environment, and move its secrets there.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["6.5.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.31]
#     csa_ccm_4: [IVS-05]
#     owasp_secrets: ["2.3", "6.3"]
az_kv_vault_shared contains finding if {
	some vault in azure.told(vaults, shared_fields)
	reasons := several_environments(vault) | many_readers(vault)
	count(reasons) > 0
	finding := {"fact": vault.id, "message": sprintf("%s %s", [azure.named(vault), concat(", and ", sort(reasons))])}
}

az_kv_vault_shared contains finding if {
	some finding in azure.unknown(vaults, shared_fields)
}

az_kv_vault_shared contains finding if {
	some kind in contents
	some fact in facts.of(kind)
	why := azure.untold(fact, "tags")
	finding := {"fact": fact.vault, "unknown": sprintf("of %s: %s", [azure.named(fact), why])}
}

az_kv_vault_shared contains finding if {
	some vault in vaults
	count(azure_rights.assigned_at("unknown", vault.id)) > 0
	finding := {"fact": vault.id, "unknown": "what a role permits that is assigned there was not read"}
}

contents := ["azure_certificate", "azure_key", "azure_secret"]

shared_fields := ["tags", "enableRbacAuthorization", "accessPolicies"]

several_environments(vault) := {sprintf("holds what is for %s", [concat(", ", sort(names))])} if {
	names := environments_in(vault) | azure.environments(vault)
	count(names) > 1
} else := set()

# No `object.get`: where nothing says its environment, `contained` is undefined for the interpreter that is built in.
environments_in(vault) := names if {
	names := contained[vault.id]
} else := set()

contained[vault] contains name if {
	some kind in contents
	some fact in facts.of(kind)
	is_string(fact.vault)
	vault := fact.vault
	some name in azure.environments(fact)
}

many_readers(vault) := {sprintf("is read by %s, of at most %v", [age.counted(count(readers(vault)), "principal"), allowed])} if {
	allowed := data.params["az-kv-vault-shared"].threshold
	count(readers(vault)) > allowed
} else := set()

readers(vault) := {azure.lowered(policy.objectId) |
	some policy in azure_rights.policies(vault)
	"read values" in azure_rights.policy_powers(policy)
} | {azure.lowered(azure_rights.assignment_of(id).principalId) |
	vault.enableRbacAuthorization == true
	some id in azure_rights.assigned_at("read values", vault.id)
}

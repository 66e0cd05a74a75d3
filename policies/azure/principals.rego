# METADATA
# title: Who has access to key vaults
package keystrel.azure.principals

import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

vaults := facts.of("azure_key_vault")

assignments := facts.of("azure_role_assignment")

policy_fields := ["enableRbacAuthorization", "accessPolicies"]

# Assignments of roles that let do something with what is in vaults.
given := [assignment |
	some assignment in azure.told(assignments, ["principalId", "role"])
	count(azure_rights.data_powers(assignment)) > 0
]

# METADATA
# title: Access policy or assignment names a deleted principal
# description: >-
#   It says that nobody tidies up, and hides who has access. An access policy comes back to life with a principal that
#   is restored within 30 days.
# related_resources:
# - ref: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
# custom:
#   id: az-kv-access-policy-orphan
#   severity: medium
#   subject: [azure_key_vault, azure_role_assignment]
#   needs: [azure_key_vault, azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     `az keyvault delete-policy --name VAULT --object-id OBJECT-ID`, or `az role assignment delete --ids
#     ASSIGNMENT-ID`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
az_kv_access_policy_orphan contains finding if {
	some vault in azure.told(vaults, policy_fields)
	gone := {policy.objectId |
		some policy in azure_rights.policies(vault)
		azure.is_told(azure_rights.principal_of(policy.objectId), ["exists"])
		azure_rights.principal_of(policy.objectId).exists == false
	}
	count(gone) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("%s has access policies for principals that do not exist: %s", [azure.named(vault), azure.listed(gone)]),
	}
}

az_kv_access_policy_orphan contains finding if {
	some assignment in given
	principal := azure_rights.principal_of(assignment.principalId)
	azure.is_told(principal, ["exists"])
	principal.exists == false
	finding := {
		"fact": assignment.id,
		"message": sprintf("%s at %s is assigned to %s, which does not exist", [
			azure_rights.role_of(assignment),
			assignment.scope,
			assignment.principalId,
		]),
	}
}

az_kv_access_policy_orphan contains finding if {
	some finding in (azure.unknown(vaults, policy_fields) | azure_rights.unknown_roles(["principalId", "role"]))
}

az_kv_access_policy_orphan contains finding if {
	some finding in unknown_principals(["exists"])
}

# What is not known of those who have access.
unknown_principals(fields) := {{"fact": vault.id, "unknown": why} |
	some vault in azure.told(vaults, policy_fields)
	some policy in azure_rights.policies(vault)
	why := unknown_of(policy.objectId, fields)
} | {{"fact": assignment.id, "unknown": why} |
	some assignment in given
	why := unknown_of(assignment.principalId, fields)
}

unknown_of(object_id, fields) := sprintf("of principal %s: %s", [object_id, azure.untold(principal, field)]) if {
	principal := azure_rights.principal_of(object_id)
	some field in fields
	azure.untold(principal, field)
}

unknown_of(object_id, _) := sprintf("principal %s was not looked up", [object_id]) if not azure_rights.principal_of(object_id)

# METADATA
# title: Guest or principal of another tenant has access to data of vaults
# description: >-
#   Whether the account is protected and when it ends is decided elsewhere. The threshold lists tenants whose
#   applications may: by default the two of Microsoft's own services.
# related_resources:
# - ref: https://learn.microsoft.com/entra/external-id/user-properties
# - ref: https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals
# custom:
#   id: az-kv-role-guest
#   severity: high
#   subject: [azure_key_vault, azure_role_assignment]
#   needs: [azure_key_vault, azure_principal, azure_role_assignment, azure_role_definition]
#   threshold: [f8cdef31-a31e-4b4a-93e4-5f571e91255a, 72f988bf-86f1-41af-91ab-2d7cd011db47]
#   remediation: >-
#     `az role assignment delete --ids ASSIGNMENT-ID`, or `az keyvault delete-policy --name VAULT --object-id
#     OBJECT-ID`; whoever needs it gets an account of this tenant, or access for a time by an access package.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
az_kv_role_guest contains finding if {
	some vault in azure.told(vaults, ["enableRbacAuthorization", "accessPolicies", "tenantId"])
	foreign := {text |
		some policy in azure_rights.policies(vault)
		count(azure_rights.policy_powers(policy)) > 0
		text := foreign_policy(vault, policy)
	}
	count(foreign) > 0
	finding := {
		"fact": vault.id,
		"message": sprintf("%s has access policies for %s", [azure.named(vault), azure.listed(foreign)]),
	}
}

az_kv_role_guest contains finding if {
	some assignment in given
	text := stranger(assignment.principalId)
	finding := {
		"fact": assignment.id,
		"message": sprintf("%s at %s is assigned to %s", [azure_rights.role_of(assignment), assignment.scope, text]),
	}
}

az_kv_role_guest contains finding if {
	some finding in (azure.unknown(vaults, ["enableRbacAuthorization", "accessPolicies", "tenantId"]) | azure_rights.unknown_roles(["principalId", "role"]))
}

az_kv_role_guest contains finding if {
	some finding in unknown_principals(["userType", "appOwnerOrganizationId", "tenant"])
}

foreign_policy(vault, policy) := sprintf("%s of tenant %s", [policy.objectId, policy.tenantId]) if {
	azure.lowered(policy.tenantId) != azure.lowered(vault.tenantId)
} else := stranger(policy.objectId)

# What a principal is that is not of this tenant; undefined for others.
stranger(object_id) := sprintf("guest %s", [azure_rights.principal_name(object_id)]) if {
	azure_rights.principal_of(object_id).userType == "Guest"
}

stranger(object_id) := sprintf("application %s of tenant %s", [azure_rights.principal_name(object_id), home]) if {
	principal := azure_rights.principal_of(object_id)
	principal.principal_kind == "service_principal"
	home := azure.lowered(principal.appOwnerOrganizationId)
	home != ""
	home != azure.lowered(principal.tenant)
	not home in {lower(tenant) | some tenant in data.params["az-kv-role-guest"].threshold}
}

# METADATA
# title: One principal both manages and uses keys
# description: >-
#   Whoever makes, imports and deletes keys should not be who decrypts and signs with them. Told is who holds two
#   roles, one for each, or an access policy for both. Key Vault Crypto Officer may do both by itself: whoever holds a
#   role for use besides is meant to do both.
# related_resources:
# - ref: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
# - ref: https://csrc.nist.gov/pubs/sp/800/57/pt2/r1/final
# custom:
#   id: az-kv-sod-crypto
#   severity: medium
#   subject: azure_principal
#   needs: [azure_key_vault, azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     Give programs Key Vault Crypto User or Crypto Service Encryption User and administrators Key Vault Crypto
#     Officer, and take the other one away: `az role assignment delete --ids ASSIGNMENT-ID`.
#   frameworks:
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04, IAM-09]
az_kv_sod_crypto contains finding if {
	some principal in azure.told(facts.of("azure_principal"), ["object_id"])
	is_string(principal.object_id)
	reasons := both[lower(principal.object_id)]
	finding := {
		"fact": principal.id,
		"message": sprintf("%s manages and uses keys: %s", [azure_rights.principal_name(principal.object_id), azure.listed(reasons)]),
	}
}

az_kv_sod_crypto contains finding if {
	some finding in azure.unknown(facts.of("azure_principal"), ["object_id"])
}

az_kv_sod_crypto contains finding if {
	some principal in azure.told(facts.of("azure_principal"), ["object_id"])
	azure_rights.has_unknown_roles(principal.object_id)
	finding := {"fact": principal.id, "unknown": "what a role permits that is assigned to it was not read"}
}

both[object_id] contains text if {
	some manager in given
	"make keys" in azure_rights.powers(manager)
	is_string(manager.principalId)
	object_id := lower(manager.principalId)
	some id in users[object_id]
	user := azure_rights.assignment_of(id)
	overlap(manager, user)
	text := sprintf("%s and %s at %s", [azure_rights.role_of(manager), azure_rights.role_of(user), narrower(manager, user)])
}

both[object_id] contains text if {
	some vault in vaults
	some policy in azure_rights.policies(vault)
	powers := azure_rights.policy_powers(policy)
	count({"make keys", "use keys"} - powers) == 0
	object_id := azure.lowered(policy.objectId)
	text := sprintf("access policy of %s", [azure.named(vault)])
}

# Assignments for use alone, by principal.
users[object_id] contains assignment.id if {
	some assignment in given
	"use keys" in azure_rights.powers(assignment)
	not "make keys" in azure_rights.powers(assignment)
	is_string(assignment.principalId)
	object_id := lower(assignment.principalId)
}

overlap(one, other) if azure_rights.reaches(one, other.scope_id)

overlap(one, other) if azure_rights.reaches(other, one.scope_id)

narrower(one, other) := one.scope if {
	count(one.scope_id) >= count(other.scope_id)
} else := other.scope

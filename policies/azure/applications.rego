# METADATA
# title: App registrations, their secrets and owners
package keystrel.azure.applications

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.azure_rights
import data.keystrel.lib.facts

applications := facts.of("azure_application")

# Secrets of an application that are good today.
live(application) := [credential |
	some credential in azure.list(application, "passwordCredentials")
	not has_ended(credential)
]

has_ended(credential) if {
	age.is_time(credential.endDateTime)
	age.is_past(credential.endDateTime)
}

# METADATA
# title: Application registration secret lives too long
# description: >-
#   A secret of an application signs in as it from anywhere, without a second factor. Counted in days from its start
#   to its end, of those that are good today.
# related_resources:
# - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
# - ref: https://learn.microsoft.com/graph/api/resources/passwordcredential
# custom:
#   id: az-app-secret-no-or-long-expiry
#   severity: high
#   subject: azure_application
#   needs: [azure_application]
#   threshold: 180
#   remediation: >-
#     Use a managed identity or a federated credential. Else `az ad app credential reset --id APP-ID --append
#     --end-date DATE`, move what uses it, and `az ad app credential delete --id APP-ID --key-id KEY-ID`; an app
#     management policy keeps new ones short.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
az_app_secret_no_or_long_expiry contains finding if {
	allowed := data.params["az-app-secret-no-or-long-expiry"].threshold
	some application in azure.told(applications, ["passwordCredentials"])
	long := {text |
		some credential in live(application)
		text := too_long(credential, allowed)
	}
	count(long) > 0
	finding := {
		"fact": application.id,
		"message": sprintf("secrets of %s live for more than %s: %s", [
			azure.named(application),
			age.show_days(allowed),
			azure.listed(long),
		]),
	}
}

az_app_secret_no_or_long_expiry contains finding if {
	some finding in azure.unknown(applications, ["passwordCredentials"])
}

too_long(credential, _) := sprintf("%s has no end", [credential.keyId]) if not age.is_time(credential.endDateTime)

too_long(credential, allowed) := sprintf("%s until %s", [credential.keyId, azure.day(credential.endDateTime)]) if {
	floor(azure.days_between(credential.startDateTime, credential.endDateTime)) > allowed
}

# METADATA
# title: Expired application secret kept
# description: >-
#   It is good for nothing, and hides which ones are: nobody looks when the next is added.
# related_resources:
# - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
# custom:
#   id: az-app-secret-expired
#   severity: medium
#   subject: azure_application
#   needs: [azure_application]
#   remediation: >-
#     `az ad app credential delete --id APP-ID --key-id KEY-ID`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
az_app_secret_expired contains finding if {
	some application in azure.told(applications, ["passwordCredentials"])
	ended := {sprintf("%s on %s", [credential.keyId, azure.day(credential.endDateTime)]) |
		some credential in azure.list(application, "passwordCredentials")
		has_ended(credential)
	}
	count(ended) > 0
	finding := {
		"fact": application.id,
		"message": sprintf("secrets of %s have expired: %s", [azure.named(application), azure.listed(ended)]),
	}
}

az_app_secret_expired contains finding if {
	some finding in azure.unknown(applications, ["passwordCredentials"])
}

# METADATA
# title: Application has many live secrets
# description: >-
#   Two are enough to change from one to the other. Nobody knows who has the others. The threshold is the greatest
#   number.
# related_resources:
# - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
# custom:
#   id: az-app-secret-sprawl
#   severity: medium
#   subject: azure_application
#   needs: [azure_application]
#   threshold: 2
#   remediation: >-
#     `az ad app credential delete --id APP-ID --key-id KEY-ID` for those that nothing signs in with, by the sign-in
#     logs of the service principal (`servicePrincipalCredentialKeyId`).
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
az_app_secret_sprawl contains finding if {
	allowed := data.params["az-app-secret-sprawl"].threshold
	some application in azure.told(applications, ["passwordCredentials"])
	count(live(application)) > allowed
	finding := {
		"fact": application.id,
		"message": sprintf("%s has %d secrets that are good, of at most %v", [
			azure.named(application),
			count(live(application)),
			allowed,
		]),
	}
}

az_app_secret_sprawl contains finding if {
	some finding in azure.unknown(applications, ["passwordCredentials"])
}

# METADATA
# title: Non-admin owner of an application that reads vaults
# description: >-
#   An owner may add a secret to the application and sign in as it: whoever has his account has the values of the
#   vaults. Administrators of applications may do so anyway; whoever is one by a group alone is told as if he were none.
# related_resources:
# - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/overview-assign-app-owners
# custom:
#   id: az-app-owner-escalation
#   severity: high
#   subject: azure_application
#   needs: [azure_application, azure_key_vault, azure_principal, azure_role_assignment, azure_role_definition]
#   remediation: >-
#     `az ad app owner remove --id APP-ID --owner-object-id OBJECT-ID`, or an app instance property lock and a policy
#     that forbids secrets.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_app_owner_escalation contains finding if {
	some application in azure.told(applications, owner_fields)
	rights := azure_rights.rights_of(azure.last(azure.lowered(application.service_principal)))
	count(rights) > 0
	names := {name |
		some owner in owners(application)
		owner.is_admin == false
		name := owner_name(owner)
	}
	count(names) > 0
	finding := {
		"fact": application.id,
		"message": sprintf("%s is owned by %s and has %s", [azure.named(application), azure.listed(names), azure.listed(rights)]),
	}
}

az_app_owner_escalation contains finding if {
	some application in azure.told(applications, owner_fields)
	count(azure_rights.rights_of(azure.last(azure.lowered(application.service_principal)))) > 0
	some owner in owners(application)
	not is_boolean(owner.is_admin)
	finding := {"fact": application.id, "unknown": sprintf("whether owner %s is an administrator could not be read", [owner_name(owner)])}
}

az_app_owner_escalation contains finding if {
	some application in azure.told(applications, owner_fields)
	azure_rights.has_unknown_roles(azure.last(azure.lowered(application.service_principal)))
	finding := {"fact": application.id, "unknown": "what a role permits that is assigned to it was not read"}
}

az_app_owner_escalation contains finding if {
	some finding in azure.unknown(applications, owner_fields)
}

owner_fields := ["service_principal", "owners"]

# Owners that are people.
owners(application) := [owner |
	some owner in azure.list(application, "owners")
	owner.owner_kind == "user"
]

owner_name(owner) := owner.userPrincipalName if {
	is_string(owner.userPrincipalName)
} else := owner.id

# METADATA
# title: Federated credential subject too open
# description: >-
#   Whatever matches gets tokens of the identity without a secret. A wildcard for the repository or namespace lets in
#   repositories of others; one for the branch or environment (high), whoever may push a branch. Fine is an expression
#   that also names a workflow without a wildcard.
# related_resources:
# - ref: https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
# custom:
#   id: az-app-federated-wildcard
#   severity: critical
#   subject: azure_federated_credential
#   needs: [azure_federated_credential]
#   remediation: >-
#     `az ad app federated-credential update --id APP-ID --federated-credential-id NAME --parameters @credential.json`
#     with a `subject` such as `repo:ORG/REPOSITORY:environment:production` in place of the expression.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
az_app_federated_wildcard contains finding if {
	some credential in azure.told(credentials, expression_fields)
	expression := azure.object_of(credential, "claimsMatchingExpression").value
	open := {clause | some clause in clauses(expression); has_wildcard(clause)}
	count(open) > 0
	not names_workflow(expression)
	finding := {
		"fact": credential.id,
		"message": sprintf("%s of %s lets in all that %s", [
			azure.named(credential),
			azure.last(credential.owner),
			concat(" and ", sort(open)),
		]),
		"severity": severity(open),
	}
}

az_app_federated_wildcard contains finding if {
	some finding in azure.unknown(credentials, expression_fields)
}

credentials := facts.of("azure_federated_credential")

expression_fields := ["owner", "claimsMatchingExpression"]

# `claims['sub'] matches 'repo:shop/*'`, one of those that `and` joins.
clauses(expression) := {clause |
	some i, part in regex.split(`(?i)\s+and\s+claims`, expression)
	clause := sprintf("%s%s", [["", "claims"][min([i, 1])], trim_space(part)])
}

has_wildcard(clause) if regex.match(`[*?]`, comparand(clause))

# What the claim is compared with.
comparand(clause) := trim(parts[1], ` '"`) if {
	parts := regex.split(`(?i)\]\s*(?:matches|eq)\s+`, clause)
	count(parts) > 1
} else := clause

names_workflow(expression) if {
	some clause in clauses(expression)
	contains(lower(clause), "job_workflow_ref")
	not has_wildcard(clause)
}

severity(open) := "critical" if {
	some clause in open
	is_for_others(comparand(clause))
} else := "high"

# Whether what stands before the branch has a wildcard: `repo:ORG/REPOSITORY`, `project_path:GROUP/PROJECT`,
# `system:serviceaccount:NAMESPACE`.
is_for_others(text) if {
	parts := split(text, ":")
	depth := {"system": 3}
	regex.match(`[*?]`, concat(":", array.slice(parts, 0, object.get(depth, parts[0], 2))))
}

# METADATA
# title: Roles in Google Cloud
package keystrel.gcp.iam_roles

import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

# METADATA
# title: Owner or Editor held on a project with secrets
# description: >-
#   Basic roles hold thousands of permissions. An owner reads all secrets, and an editor may act as service accounts
#   that do, though the role itself does not read. Told where they are given: projects with secrets, and what is above.
#   Google's own accounts are left out.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/roles-overview#basic
# custom:
#   id: gcp-iam-primitive-roles
#   severity: high
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_secret]
#   threshold: [roles/owner, roles/editor]
#   remediation: >-
#     Give the roles that the work needs, by what `gcloud recommender recommendations list
#     --recommender=google.iam.policy.Recommender --location=global --project=PROJECT` says, and `gcloud projects
#     remove-iam-policy-binding PROJECT --member=MEMBER --role=roles/editor`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
gcp_iam_primitive_roles contains finding if {
	roles := {role | some role in data.params["gcp-iam-primitive-roles"].threshold}
	some scope in gcp.told(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
	held := {sprintf("%s (%s)", [gcp_iam.show(grant.member), gcp.last_part(grant.role)]) |
		some grant in gcp_iam.bound(scope, roles)
		gcp_iam.is_principal(grant.member)
	}
	count(held) > 0
	finding := {"fact": scope.id, "message": sprintf("%s has %s", [gcp_iam.short(scope.id), gcp.listed(held)])}
}

gcp_iam_primitive_roles contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
}

gcp_iam_primitive_roles contains finding if some finding in data.keystrel.lib.gcp_iam.without_secrets

# METADATA
# title: Project policy has allUsers
# description: >-
#   Whatever the role gives, it gives to everybody on the internet (`allUsers`) or with a Google account
#   (`allAuthenticatedUsers`), for all that is in the project.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principals-overview
# custom:
#   id: gcp-iam-public-project
#   severity: critical
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization]
#   remediation: >-
#     `gcloud projects remove-iam-policy-binding PROJECT --member=allUsers --role=ROLE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
gcp_iam_public_project contains finding if {
	some scope in gcp.told(data.keystrel.lib.gcp_iam.hierarchy, ["iam_policy"])
	open := {sprintf("%s for %s", [binding.role, member]) |
		some binding in gcp_iam.bindings(scope)
		some member in gcp.list(binding, "members")
		gcp_iam.is_public(member)
	}
	count(open) > 0
	finding := {"fact": scope.id, "message": sprintf("%s is open to everybody: %s", [gcp_iam.short(scope.id), gcp.listed(open)])}
}

gcp_iam_public_project contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_iam.hierarchy, ["iam_policy"])
}

# METADATA
# title: Custom role carries secretmanager.versions.access or cloudkms decrypt
# description: >-
#   Whoever gets the role reads secrets or decrypts, under a name that does not say so. The threshold lists the
#   permissions; see whether the role should have them.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/creating-custom-roles
# custom:
#   id: gcp-iam-custom-role-access
#   severity: medium
#   subject: gcp_role
#   where: {is_custom: [true]}
#   needs: [gcp_role]
#   threshold: [secretmanager.versions.access, cloudkms.cryptoKeyVersions.useToDecrypt]
#   remediation: >-
#     `gcloud iam roles update ROLE --project=PROJECT --remove-permissions=secretmanager.versions.access`, and give the
#     predefined role to whoever needs it, on the secret.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_iam_custom_role_access contains finding if {
	wanted := {permission | some permission in data.params["gcp-iam-custom-role-access"].threshold}
	some role in gcp.told(custom_roles, role_fields)
	role.deleted != true
	role.stage != "DISABLED"
	carried := wanted & {permission | some permission in role.includedPermissions}
	count(carried) > 0
	finding := {"fact": role.id, "message": sprintf("custom role %s has %s", [gcp.named(role), gcp.listed(carried)])}
}

gcp_iam_custom_role_access contains finding if {
	some finding in gcp.unknown(custom_roles, role_fields)
}

role_fields := ["includedPermissions", "deleted", "stage"]

custom_roles := {role |
	some role in facts.of("gcp_role")
	role.is_custom == true
}

# METADATA
# title: Recommender says secret or key role is excess
# description: >-
#   For 90 days the member used none, or few, of the permissions of a role that reads secrets or uses keys. Told of
#   roles of Secret Manager and Cloud KMS, and of others that read values or decrypt.
# related_resources:
# - ref: https://cloud.google.com/policy-intelligence/docs/role-recommendations-overview
# custom:
#   id: gcp-iam-recommender
#   severity: medium
#   subject: gcp_iam_recommendation
#   needs: [gcp_iam_recommendation, gcp_role]
#   remediation: >-
#     `gcloud recommender recommendations describe ID --recommender=google.iam.policy.Recommender --location=global
#     --project=PROJECT`, and do what it says, or dismiss it by `gcloud recommender recommendations mark-dismissed`.
#   frameworks:
#     nist_800_53: [AC-6, AC-6(7)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-05, IAM-08]
#     owasp_secrets: ["2.3"]
gcp_iam_recommender contains finding if {
	some one in gcp.told(recommendations, recommendation_fields)
	one.state == "ACTIVE"
	is_string(one.removed_role)
	is_about_secrets(one.removed_role)
	finding := {
		"fact": one.id,
		"message": sprintf("%s does not need %s%s", [gcp_iam.show(gcp.text(one.member)), one.removed_role, instead(one)]),
	}
}

gcp_iam_recommender contains finding if {
	some one in gcp.told(recommendations, recommendation_fields)
	one.state == "ACTIVE"
	is_string(one.removed_role)
	not is_about_secrets(one.removed_role)
	not gcp_iam.knows_role(one.removed_role)
	finding := {"fact": one.id, "unknown": sprintf("what the role %s gives could not be read", [one.removed_role])}
}

gcp_iam_recommender contains finding if {
	some finding in gcp.unknown(recommendations, recommendation_fields)
}

recommendations := facts.of("gcp_iam_recommendation")

recommendation_fields := ["state", "removed_role", "member", "added_roles"]

is_about_secrets(role) if regex.match(`^roles/(?:secretmanager|cloudkms)\.`, role)

is_about_secrets(role) if {
	gcp_iam.gives_any(role, {"secretmanager.versions.access", "cloudkms.cryptoKeyVersions.useToDecrypt"})
}

instead(one) := sprintf(", but %s", [gcp.listed({role | some role in one.added_roles})]) if {
	count(gcp.list(one, "added_roles")) > 0
} else := ""

# METADATA
# title: Same user administers and uses service accounts
# description: >-
#   Whoever may make accounts and act as them can get whatever an account can be given. Told where the narrower of the two
#   roles is given; the other may be given there or above.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/service-account-permissions
# custom:
#   id: gcp-iam-sod-sa
#   severity: medium
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization]
#   remediation: >-
#     `gcloud projects remove-iam-policy-binding PROJECT --member=MEMBER --role=roles/iam.serviceAccountUser`, and give
#     it on the accounts that are needed: `gcloud iam service-accounts add-iam-policy-binding ACCOUNT`.
#   frameworks:
#     cis: [gcp/1.9]
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04]
gcp_iam_sod_sa contains finding if {
	some scope in data.keystrel.lib.gcp_iam.hierarchy
	both := {gcp_iam.show(member) | some member in conflicted(scope)}
	count(both) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("%s administers service accounts and acts as them: %s", [gcp_iam.short(scope.id), gcp.listed(both)]),
	}
}

gcp_iam_sod_sa contains finding if {
	some scope in data.keystrel.lib.gcp_iam.hierarchy
	some why in gcp_iam.unknown_policies(scope)
	finding := {"fact": scope.id, "unknown": why}
}

administration := {"roles/iam.serviceAccountAdmin"}

use := {"roles/iam.serviceAccountUser"}

conflicted(scope) := {member |
	some member in holders(scope, administration)
	some above in gcp_iam.with_above(scope)
	member in holders(above, use)
} | {member |
	some member in holders(scope, use)
	some above in gcp_iam.with_above(scope)
	member in holders(above, administration)
}

holders(scope, roles) := {grant.member |
	some grant in gcp_iam.bound(scope, roles)
	gcp_iam.is_principal(grant.member)
}

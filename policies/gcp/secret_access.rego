# METADATA
# title: Policies of secrets of Secret Manager
package keystrel.gcp.secret_access

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

secrets := facts.of("gcp_secret")

# METADATA
# title: Secret readable by anyone
# description: >-
#   `allUsers` is everybody on the internet, `allAuthenticatedUsers` everybody with a Google account. Critical if the
#   role reads the value or changes the policy, high for any other.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principals-overview
# custom:
#   id: gcp-sm-public
#   severity: critical
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_role]
#   remediation: >-
#     `gcloud secrets remove-iam-policy-binding NAME --member=allUsers --role=ROLE`, and rotate the value.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
gcp_sm_public contains finding if {
	some secret in gcp.told(secrets, ["iam_policy"])
	roles := {binding.role |
		some binding in gcp_iam.bindings(secret)
		some member in gcp.list(binding, "members")
		gcp_iam.is_public(member)
	}
	count(roles) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is open to everybody: %s", [gcp.named(secret), gcp.listed(roles)]),
		"severity": public_severity(roles),
	}
}

gcp_sm_public contains finding if {
	some finding in gcp.unknown(secrets, ["iam_policy"])
}

public_severity(roles) := "critical" if {
	some role in roles
	not is_harmless(role)
} else := "high"

# A role that could not be read may read values.
is_harmless(role) if {
	gcp_iam.knows_role(role)
	not gcp_iam.gives_any(role, {"secretmanager.versions.access", "secretmanager.secrets.setIamPolicy"})
}

# METADATA
# title: A person can read secret values directly
# description: >-
#   A user stands in the secret's policy: nobody takes it away when that person leaves the team, and the access is
#   there all the time. Groups, and Privileged Access Manager for an hour at a time, do without. A binding with a
#   condition is low.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/access-control
# - ref: https://cloud.google.com/iam/docs/pam-overview
# custom:
#   id: gcp-sm-accessor-user
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_role]
#   remediation: >-
#     `gcloud secrets remove-iam-policy-binding NAME --member=user:ADDRESS --role=roles/secretmanager.secretAccessor`,
#     and give it to a group or by `gcloud pam entitlements create`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_sm_accessor_user contains finding if {
	some secret in gcp.told(secrets, ["iam_policy"])
	grants := {grant |
		some grant in gcp_iam.granted(secret, reading)
		gcp_iam.kind_of(grant.member) == "user"
	}
	count(grants) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is read by %s", [gcp.named(secret), gcp.listed({gcp_iam.show(grant.member) | some grant in grants})]),
		"severity": user_severity(grants),
	}
}

gcp_sm_accessor_user contains finding if {
	some secret in secrets
	some why in gcp_iam.unknown_roles(secret)
	finding := {"fact": secret.id, "unknown": why}
}

gcp_sm_accessor_user contains finding if {
	some finding in gcp.unknown(secrets, ["iam_policy"])
}

reading := {"secretmanager.versions.access"}

user_severity(grants) := "medium" if {
	some grant in grants
	not is_object(grant.condition)
} else := "low"

# METADATA
# title: Member outside the organization domain
# description: >-
#   Somebody of another domain, or a service account of a project outside the organization, stands in the secret's
#   policy. Allowed are the organization's primary domain and its projects, and what the threshold names: domains, and
#   ids or numbers of projects.
# related_resources:
# - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains
# custom:
#   id: gcp-sm-accessor-external
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_project, gcp_organization]
#   threshold: []
#   remediation: >-
#     `gcloud secrets remove-iam-policy-binding NAME --member=MEMBER --role=ROLE`, and forbid it by the constraint
#     `iam.allowedPolicyMemberDomains`: `gcloud org-policies set-policy FILE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
gcp_sm_accessor_external contains finding if {
	some secret in gcp.told(secrets, ["iam_policy"])
	strangers := gcp_iam.shown(members(secret) & strangers_of[secret.project])
	count(strangers) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s names members from outside: %s", [gcp.named(secret), gcp.listed(strangers)]),
	}
}

gcp_sm_accessor_external contains finding if {
	some secret in gcp.told(secrets, ["iam_policy"])
	some member in members(secret)
	why := undecided_of[secret.project][member]
	finding := {"fact": secret.id, "unknown": sprintf("whether %s is outside: %s", [gcp_iam.show(member), why])}
}

gcp_sm_accessor_external contains finding if {
	some finding in gcp.unknown(secrets, ["iam_policy"])
}

members(secret) := {member |
	some binding in gcp_iam.bindings(secret)
	some member in gcp.list(binding, "members")
}

# Members of the secrets of each project: the same ones stand in many.
members_of[secret.project] contains member if {
	some secret in secrets
	some member in members(secret)
}

strangers_of := {project: found |
	some project, names in members_of
	found := {member |
		some member in names
		gcp_iam.is_principal(member)
		is_stranger(project, member)
	}
}

undecided_of := {project: found |
	some project, names in members_of
	found := {member: why |
		some member in names
		gcp_iam.is_principal(member)
		why := undecided(project, member)
	}
}

allowed := {lower(name) | some name in data.params["gcp-sm-accessor-external"].threshold}

# The domain that a person, group or domain is of.
home(member) := domain if {
	gcp_iam.kind_of(member) in {"user", "group", "domain"}
	domain := gcp_iam.domain(member)
}

# The id or number of the project that a service account, or a pool of identities, is of.
project_of(member) := project if {
	some pattern in [
		`^serviceaccount:[^@]+@([^@]+)\.iam\.gserviceaccount\.com$`, `^serviceaccount:([0-9]+)-compute@developer\.gserviceaccount\.com$`,
		`^serviceaccount:([^@]+)@appspot\.gserviceaccount\.com$`, `^serviceaccount:([0-9]+)@cloudbuild\.gserviceaccount\.com$`,
		`^serviceaccount:([^@]+)\.svc\.id\.goog\[`, `^principal(?:set)?://iam\.googleapis\.com/projects/([0-9]+)/`,
	]
	project := regex.find_all_string_submatch_n(pattern, lower(member), 1)[0][1]
}

is_stranger(project, member) if {
	is_of_other_domain(project, member)
	knows_domains(project)
}

is_stranger(project, member) if {
	is_of_other_project(project, member)
	knows_projects(project)
}

undecided(project, member) := "the organization's domain is not known" if {
	is_of_other_domain(project, member)
	not knows_domains(project)
}

undecided(project, member) := "the projects of the organization are not known" if {
	is_of_other_project(project, member)
	not knows_projects(project)
}

is_of_other_domain(project, member) if {
	domain := home(member)
	not domain in allowed
	not domain in domains_of(project)
}

is_of_other_project(project, member) if {
	other := project_of(member)
	not other in allowed
	not other in own_projects
	not other in projects_of[project]
}

# Projects that were read.
own_projects := {name |
	some project in facts.of("gcp_project")
	some field in ["projectId", "project_number"]
	name := project[field]
	is_string(name)
}

organization_of(project) := organization if {
	some id in gcp_iam.ancestors_of(gcp.project_id(project))
	organization := data.keystrel.lib.gcp_iam.scopes[id]
	organization.kind == "gcp_organization"
}

domains_of(project) := {lower(organization_of(project).displayName)} if {
	is_string(organization_of(project).displayName)
} else := set()

# The projects of the organization that each project is in.
projects_of := {project: names |
	some project, _ in members_of
	names := {lower(name) | some name in organization_projects(project)}
}

organization_projects(project) := gcp.list(organization_of(project), "organization_projects") if {
	organization_of(project)
} else := []

knows_domains(project) if is_string(organization_of(project).displayName)

# Without an organization, the threshold alone can say who belongs to it.
knows_domains(project) if {
	is_alone(project)
	count(allowed) > 0
}

knows_projects(project) if {
	gcp.is_told(organization_of(project), ["organization_projects"])
	gaps.none("gcp_organization")
}

knows_projects(project) if is_alone(project)

is_alone(project) if {
	fact := data.keystrel.lib.gcp_iam.scopes[gcp.project_id(project)]
	gcp.is_told(fact, ["ancestors"])
	count(gcp.list(fact, "ancestors")) == 0
}

# METADATA
# title: Binding names a deleted principal
# description: >-
#   It gives nothing while the principal is gone. Restored within thirty days, it has its access back, and it says that
#   nobody looks after the policy.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principal-identifiers
# custom:
#   id: gcp-sm-deleted-member
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   remediation: >-
#     `gcloud secrets remove-iam-policy-binding NAME --member='deleted:MEMBER' --role=ROLE`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
gcp_sm_deleted_member contains finding if {
	some secret in gcp.told(secrets, ["iam_policy"])
	gone := {gone_name(member) |
		some binding in gcp_iam.bindings(secret)
		some member in gcp.list(binding, "members")
		gcp_iam.is_deleted(member)
	}
	count(gone) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s names principals that are deleted: %s", [gcp.named(secret), gcp.listed(gone)]),
	}
}

gcp_sm_deleted_member contains finding if {
	some finding in gcp.unknown(secrets, ["iam_policy"])
}

gone_name(member) := split(trim_prefix(member, "deleted:"), "?")[0]

# METADATA
# title: Access to a high-value secret has no time or resource condition
# description: >-
#   The binding reads the value at any time, from anywhere, for ever. Told of secrets with one of the labels of the
#   threshold. Service agents of Google are left out.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/access-control#conditions
# custom:
#   id: gcp-sm-conditional-missing
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_role]
#   threshold: [tier=critical]
#   remediation: >-
#     `gcloud secrets add-iam-policy-binding NAME --member=MEMBER --role=roles/secretmanager.secretAccessor
#     --condition='title=until,expression=request.time < timestamp("TIME")'`, and remove the binding without.
#   frameworks:
#     nist_800_53: [AC-2(11), AC-3]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_sm_conditional_missing contains finding if {
	some secret in gcp.told(secrets, ["iam_policy", "labels"])
	gcp.has_label(secret, data.params["gcp-sm-conditional-missing"].threshold)
	free := {gcp_iam.show(grant.member) |
		some grant in gcp_iam.granted(secret, reading)
		not is_object(grant.condition)
		gcp_iam.is_principal(grant.member)
	}
	count(free) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is read without a condition by %s", [gcp.named(secret), gcp.listed(free)]),
	}
}

gcp_sm_conditional_missing contains finding if {
	some secret in gcp.told(secrets, ["labels"])
	gcp.has_label(secret, data.params["gcp-sm-conditional-missing"].threshold)
	some why in gcp_iam.unknown_roles(secret)
	finding := {"fact": secret.id, "unknown": why}
}

gcp_sm_conditional_missing contains finding if {
	some finding in gcp.unknown(secrets, ["iam_policy", "labels"])
}

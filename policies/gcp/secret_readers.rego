# METADATA
# title: Who can read secrets of Secret Manager
package keystrel.gcp.secret_readers

import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

# METADATA
# title: Access to secret values given on project, folder or organization
# description: >-
#   Such a binding reads all secrets that are below it, those too that are made tomorrow. Told are roles that read
#   values, save Owner, without a condition, on projects with secrets and what is above them.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/best-practices
# custom:
#   id: gcp-sm-accessor-project
#   severity: high
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization, gcp_secret, gcp_role]
#   remediation: >-
#     `gcloud secrets add-iam-policy-binding NAME --member=MEMBER --role=roles/secretmanager.secretAccessor` for the
#     secrets that it needs, then `gcloud projects remove-iam-policy-binding PROJECT --member=MEMBER --role=ROLE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_sm_accessor_project contains finding if {
	some scope in gcp.told(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
	wide := {gcp_iam.show(grant.member) |
		some grant in gcp_iam.granted(scope, {"secretmanager.versions.access"})
		grant.role != "roles/owner"
		not is_object(grant.condition)
		gcp_iam.is_principal(grant.member)
	}
	count(wide) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("all secrets in %s are read by %s", [gcp_iam.short(scope.id), gcp.listed(wide)]),
	}
}

gcp_sm_accessor_project contains finding if {
	some scope in data.keystrel.lib.gcp_iam.secret_scopes
	some why in gcp_iam.unknown_roles(scope)
	finding := {"fact": scope.id, "unknown": why}
}

gcp_sm_accessor_project contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_iam.secret_scopes, ["iam_policy"])
}

gcp_sm_accessor_project contains finding if some finding in data.keystrel.lib.gcp_iam.without_secrets

all_readers := facts.of("gcp_secret_readers")

secret_name(readers) := gcp.last_part(trim_suffix(readers.secret, "#readers"))

# METADATA
# title: Default compute or App Engine account can read secrets
# description: >-
#   All machines, functions and builds that nobody gave an account of their own run as it, so that whoever may deploy
#   anything there reads the secret.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/service-account-types#default
# custom:
#   id: gcp-sm-accessor-default-sa
#   severity: high
#   subject: gcp_secret_readers
#   needs: [gcp_secret_readers]
#   remediation: >-
#     Run what needs it as an account of its own, `gcloud run services update SERVICE --service-account=ADDRESS`, and
#     `gcloud secrets remove-iam-policy-binding NAME --member=MEMBER --role=roles/secretmanager.secretAccessor`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_sm_accessor_default_sa contains finding if {
	some readers in gcp.told(all_readers, ["readers", "secret"])
	defaults := {gcp_iam.show(reader.principal) |
		some reader in gcp.list(readers, "readers")
		"read" in reader.access
		gcp_iam.is_default_account(reader.principal)
	}
	count(defaults) > 0
	finding := {
		"fact": readers.id,
		"message": sprintf("`%s` is read by %s", [secret_name(readers), gcp.listed(defaults)]),
	}
}

gcp_sm_accessor_default_sa contains finding if {
	some finding in incomplete
}

gcp_sm_accessor_default_sa contains finding if {
	some finding in gcp.unknown(all_readers, ["readers", "secret"])
}

# Where not all readers are known, the one who is asked for may be missing.
incomplete := {{"fact": readers.id, "unknown": why} |
	some readers in all_readers
	readers.complete != true
	why := incompleteness(readers)
}

incompleteness(readers) := sprintf("not all readers are known: %s", [gcp.listed({gcp.text(why) | some why in gcp.list(readers, "unknown")})])

# METADATA
# title: Same principal administers and reads
# description: >-
#   Whoever can both change the policy of a secret and read it answers to nobody. `roles/secretmanager.admin` and Owner do
#   both in one role. Service agents of Google are left out.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/access-control
# custom:
#   id: gcp-sm-admin-and-accessor
#   severity: medium
#   subject: gcp_secret_readers
#   needs: [gcp_secret_readers]
#   remediation: >-
#     Give administrators a custom role without `secretmanager.versions.access`: `gcloud iam roles create
#     secretAdministrator --project=PROJECT
#     --permissions=secretmanager.secrets.create,secretmanager.secrets.update,secretmanager.secrets.setIamPolicy,...`,
#     and remove the binding that has both.
#   frameworks:
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04, IAM-09]
gcp_sm_admin_and_accessor contains finding if {
	some readers in gcp.told(all_readers, ["readers", "secret"])
	both := {gcp_iam.show(reader.principal) |
		some reader in gcp.list(readers, "readers")
		"read" in reader.access
		"policy" in reader.access
		reader.principal_kind != "service_agent"
	}
	count(both) > 0
	finding := {
		"fact": readers.id,
		"message": sprintf("`%s` is administered and read by %s", [secret_name(readers), gcp.listed(both)]),
	}
}

gcp_sm_admin_and_accessor contains finding if {
	some finding in incomplete
}

gcp_sm_admin_and_accessor contains finding if {
	some finding in gcp.unknown(all_readers, ["readers", "secret"])
}

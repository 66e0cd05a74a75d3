# METADATA
# title: Service accounts of Google Cloud and their keys
package keystrel.gcp.iam_service_accounts

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.gcp

# Keys that work: not disabled, not expired.
keys := [key |
	some key in facts.of("gcp_service_account_key")
	object.get(key, "disabled", false) != true
	not is_over(key)
]

is_over(key) if age.is_past(key.validBeforeTime)

# METADATA
# title: User-managed service account key too old
# description: >-
#   The file lies where it was put, and works until somebody deletes the key. Counted in days.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/key-rotation
# custom:
#   id: gcp-iam-sa-key-age
#   severity: medium
#   subject: gcp_service_account_key
#   needs: [gcp_service_account_key]
#   threshold: 90
#   remediation: >-
#     `gcloud iam service-accounts keys create FILE --iam-account=ACCOUNT`, give it to what uses the old one, and
#     `gcloud iam service-accounts keys delete ID --iam-account=ACCOUNT`.
#   frameworks:
#     cis: [gcp/1.8]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_iam_sa_key_age contains finding if {
	allowed := data.params["gcp-iam-sa-key-age"].threshold
	some key in gcp.told(keys, age_fields)
	age.older_than(key.validAfterTime, allowed)
	finding := {
		"fact": key.id,
		"message": sprintf("%s is %s old, of at most %v", [show(key), age.show_age(key.validAfterTime), allowed]),
	}
}

gcp_iam_sa_key_age contains finding if {
	some finding in gcp.unknown(keys, age_fields)
}

age_fields := ["validAfterTime", "validBeforeTime", "disabled"]

show(key) := sprintf("key %s of %s", [substring(gcp.last_part(key.id), 0, 8), gcp.last_part(split(key.id, "/keys/")[0])])

# METADATA
# title: Service account has a user-managed key
# description: >-
#   A key is a file that signs in as the account from anywhere. What runs in Google Cloud needs none, and what runs
#   elsewhere gets tokens by workload identity federation.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
# custom:
#   id: gcp-iam-sa-key-exists
#   severity: medium
#   subject: gcp_service_account
#   needs: [gcp_service_account, gcp_service_account_key]
#   remediation: >-
#     Attach the account to what runs as it, or `gcloud iam workload-identity-pools create POOL --location=global`;
#     then `gcloud iam service-accounts keys delete ID --iam-account=ACCOUNT`.
#   frameworks:
#     cis: [gcp/1.5]
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
gcp_iam_sa_key_exists contains finding if {
	some account in facts.of("gcp_service_account")
	own := {key.id |
		some key in keys
		key.service_account == account.id
		gcp.is_told(key, ["disabled", "validBeforeTime"])
	}
	count(own) > 0
	finding := {"fact": account.id, "message": sprintf("%s has %s", [gcp.named(account), counted(own)])}
}

gcp_iam_sa_key_exists contains finding if {
	some key in facts.of("gcp_service_account_key")
	some unknown in gcp.unknown([key], ["disabled", "validBeforeTime", "service_account"])
	account := split(key.id, "/keys/")[0]
	account in {fact.id | some fact in facts.of("gcp_service_account")}
	finding := {"fact": account, "unknown": unknown.unknown}
}

counted(own) := "a key" if {
	count(own) == 1
} else := sprintf("%v keys", [count(own)])

# METADATA
# title: Service account key has no expiry
# description: >-
#   A key that is forgotten works for ever. The constraint of the organization sets how long new keys last.
# related_resources:
# - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-service-accounts#limit_key_expiry
# custom:
#   id: gcp-iam-sa-key-never-expires
#   severity: medium
#   subject: gcp_service_account_key
#   needs: [gcp_service_account_key]
#   remediation: >-
#     `gcloud org-policies set-policy FILE` with the constraint `iam.serviceAccountKeyExpiryHours`, then make the key
#     anew and `gcloud iam service-accounts keys delete ID --iam-account=ACCOUNT`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
gcp_iam_sa_key_never_expires contains finding if {
	some key in gcp.told(keys, ["validBeforeTime", "disabled"])
	is_endless(key)
	finding := {"fact": key.id, "message": sprintf("%s does not expire", [show(key)])}
}

gcp_iam_sa_key_never_expires contains finding if {
	some finding in gcp.unknown(keys, ["validBeforeTime", "disabled"])
}

is_endless(key) if startswith(gcp.text(key.validBeforeTime), "9999-")

is_endless(key) if not is_string(key.validBeforeTime)

# METADATA
# title: Service account key not used
# description: >-
#   Nobody signed in with it in the days of the threshold, so that it can go; until then it waits for who finds it. A
#   key that is younger is left out. Told by the activity analyzer, which knows calls to Google's APIs.
# related_resources:
# - ref: https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
# custom:
#   id: gcp-iam-sa-key-unused
#   severity: medium
#   subject: gcp_service_account_key
#   needs: [gcp_service_account_key]
#   threshold: 90
#   remediation: >-
#     `gcloud iam service-accounts keys disable ID --iam-account=ACCOUNT`, and if nothing misses it `gcloud iam
#     service-accounts keys delete ID --iam-account=ACCOUNT`.
#   frameworks:
#     nist_800_53: [AC-2(3)]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
gcp_iam_sa_key_unused contains finding if {
	days := data.params["gcp-iam-sa-key-unused"].threshold
	some key in gcp.told(keys, unused_fields)
	age.older_than(key.validAfterTime, days)
	idle := idleness(key, days)
	finding := {"fact": key.id, "message": sprintf("%s %s", [show(key), idle])}
}

gcp_iam_sa_key_unused contains finding if {
	some finding in gcp.unknown(keys, unused_fields)
}

unused_fields := ["validAfterTime", "validBeforeTime", "disabled", "last_authenticated"]

idleness(fact, days) := sprintf("was last used on %s", [gcp.day(fact.last_authenticated)]) if {
	age.older_than(fact.last_authenticated, days)
} else := "was never used, as far as is recorded" if {
	not age.is_time(fact.last_authenticated)
}

# METADATA
# title: Service account with secret rights is unused
# description: >-
#   The account reads secrets, and nobody signed in as it in the days of the threshold: what it may do can be taken
#   away. Told by the activity analyzer, which knows calls to Google's APIs; an account that was made of late and not
#   used yet looks the same.
# related_resources:
# - ref: https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
# custom:
#   id: gcp-iam-sa-unused
#   severity: medium
#   subject: gcp_service_account
#   needs: [gcp_service_account, gcp_secret_readers]
#   threshold: 90
#   remediation: >-
#     `gcloud iam service-accounts disable ACCOUNT`, and if nothing misses it `gcloud iam service-accounts delete
#     ACCOUNT`.
#   frameworks:
#     nist_800_53: [AC-2(3)]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
gcp_iam_sa_unused contains finding if {
	some account in gcp.told(facts.of("gcp_service_account"), account_fields)
	account.disabled != true
	sprintf("serviceAccount:%s", [account.email]) in secret_readers
	idle := idleness(account, data.params["gcp-iam-sa-unused"].threshold)
	finding := {"fact": account.id, "message": sprintf("%s may read secrets, and %s", [gcp.named(account), idle])}
}

gcp_iam_sa_unused contains finding if {
	some finding in gcp.unknown(facts.of("gcp_service_account"), account_fields)
}

# An account that is unused, and may read what is not known to be read.
gcp_iam_sa_unused contains finding if {
	some account in gcp.told(facts.of("gcp_service_account"), account_fields)
	account.disabled != true
	not sprintf("serviceAccount:%s", [account.email]) in secret_readers
	idleness(account, data.params["gcp-iam-sa-unused"].threshold)
	some readers in facts.of("gcp_secret_readers")
	readers.complete != true
	finding := {"fact": account.id, "unknown": sprintf("not all readers of %s are known", [gcp.last_part(readers.secret)])}
}

account_fields := ["email", "disabled", "last_authenticated"]

secret_readers := {reader.principal |
	some readers in facts.of("gcp_secret_readers")
	some reader in gcp.list(readers, "readers")
	"read" in reader.access
}

# METADATA
# title: Organization policy does not forbid service account keys
# description: >-
#   Anybody who may administer accounts of the project can make or upload a key. The constraints
#   `iam.disableServiceAccountKeyCreation` and `iam.disableServiceAccountKeyUpload`, or their managed forms, keep it
#   from that. Neither does anything to keys that are there.
# related_resources:
# - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-service-accounts
# custom:
#   id: gcp-orgpolicy-sa-keys
#   severity: low
#   subject: gcp_project
#   needs: [gcp_project, gcp_org_policy]
#   remediation: >-
#     `gcloud resource-manager org-policies enable-enforce iam.disableServiceAccountKeyCreation --organization=ID`, and
#     the same of `iam.disableServiceAccountKeyUpload`.
#   frameworks:
#     nist_800_53: [CM-6]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
gcp_orgpolicy_sa_keys contains finding if {
	gaps.none("gcp_org_policy")
	some project in facts.of("gcp_project")
	open := {way |
		some way, constraints in ways
		not is_forbidden(project, constraints)
		count(forbidding_unknown(project, constraints)) == 0
	}
	count(open) > 0
	finding := {
		"fact": project.id,
		"message": sprintf("%s of service account keys is not forbidden in %s", [gcp.listed(open), gcp.named(project)]),
	}
}

gcp_orgpolicy_sa_keys contains finding if {
	some project in facts.of("gcp_project")
	some constraints in ways
	not is_forbidden(project, constraints)
	some why in forbidding_unknown(project, constraints)
	finding := {"fact": project.id, "unknown": why}
}

ways := {
	"creation": {"iam.disableServiceAccountKeyCreation", "iam.managed.disableServiceAccountKeyCreation"},
	"upload": {"iam.disableServiceAccountKeyUpload", "iam.managed.disableServiceAccountKeyUpload"},
}

policies_of(project, constraints) := {policy |
	some policy in facts.of("gcp_org_policy")
	policy.project == project.project
	policy.constraint in constraints
}

is_forbidden(project, constraints) if {
	some policy in policies_of(project, constraints)
	policy.is_enforced == true
}

forbidding_unknown(project, constraints) := {sprintf("of %s, %s", [policy.constraint, why]) |
	some policy in policies_of(project, constraints)
	why := gcp.untold(policy, "is_enforced")
} | {sprintf("%s was not read", [sort(constraints)[0]]) | count(policies_of(project, constraints)) == 0}

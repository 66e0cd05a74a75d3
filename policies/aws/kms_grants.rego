# METADATA
# title: Grants of AWS KMS
package keystrel.aws.kms_grants

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms
import data.keystrel.lib.facts

# METADATA
# title: Grant to an outside principal, or without constraints
# description: >-
#   Grants give access beside the key policy, and stay until somebody retires them. Told are grants to accounts that
#   are neither of the organization, as far as it can be read, nor trusted by aws-kms-policy-cross-account; grants to
#   principals of the account that may grant further or, medium, decrypt, for any encryption context; and keys with
#   more grants than the threshold. Those of AWS services are not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
# custom:
#   id: aws-kms-grants-broad
#   severity: high
#   subject: aws_kms_grant
#   needs: [aws_kms_grant, aws_kms_key, aws_account]
#   threshold: 100
#   remediation: >-
#     `aws kms revoke-grant --key-id ARN --grant-id ID`, and grant anew with `--constraints
#     EncryptionContextSubset={app=shop}` and without `CreateGrant`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_grants_broad contains finding if {
	some grant in of_people
	account := aws_iam.account_of(grant.GranteePrincipal)
	key := by_arn[grant.key]
	not account in trusted(key)
	finding := {
		"fact": grant.id, "severity": "high",
		"message": sprintf("grant on %s gives %s to %s of account %s", [
			aws_kms.label(key),
			operations(grant),
			aws_iam.short(grant.GranteePrincipal), account,
		]),
	}
}

aws_kms_grants_broad contains finding if {
	some grant in of_people
	some operation, severity in {"CreateGrant": "high", "Decrypt": "medium"}
	operation == worst(grant)
	key := by_arn[grant.key]
	aws_kms.is_symmetric(key)
	not has_context(grant)
	finding := {
		"fact": grant.id, "severity": severity,
		"message": sprintf("grant on %s gives %s to %s, without a constraint on the encryption context", [
			aws_kms.label(key),
			operation,
			aws_iam.short(grant.GranteePrincipal),
		]),
	}
}

aws_kms_grants_broad contains finding if {
	limit := data.params["aws-kms-grants-broad"].threshold
	some key in data.keystrel.lib.aws_kms.customer_keys
	number := count([grant | some grant in grants; grant.key == key.id])
	number > limit
	finding := {
		"fact": key.id, "severity": "medium",
		"message": sprintf("%s has %v grants, of at most %v", [aws_kms.label(key), number, limit]),
	}
}

# The account of the key, ours, and those that are trusted with keys.
trusted(key) := union({
	data.keystrel.lib.aws_iam.own_accounts,
	{key.account},
	{account | some account in data.params["aws-kms-policy-cross-account"].threshold},
})

grants := facts.of("aws_kms_grant")

by_arn := {key.id: key | some key in facts.of("aws_kms_key")}

# Grants that services of AWS made for themselves have a service for grantee, a role that is linked to one, or a session
# of EC2's.
of_people := [grant |
	some grant in grants
	is_string(grant.GranteePrincipal)
	not is_of_service(grant)
]

is_of_service(grant) if is_string(object.get(grant, "GranteeServicePrincipal", null))

is_of_service(grant) if regex.match(`\.amazonaws\.com(?:\.cn)?$|:role/aws-service-role/|:assumed-role/aws:`, grant.GranteePrincipal)

operations(grant) := concat(", ", sort({operation | some operation in aws_iam.list(grant, "Operations")}))

worst(grant) := "CreateGrant" if {
	"CreateGrant" in aws_iam.list(grant, "Operations")
} else := "Decrypt" if {
	"Decrypt" in aws_iam.list(grant, "Operations")
}

has_context(grant) if {
	constraints := aws_iam.object_of(grant, "Constraints")
	some field in ["EncryptionContextEquals", "EncryptionContextSubset"]
	count(aws_iam.object_of(constraints, field)) > 0
}

# A grant that counts for calls about one resource alone.
has_context(grant) if is_string(object.get(aws_iam.object_of(grant, "Constraints"), "SourceArn", null))

# METADATA
# title: Old grant to a principal that is gone
# description: >-
#   Nobody retired it, and it counts against the limit of grants. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
# custom:
#   id: aws-kms-grants-stale
#   severity: low
#   subject: aws_kms_grant
#   needs: [aws_kms_grant, aws_kms_key, aws_iam_identity]
#   threshold: 180
#   remediation: >-
#     `aws kms revoke-grant --key-id ARN --grant-id ID`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
aws_kms_grants_stale contains finding if {
	some grant in of_people
	age.older_than(grant.CreationDate, data.params["aws-kms-grants-stale"].threshold)
	is_gone(grant)
	finding := {
		"fact": grant.id,
		"message": sprintf("grant of %s ago on %s is for %s, which is gone", [
			age.show_age(grant.CreationDate),
			aws_kms.label(by_arn[grant.key]),
			aws_iam.short(grant.GranteePrincipal),
		]),
	}
}

is_gone(grant) if aws_iam.is_deleted(grant.GranteePrincipal)

is_gone(grant) if {
	grantee := grant.GranteePrincipal
	aws_iam.account_of(grantee) == grant.account
	regex.match(`^arn:[^:]*:iam::[0-9]{12}:(?:role|user)/`, grantee)
	not grantee in {fact.id | some fact in facts.of("aws_iam_identity")}
}

# A session of a role names the role without its path.
is_gone(grant) if {
	grantee := grant.GranteePrincipal
	aws_iam.account_of(grantee) == grant.account
	regex.match(`^arn:[^:]*:sts::[0-9]{12}:assumed-role/`, grantee)
	not split(grantee, "/")[1] in {fact.name | some fact in facts.of("aws_iam_identity"); fact.identity_kind == "role"}
}

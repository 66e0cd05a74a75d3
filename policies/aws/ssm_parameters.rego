# METADATA
# title: Parameters of the Parameter Store
package keystrel.aws.ssm_parameters

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Parameter that holds a secret is stored as plain String
# description: >-
#   It is not encrypted with a key that can be withheld, the console and `GetParameters` show it to all who read
#   parameters, and templates resolve it into logs. Medium where the name alone says so: with `--read-values` the value
#   decides.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
# custom:
#   id: aws-ssm-plaintext-secret
#   severity: high
#   subject: aws_ssm_parameter
#   needs: [aws_ssm_parameter]
#   remediation: >-
#     Rotate the value, `aws ssm delete-parameter --name NAME`, since the type cannot be changed by an update, and
#     `aws ssm put-parameter --name NAME --type SecureString --value file://NEW`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_ssm_plaintext_secret contains finding if {
	some parameter in aws_secrets.told(parameters, plaintext_fields)
	parameter.Type in {"String", "StringList"}
	parameter.value_is_secret == true
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s is a %s and holds a secret", [aws_secrets.named(parameter), parameter.Type]),
	}
}

aws_ssm_plaintext_secret contains finding if {
	some parameter in aws_secrets.told(parameters, plaintext_fields)
	parameter.Type in {"String", "StringList"}
	parameter.name_is_secret == true
	not is_boolean(parameter.value_is_secret)
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s is a %s and named as a secret", [aws_secrets.named(parameter), parameter.Type]),
		"severity": "medium",
	}
}

aws_ssm_plaintext_secret contains finding if {
	some finding in aws_secrets.unknown(parameters, plaintext_fields)
}

plaintext_fields := ["Type", "name_is_secret", "value_is_secret"]

# METADATA
# title: SecureString uses the default key
# description: >-
#   Every identity that may read parameters may decrypt with `aws/ssm`: a key of your own is a second permission, and the
#   only one that other accounts can be given.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
# custom:
#   id: aws-ssm-param-cmk
#   severity: low
#   subject: aws_ssm_parameter
#   where: {Type: [SecureString]}
#   needs: [aws_ssm_parameter]
#   remediation: >-
#     `aws ssm put-parameter --name NAME --type SecureString --key-id KEY-ARN --overwrite --value file://VALUE`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_ssm_param_cmk contains finding if {
	some parameter in aws_secrets.told(secure, ["kms_key_is_default"])
	parameter.kms_key_is_default == true
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s is encrypted with aws/ssm", [aws_secrets.named(parameter)]),
	}
}

aws_ssm_param_cmk contains finding if {
	some finding in aws_secrets.unknown(secure, ["kms_key_is_default"])
}

# METADATA
# title: SecureString older than allowed
# description: >-
#   All who could ever read it can still use it. Counted in days since it was last put, which is at least its age: the
#   Parameter Store has no rotation of its own.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
# custom:
#   id: aws-ssm-param-age
#   severity: medium
#   subject: aws_ssm_parameter
#   where: {Type: [SecureString]}
#   needs: [aws_ssm_parameter]
#   threshold: 90
#   remediation: >-
#     Change it where it is made, and `aws ssm put-parameter --name NAME --type SecureString --overwrite --value
#     file://NEW`; or keep it in Secrets Manager, which rotates.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
aws_ssm_param_age contains finding if {
	allowed := data.params["aws-ssm-param-age"].threshold
	some parameter in aws_secrets.told(secure, ["LastModifiedDate"])
	age.older_than(parameter.LastModifiedDate, allowed)
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s: the value is at least %s old, of at most %v", [
			aws_secrets.named(parameter),
			age.show_days(age.days_since(parameter.LastModifiedDate)),
			allowed,
		]),
	}
}

aws_ssm_param_age contains finding if {
	some finding in aws_secrets.unknown(secure, ["LastModifiedDate"])
}

# METADATA
# title: Parameter has no expiry or change-notice policy
# description: >-
#   Nobody is told when it gets old. Standard parameters cannot have a policy: the threshold lists the tiers that count.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
# custom:
#   id: aws-ssm-param-no-expiry
#   severity: low
#   subject: aws_ssm_parameter
#   where: {Type: [SecureString]}
#   needs: [aws_ssm_parameter]
#   threshold: [Advanced]
#   remediation: >-
#     `aws ssm put-parameter --name NAME --type SecureString --tier Advanced --overwrite --value file://VALUE --policies
#     '[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"90","Unit":"Days"}}]'`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
aws_ssm_param_no_expiry contains finding if {
	some parameter in aws_secrets.told(secure, ["Tier", "Policies"])
	parameter.Tier in data.params["aws-ssm-param-no-expiry"].threshold
	kinds := {policy.PolicyType | some policy in aws_secrets.list(parameter, "Policies")}
	count(kinds & {"Expiration", "NoChangeNotification"}) == 0
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s has neither an expiry nor a notice when it is not changed", [aws_secrets.named(parameter)]),
	}
}

aws_ssm_param_no_expiry contains finding if {
	some finding in aws_secrets.unknown(secure, ["Tier", "Policies"])
}

# METADATA
# title: Parameter will be deleted by its expiry policy soon
# description: >-
#   What reads it fails from then on, and it cannot be restored. Counted in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
# custom:
#   id: aws-ssm-param-expiring
#   severity: medium
#   subject: aws_ssm_parameter
#   needs: [aws_ssm_parameter]
#   threshold: 14
#   remediation: >-
#     `aws ssm put-parameter --name NAME --overwrite --value file://NEW --policies
#     '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"TIME"}}]'`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
aws_ssm_param_expiring contains finding if {
	some parameter in aws_secrets.told(parameters, ["Policies"])
	some policy in aws_secrets.list(parameter, "Policies")
	policy.PolicyType == "Expiration"
	ends := policy.PolicyText.Attributes.Timestamp
	age.within(ends, data.params["aws-ssm-param-expiring"].threshold)
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s will be deleted on %s", [aws_secrets.named(parameter), aws_secrets.day(ends)]),
	}
}

aws_ssm_param_expiring contains finding if {
	some parameter in aws_secrets.told(parameters, ["Policies"])
	some policy in aws_secrets.list(parameter, "Policies")
	policy.PolicyType == "Expiration"
	not has_end(policy)
	finding := {"fact": parameter.id, "unknown": "the time of its expiry policy cannot be read"}
}

aws_ssm_param_expiring contains finding if {
	some finding in aws_secrets.unknown(parameters, ["Policies"])
}

has_end(policy) if age.is_time(policy.PolicyText.Attributes.Timestamp)

# METADATA
# title: Parameter shared outside the organization
# description: >-
#   That account decides alone who of its people and programs reads it. Accounts of the organization are trusted; where
#   they cannot be listed, as in most member accounts, the finding is medium. The threshold lists further accounts and
#   organizations.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
# custom:
#   id: aws-ssm-param-shared
#   severity: high
#   subject: aws_ssm_parameter
#   needs: [aws_ssm_parameter, aws_account]
#   threshold: []
#   remediation: >-
#     `aws ram disassociate-resource-share --resource-share-arn SHARE --principals ACCOUNT`, and rotate the value.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_ssm_param_shared contains finding if {
	some parameter in aws_secrets.told(parameters, shared_fields)
	strangers := (accounts_by_share(parameter) | organizations_by_share(parameter)) | by_policy(parameter)
	count(strangers) > 0
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s is shared with %s, not known as ours", [
			aws_secrets.named(parameter),
			aws_iam.listed(strangers),
		]),
		"severity": data.keystrel.lib.aws_secrets.stranger_severity,
	}
}

aws_ssm_param_shared contains finding if {
	some finding in aws_secrets.unknown(parameters, shared_fields)
}

shared_fields := ["account", "resource_policies", "shared_with"]

trusted := data.params["aws-ssm-param-shared"].threshold

accounts_by_share(parameter) := {account |
	some principal in aws_secrets.list(parameter, "shared_with")
	account := aws_iam.account_of(principal)
	not contains(principal, ":organizations:")
	account != parameter.account
	not account in data.keystrel.lib.aws_iam.own_accounts
	not account in trusted
}

organizations_by_share(parameter) := {organization |
	some principal in aws_secrets.list(parameter, "shared_with")
	organization := organization_of(principal)
	count(data.keystrel.lib.aws_iam.own_organizations) > 0
	not organization in data.keystrel.lib.aws_iam.own_organizations
	not organization in trusted
}

by_policy(parameter) := {stranger |
	some document in aws_secrets.list(parameter, "resource_policies")
	some statement in aws_iam.statements(document)
	some stranger in admitted(statement, parameter.account)
}

admitted(statement, account) := {"anyone"} if {
	aws_iam.is_public(statement)
} else := aws_iam.foreign_accounts(statement, account, trusted)

# The organization in the ARN of one, or of a unit of it: `arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-cdef`.
organization_of(principal) := regex.find_n(`o-[a-z0-9]{10,32}`, principal, 1)[0] if contains(principal, ":organizations:")

# METADATA
# title: SecureString whose key is disabled, pending deletion or gone
# description: >-
#   Nobody can read it, and once the key is deleted nobody ever will.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
# custom:
#   id: aws-ssm-param-kms-unusable
#   severity: critical
#   subject: aws_ssm_parameter
#   where: {Type: [SecureString]}
#   needs: [aws_ssm_parameter, aws_kms_key]
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id KEY-ARN` and `aws kms enable-key --key-id KEY-ARN`; then, while it can be
#     read, put it anew with another key.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_ssm_param_kms_unusable contains finding if {
	some parameter in aws_secrets.told(secure, key_fields)
	fault := aws_secrets.key_fault(parameter)
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s cannot be decrypted: %s", [aws_secrets.named(parameter), fault]),
	}
}

aws_ssm_param_kms_unusable contains finding if {
	some parameter in aws_secrets.told(secure, key_fields)
	why := aws_secrets.key_unknown(parameter)
	finding := {"fact": parameter.id, "unknown": why}
}

aws_ssm_param_kms_unusable contains finding if {
	some finding in aws_secrets.unknown(secure, key_fields)
}

key_fields := ["kms_key_arn", "kms_key_is_default", "account", "region"]

# METADATA
# title: Parameter keeps very many versions with old values readable
# description: >-
#   `ssm:GetParameterHistory` gives up to 100 old values, among them those that still work somewhere. Counted are versions
#   of a SecureString.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
# custom:
#   id: aws-ssm-param-version-label-sprawl
#   severity: low
#   subject: aws_ssm_parameter
#   where: {Type: [SecureString]}
#   needs: [aws_ssm_parameter]
#   threshold: 50
#   remediation: >-
#     Move what changes often to Secrets Manager; `aws ssm delete-parameter --name NAME` and `put-parameter` start anew. Do
#     not grant `ssm:GetParameterHistory` with `ssm:GetParameter`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
aws_ssm_param_version_label_sprawl contains finding if {
	allowed := data.params["aws-ssm-param-version-label-sprawl"].threshold
	some parameter in aws_secrets.told(secure, ["Version"])
	is_number(parameter.Version)
	parameter.Version > allowed
	finding := {
		"fact": parameter.id,
		"message": sprintf("%s is at version %v and keeps up to 100 old values, of at most %v", [
			aws_secrets.named(parameter),
			parameter.Version,
			allowed,
		]),
	}
}

aws_ssm_param_version_label_sprawl contains finding if {
	some finding in aws_secrets.unknown(secure, ["Version"])
}

parameters := facts.of("aws_ssm_parameter")

secure := {parameter |
	some parameter in parameters
	object.get(parameter, "Type", "SecureString") == "SecureString"
}

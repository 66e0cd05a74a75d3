# METADATA
# title: Values of secrets, where they are read
package keystrel.aws.secret_values

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Value is short, low in entropy or a known default
# description: >-
#   It can be guessed. The threshold is the least number of characters, each of which should be good for two and a half
#   bits. Only with `--read-values`.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
# custom:
#   id: aws-sm-weak-value
#   severity: medium
#   subject: aws_secret_value
#   needs: [aws_secret_value]
#   threshold: 16
#   remediation: >-
#     `aws secretsmanager get-random-password --password-length 32` where the credential is made, then
#     `aws secretsmanager put-secret-value --secret-id ARN --secret-string file://NEW`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.1"]
aws_sm_weak_value contains finding if {
	some value in aws_secrets.told(values, strength_fields)
	reasons := weaknesses(value)
	count(reasons) > 0
	finding := {
		"fact": value.id,
		"message": sprintf("the value of %s %s", [aws_secrets.named(value), concat(", ", sort(reasons))]),
	}
}

aws_sm_weak_value contains finding if {
	some finding in aws_secrets.unknown(values, strength_fields)
}

values := facts.of("aws_secret_value")

strength_fields := ["length", "entropy_bits", "is_common", "equals_username"]

least_length := data.params["aws-sm-weak-value"].threshold

weaknesses(value) := ({"is a known default" | value.is_common == true} | {"is the user name" | value.equals_username == true}) | by_measure(value)

# Of what is short the entropy is low too.
by_measure(value) := {sprintf("has %v characters, of at least %v", [value.length, least_length])} if {
	is_number(value.length)
	value.length < least_length
} else := {"has few different characters"} if {
	is_number(value.entropy_bits)
	value.entropy_bits < least_length * 2.5
} else := set()

# METADATA
# title: Two secrets hold the same database user
# description: >-
#   When one of them is rotated the other is wrong, and what the user did cannot be told by who read which. Only with
#   `--read-values`.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
# custom:
#   id: aws-sm-db-user-shared
#   severity: medium
#   subject: aws_secret_value
#   needs: [aws_secret_value]
#   remediation: >-
#     Create a user for each consumer and put it into its secret, or delete one of them by
#     `aws secretsmanager delete-secret --secret-id ARN --recovery-window-in-days 30`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
aws_sm_db_user_shared contains finding if {
	some value in aws_secrets.told(values, ["same_user_as"])
	others := {sprintf("`%s`", [aws_iam.short(other)]) | some other in aws_secrets.list(value, "same_user_as")}
	count(others) > 0
	finding := {
		"fact": value.id,
		"message": sprintf("%s holds the same database user as %s", [aws_secrets.named(value), aws_iam.listed(others)]),
	}
}

aws_sm_db_user_shared contains finding if {
	some finding in aws_secrets.unknown(values, ["same_user_as"])
}

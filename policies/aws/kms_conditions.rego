# METADATA
# title: Conditions that limit who decrypts with keys of AWS KMS
package keystrel.aws.kms_conditions

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms

# METADATA
# title: Enclave key can be used without attestation
# description: >-
#   Its policy demands attestation by a Nitro enclave in one statement, and lets others use it without in another, or
#   takes debug enclaves, whose measurements are zeros and whose memory can be read. A Deny for calls without
#   attestation closes both.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-enclaves.html
# - ref: https://docs.aws.amazon.com/enclaves/latest/user/kms.html
# custom:
#   id: aws-kms-enclave-attestation
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     Add a Deny of `kms:Decrypt`, `kms:GenerateDataKey*` and `kms:DeriveSharedSecret` for everybody with
#     `"StringNotEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": "PCR0"}`: `aws kms put-key-policy
#     --key-id ARN --policy-name default --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_enclave_attestation contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	is_for_enclaves(key)
	not is_guarded(key)
	others := {aws_iam.short(principal) |
		some statement in decrypting(key)
		not is_attested(statement)
		some principal in aws_iam.principals(statement, "AWS")
	}
	count(others) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s is for enclaves, and may be used without attestation by %s", [
			aws_kms.label(key), aws_iam.listed(others),
		]),
	}
}

aws_kms_enclave_attestation contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	some statement in decrypting(key)
	some condition in aws_iam.conditions(statement)
	startswith(condition.key, "kms:recipientattestation:")
	some value in condition.values
	regex.match(`^0{64,}$`, value)
	finding := {"fact": key.id, "message": sprintf("%s may be used by enclaves in debug mode", [aws_kms.label(key)])}
}

aws_kms_enclave_attestation contains finding if some finding in aws_kms.unknown(data.keystrel.lib.aws_kms.customer_keys, ["Policy"])

is_for_enclaves(key) if {
	some statement in decrypting(key)
	is_attested(statement)
}

is_attested(statement) if {
	some condition in aws_iam.limits(statement)
	startswith(condition.key, "kms:recipientattestation:")
}

is_guarded(key) if {
	some statement in aws_iam.statements(key.Policy)
	statement.Effect == "Deny"
	aws_iam.covers_action(statement, "kms:Decrypt")
	some condition in aws_iam.conditions(statement)
	startswith(condition.key, "kms:recipientattestation:")
}

decrypting(key) := [statement |
	some statement in aws_iam.statements(key.Policy)
	statement.Effect == "Allow"
	aws_iam.covers_action(statement, "kms:Decrypt")
]

# METADATA
# title: Key of secrets decrypts for more than secrets
# description: >-
#   A principal that the key policy names may decrypt anything with the key, from anywhere. With kms:ViaService it
#   could only by way of Secrets Manager or Systems Manager, where the call is recorded with the secret's name. Told
#   of keys that encrypt secrets or parameters; the account as a whole is not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# custom:
#   id: aws-kms-encryption-context
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_kms_key_reference]
#   remediation: >-
#     Add `"StringEquals": {"kms:ViaService": "secretsmanager.REGION.amazonaws.com"}` or
#     `kms:EncryptionContext:SecretARN` to the statement: `aws kms put-key-policy --key-id ARN --policy-name default
#     --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_encryption_context contains finding if {
	some key in keys_of_secrets
	principals := {aws_iam.short(principal) |
		some statement in decrypting(key)
		not is_limited(statement)
		some principal in aws_iam.principals(statement, "AWS")
		not aws_iam.is_account(principal)
	}
	count(principals) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s encrypts secrets, and decrypts anything for %s", [
			aws_kms.label(key), aws_iam.listed(principals),
		]),
	}
}

aws_kms_encryption_context contains finding if some finding in aws_kms.unknown(keys_of_secrets, ["Policy"])

for_secrets := {reference.key |
	some reference in data.keystrel.lib.aws_kms.references
	reference.resource_type in {"AWS::SecretsManager::Secret", "AWS::SSM::Parameter"}
}

keys_of_secrets := [key |
	some key in data.keystrel.lib.aws_kms.enabled_keys
	aws_kms.is_symmetric(key)
	key.id in for_secrets
]

is_limited(statement) if {
	some condition in aws_iam.limits(statement)
	regex.match(`^kms:(?:viaservice$|encryptioncontext|recipientattestation:)`, condition.key)
}

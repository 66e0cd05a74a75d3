# METADATA
# title: Secret stores of AWS in Terraform and CloudFormation
package keystrel.iac.aws

import data.keystrel.lib.iac

# METADATA
# title: A secret of AWS Secrets Manager does not rotate
# description: >-
#   A value that nothing changes is good for whoever has once seen it. The module has no rotation for this secret.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   id: iac-aws-secret-no-rotation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_secretsmanager_secret, "AWS::SecretsManager::Secret"]}
#   needs: [iac_resource]
#   remediation: >-
#     Add `aws_secretsmanager_secret_rotation`, or `AWS::SecretsManager::RotationSchedule`, with a schedule.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
iac_aws_secret_no_rotation contains finding if {
	some secret in iac.of_types(["aws_secretsmanager_secret", "AWS::SecretsManager::Secret"])
	not rotates(secret)
	finding := {"fact": secret.id, "message": sprintf("%s has no rotation", [iac.named(secret)])}
}

iac_aws_secret_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

rotates(secret) if {
	some rotation in rotations
	iac.refers(iac.property(rotation, ["secret_id", "SecretId"]), secret)
}

# By its name or address, which is not told from its own here, or by what another module gives.
rotates(_) if {
	some rotation in rotations
	id := iac.property(rotation, ["secret_id", "SecretId"])
	not is_direct(id)
}

# Before version 5 of the provider.
rotates(secret) if iac.is_given(secret, ["rotation_lambda_arn"])

is_direct(id) if {
	is_string(id)
	regex.match(`^\$\{aws_secretsmanager_secret\.[^}]*\}$`, id)
}

is_direct(id) if {
	is_object(id)
	id.Ref != ""
}

rotations := iac.of_types(["aws_secretsmanager_secret_rotation", "AWS::SecretsManager::RotationSchedule"])

# METADATA
# title: A secret of AWS Secrets Manager rotates seldom
# description: >-
#   The longer a value is good, the more copies of it there are that somebody can use.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
# custom:
#   id: iac-aws-secret-rotation-interval
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_secretsmanager_secret_rotation, "AWS::SecretsManager::RotationSchedule"]}
#   needs: [iac_resource]
#   threshold: 90
#   remediation: Rotate at least every 90 days.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
iac_aws_secret_rotation_interval contains finding if {
	some rotation in rotations
	rules := iac.property(rotation, ["rotation_rules", "RotationRules"])
	is_object(rules)
	some name in ["automatically_after_days", "AutomaticallyAfterDays"]
	days := iac.number(rules[name])
	days > data.params["iac-aws-secret-rotation-interval"].threshold
	message := sprintf("%s is every %d days", [iac.named(rotation), days])
	finding := iac.found_in(rotation, ["rotation_rules", "RotationRules"], name, message)
}

iac_aws_secret_rotation_interval contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A secret or parameter is encrypted with the key of the service
# description: >-
#   Whoever may read the secret may decrypt it: the key of the service has no policy that could say otherwise, cannot be given to another
#   account and does not tell uses by a key of its own.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
# custom:
#   id: iac-aws-default-key
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [aws_secretsmanager_secret, "AWS::SecretsManager::Secret", aws_ssm_parameter]}
#   needs: [iac_resource]
#   remediation: Name a key of your own by `kms_key_id`, `key_id` of a parameter, or `KmsKeyId`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
iac_aws_default_key contains finding if {
	some secret in iac.of_types(["aws_secretsmanager_secret", "AWS::SecretsManager::Secret"])
	is_default(iac.property(secret, ["kms_key_id", "KmsKeyId"]))
	finding := iac.found(secret, ["kms_key_id", "KmsKeyId"], sprintf("%s names no key of its own", [iac.named(secret)]))
}

iac_aws_default_key contains finding if {
	some parameter in iac.of_type("aws_ssm_parameter")
	iac.text(parameter, ["type"]) == "SecureString"
	is_default(iac.property(parameter, ["key_id"]))
	finding := iac.found(parameter, ["key_id", "type"], sprintf("%s names no key of its own", [iac.named(parameter)]))
}

iac_aws_default_key contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

is_default(key) if key in [null, ""]

is_default(key) if {
	is_string(key)
	regex.match(`alias/aws/`, key)
}

# METADATA
# title: A secret can be deleted at once
# description: >-
#   Without a window for recovery a mistake, or whoever gets the rights, takes the secret from all who use it for good.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
# custom:
#   id: iac-aws-secret-no-recovery
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_secretsmanager_secret]}
#   needs: [iac_resource]
#   remediation: Leave out `recovery_window_in_days`, or set at least 7.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
iac_aws_secret_no_recovery contains finding if {
	some secret in iac.of_type("aws_secretsmanager_secret")
	iac.number(iac.property(secret, ["recovery_window_in_days"])) == 0
	message := sprintf("%s is deleted without a window for recovery", [iac.named(secret)])
	finding := iac.found(secret, ["recovery_window_in_days"], message)
}

iac_aws_secret_no_recovery contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A parameter that is named as a secret is not encrypted
# description: >-
#   A parameter of type String is read by whoever may read parameters, and is shown in lists and consoles. CloudFormation cannot make
#   encrypted ones at all.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
# custom:
#   id: iac-aws-parameter-plain
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [aws_ssm_parameter, "AWS::SSM::Parameter"]}
#   needs: [iac_resource]
#   remediation: >-
#     Use type SecureString, in CloudFormation a secret of Secrets Manager, and rotate the value.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
iac_aws_parameter_plain contains finding if {
	some parameter in iac.of_types(["aws_ssm_parameter", "AWS::SSM::Parameter"])
	parameter.names_secret == true
	iac.text(parameter, ["type", "Type"]) in ["String", "StringList"]
	message := sprintf("%s is named as a secret and not encrypted", [iac.named(parameter)])
	finding := iac.found(parameter, ["type", "Type"], message)
}

iac_aws_parameter_plain contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

unread := "what the resource is set to was not read"

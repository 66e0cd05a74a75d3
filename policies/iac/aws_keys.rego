# METADATA
# title: Keys, clusters and trails of AWS in Terraform and CloudFormation
package keystrel.iac.aws_keys

import data.keystrel.lib.iac

# METADATA
# title: A key of AWS KMS does not rotate
# description: >-
#   All that was ever encrypted with the key hangs on one key material.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
# custom:
#   id: iac-aws-key-no-rotation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_kms_key, "AWS::KMS::Key"]}
#   needs: [iac_resource]
#   remediation: Say `enable_key_rotation = true`, or `EnableKeyRotation` in CloudFormation.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
iac_aws_key_no_rotation contains finding if {
	some key in iac.of_types(["aws_kms_key", "AWS::KMS::Key"])
	is_symmetric(key)
	iac.property(key, ["enable_key_rotation", "EnableKeyRotation"]) in [null, false, "false"]
	finding := iac.found(key, ["enable_key_rotation", "EnableKeyRotation"], sprintf("%s does not rotate", [iac.named(key)]))
}

iac_aws_key_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# Only those can rotate by themselves, and not with material that was imported.
is_symmetric(key) if {
	iac.property(key, ["customer_master_key_spec", "key_spec", "KeySpec"]) in [null, "SYMMETRIC_DEFAULT"]
	iac.property(key, ["key_usage", "KeyUsage"]) in [null, "ENCRYPT_DECRYPT"]
	iac.property(key, ["origin", "Origin"]) in [null, "AWS_KMS"]
	not iac.is_given(key, ["custom_key_store_id"])
}

# METADATA
# title: A key of AWS KMS is open to everybody
# description: >-
#   A policy that allows the principal `*` without a condition lets any account use the key.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
# custom:
#   id: iac-aws-key-public
#   severity: critical
#   subject: iac_resource
#   where:
#     resource_type:
#     - "AWS::KMS::Key"
#     - "AWS::SecretsManager::ResourcePolicy"
#     - aws_kms_key
#     - aws_kms_key_policy
#     - aws_kms_replica_key
#     - aws_secretsmanager_secret
#     - aws_secretsmanager_secret_policy
#   needs: [iac_resource]
#   remediation: Name the principals, or add a condition on the account.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
iac_aws_key_public contains finding if {
	some resource in iac.of_types([
		"AWS::KMS::Key", "AWS::SecretsManager::ResourcePolicy", "aws_kms_key", "aws_kms_key_policy",
		"aws_kms_replica_key", "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy",
	])
	policy := iac.property(resource, ["KeyPolicy", "ResourcePolicy", "policy"])
	is_object(policy)
	some at, statement in statements(object.get(policy, "Statement", null))
	is_object(statement)
	statement.Effect == "Allow"
	is_anybody(object.get(statement, "Principal", null))
	object.get(statement, "Condition", null) == null
	path := array.concat(iac.property_path(resource, ["KeyPolicy", "ResourcePolicy", "policy"]), ["Statement", at])
	finding := {"fact": resource.id, "path": path, "message": sprintf("%s is open to everybody", [iac.named(resource)])}
}

iac_aws_key_public contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# One statement, or a list.
statements(statement) := statement if is_array(statement)

else := [statement]

is_anybody("*") := true

is_anybody(principal) if {
	is_object(principal)
	some own in statements(object.get(principal, "AWS", null))
	own == "*"
}

# METADATA
# title: A cluster of EKS does not encrypt Secrets with a key of its own
# description: >-
#   Without envelope encryption whoever reads the storage of the control plane reads the Secrets of the cluster.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
# custom:
#   id: iac-aws-eks-no-encryption
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_eks_cluster, "AWS::EKS::Cluster"]}
#   needs: [iac_resource]
#   remediation: Add `encryption_config`, or `EncryptionConfig`, with a key for `secrets`.
#   frameworks:
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
iac_aws_eks_no_encryption contains finding if {
	some cluster in iac.of_types(["aws_eks_cluster", "AWS::EKS::Cluster"])
	not iac.is_given(cluster, ["encryption_config", "EncryptionConfig"])
	finding := {"fact": cluster.id, "message": sprintf("%s has no key for Secrets", [iac.named(cluster)])}
}

iac_aws_eks_no_encryption contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A trail can be changed without a trace
# description: >-
#   Who read secrets is told by CloudTrail. Without validation nobody can say whether files of it were changed or deleted.
# related_resources:
# - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
# custom:
#   id: iac-aws-trail-no-validation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_cloudtrail, "AWS::CloudTrail::Trail"]}
#   needs: [iac_resource]
#   remediation: Say `enable_log_file_validation = true`, or `EnableLogFileValidation` in CloudFormation.
#   frameworks:
#     nist_800_53: [AU-9(3)]
#     pci_dss_4: ["10.3.4"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-09]
#     owasp_secrets: ["2.6"]
iac_aws_trail_no_validation contains finding if {
	some trail in iac.of_types(["aws_cloudtrail", "AWS::CloudTrail::Trail"])
	iac.property(trail, ["enable_log_file_validation", "EnableLogFileValidation"]) in [null, false, "false"]
	message := sprintf("%s does not validate its files", [iac.named(trail)])
	finding := iac.found(trail, ["enable_log_file_validation", "EnableLogFileValidation"], message)
}

iac_aws_trail_no_validation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A module makes an access key of a user
# description: >-
#   The key does not end by itself, and its secret is in the state of Terraform, or told by an output of the stack.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   id: iac-aws-access-key
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [aws_iam_access_key, "AWS::IAM::AccessKey"]}
#   needs: [iac_resource]
#   remediation: >-
#     Let workloads assume a role. Where a key is needed, encrypt it with `pgp_key`, or hand it to a secret and rotate it.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
iac_aws_access_key contains finding if {
	some key in iac.of_types(["aws_iam_access_key", "AWS::IAM::AccessKey"])
	not iac.is_given(key, ["pgp_key"])
	finding := {"fact": key.id, "message": sprintf("%s is a key that does not end", [iac.named(key)])}
}

iac_aws_access_key contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

unread := "what the resource is set to was not read"

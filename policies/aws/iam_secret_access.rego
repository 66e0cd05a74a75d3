# METADATA
# title: Who may read secrets in AWS
package keystrel.aws.iam_secret_access

import data.keystrel.lib.aws_identities
import data.keystrel.lib.aws_rights

# METADATA
# title: Identity may read every secret
# description: >-
#   One stolen session reads all secrets of the account, those of other teams and those that are added later.
#   Wildcards, NotAction, boundaries, denies and service control policies count; conditions on tags or names of
#   secrets make it less than every secret. The threshold lists names of roles that may.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html
# custom:
#   id: aws-iam-getsecret-wildcard
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   threshold:
#   - AWSControlTowerExecution
#   - AWSReservedSSO_AWSAdministratorAccess_*
#   - AWSReservedSSO_AdministratorAccess_*
#   - OrganizationAccountAccessRole
#   - stacksets-exec-*
#   remediation: >-
#     Name the secrets in `Resource` (`arn:aws:secretsmanager:REGION:ACCOUNT:secret:app/*`), or demand a tag with the
#     condition `aws:ResourceTag/team`, and give the policy its new version: `aws iam create-policy-version
#     --policy-arn ARN --policy-document file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_getsecret_wildcard contains finding if {
	some identity in data.keystrel.lib.aws_identities.judged
	not aws_identities.is_listed(identity, data.params["aws-iam-getsecret-wildcard"].threshold)
	aws_identities.holds(identity, "all", {data.keystrel.lib.aws_identities.read_secret})
	finding := aws_identities.told(identity, "all", {data.keystrel.lib.aws_identities.read_secret}, "may read every secret")
}

# METADATA
# title: Identity may do everything with every secret
# description: >-
#   With secretsmanager:* on all resources it reads, overwrites and deletes all secrets and opens them to others by
#   their policies. Administrators are told by aws-iam-admin and aws-iam-managed-admin-attached.
# related_resources:
# - ref: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
# custom:
#   id: aws-iam-sm-full
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Allow the actions that it uses, on the secrets that it uses. For the managed policy: `aws iam detach-role-policy
#     --role-name ROLE --policy-arn arn:aws:iam::aws:policy/SecretsManagerReadWrite`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_sm_full contains finding if {
	all_of_it := {aws_rights.whole("secretsmanager")}
	some identity in data.keystrel.lib.aws_identities.suspects
	aws_identities.holds(identity, "all", all_of_it)
	finding := aws_identities.told(identity, "all", all_of_it, "holds secretsmanager:* on every secret")
}

# METADATA
# title: Identity can open secrets by their policy or rotation
# description: >-
#   It may not read secrets, yet it can let itself in: by a resource policy that allows it, or by new code in the
#   function that rotates and so reads them. Identities that may read every secret are told by
#   aws-iam-getsecret-wildcard.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
# custom:
#   id: aws-iam-sm-policy-escalation
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Allow `secretsmanager:PutResourcePolicy` and `lambda:UpdateFunctionCode` to the pipeline alone that deploys
#     them, and on its own secrets and functions: `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_sm_policy_escalation contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	not data.keystrel.lib.aws_identities.read_secret in data.keystrel.lib.aws_identities.rights[identity.id].all
	some actions in [{"secretsmanager:PutResourcePolicy"}, {"secretsmanager:RotateSecret", "lambda:UpdateFunctionCode"}]
	aws_identities.holds(identity, "all", actions)
	finding := aws_identities.told(identity, "all", actions, sprintf("can open every secret by %s", [
		concat(" and ", sort(actions)),
	]))
}

# METADATA
# title: Identity may list and read all secrets in batches
# description: >-
#   ListSecrets with BatchGetSecretValue and GetSecretValue on everything: with filters instead of names, a few calls
#   empty the store, and nobody has to guess a name. BatchGetSecretValue alone reveals nothing.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
# custom:
#   id: aws-iam-batchget-listing
#   severity: low
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Applications know the names of their secrets: leave out `secretsmanager:BatchGetSecretValue` and
#     `secretsmanager:ListSecrets`, and name the secrets in `Resource`. `aws iam create-policy-version --policy-arn
#     ARN --policy-document file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_batchget_listing contains finding if {
	actions := {data.keystrel.lib.aws_identities.read_secret, "secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"}
	some identity in data.keystrel.lib.aws_identities.suspects
	not aws_rights.whole("secretsmanager") in data.keystrel.lib.aws_identities.rights[identity.id].all
	aws_identities.holds(identity, "all", actions)
	finding := aws_identities.told(identity, "all", actions, "may list all secrets and read them in batches")
}

# METADATA
# title: Identity may decrypt with every key
# description: >-
#   Keys whose policies leave the decision to IAM, which most do, are open to it: for secrets, parameters, volumes and
#   backups alike. Conditions on kms:ViaService or the encryption context make it less.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
# custom:
#   id: aws-iam-kms-decrypt-wildcard
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Name the keys by their ARNs in `Resource`, or add the condition `kms:ViaService`:
#     `secretsmanager.REGION.amazonaws.com`. `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_kms_decrypt_wildcard contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	not aws_rights.whole("kms") in data.keystrel.lib.aws_identities.rights[identity.id].all
	actions := {action |
		some action in ["kms:Decrypt", "kms:ReEncryptFrom"]
		aws_identities.holds(identity, "all", {action})
	}
	count(actions) > 0
	finding := aws_identities.told(identity, "all", actions, sprintf("is allowed %s on every key", [
		concat(" and ", sort(actions)),
	]))
}

# METADATA
# title: Identity may do everything with every key
# description: >-
#   With kms:* on all resources it decrypts with all keys whose policies leave that to IAM, changes their policies,
#   and schedules their deletion, after which nothing can be decrypted.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
# custom:
#   id: aws-iam-kms-full
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Split it: those who administer keys need no `kms:Decrypt`, those who use them nothing but `kms:Decrypt` and
#     `kms:GenerateDataKey*` on named keys. `aws iam create-policy-version --policy-arn ARN --policy-document
#     file://policy.json --set-as-default`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_kms_full contains finding if {
	all_of_it := {aws_rights.whole("kms")}
	some identity in data.keystrel.lib.aws_identities.suspects
	aws_identities.holds(identity, "all", all_of_it)
	finding := aws_identities.told(identity, "all", all_of_it, "holds kms:* on every key")
}

# METADATA
# title: Identity may read every parameter
# description: >-
#   SecureString parameters with the key aws/ssm are decrypted for everybody in the account who may read them, so that
#   this is all there is between it and all of them. AmazonSSMManagedInstanceCore is such a policy; where it is the
#   only one, the finding is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
# - ref: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
# custom:
#   id: aws-iam-ssm-getparameter-wildcard
#   severity: high
#   subject: aws_iam_identity
#   where: {is_service_linked: [false]}
#   needs: [aws_account, aws_iam_identity, aws_iam_policy]
#   remediation: >-
#     Name a path in `Resource` (`arn:aws:ssm:REGION:ACCOUNT:parameter/app/*`). Instances need no parameters to be
#     managed: attach a copy of AmazonSSMManagedInstanceCore without `ssm:GetParameter` and `ssm:GetParameters`, and
#     `aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_iam_ssm_getparameter_wildcard contains finding if {
	some identity in data.keystrel.lib.aws_identities.suspects
	actions := {action | some action in data.keystrel.lib.aws_identities.read_parameters; aws_identities.holds(identity, "all", {action})}
	count(actions) > 0
	finding := object.union(
		aws_identities.told(identity, "all", actions, "may read every parameter"),
		{"severity": severity_of_parameters(identity, actions)},
	)
}

severity_of_parameters(identity, actions) := "medium" if {
	aws_identities.via(identity, "all", actions) == "AmazonSSMManagedInstanceCore"
} else := "high"

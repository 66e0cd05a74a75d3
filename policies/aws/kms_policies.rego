# METADATA
# title: Key policies of AWS KMS
package keystrel.aws.kms_policies

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms
import data.keystrel.lib.facts

# METADATA
# title: Key policy lets anyone in
# description: >-
#   An Allow for everybody, or for everybody but some (NotPrincipal), without a condition on the caller's account,
#   organization, ARN or network. kms:ViaService alone is none: others use the same services.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
# custom:
#   id: aws-kms-policy-public
#   severity: critical
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     Name the principals, or add `"StringEquals": {"kms:CallerAccount": "ACCOUNT"}` or `aws:PrincipalOrgID`: `aws kms
#     put-key-policy --key-id ARN --policy-name default --policy file://policy.json`.
#   frameworks:
#     cis: [aws/2.21]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_kms_policy_public contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	some statement in aws_iam.statements(key.Policy)
	aws_iam.is_public(statement)
	finding := {
		"fact": key.id,
		"message": sprintf("the policy of %s lets anyone in%s", [aws_kms.label(key), excepting(statement)]),
	}
}

aws_kms_policy_public contains finding if some finding in unknown

excepting(statement) := " by NotPrincipal" if {
	is_object(object.get(statement, "NotPrincipal", null))
} else := ""

# METADATA
# title: Key policy admits an account that is not trusted
# description: >-
#   Principals of another account may use the key. Accounts of the same organization, as far as it can be read, are
#   fine. The threshold lists accounts that are trusted.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
# custom:
#   id: aws-kms-policy-cross-account
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_account]
#   threshold: []
#   remediation: >-
#     Take the account out, or demand your organization by `aws:PrincipalOrgID`: `aws kms put-key-policy --key-id ARN
#     --policy-name default --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_kms_policy_cross_account contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	accounts := {account |
		some statement in aws_iam.statements(key.Policy)
		some account in aws_iam.foreign_accounts(statement, key.account, data.params["aws-kms-policy-cross-account"].threshold)
	}
	count(accounts) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("the policy of %s admits account %s", [aws_kms.label(key), aws_iam.listed(accounts)]),
	}
}

aws_kms_policy_cross_account contains finding if some finding in unknown

# METADATA
# title: Key policy gives everything to a principal
# description: >-
#   With kms:* it decrypts, changes the policy and deletes the key. The account as a whole has that by the default
#   policy, and IAM decides further; any other principal should have what it uses.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# custom:
#   id: aws-kms-policy-wildcard-action
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     Give users `kms:Decrypt` and `kms:GenerateDataKey*`, administrators `kms:Describe*`, `kms:Put*` and the like:
#     `aws kms put-key-policy --key-id ARN --policy-name default --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_policy_wildcard_action contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	holders := {aws_iam.short(principal) |
		some statement in allows(key)
		aws_iam.covers_service(statement, "kms")
		some principal in aws_iam.principals(statement, "AWS")
		not is_own_account(principal, key)
		not aws_iam.is_deleted(principal)
		not aws_iam.is_public(statement)
	}
	count(holders) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("the policy of %s gives kms:* to %s", [aws_kms.label(key), aws_iam.listed(holders)]),
	}
}

aws_kms_policy_wildcard_action contains finding if some finding in unknown

# METADATA
# title: Same principal administers and uses the key
# description: >-
#   Whoever may change the policy or delete the key should not read what it protects, and the other way round: else one
#   stolen session does both. Those who have kms:* are told by aws-kms-policy-wildcard-action, and what policies of
#   IAM add is not counted.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
# custom:
#   id: aws-kms-policy-admin-and-user
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     Use a role to administer that has no `kms:Decrypt` and no `kms:GenerateDataKey`: `aws kms put-key-policy
#     --key-id ARN --policy-name default --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04, IAM-09]
aws_kms_policy_admin_and_user contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	both := (holders_of(key, administration) & holders_of(key, use)) - holders_of(key, ["kms:KeystrelProbe"])
	principals := {aws_iam.short(principal) |
		some principal in both
		principal != "*"
		not is_own_account(principal, key)
		not aws_iam.is_deleted(principal)
	}
	count(principals) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("the policy of %s lets %s administer the key and use it", [aws_kms.label(key), aws_iam.listed(principals)]),
	}
}

aws_kms_policy_admin_and_user contains finding if some finding in unknown

administration := ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]

use := ["kms:Decrypt", "kms:GenerateDataKey", "kms:Sign", "kms:GenerateMac"]

holders_of(key, actions) := {principal |
	some statement in allows(key)
	some action in actions
	aws_iam.covers_action(statement, action)
	some principal in aws_iam.principals(statement, "AWS")
}

# METADATA
# title: Key policy leaves everything to IAM
# description: >-
#   Its only statement is that of the account as a whole, as keys have it that are made by the API. Then every
#   identity with kms:Decrypt on all keys has this one, see aws-iam-kms-decrypt-wildcard. For keys of secrets a policy
#   that names its users is better.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# custom:
#   id: aws-kms-policy-defer-to-iam
#   severity: info
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     Name administrators and users, and limit the account's own statement to `kms:Describe*`, `kms:Get*`, `kms:List*`
#     and `kms:PutKeyPolicy`: `aws kms put-key-policy --key-id ARN --policy-name default --policy file://policy.json`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_policy_defer_to_iam contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	found := aws_iam.statements(key.Policy)
	count(found) > 0
	every statement in found {
		leaves_to_iam(statement, key)
	}
	finding := {"fact": key.id, "message": sprintf("the policy of %s leaves everything to IAM", [aws_kms.label(key)])}
}

aws_kms_policy_defer_to_iam contains finding if some finding in unknown

leaves_to_iam(statement, key) if {
	statement.Effect == "Allow"
	aws_iam.conditions(statement) == []
	aws_iam.covers_service(statement, "kms")
	count(aws_iam.principals(statement, "AWS")) > 0
	aws_iam.principals(statement, "Service") == []
	every principal in aws_iam.principals(statement, "AWS") {
		is_own_account(principal, key)
	}
}

# METADATA
# title: Nobody can administer the key
# description: >-
#   No principal that exists may change its policy: the account is not in it, and the roles and users that are were
#   deleted. Only AWS support can help.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# custom:
#   id: aws-kms-policy-lockout
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_iam_identity]
#   remediation: >-
#     Open a case with AWS support. A role of the same name does not help, since the policy keeps the id of the old
#     one. Keep the account's statement (`"AWS": "arn:aws:iam::ACCOUNT:root"`) in every key policy.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
aws_kms_policy_lockout contains finding if {
	some key in data.keystrel.lib.aws_kms.customer_keys
	is_object(key.Policy)
	administrators := {principal |
		some statement in allows(key)
		aws_iam.covers_action(statement, "kms:PutKeyPolicy")
		some principal in aws_iam.principals(statement, "AWS")
		exists(principal, key)
	}
	count(administrators) == 0
	not has_excepting_allow(key)
	finding := {
		"fact": key.id,
		"message": sprintf("no principal that exists can change the policy of %s", [aws_kms.label(key)]),
	}
}

aws_kms_policy_lockout contains finding if some finding in unknown

has_excepting_allow(key) if {
	some statement in allows(key)
	is_object(object.get(statement, "NotPrincipal", null))
}

# Whether a principal is known to exist; those of other accounts cannot be looked up and count as if they did.
exists(principal, key) if {
	not aws_iam.is_deleted(principal)
	not is_gone(principal, key)
}

is_gone(principal, key) if {
	aws_iam.account_of(principal) == key.account
	regex.match(`^arn:[^:]*:iam::[0-9]{12}:(?:role|user)/`, principal)
	not principal in identities
}

identities := {fact.id | some fact in facts.of("aws_iam_identity")}

# METADATA
# title: Replica of a multi-Region key has another policy
# description: >-
#   It is the same key: whoever the laxer policy lets in decrypts what the stricter one protects. Names of regions and
#   of statements do not count.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html
# custom:
#   id: aws-kms-mrk-policy-drift
#   severity: high
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER], MultiRegion: [true]}
#   needs: [aws_kms_key]
#   remediation: >-
#     `aws kms get-key-policy --key-id PRIMARY --policy-name default --query Policy --output text > policy.json`, then
#     `aws kms put-key-policy --key-id REPLICA --policy-name default --policy file://policy.json --region REGION`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
aws_kms_mrk_policy_drift contains finding if {
	some replica in replicas
	primary := by_arn[replica.MultiRegionConfiguration.PrimaryKey.Arn]
	is_object(primary.Policy)
	is_object(replica.Policy)
	normal(primary) != normal(replica)
	finding := {
		"fact": replica.id,
		"message": sprintf("the policy of %s is not that of its primary key in %s", [aws_kms.label(replica), primary.region]),
	}
}

aws_kms_mrk_policy_drift contains finding if {
	some replica in replicas
	not by_arn[replica.MultiRegionConfiguration.PrimaryKey.Arn]
	finding := {"fact": replica.id, "unknown": "its primary key was not read"}
}

aws_kms_mrk_policy_drift contains finding if {
	some replica in replicas
	primary := by_arn[replica.MultiRegionConfiguration.PrimaryKey.Arn]
	some key in [primary, replica]
	finding := {"fact": replica.id, "unknown": aws_iam.unread(key, ["Policy"])}
}

replicas := [key | some key in data.keystrel.lib.aws_kms.customer_keys; aws_kms.is_replica(key)]

by_arn := {key.id: key | some key in facts.of("aws_kms_key")}

# What a policy says, whatever the order: the statements as a set of sets, with a word for the key's own region.
normal(key) := {parts |
	some statement in aws_iam.statements(key.Policy)
	parts := {
		"effect": statement.Effect,
		"lists": {[field, value] |
			some field in ["Action", "NotAction", "Resource", "NotResource"]
			some listed in aws_iam.list(statement, field)
			value := anywhere(listed, key)
		},
		"principals": {[field, kind, principal] |
			some field in ["Principal", "NotPrincipal"]
			some kind in ["AWS", "Service", "Federated"]
			some listed in aws_iam.list(aws_iam.object_of(statement, field), kind)
			principal := anywhere(listed, key)
		},
		"conditions": {[condition.operator, condition.key, value] |
			some condition in aws_iam.conditions(statement)
			some listed in condition.values
			value := anywhere(listed, key)
		},
	}
}

anywhere(text, key) := replace(text, key.region, "REGION")

allows(key) := [statement |
	some statement in aws_iam.statements(key.Policy)
	statement.Effect == "Allow"
]

# Whether a principal is the account of the key as a whole.
is_own_account(principal, key) if {
	aws_iam.is_account(principal)
	aws_iam.account_of(principal) == key.account
}

unknown := aws_kms.unknown(data.keystrel.lib.aws_kms.customer_keys, ["Policy"])

# METADATA
# title: What keys of AWS KMS there are, how strong, and whose
package keystrel.aws.kms_inventory

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_kms
import data.keystrel.lib.facts

# METADATA
# title: Asymmetric or HMAC key is past its cryptoperiod
# description: >-
#   KMS does not rotate these: a new key has to be made, and those who verify have to learn of it. NIST gives private
#   signature keys one to three years. The threshold is in days.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys-manually.html
# - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
# custom:
#   id: aws-kms-asymmetric-age
#   severity: medium
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: 730
#   remediation: >-
#     `aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256`, publish its public key (`aws kms
#     get-public-key`), then `aws kms update-alias --alias-name NAME --target-key-id ARN`. Keep the old one to verify.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
aws_kms_asymmetric_age contains finding if {
	limit := data.params["aws-kms-asymmetric-age"].threshold
	some key in by_hand
	age.older_than(key.CreationDate, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("%s, %s for %s, is %s old, of at most %v", [
			aws_kms.label(key), key.KeySpec, key.KeyUsage,
			age.show_age(key.CreationDate), limit,
		]),
	}
}

aws_kms_asymmetric_age contains finding if {
	some id in ({key.id | some key in facts.of("aws_kms_key")} - {key.id | some key in by_hand})
	finding := {"fact": id, "not_applicable": "it is not in use, or no asymmetric or HMAC key"}
}

# Keys in use that nothing rotates.
by_hand := [key |
	some key in data.keystrel.lib.aws_kms.enabled_keys
	key.KeySpec != "SYMMETRIC_DEFAULT"
	not aws_kms.is_replica(key)
]

# METADATA
# title: Key specification is weak
# description: >-
#   RSA with 2,048 bits has 112 bits of strength: NIST takes it for new data until 2030, BSI and CNSA do not.
#   ECC_SECG_P256K1 is for blockchains, and in no standard for anything else. The threshold lists the specifications
#   that are not wanted.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
# - ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
# custom:
#   id: aws-kms-weak-spec
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: [RSA_2048, HMAC_224]
#   remediation: >-
#     `aws kms create-key --key-usage SIGN_VERIFY --key-spec RSA_3072` or `ECC_NIST_P256`, and move the alias to it:
#     `aws kms update-alias --alias-name NAME --target-key-id ARN`. A key's specification cannot be changed.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
aws_kms_weak_spec contains finding if {
	some key in data.keystrel.lib.aws_kms.kept_keys
	not aws_kms.is_replica(key)
	key.KeySpec in data.params["aws-kms-weak-spec"].threshold
	finding := {"fact": key.id, "message": sprintf("%s is %s", [aws_kms.label(key), key.KeySpec])}
}

# METADATA
# title: Key is not used
# description: >-
#   Nothing was encrypted or decrypted with it for so many days, and nothing that was read names it. Its policy is one
#   more to look after. What is archived may still need it: disable it for a while before deleting.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-determining-usage.html
# custom:
#   id: aws-kms-unused
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key, aws_kms_key_reference]
#   threshold: 90
#   remediation: >-
#     `aws kms disable-key --key-id ARN`, and if nothing breaks `aws kms schedule-key-deletion --key-id ARN
#     --pending-window-in-days 30`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-14]
#     owasp_secrets: ["2.7.3"]
aws_kms_unused contains finding if {
	limit := data.params["aws-kms-unused"].threshold
	some key in data.keystrel.lib.aws_kms.enabled_keys
	not aws_kms.is_used(key)
	is_object(key.LastUsage)
	age.older_than(key.CreationDate, limit)
	since := last_use(key)
	age.older_than(since, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("%s was not used for %s", [aws_kms.label(key), age.show_age(since)]),
	}
}

aws_kms_unused contains finding if {
	some key in data.keystrel.lib.aws_kms.enabled_keys
	not aws_kms.is_used(key)
	not is_object(key.LastUsage)
	finding := {"fact": key.id, "unknown": why(key)}
}

why(key) := text if {
	text := aws_iam.unread(key, ["LastUsage"])
} else := "when it was last used is not known"

# A key without a use was not used since KMS began to look.
last_use(key) := time_ if {
	time_ := object.get(key.LastUsage, "Timestamp", null)
	age.is_time(time_)
} else := key.TrackingStartDate

# METADATA
# title: Multi-Region key
# description: >-
#   Its material is in several regions, each with a policy of its own, and whoever may replicate it can take it to
#   another. It is right for data that moves between regions and must be read in each. The threshold lists patterns of
#   aliases that are meant to be.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
# custom:
#   id: aws-kms-multi-region
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: []
#   remediation: >-
#     `aws kms create-key` without `--multi-region` in each region, encrypt anew, and `aws kms schedule-key-deletion`
#     first of the replicas. A key cannot be changed. Deny others by the condition `kms:MultiRegion`.
#   frameworks:
#     nist_800_53: [SA-9(5)]
#     iso27001_2022: [A.5.23]
#     csa_ccm_4: [DSP-19]
aws_kms_multi_region contains finding if {
	some key in data.keystrel.lib.aws_kms.kept_keys
	key.MultiRegion == true
	not aws_kms.is_replica(key)
	not is_meant(key)
	finding := {"fact": key.id, "message": sprintf("%s is multi-Region%s", [aws_kms.label(key), replicas(key)])}
}

is_meant(key) if {
	some pattern in data.params["aws-kms-multi-region"].threshold
	some alias in aws_kms.alias_names(key)
	aws_iam.matches(pattern, alias)
}

replicas(key) := sprintf(", with replicas in %s", [concat(", ", sort(regions))]) if {
	regions := {replica.Region | some replica in aws_iam.list(aws_iam.object_of(key, "MultiRegionConfiguration"), "ReplicaKeys")}
	count(regions) > 0
} else := ""

# METADATA
# title: Key has neither alias nor description
# description: >-
#   Nobody knows what it is for, nor whether it can go. Applications that use its id cannot be moved to another key.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
# custom:
#   id: aws-kms-no-alias
#   severity: info
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   remediation: >-
#     `aws kms create-alias --alias-name alias/NAME --target-key-id ARN`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [CEK-21]
#     owasp_secrets: ["2.11"]
aws_kms_no_alias contains finding if {
	some key in data.keystrel.lib.aws_kms.kept_keys
	is_array(key.Aliases)
	count(key.Aliases) == 0
	object.get(key, "Description", "") in {"", null}
	finding := {"fact": key.id, "message": sprintf("%s has neither alias nor description", [aws_kms.label(key)])}
}

aws_kms_no_alias contains finding if some finding in aws_kms.unknown(data.keystrel.lib.aws_kms.kept_keys, ["Aliases"])

# METADATA
# title: Key has no owner tag
# description: >-
#   When it leaks, or is to be deleted, nobody knows whom to ask. The threshold lists the tags that it must have,
#   without regard to case.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
# custom:
#   id: aws-kms-tags
#   severity: low
#   subject: aws_kms_key
#   where: {KeyManager: [CUSTOMER]}
#   needs: [aws_kms_key]
#   threshold: [owner]
#   remediation: >-
#     `aws kms tag-resource --key-id ARN --tags TagKey=owner,TagValue=TEAM`.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [CEK-21]
#     owasp_secrets: ["2.11"]
aws_kms_tags contains finding if {
	some key in data.keystrel.lib.aws_kms.kept_keys
	is_object(key.Tags)
	missing := {lower(tag) | some tag in data.params["aws-kms-tags"].threshold} - {lower(tag) | some tag, _ in key.Tags}
	count(missing) > 0
	finding := {"fact": key.id, "message": sprintf("%s has no tag %s", [aws_kms.label(key), concat(", ", sort(missing))])}
}

aws_kms_tags contains finding if some finding in aws_kms.unknown(data.keystrel.lib.aws_kms.kept_keys, ["Tags"])

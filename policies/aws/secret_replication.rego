# METADATA
# title: Replicas of secrets
package keystrel.aws.secret_replication

import data.keystrel.lib.aws_secrets

# METADATA
# title: Critical secret has no replica
# description: >-
#   When its region fails, all that needs the secret fails elsewhere too. The threshold lists the tags of secrets that
#   must have one.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
# custom:
#   id: aws-sm-no-replica
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: [tier=critical]
#   remediation: >-
#     `aws secretsmanager replicate-secret-to-regions --secret-id ARN --add-replica-regions Region=REGION`.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
aws_sm_no_replica contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["Tags", "ReplicationStatus", "region"])
	aws_secrets.is_tagged(secret, data.params["aws-sm-no-replica"].threshold)
	count(aws_secrets.list(secret, "ReplicationStatus")) == 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is critical and in %s alone", [aws_secrets.named(secret), secret.region]),
	}
}

aws_sm_no_replica contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["Tags", "ReplicationStatus", "region"])
}

# METADATA
# title: Replica is not in sync
# description: >-
#   Readers in that region get an old value or none, and find out when they need it. A replication that is in progress
#   counts when the secret was last changed more hours ago than the threshold.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets_troubleshoot.html
# custom:
#   id: aws-sm-replica-failed
#   severity: high
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: 24
#   remediation: >-
#     `aws secretsmanager replicate-secret-to-regions --secret-id ARN --add-replica-regions Region=REGION
#     --force-overwrite-replica-secret` once what the status says is mended.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
aws_sm_replica_failed contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "LastChangedDate"])
	some replica in aws_secrets.list(secret, "ReplicationStatus")
	is_behind(secret, replica)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the replica in %s is %s%s", [
			aws_secrets.named(secret),
			replica.Region,
			replica.Status,
			reason(replica),
		]),
	}
}

aws_sm_replica_failed contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "LastChangedDate"])
}

is_behind(_, replica) if replica.Status == "Failed"

is_behind(secret, replica) if {
	replica.Status == "InProgress"
	aws_secrets.hours_since(secret.LastChangedDate) > data.params["aws-sm-replica-failed"].threshold
}

reason(replica) := sprintf(": %s", [replica.StatusMessage]) if {
	is_string(replica.StatusMessage)
	replica.StatusMessage != ""
} else := ""

# METADATA
# title: Replica in a region outside policy
# description: >-
#   A replica brings the value under the law, and to the administrators, of another place. The threshold lists the regions
#   that may have one; while it is empty, those of the same part of the world as the primary (`eu`, `us`...).
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
# custom:
#   id: aws-sm-replica-region-not-allowed
#   severity: medium
#   subject: aws_secret
#   needs: [aws_secret]
#   threshold: []
#   remediation: >-
#     `aws secretsmanager remove-regions-from-replication --secret-id ARN --remove-replica-regions REGION`, and rotate
#     the value if it must not have been there.
#   frameworks:
#     nist_800_53: [SA-9(5)]
#     iso27001_2022: [A.5.23]
#     csa_ccm_4: [DSP-19]
aws_sm_replica_region_not_allowed contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "region"])
	some replica in aws_secrets.list(secret, "ReplicationStatus")
	is_string(replica.Region)
	not is_allowed(secret.region, replica.Region)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s of %s has a replica in %s", [aws_secrets.named(secret), secret.region, replica.Region]),
	}
}

aws_sm_replica_region_not_allowed contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "region"])
}

is_allowed(_, region) if region in data.params["aws-sm-replica-region-not-allowed"].threshold

is_allowed(primary, region) if {
	count(data.params["aws-sm-replica-region-not-allowed"].threshold) == 0
	split(primary, "-")[0] == split(region, "-")[0]
}

# METADATA
# title: Replica uses the default key while the primary has its own
# description: >-
#   The copy is protected less than the original: whoever may read it there needs no permission for a key.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
# custom:
#   id: aws-sm-replica-default-kms
#   severity: low
#   subject: aws_secret
#   needs: [aws_secret]
#   remediation: >-
#     `aws secretsmanager update-secret --region REPLICA-REGION --secret-id ARN --kms-key-id KEY-ARN`, best with a replica of
#     the primary's multi-Region key.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
aws_sm_replica_default_kms contains finding if {
	some secret in aws_secrets.told(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "kms_key_is_default"])
	secret.kms_key_is_default == false
	some replica in aws_secrets.list(secret, "ReplicationStatus")
	has_default_key(replica)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the replica in %s is encrypted with aws/secretsmanager", [
			aws_secrets.named(secret),
			replica.Region,
		]),
	}
}

aws_sm_replica_default_kms contains finding if {
	some finding in aws_secrets.unknown(data.keystrel.lib.aws_secrets.primary, ["ReplicationStatus", "kms_key_is_default"])
}

has_default_key(replica) if object.get(replica, "KmsKeyId", null) in {null, ""}

has_default_key(replica) if {
	is_string(replica.KmsKeyId)
	endswith(replica.KmsKeyId, "alias/aws/secretsmanager")
}

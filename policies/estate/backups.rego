# METADATA
# title: Backups of stores
package keystrel.estate.backups

import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Backup of a store is public or not encrypted
# description: >-
#   A backup holds all that the store holds, and none of the store's policies guards it: whoever can read the place can take it away and
#   try at leisure. Snapshots of Vault are encrypted by its own barrier, and whoever has the seal's key opens them; those of etcd hold Secrets
#   as the cluster wrote them. Critical where the place is open to everybody.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/automated-integrated-storage-snapshots
# - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   id: x-backup-plain
#   severity: high
#   subject: store_backup
#   needs: [store_backup]
#   remediation: >-
#     `aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration
#     BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`, `aws s3api put-bucket-encryption
#     --bucket BUCKET` with `aws:kms` and a key of yours; `gcloud storage buckets update gs://BUCKET --public-access-prevention
#     --default-encryption-key KEY`; `az storage account update --name ACCOUNT --allow-blob-public-access false`. Write what is there anew.
#   frameworks:
#     nist_800_53: [CP-9(8), SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [BCR-08, CEK-03]
#     owasp_secrets: ["2.9", "7"]
x_backup_plain contains finding if {
	some backup in backups
	faults := array.concat(
		["is open to everybody" | backup.is_public == true],
		["is encrypted by no key of yours" | backup.is_encrypted == false],
	)
	count(faults) > 0
	finding := {
		"fact": backup.id,
		"message": sprintf("backup `%v` of %v goes to %v, which %s", [backup.backup, backup.store, backup.place, concat(", and ", faults)]),
		"severity": severity(backup),
	}
}

x_backup_plain contains finding if {
	some finding in estate.unsettled(backups, ["is_public", "is_encrypted"])
}

backups := facts.of("store_backup")

severity(backup) := "critical" if {
	backup.is_public == true
} else := "high"

# METADATA
# title: Documents and sessions of Systems Manager
package keystrel.aws.ssm_documents

import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: SSM document is public
# description: >-
#   Every AWS account can read it, with the names, addresses and habits that it tells, and whatever is in its defaults.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html
# custom:
#   id: aws-ssm-document-public
#   severity: critical
#   subject: aws_ssm_document
#   needs: [aws_ssm_document]
#   remediation: >-
#     `aws ssm modify-document-permission --name NAME --permission-type Share --account-ids-to-remove all`; and for good
#     `aws ssm update-service-setting --setting-id /ssm/documents/console/public-sharing-permission --setting-value Disable`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
aws_ssm_document_public contains finding if {
	some document in aws_secrets.told(documents, ["AccountIds"])
	some account in aws_secrets.list(document, "AccountIds")
	lower(account) == "all"
	finding := {
		"fact": document.id,
		"message": sprintf("%s is shared with everybody", [aws_secrets.named(document)]),
	}
}

aws_ssm_document_public contains finding if {
	some finding in aws_secrets.unknown(documents, ["AccountIds"])
}

# METADATA
# title: SSM document holds a credential
# description: >-
#   Whoever may run or read the document has it, and so has the output of commands. A value that is told by its name and form
#   alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
# custom:
#   id: aws-ssm-document-secret
#   severity: high
#   subject: aws_ssm_document
#   needs: [aws_ssm_document]
#   remediation: >-
#     Rotate the credential, refer to it as `{{ssm-secure:NAME}}` or fetch it in the script, and `aws ssm update-document
#     --name NAME --document-version '$LATEST' --content file://DOCUMENT`; then delete the old versions.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_ssm_document_secret contains finding if {
	some finding in aws_secrets.leaking("aws_ssm_document", "high")
}

aws_ssm_document_secret contains finding if {
	some finding in aws_secrets.unknown(documents, ["leaks"])
}

documents := facts.of("aws_ssm_document")

# METADATA
# title: Session Manager sessions that can reach secrets are not logged
# description: >-
#   What is typed on a node, also to read its secrets, is recorded nowhere: CloudTrail tells that a session began, not what
#   it did. Told of regions that have managed nodes.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html
# custom:
#   id: aws-ssm-session-logging
#   severity: medium
#   subject: aws_ssm_settings
#   needs: [aws_ssm_settings]
#   remediation: >-
#     `aws ssm update-document --name SSM-SessionManagerRunShell --document-version '$LATEST' --content
#     file://PREFERENCES` with `cloudWatchLogGroupName` or `s3BucketName`; `create-document` where there is none yet.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_ssm_session_logging contains finding if {
	some settings in aws_secrets.told(regions, settings_fields)
	settings.has_managed_nodes == true
	not is_logged(settings)
	finding := {
		"fact": settings.id,
		"message": sprintf("sessions on nodes in %s are logged to neither S3 nor CloudWatch", [settings.region]),
	}
}

aws_ssm_session_logging contains finding if {
	some finding in aws_secrets.unknown(regions, settings_fields)
}

aws_ssm_session_logging contains finding if {
	some settings in aws_secrets.told(regions, settings_fields)
	settings.has_managed_nodes == false
	finding := {"fact": settings.id, "not_applicable": "the region has no managed nodes"}
}

regions := facts.of("aws_ssm_settings")

settings_fields := ["session_preferences", "has_managed_nodes", "region"]

is_logged(settings) if {
	some field in ["s3BucketName", "cloudWatchLogGroupName"]
	aws_secrets.text(settings.session_preferences[field]) != ""
}

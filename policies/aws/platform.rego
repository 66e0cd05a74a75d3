# METADATA
# title: Clusters, certificates and catalogues
package keystrel.aws.platform

import data.keystrel.lib.age
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: EKS control plane does not envelope-encrypt secrets with a key of yours
# description: >-
#   Until 1.28 Secrets lie in etcd as the disk's encryption alone protects them; from then on EKS encrypts them with a key
#   of its own, which is low: it cannot be withheld or logged.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
# custom:
#   id: aws-eks-secrets-kms
#   severity: high
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     `aws eks associate-encryption-config --cluster-name NAME --encryption-config
#     '[{"resources":["secrets"],"provider":{"keyArn":"KEY-ARN"}}]'`; it cannot be taken back. Then write all Secrets anew.
#   frameworks:
#     cis: [eks/5.3.1]
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
aws_eks_secrets_kms contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "version", "encryptionConfig"])
	not encrypts_secrets(cluster)
	finding := {
		"fact": cluster.id,
		"message": sprintf("%s: %s", [aws_secrets.named(cluster), cluster_fault(cluster)]),
		"severity": cluster_severity(cluster),
	}
}

aws_eks_secrets_kms contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "version", "encryptionConfig"])
}

# Clusters that AWS runs: others are merely shown in EKS.
clusters := {cluster |
	some cluster in facts.of("aws_eks_cluster")
	object.get(cluster, "is_external", false) != true
}

encrypts_secrets(cluster) if {
	some config in aws_secrets.list(cluster, "encryptionConfig")
	"secrets" in config.resources
}

# Whether EKS encrypts all objects with a key of its own, as from version 1.28 on.
has_default_envelope(cluster) if {
	is_string(cluster.version)
	regex.match(`^1\.[0-9]{1,3}$`, cluster.version)
	to_number(split(cluster.version, ".")[1]) >= 28
}

cluster_fault(cluster) := sprintf("secrets are encrypted with a key of EKS, as version %s does, and with none of yours", [cluster.version]) if {
	has_default_envelope(cluster)
} else := sprintf("secrets are not encrypted in etcd (version %v)", [cluster.version])

cluster_severity(cluster) := "low" if {
	has_default_envelope(cluster)
} else := "high"

# METADATA
# title: EKS audit log off
# description: >-
#   Nothing tells who read a Secret, by which token, or who changed the bindings that let them.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
# custom:
#   id: aws-eks-audit-logs
#   severity: medium
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     `aws eks update-cluster-config --name NAME --logging
#     '{"clusterLogging":[{"types":["audit","authenticator"],"enabled":true}]}'`.
#   frameworks:
#     cis: [eks/2.1.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
aws_eks_audit_logs contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "logging"])
	not logs_audit(cluster)
	finding := {
		"fact": cluster.id,
		"message": sprintf("%s: the audit log is off", [aws_secrets.named(cluster)]),
	}
}

aws_eks_audit_logs contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "logging"])
}

logs_audit(cluster) if {
	some setup in aws_secrets.list(cluster.logging, "clusterLogging")
	setup.enabled == true
	"audit" in setup.types
}

# METADATA
# title: Certificate near expiry
# description: >-
#   Clients refuse what is expired. ACM renews its own earlier than that, so that one in use and near its end could not be
#   renewed: mostly its DNS record is gone. Counted in days; low where nothing uses it.
# related_resources:
# - ref: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
# custom:
#   id: aws-acm-expiry
#   severity: high
#   subject: aws_acm_certificate
#   needs: [aws_acm_certificate]
#   threshold: 30
#   remediation: >-
#     See why by `aws acm describe-certificate --certificate-arn ARN`; import a new one by `aws acm import-certificate
#     --certificate-arn ARN`, or put its DNS record back.
#   frameworks:
#     nist_800_53: [SC-17]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
aws_acm_expiry contains finding if {
	some certificate in aws_secrets.told(certificates, ["NotAfter", "Status", "InUse", "Type"])
	certificate.Status in {"ISSUED", "EXPIRED"}
	age.within(certificate.NotAfter, data.params["aws-acm-expiry"].threshold)
	finding := {
		"fact": certificate.id,
		"message": sprintf("%s (%s) %s", [
			aws_secrets.named(certificate),
			certificate.Type,
			expiry_text(certificate.NotAfter),
		]),
		"severity": certificate_severity(certificate),
	}
}

aws_acm_expiry contains finding if {
	some finding in aws_secrets.unknown(certificates, ["NotAfter", "Status", "InUse", "Type"])
}

certificates := facts.of("aws_acm_certificate")

expiry_text(ends) := sprintf("expired on %s", [aws_secrets.day(ends)]) if {
	age.is_past(ends)
} else := sprintf("expires in %s", [age.show_days(age.days_until(ends))])

certificate_severity(certificate) := "low" if {
	certificate.InUse == false
} else := "high"

# METADATA
# title: Certificate key weak
# description: >-
#   Keys of RSA below 2048 bits can be broken by those who have the means, and clients refuse them. The threshold is the least
#   number of bits of RSA.
# related_resources:
# - ref: https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
# custom:
#   id: aws-acm-weak-key
#   severity: medium
#   subject: aws_acm_certificate
#   needs: [aws_acm_certificate]
#   threshold: 2048
#   remediation: >-
#     `aws acm request-certificate --domain-name NAME --key-algorithm EC_prime256v1 --validation-method DNS`, and give it to
#     what uses the old one.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
aws_acm_weak_key contains finding if {
	allowed := data.params["aws-acm-weak-key"].threshold
	some certificate in aws_secrets.told(certificates, ["KeyAlgorithm", "Status"])
	certificate.Status == "ISSUED"
	is_string(certificate.KeyAlgorithm)
	regex.match(`^RSA[-_][0-9]{3,5}$`, certificate.KeyAlgorithm)
	length := to_number(substring(certificate.KeyAlgorithm, 4, -1))
	length < allowed
	finding := {
		"fact": certificate.id,
		"message": sprintf("%s has a key of RSA with %v bits, of at least %v", [
			aws_secrets.named(certificate),
			length,
			allowed,
		]),
	}
}

aws_acm_weak_key contains finding if {
	some finding in aws_secrets.unknown(certificates, ["KeyAlgorithm", "Status"])
}

# METADATA
# title: Data catalogue connection password not encrypted
# description: >-
#   `glue:GetConnection` gives the passwords in plain text to all who may call it. Told where connections have passwords of
#   their own rather than a secret.
# related_resources:
# - ref: https://docs.aws.amazon.com/glue/latest/dg/encrypt-connection-passwords.html
# custom:
#   id: aws-glue-conn-password
#   severity: high
#   subject: aws_glue_catalog
#   needs: [aws_glue_catalog]
#   remediation: >-
#     `aws glue put-data-catalog-encryption-settings --data-catalog-encryption-settings
#     '{"ConnectionPasswordEncryption":{"ReturnConnectionPasswordEncrypted":true,"AwsKmsKeyId":"KEY-ARN"}}'`, then save each
#     connection anew; or give them a `SECRET_ID`.
#   frameworks:
#     nist_800_53: [SC-28, SC-28(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
aws_glue_conn_password contains finding if {
	some catalog in aws_secrets.told(catalogs, catalog_fields)
	connections := aws_secrets.list(catalog, "password_connections")
	count(connections) > 0
	not encrypts_passwords(catalog)
	finding := {
		"fact": catalog.id,
		"message": sprintf("%s in %s: the password is not encrypted", [age.counted(count(connections), "connection"), catalog.region]),
	}
}

aws_glue_conn_password contains finding if {
	some finding in aws_secrets.unknown(catalogs, catalog_fields)
}

aws_glue_conn_password contains finding if {
	some catalog in aws_secrets.told(catalogs, catalog_fields)
	count(aws_secrets.list(catalog, "password_connections")) == 0
	finding := {"fact": catalog.id, "not_applicable": "no connection has a password of its own"}
}

catalogs := facts.of("aws_glue_catalog")

catalog_fields := ["ConnectionPasswordEncryption", "password_connections", "region"]

encrypts_passwords(catalog) if {
	is_object(catalog.ConnectionPasswordEncryption)
	catalog.ConnectionPasswordEncryption.ReturnConnectionPasswordEncrypted == true
}

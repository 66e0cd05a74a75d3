# METADATA
# title: Certificates of key vaults
package keystrel.azure.certificates

import data.keystrel.lib.age
import data.keystrel.lib.azure
import data.keystrel.lib.azure_keys
import data.keystrel.lib.facts

certificates := facts.of("azure_certificate")

# Certificates of which these fields are known, that can be used.
enabled(fields) := [certificate |
	some certificate in azure.told(certificates, array.concat(["enabled"], fields))
	certificate.enabled == true
]

unknown(fields) := azure.unknown(certificates, array.concat(["enabled"], fields))

# METADATA
# title: Certificate validity too long
# description: >-
#   A stolen key serves until the end. The threshold is the greatest number of months in the policy; without a policy
#   the certificate's own dates count.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
# custom:
#   id: az-kv-cert-validity
#   severity: medium
#   subject: azure_certificate
#   needs: [azure_certificate]
#   threshold: 12
#   remediation: >-
#     `az keyvault certificate set-attributes --vault-name VAULT --name NAME --policy @policy.json` with
#     `"validityInMonths": 12`, then `az keyvault certificate create` with that policy.
#   frameworks:
#     cis: [azure/8.3.11]
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
az_kv_cert_validity contains finding if {
	allowed := data.params["az-kv-cert-validity"].threshold
	some certificate in enabled(validity_fields)
	months := validity(certificate)
	months > allowed
	finding := {
		"fact": certificate.id,
		"message": sprintf("certificate %s is valid for %v months, of at most %v", [azure.named(certificate), months, allowed]),
	}
}

az_kv_cert_validity contains finding if {
	some finding in unknown(validity_fields)
}

validity_fields := ["validity_months", "nbf", "exp"]

# Months of 31 days, rounded down, so that twelve of the calendar are never thirteen.
validity(certificate) := certificate.validity_months if {
	is_number(certificate.validity_months)
} else := floor(azure.days_between(certificate.nbf, certificate.exp) / 31)

# METADATA
# title: Certificate expires soon
# description: >-
#   Clients refuse it from then on. The threshold is in days; a certificate that has expired is told too.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/overview-renew-certificate
# custom:
#   id: az-kv-cert-expiring
#   severity: high
#   subject: azure_certificate
#   needs: [azure_certificate]
#   threshold: 30
#   remediation: >-
#     `az keyvault certificate create --vault-name VAULT --name NAME --policy @policy.json` makes a new version by its
#     policy; import one with `az keyvault certificate import` where the issuer is another.
#   frameworks:
#     nist_800_53: [SC-17]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
az_kv_cert_expiring contains finding if {
	some certificate in enabled(["exp"])
	age.within(certificate.exp, data.params["az-kv-cert-expiring"].threshold)
	finding := {
		"fact": certificate.id,
		"message": sprintf("certificate %s %s on %s", [
			azure.named(certificate),
			verb(certificate.exp),
			azure.day(certificate.exp),
		]),
	}
}

az_kv_cert_expiring contains finding if {
	some finding in unknown(["exp"])
}

verb(end) := "expired" if {
	age.is_past(end)
} else := "expires"

# METADATA
# title: Certificate not set to renew
# description: >-
#   Somebody has to think of it. Key Vault renews by itself where the issuer is one that it works with, or itself.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/overview-renew-certificate
# custom:
#   id: az-kv-cert-lifetime-action
#   severity: medium
#   subject: azure_certificate
#   needs: [azure_certificate]
#   remediation: >-
#     `az keyvault certificate set-attributes --vault-name VAULT --name NAME --policy @policy.json` with
#     `"lifetimeActions": [{"trigger": {"daysBeforeExpiry": 30}, "action": {"actionType": "AutoRenew"}}]`.
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
az_kv_cert_lifetime_action contains finding if {
	some certificate in enabled(["lifetime_actions"])
	count({action |
		some action in azure.list(certificate, "lifetime_actions")
		azure.lowered(action.action) == "autorenew"
	}) == 0
	finding := {"fact": certificate.id, "message": sprintf("certificate %s does not renew by itself", [azure.named(certificate)])}
}

az_kv_cert_lifetime_action contains finding if {
	some finding in unknown(["lifetime_actions"])
}

# METADATA
# title: Certificate key weak or exportable
# description: >-
#   An exportable key comes along with every read of the secret of the same name; App Service and others need that,
#   and are low. The threshold has the least bits of an RSA key and the curves that are allowed.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
# custom:
#   id: az-kv-cert-key
#   severity: medium
#   subject: azure_certificate
#   needs: [azure_certificate]
#   threshold: {rsa: 2048, curves: [P-256, P-384, P-521]}
#   remediation: >-
#     `az keyvault certificate create --vault-name VAULT --name NAME --policy @policy.json` with `"keyProperties":
#     {"exportable": false, "keyType": "RSA", "keySize": 2048, "reuseKey": false}`.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
#     owasp_secrets: ["2.10"]
az_kv_cert_key contains finding if {
	some certificate in enabled(key_fields)
	why := weakness(certificate)
	finding := {
		"fact": certificate.id,
		"message": sprintf("the key of certificate %s is %s", [azure.named(certificate), why]),
	}
}

az_kv_cert_key contains finding if {
	some certificate in enabled(key_fields)
	certificate.exportable == true
	not weakness(certificate)
	finding := {
		"fact": certificate.id,
		"message": sprintf("the key of certificate %s can be exported", [azure.named(certificate)]),
		"severity": "low",
	}
}

az_kv_cert_key contains finding if {
	some finding in unknown(key_fields)
}

key_fields := ["kty", "key_size", "crv", "exportable"]

weakness(certificate) := azure_keys.weakness(certificate.kty, certificate.key_size, certificate.crv, data.params["az-kv-cert-key"].threshold)

# METADATA
# title: Certificate from an issuer outside the list
# description: >-
#   A certificate that signs itself proves nothing to anybody else. The threshold lists issuers that are allowed, by
#   the name they have in the vault or by their provider; empty, all are but `Self`.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/how-to-integrate-certificate-authority
# custom:
#   id: az-kv-cert-issuer
#   severity: low
#   subject: azure_certificate
#   needs: [azure_certificate]
#   threshold: []
#   remediation: >-
#     `az keyvault certificate set-attributes --vault-name VAULT --name NAME --policy @policy.json` with
#     `"issuerParameters": {"name": "ISSUER"}`, and `az keyvault certificate create` with that policy.
#   frameworks:
#     nist_800_53: [SC-17]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
az_kv_cert_issuer contains finding if {
	some certificate in enabled(["issuer", "issuer_provider"])
	not is_allowed(certificate)
	finding := {
		"fact": certificate.id,
		"message": sprintf("certificate %s is of issuer %s", [azure.named(certificate), certificate.issuer]),
	}
}

# Who provides it decides nothing where its name does.
az_kv_cert_issuer contains finding if {
	count(allowed_issuers) > 0
	some certificate in enabled(["issuer"])
	not is_self(certificate)
	not azure.lowered(certificate.issuer) in allowed_issuers
	why := azure.untold(certificate, "issuer_provider")
	finding := {"fact": certificate.id, "unknown": why}
}

az_kv_cert_issuer contains finding if {
	not "self" in allowed_issuers
	some certificate in enabled(["issuer"])
	azure.untold(certificate, "issuer_provider")
	is_self(certificate)
	finding := {
		"fact": certificate.id,
		"message": sprintf("certificate %s is of issuer %s", [azure.named(certificate), certificate.issuer]),
	}
}

az_kv_cert_issuer contains finding if {
	some finding in unknown(["issuer"])
}

allowed_issuers := {lower(name) | some name in data.params["az-kv-cert-issuer"].threshold}

is_self(certificate) if azure.lowered(certificate.issuer) == "self"

is_allowed(certificate) if {
	count(allowed_issuers) == 0
	not is_self(certificate)
}

is_allowed(certificate) if azure.lowered(certificate.issuer) in allowed_issuers

is_allowed(certificate) if azure.lowered(certificate.issuer_provider) in allowed_issuers

# METADATA
# title: API keys of Google Cloud
package keystrel.gcp.api_keys

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp

keys := facts.of("gcp_api_key")

# METADATA
# title: API key too old
# description: >-
#   An API key is text that stands in applications and web pages, and does not expire. Counted in days.
# related_resources:
# - ref: https://cloud.google.com/docs/authentication/api-keys-best-practices
# custom:
#   id: gcp-apikey-age
#   severity: medium
#   subject: gcp_api_key
#   needs: [gcp_api_key]
#   threshold: 90
#   remediation: >-
#     `gcloud services api-keys create --display-name=NAME` with the same restrictions, have applications use it, and
#     `gcloud services api-keys delete ID`.
#   frameworks:
#     cis: [gcp/1.16]
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_apikey_age contains finding if {
	allowed := data.params["gcp-apikey-age"].threshold
	some key in gcp.told(keys, ["createTime"])
	age.older_than(key.createTime, allowed)
	finding := {
		"fact": key.id,
		"message": sprintf("API key %s is %s old, of at most %v", [gcp.named(key), age.show_age(key.createTime), allowed]),
	}
}

gcp_apikey_age contains finding if {
	some finding in gcp.unknown(keys, ["createTime"])
}

# METADATA
# title: API key without API or application limits
# description: >-
#   Whoever has the key calls every API that the project has switched on, at its cost, from anywhere. A key needs both:
#   which APIs, and which hosts, addresses or applications. High without a limit of APIs, medium where only that of
#   applications is missing; a limit that lets anybody in (`*`, `0.0.0.0/0`) is none.
# related_resources:
# - ref: https://cloud.google.com/api-keys/docs/add-restrictions-api-keys
# custom:
#   id: gcp-apikey-unrestricted
#   severity: high
#   subject: gcp_api_key
#   needs: [gcp_api_key]
#   remediation: >-
#     `gcloud services api-keys update ID --api-target=service=SERVICE --allowed-referrers=https://example.com/*`, or
#     `--allowed-ips`, `--allowed-application`, `--allowed-bundle-ids`.
#   frameworks:
#     cis: [gcp/1.15, gcp/1.14]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_apikey_unrestricted contains finding if {
	some key in gcp.told(keys, ["restrictions"])
	missing := missing_limits(key)
	count(missing) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("API key %s has no limit of %s", [gcp.named(key), concat(" and ", sort(missing))]),
		"severity": limit_severity(missing),
	}
}

gcp_apikey_unrestricted contains finding if {
	some finding in gcp.unknown(keys, ["restrictions"])
}

missing_limits(key) := {"APIs" | not has_targets(key)} | {"applications" | not has_clients(key)}

has_targets(key) if count(gcp.list(gcp.object_of(key, "restrictions"), "apiTargets")) > 0

has_clients(key) if {
	limits := client_limits(key)
	count(limits) > 0
	every limit in limits {
		not is_anything(limit)
	}
}

client_limits(key) := [limit |
	some kind, field in {
		"androidKeyRestrictions": "allowedApplications", "browserKeyRestrictions": "allowedReferrers",
		"iosKeyRestrictions": "allowedBundleIds", "serverKeyRestrictions": "allowedIps",
	}
	some limit in gcp.list(gcp.object_of(gcp.object_of(key, "restrictions"), kind), field)
]

is_anything(limit) if limit in {"*", "*.", "*/*", "http://*", "https://*", "http://*/*", "https://*/*", "0.0.0.0", "0.0.0.0/0", "::/0", "::0"}

# A wildcard for a whole domain of the first level.
is_anything(limit) if {
	is_string(limit)
	regex.match(`^(?:https?://)?\*\.[a-z]+(?:/.*)?$`, limit)
}

limit_severity(missing) := "high" if {
	"APIs" in missing
} else := "medium"

# METADATA
# title: Active API keys exist where accounts would do
# description: >-
#   An API key says which project pays, not who calls, and cannot be taken back from one caller alone. Some services,
#   such as maps in a browser, take nothing else: name those in an exception.
# related_resources:
# - ref: https://cloud.google.com/docs/authentication/api-keys-best-practices
# custom:
#   id: gcp-apikey-active
#   severity: low
#   subject: gcp_api_key
#   needs: [gcp_api_key]
#   remediation: >-
#     Let the application sign in as a service account, and `gcloud services api-keys delete ID`.
#   frameworks:
#     cis: [gcp/1.13]
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
gcp_apikey_active contains finding if {
	some key in keys
	finding := {"fact": key.id, "message": sprintf("there is an API key, %s", [gcp.named(key)])}
}

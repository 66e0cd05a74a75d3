# METADATA
# title: Releases of Vault and OpenBao
# description: >-
#   Advisories and ends of support as their vendors published them up to 2026-10-08. Of an advisory there are the first release
#   that it is for, as far as the vendor names one, and the first release of each line that has the fix; lines below the highest of
#   them that are not named never got it.
# related_resources:
# - ref: https://discuss.hashicorp.com/c/security/52
# - ref: https://github.com/openbao/openbao/security/advisories
# - ref: https://support.hashicorp.com/hc/en-us/articles/360021185113-Support-Period-and-End-of-Life-EOL-Policy
# - ref: https://openbao.org/docs/policies/support/
package keystrel.lib.vault_releases

import data.keystrel.lib.age

# The newest line of each product that the tables know of. What is newer may have advisories that they do not.
newest_line := {"vault": [2, 1], "openbao": [2, 7]}

advisories := {
	"vault": [
		{"id": "CVE-2026-105816", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 19, 23], [1, 20, 17], [1, 21, 12], [2, 1, 2]], "source": "https://nvd.nist.gov/vuln/detail/CVE-2026-105816"},
		{"id": "CVE-2026-5006", "enterprise_only": false, "introduced": [0, 11, 0], "fixed": [[1, 19, 20], [1, 20, 14], [1, 21, 9], [2, 0, 4]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-32-vault-vulnerable-to-privilege-escalation-via-slash-injection-in-templated-policy-paths/77678"},
		{"id": "CVE-2026-14886", "enterprise_only": true, "introduced": [0, 0, 0], "fixed": [[1, 19, 20], [1, 20, 14], [1, 21, 9], [2, 0, 4]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-27-vault-enterprise-vulnerable-to-cross-namespace-entity-deletion/77634"},
		{"id": "CVE-2026-12624", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 19, 19], [1, 20, 13], [1, 21, 8], [2, 0, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-26-vault-vulnerable-to-list-authorization-bypass-via-trailing-slash-strip/77632"},
		{"id": "CVE-2026-5051", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 19, 17], [1, 20, 11], [1, 21, 6], [2, 0, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-16-vault-audit-device-plugin-directory-guard-bypass-via-legacy-path-option/77536"},
		{"id": "CVE-2026-5807", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 0, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-08-vault-vulnerable-to-denial-of-service-via-unauthenticated-root-token-generation-rekey-operations/77345"},
		{"id": "CVE-2026-4525", "enterprise_only": false, "introduced": [0, 11, 2], "fixed": [[1, 19, 16], [1, 20, 10], [1, 21, 5], [2, 0, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-07-vault-may-expose-tokens-to-auth-plugins-due-to-incorrect-header-sanitization/77344"},
		{"id": "CVE-2026-3605", "enterprise_only": false, "introduced": [0, 10, 0], "fixed": [[1, 19, 16], [1, 20, 10], [1, 21, 5], [2, 0, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-05-vault-kvv2-metadata-and-secret-deletion-policy-bypass-denial-of-service/77342"},
		{"id": "CVE-2025-12044", "enterprise_only": false, "introduced": [1, 20, 3], "fixed": [[1, 20, 5], [1, 21, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-31-vault-vulnerable-to-denial-of-service-due-to-rate-limit-regression/76710"},
		{"id": "CVE-2025-11621", "enterprise_only": false, "introduced": [0, 6, 0], "fixed": [[1, 16, 27], [1, 19, 11], [1, 20, 5], [1, 21, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-30-vault-aws-auth-method-authentication-bypass-through-mishandling-of-cache-entries/76709"},
		{"id": "CVE-2025-6203", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 16, 25], [1, 18, 14], [1, 19, 9], [1, 20, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-24-vault-denial-of-service-though-complex-json-payloads/76393"},
		{"id": "CVE-2025-6013", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 16, 24], [1, 18, 13], [1, 19, 8], [1, 20, 2]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-20-vault-ldap-mfa-enforcement-bypass-when-using-username-as-alias/76092"},
		{"id": "CVE-2025-6037", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 16, 23], [1, 18, 12], [1, 19, 7], [1, 20, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-18-vault-certificate-auth-method-did-not-validate-common-name-for-non-ca-certificates/76037"},
		{"id": "CVE-2025-6015", "enterprise_only": false, "introduced": [1, 10, 0], "fixed": [[1, 16, 23], [1, 18, 12], [1, 19, 7], [1, 20, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-19-vault-login-mfa-bypass-of-rate-limiting-and-totp-token-reuse/76038"},
		{"id": "CVE-2025-6014", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 16, 23], [1, 18, 12], [1, 19, 7], [1, 20, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-17-vault-totp-secrets-engine-code-reuse/76036"},
		{"id": "CVE-2025-6004", "enterprise_only": false, "introduced": [1, 13, 0], "fixed": [[1, 16, 23], [1, 18, 12], [1, 19, 7], [1, 20, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-16-vault-userpass-and-ldap-user-lockout-bypass/76035"},
		{"id": "CVE-2025-6000", "enterprise_only": false, "introduced": [0, 8, 0], "fixed": [[1, 16, 23], [1, 18, 12], [1, 19, 7], [1, 20, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-14-privileged-vault-operator-may-execute-code-on-the-underlying-host/76033"},
		{"id": "CVE-2025-5999", "enterprise_only": false, "introduced": [0, 10, 4], "fixed": [[1, 16, 22], [1, 18, 11], [1, 19, 6], [1, 20, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-13-vault-root-namespace-operator-may-elevate-token-privileges/76032"},
		{"id": "CVE-2025-4166", "enterprise_only": false, "introduced": [0, 3, 0], "fixed": [[1, 16, 20], [1, 17, 16], [1, 18, 9], [1, 19, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-09-vault-may-expose-sensitive-information-in-error-logs-when-processing-malformed-data-with-the-kv-v2-plugin"},
		{"id": "CVE-2025-3879", "enterprise_only": false, "introduced": [1, 10, 0], "fixed": [[1, 16, 18], [1, 17, 14], [1, 18, 7], [1, 19, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-07-vault-s-azure-authentication-method-bound-location-restriction-could-be-bypassed-on-login/74716"},
		{"id": "CVE-2024-8185", "enterprise_only": false, "introduced": [1, 2, 0], "fixed": [[1, 16, 12], [1, 17, 8], [1, 18, 1]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-26-vault-vulnerable-to-denial-of-service-through-memory-exhaustion-when-processing-raft-cluster-join-requests/71047"},
		{"id": "CVE-2024-9180", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 15, 16], [1, 16, 11], [1, 17, 7], [1, 18, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-21-vault-operators-in-root-namespace-may-elevate-their-privileges/70565"},
		{"id": "CVE-2024-7594", "enterprise_only": false, "introduced": [1, 7, 7], "fixed": [[1, 15, 15], [1, 16, 10], [1, 17, 6]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-20-vault-ssh-secrets-engine-configuration-did-not-restrict-valid-principals-by-default/70251"},
		{"id": "CVE-2024-8365", "enterprise_only": false, "introduced": [1, 17, 3], "fixed": [[1, 17, 5]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-18-vault-leaks-client-token-and-token-accessor-in-audit-devices"},
		{"id": "CVE-2024-6468", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[1, 15, 12], [1, 16, 6], [1, 17, 2]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-14-vault-vulnerable-to-denial-of-service-when-setting-a-proxy-protocol-behavior/68518"},
		{"id": "CVE-2024-5798", "enterprise_only": false, "introduced": [0, 11, 0], "fixed": [[1, 15, 9], [1, 16, 3], [1, 17, 0]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-11-vault-incorrectly-validated-json-web-tokens-jwt-audience-claims/67770"},
	],
	"openbao": [
		{"id": "GHSA-rh46-vc3j-w2w3", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 6, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-rh46-vc3j-w2w3"},
		{"id": "GHSA-g892-p242-8g86", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 6, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-g892-p242-8g86"},
		{"id": "GHSA-xp3c-3jw3-4vcr", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 6, 0]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-xp3c-3jw3-4vcr"},
		{"id": "GHSA-59w7-v8rr-pr4p", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 6, 0]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-59w7-v8rr-pr4p"},
		{"id": "GHSA-34fc-gh42-pj53", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 6, 0]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-34fc-gh42-pj53"},
		{"id": "CVE-2026-55776", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 5]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-8w8f-r2xv-4q4j"},
		{"id": "CVE-2026-55775", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 5]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-mwr2-wmgp-crj6"},
		{"id": "CVE-2026-55774", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 5]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-c36x-h252-g9x2"},
		{"id": "CVE-2026-55770", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 5]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-6mwx-4547-5vc9"},
		{"id": "CVE-2026-46405", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 4]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-7j6w-vvw2-5f9c"},
		{"id": "CVE-2026-46358", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 4]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-q8cj-789h-vg24"},
		{"id": "CVE-2026-45808", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 4]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-v8v8-cm84-m686"},
		{"id": "CVE-2026-42186", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-vv66-6rp4-wr4f"},
		{"id": "CVE-2026-40264", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-p49j-v9wc-wg57"},
		{"id": "CVE-2026-39946", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-6vgr-cp5c-ffx3"},
		{"id": "CVE-2026-39396", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-r65v-xgwc-g56j"},
		{"id": "CVE-2026-39388", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-7ccv-rp6m-rffr"},
		{"id": "CVE-2026-5807", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-08-vault-vulnerable-to-denial-of-service-via-unauthenticated-root-token-generation-rekey-operations/77345"},
		{"id": "CVE-2026-3605", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2026-05-vault-kvv2-metadata-and-secret-deletion-policy-bypass-denial-of-service/77342"},
		{"id": "CVE-2026-33758", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-cpj3-3r2f-xj59"},
		{"id": "CVE-2026-33757", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 5, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-7q7g-x6vg-xpc3"},
		{"id": "CVE-2025-64761", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 4, 4]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-7ff4-jw48-3436"},
		{"id": "CVE-2025-62705", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 4, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-rc54-2g2c-g36g"},
		{"id": "CVE-2025-62513", "enterprise_only": false, "introduced": [2, 1, 0], "fixed": [[2, 4, 3]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-ghfh-fmx4-26h8"},
		{"id": "CVE-2025-59043", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 4, 1]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-g46h-2rq9-gw5m"},
		{"id": "CVE-2025-55003", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-rxp7-9q75-vj3p"},
		{"id": "CVE-2025-55001", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-2q8q-8fgw-9p6p"},
		{"id": "CVE-2025-55000", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-f7c3-mhj2-9pvg"},
		{"id": "CVE-2025-54998", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-j3xv-7fxp-gfhx"},
		{"id": "CVE-2025-54997", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-xp75-r577-cvhp"},
		{"id": "CVE-2025-54996", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 3, 2]], "source": "https://github.com/openbao/openbao/security/advisories/GHSA-vf84-mxrq-crqc"},
		{"id": "CVE-2025-4166", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 2, 2]], "source": "https://discuss.hashicorp.com/t/hcsec-2025-09-vault-may-expose-sensitive-information-in-error-logs-when-processing-malformed-data-with-the-kv-v2-plugin"},
		{"id": "CVE-2024-8185", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 0, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-26-vault-vulnerable-to-denial-of-service-through-memory-exhaustion-when-processing-raft-cluster-join-requests/71047"},
		{"id": "CVE-2024-9180", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 0, 3]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-21-vault-operators-in-root-namespace-may-elevate-their-privileges/70565"},
		{"id": "CVE-2024-7594", "enterprise_only": false, "introduced": [0, 0, 0], "fixed": [[2, 0, 2]], "source": "https://discuss.hashicorp.com/t/hcsec-2024-20-vault-ssh-secrets-engine-configuration-did-not-restrict-valid-principals-by-default/70251"},
	],
}

# When a line got its last fixes: a line of the Community Edition and of OpenBao when the next was released, one of Vault Enterprise
# when the second after it was, or two years after its own release where it has long-term support.
support_ended := {
	"vault": [
		{"line": [1, 21], "community": "2026-04-14T00:00:00Z", "enterprise": null, "source": "https://github.com/hashicorp/vault/releases/tag/v2.0.0"},
		{"line": [1, 20], "community": "2025-10-22T00:00:00Z", "enterprise": null, "source": "https://github.com/hashicorp/vault/releases/tag/v1.21.0"},
		{"line": [1, 19], "community": "2025-06-25T00:00:00Z", "enterprise": null, "source": "https://github.com/hashicorp/vault/releases/tag/v1.20.0"},
		{"line": [1, 18], "community": "2025-03-05T00:00:00Z", "enterprise": "2025-10-22T00:00:00Z", "source": "https://github.com/hashicorp/vault/releases/tag/v1.21.0"},
		{"line": [1, 17], "community": "2024-10-09T00:00:00Z", "enterprise": "2025-06-25T00:00:00Z", "source": "https://github.com/hashicorp/vault/releases/tag/v1.20.0"},
		{"line": [1, 16], "community": "2024-06-12T00:00:00Z", "enterprise": "2026-04-14T00:00:00Z", "source": "https://github.com/hashicorp/vault/releases/tag/v2.0.0"},
	],
	"openbao": [
		{"line": [2, 5], "community": "2026-07-14T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.6.0"},
		{"line": [2, 4], "community": "2026-02-04T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.5.0"},
		{"line": [2, 3], "community": "2025-08-28T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.4.0"},
		{"line": [2, 2], "community": "2025-06-25T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.3.1"},
		{"line": [2, 1], "community": "2025-03-05T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.2.0"},
		{"line": [2, 0], "community": "2024-11-29T00:00:00Z", "enterprise": null, "source": "https://github.com/openbao/openbao/releases/tag/v2.1.0"},
	],
}

# A version as numbers, `1.21.4+ent.hsm` as [1, 21, 4]. A candidate of a release counts as the release.
parse(version) := [to_number(part) | some part in split(digits[0], ".")] if {
	is_string(version)
	digits := regex.find_n(`^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}`, trim_prefix(version, "v"), 1)
	count(digits) == 1
}

line_of(version) := array.slice(version, 0, 2)

show(version) := concat(".", [sprintf("%v", [part]) | some part in version])

# The advisories that a version has no fix for, newest first.
open_advisories(software, version, enterprise) := [advisory |
	some advisory in advisories[software]
	concerns(advisory, enterprise)
	version >= advisory.introduced
	not is_fixed(advisory, version)
]

# The first release after a version that has no open advisory.
first_clean(software, version, enterprise) := min({release |
	some advisory in advisories[software]
	some release in advisory.fixed
	release > version
	count(open_advisories(software, release, enterprise)) == 0
})

concerns(advisory, _) if not advisory.enterprise_only

concerns(_, true) := true

is_fixed(advisory, version) if {
	some release in advisory.fixed
	line_of(release) == line_of(version)
	version >= release
}

is_fixed(advisory, version) if line_of(version) > line_of(max(advisory.fixed))

# The day on which the line of a version got its last fixes, if it is past.
ended(software, version, enterprise) := day if {
	some entry in support_ended[software]
	entry.line == line_of(version)
	end := entry[edition(enterprise)]
	age.is_past(end)
	day := sprintf("on %s", [substring(end, 0, 10)])
}

ended(software, version, _) := "long ago" if {
	line_of(version) < min({entry.line | some entry in support_ended[software]})
}

edition(true) := "enterprise"

edition(enterprise) := "community" if enterprise != true

# Whether the tables know of no release as new as this one.
is_newer_than_known(software, version) if line_of(version) > newest_line[software]

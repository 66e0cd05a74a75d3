# METADATA
# title: Roles of PKI
package keystrel.vault.pki_role

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines
import data.keystrel.lib.vault_pki

# METADATA
# title: A PKI role issues for any name
# description: >-
#   Whoever may use the role can have a certificate for every host and every user that trusts the CA.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#allow_any_name
# custom:
#   id: vault-pki-allow-any-name
#   severity: critical
#   subject: vault_pki_role
#   needs: [vault_pki_role]
#   remediation: >-
#     `vault patch pki/roles/web allow_any_name=false allowed_domains=app.example.com allow_subdomains=true`
#   frameworks:
#     nist_800_53: [AC-6, SC-17]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_pki_allow_any_name contains finding if {
	some role in facts.of("vault_pki_role")
	role.allow_any_name == true
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: `allow_any_name` is on", [role.id]),
	}
}

vault_pki_allow_any_name contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["allow_any_name"])
}

# METADATA
# title: A PKI role allows domains that are not its own
# description: >-
#   A glob without a domain of one's own behind it, or subdomains of a public suffix, allow names of strangers. Without
#   `enforce_hostnames` the common name of a certificate for servers may be anything.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#allow_glob_domains
# - ref: https://publicsuffix.org/
# custom:
#   id: vault-pki-glob-or-bare-domain
#   severity: high
#   subject: vault_pki_role
#   needs: [vault_pki_role]
#   remediation: >-
#     `vault patch pki/roles/web allowed_domains=app.example.com allow_glob_domains=false enforce_hostnames=true`
#   frameworks:
#     nist_800_53: [AC-6, SC-17]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_pki_glob_or_bare_domain contains finding if {
	some role in facts.of("vault_pki_role")
	role.allow_any_name != true
	wide := {domain | some domain in vault_engines.list(role, "allowed_domains"); vault_pki.is_wide(role, domain)}
	count(wide) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: allows names below %s", [role.id, concat(", ", sort(wide))]),
	}
}

vault_pki_glob_or_bare_domain contains finding if {
	some role in facts.of("vault_pki_role")
	role.allow_any_name != true
	role.enforce_hostnames == false
	vault_pki.is_for_servers(role)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: issues for servers without `enforce_hostnames`", [role.id]),
	}
}

vault_pki_glob_or_bare_domain contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["allowed_domains", "allow_glob_domains", "allow_subdomains", "enforce_hostnames"])
}

# METADATA
# title: A PKI role issues wildcard certificates
# description: >-
#   Whoever has one certificate for `*.example.com` can pose as each host below it. `allow_wildcard_certificates` is on unless it is
#   switched off, and matters to roles that allow subdomains or globs.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#allow_wildcard_certificates
# custom:
#   id: vault-pki-wildcard-certs
#   severity: medium
#   subject: vault_pki_role
#   needs: [vault_pki_role]
#   remediation: >-
#     `vault patch pki/roles/web allow_wildcard_certificates=false`, and a role of its own for the few that need one.
#   frameworks:
#     nist_800_53: [AC-6, SC-17]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_pki_wildcard_certs contains finding if {
	some role in facts.of("vault_pki_role")
	object.get(role, "allow_wildcard_certificates", null) != false
	vault_pki.is_for_servers(role)
	allows_below(role)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: issues wildcard certificates", [role.id]),
	}
}

vault_pki_wildcard_certs contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["server_flag", "allow_subdomains", "allow_glob_domains"])
}

# METADATA
# title: A PKI role issues long-lived certificates
# description: >-
#   A key that leaks is good until its certificate ends, for revocation is checked by few. A role without a maximum has that of its
#   mount. The parameter is the longest life in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/pki/considerations#keep-certificate-lifetimes-short-for-crls-sake
# custom:
#   id: vault-pki-long-ttl
#   severity: medium
#   subject: vault_pki_role
#   needs: [vault_pki_role, vault_mount]
#   threshold: 90
#   remediation: >-
#     `vault patch pki/roles/web max_ttl=720h ttl=72h not_after=""`, and let programs renew (Vault Agent, cert-manager, ACME).
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
vault_pki_long_ttl contains finding if {
	limit := data.params["vault-pki-long-ttl"].threshold
	some role in facts.of("vault_pki_role")
	vault_engines.text(role, "not_after") == ""
	life := vault_engines.longest(role, "max_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: a certificate lives up to %s, of at most %s", [
			role.id,
			vault_engines.show_roughly(life),
			age.show_days(limit),
		]),
	}
}

vault_pki_long_ttl contains finding if {
	limit := data.params["vault-pki-long-ttl"].threshold
	some role in facts.of("vault_pki_role")
	end := vault_engines.text(role, "not_after")
	end != ""
	not age.within(end, limit + 1)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: certificates end at %s, later than %s from now", [role.id, end, age.show_days(limit)]),
	}
}

vault_pki_long_ttl contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["max_ttl"])
}

# METADATA
# title: A PKI role or issuer has a weak key
# description: >-
#   RSA below 2048 bits and curves below 256 bits are no longer allowed for signatures, nor is SHA-1. This is for roles, and for keys and
#   signatures of issuers. The parameter is the fewest bits of RSA. Type `any` is not found, since Vault refuses RSA below 2048 bits.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#key_bits
# - ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
# custom:
#   id: vault-pki-weak-key
#   severity: high
#   subject: vault_pki_role
#   needs: [vault_pki_role, vault_pki_issuer]
#   threshold: 2048
#   remediation: >-
#     `vault patch pki/roles/web key_type=ec key_bits=256` (or `key_type=rsa key_bits=3072`). Replace an issuer:
#     `vault write pki/root/rotate/internal common_name=... key_type=ec`.
#   frameworks:
#     nist_800_53: [SC-13]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
vault_pki_weak_key contains finding if {
	some role in facts.of("vault_pki_role")
	length := vault_engines.number(role, "key_bits")
	length > 0
	vault_pki.is_weak(role.key_type, length, data.params["vault-pki-weak-key"].threshold)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: takes %s keys of %v bits", [role.id, upper(role.key_type), length]),
	}
}

vault_pki_weak_key contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	length := vault_engines.number(issuer, "public_key_bits")
	vault_pki.is_weak(issuer.public_key_algorithm, length, data.params["vault-pki-weak-key"].threshold)
	finding := {
		"fact": issuer.id,
		"message": sprintf("`%s`: the CA has an %s key of %v bits", [issuer.id, upper(issuer.public_key_algorithm), length]),
	}
}

vault_pki_weak_key contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	issuer.self_signed == false
	algorithm := vault_engines.text(issuer, "signature_algorithm")
	regex.match(`(?i)sha-?1(?:[^0-9]|$)|md5`, algorithm)
	finding := {
		"fact": issuer.id,
		"message": sprintf("`%s`: the certificate of the CA is signed with %s", [issuer.id, algorithm]),
	}
}

vault_pki_weak_key contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["key_type", "key_bits"])
}

# METADATA
# title: Certificates of a PKI role are good for several uses
# description: >-
#   The key of a server can log in as a client, or sign code. Vault has server and client use on unless one is switched off; code
#   signing and `any` are found as medium.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#server_flag
# custom:
#   id: vault-pki-any-eku
#   severity: medium
#   subject: vault_pki_role
#   needs: [vault_pki_role]
#   remediation: >-
#     A role for each use: `vault patch pki/roles/web server_flag=true client_flag=false code_signing_flag=false`.
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-11]
vault_pki_any_eku contains finding if {
	some role in facts.of("vault_pki_role")
	uses := vault_pki.uses(role)
	count(uses) > 1
	finding := {
		"fact": role.id,
		"severity": severity_of(uses),
		"message": sprintf("`%s`: one certificate is for %s", [role.id, concat(", ", sort(uses))]),
	}
}

vault_pki_any_eku contains finding if {
	some role in facts.of("vault_pki_role")
	"any use" in vault_pki.uses(role)
	count(vault_pki.uses(role)) == 1
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: one certificate is for any use", [role.id]),
	}
}

vault_pki_any_eku contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["server_flag", "client_flag", "code_signing_flag"])
}

# METADATA
# title: A PKI role lets callers choose IP, URI or other names
# description: >-
#   URIs are who a workload is for SPIFFE, other names are users for Windows. Addresses are allowed unless they are switched off, and
#   are found as low.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#allowed_uri_sans
# custom:
#   id: vault-pki-san-open
#   severity: medium
#   subject: vault_pki_role
#   needs: [vault_pki_role]
#   remediation: >-
#     `vault patch pki/roles/web allow_ip_sans=false allowed_uri_sans=spiffe://example.com/web allowed_other_sans=""`
#   frameworks:
#     nist_800_53: [AC-6, SC-17]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_pki_san_open contains finding if {
	some role in facts.of("vault_pki_role")
	open := [field |
		some field in ["allowed_uri_sans", "allowed_other_sans"]
		some pattern in vault_engines.list(role, field)
		pattern in {"*", "*;*", "*://*"}
	]
	count(open) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: any value is allowed by %s", [role.id, concat(", ", open)]),
	}
}

vault_pki_san_open contains finding if {
	some role in facts.of("vault_pki_role")
	role.allow_ip_sans == true
	vault_pki.is_for_servers(role)
	count(vault_engines.list(role, "allowed_ip_sans_cidr")) == 0
	finding := {
		"fact": role.id,
		"severity": "low",
		"message": sprintf("`%s`: issues for any IP address", [role.id]),
	}
}

vault_pki_san_open contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["allow_ip_sans"])
}

# METADATA
# title: Certificates of a PKI role leave no record
# description: >-
#   With `no_store` Vault keeps nothing of a certificate: it cannot be listed, and be revoked only by whoever still has it. That is right for
#   certificates that end soon. The parameter is the longest life in hours that may go unrecorded.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#no_store
# custom:
#   id: vault-pki-no-store
#   severity: medium
#   subject: vault_pki_role
#   needs: [vault_pki_role, vault_mount]
#   threshold: 24
#   remediation: >-
#     `vault patch pki/roles/web max_ttl=24h`, or `no_store=false`.
#   frameworks:
#     nist_800_53: [IA-5(2), SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-13, CEK-21]
#     owasp_secrets: ["2.7.3"]
vault_pki_no_store contains finding if {
	limit := data.params["vault-pki-no-store"].threshold
	some role in facts.of("vault_pki_role")
	role.no_store == true
	life := vault_engines.longest(role, "max_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_hour
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: keeps no record of certificates that live up to %s, of at most %v hours", [
			role.id,
			age.show_seconds(life),
			limit,
		]),
	}
}

vault_pki_no_store contains finding if {
	some finding in vault_engines.unsaid("vault_pki_role", ["no_store"])
}

# Whether a role allows names below a domain.
allows_below(role) if {
	some field in ["allow_subdomains", "allow_glob_domains", "allow_any_name"]
	role[field] == true
}

severity_of(uses) := "medium" if count(uses & {"code signing", "any use"}) > 0

severity_of(uses) := "low" if count(uses & {"code signing", "any use"}) == 0

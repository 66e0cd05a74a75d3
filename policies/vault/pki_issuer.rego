# METADATA
# title: Issuers and mounts of PKI
package keystrel.vault.pki_issuer

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_engines
import data.keystrel.lib.vault_pki

# METADATA
# title: A root CA issues certificates for hosts and users
# description: >-
#   A root that works every day cannot be taken offline, and when it is replaced, all that trust it have to be changed. What issues is an
#   intermediate on a mount of its own.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/pki/considerations#use-a-ca-hierarchy
# custom:
#   id: vault-pki-root-issues-leaves
#   severity: high
#   subject: vault_pki_issuer
#   needs: [vault_pki_issuer, vault_pki_role]
#   remediation: >-
#     Make an intermediate on another mount (`vault write pki_int/intermediate/generate/internal ...`, `vault write
#     pki/root/sign-intermediate ...`, `vault write pki_int/intermediate/set-signed ...`), move the roles there, and delete them here:
#     `vault delete pki/roles/web`.
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_pki_root_issues_leaves contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	issuer.self_signed == true
	can_issue(issuer)
	roles := {role.name | some role in roles_of[issuer.id]}
	count(roles) > 0
	finding := {
		"fact": issuer.id,
		"message": sprintf("`%s`: the root CA issues for roles %s", [issuer.id, concat(", ", sort(roles))]),
	}
}

vault_pki_root_issues_leaves contains finding if {
	some finding in vault_engines.unsaid("vault_pki_issuer", ["self_signed", "usage"])
}

# METADATA
# title: A CA is close to its end
# description: >-
#   With it ends every certificate that it issued, and until then it issues ever shorter ones, or none at all. Issuers that no role uses
#   and that are not the default are left out. The parameter is how many days before the end a CA has to be replaced, at most a third of
#   its life.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/pki/rotation-primitives
# custom:
#   id: vault-pki-ca-expiry
#   severity: high
#   subject: vault_pki_issuer
#   needs: [vault_pki_issuer, vault_pki_role, vault_mount]
#   threshold: 180
#   remediation: >-
#     Root: `vault write pki/root/rotate/internal common_name=...`. Intermediate: `vault write pki_int/intermediate/generate/internal ...`,
#     have it signed, `vault write pki_int/intermediate/set-signed certificate=@signed.pem`. Then `vault write pki_int/config/issuers
#     default=NEW`.
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
vault_pki_ca_expiry contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	is_used(issuer)
	age.is_past(issuer.not_after)
	finding := {
		"fact": issuer.id,
		"severity": "critical",
		"message": sprintf("`%s`: the CA ended on %s", [issuer.id, substring(issuer.not_after, 0, 10)]),
	}
}

vault_pki_ca_expiry contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	is_used(issuer)
	not age.is_past(issuer.not_after)
	vault_engines.is_due(issuer.not_before, issuer.not_after, data.params["vault-pki-ca-expiry"].threshold)
	finding := {
		"fact": issuer.id,
		"message": sprintf("`%s`: the CA ends in %s, on %s", [
			issuer.id,
			age.show_days(age.days_until(issuer.not_after)),
			substring(issuer.not_after, 0, 10),
		]),
	}
}

vault_pki_ca_expiry contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	is_used(issuer)
	not vault_engines.is_due(issuer.not_before, issuer.not_after, data.params["vault-pki-ca-expiry"].threshold)
	issuer.leaf_not_after_behavior == "err"
	left := 0 - age.seconds_since(issuer.not_after)
	longer := {role.name | some role in roles_of[issuer.id]; role.max_ttl > left}
	count(longer) > 0
	finding := {
		"fact": issuer.id,
		"severity": "medium",
		"message": sprintf("`%s`: the CA ends in %s, before certificates of roles %s would", [
			issuer.id,
			age.show_days(age.days_until(issuer.not_after)),
			concat(", ", sort(longer)),
		]),
	}
}

vault_pki_ca_expiry contains finding if {
	some issuer in facts.of("vault_pki_issuer")
	is_used(issuer)
	object.get(issuer, "not_after", null) == null
	finding := {"fact": issuer.id, "unknown": "its certificate could not be read"}
}

vault_pki_ca_expiry contains finding if {
	some finding in vault_engines.unsaid("vault_pki_issuer", ["usage"])
}

# METADATA
# title: Revocation of certificates is off or stale
# description: >-
#   A certificate that is revoked is good as before to whoever cannot learn of it: the list is switched off, or is past its next update, and
#   many refuse all certificates then. Without a list but with OCSP it is found as low. Mounts whose roles all issue for a day at most
#   need neither.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#set-revocation-configuration
# custom:
#   id: vault-pki-crl-ocsp-off
#   severity: medium
#   subject: vault_pki_crl_config
#   needs: [vault_pki_crl_config, vault_pki_role, vault_mount]
#   remediation: >-
#     `vault write pki/config/crl disable=false ocsp_disable=false auto_rebuild=true expiry=72h`; at once: `vault read pki/crl/rotate`.
#   frameworks:
#     nist_800_53: [IA-5(2), SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-13]
vault_pki_crl_ocsp_off contains finding if {
	gaps.none("vault_pki_role")
	some config in facts.of("vault_pki_crl_config")
	config.disable == true
	not is_short_lived(config.mount)
	has_ocsp(config)
	finding := {
		"fact": config.id,
		"severity": "low",
		"message": sprintf("`%s`: there is no CRL, OCSP only", [config.id]),
	}
}

vault_pki_crl_ocsp_off contains finding if {
	gaps.none("vault_pki_role")
	some config in facts.of("vault_pki_crl_config")
	config.disable == true
	not is_short_lived(config.mount)
	not has_ocsp(config)
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: there is no CRL and no OCSP", [config.id]),
	}
}

vault_pki_crl_ocsp_off contains finding if {
	some config in facts.of("vault_pki_crl_config")
	config.disable == false
	age.is_past(config.next_update)
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: the CRL should have been renewed by %s", [config.id, config.next_update]),
	}
}

vault_pki_crl_ocsp_off contains finding if {
	some finding in vault_engines.unsaid("vault_pki_crl_config", ["disable"])
}

# METADATA
# title: Expired certificates are never removed
# description: >-
#   Each certificate that Vault keeps is an entry of its storage and of every snapshot, and revoked ones are in each CRL until they are
#   tidied up. The parameter is how many certificates a mount may keep without.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#configure-automatic-tidy
# custom:
#   id: vault-pki-no-tidy
#   severity: low
#   subject: vault_pki_auto_tidy
#   needs: [vault_pki_auto_tidy]
#   threshold: 1000
#   remediation: >-
#     `vault write pki/config/auto-tidy enabled=true tidy_cert_store=true tidy_revoked_certs=true`
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
vault_pki_no_tidy contains finding if {
	some config in facts.of("vault_pki_auto_tidy")
	not tidies(config)
	config.certificate_count > data.params["vault-pki-no-tidy"].threshold
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: keeps %v certificates and removes none", [config.id, config.certificate_count]),
	}
}

vault_pki_no_tidy contains finding if {
	some config in facts.of("vault_pki_auto_tidy")
	not tidies(config)
	object.get(config, "certificate_count", null) == null
	finding := {"fact": config.id, "unknown": "how many certificates it keeps could not be read"}
}

# METADATA
# title: Anyone can get certificates by ACME
# description: >-
#   Without external account binding whoever reaches the server can open an account, and without a role for the default directory gets a
#   certificate for any name that the challenge proves, by rules that nobody set.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#set-acme-configuration
# custom:
#   id: vault-pki-acme-open
#   severity: high
#   subject: vault_pki_acme_config
#   needs: [vault_pki_acme_config]
#   remediation: >-
#     `vault write pki/config/acme enabled=true eab_policy=always-required default_directory_policy=role:acme allowed_roles=acme`
#   frameworks:
#     nist_800_53: [IA-9, SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_pki_acme_open contains finding if {
	some config in facts.of("vault_pki_acme_config")
	config.enabled == true
	config.eab_policy == "not-required"
	object.get(config, "default_directory_policy", null) in {"sign-verbatim", "", null}
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: ACME needs no account binding, and its default directory signs as asked", [config.id]),
	}
}

vault_pki_acme_open contains finding if {
	some finding in vault_engines.unsaid("vault_pki_acme_config", ["enabled"])
}

vault_pki_acme_open contains finding if {
	some config in facts.of("vault_pki_acme_config")
	config.enabled == true
	object.get(config, "eab_policy", null) == null
	finding := {"fact": config.id, "unknown": "the server does not tell eab_policy"}
}

# Roles by the issuer that they use: their name, and the maximum that they set, as far as their mount lets them; 0 if they set none.
roles_of[issuer] contains {"name": role.name, "max_ttl": min([own, vault_engines.ceiling(role)])} if {
	some role in facts.of("vault_pki_role")
	own := vault_engines.number(role, "max_ttl")
	some issuer in vault_pki.issuers_of(role)
}

# Whether an issuer can sign certificates: it may, and its key is here.
can_issue(issuer) if {
	"issuing-certificates" in vault_engines.list(issuer, "usage")
	vault_engines.text(issuer, "key_id") != ""
	object.get(issuer, "revoked", null) != true
}

is_used(issuer) if {
	can_issue(issuer)
	issuer.is_default == true
}

is_used(issuer) if {
	can_issue(issuer)
	count(roles_of[issuer.id]) > 0
}

has_ocsp(config) if config.ocsp_disable == false

# Whether all roles of a mount issue for a day at most. One of them has to be there, or there is nothing to tell it by.
is_short_lived(mount) if max(lives[mount]) <= data.keystrel.lib.age.seconds_per_day

lives[role.mount] contains vault_engines.longest(role, "max_ttl") if some role in facts.of("vault_pki_role")

tidies(config) if {
	config.enabled == true
	config.tidy_cert_store == true
}

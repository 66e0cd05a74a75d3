# METADATA
# title: Logins of LDAP
package keystrel.vault.ldap_auth

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_role

# METADATA
# title: Logins of LDAP go without verified TLS
# description: >-
#   Whoever stands between reads the passwords of all who log in, or answers for the directory. With `deny_null_bind`
#   off an empty password logs in where the directory takes it for anonymous.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/ldap#configure-ldap
# custom:
#   id: vault-ldap-insecure
#   severity: high
#   subject: vault_ldap_auth_config
#   needs: [vault_ldap_auth_config]
#   remediation: >-
#     Run `vault write auth/ldap/config url=ldaps://ldap.example.com insecure_tls=false deny_null_bind=true
#     tls_min_version=tls12 certificate=@ca.pem`, with the other fields as they are.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
vault_ldap_insecure contains finding if {
	some config in configs
	why := {one.why | some one in weakness; one.config == config.id}
	count(why) > 0
	finding := {
		"fact": config.id,
		"message": sprintf("%s: %s", [config.mount_path, concat(", ", sort(why))]),
	}
}

# METADATA
# title: The password of the bind user is not rotated
# description: >-
#   Whoever sees it once reads the directory for ever, and at times writes it. Vault 1.19 Enterprise and later
#   rotate it by themselves; of other servers it cannot be told. The threshold is in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/ldap#configure-ldap
# custom:
#   id: vault-ldap-bind-rotation
#   severity: medium
#   subject: vault_ldap_auth_config
#   needs: [vault_ldap_auth_config]
#   threshold: 90
#   remediation: >-
#     Run `vault write auth/ldap/config rotation_period=720h`, and `vault write -f auth/ldap/rotate-root` once.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_ldap_bind_rotation contains finding if {
	some config in binding
	can_rotate(config)
	why := stays(config)
	finding := {
		"fact": config.id,
		"message": sprintf("the password of `%s` of %s %s", [config.binddn, config.mount_path, why]),
	}
}

vault_ldap_bind_rotation contains finding if {
	some config in binding
	not can_rotate(config)
	finding := {"fact": config.id, "unknown": "the server does not rotate the password of the bind user, and cannot tell whether somebody else does"}
}

configs := facts.of("vault_ldap_auth_config")

# Why a password or an answer is open on the way to the directory, or a login without a password.
weakness contains {"config": config.id, "why": "url is ldap:// without starttls"} if {
	some config in configs
	is_string(config.url)
	some url in split(lower(config.url), ",")
	startswith(trim_space(url), "ldap://")
	not config.starttls == true
}

weakness contains {"config": config.id, "why": "insecure_tls is on"} if {
	some config in configs
	config.insecure_tls == true
}

weakness contains {"config": config.id, "why": "deny_null_bind is off"} if {
	some config in configs
	config.deny_null_bind == false
}

weakness contains {"config": config.id, "why": sprintf("tls_min_version is %s", [config.tls_min_version])} if {
	some config in configs
	config.tls_min_version in {"tls10", "tls11"}
}

# Configurations that bind with a password of their own.
binding := {config |
	some config in configs
	is_string(config.binddn)
	config.binddn != ""
}

can_rotate(config) if is_number(config.rotation_period)

can_rotate(config) if is_string(config.rotation_schedule)

can_rotate(config) if is_boolean(config.disable_automated_rotation)

# Why the password of a configuration that can rotate it stays.
stays(config) := "is not rotated" if {
	config.disable_automated_rotation == true
} else := "is not rotated" if {
	vault_role.number(config, "rotation_period") == 0
	vault_role.is_empty(config, "rotation_schedule")
} else := sprintf("is rotated every %s, of at most %v days", [age.show_seconds(config.rotation_period), data.params["vault-ldap-bind-rotation"].threshold]) if {
	config.rotation_period > data.params["vault-ldap-bind-rotation"].threshold * data.keystrel.lib.age.seconds_per_day
}

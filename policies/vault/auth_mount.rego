# METADATA
# title: Auth methods
package keystrel.vault.auth_mount

import data.keystrel.lib.age
import data.keystrel.lib.facts

# METADATA
# title: Tokens of an auth method may live long
# description: >-
#   A token that leaks is good until it ends; whoever renews it has it up to this time. The threshold, in seconds,
#   is for methods by which people log in; for others it is the default of Vault, 32 days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/auth#tune-auth-method
# custom:
#   id: vault-auth-long-ttl
#   severity: medium
#   subject: vault_auth_mount
#   needs: [vault_auth_mount]
#   threshold: 86400
#   remediation: >-
#     Run `vault auth tune -max-lease-ttl=24h PATH` (of `token/`, give its roles `token_explicit_max_ttl`).
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_auth_long_ttl contains finding if {
	some mount in mounts
	tuned(mount, "max_lease_ttl") > longest(mount)
	finding := {
		"fact": mount.id,
		"message": sprintf("tokens of %s may live %s, of at most %s", [mount.path, age.show_seconds(tuned(mount, "max_lease_ttl")), age.show_seconds(longest(mount))]),
	}
}

vault_auth_long_ttl contains finding if {
	some mount in mounts
	not says_life(mount)
	finding := {"fact": mount.id, "unknown": "it is not known how long its tokens may live"}
}

# METADATA
# title: Passwords of Vault or RADIUS log in
# description: >-
#   Users and passwords of userpass are managed beside those of the organisation: whoever leaves keeps his login. RADIUS
#   sends passwords that only its shared secret hides.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/userpass
# custom:
#   id: vault-auth-userpass
#   severity: medium
#   subject: vault_auth_mount
#   needs: [vault_auth_mount]
#   remediation: >-
#     Let people log in by OIDC, SAML or LDAP, then run `vault auth disable PATH`.
#   frameworks:
#     nist_800_53: [IA-2]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.12"]
vault_auth_userpass contains finding if {
	some mount in mounts
	mount.type in {"radius", "userpass"}
	finding := {
		"fact": mount.id,
		"message": sprintf("people log in by %s (%s)", [mount.path, mount.type]),
	}
}

vault_auth_userpass contains finding if {
	some mount in mounts
	mount.type == "token"
	finding := {"fact": mount.id, "not_applicable": "it is no method to log in by"}
}

# METADATA
# title: A password alone logs in
# description: >-
#   Whoever learns one password has what its user may read. Okta asks for its own second factor unless
#   `bypass_okta_mfa` is set.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/login-mfa
# custom:
#   id: vault-auth-userpass-no-mfa
#   severity: high
#   subject: vault_auth_mount
#   where: {type: [ldap, okta, radius, userpass]}
#   needs: [vault_auth_mount, vault_login_enforcement, vault_okta_auth_config]
#   remediation: >-
#     Make a method with `vault write identity/mfa/method/totp ...`, and enforce it: `vault write
#     identity/mfa/login-enforcement/NAME mfa_method_ids=ID auth_method_accessors=ACCESSOR`.
#   frameworks:
#     nist_800_53: [IA-2(1), IA-2(2)]
#     pci_dss_4: ["8.4.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_auth_userpass_no_mfa contains finding if {
	some mount in mounts
	mount.type in {"ldap", "okta", "radius", "userpass"}
	not has_own_factor(mount)
	mount.enforcements == []
	finding := {
		"fact": mount.id,
		"message": sprintf("%s (%s) asks for a password and no second factor", [mount.path, mount.type]),
	}
}

vault_auth_userpass_no_mfa contains finding if {
	some mount in mounts
	mount.type in {"ldap", "okta", "radius", "userpass"}
	not has_own_factor(mount)
	not is_array(object.get(mount, "enforcements", null))
	finding := {"fact": mount.id, "unknown": "it is not known whether a second factor is enforced"}
}

# METADATA
# title: Passwords can be guessed without being locked out
# description: >-
#   userpass, ldap and approle lock a name out after bad passwords, by default five in a quarter of an hour. The
#   threshold is how many.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/user-lockout
# custom:
#   id: vault-auth-lockout-off
#   severity: medium
#   subject: vault_auth_mount
#   where: {type: [approle, ldap, userpass]}
#   needs: [vault_auth_mount, vault_server]
#   threshold: 10
#   remediation: >-
#     Run `vault auth tune -user-lockout-disable=false -user-lockout-threshold=5 PATH`, and look for `user_lockout`
#     in the configuration of the server.
#   frameworks:
#     nist_800_53: [AC-7]
#     pci_dss_4: ["8.3.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
vault_auth_lockout_off contains finding if {
	some mount in mounts
	mount.type in lockable
	why := lockout_is_weak(mount)
	finding := {"fact": mount.id, "message": sprintf("the lockout of %s %s", [mount.path, why])}
}

vault_auth_lockout_off contains finding if {
	count(lockout_of_server) == 0
	some mount in mounts
	mount.type in lockable
	not lockout_is_weak(mount)
	not says_lockout(mount)
	finding := {"fact": mount.id, "unknown": "it is not known whether the server has a lockout"}
}

# METADATA
# title: An auth method is shown to anybody
# description: >-
#   Whoever reaches the server learns its path and its description. OIDC and SAML are not meant: the UI shows their
#   button by it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/auth#tune-auth-method
# custom:
#   id: vault-auth-listing-unauth
#   severity: low
#   subject: vault_auth_mount
#   needs: [vault_auth_mount]
#   remediation: >-
#     Run `vault auth tune -listing-visibility=hidden PATH`.
#   frameworks:
#     nist_800_53: [AC-14, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.8.5, A.8.9]
#     csa_ccm_4: [IAM-16, IVS-04]
#     owasp_secrets: ["6.3"]
vault_auth_listing_unauth contains finding if {
	some mount in mounts
	not mount.type in {"oidc", "saml"}
	is_object(mount.config)
	mount.config.listing_visibility == "unauth"
	finding := {"fact": mount.id, "message": sprintf("%s is shown without a token", [mount.path])}
}

vault_auth_listing_unauth contains finding if {
	some mount in mounts
	mount.type in {"oidc", "saml"}
	finding := {"fact": mount.id, "not_applicable": "the button of this method has to be shown"}
}

# METADATA
# title: Nobody logs in by an auth method
# description: >-
#   A way in that nobody uses is one that nobody watches. The threshold is in days; the counters of Vault must go
#   back that far.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/internal-counters#client-count
# custom:
#   id: vault-auth-unused
#   severity: low
#   subject: vault_auth_mount
#   needs: [vault_activity, vault_auth_mount]
#   threshold: 90
#   remediation: >-
#     Run `vault auth disable PATH` after a look into the audit log.
#   frameworks:
#     nist_800_53: [CM-7]
#     pci_dss_4: ["2.2.4"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_auth_unused contains finding if {
	some mount in mounts
	mount.type != "token"
	some counted in activity
	covers(counted)
	not is_used(mount, counted)
	finding := {
		"fact": mount.id,
		"message": sprintf("nobody logged in by %s in %s", [mount.path, age.show_days(age.days_since(counted.start_time))]),
	}
}

vault_auth_unused contains finding if {
	some mount in mounts
	mount.type != "token"
	some counted in activity
	not covers(counted)
	not is_used(mount, counted)
	finding := {"fact": mount.id, "unknown": "the counters of the server do not go back far enough"}
}

vault_auth_unused contains finding if {
	some mount in mounts
	mount.type == "token"
	finding := {"fact": mount.id, "not_applicable": "it is no method to log in by"}
}

vault_auth_unused contains finding if {
	count(activity) == 0
	some mount in mounts
	finding := {"fact": mount.id, "not_applicable": "the server does not count who logs in by which method"}
}

# METADATA
# title: A plugin is deprecated
# description: >-
#   It gets no fixes, and the server does not start with it, or without its data, once it is removed.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deprecation
# custom:
#   id: vault-auth-deprecated
#   severity: medium
#   subject: [vault_auth_mount, vault_mount]
#   needs: [vault_auth_mount, vault_mount]
#   remediation: >-
#     Move to what the deprecation notice names, then run `vault auth disable PATH` or `vault secrets disable PATH`.
#   frameworks:
#     nist_800_53: [SA-22]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.8]
#     csa_ccm_4: [TVM-03]
vault_auth_deprecated contains finding if {
	some mount in (mounts | facts.of("vault_mount"))
	is_outdated(mount)
	finding := {
		"fact": mount.id,
		"message": sprintf("%s is a %s plugin that is %s", [mount.path, mount.type, replace(mount.deprecation_status, "-", " ")]),
	}
}

mounts := facts.of("vault_auth_mount")

# Methods by which people log in.
human := {"github", "kerberos", "ldap", "oidc", "okta", "radius", "saml", "userpass"}

# Methods that Vault can lock out for.
lockable := {"approle", "ldap", "userpass"}

# What a mount has in force; undefined if it does not say.
tuned(mount, field) := mount.tune[field] if {
	is_object(mount.tune)
	mount.tune[field] != null
}

says_life(mount) if is_number(tuned(mount, "max_lease_ttl"))

# The longest life of tokens of a mount, by who logs in there.
longest(mount) := data.params["vault-auth-long-ttl"].threshold if mount.type in human

else := max([2764800, data.params["vault-auth-long-ttl"].threshold])

# What Vault asks for beside the password is its own affair, unless it is told not to.
has_own_factor(mount) if {
	mount.type == "okta"
	not bypasses_factor(mount)
}

bypasses_factor(mount) if {
	some config in facts.of("vault_okta_auth_config")
	config.mount == mount.id
	config.bypass_okta_mfa == true
}

# Why the lockout of a mount is weak. One that was not tuned has the default, five bad passwords, if the server has any.
lockout_is_weak(mount) := "is off" if {
	tuned(mount, "user_lockout_disable") == true
} else := sprintf("comes after %v bad passwords, of at most %v", [tuned(mount, "user_lockout_threshold"), data.params["vault-auth-lockout-off"].threshold]) if {
	is_number(tuned(mount, "user_lockout_threshold"))
	tuned(mount, "user_lockout_threshold") > data.params["vault-auth-lockout-off"].threshold
} else := "is not there before Vault 1.13" if {
	not says_lockout(mount)
	"no" in lockout_of_server
}

says_lockout(mount) if is_boolean(tuned(mount, "user_lockout_disable"))

# Whether the server has a lockout: Vault 1.13 and later, and OpenBao. Empty if it is not known.
lockout_of_server := {answer |
	some server in facts.of("vault_server")
	answer := lockout_of(server)
}

lockout_of(server) := "yes" if server.product == "openbao"

else := "no" if {
	is_string(server.version)
	regex.match(`^(?:0\.|1\.(?:[0-9]|1[0-2])\.)`, server.version)
} else := "yes" if {
	is_string(server.version)
}

activity := facts.of("vault_activity")

# Whether the counters of a server go back as many days as a mount may be unused.
covers(counted) if age.days_since(counted.start_time) >= data.params["vault-auth-unused"].threshold

is_used(mount, counted) if {
	some used in counted.mounts

	# Absent is the root namespace, as the empty one is.
	# regal ignore:superfluous-object-get
	object.get(used, "namespace_path", "") == mount.namespace
	trim(used.mount_path, "/") == trim(sprintf("auth/%s", [trim_prefix(mount.path, "auth/")]), "/")
	used.clients > 0
}

is_outdated(mount) if mount.deprecation_status in {"deprecated", "pending-removal", "removed"}

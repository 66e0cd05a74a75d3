# METADATA
# title: Leases and mounts
package keystrel.vault.lease

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_engines

# METADATA
# title: Leases pile up
# description: >-
#   Each lease is a login that somebody may use, and all are read when a node becomes active: with too many the server does not come up in time.
#   Mostly a program logs in anew for every request. The parameter is the most leases.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/lease-explosions
# custom:
#   id: vault-lease-pile-up
#   severity: high
#   subject: vault_server
#   needs: [vault_server, vault_lease_counts, vault_metrics]
#   threshold: 50000
#   remediation: >-
#     `vault read sys/internal/counters/tokens` and `vault list sys/leases/lookup/...` show where they are. Shorten TTLs, use batch tokens for
#     programs that log in often, and set a `sys/quotas/lease-count` (Enterprise). `vault lease revoke -prefix database/creds/app` takes a
#     whole prefix away.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
vault_lease_pile_up contains finding if {
	leases := max(counts)
	limit := data.params["vault-lease-pile-up"].threshold
	leases > limit
	some server in facts.of("vault_server")
	finding := {"fact": server.id, "message": sprintf("the server has %v leases, of at most %v", [leases, limit])}
}

vault_lease_pile_up contains finding if {
	count(counts) == 0
	some server in facts.of("vault_server")
	finding := {"fact": server.id, "unknown": "the server does not tell how many leases it has"}
}

vault_lease_pile_up contains finding if {
	max(counts) == 0
	some server in facts.of("vault_server")
	finding := {"fact": server.id, "not_applicable": "the server has no leases"}
}

# METADATA
# title: Leases could not be revoked
# description: >-
#   Vault has given up: the lease is over, and the login that it was for may still work in the database or the cloud.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/lease#irrevocable-leases
# custom:
#   id: vault-lease-irrevocable
#   severity: high
#   subject: vault_irrevocable_leases
#   needs: [vault_irrevocable_leases]
#   threshold: 0
#   remediation: >-
#     `vault read sys/leases type=irrevocable` has the errors. Repair the connection and `vault lease revoke LEASE`; delete the login by hand
#     before `vault lease revoke -force -prefix PREFIX`, which only forgets the lease.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
vault_lease_irrevocable contains finding if {
	some leases in facts.of("vault_irrevocable_leases")
	leases.lease_count > data.params["vault-lease-irrevocable"].threshold
	finding := {
		"fact": leases.id,
		"message": sprintf("%s could not be revoked%s", [counted(leases.lease_count), places(leases)]),
	}
}

vault_lease_irrevocable contains finding if {
	some finding in vault_engines.unsaid("vault_irrevocable_leases", ["lease_count"])
}

# METADATA
# title: Leases last longer than they may
# description: >-
#   The login that a lease is for works until it ends, whoever has it by then. Leases with one prefix are told together. The parameter is the longest
#   life in days; 32 is Vault's default maximum.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/lease
# custom:
#   id: vault-lease-long
#   severity: medium
#   subject: vault_mount
#   needs: [vault_mount, vault_lease]
#   threshold: 32
#   remediation: >-
#     Give the role or its mount a maximum (`vault secrets tune -max-lease-ttl=24h database/`): it counts for new leases.
#     `vault lease revoke -prefix database/creds/app` ends the old.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_lease_long contains finding if {
	some place, leases in long_leases
	finding := {
		"fact": holder(place, leases),
		"message": sprintf("`%s%s`: %s%s, of at most %s", [
			place.namespace,
			place.prefix,
			counted(count(leases)),
			lasting(leases),
			age.show_days(data.params["vault-lease-long"].threshold),
		]),
	}
}

vault_lease_long contains finding if {
	some mount in facts.of("vault_mount")
	not mount.id in mounts_in_use
	finding := {"fact": mount.id, "not_applicable": "the mount has no leases"}
}

# METADATA
# title: A mount with dynamic secrets has no maximum of its own
# description: >-
#   Roles without a maximum get the server's, by default 768 hours: so long does a login work that nobody needs any more. Mounts whose roles
#   all have one are left out. The parameter lists types of mounts.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/commands/secrets/tune
# custom:
#   id: vault-mount-max-ttl
#   severity: medium
#   subject: vault_mount
#   needs:
#   - vault_mount
#   - vault_aws_engine_config
#   - vault_aws_engine_role
#   - vault_azure_engine_role
#   - vault_database_role
#   - vault_gcp_engine_config
#   - vault_kubernetes_engine_role
#   - vault_ldap_engine_role
#   threshold: [aws, azure, database, gcp, kubernetes, ldap, openldap]
#   remediation: >-
#     `vault secrets tune -default-lease-ttl=1h -max-lease-ttl=24h database/`
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_mount_max_ttl contains finding if {
	some mount in facts.of("vault_mount")
	mount.type in data.params["vault-mount-max-ttl"].threshold
	vault_engines.part(mount, "config").max_lease_ttl == 0
	open := unlimited[mount.id]
	finding := {
		"fact": mount.id,
		"message": sprintf("`%s`: has no `max_lease_ttl`, nor has %s", [mount.id, concat(", ", sort(open))]),
	}
}

vault_mount_max_ttl contains finding if {
	some mount in facts.of("vault_mount")
	mount.type in data.params["vault-mount-max-ttl"].threshold
	object.get(vault_engines.part(mount, "config"), "max_lease_ttl", null) == null
	finding := {"fact": mount.id, "unknown": "the server does not tell its max_lease_ttl"}
}

vault_mount_max_ttl contains finding if {
	some mount in facts.of("vault_mount")
	not mount.type in data.params["vault-mount-max-ttl"].threshold
	finding := {"fact": mount.id, "not_applicable": "mounts of this type give no credentials that end"}
}

# METADATA
# title: The longest lease of the server is too long
# description: >-
#   It is what every mount and role without a maximum of its own allows. The parameter is the longest in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration#max_lease_ttl
# custom:
#   id: vault-system-max-ttl
#   severity: medium
#   subject: vault_config
#   needs: [vault_config]
#   threshold: 32
#   remediation: >-
#     `max_lease_ttl = "768h"` in the configuration, and restart each node. What needs more, as a PKI mount does for its CA, gets it by
#     `vault secrets tune -max-lease-ttl=87600h pki/`.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_system_max_ttl contains finding if {
	limit := data.params["vault-system-max-ttl"].threshold
	some config in facts.of("vault_config")
	life := vault_engines.number(config, "max_lease_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": config.id,
		"message": sprintf("leases last up to %s, of at most %s", [vault_engines.show_roughly(life), age.show_days(limit)]),
	}
}

vault_system_max_ttl contains finding if {
	some finding in vault_engines.unsaid("vault_config", ["max_lease_ttl"])
}

# METADATA
# title: A secrets engine is mounted and not used
# description: >-
#   There is nothing on the mount. Policies for it stay, and give access to what somebody puts there later.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/commands/secrets/disable
# custom:
#   id: vault-mount-unused
#   severity: low
#   subject: vault_mount
#   needs: [vault_mount, vault_pki_issuer]
#   remediation: >-
#     `vault secrets disable PATH/`, which deletes what is on it and revokes its leases; take its paths out of policies.
#   frameworks:
#     nist_800_53: [CM-7]
#     pci_dss_4: ["2.2.4"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_mount_unused contains finding if {
	gaps.none("vault_pki_issuer")
	some mount in facts.of("vault_mount")
	mount.object_count == 0
	not mount.type in built_in
	not mount.id in mounts_in_use
	finding := {
		"fact": mount.id,
		"message": sprintf("`%s`: there is nothing on this mount (%s)", [mount.id, mount.type]),
	}
}

vault_mount_unused contains finding if {
	some mount in facts.of("vault_mount")
	mount.type in built_in
	finding := {"fact": mount.id, "not_applicable": "every server has this mount"}
}

# METADATA
# title: A wrapped secret waits unclaimed
# description: >-
#   Whoever finds the wrapping token can unwrap it until it ends, and the one it was meant for may never have got it. The parameter is how many hours
#   it may wait.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/response-wrapping
# custom:
#   id: vault-cubbyhole-wrap-old
#   severity: low
#   subject: vault_token
#   needs: [vault_token]
#   threshold: 1
#   remediation: >-
#     `vault token revoke -accessor ACCESSOR`, and wrap with the time that it takes: `vault write -wrap-ttl=5m -f auth/approle/role/app/secret-id`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.1"]
vault_cubbyhole_wrap_old contains finding if {
	limit := data.params["vault-cubbyhole-wrap-old"].threshold
	some token in facts.of("vault_token")
	"response-wrapping" in vault_engines.list(token, "policies")
	since := age.seconds_since(token.creation_time)
	since > limit * data.keystrel.lib.age.seconds_per_hour
	finding := {
		"fact": token.id,
		"message": sprintf("`%s`: what `%s` gave waits wrapped for %s, of at most %v", [
			token.id,
			vault_engines.text(token, "path"),
			vault_engines.show_roughly(since),
			limit,
		]),
	}
}

vault_cubbyhole_wrap_old contains finding if {
	some token in facts.of("vault_token")
	"response-wrapping" in vault_engines.list(token, "policies")
	not age.is_time(object.get(token, "creation_time", null))
	finding := {"fact": token.id, "unknown": "the server does not tell when it was made"}
}

vault_cubbyhole_wrap_old contains finding if {
	some token in facts.of("vault_token")
	not "response-wrapping" in vault_engines.list(token, "policies")
	finding := {"fact": token.id, "not_applicable": "the token wraps nothing"}
}

built_in := {"system", "identity", "cubbyhole", "ns_system", "ns_identity", "ns_cubbyhole"}

counts := {leases |
	some kind, field in {"vault_lease_counts": "lease_count", "vault_metrics": "expire_num_leases"}
	some fact in facts.of(kind)
	is_number(object.get(fact, field, null))
	leases := floor(fact[field])
}

counted(1) := "1 lease"

counted(number) := sprintf("%v leases", [number]) if number != 1

# Says of which mounts leases are.
places(leases) := sprintf(" (%s)", [concat(", ", sort(shares))]) if {
	shares := {sprintf("%s: %v", [mount, number]) | some mount, number in vault_engines.part(leases, "by_mount")}
	count(shares) > 0
} else := ""

# Leases that last too long or for ever, by their namespace and prefix.
long_leases[place] contains {"id": lease.id, "life": life} if {
	some lease in facts.of("vault_lease")
	life := life_of(lease)
	life > data.params["vault-lease-long"].threshold * data.keystrel.lib.age.seconds_per_day
	place := place_of(lease)
}

# Seconds that a lease lasts; more than all others if it has no end.
life_of(lease) := endless if {
	lease.expire_time == null
} else := vault_engines.span(lease.issue_time, lease.expire_time)

endless := 1000000000000

place_of(lease) := {"namespace": vault_engines.text(lease, "namespace"), "prefix": vault_engines.text(lease, "prefix")}

mounts := facts.of("vault_mount")

# Mounts by the places of leases on them. A lease begins with the path of its mount.
mounts_at[place] contains mount.id if {
	some place in {place_of(lease) | some lease in facts.of("vault_lease")}
	some mount in mounts
	vault_engines.text(mount, "namespace") == place.namespace
	path := vault_engines.text(mount, "path")
	path != ""
	startswith(sprintf("%s/", [place.prefix]), path)
}

# What leases are told of: their mount, or the first of them where the mount is gone.
holder(place, _) := min(mounts_at[place])

holder(place, leases) := min({lease.id | some lease in leases}) if not mounts_at[place]

# How long the longest of some leases lasts.
lasting(leases) := " without an end" if {
	some lease in leases
	lease.life == endless
} else := sprintf(" of up to %s", [vault_engines.show_roughly(max({lease.life | some lease in leases}))])

# What lets leases of a mount last as long as the mount does: roles without a maximum, or the lease setting of those engines that have one.
unlimited[mount] contains name if {
	some kind, field in {
		"vault_database_role": "max_ttl",
		"vault_azure_engine_role": "max_ttl",
		"vault_ldap_engine_role": "max_ttl",
		"vault_kubernetes_engine_role": "token_max_ttl",
	}
	some role in facts.of(kind)
	vault_engines.number(role, field) == 0
	mount := role.mount
	name := sprintf("role %s", [role.name])
}

unlimited[mount] contains name if {
	name := "its configuration"
	some config in facts.of("vault_gcp_engine_config")
	vault_engines.number(config, "max_ttl") == 0
	mount := config.mount
}

unlimited[mount] contains name if {
	name := "`config/lease`"
	some config in facts.of("vault_aws_engine_config")
	vault_engines.number(config, "lease_max") == 0
	mount := config.mount
	some role in facts.of("vault_aws_engine_role")
	role.mount == mount
	"iam_user" in vault_engines.list(role, "credential_type")
}

# Mounts that have leases, or a CA without roles.
mounts_in_use := {id | some ids in mounts_at; some id in ids} | {issuer.mount | some issuer in facts.of("vault_pki_issuer")}

# METADATA
# title: Seal and barrier
package keystrel.vault.seal

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: The server is unsealed by hand
# description: >-
#   After a restart nothing works until enough holders of keys have come, so that keys lie ready in scripts and Secrets. An auto-unseal by a
#   KMS or an HSM needs none of them. Whoever wants holders of keys to be there accepts it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/seal#auto-unseal
# custom:
#   id: vault-seal-shamir
#   severity: medium
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     Add a `seal "awskms"` (`azurekeyvault`, `gcpckms`, `transit`, `pkcs11`) stanza, restart, and `vault operator unseal -migrate` with the
#     old keys.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_seal_shamir contains finding if {
	some server in facts.of("vault_server")
	seal := vault_engines.part(server, "seal_status")
	seal.type == "shamir"
	finding := {"fact": server.id, "message": "the server is unsealed by hand (Shamir)"}
}

vault_seal_shamir contains finding if {
	some finding in unsaid("type")
}

# METADATA
# title: One holder of a key can unseal, or make a root token
# description: >-
#   Whoever has that one key, or finds it, needs nobody else. Of an auto-unseal these are the recovery keys, which make root tokens.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/seal#shamir-seals
# custom:
#   id: vault-seal-threshold-weak
#   severity: high
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     `vault operator rekey -init -key-shares=5 -key-threshold=3 -pgp-keys=...` (`-target=recovery` with an auto-unseal), a holder for each
#     key.
#   frameworks:
#     nist_800_53: [AC-3(2)]
#     pci_dss_4: ["3.7.6"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04]
vault_seal_threshold_weak contains finding if {
	some server in facts.of("vault_server")
	seal := vault_engines.part(server, "seal_status")
	shares := vault_engines.number(seal, "n")
	shares > 0
	is_weak(vault_engines.number(seal, "t"), shares)
	finding := {
		"fact": server.id,
		"message": sprintf("%v of %v %s keys are enough, of at least 2 of 3", [seal.t, shares, key_kind(seal)]),
	}
}

vault_seal_threshold_weak contains finding if {
	some finding in unsaid("t")
}

vault_seal_threshold_weak contains finding if {
	some server in facts.of("vault_server")
	vault_engines.number(vault_engines.part(server, "seal_status"), "n") == 0
	finding := {"fact": server.id, "not_applicable": "there are no keys of holders"}
}

# METADATA
# title: The server is sealed or not initialized
# description: >-
#   It answers nobody. A server that is not initialized belongs to whoever initializes it first.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/seal
# custom:
#   id: vault-sealed
#   severity: critical
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     `vault operator unseal`, or look why the auto-unseal fails; `vault operator init` if it is new.
#   frameworks:
#     soc2: [A1.2]
#     owasp_secrets: ["2.1"]
vault_sealed contains finding if {
	some server in facts.of("vault_server")
	server.initialized == false
	finding := {"fact": server.id, "message": "the server is not initialized"}
}

vault_sealed contains finding if {
	some server in facts.of("vault_server")
	server.initialized != false
	server.sealed == true
	finding := {"fact": server.id, "message": "the server is sealed"}
}

vault_sealed contains finding if {
	some finding in vault_engines.unsaid("vault_server", ["initialized", "sealed"])
}

# METADATA
# title: A migration of the seal is not finished
# description: >-
#   Some nodes still need the old seal, so that neither old keys nor the old KMS can be put away.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/seal#seal-migration
# custom:
#   id: vault-seal-migration
#   severity: medium
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     `vault operator unseal -migrate` on each node, the active one last; then take the stanza with `disabled = true` out.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_seal_migration contains finding if {
	some server in facts.of("vault_server")
	vault_engines.part(server, "seal_status").migration == true
	finding := {"fact": server.id, "message": "a migration of the seal has begun and is not finished"}
}

vault_seal_migration contains finding if {
	some finding in unsaid("migration")
}

# METADATA
# title: The auto-unseal key cannot be used
# description: >-
#   The KMS does not answer, or its key is disabled or about to be deleted. Vault runs on until it restarts, and is sealed from then on; if
#   the key is gone, so is all that Vault holds. With a second seal that works it is found as high.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/seal-backend-status
# custom:
#   id: vault-seal-key-unusable
#   severity: critical
#   subject: vault_seal_backends
#   needs: [vault_seal_backends]
#   remediation: >-
#     Do not restart a node. Enable the key or cancel its deletion (`aws kms enable-key`, `aws kms cancel-key-deletion`), and see that the
#     server may use it. Take a snapshot, and migrate to another seal if it cannot be had back.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
vault_seal_key_unusable contains finding if {
	some seals in facts.of("vault_seal_backends")
	seals.healthy == false
	unusable := backends(seals, false)
	finding := {
		"fact": seals.id,
		"severity": grade(seals),
		"message": sprintf("the auto-unseal key cannot be used%s", [named(unusable)]),
	}
}

vault_seal_key_unusable contains finding if {
	some finding in vault_engines.unsaid("vault_seal_backends", ["healthy"])
}

# METADATA
# title: The barrier key has not been rotated for too long
# description: >-
#   Everything that is written meanwhile is encrypted with one key. The parameter is the most days since it was made.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/internals/rotation
# custom:
#   id: vault-barrier-key-age
#   severity: medium
#   subject: vault_key_status
#   needs: [vault_key_status]
#   threshold: 365
#   remediation: >-
#     `vault operator rotate`. It is done at once, and needs no downtime.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
vault_barrier_key_age contains finding if {
	limit := data.params["vault-barrier-key-age"].threshold
	some key in facts.of("vault_key_status")
	age.older_than(key.install_time, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("the barrier key is %s old, of at most %v", [age.show_days(age.days_since(key.install_time)), limit]),
	}
}

vault_barrier_key_age contains finding if {
	some finding in vault_engines.unsaid("vault_key_status", ["install_time"])
}

# METADATA
# title: The barrier key is not rotated automatically
# description: >-
#   AES-GCM must not encrypt more than some billion times with one key. Vault rotates it before, unless that is switched off.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/rotate-config
# custom:
#   id: vault-barrier-autorotate-off
#   severity: medium
#   subject: vault_rotate_config
#   needs: [vault_rotate_config]
#   remediation: >-
#     `vault write sys/rotate/config enabled=true max_operations=3865470566 interval=8760h`
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
vault_barrier_autorotate_off contains finding if {
	some config in facts.of("vault_rotate_config")
	config.enabled == false
	finding := {"fact": config.id, "message": "the barrier key is not rotated automatically"}
}

vault_barrier_autorotate_off contains finding if {
	some config in facts.of("vault_rotate_config")
	config.enabled == true
	vault_engines.number(config, "interval") == 0
	vault_engines.number(config, "max_operations") == 0
	finding := {
		"fact": config.id,
		"message": "the barrier key has neither an interval nor a number of operations to be rotated by",
	}
}

vault_barrier_autorotate_off contains finding if {
	some finding in vault_engines.unsaid("vault_rotate_config", ["enabled"])
}

# METADATA
# title: A PKI or transit mount is not seal-wrapped
# description: >-
#   The server has an HSM, and what is on this mount is encrypted with the barrier only. This is for mounts of PKI and transit.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/sealwrap
# custom:
#   id: vault-mount-no-seal-wrap
#   severity: low
#   subject: vault_mount
#   where: {type: [pki, transit]}
#   needs: [vault_mount, vault_server]
#   remediation: >-
#     Seal wrap is chosen when a mount is made: `vault secrets enable -seal-wrap -path=pki-2 pki`, and move roles and issuers.
#   frameworks:
#     nist_800_53: [SC-28(3)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-03]
#     owasp_secrets: ["7"]
vault_mount_no_seal_wrap contains finding if {
	count(with_hsm) > 0
	some mount in facts.of("vault_mount")
	mount.type in {"pki", "transit"}
	mount.seal_wrap == false
	finding := {
		"fact": mount.id,
		"message": sprintf("`%s`: is not wrapped by the HSM", [mount.id]),
	}
}

vault_mount_no_seal_wrap contains finding if {
	count(with_hsm) == 0
	some mount in facts.of("vault_mount")
	mount.type in {"pki", "transit"}
	finding := {"fact": mount.id, "not_applicable": "the server has no HSM that wraps"}
}

with_hsm := {server |
	some server in facts.of("vault_server")
	vault_engines.part(server, "seal_status").type == "pkcs11"
	server.enterprise == true
}

is_weak(threshold, _) if threshold <= 1

is_weak(_, shares) if shares < 3

key_kind(seal) := "recovery" if seal.recovery_seal == true

key_kind(seal) := "unseal" if object.get(seal, "recovery_seal", null) != true

# Back ends of the seal that work, or do not; those that are switched off do not count.
backends(seals, healthy) := [backend |
	some backend in vault_engines.list(seals, "backends")
	backend.healthy == healthy
	object.get(backend, "disabled", null) != true
]

grade(seals) := "high" if {
	count(backends(seals, true)) > 0
} else := "critical"

named(unusable) := sprintf(": %s", [concat(", ", [sprintf("%s since %s", [vault_engines.text(backend, "name"), vault_engines.text(backend, "unhealthy_since")]) |
	some backend in unusable
])]) if {
	count(unusable) > 0
} else := ""

# Servers whose status of the seal lacks a field.
unsaid(field) := {finding |
	some server in facts.of("vault_server")
	object.get(vault_engines.part(server, "seal_status"), field, null) == null
	finding := {"fact": server.id, "unknown": sprintf("the server does not tell %s of its seal", [field])}
}

package keystrel.vault.seal_test

import data.keystrel.vault.seal

# An inventory with a server that is as it should be, but for some fields, and for some of its seal, and with further facts.
server(fields, status, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union(
			{
				"kind": "vault_server",
				"id": "sys",
				"enterprise": true,
				"initialized": true,
				"sealed": false,
				"seal_status": object.union({"type": "awskms", "t": 3, "n": 5, "migration": false, "recovery_seal": true}, status),
			},
			fields,
		)],
		others,
	),
}

fact(kind, id, fields) := [object.union({"kind": kind, "id": id}, fields)]

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

aside(found) := {finding.fact | some finding in found; finding.not_applicable}

test_vault_seal_shamir if {
	said(seal.vault_seal_shamir) == {"the server is unsealed by hand (Shamir)"} with input as server({}, {"type": "shamir"}, [])
	count(seal.vault_seal_shamir) == 0 with input as server({}, {}, [])
	unclear(seal.vault_seal_shamir) == {"sys"} with input as server({}, {"type": null}, [])
	unclear(seal.vault_seal_shamir) == {"sys"} with input as {"facts": [{"kind": "vault_server", "id": "sys", "seal_status": null}]}
}

test_vault_seal_threshold_weak if {
	said(seal.vault_seal_threshold_weak) == {"1 of 5 recovery keys are enough, of at least 2 of 3"} with input as server({}, {"t": 1}, [])
	said(seal.vault_seal_threshold_weak) == {"2 of 2 unseal keys are enough, of at least 2 of 3"} with input as server({}, {"t": 2, "n": 2, "recovery_seal": null}, [])
	count(seal.vault_seal_threshold_weak) == 0 with input as server({}, {"t": 2, "n": 3}, [])
	aside(seal.vault_seal_threshold_weak) == {"sys"} with input as server({}, {"t": 0, "n": 0}, [])
	unclear(seal.vault_seal_threshold_weak) == {"sys"} with input as server({}, {"t": null}, [])
}

test_vault_sealed if {
	said(seal.vault_sealed) == {"the server is sealed"} with input as server({"sealed": true}, {}, [])
	said(seal.vault_sealed) == {"the server is not initialized"} with input as server({"initialized": false, "sealed": true}, {}, [])
	count(seal.vault_sealed) == 0 with input as server({}, {}, [])
	unclear(seal.vault_sealed) == {"sys"} with input as server({"sealed": null}, {}, [])
}

test_vault_seal_migration if {
	said(seal.vault_seal_migration) == {"a migration of the seal has begun and is not finished"} with input as server({}, {"migration": true}, [])
	count(seal.vault_seal_migration) == 0 with input as server({}, {}, [])
	unclear(seal.vault_seal_migration) == {"sys"} with input as server({}, {"migration": null}, [])
}

backends(healthy) := fact("vault_seal_backends", "sys/seal-backend-status", {"healthy": healthy, "backends": [
	{"name": "awskms", "healthy": false, "unhealthy_since": "2026-11-29T10:00:00Z"},
	{"name": "transit", "healthy": true, "unhealthy_since": null},
	{"name": "old", "healthy": false, "unhealthy_since": null, "disabled": true},
]})

test_vault_seal_key_unusable if {
	said(seal.vault_seal_key_unusable) == {"the auto-unseal key cannot be used: awskms since 2026-11-29T10:00:00Z"} with input as server({}, {}, backends(false))
	graded(seal.vault_seal_key_unusable) == {"high"} with input as server({}, {}, backends(false))
	only := fact("vault_seal_backends", "s", {"healthy": false, "backends": null})
	said(seal.vault_seal_key_unusable) == {"the auto-unseal key cannot be used"} with input as server({}, {}, only)
	graded(seal.vault_seal_key_unusable) == {"critical"} with input as server({}, {}, only)
	count(seal.vault_seal_key_unusable) == 0 with input as server({}, {}, backends(true))
	count(seal.vault_seal_key_unusable) == 0 with input as server({}, {}, [])
	unclear(seal.vault_seal_key_unusable) == {"sys/seal-backend-status"} with input as server({}, {}, backends(null))
}

key(day) := fact("vault_key_status", "sys/key-status", {"install_time": day})

test_vault_barrier_key_age if {
	params := {"vault-barrier-key-age": {"threshold": 365}}
	said(seal.vault_barrier_key_age) == {"the barrier key is 366 days old, of at most 365"} with input as server({}, {}, key("2025-11-29T00:00:00Z")) with data.params as params
	count(seal.vault_barrier_key_age) == 0 with input as server({}, {}, key("2025-11-30T00:00:00Z")) with data.params as params
	count(seal.vault_barrier_key_age) == 1 with input as server({}, {}, key("2025-11-30T00:00:00Z")) with data.params as {"vault-barrier-key-age": {"threshold": 90}}
	unclear(seal.vault_barrier_key_age) == {"sys/key-status"} with input as server({}, {}, key(null)) with data.params as params
}

rotation(fields) := fact(
	"vault_rotate_config", "sys/rotate/config",
	object.union({"enabled": true, "max_operations": 3865470566, "interval": 0}, fields),
)

test_vault_barrier_autorotate_off if {
	said(seal.vault_barrier_autorotate_off) == {"the barrier key is not rotated automatically"} with input as server({}, {}, rotation({"enabled": false}))
	said(seal.vault_barrier_autorotate_off) == {"the barrier key has neither an interval nor a number of operations to be rotated by"} with input as server({}, {}, rotation({"max_operations": 0}))
	count(seal.vault_barrier_autorotate_off) == 0 with input as server({}, {}, rotation({}))
	count(seal.vault_barrier_autorotate_off) == 0 with input as server({}, {}, rotation({"max_operations": 0, "interval": 86400}))
	unclear(seal.vault_barrier_autorotate_off) == {"sys/rotate/config"} with input as server({}, {}, rotation({"enabled": null}))
}

mount(fields) := fact("vault_mount", "sys/mounts/pki/", object.union({"type": "pki", "seal_wrap": false}, fields))

test_vault_mount_no_seal_wrap if {
	said(seal.vault_mount_no_seal_wrap) == {"`sys/mounts/pki/`: is not wrapped by the HSM"} with input as server({}, {"type": "pkcs11"}, mount({}))
	count(seal.vault_mount_no_seal_wrap) == 0 with input as server({}, {"type": "pkcs11"}, mount({"seal_wrap": true}))
	count(seal.vault_mount_no_seal_wrap) == 0 with input as server({}, {"type": "pkcs11"}, mount({"type": "kv"}))
	aside(seal.vault_mount_no_seal_wrap) == {"sys/mounts/pki/"} with input as server({}, {}, mount({}))
	aside(seal.vault_mount_no_seal_wrap) == {"sys/mounts/pki/"} with input as server({"enterprise": false}, {"type": "pkcs11"}, mount({}))
}

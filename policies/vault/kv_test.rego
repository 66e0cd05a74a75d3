package keystrel.vault.kv_test

import data.keystrel.vault.kv

# An inventory with a secret that is as it should be, but for some fields, and with further facts.
secret(fields, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union(
			{
				"kind": "vault_kv_secret",
				"id": "secret/metadata/app/db",
				"mount": "sys/mounts/secret/",
				"path": "app/db",
				"current_version": 3,
				"current_state": "live",
				"current_created_time": "2026-10-01T00:00:00Z",
				"cas_required": false,
				"custom_metadata_keys": ["Owner"],
				"custom_metadata": {"owner": "payments", "rotation_days": null, "rotation_period": null},
				"secret_rules": [],
				"versions": [
					{"version": 1, "created_time": "2026-08-01T00:00:00Z", "deletion_time": null, "destroyed": true, "state": "destroyed"},
					{"version": 2, "created_time": "2026-09-01T00:00:00Z", "deletion_time": null, "destroyed": false, "state": "live"},
					{"version": 3, "created_time": "2026-10-01T00:00:00Z", "deletion_time": null, "destroyed": false, "state": "live"},
				],
			},
			fields,
		)],
		others,
	),
}

mount(fields) := {"facts": [object.union({"kind": "vault_mount", "id": "sys/mounts/kv/", "type": "kv", "kv_version": 2}, fields)]}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

max_age := {"vault-kv2-version-age": {"threshold": 90}}

test_vault_kv2_version_age if {
	said(kv.vault_kv2_version_age) == {"`secret/metadata/app/db`: version 3 is 91 days old, of at most 90"} with input as secret({"current_created_time": "2026-08-31T00:00:00Z"}, [])
		with data.params as max_age
	count(kv.vault_kv2_version_age) == 0 with input as secret({"current_created_time": "2026-09-01T00:00:00Z"}, []) with data.params as max_age
	count(kv.vault_kv2_version_age) == 1 with input as secret({}, []) with data.params as {"vault-kv2-version-age": {"threshold": 30}}
	count(kv.vault_kv2_version_age) == 0 with input as secret({"current_state": "deleted", "current_created_time": "2020-01-01T00:00:00Z"}, [])
		with data.params as max_age
	unclear(kv.vault_kv2_version_age) == {"secret/metadata/app/db"} with input as secret({"current_created_time": null}, []) with data.params as max_age
	unclear(kv.vault_kv2_version_age) == {"secret/metadata/app/db"} with input as secret({"current_state": null, "current_created_time": null}, [])
		with data.params as max_age
}

# Whether a secret of 60 days is found that has limits of its own.
is_old(metadata) if {
	count(kv.vault_kv2_version_age) == 1 with input as secret({"custom_metadata": metadata}, []) with data.params as max_age
}

test_vault_kv2_version_age_has_limits_of_its_own if {
	is_old({"rotation_days": "59", "rotation_period": null})
	not is_old({"rotation_days": "60", "rotation_period": null})
	is_old({"rotation_days": null, "rotation_period": "59d"})
	is_old({"rotation_days": "never", "rotation_period": "720h"})
	not is_old({"rotation_days": null, "rotation_period": "1440h"})
	not is_old({"rotation_days": null, "rotation_period": "1h"})
	not is_old({"rotation_days": "0", "rotation_period": "soon"})
	not is_old(null)
}

test_vault_kv1_mount if {
	said(kv.vault_kv1_mount) == {"`sys/mounts/kv/`: KV version 1 keeps no versions and no dates"} with input as mount({"kv_version": 1})
	count(kv.vault_kv1_mount) == 1 with input as mount({"type": "generic", "kv_version": 1})
	count(kv.vault_kv1_mount) == 0 with input as mount({})
	unclear(kv.vault_kv1_mount) == {"sys/mounts/kv/"} with input as mount({"kv_version": null})
	count(kv.vault_kv1_mount) == 0 with input as mount({"type": "pki", "kv_version": null})
}

test_vault_kv2_no_owner if {
	params := {"vault-kv2-no-owner": {"threshold": ["owner", "team"]}}
	said(kv.vault_kv2_no_owner) == {"`secret/metadata/app/db`: its custom metadata names no owner, team"} with input as secret({"custom_metadata_keys": ["purpose"]}, [])
		with data.params as params
	count(kv.vault_kv2_no_owner) == 1 with input as secret({"custom_metadata_keys": []}, []) with data.params as params
	count(kv.vault_kv2_no_owner) == 0 with input as secret({}, []) with data.params as params
	count(kv.vault_kv2_no_owner) == 1 with input as secret({}, []) with data.params as {"vault-kv2-no-owner": {"threshold": ["contact"]}}
	unclear(kv.vault_kv2_no_owner) == {"secret/metadata/app/db"} with input as secret({"custom_metadata_keys": null}, []) with data.params as params
}

test_vault_kv2_versions_unbounded if {
	said(kv.vault_kv2_versions_unbounded) == {"`secret/metadata/app/db`: 2 versions can be read, of at most 1"} with input as secret({}, [])
		with data.params as {"vault-kv2-versions-unbounded": {"threshold": 1}}
	count(kv.vault_kv2_versions_unbounded) == 0 with input as secret({}, []) with data.params as {"vault-kv2-versions-unbounded": {"threshold": 2}}
	unclear(kv.vault_kv2_versions_unbounded) == {"secret/metadata/app/db"} with input as secret({"versions": null}, [])
		with data.params as {"vault-kv2-versions-unbounded": {"threshold": 2}}
}

deleted(number, day) := {"version": number, "created_time": "2026-01-01T00:00:00Z", "deletion_time": day, "destroyed": false, "state": "deleted"}

test_vault_kv2_soft_deleted_not_destroyed if {
	params := {"vault-kv2-soft-deleted-not-destroyed": {"threshold": 30}}
	said(kv.vault_kv2_soft_deleted_not_destroyed) == {"`secret/metadata/app/db`: version 1 deleted up to 31 days ago can still be undeleted"} with input as secret({"versions": [deleted(1, "2026-10-30T00:00:00Z")]}, [])
		with data.params as params
	said(kv.vault_kv2_soft_deleted_not_destroyed) == {"`secret/metadata/app/db`: versions 1, 2 deleted up to 91 days ago can still be undeleted"} with input as secret({"versions": [deleted(1, "2026-08-31T00:00:00Z"), deleted(2, "2026-10-01T00:00:00Z")]}, [])
		with data.params as params
	count(kv.vault_kv2_soft_deleted_not_destroyed) == 0 with input as secret({"versions": [deleted(1, "2026-10-31T00:00:00Z")]}, []) with data.params as params
	count(kv.vault_kv2_soft_deleted_not_destroyed) == 0 with input as secret({}, []) with data.params as params
	unclear(kv.vault_kv2_soft_deleted_not_destroyed) == {"secret/metadata/app/db"} with input as secret({"versions": null}, []) with data.params as params
}

config(required) := [{"kind": "vault_kv_config", "id": "secret/config", "mount": "sys/mounts/secret/", "cas_required": required}]

test_vault_kv2_cas_off if {
	said(kv.vault_kv2_cas_off) == {"`secret/config`: 1 of its secrets can be overwritten without check-and-set"} with input as secret({}, config(false))
	count(kv.vault_kv2_cas_off) == 0 with input as secret({}, config(true))
	count(kv.vault_kv2_cas_off) == 0 with input as secret({"cas_required": true}, config(false))
	count(kv.vault_kv2_cas_off) == 0 with input as secret({"mount": "sys/mounts/kv/"}, config(false))
	unclear(kv.vault_kv2_cas_off) == {"secret/config"} with input as secret({}, config(null))
}

test_vault_kv2_empty if {
	said(kv.vault_kv2_empty) == {"`secret/metadata/app/db`: all 2 versions are deleted or destroyed"} with input as secret({"versions": [deleted(1, "2026-10-30T00:00:00Z"), {"version": 2, "state": "destroyed"}]}, [])
	count(kv.vault_kv2_empty) == 0 with input as secret({}, [])
	count(kv.vault_kv2_empty) == 0 with input as secret({"versions": []}, [])
	unclear(kv.vault_kv2_empty) == {"secret/metadata/app/db"} with input as secret({"versions": null}, [])
}

test_vault_kv_secret_in_path if {
	said(kv.vault_kv_secret_in_path) == {"`secret/metadata/app/db`: its name holds a credential (github-token)"} with input as secret({"secret_rules": [{"field": "path", "rule": "github-token"}]}, [])
	said(kv.vault_kv_secret_in_path) == {"`kv/x`: its name holds a credential (jwt)"} with input as secret({}, [{"kind": "vault_kv1_secret", "id": "kv/x", "secret_rules": [{"field": "path", "rule": "jwt"}]}])
	count(kv.vault_kv_secret_in_path) == 0 with input as secret({"secret_rules": [{"field": "custom_metadata.note", "rule": "jwt"}]}, [])
	unclear(kv.vault_kv_secret_in_path) == {"secret/metadata/app/db"} with input as secret({"secret_rules": null}, [])
}

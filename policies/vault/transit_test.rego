package keystrel.vault.transit_test

import data.keystrel.vault.transit

# An inventory with a key that is as it should be, but for some fields.
key(fields) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": [object.union(
		{
			"kind": "vault_transit_key",
			"id": "transit/keys/app",
			"type": "aes256-gcm96",
			"exportable": false,
			"allow_plaintext_backup": false,
			"deletion_allowed": false,
			"convergent_encryption": null,
			"auto_rotate_period": 7776000,
			"imported_key": false,
			"imported_key_allow_rotation": false,
			"latest_version": 2,
			"min_decryption_version": 1,
			"supports_encryption": true,
			"soft_deleted": false,
			"versions": [
				{"version": 1, "creation_time": "2026-06-01T00:00:00Z"},
				{"version": 2, "creation_time": "2026-09-01T00:00:00Z"},
			],
		},
		fields,
	)],
}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

test_vault_transit_exportable if {
	said(transit.vault_transit_exportable) == {"`transit/keys/app`: can be exported"} with input as key({"exportable": true})
	count(transit.vault_transit_exportable) == 0 with input as key({})
	unclear(transit.vault_transit_exportable) == {"transit/keys/app"} with input as key({"exportable": null})
}

test_vault_transit_plaintext_backup if {
	said(transit.vault_transit_plaintext_backup) == {"`transit/keys/app`: can be backed up as plain text"} with input as key({"allow_plaintext_backup": true})
	count(transit.vault_transit_plaintext_backup) == 0 with input as key({})
	unclear(transit.vault_transit_plaintext_backup) == {"transit/keys/app"} with input as key({"allow_plaintext_backup": null})
}

# A key whose newest version was made on a day.
made(day) := key({"latest_version": 2, "versions": [
	{"version": 1, "creation_time": "2020-01-01T00:00:00Z"},
	{"version": 2, "creation_time": day},
]})

test_vault_transit_key_old_by_its_newest_version if {
	said(transit.vault_transit_key_old) == {"`transit/keys/app`: version 2 is 366 days old, of at most 365"} with input as made("2025-11-29T00:00:00Z")
		with data.params as {"vault-transit-key-old": {"threshold": 365}}
	count(transit.vault_transit_key_old) == 0 with input as made("2025-11-30T00:00:00Z")
		with data.params as {"vault-transit-key-old": {"threshold": 365}}
	count(transit.vault_transit_key_old) == 1 with input as made("2025-11-30T00:00:00Z")
		with data.params as {"vault-transit-key-old": {"threshold": 90}}
}

test_vault_transit_key_old_of_keys_without_dates_or_deleted if {
	params := {"vault-transit-key-old": {"threshold": 365}}
	unclear(transit.vault_transit_key_old) == {"transit/keys/app"} with input as key({"versions": null}) with data.params as params
	unclear(transit.vault_transit_key_old) == {"transit/keys/app"} with input as made(null) with data.params as params
	count(transit.vault_transit_key_old) == 0 with input as key({"versions": [], "soft_deleted": true}) with data.params as params
}

test_vault_transit_no_autorotate if {
	params := {"vault-transit-no-autorotate": {"threshold": 365}}
	said(transit.vault_transit_no_autorotate) == {"`transit/keys/app`: is not rotated automatically"} with input as key({"auto_rotate_period": 0}) with data.params as params
	said(transit.vault_transit_no_autorotate) == {"`transit/keys/app`: is rotated every 730 days, of at most 365 days"} with input as key({"auto_rotate_period": 63072000})
		with data.params as params
	count(transit.vault_transit_no_autorotate) == 0 with input as key({"auto_rotate_period": 31536000}) with data.params as params
	unclear(transit.vault_transit_no_autorotate) == {"transit/keys/app"} with input as key({"auto_rotate_period": null}) with data.params as params
}

test_vault_transit_no_autorotate_leaves_keys_out_that_others_depend_on if {
	params := {"vault-transit-no-autorotate": {"threshold": 365}}
	every fields in [
		{"type": "ecdsa-p256"},
		{"type": "rsa-4096"},
		{"imported_key": true},
		{"soft_deleted": true},
	] {
		count(transit.vault_transit_no_autorotate) == 0 with input as key(object.union(fields, {"auto_rotate_period": 0})) with data.params as params
	}
	count(transit.vault_transit_no_autorotate) == 1 with input as key({"auto_rotate_period": 0, "imported_key": true, "imported_key_allow_rotation": true})
		with data.params as params
}

# A key with a version before the newest, made on a day.
before(day, fields) := key(object.union(
	{"latest_version": 3, "versions": [
		{"version": 1, "creation_time": day},
		{"version": 2, "creation_time": "2026-01-01T00:00:00Z"},
		{"version": 3, "creation_time": "2026-09-01T00:00:00Z"},
	]},
	fields,
))

test_vault_transit_old_versions_decrypt if {
	params := {"vault-transit-old-versions-decrypt": {"threshold": 730}}
	said(transit.vault_transit_old_versions_decrypt) == {"`transit/keys/app`: version 1 up to 731 days old can still decrypt, of at most 730"} with input as before("2024-11-29T00:00:00Z", {})
		with data.params as params
	said(transit.vault_transit_old_versions_decrypt) == {"`transit/keys/app`: 2 versions up to 731 days old can still decrypt, of at most 30"} with input as before("2024-11-29T00:00:00Z", {})
		with data.params as {"vault-transit-old-versions-decrypt": {"threshold": 30}}
	count(transit.vault_transit_old_versions_decrypt) == 0 with input as before("2024-11-30T00:00:00Z", {}) with data.params as params
	count(transit.vault_transit_old_versions_decrypt) == 0 with input as before("2024-11-29T00:00:00Z", {"min_decryption_version": 2}) with data.params as params
	count(transit.vault_transit_old_versions_decrypt) == 0 with input as before("2024-11-29T00:00:00Z", {"supports_encryption": false}) with data.params as params
	unclear(transit.vault_transit_old_versions_decrypt) == {"transit/keys/app"} with input as key({"versions": null}) with data.params as params
}

test_vault_transit_deletable if {
	said(transit.vault_transit_deletable) == {"`transit/keys/app`: can be deleted"} with input as key({"deletion_allowed": true})
	count(transit.vault_transit_deletable) == 0 with input as key({})
	unclear(transit.vault_transit_deletable) == {"transit/keys/app"} with input as key({"deletion_allowed": null})
}

test_vault_transit_weak_type if {
	params := {"vault-transit-weak-type": {"threshold": ["rsa-2048", "ecdsa-p256"]}}
	said(transit.vault_transit_weak_type) == {"`transit/keys/app`: is of type rsa-2048"} with input as key({"type": "rsa-2048"}) with data.params as params
	graded(transit.vault_transit_weak_type) == {"low"} with input as key({"type": "rsa-2048"}) with data.params as params
	graded(transit.vault_transit_weak_type) == {"medium"} with input as object.union(key({"type": "rsa-2048"}), {"now": "2031-01-01T00:00:00Z"})
		with data.params as params
	graded(transit.vault_transit_weak_type) == {"medium"} with input as key({"type": "ecdsa-p256"}) with data.params as params
	count(transit.vault_transit_weak_type) == 0 with input as key({}) with data.params as params
	count(transit.vault_transit_weak_type) == 0 with input as key({"type": "rsa-2048"}) with data.params as {"vault-transit-weak-type": {"threshold": []}}
	unclear(transit.vault_transit_weak_type) == {"transit/keys/app"} with input as key({"type": null}) with data.params as params
}

test_vault_transit_weak_type_of_convergent_keys if {
	params := {"vault-transit-weak-type": {"threshold": ["rsa-2048"]}}
	said(transit.vault_transit_weak_type) == {"`transit/keys/app`: gives equal ciphertexts for equal plaintexts (`convergent_encryption`)"} with input as key({"convergent_encryption": true})
		with data.params as params
	count(transit.vault_transit_weak_type) == 0 with input as key({"convergent_encryption": false}) with data.params as params
}

test_vault_transit_imported if {
	said(transit.vault_transit_imported) == {"`transit/keys/app`: its key was imported"} with input as key({"imported_key": true})
	count(transit.vault_transit_imported) == 1 with input as key({"imported_key": true, "imported_key_allow_rotation": true, "latest_version": 1})
	count(transit.vault_transit_imported) == 0 with input as key({"imported_key": true, "imported_key_allow_rotation": true, "latest_version": 2})
	count(transit.vault_transit_imported) == 0 with input as key({})
	count(transit.vault_transit_imported) == 0 with input as key({"imported_key": null})
}

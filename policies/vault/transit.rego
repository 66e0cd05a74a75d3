# METADATA
# title: Keys of transit
package keystrel.vault.transit

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: A transit key can be exported
# description: >-
#   Whoever may read `transit/export` takes the key along, and decrypts or signs without Vault from then on. Once on, it cannot be
#   switched off.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#exportable
# custom:
#   id: vault-transit-exportable
#   severity: high
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   remediation: >-
#     Make a new key (`vault write -f transit/keys/app-2`), decrypt with the old and encrypt with the new, then delete the old. Until then
#     no policy should allow `transit/export/*`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.6.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_transit_exportable contains finding if {
	some key in facts.of("vault_transit_key")
	key.exportable == true
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: can be exported", [key.id]),
	}
}

vault_transit_exportable contains finding if {
	some finding in vault_engines.unsaid("vault_transit_key", ["exportable"])
}

# METADATA
# title: A transit key can be backed up as plain text
# description: >-
#   `transit/backup` gives all versions of the key to whoever may read it, unencrypted. Once on, it cannot be switched off.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#allow_plaintext_backup
# custom:
#   id: vault-transit-plaintext-backup
#   severity: high
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   remediation: >-
#     Make a new key, re-encrypt, delete the old. Snapshots of the storage back keys up encrypted (`vault operator raft snapshot save`).
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.6.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
vault_transit_plaintext_backup contains finding if {
	some key in facts.of("vault_transit_key")
	key.allow_plaintext_backup == true
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: can be backed up as plain text", [key.id]),
	}
}

vault_transit_plaintext_backup contains finding if {
	some finding in vault_engines.unsaid("vault_transit_key", ["allow_plaintext_backup"])
}

# METADATA
# title: A transit key has not been rotated for too long
# description: >-
#   All that was encrypted meanwhile falls with one key. The parameter is the most days since the newest version was made.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit#key-rotation
# - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
# custom:
#   id: vault-transit-key-old
#   severity: high
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   threshold: 365
#   remediation: >-
#     `vault write -f transit/keys/app/rotate`, then `vault write transit/rewrap/app ciphertext=...` of what is stored. Keys that sign: give
#     the new public key out first. Imported keys: `vault write transit/keys/app/import_version ...`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
vault_transit_key_old contains finding if {
	limit := data.params["vault-transit-key-old"].threshold
	some key in facts.of("vault_transit_key")
	is_kept(key)
	some version in vault_engines.list(key, "versions")
	version.version == key.latest_version
	age.older_than(version.creation_time, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: version %v is %s old, of at most %v", [
			key.id,
			version.version,
			age.show_days(age.days_since(version.creation_time)),
			limit,
		]),
	}
}

vault_transit_key_old contains finding if {
	some key in facts.of("vault_transit_key")
	is_kept(key)
	dated := [version |
		some version in vault_engines.list(key, "versions")
		version.version == key.latest_version
		age.is_time(version.creation_time)
	]
	count(dated) == 0
	finding := {"fact": key.id, "unknown": "the server does not tell when its newest version was made"}
}

# METADATA
# title: A transit key is not rotated automatically
# description: >-
#   Vault rotates a key that encrypts by itself, and old ciphertexts stay readable. Keys that sign are left out, since those who verify
#   need the new public key first, and imported keys that may not be rotated in Vault. The parameter is the longest period in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#auto_rotate_period
# custom:
#   id: vault-transit-no-autorotate
#   severity: medium
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   threshold: 365
#   remediation: >-
#     `vault write transit/keys/app/config auto_rotate_period=90d`
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
vault_transit_no_autorotate contains finding if {
	some key in facts.of("vault_transit_key")
	is_kept(key)
	rotates_well(key)
	key.auto_rotate_period == 0
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: is not rotated automatically", [key.id]),
	}
}

vault_transit_no_autorotate contains finding if {
	limit := data.params["vault-transit-no-autorotate"].threshold
	some key in facts.of("vault_transit_key")
	is_kept(key)
	rotates_well(key)
	period := vault_engines.number(key, "auto_rotate_period")
	period > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: is rotated every %s, of at most %s", [
			key.id,
			vault_engines.show_roughly(period),
			age.show_days(limit),
		]),
	}
}

vault_transit_no_autorotate contains finding if {
	some key in facts.of("vault_transit_key")
	is_kept(key)
	rotates_well(key)
	object.get(key, "auto_rotate_period", null) == null
	finding := {"fact": key.id, "unknown": "the server does not tell auto_rotate_period"}
}

# METADATA
# title: Very old versions of a transit key still decrypt
# description: >-
#   Rotation is done when what is stored has been rewrapped and old versions are switched off: until then a version that leaked opens all
#   that it ever encrypted. The parameter is how many days old a version before the newest may be.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit#working-set-management
# custom:
#   id: vault-transit-old-versions-decrypt
#   severity: medium
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   threshold: 730
#   remediation: >-
#     Rewrap all ciphertexts (`vault write transit/rewrap/app ciphertext=...`; what begins `vault:v1:` is of version 1), then
#     `vault write transit/keys/app/config min_decryption_version=N`, and later `vault write transit/keys/app/trim min_available_version=N`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-17]
vault_transit_old_versions_decrypt contains finding if {
	limit := data.params["vault-transit-old-versions-decrypt"].threshold
	some key in facts.of("vault_transit_key")
	is_kept(key)
	key.supports_encryption != false
	old := [version |
		some version in vault_engines.list(key, "versions")
		version.version >= vault_engines.number(key, "min_decryption_version")
		version.version < key.latest_version
		age.older_than(version.creation_time, limit)
	]
	count(old) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: %s up to %s old can still decrypt, of at most %v", [
			key.id,
			show_versions(old),
			age.show_days(max([age.days_since(version.creation_time) | some version in old])),
			limit,
		]),
	}
}

vault_transit_old_versions_decrypt contains finding if {
	some finding in vault_engines.unsaid("vault_transit_key", ["versions", "latest_version", "min_decryption_version"])
}

# METADATA
# title: A transit key can be deleted
# description: >-
#   With the key goes all that it encrypted. `deletion_allowed` is meant to be on for the moment of deletion only.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#deletion_allowed
# custom:
#   id: vault-transit-deletable
#   severity: medium
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   remediation: >-
#     `vault write transit/keys/app/config deletion_allowed=false`
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
vault_transit_deletable contains finding if {
	some key in facts.of("vault_transit_key")
	key.deletion_allowed == true
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: can be deleted", [key.id]),
	}
}

vault_transit_deletable contains finding if {
	some finding in vault_engines.unsaid("vault_transit_key", ["deletion_allowed"])
}

# METADATA
# title: A transit key is of a type that should not be used
# description: >-
#   RSA of 2048 bits is deprecated after 2030, so that keys for what has to last are found as low before. Convergent encryption gives equal
#   ciphertexts for equal plaintexts: whoever reads them learns which are equal. The parameter lists the types.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#type
# - ref: https://csrc.nist.gov/pubs/ir/8547/ipd
# custom:
#   id: vault-transit-weak-type
#   severity: medium
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   threshold: [rsa-2048]
#   remediation: >-
#     A new key: `vault write transit/keys/app-2 type=rsa-4096`, or `type=aes256-gcm96` without `convergent_encryption`. A type cannot be
#     changed.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
vault_transit_weak_type contains finding if {
	some key in facts.of("vault_transit_key")
	key.type in data.params["vault-transit-weak-type"].threshold
	finding := {
		"fact": key.id,
		"severity": severity_of(key.type),
		"message": sprintf("`%s`: is of type %s", [key.id, key.type]),
	}
}

vault_transit_weak_type contains finding if {
	some key in facts.of("vault_transit_key")
	key.convergent_encryption == true
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: gives equal ciphertexts for equal plaintexts (`convergent_encryption`)", [key.id]),
	}
}

vault_transit_weak_type contains finding if {
	some finding in vault_engines.unsaid("vault_transit_key", ["type"])
}

# METADATA
# title: A transit key was imported
# description: >-
#   Somebody had the key before Vault, and may have it still; Vault's access control and audit do not tell of that copy.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit#bring-your-own-key-byok
# custom:
#   id: vault-transit-imported
#   severity: low
#   subject: vault_transit_key
#   needs: [vault_transit_key]
#   remediation: >-
#     Find out where the copy is. If `imported_key_allow_rotation` is on, `vault write -f transit/keys/app/rotate` makes a version that only
#     Vault has; else make a new key, and accept an exception for what has to be imported.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-10]
vault_transit_imported contains finding if {
	some key in facts.of("vault_transit_key")
	key.imported_key == true
	not is_made_here(key)
	finding := {
		"fact": key.id,
		"message": sprintf("`%s`: its key was imported", [key.id]),
	}
}

# Whether a key is in use: one that is deleted softly works no more.
is_kept(key) if object.get(key, "soft_deleted", null) != true

# Whether a key can be rotated with nobody else taking part: it encrypts with one key, and Vault has that key.
rotates_well(key) if {
	regex.match(`^(?:aes|chacha20|xchacha20)[0-9a-z]*-(?:gcm|poly)`, vault_engines.text(key, "type"))
	not is_fixed_import(key)
}

is_fixed_import(key) if {
	key.imported_key == true
	object.get(key, "imported_key_allow_rotation", null) != true
}

# Whether an imported key has been rotated in Vault, so that only old versions were ever elsewhere.
is_made_here(key) if {
	key.imported_key_allow_rotation == true
	vault_engines.number(key, "latest_version") > 1
}

severity_of(type) := "low" if {
	type == "rsa-2048"
	input.now < "2031"
} else := "medium"

show_versions(versions) := sprintf("version %v", [versions[0].version]) if count(versions) == 1

show_versions(versions) := sprintf("%v versions", [count(versions)]) if count(versions) > 1

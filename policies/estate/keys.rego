# METADATA
# title: Keys that protect secrets and stores
package keystrel.estate.keys

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Key was rotated and what it encrypted was not rewrapped
# description: >-
#   An old version that still decrypts is as good as the new one to whoever has it: rotation protects only what is written after it. Told
#   where data is known to be under an older version for longer than `known_days`; and, where the store does not tell, where
#   a version that was replaced more than `days` ago still decrypts, so that nothing says that its data was rewrapped. Of keys of AWS and Azure
#   it is not told: old material of AWS cannot be withdrawn. NIST SP 800-57 lets data be decrypted for up to three years after.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit#key-rotation
# - ref: https://docs.cloud.google.com/kms/docs/re-encrypt-data
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#rotating-a-decryption-key
# - ref: https://doi.org/10.6028/NIST.SP.800-57pt1r5
# custom:
#   id: x-envelope-kek-dek
#   severity: medium
#   subject: stored_key
#   where: {entry_kind: [gcp_kms_key, k8s_envelope_key, vault_transit_key]}
#   needs: [stored_key]
#   threshold: {days: 365, known_days: 30}
#   remediation: >-
#     Rewrap, then withdraw the old version: `vault write transit/rewrap/KEY ciphertext=...`, then `vault write transit/keys/KEY/config
#     min_decryption_version=N`; `gcloud kms keys versions disable N --key KEY --keyring RING --location PLACE`; of a cluster write all
#     Secrets anew: `kubectl get secrets -A -o json | kubectl replace -f -`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
x_envelope_kek_dek contains finding if {
	limit := data.params["x-envelope-kek-dek"].threshold.known_days
	some key in working
	key.rewrapped == false
	age.older_than(key.latest_created, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("%s: data is under older versions, %s after version %v was made, of at most %v", [
			called(key),
			age.show_age(key.latest_created),
			key.latest_version,
			limit,
		]),
	}
}

x_envelope_kek_dek contains finding if {
	limit := data.params["x-envelope-kek-dek"].threshold.days
	some key in working
	may_be_behind(key)
	age.older_than(key.oldest_usable_superseded, limit)
	finding := {
		"fact": key.id,
		"message": sprintf("%s: version %v still decrypts, %s after it was replaced, of at most %v (the newest is %v)", [
			called(key),
			key.oldest_usable_version,
			age.show_age(key.oldest_usable_superseded),
			limit,
			key.latest_version,
		]),
	}
}

x_envelope_kek_dek contains finding if {
	some key in working
	key.rewrapped == false
	not age.is_time(key.latest_created)
	finding := {"fact": key.id, "unknown": "when its newest version was made is not known"}
}

x_envelope_kek_dek contains finding if {
	some key in working
	may_be_behind(key)
	not age.is_time(key.oldest_usable_superseded)
	finding := {"fact": key.id, "unknown": "when its oldest usable version was replaced is not known"}
}

x_envelope_kek_dek contains finding if {
	some finding in estate.unknown(versioned, version_fields)
}

version_fields := [
	"state", "algorithm", "rewrapped", "latest_version", "latest_created", "oldest_usable_version",
	"oldest_usable_superseded",
]

# Keys of which old versions are known, and can be withdrawn.
versioned := [key |
	some key in keys
	object.get(key, "entry_kind", null) in {"gcp_kms_key", "k8s_envelope_key", "vault_transit_key"}
]

# Keys that decrypt. What is only signed needs no rewrapping.
working := [key |
	some key in estate.told(versioned, version_fields)
	not key.state in unusable_states
	not key.algorithm in {"ec", "ed25519", "hmac", "ml-dsa"}
]

# Whether an older version than the newest decrypts, and nothing says that no data needs it.
may_be_behind(key) if {
	is_null(key.rewrapped)
	not is_null(key.oldest_usable_version)
	key.oldest_usable_version != key.latest_version
}

# METADATA
# title: Key that protects a store or secrets does not work
# description: >-
#   What it encrypts cannot be read, or soon cannot: secrets, or a whole store that does not open after its next start. A key that
#   will be deleted can be kept until its day. Told of keys whose store was audited; whether a policy lets the store use the key
#   is told by the controls of that store.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
# - ref: https://developer.hashicorp.com/vault/docs/concepts/seal
# custom:
#   id: x-kek-unusable
#   severity: critical
#   subject: stored_key
#   where: {entry_kind: [aws_kms_key, azure_key, gcp_kms_key, k8s_envelope_key, vault_transit_key]}
#   needs: [stored_key]
#   remediation: >-
#     `aws kms cancel-key-deletion --key-id KEY`, then `aws kms enable-key --key-id KEY`; `az keyvault key recover --vault-name VAULT --name
#     NAME`, `az keyvault key set-attributes --vault-name VAULT --name NAME --enabled true`; `gcloud kms keys versions restore N --key KEY
#     --keyring RING --location PLACE`, then `enable`. What is gone for good has to be restored from a backup under another key.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
x_kek_unusable contains finding if {
	some key in estate.settled(listed_keys, protection_fields)
	key.state in unusable_states
	count(key.used_by) > 0
	finding := {
		"fact": key.id,
		"message": sprintf("%s is %s, and protects %s", [called(key), fault(key), users(key)]),
	}
}

x_kek_unusable contains finding if {
	some finding in estate.unsettled(listed_keys, protection_fields)
}

protection_fields := ["state", "used_by"]

# Keys of stores that were audited.
listed_keys := [key |
	some key in keys
	is_string(key.entry_kind)
]

unusable_states := {"disabled", "pending-deletion", "destroyed", "missing"}

fault(key) := sprintf("to be deleted on %s", [estate.day(key.deletion)]) if {
	age.is_time(object.get(key, "deletion", null))
} else := replace(key.state, "-", " ")

# METADATA
# title: Store is unsealed by what it holds itself
# description: >-
#   Sealed it cannot give out what would unseal it: the key of its own transit engine, or that of another store which is unsealed by
#   this one. It works until all is down at once. What its server logs in with to use the key no store tells, so that a credential for the
#   key that lies in the store is not found.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/seal/transit
# - ref: https://developer.hashicorp.com/vault/docs/configuration/seal/awskms
# custom:
#   id: x-kek-circular
#   severity: high
#   subject: store_seal
#   needs: [store_seal]
#   remediation: >-
#     Unseal by a key outside of the store: a KMS by the identity of the machine (`seal "awskms"` without access keys), or a Vault of its
#     own that is unsealed by people. Change the `seal` stanza and run `vault operator unseal -migrate`; keep the recovery keys elsewhere.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
x_kek_circular contains finding if {
	some seal in estate.told(seals, seal_fields)
	seal.is_own == true
	finding := {
		"fact": seal.id,
		"message": sprintf("%s is unsealed by %v, which it holds itself", [seal.store, key_of(seal)]),
	}
}

x_kek_circular contains finding if {
	some seal in estate.told(seals, seal_fields)
	some other in seals
	seal.store != other.store
	opens(other.store, seal)
	opens(seal.store, other)
	finding := {
		"fact": seal.id,
		"message": sprintf("%s is unsealed by %v of %s, which is unsealed by this one", [seal.store, key_of(seal), other.store]),
	}
}

x_kek_circular contains finding if {
	some finding in estate.unknown(seals, seal_fields)
}

seal_fields := ["is_own", "key"]

seals := facts.of("store_seal")

# Whether a store holds the key of a seal. Ids of keys begin with their store.
opens(store, seal) if {
	is_string(seal.key)
	startswith(seal.key, sprintf("%s#", [store]))
}

key_of(seal) := sprintf("%v `%s`", [seal.type, estate.text(seal, "key_named")]) if {
	estate.text(seal, "key_named")
} else := sprintf("a key (%v)", [seal.type])

# METADATA
# title: One key protects production and another environment
# description: >-
#   Whoever may use the key for a test may decrypt what is of production, and neither can be cut off alone. Told of environments that are
#   known by a label or a name; the key that a store has for all who choose none is not told.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/best-practices.html
# - ref: https://doi.org/10.6028/NIST.SP.800-57pt1r5
# custom:
#   id: x-kek-shared-env
#   severity: medium
#   subject: stored_key
#   needs: [stored_key]
#   remediation: >-
#     Make a key for the other environment and encrypt what is there with it: `aws kms create-key`, then `aws secretsmanager update-secret
#     --secret-id NAME --kms-key-id KEY`; `gcloud kms keys create KEY --keyring RING --location PLACE --purpose encryption`; `vault write -f
#     transit/keys/KEY`.
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.6.1.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-11]
#     owasp_secrets: ["6.3"]
x_kek_shared_env contains finding if {
	some key in estate.told(keys, ["environments", "used_by"])
	environments := {environment | some environment in estate.list(key, "environments")}
	"production" in environments
	count(environments) > 1
	finding := {
		"fact": key.id,
		"message": sprintf("%s protects %s: %s", [called(key), concat(" and ", sort(environments)), users(key)]),
	}
}

x_kek_shared_env contains finding if {
	some finding in estate.unknown(keys, ["environments", "used_by"])
}

# METADATA
# title: Key outlives the date by which its algorithm is to be replaced
# description: >-
#   RSA and elliptic curves fall to a quantum computer, and what is recorded today can be decrypted then. NIST plans to
#   deprecate them below 128 bits of strength (RSA below 3072 bits, curves below 256) after 2030, and to disallow all after 2035: the
#   dates of the threshold. Told is a key that lives longer, or has no end: an inventory of what has to be changed, no fault of today.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/ir/8547/ipd
# - ref: https://doi.org/10.6028/NIST.FIPS.203
# custom:
#   id: x-crypto-agility
#   severity: info
#   subject: stored_key
#   where: {entry_kind: [aws_kms_key, azure_key, gcp_kms_key, vault_transit_key]}
#   needs: [stored_key]
#   threshold: {below_128_bits: "2030-12-31", all: "2035-12-31"}
#   remediation: >-
#     Write down who owns the key and what it is for, and give it an end (`az keyvault key set-attributes --expires DATE`). Where the store
#     has them, use ML-KEM and ML-DSA for what must last: `aws kms create-key --key-spec ML_DSA_65 --key-usage SIGN_VERIFY`, `gcloud kms keys
#     create KEY --default-algorithm pq-sign-ml-dsa-65 --purpose asymmetric-signing --keyring RING --location PLACE`. Symmetric keys of 256 bits can stay.
#   frameworks:
#     nist_800_53: [SC-13]
#     pci_dss_4: ["12.3.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04]
x_crypto_agility contains finding if {
	some key in agile
	key.algorithm in {"rsa", "ec", "ed25519"}
	ends := policy_end(key)
	outlives(key, ends)
	finding := {
		"fact": key.id,
		"message": sprintf("%s (%s) %s, and is to be replaced by %s", [called(key), sized(key), lifetime(key), ends]),
	}
}

x_crypto_agility contains finding if {
	some key in estate.told(agility_keys, agility_fields)
	is_null(key.algorithm)
	finding := {"fact": key.id, "unknown": "its `algorithm` is not known"}
}

x_crypto_agility contains finding if {
	some finding in estate.unknown(agility_keys, agility_fields)
}

agility_fields := ["algorithm", "bits", "expires", "state"]

agility_keys := [key |
	some key in keys
	object.get(key, "entry_kind", null) in {"aws_kms_key", "azure_key", "gcp_kms_key", "vault_transit_key"}
]

# Keys that have a future.
agile := [key |
	some key in estate.told(agility_keys, agility_fields)
	not key.state in {"pending-deletion", "destroyed", "missing"}
]

policy_end(key) := data.params["x-crypto-agility"].threshold.below_128_bits if {
	is_number(key.bits)
	key.bits < {"rsa": 3072, "ec": 256, "ed25519": 0}[key.algorithm]
} else := data.params["x-crypto-agility"].threshold.all

# Days of one form compare as texts.
outlives(key, _) if not age.is_time(key.expires)

outlives(key, ends) if estate.day(key.expires) > ends

lifetime(key) := sprintf("lives until %s", [estate.day(key.expires)]) if {
	age.is_time(key.expires)
} else := "has no end"

sized(key) := sprintf("%s, %v bits", [upper(key.algorithm), key.bits]) if {
	is_number(key.bits)
} else := upper(key.algorithm)

keys := facts.of("stored_key")

called(key) := sprintf("key `%s` of %v", [key.key, key.store])

# What a key protects, by ids of secrets and stores.
users(key) := estate.listed(names, 3, count(names)) if {
	names := [sprintf("`%s`", [name]) | some name in estate.list(key, "used_by")]
}

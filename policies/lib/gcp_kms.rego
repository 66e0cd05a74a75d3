# METADATA
# title: Keys of Cloud KMS
package keystrel.lib.gcp_kms

import data.keystrel.lib.facts
import data.keystrel.lib.gcp

# Keys of projects that were read.
own_keys := [key |
	some key in facts.of("gcp_kms_key")
	key.is_foreign != true
]

# Those that are in use or could be: keys cannot be deleted, so that one without versions is what is left of one. A key
# of which versions could not be read may have some.
live_keys := [key |
	some key in own_keys
	not is_gone(key)
]

is_gone(key) if {
	gcp.is_told(key, ["versions"])
	every version in gcp.list(key, "versions") {
		version.state in dead_states
	}
}

# States after which there is no way back, https://cloud.google.com/kms/docs/key-states.
dead_states := {"DESTROYED", "GENERATION_FAILED", "IMPORT_FAILED", "PENDING_EXTERNAL_DESTRUCTION", "EXTERNAL_DESTRUCTION_FAILED"}

# Keys that encrypt and decrypt with one key, or of which it is not known.
symmetric_keys := [key |
	some key in live_keys
	is_symmetric(key)
]

is_symmetric(key) if key.purpose == "ENCRYPT_DECRYPT"

is_symmetric(key) if not gcp.is_told(key, ["purpose"])

# Whether Cloud KMS can rotate a key: not one whose material comes from outside.
is_rotatable(key) if {
	key.importOnly != true
	not is_external(key)
}

is_external(key) if gcp.object_of(key, "versionTemplate").protectionLevel in {"EXTERNAL", "EXTERNAL_VPC"}

enabled_versions(key) := [version |
	some version in gcp.list(key, "versions")
	version.state == "ENABLED"
]

# When a version was made: its material, if that is told.
made(version) := version.generateTime if {
	is_string(version.generateTime)
} else := version.createTime

# How many resources a key is told to protect.
protected(key) := key.protected_resources.count if {
	is_number(key.protected_resources.count)
} else := 0

# Permissions to use a key.
use := {
	"cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeyVersions.useToDecrypt",
	"cloudkms.cryptoKeyVersions.useToSign", "cloudkms.cryptoKeyVersions.useToDecapsulate",
}

# `key` of `ring` in `location`.
label(key) := sprintf("key %s of ring %s in %s", [gcp.named(key), gcp.last_part(key.key_ring), object.get(key, "location", null)]) if {
	is_string(key.key_ring)
} else := sprintf("key %s", [gcp.named(key)])

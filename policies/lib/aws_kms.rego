# METADATA
# title: Keys of AWS KMS
package keystrel.lib.aws_kms

import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

# Keys that the account owns and manages itself. Those of AWS services cannot be changed.
customer_keys := [key |
	some key in facts.of("aws_kms_key")
	key.KeyManager == "CUSTOMER"
	key.AWSAccountId == key.account
]

# Those that are not about to go.
kept_keys := [key |
	some key in customer_keys
	not key.KeyState in {"PendingDeletion", "PendingReplicaDeletion"}
]

enabled_keys := [key |
	some key in customer_keys
	key.KeyState == "Enabled"
]

# Keys that encrypt and decrypt with one key, which is what secrets are encrypted with.
is_symmetric(key) if {
	key.KeySpec == "SYMMETRIC_DEFAULT"
	key.KeyUsage == "ENCRYPT_DECRYPT"
}

# Rotation of a multi-Region key is a matter of its primary key.
is_replica(key) if aws_iam.object_of(key, "MultiRegionConfiguration").MultiRegionKeyType == "REPLICA"

# Keys whose material KMS makes and can rotate by itself.
is_rotatable(key) if {
	is_symmetric(key)
	key.Origin == "AWS_KMS"
	not is_replica(key)
}

alias_names(key) := {alias.AliasName | some alias in aws_iam.list(key, "Aliases")}

# `key alias/app in eu-west-1`, or with its id if it has no alias.
label(key) := sprintf("key %s in %s", [sort(alias_names(key))[0], key.region]) if {
	count(alias_names(key)) > 0
} else := sprintf("key %s in %s", [key.KeyId, key.region])

references := facts.of("aws_kms_key_reference")

named := {reference.key | some reference in references}

is_used(key) if key.id in named

# ARNs of what is encrypted with a key.
used_by(key) := {reference.resource |
	some reference in references
	reference.key == key.id
}

# Findings `unknown` of keys of which a field that decides was not read.
unknown(keys, fields) := {{"fact": key.id, "unknown": why} |
	some key in keys
	why := aws_iam.unread(key, fields)
}

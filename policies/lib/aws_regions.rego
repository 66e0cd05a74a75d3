# METADATA
# title: What there is in the regions of AWS accounts
package keystrel.lib.aws_regions

import data.keystrel.lib.facts

# Regions in which there are secrets, or keys that the customer manages.
with_secrets_or_keys := [region |
	some region in facts.of("aws_region")
	[region.account, region.region] in in_use
]

# What a control on regions with either says of the others.
empty := {{"fact": region.id, "not_applicable": "there are no secrets and no customer keys in the region"} |
	some region in facts.of("aws_region")
	not [region.account, region.region] in (in_use | with_unclear_keys)
} | {{"fact": region.id, "unknown": unclear} |
	some region in facts.of("aws_region")
	[region.account, region.region] in (with_unclear_keys - in_use)
}

unclear := "of a key it could not be read whether a customer manages it"

in_use := with_secrets | with_keys

with_secrets := {[fact.account, fact.region] | some fact in facts.of("aws_secret")}

# Keys of an account of which it is not known who manages them.
with_unclear_keys := {[fact.account, fact.region] |
	some fact in facts.of("aws_kms_key")
	not is_string(object.get(fact, "KeyManager", null))
	contains(fact.id, sprintf(":%s:", [fact.account]))
}

with_keys := {[fact.account, fact.region] |
	some fact in facts.of("aws_kms_key")
	fact.KeyManager == "CUSTOMER"
	fact.AWSAccountId == fact.account
}

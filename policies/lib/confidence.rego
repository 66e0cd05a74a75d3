# METADATA
# title: How sure the detection is that a value is a secret
package keystrel.lib.confidence

ranks := {"likely": 1, "known": 2}

# Whether `confidence` is `least` or more. A secret of which nobody says how sure it is counts as likely.
at_least(confidence, least) if object.get(ranks, confidence, 1) >= ranks[least]

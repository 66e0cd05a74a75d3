# METADATA
# title: Copies of secrets
package keystrel.estate.copies

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Copy of a secret is older than its source
# description: >-
#   The source was changed and the copy was not: whoever reads the copy works with a value that is refused by now, or that was
#   replaced because it leaked. Counted in hours since the source was changed. Where both values were read, they decide: equal ones
#   are no drift however old the copy, and other ones are, even if something says that it refreshed the copy since.
# related_resources:
# - ref: https://external-secrets.io/latest/api/externalsecret/
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/sources/vault
# custom:
#   id: x-copy-drift
#   severity: high
#   subject: secret_copy
#   where: {has_source: [true]}
#   needs: [secret_copy]
#   threshold: 24
#   remediation: >-
#     Have it copied now: `kubectl -n NAMESPACE annotate externalsecret NAME force-sync=$(date +%s) --overwrite`, `aws secretsmanager
#     replicate-secret-to-regions --secret-id NAME --add-replica-regions Region=REGION`; see by `kubectl describe` why it
#     was not, and set a `refreshInterval`. What copied it by hand should read the source.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
x_copy_drift contains finding if {
	some copy in estate.told(copies, fields)
	estate.longer_ago(copy.source_changed, data.params["x-copy-drift"].threshold)
	finding := {
		"fact": copy.id,
		"message": sprintf("%s (%s)%s", [estate.named(copy), origin(copy), drift(copy)]),
	}
}

x_copy_drift contains finding if {
	some copy in estate.told(copies, fields)
	copy.is_equal != true
	why := unsure(copy)
	finding := {"fact": copy.id, "unknown": why}
}

x_copy_drift contains finding if {
	some finding in estate.unknown(copies, fields)
}

fields := ["source_changed", "copied", "is_equal"]

# Copies of which the source is in a store that was audited.
copies := [copy |
	some copy in facts.of("secret_copy")
	copy.has_source == true
]

origin(copy) := sprintf("copy of %v by %v", [copy.source_named, copy.via])

# How the copy is behind; undefined where it is not.
drift(copy) := sprintf(" holds another value than its source, which was changed on %s%s", [estate.day(copy.source_changed), pace(copy)]) if {
	copy.is_equal == false
} else := sprintf(" was copied last on %s, and the source was changed on %s%s", [estate.day(copy.copied), estate.day(copy.source_changed), pace(copy)]) if {
	copy.is_equal != true
	estate.days_between(copy.copied, copy.source_changed) > 0
}

pace(copy) := "; it is never refreshed" if {
	copy.interval == 0
} else := ""

# Why it is not known whether the copy is behind; undefined where it is.
unsure(copy) := "when its source was changed is not known" if {
	not age.is_time(copy.source_changed)
} else := "when it was copied is not known, nor whether it is equal to its source" if {
	copy.is_equal != false
	not age.is_time(copy.copied)
}

# METADATA
# title: One value in several secrets
package keystrel.estate.values

import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Several secrets hold one value
# description: >-
#   What leaks from one place opens the others, and a rotation of one leaves the value good where it was forgotten. Values are
#   compared by keyed digests, whole and by their parts, from 8 bytes on. Copies that something keeps in step with a common source
#   are no duplicates, nor are parts whose last word is one of the threshold: user names, hosts and certificates are shared by
#   design.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#23-access-control
# custom:
#   id: x-duplicate-value
#   severity: high
#   subject: shared_value
#   needs: [shared_value]
#   threshold:
#   - ca
#   - cert
#   - certificate
#   - crt
#   - database
#   - dbname
#   - email
#   - endpoint
#   - engine
#   - host
#   - hostname
#   - login
#   - name
#   - port
#   - pub
#   - region
#   - server
#   - user
#   - username
#   remediation: >-
#     Make a credential for each consumer and write it to its secret: `vault kv patch -mount=MOUNT PATH FIELD=@NEW`, `aws secretsmanager
#     put-secret-value --secret-id NAME --secret-string file://NEW`. Where it has to be one credential, keep it in one store and let
#     the others follow: External Secrets, `aws secretsmanager replicate-secret-to-regions`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
x_duplicate_value contains finding if {
	some value in estate.told(values, ["places", "is_declared"])
	value.is_declared != true
	places := secret_places(value)
	secrets := {place.secret | some place in places}
	count(secrets) > 1
	finding := {
		"fact": value.id,
		"message": sprintf("%v secrets hold one value: %s", [count(secrets), shown(places)]),
	}
}

x_duplicate_value contains finding if {
	some finding in estate.unknown(values, ["places", "is_declared"])
}

# METADATA
# title: Production and another environment share a value
# description: >-
#   Whoever may read the value of a test may read that of production: there are more of them, and less is recorded. It counts for
#   copies that are declared too. Told of environments that are known by a label or a name.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#63-guardrails
# custom:
#   id: x-duplicate-env
#   severity: high
#   subject: shared_value
#   needs: [shared_value]
#   remediation: >-
#     Make a credential of its own for the other environment, which opens nothing of production, and write it there: `vault kv patch
#     -mount=MOUNT PATH FIELD=@NEW`, `aws secretsmanager put-secret-value --secret-id NAME --secret-string file://NEW`. Then
#     rotate that of production.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["6.5.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.31]
#     csa_ccm_4: [IVS-05]
#     owasp_secrets: ["2.3", "6.3"]
x_duplicate_env contains finding if {
	some value in estate.told(values, ["places"])
	places := secret_places(value)
	environments := {place.environment | some place in places; is_string(place.environment)}
	"production" in environments
	others := environments - {"production"}
	count(others) > 0
	finding := {
		"fact": value.id,
		"message": sprintf("production and %s share a value: %s", [concat(", ", sort(others)), shown(places)]),
	}
}

x_duplicate_env contains finding if {
	some finding in estate.unknown(values, ["places"])
}

values := facts.of("shared_value")

# The places of a value but those whose field says that it is no secret.
secret_places(value) := [place |
	some place in estate.list(value, "places")
	not is_plain(object.get(place, "field", null))
]

# Whether the last word of a field's name is for something that is no secret: `db_host`, `userName`, `tls.crt`.
is_plain(field) if {
	is_string(field)
	words := regex.split(`[^a-z0-9]+`, lower(regex.replace(field, `([a-z0-9])([A-Z])`, "${1} ${2}")))
	words[count(words) - 1] in data.params["x-duplicate-value"].threshold
}

# The places, with their environments where those are known.
shown(places) := estate.listed(texts, 5, count(texts)) if {
	texts := [concat(", ", array.concat([estate.named(named(place))], details(place))) | some place in places]
}

named(place) := object.union(place, {"id": place.secret})

details(place) := array.concat(
	[sprintf("field `%s`", [place.field]) | is_string(place.field)],
	[place.environment | is_string(place.environment)],
)

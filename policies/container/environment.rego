# METADATA
# title: Environment and build arguments of containers
package keystrel.container.environment

import data.keystrel.lib.confidence
import data.keystrel.lib.facts

# METADATA
# title: A secret is written into an environment variable
# description: >-
#   The value stands in the file and in whatever is made of it: the layers of an image, the repository, the
#   description of a running container. Whoever can read one of them has it, and it cannot be rotated without a change.
# related_resources:
# - ref: https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
# - ref: https://docs.docker.com/compose/how-tos/use-secrets/
# custom:
#   id: env-literal-secret
#   severity: high
#   subject: env_binding
#   needs: [env_binding]
#   threshold: likely
#   remediation: >-
#     Rotate the value. Take it from a secret when the container starts: `secrets:` in compose,
#     `valueFrom.secretKeyRef` or a mounted file in Kubernetes, never ENV in a Dockerfile.
#   frameworks:
#     cis: [docker/4.10]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
env_literal_secret contains finding if {
	some binding in facts.of("env_binding")

	# Also in what is put together: the default of a variable, a password in an address.
	binding.value_kind in ["literal", "interpolated"]
	binding.holds_secret == true
	confidence.at_least(object.get(binding, "secret_confidence", null), data.params["env-literal-secret"].threshold)
	finding := {
		"fact": binding.id,
		"message": sprintf("%s %s is set to a secret (%s)", [what(binding), named(binding), rule_of(binding)]),
	}
}

env_literal_secret contains finding if {
	some binding in facts.of("env_binding")
	not facts.has(binding, ["value_kind", "holds_secret"])
	finding := {"fact": binding.id, "unknown": "the value of the variable was not judged"}
}

# METADATA
# title: A secret passes through a build argument
# description: >-
#   Build arguments are kept in the history of the image that is built with them, and in its provenance: `docker history`
#   shows them to whoever can pull it, also when the value is not in the file but given on the command line.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/
# - ref: https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
# custom:
#   id: build-argument-secret
#   severity: high
#   subject: build_argument
#   needs: [build_argument]
#   threshold: likely
#   remediation: >-
#     Rotate the value. Give it to the step that needs it alone: `RUN --mount=type=secret,id=NAME`, and
#     `docker build --secret id=NAME,env=NAME`.
#   frameworks:
#     cis: [docker/4.10]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
build_argument_secret contains finding if {
	some argument in facts.of("build_argument")
	argument.holds_secret == true
	confidence.at_least(object.get(argument, "secret_confidence", null), data.params["build-argument-secret"].threshold)
	finding := {
		"fact": argument.id,
		"message": sprintf("build argument %s takes a secret (%s)", [named(argument), rule_of(argument)]),
	}
}

build_argument_secret contains finding if {
	some argument in facts.of("build_argument")
	not facts.has(argument, ["holds_secret"])
	finding := {"fact": argument.id, "unknown": "the argument was not judged"}
}

# What a message calls it: labels are bound as variables are.
what(binding) := "label" if binding.instruction == "LABEL"

else := "environment variable"

named(fact) := object.get(fact, "name", "without a name")

# What says that it is a secret.
rule_of(fact) := fact.secret_rule if is_string(fact.secret_rule)

else := "by its name"

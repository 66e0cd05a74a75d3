# METADATA
# title: Generators of Kustomize
package keystrel.kubernetes.kustomize

import data.keystrel.lib.facts

# METADATA
# title: A generator makes a Secret of a file beside it
# description: >-
#   Kustomize reads the file as it is: the values of the Secret lie in clear wherever it is built, and in the repository unless the file is
#   made on the way.
# related_resources:
# - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator/
# custom:
#   id: kustomize-secret-from-file
#   severity: low
#   subject: kustomize_generator
#   where: {generator: [secret]}
#   needs: [kustomize_generator]
#   remediation: >-
#     Let a controller make the Secret (External Secrets, Sealed Secrets), or decrypt it on the way (SOPS with KSOPS); keep the file out
#     of the repository.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
kustomize_secret_from_file contains finding if {
	some generator in facts.of("kustomize_generator")
	generator.generator == "secret"
	sources := {source | some key in ["envs", "files"]; some source in list(generator, key)}
	count(sources) > 0
	finding := {
		"fact": generator.id,
		"message": sprintf("Secret %s is made of %s", [generator.name, concat(", ", sort(sources))]),
	}
}

kustomize_secret_from_file contains finding if {
	some generator in facts.of("kustomize_generator")
	not facts.has(generator, ["generator", "name", "envs", "files"])
	finding := {"fact": generator.id, "unknown": "what the Secret is made of was not read"}
}

list(generator, key) := generator[key] if {
	is_array(generator[key])
} else := []

# METADATA
# title: What Dockerfiles put into images
package keystrel.container.build

import data.keystrel.lib.facts

# METADATA
# title: A file of secrets is copied into an image
# description: >-
#   The file is in a layer of the image for whoever can pull it, also when a later instruction removes it.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/
# - ref: https://docs.docker.com/build/concepts/context/#dockerignore-files
# custom:
#   id: image-secret-file-copied
#   severity: medium
#   subject: docker_instruction
#   where: {instruction: [ADD, COPY]}
#   needs: [docker_instruction]
#   remediation: >-
#     Mount it while it is needed (`RUN --mount=type=secret,id=NAME`), or when the container starts, and name it in `.dockerignore`.
#   frameworks:
#     cis: [docker/4.10]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["5.1"]
image_secret_file_copied contains finding if {
	some copy in instructions({"ADD", "COPY"})
	some source in sources(copy)
	is_secret_file(source)
	finding := {
		"fact": copy.id,
		"message": sprintf("%s puts %s into the image", [copy.instruction, source]),
		"severity": severity(copy),
	}
}

image_secret_file_copied contains finding if {
	some finding in unread
}

# What an instruction copies: all of its words but options and the last, also written as a list. What comes from another image or an
# address is what it is.
sources(copy) := array.slice(words, 0, count(words) - 1) if {
	parts := regex.find_n(`[^\s,\[\]"]+`, copy.arguments, -1)
	words := [part | some part in parts; not startswith(part, "--")]
	count(words) > 1
} else := []

is_secret_file(source) if {
	regex.match(secret_file, source)
	not regex.match(`(?i)(?:example|sample|template|dist|defaults?|test|schema|public|\.pub)`, source)
}

# Files that tools keep their logins and keys in.
secret_file := concat("", [
	`(?:^|/)(?:`,
	`\.env(?:\.[A-Za-z0-9_-]+)?|\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.vault-token|\.dockercfg`,
	`|\.ssh|id_(?:rsa|dsa|ecdsa|ed25519)|\.aws(?:/credentials)?|\.azure|\.kube(?:/config)?|kubeconfig|\.docker/config\.json`,
	`|credentials\.json|service-?account(?:-?key)?\.json|[^/]+\.(?:key|p12|pfx|jks|keystore|ppk)|[^/]*(?:private|key)[^/]*\.pem`,
	`)/?$`,
])

# The layers of other stages are not in the image, but in the cache of the builder.
severity(copy) := "low" if {
	is_number(copy.stage)
	some other in facts.of("docker_instruction")
	is_number(other.stage)
	other.stage > copy.stage
} else := "medium"

# METADATA
# title: An image has a password of its own
# description: >-
#   Every container of the image has the account and its password, which stands in a layer or can be guessed from its hash.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/
# - ref: https://www.checkov.io/5.Policy%20Index/dockerfile.html
# custom:
#   id: image-password-set
#   severity: medium
#   subject: docker_instruction
#   where: {instruction: [RUN]}
#   needs: [docker_instruction]
#   remediation: >-
#     Leave the account without a password (`useradd` gives none), and enter containers by the runtime (`docker exec`).
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["5.1"]
image_password_set contains finding if {
	some run in instructions({"RUN"})
	some [_, command] in regex.find_all_string_submatch_n(password, run.arguments, 1)
	finding := {"fact": run.id, "message": sprintf("RUN sets a password by %s", [command])}
}

image_password_set contains finding if {
	some finding in unread
}

password := `(?:^|[;&|(\s])(?:\S*/)?(chpasswd|passwd\s+--stdin|(?:useradd|usermod)\b[^;&|]*\s(?:-p|--password))(?:[\s=;&|)]|$)`

# METADATA
# title: A mounted secret is kept in the image
# description: >-
#   A secret that is mounted for one instruction is gone after it. What is copied of it is in the layer.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/#secret-mounts
# custom:
#   id: image-mounted-secret-kept
#   severity: medium
#   subject: docker_instruction
#   where: {instruction: [RUN]}
#   needs: [docker_instruction]
#   remediation: >-
#     Mount it where the program looks for it: `--mount=type=secret,id=npmrc,target=/root/.npmrc`.
#   frameworks:
#     cis: [docker/4.10]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["5.1"]
image_mounted_secret_kept contains finding if {
	some run in instructions({"RUN"})
	has_secret_mount(run)
	regex.match(`\b(?:cp|mv|install)\s[^;&|]*/run/secrets/|/run/secrets/[^;&|]*[^0-9&]>{1,2}\s*(?:[A-Za-z0-9_.$~"']|/(?:[a-ce-z]|d[a-df-z]))`, run.arguments)
	not regex.match(`\b(?:rm|shred)\s`, run.arguments)
	finding := {"fact": run.id, "message": "RUN copies a mounted secret into a layer"}
}

image_mounted_secret_kept contains finding if {
	some finding in unread
}

has_secret_mount(run) if {
	is_array(run.mounts)
	some mount in run.mounts
	is_object(mount)
	mount.type == "secret"
}

# Instructions whose words were read.
instructions(names) := {fact |
	some fact in facts.of("docker_instruction")
	fact.instruction in names
	is_string(fact.arguments)
}

unread := {{"fact": fact.id, "unknown": "what the instruction does was not read"} |
	some fact in facts.of("docker_instruction")
	not facts.has(fact, ["instruction", "arguments"])
}

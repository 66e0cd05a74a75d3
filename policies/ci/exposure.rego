# METADATA
# title: Secrets in the text and environment of scripts
package keystrel.ci.exposure

import data.keystrel.lib.ci
import data.keystrel.lib.facts

# METADATA
# title: A step prints its whole environment
# description: >-
#   `printenv` and `env` write every variable to the log, with the secrets among them. Systems mask the values that they know, and
#   nothing that was made of them.
# related_resources:
# - ref: https://docs.gitlab.com/ci/variables/#list-all-variables
# - ref: https://circleci.com/docs/guides/security/env-vars/
# custom:
#   id: ci-environment-printed
#   severity: medium
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Leave it out, or print the variables that are wanted by name.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ci_environment_printed contains finding if {
	some step in facts.of("ci_step")
	some line in ci.lines(step)
	regex.match(dump, line)
	held := ci.list(step, "secret_variables")
	count(held) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s prints its environment, with %s in it", [ci.named(step), concat(", ", sort(held))]),
	}
}

# Where all variables of a project are in every job, the file does not name them.
ci_environment_printed contains finding if {
	some step in facts.of("ci_step")
	object.get(step, "system", "") in ["circleci", "gitlab-ci"]
	ci.list(step, "secret_variables") == []
	some line in ci.lines(step)
	regex.match(dump, line)
	finding := {
		"fact": step.id,
		"message": sprintf("%s prints its environment, with all variables of the project", [ci.named(step)]),
		"severity": "low",
	}
}

ci_environment_printed contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

dump := `(?i)(?:^|[;&|({]|\b(?:then|do|else)\b)\s*(?:printenv|env|export\s+-p|(?:Get-ChildItem|gci|dir|ls)\s+env:\S*)\s*(?:\|\s*(?:sort|cat|Format-\S+|Out-String)\b.*)?$`

# METADATA
# title: A secret is written into the text of a script
# description: >-
#   Groovy fills in `"${TOKEN}"`, Azure Pipelines `$(TOKEN)` and GitHub `${{ secrets.TOKEN }}`, before a shell reads the script. The
#   value is then in the arguments of processes and in what is told of the step or in a file on the runner, and whoever sets it can run
#   commands.
# related_resources:
# - ref: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#string-interpolation
# - ref: https://learn.microsoft.com/azure/devops/pipelines/process/set-secret-variables
# - ref: https://docs.github.com/actions/reference/security/secure-use
# custom:
#   id: ci-secret-interpolated
#   severity: medium
#   subject: ci_step
#   where: {system: [azure-pipelines, github-actions, jenkins]}
#   needs: [ci_step]
#   remediation: >-
#     Let the shell read a variable: single quotes in a Jenkinsfile (`sh 'curl -u "$TOKEN"'`), `env:` of the step in Azure
#     Pipelines and GitHub.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ci_secret_interpolated contains finding if {
	some step in facts.of("ci_step")
	object.get(step, "system", "") in ["azure-pipelines", "jenkins"]
	names := ci.list(step, "interpolated_secrets")
	count(names) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s has %s in the text of its script", [ci.named(step), concat(", ", sort(names))]),
	}
}

# GitHub masks it in what it tells, and only those who administrate the repository set it. Its own token has no character that means
# something to a shell.
ci_secret_interpolated contains finding if {
	some step in facts.of("ci_step")
	step.system == "github-actions"
	names := {name | some name in ci.list(step, "interpolated_secrets"); name != "GITHUB_TOKEN"}
	count(names) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s has %s in the text of its script", [ci.named(step), concat(", ", sort(names))]),
		"severity": "low",
	}
}

ci_secret_interpolated contains finding if {
	some step in facts.of("ci_step")
	not facts.has(step, ["interpolated_secrets", "system"])
	finding := {"fact": step.id, "unknown": "whether secrets are in the text of the script was not read"}
}

# METADATA
# title: A step makes a variable of a secret that is not masked
# description: >-
#   A variable that `##vso[task.setvariable]` makes is shown in logs and handed to all later steps as it is, unless it says
#   `issecret=true`.
# related_resources:
# - ref: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
# custom:
#   id: ci-set-variable-not-secret
#   severity: medium
#   subject: ci_step
#   where: {system: [azure-pipelines]}
#   needs: [ci_step]
#   remediation: Add `issecret=true`, and map the variable by `env:` where it is needed.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ci_set_variable_not_secret contains finding if {
	some step in facts.of("ci_step")
	some line in ci.lines(step)
	some [_, options, _] in regex.find_all_string_submatch_n(`##vso\[task\.setvariable ([^\]]*)\]([^"']*)`, line, -1)
	not regex.match(`(?i)issecret=true`, options)
	some [_, name] in regex.find_all_string_submatch_n(`variable=([A-Za-z0-9_.]+)`, options, 1)
	regex.match(secret_name, name)
	finding := {
		"fact": step.id,
		"message": sprintf("%s sets %s, which is not masked", [ci.named(step), name]),
	}
}

ci_set_variable_not_secret contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

secret_name := `(?i)(?:password|passwd|secret|token|apikey|api_key|accesskey|access_key|privatekey|private_key|credential)s?$`

# METADATA
# title: A secret is given to a command as an argument
# description: >-
#   Arguments show in the list of processes, and in whatever tells of the command: traces, errors and audits of the runner.
# related_resources:
# - ref: https://docs.docker.com/reference/cli/docker/login/#password-stdin
# custom:
#   id: ci-secret-argument
#   severity: low
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Give it by standard input (`--password-stdin`), a variable or a file.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["3.1"]
ci_secret_argument contains finding if {
	some step in facts.of("ci_step")
	some command in ci.commands(step)
	regex.match(login, command)
	names := ci.used(step, command)
	count(names) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s gives %s as an argument of a login", [ci.named(step), concat(", ", sort(names))]),
	}
}

ci_secret_argument contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

login := `\b(?:docker|podman|buildah|skopeo|oras|crane|helm\s+registry)\s+(?:auth\s+)?login\b.*\s(?:-p|--password)(?:\s+|=)["']?\$`

# METADATA
# title: A secret is written where all later steps read it
# description: >-
#   A variable in `GITHUB_ENV` reaches every later step of the job, and the programs that these run. An output reaches whatever names
#   it.
# related_resources:
# - ref: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files
# - ref: https://docs.github.com/actions/reference/security/secure-use#use-secrets-for-sensitive-information
# custom:
#   id: ci-secret-to-later-steps
#   severity: low
#   subject: ci_step
#   where: {system: [github-actions]}
#   needs: [ci_step]
#   remediation: >-
#     Give it by `env:` to the steps that need it.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["3.1"]
ci_secret_to_later_steps contains finding if {
	some step in facts.of("ci_step")
	names := {name |
		some command in ci.commands(step)
		regex.match(`>>?\s*["']?(?:\$\{?|\$env:)GITHUB_(?:ENV|OUTPUT)\b`, command)
		some name in ci.used(step, command)
	}
	count(names) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s hands %s to all later steps", [ci.named(step), concat(", ", sort(names))]),
	}
}

ci_secret_to_later_steps contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

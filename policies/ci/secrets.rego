# METADATA
# title: Secrets in continuous integration
package keystrel.ci.secrets

import data.keystrel.lib.ci
import data.keystrel.lib.facts

# METADATA
# title: A step prints a secret
# description: >-
#   Logs of jobs are kept, and read by more people than may see the secret. Systems mask values that they know, as they are: not
#   what is encoded, split or cut, and not what was fetched by the job.
# related_resources:
# - ref: https://docs.github.com/actions/concepts/security/secrets
# - ref: https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable
# custom:
#   id: ci-secret-echoed
#   severity: medium
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Do not print it: pass it by standard input (`printf '%s' "$TOKEN" | tool --password-stdin`) or a variable. Rotate it if a log
#     shows it.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ci_secret_echoed contains finding if {
	some step in facts.of("ci_step")
	printed := {name | some line in ci.printing(step); some name in ci.used(step, line)}
	count(printed) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s prints %s", [ci.named(step), concat(", ", sort(printed))]),
	}
}

ci_secret_echoed contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

# METADATA
# title: A shell shows its commands with secrets in them
# description: >-
#   `set -x` writes every command to the log with its variables filled in: headers, passwords and addresses with tokens.
# related_resources:
# - ref: https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html
# custom:
#   id: ci-set-x-with-secrets
#   severity: medium
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Leave out `set -x`, or say `set +x` before the commands that use secrets.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ci_set_x_with_secrets contains finding if {
	some step in facts.of("ci_step")
	traced := {name | some line in ci.traced(step); some name in ci.used(step, line)}
	count(traced) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s shows commands with %s", [ci.named(step), concat(", ", sort(traced))]),
	}
}

ci_set_x_with_secrets contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

# METADATA
# title: Code of a pull request runs beside secrets
# description: >-
#   `pull_request_target` and `workflow_run` run with the secrets and the token of the repository, also for pull requests of
#   strangers. A job that checks out their code and builds it hands the secrets to whoever opens one.
# related_resources:
# - ref: https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
# - ref: https://docs.github.com/actions/reference/security/secure-use
# custom:
#   id: ci-pull-request-target-secrets
#   severity: critical
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Build the code of pull requests in a workflow for `pull_request`, which gets no secrets, and let another one use what it made.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.1, CC8.1]
#     iso27001_2022: [A.8.25]
ci_pull_request_target_secrets contains finding if {
	some step in facts.of("ci_step")
	some trigger in ["pull_request_target", "workflow_run"]
	trigger in ci.list(step, "triggers")
	ci.checks_out_head(step)
	names := ci.job_secrets(step)
	count(names) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s checks out code of pull requests on %s beside %s", [
			ci.named(step),
			trigger,
			concat(", ", sort(names)),
		]),
	}
}

ci_pull_request_target_secrets contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

# METADATA
# title: A workflow hands all secrets to another
# description: >-
#   `secrets: inherit` gives a workflow that is called every secret of the repository and the organization, also those that are added
#   later. The workflow of another repository may change.
# related_resources:
# - ref: https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows
# custom:
#   id: ci-secrets-inherit
#   severity: medium
#   subject: ci_step
#   needs: [ci_step]
#   remediation: >-
#     Name the secrets that it needs under `secrets:`, and pin workflows of other repositories to a commit.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
ci_secrets_inherit contains finding if {
	some step in facts.of("ci_step")
	step.inherits_secrets == true
	finding := {
		"fact": step.id,
		"message": sprintf("%s hands all secrets to %s", [caller(step), called(step)]),
		"severity": severity(step),
	}
}

ci_secrets_inherit contains finding if {
	some step in facts.of("ci_step")
	not facts.has(step, ["inherits_secrets"])
	finding := {"fact": step.id, "unknown": "whether the step hands on all secrets was not read"}
}

# It is a job that calls a workflow.
caller(step) := sprintf("job %s", [step.job]) if is_string(step.job)

else := "a job"

called(step) := step.uses if is_string(step.uses)

else := "another workflow"

# A workflow of the same repository is as trusted as this one.
severity(step) := "low" if startswith(called(step), "./")

else := "medium"

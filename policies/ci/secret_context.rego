# METADATA
# title: How workflows get at their secrets
package keystrel.ci.secret_context

import data.keystrel.lib.ci
import data.keystrel.lib.facts

# METADATA
# title: All secrets of a repository are handed to a job
# description: >-
#   GitHub sends a job the secrets that its file names. `toJSON(secrets)` and names that are only known when it runs
#   (`secrets[matrix.name]`) make it send all of the repository and the organization, to every step of the job.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#overprovisioned-secrets
# - ref: https://docs.github.com/actions/reference/workflows-and-actions/contexts#secrets-context
# custom:
#   id: ci-whole-secrets-context
#   severity: medium
#   subject: [ci_job, ci_step, ci_workflow]
#   where: {system: [github-actions]}
#   needs: [ci_job, ci_step, ci_workflow]
#   remediation: >-
#     Name each secret that is needed: `${{ secrets.NAME }}`. Where the name depends on the target, use environments, each of which
#     has a secret of that name.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     owasp_secrets: ["3.1"]
ci_whole_secrets_context contains finding if {
	some part in data.keystrel.lib.ci.parts
	some access, how in ways
	access in ci.list(part, "secret_access")
	finding := {
		"fact": part.id,
		"message": sprintf("%s %s", [ci.called(part), how.message]),
		"severity": how.severity,
	}
}

ci_whole_secrets_context contains finding if {
	some part in data.keystrel.lib.ci.unread_access
	finding := {"fact": part.id, "unknown": "how it uses secrets was not read"}
}

ways := {
	"whole": {"message": "gets all secrets of the repository", "severity": "medium"},
	"computed": {"message": "gets all secrets of the repository, for one whose name is computed", "severity": "low"},
}

# METADATA
# title: Values are taken out of a secret in an expression
# description: >-
#   Logs mask secrets as they are stored. A part of one, which `fromJSON(secrets.NAME)` gives, is shown as it is.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#unredacted-secrets
# - ref: https://docs.github.com/actions/reference/security/secure-use#use-secrets-for-sensitive-information
# custom:
#   id: ci-secret-parsed
#   severity: low
#   subject: [ci_job, ci_step, ci_workflow]
#   where: {system: [github-actions]}
#   needs: [ci_job, ci_step, ci_workflow]
#   remediation: >-
#     Store each value as a secret of its own, or mask it before it is used: `echo "::add-mask::$VALUE"`.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.12]
#     owasp_secrets: ["3.1"]
ci_secret_parsed contains finding if {
	some part in data.keystrel.lib.ci.parts
	"parsed" in ci.list(part, "secret_access")
	finding := {
		"fact": part.id,
		"message": sprintf("%s takes values out of a secret, which logs do not mask", [ci.called(part)]),
	}
}

ci_secret_parsed contains finding if {
	some part in data.keystrel.lib.ci.unread_access
	finding := {"fact": part.id, "unknown": "how it uses secrets was not read"}
}

# METADATA
# title: A job uses secrets that are of no environment
# description: >-
#   Secrets of a repository or an organization go to any workflow on any branch, which whoever may push writes. Those of an
#   environment go to jobs that name it, when its rules let them: from certain branches, after a review.
# related_resources:
# - ref: https://docs.github.com/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
# - ref: https://docs.zizmor.sh/audits/#secrets-outside-env
# custom:
#   id: ci-secret-outside-environment
#   severity: info
#   subject: ci_job
#   where: {system: [github-actions]}
#   needs: [ci_job]
#   remediation: >-
#     Make an environment with rules in the settings of the repository, move the secrets into it, and name it: `environment: NAME`.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     owasp_secrets: ["3.1"]
ci_secret_outside_environment contains finding if {
	some job in facts.of("ci_job")
	names := {name | some name in ci.list(job, "secrets"); is_string(name); not name in {"*", "GITHUB_TOKEN"}}
	count(names) > 0
	object.get(job, "environment", null) == null

	# A job that calls a workflow cannot name one, and secrets of a called workflow are those of its caller.
	object.get(job, "uses", null) == null
	ci.list(job, "triggers") != ["workflow_call"]
	not is_elsewhere(job)
	finding := {
		"fact": job.id,
		"message": sprintf("job %v gets %s outside of an environment", [job.name, concat(", ", sort(names))]),
	}
}

ci_secret_outside_environment contains finding if {
	some job in ci.without("ci_job", ["system", "secrets"])
	finding := {"fact": job.id, "unknown": "which secrets it gets was not read"}
}

# Gitea and Forgejo have no environments.
is_elsewhere(part) if regex.match(`(?:^|/)\.(?:gitea|forgejo)/`, part.at.path)

# METADATA
# title: The token of a workflow may do everything
# description: >-
#   `write-all` lets whatever runs in a job change code, releases, packages and settings of the repository with its token.
# related_resources:
# - ref: https://docs.github.com/actions/tutorials/authenticate-with-github_token
# - ref: https://docs.zizmor.sh/audits/#excessive-permissions
# custom:
#   id: ci-token-write-all
#   severity: medium
#   subject: ci_workflow
#   where: {system: [github-actions]}
#   needs: [ci_workflow]
#   remediation: >-
#     Say `permissions: {}` at the top, and give each job the scopes that it needs.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2]
#     owasp_secrets: ["3.1"]
ci_token_write_all contains finding if {
	some workflow in facts.of("ci_workflow")
	workflow.permissions == "write-all"
	finding := {
		"fact": workflow.id,
		"path": ["permissions"],
		"message": "the token of the workflow may write everything",
	}
}

ci_token_write_all contains finding if {
	some workflow in facts.of("ci_workflow")
	is_object(workflow.job_permissions)
	some name, permissions in workflow.job_permissions
	permissions == "write-all"
	finding := {
		"fact": workflow.id,
		"path": ["job_permissions", name],
		"message": sprintf("the token of job %s may write everything", [name]),
	}
}

ci_token_write_all contains finding if {
	some workflow in ci.without("ci_workflow", ["system", "job_permissions"])
	finding := {"fact": workflow.id, "unknown": "what its token may was not read"}
}

# METADATA
# title: A pipeline logs all that its shells do
# description: >-
#   With `CI_DEBUG_TRACE` the log of a job has every variable in it, masked ones too.
# related_resources:
# - ref: https://docs.gitlab.com/ci/variables/variables_troubleshooting/#enable-debug-logging
# custom:
#   id: ci-debug-trace
#   severity: medium
#   subject: [ci_job, ci_workflow]
#   where: {system: [gitlab-ci]}
#   needs: [ci_job, ci_workflow]
#   remediation: >-
#     Take `CI_DEBUG_TRACE` out, erase the logs of jobs that ran with it, and rotate what they show.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     owasp_secrets: ["3.1"]
ci_debug_trace contains finding if {
	some part in (facts.of("ci_workflow") | facts.of("ci_job"))
	part.traces == true
	finding := {
		"fact": part.id,
		"message": sprintf("%s logs every variable (CI_DEBUG_TRACE)", [ci.called(part)]),
	}
}

ci_debug_trace contains finding if {
	some kind in ["ci_job", "ci_workflow"]
	some part in ci.without(kind, ["system", "traces"])
	finding := {"fact": part.id, "unknown": "what it logs was not read"}
}

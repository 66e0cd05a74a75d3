# METADATA
# title: Logins and tokens of jobs
package keystrel.ci.logins

import data.keystrel.lib.ci
import data.keystrel.lib.facts

# METADATA
# title: The password of a registry is written into a pipeline
# description: >-
#   Whoever can read the file pulls and, often, pushes images with it.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#hardcoded-container-credentials
# - ref: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainercredentials
# - ref: https://circleci.com/docs/guides/execution-managed/private-images/
# custom:
#   id: ci-registry-password-literal
#   severity: high
#   subject: [ci_executor, ci_job, ci_step]
#   needs: [ci_executor, ci_job, ci_step]
#   remediation: >-
#     Change the password, and name a secret: `password: ${{ secrets.REGISTRY_PASSWORD }}`, `$REGISTRY_PASSWORD` in CircleCI.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
#     owasp_secrets: ["8"]
ci_registry_password_literal contains finding if {
	some job in (facts.of("ci_job") | facts.of("ci_executor"))
	some at, login in ci.list(job, "credentials")
	login.value_kind == "literal"
	finding := {
		"fact": job.id,
		"path": ["credentials", at],
		"message": sprintf("%s has the password of the registry of %v written out", [ci.called(job), login.of]),
	}
}

ci_registry_password_literal contains finding if {
	some step in facts.of("ci_step")
	ci.action(step) in {"docker/login-action", "redhat-actions/podman-login"}
	password := ci.input_of(step, "password")
	password != ""
	not contains(password, "${{")
	finding := {
		"fact": step.id,
		"path": ["with", "password"],
		"message": sprintf("%s has the password of a registry written out", [ci.named(step)]),
	}
}

ci_registry_password_literal contains finding if {
	some part in ((ci.without("ci_job", ["credentials"]) | ci.without("ci_executor", ["credentials"])) | ci.without("ci_step", ["with"]))
	finding := {"fact": part.id, "unknown": "how it logs in to registries was not read"}
}

# METADATA
# title: A checkout leaves its token to all later steps
# description: >-
#   actions/checkout before version 6 writes the token of the job into `.git/config` of the work tree, where every later step finds
#   it, and whatever archives the directory.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#artipacked
# - ref: https://github.com/actions/checkout#readme
# - ref: https://github.com/actions/upload-artifact#readme
# custom:
#   id: ci-checkout-keeps-token
#   severity: info
#   subject: ci_step
#   where: {system: [github-actions]}
#   needs: [ci_job, ci_step]
#   remediation: >-
#     Say `persist-credentials: false`, or `true` where later steps push. Never upload `.git`.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["3.1"]
ci_checkout_keeps_token contains finding if {
	some step in facts.of("ci_step")
	keeps_token(step)
	count(uploads(step)) > 0
	finding := {
		"fact": step.id,
		"message": sprintf("%s leaves its token in .git, which a later step uploads", [ci.named(step)]),
		"severity": "high",
	}
}

ci_checkout_keeps_token contains finding if {
	some step in facts.of("ci_step")
	keeps_token(step)
	count(uploads(step)) == 0
	not is_needed(step)
	finding := {
		"fact": step.id,
		"message": sprintf("%s leaves its token to all later steps", [ci.named(step)]),
	}
}

ci_checkout_keeps_token contains finding if {
	some step in ci.without("ci_step", ["system", "with"])
	finding := {"fact": step.id, "unknown": "what it checks out was not read"}
}

# What is explicit is meant. Since version 6 the token is kept elsewhere; a commit of which nothing is said may be of any version.
keeps_token(step) if {
	ci.action(step) == "actions/checkout"
	ci.input_of(step, "persist-credentials") == ""
	not regex.match(`^v?(?:[6-9]|[1-9][0-9])(?:\.|$)`, ci.version(step))
}

# Later steps of the job that upload the work tree with what is hidden in it.
uploads(step) := {other |
	some job in ci.jobs(step)
	some other in ci.steps(job)
	ci.action(other) == "actions/upload-artifact"
	other.at.line > step.at.line
	uploads_git(other)
}

uploads_git(step) if {
	some path in split(ci.input_of(step, "path"), "\n")
	regex.match(`(?:^|/)\.git(?:/|$)`, trim_space(path))
}

uploads_git(step) if {
	has_hidden(step)
	some path in split(ci.input_of(step, "path"), "\n")
	regex.match(`^(?:\.|\*\*?|\$\{\{\s*github\.workspace\s*\}\})/?(?:\*\*?/?)*$`, trim_space(path))
}

# Hidden files are left out since 4.4, unless it says otherwise.
has_hidden(step) if ci.input_of(step, "include-hidden-files") == "true"

has_hidden(step) if regex.match(`^v?(?:[123](?:\.|$)|4\.[0-3](?:\.|$))`, ci.version(step))

# Whether a step of the job talks to the remote.
is_needed(step) if {
	some job in ci.jobs(step)
	some other in ci.steps(job)
	some line in ci.lines(other)
	regex.match(`\bgit\s+(?:push|pull|fetch|submodule|lfs|remote)\b|\b(?:gh-pages|semantic-release|goreleaser|lerna|mike)\b`, line)
}

is_needed(step) if {
	some job in ci.jobs(step)
	some other in ci.steps(job)
	regex.match(`pull-request|commit|push|gh-pages|release|pages`, ci.action(other))
}

# METADATA
# title: A token of a GitHub App may do more than its job
# description: >-
#   A token for all repositories of an owner opens them to whatever runs in the job. One that is not revoked after the job stays good
#   for an hour.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#github-app
# - ref: https://github.com/actions/create-github-app-token#inputs
# custom:
#   id: ci-app-token-broad
#   severity: low
#   subject: ci_step
#   where: {system: [github-actions]}
#   needs: [ci_step]
#   remediation: >-
#     Name the repositories (`repositories:`) and the scopes (`permission-contents: read`), and take `skip-token-revoke` out.
#   frameworks:
#     nist_800_53: [AC-6]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2]
#     owasp_secrets: ["2.3", "3.1"]
ci_app_token_broad contains finding if {
	some step in facts.of("ci_step")
	ci.action(step) == "actions/create-github-app-token"
	ci.input_of(step, "skip-token-revoke") == "true"
	finding := {
		"fact": step.id,
		"path": ["with", "skip-token-revoke"],
		"message": sprintf("%s makes a token that stays good after the job", [ci.named(step)]),
	}
}

ci_app_token_broad contains finding if {
	some step in facts.of("ci_step")
	ci.action(step) == "actions/create-github-app-token"
	ci.input_of(step, "owner") != ""
	ci.input_of(step, "repositories") == ""
	finding := {
		"fact": step.id,
		"path": ["with", "owner"],
		"message": sprintf("%s makes a token for all repositories of an owner", [ci.named(step)]),
	}
}

ci_app_token_broad contains finding if {
	some step in ci.without("ci_step", ["system", "with"])
	finding := {"fact": step.id, "unknown": "which token it makes was not read"}
}

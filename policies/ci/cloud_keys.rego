# METADATA
# title: Keys that stay good, where a token of the job would do
package keystrel.ci.cloud_keys

import data.keystrel.lib.ci
import data.keystrel.lib.facts

# METADATA
# title: A job logs in to a cloud by a key that stays good
# description: >-
#   Whoever reads the key, in the settings, in a log or on a runner, has what it opens until somebody replaces it, and from anywhere.
#   The clouds take the identity of the job instead (OpenID Connect): a token for this job, which ends with it.
# related_resources:
# - ref: https://docs.github.com/actions/concepts/security/openid-connect
# - ref: https://docs.gitlab.com/ci/cloud_services/
# - ref: https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
# - ref: https://github.com/aws-actions/configure-aws-credentials#credentials
# - ref: https://github.com/google-github-actions/auth#readme
# - ref: https://github.com/Azure/login#readme
# custom:
#   id: ci-long-lived-cloud-key
#   severity: medium
#   subject: [ci_executor, ci_job, ci_step, ci_workflow]
#   needs: [ci_executor, ci_job, ci_step, ci_workflow]
#   remediation: >-
#     Let the cloud trust the repository, and log in without a key: `role-to-assume` of aws-actions/configure-aws-credentials,
#     `workload_identity_provider` of google-github-actions/auth, `client-id`, `tenant-id` and `subscription-id` of azure/login, each
#     with `permissions: {id-token: write}`; `id_tokens` in GitLab CI. Then delete the key.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.12", "6.2"]
ci_long_lived_cloud_key contains finding if {
	some step in facts.of("ci_step")
	some cloud, inputs in key_inputs[ci.action(step)]
	some name in inputs
	holds_key(step, ci.input_of(step, name))
	ci.input_of(step, "aws-session-token") == ""
	finding := {
		"fact": step.id,
		"path": ["with", name],
		"message": sprintf("%s logs in to %s by a key that stays good (%s)", [ci.named(step), cloud, name]),
		"severity": severity(step),
	}
}

ci_long_lived_cloud_key contains finding if {
	some part in data.keystrel.lib.ci.parts
	some cloud, names in key_variables
	some name in variables(part)
	name in names
	not is_for_another_store(part, cloud)
	not has_identity(part)
	finding := {
		"fact": part.id,
		"path": array.concat(["secret_variables"], [at | some at, own in ci.list(part, "secret_variables"); own == name]),
		"message": sprintf("%s logs in to %s by a key that stays good (%s)", [ci.called(part), cloud, name]),
		"severity": severity(part),
	}
}

ci_long_lived_cloud_key contains finding if {
	some step in facts.of("ci_step")
	some command in ci.commands(step)
	some cloud, pattern in logins
	regex.match(pattern, command)
	not regex.match(`federated-token`, command)
	finding := {
		"fact": step.id,
		"message": sprintf("%s logs in to %s by a key that stays good, in its script", [ci.named(step), cloud]),
		"severity": severity(step),
	}
}

ci_long_lived_cloud_key contains finding if {
	some job in (facts.of("ci_job") | facts.of("ci_executor"))
	some at, login in ci.list(job, "credentials")
	login.sort == "aws"
	finding := {
		"fact": job.id,
		"path": ["credentials", at],
		"message": sprintf("%s pulls its image from AWS by a key that stays good", [ci.called(job)]),
		"severity": severity(job),
	}
}

ci_long_lived_cloud_key contains finding if {
	some [kind, field] in [["ci_executor", "credentials"], ["ci_job", "secret_variables"], ["ci_step", "secret_variables"], ["ci_workflow", "secret_variables"]]
	some part in ci.without(kind, ["system", field])
	finding := {"fact": part.id, "unknown": "which secrets it gets was not read"}
}

# The inputs of actions and orbs that take a key.
key_inputs := {
	"aws-actions/configure-aws-credentials": {"AWS": ["aws-secret-access-key"]},
	"google-github-actions/auth": {"Google Cloud": ["credentials_json"]},
	"google-github-actions/setup-gcloud": {"Google Cloud": ["service_account_key"]},
	"azure/login": {"Azure": ["creds"]},
	"aws-cli/setup": {"AWS": ["aws_secret_access_key"]},
	"gcp-cli/setup": {"Google Cloud": ["gcloud_service_key"]},
	"azure-cli/login-with-service-principal": {"Azure": ["azure-sp-password"]},
}

# The variables by which tools of the clouds take a key.
key_variables := {
	"AWS": {"AWS_SECRET_ACCESS_KEY"},
	"Azure": {"ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "AZURE_CREDENTIALS"},
	"Google Cloud": {"GCLOUD_KEYFILE_JSON", "GCLOUD_SERVICE_KEY", "GOOGLE_CLOUD_KEYFILE_JSON", "GOOGLE_CREDENTIALS"},
}

# Commands that log in with a key.
logins := {
	"Azure": `\baz\s+login\b.*\s--service-principal\b.*\s(?:-p|--password)\b`,
	"Google Cloud": `\bgcloud\s+auth\s+activate-service-account\b.*\s--key-file\b`,
}

# Whether an input of an action is a secret: not what another step got for it. Orbs take names of variables.
holds_key(step, value) if {
	step.system == "github-actions"
	regex.match(`(?i)\$\{\{[^}]*\bsecrets\b`, value)
}

holds_key(step, value) if {
	step.system == "circleci"
	value != ""
}

# Variables that are given here. GitLab and CircleCI keep secrets out of files: there it counts what is used.
variables(part) := ci.own_secret_variables(part) if part.system in {"azure-pipelines", "github-actions", "jenkins"}

variables(part) := {name | some key in ["env", "secret_variables"]; some name in ci.list(part, key)} if {
	part.kind == "ci_step"
	part.system in {"circleci", "gitlab-ci"}
}

# Other stores take the variables of AWS as well: MinIO, R2 and their like, which are named by their address. A token that ends
# comes with a third variable.
is_for_another_store(part, "AWS") if {
	some text in texts(part)
	regex.match(`(?i)endpoint|localstack|minio|AWS_SESSION_TOKEN`, text)
}

# What a step, the steps of a job, or all of a workflow say.
texts(part) := text_of(part) if part.kind == "ci_step"

texts(part) := {text |
	some own in (ci.steps(part) | {part})
	some text in text_of(own)
} if {
	part.kind == "ci_job"
}

texts(part) := {text |
	some own in (ci.of_workflow(part) | {part})
	some text in text_of(own)
} if {
	part.kind == "ci_workflow"
}

text_of(part) := {name | some name in ci.list(part, "env"); is_string(name)} | {line | some line in ci.lines(part)}

# Whether a job gets a token of its own, or its script exchanges one: what it logs in by is made of that.
has_identity(step) if {
	some job in ci.jobs(step)
	count(ci.list(job, "id_tokens")) > 0
}

has_identity(step) if {
	some line in ci.lines(step)
	regex.match(`(?i)assume-role|oidc|web-identity|federated-token`, line)
}

# Elsewhere it takes a plugin or a service connection.
severity(part) := "medium" if {
	part.system in {"circleci", "github-actions", "gitlab-ci"}
	not is_elsewhere(part)
} else := "low"

# Gitea and Forgejo give jobs no such token.
is_elsewhere(part) if regex.match(`(?:^|/)\.(?:gitea|forgejo)/`, part.at.path)

# METADATA
# title: A package is published by a token that stays good
# description: >-
#   Whoever gets the token publishes in the name of the project. The registry takes the identity of the job instead (trusted
#   publishing), so that there is no token to keep.
# related_resources:
# - ref: https://docs.pypi.org/trusted-publishers/
# - ref: https://docs.npmjs.com/trusted-publishers/
# - ref: https://crates.io/docs/trusted-publishing
# - ref: https://guides.rubygems.org/trusted-publishing/
# - ref: https://learn.microsoft.com/nuget/nuget-org/trusted-publishing
# custom:
#   id: ci-publish-token
#   severity: low
#   subject: ci_step
#   where: {system: [github-actions, gitlab-ci]}
#   needs: [ci_step]
#   remediation: >-
#     Name the repository and the workflow as a trusted publisher in the settings of the package, give the job
#     `permissions: {id-token: write}` (`id_tokens` in GitLab CI), and take the token out.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.12", "6.2"]
ci_publish_token contains finding if {
	some step in facts.of("ci_step")
	some name in publishing_inputs[ci.action(step)]
	regex.match(`(?i)\$\{\{[^}]*\bsecrets\b`, ci.input_of(step, name))
	every other in ["repository-url", "repository_url", "registry"] {
		regex.match(`^$|(?:^|[/.])(?:pypi\.org|npmjs\.org)(?:/|$)`, ci.input_of(step, other))
	}
	not is_elsewhere(step)
	finding := {
		"fact": step.id,
		"path": ["with", name],
		"message": sprintf("%s publishes by a token that stays good (%s)", [ci.named(step), name]),
	}
}

ci_publish_token contains finding if {
	some step in facts.of("ci_step")
	some command in ci.commands(step)
	some pattern, names in publishing_commands
	regex.match(pattern, command)
	not regex.match(`\s--(?:dry-run|index|index-url|publish-url|registry|repository|repository-url|source)\b`, command)
	some name in names
	name in ci.list(step, "secret_variables")
	ci.list(step, "secrets") != ["GITHUB_TOKEN"]
	not publishes_elsewhere(step)
	not is_elsewhere(step)
	finding := {
		"fact": step.id,
		"message": sprintf("%s publishes by a token that stays good (%s)", [ci.named(step), name]),
	}
}

ci_publish_token contains finding if {
	some step in data.keystrel.lib.ci.unread
	finding := {"fact": step.id, "unknown": "what the step runs and which secrets it gets was not read"}
}

publishing_inputs := {
	"pypa/gh-action-pypi-publish": ["password"],
	"js-devtools/npm-publish": ["token"],
	"katyo/publish-crates": ["registry-token"],
}

publishing_commands := {
	`\b(?:npm|pnpm|yarn(?:\s+npm)?)\s+publish\b`: ["NODE_AUTH_TOKEN", "NPM_AUTH_TOKEN", "NPM_CONFIG_TOKEN", "NPM_TOKEN", "YARN_NPM_AUTH_TOKEN"],
	`\btwine\s+upload\b`: ["TWINE_PASSWORD"],
	`\buv\s+publish\b`: ["UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN"],
	`\bpoetry\s+publish\b`: ["POETRY_HTTP_BASIC_PYPI_PASSWORD", "POETRY_PYPI_TOKEN_PYPI"],
	`\bhatch\s+publish\b`: ["HATCH_INDEX_AUTH"],
	`\bflit\s+publish\b`: ["FLIT_PASSWORD"],
	`\bcargo\s+publish\b`: ["CARGO_REGISTRY_TOKEN"],
	`\bgem\s+push\b`: ["GEM_HOST_API_KEY", "RUBYGEMS_API_KEY"],
	`\bdotnet\s+nuget\s+push\b`: ["NUGET_API_KEY", "NUGET_TOKEN"],
}

# Registries of one's own take no tokens of jobs.
publishes_elsewhere(step) if {
	some name in ci.list(step, "env")
	is_string(name)
	regex.match(`(?i)(?:registry|repository|index|publish)_url$|^(?:TWINE_REPOSITORY|NPM_CONFIG_REGISTRY)$`, name)
}

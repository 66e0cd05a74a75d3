package keystrel.ci.cloud_keys_test

import data.keystrel.ci.cloud_keys

at(path, line) := {"path": path, "line": line, "column": 1, "end_line": line, "end_column": 2}

step(changes) := object.union(
	{
		"kind": "ci_step", "id": "s", "at": at(".github/workflows/a.yml", 5), "system": "github-actions", "workflow": "w",
		"job": "build", "run": null, "uses": null, "with": {}, "env": [], "secrets": [], "secret_variables": [],
	},
	changes,
)

job(changes) := object.union(
	{
		"kind": "ci_job", "id": "j", "at": at(".github/workflows/a.yml", 3), "system": "github-actions", "workflow": "w",
		"name": "build", "env": [], "secret_variables": [], "credentials": [], "id_tokens": [],
	},
	changes,
)

workflow(changes) := object.union(
	{
		"kind": "ci_workflow", "id": "w", "at": at(".github/workflows/a.yml", 1), "system": "github-actions", "env": [],
		"secret_variables": [],
	},
	changes,
)

keys(facts) := found if found := cloud_keys.ci_long_lived_cloud_key with input as {"facts": facts}

tokens(changes) := found if found := cloud_keys.ci_publish_token with input as {"facts": [step(changes)]}

aws(inputs) := step({"uses": "aws-actions/configure-aws-credentials@v5", "with": inputs})

test_a_key_of_an_action_is_found if {
	keys([aws({"aws-secret-access-key": "${{ secrets.AWS_SECRET }}"})]) == {{
		"fact": "s",
		"path": ["with", "aws-secret-access-key"],
		"message": "a step of job build logs in to AWS by a key that stays good (aws-secret-access-key)",
		"severity": "medium",
	}}
	count(keys([step({"uses": "google-github-actions/auth@v3", "with": {"credentials_json": "${{ secrets['GCP'] }}"}})])) == 1
	count(keys([step({"uses": "Azure/login@v2", "with": {"creds": "{\"a\":\"${{ secrets.B }}\"}"}})])) == 1
}

test_what_another_step_got_is_fine if {
	keys([aws({"aws-secret-access-key": "${{ steps.sts.outputs.key }}"})]) == set()
	keys([aws({"aws-secret-access-key": "${{ secrets.A }}", "aws-session-token": "${{ secrets.B }}"})]) == set()
	keys([aws({"role-to-assume": "arn:aws:iam::123456789012:role/ci"})]) == set()
	keys([aws({"aws-secret-access-key": "test"})]) == set()
}

test_orbs_take_names_of_variables if {
	orb := {"system": "circleci", "uses": "aws-cli/setup"}
	count(keys([step(object.union(orb, {"with": {"aws_secret_access_key": "KEY"}}))])) == 1
	keys([step(object.union(orb, {"with": {"role_arn": "a"}}))]) == set()
}

test_variables_are_found_where_they_are_given if {
	of_job := job({"env": ["AWS_SECRET_ACCESS_KEY"], "secret_variables": ["AWS_SECRET_ACCESS_KEY"]})
	of_step := step({"env": ["ARM_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"], "secret_variables": ["ARM_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"]})
	found := keys([workflow({}), of_job, of_step])
	{[one.fact, one.path] | some one in found} == {["j", ["secret_variables", 0]], ["s", ["secret_variables", 0]]}
	count(keys([workflow({"secret_variables": ["GOOGLE_CREDENTIALS"]}), job({}), step({})])) == 1
}

test_other_stores_take_the_variables_of_aws if {
	name := {"env": ["AWS_SECRET_ACCESS_KEY"], "secret_variables": ["AWS_SECRET_ACCESS_KEY"]}
	every run in ["aws --endpoint-url https://s3.example s3 ls", "docker run minio"] {
		keys([step(object.union(name, {"run": run}))]) == set()
		keys([job(name), step({"run": run})]) == set()
		keys([workflow(name), job({}), step({"run": run})]) == set()
	}
	keys([step(object.union(name, {"env": ["AWS_ENDPOINT_URL_S3", "AWS_SECRET_ACCESS_KEY"]}))]) == set()
	keys([step(object.union(name, {"env": ["AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY"]}))]) == set()
	count(keys([step(object.union(name, {"run": "aws s3 ls"}))])) == 1
}

test_scripts_of_gitlab_and_circleci if {
	every system in ["gitlab-ci", "circleci"] {
		used := step({"system": system, "run": "aws configure set x $AWS_SECRET_ACCESS_KEY", "secret_variables": ["AWS_SECRET_ACCESS_KEY"]})
		count(keys([used, job({"system": system})])) == 1
		keys([used, job({"system": system, "id_tokens": ["AWS_TOKEN"]})]) == set()
		keys([object.union(used, {"run": "x=$(aws sts assume-role-with-web-identity)"})]) == set()
	}
}

test_logins_in_scripts_are_found if {
	every run in [
		"az login --service-principal -u $A -p $B -t $C",
		"az login --service-principal \\\n  --username $A --password $B",
		"gcloud auth activate-service-account x@y --key-file=key.json",
	] {
		count(keys([step({"run": run})])) == 1
	}
	keys([step({"run": "az login --service-principal -u $A -t $C --federated-token $T -p x"})]) == set()
	keys([step({"run": "az login --identity"})]) == set()
}

test_elsewhere_it_is_less if {
	every system in ["azure-pipelines", "jenkins"] {
		{one.severity | some one in keys([step({"system": system, "secret_variables": ["AWS_SECRET_ACCESS_KEY"]})])} == {"low"}
	}
	gitea := aws({"aws-secret-access-key": "${{ secrets.A }}"})
	{one.severity | some one in keys([object.union(gitea, {"at": at(".gitea/workflows/a.yml", 1)})])} == {"low"}
}

test_images_of_aws if {
	login := {"of": "docker.0", "sort": "aws", "value_kind": "reference"}
	keys([job({"system": "circleci", "credentials": [{"of": "docker.0", "sort": "password"}, login]})]) == {{
		"fact": "j",
		"path": ["credentials", 1],
		"message": "job build pulls its image from AWS by a key that stays good",
		"severity": "medium",
	}}
}

test_images_of_executors if {
	login := {"of": "docker.0", "sort": "aws", "value_kind": "reference"}
	keys([{"kind": "ci_executor", "id": "e", "system": "circleci", "workflow": "w", "name": "own", "credentials": [login]}]) == {{
		"fact": "e",
		"path": ["credentials", 0],
		"message": "executor own pulls its image from AWS by a key that stays good",
		"severity": "medium",
	}}
}

test_a_token_of_a_registry_is_found if {
	tokens({"uses": "pypa/gh-action-pypi-publish@release/v1", "with": {"password": "${{ secrets.PYPI }}"}}) == {{
		"fact": "s",
		"path": ["with", "password"],
		"message": "a step of job build publishes by a token that stays good (password)",
	}}
	tokens({"run": "npm ci\nnpm publish --access public", "secret_variables": ["NODE_AUTH_TOKEN"], "secrets": ["NPM"]}) == {{
		"fact": "s",
		"message": "a step of job build publishes by a token that stays good (NODE_AUTH_TOKEN)",
	}}
}

test_trusted_publishing_is_fine if {
	tokens({"uses": "pypa/gh-action-pypi-publish@release/v1"}) == set()
	tokens({"run": "npm publish"}) == set()
}

test_registries_of_ones_own_are_fine if {
	own := {"password": "${{ secrets.A }}", "repository-url": "https://pypi.example.org/"}
	tokens({"uses": "pypa/gh-action-pypi-publish@v1", "with": own}) == set()
	test := {"password": "${{ secrets.A }}", "repository-url": "https://test.pypi.org/legacy/"}
	count(tokens({"uses": "pypa/gh-action-pypi-publish@v1", "with": test})) == 1
	npm := {"run": "npm publish", "secret_variables": ["NODE_AUTH_TOKEN"], "secrets": ["GITHUB_TOKEN"]}
	tokens(npm) == set()
	tokens(object.union(npm, {"secrets": ["A"], "run": "npm publish --registry https://npm.example.org"})) == set()
	tokens({"run": "twine upload dist/*", "secret_variables": ["TWINE_PASSWORD"], "env": ["TWINE_REPOSITORY_URL"]}) == set()
	tokens({"run": "twine upload dist/*", "secret_variables": ["TWINE_PASSWORD"], "at": at(".forgejo/workflows/a.yml", 1)}) == set()
}

test_what_was_not_read_is_unknown if {
	every found in [keys([{"kind": "ci_job", "id": "j"}]), unread_tokens] {
		some finding in found
		finding.unknown
	}
}

unread_tokens := found if {
	found := cloud_keys.ci_publish_token with input as {"facts": [{"kind": "ci_step", "id": "s"}]}
}

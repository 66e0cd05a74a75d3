package keystrel.ci.secrets_test

import data.keystrel.ci.secrets

step(changes) := object.union(
	{
		"kind": "ci_step", "id": "s", "job": "build", "workflow": "w", "triggers": ["push"], "run": null, "uses": null, "with": {},
		"secrets": ["A"], "secret_variables": ["TOKEN"], "inherits_secrets": false,
	},
	changes,
)

echoed(steps) := found if found := secrets.ci_secret_echoed with input as {"facts": steps}

traced(steps) := found if found := secrets.ci_set_x_with_secrets with input as {"facts": steps}

pulled(steps) := found if found := secrets.ci_pull_request_target_secrets with input as {"facts": steps}

inherited(steps) := found if found := secrets.ci_secrets_inherit with input as {"facts": steps}

test_a_printed_secret_is_found if {
	echoed([step({"run": "x\necho ${{ secrets.A }} $TOKEN"})]) == {{
		"fact": "s",
		"message": "a step of job build prints A, TOKEN",
	}}
}

test_what_prints_no_secret_is_fine if {
	echoed([step({"run": "echo $OTHER"})]) == set()
	echoed([step({"run": "echo $TOKEN | docker login --password-stdin"})]) == set()
	echoed([step({})]) == set()
}

test_tracing_is_found if {
	traced([step({"run": "set -x\ncurl -H \"x: $TOKEN\""})]) == {{
		"fact": "s",
		"message": "a step of job build shows commands with TOKEN",
	}}
}

test_tracing_without_secrets_is_fine if {
	traced([step({"run": "set -x\nmake"})]) == set()
	traced([step({"run": "curl $TOKEN"})]) == set()
}

test_code_of_pull_requests_beside_secrets_is_found if {
	checkout := step({
		"id": "c", "uses": "actions/checkout@v4", "with": {"ref": "${{ github.head_ref }}"},
		"triggers": ["pull_request_target"], "secrets": [],
	})
	pulled([checkout, step({})]) == {{
		"fact": "c",
		"message": "a step of job build checks out code of pull requests on pull_request_target beside A",
	}}
	pulled([checkout, step({"job": "other"})]) == set()
	pulled([object.union(checkout, {"triggers": ["pull_request"]}), step({})]) == set()
}

test_inheriting_is_found if {
	inherited([step({"inherits_secrets": true, "uses": "a/b/.github/workflows/c.yml@main"})]) == {{
		"fact": "s",
		"message": "job build hands all secrets to a/b/.github/workflows/c.yml@main",
		"severity": "medium",
	}}
}

test_inheriting_in_a_repository_is_less if {
	some finding in inherited([step({"inherits_secrets": true, "uses": "./c.yml"})])
	finding.severity == "low"
}

test_inheriting_by_what_is_not_named_is_found if count(inherited([step({"inherits_secrets": true})])) == 1

test_named_secrets_are_fine if inherited([step({})]) == set()

test_what_was_not_read_is_unknown if {
	unread := [{"kind": "ci_step", "id": "s"}]
	every found in [echoed(unread), traced(unread), pulled(unread), inherited(unread)] {
		some finding in found
		finding.unknown
	}
}

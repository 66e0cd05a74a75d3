package keystrel.ci.secret_context_test

import data.keystrel.ci.secret_context

part(kind, changes) := object.union(
	{
		"kind": kind, "id": "f", "name": "build", "job": "build", "workflow": "w", "system": "github-actions",
		"at": {"path": ".github/workflows/a.yml", "line": 1}, "secret_access": [], "secrets": [], "environment": null, "uses": null,
		"triggers": ["push"], "permissions": null, "job_permissions": {}, "traces": false,
	},
	changes,
)

found(control, kind, changes) := findings if {
	results := secret_context with input as {"facts": [part(kind, changes)]}
	findings := results[control]
}

test_all_secrets_are_found if {
	every kind, called in {"ci_workflow": "the workflow", "ci_job": "job build", "ci_step": "a step of job build"} {
		found("ci_whole_secrets_context", kind, {"secret_access": ["whole"]}) == {{
			"fact": "f",
			"message": sprintf("%s gets all secrets of the repository", [called]),
			"severity": "medium",
		}}
	}
	{one.severity | some one in found("ci_whole_secrets_context", "ci_step", {"secret_access": ["computed"]})} == {"low"}
}

test_a_secret_that_is_parsed_is_found if {
	found("ci_secret_parsed", "ci_job", {"secret_access": ["parsed"]}) == {{
		"fact": "f",
		"message": "job build takes values out of a secret, which logs do not mask",
	}}
}

test_secrets_by_name_are_fine if {
	found("ci_whole_secrets_context", "ci_step", {"secret_access": ["parsed"]}) == set()
	found("ci_secret_parsed", "ci_step", {"secret_access": ["computed"]}) == set()
}

test_secrets_outside_of_an_environment_are_found if {
	found("ci_secret_outside_environment", "ci_job", {"secrets": ["B", "A", "GITHUB_TOKEN"]}) == {{
		"fact": "f",
		"message": "job build gets A, B outside of an environment",
	}}
}

test_secrets_of_environments_and_others_are_fine if {
	every changes in [
		{"environment": "live"}, {"uses": "./a.yml"}, {"triggers": ["workflow_call"]}, {"secrets": ["GITHUB_TOKEN"]},
		{"at": {"path": "a/.gitea/workflows/a.yml"}},
	] {
		found("ci_secret_outside_environment", "ci_job", object.union({"secrets": ["A"]}, changes)) == set()
	}
}

test_tokens_for_everything_are_found if {
	found("ci_token_write_all", "ci_workflow", {"permissions": "write-all"}) == {{
		"fact": "f",
		"path": ["permissions"],
		"message": "the token of the workflow may write everything",
	}}
	found("ci_token_write_all", "ci_workflow", {"job_permissions": {"a": "write-all", "b": {"contents": "write"}}}) == {{
		"fact": "f",
		"path": ["job_permissions", "a"],
		"message": "the token of job a may write everything",
	}}
}

test_tokens_for_less_are_fine if {
	found("ci_token_write_all", "ci_workflow", {"permissions": "read-all", "job_permissions": {"a": {"contents": "write"}}}) == set()
}

test_traces_are_found if {
	found("ci_debug_trace", "ci_workflow", {"system": "gitlab-ci", "traces": true}) == {{
		"fact": "f",
		"message": "the workflow logs every variable (CI_DEBUG_TRACE)",
	}}
	count(found("ci_debug_trace", "ci_job", {"system": "gitlab-ci", "traces": true})) == 1
	found("ci_debug_trace", "ci_job", {"system": "gitlab-ci"}) == set()
}

test_what_was_not_read_is_unknown if {
	results := secret_context with input as {"facts": [{"kind": "ci_job", "id": "j"}, {"kind": "ci_workflow", "id": "w"}]}
	every control in [
		"ci_whole_secrets_context", "ci_secret_parsed", "ci_secret_outside_environment", "ci_token_write_all", "ci_debug_trace",
	] {
		some finding in results[control]
		finding.unknown
	}
}

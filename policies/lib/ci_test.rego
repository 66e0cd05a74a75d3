package keystrel.lib.ci_test

import data.keystrel.lib.ci

test_names if {
	ci.named({"job": "build"}) == "a step of job build"
	ci.named({"job": null}) == "a step"
}

test_what_goes_elsewhere_is_not_printed if {
	every line in ["echo a > f", "echo a | tool", "echo \"::add-mask::$A\"", "x echo a", "printf 'a' >> \"$GITHUB_ENV\""] {
		ci.printing({"run": line}) == []
	}
}

test_what_is_given_to_a_command_is_not_printed if {
	ci.printing({"run": "gpg --import <(printf '%s' \"$A\")"}) == []
	ci.printing({"run": "x=$(echo $A | base64)"}) == []
	ci.printing({"run": "echo \"hash: $(printf '%s' $(x) | sha256sum)\""}) == ["echo \"hash: \""]
}

test_what_is_printed if {
	every line in ["echo a", "  printf '%s' a", "x && echo a", "if x; then echo a; fi", "echo a >&2", "echo a || true", "echo ${{ a || b }}"] {
		count(ci.printing({"run": line})) == 1
	}
}

test_tracing if {
	ci.traced({"run": "a\nset -ex\nb\nset +x\nc"}) == ["b"]
	ci.traced({"run": "set -o xtrace\nb"}) == ["b"]
	ci.traced({"run": "a\nset +x\nb", "shell": "bash -x {0}"}) == ["a"]
	ci.traced({"run": "a\nset -e\nb"}) == []
	ci.traced({"run": null}) == []
}

test_secrets_of_a_line if {
	step := {"secrets": ["A", "B"], "secret_variables": ["T", "odd name"]}
	ci.used(step, "x ${{ secrets.A }} ${{ secrets['B'] }}") == {"A", "B"}
	ci.used(step, "x $T") == {"T"}
	ci.used(step, "x ${T} $env:T") == {"T"}
	ci.used(step, "x $TT secrets.A") == set()
}

test_checking_out_the_head if {
	ci.checks_out_head({"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}})
	ci.checks_out_head({"uses": "actions/checkout@v4", "with": {"repository": "${{ github.event.pull_request.head.repo.full_name }}"}})
	ci.checks_out_head({"run": "git fetch origin refs/pull/1/head"})
	ci.checks_out_head({"run": "gh pr checkout 1"})
	not ci.checks_out_head({"uses": "actions/checkout@v4", "with": {}})
	not ci.checks_out_head({"run": "git fetch origin main"})
}

test_a_step_without_a_shell_of_its_own_is_not_traced if ci.traced({"run": "a\nb", "shell": null}) == []

test_a_step_that_calls_nothing_checks_out_nothing if not ci.checks_out_head({"uses": null, "with": null, "run": null})

flow := {
	"facts": [
		{"kind": "ci_workflow", "id": "w", "secret_variables": ["A"]},
		{"kind": "ci_job", "id": "j", "workflow": "w", "name": "build", "secret_variables": ["B"]},
		{"kind": "ci_step", "id": "s", "workflow": "w", "job": "build", "secret_variables": ["A", "B", "C"]},
		{"kind": "ci_step", "id": "t", "workflow": "w", "job": "other", "secret_variables": []},
	],
	"gaps": [],
}

test_what_belongs_together if {
	[workflow, job, step, _] := flow.facts
	jobs := ci.jobs(step) with input as flow
	jobs == {job}
	steps := ci.steps(job) with input as flow
	steps == {step}
	parts := ci.of_workflow(workflow) with input as flow
	count(parts) == 3
	parts_of_all := data.keystrel.lib.ci.parts with input as flow
	count(parts_of_all) == 4
}

test_variables_of_a_step_alone if {
	[workflow, job, step, _] := flow.facts
	own := ci.own_secret_variables(step) with input as flow
	own == {"C"}
	of_job := ci.own_secret_variables(job) with input as flow
	of_job == {"B"}
	of_workflow := ci.own_secret_variables(workflow) with input as flow
	of_workflow == {"A"}
}

test_what_messages_call_them if {
	ci.called({"kind": "ci_workflow"}) == "the workflow"
	ci.called({"kind": "ci_job", "name": "a"}) == "job a"
	ci.called({"kind": "ci_step", "job": "a"}) == "a step of job a"
}

test_actions_and_their_inputs if {
	ci.action({"uses": "Azure/login@v2"}) == "azure/login"
	ci.action({"uses": null}) == ""
	ci.input_of({"with": {"a": "b"}}, "a") == "b"
	ci.input_of({"with": {"a": 1}}, "a") == ""
	ci.input_of({"with": null}, "a") == ""
}

test_commands_go_on_behind_backslashes if {
	ci.commands({"run": "a \\\n  b\nc"}) == ["a    b", "c"]
	ci.commands({"run": null}) == []
}

test_what_was_not_read if {
	bare := ci.without("ci_step", ["system"]) with input as flow
	count(bare) == 2
	unknown := data.keystrel.lib.ci.unread_access with input as flow
	count(unknown) == 4
}

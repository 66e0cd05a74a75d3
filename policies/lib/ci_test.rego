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

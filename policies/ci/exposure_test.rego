package keystrel.ci.exposure_test

import data.keystrel.ci.exposure

step(changes) := object.union(
	{
		"kind": "ci_step", "id": "s", "system": "jenkins", "job": "build", "run": null,
		"secrets": [], "secret_variables": [], "interpolated_secrets": [],
	},
	changes,
)

printed(changes) := found if found := exposure.ci_environment_printed with input as {"facts": [step(changes)]}

interpolated(changes) := found if found := exposure.ci_secret_interpolated with input as {"facts": [step(changes)]}

set_by(changes) := found if found := exposure.ci_set_variable_not_secret with input as {"facts": [step(changes)]}

test_a_printed_environment_is_found if {
	every run in ["printenv", "make\nenv | sort", "x && env", "export -p", "Get-ChildItem Env:", "gci env:* | Format-Table"] {
		printed({"run": run, "secret_variables": ["TOKEN"]}) == {{
			"fact": "s",
			"message": "a step of job build prints its environment, with TOKEN in it",
		}}
	}
}

test_an_environment_of_a_project_is_found if {
	every system in ["circleci", "gitlab-ci"] {
		printed({"run": "printenv", "system": system}) == {{
			"fact": "s",
			"message": "a step of job build prints its environment, with all variables of the project",
			"severity": "low",
		}}
	}
}

test_what_prints_no_environment_is_fine if {
	every run in ["env A=b make", "printenv HOME", "env | grep ^CI_ > f", "cat .env", "# printenv"] {
		printed({"run": run, "secret_variables": ["TOKEN"]}) == set()
	}
	printed({"run": "printenv"}) == set()
}

test_interpolation_is_found if {
	interpolated({"interpolated_secrets": ["A"]}) == {{
		"fact": "s",
		"message": "a step of job build has A in the text of its script",
	}}
}

test_interpolation_on_github_is_less if {
	interpolated({"interpolated_secrets": ["GITHUB_TOKEN", "A"], "system": "github-actions"}) == {{
		"fact": "s",
		"message": "a step of job build has A in the text of its script",
		"severity": "low",
	}}
}

test_interpolation_elsewhere_is_fine if {
	interpolated({}) == set()
	interpolated({"interpolated_secrets": ["A"], "system": "gitlab-ci"}) == set()
	interpolated({"interpolated_secrets": ["GITHUB_TOKEN"], "system": "github-actions"}) == set()
}

test_a_variable_that_is_not_masked_is_found if {
	set_by({"run": `echo "##vso[task.setvariable variable=apiToken]$t"`}) == {{
		"fact": "s",
		"message": "a step of job build sets apiToken, which is not masked",
	}}
}

test_a_masked_or_other_variable_is_fine if {
	set_by({"run": `echo "##vso[task.setvariable variable=apiToken;issecret=true]$t"`}) == set()
	set_by({"run": `echo "##vso[task.setvariable variable=version]1"`}) == set()
}

test_what_was_not_read_is_unknown if {
	every found in [unknown_printed, unknown_interpolated, unknown_set] {
		some finding in found
		finding.unknown
	}
}

bare := {"facts": [{"kind": "ci_step", "id": "s"}]}

unknown_printed := found if found := exposure.ci_environment_printed with input as bare

unknown_interpolated := found if found := exposure.ci_secret_interpolated with input as bare

unknown_set := found if found := exposure.ci_set_variable_not_secret with input as bare

argued(changes) := found if found := exposure.ci_secret_argument with input as {"facts": [step(changes)]}

handed(changes) := found if found := exposure.ci_secret_to_later_steps with input as {"facts": [step(changes)]}

test_an_argument_of_a_login_is_found if {
	every run in ["docker login -u a -p $TOKEN", "docker login \\\n --password=\"$TOKEN\" x", "helm registry login --password ${TOKEN} x"] {
		argued({"run": run, "secret_variables": ["TOKEN"]}) == {{
			"fact": "s",
			"message": "a step of job build gives TOKEN as an argument of a login",
		}}
	}
}

test_a_login_by_standard_input_is_fine if {
	argued({"run": "echo $TOKEN | docker login -u a --password-stdin", "secret_variables": ["TOKEN"]}) == set()
	argued({"run": "docker login -u a -p $OTHER", "secret_variables": ["TOKEN"]}) == set()
}

test_what_is_handed_to_later_steps_is_found if {
	every run in ["echo \"A=$TOKEN\" >> \"$GITHUB_ENV\"", "echo a=$TOKEN >>${GITHUB_OUTPUT}", "echo \"A=$env:TOKEN\" >> $env:GITHUB_ENV"] {
		handed({"run": run, "secret_variables": ["TOKEN"]}) == {{
			"fact": "s",
			"message": "a step of job build hands TOKEN to all later steps",
		}}
	}
}

test_what_is_handed_on_without_secrets_is_fine if {
	handed({"run": "echo A=b >> $GITHUB_ENV\necho $TOKEN > f", "secret_variables": ["TOKEN"]}) == set()
}

test_what_was_not_read_of_arguments_is_unknown if {
	every found in [unknown_argued, unknown_handed] {
		some finding in found
		finding.unknown
	}
}

unknown_argued := found if found := exposure.ci_secret_argument with input as bare

unknown_handed := found if found := exposure.ci_secret_to_later_steps with input as bare

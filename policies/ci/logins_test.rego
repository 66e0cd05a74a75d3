package keystrel.ci.logins_test

import data.keystrel.ci.logins

step(line, changes) := object.union(
	{
		"kind": "ci_step", "id": sprintf("s%d", [line]), "at": {"line": line}, "system": "github-actions", "workflow": "w",
		"job": "build", "run": null, "uses": null, "with": {},
	},
	changes,
)

job := {"kind": "ci_job", "id": "j", "workflow": "w", "name": "build", "credentials": []}

found(control, facts) := findings if {
	results := logins with input as {"facts": facts}
	findings := results[control]
}

passwords(facts) := found("ci_registry_password_literal", facts)

kept(steps) := found("ci_checkout_keeps_token", array.concat([job], steps))

checkout(version) := step(1, {"uses": sprintf("actions/checkout@%s", [version])})

upload(version, inputs) := step(2, {"uses": sprintf("actions/upload-artifact@%s", [version]), "with": inputs})

severities(findings) := {object.get(one, "severity", "info") | some one in findings}

test_a_password_of_an_image_is_found if {
	logins_of := [{"of": "container", "value_kind": "reference"}, {"of": "services.db", "value_kind": "literal"}]
	passwords([object.union(job, {"credentials": logins_of})]) == {{
		"fact": "j",
		"path": ["credentials", 1],
		"message": "job build has the password of the registry of services.db written out",
	}}
}

test_a_password_of_an_executor_is_found if {
	executor := {
		"kind": "ci_executor", "id": "e", "system": "circleci", "workflow": "w", "name": "default",
		"credentials": [{"of": "docker.0", "sort": "password", "value_kind": "literal"}],
	}
	passwords([executor]) == {{
		"fact": "e",
		"path": ["credentials", 0],
		"message": "executor default has the password of the registry of docker.0 written out",
	}}
	some finding in passwords([{"kind": "ci_executor", "id": "b"}])
	finding.unknown
}

test_a_password_of_a_login_is_found if {
	passwords([login("abc")]) == {{
		"fact": "s1",
		"path": ["with", "password"],
		"message": "a step of job build has the password of a registry written out",
	}}
	passwords([login("${{ secrets.A }}")]) == set()
	passwords([login("")]) == set()
}

login(password) := step(1, {"uses": "docker/login-action@v3", "with": {"password": password}})

app(inputs) := found("ci_app_token_broad", [step(1, {"uses": "actions/create-github-app-token@v2", "with": inputs})])

test_a_checkout_keeps_its_token if {
	every version in ["v4", "v5.0.0", "11bd71901bbe5b1630ceea73d27597364c9af683"] {
		kept([checkout(version)]) == {{
			"fact": "s1",
			"message": "a step of job build leaves its token to all later steps",
		}}
	}
}

test_a_commit_of_a_version_that_keeps_it_is_found if {
	every version in ["v4.2.2", "5.0.0", null] {
		count(kept([object.union(checkout("11bd71901bbe5b1630ceea73d27597364c9af683"), {"version": version})])) == 1
	}
	severities(kept([checkout("v4"), object.union(upload("6f51ac03b9356f520e9adb1b1b7802705f340c2b", {"path": "."}), {"version": "v3.1.0"})])) == {"high"}
}

test_a_checkout_that_says_what_it_does_is_fine if {
	every value in ["false", "true"] {
		kept([object.union(checkout("v4"), {"with": {"persist-credentials": value}})]) == set()
	}
	every version in ["v6", "v6.0.1", "v10"] {
		kept([checkout(version)]) == set()
		kept([object.union(checkout("de0fac2e4500dabe0009e67214ff5f5447ce83dd"), {"version": version})]) == set()
	}
}

test_a_checkout_whose_token_is_needed_is_fine if {
	kept([checkout("v4"), step(2, {"run": "git push origin main"})]) == set()
	kept([checkout("v4"), step(2, {"uses": "peter-evans/create-pull-request@v7"})]) == set()
}

test_a_token_that_is_uploaded_is_worse if {
	every inputs in [{"path": ".git"}, {"path": "out\n./.git/config"}, {"path": ".", "include-hidden-files": "true"}, {"path": "${{ github.workspace }}/**", "include-hidden-files": "true"}] {
		severities(kept([checkout("v4"), upload("v4", inputs), step(3, {"run": "git push"})])) == {"high"}
	}
	severities(kept([checkout("v4"), upload("v3", {"path": "./"})])) == {"high"}
	severities(kept([checkout("v4"), upload("v4", {"path": "."})])) == {"info"}
	severities(kept([checkout("v4"), upload("v4", {"path": "dist", "include-hidden-files": "true"})])) == {"info"}
	severities(kept([checkout("v4"), object.union(upload("v3", {"path": "."}), {"at": {"line": 1}})])) == {"info"}
}

test_tokens_of_apps_are_found if {
	app({"skip-token-revoke": "true"}) == {{
		"fact": "s1",
		"path": ["with", "skip-token-revoke"],
		"message": "a step of job build makes a token that stays good after the job",
	}}
	app({"owner": "acme"}) == {{
		"fact": "s1",
		"path": ["with", "owner"],
		"message": "a step of job build makes a token for all repositories of an owner",
	}}
	app({"owner": "acme", "repositories": "shop"}) == set()
	app({}) == set()
}

test_what_was_not_read_is_unknown if {
	facts := [{"kind": "ci_job", "id": "j"}, {"kind": "ci_step", "id": "s"}]
	every control in ["ci_registry_password_literal", "ci_checkout_keeps_token", "ci_app_token_broad"] {
		some finding in found(control, facts)
		finding.unknown
	}
}

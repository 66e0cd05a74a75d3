# METADATA
# title: Steps of continuous integration
package keystrel.lib.ci

import data.keystrel.lib.facts

# What a message calls a step.
named(step) := sprintf("a step of job %s", [step.job]) if is_string(step.job)

else := "a step"

# Steps of which it is not known which secrets they get.
unread := {step |
	some step in facts.of("ci_step")
	not facts.has(step, ["secrets", "secret_variables"])
}

# A list of a fact, empty where it has none.
list(fact, key) := fact[key] if {
	is_array(fact[key])
} else := []

# The lines of what a step runs.
lines(step) := split(step.run, "\n") if is_string(step.run)

else := []

# Lines that print what is on them to the log, rather than to a file or another program.
printing(step) := [line |
	some line in lines(step)
	regex.match(`(^|[;&|({]|\b(?:then|do|else)\b)\s*(?:echo|printf|Write-Host|Write-Output)\s`, line)
	not regex.match(`::add-mask::|##vso\[task\.set`, line)
	elsewhere := regex.replace(line, `\$\{\{.*?\}\}|\|\||[12]?>&[12]`, "")
	not regex.match(`[|>]`, elsewhere)
]

# Lines of a script while its shell shows commands.
traced(step) := [line |
	all_lines := lines(step)
	some at, line in all_lines
	not regex.match(`^\s*set\s+[-+]`, line)
	is_traced(step, array.slice(all_lines, 0, at))
]

is_traced(_, before) if {
	switches := [line | some line in before; regex.match(switch, line)]
	count(switches) > 0
	regex.match(switch_on, switches[count(switches) - 1])
}

is_traced(step, before) if {
	is_string(step.shell)
	regex.match(`\s-[a-wyz]*x`, step.shell)
	every line in before {
		not regex.match(switch, line)
	}
}

switch := `(?:^|[;&]\s*)\s*set\s+[-+](?:[a-z]*x|o\s+xtrace)|^#!.*\s-[a-z]*x`

switch_on := `(?:^|[;&]\s*)\s*set\s+-(?:[a-z]*x|o\s+xtrace)|^#!.*\s-[a-z]*x`

# The secrets that a line uses: by an expression, or by a variable that holds one.
used(step, line) := by_expression | by_variable if {
	by_expression := {name |
		some expression in regex.find_n(`\$\{\{.*?\}\}`, line, -1)
		some name in list(step, "secrets")
		regex.match(`^[A-Za-z0-9_-]+$`, name)
		regex.match(sprintf(`\bsecrets(?:\.|\[['"])%s\b`, [name]), expression)
	}
	by_variable := {name |
		some name in list(step, "secret_variables")
		regex.match(`^[A-Za-z_][A-Za-z0-9_.]*$`, name)
		regex.match(sprintf(`\$(?:\{|env:|\{env\.|\()?%s(?:[^A-Za-z0-9_]|$)`, [replace(name, ".", `\.`)]), line)
	}
}

# Whether a step fetches the code of whoever opened a pull request.
checks_out_head(step) if {
	is_string(step.uses)
	startswith(step.uses, "actions/checkout")
	is_object(step.with)
	some name in ["ref", "repository"]
	fetched := object.get(step.with, name, "")
	is_string(fetched)
	regex.match(head, fetched)
}

checks_out_head(step) if {
	some line in lines(step)
	regex.match(`\bgit\s+(?:fetch|checkout|pull|clone)\b`, line)
	regex.match(head, line)
}

checks_out_head(step) if {
	some line in lines(step)
	regex.match(`\bgh\s+pr\s+checkout\b`, line)
}

head := `github\.event\.(?:pull_request\.head|workflow_run\.head)|github\.head_ref|refs/pull/`

# The secrets that the steps of a step's job get.
job_secrets(step) := {name |
	some other in facts.of("ci_step")
	other.workflow == step.workflow
	other.job == step.job
	some name in list(other, "secrets")
}

# METADATA
# title: Steps of continuous integration
package keystrel.lib.ci

import data.keystrel.lib.facts

# What a message calls a step.
named(step) := sprintf("a step of job %s", [step.job]) if is_string(step.job)

else := "a step"

# What a message calls a workflow, a job or a step.
called(fact) := "the workflow" if fact.kind == "ci_workflow"

called(fact) := sprintf("job %v", [fact.name]) if fact.kind == "ci_job"

called(fact) := sprintf("executor %v", [fact.name]) if fact.kind == "ci_executor"

called(fact) := named(fact) if fact.kind == "ci_step"

# The facts of a kind of which something that rules read is not known.
without(kind, fields) := {fact |
	some fact in facts.of(kind)
	not facts.has(fact, fields)
}

# Workflows, jobs and steps of which it is not known how they use secrets.
unread_access := (without("ci_workflow", access) | without("ci_job", access)) | without("ci_step", access)

access := ["system", "secret_access"]

# Workflows, jobs and steps, each of which has variables and expressions of its own.
parts := (facts.of("ci_workflow") | facts.of("ci_job")) | facts.of("ci_step")

# The jobs of a step: one, unless the file has two of one name.
jobs(step) := {found |
	some found in facts.of("ci_job")
	found.workflow == step.workflow
	found.name == step.job
}

# Variables that hold secrets, without those that the job or the workflow of a step gives it.
own_secret_variables(fact) := {name |
	some name in list(fact, "secret_variables")
	is_string(name)
	not name in given(fact)
}

given(fact) := set() if fact.kind != "ci_step"

else := {name |
	some around in (jobs(fact) | {flow | some flow in facts.of("ci_workflow"); flow.id == fact.workflow})
	some name in list(around, "secret_variables")
}

# The jobs and steps of a workflow.
of_workflow(workflow) := {part |
	some part in (facts.of("ci_job") | facts.of("ci_step"))
	part.workflow == workflow.id
}

# The steps of a job.
steps(job) := {step |
	some step in facts.of("ci_step")
	step.workflow == job.workflow
	step.job == job.name
}

# The action that a step calls, in lower case and without its version.
action(step) := lower(split(step.uses, "@")[0]) if is_string(step.uses)

else := ""

# The version of the action that a step calls: of a commit what the file says beside it, empty where it says nothing.
version(step) := step.version if {
	is_string(object.get(step, "version", null))
} else := split(step.uses, "@")[1] if {
	contains(step.uses, "@")
} else := ""

# What a step gives the action that it calls; empty where that is no text.
input_of(step, name) := value if {
	is_object(step.with)
	value := step.with[name]
	is_string(value)
} else := ""

# The lines of what a step runs, each with those that go on with it.
commands(step) := split(regex.replace(step.run, `\\\r?\n`, " "), "\n") if is_string(step.run)

else := []

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

# Lines that print what is on them to the log, rather than to a file or another program, without what is within `$(` and `<(`:
# that is given to the command that it is in. `$(NAME)` is a variable of Azure Pipelines.
printing(step) := [line |
	some whole in lines(step)
	line := regex.replace(whole, `[$<]\(\s*[^\s()]+\s(?:[^()]|\([^()]*\))*\)`, "")
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

# METADATA
# title: Tasks of Ansible
package keystrel.iac.ansible

import data.keystrel.lib.facts

# METADATA
# title: A task of Ansible shows a secret
# description: >-
#   Ansible prints the arguments and the results of tasks, in its output and in the logs of controllers and hosts, and modules that
#   run commands or write texts do not know which of them are secrets.
# related_resources:
# - ref: https://docs.ansible.com/ansible/latest/reference_appendices/logging.html#protecting-sensitive-data-with-no-log
# custom:
#   id: ansible-no-log-missing
#   severity: medium
#   subject: ansible_task
#   needs: [ansible_task]
#   remediation: Say `no_log true` on the task, or on what it is in.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
ansible_no_log_missing contains finding if {
	some task in facts.of("ansible_task")
	task.no_log == false
	is_telling(task)
	names := {name | some name in list(task, "secrets")} | {name | some name in list(task, "loop_secrets")}
	count(names) > 0
	finding := {
		"fact": task.id,
		"message": sprintf("%s shows %s", [named(task), concat(", ", sort(names))]),
	}
}

# The items of a loop are printed, whatever the module.
ansible_no_log_missing contains finding if {
	some task in facts.of("ansible_task")
	task.no_log == false
	not is_telling(task)
	names := list(task, "loop_secrets")
	count(names) > 0
	finding := {
		"fact": task.id,
		"message": sprintf("%s shows %s, over which it loops", [named(task), concat(", ", sort(names))]),
	}
}

ansible_no_log_missing contains finding if {
	some task in facts.of("ansible_task")
	not facts.has(task, ["module", "secrets", "loop_secrets"])
	finding := {"fact": task.id, "unknown": "what the task does was not read"}
}

# Modules that print what they are given; others hide the arguments that take secrets.
is_telling(task) if {
	is_string(task.module)
	parts := split(task.module, ".")
	parts[count(parts) - 1] in {
		"add_host", "assert", "blockinfile", "command", "copy", "debug", "expect", "fail", "get_url", "lineinfile", "raw", "replace",
		"script", "set_fact", "shell", "uri", "win_command", "win_shell",
	}
}

list(task, key) := task[key] if {
	is_array(task[key])
} else := []

named(task) := sprintf("task \"%s\" (%s)", [task.name, task.module]) if {
	is_string(task.name)
} else := sprintf("a task (%s)", [task.module])

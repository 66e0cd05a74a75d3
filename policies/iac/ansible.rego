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

# METADATA
# title: A task lets others read the keys of a control plane
# description: >-
#   Whoever reads them is the authority of the cluster, an administrator, or the node whose file it is.
# related_resources:
# - ref: https://kubernetes.io/docs/setup/best-practices/certificates/
# custom:
#   id: k8s-pki-key-perms
#   severity: high
#   subject: ansible_task
#   needs: [ansible_task]
#   remediation: >-
#     Say `mode "0600"`, `owner root` and `group root`.
#   frameworks:
#     cis: [kubernetes/1.1.21]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
k8s_pki_key_perms contains finding if {
	some task in facts.of("ansible_task")
	path := task.file.path
	is_string(path)
	regex.match(`^/etc/kubernetes/(?:pki/(?:.*/)?[^/]+\.key|(?:admin|super-admin|controller-manager|scheduler|kubelet)\.conf)$`, path)
	is_string(task.file.mode)
	is_open(task.file.mode)
	finding := {
		"fact": task.id,
		"path": ["file", "mode"],
		"message": sprintf("%s lets others read %s (mode %s)", [named(task), path, task.file.mode]),
	}
}

k8s_pki_key_perms contains finding if {
	some task in facts.of("ansible_task")
	not facts.has(task, ["module"])
	finding := {"fact": task.id, "unknown": "what the task does was not read"}
}

# METADATA
# title: A task lets others read the data of etcd
# description: >-
#   The files of etcd hold all Secrets of the cluster, in clear unless the API server encrypts them.
# related_resources:
# - ref: https://etcd.io/docs/latest/op-guide/configuration/
# custom:
#   id: k8s-etcd-data-perms
#   severity: high
#   subject: ansible_task
#   needs: [ansible_task]
#   remediation: >-
#     Say `mode "0700"`, and etcd's own user as `owner`.
#   frameworks:
#     cis: [kubernetes/1.1.11]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
k8s_etcd_data_perms contains finding if {
	some task in facts.of("ansible_task")
	path := task.file.path
	is_string(path)
	regex.match(`^/var/lib/etcd(?:/.*)?$`, path)
	is_string(task.file.mode)
	is_open(task.file.mode)
	finding := {
		"fact": task.id,
		"path": ["file", "mode"],
		"message": sprintf("%s lets others read %s (mode %s)", [named(task), path, task.file.mode]),
	}
}

k8s_etcd_data_perms contains finding if {
	some task in facts.of("ansible_task")
	not facts.has(task, ["module"])
	finding := {"fact": task.id, "unknown": "what the task does was not read"}
}

# Whether a mode, in digits or letters, lets the group or others do anything.
is_open(mode) if regex.match(`^0?[0-7]?[0-7](?:[1-7][0-7]|[0-7][1-7])$`, mode)

is_open(mode) if regex.match(`(?:^|,)[u]*(?:a|g|o)[ugo]*[+=][rwxX]`, mode)

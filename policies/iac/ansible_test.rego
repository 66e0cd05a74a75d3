package keystrel.iac.ansible_test

import data.keystrel.iac.ansible

found(changes) := findings if {
	task := object.union(
		{
			"kind": "ansible_task", "id": "t", "name": "log in", "module": "ansible.builtin.shell", "no_log": false,
			"secrets": ["db_password"], "loop_secrets": [],
		},
		changes,
	)
	findings := ansible.ansible_no_log_missing with input as {"facts": [task]}
}

test_a_task_that_shows_a_secret_is_found if {
	found({}) == {{"fact": "t", "message": "task \"log in\" (ansible.builtin.shell) shows db_password"}}
	found({"name": null, "module": "debug"}) == {{"fact": "t", "message": "a task (debug) shows db_password"}}
}

test_a_loop_is_found if {
	found({"module": "mysql_user", "secrets": ["x"], "loop_secrets": ["passwords"]}) == {{
		"fact": "t",
		"message": "task \"log in\" (mysql_user) shows passwords, over which it loops",
	}}
}

test_other_tasks_are_fine if {
	found({"no_log": true}) == set()
	found({"no_log": null}) == set()
	found({"module": "mysql_user"}) == set()
	found({"secrets": []}) == set()
}

test_what_was_not_read_is_unknown if {
	some finding in found({"secrets": null})
	finding.unknown
}

made(control, file) := findings if {
	task := {
		"kind": "ansible_task", "id": "t", "name": "keys", "module": "file", "no_log": false, "secrets": [], "loop_secrets": [],
		"file": file,
	}
	results := ansible with input as {"facts": [task]}
	findings := results[control]
}

test_open_keys if {
	every mode in ["0644", "644", "00640", "u=rw,g=r", "a+r", "0601"] {
		made("k8s_pki_key_perms", {"path": "/etc/kubernetes/pki/etcd/ca.key", "mode": mode}) == {{
			"fact": "t",
			"path": ["file", "mode"],
			"message": sprintf("task \"keys\" (file) lets others read /etc/kubernetes/pki/etcd/ca.key (mode %s)", [mode]),
		}}
	}
	count(made("k8s_pki_key_perms", {"path": "/etc/kubernetes/admin.conf", "mode": "0644"})) == 1
}

test_closed_keys if {
	every mode in ["0600", "400", "u=rw,go=", "u=rw", null, "{{ mode }}", "preserve"] {
		made("k8s_pki_key_perms", {"path": "/etc/kubernetes/pki/ca.key", "mode": mode}) == set()
	}
	made("k8s_pki_key_perms", {"path": "/etc/kubernetes/pki/ca.crt", "mode": "0644"}) == set()
	made("k8s_pki_key_perms", null) == set()
}

test_data_of_etcd if {
	made("k8s_etcd_data_perms", {"path": "/var/lib/etcd", "mode": "0755"}) == {{
		"fact": "t",
		"path": ["file", "mode"],
		"message": "task \"keys\" (file) lets others read /var/lib/etcd (mode 0755)",
	}}
	made("k8s_etcd_data_perms", {"path": "/var/lib/etcd", "mode": "0700"}) == set()
	made("k8s_etcd_data_perms", {"path": "/var/lib/etcdlike", "mode": "0755"}) == set()
}

test_tasks_that_were_not_read_are_unknown if {
	results := ansible with input as {"facts": [{"kind": "ansible_task", "id": "b"}]}
	every control in ["k8s_pki_key_perms", "k8s_etcd_data_perms"] {
		fixtures_unknown(results[control]) == {"b"}
	}
}

fixtures_unknown(findings) := {finding.fact | some finding in findings; finding.unknown}

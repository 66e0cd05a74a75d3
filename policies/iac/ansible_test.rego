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

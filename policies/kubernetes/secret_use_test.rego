package keystrel.kubernetes.secret_use_test

import data.keystrel.kubernetes.secret_use
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-rbac-unused-secret-right": {"threshold": 90}}

use(since, last) := found if {
	fact := {
		"kind": "k8s_secret_use", "id": "ada#use", "principal": "ada", "via": ["RoleBinding/shop/b"],
		"since": since, "until": fixtures.now, "last_read": last,
	}
	found := secret_use.k8s_rbac_unused_secret_right with input as fixtures.cluster([fact]) with data.params as params
}

test_unused if {
	use("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z") == {{"fact": "ada#use", "message": "ada may read Secrets, and has not for 182 days"}}
	use("2026-01-01T00:00:00Z", null) == {{"fact": "ada#use", "message": "ada may read Secrets, and has not for 333 days"}}
}

test_used if {
	count(use("2026-01-01T00:00:00Z", "2026-11-29T00:00:00Z")) == 0
	count(use("2026-11-29T00:00:00Z", "2026-11-29T00:00:00Z")) == 0
}

test_at_the_threshold if {
	count(use("2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z")) == 0
	count(use("2026-01-01T00:00:00Z", "2026-08-31T00:00:00Z")) == 1
}

test_a_short_log_does_not_tell if {
	use("2026-11-01T00:00:00Z", null) == {{"fact": "ada#use", "unknown": "the audit log has the last 29 days alone"}}
	fixtures.unknown(use("2026-09-01T00:00:00Z", null)) == {"ada#use"}
	fixtures.unknown(use(null, null)) == {"ada#use"}
	fixtures.found(use(null, null)) == set()
}

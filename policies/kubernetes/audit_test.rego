package keystrel.kubernetes.audit_test

import data.keystrel.kubernetes.audit
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-audit-retention": {"threshold": [30, 10, 100]}}

cluster := {"kind": "k8s_cluster", "id": "cluster", "managed": false}

with_flags(flags) := fixtures.cluster([cluster, fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{
	"image": "kube-apiserver:v1",
	"command": array.concat(["kube-apiserver"], flags),
}]}})])

hidden := fixtures.cluster([cluster, fixtures.resource("Pod", "kube-system", "a", {"spec": {"containers": [{
	"image": "kube-apiserver:v1",
	"command": ["sh"],
}]}})])

enabled(inventory) := found if {
	found := audit.k8s_audit_enabled with input as inventory
}

test_no_log if {
	enabled(with_flags([])) == {{"fact": "cluster", "message": "a has no audit policy"}}
	enabled(with_flags(["--audit-policy-file=/p"])) == {{"fact": "cluster", "message": "a writes its audit log nowhere"}}
	count(enabled(with_flags(["--audit-policy-file=/p", "--audit-log-path=-"]))) == 0
	count(enabled(with_flags(["--audit-policy-file=/p", "--audit-webhook-config-file=/w"]))) == 0
	fixtures.unknown(enabled(hidden)) == {"cluster"}
	fixtures.unknown(enabled(fixtures.cluster([cluster]))) == {"cluster"}
}

kept(inventory) := found if {
	found := audit.k8s_audit_retention with input as inventory with data.params as params
}

test_kept_for_a_short_time if {
	path := "--audit-log-path=/var/log/audit.log"
	kept(with_flags([path, "--audit-log-maxage=29"])) == {{"fact": "cluster", "message": "a has --audit-log-maxage=29, of at least 30"}}
	count(kept(with_flags([path, "--audit-log-maxage=30", "--audit-log-maxbackup=10", "--audit-log-maxsize=100"]))) == 0
	count(kept(with_flags([path, "--audit-log-maxbackup=9", "--audit-log-maxsize=99"]))) == 2
	count(kept(with_flags([path, "--audit-log-maxage=0"]))) == 0
	count(kept(with_flags([path]))) == 0
	count(kept(with_flags([path, "--audit-log-maxage=x"]))) == 0
	fixtures.unknown(kept(hidden)) == {"cluster"}
}

test_it_is_not_for_servers_without_a_file if {
	none := {{"fact": "cluster", "not_applicable": "the API server writes no audit log to a file"}}
	kept(with_flags(["--audit-log-path=-", "--audit-log-maxage=1"])) == none
	kept(with_flags([])) == none
}

levels(rules) := {finding.message | some finding in found} if {
	found := audit.k8s_audit_secrets_level with input as fixtures.cluster([{"kind": "k8s_audit_policy", "id": "p", "omitStages": null, "rules": rules}])
}

secrets(level) := {"level": level, "resources": [{"group": "", "resources": ["secrets"]}]}

rest := {"level": "Metadata"}

test_metadata_is_fine if {
	levels([rest]) == set()
	levels([secrets("Metadata"), {"level": "None"}]) == set()
	levels([{"level": "None", "nonResourceURLs": ["/healthz*"]}, rest]) == set()
}

test_nothing_is_written if {
	levels([secrets("None"), rest]) == {"reads of Secrets are not written to the audit log"}
	levels([{"level": "None"}]) == {"reads of Secrets are not written to the audit log"}
	levels([{"level": "None", "resources": [{"group": ""}]}, rest]) == {"reads of Secrets are not written to the audit log"}
}

test_no_rule_is_for_all if {
	levels([{"level": "Metadata", "users": ["ada"]}]) == {"no rule is for all reads of Secrets: the rest is not written to the audit log"}
	levels([]) == {"no rule is for all reads of Secrets: the rest is not written to the audit log"}
	named := {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"], "resourceNames": ["one"]}]}
	levels([named]) == {"no rule is for all reads of Secrets: the rest is not written to the audit log"}
	levels([{"level": "Metadata", "verbs": ["get"]}]) == {"no rule is for all reads of Secrets: the rest is not written to the audit log"}
	levels([{"level": "Metadata", "verbs": ["get", "list", "watch"]}]) == set()
	levels([{"level": "Metadata", "verbs": ["*"]}]) == set()
}

test_values_are_written if {
	levels([{"level": "RequestResponse"}]) == {
		"values of secrets are written to the audit log, at level RequestResponse",
		"values of serviceaccounts/token are written to the audit log, at level RequestResponse",
		"values of tokenreviews are written to the audit log, at level RequestResponse",
	}
	levels([secrets("Metadata"), {"level": "Request", "resources": [{"group": "authentication.k8s.io", "resources": ["*"]}]}, rest]) == {"values of tokenreviews are written to the audit log, at level Request"}
	levels([secrets("Metadata"), {"level": "Request", "resources": [{"group": "", "resources": ["serviceaccounts/*"]}]}, rest]) == {"values of serviceaccounts/token are written to the audit log, at level Request"}
}

test_rules_that_are_never_reached_are_fine if {
	levels([rest, {"level": "RequestResponse"}, secrets("None")]) == set()
}

test_some_reads_are_left_out if {
	levels([{"level": "None", "users": ["ada"]}, rest]) == {"some reads of Secrets are not written to the audit log"}
	levels([{"level": "None", "users": ["system:kube-controller-manager"]}, rest]) == set()
	levels([{"level": "None", "userGroups": ["system:nodes"]}, rest]) == set()
	levels([{"level": "None", "userGroups": ["system:authenticated"]}, rest]) == {"some reads of Secrets are not written to the audit log"}
	levels([{"level": "None", "namespaces": ["dev"]}, rest]) == {"some reads of Secrets are not written to the audit log"}
}

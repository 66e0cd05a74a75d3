package keystrel.vault.audit_test

import data.keystrel.vault.audit

params := {
	"vault-audit-failures": {"threshold": 0},
	"vault-audit-single-device": {"threshold": 2},
}

base := {"kind": "vault_audit_device", "id": "sys/audit/file/", "namespace": "", "path": "file/", "type": "file", "local": false, "options": {"file_path": "/var/log/vault/audit.log"}, "filtered": false, "fallback": false, "sink": "/var/log/vault/audit.log"}

device(path, fields) := object.union_n([base, {"id": path, "path": path}, fields])

server := {"kind": "vault_server", "id": "sys", "replication_performance_mode": "primary"}

inventory(devices) := {"facts": array.concat([server], devices), "gaps": []}

unreadable := {"facts": [server], "gaps": [{"needs": "vault_audit_device", "what": "sys/audit", "why": "denied"}]}

none(inventory) := found if {
	found := audit.vault_audit_none with input as inventory
}

test_no_device if {
	none(inventory([])) == {{"fact": "sys", "message": "no audit device is on"}}
	none(inventory([base])) == set()
	none(unreadable) == set()
}

without_devices := {{"fact": "sys", "not_applicable": "no audit device is on"}}

single(inventory) := found if {
	found := audit.vault_audit_single_device with input as inventory with data.params as params
}

test_one_device if {
	single(inventory([base])) == {{"fact": "sys", "message": "audit devices are file/ alone, of at least 2"}}
	single(inventory([base, device("syslog/", {"type": "syslog"})])) == set()
	single(inventory([])) == without_devices
	single(object.union(inventory([base]), {"gaps": unreadable.gaps})) == set()
}

same(devices) := messages if {
	found := audit.vault_audit_same_sink with input as inventory(devices)
	messages := {finding.message | some finding in found}
}

test_one_place if {
	same([base, device("b/", {"options": {"file_path": "/var/log/vault/b.log"}})]) == {"all 2 audit devices end in the directory /var/log/vault/"}
	same([device("a/", {"type": "socket", "sink": "siem:9090"}), device("b/", {"type": "http", "sink": "siem"})]) == {"all 2 audit devices end in the host siem"}
	same([device("a/", {"type": "syslog"}), device("b/", {"type": "syslog"})]) == {"all 2 audit devices end in syslog"}
	same([device("a/", {"options": {"file_path": "stdout"}}), device("b/", {"options": {"file_path": "stdout"}})]) == {"all 2 audit devices end in the standard output"}
}

test_several_places if {
	same([base, device("b/", {"options": {"file_path": "/mnt/audit/b.log"}})]) == set()
	same([base, device("b/", {"type": "syslog"})]) == set()
	same([base, device("b/", {"options": {"file_path": null}})]) == set()
}

test_one_device_alone_is_another_matter if {
	every devices in [[], [base]] {
		found := audit.vault_audit_same_sink with input as inventory(devices)
		found == {{"fact": "sys", "not_applicable": "there are no two audit devices"}}
	}
}

filtered(devices) := found if {
	found := audit.vault_audit_filter_excludes with input as inventory(devices)
}

test_filters if {
	filtered([device("a/", {"filtered": true}), device("b/", {"filtered": true})]) == {{"fact": "sys", "message": "every audit device (a/, b/) has a filter or exclusions, and none is a fallback"}}
	filtered([device("a/", {"filtered": true}), base]) == set()
	filtered([device("a/", {"filtered": true}), device("b/", {"filtered": true, "fallback": true})]) == set()
	filtered([]) == without_devices
}

local_only(mode, devices) := found if {
	found := audit.vault_audit_local_only with input as {"facts": array.concat([object.union(server, {"replication_performance_mode": mode})], devices)}
}

test_local if {
	local_only("primary", [device("a/", {"local": true})]) == {{"fact": "sys", "message": "all audit devices are local, so that performance replication brings none"}}
	local_only("primary", [device("a/", {"local": true}), base]) == set()
	local_only("secondary", []) == without_devices
}

test_local_devices_matter_to_replication_alone if {
	alone := {{"fact": "sys", "not_applicable": "there is no performance replication"}}
	local_only("disabled", [device("a/", {"local": true})]) == alone
	local_only(null, [device("a/", {"local": true})]) == alone
}

metrics(request, response) := {"kind": "vault_metrics", "id": "m", "audit_log_request_failure": request, "audit_log_response_failure": response}

failing(request, response) := found if {
	found := audit.vault_audit_failures with input as {"facts": [base, metrics(request, response)]} with data.params as params
}

test_without_devices_nothing_fails_to_be_written if {
	found := audit.vault_audit_failures with input as {"facts": [metrics(null, null)]} with data.params as params
	found == {{"fact": "m", "not_applicable": "no audit device is on"}}
}

test_failures if {
	failing(2, 1) == {{"fact": "m", "message": "3 audit records could not be written"}}
	count(failing(null, 1)) == 1
	failing(0, 0) == set()
	failing(null, null) == set()
}

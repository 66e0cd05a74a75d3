package keystrel.vault.server_test

import data.keystrel.vault.server

# An inventory with a configuration that is as it should be, but for some fields, and with further facts.
config(fields, others) := {"facts": array.concat(
	[object.union(
		{
			"kind": "vault_config",
			"id": "sys/config/state/sanitized",
			"raw_storage_endpoint": false,
			"introspection_endpoint": false,
			"enable_ui": false,
			"disable_mlock": false,
			"log_level": "info",
			"storage": {"type": "consul"},
			"telemetry_sinks": ["prometheus"],
		},
		fields,
	)],
	others,
)}

fact(kind, id, fields) := {"facts": [object.union({"kind": kind, "id": id}, fields)]}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

aside(found) := {finding.fact | some finding in found; finding.not_applicable}

test_vault_raw_endpoint if {
	said(server.vault_raw_endpoint) == {"`raw_storage_endpoint` is on"} with input as config({"raw_storage_endpoint": true}, [])
	count(server.vault_raw_endpoint) == 0 with input as config({}, [])
	unclear(server.vault_raw_endpoint) == {"sys/config/state/sanitized"} with input as config({"raw_storage_endpoint": null}, [])
}

test_vault_introspection if {
	said(server.vault_introspection) == {"`introspection_endpoint` is on"} with input as config({"introspection_endpoint": true}, [])
	count(server.vault_introspection) == 0 with input as config({}, [])
	count(server.vault_introspection) == 0 with input as config({"introspection_endpoint": null}, [])
}

test_vault_ui_exposed if {
	said(server.vault_ui_exposed) == {"the web interface is on"} with input as config({"enable_ui": true}, [])
	count(server.vault_ui_exposed) == 0 with input as config({}, [])
	unclear(server.vault_ui_exposed) == {"sys/config/state/sanitized"} with input as config({"enable_ui": null}, [])
}

test_vault_mlock_off if {
	said(server.vault_mlock_off) == {"`disable_mlock` is on, with storage of type consul"} with input as config({"disable_mlock": true}, [])
	aside(server.vault_mlock_off) == {"sys/config/state/sanitized"} with input as config({"disable_mlock": true, "storage": {"type": "raft"}}, [])
	count(server.vault_mlock_off) == 0 with input as config({}, [])
	openbao := [{"kind": "vault_server", "id": "sys", "product": "openbao"}]
	every set in [true, null] {
		found := server.vault_mlock_off with input as config({"disable_mlock": set}, openbao)
		aside(found) == {"sys/config/state/sanitized"}
		count(found) == 1
	}
	unclear(server.vault_mlock_off) == {"sys/config/state/sanitized"} with input as config({"disable_mlock": null}, [])
}

test_vault_log_level_trace if {
	params := {"vault-log-level-trace": {"threshold": ["trace", "debug"]}}
	said(server.vault_log_level_trace) == {"the server logs at debug"} with input as config({"log_level": "DEBUG"}, []) with data.params as params
	count(server.vault_log_level_trace) == 0 with input as config({}, []) with data.params as params
	count(server.vault_log_level_trace) == 0 with input as config({"log_level": null}, []) with data.params as params
	count(server.vault_log_level_trace) == 1 with input as config({}, []) with data.params as {"vault-log-level-trace": {"threshold": ["info"]}}
}

cors(fields) := fact("vault_cors", "sys/config/cors", object.union({"enabled": true, "allowed_origins": ["https://portal.example.com"]}, fields))

test_vault_cors_any if {
	said(server.vault_cors_any) == {"cross-origin requests are allowed from everywhere"} with input as cors({"allowed_origins": ["*"]})
	count(server.vault_cors_any) == 0 with input as cors({})
	count(server.vault_cors_any) == 0 with input as cors({"enabled": false, "allowed_origins": ["*"]})
	unclear(server.vault_cors_any) == {"sys/config/cors"} with input as cors({"enabled": null})
}

dev(fields) := fact("vault_server", "sys", {"seal_status": object.union({"storage_type": "inmem", "t": 1, "n": 1}, fields)})

test_vault_dev_mode if {
	said(server.vault_dev_mode) == {"the server keeps all in memory and has one unseal key: it is one for development"} with input as dev({})
	count(server.vault_dev_mode) == 0 with input as dev({"storage_type": "raft"})
	count(server.vault_dev_mode) == 0 with input as dev({"n": 3})
	unclear(server.vault_dev_mode) == {"sys"} with input as dev({"storage_type": null})
}

test_vault_telemetry_off if {
	said(server.vault_telemetry_off) == {"telemetry has no sink"} with input as config({"telemetry_sinks": []}, [])
	count(server.vault_telemetry_off) == 1 with input as config({"telemetry_sinks": null}, [])
	count(server.vault_telemetry_off) == 0 with input as config({}, [])
}

test_vault_no_rate_quota if {
	sys := {"kind": "vault_server", "id": "sys"}
	said(server.vault_no_rate_quota) == {"there is no quota on requests or leases"} with input as {"facts": [sys]}
	every kind in ["vault_rate_limit_quota", "vault_lease_count_quota"] {
		count(server.vault_no_rate_quota) == 0 with input as {"facts": [sys, {"kind": kind, "id": "q"}]}
	}
	count(server.vault_no_rate_quota) == 0 with input as {"facts": []}
	count(server.vault_no_rate_quota) == 0 with input as {"facts": [sys], "gaps": [{"needs": "vault_lease_count_quota", "what": "q", "why": "denied"}]}
}

plugin(fields) := fact("vault_plugin", "sys/plugins/catalog/secret/x", object.union(
	{"builtin": false, "version": "v1.4.0", "sha256": "0a", "deprecation_status": null, "mounted_by": ["sys/mounts/x/"]},
	fields,
))

test_vault_plugin_external if {
	said(server.vault_plugin_external) == {"`sys/plugins/catalog/secret/x`: the external plugin is registered without version"} with input as plugin({"version": ""})
	said(server.vault_plugin_external) == {"`sys/plugins/catalog/secret/x`: the external plugin is registered without version and sha256"} with input as plugin({"version": null, "sha256": ""})
	count(server.vault_plugin_external) == 0 with input as plugin({})
	count(server.vault_plugin_external) == 0 with input as plugin({"builtin": true, "version": "", "sha256": ""})
	unclear(server.vault_plugin_external) == {"sys/plugins/catalog/secret/x"} with input as plugin({"builtin": null})
}

test_vault_plugin_external_out_of_support if {
	said(server.vault_plugin_external) == {"`sys/plugins/catalog/secret/x`: is about to be removed, and `sys/mounts/x/` uses it"} with input as plugin({"builtin": true, "deprecation_status": "pending-removal"})
	said(server.vault_plugin_external) == {"`sys/plugins/catalog/secret/x`: is no longer supported, and 2 mounts use it"} with input as plugin({"builtin": true, "deprecation_status": "removed", "mounted_by": ["a", "b"]})
	count(server.vault_plugin_external) == 0 with input as plugin({"builtin": true, "deprecation_status": "removed", "mounted_by": []})
	count(server.vault_plugin_external) == 0 with input as plugin({"builtin": true, "deprecation_status": "deprecated"})
}

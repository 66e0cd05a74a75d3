# METADATA
# title: What is audited as a whole
package keystrel.vault.audit

import data.keystrel.lib.facts
import data.keystrel.lib.gaps

# METADATA
# title: No audit device is on
# description: >-
#   Without an audit device nobody can tell who read which secret, today or after an incident.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit
# - ref: https://developer.hashicorp.com/vault/api-docs/system/audit
# custom:
#   id: vault-audit-none
#   severity: critical
#   subject: vault_server
#   needs: [vault_audit_device, vault_server]
#   remediation: >-
#     Run `vault audit enable file file_path=/var/log/vault/audit.log`, ship the file elsewhere and add a second
#     device. OpenBao 2.4 and later take devices from the configuration of the server (`audit` stanza).
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
vault_audit_none contains finding if {
	count(devices) == 0
	gaps.none("vault_audit_device")
	some server in facts.of("vault_server")
	finding := {"fact": server.id, "message": "no audit device is on"}
}

# METADATA
# title: There is one audit device only
# description: >-
#   Vault answers a request only if a device could write it: a full disk or a stuck collector then stops all
#   clients, and what it loses is nowhere else.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit/best-practices
# custom:
#   id: vault-audit-single-device
#   severity: high
#   subject: vault_server
#   needs: [vault_audit_device, vault_server]
#   threshold: 2
#   remediation: >-
#     Enable a second device of another type or on another disk: `vault audit enable -path=audit2 syslog tag=vault
#     facility=AUTH`.
#   frameworks:
#     nist_800_53: [AU-5]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
vault_audit_single_device contains finding if {
	gaps.none("vault_audit_device")
	count(devices) > 0
	count(devices) < data.params["vault-audit-single-device"].threshold
	names := concat(", ", sort([device.path | some device in devices]))
	some server in facts.of("vault_server")
	finding := {
		"fact": server.id,
		"message": sprintf("audit devices are %s alone, of at least %v", [names, data.params["vault-audit-single-device"].threshold]),
	}
}

vault_audit_single_device contains finding if some finding in without_devices

# METADATA
# title: All audit devices end in one place
# description: >-
#   Two devices on one disk or one collector fail together and are lost together.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit/best-practices
# custom:
#   id: vault-audit-same-sink
#   severity: medium
#   subject: vault_server
#   needs: [vault_audit_device, vault_server]
#   remediation: >-
#     Put one device elsewhere: `vault audit enable -path=remote socket address=collector.example.com:9090
#     socket_type=tcp`, or a file on another disk.
#   frameworks:
#     nist_800_53: [AU-9(2)]
#     pci_dss_4: ["10.3.3"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
vault_audit_same_sink contains finding if {
	count(devices) > 1
	places := {place(device) | some device in devices}
	count(places) == 1
	some server in facts.of("vault_server")
	every device in devices {
		place(device)
	}
	some one in places
	finding := {
		"fact": server.id,
		"message": sprintf("all %v audit devices end in %s", [count(devices), one]),
	}
}

vault_audit_same_sink contains finding if {
	count(devices) < 2
	some server in facts.of("vault_server")
	finding := {"fact": server.id, "not_applicable": "there are no two audit devices"}
}

# METADATA
# title: Every audit device leaves something out
# description: >-
#   What a filter drops or `exclude` cuts away on all devices is recorded nowhere.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/audit/filtering
# custom:
#   id: vault-audit-filter-excludes
#   severity: high
#   subject: vault_server
#   needs: [vault_audit_device, vault_server]
#   remediation: >-
#     Keep one device without `filter` and `exclude`, or add one with `fallback=true` for what no filter takes.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
vault_audit_filter_excludes contains finding if {
	gaps.none("vault_audit_device")
	count(devices) > 0
	names := concat(", ", sort([device.path | some device in devices]))
	some server in facts.of("vault_server")
	every device in devices {
		device.filtered == true
		not device.fallback == true
	}
	finding := {
		"fact": server.id,
		"message": sprintf("every audit device (%s) has a filter or exclusions, and none is a fallback", [names]),
	}
}

vault_audit_filter_excludes contains finding if some finding in without_devices

# METADATA
# title: No audit device is replicated
# description: >-
#   Devices that are local stay out of performance replication: a new secondary starts without any.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/replication
# custom:
#   id: vault-audit-local-only
#   severity: low
#   subject: vault_server
#   needs: [vault_audit_device, vault_server]
#   remediation: >-
#     Enable one device without `-local`, and check on each secondary with `vault audit list -detailed`.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
vault_audit_local_only contains finding if {
	gaps.none("vault_audit_device")
	count(devices) > 0
	some server in facts.of("vault_server")
	server.replication_performance_mode in {"primary", "secondary"}
	every device in devices {
		device.local == true
	}
	finding := {
		"fact": server.id,
		"message": "all audit devices are local, so that performance replication brings none",
	}
}

vault_audit_local_only contains finding if some finding in without_devices

vault_audit_local_only contains finding if {
	some server in facts.of("vault_server")
	not server.replication_performance_mode in {"primary", "secondary"}
	finding := {"fact": server.id, "not_applicable": "there is no performance replication"}
}

# METADATA
# title: Audit devices fail to write
# description: >-
#   Each failure is a request or an answer that a device did not record; if all fail, Vault stops to answer.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/internals/telemetry/metrics/audit
# custom:
#   id: vault-audit-failures
#   severity: high
#   subject: vault_metrics
#   needs: [vault_audit_device, vault_metrics]
#   threshold: 0
#   remediation: >-
#     Look for `failed to audit` in the log of the server; free the disk or repair the collector of the device.
#   frameworks:
#     nist_800_53: [AU-5]
#     pci_dss_4: ["10.7.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-13]
#     owasp_secrets: ["2.6"]
vault_audit_failures contains finding if {
	some metrics in facts.of("vault_metrics")
	failures := sum([failed |
		some name in ["audit_log_request_failure", "audit_log_response_failure"]
		failed := object.get(metrics, name, null)
		is_number(failed)
	])
	failures > data.params["vault-audit-failures"].threshold
	finding := {
		"fact": metrics.id,
		"message": sprintf("%v audit records could not be written", [failures]),
	}
}

vault_audit_failures contains finding if {
	count(devices) == 0
	some metrics in facts.of("vault_metrics")
	finding := {"fact": metrics.id, "not_applicable": "no audit device is on"}
}

devices := facts.of("vault_audit_device")

# That there is none is found by `vault-audit-none`.
without_devices := {{"fact": server.id, "not_applicable": "no audit device is on"} |
	some server in facts.of("vault_server")
	count(devices) == 0
}

# Where the records of a device end, as far as the device says: a directory, a host, syslog, the output of the process.
# Undefined if it does not say.
place(device) := "the standard output" if {
	device.type == "file"
	device.options.file_path == "stdout"
} else := sprintf("the directory %s", [directory]) if {
	device.type == "file"
	is_string(device.options.file_path)
	directory := regex.replace(device.options.file_path, `[^/]*$`, "")
} else := "syslog" if {
	device.type == "syslog"
} else := sprintf("the host %s", [host]) if {
	device.type != "file"
	is_string(device.sink)
	host := regex.replace(device.sink, `:[0-9]+$`, "")
}

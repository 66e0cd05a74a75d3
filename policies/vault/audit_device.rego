# METADATA
# title: What audit devices write
package keystrel.vault.audit_device

import data.keystrel.lib.facts

# METADATA
# title: An audit device writes secrets in clear
# description: >-
#   With `log_raw` values of secrets, tokens and passwords are in the log as they are, for all who read it, its
#   backups and what it is shipped to.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit
# custom:
#   id: vault-audit-log-raw
#   severity: critical
#   subject: vault_audit_device
#   needs: [vault_audit_device]
#   remediation: >-
#     Run `vault audit disable PATH` and enable it again without `log_raw`; treat what is in the old log as leaked.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [DSP-17, IAM-15]
#     owasp_secrets: ["8"]
vault_audit_log_raw contains finding if {
	some device in devices
	device.log_raw == true
	finding := {
		"fact": device.id,
		"message": sprintf("audit device %s writes secrets in clear (log_raw)", [device.path]),
	}
}

# METADATA
# title: An audit device writes accessors of tokens in clear
# description: >-
#   Whoever may look tokens up by accessor, or revoke them, finds in the log which to take. It is at times wanted, to
#   follow a token.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit
# custom:
#   id: vault-audit-hmac-accessor-off
#   severity: low
#   subject: vault_audit_device
#   needs: [vault_audit_device]
#   remediation: >-
#     Enable the device without `hmac_accessor=false`; `vault write sys/audit-hash/PATH input=ACCESSOR` finds a
#     known accessor all the same.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
vault_audit_hmac_accessor_off contains finding if {
	some device in devices
	device.hmac_accessor == false
	finding := {
		"fact": device.id,
		"message": sprintf("audit device %s writes accessors of tokens in clear", [device.path]),
	}
}

# METADATA
# title: An audit device throws its records away
# description: >-
#   A device that discards always succeeds, so that Vault answers even if no other could write. In memory records
#   last until the next start.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit/file
# custom:
#   id: vault-audit-discard-sink
#   severity: critical
#   subject: vault_audit_device
#   needs: [vault_audit_device]
#   remediation: >-
#     Run `vault audit disable PATH` and enable the device with a file on a disk, or `file_path=stdout` where a
#     collector takes that.
#   frameworks:
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
vault_audit_discard_sink contains finding if {
	some device in devices
	device.type == "file"
	is_discarded(option(device, "file_path"))
	finding := {
		"fact": device.id,
		"message": sprintf("audit device %s throws its records away (%s)", [device.path, option(device, "file_path")]),
	}
}

vault_audit_discard_sink contains finding if {
	some device in devices
	device.type == "file"
	is_string(option(device, "file_path"))
	is_volatile(option(device, "file_path"))
	finding := {
		"fact": device.id,
		"severity": "high",
		"message": sprintf("audit device %s writes to memory (%s)", [device.path, option(device, "file_path")]),
	}
}

# METADATA
# title: An audit file is open to others on its host
# description: >-
#   The log tells who reads what and when; who writes it can take traces out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit/file
# custom:
#   id: vault-audit-file-mode
#   severity: medium
#   subject: vault_audit_device
#   needs: [vault_audit_device]
#   remediation: >-
#     Enable the device with `mode=0600`, or `mode=0640` for the group of a collector.
#   frameworks:
#     nist_800_53: [AU-9]
#     pci_dss_4: ["10.3.1", "10.3.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-04, LOG-09]
#     owasp_secrets: ["2.6"]
vault_audit_file_mode contains finding if {
	some device in devices
	device.type == "file"
	mode := digits(option(device, "mode"))
	regex.match(`^.(?:[2367].|.[1-7])$`, mode)
	finding := {
		"fact": device.id,
		"message": sprintf("the file of audit device %s has mode %s, of at most 0640", [device.path, option(device, "mode")]),
	}
}

vault_audit_file_mode contains finding if {
	some device in devices
	device.type == "file"
	is_string(option(device, "mode"))
	not option(device, "mode") == ""
	not digits(option(device, "mode"))
	finding := {"fact": device.id, "unknown": "its mode is no octal number"}
}

# METADATA
# title: Audit records go by UDP
# description: >-
#   A datagram that is lost is not missed: Vault takes the record for written.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit/socket
# custom:
#   id: vault-audit-socket-udp
#   severity: medium
#   subject: vault_audit_device
#   needs: [vault_audit_device]
#   remediation: >-
#     Enable the device with `socket_type=tcp`, beside one that writes a file, since a TCP peer that hangs blocks.
#   frameworks:
#     nist_800_53: [AU-9]
#     pci_dss_4: ["10.3.3"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
vault_audit_socket_udp contains finding if {
	some device in devices
	device.type == "socket"
	option(device, "socket_type") == "udp"
	finding := {
		"fact": device.id,
		"message": sprintf("audit device %s sends its records by UDP", [device.path]),
	}
}

# METADATA
# title: A mount has secret fields written in clear to the audit log
# description: >-
#   Fields in `audit_non_hmac_request_keys` and `audit_non_hmac_response_keys` of a mount are in the log as they
#   are.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/mounts
# custom:
#   id: vault-audit-nonhmac-keys
#   severity: medium
#   subject: [vault_auth_mount, vault_mount]
#   needs: [vault_audit_device, vault_auth_mount, vault_mount]
#   threshold: [client_token, data, key, password, plaintext, private_key, secret, secret_access_key, secret_id, secret_key, token, value]
#   remediation: >-
#     Run `vault secrets tune -audit-non-hmac-request-keys=... PATH` (`vault auth tune` of an auth method) with the
#     harmless fields alone, and treat what was logged as leaked.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [DSP-17, IAM-15]
#     owasp_secrets: ["8"]
vault_audit_nonhmac_keys contains finding if {
	some mount in mounts
	keys := sensitive_keys(mount, data.params["vault-audit-nonhmac-keys"].threshold)
	count(keys) > 0
	finding := {
		"fact": mount.id,
		"message": sprintf("fields %s of %s are in clear in the audit log", [concat(", ", sort(keys)), mount.path]),
	}
}

vault_audit_nonhmac_keys contains finding if {
	count(devices) == 0
	some mount in mounts
	finding := {"fact": mount.id, "not_applicable": "no audit device is on"}
}

# METADATA
# title: A header with a credential is written in clear to the audit log
# description: >-
#   Headers that are audited without HMAC are in the log as clients send them.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/config-auditing
# custom:
#   id: vault-audit-request-headers
#   severity: low
#   subject: vault_request_header
#   needs: [vault_request_header]
#   threshold: [authorization, cookie, proxy-authorization, x-amz-security-token, x-api-key, x-vault-token]
#   remediation: >-
#     Run `vault write sys/config/auditing/request-headers/NAME hmac=true`, or `vault delete` it.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [DSP-17, IAM-15]
#     owasp_secrets: ["8"]
vault_audit_request_headers contains finding if {
	some header in facts.of("vault_request_header")
	header.hmac == false
	lower(header.name) in data.params["vault-audit-request-headers"].threshold
	finding := {
		"fact": header.id,
		"message": sprintf("header %s is in clear in the audit log", [header.name]),
	}
}

devices := facts.of("vault_audit_device")

option(device, name) := object.get(device.options, name, null) if {
	is_object(device.options)
} else := null

# Whether a path is thrown away at once, or with the memory that it is in.
is_discarded(path) if path in {"/dev/null", "discard"}

is_volatile(path) if {
	some directory in ["/dev/shm/", "/run/", "/var/run/"]
	startswith(path, directory)
}

# The last three octal digits of a mode: `0640` is `640`. `0` leaves the mode of the file as it is.
digits(mode) := substring(padded, count(padded) - 3, 3) if {
	is_string(mode)
	regex.match(`^0?o?[0-7]{1,4}$`, mode)
	padded := sprintf("000%s", [trim_prefix(trim_prefix(mode, "0"), "o")])
}

sensitive_keys(mount, names) := {key |
	is_object(mount.config)
	some field in ["audit_non_hmac_request_keys", "audit_non_hmac_response_keys"]
	is_array(mount.config[field])
	some key in mount.config[field]
	key in names
}

mounts := facts.of("vault_mount") | facts.of("vault_auth_mount")

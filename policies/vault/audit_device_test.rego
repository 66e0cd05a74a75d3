package keystrel.vault.audit_device_test

import data.keystrel.vault.audit_device

params := {
	"vault-audit-nonhmac-keys": {"threshold": ["client_token", "data", "key", "password", "plaintext", "private_key", "secret", "secret_access_key", "secret_id", "secret_key", "token", "value"]},
	"vault-audit-request-headers": {"threshold": ["authorization", "cookie", "proxy-authorization", "x-amz-security-token", "x-api-key", "x-vault-token"]},
}

base := {"kind": "vault_audit_device", "id": "d", "namespace": "", "path": "file/", "type": "file", "log_raw": false, "hmac_accessor": true, "options": {"file_path": "/var/log/vault/audit.log", "mode": null}}

inventory(fields) := {"facts": [object.union(base, fields)]}

raw(fields) := found if {
	found := audit_device.vault_audit_log_raw with input as inventory(fields)
}

test_raw if {
	raw({"log_raw": true}) == {{"fact": "d", "message": "audit device file/ writes secrets in clear (log_raw)"}}
	raw({}) == set()
}

accessor(fields) := found if {
	found := audit_device.vault_audit_hmac_accessor_off with input as inventory(fields)
}

test_accessors if {
	accessor({"hmac_accessor": false}) == {{"fact": "d", "message": "audit device file/ writes accessors of tokens in clear"}}
	accessor({}) == set()
}

discard(fields) := found if {
	found := audit_device.vault_audit_discard_sink with input as inventory(fields)
}

test_discarded if {
	discard({"options": {"file_path": "/dev/null"}}) == {{"fact": "d", "message": "audit device file/ throws its records away (/dev/null)"}}
	count(discard({"options": {"file_path": "discard"}})) == 1
	discard({"options": {"file_path": "/dev/shm/audit.log"}}) == {{"fact": "d", "severity": "high", "message": "audit device file/ writes to memory (/dev/shm/audit.log)"}}
}

test_kept if {
	discard({}) == set()
	discard({"options": {"file_path": "stdout"}}) == set()
	discard({"options": {"file_path": null}}) == set()
	discard({"options": null}) == set()
	discard({"type": "syslog", "options": {"file_path": "/dev/null"}}) == set()
}

mode(value) := found if {
	found := audit_device.vault_audit_file_mode with input as inventory({"options": {"mode": value}})
}

test_modes_that_are_open if {
	mode("0644") == {{"fact": "d", "message": "the file of audit device file/ has mode 0644, of at most 0640"}}
	every value in ["0660", "0601", "666", "0o644", "0620"] {
		count(mode(value)) == 1
	}
}

test_modes_that_are_fine if {
	every value in ["0600", "0640", "640", "0", "0000", "0o600", null, ""] {
		mode(value) == set()
	}
	set() == audit_device.vault_audit_file_mode with input as inventory({"type": "syslog", "options": {"mode": "0644"}})
}

test_a_mode_that_is_none if mode("rw-r--r--") == {{"fact": "d", "unknown": "its mode is no octal number"}}

udp(fields) := found if {
	found := audit_device.vault_audit_socket_udp with input as inventory(fields)
}

test_udp if {
	udp({"type": "socket", "options": {"socket_type": "udp"}}) == {{"fact": "d", "message": "audit device file/ sends its records by UDP"}}
	udp({"type": "socket", "options": {"socket_type": "tcp"}}) == set()
	udp({"type": "socket", "options": {"socket_type": null}}) == set()
	udp({}) == set()
}

keys(kind, config) := found if {
	found := audit_device.vault_audit_nonhmac_keys with input as {"facts": [base, {"kind": kind, "id": "m", "path": "secret/", "config": config}]}
		with data.params as params
}

test_keys_in_clear if {
	keys("vault_mount", {"audit_non_hmac_request_keys": ["data", "options"], "audit_non_hmac_response_keys": ["value"]}) == {{"fact": "m", "message": "fields data, value of secret/ are in clear in the audit log"}}
	count(keys("vault_auth_mount", {"audit_non_hmac_request_keys": ["password"], "audit_non_hmac_response_keys": null})) == 1
	keys("vault_mount", {"audit_non_hmac_request_keys": ["common_name"], "audit_non_hmac_response_keys": []}) == set()
	keys("vault_mount", {"audit_non_hmac_request_keys": null, "audit_non_hmac_response_keys": null}) == set()
	keys("vault_mount", null) == set()
}

test_keys_are_written_by_devices_alone if {
	mount := {"kind": "vault_mount", "id": "m", "path": "secret/", "config": null}
	found := audit_device.vault_audit_nonhmac_keys with input as {"facts": [mount]} with data.params as params
	found == {{"fact": "m", "not_applicable": "no audit device is on"}}
}

header(name, hmac) := found if {
	found := audit_device.vault_audit_request_headers with input as {"facts": [{"kind": "vault_request_header", "id": "h", "name": name, "hmac": hmac}]}
		with data.params as params
}

test_headers if {
	header("Authorization", false) == {{"fact": "h", "message": "header Authorization is in clear in the audit log"}}
	header("authorization", true) == set()
	header("user-agent", false) == set()
}

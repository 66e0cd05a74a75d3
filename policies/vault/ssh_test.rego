package keystrel.vault.ssh_test

import data.keystrel.vault.ssh

# An inventory with a role that is as it should be, but for some fields, and with further facts.
role(fields, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union(
			{
				"kind": "vault_ssh_role",
				"id": "ssh/roles/ops",
				"mount": "sys/mounts/ssh/",
				"key_type": "ca",
				"allow_user_certificates": true,
				"allow_host_certificates": false,
				"allowed_users": ["deploy"],
				"default_user": "deploy",
				"allow_empty_principals": false,
				"algorithm_signer": "default",
				"allowed_user_key_lengths": {"rsa": [3072, 4096], "ed25519": [0]},
				"ttl": 1800,
				"max_ttl": 28800,
				"cidr_list": [],
			},
			fields,
		)],
		others,
	),
}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

# Whom a role logs in as, by what is said.
found(fields) := messages if {
	messages := said(ssh.vault_ssh_any_user) with input as role(fields, [])
}

test_vault_ssh_any_user if {
	found({"allowed_users": ["deploy", "*"]}) == {"`ssh/roles/ops`: logs in as any user"}
	found({"allowed_users": ["root"]}) == {"`ssh/roles/ops`: logs in as root"}
	found({"default_user": "root"}) == {"`ssh/roles/ops`: logs in as root"}
	found({"allow_empty_principals": true}) == {"`ssh/roles/ops`: logs in as any user (no principals)"}
	found({"key_type": "otp", "default_user": "root", "allow_user_certificates": null}) == {"`ssh/roles/ops`: logs in as root"}
	found({}) == set()
	found({"allowed_users": null, "default_user": null, "allow_empty_principals": null}) == set()
	found({"allow_user_certificates": false, "allowed_users": ["*"]}) == set()
	unclear(ssh.vault_ssh_any_user) == {"ssh/roles/ops"} with input as role({"key_type": null}, [])
}

test_vault_ssh_long_ttl if {
	params := {"vault-ssh-long-ttl": {"threshold": 12}}
	mount := [{"kind": "vault_mount", "id": "sys/mounts/ssh/", "config": {"max_lease_ttl": 43200}}]
	said(ssh.vault_ssh_long_ttl) == {"`ssh/roles/ops`: a certificate lives up to 13 hours, of at most 12 hours"} with input as role({"max_ttl": 46800}, [])
		with data.params as params
	said(ssh.vault_ssh_long_ttl) == {"`ssh/roles/ops`: a certificate lives up to 32 days (it has no `max_ttl`), of at most 12 hours"} with input as role({"max_ttl": 0}, [])
		with data.params as params
	count(ssh.vault_ssh_long_ttl) == 0 with input as role({"max_ttl": 0}, mount) with data.params as params
	count(ssh.vault_ssh_long_ttl) == 0 with input as role({"max_ttl": 43200}, []) with data.params as params
	count(ssh.vault_ssh_long_ttl) == 1 with input as role({}, []) with data.params as {"vault-ssh-long-ttl": {"threshold": 1}}
	count(ssh.vault_ssh_long_ttl) == 0 with input as role({"allow_user_certificates": false, "max_ttl": 0}, []) with data.params as params
	count(ssh.vault_ssh_long_ttl) == 0 with input as role({"key_type": "otp", "max_ttl": 0}, []) with data.params as params
	unclear(ssh.vault_ssh_long_ttl) == {"ssh/roles/ops"} with input as role({"key_type": null}, []) with data.params as params
}

test_vault_ssh_otp_any_cidr if {
	otp := {"key_type": "otp"}
	said(ssh.vault_ssh_otp_any_cidr) == {"`ssh/roles/ops`: gives passwords for all hosts of 0.0.0.0/0"} with input as role(object.union(otp, {"cidr_list": ["10.0.0.0/8", "0.0.0.0/0"]}), [])
	count(ssh.vault_ssh_otp_any_cidr) == 1 with input as role(object.union(otp, {"cidr_list": ["::/0"]}), [])
	count(ssh.vault_ssh_otp_any_cidr) == 0 with input as role(object.union(otp, {"cidr_list": ["10.0.0.0/8"]}), [])
	count(ssh.vault_ssh_otp_any_cidr) == 0 with input as role({"cidr_list": ["0.0.0.0/0"]}, [])
	unclear(ssh.vault_ssh_otp_any_cidr) == {"ssh/roles/ops"} with input as role(object.union(otp, {"cidr_list": null}), [])
}

# What is said of a role, and of a CA, with a least length of RSA.
weak(fields, others) := messages if {
	messages := said(ssh.vault_ssh_weak_alg) with input as role(fields, others) with data.params as {"vault-ssh-weak-alg": {"threshold": 2048}}
}

ca(algorithm, length) := [{"kind": "vault_ssh_ca", "id": "ssh/config/ca", "public_key_algorithm": algorithm, "public_key_bits": length}]

test_vault_ssh_weak_alg if {
	weak({"algorithm_signer": "ssh-rsa"}, []) == {"`ssh/roles/ops`: signs with SHA-1 (`ssh-rsa`)"}
	weak({"allowed_user_key_lengths": {"rsa": [1024, 2048], "dsa": [0]}}, []) == {"`ssh/roles/ops`: takes DSA keys, RSA keys of 1024 bits"}
	weak({"allowed_user_key_lengths": {"ssh-rsa": [2048], "ec": [256]}}, []) == set()
	weak({"allowed_user_key_lengths": {"rsa": 1024}}, []) == set()
	weak({"allowed_user_key_lengths": null}, []) == set()
	weak({"key_type": "otp", "algorithm_signer": "ssh-rsa"}, []) == set()
	weak({}, ca("rsa", 1024)) == {"`ssh/config/ca`: the CA has an RSA key of 1024 bits"}
	weak({}, ca("rsa", 2048)) == set()
	weak({}, ca("ed25519", 256)) == set()
	said(ssh.vault_ssh_weak_alg) == {"`ssh/config/ca`: the CA has an RSA key of 2048 bits"} with input as role({}, ca("rsa", 2048))
		with data.params as {"vault-ssh-weak-alg": {"threshold": 3072}}
	unclear(ssh.vault_ssh_weak_alg) == {"ssh/roles/ops"} with input as role({"key_type": null}, []) with data.params as {"vault-ssh-weak-alg": {"threshold": 2048}}
}

# METADATA
# title: SSH
package keystrel.vault.ssh

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: An SSH role signs for root or for any user
# description: >-
#   Whoever may use the role is root on every host that trusts the CA, or has any account there. With `allow_empty_principals` the
#   certificate names no account, and hosts take it for all.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/ssh#allowed_users
# custom:
#   id: vault-ssh-any-user
#   severity: high
#   subject: vault_ssh_role
#   needs: [vault_ssh_role]
#   remediation: >-
#     `vault write ssh/roles/ops ... allowed_users=deploy default_user=deploy allow_empty_principals=false` (the command replaces the role:
#     give all its fields). Become root by `sudo`, which leaves a trace of who it was.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_ssh_any_user contains finding if {
	some role in facts.of("vault_ssh_role")
	logs_in(role)
	accounts := accounts_of(role)
	count(accounts) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: logs in as %s", [role.id, concat(", ", sort(accounts))]),
	}
}

vault_ssh_any_user contains finding if {
	some finding in vault_engines.unsaid("vault_ssh_role", ["key_type"])
}

# METADATA
# title: SSH certificates of users live too long
# description: >-
#   Hosts do not ask whether a certificate is still good. A role without a maximum has that of its mount, by default 768 hours. The
#   parameter is the longest life in hours. Certificates of hosts are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/ssh#max_ttl
# custom:
#   id: vault-ssh-long-ttl
#   severity: medium
#   subject: vault_ssh_role
#   needs: [vault_ssh_role, vault_mount]
#   threshold: 12
#   remediation: >-
#     `vault write ssh/roles/ops ... ttl=30m max_ttl=8h`
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_ssh_long_ttl contains finding if {
	limit := data.params["vault-ssh-long-ttl"].threshold
	some role in facts.of("vault_ssh_role")
	role.key_type == "ca"
	logs_in(role)
	life := vault_engines.longest(role, "max_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_hour
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: a certificate lives up to %s%s, of at most %v hours", [
			role.id,
			age.show_seconds(life),
			origin(role),
			limit,
		]),
	}
}

vault_ssh_long_ttl contains finding if {
	some finding in vault_engines.unsaid("vault_ssh_role", ["key_type"])
}

# METADATA
# title: An SSH role gives one-time passwords for any host
# description: >-
#   The role is good for every host that asks this Vault, also for those that are added later and for those of others.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/ssh#cidr_list
# custom:
#   id: vault-ssh-otp-any-cidr
#   severity: medium
#   subject: vault_ssh_role
#   needs: [vault_ssh_role]
#   remediation: >-
#     `vault write ssh/roles/otp key_type=otp default_user=deploy cidr_list=10.1.0.0/16`
#   frameworks:
#     nist_800_53: [AC-2(11)]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["6.3"]
vault_ssh_otp_any_cidr contains finding if {
	some role in facts.of("vault_ssh_role")
	role.key_type == "otp"
	some network in vault_engines.list(role, "cidr_list")
	vault_engines.is_any_network(network)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: gives passwords for all hosts of %s", [role.id, network]),
	}
}

vault_ssh_otp_any_cidr contains finding if {
	some role in facts.of("vault_ssh_role")
	role.key_type == "otp"
	object.get(role, "cidr_list", null) == null
	finding := {"fact": role.id, "unknown": "the server does not tell cidr_list"}
}

# METADATA
# title: SSH certificates are weakly signed, or for weak keys
# description: >-
#   `ssh-rsa` signs with SHA-1, which current OpenSSH refuses; DSA, and RSA below 2048 bits, can be broken. The parameter is the fewest bits
#   of RSA, of keys that a role takes and of the CA's.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/ssh#algorithm_signer
# - ref: https://www.openssh.com/txt/release-8.8
# custom:
#   id: vault-ssh-weak-alg
#   severity: medium
#   subject: vault_ssh_role
#   needs: [vault_ssh_role, vault_ssh_ca]
#   threshold: 2048
#   remediation: >-
#     `vault write ssh/roles/ops ... algorithm_signer=rsa-sha2-256 allowed_user_key_lengths='{"rsa": [3072, 4096], "ed25519": 0}'`. A CA of
#     few bits is replaced: `vault delete ssh/config/ca`, `vault write ssh/config/ca generate_signing_key=true key_type=ed25519`, and its
#     new public key goes to all hosts.
#   frameworks:
#     nist_800_53: [SC-13]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-04, CEK-10]
vault_ssh_weak_alg contains finding if {
	some role in facts.of("vault_ssh_role")
	role.key_type == "ca"
	role.algorithm_signer == "ssh-rsa"
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: signs with SHA-1 (`ssh-rsa`)", [role.id]),
	}
}

vault_ssh_weak_alg contains finding if {
	some role in facts.of("vault_ssh_role")
	role.key_type == "ca"
	weak := weak_keys(role)
	count(weak) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: takes %s", [role.id, concat(", ", sort(weak))]),
	}
}

vault_ssh_weak_alg contains finding if {
	some ca in facts.of("vault_ssh_ca")
	ca.public_key_algorithm == "rsa"
	length := vault_engines.number(ca, "public_key_bits")
	length < data.params["vault-ssh-weak-alg"].threshold
	finding := {
		"fact": ca.id,
		"message": sprintf("`%s`: the CA has an RSA key of %v bits", [ca.id, length]),
	}
}

vault_ssh_weak_alg contains finding if {
	some finding in vault_engines.unsaid("vault_ssh_role", ["key_type"])
}

# Whether a role is for users: of certificates those of hosts are not.
logs_in(role) if role.key_type == "otp"

logs_in(role) if {
	role.key_type == "ca"
	role.allow_user_certificates == true
}

# The accounts of a role that are more than one user's.
accounts_of(role) := (({"any user" | "*" in vault_engines.list(role, "allowed_users")} | {"root" | "root" in vault_engines.list(role, "allowed_users")}) | {"root" | vault_engines.text(role, "default_user") == "root"}) | {"any user (no principals)" | role.allow_empty_principals == true}

# What a role says of keys that are too short: a number, or several, for each type; 0 is for types of one length.
weak_keys(role) := {sprintf("RSA keys of %v bits", [length]) |
	some type, lengths in vault_engines.part(role, "allowed_user_key_lengths")
	type in {"rsa", "ssh-rsa"}
	is_array(lengths)
	some length in lengths
	length > 0
	length < data.params["vault-ssh-weak-alg"].threshold
} | {"DSA keys" |
	some type, _ in vault_engines.part(role, "allowed_user_key_lengths")
	type in {"dsa", "ssh-dss"}
}

# Says where a maximum comes from if the role has none.
origin(role) := "" if vault_engines.number(role, "max_ttl") > 0

origin(role) := " (it has no `max_ttl`)" if vault_engines.number(role, "max_ttl") <= 0

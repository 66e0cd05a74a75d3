# METADATA
# title: Policies with more power than an application needs
package keystrel.vault.policy_power

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl
import data.keystrel.lib.vault_admin

# METADATA
# title: A policy is as strong as root
# description: >-
#   With sudo and writing on every path, or on all of `sys/`, its holder rewrites policies, reads all secrets and
#   switches the audit off. Other controls of policies say nothing of it. In a namespace it has that namespace
#   alone.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-root-equivalent
#   severity: critical
#   subject: vault_policy
#   needs: [vault_policy]
#   remediation: >-
#     Give administrators a policy that names what they do (`sys/mounts/*`, `sys/auth/*`, `auth/*`...) without
#     `sudo` on `*`, and use a root token for emergencies: `vault policy write admin admin.hcl`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
vault_policy_root_equivalent contains finding if {
	some policy in data.keystrel.lib.vault_acl.policies
	path := data.keystrel.lib.vault_admin.root_equivalent[policy.id]
	finding := {
		"fact": policy.id,
		"severity": severity(policy),
		"message": sprintf("%s is as strong as %s: it has sudo and writes on `%s`", [acl.named(policy), scope(policy), path]),
	}
}

vault_policy_root_equivalent contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy is on every path
# description: >-
#   It reaches all secrets of all mounts, and those that are added later.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-star-path
#   severity: high
#   subject: vault_policy
#   needs: [vault_policy]
#   remediation: >-
#     Write the paths that are needed: `path "secret/data/app/*" { capabilities = ["read"] }`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_star_path contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	some rule in data.keystrel.lib.vault_acl.rules[policy.id]
	acl.is_everything(rule)
	count(rule.capabilities) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s has %s on every path (`%s`)", [acl.named(policy), concat(", ", sort(rule.capabilities)), rule.path]),
	}
}

vault_policy_star_path contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy has sudo
# description: >-
#   sudo opens what Vault keeps for root. Reading what auditors read and Vault opens by sudo alone (`sys/audit`,
#   accessors of tokens, leases, settings and status of automatic snapshots) is not meant. The threshold is a list of names of policies of administrators, with `*`; all controls of policies of
#   applications leave those out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#root-protected-api-endpoints
# custom:
#   id: vault-policy-sudo
#   severity: high
#   subject: vault_policy
#   needs: [vault_policy]
#   threshold: []
#   remediation: >-
#     Take `sudo` out, or narrow the path to the endpoint that needs it; name policies of administrators in the
#     parameter.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_sudo contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	not acl.is_listed(policy.name, data.params["vault-policy-sudo"].threshold)
	paths := vault_admin.sudo_paths(policy)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s has sudo on %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_sudo contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy lets its holder take more rights
# description: >-
#   Whoever writes policies, roles of auth methods, users, entities or groups without limits on the policies that they
#   get gives himself any of them, and so does whoever makes tokens with sudo. Policies of administrators that the
#   parameter of vault-policy-sudo names are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#parameter-constraints
# custom:
#   id: vault-policy-escalation
#   severity: critical
#   subject: vault_policy
#   needs: [vault_auth_mount, vault_policy]
#   remediation: >-
#     Leave it to administrators, or name the policies that may be given and all other parameters:
#     `allowed_parameters = { "token_policies" = ["app"], "token_ttl" = [] }` (no `app-*`, which takes `app-a,admin`
#     too). For one's own password use `auth/userpass/users/+/password`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_escalation contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	paths := vault_admin.escalating(policy)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s gives its holder other policies by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_escalation contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy makes tokens with any parameters
# description: >-
#   Its holder makes tokens that live longer than he does, for as many hosts as he likes, with all that he may do
#   himself.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#parameter-constraints
# custom:
#   id: vault-policy-parameter-open
#   severity: low
#   subject: vault_policy
#   needs: [vault_policy]
#   remediation: >-
#     Let the holder use a role (`auth/token/create/ROLE`), or add `allowed_parameters = { "ttl" = ["1h"],
#     "policies" = ["app"] }` to the path.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_parameter_open contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	open := {found.rule.path |
		some found in acl.reaching(policy, token_creation, {"create", "update"})
		not "sudo" in found.rule.capabilities
		is_open(found.rule.entry, "allowed_parameters")
		is_open(found.rule.entry, "denied_parameters")
	}
	count(open) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s makes tokens with any parameters by %s", [acl.named(policy), acl.shown(open)]),
	}
}

vault_policy_parameter_open contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy reaches into all namespaces below
# description: >-
#   A rule that begins with `+` is on every namespace below, also those of other teams and those that are made
#   later.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/namespaces
# custom:
#   id: vault-ns-admin-parent
#   severity: high
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Name the namespace (`path "team-a/sys/policies/acl/*"`), or keep the policy in the namespace that it is for:
#     `vault policy write -namespace=team-a NAME FILE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_ns_admin_parent contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	paths := spanning(policy)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s reaches into all namespaces below (%s) by %s", [acl.named(policy), acl.shown(data.keystrel.lib.vault_acl.inner_namespaces[acl.namespace(policy)]), acl.shown(paths)]),
	}
}

vault_ns_admin_parent contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# Whoever has root of a namespace has it there alone.
severity(policy) := "critical" if acl.namespace(policy) == ""

else := "high"

scope(policy) := "root" if acl.namespace(policy) == ""

else := sprintf("root of namespace %s", [acl.namespace(policy)])

token_creation := acl.everywhere({"auth/token/create"})

is_open(entry, field) if object.get(entry, field, null) in {null, {}}

# Paths of rules that begin with `+` and, behind it, are on what manages a namespace or on a mount of one below.
spanning(policy) := {rule.path |
	count(data.keystrel.lib.vault_acl.inner_namespaces[acl.namespace(policy)]) > 0
	some rule in data.keystrel.lib.vault_acl.rules[policy.id]
	startswith(rule.path, "+/")
	not acl.is_everything(rule)
	count(rule.capabilities) > 0
	inner := acl.pattern(trim_prefix(rule.path, "+/"))
	reaches_word(policy, acl.step(inner, 0))
}

reaches_word(_, word) if word in {"auth", "identity", "sys"}

reaches_word(_, word) if acl.is_open(word)

reaches_word(policy, word) if {
	some mount in mounts
	split(mount.path, "/")[0] == word
	acl.namespace(mount) != acl.namespace(policy)
	startswith(acl.namespace(mount), acl.namespace(policy))
}

mounts := facts.of("vault_mount")

# METADATA
# title: Policies that say something else than is meant
package keystrel.vault.policy_hygiene

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl

# METADATA
# title: The policy default was widened
# description: >-
#   Nearly every token has it: what it grants is granted to all.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#default-policy
# custom:
#   id: vault-policy-default-widened
#   severity: medium
#   subject: vault_policy
#   where: {name: [default]}
#   needs: [vault_policy]
#   remediation: >-
#     Move what was added to a policy of those who need it, and write the shipped text back with `vault policy write
#     default FILE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_default_widened contains finding if {
	some policy in data.keystrel.lib.vault_acl.policies
	policy.name == "default"
	added := {rule.path |
		some rule in data.keystrel.lib.vault_acl.rules[policy.id]
		count(rule.capabilities - object.get(default_rules, rule.path, set())) > 0
	}
	count(added) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s grants more than the shipped one by %s", [acl.named(policy), acl.shown(added)]),
	}
}

vault_policy_default_widened contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
	some policy in data.keystrel.lib.vault_acl.unread
	policy.id == finding.fact
	policy.name == "default"
}

# METADATA
# title: Nothing names a policy
# description: >-
#   Whoever gets it later has what it grants, and nobody looks at it. The threshold is the days since it was
#   changed, where the server says that (OpenBao).
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-orphaned
#   severity: low
#   subject: vault_policy_usage
#   needs: [vault_policy_usage]
#   threshold: 90
#   remediation: >-
#     Run `vault policy delete NAME` after a look at what else may name it: Terraform, tokens made by hand.
vault_policy_orphaned contains finding if {
	some usage in facts.of("vault_policy_usage")
	is_unused(usage)
	usage.complete == true
	not is_new(usage)
	finding := {"fact": usage.id, "message": sprintf("nothing names %s", [of_usage(usage)])}
}

vault_policy_orphaned contains finding if {
	some usage in facts.of("vault_policy_usage")
	is_unused(usage)
	not usage.complete == true
	not is_new(usage)
	finding := {"fact": usage.id, "unknown": "not all that could name it was read"}
}

# METADATA
# title: A policy is named that does not exist
# description: >-
#   Whoever may write policies gives those who name it what he likes, and until then logins lack what they should
#   have.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-dangling
#   severity: medium
#   subject: vault_policy_usage
#   needs: [vault_policy_usage]
#   remediation: >-
#     Write the policy, or take its name out of the role: `vault write auth/PATH/role/NAME token_policies=...`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_dangling contains finding if {
	some usage in facts.of("vault_policy_usage")
	usage.exists == false
	users := {user | some user in acl.array_of(usage, "used_by")}
	count(users) > 0
	finding := {
		"fact": usage.id,
		"message": sprintf("%s does not exist, and is named by %s", [of_usage(usage), acl.shown(users)]),
	}
}

vault_policy_dangling contains finding if {
	some usage in facts.of("vault_policy_usage")
	not is_boolean(usage.exists)
	finding := {"fact": usage.id, "unknown": "policies could not be listed"}
}

# METADATA
# title: A denial has no effect
# description: >-
#   Vault takes the rule whose first wildcard stands last: `secret/data/team-a/*` wins over a denial of
#   `secret/data/+/admin`, although that looks narrower. A grant within a broad denial is taken for an exception
#   that is meant.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-deny-overridden
#   severity: medium
#   subject: vault_policy
#   needs: [vault_policy]
#   remediation: >-
#     Deny the path with as long a prefix as the grant has: `path "secret/data/team-a/admin" { capabilities =
#     ["deny"] }`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_deny_overridden contains finding if {
	some policy in data.keystrel.lib.vault_acl.policies
	some pair in overridden(policy)
	finding := {
		"fact": policy.id,
		"message": sprintf("%s denies `%s` without effect where `%s` matches", [acl.named(policy), pair.denied, pair.granted]),
	}
}

vault_policy_deny_overridden contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy makes secret_ids that need no wrapping
# description: >-
#   Without `max_wrapping_ttl` the secret_id comes bare to whoever asks, and lies in logs of the pipeline that hands
#   it on. With it Vault refuses requests without wrapping. The threshold is in seconds.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/response-wrapping
# custom:
#   id: vault-policy-wrapping-unbounded
#   severity: low
#   subject: vault_policy
#   needs: [vault_auth_mount, vault_policy]
#   threshold: 900
#   remediation: >-
#     Add to the path: `min_wrapping_ttl = "1m"` and `max_wrapping_ttl = "15m"`, and let the host unwrap it.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.1"]
vault_policy_wrapping_unbounded contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	paths := {found.rule.path |
		some found in acl.reaching(policy, secret_ids, {"create", "update"})
		not is_wrapped(found.rule.entry)
	}
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s makes secret_ids without wrapping of at most %s by %s", [acl.named(policy), age.show_seconds(data.params["vault-policy-wrapping-unbounded"].threshold), acl.shown(paths)]),
	}
}

vault_policy_wrapping_unbounded contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: What is for emergencies needs no second approver
# description: >-
#   Vault Enterprise can hold a request until others approve it. The threshold is a list of names, with `*`, of
#   policies or parts of paths that are for emergencies.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/control-groups
# custom:
#   id: vault-controlgroup-missing
#   severity: low
#   subject: vault_policy
#   needs: [vault_policy, vault_server]
#   threshold: ["break-glass*", "breakglass*", "emergency*"]
#   remediation: >-
#     Add `control_group = { factor "approver" { identity { group_names = ["security"] approvals = 1 } } }` to the
#     path.
#   frameworks:
#     nist_800_53: [AC-3(2)]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04]
vault_controlgroup_missing contains finding if {
	is_enterprise
	some policy in data.keystrel.lib.vault_acl.policies
	paths := alone(policy, data.params["vault-controlgroup-missing"].threshold)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s grants %s without a second approver", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_controlgroup_missing contains finding if {
	is_enterprise
	some finding in data.keystrel.lib.vault_acl.undecided
}

# What the policy `default` grants as Vault and OpenBao bring it.
default_rules := {
	"auth/token/lookup-self": {"read"},
	"auth/token/renew-self": {"update"},
	"auth/token/revoke-self": {"update"},
	"cubbyhole": {"list"},
	"cubbyhole/*": {"create", "delete", "list", "read", "update"},
	"identity/entity/id/{{identity.entity.id}}": {"read"},
	"identity/entity/name/{{identity.entity.name}}": {"read"},
	"identity/oidc/provider/+/authorize": {"read", "update"},
	"sys/capabilities-self": {"update"},
	"sys/control-group/request": {"update"},
	"sys/internal/ui/resultant-acl": {"read"},
	"sys/leases/lookup": {"update"},
	"sys/leases/renew": {"update"},
	"sys/renew": {"update"},
	"sys/tools/hash": {"update"},
	"sys/tools/hash/*": {"update"},
	"sys/wrapping/lookup": {"update"},
	"sys/wrapping/unwrap": {"update"},
	"sys/wrapping/wrap": {"update"},
}

# Denials that do not take effect where they meet a rule that stands before them in Vault's order, as
# `{denied, granted}`. What is wholly within a denial is taken for an exception to it.
overridden(policy) := {found |
	some denial in data.keystrel.lib.vault_acl.rules[policy.id]
	"deny" in acl.array_of(denial.entry, "capabilities")
	some grant in data.keystrel.lib.vault_acl.rules[policy.id]
	count(grant.capabilities) > 0
	acl.rank(grant.path) > acl.rank(denial.path)
	not acl.contains_all(denial.pattern, grant.pattern)
	path := acl.meeting(denial.pattern, grant.pattern)
	acl.governs(policy, grant, path)
	found := {"denied": denial.path, "granted": grant.path}
}

secret_ids := acl.index({{"path": path, "namespace": acl.namespace(mount)} |
	some mount in facts.of("vault_auth_mount")
	mount.type == "approle"
	path := sprintf("auth/%srole/+/secret-id", [mount.path])
})

is_wrapped(entry) if {
	is_number(object.get(entry, "max_wrapping_ttl", null))
	entry.max_wrapping_ttl > 0
	entry.max_wrapping_ttl <= data.params["vault-policy-wrapping-unbounded"].threshold
}

is_enterprise if {
	some server in facts.of("vault_server")
	server.enterprise == true
}

# The paths for emergencies that a policy grants without a second approver.
alone(policy, names) := {rule.path |
	some rule in data.keystrel.lib.vault_acl.rules[policy.id]
	count(rule.capabilities) > 0
	not rule.entry.control_group == true
	is_for_emergencies(policy, rule, names)
}

is_for_emergencies(policy, _, names) if acl.is_listed(policy.name, names)

is_for_emergencies(_, rule, names) if {
	some segment in rule.pattern.segments
	acl.is_listed(segment, names)
}

is_unused(usage) if {
	usage.exists == true
	not usage.policy in {"control-group", "default", "hcp-root", "response-wrapping", "root"}
	count(acl.array_of(usage, "used_by")) == 0
}

is_new(usage) if age.days_since(usage.modified) < data.params["vault-policy-orphaned"].threshold

of_usage(usage) := sprintf("policy `%s%s`", [acl.namespace(usage), usage.policy])

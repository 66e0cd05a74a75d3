# METADATA
# title: What an audit log tells
package keystrel.vault.audit_log

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl

# METADATA
# title: One token is used from many hosts
# description: >-
#   A token that a fleet shares cannot be revoked for one host, and a copy of it is not noticed.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens
# custom:
#   id: vault-agent-token-shared
#   severity: medium
#   subject: vault_audit_accessor
#   needs: [vault_audit_accessor]
#   threshold: 5
#   remediation: >-
#     Let each host log in by itself (AppRole with a secret_id of its own, Kubernetes, TLS certificate, cloud
#     identity), and set `token_bound_cidrs`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
vault_agent_token_shared contains finding if {
	some accessor in facts.of("vault_audit_accessor")
	accessor.remote_addresses > data.params["vault-agent-token-shared"].threshold
	finding := {
		"fact": accessor.id,
		"message": sprintf("a token of `%s` is used from %v addresses, of at most %v", [accessor.display_name, accessor.remote_addresses, data.params["vault-agent-token-shared"].threshold]),
	}
}

# METADATA
# title: A token is denied many times in an hour
# description: >-
#   Somebody tries what the token does not allow, or a client works with the wrong policy and nobody looks.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/audit
# custom:
#   id: vault-audit-denied-burst
#   severity: medium
#   subject: vault_audit_accessor
#   needs: [vault_audit_accessor]
#   threshold: 50
#   remediation: >-
#     Find the requests of the accessor in the audit log; revoke the token with `vault token revoke -accessor
#     ACCESSOR` unless its owner explains them.
#   frameworks:
#     nist_800_53: [AC-2(12), SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-05]
#     owasp_secrets: ["6.4"]
vault_audit_denied_burst contains finding if {
	some accessor in facts.of("vault_audit_accessor")
	accessor.denied_per_hour > data.params["vault-audit-denied-burst"].threshold
	finding := {
		"fact": accessor.id,
		"message": sprintf("a token of `%s` was denied %v times in an hour, of at most %v", [accessor.display_name, accessor.denied_per_hour, data.params["vault-audit-denied-burst"].threshold]),
	}
}

# METADATA
# title: A path of a policy is not used
# description: >-
#   What nobody asks for in so many days can be taken away from those who hold the policy. The log must go back that
#   far.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-audit-unused-access
#   severity: medium
#   subject: vault_audit_policy_use
#   needs: [vault_audit_policy_use, vault_policy]
#   threshold: 90
#   remediation: >-
#     Take the path out with `vault policy write NAME FILE` after asking those who hold the policy.
#   frameworks:
#     nist_800_53: [AC-6, AC-6(7)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-05, IAM-08]
#     owasp_secrets: ["2.3"]
vault_audit_unused_access contains finding if {
	some use in facts.of("vault_audit_policy_use")
	[use.policy, use.path] in granting
	covers(use)
	not is_recent(use)
	finding := {
		"fact": use.id,
		"message": sprintf("nothing asked for `%s` of %s in %s", [use.path, use.policy, age.show_days(data.params["vault-audit-unused-access"].threshold)]),
	}
}

vault_audit_unused_access contains finding if {
	some use in facts.of("vault_audit_policy_use")
	[use.policy, use.path] in granting
	not is_recent(use)
	not covers(use)
	finding := {"fact": use.id, "unknown": "the audit log does not go back far enough"}
}

# The rules of policies that grant something, as `[id of the policy, path]`. Nothing asks for what is denied.
granting contains [policy.id, path] if {
	some policy in facts.of("vault_policy")
	not policy.name in {"default", "root"}
	some entry in acl.array_of(policy, "paths")
	count(acl.capabilities(entry)) > 0
	path := entry.path
}

# Whether the log covers as many days as a path may be unused.
covers(use) if age.days_since(use.log_from) >= data.params["vault-audit-unused-access"].threshold

is_recent(use) if age.days_since(use.last_time) <= data.params["vault-audit-unused-access"].threshold

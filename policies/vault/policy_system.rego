# METADATA
# title: Policies on the operation of the server
package keystrel.vault.policy_system

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl

# METADATA
# title: A policy reads storage below the barrier
# description: >-
#   `sys/raw` gives and takes what is stored, past all policies and audit rules of mounts. It needs sudo; while the
#   server has `raw_storage_endpoint` off it is less grave.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/raw
# custom:
#   id: vault-policy-sys-raw
#   severity: critical
#   subject: vault_policy
#   needs: [vault_policy]
#   remediation: >-
#     Take `sys/raw` out with `vault policy write NAME FILE`, and set `raw_storage_endpoint = false`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_sys_raw contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	paths := {found.rule.path |
		some found in acl.reaching_root(policy, raw, {"create", "delete", "list", "read", "update"})
		"sudo" in found.rule.capabilities
	}
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"severity": raw_severity,
		"message": sprintf("%s reaches storage below the barrier by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_sys_raw contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy can switch the audit off
# description: >-
#   Its holder leaves no trace of what comes next. The threshold is a list of names of policies for emergencies,
#   with `*`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/audit
# custom:
#   id: vault-policy-audit-tamper
#   severity: critical
#   subject: vault_policy
#   needs: [vault_policy]
#   threshold: ["break-glass*", "breakglass*"]
#   remediation: >-
#     Leave writing on `sys/audit/*` to a policy that is held in emergencies alone; OpenBao 2.4 and later keep
#     devices in the configuration of the server.
#   frameworks:
#     nist_800_53: [AU-9(4)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.2, A.8.15]
#     csa_ccm_4: [IAM-12]
#     owasp_secrets: ["2.6"]
vault_policy_audit_tamper contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	not acl.is_listed(policy.name, data.params["vault-policy-audit-tamper"].threshold)
	paths := {found.rule.path |
		some found in acl.reaching_root(policy, auditing, {"create", "delete", "update"})
		"sudo" in found.rule.capabilities
	}
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s can switch the audit off by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_audit_tamper contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy can seal the server, or take part in ceremonies of keys
# description: >-
#   Sealing stops all clients; generating a root token or new keys takes the store over. The threshold is a list of
#   names of policies for emergencies, with `*`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/seal
# custom:
#   id: vault-policy-seal-ops
#   severity: high
#   subject: vault_policy
#   needs: [vault_policy]
#   threshold: ["break-glass*", "breakglass*"]
#   remediation: >-
#     Leave `sys/seal`, `sys/step-down`, `sys/rotate`, `sys/rekey*` and `sys/generate-root*` to a policy that is
#     held in emergencies alone.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_seal_ops contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	not acl.is_listed(policy.name, data.params["vault-policy-seal-ops"].threshold)
	paths := operating(policy)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s can seal, step down or change keys by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_seal_ops contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy takes or restores snapshots
# description: >-
#   A snapshot is all that is stored, to be opened elsewhere with the unseal keys; whoever restores one brings back what
#   was revoked. The threshold is a list of names of policies of backups, with `*`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/storage/raft
# custom:
#   id: vault-policy-snapshot
#   severity: high
#   subject: vault_policy
#   needs: [vault_policy]
#   threshold: ["*backup*", "*snapshot*", "break-glass*", "breakglass*"]
#   remediation: >-
#     Give `read` on `sys/storage/raft/snapshot` to the identity of the backup alone, and restoring to
#     administrators in emergencies.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_snapshot contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	not acl.is_listed(policy.name, data.params["vault-policy-snapshot"].threshold)
	paths := snapshots(policy)
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s takes or restores snapshots by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_snapshot contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

raw := acl.everywhere({"sys/raw/*"})

raw_is_off if {
	some config in facts.of("vault_config")
	config.raw_storage_endpoint == false
}

default raw_severity := "critical"

raw_severity := "medium" if raw_is_off

auditing := acl.everywhere({"sys/audit/*"})

# Endpoints that need sudo too, and those for which a policy is what decides; `sys/*` without sudo is not meant for the
# latter, which most servers answer without a token.
ceremonies := acl.everywhere({"sys/seal", "sys/step-down", "sys/rotate"})

key_ceremonies := acl.everywhere({"sys/generate-root/*", "sys/rekey/*", "sys/rekey-recovery-key/*", "sys/rotate/root/*", "sys/rotate/recovery/*"})

operating(policy) := with_sudo | named if {
	with_sudo := {found.rule.path |
		some found in acl.reaching_root(policy, ceremonies, {"create", "update"})
		"sudo" in found.rule.capabilities
	}
	named := {found.rule.path |
		some found in acl.reaching_root(policy, key_ceremonies, {"create", "delete", "update"})
		regex.match(`^sys/(?:generate-root|rekey|rotate)`, found.rule.path)
	}
}

saved := acl.everywhere({"sys/storage/raft/snapshot"})

restored := acl.everywhere({"sys/storage/raft/snapshot", "sys/storage/raft/snapshot-force"})

scheduled := acl.everywhere({"sys/storage/raft/snapshot-auto/config/+"})

snapshots(policy) := (taken | put_back) | sent if {
	taken := {found.rule.path | some found in acl.reaching_root(policy, saved, {"read"})}
	put_back := {found.rule.path | some found in acl.reaching_root(policy, restored, {"create", "update"})}
	sent := {found.rule.path |
		some found in acl.reaching_root(policy, scheduled, {"create", "update"})
		"sudo" in found.rule.capabilities
	}
}

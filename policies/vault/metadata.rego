# METADATA
# title: Secrets where names and descriptions belong
package keystrel.vault.metadata

# METADATA
# title: A secret is in metadata, a description or the text of a policy
# description: >-
#   Metadata and descriptions are read with `list` and `read` on what is no secret; they are not encrypted for their
#   own sake, show in the UI and in the audit log.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-metadata
# custom:
#   id: vault-secret-in-metadata
#   severity: high
#   subject: [vault_audit_device, vault_auth_mount, vault_kv_secret, vault_mount, vault_policy]
#   needs: [vault_audit_device, vault_auth_mount, vault_kv_secret, vault_mount, vault_policy, vault_server]
#   remediation: >-
#     Rotate the secret, then take it out: `vault kv metadata patch -remove-custom-metadata=KEY PATH`, `vault
#     secrets tune -description=... PATH`, `vault policy write NAME FILE`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
vault_secret_in_metadata contains finding if {
	some fact in input.facts
	fact.kind in kinds
	found := leaks(fact)
	count(found) > 0
	finding := {"fact": fact.id, "message": sprintf("`%s` holds a secret in %s", [fact.id, concat(", ", sort(found))])}
}

# What every server has as the vendor made it; what somebody wrote there is found all the same.
vault_secret_in_metadata contains finding if {
	some fact in input.facts
	is_shipped(fact)
	finding := {"fact": fact.id, "not_applicable": "every server has it, and its texts are the vendor's"}
}

is_shipped(fact) if {
	fact.kind == "vault_mount"
	fact.type in {"system", "identity", "cubbyhole", "ns_system", "ns_identity", "ns_cubbyhole"}
}

is_shipped(fact) if {
	fact.kind == "vault_auth_mount"
	fact.type in {"token", "ns_token"}
}

is_shipped(fact) if {
	fact.kind == "vault_policy"
	fact.name in {"default", "root"}
}

kinds := {"vault_audit_device", "vault_auth_mount", "vault_kv_secret", "vault_mount", "vault_policy"}

# Texts of a fact that hold a secret, with the rule that says so. The path of a secret has a control of its own, and what
# is in the paths of a policy is in its text.
leaks(fact) := {sprintf("%s (%s)", [leak.field, leak.rule]) |
	is_array(object.get(fact, "secret_rules", null))
	some leak in fact.secret_rules
	leak.field != "path"
	not startswith(leak.field, "paths")
}

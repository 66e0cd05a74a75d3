# METADATA
# title: Automatic rotation
package keystrel.vault.rotation

import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: Vault has given up automatic rotations
# description: >-
#   Vault has given these rotations up after its retries: the credentials stay what they are, and nothing tries again.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/rotation-orphans
# custom:
#   id: vault-rotation-orphans
#   severity: high
#   subject: vault_rotation_orphans
#   needs: [vault_rotation_orphans]
#   remediation: >-
#     Repair what the log says of each, and rotate it by hand: `vault write -f ldap/rotate-role/NAME`, `vault write -f
#     database/rotate-root/NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_rotation_orphans contains finding if {
	some rotation in facts.of("vault_rotation_orphans")
	orphans := [name | some name in vault_engines.list(rotation, "orphans"); is_string(name)]
	count(orphans) > 0
	finding := {
		"fact": rotation.id,
		"message": sprintf("%v automatic rotations were given up: %s", [count(orphans), shown(orphans)]),
	}
}

vault_rotation_orphans contains finding if {
	some finding in vault_engines.unsaid("vault_rotation_orphans", ["orphans"])
}

# METADATA
# title: A rotation policy gives up too soon
# description: >-
#   A database that is away for an evening leaves its credential without rotation from then on. The parameter is the fewest cycles of retries.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/policies-rotation
# custom:
#   id: vault-rotation-policy-retries
#   severity: low
#   subject: vault_rotation_policy
#   needs: [vault_rotation_policy]
#   threshold: 3
#   remediation: >-
#     `vault write sys/policies/rotation/NAME max_retry_cycles=3 max_retries_per_cycle=6`
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_rotation_policy_retries contains finding if {
	limit := data.params["vault-rotation-policy-retries"].threshold
	some policy in facts.of("vault_rotation_policy")
	cycles := policy.max_retry_cycles
	is_number(cycles)
	cycles >= 0
	cycles < limit
	finding := {
		"fact": policy.id,
		"message": sprintf("`%s`: gives up after %s, of at least %v", [policy.id, counted(cycles), limit]),
	}
}

vault_rotation_policy_retries contains finding if {
	some finding in vault_engines.unsaid("vault_rotation_policy", ["max_retry_cycles"])
}

# METADATA
# title: Automatic rotation is paused
# description: >-
#   `disable_automated_rotation` is for maintenance; forgotten, the credential stays what it is though a period or a schedule is set. This is for
#   connections of databases, and configurations of engines and auth methods.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/automated-credential-rotation/overview
# custom:
#   id: vault-rotation-disabled-flag
#   severity: high
#   subject: vault_database_connection
#   needs:
#   - vault_database_connection
#   - vault_aws_auth_config
#   - vault_aws_engine_config
#   - vault_azure_auth_config
#   - vault_azure_engine_config
#   - vault_gcp_auth_config
#   - vault_gcp_engine_config
#   - vault_ldap_auth_config
#   - vault_ldap_engine_config
#   remediation: >-
#     `vault write database/config/postgres disable_automated_rotation=false`, the same for `aws/config/root`, `auth/ldap/config` and others.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_rotation_disabled_flag contains finding if {
	some kind in rotating
	some config in facts.of(kind)
	config.disable_automated_rotation == true
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: automatic rotation is paused", [config.id]),
	}
}

# Kinds whose credential Vault can rotate by itself.
rotating := [
	"vault_database_connection",
	"vault_aws_auth_config",
	"vault_aws_engine_config",
	"vault_azure_auth_config",
	"vault_azure_engine_config",
	"vault_gcp_auth_config",
	"vault_gcp_engine_config",
	"vault_ldap_auth_config",
	"vault_ldap_engine_config",
]

counted(1) := "1 cycle of retries"

counted(cycles) := sprintf("%v cycles of retries", [cycles]) if cycles != 1

# Names of some, of many the first.
shown(names) := concat(", ", names) if count(names) <= 5

shown(names) := sprintf("%s and %v more", [concat(", ", array.slice(names, 0, 4)), count(names) - 4]) if count(names) > 5

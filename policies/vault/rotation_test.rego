package keystrel.vault.rotation_test

import data.keystrel.vault.rotation

fact(kind, id, fields) := {"facts": [object.union({"kind": kind, "id": id}, fields)]}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

orphans(names) := fact("vault_rotation_orphans", "sys/rotation/orphans", {"orphans": names})

test_vault_rotation_orphans if {
	said(rotation.vault_rotation_orphans) == {"2 automatic rotations were given up: aws/config/root, database/config/db"} with input as orphans(["aws/config/root", "database/config/db"])
	said(rotation.vault_rotation_orphans) == {"6 automatic rotations were given up: a, b, c, d and 2 more"} with input as orphans(["a", "b", "c", "d", "e", "f"])
	count(rotation.vault_rotation_orphans) == 0 with input as orphans([])
	unclear(rotation.vault_rotation_orphans) == {"sys/rotation/orphans"} with input as orphans(null)
}

policy(cycles) := fact("vault_rotation_policy", "sys/policies/rotation/p", {"max_retry_cycles": cycles})

test_vault_rotation_policy_retries if {
	params := {"vault-rotation-policy-retries": {"threshold": 3}}
	said(rotation.vault_rotation_policy_retries) == {"`sys/policies/rotation/p`: gives up after 2 cycles of retries, of at least 3"} with input as policy(2) with data.params as params
	said(rotation.vault_rotation_policy_retries) == {"`sys/policies/rotation/p`: gives up after 1 cycle of retries, of at least 3"} with input as policy(1) with data.params as params
	count(rotation.vault_rotation_policy_retries) == 0 with input as policy(3) with data.params as params
	count(rotation.vault_rotation_policy_retries) == 0 with input as policy(-1) with data.params as params
	count(rotation.vault_rotation_policy_retries) == 1 with input as policy(3) with data.params as {"vault-rotation-policy-retries": {"threshold": 6}}
	unclear(rotation.vault_rotation_policy_retries) == {"sys/policies/rotation/p"} with input as policy(null) with data.params as params
}

test_vault_rotation_disabled_flag if {
	every kind in [
		"vault_database_connection",
		"vault_aws_auth_config",
		"vault_aws_engine_config",
		"vault_azure_auth_config",
		"vault_azure_engine_config",
		"vault_gcp_auth_config",
		"vault_gcp_engine_config",
		"vault_ldap_auth_config",
		"vault_ldap_engine_config",
	] {
		said(rotation.vault_rotation_disabled_flag) == {"`x/config`: automatic rotation is paused"} with input as fact(kind, "x/config", {"disable_automated_rotation": true})
		every value in [false, null] {
			count(rotation.vault_rotation_disabled_flag) == 0 with input as fact(kind, "x/config", {"disable_automated_rotation": value})
		}
	}
	count(rotation.vault_rotation_disabled_flag) == 0 with input as fact("vault_kv_config", "x/config", {"disable_automated_rotation": true})
}

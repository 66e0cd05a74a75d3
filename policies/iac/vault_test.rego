package keystrel.iac.vault_test

import data.keystrel.iac.vault

found(control, own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties}
	results := vault with input as {"facts": [resource]}
	findings := results[control]
}

test_audit if {
	found("iac_vault_audit_raw", "vault_audit", {"options": {"log_raw": "true"}}) == {{
		"fact": "r",
		"path": ["properties", "options", "log_raw"],
		"message": "vault_audit main logs values in clear",
	}}
	found("iac_vault_audit_raw", "vault_audit", {"options": {"file_path": "x"}}) == set()
	found("iac_vault_audit_raw", "vault_audit", {}) == set()
}

test_policies if {
	count(found("iac_vault_policy_everything", "vault_policy", {"policy": "path \"*\" {\n  capabilities = [\"read\"]\n}"})) == 1
	found("iac_vault_policy_everything", "vault_policy", {"policy": "path \"secret/*\" {}"}) == set()
	found("iac_vault_policy_everything", "vault_policy", {}) == set()
}

test_roles_of_kubernetes if {
	role := "vault_kubernetes_auth_backend_role"
	every_account := {"bound_service_account_names": "${[\"*\"]}", "bound_service_account_namespaces": "${[\"*\"]}"}
	count(found("iac_vault_kubernetes_role_open", role, every_account)) == 1
	found("iac_vault_kubernetes_role_open", role, object.union(every_account, {"bound_service_account_namespaces": "${[\"a\"]}"})) == set()
}

test_roles_of_issuers if {
	role := "vault_jwt_auth_backend_role"
	count(found("iac_vault_jwt_role_unbound", role, {"role_type": "jwt"})) == 1
	found("iac_vault_jwt_role_unbound", role, {"role_type": "jwt", "bound_claims": {"sub": "x"}}) == set()
	found("iac_vault_jwt_role_unbound", role, {"role_type": "oidc"}) == set()
}

test_secret_ids if {
	role := "vault_approle_auth_backend_role"
	count(found("iac_vault_secret_id_endless", role, {})) == 1
	count(found("iac_vault_secret_id_endless", role, {"secret_id_ttl": 0, "secret_id_num_uses": "0"})) == 1
	found("iac_vault_secret_id_endless", role, {"secret_id_ttl": 600}) == set()
	found("iac_vault_secret_id_endless", role, {"secret_id_num_uses": 1}) == set()
	found("iac_vault_secret_id_endless", role, {"bind_secret_id": false}) == set()
}

test_certificate_authorities if {
	count(found("iac_vault_pki_any_name", "vault_pki_secret_backend_role", {"allow_any_name": true})) == 1
	found("iac_vault_pki_any_name", "vault_pki_secret_backend_role", {}) == set()
}

test_tokens if {
	count(found("iac_vault_token", "vault_token", {})) == 1
	found("iac_vault_token", "vault_token", {"wrapping_ttl": "5m"}) == set()
}

test_what_was_not_read_is_unknown if {
	results := vault with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	every control in [
		"iac_vault_audit_raw", "iac_vault_policy_everything", "iac_vault_kubernetes_role_open", "iac_vault_jwt_role_unbound",
		"iac_vault_secret_id_endless", "iac_vault_pki_any_name", "iac_vault_token",
	] {
		some finding in results[control]
		finding.unknown
	}
}

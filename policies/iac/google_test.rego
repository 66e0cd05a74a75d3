package keystrel.iac.google_test

import data.keystrel.iac.google

found(control, own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties}
	results := google with input as {"facts": [resource]} with data.params as params
	findings := results[control]
}

params := {"iac-google-key-no-rotation": {"threshold": 90}, "iac-google-key-destroyed-soon": {"threshold": 7}}

key := "google_kms_crypto_key"

test_rotation_of_secrets if {
	own := "google_secret_manager_secret"
	found("iac_google_secret_no_rotation", own, {}) == {{
		"fact": "r",
		"message": "google_secret_manager_secret main has neither rotation nor an end",
	}}
	found("iac_google_secret_no_rotation", own, {"rotation": {"rotation_period": "2592000s"}}) == set()
	found("iac_google_secret_no_rotation", own, {"ttl": "3600s"}) == set()
}

test_rotation_of_keys if {
	count(found("iac_google_key_no_rotation", key, {})) == 1
	found("iac_google_key_no_rotation", key, {"rotation_period": "31536000s"}) == {{
		"fact": "r",
		"path": ["properties", "rotation_period"],
		"message": "google_kms_crypto_key main rotates every 365 days",
	}}
	found("iac_google_key_no_rotation", key, {"rotation_period": "7776000.5s"}) != set()
	found("iac_google_key_no_rotation", key, {"rotation_period": "7776000s"}) == set()
	found("iac_google_key_no_rotation", key, {"rotation_period": "${var.x}"}) == set()
	found("iac_google_key_no_rotation", key, {"purpose": "ASYMMETRIC_SIGN"}) == set()
}

test_destruction if {
	count(found("iac_google_key_destroyed_soon", key, {"destroy_scheduled_duration": "86400s"})) == 1
	found("iac_google_key_destroyed_soon", key, {"destroy_scheduled_duration": "2592000s"}) == set()
	found("iac_google_key_destroyed_soon", key, {}) == set()
}

test_everybody if {
	binding := "google_secret_manager_secret_iam_binding"
	count(found("iac_google_public", binding, {"members": "${[\"allUsers\"]}"})) == 1
	count(found("iac_google_public", "google_kms_crypto_key_iam_member", {"member": "allAuthenticatedUsers"})) == 1
	found("iac_google_public", binding, {"members": "${[var.x]}"}) == set()
}

test_account_keys if {
	count(found("iac_google_account_key", "google_service_account_key", {})) == 1
	found("iac_google_account_key", "google_service_account_key", {"public_key_data": "x"}) == set()
}

test_what_was_not_read_is_unknown if {
	results := google with input as {"facts": [{"kind": "iac_resource", "id": "b"}]} with data.params as params
	every control in [
		"iac_google_secret_no_rotation", "iac_google_key_no_rotation", "iac_google_key_destroyed_soon", "iac_google_public",
		"iac_google_account_key",
	] {
		some finding in results[control]
		finding.unknown
	}
}

test_roles_for_a_project if {
	found("iac_google_role_for_project", "google_project_iam_member", {"role": "roles/secretmanager.secretAccessor"}) == {{
		"fact": "r",
		"path": ["properties", "role"],
		"message": "google_project_iam_member main gives roles/secretmanager.secretAccessor for all of a project",
		"severity": "high",
	}}
	found("iac_google_role_for_project", "google_project_iam_member", {"role": "roles/viewer"}) == set()
	found("iac_google_role_for_project", "google_project_iam_binding", {"role": "roles/secretmanager.admin", "condition": {}}) == set()
	found("iac_google_role_for_project", "google_secret_manager_secret_iam_member", {"role": "roles/secretmanager.secretAccessor"}) == set()
}

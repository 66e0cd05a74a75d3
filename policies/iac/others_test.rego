package keystrel.iac.others_test

import data.keystrel.iac.others

found(control, own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties}
	results := others with input as {"facts": [resource]}
	findings := results[control]
}

rotation(own, properties) := found("iac_key_no_rotation", own, properties)

test_keys_of_alibaba_cloud if {
	rotation("alicloud_kms_key", {"automatic_rotation": "Disabled"}) == {{
		"fact": "r",
		"path": ["properties", "automatic_rotation"],
		"message": "alicloud_kms_key main does not rotate",
	}}
	count(rotation("alicloud_kms_key", {})) == 1
	rotation("alicloud_kms_key", {"automatic_rotation": "Enabled"}) == set()
	rotation("alicloud_kms_key", {"automatic_rotation": "${var.x}"}) == set()
	rotation("alicloud_kms_key", {"key_spec": "RSA_2048"}) == set()
	rotation("alicloud_kms_key", {"origin": "EXTERNAL"}) == set()
}

test_keys_of_yandex_cloud if {
	rotation("yandex_kms_symmetric_key", {}) == {{"fact": "r", "message": "yandex_kms_symmetric_key main does not rotate"}}
	rotation("yandex_kms_symmetric_key", {"rotation_period": "8760h"}) == set()
}

request(properties) := found("terraform_secret_in_request", "data.http", properties)

test_secrets_in_addresses if {
	every value in [
		"data.aws_ssm_parameter.x.value", "data.aws_secretsmanager_secret_version.x.secret_string", "random_password.x.result",
		"var.db_password", "data.vault_kv_secret_v2.x.data", "data.aws_ssm_parameter.x[0].value",
	] {
		request({"url": sprintf("https://x.example/?a=${%s}", [value])}) == {{
			"fact": "r",
			"path": ["properties", "url"],
			"message": "data.http main has a secret in its url",
		}}
	}
}

test_secrets_without_tls if {
	headers := {"Authorization": "Bearer ${var.api_token}", "N": 1}
	request({"url": "http://x.example", "request_headers": headers}) == {{
		"fact": "r",
		"path": ["properties", "request_headers"],
		"message": "data.http main sends a secret in its request_headers without TLS",
	}}
	request({"url": "https://x.example", "request_headers": headers}) == set()
	count(request({"url": "http://x.example", "request_body": "${var.db_password}"})) == 1
}

test_requests_without_secrets if {
	every value in ["data.aws_ssm_parameter.x.name", "data.aws_secretsmanager_secret.x.arn", "var.secret_name", "var.host"] {
		request({"url": sprintf("https://x.example/?a=${%s}", [value])}) == set()
	}
	request({"url": "https://x.example/secret_string"}) == set()
	request({}) == set()
}

gitlab(own, properties) := found("iac_gitlab_secrets_allowed", own, properties)

test_push_rules if {
	gitlab("gitlab_project", {"push_rules": {"prevent_secrets": false}}) == {{
		"fact": "r",
		"path": ["properties", "push_rules", "prevent_secrets"],
		"message": "gitlab_project main takes commits with secrets",
	}}
	count(gitlab("gitlab_project", {"push_rules": {}})) == 1
	gitlab("gitlab_project", {"push_rules": {"prevent_secrets": true}}) == set()
	gitlab("gitlab_project", {}) == set()
	count(gitlab("gitlab_project_push_rules", {})) == 1
	gitlab("gitlab_project_push_rules", {"prevent_secrets": "${var.x}"}) == set()
}

kept(properties) := found("iac_google_key_destroyable", "google_kms_crypto_key", properties)

test_keys_that_a_plan_destroys if {
	kept({}) == {{"fact": "r", "message": "google_kms_crypto_key main is not kept from being destroyed by a plan"}}
	kept({"lifecycle": {"prevent_destroy": false}}) == {{
		"fact": "r",
		"path": ["properties", "lifecycle", "prevent_destroy"],
		"message": "google_kms_crypto_key main is not kept from being destroyed by a plan",
	}}
	kept({"lifecycle": {"prevent_destroy": true}}) == set()
}

test_what_was_not_read_is_unknown if {
	results := others with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	every control in [
		"iac_key_no_rotation", "terraform_secret_in_request", "iac_gitlab_secrets_allowed", "iac_google_key_destroyable",
	] {
		some finding in results[control]
		finding.unknown
	}
}

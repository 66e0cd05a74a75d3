package keystrel.vault.cloud_auth_test

import data.keystrel.vault.cloud_auth

aws_base := {
	"kind": "vault_aws_auth_role", "id": "r", "namespace": "", "name": "app", "mount": "m", "mount_path": "auth/aws/", "auth_type": "iam", "bound_account_id": null,
	"bound_iam_principal_arn": ["arn:aws:iam::123456789012:role/app"], "bound_region": null,
}

wild(fields) := found if {
	found := cloud_auth.vault_awsauth_wildcard with input as {"facts": [object.union(aws_base, fields)]}
}

test_wildcards_of_aws if {
	wild({"bound_iam_principal_arn": ["arn:aws:iam::123456789012:role/*"]}) == {{"fact": "r", "severity": "high", "message": "role `app` of auth/aws/ lets any principal that arn:aws:iam::123456789012:role/* stands for log in"}}
	{finding.severity | some finding in wild({"bound_iam_principal_arn": ["arn:aws:iam::123456789012:*"]})} == {"high"}
	{finding.severity | some finding in wild({"bound_iam_principal_arn": ["arn:aws:iam::123456789012:role/app-*"]})} == {"medium"}
	wild({"bound_iam_principal_arn": [], "bound_account_id": ["123456789012"], "bound_region": ["eu-central-1"]}) == {{"fact": "r", "severity": "high", "message": "role `app` of auth/aws/ lets anything of account 123456789012 log in"}}
}

test_roles_of_aws_that_are_fine if {
	wild({}) == set()
	wild({"bound_iam_principal_arn": null, "bound_account_id": ["123456789012"], "bound_iam_role_arn": ["arn:aws:iam::123456789012:role/app"]}) == set()
	wild({"bound_iam_principal_arn": null, "bound_ec2_instance_id": ["i-1"]}) == set()
}

mount := {"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "aws/", "type": "aws"}

header(role_fields, configs, gaps) := found if {
	found := cloud_auth.vault_awsauth_no_server_id with input as {"facts": array.concat([mount, object.union(aws_base, role_fields)], configs), "gaps": gaps}
}

config(value) := [{"kind": "vault_aws_auth_config", "id": "c", "mount": "m", "iam_server_id_header_value": value}]

test_replay if {
	header({}, config(""), []) == {{"fact": "m", "message": "aws/ does not ask for a header of its own in signed requests"}}
	count(header({}, config(null), [])) == 1
	count(header({}, [], [])) == 1
	header({}, config("vault.example.com"), []) == set()
	header({"auth_type": "ec2"}, config(""), []) == set()
	header({"mount": "other"}, config(""), []) == set()
	header({}, [], [{"needs": "vault_aws_auth_config", "what": "auth/aws/config/client", "why": "denied"}]) == set()
}

certificate(fields) := found if {
	found := cloud_auth.vault_certauth_open with input as {"facts": [object.union({"kind": "vault_cert_auth_role", "id": "r", "name": "web", "mount_path": "auth/cert/", "is_ca": true, "allowed_common_names": null}, fields)]}
}

test_certificates if {
	certificate({}) == {{"fact": "r", "message": "role `web` of auth/cert/ takes every certificate of its CA"}}
	count(certificate({"allowed_common_names": ["*"]})) == 1
	certificate({"allowed_common_names": ["app.example.com"]}) == set()
	certificate({"allowed_uri_sans": ["spiffe://example.com/app"]}) == set()
	certificate({"is_ca": false}) == set()
	certificate({"is_ca": null, "allowed_dns_sans": ["app"]}) == set()
	some finding in certificate({"is_ca": null})
	finding.unknown
}

clouds(role) := messages if {
	found := cloud_auth.vault_gcpauth_open with input as {"facts": [object.union({"id": "r", "name": "app", "mount_path": "auth/cloud/"}, role)]}
	messages := {finding.message | some finding in found}
}

test_google_cloud if {
	clouds({"kind": "vault_gcp_auth_role", "type": "gce", "bound_projects": ["shop"]}) == {"role `app` of auth/cloud/ takes whoever is in project shop"}
	clouds({"kind": "vault_gcp_auth_role", "type": "iam", "bound_projects": [], "bound_service_accounts": ["*"]}) == {"role `app` of auth/cloud/ takes whoever is in project of any name"}
	clouds({"kind": "vault_gcp_auth_role", "type": "gce", "bound_projects": ["shop"], "bound_instance_groups": ["web"]}) == set()
	clouds({"kind": "vault_gcp_auth_role", "type": "iam", "bound_service_accounts": ["app@shop.iam.gserviceaccount.com"]}) == set()
}

test_azure if {
	clouds({"kind": "vault_azure_auth_role", "bound_subscription_ids": ["s1"]}) == {"role `app` of auth/cloud/ takes whoever is in subscription s1"}
	clouds({"kind": "vault_azure_auth_role", "bound_subscription_ids": null, "bound_locations": ["westeurope"]}) == {"role `app` of auth/cloud/ takes whoever is in the tenant"}
	clouds({"kind": "vault_azure_auth_role", "bound_subscription_ids": ["s1"], "bound_service_principal_ids": ["*"]}) == {"role `app` of auth/cloud/ takes whoever is in subscription s1"}
	clouds({"kind": "vault_azure_auth_role", "bound_subscription_ids": ["s1"], "bound_resource_groups": ["web"]}) == set()
	clouds({"kind": "vault_azure_auth_role", "bound_service_principal_ids": ["p1"]}) == set()
}

package keystrel.vault.cloud_test

import data.keystrel.vault.cloud

# An inventory with one fact.
inventory(kind, id, defaults, fields) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": [object.union_n([{"kind": kind, "id": id}, defaults, fields])],
}

aws(fields) := inventory(
	"vault_aws_engine_config", "aws/config/root", {
		"access_key": "KEYID",
		"identity_token_audience": "",
		"rotation_period": 2592000,
		"rotation_schedule": "",
		"disable_automated_rotation": false,
	},
	fields,
)

role(fields) := inventory(
	"vault_aws_engine_role", "aws/roles/deploy", {
		"credential_type": ["iam_user"],
		"policy_document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}},
		"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
		"permissions_boundary_arn": "",
	},
	fields,
)

azure(fields) := inventory(
	"vault_azure_engine_config", "azure/config", {
		"client_id": "c",
		"identity_token_audience": null,
		"root_password_ttl": 15724800,
		"root_password_expiration_date": "2027-03-01T00:00:00Z",
		"rotation_period": 0,
		"rotation_schedule": null,
	},
	fields,
)

ldap(fields) := inventory(
	"vault_ldap_engine_static_role", "ldap/static-role/app", {
		"rotation_period": 86400,
		"last_vault_rotation": "2026-11-29T12:00:00Z",
	},
	fields,
)

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

test_vault_aws_engine_root_key if {
	params := {"vault-aws-engine-root-key": {"threshold": 90}}
	said(cloud.vault_aws_engine_root_key) == {"`aws/config/root`: runs on access key KEYID, which nothing rotates by itself"} with input as aws({"rotation_period": 0})
		with data.params as params
	graded(cloud.vault_aws_engine_root_key) == {"high"} with input as aws({"rotation_period": 0}) with data.params as params
	graded(cloud.vault_aws_engine_root_key) == {"medium"} with input as aws({"rotation_period": null, "rotation_schedule": null, "disable_automated_rotation": null})
		with data.params as params
	said(cloud.vault_aws_engine_root_key) == {"`aws/config/root`: access key KEYID is rotated every 91 days, of at most 90 days"} with input as aws({"rotation_period": 7862400})
		with data.params as params
	count(cloud.vault_aws_engine_root_key) == 0 with input as aws({"rotation_period": 7776000}) with data.params as params
	count(cloud.vault_aws_engine_root_key) == 0 with input as aws({"rotation_period": 0, "rotation_schedule": "0 3 1 * *"}) with data.params as params
	every none in ["", null] {
		count(cloud.vault_aws_engine_root_key) == 0 with input as aws({"access_key": none, "rotation_period": 0}) with data.params as params
	}
}

powers := {"vault-aws-engine-star-policy": {"threshold": ["AdministratorAccess"]}}

# What is found of a role: the severities.
grade(fields) := grades if {
	grades := graded(cloud.vault_aws_engine_star_policy) with input as role(fields) with data.params as powers
}

all_on_all := {"policy_document": {"Statement": [{"Effect": "Allow", "Action": ["s3:*", "*"], "Resource": ["*"]}]}}

test_vault_aws_engine_star_policy if {
	said(cloud.vault_aws_engine_star_policy) == {"`aws/roles/deploy`: hands out administrators (all actions on all resources)"} with input as role(all_on_all) with data.params as powers
	said(cloud.vault_aws_engine_star_policy) == {"`aws/roles/deploy`: hands out administrators (AdministratorAccess)"} with input as role({"policy_arns": ["arn:aws-us-gov:iam::aws:policy/AdministratorAccess"]})
		with data.params as powers
	grade(all_on_all) == {"critical"}
	grade(object.union(all_on_all, {"permissions_boundary_arn": "arn:aws:iam::111122223333:policy/b"})) == {"medium"}
	grade(object.union(all_on_all, {"credential_type": ["federation_token"]})) == {"critical"}
	grade(object.union(all_on_all, {"credential_type": ["assumed_role"]})) == set()
	grade({}) == set()
	grade({"policy_document": null, "policy_arns": null}) == set()
	grade({"policy_document": {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}}) == set()
	grade({"policy_document": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"}]}}) == set()
	grade({"policy_document": {"Statement": ["odd"]}}) == set()
	grade({"policy_arns": ["arn:aws:iam::111122223333:policy/AdministratorAccess"]}) == set()
	unclear(cloud.vault_aws_engine_star_policy) == {"aws/roles/deploy"} with input as role({"credential_type": null}) with data.params as powers
	count(cloud.vault_aws_engine_star_policy) == 0 with input as role({"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]})
		with data.params as {"vault-aws-engine-star-policy": {"threshold": []}}
}

test_vault_aws_engine_iam_user if {
	said(cloud.vault_aws_engine_iam_user) == {"`aws/roles/deploy`: makes IAM users with access keys"} with input as role({})
	count(cloud.vault_aws_engine_iam_user) == 0 with input as role({"credential_type": ["assumed_role"]})
	unclear(cloud.vault_aws_engine_iam_user) == {"aws/roles/deploy"} with input as role({"credential_type": null})
}

test_vault_gcp_engine_sa_key if {
	every kind in ["vault_gcp_engine_roleset", "vault_gcp_engine_static_account"] {
		said(cloud.vault_gcp_engine_sa_key) == {"`gcp/x`: hands out service account keys"} with input as inventory(kind, "gcp/x", {}, {"secret_type": "service_account_key"})
		count(cloud.vault_gcp_engine_sa_key) == 0 with input as inventory(kind, "gcp/x", {}, {"secret_type": "access_token"})
		unclear(cloud.vault_gcp_engine_sa_key) == {"gcp/x"} with input as inventory(kind, "gcp/x", {}, {"secret_type": null})
	}
}

test_vault_azure_engine_root_ttl if {
	params := {"vault-azure-engine-root-ttl": {"threshold": 182}}
	said(cloud.vault_azure_engine_root_ttl) == {"`azure/config`: Vault has never rotated the client secret"} with input as azure({"root_password_expiration_date": null})
		with data.params as params
	said(cloud.vault_azure_engine_root_ttl) == {"`azure/config`: the client secret ended on 2026-11-29"} with input as azure({"root_password_expiration_date": "2026-11-29T00:00:00Z"})
		with data.params as params
	said(cloud.vault_azure_engine_root_ttl) == {"`azure/config`: the client secret ends in 29 days, and nothing rotates it"} with input as azure({"root_password_expiration_date": "2026-12-29T00:00:00Z"})
		with data.params as params
	said(cloud.vault_azure_engine_root_ttl) == {"`azure/config`: client secrets live 183 days, of at most 182 days"} with input as azure({"root_password_ttl": 15811200})
		with data.params as params
	count(cloud.vault_azure_engine_root_ttl) == 0 with input as azure({}) with data.params as params
	count(cloud.vault_azure_engine_root_ttl) == 0 with input as azure({"root_password_expiration_date": "2026-12-30T00:00:00Z"}) with data.params as params
	count(cloud.vault_azure_engine_root_ttl) == 0 with input as azure({"root_password_expiration_date": "2026-12-01T00:00:00Z", "rotation_period": 86400})
		with data.params as params
	count(cloud.vault_azure_engine_root_ttl) == 0 with input as azure({"root_password_expiration_date": null, "rotation_schedule": "0 3 * * SAT"})
		with data.params as params
}

test_vault_azure_engine_root_ttl_without_a_secret if {
	params := {"vault-azure-engine-root-ttl": {"threshold": 182}}
	every fields in [{"client_id": ""}, {"client_id": null}, {"identity_token_audience": "https://vault"}] {
		count(cloud.vault_azure_engine_root_ttl) == 0 with input as azure(object.union(fields, {"root_password_expiration_date": null})) with data.params as params
	}
}

test_vault_ad_ldap_static_overdue if {
	params := {"vault-ad-ldap-static-overdue": {"threshold": 24}}
	said(cloud.vault_ad_ldap_static_overdue) == {"`ldap/static-role/app`: its rotation was due 4 days ago, and has not happened"} with input as ldap({"last_vault_rotation": "2026-11-25T00:00:00Z"})
		with data.params as params
	count(cloud.vault_ad_ldap_static_overdue) == 0 with input as ldap({"last_vault_rotation": "2026-11-28T00:00:00Z"}) with data.params as params
	count(cloud.vault_ad_ldap_static_overdue) == 1 with input as ldap({"last_vault_rotation": "2026-11-28T00:00:00Z"})
		with data.params as {"vault-ad-ldap-static-overdue": {"threshold": 23}}
	count(cloud.vault_ad_ldap_static_overdue) == 0 with input as ldap({}) with data.params as params
	count(cloud.vault_ad_ldap_static_overdue) == 0 with input as ldap({"rotation_period": 0}) with data.params as params
	unclear(cloud.vault_ad_ldap_static_overdue) == {"ldap/static-role/app"} with input as ldap({"last_vault_rotation": null}) with data.params as params
	unclear(cloud.vault_ad_ldap_static_overdue) == {"ldap/static-role/app"} with input as ldap({"rotation_period": null}) with data.params as params
	count(cloud.vault_ad_ldap_static_overdue) == 1 with input as ldap({"rotation_period": 0, "rotation_schedule": "0 3 * * SAT", "next_vault_rotation": "2026-11-28T03:00:00Z"})
		with data.params as params
}

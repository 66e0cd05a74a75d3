# METADATA
# title: Engines for clouds and directories
package keystrel.vault.cloud

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: An AWS engine runs on a static access key
# description: >-
#   The key may make users and sessions, and is good until somebody changes it. Vault does not tell its age; `aws iam list-access-keys` of
#   its user does. Vault Enterprise rotates it by itself, or needs none with workload identity federation. The parameter is the longest
#   period of rotation in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/aws#configure-root-credentials
# - ref: https://developer.hashicorp.com/vault/docs/secrets/aws#plugin-workload-identity-federation-wif
# custom:
#   id: vault-aws-engine-root-key
#   severity: high
#   subject: vault_aws_engine_config
#   needs: [vault_aws_engine_config]
#   threshold: 90
#   remediation: >-
#     On AWS give the server a role (instance profile, IRSA) and leave `access_key` empty. Elsewhere `vault write aws/config/root
#     identity_token_audience=... role_arn=...` (Enterprise), or `vault write -f aws/config/rotate-root` now, and by itself with
#     `rotation_period=30d` in `aws/config/root` (Enterprise; each write replaces the whole configuration).
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_aws_engine_root_key contains finding if {
	some config in facts.of("vault_aws_engine_config")
	vault_engines.text(config, "access_key") != ""
	not vault_engines.rotates(config)
	finding := {
		"fact": config.id,
		"severity": severity_of(config),
		"message": sprintf("`%s`: runs on access key %s, which nothing rotates by itself", [config.id, config.access_key]),
	}
}

vault_aws_engine_root_key contains finding if {
	limit := data.params["vault-aws-engine-root-key"].threshold
	some config in facts.of("vault_aws_engine_config")
	vault_engines.text(config, "access_key") != ""
	period := vault_engines.number(config, "rotation_period")
	period > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: access key %s is rotated every %s, of at most %s", [
			config.id,
			config.access_key,
			vault_engines.show_roughly(period),
			age.show_days(limit),
		]),
	}
}

# METADATA
# title: A role of the AWS engine hands out administrators
# description: >-
#   Whoever may read from the role owns the AWS account. A role that assumes others is left out: what its policy allows is no more than what
#   the assumed role may. With a permissions boundary it is found as medium. The parameter lists managed policies that make an
#   administrator.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/aws#create-update-role
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
# custom:
#   id: vault-aws-engine-star-policy
#   severity: critical
#   subject: vault_aws_engine_role
#   needs: [vault_aws_engine_role]
#   threshold: [AdministratorAccess, IAMFullAccess]
#   remediation: >-
#     `vault write aws/roles/deploy credential_type=assumed_role role_arns=arn:aws:iam::111122223333:role/deploy`, whose policy names the
#     actions and resources that it is for.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_aws_engine_star_policy contains finding if {
	some role in facts.of("vault_aws_engine_role")
	makes_rights(role)
	powers := powers_of(role)
	count(powers) > 0
	finding := {
		"fact": role.id,
		"severity": bounded(role),
		"message": sprintf("`%s`: hands out administrators (%s)", [role.id, concat(", ", sort(powers))]),
	}
}

vault_aws_engine_star_policy contains finding if {
	some finding in vault_engines.unsaid("vault_aws_engine_role", ["credential_type"])
}

# METADATA
# title: A role of the AWS engine makes IAM users instead of sessions
# description: >-
#   An access key of a user has no end of its own: if Vault cannot delete the user, it is good for ever. Sessions end by themselves, and
#   work at once.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/aws#sts-assumerole
# custom:
#   id: vault-aws-engine-iam-user
#   severity: medium
#   subject: vault_aws_engine_role
#   needs: [vault_aws_engine_role]
#   remediation: >-
#     `vault write aws/roles/deploy credential_type=assumed_role role_arns=arn:aws:iam::111122223333:role/deploy`
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["6.2"]
vault_aws_engine_iam_user contains finding if {
	some role in facts.of("vault_aws_engine_role")
	"iam_user" in vault_engines.list(role, "credential_type")
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: makes IAM users with access keys", [role.id]),
	}
}

vault_aws_engine_iam_user contains finding if {
	some finding in vault_engines.unsaid("vault_aws_engine_role", ["credential_type"])
}

# METADATA
# title: A Google Cloud engine hands out service account keys
# description: >-
#   A key is good until it is deleted, an account has ten of them at most, and Google advises against them. Access tokens end after an hour.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/gcp#access-tokens
# - ref: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
# custom:
#   id: vault-gcp-engine-sa-key
#   severity: medium
#   subject: vault_gcp_engine_roleset
#   needs: [vault_gcp_engine_roleset, vault_gcp_engine_static_account]
#   remediation: >-
#     `vault write gcp/impersonated-account/deploy service_account_email=... token_scopes=https://www.googleapis.com/auth/cloud-platform`,
#     or a new roleset with `secret_type=access_token`. The type of a roleset cannot be changed.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["6.2"]
vault_gcp_engine_sa_key contains finding if {
	some kind in ["vault_gcp_engine_roleset", "vault_gcp_engine_static_account"]
	some role in facts.of(kind)
	role.secret_type == "service_account_key"
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: hands out service account keys", [role.id]),
	}
}

vault_gcp_engine_sa_key contains finding if {
	some kind in ["vault_gcp_engine_roleset", "vault_gcp_engine_static_account"]
	some finding in vault_engines.unsaid(kind, ["secret_type"])
}

# METADATA
# title: The client secret of an Azure engine is not rotated, or about to end
# description: >-
#   When it ends the engine stops, and no login can be made or removed. Vault knows when it ends only after it has rotated it; before, whoever
#   set the engine up knows the secret. The parameter is the longest life in days; 182 is Vault's default.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/azure#configure-access
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/azure#rotate-root
# custom:
#   id: vault-azure-engine-root-ttl
#   severity: medium
#   subject: vault_azure_engine_config
#   needs: [vault_azure_engine_config]
#   threshold: 182
#   remediation: >-
#     `vault write -f azure/rotate-root` (`root_password_ttl=182d` in `azure/config`); with Vault Enterprise `vault write azure/config
#     rotation_period=30d`, or no secret at all: a managed identity, or `identity_token_audience`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_azure_engine_root_ttl contains finding if {
	some config in facts.of("vault_azure_engine_config")
	has_client_secret(config)
	not age.is_time(object.get(config, "root_password_expiration_date", null))
	not vault_engines.rotates(config)
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: Vault has never rotated the client secret", [config.id]),
	}
}

vault_azure_engine_root_ttl contains finding if {
	some config in facts.of("vault_azure_engine_config")
	has_client_secret(config)
	age.is_past(config.root_password_expiration_date)
	finding := {
		"fact": config.id,
		"severity": "high",
		"message": sprintf("`%s`: the client secret ended on %s", [
			config.id,
			substring(config.root_password_expiration_date, 0, 10),
		]),
	}
}

vault_azure_engine_root_ttl contains finding if {
	some config in facts.of("vault_azure_engine_config")
	has_client_secret(config)
	not vault_engines.rotates(config)
	not age.is_past(config.root_password_expiration_date)
	age.within(config.root_password_expiration_date, 30)
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: the client secret ends in %s, and nothing rotates it", [
			config.id,
			age.show_days(age.days_until(config.root_password_expiration_date)),
		]),
	}
}

vault_azure_engine_root_ttl contains finding if {
	limit := data.params["vault-azure-engine-root-ttl"].threshold
	some config in facts.of("vault_azure_engine_config")
	has_client_secret(config)
	life := vault_engines.number(config, "root_password_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: client secrets live %s, of at most %s", [
			config.id,
			vault_engines.show_roughly(life),
			age.show_days(limit),
		]),
	}
}

# METADATA
# title: The rotation of an LDAP static role has failed
# description: >-
#   The account in the directory has its old password, and whoever had it can go on. The Active Directory engine is left out: it changes a
#   password when somebody asks for it. The parameter is how many hours a rotation may be late.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/ldap#static-credentials
# custom:
#   id: vault-ad-ldap-static-overdue
#   severity: high
#   subject: vault_ldap_engine_static_role
#   needs: [vault_ldap_engine_static_role]
#   threshold: 24
#   remediation: >-
#     `vault write -f ldap/rotate-role/app` shows the error; check that `binddn` may change the password of the account.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_ad_ldap_static_overdue contains finding if {
	grace := data.params["vault-ad-ldap-static-overdue"].threshold
	some finding in vault_engines.overdue("vault_ldap_engine_static_role", grace)
}

vault_ad_ldap_static_overdue contains finding if {
	some role in facts.of("vault_ldap_engine_static_role")
	not vault_engines.can_rotate(role)
	finding := {"fact": role.id, "unknown": "the server does not tell how often it is rotated"}
}

# Without automatic rotation in the server, somebody may do it from outside.
severity_of(config) := "high" if {
	vault_engines.can_rotate(config)
} else := "medium"

# Whether the policies of a role are all that its logins may: users and federated sessions have no others.
makes_rights(role) if {
	some type in ["iam_user", "federation_token"]
	type in vault_engines.list(role, "credential_type")
}

powers_of(role) := {name |
	some arn in vault_engines.list(role, "policy_arns")
	some name in data.params["vault-aws-engine-star-policy"].threshold
	regex.match(`^arn:[a-z-]+:iam::aws:policy/`, arn)
	endswith(arn, sprintf("/%s", [name]))
} | {"all actions on all resources" |
	some statement in as_list(object.get(vault_engines.part(role, "policy_document"), "Statement", []))
	is_object(statement)
	statement.Effect == "Allow"
	some action in as_list(object.get(statement, "Action", []))
	action in {"*", "*:*"}
	"*" in as_list(object.get(statement, "Resource", []))
}

bounded(role) := "medium" if {
	vault_engines.text(role, "permissions_boundary_arn") != ""
} else := "critical"

# What a policy of AWS has as one or as a list.
as_list(value) := value if is_array(value)

as_list(value) := [value] if not is_array(value)

# Whether the engine logs in with a secret: a managed identity has no client, a federated one no secret.
has_client_secret(config) if {
	vault_engines.text(config, "client_id") != ""
	vault_engines.text(config, "identity_token_audience") == ""
}

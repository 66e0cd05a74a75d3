# METADATA
# title: Logins of clouds and of certificates
package keystrel.vault.cloud_auth

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_role

# METADATA
# title: A role lets any principal of an AWS account log in
# description: >-
#   Whoever may start something in the account, or make a role in it, has what the role grants.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/aws#create-update-role
# custom:
#   id: vault-awsauth-wildcard
#   severity: high
#   subject: vault_aws_auth_role
#   needs: [vault_aws_auth_role]
#   remediation: >-
#     Run `vault write auth/aws/role/NAME bound_iam_principal_arn=arn:aws:iam::ACCOUNT:role/app`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_awsauth_wildcard contains finding if {
	some role in aws_roles
	found := open(role)
	finding := {
		"fact": role.id,
		"severity": found.severity,
		"message": sprintf("%s lets %s log in", [vault_role.named(role), found.why]),
	}
}

# METADATA
# title: Logins of AWS can be replayed from another server
# description: >-
#   A signed request that somebody sends to another Vault, or to a program that pretends to be one, logs in here for
#   a quarter of an hour.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/aws#configure-client
# custom:
#   id: vault-awsauth-no-server-id
#   severity: medium
#   subject: vault_auth_mount
#   where: {type: [aws]}
#   needs: [vault_auth_mount, vault_aws_auth_config, vault_aws_auth_role]
#   remediation: >-
#     Run `vault write auth/aws/config/client iam_server_id_header_value=vault.example.com`, and let clients send it
#     (`vault login -method=aws header_value=vault.example.com`).
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_awsauth_no_server_id contains finding if {
	gaps.none("vault_aws_auth_config")
	some mount in facts.of("vault_auth_mount")
	mount.type == "aws"
	takes_requests(mount)
	not has_header(mount)
	finding := {
		"fact": mount.id,
		"message": sprintf("%s does not ask for a header of its own in signed requests", [mount.path]),
	}
}

# METADATA
# title: A role takes every certificate of a CA
# description: >-
#   Any service with a certificate of that CA has what the role grants.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/cert#create-ca-certificate-role
# custom:
#   id: vault-certauth-open
#   severity: high
#   subject: vault_cert_auth_role
#   needs: [vault_cert_auth_role]
#   remediation: >-
#     Run `vault write auth/cert/certs/NAME allowed_common_names=app.example.com certificate=@ca.pem`, or
#     `allowed_uri_sans=spiffe://example.com/app`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_certauth_open contains finding if {
	some role in facts.of("vault_cert_auth_role")
	role.is_ca == true
	is_unlimited(role)
	finding := {
		"fact": role.id,
		"message": sprintf("%s takes every certificate of its CA", [vault_role.named(role)]),
	}
}

vault_certauth_open contains finding if {
	some role in facts.of("vault_cert_auth_role")
	not is_boolean(role.is_ca)
	is_unlimited(role)
	finding := {"fact": role.id, "unknown": "its certificate could not be read, and it names no limits"}
}

# METADATA
# title: A role takes whoever is in a project or subscription
# description: >-
#   Whoever may start a machine or make an account there has what the role grants.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/gcp#create-update-role
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/azure#create-update-role
# custom:
#   id: vault-gcpauth-open
#   severity: high
#   subject: [vault_azure_auth_role, vault_gcp_auth_role]
#   needs: [vault_auth_mount, vault_azure_auth_role, vault_gcp_auth_role]
#   remediation: >-
#     Run `vault write auth/gcp/role/NAME bound_service_accounts=app@PROJECT.iam.gserviceaccount.com`, or `vault
#     write auth/azure/role/NAME bound_service_principal_ids=ID`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_gcpauth_open contains finding if {
	some found in whole
	finding := {
		"fact": found.role.id,
		"message": sprintf("%s takes whoever is in %s", [vault_role.named(found.role), found.of]),
	}
}

aws_roles := facts.of("vault_aws_auth_role")

# What a role of AWS takes too much by, and how bad that is.
open(role) := {"severity": "high", "why": sprintf("any principal that %s stands for", [concat(", ", sort(whole))])} if {
	whole := {arn |
		some arn in vault_role.texts(role, "bound_iam_principal_arn")
		regex.match(`:(?:\*|(?:role|user|assumed-role|group)/\*)$|^\*$`, arn)
	}
	count(whole) > 0
} else := {"severity": "medium", "why": sprintf("any principal that %s stands for", [concat(", ", sort(parts))])} if {
	parts := {arn |
		some arn in vault_role.texts(role, "bound_iam_principal_arn")
		endswith(arn, "*")
	}
	count(parts) > 0
} else := {"severity": "high", "why": sprintf("anything of account %s", [concat(", ", sort(vault_role.texts(role, "bound_account_id")))])} if {
	not vault_role.is_empty(role, "bound_account_id")
	every field in narrowing {
		vault_role.is_empty(role, field)
	}
}

# What says more of a caller than its account. A region is no limit.
narrowing := [
	"bound_iam_principal_arn", "bound_iam_role_arn", "bound_iam_instance_profile_arn", "bound_ami_id", "bound_ec2_instance_id",
	"bound_vpc_id", "bound_subnet_id",
]

# Mounts on which signed requests of IAM log in.
takes_requests(mount) if {
	some role in aws_roles
	role.mount == mount.id
	role.auth_type == "iam"
}

has_header(mount) if {
	some config in facts.of("vault_aws_auth_config")
	config.mount == mount.id
	not vault_role.is_empty(config, "iam_server_id_header_value")
}

limits := ["allowed_names", "allowed_common_names", "allowed_dns_sans", "allowed_email_sans", "allowed_uri_sans", "allowed_organizational_units", "required_extensions"]

is_unlimited(role) if {
	every field in limits {
		vault_role.is_empty(role, field)
	}
}

is_unlimited(role) if {
	some field in limits
	"*" in vault_role.texts(role, field)
}

gcp_limits := ["bound_service_accounts", "bound_zones", "bound_regions", "bound_instance_groups", "bound_labels"]

azure_limits := ["bound_service_principal_ids", "bound_group_ids", "bound_scale_sets", "bound_resource_groups"]

# Roles of Google Cloud and Azure that are for whoever is in a project, a subscription or a tenant.
whole contains {"role": role, "of": sprintf("project %s", [shown(role, "bound_projects")])} if {
	some role in facts.of("vault_gcp_auth_role")
	role.type == "gce"
	every field in gcp_limits {
		vault_role.is_empty(role, field)
	}
}

whole contains {"role": role, "of": sprintf("project %s", [shown(role, "bound_projects")])} if {
	some role in facts.of("vault_gcp_auth_role")
	"*" in vault_role.texts(role, "bound_service_accounts")
}

whole contains {"role": role, "of": azure_scope(role)} if {
	some role in facts.of("vault_azure_auth_role")
	every field in azure_limits {
		vault_role.is_empty(role, field)
	}
}

whole contains {"role": role, "of": azure_scope(role)} if {
	some role in facts.of("vault_azure_auth_role")
	some field in ["bound_service_principal_ids", "bound_group_ids"]
	"*" in vault_role.texts(role, field)
}

azure_scope(role) := "the tenant" if vault_role.is_empty(role, "bound_subscription_ids")

else := sprintf("subscription %s", [shown(role, "bound_subscription_ids")])

shown(role, field) := concat(", ", sort(vault_role.texts(role, field))) if {
	not vault_role.is_empty(role, field)
} else := "of any name"

# METADATA
# title: Who gets policies of administrators
package keystrel.vault.privileged

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl
import data.keystrel.lib.vault_privilege
import data.keystrel.lib.vault_role

# METADATA
# title: A role for programs gives a policy of administrators
# description: >-
#   A program that is broken into then gives the whole store away. Meant are policies with sudo, on every path, or
#   with which others are taken; those by which an auditor looks are not. The threshold is a list of names of
#   policies that programs may have nevertheless, such as Terraform or a job for backups, with `*`; a policy that is
#   as strong as root is found all the same.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-role-privileged-policy
#   severity: high
#   subject: [vault_approle_role, vault_aws_auth_role, vault_azure_auth_role, vault_cert_auth_role, vault_gcp_auth_role, vault_jwt_auth_role, vault_kubernetes_auth_role]
#   needs:
#     - vault_approle_role
#     - vault_auth_mount
#     - vault_aws_auth_role
#     - vault_azure_auth_role
#     - vault_cert_auth_role
#     - vault_gcp_auth_role
#     - vault_jwt_auth_role
#     - vault_kubernetes_auth_role
#     - vault_policy
#     - vault_server
#   threshold: []
#   remediation: >-
#     Run `vault write auth/PATH/role/NAME token_policies=app` with a policy of what the program does; bind those
#     that must be powerful (Terraform, backup) to networks and short lives.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_role_privileged_policy contains finding if {
	some role in machine_roles
	held := not_allowed(role, held_by(role, "token_policies"))
	count(held) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("%s gives %s", [vault_role.named(role), vault_privilege.shown(held)]),
	}
}

vault_role_privileged_policy contains finding if {
	some role in machine_roles
	is_unclear(role, "token_policies")
	finding := {"fact": role.id, "unknown": "rules of its policies could not be read"}
}

# METADATA
# title: A user with a password of Vault is an administrator
# description: >-
#   A password that is guessed or leaks opens the whole store; it is not that of the organisation, and stays when
#   its user leaves.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/userpass
# custom:
#   id: vault-userpass-user-admin
#   severity: high
#   subject: vault_userpass_user
#   needs: [vault_auth_mount, vault_policy, vault_userpass_user]
#   remediation: >-
#     Let administrators log in by OIDC or SAML with a second factor, and run `vault write auth/userpass/users/NAME
#     token_policies=default` or `vault delete auth/userpass/users/NAME`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_userpass_user_admin contains finding if {
	some user in facts.of("vault_userpass_user")
	held := held_by(user, "token_policies")
	count(held) > 0
	finding := {
		"fact": user.id,
		"message": sprintf("user `%s` of %s has %s", [user.name, user.mount_path, vault_privilege.shown(held)]),
	}
}

vault_userpass_user_admin contains finding if {
	some user in facts.of("vault_userpass_user")
	is_unclear(user, "token_policies")
	finding := {"fact": user.id, "unknown": "rules of its policies could not be read"}
}

# METADATA
# title: A policy of administrators is attached to a single identity
# description: >-
#   It is in no group, so that nobody sees it when groups are reviewed, and it stays when its owner changes.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/identity
# custom:
#   id: vault-identity-group-direct-admin
#   severity: medium
#   subject: vault_entity
#   needs: [vault_auth_mount, vault_entity, vault_policy]
#   remediation: >-
#     Add the identity to a group with the policy (`vault write identity/group name=admins policies=admin
#     member_entity_ids=ID`), and run `vault write identity/entity/id/ID policies=""`.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_identity_group_direct_admin contains finding if {
	some entity in facts.of("vault_entity")
	held := held_by(entity, "policies")
	count(held) > 0
	finding := {
		"fact": entity.id,
		"message": sprintf("identity `%s` itself has %s", [entity.name, vault_privilege.shown(held)]),
	}
}

vault_identity_group_direct_admin contains finding if {
	some entity in facts.of("vault_entity")
	is_unclear(entity, "policies")
	finding := {"fact": entity.id, "unknown": "rules of its policies could not be read"}
}

# Roles by which programs log in.
machine_kinds := {
	"vault_approle_role", "vault_aws_auth_role", "vault_azure_auth_role", "vault_cert_auth_role", "vault_gcp_auth_role", "vault_jwt_auth_role",
	"vault_kubernetes_auth_role",
}

machine_roles := {role |
	some role in input.facts
	role.kind in machine_kinds
	not role.role_type == "oidc"
}

# Those of the privileged policies of a role that programs may not have.
not_allowed(role, held) := {name |
	some name in held
	not is_allowed(role, name)
}

is_allowed(role, name) if {
	acl.is_listed(name, data.params["vault-role-privileged-policy"].threshold)
	not vault_privilege.is_as_root(role, name)
}

# What is known of policies that somebody gets: which of them are privileged, else that it cannot be told.
held_by(fact, field) := vault_privilege.privileged_of(fact, vault_role.texts(fact, field))

is_unclear(fact, field) if {
	count(held_by(fact, field)) == 0
	count(vault_privilege.unread_of(fact, vault_role.texts(fact, field))) > 0
}

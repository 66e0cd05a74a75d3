# METADATA
# title: Logins by JWT and OIDC
package keystrel.vault.jwt_auth

import data.keystrel.lib.facts
import data.keystrel.lib.vault_role

# METADATA
# title: A role takes JWTs that are meant for others
# description: >-
#   A token that was made for another service logs in, and so does that service as its caller. Since Vault 1.17 a
#   JWT with an audience needs `bound_audiences`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/jwt#create-update-role
# custom:
#   id: vault-jwt-no-audience
#   severity: high
#   subject: vault_jwt_auth_role
#   needs: [vault_jwt_auth_role]
#   remediation: >-
#     Let the issuer make tokens for an audience of your own, and run `vault write auth/jwt/role/NAME
#     bound_audiences=https://vault.example.com`.
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
vault_jwt_no_audience contains finding if {
	some role in roles
	role.role_type == "jwt"
	vault_role.is_empty(role, "bound_audiences")
	finding := {
		"fact": role.id,
		"message": sprintf("%s does not look at the audience of tokens", [vault_role.named(role)]),
	}
}

# METADATA
# title: A role for a shared issuer does not say whose tokens it takes
# description: >-
#   GitHub, GitLab and others sign tokens for all their customers: without a claim that pins organisation and
#   repository, anybody's pipeline logs in. Claims such as `ref` or `environment` pin nothing, since a stranger sets
#   them in a repository of his own. The threshold is a list of issuers, without `https://`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/auth/jwt#create-update-role
# - ref: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-hashicorp-vault
# custom:
#   id: vault-jwt-open-claims
#   severity: critical
#   subject: vault_jwt_auth_role
#   needs: [vault_jwt_auth_config, vault_jwt_auth_role]
#   threshold: [accounts.google.com, agent.buildkite.com, api.bitbucket.org, app.terraform.io, gitlab.com, oidc.circleci.com, token.actions.githubusercontent.com, vstoken.dev.azure.com]
#   remediation: >-
#     Run `vault write auth/jwt/role/NAME -` with `"bound_claims_type": "glob", "bound_claims": {"sub":
#     "repo:ORG/REPO:ref:refs/heads/main"}`; of GitLab take `project_path` or `namespace_id`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_jwt_open_claims contains finding if {
	some role in roles
	known := shared(role, data.params["vault-jwt-open-claims"].threshold)
	count(known) > 0
	not is_pinned(role)
	finding := {
		"fact": role.id,
		"message": sprintf("%s takes tokens of %s of anybody: no claim says whose", [vault_role.named(role), concat(", ", sort(known))]),
	}
}

roles := facts.of("vault_jwt_auth_role")

# What a mount says of its issuer.
issuers(role) := {issuer |
	some config in facts.of("vault_jwt_auth_config")
	config.mount == role.mount
	some field in ["bound_issuer", "jwks_url", "oidc_discovery_url"]
	issuer := object.get(config, field, null)
	is_string(issuer)
}

# The shared issuers among them, without their scheme.
shared(role, known) := {prefix |
	some issuer in issuers(role)
	some prefix in known
	is_of(trim_prefix(lower(issuer), "https://"), prefix)
}

is_of(issuer, prefix) if issuer == prefix

is_of(issuer, prefix) if startswith(issuer, sprintf("%s/", [prefix]))

# Claims that say when and how something ran, and not whose it is: anybody sets them in a repository of his own.
circumstances := {
	"aud", "base_ref", "environment", "environment_protected", "event_name", "head_ref", "iss", "pipeline_source", "ref", "ref_path",
	"ref_protected", "ref_type", "run_attempt", "runner_environment", "terraform_run_phase", "workflow",
}

is_pinned(role) if {
	some subject in vault_role.texts(role, "bound_subject")
	not is_open(subject, "string")
}

is_pinned(role) if {
	is_object(role.bound_claims)
	some claim, _ in role.bound_claims
	not claim in circumstances
	values := vault_role.texts(role.bound_claims, claim)
	count(values) > 0
	every value in values {
		is_string(value)
		not is_open(value, object.get(role, "bound_claims_type", "string"))
	}
}

# Whether a value stands for those of strangers too: with globs one whose owner is a wildcard.
is_open(value, _) if value in {"", "*"}

is_open(value, "glob") if {
	regex.match(`^(?:repo:|repository:|project_path:|organization:|org:|workspace:)?[^/:]*\*`, value)

	# Addresses of a domain are not those of strangers.
	not regex.match(`^\*@[^*]+$`, value)
}

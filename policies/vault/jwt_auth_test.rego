package keystrel.vault.jwt_auth_test

import data.keystrel.vault.jwt_auth

params := {
	"vault-jwt-open-claims": {"threshold": ["accounts.google.com", "agent.buildkite.com", "api.bitbucket.org", "app.terraform.io", "gitlab.com", "oidc.circleci.com", "token.actions.githubusercontent.com", "vstoken.dev.azure.com"]},
}

base := {
	"kind": "vault_jwt_auth_role", "id": "r", "namespace": "", "name": "ci", "mount": "m", "mount_path": "auth/jwt/", "role_type": "jwt",
	"bound_audiences": ["https://vault.example.com"], "bound_claims": null, "bound_claims_type": "string", "bound_subject": "",
}

config(issuer) := {"kind": "vault_jwt_auth_config", "id": "c", "mount": "m", "oidc_discovery_url": issuer, "bound_issuer": "", "jwks_url": null}

audience(fields) := found if {
	found := jwt_auth.vault_jwt_no_audience with input as {"facts": [object.union(base, fields)]}
}

test_audience if {
	audience({"bound_audiences": []}) == {{"fact": "r", "message": "role `ci` of auth/jwt/ does not look at the audience of tokens"}}
	count(audience({"bound_audiences": null})) == 1
	audience({}) == set()
	audience({"bound_audiences": [], "role_type": "oidc"}) == set()
}

github := "https://token.actions.githubusercontent.com"

open(issuer, fields) := found if {
	found := jwt_auth.vault_jwt_open_claims with input as {"facts": [config(issuer), object.union(base, fields)]} with data.params as params
}

is_open(fields) := count(open(github, fields)) == 1

test_anybody_logs_in if {
	open(github, {}) == {{"fact": "r", "message": "role `ci` of auth/jwt/ takes tokens of token.actions.githubusercontent.com of anybody: no claim says whose"}}
	is_open({"bound_claims": {}})
	is_open({"bound_claims": {"ref": ["refs/heads/main"], "environment": ["production"]}})
	is_open({"bound_claims": {"repository": []}})
	every value in ["*", "repo:*", "repo:*/*", "repo:ac*/shop:*", "*/shop"] {
		is_open({"bound_claims": {"sub": [value]}, "bound_claims_type": "glob"})
	}
	is_open({"bound_claims": {"sub": ["repo:acme/shop:*", "*"]}, "bound_claims_type": "glob"})
	is_open({"bound_subject": "*"})
}

test_claims_that_pin if {
	is_open({"bound_claims": {"repository": "acme/shop"}}) == false
	is_open({"bound_claims": {"sub": ["repo:acme/*"]}, "bound_claims_type": "glob"}) == false
	is_open({"bound_claims": {"sub": ["repo:acme/shop:*"], "ref": ["*"]}, "bound_claims_type": "glob"}) == false
	is_open({"bound_claims": {"namespace_id": ["42"]}}) == false
	is_open({"bound_claims": {"email": ["*@acme.example"]}, "bound_claims_type": "glob"}) == false
	is_open({"bound_subject": "repo:acme/shop:ref:refs/heads/main"}) == false
}

test_other_issuers if {
	open("https://gitlab.com/", {}) != set()
	open("https://vstoken.dev.azure.com/org-id", {}) != set()
	open("https://gitlab.example.com", {}) == set()
	open("https://gitlab.com.example.com", {}) == set()
	open(null, {}) == set()
	open(github, {"mount": "other"}) == set()
}

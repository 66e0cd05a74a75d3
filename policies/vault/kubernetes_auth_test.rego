package keystrel.vault.kubernetes_auth_test

import data.keystrel.vault.kubernetes_auth

base := {
	"kind": "vault_kubernetes_auth_role", "id": "r", "namespace": "", "name": "app", "mount_path": "auth/kubernetes/", "audience": "vault",
	"bound_service_account_names": ["app"], "bound_service_account_namespaces": ["shop"], "bound_service_account_namespace_selector": "",
}

wild(fields) := found if {
	found := kubernetes_auth.vault_k8sauth_wildcard_sa with input as {"facts": [object.union(base, fields)]}
}

test_wildcards if {
	wild({"bound_service_account_namespaces": ["*"]}) == {{"fact": "r", "severity": "critical", "message": "role `app` of auth/kubernetes/ lets service account app of any namespace log in"}}
	wild({"bound_service_account_names": ["*"]}) == {{"fact": "r", "severity": "high", "message": "role `app` of auth/kubernetes/ lets any service account of namespace shop log in"}}
	wild({"bound_service_account_names": ["*"], "bound_service_account_namespaces": ["*"]}) == {{"fact": "r", "severity": "critical", "message": "role `app` of auth/kubernetes/ lets any service account of any namespace log in"}}
	count(wild({"bound_service_account_names": ["*"], "bound_service_account_namespaces": null})) == 1
}

test_names_are_fine if {
	wild({}) == set()
	wild({"bound_service_account_names": ["app-*"]}) == set()
	wild({"bound_service_account_names": null, "bound_service_account_namespaces": null}) == set()
}

default_account(names) := default_account_of(names, ["shop"])

default_account_of(names, namespaces) := found if {
	found := kubernetes_auth.vault_k8sauth_default_sa with input as {"facts": [object.union(base, {"bound_service_account_names": names, "bound_service_account_namespaces": namespaces})]}
}

test_the_default_account if {
	default_account(["app", "default"]) == {{"fact": "r", "message": "role `app` of auth/kubernetes/ lets the account `default` of namespace shop log in"}}
	default_account_of(["default"], ["*"]) == {{"fact": "r", "message": "role `app` of auth/kubernetes/ lets the account `default` of any namespace log in"}}
	default_account_of(["default"], null) == {{"fact": "r", "message": "role `app` of auth/kubernetes/ lets the account `default` of namespaces by their labels log in"}}
	default_account(["app"]) == set()
	default_account(null) == set()
}

audience(value) := found if {
	found := kubernetes_auth.vault_k8sauth_no_audience with input as {"facts": [object.union(base, {"audience": value})]}
}

test_audience if {
	audience("") == {{"fact": "r", "message": "role `app` of auth/kubernetes/ does not look at the audience of tokens"}}
	count(audience(null)) == 1
	audience("vault") == set()
}

reviewer(set_jwt) := found if {
	found := kubernetes_auth.vault_k8sauth_iss_validation with input as {"facts": [{"kind": "vault_kubernetes_auth_config", "id": "c", "mount_path": "auth/kubernetes/", "token_reviewer_jwt_set": set_jwt}]}
}

test_reviewer if {
	reviewer(true) == {{"fact": "c", "message": "auth/kubernetes/ reviews tokens with one that was written into its configuration"}}
	reviewer(false) == set()
	some finding in reviewer(null)
	finding.unknown
}

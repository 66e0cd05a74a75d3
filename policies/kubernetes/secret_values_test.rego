package keystrel.kubernetes.secret_values_test

import data.keystrel.kubernetes.secret_values
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-secret-weak-value": {"threshold": 16}, "k8s-secret-dockerconfig-plain": {"threshold": 3}}

fact(type, fields) := object.union(
	{
		"kind": "k8s_secret_value", "id": "Secret/shop/a#value", "secret": "Secret/shop/a", "namespace": "shop",
		"type": type, "values": [], "same_in": [], "rules": [],
	},
	fields,
)

holding(value) := fact("Opaque", {"values": [object.union({"key": "password", "length": 32, "is_common": false, "equals_name": false}, value)]})

weak(facts) := found if {
	found := secret_values.k8s_secret_weak_value with input as fixtures.cluster(facts) with data.params as params
}

test_weak_values if {
	weak([holding({"length": 8})]) == {{"fact": "Secret/shop/a#value", "message": "value of password has 8 characters, of at least 16"}}
	weak([holding({"length": 6, "is_common": true})]) == {{"fact": "Secret/shop/a#value", "message": "value of password is a common password"}}
	weak([holding({"equals_name": true, "is_common": true})]) == {{"fact": "Secret/shop/a#value", "message": "value of password is its own name"}}
}

test_strong_values if {
	count(weak([holding({"length": 16})])) == 0
	count(weak([holding({"length": 0})])) == 0
	count(weak([holding({"length": null})])) == 0
	count(weak([holding({"key": "username", "length": 4})])) == 0
	count(weak([holding({"key": "token_url", "length": 4})])) == 0
	count(weak([holding({"key": "api-key", "length": 4})])) == 1
	certificate := fact("kubernetes.io/tls", {"values": [{"key": "secret", "length": 4}]})
	count(weak([certificate])) == 0
}

pull(namespaces) := fact("kubernetes.io/dockerconfigjson", {"same_in": [{"secret": sprintf("Secret/%s/a", [n]), "namespace": n} |
	some n in namespaces
]})

shared(facts) := found if {
	found := secret_values.k8s_secret_dockerconfig_plain with input as fixtures.cluster(facts) with data.params as params
}

test_one_password_in_many_namespaces if {
	shared([pull(["a", "b", "c"])]) == {{
		"fact": "Secret/shop/a#value",
		"message": "the same registry password is in 4 namespaces: a, b, c, shop",
	}}
}

test_one_password_in_few_namespaces if {
	count(shared([pull(["a", "b"])])) == 0
	count(shared([pull(["a", "b", "b", "shop"])])) == 0
	count(shared([object.union(pull(["a", "b", "c"]), {"type": "Opaque"})])) == 0
}

release(rules) := fact("helm.sh/release.v1", {"rules": rules})

test_releases if {
	found := secret_values.k8s_secret_helm_release with input as fixtures.cluster([release(["b-rule", "a-rule"])])
	found == {{"fact": "Secret/shop/a#value", "message": "the release holds secrets: a-rule, b-rule"}}
	none := secret_values.k8s_secret_helm_release with input as fixtures.cluster([release([])])
	count(none) == 0
	unread := secret_values.k8s_secret_helm_release with input as fixtures.cluster([release(null)])
	fixtures.unknown(unread) == {"Secret/shop/a#value"}
}

package keystrel.kubernetes.secret_tokens_test

import data.keystrel.kubernetes.secret_tokens
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-secret-legacy-sa-token-unused": {"threshold": 30}, "k8s-secret-bootstrap-token": {"threshold": 24}}

token(labels) := object.union(
	fixtures.secret("shop", "t", "kubernetes.io/service-account-token", "2026-01-01"),
	{"object": {"metadata": {"labels": labels}}},
)

tracked(since) := fixtures.resource("ConfigMap", "kube-system", "kube-apiserver-legacy-service-account-token-tracking", {"data": {"since": since}})

unused(facts) := found if {
	found := secret_tokens.k8s_secret_legacy_sa_token_unused with input as fixtures.cluster(facts) with data.params as params
}

test_unused_by_its_label if {
	found := unused([token({"kubernetes.io/legacy-token-last-used": "2026-10-01"})])
	found == {{"fact": "Secret/shop/t", "message": "Secret t is a token that was last used 60 days ago"}}
}

test_used_at_the_threshold if {
	count(unused([token({"kubernetes.io/legacy-token-last-used": "2026-10-31"})])) == 0
	count(unused([token({"kubernetes.io/legacy-token-last-used": "2026-10-30"})])) == 1
}

test_invalid_is_found if {
	fixtures.found(unused([token({"kubernetes.io/legacy-token-invalid-since": "2026-11-29"})])) == {"Secret/shop/t"}
}

test_never_used_since_it_is_noted if {
	fixtures.found(unused([token({}), tracked("2026-06-01")])) == {"Secret/shop/t"}
	count(unused([token({}), tracked("2026-11-10")])) == 0
}

test_a_new_token_is_fine if {
	new := fixtures.secret("shop", "t", "kubernetes.io/service-account-token", "2026-11-20")
	count(unused([new, tracked("2026-06-01")])) == 0
}

test_without_notes_it_is_unknown if {
	found := unused([token({}), tracked("?")])
	fixtures.unknown(found) == {"Secret/shop/t"}
	fixtures.found(found) == set()
}

test_files_are_fine if {
	old := token({"kubernetes.io/legacy-token-last-used": "2026-10-01"})
	found := secret_tokens.k8s_secret_legacy_sa_token_unused with input as fixtures.files([old]) with data.params as params
	fixtures.found(found) == set()
	fixtures.unknown(found) == set()
}

test_they_are_not_for_other_secrets if {
	opaque := fixtures.secret("shop", "db", "Opaque", "2026-01-01")
	unused([opaque]) == {{"fact": "Secret/shop/db", "not_applicable": "it is no token of a service account"}}
	long_lived([opaque]) == {{"fact": "Secret/shop/db", "not_applicable": "it is no bootstrap token"}}
}

bootstrap(at) := fixtures.resource("Secret", "kube-system", "bootstrap-token-a", {
	"metadata": {"creationTimestamp": at},
	"type": "bootstrap.kubernetes.io/token",
})

long_lived(facts) := found if {
	found := secret_tokens.k8s_secret_bootstrap_token with input as fixtures.cluster(facts) with data.params as params
}

test_bootstrap_token_lives_long if {
	long_lived([bootstrap("2026-11-28T22:00:00Z")]) == {{
		"fact": "Secret/kube-system/bootstrap-token-a",
		"message": "Secret bootstrap-token-a was made 26 hours ago, of at most 24",
	}}
}

test_bootstrap_token_at_the_threshold if {
	count(long_lived([bootstrap("2026-11-29T00:00:00Z")])) == 0
	count(long_lived([bootstrap("2026-11-28T23:00:00Z")])) == 1
}

test_bootstrap_token_without_a_time_is_unknown if {
	found := long_lived([bootstrap(null)])
	fixtures.unknown(found) == {"Secret/kube-system/bootstrap-token-a"}
}

package keystrel.kubernetes.certificates_test

import data.keystrel.kubernetes.certificates
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-secret-tls-expiry": {"threshold": 30}, "k8s-cert-expiry": {"threshold": 30}}

certificate(source, not_before, not_after) := {
	"kind": "k8s_certificate", "id": "c", "source": source, "secret": null,
	"not_before": not_before, "not_after": not_after, "parse_error": null,
}

served(not_before, not_after) := found if {
	facts := [certificate("secret", not_before, not_after)]
	found := certificates.k8s_secret_tls_expiry with input as fixtures.cluster(facts) with data.params as params
}

of_cluster(not_after, source) := found if {
	facts := [certificate(source, "2026-01-01T00:00:00Z", not_after)]
	found := certificates.k8s_cert_expiry with input as fixtures.cluster(facts) with data.params as params
}

test_ends_soon if {
	served("2026-01-01T00:00:00Z", "2026-12-10T00:00:00Z") == {{"fact": "c", "message": "the certificate ends in 10 days"}}
	served("2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z") == {{"fact": "c", "message": "the certificate ended 29 days ago"}}
}

test_ends_at_the_threshold if {
	count(served("2026-01-01T00:00:00Z", "2026-12-30T00:00:00Z")) == 0
	count(served("2026-01-01T00:00:00Z", "2026-12-29T00:00:00Z")) == 1
}

# Twelve days of life: four days are enough.
test_short_lives_end_later if {
	count(served("2026-11-25T00:00:00Z", "2026-12-07T00:00:00Z")) == 0
	count(served("2026-11-21T00:00:00Z", "2026-12-03T00:00:00Z")) == 1
}

test_without_a_beginning_the_threshold_counts if {
	count(served(null, "2026-12-07T00:00:00Z")) == 1
	count(served(null, "2027-12-07T00:00:00Z")) == 0
}

test_unreadable_is_unknown if {
	fixtures.unknown(served(null, null)) == {"c"}
	fixtures.unknown(of_cluster(null, "file")) == {"c"}
	fixtures.found(served(null, null)) == set()
}

test_of_the_cluster if {
	of_cluster("2026-12-10T00:00:00Z", "endpoint") == {{"fact": "c", "message": "the certificate ends in 10 days"}}
	count(of_cluster("2026-12-10T00:00:00Z", "file")) == 1
	count(of_cluster("2027-12-10T00:00:00Z", "endpoint")) == 0
	count(of_cluster("2026-12-10T00:00:00Z", "secret")) == 0
}

package keystrel.vault.listener_test

import data.keystrel.vault.listener

# An inventory with a server that is as it should be, whose one listener has some settings, and with further facts.
server(fields, settings, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[
			object.union({"kind": "vault_server", "id": "sys", "url_scheme": "https", "address": "https://vault.example.com:8200"}, fields),
			{
				"kind": "vault_config",
				"id": "sys/config/state/sanitized",
				"listeners": [
					{"type": "tcp", "config": object.union({"address": "0.0.0.0:8200", "tls_disable": false, "tls_min_version": null}, settings)},
					{"type": "tcp", "config": null},
				],
			},
		],
		others,
	),
}

tls(fields) := [object.union(
	{
		"kind": "vault_tls",
		"id": "sys#tls",
		"accepts_tls10": false,
		"accepts_tls11": false,
		"not_before": "2026-10-01T00:00:00Z",
		"not_after": "2027-10-01T00:00:00Z",
	},
	fields,
)]

anonymous(fields) := [object.union({"kind": "vault_anonymous_access", "id": "sys#anonymous", "metrics": false, "pprof": false, "in_flight_requests": false}, fields)]

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

plain(fields, settings) := found if {
	found := listener.vault_tls_disabled with input as server(fields, settings, [])
}

test_vault_tls_disabled if {
	every value in [true, "true", 1, "1"] {
		said(plain({}, {"tls_disable": value})) == {"the listener at 0.0.0.0:8200 has no TLS"}
	}
	every value in [false, "false", 0, null] {
		plain({}, {"tls_disable": value}) == set()
	}
	every address in ["127.0.0.1:8200", "[::1]:8200", "localhost:8200", "/run/vault.sock"] {
		plain({}, {"tls_disable": true, "address": address}) == set()
	}
}

test_vault_tls_disabled_by_its_address if {
	said(plain({"url_scheme": "http", "address": "http://vault:8200"}, {})) == {"the server answers at http://vault:8200, without TLS"}
	plain({"url_scheme": "http", "address": "http://127.0.0.1:8200"}, {}) == set()
	plain({"url_scheme": "https", "address": "https://127.0.0.1:8200"}, {"address": "127.0.0.1:8200"}) == set()
	unclear(plain({"url_scheme": null}, {})) == {"sys"}
	said(listener.vault_tls_disabled) == {"the server answers at http://vault:8200, without TLS"} with input as {"facts": [{"kind": "vault_server", "id": "sys", "url_scheme": "http", "address": "http://vault:8200"}]}
}

here := {"kind": "vault_server", "id": "sys", "url_scheme": "http", "address": "http://127.0.0.1:8200"}

inside(listeners) := {"facts": [here, {"kind": "vault_config", "id": "sys/config/state/sanitized", "listeners": listeners}]}

private := [{"type": "tcp", "config": {"address": "127.0.0.1:8200", "tls_disable": true}}]

test_tls_does_not_matter_to_a_server_that_is_reached_on_its_machine_alone if {
	listener.vault_tls_disabled == {{"fact": "sys", "not_applicable": "the server is reached on its own machine alone"}} with input as inside(private)
	listener.vault_tls_old == {{"fact": "sys", "not_applicable": "the server has no TLS"}} with input as inside(private)
}

test_tls_matters_where_another_listener_has_it if {
	both := array.concat(private, [{"type": "tcp", "config": {"address": "0.0.0.0:8443", "tls_disable": false}}])
	listener.vault_tls_disabled == set() with input as inside(both)
	listener.vault_tls_old == set() with input as inside(both)
}

test_listeners_that_are_not_told_are_unknown if {
	unclear(listener.vault_tls_disabled) == {"sys"} with input as inside(null)
	unclear(listener.vault_tls_old) == {"sys"} with input as inside(null)
}

old(settings, others) := messages if {
	messages := said(listener.vault_tls_old) with input as server({}, settings, others)
}

test_vault_tls_old if {
	old({"tls_min_version": "tls10"}, []) == {"the listener at 0.0.0.0:8200 takes TLS from 1.0 on"}
	old({"tls_min_version": "tls11"}, []) == {"the listener at 0.0.0.0:8200 takes TLS from 1.1 on"}
	old({"tls_min_version": "tls12"}, tls({})) == set()
	old({}, []) == set()
	old({}, tls({"accepts_tls10": true, "accepts_tls11": true})) == {"the server takes TLS 1.0 and 1.1"}
	old({}, tls({"accepts_tls10": null, "accepts_tls11": null})) == set()
	unclear(listener.vault_tls_old) == {"sys"} with input as server({}, {}, tls({"accepts_tls10": null}))
	old({"tls_cipher_suites": "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, []) == {"the listener at 0.0.0.0:8200 takes weak ciphers: TLS_RSA_WITH_AES_128_CBC_SHA"}
	old({"tls_cipher_suites": ["TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"]}, []) == {"the listener at 0.0.0.0:8200 takes weak ciphers: TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"}
}

expiry(fields, days) := found if {
	found := listener.vault_tls_cert_expiry with input as server({}, {}, tls(fields)) with data.params as {"vault-tls-cert-expiry": {"threshold": days}}
}

test_vault_tls_cert_expiry if {
	said(expiry({"not_after": "2026-11-29T00:00:00Z"}, 30)) == {"the certificate of the server ended on 2026-11-29"}
	graded(expiry({"not_after": "2026-11-29T00:00:00Z"}, 30)) == {"critical"}
	said(expiry({"not_before": "2025-12-29T00:00:00Z", "not_after": "2026-12-29T00:00:00Z"}, 30)) == {"the certificate of the server ends in 29 days, on 2026-12-29"}
	expiry({"not_before": "2025-12-30T00:00:00Z", "not_after": "2026-12-30T00:00:00Z"}, 30) == set()
	count(expiry({"not_before": "2025-12-30T00:00:00Z", "not_after": "2026-12-30T00:00:00Z"}, 60)) == 1
	expiry({}, 30) == set()
	unclear(expiry({"not_after": null}, 30)) == {"sys#tls"}
}

test_vault_tls_cert_expiry_of_certificates_that_are_renewed if {
	expiry({"not_before": "2026-11-29T00:00:00Z", "not_after": "2026-12-06T00:00:00Z"}, 30) == set()
	count(expiry({"not_before": "2026-11-25T00:00:00Z", "not_after": "2026-12-02T00:00:00Z"}, 30)) == 1
	count(expiry({"not_before": null, "not_after": "2026-12-06T00:00:00Z"}, 30)) == 1
}

open(settings, others) := found if {
	found := listener.vault_unauth_metrics with input as server({}, settings, others)
}

test_vault_unauth_metrics if {
	said(open({}, anonymous({"metrics": true}))) == {"metrics can be read without a token"}
	graded(open({}, anonymous({"metrics": true}))) == {"medium"}
	said(open({}, anonymous({"pprof": true}))) == {"profiles can be read without a token"}
	graded(open({}, anonymous({"pprof": true}))) == {"high"}
	said(open({}, anonymous({"in_flight_requests": true}))) == {"requests in flight can be read without a token"}
	said(open({"telemetry": {"unauthenticated_metrics_access": true}}, [])) == {"metrics can be read without a token"}
	said(open({"profiling": {"unauthenticated_pprof_access": "true"}}, [])) == {"profiles can be read without a token"}
	said(open({"inflight_requests_logging": {"unauthenticated_in_flight_requests_access": true}}, [])) == {"requests in flight can be read without a token"}
	open({"telemetry": {"unauthenticated_metrics_access": false}, "profiling": null}, anonymous({})) == set()
	{finding.unknown | some finding in open({}, anonymous({"metrics": null, "pprof": null}))} == {"whether metrics, profiles can be read without a token could not be tried"}
	unclear(open({"telemetry": {"unauthenticated_metrics_access": true}}, anonymous({"metrics": null}))) == set()
}

believes(settings) := messages if {
	messages := said(listener.vault_xff_any) with input as server({}, settings, [])
}

test_vault_xff_any if {
	believes({"x_forwarded_for_authorized_addrs": ["10.0.0.0/8", "0.0.0.0/0"]}) == {"the listener at 0.0.0.0:8200 has 0.0.0.0/0 in x_forwarded_for_authorized_addrs"}
	believes({"x_forwarded_for_authorized_addrs": "10.0.0.0/8, ::/0"}) == {"the listener at 0.0.0.0:8200 has ::/0 in x_forwarded_for_authorized_addrs"}
	believes({"proxy_protocol_authorized_addrs": "0.0.0.0/0"}) == {"the listener at 0.0.0.0:8200 has 0.0.0.0/0 in proxy_protocol_authorized_addrs"}
	believes({"proxy_protocol_behavior": "use_always"}) == {"the listener at 0.0.0.0:8200 believes the PROXY protocol of any peer"}
	believes({"proxy_protocol_behavior": "deny_unauthorized", "x_forwarded_for_authorized_addrs": ["10.1.2.0/28"]}) == set()
	believes({}) == set()
	unclear(listener.vault_xff_any) == {"c"} with input as {"facts": [{"kind": "vault_config", "id": "c", "listeners": null}]}
}

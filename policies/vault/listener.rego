# METADATA
# title: Listeners and TLS of the server
package keystrel.vault.listener

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: The server listens without TLS
# description: >-
#   Tokens and secrets go over the network in plain text. Listeners on a loopback address or a socket are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#tls_disable
# custom:
#   id: vault-tls-disabled
#   severity: critical
#   subject: vault_server
#   needs: [vault_server, vault_config]
#   remediation: >-
#     In the `listener "tcp"` stanza set `tls_cert_file` and `tls_key_file`, take `tls_disable` out, and restart. A proxy in front that speaks
#     TLS does not help against whoever is behind it.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["2.2.7", "8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
vault_tls_disabled contains finding if {
	some server in facts.of("vault_server")
	some listener in open_listeners
	vault_engines.is_on(object.get(listener.config, "tls_disable", null))
	finding := {
		"fact": server.id,
		"message": sprintf("the listener at %s has no TLS", [listener.config.address]),
	}
}

vault_tls_disabled contains finding if {
	some server in facts.of("vault_server")
	server.url_scheme == "http"
	not vault_engines.is_local(host(server))
	finding := {
		"fact": server.id,
		"message": sprintf("the server answers at %s, without TLS", [server.address]),
	}
}

vault_tls_disabled contains finding if {
	some finding in vault_engines.unsaid("vault_server", ["url_scheme"])
}

vault_tls_disabled contains finding if {
	count(open_listeners) == 0
	some server in facts.of("vault_server")
	is_reached_here(server)
	tells_listeners
	finding := {"fact": server.id, "not_applicable": "the server is reached on its own machine alone"}
}

vault_tls_disabled contains finding if some finding in untold_listeners

# METADATA
# title: The server takes old TLS or weak ciphers
# description: >-
#   TLS 1.0 and 1.1 are out of use since 2021, and RC4 and 3DES can be broken. Cipher suites of `TLS_RSA_` have no forward secrecy: whoever
#   gets the key of the server reads what was recorded before.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#tls_min_version
# - ref: https://www.rfc-editor.org/rfc/rfc8996
# custom:
#   id: vault-tls-old
#   severity: high
#   subject: vault_server
#   needs: [vault_server, vault_config, vault_tls]
#   remediation: >-
#     Take `tls_min_version` and `tls_cipher_suites` out of the listener: the defaults are TLS 1.2 and suites that are good. Or
#     `tls_min_version = "tls13"`.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["2.2.7", "8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
vault_tls_old contains finding if {
	some server in facts.of("vault_server")
	some listener in listeners
	listener.config.tls_min_version in {"tls10", "tls11"}
	finding := {
		"fact": server.id,
		"message": sprintf("the listener at %s takes TLS from %s on", [listener.config.address, version_of[listener.config.tls_min_version]]),
	}
}

vault_tls_old contains finding if {
	some server in facts.of("vault_server")
	some tls in facts.of("vault_tls")
	taken := {name | some field, name in {"accepts_tls10": "1.0", "accepts_tls11": "1.1"}; tls[field] == true}
	count(taken) > 0
	finding := {
		"fact": server.id,
		"message": sprintf("the server takes TLS %s", [concat(" and ", sort(taken))]),
	}
}

vault_tls_old contains finding if {
	some server in facts.of("vault_server")
	some listener in listeners
	weak := {suite | some suite in suites(listener); regex.match(`_RC4_|_3DES_|^TLS_RSA_`, suite)}
	count(weak) > 0
	finding := {
		"fact": server.id,
		"message": sprintf("the listener at %s takes weak ciphers: %s", [listener.config.address, concat(", ", sort(weak))]),
	}
}

vault_tls_old contains finding if {
	some server in facts.of("vault_server")
	some tls in facts.of("vault_tls")
	some field in ["accepts_tls10", "accepts_tls11"]
	object.get(tls, field, null) == null
	finding := {"fact": server.id, "unknown": "whether it takes TLS 1.0 and 1.1 could not be tried"}
}

vault_tls_old contains finding if {
	count({listener | some listener in listeners; not vault_engines.is_on(object.get(listener.config, "tls_disable", null))}) == 0
	some server in facts.of("vault_server")
	server.url_scheme == "http"
	tells_listeners
	finding := {"fact": server.id, "not_applicable": "the server has no TLS"}
}

vault_tls_old contains finding if some finding in untold_listeners

# METADATA
# title: The certificate of the server is about to end
# description: >-
#   When it ends no client connects any more. The parameter is how many days before it has to be replaced, at most a third of its life, so that
#   certificates that are renewed automatically are found only if that fails.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#tls_cert_file
# custom:
#   id: vault-tls-cert-expiry
#   severity: high
#   subject: vault_tls
#   needs: [vault_tls]
#   threshold: 30
#   remediation: >-
#     Put the new certificate and key where `tls_cert_file` and `tls_key_file` say, and send each server SIGHUP (`systemctl reload vault`).
#   frameworks:
#     nist_800_53: [SC-17]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
vault_tls_cert_expiry contains finding if {
	some tls in facts.of("vault_tls")
	age.is_past(tls.not_after)
	finding := {
		"fact": tls.id,
		"severity": "critical",
		"message": sprintf("the certificate of the server ended on %s", [substring(tls.not_after, 0, 10)]),
	}
}

vault_tls_cert_expiry contains finding if {
	some tls in facts.of("vault_tls")
	not age.is_past(tls.not_after)
	vault_engines.is_due(tls.not_before, tls.not_after, data.params["vault-tls-cert-expiry"].threshold)
	finding := {
		"fact": tls.id,
		"message": sprintf("the certificate of the server ends in %s, on %s", [
			age.show_days(age.days_until(tls.not_after)),
			substring(tls.not_after, 0, 10),
		]),
	}
}

vault_tls_cert_expiry contains finding if {
	some finding in vault_engines.unsaid("vault_tls", ["not_after"])
}

# METADATA
# title: Metrics or profiles are open without a token
# description: >-
#   Metrics name mounts, policies and namespaces; requests in flight name paths and addresses. Profiles show memory of the server, and taking
#   them costs it: they are found as high.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#telemetry-parameters
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#profiling-parameters
# custom:
#   id: vault-unauth-metrics
#   severity: medium
#   subject: vault_server
#   needs: [vault_server, vault_config, vault_anonymous_access]
#   remediation: >-
#     Take `unauthenticated_metrics_access`, `unauthenticated_pprof_access` and `unauthenticated_in_flight_requests_access` out of the
#     listener. Prometheus can have a token: a policy with `read` on `sys/metrics`, and `authorization: {credentials_file: ...}`. Or a
#     listener for it on a network of its own.
#   frameworks:
#     nist_800_53: [AC-14, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.8.5, A.8.9]
#     csa_ccm_4: [IAM-16, IVS-04]
#     owasp_secrets: ["6.3"]
vault_unauth_metrics contains finding if {
	some server in facts.of("vault_server")
	some name in open_endpoints
	finding := {
		"fact": server.id,
		"severity": {"metrics": "medium", "requests in flight": "medium", "profiles": "high"}[name],
		"message": sprintf("%s can be read without a token", [name]),
	}
}

vault_unauth_metrics contains finding if {
	some server in facts.of("vault_server")
	some access in facts.of("vault_anonymous_access")
	untried := [name |
		some field, name in endpoints
		object.get(access, field, null) == null
		not name in open_endpoints
	]
	count(untried) > 0
	finding := {"fact": server.id, "unknown": sprintf("whether %s can be read without a token could not be tried", [concat(", ", sort(untried))])}
}

# METADATA
# title: Any peer may set the client address
# description: >-
#   Bounds of tokens to networks, quotas and the audit log go by that address. Only proxies may be believed.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#x_forwarded_for_authorized_addrs
# - ref: https://developer.hashicorp.com/vault/docs/configuration/listener/tcp#proxy_protocol_behavior
# custom:
#   id: vault-xff-any
#   severity: medium
#   subject: vault_config
#   needs: [vault_config]
#   remediation: >-
#     `x_forwarded_for_authorized_addrs = ["10.1.2.0/28"]` with the addresses of your proxies; `proxy_protocol_behavior = "deny_unauthorized"`
#     with `proxy_protocol_authorized_addrs`.
#   frameworks:
#     nist_800_53: [CM-6]
#     pci_dss_4: ["2.2.6"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
#     owasp_secrets: ["6.3"]
vault_xff_any contains finding if {
	some config in facts.of("vault_config")
	some listener in listeners
	some field in ["x_forwarded_for_authorized_addrs", "proxy_protocol_authorized_addrs"]
	some network in networks(listener, field)
	vault_engines.is_any_network(network)
	finding := {
		"fact": config.id,
		"message": sprintf("the listener at %s has %s in %s", [listener.config.address, network, field]),
	}
}

vault_xff_any contains finding if {
	some config in facts.of("vault_config")
	some listener in listeners
	listener.config.proxy_protocol_behavior == "use_always"
	finding := {
		"fact": config.id,
		"message": sprintf("the listener at %s believes the PROXY protocol of any peer", [listener.config.address]),
	}
}

vault_xff_any contains finding if {
	some finding in vault_engines.unsaid("vault_config", ["listeners"])
}

is_reached_here(server) if {
	server.url_scheme == "http"
	vault_engines.is_local(host(server))
}

tells_listeners if {
	some config in facts.of("vault_config")
	is_array(config.listeners)
}

# Servers of which the address of the audit tells nothing, and the server itself neither.
untold_listeners := {{"fact": server.id, "unknown": "the server does not tell its listeners"} |
	some server in facts.of("vault_server")
	is_reached_here(server)
	not tells_listeners
}

# Listeners of the server that say how they are.
listeners := [listener |
	some config in facts.of("vault_config")
	some listener in vault_engines.list(config, "listeners")
	is_object(listener)
	is_object(object.get(listener, "config", null))
	is_string(object.get(listener.config, "address", null))
]

# Those that others than programs on the same machine reach.
open_listeners := [listener |
	some listener in listeners
	object.get(listener, "type", "tcp") != "unix"
	not vault_engines.is_local(listener.config.address)
]

version_of := {"tls10": "1.0", "tls11": "1.1"}

suites(listener) := networks(listener, "tls_cipher_suites")

# A setting that is a list, or a text with commas.
networks(listener, field) := value if {
	value := [one | some one in vault_engines.list(listener.config, field); is_string(one)]
	count(value) > 0
} else := [trim_space(one) | some one in split(value, ",")] if {
	value := object.get(listener.config, field, null)
	is_string(value)
} else := []

# The host of the address by which the server was asked, with its port.
host(server) := found[0][1] if {
	is_string(server.address)
	found := regex.find_all_string_submatch_n(`^https?://([^/]+)`, server.address, 1)
	count(found) == 1
}

endpoints := {"metrics": "metrics", "pprof": "profiles", "in_flight_requests": "requests in flight"}

# What answered without a token, or is set to.
open_endpoints := {name |
	some access in facts.of("vault_anonymous_access")
	some field, name in endpoints
	access[field] == true
} | {place.name |
	some listener in listeners
	some place in [
		{"block": "telemetry", "field": "unauthenticated_metrics_access", "name": "metrics"},
		{"block": "profiling", "field": "unauthenticated_pprof_access", "name": "profiles"},
		{"block": "inflight_requests_logging", "field": "unauthenticated_in_flight_requests_access", "name": "requests in flight"},
	]
	vault_engines.is_on(object.get(vault_engines.part(listener.config, place.block), place.field, null))
}

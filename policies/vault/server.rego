# METADATA
# title: Configuration of the server
package keystrel.vault.server

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_engines

# METADATA
# title: The raw storage endpoint is on
# description: >-
#   `sys/raw` reads and writes the storage behind all engines: decrypted, past every policy but its own, also keys and tokens. It is for
#   repairs, while they last.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration#raw_storage_endpoint
# custom:
#   id: vault-raw-endpoint
#   severity: critical
#   subject: vault_config
#   needs: [vault_config]
#   remediation: >-
#     Take `raw_storage_endpoint` out of the configuration and restart each node.
#   frameworks:
#     nist_800_53: [CM-6, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_raw_endpoint contains finding if {
	some config in facts.of("vault_config")
	vault_engines.is_on(config.raw_storage_endpoint)
	finding := {"fact": config.id, "message": "`raw_storage_endpoint` is on"}
}

vault_raw_endpoint contains finding if {
	some finding in vault_engines.unsaid("vault_config", ["raw_storage_endpoint"])
}

# METADATA
# title: The introspection endpoint is on
# description: >-
#   `sys/internal/inspect` shows the insides of the server to root, for developers of Vault. Nothing needs it in production.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration#introspection_endpoint
# custom:
#   id: vault-introspection
#   severity: low
#   subject: vault_config
#   needs: [vault_config]
#   remediation: >-
#     Take `introspection_endpoint` out of the configuration and restart each node.
#   frameworks:
#     nist_800_53: [CM-6, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_introspection contains finding if {
	some config in facts.of("vault_config")
	vault_engines.is_on(config.introspection_endpoint)
	finding := {"fact": config.id, "message": "`introspection_endpoint` is on"}
}

# METADATA
# title: The web interface is on
# description: >-
#   It shows who reaches the server which methods to log in there are, and is a further thing to be attacked in a browser. Where people
#   work with it, accept it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/ui
# custom:
#   id: vault-ui-exposed
#   severity: info
#   subject: vault_config
#   needs: [vault_config]
#   remediation: >-
#     `ui = false` in the configuration, and restart each node, if only programs use the server.
#   frameworks:
#     nist_800_53: [CM-7]
#     pci_dss_4: ["2.2.4"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
#     owasp_secrets: ["6.3"]
vault_ui_exposed contains finding if {
	some config in facts.of("vault_config")
	vault_engines.is_on(config.enable_ui)
	finding := {"fact": config.id, "message": "the web interface is on"}
}

vault_ui_exposed contains finding if {
	some finding in vault_engines.unsaid("vault_config", ["enable_ui"])
}

# METADATA
# title: Memory of the server may be swapped to disk
# description: >-
#   Keys and secrets in memory get to the swap, and stay there. With integrated storage `disable_mlock = true` is what the vendor advises, with
#   swap off, and OpenBao has no such lock; both are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration#disable_mlock
# custom:
#   id: vault-mlock-off
#   severity: medium
#   subject: vault_config
#   needs: [vault_config, vault_server]
#   remediation: >-
#     Take `disable_mlock` out and give the program the capability: `setcap cap_ipc_lock=+ep $(readlink -f $(which vault))`; or switch swap
#     off: `swapoff -a`, `MemorySwapMax=0` in the unit.
#   frameworks:
#     nist_800_53: [CM-6]
#     pci_dss_4: ["2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
#     owasp_secrets: ["2.5"]
vault_mlock_off contains finding if {
	some config in facts.of("vault_config")
	vault_engines.is_on(config.disable_mlock)
	not is_without_lock(config)
	type := vault_engines.text(vault_engines.part(config, "storage"), "type")
	finding := {
		"fact": config.id,
		"message": sprintf("`disable_mlock` is on, with storage of type %s", [type]),
	}
}

vault_mlock_off contains finding if {
	not is_openbao
	some finding in vault_engines.unsaid("vault_config", ["disable_mlock"])
}

vault_mlock_off contains finding if {
	some config in facts.of("vault_config")
	is_without_lock(config)
	finding := {"fact": config.id, "not_applicable": "OpenBao has no lock, and with integrated storage it is to be off"}
}

# METADATA
# title: The server logs at trace or debug
# description: >-
#   These levels are for the search of an error: they slow the server down and write of requests, paths and replies of back ends what the
#   audit log would have hidden.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration#log_level
# custom:
#   id: vault-log-level-trace
#   severity: medium
#   subject: vault_config
#   needs: [vault_config]
#   threshold: [trace, debug]
#   remediation: >-
#     `log_level = "info"` in the configuration, and `systemctl reload vault`. For an hour: `vault write sys/loggers level=debug`, and
#     `vault delete sys/loggers` after it.
#   frameworks:
#     nist_800_53: [CM-6]
#     pci_dss_4: ["2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_log_level_trace contains finding if {
	some config in facts.of("vault_config")
	level := lower(vault_engines.text(config, "log_level"))
	level in data.params["vault-log-level-trace"].threshold
	finding := {"fact": config.id, "message": sprintf("the server logs at %s", [level])}
}

# METADATA
# title: Cross-origin requests are allowed from anywhere
# description: >-
#   A page that somebody with a token visits may call the server from that browser.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/config-cors
# custom:
#   id: vault-cors-any
#   severity: medium
#   subject: vault_cors
#   needs: [vault_cors]
#   remediation: >-
#     `vault write sys/config/cors allowed_origins=https://portal.example.com`, or `vault delete sys/config/cors`.
#   frameworks:
#     nist_800_53: [CM-6]
#     pci_dss_4: ["2.2.6"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
#     owasp_secrets: ["6.3"]
vault_cors_any contains finding if {
	some cors in facts.of("vault_cors")
	cors.enabled == true
	"*" in vault_engines.list(cors, "allowed_origins")
	finding := {"fact": cors.id, "message": "cross-origin requests are allowed from everywhere"}
}

vault_cors_any contains finding if {
	some finding in vault_engines.unsaid("vault_cors", ["enabled"])
}

# METADATA
# title: The server runs in development mode
# description: >-
#   Storage in memory and one unseal key, as `server -dev` makes it: the root token is on the screen of whoever started it, and all is lost when it
#   ends.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/dev-server
# custom:
#   id: vault-dev-mode
#   severity: critical
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     Run a server with a configuration: integrated storage, TLS, an auto-unseal. Move nothing but what you write anew: secrets of a development
#     server count as leaked.
#   frameworks:
#     nist_800_53: [CM-6, CM-7]
#     pci_dss_4: ["2.2.4", "2.2.6"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [IVS-04]
vault_dev_mode contains finding if {
	some server in facts.of("vault_server")
	seal := vault_engines.part(server, "seal_status")
	seal.storage_type == "inmem"
	seal.t == 1
	seal.n == 1
	finding := {"fact": server.id, "message": "the server keeps all in memory and has one unseal key: it is one for development"}
}

vault_dev_mode contains finding if {
	some server in facts.of("vault_server")
	object.get(vault_engines.part(server, "seal_status"), "storage_type", null) == null
	finding := {"fact": server.id, "unknown": "the server does not tell the type of its storage"}
}

# METADATA
# title: Telemetry goes nowhere
# description: >-
#   Failed audit writes, piles of leases, a lost leader and failed rotations show in metrics long before they stop the service.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/telemetry
# - ref: https://developer.hashicorp.com/vault/docs/internals/telemetry/key-metrics
# custom:
#   id: vault-telemetry-off
#   severity: low
#   subject: vault_config
#   needs: [vault_config]
#   remediation: >-
#     `telemetry { prometheus_retention_time = "24h", disable_hostname = true }` and let Prometheus read `sys/metrics?format=prometheus` with a
#     token; or `statsd_address`, `dogstatsd_addr`.
#   frameworks:
#     nist_800_53: [SI-4]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.16]
#     csa_ccm_4: [LOG-03]
#     owasp_secrets: ["6.4"]
vault_telemetry_off contains finding if {
	some config in facts.of("vault_config")
	count(vault_engines.list(config, "telemetry_sinks")) == 0
	finding := {"fact": config.id, "message": "telemetry has no sink"}
}

# METADATA
# title: No quota protects the server
# description: >-
#   One program in a loop, or one role with a long lease, can use the whole server up for all.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/resource-quotas
# custom:
#   id: vault-no-rate-quota
#   severity: medium
#   subject: vault_server
#   needs: [vault_server, vault_rate_limit_quota, vault_lease_count_quota]
#   remediation: >-
#     `vault write sys/quotas/rate-limit/global rate=1000`, from what `vault.core.handle_request` shows; with Enterprise also
#     `vault write sys/quotas/lease-count/global max_leases=100000`.
#   frameworks:
#     nist_800_53: [SC-5]
#     soc2: [A1.1]
#     iso27001_2022: [A.8.6]
#     csa_ccm_4: [IVS-02]
#     owasp_secrets: ["2.1", "4.4"]
vault_no_rate_quota contains finding if {
	some server in facts.of("vault_server")
	every kind in ["vault_rate_limit_quota", "vault_lease_count_quota"] {
		gaps.none(kind)
		count(facts.of(kind)) == 0
	}
	finding := {"fact": server.id, "message": "there is no quota on requests or leases"}
}

# METADATA
# title: A plugin is not pinned, or out of support
# description: >-
#   A plugin is a program that gets what its mount holds. Without a version nobody can tell which one runs, and a new binary takes the
#   place of the old one without a trace; without a checksum so does any other. What the vendor is about to remove stops with the next
#   upgrade.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/plugins/register
# - ref: https://developer.hashicorp.com/vault/docs/updates/deprecation
# custom:
#   id: vault-plugin-external
#   severity: medium
#   subject: vault_plugin
#   needs: [vault_plugin]
#   remediation: >-
#     `vault plugin register -version=v1.4.0 -sha256=$(sha256sum PLUGIN | cut -d' ' -f1) secret NAME`, then
#     `vault secrets tune -plugin-version=v1.4.0 PATH/` and `vault plugin reload -plugin=NAME`. Take out what nothing uses:
#     `vault plugin deregister secret NAME`.
#   frameworks:
#     nist_800_53: [SI-7]
#     soc2: [CC6.8]
#     iso27001_2022: [A.8.19]
vault_plugin_external contains finding if {
	some plugin in facts.of("vault_plugin")
	plugin.builtin == false
	lacks := [name | some name in ["version", "sha256"]; vault_engines.text(plugin, name) == ""]
	count(lacks) > 0
	finding := {
		"fact": plugin.id,
		"message": sprintf("`%s`: the external plugin is registered without %s", [plugin.id, concat(" and ", lacks)]),
	}
}

vault_plugin_external contains finding if {
	some plugin in facts.of("vault_plugin")
	plugin.deprecation_status in {"pending-removal", "removed"}
	mounts := vault_engines.list(plugin, "mounted_by")
	count(mounts) > 0
	finding := {
		"fact": plugin.id,
		"message": sprintf("`%s`: is %s, and %s", [
			plugin.id,
			{"pending-removal": "about to be removed", "removed": "no longer supported"}[plugin.deprecation_status],
			used_by(mounts),
		]),
	}
}

vault_plugin_external contains finding if {
	some finding in vault_engines.unsaid("vault_plugin", ["builtin"])
}

is_without_lock(_) if is_openbao

is_without_lock(config) if vault_engines.part(config, "storage").type == "raft"

is_openbao if {
	some server in facts.of("vault_server")
	server.product == "openbao"
}

used_by(mounts) := sprintf("`%s` uses it", [mounts[0]]) if count(mounts) == 1

used_by(mounts) := sprintf("%v mounts use it", [count(mounts)]) if count(mounts) > 1

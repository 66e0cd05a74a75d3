# METADATA
# title: Versions of the server
package keystrel.vault.version

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines
import data.keystrel.lib.vault_releases

# METADATA
# title: The version of the server has known vulnerabilities, or gets no more fixes
# description: >-
#   This goes by advisories of HashiCorp and OpenBao that keystrel knows; whether one is for how the server is set up, it cannot tell. Fixes for
#   lines before the newest are for Vault Enterprise only. A version that only gets no more fixes is found as medium.
# related_resources:
# - ref: https://discuss.hashicorp.com/c/security/52
# - ref: https://github.com/openbao/openbao/security/advisories
# - ref: https://support.hashicorp.com/hc/en-us/articles/360021185113-Support-Period-and-End-of-Life-EOL-Policy
# custom:
#   id: vault-version-vulnerable
#   severity: high
#   subject: vault_server
#   needs: [vault_server]
#   remediation: >-
#     Read the important changes of each version between, take a snapshot (`vault operator raft snapshot save before.snap`), upgrade the
#     standby nodes one by one, then shut the active one down by SIGTERM and upgrade it. `step-down` is not for upgrades.
#   frameworks:
#     nist_800_53: [SI-2]
#     pci_dss_4: ["6.3.3"]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.8]
#     csa_ccm_4: [TVM-03]
vault_version_vulnerable contains finding if {
	some server in facts.of("vault_server")
	version := vault_releases.parse(server.version)
	open := vault_releases.open_advisories(server.product, version, server.enterprise)
	count(open) > 0
	finding := {
		"fact": server.id,
		"message": sprintf("version %s has %s (%s)%s: upgrade to %s or later", [
			server.version,
			counted(count(open)),
			named(open),
			end_of(server, version),
			vault_releases.show(vault_releases.first_clean(server.product, version, server.enterprise)),
		]),
	}
}

vault_version_vulnerable contains finding if {
	some server in facts.of("vault_server")
	version := vault_releases.parse(server.version)
	count(vault_releases.open_advisories(server.product, version, server.enterprise)) == 0
	day := vault_releases.ended(server.product, version, server.enterprise)
	finding := {
		"fact": server.id,
		"severity": "medium",
		"message": sprintf("version %s got its last fixes %s", [server.version, day]),
	}
}

vault_version_vulnerable contains finding if {
	some server in facts.of("vault_server")
	version := vault_releases.parse(server.version)
	vault_releases.is_newer_than_known(server.product, version)
	finding := {
		"fact": server.id,
		"unknown": sprintf("version %s is newer than the advisories that keystrel knows", [server.version]),
	}
}

vault_version_vulnerable contains finding if {
	some server in facts.of("vault_server")
	not is_known(server)
	finding := {"fact": server.id, "unknown": "the server does not tell its product and version"}
}

# METADATA
# title: Nodes of the cluster have different versions
# description: >-
#   That is how an upgrade goes, and not how a cluster stays: an older node that becomes active may not read what the newer one wrote. The
#   parameter is how many hours an upgrade may take. When the newer version has never been active, nobody can tell since when it is there: it
#   is found as low.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/upgrade
# custom:
#   id: vault-nodes-mixed-version
#   severity: medium
#   subject: vault_ha_status
#   needs: [vault_ha_status, vault_version_history]
#   threshold: 24
#   remediation: >-
#     `vault operator members` shows the versions; upgrade the nodes that are behind.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
vault_nodes_mixed_version contains finding if {
	limit := data.params["vault-nodes-mixed-version"].threshold
	some status in facts.of("vault_ha_status")
	versions := versions_of(status)
	count(versions) > 1
	since := installed(max({vault_releases.parse(version) | some version in versions}))
	hours := floor(age.seconds_since(since) / data.keystrel.lib.age.seconds_per_hour)
	hours > limit
	finding := {
		"fact": status.id,
		"message": sprintf("nodes have versions %s, for %v hours, of at most %v", [concat(" and ", sort(versions)), hours, limit]),
	}
}

vault_nodes_mixed_version contains finding if {
	some status in facts.of("vault_ha_status")
	versions := versions_of(status)
	count(versions) > 1
	not installed(max({vault_releases.parse(version) | some version in versions}))
	finding := {
		"fact": status.id,
		"severity": "low",
		"message": sprintf("nodes have versions %s, since when is not recorded", [concat(" and ", sort(versions))]),
	}
}

vault_nodes_mixed_version contains finding if {
	some finding in vault_engines.unsaid("vault_ha_status", ["nodes"])
}

vault_nodes_mixed_version contains finding if {
	some status in facts.of("vault_ha_status")
	count(vault_engines.list(status, "nodes")) > 1
	count(versions_of(status)) == 0
	finding := {"fact": status.id, "unknown": "the nodes do not say their versions"}
}

vault_nodes_mixed_version contains finding if {
	some status in facts.of("vault_ha_status")
	is_array(status.nodes)
	count(status.nodes) < 2
	finding := {"fact": status.id, "not_applicable": "there are no two nodes"}
}

is_known(server) if {
	server.product in {"vault", "openbao"}
	vault_releases.parse(server.version)
}

counted(1) := "1 known vulnerability"

counted(number) := sprintf("%v known vulnerabilities", [number]) if number > 1

# The newest advisories by name.
named(advisories) := concat(", ", [advisory.id | some advisory in advisories]) if count(advisories) <= 4

named(advisories) := sprintf("%s and %v more", [concat(", ", [advisory.id | some advisory in array.slice(advisories, 0, 3)]), count(advisories) - 3]) if {
	count(advisories) > 4
}

end_of(server, version) := sprintf(" and got its last fixes %s", [vault_releases.ended(server.product, version, server.enterprise)])

end_of(server, version) := "" if not vault_releases.ended(server.product, version, server.enterprise)

# Versions that nodes say they have; older servers say none.
versions_of(status) := {node.version |
	some node in vault_engines.list(status, "nodes")
	is_object(node)
	is_string(object.get(node, "version", null))
	vault_releases.parse(node.version)
}

# When a version was first active.
installed(version) := entry.timestamp_installed if {
	some history in facts.of("vault_version_history")
	some entry in vault_engines.list(history, "versions")
	vault_releases.parse(entry.version) == version
	age.is_time(entry.timestamp_installed)
}

package keystrel.vault.version_test

import data.keystrel.lib.vault_releases
import data.keystrel.vault.version

# An inventory with a server of a version.
server(software, text, enterprise) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": [{"kind": "vault_server", "id": "sys", "product": software, "version": text, "enterprise": enterprise}],
}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

aside(found) := {finding.fact | some finding in found; finding.not_applicable}

found(software, text, enterprise) := findings if {
	findings := version.vault_version_vulnerable with input as server(software, text, enterprise)
}

test_vault_version_vulnerable if {
	said(found("vault", "2.0.4", false)) == {"version 2.0.4 has 1 known vulnerability (CVE-2026-105816): upgrade to 2.1.2 or later"}
	said(found("vault", "2.0.3", false)) == {"version 2.0.3 has 2 known vulnerabilities (CVE-2026-105816, CVE-2026-5006): upgrade to 2.1.2 or later"}
	said(found("vault", "2.0.3+ent", true)) == {"version 2.0.3+ent has 3 known vulnerabilities (CVE-2026-105816, CVE-2026-5006, CVE-2026-14886): upgrade to 2.1.2 or later"}
	said(found("vault", "1.21.9+ent.hsm", true)) == {"version 1.21.9+ent.hsm has 2 known vulnerabilities (CVE-2026-105816, CVE-2026-5807): upgrade to 2.1.2 or later"}
	said(found("vault", "1.18.3", false)) == {"version 1.18.3 has 18 known vulnerabilities (CVE-2026-105816, CVE-2026-5006, CVE-2026-12624 and 15 more) and got its last fixes on 2025-03-05: upgrade to 2.1.2 or later"}
	said(found("openbao", "2.5.5", false)) == {"version 2.5.5 has 5 known vulnerabilities (GHSA-rh46-vc3j-w2w3, GHSA-g892-p242-8g86, GHSA-xp3c-3jw3-4vcr and 2 more) and got its last fixes on 2026-07-14: upgrade to 2.6.2 or later"}
	graded(found("vault", "2.0.4", false)) == {"default"}
}

test_vault_version_vulnerable_is_fine_with_the_fixes if {
	found("vault", "2.1.2", false) == set()
	found("openbao", "2.6.2", false) == set()
	found("openbao", "2.7.0", false) == set()
}

test_vault_version_vulnerable_gets_no_more_fixes if {
	findings := version.vault_version_vulnerable with input as server("vault", "1.21.4", false) with vault_releases.advisories as {"vault": []}
	said(findings) == {"version 1.21.4 got its last fixes on 2026-04-14"}
	graded(findings) == {"medium"}
	count(version.vault_version_vulnerable) == 0 with input as server("vault", "1.21.4+ent", true) with vault_releases.advisories as {"vault": []}
}

test_vault_version_vulnerable_cannot_tell_of_what_is_new_or_not_said if {
	every findings in [
		found("vault", "2.2.0", false),
		found("openbao", "3.0.0", false),
		found("vault", "", false),
		found("vault", null, false),
		found(null, "2.1.2", false),
	] {
		unclear(findings) == {"sys"}
		said(findings) == set()
	}
}

# An inventory with nodes of some versions, of which one became active at a time.
cluster(versions, active, since) := {"now": "2026-11-30T00:00:00Z", "facts": [
	{"kind": "vault_ha_status", "id": "sys/ha-status", "nodes": [{"hostname": text, "version": text} | some text in versions]},
	{"kind": "vault_version_history", "id": "sys/version-history", "versions": [
		{"version": "2.0.4", "timestamp_installed": "2026-08-10T00:00:00Z"},
		{"version": active, "timestamp_installed": since},
	]},
]}

nodes(versions, active, since, limit) := findings if {
	findings := version.vault_nodes_mixed_version with input as cluster(versions, active, since)
		with data.params as {"vault-nodes-mixed-version": {"threshold": limit}}
}

test_vault_nodes_mixed_version if {
	said(nodes(["2.0.4", "2.1.2"], "2.1.2", "2026-11-28T23:00:00Z", 24)) == {"nodes have versions 2.0.4 and 2.1.2, for 25 hours, of at most 24"}
	nodes(["2.0.4", "2.1.2"], "2.1.2", "2026-11-29T00:00:00Z", 24) == set()
	count(nodes(["2.0.4", "2.1.2"], "2.1.2", "2026-11-29T00:00:00Z", 1)) == 1
	nodes(["2.1.2", "2.1.2"], "2.1.2", "2026-11-20T00:00:00Z", 24) == set()
	nodes(["2.1.2", "", null], "2.1.2", "2026-11-20T00:00:00Z", 24) == set()
}

test_vault_nodes_mixed_version_is_for_several_nodes if {
	aside(nodes(["2.1.2"], "2.1.2", "2026-11-20T00:00:00Z", 24)) == {"sys/ha-status"}
	aside(nodes([], "2.1.2", "2026-11-20T00:00:00Z", 24)) == {"sys/ha-status"}
	unclear(nodes([null, ""], "2.1.2", "2026-11-20T00:00:00Z", 24)) == {"sys/ha-status"}
}

test_vault_nodes_mixed_version_that_were_never_active if {
	said(nodes(["2.0.4", "2.1.2"], "1.21.0", "2025-11-20T00:00:00Z", 24)) == {"nodes have versions 2.0.4 and 2.1.2, since when is not recorded"}
	graded(nodes(["2.0.4", "2.1.2"], "2.1.2", null, 24)) == {"low"}
	unclear(version.vault_nodes_mixed_version) == {"h"} with input as {"facts": [{"kind": "vault_ha_status", "id": "h", "nodes": null}]}
}

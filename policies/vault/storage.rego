# METADATA
# title: Storage, snapshots and licence
package keystrel.vault.storage

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_engines

# METADATA
# title: The cluster has too few voters
# description: >-
#   With one or two voters the loss of a node is the loss of the service, and with one that of the data. An even number bears no more losses
#   than the odd one below it, and is found as low. The parameter is the fewest voters.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/internals/integrated-storage#quorum-size-and-failure-tolerance
# custom:
#   id: vault-single-node
#   severity: high
#   subject: vault_raft
#   needs: [vault_raft]
#   threshold: 3
#   remediation: >-
#     `vault operator raft join https://vault-1:8200` on further nodes, in three or five failure zones.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
vault_single_node contains finding if {
	limit := data.params["vault-single-node"].threshold
	some raft in facts.of("vault_raft")
	voters := voters_of(raft)
	voters < limit
	finding := {"fact": raft.id, "message": sprintf("the cluster has %s, of at least %v", [counted(voters, "voter"), limit])}
}

vault_single_node contains finding if {
	some raft in facts.of("vault_raft")
	voters := voters_of(raft)
	voters >= data.params["vault-single-node"].threshold
	voters % 2 == 0
	finding := {
		"fact": raft.id,
		"severity": "low",
		"message": sprintf("the cluster has %v voters, which bear no more losses than %v", [voters, voters - 1]),
	}
}

vault_single_node contains finding if {
	some finding in vault_engines.unsaid("vault_raft", ["servers"])
}

# METADATA
# title: The storage back end is not highly available
# description: >-
#   There can be no second node, no snapshot while it runs, and of storage in memory nothing is left after a restart. The parameter lists
#   the types.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/configuration/storage
# custom:
#   id: vault-storage-not-ha
#   severity: high
#   subject: vault_server
#   needs: [vault_server]
#   threshold: [file, inmem]
#   remediation: >-
#     `vault operator migrate -config=migrate.hcl` from `file` to `raft`, with the server stopped.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
vault_storage_not_ha contains finding if {
	some server in facts.of("vault_server")
	type := storage_type(server)
	type in data.params["vault-storage-not-ha"].threshold
	finding := {"fact": server.id, "message": sprintf("the storage is of type %s", [type])}
}

vault_storage_not_ha contains finding if {
	some finding in unsaid_storage
}

# METADATA
# title: The raft cluster is not healthy, or bears no failure
# description: >-
#   A node is missing or behind: the loss of one more is the loss of the service. Clusters of fewer than three voters are told by another
#   control.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot#get-cluster-state
# custom:
#   id: vault-raft-unhealthy
#   severity: high
#   subject: vault_autopilot_state
#   needs: [vault_autopilot_state]
#   remediation: >-
#     `vault operator raft autopilot state` names the node; bring it back, or `vault operator raft remove-peer NODE` and join another.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
vault_raft_unhealthy contains finding if {
	some state in facts.of("vault_autopilot_state")
	state.healthy == false
	finding := {"fact": state.id, "message": sprintf("the cluster is not healthy%s", [unhealthy_servers(state)])}
}

vault_raft_unhealthy contains finding if {
	some state in facts.of("vault_autopilot_state")
	state.healthy != false
	state.failure_tolerance == 0
	count(vault_engines.list(state, "voters")) >= 3
	finding := {"fact": state.id, "message": "the cluster bears no failure of a node"}
}

vault_raft_unhealthy contains finding if {
	some finding in vault_engines.unsaid("vault_autopilot_state", ["healthy", "failure_tolerance"])
}

# METADATA
# title: Dead nodes stay peers of the cluster
# description: >-
#   Each replaced node counts for the quorum until somebody removes it; after some replacements the loss of a living node stops the cluster.
#   Clusters of fewer than three voters are left out: there a dead node must not be removed.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/integrated-storage/autopilot#dead-server-cleanup
# custom:
#   id: vault-autopilot-dead-servers
#   severity: low
#   subject: vault_autopilot_configuration
#   needs: [vault_autopilot_configuration, vault_raft]
#   remediation: >-
#     `vault operator raft autopilot set-config -cleanup-dead-servers=true -min-quorum=3 -dead-server-last-contact-threshold=24h`
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
vault_autopilot_dead_servers contains finding if {
	some config in facts.of("vault_autopilot_configuration")
	config.cleanup_dead_servers == false
	some raft in facts.of("vault_raft")
	voters_of(raft) >= 3
	finding := {"fact": config.id, "message": "dead nodes are not removed from the cluster"}
}

vault_autopilot_dead_servers contains finding if {
	some finding in vault_engines.unsaid("vault_autopilot_configuration", ["cleanup_dead_servers"])
}

vault_autopilot_dead_servers contains finding if {
	some config in facts.of("vault_autopilot_configuration")
	some raft in facts.of("vault_raft")
	voters_of(raft) < 3
	finding := {"fact": config.id, "not_applicable": "the cluster has fewer than three voters"}
}

# METADATA
# title: There is no recent snapshot
# description: >-
#   What was written since the last one is lost with the cluster: secrets that nobody has elsewhere, and keys of what is encrypted. Vault
#   Enterprise takes snapshots of integrated storage by itself; of others nobody can tell from the server whether somebody does. One
#   configuration that works is enough. The parameter is the most hours between two snapshots.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/sysadmin/snapshots/automate
# custom:
#   id: vault-no-snapshot
#   severity: high
#   subject: vault_server
#   needs: [vault_server, vault_snapshot_config]
#   threshold: 24
#   remediation: >-
#     `vault write sys/storage/raft/snapshot-auto/config/hourly interval=1h retain=48 storage_type=aws-s3 aws_s3_bucket=... path_prefix=vault`.
#     Without Enterprise: `vault operator raft snapshot save` by a timer, to another place, and try a restore.
#   frameworks:
#     nist_800_53: [CP-9]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.13]
#     csa_ccm_4: [BCR-08]
#     owasp_secrets: ["2.9"]
vault_no_snapshot contains finding if {
	gaps.none("vault_snapshot_config")
	count(facts.of("vault_snapshot_config")) == 0
	some server in facts.of("vault_server")
	takes_snapshots(server)
	finding := {"fact": server.id, "message": "no automatic snapshot is configured"}
}

vault_no_snapshot contains finding if {
	gaps.none("vault_snapshot_config")
	count(good_snapshots) == 0
	some server in facts.of("vault_server")
	takes_snapshots(server)
	some config in facts.of("vault_snapshot_config")
	finding := {
		"fact": server.id,
		"message": sprintf("`%s`: %s", [config.id, concat(", ", sort(snapshot_faults(config)))]),
	}
}

vault_no_snapshot contains finding if {
	some server in facts.of("vault_server")
	server.enterprise != true
	storage_type(server) == "raft"
	finding := {"fact": server.id, "unknown": "this edition takes no snapshots by itself, and does not record those that others take"}
}

vault_no_snapshot contains finding if {
	some finding in unsaid_storage
}

vault_no_snapshot contains finding if {
	some server in facts.of("vault_server")
	not storage_type(server) in {"", "raft"}
	finding := {"fact": server.id, "not_applicable": "the server takes no snapshots of this storage"}
}

# METADATA
# title: There is no disaster-recovery replica
# description: >-
#   If the cluster is lost, service is back when a snapshot has been restored, without what was written since.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/enterprise/replication
# custom:
#   id: vault-no-dr-replica
#   severity: low
#   subject: vault_replication
#   needs: [vault_replication]
#   remediation: >-
#     `vault write -f sys/replication/dr/primary/enable`, `vault write sys/replication/dr/primary/secondary-token id=dr`, and enable the
#     secondary with it.
#   frameworks:
#     nist_800_53: [CP-10]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1", "2.9"]
vault_no_dr_replica contains finding if {
	some replication in facts.of("vault_replication")
	vault_engines.part(replication, "dr").mode == "disabled"
	finding := {"fact": replication.id, "message": "disaster-recovery replication is off"}
}

vault_no_dr_replica contains finding if {
	some replication in facts.of("vault_replication")
	dr := vault_engines.part(replication, "dr")
	dr.mode == "primary"
	count(vault_engines.list(dr, "known_secondaries")) == 0
	finding := {"fact": replication.id, "message": "the disaster-recovery primary has no secondary"}
}

vault_no_dr_replica contains finding if {
	some replication in facts.of("vault_replication")
	object.get(vault_engines.part(replication, "dr"), "mode", null) == null
	finding := {"fact": replication.id, "unknown": "the server does not tell the mode of disaster-recovery replication"}
}

# METADATA
# title: The licence is about to end
# description: >-
#   Vault Enterprise does not start with a licence that has ended, and stops when it is terminated. The parameter is how many days before it
#   has to be replaced.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/system/license
# custom:
#   id: vault-license-expiry
#   severity: medium
#   subject: vault_license
#   needs: [vault_license]
#   threshold: 30
#   remediation: >-
#     Put the new licence where `license_path` says on each node, send each SIGHUP or `vault write -f sys/config/reload/license`, and look at
#     `vault license get`.
#   frameworks:
#     soc2: [A1.2]
#     owasp_secrets: ["2.1"]
vault_license_expiry contains finding if {
	some license in facts.of("vault_license")
	age.is_past(license.expiration_time)
	finding := {
		"fact": license.id,
		"severity": "critical",
		"message": sprintf("the licence ended on %s", [substring(license.expiration_time, 0, 10)]),
	}
}

vault_license_expiry contains finding if {
	some license in facts.of("vault_license")
	not age.is_past(license.expiration_time)
	age.within(license.expiration_time, data.params["vault-license-expiry"].threshold)
	finding := {
		"fact": license.id,
		"message": sprintf("the licence ends in %s, on %s", [
			age.show_days(age.days_until(license.expiration_time)),
			substring(license.expiration_time, 0, 10),
		]),
	}
}

vault_license_expiry contains finding if {
	some finding in vault_engines.unsaid("vault_license", ["expiration_time"])
}

voters_of(raft) := count([server | some server in vault_engines.list(raft, "servers"); server.voter == true]) if is_array(raft.servers)

# Names the nodes that are not healthy, if it is one of them.
unhealthy_servers(state) := sprintf(": %s", [concat(", ", names)]) if {
	names := [sprintf("%s is %s", [server.name, vault_engines.text(server, "node_status")]) |
		some server in vault_engines.list(state, "servers")
		server.healthy == false
	]
	count(names) > 0
} else := ""

storage_type(server) := vault_engines.text(vault_engines.part(server, "seal_status"), "storage_type")

unsaid_storage := {finding |
	some server in facts.of("vault_server")
	storage_type(server) == ""
	finding := {"fact": server.id, "unknown": "the server does not tell the type of its storage"}
}

takes_snapshots(server) if {
	server.enterprise == true
	storage_type(server) == "raft"
}

good_snapshots := {config.id |
	some config in facts.of("vault_snapshot_config")
	count(snapshot_faults(config)) == 0
}

# What is wrong with automatic snapshots: seldom, failed, or late by more than an hour.
snapshot_faults(config) := (({sprintf("is taken every %s, of at most %v hours", [vault_engines.show_roughly(interval), limit]) |
	limit := data.params["vault-no-snapshot"].threshold
	interval := vault_engines.number(config, "interval")
	interval > limit * data.keystrel.lib.age.seconds_per_hour
} | {"the last one has failed" |
	vault_engines.text(config, "last_snapshot_error") != ""
}) | {"none has been taken yet" |
	not age.is_time(object.get(config, "last_snapshot_end", null))
}) | {sprintf("the last one is %s old", [vault_engines.show_roughly(since)]) |
	since := age.seconds_since(config.last_snapshot_end)
	since > vault_engines.number(config, "interval") + data.keystrel.lib.age.seconds_per_hour
}

counted(1, name) := sprintf("1 %s", [name])

counted(number, name) := sprintf("%v %ss", [number, name]) if number != 1

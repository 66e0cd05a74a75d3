package keystrel.vault.storage_test

import data.keystrel.vault.storage

# An inventory with a server on integrated storage, and with further facts.
server(fields, others) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": array.concat(
		[object.union({"kind": "vault_server", "id": "sys", "enterprise": true, "seal_status": {"storage_type": "raft"}}, fields)],
		others,
	),
}

fact(kind, id, fields) := [object.union({"kind": kind, "id": id}, fields)]

# A cluster with so many voters, and one node without a vote.
raft(voters) := fact("vault_raft", "sys/storage/raft/configuration", {"servers": array.concat(
	[{"node_id": sprintf("n%v", [n]), "voter": true} | some n in numbers.range(1, voters)],
	[{"node_id": "read", "voter": false}],
)})

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

aside(found) := {finding.fact | some finding in found; finding.not_applicable}

voters := {"vault-single-node": {"threshold": 3}}

test_vault_single_node if {
	said(storage.vault_single_node) == {"the cluster has 1 voter, of at least 3"} with input as server({}, raft(1)) with data.params as voters
	said(storage.vault_single_node) == {"the cluster has 2 voters, of at least 3"} with input as server({}, raft(2)) with data.params as voters
	said(storage.vault_single_node) == {"the cluster has 4 voters, which bear no more losses than 3"} with input as server({}, raft(4)) with data.params as voters
	graded(storage.vault_single_node) == {"low"} with input as server({}, raft(4)) with data.params as voters
	count(storage.vault_single_node) == 0 with input as server({}, raft(3)) with data.params as voters
	count(storage.vault_single_node) == 1 with input as server({}, raft(3)) with data.params as {"vault-single-node": {"threshold": 5}}
	unclear(storage.vault_single_node) == {"r"} with input as server({}, fact("vault_raft", "r", {"servers": null})) with data.params as voters
}

test_vault_storage_not_ha if {
	params := {"vault-storage-not-ha": {"threshold": ["file", "inmem"]}}
	said(storage.vault_storage_not_ha) == {"the storage is of type file"} with input as server({"seal_status": {"storage_type": "file"}}, []) with data.params as params
	count(storage.vault_storage_not_ha) == 0 with input as server({}, []) with data.params as params
	count(storage.vault_storage_not_ha) == 1 with input as server({}, []) with data.params as {"vault-storage-not-ha": {"threshold": ["raft"]}}
	unclear(storage.vault_storage_not_ha) == {"sys"} with input as server({"seal_status": {"storage_type": null}}, []) with data.params as params
}

state(fields) := fact("vault_autopilot_state", "a", object.union(
	{
		"healthy": true,
		"failure_tolerance": 1,
		"voters": ["a", "b", "c"],
		"servers": [{"name": "vault-2", "healthy": false, "node_status": "failed"}, {"name": "vault-1", "healthy": true, "node_status": "alive"}],
	},
	fields,
))

test_vault_raft_unhealthy if {
	said(storage.vault_raft_unhealthy) == {"the cluster is not healthy: vault-2 is failed"} with input as server({}, state({"healthy": false, "failure_tolerance": 0}))
	said(storage.vault_raft_unhealthy) == {"the cluster is not healthy"} with input as server({}, state({"healthy": false, "servers": null}))
	said(storage.vault_raft_unhealthy) == {"the cluster bears no failure of a node"} with input as server({}, state({"failure_tolerance": 0}))
	count(storage.vault_raft_unhealthy) == 0 with input as server({}, state({}))
	count(storage.vault_raft_unhealthy) == 0 with input as server({}, state({"failure_tolerance": 0, "voters": ["a"]}))
	unclear(storage.vault_raft_unhealthy) == {"a"} with input as server({}, state({"healthy": null}))
}

autopilot(cleanup) := fact("vault_autopilot_configuration", "c", {"cleanup_dead_servers": cleanup})

test_vault_autopilot_dead_servers if {
	said(storage.vault_autopilot_dead_servers) == {"dead nodes are not removed from the cluster"} with input as server({}, array.concat(autopilot(false), raft(3)))
	aside(storage.vault_autopilot_dead_servers) == {"c"} with input as server({}, array.concat(autopilot(false), raft(1)))
	count(storage.vault_autopilot_dead_servers) == 0 with input as server({}, array.concat(autopilot(true), raft(3)))
	unclear(storage.vault_autopilot_dead_servers) == {"c"} with input as server({}, array.concat(autopilot(null), raft(3)))
}

snapshot(id, fields) := fact("vault_snapshot_config", id, object.union(
	{"interval": 86400, "last_snapshot_end": "2026-11-29T12:00:00Z", "last_snapshot_error": null},
	fields,
))

hours := {"vault-no-snapshot": {"threshold": 24}}

test_vault_no_snapshot if {
	said(storage.vault_no_snapshot) == {"no automatic snapshot is configured"} with input as server({}, []) with data.params as hours
	said(storage.vault_no_snapshot) == {"`s`: is taken every 7 days, of at most 24 hours"} with input as server({}, snapshot("s", {"interval": 604800})) with data.params as hours
	said(storage.vault_no_snapshot) == {"`s`: the last one has failed, the last one is 2 days old"} with input as server({}, snapshot("s", {"last_snapshot_end": "2026-11-28T00:00:00Z", "last_snapshot_error": "denied"}))
		with data.params as hours
	said(storage.vault_no_snapshot) == {"`s`: none has been taken yet"} with input as server({}, snapshot("s", {"last_snapshot_end": null})) with data.params as hours
	count(storage.vault_no_snapshot) == 0 with input as server({}, snapshot("s", {})) with data.params as hours
	count(storage.vault_no_snapshot) == 0 with input as server({}, snapshot("s", {"last_snapshot_end": "2026-11-28T23:00:00Z"})) with data.params as hours
	count(storage.vault_no_snapshot) == 1 with input as server({}, snapshot("s", {})) with data.params as {"vault-no-snapshot": {"threshold": 12}}
}

test_vault_no_snapshot_is_fine_if_one_works if {
	count(storage.vault_no_snapshot) == 0 with input as server({}, array.concat(snapshot("s", {}), snapshot("t", {"last_snapshot_error": "denied"}))) with data.params as hours
}

test_vault_no_snapshot_is_not_found_if_some_could_not_be_read if {
	gap := {"gaps": [{"needs": "vault_snapshot_config", "what": "s", "why": "denied"}]}
	count(storage.vault_no_snapshot) == 0 with input as object.union(server({}, []), gap) with data.params as hours
	count(storage.vault_no_snapshot) == 0 with input as object.union(server({}, snapshot("s", {"interval": 604800})), gap) with data.params as hours
}

test_vault_no_snapshot_of_other_servers if {
	unclear(storage.vault_no_snapshot) == {"sys"} with input as server({"enterprise": false}, []) with data.params as hours
	unclear(storage.vault_no_snapshot) == {"sys"} with input as server({"seal_status": {"storage_type": null}}, []) with data.params as hours
	aside(storage.vault_no_snapshot) == {"sys"} with input as server({"seal_status": {"storage_type": "consul"}}, []) with data.params as hours
}

replication(dr) := fact("vault_replication", "sys/replication/status", {"dr": dr})

test_vault_no_dr_replica if {
	said(storage.vault_no_dr_replica) == {"disaster-recovery replication is off"} with input as server({}, replication({"mode": "disabled"}))
	said(storage.vault_no_dr_replica) == {"the disaster-recovery primary has no secondary"} with input as server({}, replication({"mode": "primary", "known_secondaries": []}))
	count(storage.vault_no_dr_replica) == 0 with input as server({}, replication({"mode": "primary", "known_secondaries": ["dr"]}))
	count(storage.vault_no_dr_replica) == 0 with input as server({}, replication({"mode": "secondary"}))
	count(storage.vault_no_dr_replica) == 0 with input as server({}, [])
	unclear(storage.vault_no_dr_replica) == {"sys/replication/status"} with input as server({}, replication(null))
}

license(day) := fact("vault_license", "sys/license/status", {"expiration_time": day})

test_vault_license_expiry if {
	params := {"vault-license-expiry": {"threshold": 30}}
	said(storage.vault_license_expiry) == {"the licence ended on 2026-11-29"} with input as server({}, license("2026-11-29T00:00:00Z")) with data.params as params
	graded(storage.vault_license_expiry) == {"critical"} with input as server({}, license("2026-11-29T00:00:00Z")) with data.params as params
	said(storage.vault_license_expiry) == {"the licence ends in 29 days, on 2026-12-29"} with input as server({}, license("2026-12-29T00:00:00Z")) with data.params as params
	count(storage.vault_license_expiry) == 0 with input as server({}, license("2026-12-30T00:00:00Z")) with data.params as params
	count(storage.vault_license_expiry) == 1 with input as server({}, license("2026-12-30T00:00:00Z")) with data.params as {"vault-license-expiry": {"threshold": 60}}
	unclear(storage.vault_license_expiry) == {"sys/license/status"} with input as server({}, license(null)) with data.params as params
}

# METADATA
# title: Facts of the estate for tests, with every field, and nothing wrong with them
package keystrel.lib.estate_fixtures_test

now := "2026-11-30T12:00:00Z"

# An inventory of facts without gaps.
inventory(facts) := {"source": "estate", "now": now, "facts": facts, "gaps": []}

# The defaults of the controls that have a threshold.
params := {
	"x-audit-anomaly-new-reader": {"threshold": {"new_days": 7, "baseline_days": 30}},
	"x-audit-pattern-time": {"threshold": {"percent": 2, "least_reads": 100, "neighbours": 1}},
	"x-audit-retention": {"threshold": {"days": 365, "hot_days": 90}},
	"x-audit-sink-liveness": {"threshold": 24},
	"x-breakglass-old": {"threshold": 180},
	"x-copy-drift": {"threshold": 24},
	"x-crypto-agility": {"threshold": {"below_128_bits": "2030-12-31", "all": "2035-12-31"}},
	"x-duplicate-value": {"threshold": ["cert", "crt", "host", "username"]},
	"x-effective-reader-count": {"threshold": 10},
	"x-envelope-kek-dek": {"threshold": {"days": 365, "known_days": 30}},
	"x-inventory-class": {"threshold": ["data-class", "classification"]},
	"x-inventory-owner": {"threshold": ["owner", "team", "owned-by"]},
	"x-rotation-dual-version": {"threshold": 7},
	"x-rotation-not-propagated": {"threshold": 24},
	"x-rotation-source-not-revoked": {"threshold": 7},
	"x-secret-holds-cloud-key": {"threshold": 90},
	"x-stale-everywhere": {"threshold": 90},
	"x-static-where-dynamic": {"threshold": {"database": ["database"], "cloud": ["aws", "azure", "gcp"], "ssh": ["ssh"]}},
	"x-unused-right": {"threshold": 90},
}

# The parameters with another threshold for one control.
with_threshold(id, threshold) := object.union(object.remove(params, [id]), {id: {"threshold": threshold}})

# A fact with some of its fields replaced.
changed(fact, changes) := object.union(object.remove(fact, object.keys(changes)), changes)

# What was found, without the ids.
messages(found) := {finding.message | some finding in found}

severities(found) := {object.get(finding, "severity", "default") | some finding in found}

# Whether nothing is found and something is not known.
is_unknown(found) if {
	count(found) > 0
	every finding in found {
		is_string(finding.unknown)
	}
}

# Whether something is found.
is_found(found) if {
	count(found) > 0
	every finding in found {
		is_string(finding.message)
	}
}

# A fact that lacks any of the fields, and one of which any could not be read.
variants(fact, fields) := {variant |
	some field in fields
	some variant in [
		object.remove(fact, [field]),
		changed(fact, {field: null, "unread": {field: "403 permission denied"}}),
	]
}

vault := "vault:https://vault.example:8200"

aws := "aws:111122223333"

cluster := "kubernetes:https://k8s.example:6443"

secret_id := "vault:https://vault.example:8200#secret/data/shop/db"

leak(changes) := changed(
	{
		"kind": "leak", "id": "config/app.yml:12#1", "rule": "generic-password", "severity": "high", "confidence": "likely",
		"path": "config/app.yml", "line": 12, "commit": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "committed": "2025-03-02T10:00:00Z",
		"author": "A", "in_head": true, "is_suppressed": false, "matches": ["config/app.yml:12#1#db"], "is_compared": true,
		"unread": {},
	},
	changes,
)

leak_match(changes) := changed(
	{
		"kind": "leak_match", "id": "config/app.yml:12#1#db", "leak": "config/app.yml:12#1", "path": "config/app.yml", "line": 12,
		"commit": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "committed": "2025-03-02T10:00:00Z", "in_head": true,
		"secret": secret_id, "name": "secret/shop/db", "store": vault, "field": "password", "version": 4, "is_current": true,
		"state": "current", "changed": "2025-01-15T08:00:00Z", "rotated_since": false,
		"readers": ["policy app", "policy ops", "role a", "role b"], "reader_count": 7, "expires": null, "unread": {},
	},
	changes,
)

shared_value(changes) := changed(
	{
		"kind": "shared_value", "id": "shared#vault:https://vault.example:8200#secret/data/shop/db", "places": [place({}), place(elsewhere)],
		"environments": [], "is_declared": false, "unread": {},
	},
	changes,
)

place(changes) := changed(
	{
		"secret": secret_id, "name": "secret/shop/db", "store": vault, "store_kind": "vault", "field": "password",
		"environment": null,
	},
	changes,
)

elsewhere := {"secret": sprintf("%s#db", [aws]), "name": "shop/db", "store": aws, "store_kind": "aws", "field": null}

stored_secret(changes) := changed(
	{
		"kind": "stored_secret", "id": secret_id, "store": vault, "store_kind": "vault", "secret": "secret/data/shop/db",
		"entry_kind": "vault_kv_secret", "name": "secret/shop/db", "content": null, "managed_by": null,
		"created": "2024-01-01T00:00:00Z", "changed": "2026-11-01T00:00:00Z", "expires": null, "rotation": null,
		"versions": [version({}), old_version({})], "key": null,
		"labels": {"owner": "shop", "data-class": "internal"}, "owner": "shop", "data_class": "internal",
		"environment": "production", "is_break_glass": false, "last_read": "2026-11-29T00:00:00Z",
		"reads_from": "2026-06-01T00:00:00Z", "knows_reads": true, "knows_who_reads": true, "old_read": null, "audited": true,
		"audit_paths": ["file/"], "reader_count": 3, "unknown_groups": [], "declared_in": ["main.tf:1"], "is_declared": true, "is_copy": false,
		"values_read": true, "unread": {},
	},
	changes,
)

version(changes) := changed({"version": 4, "created": "2026-11-01T00:00:00Z", "state": "current", "superseded": null}, changes)

old_version(changes) := changed(
	{"version": 3, "created": "2026-08-01T00:00:00Z", "state": "kept", "superseded": "2026-11-01T00:00:00Z"},
	changes,
)

secret_copy(changes) := changed(
	{
		"kind": "secret_copy", "id": "kubernetes:https://k8s.example:6443#shop/db#ExternalSecret", "copy": "kubernetes:https://k8s.example:6443#shop/db",
		"name": "shop/db", "store": cluster, "source": secret_id, "has_source": true, "source_named": "vault secret/shop/db",
		"via": "ExternalSecret/shop/db", "copied": "2026-11-02T00:00:00Z", "source_changed": "2026-11-01T00:00:00Z",
		"is_equal": null, "interval": 3600, "unread": {},
	},
	changes,
)

secret_consumer(changes) := changed(
	{
		"kind": "secret_consumer", "id": "Pod/shop/web-1#running#db", "secret": "kubernetes:https://k8s.example:6443#shop/db", "name": "shop/db",
		"store": cluster, "entry_kind": "k8s_object", "consumer": "Pod/shop/web-1#running", "how": "environment", "started": "2026-11-02T00:00:00Z",
		"refreshes": false, "secret_changed": "2026-11-01T00:00:00Z", "unread": {},
	},
	changes,
)

held_credential(changes) := changed(
	{
		"kind": "held_credential", "id": "vault:https://vault.example:8200#secret/data/shop/aws#key-id", "secret": secret_id, "name": "secret/shop/aws",
		"store": vault, "version": 4, "is_current": true, "issuer": "aws", "credential": "key-id", "principal": "deploy",
		"created": "2026-11-01T00:00:00Z", "state": "active", "last_used": null, "superseded": null, "is_known": true,
		"unread": {},
	},
	changes,
)

stored_key(changes) := changed(
	{
		"kind": "stored_key", "id": "vault:https://vault.example:8200#transit/keys/app", "store": vault, "store_kind": "vault",
		"key": "transit/keys/app", "entry_kind": "vault_transit_key", "state": "enabled", "deletion": null,
		"algorithm": "symmetric", "bits": 256, "expires": null, "rotation": null, "latest_version": 3,
		"latest_created": "2026-01-01T00:00:00Z", "oldest_usable_version": 3, "oldest_usable_created": "2026-01-01T00:00:00Z",
		"oldest_usable_superseded": null, "rewrapped": null, "used_by": [secret_id], "environments": ["production"],
		"labels": null, "environment": null, "owner": null, "unread": {},
	},
	changes,
)

store_seal(changes) := changed(
	{
		"kind": "store_seal", "id": "vault:https://vault.example:8200#seal/awskms", "store": vault, "store_kind": "vault",
		"type": "awskms", "key": "aws:111122223333#unseal", "key_named": "alias/unseal", "is_own": false,
		"unread": {},
	},
	changes,
)

secret_reader(changes) := changed(
	{
		"kind": "secret_reader", "id": "vault:https://vault.example:8200#secret/data/shop/db#entity/shop", "secret": secret_id,
		"secret_name": "secret/shop/db", "store": vault, "secret_created": "2024-01-01T00:00:00Z", "principal": "entity/shop",
		"principal_kind": "entity", "is_human": false, "may_read": true, "conditional": false, "missing": null, "knows_missing": true,
		"first_seen": "2026-06-02T00:00:00Z", "last_seen": "2026-11-29T10:00:00Z", "reads": 120, "is_seen": true,
		"reads_from": "2026-06-01T00:00:00Z", "hours": office, "knows_hours": true, "is_complete": true, "unread": {},
	},
	changes,
)

# Reads by the hours of a day: ten in each from 8 to 19.
office := hours(8, 19, 10)

hours(from, to, reads) := [amount |
	some hour in numbers.range(0, 23)
	amount := within(hour, from, to) * reads
]

within(hour, from, to) := 1 if {
	hour >= from
	hour <= to
} else := 0

store_reader(changes) := changed(
	{
		"kind": "store_reader", "id": "vault:https://vault.example:8200#reader/entity/shop", "store": vault,
		"store_kind": "vault", "principal": "entity/shop", "principal_kind": "entity", "is_human": false,
		"knows_reads": true, "reads_from": "2026-06-01T00:00:00Z", "may_read": 4, "never_read": [], "never_read_count": 0,
		"is_complete": true, "unread": {},
	},
	changes,
)

audit_sink(changes) := changed(
	{
		"kind": "audit_sink", "id": "aws:111122223333#trail/main", "store": aws, "store_kind": "aws", "sink": "s3://trail",
		"enabled": true, "tells_retention": true, "retention_days": 400, "hot_days": 90, "tells_delivery": true,
		"latest_delivery": "2026-11-30T11:50:00Z", "latest_error": null, "unread": {},
	},
	changes,
)

test_facts_of_tests_can_be_changed if {
	leak({"line": 3}).line == 3
	leak({"unread": {"line": "403"}}).unread == {"line": "403"}
	count(variants(leak({}), ["line", "path"])) == 4
	sum(office) == 120
}

secret_reference(changes) := changed(
	{
		"kind": "secret_reference", "id": "ExternalSecret/shop/db#secret/shop/db", "from": "ExternalSecret/shop/db", "from_kind": "workload",
		"store_kind": "vault", "named": "secret/shop/db", "secret": secret_id, "is_complete": true, "store": vault,
		"unread": {},
	},
	changes,
)

store_backup(changes) := changed(
	{
		"kind": "store_backup", "id": "vault:https://vault.example:8200#backup/daily", "store": vault, "store_kind": "vault",
		"backup": "daily", "place": "s3://backup/vault", "is_public": false, "is_encrypted": true, "key": "alias/backup",
		"unread": {},
	},
	changes,
)

audited_store(changes) := changed(
	{
		"kind": "audited_store", "id": vault, "store": vault, "store_kind": "vault", "lost": null, "gaps": [],
		"gap_count": 0, "reads_values": false, "can_read_values": false, "value_rights": [], "dynamic_engines": [],
		"unread": {},
	},
	changes,
)

exception(changes) := changed(
	{
		"kind": "exception", "id": "aws-sm-value-age#*", "control": "aws-sm-value-age", "resources": ["*legacy*"],
		"owner": "shop team", "reason": "gone by spring", "expires": "2027-03-31", "is_used": true, "unread": {},
	},
	changes,
)

package keystrel.vault.database_test

import data.keystrel.vault.database

# An inventory with facts that are as they should be, but for some fields.
inventory(kind, id, defaults, fields) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": [
		{"kind": "vault_mount", "id": "sys/mounts/database/", "type": "database", "config": {"max_lease_ttl": 0}},
		object.union_n([{"kind": kind, "id": id, "mount": "sys/mounts/database/"}, defaults, fields]),
	],
}

static(fields) := inventory(
	"vault_database_static_role", "database/static-roles/app", {
		"rotation_period": 604800,
		"rotation_schedule": null,
		"last_vault_rotation": "2026-11-28T00:00:00Z",
		"next_vault_rotation": null,
	},
	fields,
)

role(fields) := inventory(
	"vault_database_role", "database/roles/app", {
		"plugin_name": "postgresql-database-plugin",
		"default_ttl": 3600,
		"max_ttl": 86400,
		"creation_statements": [`CREATE ROLE "{{name}}" WITH LOGIN NOSUPERUSER PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; GRANT SELECT ON ALL TABLES IN SCHEMA app TO "{{name}}";`],
		"revocation_statements": [],
	},
	fields,
)

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

test_vault_db_static_no_rotation if {
	said(database.vault_db_static_no_rotation) == {"`database/static-roles/app`: has no rotation period and no schedule"} with input as static({"rotation_period": 0})
	count(database.vault_db_static_no_rotation) == 1 with input as static({"rotation_period": null, "rotation_schedule": ""})
	count(database.vault_db_static_no_rotation) == 0 with input as static({})
	count(database.vault_db_static_no_rotation) == 0 with input as static({"rotation_period": 0, "rotation_schedule": "0 3 * * SAT"})
}

test_vault_db_static_rotation_long if {
	params := {"vault-db-static-rotation-long": {"threshold": 30}}
	said(database.vault_db_static_rotation_long) == {"`database/static-roles/app`: is rotated every 60 days, of at most 30 days"} with input as static({"rotation_period": 5184000})
		with data.params as params
	count(database.vault_db_static_rotation_long) == 0 with input as static({"rotation_period": 2592000}) with data.params as params
	count(database.vault_db_static_rotation_long) == 0 with input as static({"rotation_period": 0}) with data.params as params
	count(database.vault_db_static_rotation_long) == 1 with input as static({}) with data.params as {"vault-db-static-rotation-long": {"threshold": 1}}
}

test_vault_db_static_rotation_long_by_a_schedule if {
	params := {"vault-db-static-rotation-long": {"threshold": 30}}
	yearly := {"rotation_period": 0, "rotation_schedule": "0 0 1 1 *", "last_vault_rotation": "2026-01-01T00:00:00Z", "next_vault_rotation": "2027-01-01T00:00:00Z"}
	said(database.vault_db_static_rotation_long) == {"`database/static-roles/app`: is rotated every 365 days, of at most 30 days"} with input as static(yearly)
		with data.params as params
	count(database.vault_db_static_rotation_long) == 0 with input as static(object.union(yearly, {"next_vault_rotation": "2026-01-31T00:00:00Z"}))
		with data.params as params
	unclear(database.vault_db_static_rotation_long) == {"database/static-roles/app"} with input as static(object.union(yearly, {"next_vault_rotation": null}))
		with data.params as params
}

test_vault_db_static_overdue if {
	params := {"vault-db-static-overdue": {"threshold": 24}}
	said(database.vault_db_static_overdue) == {"`database/static-roles/app`: its rotation was due 3 days ago, and has not happened"} with input as static({"last_vault_rotation": "2026-11-20T00:00:00Z"})
		with data.params as params
	said(database.vault_db_static_overdue) == {"`database/static-roles/app`: its rotation was due 25 hours ago, and has not happened"} with input as static({"last_vault_rotation": "2026-11-21T23:00:00Z"})
		with data.params as params
	count(database.vault_db_static_overdue) == 0 with input as static({"last_vault_rotation": "2026-11-22T00:00:00Z"}) with data.params as params
	count(database.vault_db_static_overdue) == 0 with input as static({}) with data.params as params
	count(database.vault_db_static_overdue) == 0 with input as static({"rotation_period": 0, "last_vault_rotation": null}) with data.params as params
	unclear(database.vault_db_static_overdue) == {"database/static-roles/app"} with input as static({"last_vault_rotation": null}) with data.params as params
}

test_vault_db_static_overdue_by_a_schedule if {
	params := {"vault-db-static-overdue": {"threshold": 24}}
	scheduled := {"rotation_period": 0, "rotation_schedule": "0 3 * * SAT"}
	count(database.vault_db_static_overdue) == 1 with input as static(object.union(scheduled, {"next_vault_rotation": "2026-11-28T03:00:00Z"}))
		with data.params as params
	count(database.vault_db_static_overdue) == 0 with input as static(object.union(scheduled, {"next_vault_rotation": "2026-12-05T03:00:00Z"}))
		with data.params as params
	unclear(database.vault_db_static_overdue) == {"database/static-roles/app"} with input as static(scheduled) with data.params as params
}

test_vault_db_dynamic_ttl_long if {
	params := {"vault-db-dynamic-ttl-long": {"threshold": 24}}
	said(database.vault_db_dynamic_ttl_long) == {"`database/roles/app`: a login lives up to 2 days, of at most 24 hours"} with input as role({"max_ttl": 172800})
		with data.params as params
	said(database.vault_db_dynamic_ttl_long) == {"`database/roles/app`: a login lives up to 32 days (it has no `max_ttl`), of at most 24 hours"} with input as role({"max_ttl": 0})
		with data.params as params
	count(database.vault_db_dynamic_ttl_long) == 1 with input as role({"max_ttl": null}) with data.params as params
	count(database.vault_db_dynamic_ttl_long) == 0 with input as role({}) with data.params as params
	count(database.vault_db_dynamic_ttl_long) == 1 with input as role({}) with data.params as {"vault-db-dynamic-ttl-long": {"threshold": 23}}
}

# What is found of a role with a statement: the severity.
grade(statement) := grades if {
	grades := graded(database.vault_db_superuser_grant) with input as role({"creation_statements": [statement]})
}

test_vault_db_superuser_grant if {
	said(database.vault_db_superuser_grant) == {"`database/roles/app`: its users are administrators (CREATEROLE, SUPERUSER)"} with input as role({"creation_statements": [`CREATE ROLE "{{name}}" SUPERUSER CREATEROLE`]})
	said(database.vault_db_superuser_grant) == {"`database/roles/app`: its users own what they use (GRANT ALL)"} with input as role({"creation_statements": [`GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA app TO "{{name}}"`]})
	every statement in [
		"create user x; grant all privileges on *.* to x",
		"GRANT SELECT ON app.* TO x WITH GRANT OPTION",
		"ALTER SERVER ROLE sysadmin ADD MEMBER [{{name}}]",
		"GRANT CONNECT, DBA TO {{name}}",
		"GRANT ALL PRIVILEGES TO {{name}}",
		`{"db": "admin", "roles": [{"role": "root"}]}`,
		`{"elasticsearch_roles": ["superuser"]}`,
	] {
		grade(statement) == {"default"}
	}
	every statement in [
		"ALTER ROLE db_owner ADD MEMBER [{{name}}]",
		`{"db": "app", "roles": [{"role": "dbOwner"}]}`,
		"GRANT ALL ON app.* TO x",
	] {
		grade(statement) == {"medium"}
	}
	every statement in [
		"GRANT SELECT, INSERT ON app.* TO x",
		`{"db": "app", "roles": [{"role": "readWrite"}]}`,
		"CREATE ROLE x NOSUPERUSER NOCREATEROLE",
	] {
		grade(statement) == set()
	}
	count(database.vault_db_superuser_grant) == 0 with input as role({})
	unclear(database.vault_db_superuser_grant) == {"database/roles/app"} with input as role({"creation_statements": null})
}

test_vault_db_no_revocation if {
	creates := {"creation_statements": [`CREATE ROLE "{{name}}" LOGIN; GRANT USAGE, CREATE ON SCHEMA app TO "{{name}}"`]}
	said(database.vault_db_no_revocation) == {"`database/roles/app`: its users may own objects, and it has no revocation statements"} with input as role(creates)
	count(database.vault_db_no_revocation) == 1 with input as role({"creation_statements": [`GRANT ALL PRIVILEGES ON DATABASE app TO "{{name}}"`]})
	count(database.vault_db_no_revocation) == 0 with input as role(object.union(creates, {"revocation_statements": [`DROP OWNED BY "{{name}}"`]}))
	count(database.vault_db_no_revocation) == 0 with input as role(object.union(creates, {"plugin_name": "mysql-database-plugin"}))
	count(database.vault_db_no_revocation) == 0 with input as role({})
	count(database.vault_db_no_revocation) == 0 with input as role({"creation_statements": ["GRANT ALL ON ALL TABLES IN SCHEMA app TO x"]})
	unclear(database.vault_db_no_revocation) == {"database/roles/app"} with input as role({"creation_statements": null})
}

package keystrel.vault.database_connection_test

import data.keystrel.vault.database_connection as connections

# An inventory with a connection that is as it should be, but for some fields.
connection(fields) := {
	"now": "2026-11-30T00:00:00Z",
	"facts": [object.union(
		{
			"kind": "vault_database_connection",
			"id": "database/config/db",
			"plugin_name": "postgresql-database-plugin",
			"allowed_roles": ["app"],
			"rotation_period": 2592000,
			"rotation_schedule": null,
			"disable_automated_rotation": false,
			"connection_details": {"username": "vault", "connection_url": "postgresql://{{username}}:{{password}}@db:5432/app", "auth_type": null, "self_managed": null, "tls": null},
			"url_scheme": "postgresql",
			"url_host": "db:5432",
			"url_has_password": false,
			"url_parameters": {},
			"sslmode": "verify-full",
			"tls_ca_set": false,
			"tls_certificate_set": false,
		},
		fields,
	)],
}

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

unlimited := {"rotation_period": 0, "rotation_schedule": ""}

not_told := {"rotation_period": null, "rotation_schedule": null, "disable_automated_rotation": null}

limit := {"vault-db-root-not-rotated": {"threshold": 90}}

test_vault_db_root_not_rotated if {
	said(connections.vault_db_root_not_rotated) == {"`database/config/db`: its root credential has no rotation period and no schedule"} with input as connection(unlimited)
		with data.params as limit
	said(connections.vault_db_root_not_rotated) == {"`database/config/db`: its root credential is rotated every 91 days, of at most 90 days"} with input as connection({"rotation_period": 7862400})
		with data.params as limit
	said(connections.vault_db_root_not_rotated) == {"`database/config/db`: the password is part of the connection URL, so Vault cannot rotate it"} with input as connection(object.union(unlimited, {"url_has_password": true}))
		with data.params as limit
	count(connections.vault_db_root_not_rotated) == 0 with input as connection({"rotation_period": 7776000}) with data.params as limit
	count(connections.vault_db_root_not_rotated) == 0 with input as connection({"rotation_period": 0, "rotation_schedule": "0 3 1 * *"}) with data.params as limit
}

test_vault_db_root_not_rotated_of_servers_that_cannot if {
	unclear(connections.vault_db_root_not_rotated) == {"database/config/db"} with input as connection(not_told) with data.params as limit
	said(connections.vault_db_root_not_rotated) == {"`database/config/db`: the password is part of the connection URL, so Vault cannot rotate it"} with input as connection(object.union(not_told, {"url_has_password": true}))
		with data.params as limit
	count(connections.vault_db_root_not_rotated) == 0 with input as connection(object.union(not_told, {"connection_details": {"self_managed": true}}))
		with data.params as limit
	count(connections.vault_db_root_not_rotated) == 0 with input as connection(object.union(not_told, {"connection_details": {"auth_type": "gcp_iam"}}))
		with data.params as limit
}

test_vault_db_allowed_roles_star if {
	said(connections.vault_db_allowed_roles_star) == {"`database/config/db`: `allowed_roles` is `*`"} with input as connection({"allowed_roles": ["*"]})
	count(connections.vault_db_allowed_roles_star) == 0 with input as connection({})
	count(connections.vault_db_allowed_roles_star) == 0 with input as connection({"allowed_roles": []})
	unclear(connections.vault_db_allowed_roles_star) == {"database/config/db"} with input as connection({"allowed_roles": null})
}

test_vault_db_password_in_url if {
	said(connections.vault_db_password_in_url) == {"`database/config/db`: `connection_url` holds a password in place of `{{password}}`"} with input as connection({"url_has_password": true})
	count(connections.vault_db_password_in_url) == 0 with input as connection({})
	unclear(connections.vault_db_password_in_url) == {"database/config/db"} with input as connection({"url_has_password": null})
	count(connections.vault_db_password_in_url) == 0 with input as connection({"url_has_password": null, "connection_details": {"connection_url": null}})
}

# The severities of what is found of a connection.
grade(fields) := grades if {
	grades := graded(connections.vault_db_tls_off) with input as connection(fields)
}

test_vault_db_tls_off if {
	said(connections.vault_db_tls_off) == {"`database/config/db`: the connection is not encrypted (`disable`)"} with input as connection({"sslmode": "disable"})
	said(connections.vault_db_tls_off) == {"`database/config/db`: the connection may fall back to plain text (no `sslmode`)"} with input as connection({"sslmode": null})
	grade({"sslmode": "disable"}) == {"default"}
	every mode in ["allow", "prefer", null] {
		grade({"sslmode": mode}) == {"medium"}
	}
	every mode in ["require", "verify-ca", "verify-full"] {
		grade({"sslmode": mode}) == set()
	}
	grade({"sslmode": null, "tls_ca_set": true}) == set()
	every host in ["localhost:5432", "127.0.0.1", "[::1]:5432", "/run/postgresql", "unix:/run/x"] {
		grade({"sslmode": "disable", "url_host": host}) == set()
	}
	grade({"sslmode": "disable", "url_host": "localhost.example.com"}) == {"default"}
	unclear(connections.vault_db_tls_off) == {"database/config/db"} with input as connection({"plugin_name": null})
}

test_vault_db_tls_off_of_other_databases if {
	mysql := {"plugin_name": "mysql-database-plugin", "url_scheme": null, "sslmode": null}
	grade(mysql) == {"default"}
	grade(object.union(mysql, {"sslmode": "false"})) == {"default"}
	grade(object.union(mysql, {"sslmode": "preferred"})) == {"medium"}
	grade(object.union(mysql, {"sslmode": "true"})) == set()
	grade(object.union(mysql, {"tls_certificate_set": true})) == set()
	mongodb := {"plugin_name": "mongodb-database-plugin", "url_scheme": "mongodb", "sslmode": null}
	grade(mongodb) == {"default"}
	grade(object.union(mongodb, {"sslmode": "true"})) == set()
	grade(object.union(mongodb, {"url_parameters": {"ssl": "true"}})) == set()
	grade(object.union(mongodb, {"url_scheme": "mongodb+srv"})) == set()
	mssql := {"plugin_name": "mssql-database-plugin", "url_scheme": "sqlserver", "sslmode": null}
	grade(mssql) == {"medium"}
	grade(object.union(mssql, {"sslmode": "disable"})) == {"default"}
	grade(object.union(mssql, {"sslmode": "true"})) == set()
	grade(object.union(mssql, {"url_host": "x.database.windows.net:1433"})) == set()
	grade({"plugin_name": "elasticsearch-database-plugin", "url_scheme": "http", "sslmode": null}) == {"default"}
	grade({"plugin_name": "elasticsearch-database-plugin", "url_scheme": "https", "sslmode": null}) == set()
	grade({"plugin_name": "redis-database-plugin", "url_scheme": null, "url_host": "redis:6379", "sslmode": null, "connection_details": {"tls": false}}) == {"default"}
	grade({"plugin_name": "redis-database-plugin", "url_scheme": null, "url_host": null, "sslmode": null, "connection_details": {"tls": true}}) == set()
}

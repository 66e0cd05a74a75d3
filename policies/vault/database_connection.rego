# METADATA
# title: Connections of the database engine
package keystrel.vault.database_connection

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: The root credential of a database connection is not rotated
# description: >-
#   Vault logs in as a user who may make and drop others. Until it has changed that password itself, whoever set the connection up
#   knows it. Vault Enterprise rotates it by a period or a schedule; of others nobody can tell whether it was done. The parameter is
#   the longest period in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases#rotate-root-credentials
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases#rotate-root-credentials
# custom:
#   id: vault-db-root-not-rotated
#   severity: high
#   subject: vault_database_connection
#   needs: [vault_database_connection]
#   threshold: 90
#   remediation: >-
#     Give Vault a user of its own, then `vault write -f database/rotate-root/postgres`; from then on only Vault knows the password. With
#     Vault Enterprise: `vault write database/config/postgres rotation_period=90d`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_db_root_not_rotated contains finding if {
	some connection in facts.of("vault_database_connection")
	has_root(connection)
	connection.url_has_password == true
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: the password is part of the connection URL, so Vault cannot rotate it", [connection.id]),
	}
}

vault_db_root_not_rotated contains finding if {
	some connection in facts.of("vault_database_connection")
	has_root(connection)
	connection.url_has_password != true
	vault_engines.can_rotate(connection)
	not vault_engines.rotates(connection)
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: its root credential has no rotation period and no schedule", [connection.id]),
	}
}

vault_db_root_not_rotated contains finding if {
	limit := data.params["vault-db-root-not-rotated"].threshold
	some connection in facts.of("vault_database_connection")
	has_root(connection)
	period := vault_engines.number(connection, "rotation_period")
	period > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: its root credential is rotated every %s, of at most %s", [
			connection.id,
			vault_engines.show_roughly(period),
			age.show_days(limit),
		]),
	}
}

vault_db_root_not_rotated contains finding if {
	some connection in facts.of("vault_database_connection")
	has_root(connection)
	object.get(connection, "url_has_password", null) != true
	not vault_engines.can_rotate(connection)
	finding := {"fact": connection.id, "unknown": "the server does not record whether `database/rotate-root` was ever used"}
}

# METADATA
# title: A database connection may be used by any role
# description: >-
#   Whoever may write a role of the engine, even one that is meant for another database, can make itself an administrator of this one.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases#allowed_roles
# custom:
#   id: vault-db-allowed-roles-star
#   severity: medium
#   subject: vault_database_connection
#   needs: [vault_database_connection]
#   remediation: >-
#     `vault write database/config/postgres allowed_roles=app-read,app-write`
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_db_allowed_roles_star contains finding if {
	some connection in facts.of("vault_database_connection")
	"*" in vault_engines.list(connection, "allowed_roles")
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: `allowed_roles` is `*`", [connection.id]),
	}
}

vault_db_allowed_roles_star contains finding if {
	some finding in vault_engines.unsaid("vault_database_connection", ["allowed_roles"])
}

# METADATA
# title: The URL of a database connection holds the password
# description: >-
#   Whoever may read the configuration of the connection has the password, it shows in errors of the driver, and Vault cannot rotate it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases/postgresql#connection_url
# custom:
#   id: vault-db-password-in-url
#   severity: high
#   subject: vault_database_connection
#   needs: [vault_database_connection]
#   remediation: >-
#     `vault write database/config/postgres connection_url='postgresql://{{username}}:{{password}}@db:5432/app' username=vault
#     password=...`, then `vault write -f database/rotate-root/postgres`: the old password was readable.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
vault_db_password_in_url contains finding if {
	some connection in facts.of("vault_database_connection")
	connection.url_has_password == true
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: `connection_url` holds a password in place of `{{password}}`", [connection.id]),
	}
}

vault_db_password_in_url contains finding if {
	some connection in facts.of("vault_database_connection")
	object.get(connection, "url_has_password", null) == null
	vault_engines.text(vault_engines.part(connection, "connection_details"), "connection_url") != ""
	finding := {"fact": connection.id, "unknown": "whether its URL holds a password could not be told"}
}

# METADATA
# title: A database connection is not encrypted
# description: >-
#   Vault sends its root credential, and the passwords of all users that it makes, over this connection. Drivers that may fall back to
#   plain text (`sslmode=prefer`, which is the default for PostgreSQL) do so for whoever stands between. `sslmode=require` is not found:
#   it encrypts, but only `verify-full` checks who answers.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases/postgresql
# - ref: https://www.postgresql.org/docs/current/libpq-ssl.html
# custom:
#   id: vault-db-tls-off
#   severity: high
#   subject: vault_database_connection
#   needs: [vault_database_connection]
#   remediation: >-
#     PostgreSQL: `sslmode=verify-full` in `connection_url`; MySQL: `tls_ca=@ca.pem`; SQL Server: `encrypt=true`; MongoDB: `tls=true`.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
vault_db_tls_off contains finding if {
	some connection in facts.of("vault_database_connection")
	not is_near(connection)
	why := plain(connection)
	finding := {
		"fact": connection.id,
		"message": sprintf("`%s`: the connection is not encrypted (%s)", [connection.id, why]),
	}
}

vault_db_tls_off contains finding if {
	some connection in facts.of("vault_database_connection")
	not is_near(connection)
	not plain(connection)
	why := may_be_plain(connection)
	finding := {
		"fact": connection.id,
		"severity": "medium",
		"message": sprintf("`%s`: the connection may fall back to plain text (%s)", [connection.id, why]),
	}
}

vault_db_tls_off contains finding if {
	some finding in vault_engines.unsaid("vault_database_connection", ["plugin_name"])
}

# Whether a connection logs in with a password of a user that it has: one that each role brings, or that the cloud vouches for, does not.
has_root(connection) if {
	details := vault_engines.part(connection, "connection_details")
	not vault_engines.is_on(object.get(details, "self_managed", null))
	vault_engines.text(details, "auth_type") == ""
}

# Whether the database is on the machine of the server.
is_near(connection) if vault_engines.is_local(connection.url_host)

# Why a connection is plain text.
plain(connection) := sprintf("`%s`", [connection.sslmode]) if {
	connection.sslmode in {"disable", "false", "off", "no", "disabled"}
} else := "`http`" if {
	connection.url_scheme == "http"
} else := "no `tls`" if {
	startswith(vault_engines.text(connection, "plugin_name"), "mysql")
	has_no_mode(connection)
	not brings_ca(connection)
} else := "no `tls=true`" if {
	startswith(vault_engines.text(connection, "plugin_name"), "mongodb-")
	connection.url_scheme == "mongodb"
	has_no_mode(connection)
	not brings_ca(connection)
	not vault_engines.is_on(object.get(vault_engines.part(connection, "url_parameters"), "ssl", null))
} else := "`tls` is off" if {
	vault_engines.part(connection, "connection_details").tls == false
	has_no_mode(connection)
}

# Why a connection is plain text if the other side wants it so.
may_be_plain(connection) := sprintf("`sslmode=%s`", [connection.sslmode]) if {
	is_postgres(connection)
	connection.sslmode in {"allow", "prefer"}
} else := "no `sslmode`" if {
	is_postgres(connection)
	has_no_mode(connection)
	not brings_ca(connection)
} else := "`tls=preferred`" if {
	startswith(vault_engines.text(connection, "plugin_name"), "mysql")
	connection.sslmode == "preferred"
} else := "no `encrypt`: only the login is" if {
	startswith(vault_engines.text(connection, "plugin_name"), "mssql")
	has_no_mode(connection)
	not contains(vault_engines.text(connection, "url_host"), ".database.windows.net")
}

is_postgres(connection) if connection.plugin_name in {"postgresql-database-plugin", "redshift-database-plugin"}

has_no_mode(connection) if vault_engines.text(connection, "sslmode") == ""

brings_ca(connection) if connection.tls_ca_set == true

brings_ca(connection) if connection.tls_certificate_set == true

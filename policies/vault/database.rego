# METADATA
# title: Roles of the database engine
package keystrel.vault.database

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: A static database role is never rotated
# description: >-
#   The password of the database user stays what it was when the role was made, though Vault is there to change it.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases#create-static-role
# custom:
#   id: vault-db-static-no-rotation
#   severity: high
#   subject: vault_database_static_role
#   needs: [vault_database_static_role]
#   remediation: >-
#     `vault write database/static-roles/app rotation_period=30d`, or `rotation_schedule="0 3 * * SAT"` with a `rotation_window`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_db_static_no_rotation contains finding if {
	some role in facts.of("vault_database_static_role")
	not vault_engines.rotates(role)
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: has no rotation period and no schedule", [role.id]),
	}
}

# METADATA
# title: A static database role is rotated too seldom
# description: >-
#   A password that leaks is good until the next rotation. The parameter is the longest time between two rotations, in days.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases#create-static-role
# custom:
#   id: vault-db-static-rotation-long
#   severity: medium
#   subject: vault_database_static_role
#   needs: [vault_database_static_role]
#   threshold: 30
#   remediation: >-
#     `vault write database/static-roles/app rotation_period=30d`
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_db_static_rotation_long contains finding if {
	limit := data.params["vault-db-static-rotation-long"].threshold
	some role in facts.of("vault_database_static_role")
	period := between_rotations(role)
	period > limit * data.keystrel.lib.age.seconds_per_day
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: is rotated every %s, of at most %s", [
			role.id,
			vault_engines.show_roughly(period),
			age.show_days(limit),
		]),
	}
}

vault_db_static_rotation_long contains finding if {
	some role in facts.of("vault_database_static_role")
	vault_engines.rotates(role)
	not between_rotations(role)
	finding := {"fact": role.id, "unknown": "the server does not tell when it was rotated and will be"}
}

# METADATA
# title: The rotation of a static database role has failed
# description: >-
#   Vault tries again and again and does not say so: the database refuses the change, or Vault can no longer log in as root. Whoever
#   had the password still has it. The parameter is how many hours a rotation may be late.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases#static-roles
# custom:
#   id: vault-db-static-overdue
#   severity: critical
#   subject: vault_database_static_role
#   needs: [vault_database_static_role]
#   threshold: 24
#   remediation: >-
#     `vault write -f database/rotate-role/app` shows the error; the log of the server has it too. Check the user's rights in the
#     database and the connection: `vault write -f database/reset/postgres`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_db_static_overdue contains finding if {
	grace := data.params["vault-db-static-overdue"].threshold
	some finding in vault_engines.overdue("vault_database_static_role", grace)
}

# METADATA
# title: A dynamic database login lives too long
# description: >-
#   A login that leaks is good until its lease ends, and it can be renewed up to the maximum. A role without one has the maximum of its
#   mount, by default 768 hours. The parameter is the longest life in hours.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases#create-role
# custom:
#   id: vault-db-dynamic-ttl-long
#   severity: medium
#   subject: vault_database_role
#   needs: [vault_database_role, vault_mount]
#   threshold: 24
#   remediation: >-
#     `vault write database/roles/app default_ttl=1h max_ttl=24h`. Programs that run longer get a new login when the old one ends;
#     Vault Agent does it for them.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
vault_db_dynamic_ttl_long contains finding if {
	limit := data.params["vault-db-dynamic-ttl-long"].threshold
	some role in facts.of("vault_database_role")
	life := vault_engines.longest(role, "max_ttl")
	life > limit * data.keystrel.lib.age.seconds_per_hour
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: a login lives up to %s%s, of at most %v hours", [
			role.id,
			age.show_seconds(life),
			origin(role),
			limit,
		]),
	}
}

# METADATA
# title: A dynamic database role makes over-privileged users
# description: >-
#   Each login of the role is one of an administrator of the database: whoever may read from the role owns the data of all.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases#usage
# custom:
#   id: vault-db-superuser-grant
#   severity: high
#   subject: vault_database_role
#   needs: [vault_database_role]
#   remediation: >-
#     Grant what the program needs, on the objects that it needs: `GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA app TO
#     "{{name}}"`, or membership in a role of the database that has it; without `WITH GRANT OPTION`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_db_superuser_grant contains finding if {
	some role in facts.of("vault_database_role")
	statements := creation(role)
	powers := {name | some name, pattern in administrator; regex.match(pattern, statements)}
	count(powers) > 0
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: its users are administrators (%s)", [role.id, concat(", ", sort(powers))]),
	}
}

vault_db_superuser_grant contains finding if {
	some role in facts.of("vault_database_role")
	statements := creation(role)
	count({name | some name, pattern in administrator; regex.match(pattern, statements)}) == 0
	powers := {name | some name, pattern in owner; regex.match(pattern, statements)}
	count(powers) > 0
	finding := {
		"fact": role.id,
		"severity": "medium",
		"message": sprintf("`%s`: its users own what they use (%s)", [role.id, concat(", ", sort(powers))]),
	}
}

vault_db_superuser_grant contains finding if {
	some finding in vault_engines.unsaid("vault_database_role", ["creation_statements"])
}

# METADATA
# title: A dynamic PostgreSQL role leaves users behind
# description: >-
#   By default Vault revokes the privileges of a user and drops it. PostgreSQL refuses to drop a user that owns something, so users
#   that may create objects stay, and the lease cannot be revoked.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases/postgresql#revocation_statements
# - ref: https://www.postgresql.org/docs/current/sql-droprole.html
# custom:
#   id: vault-db-no-revocation
#   severity: medium
#   subject: vault_database_role
#   needs: [vault_database_role]
#   remediation: >-
#     Set `revocation_statements`: `REASSIGN OWNED BY "{{name}}" TO app_owner; DROP OWNED BY "{{name}}"; DROP ROLE IF EXISTS "{{name}}";`,
#     or take the right to create objects away.
#   frameworks:
#     nist_800_53: [AC-2(3)]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
vault_db_no_revocation contains finding if {
	some role in facts.of("vault_database_role")
	role.plugin_name in {"postgresql-database-plugin", "redshift-database-plugin"}
	count(vault_engines.list(role, "revocation_statements")) == 0
	regex.match(`(?i)\bCREATEDB\b|\bGRANT\s+(?:ALL|[A-Z, ]*\bCREATE\b)[A-Z, ]*\s+ON\s+(?:SCHEMA|DATABASE)\b|\bSUPERUSER\b`, creation(role))
	finding := {
		"fact": role.id,
		"message": sprintf("`%s`: its users may own objects, and it has no revocation statements", [role.id]),
	}
}

vault_db_no_revocation contains finding if {
	some finding in vault_engines.unsaid("vault_database_role", ["creation_statements"])
}

# What makes an administrator of a user, by database: PostgreSQL, MySQL, SQL Server, Oracle, MongoDB, Elasticsearch.
administrator := {
	"SUPERUSER": `(?i)\bSUPERUSER\b`,
	"CREATEROLE": `(?i)\bCREATEROLE\b`,
	"BYPASSRLS": `(?i)\bBYPASSRLS\b`,
	"WITH GRANT OPTION": `(?i)\bWITH\s+GRANT\s+OPTION\b`,
	"WITH ADMIN OPTION": `(?i)\bWITH\s+ADMIN\s+OPTION\b`,
	"GRANT ALL ON *.*": `(?i)\bGRANT\s+ALL(?:\s+PRIVILEGES)?\s+ON\s+\*\.\*`,
	"sysadmin": `(?i)\bsysadmin\b`,
	"securityadmin": `(?i)\bsecurityadmin\b`,
	"CONTROL SERVER": `(?i)\bCONTROL\s+SERVER\b`,
	"DBA": `(?i)\bGRANT\s+(?:[A-Z_, ]*,\s*)?DBA\b`,
	"GRANT ALL PRIVILEGES TO": `(?i)\bGRANT\s+ALL\s+PRIVILEGES\s+TO\b`,
	"rds_superuser": `(?i)\brds_superuser\b`,
	"role root": `(?i)"role"\s*:\s*"root"`,
	"role userAdminAnyDatabase": `(?i)\buserAdminAnyDatabase\b`,
	"role dbAdminAnyDatabase": `(?i)\bdbAdminAnyDatabase\b`,
	"role readWriteAnyDatabase": `(?i)\breadWriteAnyDatabase\b`,
}

# What makes a user the owner of a database or of what is in it.
owner := {
	"GRANT ALL": `(?i)\bGRANT\s+ALL\b`,
	"db_owner": `(?i)\bdb_owner\b`,
	"dbOwner": `\bdbOwner\b`,
}

creation(role) := concat("\n", [statement |
	some statement in vault_engines.list(role, "creation_statements")
	is_string(statement)
])

# Seconds between two rotations. Of a schedule, those between the last and the next.
between_rotations(role) := age.seconds_since(role.last_vault_rotation) - age.seconds_since(role.next_vault_rotation) if {
	vault_engines.text(role, "rotation_schedule") != ""
} else := vault_engines.number(role, "rotation_period") if {
	vault_engines.number(role, "rotation_period") > 0
}

# Says where a maximum comes from if the role has none.
origin(role) := "" if vault_engines.number(role, "max_ttl") > 0

origin(role) := " (it has no `max_ttl`)" if vault_engines.number(role, "max_ttl") <= 0

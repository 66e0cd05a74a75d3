package keystrel.vault.lease_test

import data.keystrel.vault.lease as leases

inventory(facts) := {"now": "2026-11-30T00:00:00Z", "facts": array.concat([{"kind": "vault_server", "id": "sys"}], facts)}

mount(fields) := object.union(
	{"kind": "vault_mount", "id": "sys/mounts/database/", "namespace": "", "path": "database/", "type": "database", "object_count": 2, "config": {"max_lease_ttl": 0}},
	fields,
)

# The message, severity or reason of each finding.
said(found) := {finding.message | some finding in found}

graded(found) := {severity | some finding in found; severity := object.get(finding, "severity", "default")}

unclear(found) := {finding.fact | some finding in found; finding.unknown}

aside(found) := {finding.fact | some finding in found; finding.not_applicable}

pile := {"vault-lease-pile-up": {"threshold": 50000}}

test_vault_lease_pile_up if {
	counted := {"kind": "vault_lease_counts", "id": "c", "lease_count": 50001}
	measured := {"kind": "vault_metrics", "id": "m", "expire_num_leases": 60000.0}
	said(leases.vault_lease_pile_up) == {"the server has 50001 leases, of at most 50000"} with input as inventory([counted]) with data.params as pile
	said(leases.vault_lease_pile_up) == {"the server has 60000 leases, of at most 50000"} with input as inventory([counted, measured]) with data.params as pile
	count(leases.vault_lease_pile_up) == 0 with input as inventory([object.union(counted, {"lease_count": 50000})]) with data.params as pile
	unclear(leases.vault_lease_pile_up) == {"sys"} with input as inventory([object.union(measured, {"expire_num_leases": null})]) with data.params as pile
	unclear(leases.vault_lease_pile_up) == {"sys"} with input as inventory([]) with data.params as pile
	aside(leases.vault_lease_pile_up) == {"sys"} with input as inventory([object.union(counted, {"lease_count": 0})]) with data.params as pile
}

irrevocable(number, shares) := inventory([{"kind": "vault_irrevocable_leases", "id": "i", "lease_count": number, "by_mount": shares}])

test_vault_lease_irrevocable if {
	none := {"vault-lease-irrevocable": {"threshold": 0}}
	said(leases.vault_lease_irrevocable) == {"3 leases could not be revoked (aws/: 1, database/: 2)"} with input as irrevocable(3, {"database/": 2, "aws/": 1}) with data.params as none
	said(leases.vault_lease_irrevocable) == {"1 lease could not be revoked"} with input as irrevocable(1, null) with data.params as none
	count(leases.vault_lease_irrevocable) == 0 with input as irrevocable(0, {}) with data.params as none
	count(leases.vault_lease_irrevocable) == 0 with input as irrevocable(3, {}) with data.params as {"vault-lease-irrevocable": {"threshold": 3}}
	unclear(leases.vault_lease_irrevocable) == {"i"} with input as irrevocable(null, null) with data.params as none
}

issued(id, end) := {
	"kind": "vault_lease",
	"id": id,
	"namespace": "",
	"prefix": "database/creds/app",
	"issue_time": "2026-11-01T00:00:00Z",
	"expire_time": end,
}

long(facts) := messages if {
	messages := said(leases.vault_lease_long) with input as inventory(facts) with data.params as {"vault-lease-long": {"threshold": 32}}
}

test_vault_lease_long if {
	long([mount({}), issued("a", "2026-12-04T00:00:00Z"), issued("b", "2026-12-11T00:00:00Z"), issued("c", "2026-11-02T00:00:00Z")]) == {"`database/creds/app`: 2 leases of up to 40 days, of at most 32 days"}
	long([mount({}), issued("a", null)]) == {"`database/creds/app`: 1 lease without an end, of at most 32 days"}
	long([mount({}), issued("a", "2026-12-03T00:00:00Z")]) == set()
	long([mount({}), object.union(issued("a", null), {"namespace": "team/"})]) == {"`team/database/creds/app`: 1 lease without an end, of at most 32 days"}
	long([issued("b", null), issued("a", null)]) == {"`database/creds/app`: 2 leases without an end, of at most 32 days"}
	{finding.fact | some finding in leases.vault_lease_long} == {"a"} with input as inventory([issued("b", null), issued("a", null)])
		with data.params as {"vault-lease-long": {"threshold": 32}}
	{finding.fact | some finding in leases.vault_lease_long} == {"sys/mounts/database/"} with input as inventory([mount({}), issued("a", null)])
		with data.params as {"vault-lease-long": {"threshold": 32}}
	long([mount({}), object.union(issued("a", "2026-12-11T00:00:00Z"), {"issue_time": null})]) == set()
	aside(leases.vault_lease_long) == set() with input as inventory([mount({}), issued("a", null)]) with data.params as {"vault-lease-long": {"threshold": 32}}
	aside(leases.vault_lease_long) == {"sys/mounts/database/"} with input as inventory([mount({})]) with data.params as {"vault-lease-long": {"threshold": 32}}
	count(leases.vault_lease_long) == 1 with input as inventory([mount({}), issued("a", "2026-12-03T00:00:00Z")])
		with data.params as {"vault-lease-long": {"threshold": 1}}
}

open(facts) := found if {
	found := leases.vault_mount_max_ttl with input as inventory(facts) with data.params as {"vault-mount-max-ttl": {"threshold": ["database", "aws", "gcp"]}}
}

role(fields) := object.union({"kind": "vault_database_role", "id": "r", "name": "app", "mount": "sys/mounts/database/", "max_ttl": 0}, fields)

test_vault_mount_max_ttl if {
	said(open([mount({}), role({})])) == {"`sys/mounts/database/`: has no `max_lease_ttl`, nor has role app"}
	open([mount({}), role({"max_ttl": 86400})]) == set()
	open([mount({})]) == set()
	open([mount({"config": {"max_lease_ttl": 86400}}), role({})]) == set()
	aside(open([mount({"type": "ldap"}), role({})])) == {"sys/mounts/database/"}
	unclear(open([mount({"config": {"max_lease_ttl": null}}), role({})])) == {"sys/mounts/database/"}
}

test_vault_mount_max_ttl_of_clouds if {
	aws := mount({"id": "sys/mounts/aws/", "type": "aws"})
	config := {"kind": "vault_aws_engine_config", "id": "c", "mount": "sys/mounts/aws/", "lease_max": null}
	users := {"kind": "vault_aws_engine_role", "id": "r", "mount": "sys/mounts/aws/", "credential_type": ["iam_user"]}
	said(open([aws, config, users])) == {"`sys/mounts/aws/`: has no `max_lease_ttl`, nor has `config/lease`"}
	open([aws, config, object.union(users, {"credential_type": ["assumed_role"]})]) == set()
	open([aws, object.union(config, {"lease_max": 86400}), users]) == set()
	gcp := mount({"id": "sys/mounts/gcp/", "type": "gcp"})
	said(open([gcp, {"kind": "vault_gcp_engine_config", "id": "c", "mount": "sys/mounts/gcp/", "max_ttl": 0}])) == {"`sys/mounts/gcp/`: has no `max_lease_ttl`, nor has its configuration"}
}

test_vault_system_max_ttl if {
	params := {"vault-system-max-ttl": {"threshold": 32}}
	said(leases.vault_system_max_ttl) == {"leases last up to 365 days, of at most 32 days"} with input as inventory([{"kind": "vault_config", "id": "c", "max_lease_ttl": 31536000}])
		with data.params as params
	unclear(leases.vault_system_max_ttl) == {"c"} with input as inventory([{"kind": "vault_config", "id": "c", "max_lease_ttl": null}]) with data.params as params
	every limit in [2764800, 0] {
		count(leases.vault_system_max_ttl) == 0 with input as inventory([{"kind": "vault_config", "id": "c", "max_lease_ttl": limit}])
			with data.params as params
	}
	count(leases.vault_system_max_ttl) == 1 with input as inventory([{"kind": "vault_config", "id": "c", "max_lease_ttl": 2764800}])
		with data.params as {"vault-system-max-ttl": {"threshold": 7}}
}

unused(fields, others) := messages if {
	messages := said(leases.vault_mount_unused) with input as inventory(array.concat([mount(object.union({"object_count": 0}, fields))], others))
}

test_vault_mount_unused if {
	unused({}, []) == {"`sys/mounts/database/`: there is nothing on this mount (database)"}
	unused({"object_count": 1}, []) == set()
	unused({"object_count": null}, []) == set()
	unused({"type": "cubbyhole"}, []) == set()
	aside(leases.vault_mount_unused) == {"sys/mounts/database/"} with input as inventory([mount({"type": "cubbyhole"})])
	unused({}, [issued("a", null)]) == set()
	unused({}, [object.union(issued("a", null), {"prefix": "database-2/creds/app"})]) != set()
	unused({"namespace": "team/"}, [issued("a", null)]) != set()
	unused({"path": null}, [issued("a", null)]) != set()
	unused({"type": "pki"}, [{"kind": "vault_pki_issuer", "id": "i", "mount": "sys/mounts/database/"}]) == set()
	unused({"type": "pki"}, [{"kind": "vault_pki_issuer", "id": "i", "mount": "sys/mounts/pki/"}]) != set()
}

test_vault_mount_unused_is_not_found_if_issuers_could_not_be_read if {
	facts := [mount({"object_count": 0})]
	gap := {"gaps": [{"needs": "vault_pki_issuer", "what": "pki/issuers", "why": "denied"}]}
	count(leases.vault_mount_unused) == 0 with input as object.union(inventory(facts), gap)
}

wrapped(fields) := inventory([object.union(
	{
		"kind": "vault_token",
		"id": "auth/token/accessors/x",
		"policies": ["response-wrapping"],
		"path": "auth/approle/role/app/secret-id",
		"creation_time": "2026-11-29T19:00:00Z",
	},
	fields,
)])

test_vault_cubbyhole_wrap_old if {
	params := {"vault-cubbyhole-wrap-old": {"threshold": 1}}
	said(leases.vault_cubbyhole_wrap_old) == {"`auth/token/accessors/x`: what `auth/approle/role/app/secret-id` gave waits wrapped for 5 hours, of at most 1"} with input as wrapped({})
		with data.params as params
	count(leases.vault_cubbyhole_wrap_old) == 0 with input as wrapped({"creation_time": "2026-11-29T23:00:00Z"}) with data.params as params
	aside(leases.vault_cubbyhole_wrap_old) == {"auth/token/accessors/x"} with input as wrapped({"policies": ["default"]}) with data.params as params
	count(leases.vault_cubbyhole_wrap_old) == 0 with input as wrapped({}) with data.params as {"vault-cubbyhole-wrap-old": {"threshold": 24}}
	unclear(leases.vault_cubbyhole_wrap_old) == {"auth/token/accessors/x"} with input as wrapped({"creation_time": null}) with data.params as params
}

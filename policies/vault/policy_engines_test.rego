package keystrel.vault.policy_engines_test

import data.keystrel.vault.policy_engines

params := {
	"vault-policy-mount-wide-list": {"threshold": ["lister-*"]},
	"vault-policy-sudo": {"threshold": ["admin"]},
}

mounts := [
	{"kind": "vault_mount", "id": "m1", "namespace": "", "path": "secret/", "type": "kv", "kv_version": 2},
	{"kind": "vault_mount", "id": "m2", "namespace": "", "path": "payments/", "type": "kv", "kv_version": 2},
	{"kind": "vault_mount", "id": "m3", "namespace": "", "path": "old/", "type": "kv", "kv_version": 1},
	{"kind": "vault_mount", "id": "m4", "namespace": "", "path": "transit/", "type": "transit", "kv_version": null},
	{"kind": "vault_mount", "id": "m5", "namespace": "", "path": "pki/", "type": "pki", "kv_version": null},
	{"kind": "vault_mount", "id": "m6", "namespace": "", "path": "database/", "type": "database", "kv_version": null},
	{"kind": "vault_mount", "id": "m7", "namespace": "team/", "path": "secret/", "type": "kv", "kv_version": 2},
]

policy(name, paths) := {
	"kind": "vault_policy", "id": name, "namespace": "", "name": name,
	"paths": [{"path": path, "capabilities": capabilities} | some path, capabilities in paths],
}

inner := {"kind": "vault_policy", "id": "inner", "namespace": "team/", "name": "default", "paths": []}

inventory(name, paths) := {"facts": array.concat(mounts, [policy(name, paths), inner])}

unread := {"facts": [{"kind": "vault_policy", "id": "odd", "namespace": "", "name": "odd", "paths": null}]}

unknown := {{"fact": "odd", "unknown": "its rules could not be read"}}

wide(name, paths) := found if {
	found := policy_engines.vault_policy_mount_wide_read with input as inventory(name, paths) with data.params as params
}

reads(path) := count(wide("app", {path: ["read"]})) == 1

test_reading_a_mount_is_found if {
	wide("app", {"secret/data/*": ["read"]}) == {{"fact": "app", "message": "policy `app` reads all of `secret/` by `secret/data/*`"}}
	wide("app", {"+/data/*": ["read"]}) == {{"fact": "app", "message": "policy `app` reads all of `payments/`, `secret/` by `+/data/*`"}}
	every path in ["secret/*", "secret/data/+", "secret/data/+/*", "secret/+/*", "old/*", "sec*", "team/secret/data/*", "+/secret/data/*"] {
		reads(path)
	}
}

test_reading_a_part_is_fine if {
	every path in ["secret/data/app/*", "secret/data/app*", "secret/data/+/config", "secret/metadata/*", "old/app/*", "other/data/*", "transit/*", "team/other/*"] {
		reads(path) == false
	}
	wide("app", {"secret/data/*": ["list"]}) == set()
	wide("app", {"secret/*": ["read"], "secret/data/*": ["deny"]}) == set()
}

test_administrators_and_owners_read_mounts if {
	wide("admin", {"secret/data/*": ["read"]}) == set()
	wide("payments-read", {"payments/data/*": ["read"]}) == set()
	wide("secret-reader", {"secret/data/*": ["read"]}) != set()
	wide("pay-ro", {"payments/data/*": ["read"]}) == set()
	wide("billing-ro", {"payments/data/*": ["read"]}) != set()
}

listing(name, paths) := found if {
	found := policy_engines.vault_policy_mount_wide_list with input as inventory(name, paths) with data.params as params
}

test_listing_a_mount if {
	listing("app", {"secret/metadata/*": ["list"]}) == {{"fact": "app", "message": "policy `app` lists all names of `secret/` by `secret/metadata/*`"}}
	count(listing("app", {"old/*": ["list"]})) == 1
	listing("app", {"secret/metadata/": ["list"]}) == set()
	listing("app", {"secret/metadata/app/*": ["list"]}) == set()
	listing("app", {"secret/metadata/*": ["read"]}) == set()
	listing("app", {"secret/*": ["list", "read"]}) == set()
	listing("admin", {"secret/metadata/*": ["list"]}) == set()
}

test_listing_by_auditors if {
	listing("auditor", {"secret/metadata/*": ["list", "read"], "old/*": ["list"], "sys/policies/acl/*": ["read"]}) == set()
	count(listing("auditor", {"secret/metadata/*": ["list"]})) == 1
	count(listing("auditor", {"secret/metadata/*": ["list"], "sys/policies/acl/*": ["read"], "secret/data/app": ["read"]})) == 1
	count(listing("auditor", {"secret/metadata/*": ["list"], "sys/policies/acl/*": ["read", "update"]})) == 1
}

test_policies_that_may_list_can_be_named if {
	listing("lister-a", {"secret/metadata/*": ["list"]}) == set()
	count(listing("lister", {"secret/metadata/*": ["list"]})) == 1
}

export(facts, paths) := found if {
	found := policy_engines.vault_policy_transit_export with input as {"facts": array.concat(inventory("app", paths).facts, facts)}
}

key(exportable) := {"kind": "vault_transit_key", "id": "k", "exportable": exportable, "allow_plaintext_backup": false}

test_exporting_keys if {
	export([key(true)], {"transit/export/*": ["read"]}) == {{"fact": "app", "severity": "high", "message": "policy `app` exports or backs up keys by `transit/export/*`"}}
	{finding.severity | some finding in export([key(false)], {"transit/*": ["read", "update"]})} == {"medium"}
	{finding.severity | some finding in export([], {"transit/backup/app": ["read"]})} == {"high"}
	export([key(true)], {"transit/*": ["update"]}) == set()
	export([key(true)], {"transit/keys/*": ["read"]}) == set()
}

test_keys_that_could_not_be_read_may_be_exportable if {
	facts := object.union(inventory("app", {"transit/export/*": ["read"]}), {"gaps": [{"needs": "vault_transit_key", "what": "transit/keys", "why": "denied"}]})
	{finding.severity | some finding in policy_engines.vault_policy_transit_export} == {"high"} with input as facts
}

mixed(paths) := messages if {
	found := policy_engines.vault_policy_transit_enc_and_dec with input as inventory("app", paths) with data.params as params
	messages := {finding.message | some finding in found}
}

test_mixed_duties if {
	mixed({"transit/encrypt/*": ["update"], "transit/decrypt/*": ["update"]}) == {"policy `app` encrypts and decrypts with every key of `transit/`"}
	mixed({"transit/*": ["update"]}) == {"policy `app` encrypts and decrypts with every key of `transit/`"}
	mixed({"transit/keys/app": ["update"], "transit/encrypt/app": ["update"]}) == {"policy `app` manages and uses `transit/keys/app`"}
	mixed({"transit/keys/*": ["delete"], "transit/sign/app": ["update"]}) == {"policy `app` manages and uses `transit/keys/*`"}
	mixed({"transit/keys/app/config": ["update"], "transit/+/app*": ["update"]}) == {"policy `app` manages and uses `transit/keys/app`, `transit/keys/app*`"}
}

test_duties_that_are_apart if {
	mixed({"transit/encrypt/app": ["update"], "transit/decrypt/app": ["update"]}) == set()
	mixed({"transit/encrypt/*": ["update"]}) == set()
	mixed({"transit/keys/other": ["update"], "transit/encrypt/app": ["update"]}) == set()
	mixed({"transit/keys/app": ["read"], "transit/encrypt/app": ["update"]}) == set()
	mixed({"transit/encrypt/*": ["update"], "transit/decrypt/*": ["deny"]}) == set()
}

signs(paths) := found if {
	found := policy_engines.vault_policy_pki_sign_verbatim with input as inventory("app", paths)
}

test_signing_anything if {
	signs({"pki/sign-verbatim": ["update"]}) == {{"fact": "app", "message": "policy `app` has any certificate signed by `pki/sign-verbatim`"}}
	every path in ["pki/*", "pki/sign-verbatim/*", "pki/root/sign-intermediate", "pki/issuer/+/sign-verbatim"] {
		count(signs({path: ["update"]})) == 1
	}
	every path in ["pki/sign/web", "pki/issue/*", "pki/root/generate/internal", "other/sign-verbatim"] {
		signs({path: ["update"]}) == set()
	}
	signs({"pki/*": ["read"]}) == set()
}

connects(name, paths) := found if {
	found := policy_engines.vault_policy_db_rotate_root with input as inventory(name, paths) with data.params as params
}

test_changing_connections if {
	connects("app", {"database/config/shop": ["update"]}) == {{"fact": "app", "message": "policy `app` changes connections of databases by `database/config/shop`"}}
	count(connects("app", {"database/rotate-root/*": ["update"]})) == 1
	connects("admin", {"database/config/*": ["create"]}) == set()
	connects("app", {"database/config/*": ["read"]}) == set()
	connects("app", {"database/creds/app": ["read", "update"]}) == set()
}

test_policies_that_could_not_be_read_are_unknown if {
	unknown == policy_engines.vault_policy_mount_wide_read with input as unread with data.params as params
	unknown == policy_engines.vault_policy_mount_wide_list with input as unread with data.params as params
	unknown == policy_engines.vault_policy_transit_export with input as unread
	unknown == policy_engines.vault_policy_transit_enc_and_dec with input as unread with data.params as params
	unknown == policy_engines.vault_policy_pki_sign_verbatim with input as unread
	unknown == policy_engines.vault_policy_db_rotate_root with input as unread with data.params as params
}

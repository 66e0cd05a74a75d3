package keystrel.vault.auth_mount_test

import data.keystrel.vault.auth_mount

params := {
	"vault-auth-lockout-off": {"threshold": 10},
	"vault-auth-long-ttl": {"threshold": 86400},
	"vault-auth-unused": {"threshold": 90},
}

now := "2026-03-01T12:00:00Z"

tune := {"max_lease_ttl": 86400, "user_lockout_disable": false, "user_lockout_threshold": 5}

base := {"kind": "vault_auth_mount", "id": "m", "namespace": "", "path": "userpass/", "type": "userpass", "tune": tune, "config": {"listing_visibility": "", "token_type": "default-service"}, "enforcements": [], "deprecation_status": "supported"}

inventory(fields, others) := {"now": now, "facts": array.concat([object.union(base, fields)], others)}

long(type, ttl) := found if {
	found := auth_mount.vault_auth_long_ttl with input as inventory({"type": type, "tune": {"max_lease_ttl": ttl}}, []) with data.params as params
}

test_long_life if {
	long("userpass", 2764800) == {{"fact": "m", "message": "tokens of userpass/ may live 32 days, of at most 1 day"}}
	long("userpass", 86400) == set()
	long("approle", 2764800) == set()
	count(long("approle", 2764801)) == 1
	count(long("token", 31536000)) == 1
}

test_unknown_life if {
	some finding in long("approle", null)
	finding.unknown
	found := auth_mount.vault_auth_long_ttl with input as inventory({"tune": null}, []) with data.params as params
	count(found) == 1
}

people(type) := found if {
	found := auth_mount.vault_auth_userpass with input as inventory({"type": type}, [])
}

test_passwords if {
	people("userpass") == {{"fact": "m", "message": "people log in by userpass/ (userpass)"}}
	count(people("radius")) == 1
	people("oidc") == set()
	people("token") == {{"fact": "m", "not_applicable": "it is no method to log in by"}}
}

factor(fields, others) := found if {
	found := auth_mount.vault_auth_userpass_no_mfa with input as inventory(fields, others)
}

test_second_factor if {
	factor({"type": "ldap"}, []) == {{"fact": "m", "message": "userpass/ (ldap) asks for a password and no second factor"}}
	factor({"enforcements": ["identity/mfa/login-enforcement/all"]}, []) == set()
	factor({"type": "approle"}, []) == set()
	some finding in factor({"enforcements": null}, [])
	finding.unknown
}

test_second_factor_of_okta if {
	factor({"type": "okta"}, [{"kind": "vault_okta_auth_config", "id": "o", "mount": "m", "bypass_okta_mfa": false}]) == set()
	count(factor({"type": "okta"}, [{"kind": "vault_okta_auth_config", "id": "o", "mount": "m", "bypass_okta_mfa": true}])) == 1
}

lockout(type, fields) := found if {
	found := auth_mount.vault_auth_lockout_off with input as inventory({"type": type, "tune": object.union(tune, fields)}, []) with data.params as params
}

test_lockout if {
	lockout("userpass", {"user_lockout_disable": true}) == {{"fact": "m", "message": "the lockout of userpass/ is off"}}
	lockout("ldap", {"user_lockout_threshold": 11}) == {{"fact": "m", "message": "the lockout of userpass/ comes after 11 bad passwords, of at most 10"}}
	lockout("ldap", {"user_lockout_threshold": 10}) == set()
	lockout("userpass", {}) == set()
	lockout("oidc", {"user_lockout_disable": true}) == set()
}

untuned(server) := found if {
	mount := object.union(base, {"tune": {"user_lockout_disable": null, "user_lockout_threshold": null}})
	found := auth_mount.vault_auth_lockout_off with input as {"facts": [mount, object.union({"kind": "vault_server", "id": "sys"}, server)]}
		with data.params as params
}

test_a_lockout_that_was_not_tuned if {
	untuned({"product": "vault", "version": "1.20.3+ent"}) == set()
	untuned({"product": "vault", "version": "2.0.1"}) == set()
	untuned({"product": "openbao", "version": "2.6.2"}) == set()
	untuned({"product": "vault", "version": "1.12.9"}) == {{"fact": "m", "message": "the lockout of userpass/ is not there before Vault 1.13"}}
	untuned({"product": null, "version": null}) == {{"fact": "m", "unknown": "it is not known whether the server has a lockout"}}
}

shown(type, visibility) := found if {
	found := auth_mount.vault_auth_listing_unauth with input as inventory({"type": type, "config": {"listing_visibility": visibility}}, [])
}

test_shown if {
	shown("userpass", "unauth") == {{"fact": "m", "message": "userpass/ is shown without a token"}}
	shown("userpass", "hidden") == set()
	shown("userpass", null) == set()
	shown("oidc", "unauth") == {{"fact": "m", "not_applicable": "the button of this method has to be shown"}}
}

unused(fields, mounts, start) := found if {
	found := auth_mount.vault_auth_unused with input as inventory(fields, [{"kind": "vault_activity", "id": "a", "start_time": start, "end_time": now, "mounts": mounts}])
		with data.params as params
}

used(namespace, path, clients) := {"namespace_path": namespace, "mount_path": path, "clients": clients}

test_unused if {
	unused({}, [used("", "auth/approle/", 3), used("", "auth/userpass/", 0), used("team/", "auth/userpass/", 4)], "2025-12-01T12:00:00Z") == {{"fact": "m", "message": "nobody logged in by userpass/ in 90 days"}}
}

test_used if {
	unused({}, [used("", "auth/userpass/", 1)], "2025-12-01T12:00:00Z") == set()
	unused({"type": "token"}, [], "2025-12-01T12:00:00Z") == {{"fact": "m", "not_applicable": "it is no method to log in by"}}
	unused({}, [used("", "auth/userpass/", 1)], "2026-02-01T12:00:00Z") == set()
}

test_counters_that_are_too_new if {
	unused({}, [], "2025-12-02T12:00:00Z") == {{"fact": "m", "unknown": "the counters of the server do not go back far enough"}}
	count(unused({}, [], null)) == 1
}

test_nothing_is_unused_where_nothing_counts if {
	found := auth_mount.vault_auth_unused with input as inventory({}, []) with data.params as params
	found == {{"fact": "m", "not_applicable": "the server does not count who logs in by which method"}}
}

outdated(status, others) := found if {
	found := auth_mount.vault_auth_deprecated with input as inventory({"deprecation_status": status}, others)
}

test_deprecated if {
	outdated("pending-removal", []) == {{"fact": "m", "message": "userpass/ is a userpass plugin that is pending removal"}}
	{finding.fact | some finding in outdated("supported", [{"kind": "vault_mount", "id": "ad", "path": "ad/", "type": "ad", "deprecation_status": "deprecated"}])} == {"ad"}
	outdated("supported", []) == set()
	outdated(null, []) == set()
}

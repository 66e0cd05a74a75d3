package keystrel.vault.ldap_auth_test

import data.keystrel.vault.ldap_auth

params := {
	"vault-ldap-bind-rotation": {"threshold": 90},
}

base := {
	"kind": "vault_ldap_auth_config", "id": "c", "namespace": "", "mount_path": "auth/ldap/", "url": "ldaps://ldap.example.com", "starttls": false, "insecure_tls": false,
	"deny_null_bind": true, "tls_min_version": "tls12", "binddn": "cn=vault", "rotation_period": 2592000, "rotation_schedule": "", "disable_automated_rotation": false,
}

insecure(fields) := found if {
	found := ldap_auth.vault_ldap_insecure with input as {"facts": [object.union(base, fields)]}
}

test_insecure if {
	insecure({"url": "ldap://ldap.example.com"}) == {{"fact": "c", "message": "auth/ldap/: url is ldap:// without starttls"}}
	insecure({"insecure_tls": true, "deny_null_bind": false, "tls_min_version": "tls10"}) == {{"fact": "c", "message": "auth/ldap/: deny_null_bind is off, insecure_tls is on, tls_min_version is tls10"}}
	count(insecure({"url": "ldaps://a.example.com, LDAP://b.example.com"})) == 1
}

test_secure if {
	insecure({}) == set()
	insecure({"url": "ldap://ldap.example.com", "starttls": true}) == set()
	insecure({"url": null, "starttls": null, "insecure_tls": null, "deny_null_bind": null, "tls_min_version": null}) == set()
}

rotation(fields) := found if {
	found := ldap_auth.vault_ldap_bind_rotation with input as {"facts": [object.union(base, fields)]} with data.params as params
}

test_rotation if {
	rotation({"rotation_period": 0}) == {{"fact": "c", "message": "the password of `cn=vault` of auth/ldap/ is not rotated"}}
	rotation({"rotation_period": 8640000}) == {{"fact": "c", "message": "the password of `cn=vault` of auth/ldap/ is rotated every 100 days, of at most 90 days"}}
	count(rotation({"disable_automated_rotation": true})) == 1
}

test_rotation_that_is_fine if {
	rotation({}) == set()
	rotation({"rotation_period": 7776000}) == set()
	rotation({"rotation_period": 0, "rotation_schedule": "0 0 * * 0"}) == set()
	rotation({"binddn": "", "rotation_period": 0}) == set()
	rotation({"binddn": null, "rotation_period": 0}) == set()
}

test_rotation_of_a_server_that_cannot if {
	some finding in rotation({"rotation_period": null, "rotation_schedule": null, "disable_automated_rotation": null})
	finding.unknown
}

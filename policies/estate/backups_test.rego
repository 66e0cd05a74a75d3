package keystrel.estate.backups_test

import data.keystrel.estate.backups
import data.keystrel.lib.estate_fixtures_test as fixtures

plain_of(fact) := found if {
	found := backups.x_backup_plain with input as fixtures.inventory([fact])
}

plain(changes) := plain_of(fixtures.store_backup(changes))

test_a_public_backup_is_found if {
	fixtures.messages(plain({"is_public": true})) == {concat("", [
		"backup `daily` of vault:https://vault.example:8200 goes to s3://backup/vault, which is open to everybody",
	])}
	fixtures.severities(plain({"is_public": true})) == {"critical"}
}

test_a_backup_that_nobody_encrypts_is_found if {
	fixtures.severities(plain({"is_encrypted": false})) == {"high"}
	every message in fixtures.messages(plain({"is_public": true, "is_encrypted": false})) {
		endswith(message, "which is open to everybody, and is encrypted by no key of yours")
	}
}

test_a_guarded_backup_is_fine if plain({}) == set()

test_plain_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.store_backup({}), ["is_public", "is_encrypted"]) {
		fixtures.is_unknown(plain_of(variant))
	}
	fixtures.is_unknown(plain({"is_public": null}))
	fixtures.is_unknown(plain({"is_encrypted": null}))
}

package keystrel.azure.vault_recovery_test

import data.keystrel.azure.vault_recovery
import data.keystrel.lib.azure_fixtures_test as fixtures

params := {
	"az-kv-retention": {"threshold": 90},
	"az-kv-lock": {"threshold": ["prod", "production"]},
	"az-kv-deleted-vault-pending": {"threshold": 30},
}

soft_delete(facts) := found if found := vault_recovery.az_kv_soft_delete with input as fixtures.inventory(facts)

test_a_vault_without_soft_delete_is_found if {
	every value in [false, null] {
		fixtures.messages(soft_delete([fixtures.vault({"enableSoftDelete": value})])) == {"`shop-kv` has no soft delete"}
	}
}

test_a_vault_with_soft_delete_is_fine if soft_delete([fixtures.vault({})]) == set()

test_soft_delete_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enableSoftDelete"]) {
		fixtures.is_unknown(soft_delete([variant]))
	}
}

retention(facts) := found if {
	found := vault_recovery.az_kv_retention with input as fixtures.inventory(facts) with data.params as params
}

test_a_short_retention_is_found if {
	found := retention([fixtures.vault({"softDeleteRetentionInDays": 7})])
	fixtures.messages(found) == {"`shop-kv` keeps what is deleted for 7 days, of at least 90"}
}

test_a_long_retention_is_fine if retention([fixtures.vault({}), fixtures.vault({"softDeleteRetentionInDays": null})]) == set()

test_days_of_retention_can_be_set if {
	found := vault_recovery.az_kv_retention with input as fixtures.inventory([fixtures.vault({"softDeleteRetentionInDays": 7})])
		with data.params as {"az-kv-retention": {"threshold": 7}}
	found == set()
}

test_retention_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["softDeleteRetentionInDays"]) {
		fixtures.is_unknown(retention([variant]))
	}
}

purge(facts) := found if found := vault_recovery.az_kv_purge_protection with input as fixtures.inventory(facts)

test_a_vault_without_purge_protection_is_found if {
	every value in [false, null] {
		fixtures.messages(purge([fixtures.vault({"enablePurgeProtection": value})])) == {"`shop-kv` has no purge protection"}
	}
}

test_a_vault_with_purge_protection_is_fine if purge([fixtures.vault({})]) == set()

test_purge_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["enablePurgeProtection"]) {
		fixtures.is_unknown(purge([variant]))
	}
}

lock(facts) := found if found := vault_recovery.az_kv_lock with input as fixtures.inventory(facts) with data.params as params

test_a_vault_of_production_without_a_lock_is_found if {
	every changes in [{"tags": {"Environment": "Prod"}}, {"name": "shop-prod-kv"}, {"resource_group": "shop-production"}] {
		count(lock([fixtures.vault(object.union(changes, {"locks": []}))])) == 1
	}
}

test_the_message_names_the_vault if {
	found := lock([fixtures.vault({"tags": {"env": "prod"}, "locks": []})])
	fixtures.messages(found) == {"`shop-kv` is for production and has no lock against deletion"}
}

test_a_vault_with_a_lock_is_fine if lock([fixtures.vault({"tags": {"env": "prod"}})]) == set()

test_other_vaults_need_no_lock if lock([fixtures.vault({"tags": {"env": "test", "product": "x"}, "locks": []})]) == set()

test_lock_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.vault({}), ["name", "resource_group", "tags", "locks"]) {
		fixtures.is_unknown(lock([variant]))
	}
}

pending(facts) := found if {
	found := vault_recovery.az_kv_deleted_vault_pending with input as fixtures.inventory(facts) with data.params as params
}

gone(kind, changes) := fixtures.fact(
	kind, sprintf("%s#deleted", [fixtures.vault_id]),
	{
		"name": "shop-kv", "resource_kind": "vault", "vault": fixtures.vault_id, "deletionDate": "2026-10-01T00:00:00Z",
		"scheduledPurgeDate": "2026-12-30T00:00:00Z", "purgeProtectionEnabled": true, "managed": null,
	},
	changes,
)

test_a_vault_that_was_deleted_long_ago_is_found if {
	found := pending([gone("azure_deleted_vault", {})])
	fixtures.messages(found) == {"vault `shop-kv` was deleted 60 days ago, of at most 30, and can be restored until 2026-12-30"}
}

test_a_secret_that_was_deleted_long_ago_is_found if {
	found := pending([gone("azure_deleted_object", {"name": "db", "resource_kind": "secret", "managed": false, "scheduledPurgeDate": null})])
	fixtures.messages(found) == {"secret `db` in `shop-kv` was deleted 60 days ago, of at most 30, and can be restored until a day unknown"}
}

test_what_was_deleted_just_now_is_fine if pending([gone("azure_deleted_vault", {"deletionDate": "2026-11-01T00:00:00Z"})]) == set()

test_what_belongs_to_a_certificate_goes_with_it if pending([gone("azure_deleted_object", {"resource_kind": "key", "managed": true})]) == set()

test_pending_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(gone("azure_deleted_object", {}), ["resource_kind", "name", "vault", "managed", "deletionDate", "scheduledPurgeDate"]) {
		fixtures.is_unknown(pending([variant]))
	}
}

test_words_for_production_can_be_set if {
	facts := [fixtures.vault({"tags": {"env": "gold"}, "locks": []})]
	found := vault_recovery.az_kv_lock with input as fixtures.inventory(facts) with data.params as {"az-kv-lock": {"threshold": ["gold"]}}
	count(found) == 1
}

test_days_since_the_deletion_can_be_set if {
	facts := [gone("azure_deleted_vault", {})]
	found := vault_recovery.az_kv_deleted_vault_pending with input as fixtures.inventory(facts) with data.params as {"az-kv-deleted-vault-pending": {"threshold": 60}}
	found == set()
}

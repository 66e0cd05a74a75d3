package keystrel.gcp.secret_storage_test

import data.keystrel.gcp.secret_storage
import data.keystrel.lib.gcp_fixtures_test as fixtures

cmek(facts) := found if {
	found := secret_storage.gcp_sm_cmek with input as fixtures.inventory(facts) with data.params as fixtures.params
}

restricted(changes) := fixtures.secret(object.union({"labels": {"data-class": "restricted"}}, changes))

with_key := {"kmsKeyName": "projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/app"}

automatic(encryption) := {"automatic": {"customerManagedEncryption": encryption}, "userManaged": null}

test_replicas_without_a_key_are_found if {
	replication := {"automatic": null, "userManaged": {"replicas": [
		{"location": "europe-west1", "customerManagedEncryption": with_key},
		{"location": "europe-west4", "customerManagedEncryption": null},
	]}}
	fixtures.messages(cmek([restricted({"replication": replication})])) == {"`db` has no customer key in europe-west4"}
}

test_automatic_replication_without_a_key_is_found if {
	fixtures.messages(cmek([restricted({"replication": automatic(null)})])) == {"`db` has no customer key in all locations"}
}

test_a_regional_secret_without_a_key_is_found if {
	secret := restricted({"is_regional": true, "location": "europe-west1", "replication": null})
	fixtures.messages(cmek([secret])) == {"`db` has no customer key in europe-west1"}
}

test_a_key_everywhere_is_fine if {
	cmek([restricted({"replication": automatic(with_key)})]) == set()
	cmek([restricted({"is_regional": true, "replication": null, "customerManagedEncryption": with_key})]) == set()
}

test_other_secrets_need_no_key if cmek([fixtures.secret({})]) == set()

test_cmek_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(restricted({}), ["labels", "replication", "customerManagedEncryption", "is_regional", "location"]) {
		fixtures.is_unknown(cmek([variant]))
	}
}

cmek_unusable(facts) := found if {
	found := secret_storage.gcp_sm_cmek_unusable with input as fixtures.inventory(facts) with data.params as fixtures.params
}

encrypted := fixtures.secret({"kms_keys": [fixtures.key_id], "versions": [fixtures.version(2, {"kms_key_versions": [fixtures.key_version_id]})]})

test_a_disabled_version_is_found if {
	disabled := fixtures.key_version(2, {"state": "DISABLED"})
	found := cmek_unusable([encrypted, fixtures.key({"versions": [disabled], "primary": disabled})])
	fixtures.messages(found) == {"`db`: the primary version of key app is DISABLED, version 2 of key app is DISABLED"}
}

test_a_destroyed_version_is_found if {
	other := fixtures.key_version(3, {})
	found := cmek_unusable([encrypted, fixtures.key({"versions": [other], "primary": other})])
	fixtures.messages(found) == {"`db`: version 2 of key app is DESTROYED"}
}

test_a_key_without_a_primary_version_is_found if {
	found := cmek_unusable([encrypted, fixtures.key({"primary": null})])
	fixtures.messages(found) == {"`db`: key app has no primary version"}
}

test_a_key_that_works_is_fine if cmek_unusable([encrypted, fixtures.key({})]) == set()

test_a_secret_without_a_key_is_fine if cmek_unusable([fixtures.secret({})]) == set()

test_what_encrypted_old_versions_does_not_count if {
	old := fixtures.version(1, {"state": "DISABLED", "kms_key_versions": [sprintf("%s/cryptoKeyVersions/1", [fixtures.key_id])]})
	cmek_unusable([fixtures.secret({"kms_keys": [fixtures.key_id], "versions": [old]}), fixtures.key({})]) == set()
}

test_cmek_unusable_is_unknown_without_what_it_reads if {
	fixtures.is_unknown(cmek_unusable([encrypted]))
	every variant in fixtures.variants(encrypted, ["kms_keys", "versions"]) {
		fixtures.is_unknown(cmek_unusable([variant, fixtures.key({})]))
	}
	every variant in fixtures.variants(fixtures.key({}), ["versions", "primary"]) {
		fixtures.is_unknown(cmek_unusable([encrypted, variant]))
	}
}

replication_location(facts, allowed) := found if {
	found := secret_storage.gcp_sm_replication_location with input as fixtures.inventory(facts)
		with data.params as fixtures.with_threshold("gcp-sm-replication-location", allowed)
}

test_a_replica_elsewhere_is_found if {
	found := replication_location([fixtures.secret({})], ["Europe-West1"])
	fixtures.messages(found) == {"`db` is stored in europe-west4"}
}

test_automatic_replication_is_anywhere if {
	found := replication_location([fixtures.secret({"replication": automatic(null)})], ["europe-west1"])
	fixtures.messages(found) == {"`db` is stored in all locations"}
}

test_a_regional_secret_elsewhere_is_found if {
	secret := fixtures.secret({"is_regional": true, "location": "us-east1", "replication": null})
	fixtures.messages(replication_location([secret], ["europe-west1"])) == {"`db` is stored in us-east1"}
}

test_replicas_that_are_allowed_are_fine if replication_location([fixtures.secret({})], ["europe-west1", "europe-west4"]) == set()

test_without_a_list_all_is_allowed if replication_location([fixtures.secret({})], []) == set()

test_replication_location_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["replication", "is_regional", "location"]) {
		fixtures.is_unknown(replication_location([variant], ["europe-west1", "europe-west4"]))
	}
}

replication_single(facts) := found if {
	found := secret_storage.gcp_sm_replication_single with input as fixtures.inventory(facts) with data.params as fixtures.params
}

critical(changes) := fixtures.secret(object.union({"labels": {"tier": "critical"}}, changes))

test_a_single_replica_is_found if {
	found := replication_single([critical({"replication": fixtures.replicated(["europe-west1"])})])
	fixtures.messages(found) == {"`db` is in europe-west1 alone"}
}

test_two_replicas_are_fine if replication_single([critical({})]) == set()

test_automatic_replication_is_fine if replication_single([critical({"replication": automatic(null)})]) == set()

test_a_secret_that_is_not_critical_may_be_alone if {
	replication_single([fixtures.secret({"replication": fixtures.replicated(["europe-west1"])})]) == set()
}

test_replication_single_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["replication", "labels"]) {
		fixtures.is_unknown(replication_single([variant]))
	}
}

regional_endpoint(facts) := found if {
	found := secret_storage.gcp_sm_regional_endpoint with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_global_secret_that_has_to_stay_is_found if {
	found := regional_endpoint([fixtures.secret({"labels": {"residency": "eu"}})])
	fixtures.messages(found) == {"`db` has to stay in a region, and is a global secret"}
}

test_a_regional_secret_stays if regional_endpoint([fixtures.secret({"labels": {"residency": "eu"}, "is_regional": true})]) == set()

test_other_secrets_may_be_global if regional_endpoint([fixtures.secret({})]) == set()

test_regional_endpoint_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.secret({}), ["labels", "is_regional"]) {
		fixtures.is_unknown(regional_endpoint([variant]))
	}
}

vpcsc(facts) := found if {
	found := secret_storage.gcp_sm_vpcsc with input as fixtures.inventory(facts) with data.params as fixtures.params
}

perimeter(changes) := fixtures.changed(
	{
		"kind": "gcp_service_perimeter", "id": "//accesscontextmanager.googleapis.com/accessPolicies/1/servicePerimeters/main",
		"project": null, "location": null, "title": "main", "perimeterType": "PERIMETER_TYPE_REGULAR", "useExplicitDryRunSpec": false,
		"status": {"resources": ["projects/111"], "restrictedServices": ["secretmanager.googleapis.com"]},
		"projects": [fixtures.project_id], "unread": {},
	},
	changes,
)

guarded(changes) := array.concat([fixtures.secret({}), perimeter(changes)], fixtures.hierarchy({}))

test_a_project_outside_is_found if {
	found := vpcsc(array.concat([fixtures.secret({})], fixtures.hierarchy({})))
	fixtures.messages(found) == {"no perimeter guards Secret Manager of `shop`"}
}

test_a_perimeter_of_others_does_not_count if fixtures.is_found(vpcsc(guarded({"projects": []})))

test_a_bridge_does_not_count if fixtures.is_found(vpcsc(guarded({"perimeterType": "PERIMETER_TYPE_BRIDGE"})))

test_a_dry_run_does_not_count if fixtures.is_found(vpcsc(guarded({"status": null})))

test_another_service_does_not_count if {
	fixtures.is_found(vpcsc(guarded({"status": {"resources": ["projects/111"], "restrictedServices": ["storage.googleapis.com"]}})))
}

test_a_project_inside_is_fine if vpcsc(guarded({})) == set()

test_perimeters_are_not_for_projects_without_secrets if vpcsc(fixtures.hierarchy({})) == fixtures.without_secrets

test_vpcsc_is_unknown_without_what_it_reads if {
	found := secret_storage.gcp_sm_vpcsc with data.params as fixtures.params
		with input as fixtures.with_gap(array.concat([fixtures.secret({})], fixtures.hierarchy({})), "gcp_service_perimeter")
	found == set()
	every variant in fixtures.variants(perimeter({"projects": []}), ["projects", "status", "perimeterType"]) {
		fixtures.is_unknown(vpcsc(array.concat([fixtures.secret({}), variant], fixtures.hierarchy({}))))
	}
	every variant in fixtures.variants(fixtures.project({}), ["ancestors"]) {
		fixtures.is_unknown(vpcsc([fixtures.secret({}), variant]))
	}
}

quota(facts) := found if {
	found := secret_storage.gcp_sm_quota with input as fixtures.inventory(facts) with data.params as fixtures.params
}

used(changes) := fixtures.changed(
	{
		"kind": "gcp_secret_quota", "id": sprintf("%s#quota/secretmanager.googleapis.com/access_requests/global", [fixtures.project_id]),
		"project": "shop", "location": "global", "quota_metric": "secretmanager.googleapis.com/access_requests",
		"limit_name": "AccessRequestsPerMinutePerProject", "limit": 90000, "peak": 81000, "peak_at": "2026-11-28T10:00:00Z", "unread": {},
	},
	changes,
)

test_a_quota_near_its_limit_is_found if {
	fixtures.messages(quota([used({})])) == {"90% of the limit of access_requests were used on 2026-11-28: 81000 of 90000 a minute"}
}

test_a_quota_with_room_is_fine if quota([used({"peak": 72000})]) == set()

test_a_quota_of_nothing_is_none if quota([used({"limit": 0})]) == set()

test_quota_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(used({}), ["quota_metric", "limit", "peak", "peak_at"]) {
		fixtures.is_unknown(quota([variant]))
	}
}

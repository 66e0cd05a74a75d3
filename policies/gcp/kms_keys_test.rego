package keystrel.gcp.kms_keys_test

import data.keystrel.gcp.kms_keys
import data.keystrel.lib.gcp_fixtures_test as fixtures

protection_level(facts) := found if {
	found := kms_keys.gcp_kms_protection_level with input as fixtures.inventory(facts) with data.params as fixtures.params
}

hsm(changes) := fixtures.key(object.union({"labels": {"protection": "hsm"}}, changes))

test_software_where_an_hsm_is_wanted_is_found if {
	key := hsm({
		"versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
		"versions": [fixtures.key_version(2, {"protectionLevel": "SOFTWARE"}), fixtures.key_version(1, {})],
	})
	found := protection_level([key])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 needs an HSM, and is software: new versions, version 2"}
}

test_an_hsm_is_fine if protection_level([hsm({})]) == set()

test_other_keys_may_be_software if {
	protection_level([fixtures.key({"versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}})]) == set()
}

test_protection_level_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["labels", "versionTemplate", "versions"]) {
		fixtures.is_unknown(protection_level([variant]))
	}
}

algorithm(facts) := found if {
	found := kms_keys.gcp_kms_algorithm with input as fixtures.inventory(facts) with data.params as fixtures.params
}

signing(template, version) := fixtures.key({
	"purpose": "ASYMMETRIC_SIGN", "versionTemplate": {"protectionLevel": "HSM", "algorithm": template},
	"versions": [fixtures.key_version(1, {"algorithm": version})],
})

test_weak_algorithms_are_found if {
	found := algorithm([signing("RSA_SIGN_PKCS1_4096_SHA512", "RSA_SIGN_PSS_2048_SHA256")])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1: RSA_SIGN_PKCS1_4096_SHA512, RSA_SIGN_PSS_2048_SHA256"}
	every name in ["RSA_DECRYPT_OAEP_3072_SHA1", "HMAC_SHA1", "RSA_SIGN_RAW_PKCS1_3072"] {
		fixtures.is_found(algorithm([signing(name, "EC_SIGN_P256_SHA256")]))
	}
}

test_strong_algorithms_are_fine if {
	algorithm([fixtures.key({})]) == set()
	algorithm([signing("RSA_SIGN_PSS_3072_SHA256", "HMAC_SHA256")]) == set()
}

test_algorithm_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["versionTemplate", "versions"]) {
		fixtures.is_unknown(algorithm([variant]))
	}
}

import_only(facts) := found if {
	found := kms_keys.gcp_kms_import_only with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_for_imports_is_found if {
	found := import_only([fixtures.key({"importOnly": true})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 takes imported material alone"}
}

test_an_imported_version_is_found if {
	found := import_only([fixtures.key({"versions": [fixtures.key_version(2, {"importJob": "projects/shop/locations/europe-west1/keyRings/main/importJobs/one"})]})])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 has imported versions: 2"}
}

test_material_of_cloud_kms_is_fine if import_only([fixtures.key({})]) == set()

test_import_only_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["importOnly", "versions"]) {
		fixtures.is_unknown(import_only([variant]))
	}
}

same_project(facts) := found if {
	found := kms_keys.gcp_kms_same_project with input as fixtures.inventory(facts) with data.params as fixtures.params
}

protecting(project) := fixtures.key({"protected_resources": {"count": 1, "resources": [
	{"name": "//storage.googleapis.com/files", "project": project, "resourceType": "storage.googleapis.com/Bucket"},
]}})

test_a_key_beside_its_data_is_found if {
	found := same_project([protecting("shop")])
	fixtures.messages(found) == {"key `app` of ring main in europe-west1 protects what is in its own project: files"}
}

test_a_key_for_another_project_is_fine if same_project([protecting("data")]) == set()

test_same_project_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["protected_resources", "project"]) {
		fixtures.is_unknown(same_project([variant]))
	}
	fixtures.is_unknown(same_project([fixtures.key({"protected_resources": {"count": 2, "resources": null}})]))
	denied := fixtures.key({"protected_resources": {"count": 2, "resources": null}, "unread": {"protected_resources.resources": "PERMISSION_DENIED"}})
	{finding.unknown | some finding in same_project([denied])} == {"`protected_resources.resources` could not be read: PERMISSION_DENIED"}
}

data_access_logs(facts) := found if {
	found := kms_keys.gcp_kms_data_access_logs with input as fixtures.inventory(facts) with data.params as fixtures.params
}

holding(changes) := array.concat([fixtures.key({})], fixtures.hierarchy(changes))

test_uses_that_are_not_recorded_are_found if {
	found := data_access_logs(holding({"iam_policy": fixtures.audited([fixtures.audit("cloudkms.googleapis.com", ["DATA_READ"])])}))
	fixtures.messages(found) == {"DATA_WRITE of Cloud KMS in `shop` are not recorded"}
}

test_uses_that_are_recorded_are_fine if data_access_logs(holding({})) == set()

test_records_are_not_for_projects_without_keys if {
	data_access_logs(fixtures.hierarchy({"iam_policy": fixtures.policy([])})) == fixtures.without_keys
}

test_data_access_logs_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(data_access_logs([fixtures.key({}), variant, fixtures.folder({}), fixtures.organization({})]))
	}
	every variant in fixtures.variants(fixtures.project({"iam_policy": fixtures.policy([])}), ["ancestors"]) {
		fixtures.is_unknown(data_access_logs([fixtures.key({}), variant]))
	}
}

unused(facts) := found if {
	found := kms_keys.gcp_kms_unused with input as fixtures.inventory(facts) with data.params as fixtures.params
}

idle(changes) := fixtures.key(object.union({"protected_resources": {"count": 0, "resources": []}}, changes))

test_a_key_that_nobody_uses_is_found if {
	fixtures.messages(unused([idle({})])) == {"key `app` of ring main in europe-west1 protects nothing, and was not used for 90 days"}
	fixtures.is_found(unused([idle({"last_used": "2026-08-01T00:00:00Z"})]))
}

test_a_key_that_protects_something_is_fine if unused([fixtures.key({})]) == set()

test_a_key_that_was_used_is_fine if unused([idle({"last_used": "2026-11-01T00:00:00Z"})]) == set()

test_a_new_key_need_not_be_used if unused([idle({"createTime": "2026-11-01T00:00:00Z"})]) == set()

test_a_key_that_is_off_is_fine if unused([idle({"versions": [fixtures.key_version(2, {"state": "DISABLED"})]})]) == set()

test_uses_that_are_not_known_are_unknown if {
	{finding.unknown | some finding in unused([idle({"use_known_since": null})])} == {"uses are not recorded"}
	{finding.unknown | some finding in unused([idle({"use_known_since": "2026-11-01T00:00:00Z"})])} == {"uses are known since 2026-11-01 alone"}
}

test_unused_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(idle({}), ["createTime", "versions", "protected_resources", "last_used", "use_known_since"]) {
		fixtures.is_unknown(unused([variant]))
	}
}

labels(facts) := found if {
	found := kms_keys.gcp_kms_labels with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_without_an_owner_is_found if {
	fixtures.messages(labels([fixtures.key({"labels": {"env": "prod"}})])) == {"key `app` of ring main in europe-west1 has none of the labels owner, team"}
}

test_a_key_with_an_owner_is_fine if labels([fixtures.key({})]) == set()

test_labels_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["labels"]) {
		fixtures.is_unknown(labels([variant]))
	}
}

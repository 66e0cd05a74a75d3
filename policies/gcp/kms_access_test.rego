package keystrel.gcp.kms_access_test

import data.keystrel.gcp.kms_access
import data.keystrel.lib.gcp_fixtures_test as fixtures

admin := "roles/cloudkms.admin"

decrypter := "roles/cloudkms.cryptoKeyEncrypterDecrypter"

bound(role, members) := {"iam_policy": fixtures.policy([fixtures.binding(role, members)])}

public(facts) := found if {
	found := kms_access.gcp_kms_public with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_key_for_everybody_is_found if {
	found := public([fixtures.key(bound(decrypter, ["allUsers"])), fixtures.ring({})])
	fixtures.messages(found) == {"`app` is open to everybody: roles/cloudkms.cryptoKeyEncrypterDecrypter for allUsers"}
}

test_a_ring_for_everybody_is_found if {
	found := public([fixtures.key({}), fixtures.ring(bound(admin, ["allAuthenticatedUsers"]))])
	fixtures.messages(found) == {"`main` is open to everybody: roles/cloudkms.admin for allAuthenticatedUsers"}
}

test_a_key_for_some_is_fine if public([fixtures.key(bound(decrypter, [fixtures.web])), fixtures.ring({})]) == set()

test_public_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["iam_policy"]) {
		fixtures.is_unknown(public([variant]))
	}
	every variant in fixtures.variants(fixtures.ring({}), ["iam_policy"]) {
		fixtures.is_unknown(public([variant]))
	}
}

decrypter_broad(facts) := found if {
	found := kms_access.gcp_kms_decrypter_broad with input as fixtures.inventory(array.concat(facts, fixtures.roles))
		with data.params as fixtures.params
}

test_decryption_with_all_keys_is_found if {
	policy := bound(decrypter, [fixtures.web, fixtures.agent])
	found := decrypter_broad(array.concat([fixtures.key({}), fixtures.ring(policy)], fixtures.hierarchy(policy)))
	fixtures.messages(found) == {
		"all keys in projects/shop decrypt for web@shop.iam.gserviceaccount.com",
		"all keys in projects/shop/locations/europe-west1/keyRings/main decrypt for web@shop.iam.gserviceaccount.com",
	}
}

test_encryption_and_owners_are_another_matter if {
	policy := {"iam_policy": fixtures.policy([
		fixtures.binding("roles/cloudkms.cryptoKeyEncrypter", [fixtures.web]),
		fixtures.binding("roles/owner", [fixtures.ann]),
	])}
	decrypter_broad(array.concat([fixtures.key({}), fixtures.ring({})], fixtures.hierarchy(policy))) == set()
}

test_it_is_not_for_projects_without_keys if {
	found := decrypter_broad(fixtures.hierarchy(bound(decrypter, [fixtures.web])))
	{finding.not_applicable | some finding in found} == {"there are no keys in it"}
	count(found) == 3
}

test_a_key_of_others_does_not_count if {
	found := decrypter_broad(array.concat([fixtures.key({"is_foreign": true})], fixtures.hierarchy(bound(decrypter, [fixtures.web]))))
	{finding.not_applicable | some finding in found} == {"there are no keys in it"}
}

test_on_the_key_it_is_fine if decrypter_broad(array.concat([fixtures.key(bound(decrypter, [fixtures.web]))], fixtures.hierarchy({}))) == set()

test_a_role_that_is_not_known_may_decrypt if {
	fixtures.is_unknown(decrypter_broad(array.concat([fixtures.key({})], fixtures.hierarchy(bound("projects/shop/roles/new", [fixtures.web])))))
}

test_decrypter_broad_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.ring({}), ["iam_policy"]) {
		fixtures.is_unknown(decrypter_broad([variant]))
	}
}

sod(facts) := found if {
	found := kms_access.gcp_kms_sod with input as fixtures.inventory(array.concat(facts, fixtures.roles)) with data.params as fixtures.params
}

test_both_on_a_project_are_found if {
	policy := {"iam_policy": fixtures.policy([fixtures.binding(admin, [fixtures.ann, fixtures.web]), fixtures.binding(decrypter, [fixtures.ann])])}
	found := sod(array.concat([fixtures.key({}), fixtures.ring({})], fixtures.hierarchy(policy)))
	fixtures.messages(found) == {"projects/shop administers keys and uses them: ann@example.com"}
}

test_use_of_a_key_below_is_found if {
	key := fixtures.key(bound(decrypter, [fixtures.ann]))
	found := sod(array.concat([key, fixtures.ring({})], fixtures.hierarchy(bound(admin, [fixtures.ann]))))
	fixtures.messages(found) == {"projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/app administers keys and uses them: ann@example.com"}
}

test_administration_of_a_ring_below_is_found if {
	ring := fixtures.ring(bound(admin, [fixtures.ann]))
	found := sod(array.concat([fixtures.key({}), ring], fixtures.hierarchy(bound(decrypter, [fixtures.ann]))))
	fixtures.messages(found) == {"projects/shop/locations/europe-west1/keyRings/main administers keys and uses them: ann@example.com"}
}

test_two_people_are_fine if {
	key := fixtures.key(bound(decrypter, [fixtures.web]))
	sod(array.concat([key, fixtures.ring({})], fixtures.hierarchy(bound(admin, [fixtures.ann])))) == set()
}

test_duties_are_not_told_of_where_there_are_no_own_keys if {
	foreign := fixtures.key({"is_foreign": true})
	found := sod(array.concat([foreign], fixtures.hierarchy(bound(admin, [fixtures.ann]))))
	{finding.not_applicable | some finding in found} == {"there are no keys in it", "the key is of a project that was not read"}
	count(found) == 4
}

test_owners_are_another_matter if {
	sod(array.concat([fixtures.key({}), fixtures.ring({})], fixtures.hierarchy(bound("roles/owner", [fixtures.ann])))) == set()
}

test_sod_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["iam_policy"]) {
		fixtures.is_unknown(sod(array.concat([variant, fixtures.ring({})], fixtures.hierarchy({}))))
	}
	every variant in fixtures.variants(fixtures.folder({}), ["iam_policy", "ancestors"]) {
		fixtures.is_unknown(sod([fixtures.key({}), fixtures.ring({}), fixtures.project({}), variant, fixtures.organization({})]))
	}
	fixtures.is_unknown(sod(array.concat([fixtures.key({})], fixtures.hierarchy({}))))
	fixtures.is_unknown(sod(array.concat([fixtures.key({}), fixtures.ring({})], fixtures.hierarchy(bound("projects/shop/roles/new", [fixtures.web])))))
}

users_max(facts) := found if {
	found := kms_access.gcp_kms_users_max with input as fixtures.inventory(array.concat(facts, fixtures.roles)) with data.params as fixtures.params
}

test_four_users_are_found if {
	members := [fixtures.web, fixtures.ann, fixtures.agent, "group:a@example.com", "group:b@example.com"]
	found := users_max([fixtures.key(bound(decrypter, members))])
	fixtures.messages(found) == {"4 principals use key `app` of ring main in europe-west1, of at most 3"}
}

test_three_users_are_fine if users_max([fixtures.key(bound(decrypter, [fixtures.web, fixtures.ann, "group:a@example.com"]))]) == set()

test_users_max_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.key({}), ["iam_policy"]) {
		fixtures.is_unknown(users_max([variant]))
	}
	fixtures.is_unknown(users_max([fixtures.key(bound("projects/shop/roles/new", [fixtures.web]))]))
}

owner_project(facts) := found if {
	found := kms_access.gcp_kms_owner_project with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_owner_of_keys_is_found if {
	found := owner_project(array.concat([fixtures.key({})], fixtures.hierarchy(bound("roles/owner", [fixtures.ann]))))
	fixtures.messages(found) == {"`shop` holds keys, and is owned by ann@example.com"}
}

test_a_project_without_owners_is_fine if owner_project(array.concat([fixtures.key({})], fixtures.hierarchy({}))) == set()

test_owners_are_not_for_projects_without_keys if {
	owner_project(fixtures.hierarchy(bound("roles/owner", [fixtures.ann]))) == fixtures.without_keys
}

test_owner_project_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(owner_project([fixtures.key({}), variant]))
	}
}

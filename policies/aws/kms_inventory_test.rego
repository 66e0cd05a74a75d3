package keystrel.aws.kms_inventory_test

import data.keystrel.aws.kms_inventory
import data.keystrel.lib.aws_fixtures_test as aws

params := {
	"aws-kms-asymmetric-age": {"threshold": 730}, "aws-kms-weak-spec": {"threshold": ["RSA_2048"]},
	"aws-kms-unused": {"threshold": 90}, "aws-kms-multi-region": {"threshold": ["alias/global-*"]},
	"aws-kms-tags": {"threshold": ["Owner"]},
}

id := aws.key_arn("1")

of(fields) := {"now": aws.now, "facts": [aws.key(fields)]}

signing := {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}

aged(fields) := found if found := kms_inventory.aws_kms_asymmetric_age with input as of(fields) with data.params as params

test_an_old_signing_key_is_found if {
	aged(object.union(signing, {"CreationDate": aws.ago(731)})) == {{
		"fact": id,
		"message": "key alias/app in eu-west-1, ECC_NIST_P256 for SIGN_VERIFY, is 731 days old, of at most 730",
	}}
	count(aged({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "CreationDate": aws.ago(731)})) == 1
}

test_other_ages_are_fine if {
	aged(object.union(signing, {"CreationDate": aws.ago(730)})) == set()
}

test_it_is_not_for_other_keys if {
	others := {{"fact": id, "not_applicable": "it is not in use, or no asymmetric or HMAC key"}}
	aged({"CreationDate": aws.ago(731)}) == others
	aged(object.union(signing, {"CreationDate": aws.ago(731), "KeyState": "Disabled"})) == others
}

weak(fields) := found if found := kms_inventory.aws_kms_weak_spec with input as of(fields) with data.params as params

test_a_weak_key_is_found if weak({"KeySpec": "RSA_2048"}) == {{"fact": id, "message": "key alias/app in eu-west-1 is RSA_2048"}}

test_a_strong_key_is_fine if {
	weak({"KeySpec": "RSA_3072"}) == set()
	weak({"KeySpec": "RSA_2048", "KeyState": "PendingDeletion"}) == set()
}

old := {"CreationDate": aws.ago(91)}

unused(fields, facts) := found if {
	input_ := {"now": aws.now, "facts": array.concat([aws.key(object.union(old, fields))], facts)}
	found := kms_inventory.aws_kms_unused with input as input_ with data.params as params
}

used(days) := {"LastUsage": {"Operation": "Decrypt", "Timestamp": aws.ago(days)}}

# As the API gives it where there was no use: `object.union` of the fixture's would keep them.
never(days) := {"LastUsage": {"Operation": null, "Timestamp": null}, "TrackingStartDate": aws.ago(days)}

test_an_unused_key_is_found if {
	unused(used(91), []) == {{"fact": id, "message": "key alias/app in eu-west-1 was not used for 91 days"}}
	count(unused(never(91), [])) == 1
}

test_a_used_key_is_fine if {
	unused(used(90), []) == set()
	unused(never(90), []) == set()
	unused(object.union(used(91), {"CreationDate": aws.ago(90)}), []) == set()
	unused(object.union(used(91), {"KeyState": "Disabled"}), []) == set()
}

test_a_key_that_something_names_is_fine if {
	unused(used(91), [aws.reference("AWS::SecretsManager::Secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a")]) == set()
}

test_a_use_that_was_not_read_is_unknown if {
	unused({"LastUsage": null, "unread": {"LastUsage": "AccessDenied"}}, []) == {{"fact": id, "unknown": "AccessDenied"}}
	unused({"LastUsage": null}, []) == {{"fact": id, "unknown": "when it was last used is not known"}}
}

multi(fields) := found if {
	found := kms_inventory.aws_kms_multi_region with input as of(object.union({"MultiRegion": true}, fields))
		with data.params as params
}

primary := {"MultiRegionConfiguration": {"MultiRegionKeyType": "PRIMARY", "ReplicaKeys": [{"Region": "us-east-1"}, {"Region": "us-west-2"}]}}

test_a_multi_region_key_is_found if {
	multi(primary) == {{
		"fact": id, "message": "key alias/app in eu-west-1 is multi-Region, with replicas in us-east-1, us-west-2",
	}}
	multi({}) == {{"fact": id, "message": "key alias/app in eu-west-1 is multi-Region"}}
}

test_other_keys_are_fine if {
	multi({"MultiRegion": false}) == set()
	multi({"MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"}}) == set()
	multi({"Aliases": [{"AliasName": "alias/global-app"}]}) == set()
}

nameless(fields) := found if found := kms_inventory.aws_kms_no_alias with input as of(fields)

test_a_key_without_name_is_found if {
	nameless({"Aliases": []}) == {{"fact": id, "message": "key 1 in eu-west-1 has neither alias nor description"}}
	count(nameless({"Aliases": [], "Description": null})) == 1
}

test_a_key_with_name_or_description_is_fine if {
	nameless({}) == set()
	nameless({"Aliases": [], "Description": "for backups"}) == set()
	nameless({"Aliases": [], "KeyState": "PendingDeletion"}) == set()
}

test_aliases_that_were_not_read_are_unknown if {
	nameless({"Aliases": null, "unread": {"Aliases": "AccessDenied"}}) == {{"fact": id, "unknown": "AccessDenied"}}
}

tags(fact) := found if {
	found := kms_inventory.aws_kms_tags with input as {"facts": [fact]} with data.params as params
}

test_a_key_without_owner_is_found if {
	tags(object.union(object.remove(aws.key({}), ["Tags"]), {"Tags": {"team": "shop"}})) == {{
		"fact": id, "message": "key alias/app in eu-west-1 has no tag owner",
	}}
}

test_a_key_with_owner_is_fine if tags(aws.key({"Tags": {"OWNER": "shop"}})) == set()

test_tags_that_were_not_read_are_unknown if {
	tags(aws.key({"Tags": null, "unread": {"Tags": "AccessDenied"}})) == {{"fact": id, "unknown": "AccessDenied"}}
}

package keystrel.aws.ssm_documents_test

import data.keystrel.aws.ssm_documents
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

public(facts) := found if {
	found := ssm_documents.aws_ssm_document_public with input as fixtures.inventory(facts) with data.params as fixtures.params
}

document(changes) := fixtures.changed(
	{
		"kind": "aws_ssm_document", "id": "arn:aws:ssm:eu-west-1:111122223333:document/deploy", "account": "111122223333",
		"region": "eu-west-1", "Name": "deploy", "DocumentType": "Command", "DocumentFormat": "YAML", "DocumentVersion": "1",
		"AccountIds": [], "leaks": [], "unread": {},
	},
	changes,
)

test_a_document_for_everybody_is_found if {
	found := public([document({"AccountIds": ["All"]})])
	fixtures.messages(found) == {"`deploy` is shared with everybody"}
}

test_a_document_for_an_account_is_fine if public([document({"AccountIds": ["444455556666"]})]) == set()

test_a_document_of_ours_is_fine if public([document({})]) == set()

test_public_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(document({}), ["AccountIds"]) {
		fixtures.is_unknown(public([variant]))
	}
}

leaking(facts) := found if {
	found := ssm_documents.aws_ssm_document_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_credential_in_a_document_is_found if {
	found := leaking([document({"leaks": [fixtures.leak("Content", "known")]})])
	fixtures.messages(found) == {"`deploy`: Content (example-rule) holds a secret"}
	fixtures.severities(found) == {"high"}
}

test_what_is_likely_is_medium if fixtures.severities(leaking([document({"leaks": [fixtures.leak("Content", "likely")]})])) == {"medium"}

test_a_clean_document_is_fine if leaking([document({})]) == set()

test_leaking_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(document({}), ["leaks"]) {
		fixtures.is_unknown(leaking([variant]))
	}
}

unlogged(facts) := found if {
	found := ssm_documents.aws_ssm_session_logging with input as fixtures.inventory(facts) with data.params as fixtures.params
}

settings(changes) := fixtures.changed(
	{
		"kind": "aws_ssm_settings", "id": "arn:aws:ssm:eu-west-1:111122223333#settings", "account": "111122223333",
		"region": "eu-west-1", "has_managed_nodes": true, "unread": {}, "session_preferences": preferences({}),
	},
	changes,
)

preferences(changes) := object.union({"s3BucketName": null, "s3EncryptionEnabled": null, "cloudWatchLogGroupName": "sessions", "cloudWatchEncryptionEnabled": true, "kmsKeyId": null}, changes)

test_sessions_without_a_log_are_found if {
	found := unlogged([settings({"session_preferences": preferences({"cloudWatchLogGroupName": null})})])
	fixtures.messages(found) == {"sessions on nodes in eu-west-1 are logged to neither S3 nor CloudWatch"}
}

test_without_preferences_nothing_is_logged if count(unlogged([settings({"session_preferences": null})])) == 1

test_an_empty_name_is_no_log if count(unlogged([settings({"session_preferences": preferences({"cloudWatchLogGroupName": "", "s3BucketName": ""})})])) == 1

test_sessions_with_a_log_are_fine if {
	unlogged([settings({})]) == set()
	unlogged([settings({"session_preferences": preferences({"cloudWatchLogGroupName": null, "s3BucketName": "sessions"})})]) == set()
}

test_it_is_not_for_regions_without_nodes if {
	empty := settings({"session_preferences": null, "has_managed_nodes": false})
	unlogged([empty]) == {{"fact": empty.id, "not_applicable": "the region has no managed nodes"}}
}

test_unlogged_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(settings({}), ["session_preferences", "has_managed_nodes", "region"]) {
		fixtures.is_unknown(unlogged([variant]))
	}
}

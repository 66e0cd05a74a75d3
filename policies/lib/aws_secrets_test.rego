package keystrel.lib.aws_secrets_test

import data.keystrel.lib.age
import data.keystrel.lib.aws_lambda
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

test_a_fact_is_called_by_its_name if {
	aws_secrets.named({"id": "arn", "Name": "shop/db"}) == "`shop/db`"
	aws_secrets.named({"id": "arn", "name": "web", "FunctionName": "other"}) == "`web`"
	aws_secrets.named({"id": "arn", "Name": null}) == "`arn`"
}

test_what_is_not_known_is_told_with_the_reason if {
	aws_secrets.untold({"unread": {"Name": "denied"}, "Name": null}, "Name") == "`Name` could not be read: denied"
	aws_secrets.untold({}, "Name") == "the fact does not say its `Name`"
	not aws_secrets.untold({"Name": null}, "Name")
	not aws_secrets.untold({"Name": null, "unread": {}}, "Name")
}

test_what_is_complete_is_told if {
	aws_secrets.is_told(fixtures.secret({}), ["Name", "ResourcePolicy"])
	not aws_secrets.is_told(object.remove(fixtures.secret({}), ["Name"]), ["Name"])
	not aws_secrets.is_told(fixtures.secret({"unread": {"Name": "denied"}}), ["Name"])
}

test_a_list_that_is_none_is_empty if {
	aws_secrets.list({"a": [1]}, "a") == [1]
	aws_secrets.list({"a": null}, "a") == []
	aws_secrets.list({}, "a") == []
}

test_tags_are_compared_without_case if {
	secret := {"Tags": {"Data-Class": "Restricted", "empty": "", "odd": null}}
	aws_secrets.is_tagged(secret, ["data-class=restricted"])
	not aws_secrets.is_tagged(secret, ["data-class=open"])
	not aws_secrets.is_tagged({"Tags": null}, ["data-class=restricted"])
	aws_secrets.tag_keys(secret) == {"data-class"}
}

test_secrets_are_told_apart if {
	facts := [
		fixtures.secret({"id": "a"}),
		fixtures.secret({"id": "b", "is_replica": true}),
		fixtures.secret({"id": "c", "DeletedDate": "2026-11-29T00:00:00Z"}),
		fixtures.secret({"id": "d", "OwningService": "rds"}),
	]
	ids(aws_secrets.active) == {"a", "b", "d"} with input as fixtures.inventory(facts)
	ids(aws_secrets.primary) == {"a", "d"} with input as fixtures.inventory(facts)
	ids(aws_secrets.own) == {"a"} with input as fixtures.inventory(facts)
}

ids(secrets) := {secret.id | some secret in secrets}

test_times if {
	aws_secrets.days_between("2026-11-01T00:00:00Z", "2026-11-02T12:00:00Z") == 1.5
	not aws_secrets.days_between(null, "2026-11-02T12:00:00Z")
	aws_secrets.day("2026-11-02T12:00:00Z") == "2026-11-02"
	aws_secrets.day(null) == "a day unknown"
}

test_a_message_names_three_places if {
	leaks := [fixtures.leak(place, "known") | some place in ["a", "b", "c", "d", "e"]]
	aws_secrets.leaks_text(leaks) == "a (example-rule), b (example-rule), c (example-rule) and 2 more hold secrets"
}

test_arns_have_regions if {
	aws_secrets.region_of(fixtures.key_arn) == "eu-west-1"
	not aws_secrets.region_of(fixtures.role_arn)
}

test_dates_of_runtimes_are_days if {
	count(aws_lambda.deprecated) > 40
	every ends in aws_lambda.deprecated {
		age.is_time(sprintf("%sT00:00:00Z", [ends]))
	}
}

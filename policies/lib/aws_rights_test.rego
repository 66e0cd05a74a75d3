package keystrel.lib.aws_rights_test

import data.keystrel.lib.aws_rights

test_a_condition_that_a_tag_is_there_names_resources if {
	aws_rights.names_resources({"Condition": {"Null": {"aws:ResourceTag/team": ["false"]}}})
	not aws_rights.names_resources({"Condition": {"Null": {"aws:MultiFactorAuthAge": ["false"]}}})
}

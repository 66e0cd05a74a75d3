package keystrel.iac.aws_access_test

import data.keystrel.iac.aws_access

found(own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "n", "properties": properties}
	findings := aws_access.iac_aws_read_every_secret with input as {"facts": [resource]}
}

statement := {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": "*"}

test_a_document_is_found if {
	properties := {"actions": "${[\"s3:Get\", \"secretsmanager:*\"]}", "resources": "${[\"*\"]}"}
	found("aws_iam_policy_document.statement", properties) == {{
		"fact": "r",
		"path": ["properties", "actions"],
		"message": "aws_iam_policy_document.statement n allows secretsmanager:* on everything",
	}}
}

test_a_policy_is_found if {
	found("AWS::IAM::Policy", {"PolicyDocument": {"Statement": statement}}) == {{
		"fact": "r",
		"path": ["properties", "PolicyDocument", "Statement", 0],
		"message": "AWS::IAM::Policy n allows secretsmanager:GetSecretValue on everything",
	}}
	inline := {"Policies": [{"PolicyDocument": {"Statement": [object.union(statement, {"Action": "ssm:GetParameter*"})]}}]}
	count(found("AWS::IAM::Role", inline)) == 1
	count(found("aws_iam_role_policy", {"policy": {"Statement": [statement]}})) == 1
	found("aws_iam_role_policy", {"policy": "${data.x.y.json}"}) == set()
}

test_what_names_resources_is_fine if {
	every change in [
		{"Resource": "arn:x"}, {"Effect": "Deny"}, {"Action": "s3:*"}, {"Action": {"Ref": "x"}}, {"Condition": {"x": 1}},
	] {
		found("AWS::IAM::Policy", {"PolicyDocument": {"Statement": [object.union(statement, change)]}}) == set()
	}
	found("AWS::IAM::Role", {}) == set()
	everything := {"actions": "${[\"ssm:GetParameter\"]}", "resources": "${[\"*\"]}"}
	found("aws_iam_policy_document.statement", object.union(everything, {"effect": "Deny"})) == set()
	found("aws_iam_policy_document.statement", object.union(everything, {"condition": {"test": "x"}})) == set()
	found("aws_iam_policy_document.statement", object.union(everything, {"resources": "${[var.x]}"})) == set()
}

test_what_was_not_read_is_unknown if {
	results := aws_access.iac_aws_read_every_secret with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	some finding in results
	finding.unknown
}

made(own, properties) := findings if {
	resource := {"kind": "iac_resource", "id": "r", "resource_type": own, "name": "n", "properties": properties}
	findings := aws_access.iac_aws_makes_every_key with input as {"facts": [resource]}
}

test_making_keys_for_everybody_is_found if {
	made("aws_iam_policy", {"policy": {"Statement": [{"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}]}}) == {{
		"fact": "r",
		"path": ["properties", "policy", "Statement", 0],
		"message": "aws_iam_policy n allows iam:CreateAccessKey for everybody",
	}}
	made("aws_iam_policy_document.statement", {"actions": "${[\"iam:*\"]}", "resources": "${[\"*\"]}"}) == {{
		"fact": "r",
		"path": ["properties", "actions"],
		"message": "aws_iam_policy_document.statement n allows iam:* for everybody",
	}}
}

test_making_keys_for_oneself_is_fine if {
	own := {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::*:user/${aws:username}"}
	made("aws_iam_policy", {"policy": {"Statement": own}}) == set()
	made("aws_iam_policy", {"policy": {"Statement": {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}}}) == set()
}

test_keys_of_what_was_not_read_are_unknown if {
	results := aws_access.iac_aws_makes_every_key with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	some finding in results
	finding.unknown
}

test_several_actions_of_a_statement_are_one_finding if {
	both := {"Effect": "Allow", "Action": ["ssm:GetParameter", "secretsmanager:*", "s3:*"], "Resource": "*"}
	{finding.message | some finding in found("aws_iam_policy", {"policy": {"Statement": both}})} == {
		"aws_iam_policy n allows secretsmanager:*, ssm:GetParameter on everything",
	}
}

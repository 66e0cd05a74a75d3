package keystrel.aws.secret_network_test

import data.keystrel.aws.secret_network
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

no_endpoint(facts) := found if {
	found := secret_network.aws_sm_vpce_missing with input as fixtures.inventory(facts) with data.params as fixtures.params
}

network(changes) := fixtures.changed(
	{
		"kind": "aws_vpc", "id": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "account": "111122223333",
		"region": "eu-west-1", "VpcId": "vpc-1", "secret_consumers": ["arn:aws:lambda:eu-west-1:111122223333:function:shop"],
		"unread": {},
	},
	changes,
)

endpoint(changes) := fixtures.changed(
	{
		"kind": "aws_vpc_endpoint", "id": "arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-1", "account": "111122223333",
		"region": "eu-west-1", "VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.secretsmanager",
		"State": "available", "PrivateDnsEnabled": true, "PolicyDocument": null, "unread": {},
	},
	changes,
)

test_a_network_without_an_endpoint_is_found if {
	found := no_endpoint([network({})])
	fixtures.messages(found) == {"vpc-1 in eu-west-1 has no endpoint for Secrets Manager, and 1 consumer of secrets"}
}

test_an_endpoint_of_another_network_is_none if count(no_endpoint([network({}), endpoint({"VpcId": "vpc-2"})])) == 1

test_an_endpoint_that_failed_is_none if count(no_endpoint([network({}), endpoint({"State": "Failed"})])) == 1

test_a_network_with_an_endpoint_is_fine if {
	no_endpoint([network({}), endpoint({})]) == set()
	no_endpoint([network({}), endpoint({"State": "Available"})]) == set()
}

test_an_endpoint_that_may_not_have_been_listed_is_not_missing if {
	gap := {"needs": "aws_vpc_endpoint", "what": "arn:aws:ec2:eu-west-1:111122223333", "why": "UnauthorizedOperation"}
	found := secret_network.aws_sm_vpce_missing with input as object.union(fixtures.inventory([network({})]), {"gaps": [gap]})
	found == set()
}

test_where_nothing_uses_secrets_none_is_needed if no_endpoint([network({"secret_consumers": []})]) == set()

test_no_endpoint_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(network({}), ["VpcId", "account", "region", "secret_consumers"]) {
		fixtures.is_unknown(no_endpoint([variant]))
	}
}

open_endpoint(facts) := found if {
	found := secret_network.aws_sm_vpce_policy_open with input as fixtures.inventory(facts) with data.params as fixtures.params
}

with_policy(changes) := endpoint({"PolicyDocument": fixtures.document([fixtures.statement(object.union({"Action": ["*"], "Principal": fixtures.aws_principals(["*"])}, changes))])})

test_the_default_policy_is_found if {
	found := open_endpoint([with_policy({})])
	fixtures.messages(found) == {"vpce-1 of vpc-1 lets any principal use secrets of any account"}
}

test_no_policy_is_the_default_one if count(open_endpoint([endpoint({})])) == 1

test_our_organization_alone_is_fine if {
	open_endpoint([with_policy({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-ours000000"]}}})]) == set()
	open_endpoint([with_policy({"Condition": {"StringEquals": {"aws:ResourceOrgID": ["o-ours000000"]}}})]) == set()
}

test_our_secrets_alone_are_fine if open_endpoint([with_policy({"Resource": ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"]})]) == set()

test_named_principals_are_fine if open_endpoint([with_policy({"Principal": fixtures.aws_principals(["arn:aws:iam::111122223333:root"])})]) == set()

test_what_gives_no_values_is_fine if open_endpoint([with_policy({"Action": ["secretsmanager:GetRandomPassword"]})]) == set()

test_a_deny_opens_nothing if open_endpoint([with_policy({"Effect": "Deny"})]) == set()

test_open_endpoint_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(endpoint({}), ["VpcEndpointId", "VpcId", "PolicyDocument"]) {
		fixtures.is_unknown(open_endpoint([variant]))
	}
}

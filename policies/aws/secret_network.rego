# METADATA
# title: Networks from which secrets are read
package keystrel.aws.secret_network

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

# METADATA
# title: No VPC endpoint for Secrets Manager where secrets are used
# description: >-
#   Reads leave the network by NAT or an internet gateway: they fail with it, and no policy can ask where they come from.
#   An endpoint of another network that is shared by DNS is not seen: that network can be excepted.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/vpc-endpoint-overview.html
# custom:
#   id: aws-sm-vpce-missing
#   severity: low
#   subject: aws_vpc
#   needs: [aws_vpc, aws_vpc_endpoint]
#   remediation: >-
#     `aws ec2 create-vpc-endpoint --vpc-id VPC --vpc-endpoint-type Interface --service-name
#     com.amazonaws.REGION.secretsmanager --subnet-ids SUBNETS --private-dns-enabled`.
#   frameworks:
#     nist_800_53: [SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20, A.8.22]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
aws_sm_vpce_missing contains finding if {
	gaps.none("aws_vpc_endpoint")
	some network in aws_secrets.told(networks, ["VpcId", "account", "region", "secret_consumers"])
	count(aws_secrets.list(network, "secret_consumers")) > 0
	not has_endpoint(network)
	finding := {
		"fact": network.id,
		"message": sprintf("%s in %s has no endpoint for Secrets Manager, and %s of secrets", [
			network.VpcId,
			network.region,
			age.counted(count(network.secret_consumers), "consumer"),
		]),
	}
}

aws_sm_vpce_missing contains finding if {
	some finding in aws_secrets.unknown(networks, ["VpcId", "account", "region", "secret_consumers"])
}

networks := facts.of("aws_vpc")

has_endpoint(network) if {
	some endpoint in facts.of("aws_vpc_endpoint")
	endpoint.VpcId == network.VpcId
	is_available(endpoint)
}

is_available(endpoint) if {
	is_string(endpoint.State)
	lower(endpoint.State) in {"available", "pending", "pendingacceptance"}
}

# METADATA
# title: VPC endpoint policy lets any principal reach any account
# description: >-
#   Whoever is in the network with credentials of another account can carry values out through the endpoint, or fetch some
#   from there. That is the policy that an endpoint has unless it is given one.
# related_resources:
# - ref: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
# custom:
#   id: aws-sm-vpce-policy-open
#   severity: medium
#   subject: aws_vpc_endpoint
#   needs: [aws_vpc_endpoint]
#   remediation: >-
#     `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ENDPOINT --policy-document file://POLICY` with
#     `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "ORG", "aws:ResourceOrgID": "ORG"}}`.
#   frameworks:
#     nist_800_53: [AC-4, SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.12, A.8.20]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
aws_sm_vpce_policy_open contains finding if {
	some endpoint in aws_secrets.told(endpoints, endpoint_fields)
	is_open(endpoint)
	finding := {
		"fact": endpoint.id,
		"message": sprintf("%s of %s lets any principal use secrets of any account", [endpoint.VpcEndpointId, endpoint.VpcId]),
	}
}

aws_sm_vpce_policy_open contains finding if {
	some finding in aws_secrets.unknown(endpoints, endpoint_fields)
}

endpoints := facts.of("aws_vpc_endpoint")

endpoint_fields := ["VpcEndpointId", "VpcId", "PolicyDocument"]

# No document is the default one: all is allowed.
is_open(endpoint) if not is_object(endpoint.PolicyDocument)

is_open(endpoint) if {
	some statement in aws_iam.statements(endpoint.PolicyDocument)
	aws_iam.is_public(statement)
	covers_values(statement)
	aws_iam.covers_resource(statement, "arn:aws:secretsmanager:us-east-1:000000000000:secret:keystrel-probe-AbCdEf")
	not aws_iam.is_limited_by(statement, {"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
}

covers_values(statement) if {
	some action in ["GetSecretValue", "BatchGetSecretValue", "PutSecretValue", "CreateSecret"]
	aws_iam.covers_action(statement, sprintf("secretsmanager:%s", [action]))
}

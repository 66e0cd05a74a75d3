package keystrel.aws.eks_test

import data.keystrel.aws.eks
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

params := object.union(fixtures.params, {"aws-eks-secret-readers": {"threshold": 1}})

entry(name, policy, scope) := {
	"principalArn": sprintf("arn:aws:iam::111122223333:%s", [name]), "type": "STANDARD", "username": name, "kubernetesGroups": [],
	"policies": [{
		"policyArn": sprintf("arn:aws:eks::aws:cluster-access-policy/%s", [policy]),
		"accessScope": {"type": scope, "namespaces": []},
	}],
}

cluster(changes) := fixtures.changed(
	{
		"kind": "aws_eks_cluster", "id": "arn:aws:eks:eu-west-1:111122223333:cluster/shop", "account": "111122223333",
		"region": "eu-west-1", "name": "shop", "version": "1.33", "status": "ACTIVE", "is_external": false,
		"logging": {"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": true}]},
		"resourcesVpcConfig": {"endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": ["203.0.113.0/24"]},
		"accessConfig": {"authenticationMode": "API"},
		"access_entries": [entry("role/admin", "AmazonEKSClusterAdminPolicy", "cluster"), entry("role/web", "AmazonEKSEditPolicy", "namespace")],
		"unread": {},
	},
	changes,
)

endpoint(changes) := found if {
	found := eks.aws_eks_endpoint_open with input as fixtures.inventory([cluster(changes)])
}

network(public, cidrs) := {"resourcesVpcConfig": {"endpointPublicAccess": public, "endpointPrivateAccess": true, "publicAccessCidrs": cidrs}}

test_an_endpoint_for_all_is_found if {
	every cidrs in [[], ["203.0.113.0/24", "0.0.0.0/0"], ["::/0"]] {
		fixtures.messages(endpoint(network(true, cidrs))) == {"the API server of `shop` answers every address"}
	}
}

test_an_endpoint_for_some_or_none_is_fine if {
	endpoint({}) == set()
	endpoint(network(false, ["0.0.0.0/0"])) == set()
}

test_an_endpoint_of_elsewhere_is_its_own_matter if endpoint(object.union(network(true, []), {"is_external": true})) == set()

test_an_endpoint_that_is_not_told_is_unknown if {
	fixtures.is_unknown(endpoint(network(null, [])))
	fixtures.is_unknown(endpoint({"resourcesVpcConfig": null}))
	every variant in fixtures.variants(cluster({}), ["name", "resourcesVpcConfig"]) {
		found := eks.aws_eks_endpoint_open with input as fixtures.inventory([variant])
		fixtures.is_unknown(found)
	}
}

users(changes) := found if {
	found := eks.aws_eks_access_config_map with input as fixtures.inventory([cluster(changes)])
}

mode(name) := {"accessConfig": {"authenticationMode": name}}

test_users_in_a_config_map_are_found if {
	fixtures.messages(users(mode("CONFIG_MAP"))) == {"the users of `shop` stand in a ConfigMap alone"}
}

test_access_entries_are_fine if {
	users({}) == set()
	users(mode("API_AND_CONFIG_MAP")) == set()
}

test_users_that_are_not_told_are_unknown if {
	fixtures.is_unknown(users(mode(null)))
	every variant in fixtures.variants(cluster({}), ["name", "accessConfig"]) {
		found := eks.aws_eks_access_config_map with input as fixtures.inventory([variant])
		fixtures.is_unknown(found)
	}
}

readers(changes) := found if {
	found := eks.aws_eks_secret_readers with input as fixtures.inventory([cluster(changes)]) with data.params as params
}

test_many_who_read_all_are_found if {
	entries := [entry("role/admin", "AmazonEKSClusterAdminPolicy", "cluster"), entry("role/see", "AmazonEKSAdminViewPolicy", "cluster")]
	fixtures.messages(readers({"access_entries": entries})) == {"2 principals read all Secrets of `shop`; 1 may"}
}

test_another_number_may_be_set if {
	more := object.union(fixtures.params, {"aws-eks-secret-readers": {"threshold": 0}})
	found := eks.aws_eks_secret_readers with input as fixtures.inventory([cluster({})]) with data.params as more
	count(found) == 1
}

test_those_who_read_part_or_no_secrets_are_not_counted if {
	readers({}) == set()
	readers({"access_entries": [entry("role/a", "AmazonEKSViewPolicy", "cluster"), entry("role/b", "AmazonEKSAdminPolicy", "cluster"), {"principalArn": "c"}]}) == set()
}

test_readers_that_are_not_told_are_unknown if {
	fixtures.is_unknown(readers(object.union(mode("CONFIG_MAP"), {"access_entries": []})))
	every variant in fixtures.variants(cluster({}), ["name", "accessConfig", "access_entries"]) {
		found := eks.aws_eks_secret_readers with input as fixtures.inventory([variant]) with data.params as params
		fixtures.is_unknown(found)
	}
}

of_users(changes) := found if {
	found := eks.aws_eks_user_entry with input as fixtures.inventory([cluster(changes)])
}

test_a_user_is_found if {
	found := of_users({"access_entries": [entry("user/ada", "AmazonEKSViewPolicy", "cluster"), {"principalArn": null}]})
	fixtures.messages(found) == {"IAM users have access to `shop`: arn:aws:iam::111122223333:user/ada"}
}

test_roles_are_fine if of_users({}) == set()

test_users_of_a_config_map_are_unknown if {
	fixtures.is_unknown(of_users(mode("CONFIG_MAP")))
	every variant in fixtures.variants(cluster({}), ["name", "accessConfig", "access_entries"]) {
		found := eks.aws_eks_user_entry with input as fixtures.inventory([variant])
		fixtures.is_unknown(found)
	}
}

authenticator(changes) := found if {
	found := eks.aws_eks_authenticator_logs with input as fixtures.inventory([cluster(changes)])
}

test_a_log_that_is_off_is_found if {
	every logging in [null, {"clusterLogging": [{"types": ["audit"], "enabled": true}, {"types": ["authenticator"], "enabled": false}]}] {
		fixtures.messages(authenticator({"logging": logging})) == {"`shop`: the log of the authenticator is off"}
	}
}

test_a_log_that_is_on_is_fine if authenticator({}) == set()

test_a_log_that_is_not_told_is_unknown if {
	every variant in fixtures.variants(cluster({}), ["name", "logging"]) {
		found := eks.aws_eks_authenticator_logs with input as fixtures.inventory([variant])
		fixtures.is_unknown(found)
	}
}

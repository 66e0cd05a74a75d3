package keystrel.kubernetes.api_server_test

import data.keystrel.kubernetes.api_server
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

cluster := {"kind": "k8s_cluster", "id": "cluster", "managed": false, "version": "v1.36.3"}

pod(command) := fixtures.resource("Pod", "kube-system", "kube-apiserver-n1", {"spec": {"containers": [{
	"image": "registry.k8s.io/kube-apiserver:v1.36.3",
	"command": command,
}]}})

# A cluster whose API server has these flags.
with_flags(flags) := fixtures.cluster([cluster, pod(array.concat(["kube-apiserver"], flags))])

# One whose flags cannot be seen, and one whose control plane cannot.
hidden := fixtures.cluster([cluster, pod(["sh", "-c", "exec kube-apiserver"])])

unseen := fixtures.cluster([cluster])

managed := fixtures.cluster([object.union(cluster, {"managed": true})])

# What a control is to say of all of these.
unknown_of(found) := fixtures.unknown(found) == {"cluster"}

good := [
	"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
	"--service-account-extend-token-expiration=false",
]

# What each control says.
said := {
	"authz": api_server.k8s_apiserver_authz,
	"token_file": api_server.k8s_apiserver_token_file,
	"node_restriction": api_server.k8s_apiserver_node_restriction,
	"extend_token": api_server.k8s_apiserver_extend_token,
	"sa_lookup": api_server.k8s_apiserver_sa_lookup,
}

test_all_is_fine if {
	found := said with input as with_flags(good)
	every control, findings in found {
		control != ""
		count(findings) == 0
	}
}

test_authorization_allows_everything if {
	every flags in [["--authorization-mode=AlwaysAllow"], ["--authorization-mode=RBAC,AlwaysAllow"], []] {
		found := api_server.k8s_apiserver_authz with input as with_flags(flags)
		fixtures.found(found) == {"cluster"}
		every finding in found {
			startswith(finding.message, "kube-apiserver-n1 allows everything")
		}
	}
}

test_authorization_without_roles_or_nodes if {
	found := api_server.k8s_apiserver_authz with input as with_flags(["--authorization-mode=Node,ABAC"])
	found == {{"fact": "cluster", "severity": "high", "message": "kube-apiserver-n1 does not authorize by RBAC"}}
	node := api_server.k8s_apiserver_authz with input as with_flags(["--authorization-mode", "RBAC"])
	node == {{"fact": "cluster", "severity": "medium", "message": "kube-apiserver-n1 does not authorize by Node"}}
}

test_authorization_by_a_file_is_unknown if {
	found := api_server.k8s_apiserver_authz with input as with_flags(["--authorization-config=/etc/a.yaml"])
	unknown_of(found)
	count(fixtures.found(found)) == 0
}

test_token_file if {
	found := api_server.k8s_apiserver_token_file with input as with_flags(["--token-auth-file=/etc/tokens.csv"])
	found == {{"fact": "cluster", "message": "kube-apiserver-n1 takes tokens from a file"}}
	none := api_server.k8s_apiserver_token_file with input as with_flags([])
	count(none) == 0
}

test_node_restriction if {
	every flags in [[], ["--enable-admission-plugins=AlwaysPullImages"]] {
		found := api_server.k8s_apiserver_node_restriction with input as with_flags(flags)
		found == {{"fact": "cluster", "message": "kube-apiserver-n1 runs without NodeRestriction"}}
	}
	off := ["--enable-admission-plugins=NodeRestriction", "--disable-admission-plugins=NodeRestriction"]
	found := api_server.k8s_apiserver_node_restriction with input as with_flags(off)
	found == {{"fact": "cluster", "message": "kube-apiserver-n1 has NodeRestriction switched off"}}
}

test_extended_tokens if {
	every flags in [[], ["--service-account-extend-token-expiration=true"], ["--service-account-extend-token-expiration"]] {
		found := api_server.k8s_apiserver_extend_token with input as with_flags(flags)
		fixtures.found(found) == {"cluster"}
	}
}

test_lookup if {
	found := api_server.k8s_apiserver_sa_lookup with input as with_flags(["--service-account-lookup=false"])
	fixtures.found(found) == {"cluster"}
	every flags in [[], ["--service-account-lookup=true"]] {
		none := api_server.k8s_apiserver_sa_lookup with input as with_flags(flags)
		count(none) == 0
	}
}

test_what_cannot_be_seen_is_unknown if {
	every inventory in [hidden, unseen] {
		found := said with input as inventory
		every control, findings in found {
			control != ""
			unknown_of(findings)
			count(fixtures.found(findings)) == 0
		}
	}
}

test_managed_clusters_are_none_of_it if {
	found := said with input as managed
	every control, findings in found {
		control != ""
		count(findings) == 0
	}
}

# Each of several servers is told.
test_several_servers if {
	second := object.union(pod(["kube-apiserver", "--token-auth-file=/a"]), {
		"id": "Pod/kube-system/kube-apiserver-n2",
		"name": "kube-apiserver-n2",
	})
	inventory := fixtures.cluster([cluster, pod(["kube-apiserver"]), second])
	found := api_server.k8s_apiserver_token_file with input as inventory
	found == {{"fact": "cluster", "message": "kube-apiserver-n2 takes tokens from a file"}}
}

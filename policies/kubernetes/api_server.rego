# METADATA
# title: Who is let in by the API server, and how
package keystrel.kubernetes.api_server

import data.keystrel.lib.static_pod

# METADATA
# title: The API server does not check rights by roles
# description: >-
#   `AlwaysAllow` lets everybody read every Secret. Without `RBAC` roles mean nothing; without `Node` kubelets need
#   rights on the Secrets of all nodes.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/authorization/
# custom:
#   id: k8s-apiserver-authz
#   severity: critical
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--authorization-mode=Node,RBAC` in its manifest (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.6, kubernetes/1.2.7, kubernetes/1.2.8]
#     nist_800_53: [AC-3]
#     pci_dss_4: ["7.3.1", "7.3.3"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
k8s_apiserver_authz contains finding if {
	some server in static_pod.of("kube-apiserver")
	"AlwaysAllow" in static_pod.names(server, "authorization-mode")
	message := sprintf("%s allows everything: --authorization-mode has AlwaysAllow", [static_pod.named(server)])
	finding := static_pod.found(server, ["authorization-mode"], message)
}

# Without the flag, and without a file of the newer kind, everything is allowed.
k8s_apiserver_authz contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.lacks(server, "authorization-mode")
	static_pod.lacks(server, "authorization-config")
	message := sprintf("%s allows everything: it has no --authorization-mode", [static_pod.named(server)])
	finding := static_pod.found(server, ["authorization-mode"], message)
}

k8s_apiserver_authz contains finding if {
	some server in static_pod.of("kube-apiserver")
	modes := static_pod.names(server, "authorization-mode")
	count(modes) > 0
	not "AlwaysAllow" in modes
	some mode in ({"RBAC", "Node"} - modes)
	message := sprintf("%s does not authorize by %s", [static_pod.named(server), mode])
	finding := object.union(static_pod.found(server, ["authorization-mode"], message), {"severity": severity_of_mode[mode]})
}

k8s_apiserver_authz contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.has(server, "authorization-config")
	finding := {
		"fact": server.cluster,
		"unknown": "it is configured in a file, which --authorization-config names",
	}
}

k8s_apiserver_authz contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"authorization-mode"})
	not static_pod.has(server, "authorization-config")
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_authz contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

severity_of_mode := {"RBAC": "high", "Node": "medium"}

# METADATA
# title: Users log in with tokens from a file
# description: >-
#   These tokens lie in clear on the node, never expire, and change only when the API server starts again.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
# custom:
#   id: k8s-apiserver-token-file
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Take `--token-auth-file` out in its manifest (`/etc/kubernetes/manifests/kube-apiserver.yaml`), and have users
#     log in by OpenID Connect.
#   frameworks:
#     cis: [kubernetes/1.2.2]
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.4"]
k8s_apiserver_token_file contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.has(server, "token-auth-file")
	finding := static_pod.found(server, ["token-auth-file"], sprintf("%s takes tokens from a file", [static_pod.named(server)]))
}

k8s_apiserver_token_file contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"token-auth-file"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_token_file contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: A kubelet changes what is not its own
# description: >-
#   Without the admission plugin `NodeRestriction` whoever has one node labels other nodes and pods, and so draws the
#   Secrets of other pods to it.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
# custom:
#   id: k8s-apiserver-node-restriction
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Add `NodeRestriction` to `--enable-admission-plugins` in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.14]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_apiserver_node_restriction contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.has(server, "enable-admission-plugins")
	not "NodeRestriction" in static_pod.names(server, "enable-admission-plugins")
	message := sprintf("%s runs without NodeRestriction", [static_pod.named(server)])
	finding := static_pod.found(server, ["enable-admission-plugins"], message)
}

k8s_apiserver_node_restriction contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.lacks(server, "enable-admission-plugins")
	message := sprintf("%s runs without NodeRestriction", [static_pod.named(server)])
	finding := static_pod.found(server, ["enable-admission-plugins"], message)
}

k8s_apiserver_node_restriction contains finding if {
	some server in static_pod.of("kube-apiserver")
	"NodeRestriction" in static_pod.names(server, "disable-admission-plugins")
	message := sprintf("%s has NodeRestriction switched off", [static_pod.named(server)])
	finding := static_pod.found(server, ["disable-admission-plugins"], message)
}

k8s_apiserver_node_restriction contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"enable-admission-plugins"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_node_restriction contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: Tokens of service accounts are good for a year
# description: >-
#   Unless it is told otherwise, the API server makes the tokens that pods get by default valid for a year, whatever
#   they ask for, for the sake of old clients that do not read them again.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   id: k8s-apiserver-extend-token
#   severity: medium
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Make sure that no client uses old tokens (metric `serviceaccount_stale_tokens_total`), then set
#     `--service-account-extend-token-expiration=false` in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.30]
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
k8s_apiserver_extend_token contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.value_or(server, "service-account-extend-token-expiration", "true") == "true"
	message := sprintf("%s extends tokens of service accounts to a year", [static_pod.named(server)])
	finding := static_pod.found(server, ["service-account-extend-token-expiration"], message)
}

k8s_apiserver_extend_token contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"service-account-extend-token-expiration"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_extend_token contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: Tokens of deleted accounts are accepted
# description: >-
#   Without the lookup a token in a Secret stays good when the Secret or its account is deleted: it cannot be revoked.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   id: k8s-apiserver-sa-lookup
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Take `--service-account-lookup=false` out in its manifest (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.21]
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
k8s_apiserver_sa_lookup contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.value(server, "service-account-lookup") == "false"
	message := sprintf("%s accepts tokens of deleted service accounts", [static_pod.named(server)])
	finding := static_pod.found(server, ["service-account-lookup"], message)
}

k8s_apiserver_sa_lookup contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"service-account-lookup"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_sa_lookup contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

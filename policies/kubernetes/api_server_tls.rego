# METADATA
# title: TLS of the API server, also to kubelets and to etcd
package keystrel.kubernetes.api_server_tls

import data.keystrel.lib.static_pod

# METADATA
# title: The API server serves without a certificate of its own
# description: >-
#   Without one it makes a certificate that no client can check; without a client CA nobody logs in by certificate.
#   Old protocols and ciphers give away tokens and Secrets on their way.
# related_resources:
# - ref: https://kubernetes.io/docs/setup/best-practices/certificates/
# custom:
#   id: k8s-apiserver-tls
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--tls-cert-file`, `--tls-private-key-file` and `--client-ca-file`, and `--tls-min-version=VersionTLS12` or
#     more, in its manifest (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.24, kubernetes/1.2.25, kubernetes/1.2.29]
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["2.2.7", "8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
k8s_apiserver_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	missing := [flag |
		some flag in ["tls-cert-file", "tls-private-key-file", "client-ca-file"]
		static_pod.lacks(server, flag)
		not is_sni(server, flag)
	]
	count(missing) > 0
	finding := static_pod.found(server, [], sprintf("%s has no %s", [static_pod.named(server), static_pod.shown(missing)]))
}

k8s_apiserver_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	version := static_pod.value(server, "tls-min-version")
	version in {"VersionTLS10", "VersionTLS11"}
	finding := static_pod.found(server, ["tls-min-version"], sprintf("%s accepts %s", [static_pod.named(server), version]))
}

k8s_apiserver_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	weak := {name | some name in static_pod.names(server, "tls-cipher-suites"); is_weak_suite(name)}
	count(weak) > 0
	message := sprintf("%s accepts weak ciphers: %s", [static_pod.named(server), concat(", ", sort(weak))])
	finding := static_pod.found(server, ["tls-cipher-suites"], message)
}

k8s_apiserver_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"tls-cert-file", "tls-private-key-file", "client-ca-file"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_tls contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

is_sni(server, flag) if {
	flag != "client-ca-file"
	static_pod.has(server, "tls-sni-cert-key")
}

# METADATA
# title: The API server does not check whom it speaks to
# description: >-
#   Logs, `exec` and `port-forward` go to kubelets. Without their CA whoever stands between reads along; without a
#   client certificate the kubelet cannot tell who asks.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/
# custom:
#   id: k8s-apiserver-kubelet-tls
#   severity: medium
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--kubelet-certificate-authority`, `--kubelet-client-certificate` and `--kubelet-client-key` in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`); have kubelets ask for certificates with `serverTLSBootstrap:
#     true`.
#   frameworks:
#     cis: [kubernetes/1.2.4, kubernetes/1.2.5]
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
k8s_apiserver_kubelet_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	missing := [flag |
		some flag in ["kubelet-certificate-authority", "kubelet-client-certificate", "kubelet-client-key"]
		static_pod.lacks(server, flag)
	]
	count(missing) > 0
	finding := static_pod.found(server, [], sprintf("%s has no %s", [static_pod.named(server), static_pod.shown(missing)]))
}

k8s_apiserver_kubelet_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"kubelet-certificate-authority", "kubelet-client-certificate", "kubelet-client-key"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_kubelet_tls contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: The API server speaks to etcd without TLS
# description: >-
#   Everything in the cluster goes this way, Secrets too.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#securing-etcd-clusters
# custom:
#   id: k8s-apiserver-etcd-tls
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Set `--etcd-cafile`, `--etcd-certfile` and `--etcd-keyfile`, and `https` in `--etcd-servers`, in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.23, kubernetes/1.2.26]
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
k8s_apiserver_etcd_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	missing := [flag |
		some flag in ["etcd-cafile", "etcd-certfile", "etcd-keyfile"]
		static_pod.lacks(server, flag)
	]
	count(missing) > 0
	finding := static_pod.found(server, [], sprintf("%s has no %s", [static_pod.named(server), static_pod.shown(missing)]))
}

k8s_apiserver_etcd_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	some address in static_pod.names(server, "etcd-servers")
	startswith(address, "http://")
	message := sprintf("%s speaks to etcd at %s", [static_pod.named(server), address])
	finding := static_pod.found(server, ["etcd-servers"], message)
}

k8s_apiserver_etcd_tls contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_apiserver_etcd_tls contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# Suites of TLS 1.2 without forward secrecy or with broken ciphers.
is_weak_suite(name) if regex.match(`_(RC4|3DES|NULL|EXPORT)_|^TLS_RSA_WITH_|_CBC_SHA$`, name)

package keystrel.kubernetes.api_server_tls_test

import data.keystrel.kubernetes.api_server_tls
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
	"--tls-cert-file=/pki/apiserver.crt", "--tls-private-key-file=/pki/apiserver.key", "--client-ca-file=/pki/ca.crt",
	"--tls-min-version=VersionTLS12", "--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"--kubelet-certificate-authority=/pki/ca.crt", "--kubelet-client-certificate=/pki/k.crt", "--kubelet-client-key=/pki/k.key",
	"--etcd-cafile=/pki/e.crt", "--etcd-certfile=/pki/e.crt", "--etcd-keyfile=/pki/e.key", "--etcd-servers=https://127.0.0.1:2379",
]

# What each control says.
said := {
	"tls": api_server_tls.k8s_apiserver_tls,
	"kubelet_tls": api_server_tls.k8s_apiserver_kubelet_tls,
	"etcd_tls": api_server_tls.k8s_apiserver_etcd_tls,
}

test_all_is_fine if {
	found := said with input as with_flags(good)
	every control, findings in found {
		control != ""
		count(findings) == 0
	}
}

test_tls if {
	found := api_server_tls.k8s_apiserver_tls with input as with_flags([])
	message := "kube-apiserver-n1 has no --tls-cert-file, --tls-private-key-file, --client-ca-file"
	found == {{"fact": "cluster", "message": message}}
	weak := array.concat(good, ["--tls-min-version=VersionTLS10", "--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA"])
	more := api_server_tls.k8s_apiserver_tls with input as with_flags(weak)
	{finding.message | some finding in more} == {
		"kube-apiserver-n1 accepts VersionTLS10",
		"kube-apiserver-n1 accepts weak ciphers: TLS_RSA_WITH_AES_128_CBC_SHA",
	}
}

test_tls_by_names if {
	found := api_server_tls.k8s_apiserver_tls with input as with_flags(["--tls-sni-cert-key=/a,/b", "--client-ca-file=/c"])
	count(found) == 0
}

test_kubelets if {
	found := api_server_tls.k8s_apiserver_kubelet_tls with input as with_flags(["--kubelet-client-certificate=/a", "--kubelet-client-key=/b"])
	found == {{"fact": "cluster", "message": "kube-apiserver-n1 has no --kubelet-certificate-authority"}}
}

test_etcd if {
	found := api_server_tls.k8s_apiserver_etcd_tls with input as with_flags(array.concat(good, ["--etcd-servers=http://10.0.0.1:2379"]))
	found == {{"fact": "cluster", "message": "kube-apiserver-n1 speaks to etcd at http://10.0.0.1:2379"}}
	none := api_server_tls.k8s_apiserver_etcd_tls with input as with_flags([])
	none == {{"fact": "cluster", "message": "kube-apiserver-n1 has no --etcd-cafile, --etcd-certfile, --etcd-keyfile"}}
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

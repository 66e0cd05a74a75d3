package keystrel.kubernetes.kubelet_config_test

import data.keystrel.kubernetes.kubelet_config

found(document) := findings if {
	fact := {"kind": "k8s_object", "id": "f", "object_kind": "KubeletConfiguration", "name": null, "object": document}
	findings := kubelet_config.k8s_kubelet_no_rotation with input as {"facts": [fact]}
}

test_no_rotation_is_found if {
	found({"rotateCertificates": false}) == {{
		"fact": "f",
		"path": ["object", "rotateCertificates"],
		"message": "the kubelet keeps its certificate until it ends",
	}}
}

# What kubeadm writes, and what kubelets are told otherwise.
test_rotation_is_fine if {
	found({"rotateCertificates": true}) == set()
	found({}) == set()
}

test_what_was_not_read_is_unknown if {
	some finding in found(null)
	finding.unknown
}

test_server_certificates if {
	found({"featureGates": {"RotateKubeletServerCertificate": false}}) == {{
		"fact": "f",
		"path": ["object", "featureGates", "RotateKubeletServerCertificate"],
		"message": "the kubelet keeps its server certificate until it ends",
	}}
	found({"featureGates": {"RotateKubeletServerCertificate": true}}) == set()
}

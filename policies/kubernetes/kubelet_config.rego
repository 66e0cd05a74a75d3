# METADATA
# title: Configurations of kubelets
package keystrel.kubernetes.kubelet_config

import data.keystrel.lib.kubernetes

# METADATA
# title: A kubelet keeps its certificate until it ends
# description: >-
#   The certificate by which a kubelet logs in is not renewed. Whoever has a copy of its key is the node for as long, and the node is
#   lost when it ends.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
# - ref: https://kubernetes.io/docs/tasks/tls/certificate-rotation/
# custom:
#   id: k8s-kubelet-no-rotation
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [KubeletConfiguration]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `rotateCertificates: true`.
#   frameworks:
#     cis: [kubernetes/4.2.10]
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.7.2"]
k8s_kubelet_no_rotation contains finding if {
	some config in kubernetes.objects("KubeletConfiguration")
	config.object.rotateCertificates == false
	finding := {
		"fact": config.id,
		"path": ["object", "rotateCertificates"],
		"message": "the kubelet keeps its certificate until it ends",
	}
}

k8s_kubelet_no_rotation contains finding if {
	some config in kubernetes.objects("KubeletConfiguration")
	kubernetes.field(config, ["featureGates", "RotateKubeletServerCertificate"], null) == false
	finding := {
		"fact": config.id,
		"path": ["object", "featureGates", "RotateKubeletServerCertificate"],
		"message": "the kubelet keeps its server certificate until it ends",
	}
}

k8s_kubelet_no_rotation contains finding if {
	some config in kubernetes.objects("KubeletConfiguration")
	not is_object(object.get(config, "object", null))
	finding := {"fact": config.id, "unknown": "the configuration could not be read"}
}

# METADATA
# title: Secrets Store CSI driver
package keystrel.kubernetes.csi

import data.keystrel.lib.kubernetes

# METADATA
# title: A provider class copies outside secrets to Secrets
# description: >-
#   The copy lies in etcd, is read by whoever may read Secrets, and makes the mount from outside pointless.
# related_resources:
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/topics/best-practices
# custom:
#   id: k8s-csi-sync-k8s-secret
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [SecretProviderClass]}
#   needs: [k8s_object]
#   remediation: >-
#     Read the mounted files, and take `secretObjects` out.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["5.1"]
k8s_csi_sync_k8s_secret contains finding if {
	some fact in kubernetes.objects_of({"SecretProviderClass"})
	count(kubernetes.list(kubernetes.spec(fact), "secretObjects")) > 0
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "secretObjects"],
		"message": sprintf("%s copies outside secrets to Secrets of the cluster", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: A provider class uses the identity of the node
# description: >-
#   All pods of the node have that identity, so each reads the secrets of all others.
# related_resources:
# - ref: https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/identity-access-modes/
# custom:
#   id: k8s-csi-node-identity
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [SecretProviderClass]}
#   needs: [k8s_object]
#   remediation: >-
#     Use workload identity: `usePodIdentity: "false"`, `useVMManagedIdentity: "false"` and the client id of the
#     workload.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_csi_node_identity contains finding if {
	some fact in kubernetes.objects_of({"SecretProviderClass"})
	parameters := object.get(kubernetes.spec(fact), "parameters", {})
	is_object(parameters)
	some name in ["useVMManagedIdentity", "usePodIdentity"]
	object.get(parameters, name, "false") in {"true", true}
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "parameters", name],
		"message": sprintf("%s uses the identity of the node or of a shared pod identity", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: A CSI driver gets tokens for no audience
# description: >-
#   A token without an audience is good for the API server too.
# related_resources:
# - ref: https://kubernetes-csi.github.io/docs/token-requests.html
# custom:
#   id: k8s-csi-driver-token-requests
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [CSIDriver]}
#   needs: [k8s_object]
#   remediation: >-
#     Name the audience of the store in `tokenRequests`.
#   frameworks:
#     nist_800_53: [IA-9]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["2.12"]
k8s_csi_driver_token_requests contains finding if {
	some fact in kubernetes.objects_of({"CSIDriver"})
	some at, request in kubernetes.list(kubernetes.spec(fact), "tokenRequests")
	is_object(request)
	object.get(request, "audience", "") == ""
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "tokenRequests", at],
		"message": sprintf("%s gets tokens that are for no audience", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: Secrets, and the operators that make them
package keystrel.kubernetes.operators

import data.keystrel.lib.kubernetes

# METADATA
# title: A secret of Vault is not renewed by time
# description: >-
#   Without `refreshAfter` a change in Vault is not seen, unless events are switched on.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference
# custom:
#   id: k8s-vso-refresh
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [VaultStaticSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `refreshAfter: 1h` or less.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_vso_refresh contains finding if {
	some fact in kubernetes.objects_of({"VaultStaticSecret"})
	object.get(kubernetes.spec(fact), "refreshAfter", "") == ""
	object.get(kubernetes.spec(fact), ["syncConfig", "instantUpdates"], false) != true
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "refreshAfter"],
		"message": sprintf("%s is not renewed by time", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: Changes of a Secret by others are not noticed
# description: >-
#   Without the digest the operator does not see that somebody changed the Secret that it wrote.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference
# custom:
#   id: k8s-vso-hmac-off
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [VaultStaticSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Take `hmacSecretData: false` out.
#   frameworks:
#     nist_800_53: [SI-7]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [CCC-07]
k8s_vso_hmac_off contains finding if {
	some fact in kubernetes.objects_of({"VaultStaticSecret"})
	kubernetes.spec(fact).hmacSecretData == false
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "hmacSecretData"],
		"message": sprintf("%s does not notice when others change its Secret", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: Manifests are decrypted with a key that lies in the cluster
# description: >-
#   Whoever reads that Secret decrypts all secrets in the repository, also those of its history.
# related_resources:
# - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption
# custom:
#   id: k8s-sops-age-key
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Kustomization]}
#   needs: [k8s_object]
#   remediation: >-
#     Decrypt with a KMS by workload identity.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["6.2"]
k8s_sops_age_key contains finding if {
	some fact in kubernetes.objects_of({"Kustomization"})
	name := object.get(kubernetes.spec(fact), ["decryption", "secretRef", "name"], "")
	is_string(name)
	name != ""
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "decryption", "secretRef"],
		"message": sprintf("%s decrypts with the key in Secret %s", [kubernetes.named(fact), name]),
	}
}

# METADATA
# title: A token of a service account never expires
# description: >-
#   Such a Secret is a token that is good until it is deleted. Tokens of the TokenRequest API expire, and are
#   bound to a pod.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
# custom:
#   id: k8s-secret-legacy-sa-token
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   remediation: >-
#     Use a projected volume, or `kubectl create token`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["6.2"]
k8s_secret_legacy_sa_token contains finding if {
	some fact in kubernetes.objects_of({"Secret"})
	kubernetes.field(fact, ["type"], "") == "kubernetes.io/service-account-token"
	finding := {
		"fact": fact.id,
		"path": ["object", "type"],
		"message": sprintf("%s is a token that never expires", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: The values of a Secret are in its annotations too
# description: >-
#   `kubectl apply` copies the manifest to an annotation, which is shown where values are not.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-secret-last-applied
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   remediation: >-
#     Use `kubectl apply --server-side`, and take the annotation off.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
k8s_secret_last_applied contains finding if {
	some fact in kubernetes.objects_of({"Secret"})
	annotations := kubernetes.field(fact, ["metadata", "annotations"], {})
	is_object(annotations)
	object.get(annotations, "kubectl.kubernetes.io/last-applied-configuration", null) != null
	finding := {
		"fact": fact.id,
		"path": ["object", "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"],
		"message": sprintf("%s has its values in an annotation too", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: Manifests of Secrets
package keystrel.kubernetes.secret_manifest

import data.keystrel.lib.kubernetes

# METADATA
# title: A manifest of a Secret has its values in clear
# description: >-
#   The values of a Secret are encoded in base64, not encrypted: whoever reads the file has them, and so does everybody who ever
#   had a copy of the repository.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: secret-manifest-in-clear
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   remediation: >-
#     Rotate the values. Keep in files what is encrypted or a reference alone: SOPS, SealedSecret, ExternalSecret.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
secret_manifest_in_clear contains finding if {
	some manifest in manifests
	paths := [kubernetes.shown(secret.path) | some secret in kubernetes.secrets(manifest)]
	count(paths) > 0
	finding := {
		"fact": manifest.id,
		"path": kubernetes.within(shown_first(kubernetes.secrets(manifest)).path),
		"message": sprintf("%s is in clear: %s", [kubernetes.named(manifest), concat(", ", sort(paths))]),
	}
}

secret_manifest_in_clear contains finding if {
	some manifest in manifests
	not kubernetes.secrets(manifest)
	finding := {"fact": manifest.id, "unknown": "its values were not judged"}
}

secret_manifest_in_clear contains finding if {
	input.source != "files"
	some fact in kubernetes.objects("Secret")
	finding := {"fact": fact.id, "not_applicable": "it is in a cluster, and no manifest"}
}

# The one that the finding is shown at: the first that detection knows too, so that both are told as one.
shown_first(secrets) := known[0] if {
	known := [secret | some secret in secrets; is_string(object.get(secret, "confidence", null))]
	count(known) > 0
} else := secrets[0]

# Secrets in files that are not encrypted by SOPS.
manifests := {fact |
	input.source == "files"
	some fact in kubernetes.objects("Secret")
	not fact.object.sops.mac
}

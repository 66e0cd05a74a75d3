# METADATA
# title: ConfigMaps
package keystrel.kubernetes.config_map

import data.keystrel.lib.confidence
import data.keystrel.lib.kubernetes

# METADATA
# title: A ConfigMap holds a secret
# description: >-
#   ConfigMaps are for what everybody may read: they are not encrypted at rest, more roles may read them than Secrets, and
#   tools print them.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/configmap/
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: configmap-secret
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [ConfigMap]}
#   needs: [k8s_object]
#   threshold: likely
#   remediation: Rotate the value, move it to a Secret or an external store, and leave the rest in the ConfigMap.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
configmap_secret contains finding if {
	some config_map in kubernetes.objects("ConfigMap")
	some secret in kubernetes.secrets(config_map)
	confidence.at_least(object.get(secret, "confidence", null), data.params["configmap-secret"].threshold)
	finding := {
		"fact": config_map.id,
		"path": kubernetes.within(secret.path),
		"message": sprintf("%s holds a secret at %s", [kubernetes.named(config_map), kubernetes.shown(secret.path)]),
	}
}

configmap_secret contains finding if {
	some config_map in kubernetes.objects("ConfigMap")
	not kubernetes.secrets(config_map)
	finding := {"fact": config_map.id, "unknown": "its values were not judged"}
}

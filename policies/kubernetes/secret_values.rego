# METADATA
# title: What values of Secrets tell
package keystrel.kubernetes.secret_values

import data.keystrel.lib.facts

# METADATA
# title: A value of a Secret is easy to guess
# description: >-
#   Short values, defaults, and values that are their own name are what attackers try first.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-secret-weak-value
#   severity: medium
#   subject: k8s_secret_value
#   needs: [k8s_secret_value]
#   threshold: 16
#   remediation: >-
#     Have it generated where it is issued, and rotate it: `openssl rand -base64 32`. The threshold is the least
#     number of characters.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.1"]
k8s_secret_weak_value contains finding if {
	some fact in facts.of("k8s_secret_value")
	fact.type in {"Opaque", "kubernetes.io/basic-auth"}
	some value in values(fact)
	is_credential(value.key)
	why := weakness(value)
	finding := {"fact": fact.id, "message": sprintf("value of %s %s", [value.key, why])}
}

weakness(value) := "is its own name" if {
	value.equals_name == true
} else := "is a common password" if {
	value.is_common == true
} else := sprintf("has %d characters, of at least %v", [value.length, data.params["k8s-secret-weak-value"].threshold]) if {
	is_number(value.length)
	value.length > 0
	value.length < data.params["k8s-secret-weak-value"].threshold
}

# METADATA
# title: One registry password is in many namespaces
# description: >-
#   Whoever reads one of them pulls, and perhaps pushes, the images of all, and to rotate it all have to be written.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
# custom:
#   id: k8s-secret-dockerconfig-plain
#   severity: medium
#   subject: k8s_secret_value
#   where: {type: [kubernetes.io/dockerconfigjson, kubernetes.io/dockercfg]}
#   needs: [k8s_secret_value]
#   threshold: 3
#   remediation: >-
#     Use the workload identity of nodes or a credential provider of the kubelet; else a token for each namespace that
#     only pulls. The threshold is in how many namespaces it may be.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-13]
#     owasp_secrets: ["2.3"]
k8s_secret_dockerconfig_plain contains finding if {
	some fact in facts.of("k8s_secret_value")
	fact.type in {"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"}
	namespaces := {other.namespace | some other in same(fact)} | {fact.namespace}
	count(namespaces) > data.params["k8s-secret-dockerconfig-plain"].threshold
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"the same registry password is in %d namespaces: %s",
			[count(namespaces), concat(", ", sort(namespaces))],
		),
	}
}

same(fact) := {other | some other in fact.same_in; is_object(other)} if is_array(fact.same_in)

# METADATA
# title: A release of Helm holds a credential
# description: >-
#   Helm keeps the values of every release, compressed and not encrypted, in a Secret that all who use Helm in the
#   namespace read.
# related_resources:
# - ref: https://helm.sh/docs/topics/advanced/#storage-backends
# custom:
#   id: k8s-secret-helm-release
#   severity: medium
#   subject: k8s_secret_value
#   where: {type: [helm.sh/release.v1]}
#   needs: [k8s_secret_value]
#   remediation: >-
#     Rotate the credential, pass the name of a Secret (`existingSecret`) instead of the value, and remove old
#     revisions: `helm upgrade --history-max`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
k8s_secret_helm_release contains finding if {
	some fact in facts.of("k8s_secret_value")
	fact.type == "helm.sh/release.v1"
	is_array(fact.rules)
	count(fact.rules) > 0
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"the release holds secrets: %s",
			[concat(", ", sort({rule | some rule in fact.rules; is_string(rule)}))],
		),
	}
}

k8s_secret_helm_release contains finding if {
	some fact in facts.of("k8s_secret_value")
	fact.type == "helm.sh/release.v1"
	not is_array(fact.rules)
	finding := {"fact": fact.id, "unknown": "the release could not be read"}
}

values(fact) := {value | some value in fact.values; is_object(value)} if is_array(fact.values)

# Names of keys that stand for credentials, not for what goes with them.
is_credential(key) if {
	is_string(key)
	regex.match(`(?i)(pass(word|wd|phrase)?|pwd|secret|token|api[-_.]?key|private[-_.]?key|credential)`, key)
	not regex.match(`(?i)([-_.](id|name|url|uri|file|path|type|ttl)|(id|name|url|uri|file|path|type|ttl)$)`, key)
}

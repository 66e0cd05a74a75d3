# METADATA
# title: How Secrets are kept
package keystrel.kubernetes.secret_care

import data.keystrel.lib.age
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.secret_refs

# METADATA
# title: A Secret was not changed for long
# description: >-
#   The longer a credential stays the same, the more copies of it there are. The cluster tells when somebody last
#   wrote the data, not when the value changed, so that this is a hint, and a late one.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-secret-age
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   threshold: 90
#   remediation: >-
#     Rotate the credential where it was issued, then write it: `kubectl create secret generic NAME --from-file=...
#     --dry-run=client -o yaml | kubectl apply --server-side -f -`. Better, have an operator fetch it from a store
#     that rotates it. The threshold is in days.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_secret_age contains finding if {
	some secret in kept
	kubernetes.field(secret, ["type"], "") != "kubernetes.io/tls"
	since := live.data_changed(secret)
	age.older_than(since, data.params["k8s-secret-age"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s was last written %s ago, of at most %v",
			[kubernetes.named(secret), age.show_days(age.days_since(since)), data.params["k8s-secret-age"].threshold],
		),
	}
}

k8s_secret_age contains finding if {
	some secret in kept
	not live.data_changed(secret)
	finding := {"fact": secret.id, "unknown": "the cluster does not say when it was written"}
}

# METADATA
# title: Nothing refers to a Secret
# description: >-
#   A credential that nobody needs can only be stolen. Programs that read Secrets through the API do not show, nor do
#   objects of operators that keystrel does not know; where a role names a Secret, it counts as used.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-secret-unused
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object, k8s_cluster]
#   threshold: 30
#   remediation: >-
#     Make sure that nobody reads it (the audit log tells), revoke the credential where it was issued, and delete it:
#     `kubectl delete secret NAME -n NAMESPACE`. The threshold is how many days old it must be.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
k8s_secret_unused contains finding if {
	referrers_are_complete
	some secret in apparently_unused
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"nothing refers to %s, which is %s old",
			[kubernetes.named(secret), age.show_days(age.days_since(live.created(secret)))],
		),
	}
}

k8s_secret_unused contains finding if {
	not referrers_are_complete
	some secret in apparently_unused
	finding := {"fact": secret.id, "unknown": "not all objects that may refer to it could be read"}
}

apparently_unused := {secret |
	some secret in kept
	not live.is_owned(secret)
	not secret_refs.is_referred(secret.namespace, secret.name)
	not live.labels(secret)["sealedsecrets.bitnami.com/sealed-secrets-key"]
	age.older_than(live.created(secret), data.params["k8s-secret-unused"].threshold)
}

referrers_are_complete if {
	count(data.keystrel.lib.live.limits) == 0
	every gap in object.get(input, "gaps", []) {
		split(gap.needs, ":")[0] != "k8s_object"
	}
}

# METADATA
# title: A Secret is in the default namespace
# description: >-
#   What is in `default` is there because nobody chose: tools and people work in it, and roles for it are wide.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
# custom:
#   id: k8s-secret-default-namespace
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   remediation: >-
#     Make it anew in the namespace of its program, and delete it here: `kubectl delete secret NAME -n default`.
k8s_secret_default_namespace contains finding if {
	some secret in kept
	secret.namespace == "default"
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is in the default namespace", [kubernetes.named(secret)]),
	}
}

# METADATA
# title: Nobody answers for a Secret
# description: >-
#   When a credential leaks, somebody has to know what it opens and who replaces it.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-secret-owner
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   threshold: [owner, team, app.kubernetes.io/managed-by, app.kubernetes.io/part-of, app.kubernetes.io/instance, helm.sh/chart, meta.helm.sh/release-name, argocd.argoproj.io/instance]
#   remediation: >-
#     Label it: `kubectl label secret NAME -n NAMESPACE owner=TEAM`. The threshold lists labels and annotations that
#     name one; `ownerReferences` do too.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
k8s_secret_owner contains finding if {
	some secret in kept
	not live.is_owned(secret)
	not names_owner(secret)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has no label or annotation that names an owner", [kubernetes.named(secret)]),
	}
}

names_owner(secret) if {
	some name in data.params["k8s-secret-owner"].threshold
	value := object.get(live.labels(secret), name, object.get(live.annotations(secret), name, ""))
	is_string(value)
	value != ""
}

# METADATA
# title: A Secret whose name tells its content can be changed
# description: >-
#   Names with a hash of the content promise that another content has another name. `immutable` keeps that promise,
#   and spares the API server the watches.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable
# custom:
#   id: k8s-secret-immutable
#   severity: info
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `immutable: true`; in Kustomize `generatorOptions.immutable: true`.
k8s_secret_immutable contains finding if {
	some secret in hashed
	said := managed(secret)
	count(said) > 0
	not "immutable" in said
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s has the hash of its content in its name and is not immutable",
			[kubernetes.named(secret)],
		),
	}
}

k8s_secret_immutable contains finding if {
	some secret in hashed
	count(managed(secret)) == 0
	finding := {"fact": secret.id, "unknown": "whether it is immutable could not be read"}
}

# The names of the fields that somebody set: lists of Secrets do not tell `immutable`, but who set it.
managed(secret) := {field |
	some entry in kubernetes.list(kubernetes.field(secret, ["metadata"], {}), "managedFields")
	is_object(entry)
	some field in kubernetes.list(entry, "fields")
}

# The alphabet of Kustomize's hashes has no vowels and nothing that is taken for another.
hashed := {secret |
	some secret in kept
	is_string(secret.name)
	regex.match(`-[bcdfghkmt2456789]{10}$`, secret.name)
}

# Secrets that people keep: not those that the cluster, Helm or service accounts make.
kept := {secret |
	some secret in live.objects("Secret")
	not live.is_system(secret.namespace)
	not kubernetes.field(secret, ["type"], "") in {"kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "helm.sh/release.v1"}
}

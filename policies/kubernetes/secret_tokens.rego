# METADATA
# title: Secrets that are tokens of the cluster itself
package keystrel.kubernetes.secret_tokens

import data.keystrel.lib.age
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live

# METADATA
# title: A token that never expires is not used
# description: >-
#   Tokens in Secrets are good until somebody deletes them. The API server notes the day on which each was last used,
#   and marks as invalid what was not used for a year.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# - ref: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-legacy-token-last-used
# custom:
#   id: k8s-secret-legacy-sa-token-unused
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   threshold: 30
#   remediation: >-
#     Delete it: `kubectl delete secret NAME -n NAMESPACE`. The threshold is in days.
#   frameworks:
#     nist_800_53: [AC-2(3)]
#     soc2: [CC6.2, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-07]
#     owasp_secrets: ["2.7.3"]
k8s_secret_legacy_sa_token_unused contains finding if {
	some secret in tokens
	object.get(live.labels(secret), "kubernetes.io/legacy-token-invalid-since", null) != null
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s is a token that was not used for so long that it is invalid by now",
			[kubernetes.named(secret)],
		),
	}
}

k8s_secret_legacy_sa_token_unused contains finding if {
	some secret in tokens
	object.get(live.labels(secret), "kubernetes.io/legacy-token-invalid-since", null) == null
	last := day(object.get(live.labels(secret), "kubernetes.io/legacy-token-last-used", null))
	age.older_than(last, data.params["k8s-secret-legacy-sa-token-unused"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s is a token that was last used %s ago",
			[kubernetes.named(secret), age.show_days(age.days_since(last))],
		),
	}
}

# Without the label it was not used since the API server began to note it.
k8s_secret_legacy_sa_token_unused contains finding if {
	some secret in unlabelled
	age.older_than(max({tracked_since, live.created(secret)}), data.params["k8s-secret-legacy-sa-token-unused"].threshold)
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s is a token that was not used for %s",
			[kubernetes.named(secret), age.show_days(age.days_since(max({tracked_since, live.created(secret)})))],
		),
	}
}

k8s_secret_legacy_sa_token_unused contains finding if {
	some secret in unlabelled
	not tracked_since
	finding := {
		"fact": secret.id,
		"unknown": "the API server does not say since when it notes the use of tokens",
	}
}

k8s_secret_legacy_sa_token_unused contains finding if {
	some secret in kubernetes.objects("Secret")
	not secret in tokens
	finding := {"fact": secret.id, "not_applicable": "it is no token of a service account"}
}

tokens := {secret |
	some secret in live.objects("Secret")
	kubernetes.field(secret, ["type"], "") == "kubernetes.io/service-account-token"
}

unlabelled := {secret |
	some secret in tokens
	object.get(live.labels(secret), "kubernetes.io/legacy-token-invalid-since", null) == null
	not day(object.get(live.labels(secret), "kubernetes.io/legacy-token-last-used", null))
}

tracked_since := since if {
	some map in live.objects("ConfigMap")
	map.namespace == "kube-system"
	map.name == "kube-apiserver-legacy-service-account-token-tracking"
	since := day(kubernetes.field(map, ["data", "since"], null))
}

# METADATA
# title: A bootstrap token lives on
# description: >-
#   Whoever has it joins nodes to the cluster, and a node reads the Secrets of its pods. It is needed for minutes. The
#   controller deletes what has expired: what is there is good, or the controller does not run.
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
# custom:
#   id: k8s-secret-bootstrap-token
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   threshold: 24
#   remediation: >-
#     Delete it (`kubeadm token delete ID`) and make the next one for a while: `kubeadm token create --ttl 1h`. The
#     threshold is in hours.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
k8s_secret_bootstrap_token contains finding if {
	some secret in live.objects("Secret")
	kubernetes.field(secret, ["type"], "") == "bootstrap.kubernetes.io/token"
	hours := floor(age.seconds_since(live.created(secret)) / data.keystrel.lib.age.seconds_per_hour)
	hours > data.params["k8s-secret-bootstrap-token"].threshold
	finding := {
		"fact": secret.id,
		"message": sprintf(
			"%s was made %d hours ago, of at most %v",
			[kubernetes.named(secret), hours, data.params["k8s-secret-bootstrap-token"].threshold],
		),
	}
}

k8s_secret_bootstrap_token contains finding if {
	some secret in live.objects("Secret")
	kubernetes.field(secret, ["type"], "") == "bootstrap.kubernetes.io/token"
	not live.created(secret)
	finding := {"fact": secret.id, "unknown": "the cluster does not say when it was made"}
}

k8s_secret_bootstrap_token contains finding if {
	some secret in kubernetes.objects("Secret")
	kubernetes.field(secret, ["type"], "") != "bootstrap.kubernetes.io/token"
	finding := {"fact": secret.id, "not_applicable": "it is no bootstrap token"}
}

# The time of a day that labels give as `2026-01-31`.
day(text) := sprintf("%sT00:00:00Z", [text]) if {
	is_string(text)
	age.is_time(sprintf("%sT00:00:00Z", [text]))
}

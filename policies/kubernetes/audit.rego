# METADATA
# title: The audit log of the API server
package keystrel.kubernetes.audit

import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes
import data.keystrel.lib.static_pod

# METADATA
# title: The API server writes no audit log
# description: >-
#   Nobody can tell who read which Secret.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
# custom:
#   id: k8s-audit-enabled
#   severity: high
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   remediation: >-
#     Write an audit policy, and set `--audit-policy-file` and `--audit-log-path` or `--audit-webhook-config-file` in
#     its manifest (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
#   frameworks:
#     cis: [kubernetes/1.2.16, kubernetes/3.2.1]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
k8s_audit_enabled contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.lacks(server, "audit-policy-file")
	finding := static_pod.found(server, ["audit-policy-file"], sprintf("%s has no audit policy", [static_pod.named(server)]))
}

k8s_audit_enabled contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.has(server, "audit-policy-file")
	static_pod.lacks(server, "audit-log-path")
	static_pod.lacks(server, "audit-webhook-config-file")
	message := sprintf("%s writes its audit log nowhere", [static_pod.named(server)])
	finding := static_pod.found(server, ["audit-policy-file"], message)
}

k8s_audit_enabled contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"audit-policy-file"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_audit_enabled contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"audit-log-path"})
	static_pod.hides(server, {"audit-webhook-config-file"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_audit_enabled contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

# METADATA
# title: Audit logs are kept for a short time
# description: >-
#   A theft is found after weeks; what tells of it must still be there. A flag that is not set keeps everything.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
# custom:
#   id: k8s-audit-retention
#   severity: medium
#   subject: [k8s_cluster, k8s_control_plane]
#   where: {managed: [false]}
#   needs: [k8s_cluster, k8s_control_plane, k8s_object]
#   threshold: [30, 10, 100]
#   remediation: >-
#     Set `--audit-log-maxage=30`, `--audit-log-maxbackup=10` and `--audit-log-maxsize=100` or more in its manifest
#     (`/etc/kubernetes/manifests/kube-apiserver.yaml`), or send the log elsewhere. The threshold lists least days,
#     files and megabytes.
#   frameworks:
#     cis: [kubernetes/1.2.17, kubernetes/1.2.18, kubernetes/1.2.19]
#     nist_800_53: [AU-11]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-02]
#     owasp_secrets: ["2.6"]
k8s_audit_retention contains finding if {
	some server in static_pod.of("kube-apiserver")
	log := static_pod.value(server, "audit-log-path")
	log != "-"
	some index, flag in ["audit-log-maxage", "audit-log-maxbackup", "audit-log-maxsize"]
	given := static_pod.value(server, flag)
	regex.match(`^[0-9]{1,9}$`, given)
	to_number(given) > 0
	least := data.params["k8s-audit-retention"].threshold[index]
	to_number(given) < least
	message := sprintf("%s has --%s=%s, of at least %v", [static_pod.named(server), flag, given, least])
	finding := static_pod.found(server, [flag], message)
}

k8s_audit_retention contains finding if {
	some server in static_pod.of("kube-apiserver")
	static_pod.hides(server, {"audit-log-path", "audit-log-maxage", "audit-log-maxbackup"})
	finding := {"fact": server.cluster, "unknown": data.keystrel.lib.static_pod.hidden}
}

k8s_audit_retention contains finding if {
	some cluster in static_pod.without("kube-apiserver")
	finding := {"fact": cluster.id, "unknown": static_pod.unseen("kube-apiserver")}
}

k8s_audit_retention contains finding if {
	some server in static_pod.of("kube-apiserver")
	writes_no_file(server)
	finding := {"fact": server.cluster, "not_applicable": "the API server writes no audit log to a file"}
}

writes_no_file(server) if static_pod.lacks(server, "audit-log-path")

writes_no_file(server) if static_pod.value(server, "audit-log-path") == "-"

# METADATA
# title: The audit log misses reads of Secrets, or has their values
# description: >-
#   At level `None` nobody can tell who read a Secret; at `Request` and `RequestResponse` its value is in the log, as
#   are tokens. `Metadata` tells who, what and when.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
# custom:
#   id: k8s-audit-secrets-level
#   severity: high
#   subject: k8s_audit_policy
#   needs: [k8s_audit_policy]
#   remediation: >-
#     Begin the policy with `- level: Metadata` and `resources: [{group: "", resources: [secrets, configmaps,
#     serviceaccounts/token]}, {group: authentication.k8s.io, resources: [tokenreviews]}]`.
#   frameworks:
#     cis: [kubernetes/3.2.2]
#     nist_800_53: [AU-2, AU-12]
#     pci_dss_4: ["10.2.1", "10.2.1.2"]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
#     owasp_secrets: ["2.6"]
k8s_audit_secrets_level contains finding if {
	some policy in facts.of("k8s_audit_policy")
	some thing in watched
	some rule in reached(policy, thing)
	object.get(rule, "level", "") in {"Request", "RequestResponse"}
	finding := {
		"fact": policy.id,
		"path": place_of(policy, rule),
		"message": sprintf("values of %s are written to the audit log, at level %s", [thing.resource, rule.level]),
	}
}

k8s_audit_secrets_level contains finding if {
	some policy in facts.of("k8s_audit_policy")
	rules := reached(policy, secrets)
	count(rules) > 0
	last := rules[count(rules) - 1]
	is_for_all(last, secrets)
	last.level == "None"
	finding := {
		"fact": policy.id,
		"path": place_of(policy, last),
		"message": "reads of Secrets are not written to the audit log",
	}
}

k8s_audit_secrets_level contains finding if {
	some policy in facts.of("k8s_audit_policy")
	not is_decided(policy)
	finding := {
		"fact": policy.id,
		"message": "no rule is for all reads of Secrets: the rest is not written to the audit log",
	}
}

# Components of the cluster read Secrets all the time; people and programs do not go unseen.
k8s_audit_secrets_level contains finding if {
	some policy in facts.of("k8s_audit_policy")
	some rule in reached(policy, secrets)
	rule.level == "None"
	not is_for_all(rule, secrets)
	not is_for_components(rule)
	finding := {
		"fact": policy.id,
		"path": place_of(policy, rule),
		"message": "some reads of Secrets are not written to the audit log",
	}
}

# Where a rule stands, the first of those that say the same.
place_of(policy, rule) := ["rules", min([at | some at, other in kubernetes.list(policy, "rules"); other == rule])]

secrets := {"group": "", "resource": "secrets"}

watched := {
	secrets, {"group": "", "resource": "serviceaccounts/token"},
	{"group": "authentication.k8s.io", "resource": "tokenreviews"},
}

# The rules that requests for a resource come to, in their order, up to the first that is for all of them.
reached(policy, thing) := [rule |
	some index, rule in covering(policy, thing)
	every earlier in array.slice(covering(policy, thing), 0, index) {
		not is_for_all(earlier, thing)
	}
]

covering(policy, thing) := [rule |
	some rule in kubernetes.list(policy, "rules")
	is_object(rule)
	covers(rule, thing)
]

# Without resources a rule is for all, unless it is for other paths.
covers(rule, _) if {
	count(kubernetes.list(rule, "resources")) == 0
	count(kubernetes.list(rule, "nonResourceURLs")) == 0
}

covers(rule, thing) if {
	some entry in kubernetes.list(rule, "resources")
	is_object(entry)
	object.get(entry, "group", "") in {thing.group, null}
	names_resource(kubernetes.list(entry, "resources"), thing.resource)
}

names_resource(names, _) if count(names) == 0

names_resource(names, resource) if {
	some name in names
	name in ({"*", resource} | subresources(resource))
}

subresources(resource) := {sprintf("%s/*", [split(resource, "/")[0]]), sprintf("*/%s", [split(resource, "/")[1]])} if contains(resource, "/")

subresources(resource) := set() if not contains(resource, "/")

# Whether no request for the resource passes the rule by. Of verbs those that read count.
is_for_all(rule, thing) if {
	every field in ["users", "userGroups", "namespaces"] {
		count(kubernetes.list(rule, field)) == 0
	}
	all_verbs(kubernetes.list(rule, "verbs"))
	unnamed(rule, thing)
}

all_verbs(verbs) if count(verbs) == 0

all_verbs(verbs) if count({"get", "list", "watch"} - {verb | some verb in verbs}) == 0

all_verbs(verbs) if "*" in verbs

unnamed(rule, _) if count(kubernetes.list(rule, "resources")) == 0

unnamed(rule, thing) if {
	some entry in kubernetes.list(rule, "resources")
	is_object(entry)
	object.get(entry, "group", "") in {thing.group, null}
	names_resource(kubernetes.list(entry, "resources"), thing.resource)
	count(kubernetes.list(entry, "resourceNames")) == 0
}

is_decided(policy) if {
	some rule in covering(policy, secrets)
	is_for_all(rule, secrets)
}

is_for_components(rule) if {
	names := kubernetes.list(rule, "users")
	groups := kubernetes.list(rule, "userGroups")
	count(names) + count(groups) > 0
	every name in array.concat(names, groups) {
		is_string(name)
		regex.match(`^system:(kube-|node|apiserver$|serviceaccount:kube-system:|serviceaccounts:kube-system$)`, name)
	}
}

# METADATA
# title: Operators of secrets at work
package keystrel.kubernetes.operator_state

import data.keystrel.lib.age
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.secret_refs

# METADATA
# title: An external secret or its store fails
# description: >-
#   The Secret keeps its last value while the store has another, and nobody is told.
# related_resources:
# - ref: https://external-secrets.io/latest/api/externalsecret/
# custom:
#   id: k8s-eso-not-ready
#   severity: high
#   subject: k8s_object
#   where:
#     object_kind: [ExternalSecret, ClusterExternalSecret, SecretStore, ClusterSecretStore, PushSecret]
#   needs: [k8s_object]
#   remediation: >-
#     See why: `kubectl describe externalsecret NAME -n NAMESPACE`, and alert on `externalsecret_status_condition`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_eso_not_ready contains finding if {
	some fact in judged
	ready := condition(fact, "Ready")
	object.get(ready, "status", "") != "True"
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"%s is not ready: %v",
			[kubernetes.named(fact), object.get(ready, "reason", "no reason given")],
		),
	}
}

k8s_eso_not_ready contains finding if {
	some fact in live.objects("ExternalSecret")
	condition(fact, "Ready").status == "True"
	last := kubernetes.field(fact, ["status", "refreshTime"], null)
	interval := age.seconds(kubernetes.field(fact, ["spec", "refreshInterval"], "1h"))
	interval > 0
	not kubernetes.field(fact, ["spec", "refreshPolicy"], "Periodic") in {"CreatedOnce", "OnChange"}
	age.seconds_since(last) > 2 * interval
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"%s was last refreshed at %s, and should be every %s",
			[kubernetes.named(fact), last, age.show_seconds(interval)],
		),
	}
}

k8s_eso_not_ready contains finding if {
	some fact in judged
	not condition(fact, "Ready")
	fact.object_kind != "ClusterExternalSecret"
	finding := {"fact": fact.id, "unknown": "its operator has not said how it is: it may not run"}
}

judged := {fact |
	some kind in ["ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore", "PushSecret"]
	some fact in live.objects(kind)
}

# METADATA
# title: An external secret names a store that does not exist
# description: >-
#   It is never refreshed again, and whoever makes a store of that name decides what the Secret holds.
# related_resources:
# - ref: https://external-secrets.io/latest/api/externalsecret/
# custom:
#   id: k8s-eso-dangling
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret]}
#   needs: [k8s_object, k8s_cluster]
#   remediation: >-
#     Name a store that exists under `secretStoreRef`, or delete the ExternalSecret with its Secret.
k8s_eso_dangling contains finding if {
	some fact in live.objects("ExternalSecret")
	some [kind, name] in stores_of(fact)
	live.complete(lists_of[kind])
	not [kind, store_namespace(kind, fact), name] in stores
	finding := {
		"fact": fact.id,
		"message": sprintf("%s names %s %s, which does not exist", [kubernetes.named(fact), kind, name]),
	}
}

k8s_eso_dangling contains finding if {
	some fact in live.objects("ExternalSecret")
	some [kind, _] in stores_of(fact)
	not live.complete(lists_of[kind])
	finding := {"fact": fact.id, "unknown": "not all stores could be read"}
}

lists_of := {"SecretStore": {"secretstores"}, "ClusterSecretStore": {"clustersecretstores"}}

stores contains [fact.object_kind, store_namespace(fact.object_kind, fact), fact.name] if {
	some fact in (live.objects("SecretStore") | live.objects("ClusterSecretStore"))
}

store_namespace("SecretStore", fact) := kubernetes.namespace(fact)

store_namespace("ClusterSecretStore", _) := ""

# The stores that it reads from: its own, and those of single entries.
stores_of(fact) := {[kind, name] |
	some reference in store_refs(fact)
	is_object(reference)
	kind := object.get(reference, "kind", "SecretStore")
	kind in {"SecretStore", "ClusterSecretStore"}
	name := object.get(reference, "name", null)
	is_string(name)
}

store_refs(fact) := {kubernetes.field(fact, ["spec", "secretStoreRef"], null)} | {object.get(entry, ["sourceRef", "storeRef"], null) |
	some list in ["data", "dataFrom"]
	some entry in kubernetes.list(kubernetes.spec(fact), list)
	is_object(entry)
}

# METADATA
# title: A critical secret comes in whatever version there is
# description: >-
#   A wrong value in the store reaches the cluster by itself. Where changes are approved, the version is part of them.
# related_resources:
# - ref: https://external-secrets.io/latest/api/externalsecret/
# custom:
#   id: k8s-eso-unpinned-version
#   severity: info
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret]}
#   needs: [k8s_object]
#   threshold: [tier=critical]
#   remediation: >-
#     Set `remoteRef.version`. The threshold lists labels, `name=value`, of external secrets for which that is asked.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC8.1]
#     iso27001_2022: [A.8.32]
k8s_eso_unpinned_version contains finding if {
	some fact in kubernetes.objects("ExternalSecret")
	some label in data.params["k8s-eso-unpinned-version"].threshold
	[name, value] := split(label, "=")
	live.labels(fact)[name] == value
	some entry in kubernetes.list(kubernetes.spec(fact), "data")
	is_object(entry)
	object.get(entry, ["remoteRef", "version"], "") == ""
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"%s takes any version of %v",
			[kubernetes.named(fact), object.get(entry, ["remoteRef", "key"], "a secret")],
		),
	}
}

# METADATA
# title: Pods are not started again when Vault changes a secret
# description: >-
#   They take the Secret by environment or `subPath`, which keep the value that they started with; the operator would
#   start them again if it were told which.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference
# custom:
#   id: k8s-vso-no-rollout
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [VaultStaticSecret, VaultDynamicSecret, VaultPKISecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Name them under `rolloutRestartTargets`, or mount the Secret as a directory.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_vso_no_rollout contains finding if {
	some fact in kubernetes.objects_of({"VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"})
	count(kubernetes.list(kubernetes.spec(fact), "rolloutRestartTargets")) == 0
	name := kubernetes.field(fact, ["spec", "destination", "name"], null)
	is_string(name)
	readers := keeping[[kubernetes.namespace(fact), name]]
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"%s does not start %s again, which keeps the old value",
			[kubernetes.named(fact), concat(", ", sort(readers))],
		),
	}
}

k8s_vso_no_rollout contains finding if {
	not data.keystrel.lib.live.workloads_are_complete
	some fact in kubernetes.objects_of({"VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"})
	count(kubernetes.list(kubernetes.spec(fact), "rolloutRestartTargets")) == 0
	finding := {"fact": fact.id, "unknown": "not all workloads could be read"}
}

# Workloads whose pods keep the value that they started with, by namespace and name of the Secret.
keeping[key] contains name if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some reference in secret_refs.of_pods(kubernetes.pod_spec(workload))
	reference.by in {"env", "env-from", "sub-path"}
	key := [kubernetes.namespace(workload), reference.name]
	name := kubernetes.named(workload)
}

# METADATA
# title: Several service accounts log in to Vault with one role
# description: >-
#   Each of them reads what any of them needs, and Vault's audit log does not tell them apart by role.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-role-shared
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   threshold: 1
#   remediation: >-
#     Make a role for each account: `vault write auth/kubernetes/role/NAME bound_service_account_names=NAME
#     bound_service_account_namespaces=NAMESPACE policies=NAME`. The threshold is how many accounts may share a role.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_vai_role_shared contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	role := vault_role(workload)
	sharing := accounts_of[role]
	count(sharing) > data.params["k8s-vai-role-shared"].threshold
	finding := {
		"fact": workload.id,
		"message": sprintf(
			"%s logs in with Vault role %s, as %d service accounts do: %s",
			[kubernetes.named(workload), role, count(sharing), concat(", ", sort(sharing))],
		),
	}
}

k8s_vai_role_shared contains finding if {
	not data.keystrel.lib.live.workloads_are_complete
	some workload in data.keystrel.lib.kubernetes.workloads
	role := vault_role(workload)
	count(accounts_of[role]) <= data.params["k8s-vai-role-shared"].threshold
	finding := {"fact": workload.id, "unknown": "not all workloads could be read"}
}

k8s_vai_role_shared contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	not vault_role(workload)
	finding := {"fact": workload.id, "not_applicable": "no agent of Vault logs in for it"}
}

accounts_of[role] contains name if {
	some workload in data.keystrel.lib.kubernetes.workloads
	role := vault_role(workload)
	name := account_of(workload)
}

# The role of an injected agent; undefined where there is none.
vault_role(workload) := role if {
	annotations := pod_annotations(workload)
	object.get(annotations, "vault.hashicorp.com/agent-inject", "false") in {"true", true}
	role := object.get(annotations, "vault.hashicorp.com/role", null)
	is_string(role)
}

account_of(workload) := sprintf("%s/%s", [kubernetes.namespace(workload), name]) if {
	name := object.get(kubernetes.pod_spec(workload), "serviceAccountName", "default")
	is_string(name)
}

pod_annotations(workload) := found if {
	found := kubernetes.field(workload, annotation_path(workload.object_kind), {})
	is_object(found)
} else := {}

annotation_path("Pod") := ["metadata", "annotations"]

annotation_path("PodTemplate") := ["template", "metadata", "annotations"]

annotation_path("CronJob") := ["spec", "jobTemplate", "spec", "template", "metadata", "annotations"]

annotation_path(kind) := ["spec", "template", "metadata", "annotations"] if kind in data.keystrel.lib.kubernetes.templated

# METADATA
# title: The key of Sealed Secrets was not renewed
# description: >-
#   The controller makes a new key every 30 days. If it does not, one theft of the key opens everything that was ever
#   sealed and committed.
# related_resources:
# - ref: https://github.com/bitnami-labs/sealed-secrets#secret-rotation
# custom:
#   id: k8s-sealedsecrets-key-age
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [Secret]}
#   needs: [k8s_object]
#   threshold: 30
#   remediation: >-
#     Set `--key-renew-period=720h` of the controller, seal the values again with the new key (`kubeseal
#     --re-encrypt`), and rotate them if a key was stolen. The threshold is in days.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
k8s_sealedsecrets_key_age contains finding if {
	some newest in sealing_keys
	every other in sealing_keys {
		live.created(other) <= live.created(newest)
	}
	age.older_than(live.created(newest), data.params["k8s-sealedsecrets-key-age"].threshold)
	finding := {
		"fact": newest.id,
		"message": sprintf(
			"%s is the newest key, and was made %s ago, of at most %v",
			[kubernetes.named(newest), age.show_days(age.days_since(live.created(newest))), data.params["k8s-sealedsecrets-key-age"].threshold],
		),
	}
}

k8s_sealedsecrets_key_age contains finding if {
	some secret in kubernetes.objects("Secret")
	not secret in sealing_keys
	finding := {"fact": secret.id, "not_applicable": "it is no key of Sealed Secrets that is in use"}
}

sealing_keys := {secret |
	some secret in live.objects("Secret")
	live.labels(secret)["sealedsecrets.bitnami.com/sealed-secrets-key"] == "active"
}

condition(fact, type) := found if {
	conditions := kubernetes.field(fact, ["status", "conditions"], [])
	is_array(conditions)
	some found in conditions
	is_object(found)
	found.type == type
}

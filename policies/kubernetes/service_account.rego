# METADATA
# title: Tokens of service accounts
package keystrel.kubernetes.service_account

import data.keystrel.lib.kubernetes
import data.keystrel.lib.static_pod

# METADATA
# title: Pods get a token of the API server without asking
# description: >-
#   Unless the pod or its service account says otherwise, every container finds a token of its service account in a file. Whoever
#   gets into the container can use it, and few programs need one.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   id: service-account-token-automount
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Say `automountServiceAccountToken: false` in the pod's specification or the service account. Where a program needs a token,
#     give it one that is short-lived and for one audience, by a projected volume.
#   frameworks:
#     cis: [kubernetes/5.1.6]
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
service_account_token_automount contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	not static_pod.is_static(workload)
	spec := kubernetes.pod_spec(workload)
	mounts_token(workload, spec)
	finding := {
		"fact": workload.id,
		"path": array.concat(kubernetes.pod_path(workload), ["automountServiceAccountToken"]),
		"message": sprintf("pods of %s get a token of service account %s", [kubernetes.named(workload), account(spec)]),
	}
}

service_account_token_automount contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	not kubernetes.pod_spec(workload)
	finding := {"fact": workload.id, "unknown": "the specification of its pods is not in the document"}
}

# What the pod says wins over what its service account says.
mounts_token(_, spec) if spec.automountServiceAccountToken == true

mounts_token(workload, spec) if {
	object.get(spec, "automountServiceAccountToken", null) == null
	not [kubernetes.namespace(workload), account(spec)] in refusing
}

# Accounts that give no token, once for all workloads.
refusing contains [kubernetes.namespace(fact), fact.name] if {
	some fact in kubernetes.objects("ServiceAccount")
	fact.object.automountServiceAccountToken == false
}

account(spec) := spec.serviceAccountName if is_string(spec.serviceAccountName)

else := object.get(spec, "serviceAccount", "default")

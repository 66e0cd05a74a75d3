# METADATA
# title: Environment of pods
package keystrel.kubernetes.environment

import data.keystrel.lib.kubernetes

# METADATA
# title: A whole Secret is put into the environment
# description: >-
#   `envFrom` gives a container every value of a Secret, also those that are added later. Environments reach child processes,
#   crash reports and debug pages.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# - ref: https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/
# custom:
#   id: env-from-whole-secret
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: Mount the values that the container needs as files, or name each with `valueFrom.secretKeyRef`.
#   frameworks:
#     cis: [kubernetes/5.4.1]
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
env_from_whole_secret contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [path, container] in kubernetes.placed_containers(workload)
	some at, source in kubernetes.list(container, "envFrom")
	name := source.secretRef.name
	finding := {
		"fact": workload.id,
		"path": array.concat(path, ["envFrom", at]),
		"message": sprintf("container %s of %s gets all of Secret %s", [
			object.get(container, "name", "without a name"),
			kubernetes.named(workload),
			name,
		]),
	}
}

env_from_whole_secret contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	not kubernetes.pod_spec(workload)
	finding := {"fact": workload.id, "unknown": "the specification of its pods is not in the document"}
}

# METADATA
# title: Pods and the secrets that they get
package keystrel.kubernetes.pod

import data.keystrel.lib.kubernetes
import data.keystrel.lib.static_pod

# METADATA
# title: A secret comes by an environment variable
# description: >-
#   Variables show in crash dumps, in /proc and in child processes, are printed by many programs, and keep their
#   value until the container starts again.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-pod-secret-env
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Mount the secret as a file, or have the program fetch it with its workload identity.
#   frameworks:
#     cis: [kubernetes/5.4.1]
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["5.1"]
k8s_pod_secret_env contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [path, variable] in kubernetes.placed_variables(workload)
	reference := object.get(variable, ["valueFrom", "secretKeyRef"], null)
	is_object(reference)
	finding := {
		"fact": workload.id,
		"path": path,
		"message": sprintf(
			"%s gets secret %v by variable %v",
			[kubernetes.named(workload), object.get(reference, "name", "without a name"), object.get(variable, "name", "?")],
		),
	}
}

# METADATA
# title: A secret is mounted by subPath
# description: >-
#   A file that is mounted by `subPath` is not renewed when the secret changes: a rotated value is never seen.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: k8s-pod-secret-subpath
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Mount the volume as a directory.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_pod_secret_subpath contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	spec := kubernetes.pod_spec(workload)
	some volume in volumes(spec)
	is_secret(volume)
	some [path, container] in kubernetes.placed_containers(workload)
	some at, mount in kubernetes.list(container, "volumeMounts")
	is_object(mount)
	mount.name == volume.name
	object.get(mount, "subPath", null) != null
	finding := {
		"fact": workload.id,
		"path": array.concat(path, ["volumeMounts", at]),
		"message": sprintf("%s mounts secret volume %v by subPath", [kubernetes.named(workload), volume.name]),
	}
}

# METADATA
# title: Files of a secret are readable by everybody in the container
# description: >-
#   Other users than the one that needs the secret read it too.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: k8s-pod-secret-mode
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Set `defaultMode: 0440` or less, and `fsGroup`.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["5.1"]
k8s_pod_secret_mode contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [path, volume] in kubernetes.placed_volumes(workload)
	reads_everybody(object.get(volume, ["secret", "defaultMode"], 0))
	finding := {
		"fact": workload.id,
		"path": array.concat(path, ["secret", "defaultMode"]),
		"message": sprintf("%s mounts a secret that everybody in the container reads", [kubernetes.named(workload)]),
	}
}

k8s_pod_secret_mode contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	count([volume | some volume in volumes(kubernetes.pod_spec(workload)); is_object(object.get(volume, "secret", null))]) == 0
	finding := {"fact": workload.id, "not_applicable": "it mounts no Secret"}
}

# METADATA
# title: Pods run as the default service account
# description: >-
#   What one workload of the namespace is given all others have as well.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   id: k8s-pod-default-sa
#   severity: info
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Make a service account for the workload and name it.
#   frameworks:
#     cis: [kubernetes/5.1.5]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_pod_default_sa contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	not static_pod.is_static(workload)
	spec := kubernetes.pod_spec(workload)
	object.get(spec, "serviceAccountName", object.get(spec, "serviceAccount", "")) in {"", "default"}
	finding := {
		"fact": workload.id,
		"path": array.concat(kubernetes.pod_path(workload), ["serviceAccountName"]),
		"message": sprintf("pods of %s run as the default service account", [kubernetes.named(workload)]),
	}
}

# METADATA
# title: A projected token lives long
# description: >-
#   A token that is copied from a container is good until it expires.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/storage/projected-volumes/
# custom:
#   id: k8s-sa-token-long
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   threshold: 3600
#   remediation: >-
#     Set `expirationSeconds` to an hour or less: the kubelet renews it in time.
#   frameworks:
#     nist_800_53: [AC-12, IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.5]
#     owasp_secrets: ["2.7.4"]
k8s_sa_token_long contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [path, volume] in kubernetes.placed_volumes(workload)
	sources := object.get(volume, ["projected", "sources"], [])
	is_array(sources)
	some at, source in sources
	is_object(source)
	seconds := object.get(source, ["serviceAccountToken", "expirationSeconds"], 0)
	is_number(seconds)
	seconds > data.params["k8s-sa-token-long"].threshold
	finding := {
		"fact": workload.id,
		"path": array.concat(path, ["projected", "sources", at]),
		"message": sprintf("%s has a token that lives %v seconds", [kubernetes.named(workload), seconds]),
	}
}

# METADATA
# title: Pods mount paths of the node that hold secrets
# description: >-
#   These paths hold the credentials of the kubelet, the secrets of all pods of the node, the keys of the cluster,
#   or the socket that gives all of them.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: k8s-pod-host-path-secrets
#   severity: critical
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Mount nothing of the node, or the one path that is needed, read-only.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_pod_host_path_secrets contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [place, volume] in kubernetes.placed_volumes(workload)
	path := object.get(volume, ["hostPath", "path"], "")
	is_string(path)
	trim_right(path, "/") in {
		"", "/etc", "/etc/kubernetes", "/etc/kubernetes/pki", "/var", "/var/lib", "/var/lib/kubelet", "/var/lib/etcd",
		"/var/run", "/run", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock",
		"/var/run/containerd/containerd.sock", "/run/crio/crio.sock", "/root", "/home",
	}
	path != ""
	finding := {
		"fact": workload.id,
		"path": array.concat(place, ["hostPath", "path"]),
		"message": sprintf("%s mounts %s of the node", [kubernetes.named(workload), path]),
	}
}

# METADATA
# title: Pods mount credential files of the node
# description: >-
#   Such a file opens more than the pod needs, for as long as nobody replaces it.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: k8s-pod-cloud-cred-mount
#   severity: high
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Use the workload identity of the cloud: a role for the service account.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["5.1"]
k8s_pod_cloud_cred_mount contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [place, volume] in kubernetes.placed_volumes(workload)
	path := object.get(volume, ["hostPath", "path"], "")
	is_string(path)
	regex.match(`(^|/)(\.aws|\.azure|\.kube|\.docker|\.ssh|gcloud|azure\.json|credentials(\.json)?)(/|$)`, path)
	finding := {
		"fact": workload.id,
		"path": array.concat(place, ["hostPath", "path"]),
		"message": sprintf("%s mounts %s of the node", [kubernetes.named(workload), path]),
	}
}

# METADATA
# title: A secret is written into a command, argument or annotation
# description: >-
#   Whoever may read the object has it; arguments show in the process table of the node as well.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-pod-literal-secret
#   severity: critical
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Rotate the value. Pass the name of a file that is mounted from a secret.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
k8s_pod_literal_secret contains finding if {
	some fact in data.keystrel.lib.kubernetes.workloads
	some secret in kubernetes.secrets(fact)
	is_array(secret.path)
	some step in secret.path
	step in {"args", "command", "annotations"}
	finding := {
		"fact": fact.id,
		"path": kubernetes.within(secret.path),
		"message": sprintf("%s holds a secret at %s", [kubernetes.named(fact), kubernetes.shown(secret.path)]),
	}
}

# The volumes of a pod that have a name.
volumes(spec) := {volume |
	some volume in kubernetes.list(spec, "volumes")
	is_object(volume)
	is_string(volume.name)
}

# Whether a mode of files lets everybody read.
reads_everybody(mode) if {
	is_number(mode)
	floor(mode) == mode
	mode >= 0
	bits.and(mode, 4) != 0
}

# Octal numbers begin with a zero, which facts keep as it is written.
reads_everybody(mode) if {
	is_string(mode)
	regex.match(`^0o?[0-7]*[4-7]$`, mode)
}

is_secret(volume) if is_object(volume.secret)

is_secret(volume) if is_object(volume.csi)

is_secret(volume) if {
	sources := object.get(volume, ["projected", "sources"], [])
	is_array(sources)
	some source in sources
	is_object(source)
	is_object(source.secret)
}

# METADATA
# title: Pods and the Secrets that they refer to
package keystrel.kubernetes.secret_references

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.secret_refs

# METADATA
# title: Something refers to a Secret that does not exist
# description: >-
#   Pods do not start, and whoever may make a Secret of that name decides what they get.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: k8s-secret-missing-ref
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Ingress, Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Make the Secret, correct the name or key, or take the reference out.
k8s_secret_missing_ref contains finding if {
	live.complete({"secrets"})
	some workload in data.keystrel.lib.live.workloads
	some reference in secret_refs.of_pods(kubernetes.pod_spec(workload))
	not reference.optional
	not known[[kubernetes.namespace(workload), reference.name]]
	finding := {
		"fact": workload.id,
		"message": sprintf("%s refers to Secret %s, which does not exist", [kubernetes.named(workload), reference.name]),
	}
}

k8s_secret_missing_ref contains finding if {
	live.complete({"secrets"})
	some workload in data.keystrel.lib.live.workloads
	some reference in secret_refs.of_pods(kubernetes.pod_spec(workload))
	not reference.optional
	is_string(reference.key)
	some secret in known[[kubernetes.namespace(workload), reference.name]]
	keys := kubernetes.field(secret, ["keys"], null)
	is_array(keys)
	not reference.key in keys
	finding := {
		"fact": workload.id,
		"message": sprintf(
			"%s refers to key %s of Secret %s, which has no such key",
			[kubernetes.named(workload), reference.key, reference.name],
		),
	}
}

k8s_secret_missing_ref contains finding if {
	live.complete({"secrets"})
	some ingress in live.objects("Ingress")
	some entry in kubernetes.list(kubernetes.spec(ingress), "tls")
	is_object(entry)
	is_string(entry.secretName)
	not known[[kubernetes.namespace(ingress), entry.secretName]]
	finding := {
		"fact": ingress.id,
		"message": sprintf("%s refers to Secret %s, which does not exist", [kubernetes.named(ingress), entry.secretName]),
	}
}

k8s_secret_missing_ref contains finding if {
	not live.complete({"secrets"})
	some fact in (data.keystrel.lib.live.workloads | live.objects("Ingress"))
	needs_secret(fact)
	finding := {"fact": fact.id, "unknown": "not all Secrets could be read"}
}

needs_secret(fact) if {
	some reference in secret_refs.of_pods(kubernetes.pod_spec(fact))
	not reference.optional
}

needs_secret(fact) if {
	fact.object_kind == "Ingress"
	count(kubernetes.list(kubernetes.spec(fact), "tls")) > 0
}

# METADATA
# title: A missing Secret goes unnoticed
# description: >-
#   With `optional: true` the container starts without the value, and finds out later, or falls back to a default.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: k8s-secret-optional-swallow
#   severity: info
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Take `optional: true` out where the program needs the value.
k8s_secret_optional_swallow contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some [path, source, field] in sources(workload)
	is_object(source)
	source.optional == true
	is_string(source[field])
	finding := {
		"fact": workload.id,
		"path": array.concat(path, ["optional"]),
		"message": sprintf("%s starts without Secret %s if it is missing", [kubernetes.named(workload), source[field]]),
	}
}

# Where a workload names Secrets, what stands there, and the field of the name.
sources(workload) := ((of_variables(workload) | of_environments(workload)) | of_volumes(workload)) | of_projections(workload)

of_variables(workload) := {[array.concat(path, ["valueFrom", "secretKeyRef"]), source, "name"] |
	some [path, variable] in kubernetes.placed_variables(workload)
	source := object.get(variable, ["valueFrom", "secretKeyRef"], null)
}

of_environments(workload) := {[array.concat(path, ["envFrom", at, "secretRef"]), source, "name"] |
	some [path, container] in kubernetes.placed_containers(workload)
	some at, entry in kubernetes.list(container, "envFrom")
	is_object(entry)
	source := object.get(entry, "secretRef", null)
}

of_volumes(workload) := {[array.concat(path, ["secret"]), source, "secretName"] |
	some [path, volume] in kubernetes.placed_volumes(workload)
	source := object.get(volume, "secret", null)
}

of_projections(workload) := {[array.concat(path, ["projected", "sources", at, "secret"]), source, "name"] |
	some [path, volume] in kubernetes.placed_volumes(workload)
	some at, entry in kubernetes.list(object.get(volume, "projected", {}), "sources")
	is_object(entry)
	source := object.get(entry, "secret", null)
}

# METADATA
# title: A container gets all keys of a Secret
# description: >-
#   It gets what it does not need, and what is added later. Told of Secrets that have several keys; of `envFrom` there
#   is a control of its own.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: k8s-pod-all-secrets
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Name the keys under `items`, or split the Secret.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_pod_all_secrets contains finding if {
	some workload in data.keystrel.lib.live.workloads
	some reference in secret_refs.of_pods(kubernetes.pod_spec(workload))
	reference.by in {"volume", "projected"}
	reference.key == null
	some secret in known[[kubernetes.namespace(workload), reference.name]]
	keys := kubernetes.field(secret, ["data_count"], null)
	is_number(keys)
	keys > 1
	not kubernetes.field(secret, ["type"], "") in whole
	finding := {
		"fact": workload.id,
		"message": sprintf("%s mounts all %d keys of Secret %s", [kubernetes.named(workload), keys, reference.name]),
	}
}

k8s_pod_all_secrets contains finding if {
	not live.complete({"secrets"})
	some workload in data.keystrel.lib.live.workloads
	some reference in secret_refs.of_pods(kubernetes.pod_spec(workload))
	reference.by in {"volume", "projected"}
	reference.key == null
	not known[[kubernetes.namespace(workload), reference.name]]
	finding := {"fact": workload.id, "unknown": sprintf("Secret %s could not be read", [reference.name])}
}

# Types whose keys belong together.
whole := {"kubernetes.io/tls", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"}

# METADATA
# title: A pod runs with an older value of a Secret
# description: >-
#   Variables of the environment and files mounted by `subPath` keep the value that the container started with: a
#   rotated credential is not seen until it is revoked. The cluster tells when the data was written, not whether the
#   value changed.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: k8s-pod-stale-secret
#   severity: medium
#   subject: k8s_pod
#   needs: [k8s_pod, k8s_object]
#   remediation: >-
#     Start the pods again: `kubectl rollout restart deployment NAME`. Mount the Secret as a directory, so that it is
#     renewed.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_pod_stale_secret contains finding if {
	some [pod, container, name] in fixed
	some secret in known[[pod.namespace, name]]
	written := live.data_changed(secret)
	time.parse_rfc3339_ns(container.startedAt) < time.parse_rfc3339_ns(written)
	finding := {
		"fact": pod.id,
		"message": sprintf(
			"container %s runs since before Secret %s was written, on %s",
			[container.name, name, substring(written, 0, 10)],
		),
	}
}

k8s_pod_stale_secret contains finding if {
	some [pod, _, name] in fixed
	some secret in known[[pod.namespace, name]]
	not live.data_changed(secret)
	finding := {"fact": pod.id, "unknown": sprintf("when Secret %s was written could not be read", [name])}
}

k8s_pod_stale_secret contains finding if {
	not live.complete({"secrets"})
	some [pod, _, name] in fixed
	not known[[pod.namespace, name]]
	finding := {"fact": pod.id, "unknown": sprintf("Secret %s could not be read", [name])}
}

# What running containers took from Secrets when they started.
fixed contains [pod, container, name] if {
	some pod in facts.of("k8s_pod")
	some container in kubernetes.list(pod, "containers")
	is_object(container)
	age.is_time(object.get(container, "startedAt", null))
	some name in kubernetes.list(container, "fixed_secrets")
}

# METADATA
# title: A private image is pulled without a credential of its own
# description: >-
#   The image comes by the credentials of the node, which every pod on it has, or it does not come at all.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry
# custom:
#   id: k8s-pod-imagepull-secret-missing
#   severity: low
#   subject: k8s_pod
#   needs: [k8s_pod]
#   threshold: []
#   remediation: >-
#     Name a Secret under `imagePullSecrets` of the pod or its service account. The threshold lists what names of
#     private images begin with; images that cannot be pulled are told without it.
k8s_pod_imagepull_secret_missing contains finding if {
	some [pod, container] in without_pull_secret
	image := object.get(container, "image", null)
	is_string(image)
	some prefix in data.params["k8s-pod-imagepull-secret-missing"].threshold
	startswith(image, prefix)
	finding := {
		"fact": pod.id,
		"message": sprintf("pod %s has no pull secret for its image of %s", [pod.name, prefix]),
	}
}

k8s_pod_imagepull_secret_missing contains finding if {
	some [pod, container] in without_pull_secret
	object.get(container, "waiting", null) in {"ErrImagePull", "ImagePullBackOff"}
	finding := {
		"fact": pod.id,
		"message": sprintf("pod %s cannot pull an image and has no pull secret", [pod.name]),
	}
}

# Pull secrets of its account are in the pod: the API server puts them there.
without_pull_secret contains [pod, container] if {
	some pod in facts.of("k8s_pod")
	count(kubernetes.list(pod, "pull_secrets")) == 0
	some container in kubernetes.list(pod, "containers")
	is_object(container)
}

# The Secrets that are known, by `[namespace, name]`.
known[key] contains secret if {
	some secret in live.objects("Secret")
	key := [secret.namespace, secret.name]
}

# METADATA
# title: The Secrets Store CSI driver at work
package keystrel.kubernetes.csi_driver

import data.keystrel.lib.age
import data.keystrel.lib.kubernetes
import data.keystrel.lib.live
import data.keystrel.lib.static_pod

# METADATA
# title: The CSI driver does not renew mounted secrets
# description: >-
#   Pods keep the value that they started with; a rotated credential is not seen until it is revoked.
# related_resources:
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/topics/secret-auto-rotation
# custom:
#   id: k8s-csi-rotation-off
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [DaemonSet]}
#   needs: [k8s_object, k8s_cluster]
#   remediation: >-
#     Switch it on: `helm upgrade csi-secrets-store ... --set enableSecretRotation=true`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_csi_rotation_off contains finding if {
	live.complete({"csidrivers"})
	some [fact, container] in drivers
	not rotates(container)
	not is_republished
	finding := {
		"fact": fact.id,
		"message": sprintf("%s does not renew mounted secrets", [kubernetes.named(fact)]),
	}
}

k8s_csi_rotation_off contains finding if {
	not live.complete({"csidrivers"})
	some [fact, container] in drivers
	not rotates(container)
	finding := {"fact": fact.id, "unknown": "whether kubelets ask the driver again could not be read"}
}

k8s_csi_rotation_off contains finding if some finding in other_sets

# METADATA
# title: The CSI driver looks for new values rarely
# description: >-
#   Until it looks, pods use a value that may be revoked.
# related_resources:
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/topics/secret-auto-rotation
# custom:
#   id: k8s-csi-poll-interval
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [DaemonSet]}
#   needs: [k8s_object]
#   threshold: 600
#   remediation: >-
#     Set `--rotation-poll-interval` below the overlap of your rotations: `helm upgrade csi-secrets-store ... --set
#     rotationPollInterval=2m`. The threshold is in seconds.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_csi_poll_interval contains finding if {
	some [fact, container] in drivers
	some given in static_pod.given(container, "rotation-poll-interval")
	seconds := age.seconds(given)
	seconds > data.params["k8s-csi-poll-interval"].threshold
	finding := {
		"fact": fact.id,
		"message": sprintf(
			"%s looks for new values every %s, of at most %s",
			[kubernetes.named(fact), age.show_seconds(seconds), age.show_seconds(data.params["k8s-csi-poll-interval"].threshold)],
		),
	}
}

k8s_csi_poll_interval contains finding if some finding in other_sets

# METADATA
# title: A pod mounts another version of a secret than a younger pod
# description: >-
#   Two pods with the same provider class got different versions: the older one runs with a value that was replaced.
# related_resources:
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/concepts#secretproviderclasspodstatus
# custom:
#   id: k8s-csi-stale-version
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [SecretProviderClassPodStatus]}
#   needs: [k8s_object]
#   remediation: >-
#     Switch rotation of the driver on, or start the pods again: `kubectl rollout restart deployment NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_csi_stale_version contains finding if {
	some statuses in by_class
	some young in statuses
	is_youngest(young, statuses)
	some entry in mounted(young)
	some old in statuses
	live.created(old) < live.created(young)
	some other in mounted(old)
	other.id == entry.id
	other.version != entry.version
	finding := {
		"fact": old.id,
		"message": sprintf("%s has an older version of %s than %s", [pod(old), entry.id, pod(young)]),
	}
}

# What pods mounted, by namespace and class.
by_class[key] contains status if {
	some status in live.objects("SecretProviderClassPodStatus")
	is_string(live.created(status))
	key := [status.namespace, kubernetes.field(status, ["status", "secretProviderClassName"], "")]
}

is_youngest(young, statuses) if live.created(young) == max({live.created(status) | some status in statuses})

mounted(status) := {entry |
	some entry in kubernetes.list(kubernetes.field(status, ["status"], {}), "objects")
	is_object(entry)
	is_string(entry.id)
	is_string(entry.version)
	entry.version != ""
}

pod(status) := sprintf("pod %v", [kubernetes.field(status, ["status", "podName"], status.name)])

# METADATA
# title: No pod uses a provider class
# description: >-
#   What fetches secrets and is not needed can only be misused.
# related_resources:
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/concepts#secretproviderclass
# custom:
#   id: k8s-csi-orphan-class
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [SecretProviderClass]}
#   needs: [k8s_object]
#   remediation: >-
#     Delete it: `kubectl delete secretproviderclass NAME -n NAMESPACE`.
k8s_csi_orphan_class contains finding if {
	are_complete
	some class in live.objects("SecretProviderClass")
	not [kubernetes.namespace(class), class.name] in used
	not [kubernetes.namespace(class), class.name] in reported
	finding := {"fact": class.id, "message": sprintf("no pod uses %s", [kubernetes.named(class)])}
}

k8s_csi_orphan_class contains finding if {
	not are_complete
	some class in live.objects("SecretProviderClass")
	finding := {"fact": class.id, "unknown": "not all workloads could be read"}
}

are_complete if {
	data.keystrel.lib.live.workloads_are_complete
	live.complete({"secretproviderclasspodstatuses"})
}

used contains [kubernetes.namespace(workload), name] if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some volume in kubernetes.list(kubernetes.pod_spec(workload), "volumes")
	is_object(volume)
	name := object.get(volume, ["csi", "volumeAttributes", "secretProviderClass"], null)
	is_string(name)
}

reported contains [kubernetes.namespace(status), kubernetes.field(status, ["status", "secretProviderClassName"], "")] if {
	some status in live.objects("SecretProviderClassPodStatus")
}

# Containers of the driver, by what their image is called.
drivers contains [fact, container] if {
	some fact in kubernetes.objects("DaemonSet")
	some container in kubernetes.containers(kubernetes.pod_spec(fact))
	image := object.get(container, "image", "")
	is_string(image)
	regex.match(`(csi-secrets-store/driver|secrets-store-csi-driver|secrets-store/driver)(:|@|$)`, image)
}

# What controls of the driver say of other DaemonSets.
other_sets := {{"fact": fact.id, "not_applicable": "it is no CSI driver for secrets"} |
	some fact in kubernetes.objects("DaemonSet")
	count([container | some [driver, container] in drivers; driver.id == fact.id]) == 0
}

rotates(container) if {
	some value in static_pod.given(container, "enable-secret-rotation")
	value in {"true", "1", "t", "T", "TRUE", "True"}
}

# Newer drivers have the kubelet ask again.
is_republished if {
	some driver in kubernetes.objects("CSIDriver")
	driver.name == "secrets-store.csi.k8s.io"
	kubernetes.field(driver, ["spec", "requiresRepublish"], false) == true
}

# METADATA
# title: Annotations for Vault's agent injector
package keystrel.kubernetes.vault_agent

import data.keystrel.lib.kubernetes

# METADATA
# title: The agent does not check who Vault is
# description: >-
#   Whoever stands between gets the login of the pod, and all that it reads.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-tls-skip
#   severity: high
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Take `tls-skip-verify` out and give the CA by `ca-cert` or `tls-secret`.
#   frameworks:
#     nist_800_53: [SC-8, SC-8(1)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.7]
#     iso27001_2022: [A.8.20, A.8.24]
#     csa_ccm_4: [CEK-03, DSP-10]
#     owasp_secrets: ["2.8"]
k8s_vai_tls_skip contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	is_on(workload, "tls-skip-verify")
	finding := {
		"fact": workload.id,
		"path": annotation_at(workload, "vault.hashicorp.com/tls-skip-verify"),
		"message": sprintf("%s does not check the certificate of Vault", [kubernetes.named(workload)]),
	}
}

k8s_vai_tls_skip contains finding if some finding in without_agent

# METADATA
# title: The agent runs once
# description: >-
#   Leases end and values are rotated while the pod runs; nobody renews them.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-init-only
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Take `agent-pre-populate-only` out.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_vai_init_only contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	is_on(workload, "agent-pre-populate-only")
	finding := {
		"fact": workload.id,
		"path": annotation_at(workload, "vault.hashicorp.com/agent-pre-populate-only"),
		"message": sprintf("%s fetches secrets once, when it starts", [kubernetes.named(workload)]),
	}
}

k8s_vai_init_only contains finding if some finding in without_agent

# METADATA
# title: The token of Vault lies beside the secrets
# description: >-
#   The program, and whoever reads its files, can do all that the role may.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-token-to-disk
#   severity: medium
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Take `agent-inject-token` out.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["5.1"]
k8s_vai_token_to_disk contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	is_on(workload, "agent-inject-token")
	finding := {
		"fact": workload.id,
		"path": annotation_at(workload, "vault.hashicorp.com/agent-inject-token"),
		"message": sprintf("%s has the token of Vault in a file", [kubernetes.named(workload)]),
	}
}

k8s_vai_token_to_disk contains finding if some finding in without_agent

# METADATA
# title: A template makes environment variables
# description: >-
#   Variables show in /proc, in crash dumps and in child processes, and are not renewed.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-env-template
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Render a file that the program reads.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["5.1"]
k8s_vai_env_template contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	some name, template in annotations(workload)
	startswith(name, "vault.hashicorp.com/agent-inject-template-")
	is_string(template)
	regex.match(`(?m)^\s*export\s`, template)
	finding := {
		"fact": workload.id,
		"path": annotation_at(workload, name),
		"message": sprintf("%s renders exports for a shell", [kubernetes.named(workload)]),
	}
}

k8s_vai_env_template contains finding if some finding in without_agent

# METADATA
# title: The agent gives its token to any caller
# description: >-
#   What reaches the agent acts with the role of the pod.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations
# custom:
#   id: k8s-vai-cache-persist
#   severity: low
#   subject: k8s_object
#   where:
#     object_kind: [Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob]
#   needs: [k8s_object]
#   remediation: >-
#     Leave `agent-cache-use-auto-auth-token` off.
#   frameworks:
#     nist_800_53: [IA-5(13)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["5.1"]
k8s_vai_cache_persist contains finding if {
	some workload in data.keystrel.lib.kubernetes.workloads
	is_on(workload, "agent-cache-enable")
	object.get(annotations(workload), "vault.hashicorp.com/agent-cache-use-auto-auth-token", "") in {"true", true, "force"}
	finding := {
		"fact": workload.id,
		"path": annotation_at(workload, "vault.hashicorp.com/agent-cache-use-auto-auth-token"),
		"message": sprintf("%s serves its token to any caller", [kubernetes.named(workload)]),
	}
}

k8s_vai_cache_persist contains finding if some finding in without_agent

# Where an annotation is, within the fact.
annotation_at(workload, name) := ["object", "metadata", "annotations", name] if workload.object_kind == "Pod"

else := kubernetes.within(array.concat(path[workload.object_kind], [name]))

# The annotations of a workload's pods.
annotations(workload) := written if {
	written := workload.object.metadata.annotations
	workload.object_kind == "Pod"
	is_object(written)
}

annotations(workload) := written if {
	workload.object_kind != "Pod"
	written := kubernetes.field(workload, path[workload.object_kind], {})
	is_object(written)
}

path := object.union(
	{kind: ["spec", "template", "metadata", "annotations"] | some kind in data.keystrel.lib.kubernetes.templated},
	{
		"PodTemplate": ["template", "metadata", "annotations"],
		"CronJob": ["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
	},
)

# What these controls say of workloads to which no agent is added.
without_agent := {{"fact": workload.id, "not_applicable": "no agent of Vault is added to its pods"} |
	some workload in data.keystrel.lib.kubernetes.workloads
	not has_agent(workload)
}

has_agent(workload) if {
	some name, _ in annotations(workload)
	startswith(name, "vault.hashicorp.com/")
}

is_on(workload, name) if {
	object.get(annotations(workload), sprintf("vault.hashicorp.com/%s", [name]), "false") in {"true", true}
}

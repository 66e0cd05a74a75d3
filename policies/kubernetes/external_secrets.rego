# METADATA
# title: External Secrets
package keystrel.kubernetes.external_secrets

import data.keystrel.lib.kubernetes

# METADATA
# title: An external secret is fetched once
# description: >-
#   A value that is rotated in the store stays what it was in the cluster.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-refresh-zero
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret, ClusterExternalSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `refreshInterval: 1h` or less, and leave `refreshPolicy` at `Periodic`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_eso_refresh_zero contains finding if {
	some fact in kubernetes.objects_of({"ExternalSecret", "ClusterExternalSecret"})
	some field in ["refreshPolicy", "refreshInterval"]
	fetched_once(external(fact), field)
	finding := {
		"fact": fact.id,
		"path": array.concat(written_at(fact), [field]),
		"message": sprintf("%s is fetched once and never again", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: An external secret is fetched rarely
# description: >-
#   Until it is fetched again the cluster works with the old value, which the store may refuse already.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-refresh-long
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret, ClusterExternalSecret]}
#   needs: [k8s_object]
#   threshold: 3600
#   remediation: >-
#     Set `refreshInterval` to less than the time for which old and new value are good.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
k8s_eso_refresh_long contains finding if {
	some fact in kubernetes.objects_of({"ExternalSecret", "ClusterExternalSecret"})
	interval := object.get(external(fact), "refreshInterval", "1h")
	is_string(interval)
	regex.match(`^([0-9]+(h|m|s))+$`, interval)
	time.parse_duration_ns(interval) > data.params["k8s-eso-refresh-long"].threshold * 1000000000
	finding := {
		"fact": fact.id,
		"path": array.concat(written_at(fact), ["refreshInterval"]),
		"message": sprintf("%s is fetched every %s only", [kubernetes.named(fact), interval]),
	}
}

# METADATA
# title: A store is opened by a key that lies in the cluster
# description: >-
#   A long-lived key in a Secret opens the store to whoever reads it, and has to be rotated itself.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-static-auth
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [SecretStore, ClusterSecretStore]}
#   needs: [k8s_object]
#   remediation: >-
#     Use workload identity: `auth.jwt`, `auth.workloadIdentity`, `auth.kubernetes`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
k8s_eso_static_auth contains finding if {
	some fact in kubernetes.objects_of({"SecretStore", "ClusterSecretStore"})
	by_kind := object.get(kubernetes.spec(fact), "provider", {})
	is_object(by_kind)
	some name, provider in by_kind
	has_static_key(provider)
	finding := {
		"fact": fact.id,
		"path": ["object", "spec", "provider", name],
		"message": sprintf("%s is opened by a key in a Secret", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: A store is open to every namespace
# description: >-
#   Whoever creates an ExternalSecret anywhere has its secrets.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-cluster-store-open
#   severity: high
#   subject: k8s_object
#   where: {object_kind: [ClusterSecretStore]}
#   needs: [k8s_object]
#   remediation: >-
#     Name the namespaces in `conditions`, or use a SecretStore in each.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_eso_cluster_store_open contains finding if {
	some fact in kubernetes.objects_of({"ClusterSecretStore"})
	count(kubernetes.list(kubernetes.spec(fact), "conditions")) == 0
	finding := {
		"fact": fact.id,
		"path": ["object", "spec"],
		"message": sprintf("%s is open to every namespace", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: External secrets are fetched by a pattern
# description: >-
#   What is added to the store later comes along, whether it is meant for the cluster or not.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-wildcard-find
#   severity: medium
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret, ClusterExternalSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     List the keys in `data` or `dataFrom.extract`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
k8s_eso_wildcard_find contains finding if {
	some fact in kubernetes.objects_of({"ExternalSecret", "ClusterExternalSecret"})
	some at, source in kubernetes.list(external(fact), "dataFrom")
	is_object(source)
	is_object(source.find)
	finding := {
		"fact": fact.id,
		"path": array.concat(written_at(fact), ["dataFrom", at]),
		"message": sprintf("%s fetches secrets by a pattern", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: A secret stays when it is gone from the store
# description: >-
#   What is deleted in the store because it leaked or is no longer needed is still good in the cluster.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-deletion-policy
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret, ClusterExternalSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `target.deletionPolicy: Delete`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
k8s_eso_deletion_policy contains finding if {
	some fact in kubernetes.objects_of({"ExternalSecret", "ClusterExternalSecret"})
	external(fact).target.deletionPolicy == "Retain"
	finding := {
		"fact": fact.id,
		"path": array.concat(written_at(fact), ["target", "deletionPolicy"]),
		"message": sprintf("%s keeps what is deleted in the store", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: A fetched secret has no owner
# description: >-
#   It stays when the ExternalSecret is deleted, and nobody renews it.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-creation-orphan
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [ExternalSecret, ClusterExternalSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Set `target.creationPolicy: Owner`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
k8s_eso_creation_orphan contains finding if {
	some fact in kubernetes.objects_of({"ExternalSecret", "ClusterExternalSecret"})
	external(fact).target.creationPolicy == "Orphan"
	finding := {
		"fact": fact.id,
		"path": array.concat(written_at(fact), ["target", "creationPolicy"]),
		"message": sprintf("%s leaves its Secret without an owner", [kubernetes.named(fact)]),
	}
}

# METADATA
# title: Secrets of the cluster are pushed to an outside store
# description: >-
#   Whoever changes the Secret changes it for all who read the store.
# related_resources:
# - ref: https://external-secrets.io/latest/api/spec/
# custom:
#   id: k8s-eso-push-outside
#   severity: low
#   subject: k8s_object
#   where: {object_kind: [PushSecret, ClusterPushSecret]}
#   needs: [k8s_object]
#   remediation: >-
#     Let secrets come from the store, and not go to it, unless the cluster makes them.
#   frameworks:
#     nist_800_53: [AC-4]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.12]
#     csa_ccm_4: [DSP-10]
#     owasp_secrets: ["2.3"]
k8s_eso_push_outside contains finding if {
	some fact in kubernetes.objects_of({"PushSecret", "ClusterPushSecret"})
	finding := {
		"fact": fact.id,
		"message": sprintf("%s pushes secrets of the cluster to an outside store", [kubernetes.named(fact)]),
	}
}

# Where it says that, within the fact.
written_at(fact) := ["object", "spec"] if fact.object_kind == "ExternalSecret"

else := ["object", "spec", "externalSecretSpec"]

# What an external secret says; one for many namespaces says it a level deeper.
external(fact) := kubernetes.spec(fact) if fact.object_kind == "ExternalSecret"

external(fact) := inner if {
	fact.object_kind == "ClusterExternalSecret"
	inner := kubernetes.spec(fact).externalSecretSpec
	is_object(inner)
}

fetched_once(written, "refreshPolicy") if is_at_once(written)

# The interval counts where the policy does not say otherwise.
fetched_once(written, "refreshInterval") if {
	not is_at_once(written)
	interval := object.get(written, "refreshInterval", "1h")
	interval in {0, "0", "0s", "0m", "0h"}
}

is_at_once(written) if object.get(written, "refreshPolicy", "Periodic") in {"CreatedOnce", "OnChange"}

# Whether a provider is opened by a key in a Secret, by itself or by one of its ways to log in.
has_static_key(provider) if {
	is_object(provider)
	some place in [provider, object.get(provider, "auth", {})]
	is_object(place)
	names_key(place)
}

has_static_key(provider) if {
	is_object(provider)
	ways := object.get(provider, "auth", {})
	is_object(ways)
	some way in ways
	is_object(way)
	names_key(way)
}

names_key(place) if {
	some name, _ in place
	name in {"secretRef", "tokenSecretRef", "authSecretRef", "accessKeyIDSecretRef", "clientSecret"}
}

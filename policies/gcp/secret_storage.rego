# METADATA
# title: Where and how secrets of Secret Manager are stored
package keystrel.gcp.secret_storage

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.gcp

secrets := facts.of("gcp_secret")

# METADATA
# title: Secret not encrypted with a customer key
# description: >-
#   Google's own key cannot be taken away, and its use is not recorded for you. Told of secrets with one of the labels
#   of the threshold. A secret that is replicated needs a key in each place.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/cmek
# custom:
#   id: gcp-sm-cmek
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [data-class=restricted]
#   remediation: >-
#     `gcloud secrets update NAME --set-kms-key=projects/PROJECT/locations/global/keyRings/RING/cryptoKeys/KEY`, or
#     `gcloud secrets replication update NAME --set-kms-key=KEY --location=LOCATION`, and add a new version: it is what
#     the key is for.
#   frameworks:
#     nist_800_53: [SC-12]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["4.2"]
gcp_sm_cmek contains finding if {
	some secret in gcp.told(secrets, cmek_fields)
	gcp.has_label(secret, data.params["gcp-sm-cmek"].threshold)
	places := places_without_key(secret)
	count(places) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s has no customer key in %s", [gcp.named(secret), gcp.listed(places)]),
	}
}

gcp_sm_cmek contains finding if {
	some finding in gcp.unknown(secrets, cmek_fields)
}

cmek_fields := ["labels", "replication", "customerManagedEncryption", "is_regional", "location"]

places_without_key(secret) := {secret.location} if {
	secret.is_regional == true
	not has_key(secret)
} else := {"all locations"} if {
	secret.is_regional != true
	is_object(gcp.object_of(secret, "replication").automatic)
	not has_key(secret.replication.automatic)
} else := {replica.location |
	some replica in replicas(secret)
	not has_key(replica)
}

has_key(place) if is_string(gcp.object_of(place, "customerManagedEncryption").kmsKeyName)

replicas(secret) := gcp.list(gcp.object_of(gcp.object_of(secret, "replication"), "userManaged"), "replicas")

# METADATA
# title: Secret key version disabled or destroyed
# description: >-
#   An enabled version of the secret is encrypted with a version of a key that is not enabled, so that nobody can read
#   it; or the key's primary version is not, so that no version can be added.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/cmek
# custom:
#   id: gcp-sm-cmek-unusable
#   severity: critical
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_kms_key]
#   remediation: >-
#     `gcloud kms keys versions enable VERSION --key=KEY --keyring=RING --location=LOCATION`, after `gcloud kms keys
#     versions restore` if it is to be destroyed. What a destroyed version encrypts is lost: add a new version of the
#     secret.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.1", "2.9"]
gcp_sm_cmek_unusable contains finding if {
	some secret in gcp.told(secrets, ["kms_keys", "versions"])
	faults := version_faults(secret) | primary_faults(secret)
	count(faults) > 0
	finding := {"fact": secret.id, "message": sprintf("%s: %s", [gcp.named(secret), gcp.listed(faults)])}
}

gcp_sm_cmek_unusable contains finding if {
	some secret in gcp.told(secrets, ["kms_keys", "versions"])
	some why in key_unknown(secret)
	finding := {"fact": secret.id, "unknown": why}
}

gcp_sm_cmek_unusable contains finding if {
	some finding in gcp.unknown(secrets, ["kms_keys", "versions"])
}

# Key versions that enabled versions of a secret are encrypted with.
key_versions(secret) := {key_version |
	some version in gcp.enabled_versions(secret)
	some key_version in gcp.list(version, "kms_key_versions")
}

key_of(key_version) := split(key_version, "/cryptoKeyVersions/")[0]

version_faults(secret) := {sprintf("version %s of key %s is %s", [gcp.last_part(key_version), gcp.last_part(key_of(key_version)), state]) |
	some key_version in key_versions(secret)
	key := data.keystrel.lib.gcp.key_by_id[key_of(key_version)]
	gcp.is_told(key, ["versions"])
	state := state_of(key, key_version)
	state != "ENABLED"
}

# Versions that are not among those of a key are destroyed.
state_of(key, key_version) := states[0] if {
	states := [version.state |
		some version in gcp.list(key, "versions")
		version.version == key_version
	]
	count(states) > 0
} else := "DESTROYED"

primary_faults(secret) := {sprintf("the primary version of key %s is %s", [gcp.last_part(id), key.primary.state]) |
	some id in gcp.list(secret, "kms_keys")
	key := data.keystrel.lib.gcp.key_by_id[id]
	gcp.is_told(key, ["primary"])
	is_object(key.primary)
	key.primary.state != "ENABLED"
} | {sprintf("key %s has no primary version", [gcp.last_part(id)]) |
	some id in gcp.list(secret, "kms_keys")
	key := data.keystrel.lib.gcp.key_by_id[id]
	gcp.is_told(key, ["primary"])
	not is_object(key.primary)
}

key_unknown(secret) := {sprintf("of key %s, %s", [gcp.last_part(id), why]) |
	some id in keys_of(secret)
	some field in ["versions", "primary"]
	why := gcp.untold(data.keystrel.lib.gcp.key_by_id[id], field)
} | {sprintf("key %s was not read", [gcp.last_part(id)]) |
	some id in keys_of(secret)
	not data.keystrel.lib.gcp.key_by_id[id]
}

keys_of(secret) := {id | some id in gcp.list(secret, "kms_keys")} | {key_of(version) | some version in key_versions(secret)}

# METADATA
# title: Replication outside allowed regions
# description: >-
#   The threshold lists the locations that are allowed; without any there is nothing to judge. A secret with automatic
#   replication can be anywhere.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/choosing-replication
# custom:
#   id: gcp-sm-replication-location
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: []
#   remediation: >-
#     Replication cannot be changed: `gcloud secrets create NEW --replication-policy=user-managed
#     --locations=LOCATION,LOCATION`, and delete the old secret. The constraint `gcp.resourceLocations` keeps new ones
#     inside.
#   frameworks:
#     nist_800_53: [SA-9(5)]
#     iso27001_2022: [A.5.23]
#     csa_ccm_4: [DSP-19]
gcp_sm_replication_location contains finding if {
	count(allowed) > 0
	some secret in gcp.told(secrets, ["replication", "is_regional", "location"])
	places := places_of(secret) - allowed
	count(places) > 0
	finding := {"fact": secret.id, "message": sprintf("%s is stored in %s", [gcp.named(secret), gcp.listed(places)])}
}

gcp_sm_replication_location contains finding if {
	count(allowed) > 0
	some finding in gcp.unknown(secrets, ["replication", "is_regional", "location"])
}

allowed := {lower(name) | some name in data.params["gcp-sm-replication-location"].threshold}

places_of(secret) := {lower(gcp.text(secret.location))} if {
	secret.is_regional == true
} else := {"all locations"} if {
	is_object(gcp.object_of(secret, "replication").automatic)
} else := {lower(gcp.text(replica.location)) | some replica in replicas(secret)}

# METADATA
# title: User-managed replication has a single region
# description: >-
#   When the region is down, nobody can read the secret. Told of secrets with one of the labels of the threshold;
#   regional secrets are in one region by design.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/choosing-replication
# custom:
#   id: gcp-sm-replication-single
#   severity: low
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [tier=critical]
#   remediation: >-
#     Replication cannot be changed: `gcloud secrets create NEW --replication-policy=user-managed
#     --locations=LOCATION,LOCATION`, and have consumers read that.
#   frameworks:
#     nist_800_53: [SC-36]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.14]
#     csa_ccm_4: [BCR-11]
#     owasp_secrets: ["2.1"]
gcp_sm_replication_single contains finding if {
	some secret in gcp.told(secrets, ["replication", "labels"])
	gcp.has_label(secret, data.params["gcp-sm-replication-single"].threshold)
	count(replicas(secret)) == 1
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is in %s alone", [gcp.named(secret), replicas(secret)[0].location]),
	}
}

gcp_sm_replication_single contains finding if {
	some finding in gcp.unknown(secrets, ["replication", "labels"])
}

# METADATA
# title: Data-residency secret is a global secret
# description: >-
#   The data of a regional secret stays in its region, at rest, in use and on its way, and it is asked for at that
#   region's endpoint. A global secret is held by a service without a place. Told of secrets with one of the labels of
#   the threshold, with any value.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/regional-secrets/data-residency
# custom:
#   id: gcp-sm-regional-endpoint
#   severity: info
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [residency, data-residency]
#   remediation: >-
#     `gcloud secrets create NAME --location=LOCATION`, after `gcloud config set api_endpoint_overrides/secretmanager
#     https://secretmanager.LOCATION.rep.googleapis.com/`, and delete the global one.
#   frameworks:
#     nist_800_53: [SA-9(5)]
#     iso27001_2022: [A.5.23]
#     csa_ccm_4: [DSP-19]
gcp_sm_regional_endpoint contains finding if {
	some secret in gcp.told(secrets, ["labels", "is_regional"])
	gcp.has_label(secret, data.params["gcp-sm-regional-endpoint"].threshold)
	secret.is_regional != true
	finding := {"fact": secret.id, "message": sprintf("%s has to stay in a region, and is a global secret", [gcp.named(secret)])}
}

gcp_sm_regional_endpoint contains finding if {
	some finding in gcp.unknown(secrets, ["labels", "is_regional"])
}

# METADATA
# title: Secret Manager is outside any service perimeter
# description: >-
#   Without a perimeter of VPC Service Controls, a stolen token reads secrets from anywhere on the internet. A
#   perimeter that is only tried (dry run) does not count.
# related_resources:
# - ref: https://cloud.google.com/vpc-service-controls/docs/supported-products
# custom:
#   id: gcp-sm-vpcsc
#   severity: low
#   subject: gcp_project
#   needs: [gcp_project, gcp_secret, gcp_service_perimeter]
#   remediation: >-
#     `gcloud access-context-manager perimeters update PERIMETER --policy=POLICY --add-resources=projects/NUMBER
#     --add-restricted-services=secretmanager.googleapis.com`.
#   frameworks:
#     nist_800_53: [AC-4, SC-7]
#     pci_dss_4: ["1.3.1"]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20, A.8.22]
#     csa_ccm_4: [IVS-03]
#     owasp_secrets: ["6.3"]
gcp_sm_vpcsc contains finding if {
	gaps.none("gcp_service_perimeter")
	some project in data.keystrel.lib.gcp.projects_with_secrets
	not is_guarded(project)
	count(perimeter_unknown(project)) == 0
	finding := {
		"fact": project.id,
		"message": sprintf("no perimeter guards Secret Manager of %s", [gcp.named(project)]),
	}
}

gcp_sm_vpcsc contains finding if {
	some project in data.keystrel.lib.gcp.projects_with_secrets
	not is_guarded(project)
	some why in perimeter_unknown(project)
	finding := {"fact": project.id, "unknown": why}
}

gcp_sm_vpcsc contains finding if some finding in data.keystrel.lib.gcp.without_secrets

perimeters := facts.of("gcp_service_perimeter")

is_guarded(project) if {
	some perimeter in perimeters
	project.id in gcp.list(perimeter, "projects")
	perimeter.perimeterType == "PERIMETER_TYPE_REGULAR"
	some service in gcp.list(gcp.object_of(perimeter, "status"), "restrictedServices")
	service in {"secretmanager.googleapis.com", "*"}
}

perimeter_unknown(project) := {sprintf("of perimeter %s, %s", [gcp.named(perimeter), why]) |
	some perimeter in perimeters
	some field in ["projects", "status", "perimeterType"]
	why := gcp.untold(perimeter, field)
} | {why | why := gcp.untold(project, "ancestors")}

# METADATA
# title: Access quota near limit
# description: >-
#   Above it reads fail, of all consumers alike, most likely when many of them start at once. The threshold is the part
#   of the limit, in percent, that the busiest minute of the last seven days may use.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/quotas
# custom:
#   id: gcp-sm-quota
#   severity: low
#   subject: gcp_secret_quota
#   needs: [gcp_secret_quota]
#   threshold: 80
#   remediation: >-
#     Keep values in memory instead of reading them each time, or ask for more: `gcloud alpha quotas preferences create
#     --service=secretmanager.googleapis.com --quota-id=ID --preferred-value=VALUE --project=PROJECT`.
#   frameworks:
#     nist_800_53: [SC-5]
#     soc2: [A1.1]
#     iso27001_2022: [A.8.6]
#     csa_ccm_4: [IVS-02]
#     owasp_secrets: ["2.1", "4.4"]
gcp_sm_quota contains finding if {
	some quota in gcp.told(quotas, quota_fields)
	quota.limit > 0
	used := floor((quota.peak * 100) / quota.limit)
	used > data.params["gcp-sm-quota"].threshold
	finding := {
		"fact": quota.id,
		"message": sprintf("%v%% of the limit of %s were used on %s: %v of %v a minute", [
			used,
			gcp.last_part(quota.quota_metric),
			gcp.day(quota.peak_at),
			quota.peak,
			quota.limit,
		]),
	}
}

gcp_sm_quota contains finding if {
	some finding in gcp.unknown(quotas, quota_fields)
}

quotas := facts.of("gcp_secret_quota")

quota_fields := ["quota_metric", "limit", "peak", "peak_at"]

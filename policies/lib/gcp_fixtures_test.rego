# METADATA
# title: Facts for tests of the policies on Google Cloud, with every field, and nothing wrong with them
package keystrel.lib.gcp_fixtures_test

import data.keystrel.lib.gcp

now := "2026-11-30T00:00:00Z"

# An inventory of facts without gaps.
inventory(facts) := {"now": now, "facts": facts, "gaps": []}

# One in which facts of a kind are missing.
with_gap(facts, kind) := {"now": now, "facts": facts, "gaps": [{"needs": kind, "what": project_id, "why": "PERMISSION_DENIED"}]}

# The defaults of the controls that have a threshold.
params := {
	"gcp-access-approval": {"threshold": ["all", "GA", "Secret Manager"]},
	"gcp-apikey-age": {"threshold": 90},
	"gcp-iam-custom-role-access": {"threshold": ["secretmanager.versions.access", "cloudkms.cryptoKeyVersions.useToDecrypt"]},
	"gcp-iam-primitive-roles": {"threshold": ["roles/owner", "roles/editor"]},
	"gcp-iam-sa-impersonation": {"threshold": ["roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountUser"]},
	"gcp-iam-sa-key-age": {"threshold": 90},
	"gcp-iam-sa-key-unused": {"threshold": 90},
	"gcp-iam-sa-unused": {"threshold": 90},
	"gcp-iam-wif-condition": {"threshold": ["token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "agent.buildkite.com", "oidc.vercel.com", "accounts.google.com", "cognito-identity.amazonaws.com", "app.pulumi.com", "api.pulumi.com"]},
	"gcp-kms-algorithm": {"threshold": ["2048", "PKCS1", "SHA1"]},
	"gcp-kms-asymmetric-age": {"threshold": 730},
	"gcp-kms-data-access-logs": {"threshold": ["DATA_READ", "DATA_WRITE"]},
	"gcp-kms-destroy-window": {"threshold": 30},
	"gcp-kms-labels": {"threshold": ["owner", "team"]},
	"gcp-kms-old-versions-enabled": {"threshold": 10},
	"gcp-kms-primary-age": {"threshold": 7},
	"gcp-kms-protection-level": {"threshold": ["protection=hsm", "data-class=restricted"]},
	"gcp-kms-rotation-period": {"threshold": 90},
	"gcp-kms-unused": {"threshold": 90},
	"gcp-kms-users-max": {"threshold": 3},
	"gcp-sm-accessor-external": {"threshold": []},
	"gcp-sm-cmek": {"threshold": ["data-class=restricted"]},
	"gcp-sm-conditional-missing": {"threshold": ["tier=critical"]},
	"gcp-sm-data-access-logs": {"threshold": ["DATA_READ", "ADMIN_READ"]},
	"gcp-sm-destroy-delay": {"threshold": 7},
	"gcp-sm-expiring": {"threshold": 30},
	"gcp-sm-labels-owner": {"threshold": ["owner", "team"]},
	"gcp-sm-log-retention": {"threshold": 365},
	"gcp-sm-no-expiry": {"threshold": ["temp=true", "temporary=true"]},
	"gcp-sm-quota": {"threshold": 80},
	"gcp-sm-regional-endpoint": {"threshold": ["residency", "data-residency"]},
	"gcp-sm-replication-location": {"threshold": []},
	"gcp-sm-replication-single": {"threshold": ["tier=critical"]},
	"gcp-sm-rotation-overdue": {"threshold": 24},
	"gcp-sm-rotation-period": {"threshold": 90},
	"gcp-sm-rotation-set": {"threshold": ["rotation=external"]},
	"gcp-sm-unused": {"threshold": 90},
	"gcp-sm-version-age": {"threshold": 90},
	"gcp-sm-version-disabled-kept": {"threshold": 90},
	"gcp-sm-version-latest-alias": {"threshold": ["tier=critical"]},
	"gcp-sm-version-sprawl": {"threshold": 7},
}

# The parameters with another threshold for one control.
with_threshold(id, threshold) := object.union(object.remove(params, [id]), {id: {"threshold": threshold}})

# A fact with some of its fields replaced.
changed(fact, changes) := object.union(object.remove(fact, object.keys(changes)), changes)

# What was found, without the ids.
messages(found) := {finding.message | some finding in found}

severities(found) := {object.get(finding, "severity", "default") | some finding in found}

# Whether something is found, with a message, and nothing is unknown.
is_found(found) if {
	count(found) > 0
	every finding in found {
		is_string(finding.message)
	}
}

# Whether nothing is found and something is not known.
is_unknown(found) if {
	count(found) > 0
	every finding in found {
		is_string(finding.unknown)
	}
}

# A fact that lacks any of the fields, and one of which any could not be read.
variants(fact, fields) := {variant |
	some field in fields
	some variant in [object.remove(fact, [field]), unread(fact, field)]
}

unread(fact, field) := changed(fact, {field: null, "unread": {field: "PERMISSION_DENIED: some.permission"}})

organization_id := "//cloudresourcemanager.googleapis.com/organizations/100"

folder_id := "//cloudresourcemanager.googleapis.com/folders/200"

project_id := "//cloudresourcemanager.googleapis.com/projects/shop"

# What controls say of a project that has nothing for them.
without_secrets := {{"fact": project_id, "not_applicable": "the project has no secrets"}}

without_keys := {{"fact": project_id, "not_applicable": "the project has no keys"}}

account_id := "//iam.googleapis.com/projects/shop/serviceAccounts/web@shop.iam.gserviceaccount.com"

secret_id := "//secretmanager.googleapis.com/projects/shop/secrets/db"

topic_id := "//pubsub.googleapis.com/projects/shop/topics/rotate"

ring_id := "//cloudkms.googleapis.com/projects/shop/locations/europe-west1/keyRings/main"

key_id := sprintf("%s/cryptoKeys/app", [ring_id])

key_version_id := sprintf("%s/cryptoKeyVersions/2", [key_id])

# Policies.
policy(bindings) := {"bindings": bindings, "auditConfigs": []}

audited(configs) := {"bindings": [], "auditConfigs": configs}

audit(service, types) := {"service": service, "auditLogConfigs": [config |
	some type in types
	config := {"logType": type, "exemptedMembers": []}
]}

binding(role, members) := {"role": role, "members": members, "condition": null}

conditional(role, members) := {"role": role, "members": members, "condition": {"title": "until July", "expression": "request.time < timestamp(\"2027-07-01T00:00:00Z\")"}}

web := "serviceAccount:web@shop.iam.gserviceaccount.com"

ann := "user:ann@example.com"

agent := "serviceAccount:service-111@gcp-sa-secretmanager.iam.gserviceaccount.com"

organization(changes) := changed(
	{
		"kind": "gcp_organization", "id": organization_id, "project": null, "location": null, "displayName": "example.com",
		"state": "ACTIVE", "directoryCustomerId": "C0123", "organization_projects": ["111", "222", "mail", "shop"],
		"iam_policy": policy([]), "access_approval": null, "unread": {},
	},
	changes,
)

folder(changes) := changed(
	{
		"kind": "gcp_folder", "id": folder_id, "project": null, "location": null, "displayName": "Production",
		"state": "ACTIVE", "ancestors": [organization_id], "iam_policy": policy([]), "access_approval": null, "unread": {},
	},
	changes,
)

project(changes) := changed(
	{
		"kind": "gcp_project", "id": project_id, "project": "shop", "location": null, "projectId": "shop",
		"displayName": "Shop", "project_number": "111", "state": "ACTIVE", "labels": {}, "createTime": "2024-01-01T00:00:00Z",
		"ancestors": [folder_id, organization_id],
		"iam_policy": audited([audit("allServices", ["ADMIN_READ", "DATA_READ", "DATA_WRITE"])]),
		"access_approval": {"enrolledServices": [{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}], "enrolledAncestor": false},
		"unread": {},
	},
	changes,
)

# A project, and what stands above it.
hierarchy(changes) := [project(changes), folder({}), organization({})]

role(name, permissions) := {
	"kind": "gcp_role", "id": sprintf("//iam.googleapis.com/%s", [name]), "project": null, "location": null, "name": name,
	"title": name, "stage": "GA", "deleted": false, "is_custom": false, "includedPermissions": permissions, "unread": {},
}

# The roles that tests name.
roles := [
	role("roles/secretmanager.secretAccessor", ["secretmanager.versions.access"]),
	role("roles/secretmanager.viewer", ["secretmanager.secrets.list", "secretmanager.versions.list"]),
	role("roles/cloudkms.admin", ["cloudkms.cryptoKeys.setIamPolicy", "cloudkms.keyRings.setIamPolicy"]),
	role("roles/cloudkms.cryptoKeyEncrypterDecrypter", ["cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"]),
	role("roles/cloudkms.cryptoKeyEncrypter", ["cloudkms.cryptoKeyVersions.useToEncrypt"]),
	role("roles/owner", [
		"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeys.setIamPolicy", "iam.serviceAccounts.actAs",
		"secretmanager.versions.access",
	]),
	role("roles/iam.serviceAccountTokenCreator", ["iam.serviceAccounts.getAccessToken"]),
	role("roles/iam.workloadIdentityUser", ["iam.serviceAccounts.getAccessToken"]),
	role("roles/pubsub.publisher", ["pubsub.topics.publish"]),
]

# What is needed to judge policies: roles, and a project with what is above it.
surroundings := array.concat(roles, hierarchy({}))

version(number, changes) := changed(
	{
		"version": number, "createTime": "2026-11-20T00:00:00Z", "state": "ENABLED", "scheduledDestroyTime": null,
		"kms_key_versions": [],
	},
	changes,
)

secret(changes) := changed(
	{
		"kind": "gcp_secret", "id": secret_id, "project": "shop", "location": "global", "name": "db",
		"createTime": "2025-01-01T00:00:00Z", "labels": {"owner": "shop"}, "annotations": {}, "expireTime": null,
		"versionDestroyTtl": "2592000s", "secretType": null, "is_regional": false,
		"replication": replicated(["europe-west1", "europe-west4"]), "customerManagedEncryption": null, "kms_keys": [],
		"topics": [topic_id],
		"rotation": {"nextRotationTime": "2026-12-15T00:00:00Z", "rotationPeriod": "2592000s", "managedRotationStatus": null},
		"versionAliases": {"live": 2}, "versions": [version(2, {})], "iam_policy": policy([]),
		"last_accessed": "2026-11-29T00:00:00Z", "reads_known_since": "2026-09-01T00:00:00Z", "leaks": [], "unread": {},
	},
	changes,
)

replicated(locations) := {"automatic": null, "userManaged": {"replicas": [replica |
	some location in locations
	replica := {"location": location, "customerManagedEncryption": null}
]}}

# A secret with a policy of its own.
secret_with(bindings) := secret({"iam_policy": policy(bindings)})

readers(list, changes) := changed(
	{
		"kind": "gcp_secret_readers", "id": sprintf("%s#readers", [secret_id]), "project": "shop", "location": "global",
		"secret": secret_id, "readers": list, "complete": true, "unknown": [], "unread": {},
	},
	changes,
)

reader(principal, kind, access) := {
	"principal": principal, "principal_kind": kind, "access": access, "via": ["a role on secrets/db"],
	"conditional": false, "conditions": [],
}

topic(changes) := changed(
	{
		"kind": "gcp_pubsub_topic", "id": topic_id, "project": "shop", "location": null, "name": "projects/shop/topics/rotate",
		"exists": true, "subscriptions": ["projects/shop/subscriptions/rotate"],
		"iam_policy": policy([binding("roles/pubsub.publisher", [agent])]), "project_policy_read": true, "unread": {},
	},
	changes,
)

reference(changes) := changed(
	{
		"kind": "gcp_secret_reference", "id": "//run.googleapis.com/projects/shop/locations/europe-west1/services/web#containers.0.env.DB",
		"project": "shop", "location": "europe-west1", "consumer": "//run.googleapis.com/projects/shop/locations/europe-west1/services/web",
		"consumer_kind": "gcp_run_workload", "where": "containers.0.env.DB", "reference": "db", "version": "2",
		"target": secret_id, "is_readable": true, "exists": true, "unread": {},
	},
	changes,
)

ring(changes) := changed(
	{
		"kind": "gcp_kms_key_ring", "id": ring_id, "project": "shop", "location": "europe-west1", "name": "main",
		"createTime": "2024-01-01T00:00:00Z", "iam_policy": policy([]), "unread": {},
	},
	changes,
)

key_version(number, changes) := changed(
	{
		"version": sprintf("%s/cryptoKeyVersions/%v", [key_id, number]), "state": "ENABLED", "createTime": "2026-11-20T00:00:00Z",
		"generateTime": "2026-11-20T00:00:00Z", "destroyTime": null, "protectionLevel": "HSM",
		"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "importJob": null,
	},
	changes,
)

key(changes) := changed(
	{
		"kind": "gcp_kms_key", "id": key_id, "project": "shop", "location": "europe-west1", "name": "app",
		"createTime": "2024-01-01T00:00:00Z", "iam_policy": policy([]), "key_ring": ring_id, "is_foreign": false,
		"purpose": "ENCRYPT_DECRYPT", "nextRotationTime": "2027-02-01T00:00:00Z", "rotationPeriod": "7776000s",
		"labels": {"owner": "shop"}, "importOnly": false, "destroyScheduledDuration": "2592000s", "cryptoKeyBackend": null,
		"versionTemplate": {"protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
		"primary": object.remove(key_version(2, {}), ["destroyTime", "importJob"]), "versions": [key_version(2, {})],
		"protected_resources": {"count": 1, "resources": [{"name": "//storage.googleapis.com/files", "project": "data", "resourceType": "storage.googleapis.com/Bucket"}]},
		"last_used": null, "use_known_since": "2026-09-01T00:00:00Z", "unread": {},
	},
	changes,
)

account(changes) := changed(
	{
		"kind": "gcp_service_account", "id": account_id, "project": "shop", "location": null, "email": "web@shop.iam.gserviceaccount.com",
		"uniqueId": "1234", "displayName": "Web", "disabled": false, "is_default": null, "iam_policy": policy([]),
		"last_authenticated": "2026-11-29T00:00:00Z", "unread": {},
	},
	changes,
)

account_key(changes) := changed(
	{
		"kind": "gcp_service_account_key", "id": sprintf("%s/keys/0a1b2c3d4e5f", [account_id]), "project": "shop", "location": null,
		"keyAlgorithm": "KEY_ALG_RSA_2048", "keyOrigin": "GOOGLE_PROVIDED", "validAfterTime": "2026-11-01T00:00:00Z",
		"validBeforeTime": "2027-01-30T00:00:00Z", "disabled": false, "service_account": account_id,
		"last_authenticated": "2026-11-29T00:00:00Z", "unread": {},
	},
	changes,
)

sink(changes) := changed(
	{
		"kind": "gcp_log_sink", "id": "//logging.googleapis.com/projects/shop/sinks/_Default", "project": "shop", "location": null,
		"name": "_Default", "destination": "logging.googleapis.com/projects/shop/locations/global/buckets/_Default",
		"filter": "NOT LOG_ID(\"cloudaudit.googleapis.com/activity\") AND NOT LOG_ID(\"cloudaudit.googleapis.com/system_event\")",
		"disabled": false, "includeChildren": false, "interceptChildren": false, "exclusions": [], "parent": project_id,
		"bucket": "//logging.googleapis.com/projects/shop/locations/global/buckets/_Default", "unread": {},
	},
	changes,
)

bucket(changes) := changed(
	{
		"kind": "gcp_log_bucket", "id": "//logging.googleapis.com/projects/shop/locations/global/buckets/_Default", "project": "shop",
		"location": "global", "name": "_Default", "retentionDays": 365, "locked": false, "lifecycleState": "ACTIVE", "unread": {},
	},
	changes,
)

# A fact of a kind of which only `leaks` matters.
leaky(kind, leaks) := {
	"kind": kind, "id": "//example.googleapis.com/projects/shop/things/web", "project": "shop", "location": "global",
	"name": "web", "leaks": leaks, "unread": {},
}

leak(place, confidence) := {"where": place, "rule": "example-rule", "confidence": confidence}

test_what_is_complete_is_told if {
	gcp.is_told(secret({}), ["name", "iam_policy"])
	not gcp.is_told(object.remove(secret({}), ["name"]), ["name"])
	not gcp.is_told(unread(secret({}), "name"), ["name"])
}

test_a_field_that_is_replaced_is_not_merged if secret({"labels": {"a": "b"}}).labels == {"a": "b"}

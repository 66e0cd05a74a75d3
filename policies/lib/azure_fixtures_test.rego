# METADATA
# title: Facts for tests of the policies on Azure, with every field, and nothing wrong with them
package keystrel.lib.azure_fixtures_test

import data.keystrel.lib.azure

now := "2026-11-30T00:00:00Z"

# An inventory of facts without gaps.
inventory(facts) := {"now": now, "source": "azure:test", "facts": facts, "gaps": []}

# An inventory in which a kind could not be read.
with_gap(facts, kind) := {"now": now, "source": "azure:test", "facts": facts, "gaps": [{"needs": kind, "what": "/subscriptions/s", "why": "AuthorizationFailed"}]}

# A fact with some of its fields replaced.
changed(fact, changes) := object.union(object.remove(fact, object.keys(changes)), changes)

messages(found) := {finding.message | some finding in found}

severities(found) := {object.get(finding, "severity", "default") | some finding in found}

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
	some variant in [
		object.remove(fact, [field]),
		changed(fact, {field: null, "unread": {field: "Forbidden at something"}}),
	]
}

subscription_id := "11111111-2222-3333-4444-555555555555"

tenant_id := "99999999-8888-7777-6666-555555555555"

scope := sprintf("/subscriptions/%s", [subscription_id])

group := sprintf("%s/resourcegroups/shop", [scope])

vault_id := sprintf("%s/providers/microsoft.keyvault/vaults/shop-kv", [group])

hsm_id := sprintf("%s/providers/microsoft.keyvault/managedhsms/shop-hsm", [group])

workspace_id := sprintf("%s/resourcegroups/logs/providers/microsoft.operationalinsights/workspaces/audit", [scope])

# What is on every fact.
base(kind, id) := {
	"kind": kind, "id": id, "name": azure.last(id), "subscription": subscription_id, "resource_group": "shop",
	"location": "westeurope", "tenant": tenant_id, "tags": {}, "unread": {},
}

# A fact of a kind, with its fields and some of them replaced.
fact(kind, id, fields, changes) := changed(object.union(base(kind, id), fields), changes)

subscription(changes) := fact(
	"azure_subscription", scope,
	{
		"subscriptionId": subscription_id, "displayName": "Shop", "state": "Enabled", "tenantId": tenant_id,
		"key_vaults_pricing": {"pricingTier": "Standard", "subPlan": "PerKeyVault"},
	},
	changes,
)

setting(sinks) := {
	"name": "audit", "logs": [{"category": null, "categoryGroup": "audit", "enabled": true}], "sinks": sinks,
}

store_fields := {
	"tenantId": tenant_id, "sku": {"name": "standard", "family": "A"}, "enableSoftDelete": true,
	"softDeleteRetentionInDays": 90, "enablePurgeProtection": true, "publicNetworkAccess": "Disabled",
	"networkAcls": {"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []},
	"provisioningState": "Succeeded", "private_endpoints": [endpoint("Approved")],
	"diagnostic_settings": [setting([sprintf("%s#sink", [workspace_id])])],
	"locks": [{"name": "keep", "level": "CanNotDelete", "scope": vault_id}],
}

vault(changes) := fact(
	"azure_key_vault", vault_id,
	object.union(store_fields, {
		"vaultUri": "https://shop-kv.vault.azure.net/", "enableRbacAuthorization": true, "enabledForDeployment": false,
		"enabledForDiskEncryption": false, "enabledForTemplateDeployment": false, "created": "2024-01-01T00:00:00Z",
		"accessPolicies": [], "event_subscriptions": [events(null)], "api_calls": 5000, "throttled_calls": 0,
		"audit_query": "2026-06-03T00:00:00Z", "leaks": [],
	}),
	changes,
)

endpoint(status) := {
	"name": "pe", "endpoint": sprintf("%s/providers/microsoft.network/privateendpoints/pe", [group]),
	"subscription": subscription_id, "status": status, "description": null,
}

events(types) := {
	"name": "expiry", "includedEventTypes": types, "provisioningState": "Succeeded", "endpointType": "WebHook",
}

hsm(changes) := fact("azure_managed_hsm", hsm_id, object.union(store_fields, {"hsmUri": "https://shop-hsm.managedhsm.azure.net/"}), changes)

# A vault under access policies, with one.
policy_vault(policies) := vault({"enableRbacAuthorization": false, "accessPolicies": policies})

access_policy(changes) := changed(
	{
		"tenantId": tenant_id, "objectId": "user-1", "applicationId": null,
		"permissions": {"keys": [], "secrets": ["get", "list"], "certificates": [], "storage": []},
	},
	changes,
)

sink(changes) := fact(
	"azure_log_sink", sprintf("%s#sink", [workspace_id]),
	{
		"sink": workspace_id, "sink_kind": "workspace", "exists": true, "retention_days": 400, "is_immutable": false,
		"locks": [],
	},
	changes,
)

secret(changes) := fact(
	"azure_secret", sprintf("%s/secrets/db", [vault_id]),
	{
		"vault": vault_id, "enabled": true, "exp": "2027-01-20T00:00:00Z", "nbf": null,
		"created": "2026-11-01T00:00:00Z", "updated": "2026-11-01T00:00:00Z", "recoveryLevel": "Recoverable",
		"contentType": "password", "managed": false,
		"versions": [version("v2", true, "2026-11-01T00:00:00Z"), version("v1", false, "2026-08-01T00:00:00Z")],
		"current_version_created": "2026-11-01T00:00:00Z", "last_read": "2026-11-29T00:00:00Z", "leaks": [],
	},
	changes,
)

version(name, enabled, created) := {"version": name, "enabled": enabled, "created": created, "updated": created, "exp": null, "nbf": null}

key(changes) := fact(
	"azure_key", sprintf("%s/keys/disk", [vault_id]),
	{
		"vault": vault_id, "store_kind": "vault", "enabled": true, "exp": "2027-10-01T00:00:00Z", "nbf": null,
		"created": "2026-10-01T00:00:00Z", "updated": "2026-10-01T00:00:00Z", "recoveryLevel": "Recoverable",
		"exportable": null, "kty": "RSA", "keySize": 3072, "curveName": null, "keyOps": ["wrapKey", "unwrapKey"],
		"managed": false, "release_policy": null,
		"rotation_policy": {
			"expiry_days": 365,
			"actions": [{"action": "rotate", "days_after_create": 180, "days_before_expiry": null}],
		},
		"versions": [version("k2", true, "2026-10-01T00:00:00Z"), version("k1", true, "2026-04-01T00:00:00Z")],
		"current_version_created": "2026-10-01T00:00:00Z", "old_version_uses": [], "leaks": [],
	},
	changes,
)

# A key of a managed HSM.
hsm_key(changes) := changed(key({"id": sprintf("%s/keys/root", [hsm_id]), "name": "root", "vault": hsm_id, "store_kind": "managed_hsm", "kty": "RSA-HSM"}), changes)

certificate(changes) := fact(
	"azure_certificate", sprintf("%s/certificates/web", [vault_id]),
	{
		"vault": vault_id, "enabled": true, "exp": "2027-06-01T00:00:00Z", "nbf": "2026-06-01T00:00:00Z",
		"created": "2026-06-01T00:00:00Z", "updated": "2026-06-01T00:00:00Z", "subject": "CN=shop.example",
		"validity_months": 12, "kty": "RSA", "key_size": 2048, "crv": null, "exportable": false, "reuse_key": false,
		"lifetime_actions": [{"action": "AutoRenew", "days_before_expiry": 30, "lifetime_percentage": null}],
		"issuer": "corp-ca", "issuer_provider": "DigiCert", "leaks": [],
	},
	changes,
)

role_id(name) := sprintf("%s/providers/microsoft.authorization/roledefinitions/%s", [scope, name])

# A role of Azure with these data actions.
role(name, data_actions) := role_with(name, {"dataActions": data_actions}, {})

role_with(name, permission, changes) := fact(
	"azure_role_definition", role_id(name),
	{
		"roleName": name, "description": null, "role_type": "BuiltInRole", "assignableScopes": ["/"],
		"permissions": [object.union({"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}, permission)],
	},
	changes,
)

administrator := role("kv-administrator", ["Microsoft.KeyVault/vaults/*"])

secrets_user := role("kv-secrets-user", ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"])

crypto_officer := role("kv-crypto-officer", ["Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"])

crypto_user := role("kv-crypto-user", ["Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/decrypt/action", "Microsoft.KeyVault/vaults/keys/wrap/action", "Microsoft.KeyVault/vaults/keys/unwrap/action"])

metadata_reader := role("kv-reader", ["Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"])

contributor := role_with("contributor", {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"]}, {})

owner := role_with("owner", {"actions": ["*"]}, {})

roles := [administrator, secrets_user, crypto_officer, crypto_user, metadata_reader, contributor, owner]

# An assignment of a role at the vault to a program.
assignment(name, changes) := fact(
	"azure_role_assignment", sprintf("%s/providers/microsoft.authorization/roleassignments/%s", [vault_id, name]),
	{
		"principalId": "app-1", "principalType": "ServicePrincipal", "principal": "/directoryobjects/app-1",
		"role": role_id(name), "role_name": name, "scope": vault_id, "scope_id": vault_id, "scope_kind": "resource",
		"subscriptions": [subscription_id], "condition": null, "createdOn": "2026-01-01T00:00:00Z",
		"assignment_type": "Assigned", "ends": null,
	},
	changes,
)

# The same at the subscription.
wide(name, changes) := assignment(name, object.union({"scope": scope, "scope_id": scope, "scope_kind": "subscription"}, changes))

principal(object_id, changes) := fact(
	"azure_principal", sprintf("/directoryobjects/%s", [object_id]),
	{
		"object_id": object_id, "exists": true, "principal_kind": "service_principal", "displayName": object_id,
		"userPrincipalName": null, "userType": null, "accountEnabled": null, "appId": "app-id",
		"appOwnerOrganizationId": tenant_id, "servicePrincipalType": "Application",
	},
	changes,
)

user(object_id, changes) := principal(object_id, object.union(
	{
		"principal_kind": "user", "userPrincipalName": sprintf("%s@shop.example", [object_id]), "userType": "Member",
		"accountEnabled": true, "appId": null, "appOwnerOrganizationId": null, "servicePrincipalType": null,
	},
	changes,
))

application(changes) := fact(
	"azure_application", "/applications/a1",
	{
		"appId": "app-id", "displayName": "Shop", "createdDateTime": "2024-01-01T00:00:00Z",
		"signInAudience": "AzureADMyOrg", "service_principal": "/directoryobjects/app-1",
		"passwordCredentials": [this_quarter], "keyCredentials": [],
		"owners": [owned_by("user-1", true)],
	},
	changes,
)

this_quarter := lasting("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z")

# A secret of an application from one time to another.
lasting(start, end) := {"keyId": sprintf("%s-%s", [start, end]), "displayName": "ci", "startDateTime": start, "endDateTime": end}

owned_by(id, is_admin) := {"id": id, "displayName": id, "userPrincipalName": sprintf("%s@shop.example", [id]), "owner_kind": "user", "is_admin": is_admin}

account(changes) := fact(
	"azure_storage_account", sprintf("%s/providers/microsoft.storage/storageaccounts/shop", [group]),
	{
		"allowSharedKeyAccess": true, "keyCreationTime": {"key1": "2026-10-01T00:00:00Z", "key2": "2026-10-02T00:00:00Z"},
		"keyExpirationPeriodInDays": 60, "publicNetworkAccess": "Disabled", "encryption_key_source": "Microsoft.Keyvault",
		"leaks": [],
	},
	changes,
)

sql_server(changes) := fact(
	"azure_sql_server", sprintf("%s/providers/microsoft.sql/servers/shop", [group]),
	{"server_kind": "server", "serverKeyType": "AzureKeyVault", "autoRotationEnabled": true},
	changes,
)

key_reference(changes) := fact(
	"azure_key_reference", sprintf("%s/providers/microsoft.storage/storageaccounts/shop#key", [group]),
	{
		"resource": sprintf("%s/providers/microsoft.storage/storageaccounts/shop", [group]),
		"resource_kind": "storage_account", "named": "https://shop-kv.vault.azure.net/keys/disk", "vault": vault_id,
		"key": key({}).id, "version": null, "follows_rotation": true, "is_readable": true,
	},
	changes,
)

secret_reference(changes) := fact(
	"azure_secret_reference", sprintf("%s/providers/microsoft.web/sites/shop#appSettings.DB", [group]),
	{
		"consumer": sprintf("%s/providers/microsoft.web/sites/shop", [group]), "consumer_kind": "web_app",
		"where": "appSettings.DB", "reference": "https://shop-kv.vault.azure.net/secrets/db", "version": null,
		"target": secret({}).id, "is_readable": true, "status": "Resolved", "details": null,
	},
	changes,
)

web_app(changes) := fact(
	"azure_web_app", sprintf("%s/providers/microsoft.web/sites/shop", [group]),
	{
		"app_kind": "function", "state": "Running", "defaultHostName": "shop.azurewebsites.net",
		"created": "2024-01-01T00:00:00Z", "settings": ["DB"], "leaks": [], "keys_changed": "2026-11-01T00:00:00Z",
		"keys_known_since": "2026-09-01T00:00:00Z",
	},
	changes,
)

leak(place, confidence) := {"where": place, "rule": "example-rule", "confidence": confidence}

test_what_is_complete_is_told if {
	azure.is_told(vault({}), ["name", "accessPolicies"])
	not azure.is_told(object.remove(vault({}), ["name"]), ["name"])
	not azure.is_told(vault({"unread": {"name": "denied"}}), ["name"])
}

test_a_field_that_is_replaced_is_not_merged if vault({"tags": {"a": "b"}}).tags == {"a": "b"}

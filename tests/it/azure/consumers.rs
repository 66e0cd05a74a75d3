//! What uses vaults, as it should and as it should not.

use serde_json::{Value, json};

use super::plants::{BAD, Plant, Roles, leak};
use super::server::Plane;
use super::world::{Maker, merge};

/// Consumers that are as they should be.
pub(super) fn consumers(maker: &mut Maker<'_>, subscription: &'static str, vault: &str) {
    let place = (subscription, "app");
    let host = maker.base(Plane::Vaults, vault);
    let more = json!({"properties": {
        "allowSharedKeyAccess": false, "publicNetworkAccess": "Disabled",
        "keyCreationTime": {"key1": maker.time(10), "key2": maker.time(10)},
        "keyPolicy": {"keyExpirationPeriodInDays": 60},
        "encryption": {"keySource": "Microsoft.Keyvault",
            "keyvaultproperties": {"keyname": "storage", "keyvaulturi": host}},
    }});
    maker.resource(place, "Microsoft.Storage/storageAccounts", "goodstore", more);
    let more = json!({"properties": {
        "activeKey": {"keyUrl": format!("{host}/keys/storage/{}", Maker::key_version("storage"))},
        "rotationToLatestKeyVersionEnabled": true,
    }});
    maker.resource(place, "Microsoft.Compute/diskEncryptionSets", "good-disks", more);
    sql(
        maker,
        place,
        "good-sql",
        &json!({"serverKeyType": "AzureKeyVault", "autoRotationEnabled": true,
        "uri": format!("{host}/keys/storage/{}", Maker::key_version("storage"))}),
    );
    let more = json!({"properties": {
        "kubernetesVersion": "1.33.1", "provisioningState": "Succeeded",
        "addonProfiles": {"azureKeyvaultSecretsProvider": {"enabled": true,
            "config": {"enableSecretRotation": "true", "rotationPollInterval": "2m"}}},
        "securityProfile": {"azureKeyVaultKms": {"enabled": true, "keyId": format!("{host}/keys/storage"),
            "keyVaultNetworkAccess": "Private", "keyVaultResourceId": null}, "workloadIdentity": {"enabled": true}},
        "disableLocalAccounts": true, "aadProfile": {"managed": true, "enableAzureRBAC": true},
        "apiServerAccessProfile": {"enablePrivateCluster": false, "authorizedIPRanges": ["203.0.113.0/24"]},
        "oidcIssuerProfile": {"enabled": true, "issuerURL": "https://oidc.example/"},
    }});
    let id = maker.resource(place, "Microsoft.ContainerService/managedClusters", "good-aks", more);
    maker.around(&id, vec![cluster_log(place.0, "kube-audit")]);
    let reference = format!("@Microsoft.KeyVault(SecretUri={host}/secrets/database)");
    app(
        maker,
        place,
        "good-app",
        "app,linux",
        &json!({"DB": reference, "MODE": "production"}),
        vec![json!({"name": "DB", "properties": {"reference": reference, "status": "Resolved"}})],
    );
    machine(maker, place, "good-vm", "#!/bin/sh\necho hello\n", &json!({}));
    let more = json!({"properties": {"configuration": {"secrets": [
        {"name": "db", "keyVaultUrl": format!("{host}/secrets/database"), "identity": "system"},
        {"name": "own"},
    ]}}});
    maker.resource(place, "Microsoft.App/containerApps", "good-container", more);
    identity(
        maker,
        place,
        "good-identity",
        1,
        vec![json!({"name": "github", "properties": {
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:org/app:environment:production", "audiences": ["api://AzureADTokenExchange"],
        }})],
    );
}

fn sql(maker: &mut Maker<'_>, place: (&str, &str), name: &str, protector: &Value) -> String {
    let more = json!({"properties": {"state": "Ready"}, "tags": {"data-class": "restricted"}});
    let id = maker.resource(place, "Microsoft.Sql/servers", name, more);
    let path = format!("{id}/encryptionProtector/current");
    let right = "Microsoft.Sql/servers/encryptionProtector/read";
    maker.arm(&path, right, json!({"name": "current", "properties": protector}));
    id.to_lowercase()
}

fn app(
    maker: &mut Maker<'_>,
    place: (&str, &str),
    name: &str,
    kind: &str,
    settings: &Value,
    references: Vec<Value>,
) -> String {
    let more =
        json!({"kind": kind, "properties": {"state": "Running", "defaultHostName": "x.example"}});
    let id = maker.resource(place, "Microsoft.Web/sites", name, more);
    maker.arm_list(&format!("{id}/slots"), "Microsoft.Web/sites/slots/read", Vec::new());
    let right = "Microsoft.Web/sites/config/list/action";
    let value = json!({"name": "appsettings", "properties": settings});
    maker.arm(&format!("{id}/config/appsettings/list"), right, value);
    let value = json!({"name": "connectionstrings", "properties": {}});
    maker.arm(&format!("{id}/config/connectionstrings/list"), right, value);
    let right = "Microsoft.Web/sites/config/read";
    maker.arm_list(&format!("{id}/config/configreferences/appsettings"), right, references);
    maker.arm_list(&format!("{id}/config/configreferences/connectionstrings"), right, Vec::new());
    id.to_lowercase()
}

fn machine(
    maker: &mut Maker<'_>,
    place: (&str, &str),
    name: &str,
    script: &str,
    settings: &Value,
) -> String {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(script);
    let more = json!({"properties": {"userData": data}});
    let id = maker.resource(place, "Microsoft.Compute/virtualMachines", name, more);
    let extension = json!({"name": "setup", "properties": {
        "publisher": "Microsoft.Azure.Extensions", "type": "CustomScript", "settings": settings,
    }});
    let right = "Microsoft.Compute/virtualMachines/extensions/read";
    maker.arm_list(&format!("{id}/extensions"), right, vec![extension]);
    id.to_lowercase()
}

fn identity(
    maker: &mut Maker<'_>,
    place: (&str, &str),
    name: &str,
    uses: usize,
    credentials: Vec<Value>,
) -> String {
    let managed = json!({"servicePrincipalType": "ManagedIdentity"});
    let principal = maker.principal("servicePrincipal", name, managed);
    maker.principal_of_identity.clone_from(&principal);
    let more = json!({"properties": {"principalId": principal, "clientId": maker.id()}});
    let id = maker.resource(place, "Microsoft.ManagedIdentity/userAssignedIdentities", name, more);
    let right = "Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action";
    let used = (0..uses).map(|index| json!({"id": format!("{id}/Used/{index}")})).collect();
    maker.arm_list(&format!("{id}/listAssociatedResources"), right, used);
    let right =
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read";
    maker.arm_list(&format!("{id}/federatedIdentityCredentials"), right, credentials);
    id.to_lowercase()
}

/// A diagnostic setting of a cluster, with one category.
fn cluster_log(subscription: &str, category: &str) -> Value {
    json!({"name": "audit", "properties": {
        "workspaceId": Maker::workspace(subscription),
        "logs": [{"category": category, "categoryGroup": null, "enabled": true}],
    }})
}

/// What uses vaults as it should not.
pub(super) fn users(maker: &mut Maker<'_>, roles: &Roles, vault: &str, plant: &mut Plant<'_>) {
    let place = (BAD, "app");
    let host = maker.base(Plane::Vaults, "objects-kv");
    let store = |more: Value| {
        let mut all = json!({"properties": {
            "allowSharedKeyAccess": false, "publicNetworkAccess": "Disabled",
            "keyCreationTime": {"key1": maker.time(10), "key2": maker.time(10)},
            "keyPolicy": {"keyExpirationPeriodInDays": 60},
            "encryption": {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {
                "keyname": "storage", "keyvaulturi": maker.base(Plane::Vaults, "sound-kv")}},
        }});
        merge(&mut all["properties"], more);
        all
    };
    let of_type = "Microsoft.Storage/storageAccounts";
    let shared = store(json!({"allowSharedKeyAccess": true}));
    let old = store(
        json!({"allowSharedKeyAccess": true, "keyCreationTime": {"key1": maker.time(200)}, "keyPolicy": null}),
    );
    let mut own = store(
        json!({"encryption": {"keySource": "Microsoft.Storage", "keyvaultproperties": null}}),
    );
    let pinned = store(
        json!({"encryption": {"keyvaultproperties": {"keyversion": Maker::key_version("storage")}}}),
    );
    let lost = store(
        json!({"encryption": {"keyvaultproperties": {"keyname": "never-was", "keyvaulturi": host}}}),
    );
    let id = maker.resource(place, of_type, "sharedstore", shared);
    plant("az-storage-shared-key", &id);
    let id = maker.resource(place, of_type, "oldstore", old);
    plant("az-storage-shared-key", &id);
    plant("az-kv-managed-storage-key", &id);
    let restricted = json!({"data-class": "restricted", "owner": "team"});
    own["tags"] = restricted.clone();
    let id = maker.resource(place, of_type, "ownstore", own);
    plant("az-data-cmk", &id);
    let id = maker.resource(place, of_type, "pinnedstore", pinned);
    plant("az-kv-cmk-version-pinned", &format!("{id}#key"));
    let id = maker.resource(place, of_type, "loststore", lost);
    plant("az-kv-key-disabled-in-use", &format!("{id}#key"));
    let id = sql(maker, place, "bad-sql", &json!({"serverKeyType": "ServiceManaged"}));
    plant("az-data-cmk", &id);
    let more = json!({"properties": {"kubernetesVersion": "1.33.1", "provisioningState": "Succeeded",
        "addonProfiles": {"azureKeyvaultSecretsProvider": {"enabled": true, "config": {"enableSecretRotation": "false"}}}}});
    let id = maker.resource(place, "Microsoft.ContainerService/managedClusters", "bad-aks", more);
    plant("az-aks-csi-rotation", &id);
    plant("az-aks-kms-etcd", &id);
    for control in ["local-accounts", "entra", "api-open", "workload-identity", "audit-logs"] {
        plant(&format!("az-aks-{control}"), &id);
    }
    maker.around(&id, vec![cluster_log(place.0, "kube-audit-admin")]);
    let broken = "@Microsoft.KeyVault(VaultName=sound-kv;SecretName=none)";
    let settings = json!({"STRIPE_KEY": leak(), "GONE": broken});
    let references = vec![json!({"name": "GONE", "properties": {
        "reference": broken, "status": "SecretNotFound", "vaultName": "sound-kv", "secretName": "none"}})];
    let id = app(maker, place, "bad-app", "app", &settings, references);
    plant("az-appservice-literal-secret", &id);
    plant("az-appservice-kv-ref-broken", &format!("{id}#appsettings.gone"));
    let id = app(maker, place, "bad-function", "functionapp,linux", &json!({}), Vec::new());
    plant("az-function-keys-old", &id);
    let script = format!("#!/bin/sh\nexport STRIPE_KEY={}\n", leak());
    let id = machine(maker, place, "bad-vm", &script, &json!({}));
    plant("az-vm-customdata-secret", &id);
    let settings = json!({"commandToExecute": format!("setup --stripe-key {}", leak())});
    let id = machine(maker, place, "bad-extension-vm", "", &settings);
    plant("az-vm-customdata-secret", &id);
    let id = identity(maker, place, "bad-identity", 9, Vec::new());
    let principal = maker.principal_of_identity.clone();
    maker.assign(BAD, vault, &roles.user, (&principal, "ServicePrincipal"), json!({}));
    plant("az-mi-user-assigned-shared", &id);
}

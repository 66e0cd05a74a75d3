//! What is encrypted with keys of vaults: storage accounts, disks, servers of Azure SQL.

use serde_json::{Value, json};

use super::calls::{
    ACCOUNTS, Call, DISK_SETS, SQL_INSTANCE_PROTECTOR, SQL_INSTANCES, SQL_PROTECTOR, SQL_SERVERS,
};
use super::context::{Azure, Scope};
use super::index::Index;
use super::sheet::Draft;
use crate::collect::field::{Field, as_time, is_true, plain, string};

pub(super) const REFERENCE: &str = "azure_key_reference";
pub(super) const ACCOUNT: &str = "azure_storage_account";
pub(super) const SQL: &str = "azure_sql_server";

/// A key that a resource names.
pub(super) struct Named<'v> {
    pub(super) url: &'v str,
    /// What the resource is.
    pub(super) kind: &'static str,
    /// Whether it takes the key's next version by itself.
    pub(super) follows: bool,
}

/// Writes that a resource names a key.
pub(super) fn reference(
    azure: &Azure<'_>,
    scope: &Scope,
    resource: &Value,
    index: &Index,
    named: &Named<'_>,
) {
    let Some(id) = string(resource, "id").map(str::to_lowercase) else { return };
    if !azure.wants(&[REFERENCE]) {
        return;
    }
    let target = index.url("keys", named.url);
    let mut draft = Draft::new(REFERENCE, &format!("{id}#key"), Some(&scope.tenant));
    draft.set("name", resource["name"].clone());
    draft.set("location", resource["location"].clone());
    draft.set("resource", id);
    draft.set("resource_kind", named.kind);
    draft.set("named", named.url);
    draft.set("vault", target.vault);
    draft.set("key", target.object);
    draft.set("version", target.version);
    draft.set("follows_rotation", named.follows);
    draft.set("is_readable", target.is_readable);
    azure.sheet.fact(draft);
}

static OF_ACCOUNT: &[Field] = &[
    plain("allowSharedKeyAccess").of("properties.allowSharedKeyAccess"),
    plain("keyExpirationPeriodInDays").of("properties.keyPolicy.keyExpirationPeriodInDays"),
    plain("publicNetworkAccess").of("properties.publicNetworkAccess"),
    plain("encryption_key_source").of("properties.encryption.keySource"),
];

/// Reads the storage accounts of a subscription.
pub(super) async fn accounts(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    if !azure.wants(&[ACCOUNT, REFERENCE]) || scope.vault.is_some() {
        return;
    }
    let kinds = [ACCOUNT, REFERENCE];
    for one in azure.all(&ACCOUNTS, &kinds, scope, "Microsoft.Storage/storageAccounts").await {
        let Some(mut draft) = Draft::of(ACCOUNT, &one, &scope.tenant) else { continue };
        let properties = &one["properties"];
        draft.copy(OF_ACCOUNT, &one);
        let created = &properties["keyCreationTime"];
        let time = |name: &str| as_time(&created[name]);
        draft.set("keyCreationTime", json!({"key1": time("key1"), "key2": time("key2")}));
        draft.tell_leaks(azure.judge, &[]);
        if azure.wants(&[ACCOUNT]) {
            azure.sheet.fact(draft);
        }
        let key = &properties["encryption"]["keyvaultproperties"];
        if let (Some(vault), Some(name)) = (string(key, "keyvaulturi"), string(key, "keyname")) {
            let mut url = format!("{}/keys/{name}", vault.trim_end_matches('/'));
            let version = string(key, "keyversion");
            if let Some(version) = version {
                url = format!("{url}/{version}");
            }
            let named = Named { url: &url, kind: "storage_account", follows: version.is_none() };
            reference(azure, scope, &one, index, &named);
        }
    }
}

/// Reads the disk encryption sets of a subscription.
pub(super) async fn disks(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    if !azure.wants(&[REFERENCE]) || scope.vault.is_some() {
        return;
    }
    let of_type = "Microsoft.Compute/diskEncryptionSets";
    for one in azure.all(&DISK_SETS, &[REFERENCE], scope, of_type).await {
        let properties = &one["properties"];
        let Some(url) = string(properties, "activeKey.keyUrl") else { continue };
        let follows = is_true(&properties["rotationToLatestKeyVersionEnabled"]);
        let named = Named { url, kind: "disk_encryption_set", follows };
        reference(azure, scope, &one, index, &named);
    }
}

/// Reads the servers and managed instances of Azure SQL in a subscription.
pub(super) async fn sql(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    if !azure.wants(&[SQL, REFERENCE]) || scope.vault.is_some() {
        return;
    }
    let of: [(&Call, &Call, &str, &'static str, &'static str); 2] = [
        (&SQL_SERVERS, &SQL_PROTECTOR, "servers", "server", "sql_server"),
        (
            &SQL_INSTANCES,
            &SQL_INSTANCE_PROTECTOR,
            "managedInstances",
            "managed_instance",
            "sql_managed_instance",
        ),
    ];
    for (list, protector, of_type, server_kind, resource_kind) in of {
        let all =
            azure.all(list, &[SQL, REFERENCE], scope, &format!("Microsoft.Sql/{of_type}")).await;
        super::each(&all, |one| async move {
            let Some(mut draft) = Draft::of(SQL, one, &scope.tenant) else { return };
            draft.set("server_kind", server_kind);
            let path =
                format!("{}/encryptionProtector/current", string(one, "id").unwrap_or_default());
            match azure.get(protector, &path, "").await {
                Ok(found) => {
                    let properties = found.unwrap_or_default()["properties"].clone();
                    let fields = [plain("serverKeyType"), plain("autoRotationEnabled")];
                    draft.copy(&fields, &properties);
                    let is_own = string(&properties, "serverKeyType") == Some("AzureKeyVault");
                    if let Some(url) = string(&properties, "uri").filter(|_| is_own) {
                        let follows = is_true(&properties["autoRotationEnabled"]);
                        let named = Named { url, kind: resource_kind, follows };
                        reference(azure, scope, one, index, &named);
                    }
                }
                Err(failure) => {
                    draft.unread(&["serverKeyType", "autoRotationEnabled"], &failure.why);
                    // Which key it names is not known either.
                    azure.sheet.gap(&[REFERENCE], draft.id(), &failure.why);
                }
            }
            if azure.wants(&[SQL]) {
                azure.sheet.fact(draft);
            }
        })
        .await;
    }
}

//! What was deleted and can still be recovered.

use serde_json::Value;

use super::calls::{
    Call, DELETED_CERTIFICATES, DELETED_HSMS, DELETED_KEYS, DELETED_SECRETS, DELETED_VAULTS,
};
use super::context::{Azure, Scope};
use super::objects::{part, unasked};
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{Field, is_true, plain, string, time};

pub(super) const VAULT: &str = "azure_deleted_vault";
pub(super) const OBJECT: &str = "azure_deleted_object";

static OF_VAULT: &[Field] = &[
    time("deletionDate").of("properties.deletionDate"),
    time("scheduledPurgeDate").of("properties.scheduledPurgeDate"),
    plain("purgeProtectionEnabled").of("properties.purgeProtectionEnabled"),
];
static OF_OBJECT: &[Field] = &[time("deletionDate").of("deletedDate"), time("scheduledPurgeDate")];

/// Reads the deleted vaults and managed HSMs of a subscription.
pub(super) async fn vaults(azure: &Azure<'_>, scope: &Scope) {
    if !azure.wants(&[VAULT]) || scope.vault.is_some() {
        return;
    }
    let of: [(&Call, &str, &str, &str); 2] = [
        (&DELETED_VAULTS, "deletedVaults", "vaultId", "vault"),
        (&DELETED_HSMS, "deletedManagedHSMs", "mhsmId", "managed_hsm"),
    ];
    for (call, collection, id, what) in of {
        let of_type = format!("Microsoft.KeyVault/{collection}");
        for one in azure.all(call, &[VAULT], scope, &of_type).await {
            let Some(was) = string(&one, &format!("properties.{id}")) else { continue };
            let mut draft = Draft::new(VAULT, &format!("{was}#deleted"), Some(&scope.tenant));
            draft.set("name", one["name"].clone());
            draft.set("location", one["properties"]["location"].clone());
            draft.tags(&one["properties"]);
            draft.set("resource_kind", what);
            draft.set("vault", was.to_lowercase());
            draft.copy(OF_VAULT, &one);
            draft.set("managed", Value::Null);
            azure.sheet.fact(draft);
        }
    }
}

/// Reads the deleted objects of a vault.
pub(super) async fn objects(azure: &Azure<'_>, vault: &Vault) {
    if !azure.wants(&[OBJECT]) {
        return;
    }
    let of: [(&Call, &str, &str); 3] = [
        (&DELETED_SECRETS, "secrets", "secret"),
        (&DELETED_KEYS, "keys", "key"),
        (&DELETED_CERTIFICATES, "certificates", "certificate"),
    ];
    for (call, collection, what) in of {
        let path = format!("/deleted{collection}");
        let listed = match &vault.base {
            Ok(base) => azure.list_at(call, base, &path, "maxresults=25").await,
            Err(why) => unasked(why),
        };
        let of_vault = format!("{}{path}", vault.id());
        for one in azure.sheet.whole(&[OBJECT], &of_vault, listed) {
            let url = string(&one, "id").or_else(|| string(&one, "kid"));
            let Some(name) = url.and_then(|url| part(url, collection, 0)) else { continue };
            let id = format!("{}/{collection}/{name}#deleted", vault.id());
            let mut draft = Draft::new(OBJECT, &id, Some(&vault.scope.tenant));
            draft.set("name", name);
            draft.tags(&one);
            draft.set("vault", vault.id());
            draft.set("resource_kind", what);
            draft.copy(OF_OBJECT, &one);
            draft.set("purgeProtectionEnabled", Value::Null);
            let managed = (what != "certificate").then(|| is_true(&one["managed"]));
            draft.set("managed", managed);
            draft.tell_leaks(azure.judge, &[]);
            azure.sheet.fact(draft);
        }
    }
}

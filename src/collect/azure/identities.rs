//! User-assigned managed identities.

use serde_json::{Value, json};

use super::calls::{ASSOCIATED, IDENTITIES, IDENTITY_CREDENTIALS};
use super::context::{Azure, Scope};
use super::directory::{CREDENTIAL, credential};
use super::principals::id_of;
use super::sheet::{Draft, whole};
use crate::collect::field::{plain, string};

pub(super) const KIND: &str = "azure_managed_identity";

/// Reads the identities of a subscription.
pub(super) async fn read(azure: &Azure<'_>, scope: &Scope) {
    if !azure.wants(&[KIND, CREDENTIAL]) || scope.vault.is_some() {
        return;
    }
    let of_type = "Microsoft.ManagedIdentity/userAssignedIdentities";
    let all = azure.all(&IDENTITIES, &[KIND, CREDENTIAL], scope, of_type).await;
    super::each(&all, |one| identity(azure, scope, one)).await;
}

async fn identity(azure: &Azure<'_>, scope: &Scope, one: &Value) {
    let Some(mut draft) = Draft::of(KIND, one, &scope.tenant) else { return };
    let arm = string(one, "id").unwrap_or_default();
    let id = draft.id().to_owned();
    if azure.wants(&[KIND]) {
        let fields = [
            plain("principalId").of("properties.principalId"),
            plain("clientId").of("properties.clientId"),
        ];
        draft.copy(&fields, one);
        let principal = draft.text("principalId").to_owned();
        draft.set("principal", id_of(&principal));
        let path = format!("{arm}/listAssociatedResources");
        let used = whole(azure.list_posted(&ASSOCIATED, &path, &json!({})).await);
        let used = used.map(|all| {
            let id = |one: &Value| string(one, "id").map(str::to_lowercase);
            let mut ids: Vec<String> = all.iter().filter_map(id).collect();
            ids.sort();
            ids
        });
        draft.read("associated_resources", used);
        azure.sheet.fact(draft);
    }
    if azure.wants(&[CREDENTIAL]) {
        let path = format!("{arm}/federatedIdentityCredentials");
        let listed = azure.list(&IDENTITY_CREDENTIALS, &path, "").await;
        for one in azure.sheet.whole(&[CREDENTIAL], &id, listed) {
            credential(azure, (&id, "managed_identity"), &scope.tenant, &one, &one["properties"]);
        }
    }
}

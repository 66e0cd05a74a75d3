//! App registrations, and who can act as them without a secret.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::calls::{APPLICATIONS, DIRECTORY_ROLES, FEDERATED, OWNERS};
use super::context::Azure;
use super::principals::Principals;
use super::rbac::text;
use super::sheet::{Draft, whole};
use crate::collect::field::{Field, as_time, items, plain, string, strings, time};
use crate::collect::leaks::Leaks;

pub(super) const APPLICATION: &str = "azure_application";
pub(super) const CREDENTIAL: &str = "azure_federated_credential";

static OF_APPLICATION: &[Field] =
    &[plain("appId"), plain("displayName"), time("createdDateTime"), plain("signInAudience")];

/// Roles of the directory that can change any application.
/// Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
const ADMINS: &[&str] = &[
    // Global Administrator, Privileged Role Administrator
    "62e90394-69f5-4237-9190-012177145e10",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    // Application Administrator, Cloud Application Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "158c047a-c907-4556-b7ef-446551a6b5f7",
    // Hybrid Identity Administrator
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
];

/// Reads the applications of the directory.
pub(super) async fn read(azure: &Azure<'_>, principals: &Principals) {
    if !azure.wants(&[APPLICATION, CREDENTIAL]) {
        return;
    }
    azure.reads("applications");
    let query = "$select=id,appId,displayName,createdDateTime,signInAudience,passwordCredentials,\
                 keyCredentials&$top=100";
    let listed = azure.list(&APPLICATIONS, "/v1.0/applications", query).await;
    let all = azure.sheet.whole(&[APPLICATION, CREDENTIAL], "/applications", listed);
    let admins = admins(azure).await;
    super::each(&all, |one| application(azure, one, principals, admins.as_ref())).await;
}

async fn admins(azure: &Azure<'_>) -> Option<BTreeSet<String>> {
    if !azure.wants(&[APPLICATION]) {
        return None;
    }
    let path = "/v1.0/roleManagement/directory/roleAssignments";
    let all = whole(azure.list(&DIRECTORY_ROLES, path, "").await).ok()?;
    let is_admin = |one: &&Value| {
        string(one, "roleDefinitionId")
            .is_some_and(|role| ADMINS.contains(&role.to_lowercase().as_str()))
    };
    let of = |one: &Value| string(one, "principalId").map(str::to_lowercase);
    Some(all.iter().filter(is_admin).filter_map(of).collect())
}

async fn application(
    azure: &Azure<'_>,
    one: &Value,
    principals: &Principals,
    admins: Option<&BTreeSet<String>>,
) {
    let Some(object) = string(one, "id") else { return };
    let id = format!("/applications/{}", object.to_lowercase());
    let mut draft = Draft::new(APPLICATION, &id, Some(&azure.tenant));
    if azure.wants(&[APPLICATION]) {
        draft.copy(OF_APPLICATION, one);
        draft.set("name", one["displayName"].clone());
        let application = string(one, "appId").unwrap_or_default();
        draft.read("service_principal", principals.of_application(application));
        let credentials = |list: &str, names: &[&str]| -> Value {
            let all = items(one, list).iter();
            all.map(|one| {
                let plain = names.iter().map(|name| ((*name).to_owned(), one[*name].clone()));
                let times = ["startDateTime", "endDateTime"].into_iter();
                let times = times.map(|name| (name.to_owned(), as_time(&one[name]).into()));
                plain.chain(times).collect::<serde_json::Map<String, Value>>()
            })
            .collect()
        };
        let passwords = credentials("passwordCredentials", &["keyId", "displayName"]);
        let has_some = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
        let keys = credentials("keyCredentials", &["keyId", "displayName", "type", "usage"]);
        let has_credentials = has_some(&passwords) || has_some(&keys);
        draft.set("passwordCredentials", passwords);
        draft.set("keyCredentials", keys);
        if has_credentials {
            match owners(azure, object, admins).await {
                Ok(owners) => draft.set("owners", owners),
                Err(why) => draft.unread(&["owners"], &why),
            }
        } else {
            draft.set("owners", Value::Array(Vec::new()));
        }
        let mut leaks = Leaks::new(azure.judge);
        draft.blank(&mut leaks, &["displayName", "name", "passwordCredentials", "keyCredentials"]);
        azure.sheet.fact(draft);
    }
    if azure.wants(&[CREDENTIAL]) {
        let path = format!("/beta/applications/{object}/federatedIdentityCredentials");
        let listed = azure.list(&FEDERATED, &path, "").await;
        let owner = (id.as_str(), "application");
        for one in azure.sheet.whole(&[CREDENTIAL], &id, listed) {
            credential(azure, owner, &azure.tenant, &one, &one);
        }
    }
}

async fn owners(
    azure: &Azure<'_>,
    object: &str,
    admins: Option<&BTreeSet<String>>,
) -> Result<Value, String> {
    let path = format!("/v1.0/applications/{object}/owners");
    let query = "$select=id,displayName,userPrincipalName";
    let all = whole(azure.list(&OWNERS, &path, query).await)?;
    let owner = |one: &Value| {
        let kind = match text(one, "@odata.type") {
            Some("#microsoft.graph.servicePrincipal") => "service_principal",
            _ => "user",
        };
        let is_admin = admins.zip(string(one, "id"));
        json!({
            "id": one["id"], "displayName": one["displayName"],
            "userPrincipalName": one["userPrincipalName"], "owner_kind": kind,
            "is_admin": is_admin.map(|(admins, id)| admins.contains(&id.to_lowercase())),
        })
    };
    Ok(all.iter().map(owner).collect())
}

/// Writes a federated credential: of an application, or, with its fields in `properties`, of a managed identity.
pub(super) fn credential(
    azure: &Azure<'_>,
    (owner, kind): (&str, &str),
    tenant: &str,
    one: &Value,
    fields: &Value,
) {
    let Some(name) = string(one, "name") else { return };
    let id = format!("{owner}/federatedidentitycredentials/{name}");
    let mut draft = Draft::new(CREDENTIAL, &id, Some(tenant));
    draft.set("name", name);
    draft.set("owner", owner);
    draft.set("owner_kind", kind);
    draft.set("issuer", string(fields, "issuer"));
    draft.set("subject", string(fields, "subject"));
    draft.set("audiences", strings(fields, "audiences"));
    let expression = &fields["claimsMatchingExpression"];
    let told = expression.is_object().then(
        || json!({"value": expression["value"], "languageVersion": expression["languageVersion"]}),
    );
    draft.set("claimsMatchingExpression", told);
    azure.sheet.fact(draft);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_roles_are_ids() {
        let unique: BTreeSet<&str> = ADMINS.iter().copied().collect();
        assert_eq!(unique.len(), 5);
        assert!(ADMINS.iter().all(|id| super::super::address::is_id(id)));
    }
}

//! Those whom roles and access policies name, as Microsoft Graph knows them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calls::{LOCAL_ASSIGNMENTS, MEMBERS, PRINCIPALS, USERS};
use super::context::Azure;
use super::rbac::text;
use super::roles::Roles;
use super::sheet::{Draft, whole};
use super::vaults::Vault;
use crate::collect::field::{Field, items, plain, string};
use crate::collect::leaks::Leaks;
use crate::collect::rest::Failure;

pub(super) const KIND: &str = "azure_principal";

/// Most ids of one question, and most of one filter. Source: Graph's `getByIds` and its limit of `in`.
const PART: usize = 1000;
const PART_OF_FILTER: usize = 15;
/// Most members of a group that are told: a page of Graph.
const MOST_MEMBERS: usize = 999;

static OF_OBJECT: &[Field] = &[plain("displayName"), plain("userPrincipalName")];
static OF_SERVICE: &[Field] =
    &[plain("appId"), plain("appOwnerOrganizationId"), plain("servicePrincipalType")];
static OF_USER: &[Field] = &[plain("userType"), plain("accountEnabled")];

/// What is known of principals.
#[derive(Debug, Default)]
pub(super) struct Principals {
    /// Kinds by object id.
    kinds: BTreeMap<String, &'static str>,
    /// Ids of facts by the id of their application.
    by_application: BTreeMap<String, String>,
    /// Why there may be others.
    failure: Option<String>,
}

impl Principals {
    /// What a principal is.
    pub(super) fn kind(&self, object: &str) -> &'static str {
        self.kinds.get(object).copied().unwrap_or("unknown")
    }

    /// The service principal of an application, if one is named; why that is not known.
    pub(super) fn of_application(&self, application: &str) -> Result<Option<&str>, &str> {
        match (self.by_application.get(&application.to_lowercase()), &self.failure) {
            (Some(id), _) => Ok(Some(id)),
            (None, Some(why)) => Err(why),
            (None, None) => Ok(None),
        }
    }
}

/// The id of a principal's fact.
pub(super) fn id_of(object: &str) -> String {
    format!("/directoryobjects/{}", object.to_lowercase())
}

/// Reads all whom roles, access policies and local roles of managed HSMs name.
pub(super) async fn read(
    azure: &Azure<'_>,
    roles: &[Roles],
    vaults: &[Vault],
    hsms: &[Vault],
) -> Principals {
    let mut named: BTreeMap<String, &'static str> = BTreeMap::new();
    for (object, kind) in roles.iter().flat_map(Roles::principals) {
        named.insert(object.to_owned(), of_type(kind));
    }
    for vault in vaults {
        for policy in items(vault.draft.get("accessPolicies"), "") {
            let object = string(policy, "objectId").unwrap_or_default();
            named.entry(object.to_owned()).or_insert("unknown");
        }
    }
    let local = super::each(hsms, |hsm| local(azure, hsm)).await;
    for object in local.into_iter().flatten() {
        named.entry(object).or_insert("unknown");
    }
    named.remove("");
    let ids: Vec<&String> = named.keys().collect();
    let parts = ids.chunks(PART).map(<[&String]>::to_vec);
    let found = super::each(parts, |part| objects(azure, part)).await;
    let of_graph = found.iter().find_map(|part| part.as_ref().err()).cloned();
    let failure = roles.iter().find_map(|roles| roles.unnamed().map(str::to_owned)).or(of_graph);
    let mut all = Principals { kinds: named.clone(), by_application: BTreeMap::new(), failure };
    let mut drafts: Vec<Draft> = Vec::new();
    for (part, found) in ids.chunks(PART).zip(found) {
        for object in part {
            let found = found.as_ref().map(|found| found.get(*object)).map_err(String::as_str);
            let draft = draft(azure, object, found);
            if let Some(kind) = draft.get("principal_kind").as_str().and_then(of_kind) {
                all.kinds.insert((*object).clone(), kind);
            }
            if let Some(application) = draft.get("appId").as_str() {
                all.by_application.insert(application.to_lowercase(), draft.id().to_owned());
            }
            drafts.push(draft);
        }
    }
    if azure.wants(&[KIND]) {
        users(azure, &mut drafts).await;
        groups(azure, &mut drafts).await;
        for draft in drafts {
            azure.sheet.fact(draft);
        }
    }
    all
}

fn of_type(kind: &str) -> &'static str {
    match kind {
        "User" => "user",
        "Group" | "ForeignGroup" => "group",
        "ServicePrincipal" => "service_principal",
        "Device" => "device",
        _ => "unknown",
    }
}

fn of_kind(kind: &str) -> Option<&'static str> {
    ["user", "group", "service_principal", "managed_identity", "device"]
        .into_iter()
        .find(|known| *known == kind)
}

/// Those who have local roles of a managed HSM.
async fn local(azure: &Azure<'_>, hsm: &Vault) -> Vec<String> {
    let path = "/providers/Microsoft.Authorization/roleAssignments";
    let listed = match &hsm.base {
        Ok(base) => azure.list_at(&LOCAL_ASSIGNMENTS, base, path, "").await,
        Err(why) => super::objects::unasked(why),
    };
    let what = format!("{}#roleAssignments", hsm.id());
    let all = azure.sheet.whole(&[KIND], &what, listed);
    let object = |one: &Value| string(one, "properties.principalId").map(str::to_lowercase);
    all.iter().filter_map(object).collect()
}

/// Those of some ids that exist.
async fn objects(azure: &Azure<'_>, ids: Vec<&String>) -> Result<BTreeMap<String, Value>, String> {
    let body = json!({"ids": ids});
    let all =
        whole(azure.list_posted(&PRINCIPALS, "/v1.0/directoryObjects/getByIds", &body).await)?;
    let one = |one: Value| Some((string(&one, "id")?.to_lowercase(), one));
    Ok(all.into_iter().filter_map(one).collect())
}

fn draft(azure: &Azure<'_>, object: &str, found: Result<Option<&Value>, &str>) -> Draft {
    let mut draft = Draft::new(KIND, &id_of(object), Some(&azure.tenant));
    draft.set("object_id", object);
    let none = Value::Null;
    draft.copy(OF_OBJECT, &none);
    draft.copy(OF_SERVICE, &none);
    draft.copy(OF_USER, &none);
    for name in ["principal_kind", "members", "has_more_members"] {
        draft.set(name, Value::Null);
    }
    match found {
        Err(why) => {
            let names = [
                "exists",
                "principal_kind",
                "displayName",
                "userPrincipalName",
                "userType",
                "accountEnabled",
                "appId",
                "appOwnerOrganizationId",
                "servicePrincipalType",
                "members",
                "has_more_members",
            ];
            draft.unread(&names, why);
        }
        Ok(None) => draft.set("exists", false),
        Ok(Some(found)) => {
            draft.set("exists", true);
            draft.copy(OF_OBJECT, found);
            let is_managed = string(found, "servicePrincipalType") == Some("ManagedIdentity");
            let kind = match text(found, "@odata.type").unwrap_or_default() {
                "#microsoft.graph.user" => Some("user"),
                "#microsoft.graph.group" => Some("group"),
                "#microsoft.graph.servicePrincipal" if is_managed => Some("managed_identity"),
                "#microsoft.graph.servicePrincipal" => Some("service_principal"),
                "#microsoft.graph.device" => Some("device"),
                _ => None,
            };
            draft.set("principal_kind", kind);
            if text(found, "@odata.type") == Some("#microsoft.graph.servicePrincipal") {
                draft.copy(OF_SERVICE, found);
            }
            draft.set("name", draft.get("displayName").clone());
            let mut leaks = Leaks::new(azure.judge);
            draft.blank(&mut leaks, &["displayName", "name"]);
        }
    }
    draft
}

/// Who is in groups, also by groups in them.
async fn groups(azure: &Azure<'_>, drafts: &mut [Draft]) {
    let groups = drafts.iter_mut().filter(|draft| draft.get("principal_kind") == "group");
    super::each(groups, |draft| members(azure, draft)).await;
}

async fn members(azure: &Azure<'_>, draft: &mut Draft) {
    let path = format!("/v1.0/groups/{}/transitiveMembers", draft.text("object_id"));
    let query = format!("$select=id&$top={MOST_MEMBERS}");
    let why = match azure.get(&MEMBERS, &path, &query).await {
        Ok(Some(answer)) => {
            let is_group =
                |one: &&Value| text(one, "@odata.type") == Some("#microsoft.graph.group");
            let own = items(&answer, "value").iter().filter(|one| !is_group(one));
            let ids: BTreeSet<String> =
                own.filter_map(|one| string(one, "id")).map(id_of).collect();
            draft.set("members", ids.into_iter().collect::<Vec<_>>());
            draft.set("has_more_members", answer.get("@odata.nextLink").is_some());
            return;
        }
        Ok(None) => Failure::new("there is no such thing", MEMBERS.name).why,
        Err(failure) => failure.why,
    };
    draft.unread(&["members", "has_more_members"], &why);
}

/// What only a question for users tells of them.
async fn users(azure: &Azure<'_>, drafts: &mut [Draft]) {
    let is_user = |draft: &Draft| draft.get("principal_kind") == "user";
    let ids: Vec<String> =
        drafts.iter().filter(|one| is_user(one)).map(|one| one.text("object_id").into()).collect();
    let parts: Vec<&[String]> = ids.chunks(PART_OF_FILTER).collect();
    let found = super::each(parts, |part| async move {
        let quoted: Vec<String> = part.iter().map(|id| format!("%27{id}%27")).collect();
        let query = format!(
            "$filter=id%20in%20({})&$select=id,displayName,userPrincipalName,userType,accountEnabled",
            quoted.join(","),
        );
        whole(azure.list(&USERS, "/v1.0/users", &query).await)
    })
    .await;
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    let mut failures: BTreeMap<&str, &str> = BTreeMap::new();
    for (part, found) in ids.chunks(PART_OF_FILTER).zip(&found) {
        match found {
            Ok(users) => by_id.extend(
                users
                    .iter()
                    .filter_map(|one| Some((string(one, "id")?.to_lowercase(), one.clone()))),
            ),
            Err(why) => failures.extend(part.iter().map(|id| (id.as_str(), why.as_str()))),
        }
    }
    for draft in drafts.iter_mut().filter(|draft| is_user(draft)) {
        let object = draft.text("object_id").to_owned();
        match (by_id.get(&object), failures.get(object.as_str())) {
            (Some(user), _) => draft.copy(OF_USER, user),
            (None, Some(why)) => draft.unread(&["userType", "accountEnabled"], why),
            (None, None) => {
                draft.unread(&["userType", "accountEnabled"], "there is no such thing at users");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_assignments_are_kinds() {
        let kinds: BTreeSet<&str> =
            ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device", "New"]
                .into_iter()
                .map(of_type)
                .collect();
        assert_eq!(kinds, ["device", "group", "service_principal", "unknown", "user"].into());
    }
}

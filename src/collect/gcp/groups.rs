//! Groups of Google Workspace and Cloud Identity that read secrets: who is in them, also by groups in them.
//!
//! No role of Google Cloud lets somebody see that: it takes a right in the group, or a role of an administrator of the
//! directory (<https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/searchTransitiveMemberships>).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::{CLOUD_IDENTITY, Call, call};
use super::cloud::Cloud;
use super::field::{items, string};
use super::sheet::Draft;
use crate::collect::http::escape;
use crate::collect::rest::Failure;

pub(super) const KIND: &str = "gcp_group";

pub(super) static LOOKUP: Call = call(&CLOUD_IDENTITY, "cloudidentity.groups.lookup").free();
pub(super) static MEMBERS: Call =
    call(&CLOUD_IDENTITY, "cloudidentity.groups.memberships.searchTransitiveMemberships").free();

/// Most members of a group that are told.
const MOST_MEMBERS: usize = 1000;

/// Reads groups by how policies name them: `group:ops@example.com`.
pub(super) async fn collect(cloud: &Cloud<'_>, groups: &BTreeSet<String>) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    let groups: Vec<&String> = groups.iter().collect();
    cloud.client.all(&groups, |group| Box::pin(one(cloud, group))).await;
}

async fn one(cloud: &Cloud<'_>, group: &str) {
    let email = group.strip_prefix("group:").unwrap_or(group);
    let mut draft = Draft::new(KIND, format!("//cloudidentity.googleapis.com/{group}"), None, None);
    draft.set("email", email);
    match members(cloud, email).await {
        Ok((members, has_more)) => {
            draft.set("members", members);
            draft.set("has_more_members", has_more);
        }
        Err(failure) => draft.unread(&["members", "has_more_members"], &failure.why),
    }
    cloud.sheet.fact(draft);
}

/// Who is in a group, as policies name them, and whether there are more.
async fn members(cloud: &Cloud<'_>, email: &str) -> Result<(Value, bool), Failure> {
    let path = format!("v1/groups:lookup?groupKey.id={}", escape(email, false));
    let absent = || Failure::new("there is no such thing", LOOKUP.name);
    let found = cloud.get(&LOOKUP, &path).await?.ok_or_else(absent)?;
    let name = string(&found, "name").ok_or_else(absent)?;
    let path =
        format!("v1/{}/memberships:searchTransitiveMemberships?pageSize=200", escape(name, true));
    let mut count = 0;
    let mut has_more = false;
    let listed = cloud
        .list_some(&MEMBERS, &path, "memberships", |page| {
            count += page.len();
            has_more = count > MOST_MEMBERS;
            !has_more
        })
        .await;
    if let Some(failure) = listed.failure {
        return Err(failure);
    }
    let all: BTreeSet<String> = listed.items.iter().flat_map(named).take(MOST_MEMBERS).collect();
    Ok((json!(all), has_more))
}

/// A member by the keys that it has; groups are left out, since their members are told.
fn named(member: &Value) -> Vec<String> {
    let is_group = string(member, "member").is_some_and(|name| name.starts_with("groups/"));
    if is_group {
        return Vec::new();
    }
    let keys = items(member, "preferredMemberKey").iter();
    keys.filter_map(|key| string(key, "id"))
        .map(|id| {
            let is_account = id.ends_with(".gserviceaccount.com");
            format!("{}:{id}", if is_account { "serviceAccount" } else { "user" })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_the_names_of_policies() {
        let of = |member: &str, id: &str| {
            named(
                &json!({"member": member, "preferredMemberKey": [{"id": id}], "relationType": "DIRECT"}),
            )
        };
        assert_eq!(of("users/1", "ada@example.com"), ["user:ada@example.com"]);
        let account = "web@shop.iam.gserviceaccount.com";
        assert_eq!(of("users/2", account), [format!("serviceAccount:{account}")]);
        assert!(of("groups/3", "inner@example.com").is_empty());
        assert!(named(&json!({"member": "users/4"})).is_empty());
    }
}

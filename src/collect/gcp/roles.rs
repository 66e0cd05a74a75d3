//! Roles: those that policies name, and all custom ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use serde_json::Value;

use super::api::{Call, IAM, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, part, plain, string, strings};
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_role";

pub(super) static PREDEFINED: Call = call(&IAM, "iam.roles.get").free();
pub(super) static CUSTOM: Call = call(&IAM, "iam.roles.get");
pub(super) static LIST: Call = call(&IAM, "iam.roles.list");

static FIELDS: &[Field] = &[plain("title"), plain("stage")];
static PREFIXES: &[&str] = &[
    "secretmanager.",
    "cloudkms.",
    "iam.serviceAccounts.",
    "iam.serviceAccountKeys.",
    "iam.roles.",
    "pubsub.topics.publish",
];

/// What each role permits, of what is kept; or why that is not known.
pub(super) type Roles = BTreeMap<String, Result<BTreeSet<String>, String>>;

/// Reads all custom roles, and the others that policies name.
pub(super) async fn collect(cloud: &Cloud<'_>, projects: &[Project]) -> Roles {
    if !cloud.wants(&[KIND]) {
        return Roles::new();
    }
    cloud.reads("roles");
    let organizations: BTreeSet<&str> =
        projects.iter().filter_map(|project| project.organization()).collect();
    let parents =
        projects.iter().map(Project::name).chain(organizations.iter().map(|&name| name.to_owned()));
    let listed = cloud
        .client
        .all(parents, |parent| async move {
            let path = format!("v1/{}/roles?view=FULL&pageSize=300", escape(&parent, true));
            let listed = cloud.list(&LIST, &path, "roles").await;
            if let Some(failure) = &listed.failure {
                let id = format!("//cloudresourcemanager.googleapis.com/{parent}");
                cloud.sheet.gap(&[KIND], &id, &failure.why);
            }
            listed.items
        })
        .await;
    let mut roles = Roles::new();
    for role in listed.into_iter().flatten() {
        let Some(name) = string(&role, "name").map(str::to_owned) else { continue };
        write(cloud, projects, &name, &Ok(Some(role)), &mut roles);
    }
    let named = cloud.roles.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let missing = named.into_iter().filter(|name| !roles.contains_key(name)).collect::<Vec<_>>();
    let found = cloud
        .client
        .all(missing, |name| async move {
            let call = if name.starts_with("roles/") { &PREDEFINED } else { &CUSTOM };
            let answer = cloud.get(call, &format!("v1/{}", escape(&name, true))).await;
            (name, answer.map_err(|failure| failure.why))
        })
        .await;
    for (name, answer) in found {
        write(cloud, projects, &name, &answer, &mut roles);
    }
    roles
}

fn write(
    cloud: &Cloud<'_>,
    projects: &[Project],
    name: &str,
    answer: &Result<Option<Value>, String>,
    roles: &mut Roles,
) {
    let project = part(name, "projects").map(|named| {
        projects
            .iter()
            .find(|project| project.is(named))
            .map_or(named, |project| project.id.as_str())
    });
    let mut draft = Draft::new(KIND, format!("//iam.googleapis.com/{name}"), project, None);
    draft.set("name", name);
    draft.set("is_custom", !name.starts_with("roles/"));
    let permissions = match answer {
        Ok(found) => {
            let nothing = Value::Null;
            let role = found.as_ref().unwrap_or(&nothing);
            draft.copy(FIELDS, role);
            draft.set("deleted", role["deleted"] == true);
            let permissions = permissions(role);
            draft.set("includedPermissions", permissions.iter().cloned().collect::<Vec<_>>());
            Ok(permissions)
        }
        Err(why) => {
            draft.unread(&["title", "stage", "deleted", "includedPermissions"], why);
            Err(why.clone())
        }
    };
    roles.insert(name.to_owned(), permissions);
    cloud.sheet.fact(draft);
}

/// What a role permits, of what has to do with secrets; nothing if it is deleted or disabled.
fn permissions(role: &Value) -> BTreeSet<String> {
    if role["deleted"] == true || string(role, "stage") == Some("DISABLED") {
        return BTreeSet::new();
    }
    let is_kept = |permission: &String| {
        PREFIXES.iter().any(|prefix| permission.starts_with(prefix))
            || permission.ends_with(".setIamPolicy")
    };
    strings(role, "includedPermissions").into_iter().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roles_keep_what_has_to_do_with_secrets() {
        let role = json!({"includedPermissions": [
            "secretmanager.versions.access", "compute.instances.get", "storage.buckets.setIamPolicy",
            "pubsub.topics.publish", "cloudkms.cryptoKeyVersions.useToDecrypt",
        ]});
        assert_eq!(permissions(&role).len(), 4);
        let mut gone = role.clone();
        gone["deleted"] = json!(true);
        assert!(permissions(&gone).is_empty());
        let mut disabled = role;
        disabled["stage"] = json!("DISABLED");
        assert!(permissions(&disabled).is_empty());
    }
}

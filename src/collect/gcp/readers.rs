//! Who can read a secret: bindings of the secret, its project and all above it, through the permissions of roles,
//! without what deny policies take away.
//!
//! Everything that allows adds up, and a denial wins. Who is in a group is told by `gcp_group`, in a domain by nothing; a
//! condition that may hold makes a reader conditional. Who can become a reader by acting as a service account is not
//! followed here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cloud::{Cloud, Project};
use super::condition::{Resource, Truth, judge};
use super::deny::{Denial, Denials, Denied};
use super::field::{items, string, strings};
use super::hierarchy::Hierarchy;
use super::roles::Roles;
use super::secrets::{Place, Secrets};
use super::sheet::Draft;

pub(super) const KIND: &str = "gcp_secret_readers";

/// Kinds of access, the permissions of which one gives it, and whether they are asked of versions.
static ACCESS: &[(&str, &[&str], bool)] = &[
    ("delete", &["secretmanager.secrets.delete"], false),
    ("delete", &["secretmanager.versions.destroy"], true),
    ("list", &["secretmanager.versions.list"], false),
    ("policy", &["secretmanager.secrets.setIamPolicy"], false),
    ("read", &["secretmanager.versions.access"], true),
    ("update", &["secretmanager.versions.add"], false),
];

/// All that decides who can read secrets.
pub(super) struct Known<'k> {
    pub(super) hierarchy: &'k Hierarchy,
    pub(super) roles: &'k Roles,
    pub(super) denials: &'k Denials,
}

/// What one may do, and by what.
#[derive(Default)]
struct Reach {
    access: BTreeSet<&'static str>,
    via: BTreeSet<String>,
    /// Of each way to read: what it depends on, if on anything.
    ways: Vec<Option<String>>,
}

/// Writes who can read the secrets of a project; gives the groups among them.
pub(super) fn write(
    cloud: &Cloud<'_>,
    project: &Project,
    secrets: &Secrets,
    known: &Known<'_>,
) -> BTreeSet<String> {
    let mut groups = BTreeSet::new();
    for (draft, place) in secrets.drafts.iter().zip(&secrets.places) {
        let readers = of_secret(cloud, project, draft, place, known);
        let all = readers.get("readers").as_array().into_iter().flatten();
        let named = all.filter_map(|reader| string(reader, "principal"));
        groups.extend(named.filter(|name| name.starts_with("group:")).map(str::to_owned));
        cloud.sheet.fact(readers);
    }
    groups
}

fn of_secret(
    cloud: &Cloud<'_>,
    project: &Project,
    secret: &Draft,
    place: &Place,
    known: &Known<'_>,
) -> Draft {
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    let mut levels: Vec<(&str, &Value)> = Vec::new();
    match secret.why_unread("iam_policy") {
        Some(why) => {
            unknown.insert(format!("the secret's policy: {why}"));
        }
        None => levels.push(("the secret", secret.get("iam_policy"))),
    }
    if let Err(why) = &project.above {
        unknown.insert(format!("what is above the project: {why}"));
    }
    let mut denials: Vec<&Denial> = Vec::new();
    for node in known.hierarchy.of(project) {
        let mut miss = |what: &str, why: &str| {
            unknown.insert(format!("{what} of {}: {why}", node.name));
        };
        match &node.policy {
            Ok(policy) => levels.push((&node.name, policy)),
            Err(why) => miss("policy", why),
        }
        match known.denials.get(&node.name) {
            Some(Ok(rules)) => denials.extend(rules),
            Some(Err(why)) => miss("deny policies", why),
            None => miss("deny policies", "they were not read"),
        }
    }
    // Conditions have the project's number.
    let name = place.name.as_str();
    let resource = |is_version| Resource { name, is_version, now: cloud.now };
    let mut reach: BTreeMap<String, Reach> = BTreeMap::new();
    for (level, policy) in levels {
        for binding in items(policy, "bindings") {
            let Some(role) = string(binding, "role") else { continue };
            let permissions = match known.roles.get(role) {
                Some(Ok(permissions)) => permissions,
                Some(Err(why)) => {
                    unknown.insert(format!("{role}: {why}"));
                    continue;
                }
                None => {
                    unknown.insert(format!("{role}: it was not read"));
                    continue;
                }
            };
            for (access, needs, is_version) in ACCESS {
                let needed = needs.iter().find(|needed| permissions.contains(**needed));
                let Some(permission) = needed else { continue };
                let expression = string(&binding["condition"], "expression");
                let truth = expression.map(|text| judge(text, resource(*is_version)));
                if truth == Some(Truth::Fails) {
                    continue;
                }
                let title = string(&binding["condition"], "title").unwrap_or("a condition");
                let condition = truth.map(|_| title);
                for member in strings(binding, "members") {
                    if member.starts_with("deleted:") {
                        continue;
                    }
                    let Some(condition) =
                        allowed(&denials, &member, permission, resource(*is_version), condition)
                    else {
                        continue;
                    };
                    let reach = reach.entry(member).or_default();
                    reach.access.insert(access);
                    reach.via.insert(format!("{role} on {level}"));
                    reach.ways.push(condition);
                }
            }
        }
    }
    let readers: Vec<Value> =
        reach.into_iter().map(|(member, reach)| reach.told(&member)).collect();
    let id = format!("{}#readers", secret.id());
    let mut draft = Draft::new(KIND, id, Some(&project.id), secret.location());
    draft.set("secret", secret.id());
    draft.set("readers", readers);
    draft.set("complete", unknown.is_empty());
    draft.set("unknown", unknown.into_iter().collect::<Vec<_>>());
    draft
}

/// What it depends on that a member has a permission; nothing if it is denied.
#[expect(clippy::option_option, reason = "denied, or allowed with or without a condition")]
fn allowed(
    denials: &[&Denial],
    member: &str,
    permission: &str,
    resource: Resource<'_>,
    condition: Option<&str>,
) -> Option<Option<String>> {
    let mut depends = condition.map(str::to_owned);
    for denial in denials {
        match denial.denies(member, permission, resource) {
            Denied::Yes => return None,
            Denied::Perhaps if depends.is_none() => {
                depends = Some(format!("unless {} denies it", denial.policy));
            }
            _ => {}
        }
    }
    Some(depends)
}

impl Reach {
    fn told(self, member: &str) -> Value {
        let conditional = self.ways.iter().all(Option::is_some);
        let conditions: BTreeSet<String> = self.ways.into_iter().flatten().collect();
        let conditions: Vec<String> =
            if conditional { conditions.into_iter().collect() } else { Vec::new() };
        json!({
            "principal": member,
            "principal_kind": principal_kind(member),
            "access": self.access,
            "via": self.via,
            "conditional": conditional,
            "conditions": conditions,
        })
    }
}

/// What a member of a binding is.
pub(super) fn principal_kind(member: &str) -> &'static str {
    match member.split_once(':') {
        None if matches!(member, "allUsers" | "allAuthenticatedUsers") => "everyone",
        Some(("principal" | "principalSet", _)) => "federated",
        Some(("user", _)) => "user",
        Some(("group", _)) => "group",
        Some(("domain", _)) => "domain",
        Some(("serviceAccount", email)) if is_service_agent(email) => "service_agent",
        // `serviceAccount:shop.svc.id.goog[namespace/name]`, the older form of an identity of a cluster.
        Some(("serviceAccount", email)) if email.contains(".svc.id.goog[") => "federated",
        Some(("serviceAccount", _)) => "service_account",
        _ => "other",
    }
}

/// Projects of Google in which accounts of services are, beside `gcp-sa-*` and `*-system`.
/// Source: <https://cloud.google.com/iam/docs/service-agents>, November 2026.
static AGENTS: &[&str] = &[
    "compute-system",
    "container-engine-robot",
    "containerregistry",
    "cloud-ml.google.com",
    "cloudcomposer-accounts",
    "cloud-tpu",
    "cloud-filer",
    "cloud-redis",
    "dataflow-service-producer-prod",
    "dataproc-accounts",
    "endpoints-portal",
    "firebase-rules",
    "gae-api-prod.google.com",
    "gcf-admin-robot",
    "genomics-api.google.com",
    "gs-project-accounts",
    "serverless-robot-prod",
    "service-consumer-management",
    "service-networking",
    "sourcerepo-service-accounts",
    "bigquery-encryption",
    "bigquery-data-connectors",
    "storage-transfer-service",
    "trifacta-gcloud-prod",
    "cloud-memcache-sa",
    "remotebuildexecution",
    "security-center-api",
    "cloud-cdn-fill",
];

/// Whether an account is one with which a service of Google does its own work.
fn is_service_agent(email: &str) -> bool {
    let Some((user, domain)) = email.split_once('@') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if domain == "cloudservices.gserviceaccount.com" {
        return is_number(user);
    }
    let Some(home) = domain.strip_suffix(".iam.gserviceaccount.com") else { return false };
    let is_service = |prefix: &str| {
        user.strip_prefix(prefix).is_some_and(|number| {
            // `service-123`, `service-org-123`, `service-folder-123`.
            is_number(number.rsplit('-').next().unwrap_or(number))
        })
    };
    (is_service("service-") || is_number(user))
        && (home.starts_with("gcp-sa-") || home.ends_with("-system") || AGENTS.contains(&home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart() {
        for (member, kind) in [
            ("allUsers", "everyone"),
            ("allAuthenticatedUsers", "everyone"),
            ("user:a@example.com", "user"),
            ("group:a@example.com", "group"),
            ("domain:example.com", "domain"),
            ("serviceAccount:a@shop.iam.gserviceaccount.com", "service_account"),
            ("serviceAccount:12-compute@developer.gserviceaccount.com", "service_account"),
            ("serviceAccount:12@cloudbuild.gserviceaccount.com", "service_account"),
            ("serviceAccount:12@cloudservices.gserviceaccount.com", "service_agent"),
            (
                "serviceAccount:service-12@gcp-sa-secretmanager.iam.gserviceaccount.com",
                "service_agent",
            ),
            ("serviceAccount:service-org-12@gcp-sa-scc.iam.gserviceaccount.com", "service_agent"),
            ("serviceAccount:service-12@compute-system.iam.gserviceaccount.com", "service_agent"),
            ("serviceAccount:service-12@shop.iam.gserviceaccount.com", "service_account"),
            ("serviceAccount:shop.svc.id.goog[a/b]", "federated"),
            ("principal://iam.googleapis.com/projects/1/x", "federated"),
            ("principalSet://iam.googleapis.com/projects/1/x", "federated"),
            ("projectOwner:shop", "other"),
        ] {
            assert_eq!(principal_kind(member), kind, "{member}");
        }
    }
}

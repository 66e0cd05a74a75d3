//! Deny policies: what they take away, from whom. Principals in them are written otherwise than in bindings
//! (<https://cloud.google.com/iam/docs/principal-identifiers>).

use std::collections::BTreeMap;

use super::api::{Call, IAM, call};
use super::cloud::{Cloud, Project};
use super::condition::{Resource, Truth, judge};
use super::field::{items, last, string, strings};

pub(super) static LIST: Call = call(&IAM, "iam.denypolicies.list");
pub(super) static GET: Call = call(&IAM, "iam.denypolicies.get");

/// A rule of a deny policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Denial {
    /// Of which policy, for people.
    pub(super) policy: String,
    principals: Vec<String>,
    exceptions: Vec<String>,
    permissions: Vec<String>,
    but_permissions: Vec<String>,
    condition: Option<String>,
}

/// Rules by where they are attached: `projects/shop`; or why they are not known.
pub(super) type Denials = BTreeMap<String, Result<Vec<Denial>, String>>;

/// Whether a rule takes something away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on what is not known here.
    Perhaps,
}

/// Reads the deny policies at projects and above them.
pub(super) async fn collect(cloud: &Cloud<'_>, points: Vec<(String, String)>) -> Denials {
    cloud.reads("deny policies");
    let read =
        |(name, asked): (String, String)| async move { (name, of_point(cloud, &asked).await) };
    cloud.client.all(points, read).await.into_iter().collect()
}

/// What a project's policies are attached to, and what is above it: names, and how the API is asked.
pub(super) fn points<'p>(projects: impl Iterator<Item = &'p Project>) -> Vec<(String, String)> {
    let mut points = BTreeMap::new();
    for project in projects {
        let number = project.number().unwrap_or(&project.id);
        points.insert(project.name(), format!("projects/{number}"));
        for above in project.above.iter().flatten() {
            points.insert(above.clone(), above.clone());
        }
    }
    points.into_iter().collect()
}

async fn of_point(cloud: &Cloud<'_>, name: &str) -> Result<Vec<Denial>, String> {
    let point =
        crate::collect::http::escape(&format!("cloudresourcemanager.googleapis.com/{name}"), false);
    let path = format!("v2/policies/{point}/denypolicies");
    let listed = cloud.list(&LIST, &format!("{path}?pageSize=1000"), "policies").await;
    if let Some(failure) = listed.failure {
        return Err(failure.why);
    }
    let mut denials = Vec::new();
    for policy in &listed.items {
        let Some(id) = string(policy, "name").map(last) else { continue };
        // The list leaves the rules out.
        let path = format!("{path}/{}", crate::collect::http::escape(id, false));
        let Some(policy) = cloud.get(&GET, &path).await.map_err(|failure| failure.why)? else {
            continue;
        };
        let rules = items(&policy, "rules").iter().map(|rule| &rule["denyRule"]);
        denials.extend(rules.map(|rule| Denial {
            policy: format!("{id} on {name}"),
            principals: strings(rule, "deniedPrincipals"),
            exceptions: strings(rule, "exceptionPrincipals"),
            permissions: strings(rule, "deniedPermissions"),
            but_permissions: strings(rule, "exceptionPermissions"),
            condition: string(rule, "denialCondition.expression").map(str::to_owned),
        }));
    }
    Ok(denials)
}

impl Denial {
    /// Whether it denies a permission, as bindings write it, to a member, as bindings write it.
    pub(super) fn denies(&self, member: &str, permission: &str, resource: Resource<'_>) -> Denied {
        let named = |list: &[String]| list.iter().any(|one| is_permission(one, permission));
        if !named(&self.permissions) || named(&self.but_permissions) {
            return Denied::No;
        }
        let hit = any(&self.principals, member);
        if hit == Denied::No {
            return Denied::No;
        }
        match any(&self.exceptions, member) {
            Denied::Yes => return Denied::No,
            Denied::Perhaps => return Denied::Perhaps,
            Denied::No => {}
        }
        let condition =
            self.condition.as_deref().map_or(Truth::Holds, |text| judge(text, resource));
        match condition {
            Truth::Holds => hit,
            Truth::MayHold => Denied::Perhaps,
            Truth::Fails => Denied::No,
        }
    }
}

/// `secretmanager.googleapis.com/versions.access` or `secretmanager.googleapis.com/versions.*`, of
/// `secretmanager.versions.access`.
fn is_permission(denied: &str, permission: &str) -> bool {
    let Some((service, rest)) = permission.split_once('.') else { return false };
    let Some(own) =
        denied.strip_prefix(service).and_then(|own| own.strip_prefix(".googleapis.com/"))
    else {
        return false;
    };
    own == rest || own == "*" || own.strip_suffix('*').is_some_and(|start| rest.starts_with(start))
}

fn any(principals: &[String], member: &str) -> Denied {
    let mut found = Denied::No;
    for principal in principals {
        match matches(principal, member) {
            Denied::Yes => return Denied::Yes,
            Denied::Perhaps => found = Denied::Perhaps,
            Denied::No => {}
        }
    }
    found
}

/// Whether a principal of a deny policy is, or has in it, a member of a binding.
fn matches(principal: &str, member: &str) -> Denied {
    if principal == "principalSet://goog/public:all" || principal == member {
        return Denied::Yes;
    }
    let (kind, name) = member.split_once(':').unwrap_or((member, ""));
    if let Some(subject) = principal.strip_prefix("principal://goog/subject/") {
        let is = kind == "user" && subject.eq_ignore_ascii_case(name);
        // Some members of a group or of a domain are less than that.
        return if is { Denied::Yes } else { Denied::No };
    }
    if let Some(account) =
        principal.strip_prefix("principal://iam.googleapis.com/projects/-/serviceAccounts/")
    {
        let is = kind == "serviceAccount" && account.eq_ignore_ascii_case(name);
        return if is { Denied::Yes } else { Denied::No };
    }
    if let Some(group) = principal.strip_prefix("principalSet://goog/group/")
        && kind == "group"
        && group.eq_ignore_ascii_case(name)
    {
        return Denied::Yes;
    }
    // Groups, domains, pools, all of an organization: who is in them is not read.
    if principal.starts_with("principalSet://") { Denied::Perhaps } else { Denied::No }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn rules_deny_whom_and_what_they_name() {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let denial = Denial {
            policy: "p".into(),
            principals: texts(&["principalSet://goog/public:all"]),
            exceptions: texts(&[
                "principal://goog/subject/a@example.com",
                "principalSet://goog/group/admins@example.com",
            ]),
            permissions: texts(&["secretmanager.googleapis.com/versions.*"]),
            but_permissions: texts(&["secretmanager.googleapis.com/versions.list"]),
            condition: None,
        };
        let resource = Resource {
            name: "projects/1/secrets/db",
            is_version: true,
            now: Timestamp::UNIX_EPOCH,
        };
        let read = "secretmanager.versions.access";
        let only = Denial { exceptions: Vec::new(), ..denial.clone() };
        for (rule, member, permission, expected) in [
            (&only, "user:b@example.com", read, Denied::Yes),
            (&only, "user:b@example.com", "secretmanager.versions.list", Denied::No),
            (&only, "user:b@example.com", "secretmanager.secrets.get", Denied::No),
            (&denial, "user:a@example.com", read, Denied::No),
            (&denial, "group:admins@example.com", read, Denied::No),
            // May be one of the admins.
            (&denial, "user:b@example.com", read, Denied::Perhaps),
        ] {
            assert_eq!(
                rule.denies(member, permission, resource),
                expected,
                "{member} {permission}"
            );
        }
        let one = Denial {
            principals: texts(&[
                "principal://iam.googleapis.com/projects/-/serviceAccounts/s@x.iam.gserviceaccount.com",
            ]),
            ..only.clone()
        };
        assert_eq!(
            one.denies("serviceAccount:s@x.iam.gserviceaccount.com", read, resource),
            Denied::Yes
        );
        assert_eq!(
            one.denies("serviceAccount:t@x.iam.gserviceaccount.com", read, resource),
            Denied::No
        );
        let tagged = Denial { condition: Some("resource.matchTag('1/a', 'b')".into()), ..only };
        assert_eq!(tagged.denies("user:b@example.com", read, resource), Denied::Perhaps);
    }
}

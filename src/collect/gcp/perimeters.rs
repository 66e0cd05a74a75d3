//! Perimeters of VPC Service Controls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::{Call, PERIMETERS, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, flag, plain, string, strings};
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_service_perimeter";

pub(super) static POLICIES: Call = call(&PERIMETERS, "accesscontextmanager.policies.list").above();
pub(super) static LIST: Call =
    call(&PERIMETERS, "accesscontextmanager.servicePerimeters.list").above();

static FIELDS: &[Field] = &[plain("title"), flag("useExplicitDryRunSpec")];

/// Reads the perimeters of the organizations above projects.
pub(super) async fn collect(cloud: &Cloud<'_>, projects: &[Project]) {
    if !cloud.wants(&[KIND]) {
        return;
    }
    for project in projects {
        if let Err(why) = &project.above {
            cloud.sheet.gap(&[KIND], &project.fact(), why);
        }
    }
    let organizations: BTreeSet<&str> =
        projects.iter().filter_map(|project| project.organization()).collect();
    for organization in organizations {
        let what = format!("//cloudresourcemanager.googleapis.com/{organization}");
        let path = format!("v1/accessPolicies?parent={organization}&pageSize=100");
        let policies = cloud.list(&POLICIES, &path, "accessPolicies").await;
        if let Some(failure) = &policies.failure {
            cloud.sheet.gap(&[KIND], &what, &failure.why);
        }
        for policy in &policies.items {
            let Some(name) = string(policy, "name") else { continue };
            let path = format!("v1/{}/servicePerimeters?pageSize=100", escape(name, true));
            let listed = cloud.list(&LIST, &path, "servicePerimeters").await;
            if let Some(failure) = &listed.failure {
                cloud.sheet.gap(&[KIND], &what, &failure.why);
            }
            for perimeter in &listed.items {
                write(cloud, projects, perimeter);
            }
        }
    }
}

fn write(cloud: &Cloud<'_>, projects: &[Project], perimeter: &Value) {
    let Some(name) = string(perimeter, "name") else { return };
    let id = format!("//accesscontextmanager.googleapis.com/{name}");
    let mut draft = Draft::new(KIND, id, None, None);
    draft.copy_blanked(FIELDS, perimeter, &mut cloud.leaks());
    // It is the first of the type, which JSON leaves out.
    draft.set(
        "perimeterType",
        string(perimeter, "perimeterType").unwrap_or("PERIMETER_TYPE_REGULAR"),
    );
    let status = &perimeter["status"];
    let resources = strings(status, "resources");
    let missing = projects.iter().find(|project| project.number().is_none());
    if let Some(project) = missing {
        let why = format!("the number of {} is not known", project.id);
        draft.unread(&["projects"], &why);
    } else {
        let within = projects.iter().filter(|project| {
            let name = project.number().map(|number| format!("projects/{number}"));
            name.is_some_and(|name| resources.contains(&name))
        });
        draft.set("projects", within.map(Project::fact).collect::<Vec<_>>());
    }
    draft.set("status", status.is_object().then(|| {
        json!({"resources": resources, "restrictedServices": strings(status, "restrictedServices")})
    }));
    cloud.sheet.fact(draft);
}

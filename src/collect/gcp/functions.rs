//! Functions of either generation, and the secrets that they name.

use serde_json::Value;

use super::api::{Call, FUNCTIONS, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, at, items, last, part, plain, string, strings};
use super::references::{Mention, REFERENCE};
use crate::collect::http::escape;

pub(super) const KIND: &str = "gcp_function";

pub(super) static LIST: Call = call(&FUNCTIONS, "cloudfunctions.functions.list");

static FIELDS: &[Field] = &[
    plain("environment"),
    plain("state"),
    plain("serviceAccountEmail").of("serviceConfig.serviceAccountEmail"),
];

/// Reads the functions of a project, and gives the secrets that they name.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) -> Vec<Mention> {
    if !cloud.wants(&[KIND, REFERENCE]) {
        return Vec::new();
    }
    cloud.reads("functions");
    let kinds = [KIND, REFERENCE];
    let path = format!("v2/{}/locations/-/functions?pageSize=1000", escape(&project.name(), true));
    let listed = cloud.list(&LIST, &path, "").await;
    let pages = cloud.whole(project, &kinds, &project.fact(), &FUNCTIONS, listed).items;
    let mut mentions = Vec::new();
    for page in &pages {
        for place in strings(page, "unreachable") {
            let what = format!("{}#{}", project.fact(), last(&place));
            cloud.sheet.gap(
                &kinds,
                &what,
                &format!("the location cannot be reached at {}", LIST.name),
            );
        }
        for function in items(page, "functions") {
            mentions.extend(of_function(cloud, project, function));
        }
    }
    mentions
}

fn of_function(cloud: &Cloud<'_>, project: &Project, function: &Value) -> Vec<Mention> {
    let Some(name) = string(function, "name") else { return Vec::new() };
    let shown = project.with_id(name);
    let id = format!("//cloudfunctions.googleapis.com/{shown}");
    let mut leaks = cloud.leaks();
    let config = &function["serviceConfig"];
    for (place, variables) in [
        ("environmentVariables.", at(config, "environmentVariables")),
        ("buildConfig.environmentVariables.", at(function, "buildConfig.environmentVariables")),
    ] {
        let pairs = variables.as_object().into_iter().flatten();
        leaks.variables(
            place,
            pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
        );
    }
    let mut mentions = Vec::new();
    let mut add = |place: String, one: &Value, version: Option<&str>| {
        let Some(secret) = string(one, "secret") else { return };
        // Its project is named beside it, by id or number.
        let home = string(one, "projectId").unwrap_or(&project.id);
        let home = if project.is(home) { project.id.as_str() } else { home };
        mentions.push(Mention::new(&id, KIND, home, place, secret, version));
    };
    for one in items(config, "secretEnvironmentVariables") {
        let key = string(one, "key").unwrap_or_default();
        add(format!("secretEnvironmentVariables.{key}"), one, string(one, "version"));
    }
    for one in items(config, "secretVolumes") {
        let mount = string(one, "mountPath").unwrap_or_default();
        let files = items(one, "versions");
        if files.is_empty() {
            add(format!("secretVolumes.{mount}"), one, None);
        }
        for file in files {
            let path = string(file, "path").unwrap_or_default();
            let place = format!(
                "secretVolumes.{}/{}",
                mount.trim_end_matches('/'),
                path.trim_start_matches('/')
            );
            add(place, one, string(file, "version"));
        }
    }
    let location = part(&shown, "locations").map(str::to_owned);
    let mut draft = cloud.draft(KIND, id, project, location.as_deref());
    draft.set("name", last(&shown));
    draft.copy(FIELDS, function);
    draft.set("leaks", leaks.tell());
    cloud.sheet.fact(draft);
    mentions
}

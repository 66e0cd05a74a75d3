//! Services, jobs and worker pools of Cloud Run, and the secrets that they name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::api::{Call, RUN, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, at, items, last, map, plain, string, strings};
use super::references::{Mention, REFERENCE};
use crate::collect::http::escape;
use crate::collect::leaks::Leaks;

pub(super) const KIND: &str = "gcp_run_workload";

pub(super) static LOCATIONS: Call = call(&RUN, "run.locations.list");
pub(super) static SERVICES: Call = call(&RUN, "run.services.list");
pub(super) static JOBS: Call = call(&RUN, "run.jobs.list");
pub(super) static POOLS: Call = call(&RUN, "run.workerpools.list");

static FIELDS: &[Field] = &[map("labels")];

/// Reads what runs in a project, and gives the secrets that it names.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) -> Vec<Mention> {
    if !cloud.wants(&[KIND, REFERENCE]) {
        return Vec::new();
    }
    cloud.reads("Cloud Run");
    let name = escape(&project.name(), true);
    let kinds = [KIND, REFERENCE];
    // The second version of the API has no list of locations.
    let listed =
        cloud.list(&LOCATIONS, &format!("v1/{name}/locations?pageSize=100"), "locations").await;
    let locations = cloud.whole(project, &kinds, &project.fact(), &RUN, listed).items;
    let names: BTreeSet<&str> =
        locations.iter().filter_map(|one| string(one, "locationId")).collect();
    let calls: [(&Call, &str, &str); 3] = [
        (&SERVICES, "services", "service"),
        (&JOBS, "jobs", "job"),
        (&POOLS, "workerPools", "worker_pool"),
    ];
    let all = names.iter().flat_map(|location| calls.iter().map(move |call| (*location, *call)));
    let read =
        |(location, (call, list, kind)): (&str, (&'static Call, &'static str, &'static str))| {
            let path = format!("v2/{name}/locations/{location}/{list}?pageSize=100");
            let what = format!("{}#{location}", project.fact());
            async move {
                let listed = cloud.list(call, &path, "").await;
                let pages = cloud.whole(project, &kinds, &what, &RUN, listed).items;
                let mut mentions = Vec::new();
                for page in &pages {
                    for place in strings(page, "unreachable") {
                        cloud.sheet.gap(&kinds, &what, &format!("{place} cannot be reached"));
                    }
                    for workload in items(page, list) {
                        mentions.extend(of_workload(cloud, project, workload, kind));
                    }
                }
                mentions
            }
        };
    cloud.client.all(all, read).await.into_iter().flatten().collect()
}

fn of_workload(cloud: &Cloud<'_>, project: &Project, workload: &Value, kind: &str) -> Vec<Mention> {
    // Functions are told as such.
    if workload["labels"]["goog-managed-by"] == "cloudfunctions" {
        return Vec::new();
    }
    let Some(name) = string(workload, "name") else { return Vec::new() };
    let shown = project.with_id(name);
    let id = format!("//run.googleapis.com/{shown}");
    // Of a job the template is in that of its executions.
    let template = match at(workload, "template.template") {
        Value::Null => &workload["template"],
        inner => inner,
    };
    let mut leaks = cloud.leaks();
    let mut mentions = Vec::new();
    let containers = items(template, "containers").iter().chain(items(template, "initContainers"));
    for (index, container) in containers.enumerate() {
        let own = string(container, "name").map_or_else(|| index.to_string(), str::to_owned);
        of_container(
            container,
            &format!("containers.{own}."),
            &mut leaks,
            |place, secret, version| {
                mentions.push(Mention::new(&id, KIND, &project.id, place, secret, version));
            },
        );
    }
    for volume in items(template, "volumes") {
        let Some(secret) = string(volume, "secret.secret") else { continue };
        let own = string(volume, "name").unwrap_or_default();
        let files = items(volume, "secret.items");
        if files.is_empty() {
            mentions.push(Mention::new(
                &id,
                KIND,
                &project.id,
                format!("volumes.{own}"),
                secret,
                None,
            ));
        }
        for file in files {
            let place = format!("volumes.{own}.{}", string(file, "path").unwrap_or_default());
            let version = string(file, "version");
            mentions.push(Mention::new(&id, KIND, &project.id, place, secret, version));
        }
    }
    let location = super::field::part(&shown, "locations").map(str::to_owned);
    let mut draft = cloud.draft(KIND, id, project, location.as_deref());
    draft.set("name", last(&shown));
    draft.set("resource_kind", kind);
    draft.copy_blanked(FIELDS, workload, &mut leaks);
    draft.copy(&[plain("serviceAccount")], template);
    draft.set("leaks", leaks.tell());
    cloud.sheet.fact(draft);
    mentions
}

fn of_container(
    container: &Value,
    place: &str,
    leaks: &mut Leaks<'_>,
    mut mention: impl FnMut(String, &str, Option<&str>),
) {
    let variables = items(container, "env");
    let literal =
        variables.iter().filter_map(|one| Some((string(one, "name")?, string(one, "value")?)));
    leaks.variables(&format!("{place}env."), literal);
    for part in ["command", "args"] {
        let text = strings(container, part).join(" ");
        leaks.text(&format!("{place}{part}"), "command.sh", &text);
    }
    for variable in variables {
        let Some(secret) = string(variable, "valueSource.secretKeyRef.secret") else { continue };
        let name = string(variable, "name").unwrap_or_default();
        let version = string(variable, "valueSource.secretKeyRef.version");
        mention(format!("{place}env.{name}"), secret, version);
    }
}

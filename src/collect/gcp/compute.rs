//! Metadata of Compute Engine, in which people put secrets and keys of SSH; never its values.

use serde_json::Value;

use super::api::{COMPUTE, Call, call};
use super::cloud::{Cloud, Project};
use super::field::{Field, at, items, last, plain, string};
use super::sheet::Draft;
use crate::collect::http::escape;

pub(super) const PROJECT: &str = "gcp_compute_project";
pub(super) const INSTANCE: &str = "gcp_compute_instance";

pub(super) static GET: Call = call(&COMPUTE, "compute.projects.get");
pub(super) static LIST: Call = call(&COMPUTE, "compute.instances.list");

static OF_INSTANCE: &[Field] = &[plain("name"), plain("status")];
/// Items that are read as a file of the kind of which they are.
static FILES: &[(&str, &str)] = &[
    ("startup-script", "startup.sh"),
    ("shutdown-script", "shutdown.sh"),
    ("windows-startup-script-ps1", "startup.ps1"),
    ("windows-shutdown-script-ps1", "shutdown.ps1"),
    ("sysprep-specialize-script-ps1", "specialize.ps1"),
    ("windows-startup-script-cmd", "startup.cmd"),
    ("user-data", "user-data.yaml"),
    ("gce-container-declaration", "declaration.yaml"),
    ("kube-env", "kube-env.yaml"),
];

/// Reads the metadata of a project and its machines.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project) {
    futures_util::join!(of_project(cloud, project), instances(cloud, project));
}

async fn of_project(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[PROJECT]) {
        return;
    }
    let id = format!("//compute.googleapis.com/{}", project.name());
    let path = format!("compute/v1/{}", escape(&project.name(), true));
    match cloud.get(&GET, &path).await {
        Ok(Some(answer)) => {
            let mut draft = cloud.draft(PROJECT, id, project, Some("global"));
            metadata(cloud, &mut draft, at(&answer, "commonInstanceMetadata"));
            cloud.sheet.fact(draft);
        }
        Ok(None) => {}
        Err(failure) if project.has_off(&failure) => {}
        Err(failure) => cloud.sheet.gap(&[PROJECT], &project.fact(), &failure.why),
    }
}

async fn instances(cloud: &Cloud<'_>, project: &Project) {
    if !cloud.wants(&[INSTANCE]) {
        return;
    }
    cloud.reads("virtual machines");
    let path = format!(
        "compute/v1/{}/aggregated/instances?returnPartialSuccess=true&maxResults=500",
        escape(&project.name(), true)
    );
    let listed = cloud.list(&LIST, &path, "").await;
    for page in &cloud.whole(project, &[INSTANCE], &project.fact(), &COMPUTE, listed).items {
        for place in items(page, "unreachables").iter().filter_map(Value::as_str) {
            let what = format!("{}#{}", project.fact(), last(place));
            cloud.sheet.gap(&[INSTANCE], &what, &format!("it cannot be reached at {}", LIST.name));
        }
        for (scope, listed) in page["items"].as_object().into_iter().flatten() {
            let zone = last(scope);
            let warning = string(listed, "warning.code");
            if let Some(code) = warning.filter(|code| *code != "NO_RESULTS_ON_PAGE") {
                let what = format!("{}#{zone}", project.fact());
                cloud.sheet.gap(&[INSTANCE], &what, &format!("{code} at {}", LIST.name));
            }
            for instance in items(listed, "instances") {
                of_instance(cloud, project, zone, instance);
            }
        }
    }
}

fn of_instance(cloud: &Cloud<'_>, project: &Project, zone: &str, instance: &Value) {
    let Some(name) = string(instance, "name") else { return };
    let id = format!("//compute.googleapis.com/{}/zones/{zone}/instances/{name}", project.name());
    let mut draft = cloud.draft(INSTANCE, id, project, Some(zone));
    draft.copy(OF_INSTANCE, instance);
    let given = &instance["metadata"];
    metadata(cloud, &mut draft, given);
    let blocks = item(given, "block-project-ssh-keys").is_some_and(is_true)
        || item(given, "sshKeys").is_some();
    draft.set("block_project_ssh_keys", blocks);
    let is_node = instance["labels"].get("goog-gke-node").is_some()
        || (name.starts_with("gke-") && item(given, "cluster-name").is_some());
    draft.set("is_managed_by_gke", is_node);
    cloud.sheet.fact(draft);
}

fn item<'m>(metadata: &'m Value, key: &str) -> Option<&'m str> {
    let found = items(metadata, "items").iter().find(|one| string(one, "key") == Some(key))?;
    Some(found["value"].as_str().unwrap_or_default())
}

fn is_true(text: &str) -> bool {
    ["true", "y", "yes", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

/// What is told of metadata, and not what is in it.
fn metadata(cloud: &Cloud<'_>, draft: &mut Draft, metadata: &Value) {
    let mut leaks = cloud.leaks();
    let mut plain = Vec::new();
    for one in items(metadata, "items") {
        let (Some(key), Some(value)) = (string(one, "key"), string(one, "value")) else { continue };
        // Public keys.
        if matches!(key, "ssh-keys" | "sshKeys") {
            continue;
        }
        match FILES.iter().find(|(name, _)| *name == key) {
            Some((_, file)) => leaks.text(&format!("metadata.items.{key}"), file, value),
            None if value.contains('\n') => leaks.text(&format!("metadata.items.{key}"), "", value),
            None => plain.push((key, value)),
        }
    }
    leaks.variables("metadata.items.", plain.into_iter());
    draft.set("leaks", leaks.tell());
    let keys = ["ssh-keys", "sshKeys"].iter().filter_map(|key| item(metadata, key));
    let lines = keys.flat_map(str::lines).filter(|line| !line.trim().is_empty());
    draft.set("ssh_keys", lines.count());
    draft.set("enable_oslogin", item(metadata, "enable-oslogin").map(is_true));
}

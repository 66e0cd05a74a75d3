//! Projects, folders and organizations: what they are, and the policies that hold in them and below.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::address::Target;
use super::api::{APPROVAL, ASSETS, Call, RESOURCES, call};
use super::cloud::{By, Cloud, Project};
use super::field::{Field, items, last, map, plain, string, time};
use super::sheet::Draft;
use crate::collect::rest::Failure;

pub(super) const PROJECT: &str = "gcp_project";
pub(super) const FOLDER: &str = "gcp_folder";
pub(super) const ORGANIZATION: &str = "gcp_organization";

pub(super) static GET_PROJECT: Call = call(&RESOURCES, "resourcemanager.projects.get");
pub(super) static ANCESTRY: Call = call(&RESOURCES, "resourcemanager.projects.get");
pub(super) static GET_FOLDER: Call = call(&RESOURCES, "resourcemanager.folders.get").above();
pub(super) static GET_ORGANIZATION: Call =
    call(&RESOURCES, "resourcemanager.organizations.get").above();
pub(super) static PROJECT_POLICY: Call = call(&RESOURCES, "resourcemanager.projects.getIamPolicy");
pub(super) static FOLDER_POLICY: Call =
    call(&RESOURCES, "resourcemanager.folders.getIamPolicy").above();
pub(super) static ORGANIZATION_POLICY: Call =
    call(&RESOURCES, "resourcemanager.organizations.getIamPolicy").above();
pub(super) static SETTINGS: Call = call(&APPROVAL, "accessapproval.settings.get");
pub(super) static SEARCH: Call = call(&ASSETS, "cloudasset.assets.searchAllResources");
pub(super) static LIST_PROJECTS: Call = call(&RESOURCES, "resourcemanager.projects.list").above();
pub(super) static LIST_FOLDERS: Call = call(&RESOURCES, "resourcemanager.folders.list").above();

static OF_ALL: &[Field] = &[plain("displayName"), plain("state")];
static OF_PROJECT: &[Field] = &[plain("projectId"), map("labels"), time("createTime")];
static OF_ORGANIZATION: &[Field] = &[plain("directoryCustomerId")];

/// A project, folder or organization.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// `projects/shop`, `folders/456`, `organizations/123`.
    pub(super) name: String,
    /// Its policy, or why it could not be read.
    pub(super) policy: Result<Value, String>,
}

/// All that were read.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    pub(super) nodes: BTreeMap<String, Node>,
}

impl Hierarchy {
    /// What holds in a project: its own node and those above, nearest first.
    pub(super) fn of<'h>(&'h self, project: &'h Project) -> impl Iterator<Item = &'h Node> {
        let above = project.above.iter().flatten().map(String::as_str);
        let own = self.nodes.get(&project.name());
        own.into_iter().chain(above.filter_map(|name| self.nodes.get(name)))
    }

    /// The names of all folders and organizations.
    pub(super) fn above(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| !node.name.starts_with("projects/"))
    }
}

/// The projects that are addressed, with what is above each. Projects in folders that could not be listed are gaps.
pub(super) async fn projects(
    cloud: &Cloud<'_>,
    targets: &[Target],
    kinds: &[&str],
) -> Result<Vec<(Project, Result<Option<Value>, Failure>)>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for target in targets {
        match target {
            Target::Project(name) => names.push(name.clone()),
            Target::Above(name) => below(cloud, name, kinds, &mut names).await,
        }
    }
    let found = cloud.client.all(names, |name| async move { project(cloud, &name).await }).await;
    let mut projects: BTreeMap<String, (Project, Result<Option<Value>, Failure>)> = BTreeMap::new();
    let mut first_failure = None;
    for (project, answer) in found {
        if let Err(failure) = &answer
            && failure.codes.is_empty()
        {
            first_failure.get_or_insert_with(|| failure.clone());
        }
        projects.entry(project.id.clone()).or_insert((project, answer));
    }
    match first_failure {
        Some(failure) if projects.values().all(|(_, answer)| answer.is_err()) => Err(failure),
        _ => Ok(projects.into_values().collect()),
    }
}

async fn project(cloud: &Cloud<'_>, name: &str) -> (Project, Result<Option<Value>, Failure>) {
    let path = crate::collect::http::escape(name, false);
    let answer = cloud.get(&GET_PROJECT, &format!("v3/projects/{path}")).await;
    let found = answer.as_ref().ok().and_then(Option::as_ref);
    let id = found.and_then(|one| string(one, "projectId")).unwrap_or(name).to_owned();
    let number = found.and_then(|one| string(one, "name")).map(|name| last(name).to_owned());
    let number =
        number.or_else(|| name.bytes().all(|b| b.is_ascii_digit()).then(|| name.to_owned()));
    let above =
        match cloud.post(&ANCESTRY, &format!("v1/projects/{path}:getAncestry"), &json!({})).await {
            Ok(Some(answer)) => Ok(items(&answer, "ancestor")
                .iter()
                .filter_map(|one| {
                    let kind = match string(one, "resourceId.type")? {
                        "folder" => "folders",
                        "organization" => "organizations",
                        _ => return None,
                    };
                    Some(format!("{kind}/{}", string(one, "resourceId.id")?))
                })
                .collect()),
            Ok(None) => Err(format!("NOT_FOUND at {}", ANCESTRY.name)),
            Err(failure) => Err(failure.why),
        };
    (Project::new(&id, number, above), answer)
}

/// The projects in a folder or organization, and in the folders in it.
async fn below(cloud: &Cloud<'_>, name: &str, kinds: &[&str], names: &mut Vec<String>) {
    let mut left = vec![name.to_owned()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(parent) = left.pop() {
        if !seen.insert(parent.clone()) {
            continue;
        }
        let id = format!("//cloudresourcemanager.googleapis.com/{parent}");
        let of_projects = format!("v3/projects?parent={parent}&pageSize=300");
        let of_folders = format!("v3/folders?parent={parent}&pageSize=300");
        let (projects, folders) = futures_util::join!(
            cloud.list(&LIST_PROJECTS, &of_projects, "projects"),
            cloud.list(&LIST_FOLDERS, &of_folders, "folders"),
        );
        for listed in [&projects, &folders] {
            if let Some(failure) = &listed.failure {
                cloud.sheet.gap(kinds, &id, &failure.why);
            }
        }
        let is_active = |one: &&Value| string(one, "state") != Some("DELETE_REQUESTED");
        let found = projects.items.iter().filter(is_active);
        names.extend(found.filter_map(|one| string(one, "projectId").map(str::to_owned)));
        let inner = folders.items.iter().filter(is_active);
        left.extend(inner.filter_map(|one| string(one, "name").map(str::to_owned)));
    }
}

/// Writes the facts of projects and what is above them, and gives their policies.
pub(super) async fn collect(
    cloud: &Cloud<'_>,
    projects: &[(Project, Result<Option<Value>, Failure>)],
) -> Hierarchy {
    cloud.reads("projects");
    // Of each folder and organization what is above it, as one of the projects below tells.
    let mut above: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (project, _) in projects {
        let chain = project.above.as_ref().map_or(&[][..], Vec::as_slice);
        for (index, name) in chain.iter().enumerate() {
            above.insert(name.clone(), chain.iter().skip(index + 1).cloned().collect());
        }
    }
    let (of_projects, of_others) = futures_util::join!(
        cloud.client.all(projects, |(project, answer)| of_project(cloud, project, answer)),
        join_all(above.iter().map(|(name, above)| of_other(cloud, name, above))),
    );
    let nodes = of_projects.into_iter().chain(of_others);
    Hierarchy { nodes: nodes.map(|node| (node.name.clone(), node)).collect() }
}

async fn of_project(
    cloud: &Cloud<'_>,
    project: &Project,
    answer: &Result<Option<Value>, Failure>,
) -> Node {
    let mut draft = cloud.draft(PROJECT, project.fact(), project, None);
    draft.answer(OF_ALL, answer);
    draft.answer(OF_PROJECT, answer);
    if let Ok(None) = answer {
        draft.unread(&["projectId", "state"], &format!("NOT_FOUND at {}", GET_PROJECT.name));
    }
    if let Some(why) = draft.why_unread("projectId").map(str::to_owned) {
        match project.number() {
            Some(number) => draft.set("project_number", number),
            None => draft.unread(&["project_number"], &why),
        }
    } else {
        draft.set("project_number", project.number());
    }
    match &project.above {
        Ok(above) => draft.set("ancestors", ids(above)),
        Err(why) => draft.unread(&["ancestors"], why),
    }
    rest(cloud, PROJECT, draft, &project.name(), &PROJECT_POLICY).await
}

async fn of_other(cloud: &Cloud<'_>, name: &str, above: &[String]) -> Node {
    let is_folder = name.starts_with("folders/");
    let (kind, get, policy) = if is_folder {
        (FOLDER, &GET_FOLDER, &FOLDER_POLICY)
    } else {
        (ORGANIZATION, &GET_ORGANIZATION, &ORGANIZATION_POLICY)
    };
    let id = format!("//cloudresourcemanager.googleapis.com/{name}");
    let mut draft = Draft::new(kind, id, None, None);
    if cloud.wants(&[kind]) {
        let answer = cloud.get(get, &format!("v3/{name}")).await;
        draft.answer(OF_ALL, &answer);
        if is_folder {
            draft.set("ancestors", ids(above));
        } else {
            draft.answer(OF_ORGANIZATION, &answer);
            let path = format!(
                "v1/{name}:searchAllResources?assetTypes=cloudresourcemanager.googleapis.com%2FProject&pageSize=500"
            );
            let listed = cloud.list(&SEARCH, &path, "results").await;
            if let Some(failure) = &listed.failure {
                draft.unread(&["organization_projects"], &failure.why);
            } else {
                let found = listed.items.iter();
                let found = found.filter(|one| string(one, "state") != Some("DELETE_REQUESTED"));
                // By id, and by number.
                let mut names: Vec<&str> = found
                    .flat_map(|one| [string(one, "name"), string(one, "project")])
                    .flatten()
                    .map(last)
                    .collect();
                names.sort_unstable();
                names.dedup();
                draft.set("organization_projects", names);
            }
        }
    }
    rest(cloud, kind, draft, name, policy).await
}

/// The policy and the settings of approval; writes the fact.
async fn rest(cloud: &Cloud<'_>, kind: &str, mut draft: Draft, name: &str, call: &Call) -> Node {
    if !cloud.wants(&[kind]) {
        let policy = Err("it was not asked for".to_owned());
        return Node { name: name.to_owned(), policy };
    }
    let base = cloud.endpoints.of(&RESOURCES);
    let settings_path =
        format!("v1/{}/accessApprovalSettings", crate::collect::http::escape(name, true));
    let (policy, settings) = futures_util::join!(
        cloud.policy(call, &base, name, By::Post),
        cloud.get(&SETTINGS, &settings_path),
    );
    let policy = policy.map_err(|failure| failure.why);
    draft.set_read("iam_policy", policy.clone());
    match settings {
        Ok(answer) => draft.set("access_approval", answer.map(|answer| approval(&answer))),
        Err(failure) => draft.unread(&["access_approval"], &failure.why),
    }
    cloud.sheet.fact(draft);
    Node { name: name.to_owned(), policy }
}

fn approval(settings: &Value) -> Value {
    let services = items(settings, "enrolledServices").iter().map(|one| {
        json!({"cloudProduct": one["cloudProduct"], "enrollmentLevel": one["enrollmentLevel"]})
    });
    json!({
        "enrolledServices": services.collect::<Vec<_>>(), "enrolledAncestor": settings["enrolledAncestor"] == true,
    })
}

fn ids(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("//cloudresourcemanager.googleapis.com/{name}")).collect()
}

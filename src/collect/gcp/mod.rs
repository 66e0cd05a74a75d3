//! Google Cloud: secrets, keys, policies, service accounts, logs, and what uses secrets.
//!
//! `login` gives tokens, `cloud` asks, `api` says what each call needs; each other file reads one subject. Nothing is asked
//! that changes anything or gives a value. docs/facts/gcp.md is what comes of it.

mod accounts;
mod address;
mod api;
mod cloud;
mod compute;
mod condition;
mod deny;
mod federation;
mod field;
mod functions;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gke;
mod groups;
mod hierarchy;
mod inventory;
mod keys;
mod kinds;
mod kms;
mod login;
mod logs;
mod org_policy;
mod perimeters;
mod quota;
mod readers;
mod reads;
mod references;
mod roles;
mod run;
mod secrets;
mod sheet;
mod topics;
mod values;

use std::collections::BTreeSet;
use std::sync::Mutex;

use self::api::Endpoints;
use self::cloud::{Cloud, Project};
use self::hierarchy::Hierarchy;
use self::login::Login;
use self::references::Mention;
use self::secrets::Secrets;
use self::sheet::Sheet;
use super::rest::{self, Client};
use super::{CollectError, Request, Store};
use crate::model::Inventory;

/// The row of Google Cloud.
pub(super) const STORE: Store = Store {
    name: "gcp",
    about: "[PROJECT|folders/NUMBER|organizations/NUMBER],...: Google Cloud, with Application Default Credentials",
    collect,
    permissions: kinds::permissions,
};

fn collect(request: &Request<'_>) -> Result<Inventory, CollectError> {
    let targets = address::targets(request)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CollectError::Unreachable {
        store: "GCP".into(),
        why: format!("no network: {error}"),
    })?;
    let inventory = runtime.block_on(async {
        let login = Login::load(request)?;
        let keep = request.values_for(&[values::KIND]);
        let universe = tokio::time::timeout(request.timeout, login.universe()).await;
        let cloud = Cloud {
            client: Client::new(rest::http(request.environment)?, Box::new(login), request),
            endpoints: Endpoints::new(request.environment, universe.unwrap_or_default()),
            sheet: Sheet::new(request.progress),
            judge: request.judge,
            progress: request.progress,
            now: request.now,
            kinds: request.kinds.map(|kinds| {
                let own = kinds.iter().map(String::as_str);
                let of_values = keep.is_some().then_some(values::KIND);
                kinds::KINDS.with_sources(own.chain(of_values))
            }),
            values: keep,
            roles: Mutex::default(),
        };
        Box::pin(read(cloud, &targets, request)).await
    });
    // A lookup of a name, or a login that is being renewed, is not waited for.
    runtime.shutdown_background();
    inventory
}

async fn read(
    cloud: Cloud<'_>,
    targets: &[address::Target],
    request: &Request<'_>,
) -> Result<Inventory, CollectError> {
    let store = || "GCP".to_owned();
    let log_in = cloud.client.log_in(login::SCOPE).await;
    log_in.map_err(|why| CollectError::Login { store: store(), why })?;
    let all: Vec<&str> = kinds::KINDS
        .names()
        .filter(|kind| cloud.wants(&[kind]) && (*kind != values::KIND || cloud.values.is_some()))
        .collect();
    cloud.reads("projects");
    let found = hierarchy::projects(&cloud, targets, &all).await;
    let found = found.map_err(|failure| {
        if failure.is_login() {
            CollectError::Login { store: store(), why: failure.why }
        } else {
            CollectError::Unreachable { store: store(), why: failure.why }
        }
    })?;
    let hierarchy = hierarchy::collect(&cloud, &found).await;
    let projects: Vec<Project> = found.into_iter().map(|(project, _)| project).collect();
    Box::pin(everything(&cloud, &projects, &hierarchy)).await;
    let names: Vec<&str> = targets.iter().map(address::Target::shown).collect();
    let (mut facts, mut gaps) = cloud.sheet.finish();
    facts.retain(|fact| request.wants(&fact.kind));
    gaps.retain(|gap| request.wants(&gap.needs));
    let source = format!("gcp:{}", names.join(","));
    let mut inventory = Inventory::new(source, request.now.to_string(), facts);
    inventory.gaps = gaps;
    Ok(inventory)
}

async fn everything(cloud: &Cloud<'_>, projects: &[Project], hierarchy: &Hierarchy) {
    let (of_projects, (), ()) = futures_util::join!(
        cloud.client.all(projects, |project| Box::pin(of_project(cloud, project, hierarchy))),
        logs::above(cloud, hierarchy),
        perimeters::collect(cloud, projects),
    );
    let (secrets, mentions): (Vec<Secrets>, Vec<Vec<Mention>>) = of_projects.into_iter().unzip();
    let mentions: Vec<Mention> = mentions.into_iter().flatten().collect();
    let ((), ()) = futures_util::join!(
        topics::collect(cloud, projects, hierarchy, &secrets),
        kms::foreign(cloud, projects, &secrets),
    );
    references::write(cloud, projects, &secrets, &mentions);
    // All policies have been read by now.
    let roles = roles::collect(cloud, projects).await;
    if cloud.wants(&[readers::KIND]) {
        let denials = deny::collect(cloud, deny::points(projects.iter())).await;
        let known = readers::Known { hierarchy, roles: &roles, denials: &denials };
        let mut named = BTreeSet::new();
        for (project, secrets) in projects.iter().zip(&secrets) {
            named.extend(readers::write(cloud, project, secrets, &known));
        }
        groups::collect(cloud, &named).await;
    }
    for draft in secrets.into_iter().flat_map(|secrets| secrets.drafts) {
        cloud.sheet.fact(draft);
    }
}

async fn of_project(
    cloud: &Cloud<'_>,
    project: &Project,
    hierarchy: &Hierarchy,
) -> (Secrets, Vec<Mention>) {
    let logs = logs::collect(cloud, project).await;
    let (secrets, (), mut mentions, functions, ()) = futures_util::join!(
        async {
            if !cloud.wants(&[secrets::KIND]) {
                return Secrets { drafts: Vec::new(), places: Vec::new(), is_whole: false };
            }
            let mut secrets = secrets::collect(cloud, project).await;
            reads::fill(cloud, project, hierarchy, &logs, &mut secrets).await;
            values::collect(cloud, project, &secrets).await;
            secrets
        },
        kms::collect(cloud, project, kms::Uses { hierarchy, logs: &logs }),
        run::collect(cloud, project),
        functions::collect(cloud, project),
        rest_of_project(cloud, project),
    );
    mentions.extend(functions);
    (secrets, mentions)
}

/// What of a project nothing else is derived from.
async fn rest_of_project(cloud: &Cloud<'_>, project: &Project) {
    futures_util::join!(
        org_policy::collect(cloud, project),
        accounts::collect(cloud, project),
        federation::collect(cloud, project),
        keys::collect(cloud, project),
        keys::recommendations(cloud, project),
        quota::collect(cloud, project),
        compute::collect(cloud, project),
        gke::collect(cloud, project),
    );
}

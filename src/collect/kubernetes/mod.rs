//! Clusters of Kubernetes, through their API server.
//!
//! Objects are read as `kubectl get` reads them, page by page, and never watched. Of Secrets only what a table
//! of them shows is asked for: the API server then sends no value. Still, whoever may list Secrets may read
//! them: there is no permission for the one without the other.

mod cluster;
mod objects;
mod permissions;
mod readers;
#[cfg(test)]
mod tests;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Value, json};

use super::{CollectError, Judge, Request, Store};
use crate::model::{Fact, Gap, Inventory};
use cluster::Cluster;
pub use objects::Live;
use objects::{Listing, RESOURCES};

pub(super) const STORE: Store = Store {
    name: "k8s",
    about: "a cluster of Kubernetes: k8s:[CONTEXT][?namespaces=A,B], of the kubeconfig or the pod's own",
    collect,
    permissions: permissions::cluster_role,
};

/// Kinds of facts that come of objects.
const OF_OBJECTS: &[&str] = &["env_binding", "k8s_object"];
const CLUSTER: &str = "k8s_cluster";
const READERS: &str = "k8s_secret_readers";

/// What became of a walk over the objects of a cluster.
#[derive(Debug)]
pub struct Walked {
    /// `k8s:prod`.
    pub source: String,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Objects that a controller made of others that were looked at: how many, by kind.
    pub made: Vec<(&'static str, usize)>,
}

/// Hands over every object that may hold what should be in a Secret, and of Secrets what is beside their values;
/// on several threads at once.
///
/// # Errors
/// When there is no login or nobody answers.
pub fn walk(request: &Request<'_>, take: &(dyn Fn(Live) + Sync)) -> Result<Walked, CollectError> {
    let cluster = Cluster::connect(request)?;
    let mut listing = Listing::new(&cluster)?;
    for resource in RESOURCES.iter().filter(|resource| resource.is_scanned) {
        listing.each(resource, &mut |page| {
            page.par_iter().for_each(|object| take(object.without_managed_fields()));
        });
    }
    let Listing { gaps, made, .. } = listing;
    Ok(Walked { source: cluster.source, gaps, made: made.into_iter().collect() })
}

fn collect(request: &Request<'_>) -> Result<Inventory, CollectError> {
    let cluster = Cluster::connect(request)?;
    let mut listing = Listing::new(&cluster)?;
    let mut inventory = Inventory::new(cluster.source.clone(), request.now.to_string(), Vec::new());
    if request.wants(CLUSTER) {
        inventory.facts.push(about(&cluster, &listing));
    }
    let judge = request.judge;
    let mut kept = Vec::new();
    let wants_objects = OF_OBJECTS.iter().any(|kind| request.wants(kind));
    if wants_objects || request.wants(READERS) {
        for resource in RESOURCES {
            let is_kept = readers::needs(resource);
            if !(wants_objects || is_kept) {
                continue;
            }
            request.progress.reads(resource.plural);
            listing.each(resource, &mut |page| {
                if wants_objects {
                    let facts: Vec<Fact> =
                        page.par_iter().flat_map_iter(|object| facts(object, judge)).collect();
                    request.progress.found(facts.len());
                    inventory.facts.extend(facts);
                }
                if is_kept {
                    kept.extend(page.iter().map(Live::essence));
                }
            });
        }
    }
    inventory.gaps = listing.gaps;
    if request.wants(READERS) {
        inventory.facts.extend(readers::facts(&kept, &inventory.gaps));
    }
    inventory.facts.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.kind.cmp(&b.kind)));
    inventory.facts.dedup_by(|a, b| a.id == b.id);
    Ok(inventory)
}

/// The facts of an object, as those of a manifest with it, by the ids that they have there after `#`.
fn facts(object: &Live, judge: &dyn Judge) -> Vec<Fact> {
    let path = object.path();
    let prefix = format!("{path}#");
    let facts = judge.facts(&path, &object.text());
    let own = facts.into_iter().filter(|fact| OF_OBJECTS.contains(&fact.kind.as_str()));
    own.map(|mut fact| {
        fact.at = None;
        if let Some(id) = fact.id.strip_prefix(&prefix) {
            fact.id = id.to_owned();
        }
        fact
    })
    .collect()
}

/// The cluster itself. What cannot be told of it is null.
fn about(cluster: &Cluster<'_>, listing: &Listing<'_, '_>) -> Fact {
    let version = cluster.get("/version").ok();
    let text = |field: &str| {
        version.as_ref().and_then(|v| v.get(field)).and_then(Value::as_str).map(str::to_owned)
    };
    let version = text("gitVersion");
    let platform = version.as_deref().and_then(platform);
    let fields = json!({
        "server_scheme": cluster.scheme,
        "version": version,
        "platform": platform,
        "api_groups": listing.groups(),
        "anonymous": cluster.anonymous(),
        "namespaces": cluster.namespaces,
    });
    Fact::new(CLUSTER, "cluster", fields)
}

/// Who runs the control plane, by what the version ends in: `v1.33.4-eks-1-2-3`, `v1.33.4-gke.1`, `v1.33.4+k3s1`.
/// AKS leaves no mark.
fn platform(version: &str) -> Option<&'static str> {
    let marks = [("-eks-", "eks"), ("-gke.", "gke"), ("+k3s", "k3s"), ("+rke2", "rke2")];
    marks.iter().find(|(mark, _)| version.contains(mark)).map(|(_, platform)| *platform)
}

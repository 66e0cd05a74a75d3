//! Clusters of Kubernetes, through their API server.
//!
//! Objects are read as `kubectl get` reads them, page by page, and never watched. Of Secrets only what a table
//! of them shows is asked for: the API server then sends no value. Still, whoever may list Secrets may read
//! them: there is no permission for the one without the other.

mod answer;
mod certificates;
mod cluster;
mod live;
mod objects;
mod permissions;
mod pods;
mod readers;
mod resources;
mod settings;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Value, json};

use super::{CollectError, Judge, Request, Store};
use crate::model::{Fact, Gap, Inventory};
use cluster::Cluster;
pub use live::Live;
use objects::Listing;
use resources::RESOURCES;

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
    let given = settings::of_files(request)?;
    let cluster = Cluster::connect(request)?;
    let mut listing = Listing::new(&cluster)?;
    let mut inventory = Inventory::new(cluster.source.clone(), request.now.to_string(), Vec::new());
    inventory.facts.extend(given.into_iter().filter(|fact| request.wants(&fact.kind)));
    listing.pods = request.wants(pods::KIND).then(Vec::new);
    let mut essence = Vec::new();
    let mut marks = Vec::new();
    let wants_objects = OF_OBJECTS.iter().any(|kind| request.wants(kind));
    let wants_readers = request.wants(READERS);
    for resource in RESOURCES {
        let is_wanted = wants_objects
            || (wants_readers && readers::needs(resource))
            || (listing.pods.is_some() && resource.kind == "Pod")
            || (request.wants(settings::KUBELET) && resource.kind == "ConfigMap")
            || (request.wants(CLUSTER) && resource.kind == "Node");
        if !is_wanted {
            continue;
        }
        request.progress.reads(resource.plural);
        let judge = request.judge;
        listing.each(resource, &mut |page| {
            let mut found: Vec<Fact> = Vec::new();
            if wants_objects {
                found = page.par_iter().flat_map_iter(|object| facts(object, judge)).collect();
            }
            if request.wants(settings::KUBELET) {
                found.extend(page.iter().filter_map(settings::of_config_map));
            }
            request.progress.found(found.len());
            inventory.facts.append(&mut found);
            if readers::needs(resource) {
                essence.extend(page.iter().map(Live::essence));
            }
            if resource.kind == "Node" {
                marks.extend(page.iter().filter_map(platform_of_node));
            }
        });
    }
    if let Some(keep) = request.values_for(&[values::VALUE, certificates::KIND]) {
        let mut looked = Vec::new();
        let gaps = listing.values(&mut |secret| {
            let (one, certificate) = values::look(secret, keep, request.judge);
            looked.push(one);
            inventory.facts.extend(certificate);
        });
        inventory.facts.extend(values::joined(looked));
        listing.gaps.extend(gaps);
    }
    inventory.facts.extend(listing.pods.take().into_iter().flatten());
    if request.wants(settings::ENVELOPE) {
        match settings::envelope_keys(&cluster) {
            Ok(keys) => inventory.facts.extend(keys),
            Err(gap) => listing.gaps.push(gap),
        }
    }
    // Without TLS there is none.
    if request.wants(certificates::KIND) && cluster.scheme == "https" {
        match cluster.certificate() {
            Ok(certificate) => inventory.facts.push(certificate),
            Err(why) => listing.gaps.push(Gap {
                needs: format!("{}:endpoint", certificates::KIND),
                what: certificates::ENDPOINT.into(),
                why,
            }),
        }
    }
    if request.wants(CLUSTER) {
        inventory.facts.push(about(&cluster, &listing, marks.first().copied()));
    }
    // What was not asked for is not missing.
    listing.gaps.retain(|gap| request.wants(gap.needs.split(':').next().unwrap_or_default()));
    inventory.gaps = listing.gaps;
    if wants_readers {
        inventory.facts.extend(readers::facts(&essence, &inventory.gaps));
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
fn about(cluster: &Cluster<'_>, listing: &Listing<'_, '_>, by_nodes: Option<&'static str>) -> Fact {
    let mut unread = BTreeMap::new();
    let told = cluster.get("/version").map_err(answer::Refused::why);
    let version = told.as_ref().ok().and_then(|v| v.get("gitVersion")).and_then(Value::as_str);
    if let Err(why) = &told {
        unread.insert("version", why.clone());
    }
    let groups = listing.groups();
    let by_groups = groups.contains(&"config.openshift.io").then_some("openshift");
    let platform = by_groups.or_else(|| version.and_then(platform)).or(by_nodes);
    // Whoever may not see the nodes cannot rule out that a provider runs the control plane.
    let hidden = listing.gaps.iter().find(|gap| gap.needs == "k8s_object:Node");
    let managed = match (platform, hidden.map(|gap| &gap.why).or(told.as_ref().err())) {
        (Some(name), _) => Some(MANAGED.contains(&name)),
        (None, Some(why)) => {
            unread.insert("platform", why.clone());
            unread.insert("managed", why.clone());
            None
        }
        // Nodes are in no namespace, and were not asked for.
        (None, None) if !cluster.namespaces.is_empty() => None,
        (None, None) => Some(false),
    };
    let anonymous = cluster.anonymous();
    if anonymous.is_none() {
        unread.insert("anonymous", "there was no answer that tells".into());
    }
    let fields = json!({
        "server_scheme": cluster.scheme,
        "version": version,
        "platform": platform,
        "managed": managed,
        "api_groups": groups,
        "anonymous": anonymous,
        "namespaces": cluster.namespaces,
        "unread": unread,
    });
    Fact::new(CLUSTER, "cluster", fields)
}

/// Platforms whose control plane is the provider's.
const MANAGED: &[&str] = &["aks", "eks", "gke"];

/// Who made the cluster, by what the version ends in: `v1.33.4-eks-1-2-3`, `v1.33.4-gke.1`, `v1.33.4+k3s1`.
/// AKS leaves no mark there.
fn platform(version: &str) -> Option<&'static str> {
    let marks = [("-eks-", "eks"), ("-gke.", "gke"), ("+k3s", "k3s"), ("+rke2", "rke2")];
    marks.iter().find(|(mark, _)| version.contains(mark)).map(|(_, platform)| *platform)
}

/// The same by the labels of a node.
fn platform_of_node(node: &Live) -> Option<&'static str> {
    let labels = node.object.pointer("/metadata/labels")?.as_object()?;
    let marks = [
        ("eks.amazonaws.com/", "eks"),
        ("cloud.google.com/gke-", "gke"),
        ("kubernetes.azure.com/", "aks"),
    ];
    let has = |mark: &str| labels.keys().any(|label| label.starts_with(mark));
    marks.iter().find(|(mark, _)| has(mark)).map(|(_, platform)| *platform)
}

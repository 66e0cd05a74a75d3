//! Cloud Asset Inventory: versions and policies of all secrets or keys of a project in a few calls, where there are many.
//!
//! It follows the APIs within minutes (<https://cloud.google.com/asset-inventory/docs/overview>), and their quotas of a few
//! hundred reads a minute do not count. Where it is not enabled or not allowed, each is asked about.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::api::{ASSETS, Call, call};
use super::cloud::{Cloud, Project};
use super::field::string;
use crate::collect::http::escape;

pub(super) static RESOURCES: Call = call(&ASSETS, "cloudasset.assets.listResource");
pub(super) static POLICIES: Call = call(&ASSETS, "cloudasset.assets.listIamPolicy");

/// From how many of a project on the inventory is asked: below, asking each takes seconds.
pub(super) const MANY: usize = 100;

/// What has versions.
#[derive(Debug)]
pub(super) struct Source {
    /// What its names and types begin with.
    host: &'static str,
    kind: &'static str,
    version_kind: &'static str,
    /// What stands before the number of a version.
    marker: &'static str,
}

pub(super) static SECRETS: Source = Source {
    host: "secretmanager.googleapis.com",
    kind: "Secret",
    version_kind: "SecretVersion",
    marker: "/versions/",
};
pub(super) static KEYS: Source = Source {
    host: "cloudkms.googleapis.com",
    kind: "CryptoKey",
    version_kind: "CryptoKeyVersion",
    marker: "/cryptoKeyVersions/",
};

/// What the inventory told.
#[derive(Default)]
pub(super) struct Bulk {
    /// Versions by the names of what they are of, with the project's id.
    versions: Option<BTreeMap<String, Vec<Value>>>,
    /// Policies of those that have any.
    policies: Option<HashMap<String, Value>>,
    /// All that it knows: one that was made just now is asked about.
    known: HashSet<String>,
}

impl Bulk {
    /// Asks about what a project has of a source.
    pub(super) async fn of(cloud: &Cloud<'_>, project: &Project, source: &Source) -> Self {
        cloud.reads("Cloud Asset Inventory");
        let kind = |kind: &str| format!("assetTypes={}%2F{kind}", source.host);
        let name = escape(&project.name(), true);
        let path = |content: &str, types: &str| {
            format!("v1/{name}/assets?contentType={content}&{types}&pageSize=1000")
        };
        let both = format!("{}&{}", kind(source.version_kind), kind(source.kind));
        let (all, own) = (path("RESOURCE", &both), path("IAM_POLICY", &kind(source.kind)));
        let (resources, policies) = futures_util::join!(
            cloud.list(&RESOURCES, &all, "assets"),
            cloud.list(&POLICIES, &own, "assets"),
        );
        let mut bulk = Self::default();
        if resources.failure.is_none() && !resources.is_absent {
            let mut versions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for mut asset in resources.items {
                let Some(name) = source.named(project, &asset) else { continue };
                if let Some((whole, _)) = name.split_once(source.marker) {
                    let data = asset.pointer_mut("/resource/data").map(Value::take);
                    versions.entry(whole.to_owned()).or_default().push(data.unwrap_or_default());
                } else {
                    bulk.known.insert(name);
                }
            }
            bulk.versions = Some(versions);
        }
        if policies.failure.is_none() && !policies.is_absent {
            let found = policies.items.into_iter().filter_map(|mut asset| {
                let policy = asset.pointer_mut("/iamPolicy").map(Value::take);
                Some((source.named(project, &asset)?, policy.unwrap_or_default()))
            });
            bulk.policies = Some(found.collect());
        }
        bulk
    }

    /// The versions of a secret or key, if they are known.
    pub(super) fn versions(&self, name: &str) -> Option<&[Value]> {
        let found = self.versions.as_ref().filter(|_| self.known.contains(name))?;
        Some(found.get(name).map_or(&[], Vec::as_slice))
    }

    /// The policy of a secret or key, if that is known.
    pub(super) fn policy(&self, name: &str) -> Option<&Value> {
        static NONE: Value = Value::Null;
        let found = self.policies.as_ref().filter(|_| self.known.contains(name))?;
        Some(found.get(name).unwrap_or(&NONE))
    }
}

impl Source {
    /// The name of an asset, with the project's id.
    fn named(&self, project: &Project, asset: &Value) -> Option<String> {
        let name = string(asset, "name")?.strip_prefix("//")?.strip_prefix(self.host)?;
        Some(project.with_id(name.strip_prefix('/')?))
    }
}

//! Cloud Asset Inventory: versions and policies of all secrets of a project in a few calls, where there are many.
//!
//! It follows the APIs within minutes (<https://cloud.google.com/asset-inventory/docs/overview>), and their quotas of a few
//! hundred reads a minute do not count. Where it is not enabled or not allowed, each secret is asked about.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::api::{ASSETS, Call, call};
use super::cloud::{Cloud, Project};
use super::field::string;
use crate::collect::http::escape;

pub(super) static RESOURCES: Call = call(&ASSETS, "cloudasset.assets.listResource");
pub(super) static POLICIES: Call = call(&ASSETS, "cloudasset.assets.listIamPolicy");

/// From how many secrets of a project on the inventory is asked: below, asking each takes seconds.
const MANY: usize = 100;
const PREFIX: &str = "//secretmanager.googleapis.com/";

/// What the inventory told.
#[derive(Default)]
pub(super) struct Bulk {
    /// Versions by the names of secrets, with the project's id.
    versions: Option<BTreeMap<String, Vec<Value>>>,
    /// Policies of those that have any.
    policies: Option<HashMap<String, Value>>,
    /// All secrets that it knows: one that was made just now is asked about.
    known: std::collections::HashSet<String>,
}

impl Bulk {
    /// Asks about the secrets of a project, if there are many.
    pub(super) async fn of_secrets(cloud: &Cloud<'_>, project: &Project, secrets: usize) -> Self {
        if secrets < MANY {
            return Self::default();
        }
        cloud.reads("secrets by Cloud Asset Inventory");
        let types = ["SecretVersion", "Secret"]
            .map(|kind| format!("assetTypes=secretmanager.googleapis.com%2F{kind}"));
        let name = escape(&project.name(), true);
        let path = |content: &str, types: &str| {
            format!("v1/{name}/assets?contentType={content}&{types}&pageSize=1000")
        };
        let (all, of_secrets) = (path("RESOURCE", &types.join("&")), path("IAM_POLICY", &types[1]));
        let (resources, policies) = futures_util::join!(
            cloud.list(&RESOURCES, &all, "assets"),
            cloud.list(&POLICIES, &of_secrets, "assets"),
        );
        let mut bulk = Self::default();
        if resources.failure.is_none() && !resources.is_absent {
            let mut versions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for mut asset in resources.items {
                let Some(name) = named(project, &asset) else { continue };
                match name.split_once("/versions/") {
                    Some((secret, _)) => {
                        let data = asset["resource"]["data"].take();
                        versions.entry(secret.to_owned()).or_default().push(data);
                    }
                    None => {
                        bulk.known.insert(name);
                    }
                }
            }
            bulk.versions = Some(versions);
        }
        if policies.failure.is_none() && !policies.is_absent {
            let found = policies
                .items
                .into_iter()
                .filter_map(|mut asset| Some((named(project, &asset)?, asset["iamPolicy"].take())));
            bulk.policies = Some(found.collect());
        }
        bulk
    }

    /// The versions of a secret, if they are known.
    pub(super) fn versions(&self, secret: &str) -> Option<&[Value]> {
        let found = self.versions.as_ref().filter(|_| self.known.contains(secret))?;
        Some(found.get(secret).map_or(&[], Vec::as_slice))
    }

    /// The policy of a secret, if that is known.
    pub(super) fn policy(&self, secret: &str) -> Option<&Value> {
        static NONE: Value = Value::Null;
        let found = self.policies.as_ref().filter(|_| self.known.contains(secret))?;
        Some(found.get(secret).unwrap_or(&NONE))
    }
}

fn named(project: &Project, asset: &Value) -> Option<String> {
    Some(project.with_id(string(asset, "name")?.strip_prefix(PREFIX)?))
}

//! What the objects of vaults have in common: names, versions, and which of them could be read.

use serde_json::{Value, json};

use super::sheet::Draft;
use crate::collect::field::{Field, as_time, plain, string, time};
use crate::collect::rest::{Failure, Listed};

/// Attributes of an object, as both planes have them.
pub(super) static ATTRIBUTES: &[Field] = &[
    plain("enabled").of("attributes.enabled"),
    time("exp").of("attributes.exp"),
    time("nbf").of("attributes.nbf"),
    time("created").of("attributes.created"),
    time("updated").of("attributes.updated"),
    plain("recoveryLevel").of("attributes.recoveryLevel"),
];

/// Facts of a kind in one vault.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub(super) drafts: Vec<Draft>,
    /// Why there may be more of them.
    pub(super) failure: Option<String>,
}

impl Objects {
    /// The names that objects have, in lower case.
    pub(super) fn names(&self) -> Result<std::collections::BTreeSet<String>, String> {
        match &self.failure {
            Some(why) => Err(why.clone()),
            None => Ok(self.drafts.iter().map(|draft| draft.key.clone()).collect()),
        }
    }
}

/// The part of an object's URL that follows its collection: `.../secrets/NAME/VERSION`.
pub(super) fn part(url: &str, collection: &str, index: usize) -> Option<String> {
    let marker = format!("/{collection}/");
    let at = url.to_lowercase().find(&marker)?;
    let rest = url.get(at + marker.len()..)?;
    rest.split(['/', '?']).nth(index).filter(|part| !part.is_empty()).map(str::to_owned)
}

/// `versions` of an object, newest first, of a list of them.
pub(super) fn versions(
    listed: Listed,
    attributes: &str,
    version: impl Fn(&Value) -> Option<String>,
) -> Result<Vec<Value>, String> {
    if let Some(Failure { why, .. }) = listed.failure {
        return Err(why);
    }
    let one = |item: &Value| {
        let attributes = &item.pointer(attributes).cloned().unwrap_or_default();
        let at = |name: &str| as_time(&attributes[name]);
        Some(json!({
            "version": version(item)?, "enabled": attributes["enabled"], "created": at("created"),
            "updated": at("updated"), "exp": at("exp"), "nbf": at("nbf"),
        }))
    };
    let mut all: Vec<Value> = listed.items.iter().filter_map(one).collect();
    all.sort_by(|a, b| {
        let key = |value: &Value| (text(value, "created"), text(value, "version"));
        key(b).cmp(&key(a))
    });
    Ok(all)
}

/// Versions without what only secrets have of them.
pub(super) fn short(versions: &[Value]) -> Value {
    let names = ["version", "enabled", "created", "exp"];
    let one = |version: &Value| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), version[*name].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    versions.iter().map(one).collect()
}

fn text(value: &Value, name: &str) -> String {
    string(value, name).unwrap_or_default().to_owned()
}

/// A list that could not be asked for.
pub(super) fn unasked(why: &str) -> Listed {
    let failure = Failure { codes: Vec::new(), why: why.to_owned() };
    Listed { failure: Some(failure), ..Listed::default() }
}

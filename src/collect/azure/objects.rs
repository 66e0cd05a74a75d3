//! What the objects of vaults have in common: names, versions, and which of them could be read.

use std::collections::{BTreeMap, BTreeSet};

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
    pub(super) fn names(&self) -> Result<BTreeSet<String>, String> {
        match &self.failure {
            Some(why) => Err(why.clone()),
            None => Ok(self.drafts.iter().map(|draft| draft.key.clone()).collect()),
        }
    }
}

/// Tells which secrets and keys belong to a certificate, where its name could not be read: a certificate, its key
/// and its secret have one name and one version, which is random.
/// Source: <https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate>.
pub(super) fn pair(secrets: &mut Objects, keys: &mut Objects) {
    if secrets.failure.is_some() || keys.failure.is_some() {
        return;
    }
    let is_open = |draft: &Draft| draft.why_unread("managed").is_some();
    let versions = |drafts: &[Draft]| -> BTreeMap<String, String> {
        let known = drafts.iter().filter(|draft| is_open(draft));
        known.map(|draft| (draft.key.clone(), draft.version.clone())).collect()
    };
    let (of_secrets, of_keys) = (versions(&secrets.drafts), versions(&keys.drafts));
    let tell = |drafts: &mut [Draft], others: &BTreeMap<String, String>| {
        for draft in drafts.iter_mut().filter(|draft| is_open(draft)) {
            let other = others.get(&draft.key);
            // A version that is not known may be the same.
            let is_known = !draft.version.is_empty() && other.is_none_or(|other| !other.is_empty());
            if is_known || other.is_none() {
                draft.set("managed", other.is_some_and(|other| *other == draft.version));
            }
        }
    };
    tell(&mut secrets.drafts, &of_keys);
    tell(&mut keys.drafts, &of_secrets);
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
    let failure = Failure { codes: Vec::new(), consumer: None, why: why.to_owned() };
    Listed { failure: Some(failure), ..Listed::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts(of: &[(&str, &str)]) -> Objects {
        let one = |(name, version): &(&str, &str)| {
            let mut draft = Draft::new("azure_key", name, None);
            draft.key = (*name).to_owned();
            draft.version = (*version).to_owned();
            draft.unread(&["managed"], "ForbiddenByFirewall at certificates");
            draft
        };
        Objects { drafts: of.iter().map(one).collect(), failure: None }
    }

    #[test]
    fn what_has_one_name_and_one_version_belongs_to_a_certificate() {
        let mut secrets = drafts(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let mut keys = drafts(&[("a", "1"), ("b", "2"), ("d", "")]);
        pair(&mut secrets, &mut keys);
        let told = |objects: &Objects| -> Vec<Value> {
            objects.drafts.iter().map(|draft| draft.get("managed").clone()).collect()
        };
        assert_eq!(told(&secrets), [true.into(), false.into(), false.into(), Value::Null]);
        assert_eq!(told(&keys), [true.into(), false.into(), Value::Null]);
        assert!(keys.drafts[2].why_unread("managed").is_some());
        // Of what is not whole nothing is told.
        let mut part = drafts(&[("a", "1")]);
        part.failure = Some("AuthorizationFailed at arm keys".into());
        let mut secrets = drafts(&[("a", "1")]);
        pair(&mut secrets, &mut part);
        assert_eq!(told(&secrets), [Value::Null]);
    }

    #[test]
    fn parts_of_urls_are_names_and_versions() {
        let url = "https://v.vault.azure.net/Secrets/Name/0a?api-version=7.4";
        assert_eq!(part(url, "secrets", 0).as_deref(), Some("Name"));
        assert_eq!(part(url, "secrets", 1).as_deref(), Some("0a"));
        assert_eq!(part("https://v.vault.azure.net/secrets/Name", "secrets", 1), None);
        assert_eq!(part(url, "keys", 0), None);
    }
}

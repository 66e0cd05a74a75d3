//! The vaults, keys and secrets that were read, by the URLs that others name them by.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;

use super::objects::part;
use super::sheet::Draft;
use super::vaults::Vault;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_host: BTreeMap<String, String>,
    by_name: BTreeMap<String, String>,
    /// Ids of facts by the vault's and the object's name.
    objects: BTreeMap<(String, &'static str, String), String>,
    /// Vaults of which all is known, by what.
    whole: BTreeSet<(String, &'static str)>,
}

/// What a URL or a name leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// Id of the vault, if it was read.
    pub(super) vault: Option<String>,
    /// Id of the object, if there is one.
    pub(super) object: Option<String>,
    /// The version that is named.
    pub(super) version: Option<String>,
    /// Whether there would be an object here if there was one.
    pub(super) is_readable: bool,
}

impl Index {
    /// Adds a vault with its objects; `is_whole` if all of them are there.
    pub(super) fn vault(&mut self, vault: &Vault) {
        let id = vault.id().to_owned();
        if let Some(host) = vault.host() {
            self.by_host.insert(host, id.clone());
        }
        if !vault.is_hsm
            && let Some(name) = id.rsplit('/').next()
        {
            self.by_name.insert(name.to_owned(), id.clone());
        }
    }

    /// Adds objects of a vault: `keys` or `secrets`.
    pub(super) fn objects(
        &mut self,
        vault: &str,
        collection: &'static str,
        drafts: &[Draft],
        is_whole: bool,
    ) {
        for draft in drafts {
            let key = (vault.to_owned(), collection, draft.key.clone());
            self.objects.insert(key, draft.id().to_owned());
        }
        if is_whole {
            self.whole.insert((vault.to_owned(), collection));
        }
    }

    /// What a URL of an object leads to: `https://v.vault.azure.net/keys/NAME[/VERSION]`.
    pub(super) fn url(&self, collection: &'static str, url: &str) -> Target {
        let vault = host(url, collection).and_then(|host| self.by_host.get(&host)).cloned();
        self.target(vault, collection, part(url, collection, 0), part(url, collection, 1))
    }

    /// What the names of a vault and an object lead to.
    pub(super) fn names(
        &self,
        collection: &'static str,
        vault: &str,
        name: &str,
        version: Option<&str>,
    ) -> Target {
        let vault = self.by_name.get(&vault.to_lowercase()).cloned();
        let version = version.filter(|version| !version.is_empty()).map(str::to_owned);
        self.target(vault, collection, Some(name.to_owned()), version)
    }

    fn target(
        &self,
        vault: Option<String>,
        collection: &'static str,
        name: Option<String>,
        version: Option<String>,
    ) -> Target {
        let object = vault.clone().zip(name).and_then(|(vault, name)| {
            self.objects.get(&(vault, collection, name.to_lowercase())).cloned()
        });
        let is_readable =
            vault.clone().is_some_and(|vault| self.whole.contains(&(vault, collection)));
        Target { vault, object, version, is_readable }
    }
}

/// Host, and what of the path stands before a collection, in lower case.
fn host(url: &str, collection: &str) -> Option<String> {
    let parsed: Url = url.parse().ok()?;
    let path = parsed.path().to_lowercase();
    let path = path.split(&format!("/{collection}/")).next().unwrap_or_default();
    Some(format!("{}{}", parsed.host_str()?.to_lowercase(), path.trim_end_matches('/')))
}

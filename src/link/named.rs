//! Which secret is meant by a name.

use super::facts::StoredSecret;
use super::part::{Named, Part};

/// What a name leads to.
pub(super) struct Answer<'a> {
    /// The secret; none if none has that name.
    pub(super) secret: Option<&'a StoredSecret>,
    /// Whether the store that is meant was read to the end: only then does it mean something that there is none.
    pub(super) is_complete: bool,
    /// Where it was looked for.
    pub(super) store: Option<&'a str>,
}

/// Looks for a secret in all stores that may be meant.
pub(super) fn find<'a>(stores: &'a [Part], named: &Named) -> Answer<'a> {
    let is_meant = |part: &&Part| {
        part.store.lost.is_none()
            && part.store.store_kind == named.store_kind
            && named.place.as_ref().is_none_or(|place| {
                part.places
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(place.trim_end_matches('/')))
            })
    };
    let meant: Vec<&Part> = stores.iter().filter(is_meant).collect();
    let found = |part: &&'a Part| {
        let secret = part.secrets.iter().find(|secret| is_called(secret, &named.name))?;
        Some((secret, part.store.store.as_str()))
    };
    if let Some((secret, store)) = meant.iter().find_map(found) {
        return Answer { secret: Some(secret), is_complete: true, store: Some(store) };
    }
    // Without a place any other account of the kind may be meant.
    let is_complete =
        named.place.is_some() && !meant.is_empty() && meant.iter().all(|part| part.is_whole);
    Answer { secret: None, is_complete, store: meant.first().map(|part| part.store.store.as_str()) }
}

fn is_called(secret: &StoredSecret, name: &str) -> bool {
    let name = name.trim_matches('/');
    if secret.secret == name || secret.name.trim_matches('/') == name {
        return true;
    }
    match secret.store_kind.as_str() {
        // The API's path of a value, and of its metadata.
        "vault" => ["/data/", "/metadata/"].iter().any(|inner| {
            name.split_once(inner)
                .is_some_and(|(mount, rest)| secret.name == format!("{mount}/{rest}"))
        }),
        // An ARN may lack the six characters that Secrets Manager adds to the name.
        "aws" => {
            let rest = secret.secret.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| {
                rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        }
        // Vaults have names in any case.
        "azure" => secret.name.eq_ignore_ascii_case(name),
        _ => false,
    }
}

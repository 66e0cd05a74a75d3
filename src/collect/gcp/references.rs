//! Where services, jobs and functions name a secret, and whether there is one.

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::{Cloud, Project};
use super::field::part;
use super::secrets::Secrets;
use super::sheet::Draft;

pub(super) const REFERENCE: &str = "gcp_secret_reference";

const PREFIX: &str = "//secretmanager.googleapis.com/";

/// A secret that something names.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    consumer: String,
    consumer_kind: &'static str,
    place: String,
    reference: String,
    version: String,
    /// Project and name, if the reference can be read.
    target: Option<(String, String)>,
}

impl Mention {
    /// A reference in something of `project`; the latest version, where none is named.
    pub(super) fn new(
        consumer: &str,
        consumer_kind: &'static str,
        project: &str,
        place: String,
        reference: &str,
        version: Option<&str>,
    ) -> Self {
        let parts: Vec<&str> = reference.split('/').collect();
        let target = match parts.as_slice() {
            [name] if !name.is_empty() => Some((project.to_owned(), (*name).to_owned())),
            ["projects", home, "secrets", name] if !home.is_empty() && !name.is_empty() => {
                Some(((*home).to_owned(), (*name).to_owned()))
            }
            _ => None,
        };
        Self {
            consumer: consumer.to_owned(),
            consumer_kind,
            place,
            reference: reference.to_owned(),
            version: version.unwrap_or("latest").to_owned(),
            target,
        }
    }
}

/// Writes what is named.
pub(super) fn write(
    cloud: &Cloud<'_>,
    projects: &[Project],
    secrets: &[Secrets],
    mentions: &[Mention],
) {
    if !cloud.wants(&[REFERENCE]) {
        return;
    }
    // By the id that a reference gives, the id of the fact, where a name is blanked.
    let known: BTreeMap<String, &str> = secrets
        .iter()
        .flat_map(|secrets| secrets.places.iter().zip(&secrets.drafts))
        .map(|(place, draft)| (format!("{PREFIX}{}", place.known), draft.id()))
        .collect();
    let whole: BTreeSet<&str> = projects
        .iter()
        .zip(secrets)
        .filter(|(_, secrets)| secrets.is_whole)
        .map(|(project, _)| project.id.as_str())
        .collect();
    for mention in mentions {
        let home = mention.target.as_ref().map(|(home, _)| {
            projects
                .iter()
                .find(|project| project.is(home))
                .map_or(home.as_str(), |project| &project.id)
        });
        let target = home
            .zip(mention.target.as_ref())
            .map(|(home, (_, name))| format!("{PREFIX}projects/{home}/secrets/{name}"));
        let found = target.as_ref().and_then(|id| known.get(id));
        let is_readable = home.is_some_and(|home| whole.contains(home));
        let consumer = mention.consumer.as_str();
        let id = format!("{consumer}#{}", mention.place);
        let own = part(consumer.trim_start_matches('/'), "projects");
        let mut draft = Draft::new(REFERENCE, id, own, part(consumer, "locations"));
        draft.set("consumer", consumer);
        draft.set("consumer_kind", mention.consumer_kind);
        draft.set("where", mention.place.as_str());
        draft.set("reference", mention.reference.as_str());
        draft.blank(&mut cloud.leaks(), "reference");
        draft.set("version", mention.version.as_str());
        draft.set("is_readable", is_readable);
        draft.set("exists", is_readable.then_some(found.is_some()));
        draft.set("target", found.map(|id| (*id).to_owned()).or(target));
        draft.blank(&mut cloud.leaks(), "target");
        cloud.sheet.fact(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_in_their_forms() {
        let target = |text: &str| {
            let one = Mention::new("c", "gcp_function", "shop", "p".into(), text, None);
            one.target.map(|(home, name)| format!("{home} {name}"))
        };
        assert_eq!(target("db").as_deref(), Some("shop db"));
        assert_eq!(target("projects/12/secrets/db").as_deref(), Some("12 db"));
        assert_eq!(target("projects/12/secrets/db/versions/1"), None);
        assert_eq!(target(""), None);
    }
}

//! What each kind of stores calls what all of them have.

mod aws;
mod azure;
mod gcp;
mod kubernetes;
mod provider_class;
mod vault;

use super::part::Part;
use super::view::View;
use super::words;
use crate::link::facts::StoredSecret;
use crate::model::Inventory;

/// A kind of stores: what the sources of its inventories begin with, and what reads them.
struct Kind {
    scheme: &'static str,
    name: &'static str,
    part: fn(&View<'_>, &mut Part),
}

static KINDS: &[Kind] = &[
    Kind { scheme: "aws", name: "aws", part: aws::part },
    Kind { scheme: "azure", name: "azure", part: azure::part },
    Kind { scheme: "gcp", name: "gcp", part: gcp::part },
    Kind { scheme: "k8s", name: "kubernetes", part: kubernetes::part },
    Kind { scheme: "vault", name: "vault", part: vault::part },
];

/// What the kind of a store is called in the estate; of what is no store, what its source begins with.
pub(super) fn kind_of(source: &str) -> &str {
    let scheme = source.split(':').next().unwrap_or(source);
    KINDS.iter().find(|kind| kind.scheme == scheme).map_or(scheme, |kind| kind.name)
}

/// What an inventory gives; nothing but gaps of one that is of no store.
pub(super) fn part(inventory: &Inventory) -> Part {
    let source = inventory.source.as_str();
    let scheme = source.split(':').next().unwrap_or(source);
    let view = View::new(inventory);
    let mut part = Part::default();
    source.clone_into(&mut part.store.id);
    source.clone_into(&mut part.store.store);
    kind_of(source).clone_into(&mut part.store.store_kind);
    part.store.gap_count = inventory.gaps.len();
    part.store.gaps = inventory.gaps.iter().take(MOST_GAPS).cloned().collect();
    if let Some(kind) = KINDS.iter().find(|kind| kind.scheme == scheme) {
        (kind.part)(&view, &mut part);
    }
    let store = part.store.clone();
    for secret in &mut part.secrets {
        secret.id = view.id(&secret.secret);
        secret.store.clone_from(&store.store);
        secret.store_kind.clone_from(&store.store_kind);
        told_by_words(secret);
    }
    for key in &mut part.keys {
        key.id = view.id(&key.key);
        key.store.clone_from(&store.store);
        key.store_kind.clone_from(&store.store_kind);
    }
    for sink in &mut part.sinks {
        sink.id = view.id(&sink.sink);
        sink.store.clone_from(&store.store);
        sink.store_kind.clone_from(&store.store_kind);
    }
    for seal in &mut part.seals {
        seal.id = view.id(&format!("seal/{}", seal.key_named.as_deref().unwrap_or(&seal.kind)));
        seal.store.clone_from(&store.store);
        seal.store_kind.clone_from(&store.store_kind);
    }
    for backup in &mut part.backups {
        backup.id = view.id(&backup.backup);
        backup.store.clone_from(&store.store);
        backup.store_kind.clone_from(&store.store_kind);
    }
    part
}

/// Most gaps of a store that are told one by one.
const MOST_GAPS: usize = 100;

/// What labels and the name tell. Labels that could not be read leave it open.
fn told_by_words(secret: &mut StoredSecret) {
    if let Some(labels) = &secret.labels {
        secret.owner = words::owner(labels);
        secret.data_class = words::data_class(labels);
    } else if let Some(why) = secret.unread.get("labels").cloned() {
        secret.unread.insert("owner", why.clone());
        secret.unread.insert("data_class", why);
    }
    secret.environment = words::environment(secret.labels.as_ref(), &secret.name);
    secret.is_break_glass = words::is_break_glass(secret.labels.as_ref(), &secret.name);
    if secret.content.is_none() {
        secret.content = words::content(&secret.name);
    }
}

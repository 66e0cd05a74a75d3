//! What each store gives to the estate: its own facts in common terms, and what becomes facts only beside others.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{
    AuditSink, AuditedStore, SecretConsumer, StoreBackup, StoreSeal, StoredKey, StoredSecret,
};
use crate::model::{Reader, Readers};

/// A credential as its issuer tells of it.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) issuer: &'static str,
    pub(super) credential: String,
    pub(super) principal: String,
    pub(super) created: Option<String>,
    pub(super) state: Option<&'static str>,
    pub(super) last_used: Option<String>,
}

/// What somebody was seen to read.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Id of the secret in its store.
    pub(super) secret: String,
    pub(super) principal: String,
    pub(super) principal_kind: String,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) count: u64,
    pub(super) from: Option<String>,
    pub(super) hours: Option<Vec<u64>>,
}

/// A secret that something copies, before its source is looked for.
#[derive(Debug, Clone)]
pub(super) struct Copying {
    /// Id of the copy in its own store.
    pub(super) copy: String,
    pub(super) source: Named,
    pub(super) via: String,
    pub(super) copied: Option<String>,
    pub(super) interval: Option<u64>,
}

/// How something names a secret of a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) store_kind: &'static str,
    /// The name there: `secret/data/app`, an ARN, `prod-db`.
    pub(super) name: String,
    /// Which store of the kind, where that is told: an address, a project, the URL of a vault.
    pub(super) place: Option<String>,
}

/// Who is in a group.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) members: BTreeSet<String>,
    /// Whether that is all of them.
    pub(super) is_whole: bool,
}

/// All that one store gives.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) store: AuditedStore,
    pub(super) secrets: Vec<StoredSecret>,
    pub(super) keys: Vec<StoredKey>,
    pub(super) readers: Vec<Readers>,
    pub(super) seen: Vec<Seen>,
    /// From when on reads are known with who read; none where no log tells.
    pub(super) seen_from: Option<String>,
    /// Principals that may get a secret's value but for its key, by secret; none where that is not worked out.
    pub(super) without_key: Option<BTreeMap<String, Vec<String>>>,
    pub(super) copies: Vec<Copying>,
    /// Places that name a secret: from, kind, what.
    pub(super) references: Vec<(String, &'static str, Named)>,
    /// Secrets by the id in this store, with who took them.
    pub(super) consumers: Vec<(String, SecretConsumer)>,
    pub(super) issued: Vec<Issued>,
    /// Issuers whose credentials are all known.
    pub(super) issuers: Vec<&'static str>,
    pub(super) sinks: Vec<AuditSink>,
    pub(super) seals: Vec<StoreSeal>,
    pub(super) backups: Vec<StoreBackup>,
    /// Further names of this store, for those who name it: its address, its account, its project.
    pub(super) places: Vec<String>,
    /// Who is in groups that read secrets, by group.
    pub(super) groups: BTreeMap<String, Group>,
    /// Whether a reader stands for others, of whom only `groups` may tell how many there are.
    pub(super) is_group: Option<fn(&Reader) -> bool>,
    /// Kinds of principals that are people, or are not.
    pub(super) is_human: Option<fn(&str) -> Option<bool>>,
    /// What the keys of this store are, where their list is whole: then another is missing.
    pub(super) keys_are: Option<&'static str>,
    /// Whether the list of secrets is whole.
    pub(super) is_whole: bool,
}

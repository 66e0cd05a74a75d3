//! Live secret stores to facts: read-only, and never a value.
//!
//! A store is a folder here and a row in [`STORES`]. What it is asked for becomes an [`Inventory`]; what it does
//! not answer becomes a gap in it, so that the controls that need it are unknown instead of passed. Errors are
//! for what leaves nothing to judge: no login, nobody at the address.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Fact, Inventory};

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod field;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "gcp")]
mod gcp;
#[cfg(any(feature = "azure", feature = "gcp", feature = "vault"))]
mod http;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod kinds;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod leaks;
#[cfg(any(feature = "azure", feature = "gcp"))]
mod rest;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod sheet;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod strength;
pub mod values;
#[cfg(feature = "vault")]
mod vault;

use values::Values;

/// A kind of secret stores.
#[derive(Debug)]
pub struct Store {
    /// What addresses begin with, before the colon: `vault`.
    pub name: &'static str,
    /// What it is, and what may follow the colon.
    pub about: &'static str,
    /// Reads a store. It returns when all is read or the deadline is over.
    pub collect: fn(&Request<'_>) -> Result<Inventory, CollectError>,
    /// The least that a reader of facts of these kinds must be allowed, in the store's own language.
    pub permissions: fn(kinds: &BTreeSet<&str>) -> String,
}

/// All stores of this build.
pub static STORES: &[Store] = &[
    #[cfg(feature = "aws")]
    aws::STORE,
    #[cfg(feature = "azure")]
    azure::STORE,
    #[cfg(feature = "gcp")]
    gcp::STORE,
    #[cfg(feature = "kubernetes")]
    kubernetes::STORE,
    #[cfg(feature = "vault")]
    vault::STORE,
];

/// The store of an address, and what follows the colon.
pub fn find(address: &str) -> Option<(&'static Store, &str)> {
    let (name, rest) = address.split_once(':').unwrap_or((address, ""));
    STORES.iter().find(|store| store.name == name).map(|store| (store, rest))
}

/// What is asked of a store.
pub struct Request<'a> {
    /// What follows `vault:`; may be empty.
    pub address: &'a str,
    /// The time that ages count from.
    pub now: Timestamp,
    /// Variables of the environment, by name.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The user's home directory, for logins that are kept there.
    pub home: Option<&'a Path>,
    /// The kinds of facts that are wanted; `None` for all.
    pub kinds: Option<&'a BTreeSet<String>>,
    /// Most requests in flight.
    pub concurrency: usize,
    /// Longest time of one request.
    pub timeout: Duration,
    /// Longest time of all. What is not read by then are gaps.
    pub deadline: Duration,
    /// Whom to tell how far it is.
    pub progress: &'a dyn Progress,
    /// What takes values, if they may be read, for what only they tell. They are wiped at once.
    pub values: Option<&'a Values<'a>>,
    /// What tells secrets in texts that people write, such as descriptions, which are blanked.
    pub judge: &'a dyn Judge,
}

impl<'a> Request<'a> {
    /// What takes values, if they may be read and somebody wants to know what they tell beside `kinds`.
    pub fn values_for(&self, kinds: &[&str]) -> Option<&'a Values<'a>> {
        let is_wanted = self.wants(values::KIND) || kinds.iter().any(|kind| self.wants(kind));
        self.values.filter(|_| is_wanted)
    }

    /// Whether facts of a kind are wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.kinds.is_none_or(|kinds| kinds.contains(kind))
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Hears how far a collector is.
pub trait Progress: Sync {
    /// A request was sent.
    fn asked(&self);
    /// So many facts were found.
    fn found(&self, facts: usize);
    /// What is read now: `policies`.
    fn reads(&self, what: &str);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn asked(&self) {}
    fn found(&self, _facts: usize) {}
    fn reads(&self, _what: &str) {}
}

/// Tells secrets in texts.
pub trait Judge: Sync {
    /// The secrets in a text, sorted by their start. `path` is the name of the file that it is like (`.env`,
    /// `user-data.sh`), by which it is read; empty if it is like none.
    fn secrets(&self, path: &str, text: &str) -> Vec<Found>;

    /// The secrets in a file, unpacked if it is an archive, each once: the path in it, the rule, and whether it is
    /// known by its form. What could not be read is the second part, in words.
    fn file(&self, _name: &str, _bytes: Vec<u8>) -> (Vec<(String, String, bool)>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    /// The facts of a manifest, as a scan of a file of that name gives them to policies.
    fn facts(&self, path: &str, text: &str) -> Vec<Fact>;
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is, in bytes, from a character's start to another's.
    pub range: Range<usize>,
    /// Id of the rule that says so.
    pub rule: String,
    /// Whether it is known by its form, rather than likely by its name and form.
    pub is_known: bool,
}

/// Knows no secrets.
#[derive(Debug, Clone, Copy)]
pub struct NoJudge;

impl Judge for NoJudge {
    fn secrets(&self, _path: &str, _text: &str) -> Vec<Found> {
        Vec::new()
    }

    fn facts(&self, _path: &str, _text: &str) -> Vec<Fact> {
        Vec::new()
    }
}

/// Why there is nothing to judge. No message holds a token. Exit code 3; of an address 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// What follows the colon, or a setting beside it, is wrong.
    #[error("`{what}`: {why}")]
    Address {
        /// The address or the variable.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// There is no login, or it is refused.
    #[error("cannot log in to {store}: {why}")]
    Login {
        /// The store's address.
        store: String,
        /// What is missing or was answered.
        why: String,
    },
    /// Nobody answers, or not as such a store does.
    #[error("cannot read {store}: {why}")]
    Unreachable {
        /// The store's address.
        store: String,
        /// What happened.
        why: String,
    },
}

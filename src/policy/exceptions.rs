//! Findings that somebody accepted for a while.
//!
//! They are marked, never removed, and an exception that is over does not count. Failures of controls
//! cannot be accepted.

use std::collections::BTreeSet;

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;

use super::{Accepted, Evaluation};
use crate::model::Control;

/// An exception as it is written: `[[policy.exceptions]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exception {
    /// Where it is written, `file:line`.
    pub place: String,
    /// Id of the control.
    pub control: String,
    /// Glob on the path of the file; all files if there is none.
    pub path: Option<String>,
    /// Glob on the id of the fact; all facts if there is none.
    pub resource: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts, `YYYY-MM-DD`.
    pub expires: String,
}

/// An exception that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct ExceptionError {
    /// Where it is written.
    pub place: String,
    /// What is wrong.
    pub why: String,
}

/// All exceptions of a run.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    written: Exception,
    path: Option<GlobMatcher>,
    resource: Option<GlobMatcher>,
    expires: Date,
}

impl Exceptions {
    /// Reads exceptions.
    ///
    /// # Errors
    /// When a field is empty, a glob is none, or a date is no date.
    pub fn new(written: Vec<Exception>) -> Result<Self, ExceptionError> {
        let entries = written.into_iter().map(Entry::new).collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// The exceptions as they are written.
    pub fn written(&self) -> impl Iterator<Item = &Exception> {
        self.entries.iter().map(|entry| &entry.written)
    }

    /// Marks the findings that an exception is for on `today` (`YYYY-MM-DD`...), and adds the indexes of
    /// those exceptions to `used`. A day that is none is after all of them.
    pub fn mark(&self, evaluation: &mut Evaluation, today: &str, used: &mut BTreeSet<usize>) {
        let today = day(today).unwrap_or(Date::MAX);
        let findings = evaluation.outcomes.iter_mut().flat_map(|outcome| &mut outcome.findings);
        for finding in findings.filter(|finding| finding.failure.is_none()) {
            for (index, entry) in self.entries.iter().enumerate() {
                let id = finding.fact.as_deref().unwrap_or_default();
                let path = finding.at.as_ref().map(|at| at.path.as_str());
                if entry.expires < today || !entry.is_for(&finding.control, id, path) {
                    continue;
                }
                used.insert(index);
                if finding.accepted.is_none() {
                    finding.accepted = Some(entry.accepted());
                }
            }
        }
    }

    /// What to tell of exceptions that are over on `today`.
    pub fn expired(&self, today: &str) -> Vec<String> {
        let today = day(today).unwrap_or(Date::MAX);
        let over = self.entries.iter().filter(|entry| entry.expires < today);
        let tell = |Entry { written: e, .. }: &Entry| {
            let Exception { place, control, owner, reason, expires, .. } = e;
            format!(
                "{place}: exception of `{control}` expired on {expires} (owner: {owner}): {reason}"
            )
        };
        over.map(tell).collect()
    }

    /// What to tell of exceptions that are for nothing: not over on `today`, not among `used`, and of a control
    /// that was asked.
    pub fn unused(
        &self,
        today: &str,
        used: &BTreeSet<usize>,
        was_asked: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let today = day(today).unwrap_or(Date::MAX);
        let is_unused = |(i, entry): &(usize, &Entry)| {
            !used.contains(i) && entry.expires >= today && was_asked(&entry.written.control)
        };
        let tell = |(_, Entry { written: e, .. }): (usize, &Entry)| {
            format!("{}: exception of `{}` is for nothing", e.place, e.control)
        };
        self.entries.iter().enumerate().filter(is_unused).map(tell).collect()
    }

    /// What to tell of exceptions whose control is none of `controls`.
    pub fn strangers<'a>(&self, controls: impl IntoIterator<Item = &'a Control>) -> Vec<String> {
        let known: BTreeSet<&str> =
            controls.into_iter().map(|control| control.id.as_str()).collect();
        let entries = self.entries.iter().map(|entry| &entry.written);
        entries
            .filter(|written| !known.contains(written.control.as_str()))
            .map(|e| format!("{}: there is no control `{}`", e.place, e.control))
            .collect()
    }
}

impl Entry {
    fn new(written: Exception) -> Result<Self, ExceptionError> {
        let wrong = |why: String| ExceptionError { place: written.place.clone(), why };
        for (name, value) in [
            ("control", &written.control),
            ("owner", &written.owner),
            ("reason", &written.reason),
            ("expires", &written.expires),
        ] {
            if value.trim().is_empty() {
                return Err(wrong(format!("`{name}` is missing")));
            }
        }
        let glob = |name: &str, glob: &Option<String>| match glob {
            None => Ok(None),
            Some(glob) => Glob::new(glob)
                .map(|glob| Some(glob.compile_matcher()))
                .map_err(|error| wrong(format!("`{name}`: {error}"))),
        };
        let (path, resource) = (glob("path", &written.path)?, glob("resource", &written.resource)?);
        let expires = written.expires.parse().ok();
        let expires = expires
            .ok_or_else(|| wrong(format!("`expires` is `{}`, not YYYY-MM-DD", written.expires)))?;
        Ok(Self { written, path, resource, expires })
    }

    fn is_for(&self, control: &Control, fact: &str, path: Option<&str>) -> bool {
        self.written.control == control.id
            && self.path.as_ref().is_none_or(|glob| path.is_some_and(|path| glob.is_match(path)))
            && self.resource.as_ref().is_none_or(|glob| glob.is_match(fact))
    }

    fn accepted(&self) -> Accepted {
        let Exception { place, owner, reason, expires, .. } = self.written.clone();
        Accepted { owner, reason, expires, place }
    }
}

/// The date that an RFC 3339 time begins with, or a date.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

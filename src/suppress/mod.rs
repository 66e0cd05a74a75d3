//! Marks findings that somebody accepted; never removes one.
//!
//! One system, whatever the means: comments in the scanned text, ignore files, baselines. The first
//! that is for a finding marks it, with the reason given there.

mod baseline;
mod ignore;
mod inline;

use std::collections::BTreeSet;

pub use baseline::{Baseline, write as write_baseline};
pub use ignore::{Day, Ignores};
pub use inline::{Inline, accepted_on, mark as mark_inline, may_accept};

use crate::model::{By, Finding, Status};

/// A file that says what is accepted and cannot be used. Exit code 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct SuppressError {
    /// The file.
    pub file: String,
    /// 1-based line; 1 where the format has no lines.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

/// Everything that is accepted in a run.
#[derive(Debug, Default)]
pub struct Suppressor {
    /// Ignore files.
    pub ignores: Ignores,
    /// Earlier findings.
    pub baseline: Option<Baseline>,
}

impl Suppressor {
    /// Marks what is accepted; tells the entries of ignore files that are for nothing.
    pub fn mark(&self, findings: &mut [Finding]) -> Vec<String> {
        let mut used = BTreeSet::new();
        for finding in findings {
            // An entry is used even where something else suppresses the finding first.
            let ignored = self.ignores.find(finding);
            used.extend(ignored);
            if !finding.is_open() {
                continue;
            }
            let status = match ignored {
                Some(entry) => {
                    let reason = self.ignores.reason(entry).to_owned();
                    Some(Status::Suppressed { by: By::IgnoreFile, reason })
                }
                None => self.baseline.as_ref().filter(|b| b.holds(finding)).map(|baseline| {
                    Status::Suppressed { by: By::Baseline, reason: baseline.reason() }
                }),
            };
            if let Some(status) = status {
                finding.status = status;
            }
        }
        self.ignores.unused(&used)
    }
}

#[cfg(test)]
mod tests;

//! Ignore files: `.keystrelignore`, and gitleaks' and betterleaks'.
//!
//! ```toml
//! [[ignore]]
//! rule = "generic-api-key"        # at least one of rule, path, identity, fingerprint
//! path = "tests/fixtures/**"
//! reason = "made for the tests"   # required
//! owner = "platform team"
//! expires = "2027-06-30"          # last day on which it counts
//! ```

use std::collections::BTreeSet;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use super::SuppressError;
use crate::model::Finding;

/// A day as `YYYY-MM-DD`, which sorts as text.
pub type Day = String;

/// The entries of all ignore files of a run.
#[derive(Debug, Default)]
pub struct Ignores {
    entries: Vec<Entry>,
    /// Expired entries and lines that could not be read, for people.
    pub warnings: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    /// `file:line`, for messages.
    place: String,
    rule: Option<String>,
    path: Option<PathTest>,
    line: Option<u64>,
    commit: Option<String>,
    identity: Option<String>,
    reason: String,
}

#[derive(Debug)]
enum PathTest {
    Glob(GlobMatcher),
    Exact(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Vec<toml::Spanned<Written>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: Option<String>,
    path: Option<String>,
    identity: Option<String>,
    fingerprint: Option<String>,
    reason: String,
    owner: Option<String>,
    expires: Option<String>,
}

impl Ignores {
    /// Adds the entries of a `.keystrelignore`. Those that expired before `today` only warn.
    ///
    /// # Errors
    /// When the file is not what it should be.
    pub fn add_own(&mut self, file: &str, text: &str, today: &Day) -> Result<(), SuppressError> {
        let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let error = |line, why: String| SuppressError { file: file.to_owned(), line, why };
        let parsed: File = toml::from_str(text).map_err(|e| {
            error(e.span().map_or(1, |span| line_of(span.start)), e.message().to_owned())
        })?;
        for written in parsed.ignore {
            let line = line_of(written.span().start);
            let written = written.into_inner();
            let place = format!("{file}:{line}");
            if let Some(expires) = &written.expires {
                if !is_day(expires) {
                    return Err(error(line, format!("`expires` is `{expires}`, not YYYY-MM-DD")));
                }
                if expires < today {
                    let owner = written.owner.map(|o| format!(" (owner: {o})")).unwrap_or_default();
                    self.warnings
                        .push(format!("{place}: expired on {expires}{owner}: {}", written.reason));
                    continue;
                }
            }
            let mut entry = match &written.fingerprint {
                None => Entry::empty(place),
                Some(print) => Entry::of_fingerprint(place, print)
                    .ok_or_else(|| error(line, format!("`{print}` is no fingerprint")))?,
            };
            let nothing =
                written.rule.is_none() && written.path.is_none() && written.identity.is_none();
            if nothing && written.fingerprint.is_none() {
                let why = "an entry needs a rule, path, identity or fingerprint";
                return Err(error(line, why.into()));
            }
            if let Some(path) = &written.path {
                let glob = Glob::new(path).map_err(|e| error(line, format!("`path`: {e}")))?;
                entry.path = Some(PathTest::Glob(glob.compile_matcher()));
            }
            entry.rule = written.rule.or(entry.rule);
            entry.identity = written.identity;
            entry.reason = written.reason;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Adds the entries of a `.gitleaksignore` or `.betterleaksignore`: `file:rule:line` or
    /// `commit:file:rule:line`, a line each. Other lines only warn, as they do there.
    pub fn add_gitleaks(&mut self, file: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{file}:{}", number + 1);
            match Entry::of_fingerprint(place.clone(), line) {
                Some(entry) => self.entries.push(entry),
                None => self
                    .warnings
                    .push(format!("{place}: not file:rule:line or commit:file:rule:line")),
            }
        }
    }

    /// Index of the first entry that is for the finding.
    pub(super) fn find(&self, finding: &Finding) -> Option<usize> {
        self.entries.iter().position(|entry| entry.is_for(finding))
    }

    pub(super) fn reason(&self, entry: usize) -> &str {
        self.entries.get(entry).map_or("", |entry| &entry.reason)
    }

    /// Places of the entries that are not among `used`.
    pub(super) fn unused(&self, used: &BTreeSet<usize>) -> Vec<String> {
        let unused = self.entries.iter().enumerate().filter(|(i, _)| !used.contains(i));
        unused.map(|(_, entry)| format!("{}: suppresses nothing", entry.place)).collect()
    }
}

impl Entry {
    fn empty(place: String) -> Self {
        Self {
            place,
            rule: None,
            path: None,
            line: None,
            commit: None,
            identity: None,
            reason: String::new(),
        }
    }

    fn of_fingerprint(place: String, text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (commit, path, rule, line) = match parts.as_slice() {
            [path, rule, line] => (None, path, rule, line),
            [commit, path, rule, line] => (Some((*commit).to_owned()), path, rule, line),
            _ => return None,
        };
        Some(Self {
            rule: Some((*rule).to_owned()),
            path: Some(PathTest::Exact(path.replace('\\', "/"))),
            line: Some(line.parse().ok()?),
            commit,
            ..Self::empty(place)
        })
    }

    fn is_for(&self, finding: &Finding) -> bool {
        let (site, leak) = (finding.site(), finding.leak());
        let commit = || leak?.introduced.as_ref()?.commit.as_ref();
        let matched_line = leak.map(|leak| leak.matched_line);
        let path = &*site.origin.inner_path();
        self.rule.as_ref().is_none_or(|rule| *rule == finding.rule.id)
            && self.line.is_none_or(|line| line == site.start.line || Some(line) == matched_line)
            && self.commit.as_ref().is_none_or(|id| commit().is_some_and(|c| c.id == *id))
            && self.identity.as_ref().is_none_or(|id| *id == site.identity.to_string())
            && self.path.as_ref().is_none_or(|test| match test {
                PathTest::Glob(glob) => glob.is_match(path),
                PathTest::Exact(exact) => exact == path || *exact == site.origin.path,
            })
    }
}

fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

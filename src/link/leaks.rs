//! What a scan found, beside what stores hold.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::facts::{LeakFact, LeakMatch, StoredSecret};
use super::holders::{Holder, Holders};
use super::people::People;
use crate::model::{Fact, Fate, Finding, Inventory, Place, Position, Run};

/// Most readers of a secret that are named beside a leak.
const MOST_READERS: usize = 1000;

/// The leaks of a scan.
#[derive(Debug, Default)]
pub struct Leaks {
    /// Names the key of the digests, by [`DigestKey::id`](crate::model::DigestKey::id); none if there are no digests.
    pub key: Option<String>,
    /// Each leak.
    pub leaks: Vec<Leaked>,
}

/// A value where it must not be.
#[derive(Debug, Clone)]
pub struct Leaked {
    /// Id of the rule.
    pub rule: String,
    /// `critical`, `high`...
    pub severity: String,
    /// `high`, `medium`, `low`.
    pub confidence: String,
    /// The file, with members of archives after `!`.
    pub path: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends: the position of its last character.
    pub end: Position,
    /// The commit that brought it in.
    pub commit: Option<String>,
    /// When, RFC 3339.
    pub committed: Option<String>,
    /// Who.
    pub author: Option<String>,
    /// Whether it is there now.
    pub in_head: bool,
    /// Whether somebody accepted it.
    pub is_suppressed: bool,
    /// Digests of the value, and of parts of it that are secret by themselves.
    pub digests: Vec<String>,
}

/// A report that tells of no leaks.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaksError {
    /// It is no JSON, or not that of a scan.
    #[error("it is no report of `keystrel scan --format json`: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of another version.
    #[error("its schema is `{0}`, and not `keystrel.report/v1`")]
    Schema(String),
    /// There is nothing to compare.
    #[error("it has no digests of values: scan with `--value-key FILE`, and audit with the same")]
    NoDigests,
}

/// What is read of a report.
#[derive(Deserialize)]
struct Report {
    schema: String,
    #[serde(default)]
    value_key: Option<String>,
    findings: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    subject: String,
    rule: String,
    severity: String,
    confidence: String,
    path: String,
    members: Vec<String>,
    start: Start,
    end: Start,
    history: Option<History>,
    image: Option<Image>,
    status: State,
    #[serde(default)]
    value_digests: Vec<String>,
}

#[derive(Deserialize)]
struct Start {
    line: u64,
    column: u64,
}

#[derive(Deserialize)]
struct History {
    commit: Option<CommitOf>,
    in_head: bool,
}

#[derive(Deserialize)]
struct CommitOf {
    id: String,
    author: String,
    date: String,
}

#[derive(Deserialize)]
struct Image {
    fate: String,
}

#[derive(Deserialize)]
struct State {
    state: String,
}

impl Leaks {
    /// Reads a report of `keystrel scan --format json --value-key FILE`.
    ///
    /// # Errors
    /// When it is none, or has no digests of values.
    pub fn from_json(text: &[u8]) -> Result<Self, LeaksError> {
        let report: Report = serde_json::from_slice(text)?;
        if report.schema != "keystrel.report/v1" {
            return Err(LeaksError::Schema(report.schema));
        }
        if report.value_key.is_none() {
            return Err(LeaksError::NoDigests);
        }
        let leaks = report.findings.into_iter().filter(|one| one.subject == "leak");
        let leaks = leaks.map(|one| {
            let commit = one.history.as_ref().and_then(|history| history.commit.as_ref());
            Leaked {
                rule: one.rule,
                severity: one.severity,
                confidence: one.confidence,
                path: std::iter::once(one.path).chain(one.members).collect::<Vec<_>>().join("!"),
                start: Position { line: one.start.line, column: one.start.column },
                end: Position { line: one.end.line, column: one.end.column },
                commit: commit.map(|commit| commit.id.clone()),
                committed: commit.and_then(|commit| in_utc(&commit.date)),
                author: commit.map(|commit| commit.author.clone()),
                in_head: one.history.as_ref().is_none_or(|history| history.in_head)
                    && one.image.is_none_or(|image| image.fate == "kept"),
                is_suppressed: one.status.state == "suppressed",
                digests: one.value_digests,
            }
        });
        Ok(Self { key: report.value_key, leaks: leaks.collect() })
    }

    /// Whether an inventory has values under the same key.
    pub fn compares_with(&self, inventory: &Inventory) -> bool {
        let key = self.key.as_deref();
        let is_under = |fact: &Fact| {
            fact.kind == "stored_value" && fact.fields.get("key").and_then(|k| k.as_str()) == key
        };
        key.is_some() && inventory.facts.iter().any(is_under)
    }

    /// These and others, if their digests are under one key.
    pub fn and(mut self, others: Self) -> Option<Self> {
        if self.key != others.key {
            return None;
        }
        self.leaks.extend(others.leaks);
        Some(self)
    }

    /// The leaks of a scan in this run, whose values have digests.
    pub fn of_run(run: &Run) -> Self {
        let leaked = |finding: &Finding| {
            let leak = finding.leak()?;
            let introduced = leak.introduced.as_ref();
            let commit = introduced.and_then(|introduced| introduced.commit.as_ref());
            let image = leak.origin.image.as_ref();
            Some(Leaked {
                rule: finding.rule.id.clone(),
                severity: finding.rule.severity.name().to_owned(),
                confidence: finding.confidence.name().to_owned(),
                path: leak.origin.display_path(),
                start: leak.start,
                end: leak.end,
                commit: commit.map(|commit| commit.id.clone()),
                committed: commit.and_then(|commit| in_utc(&commit.date)),
                author: commit.map(|commit| commit.author.clone()),
                in_head: introduced.is_none_or(|introduced| introduced.in_head)
                    && image.is_none_or(|image| matches!(image.fate, Fate::Kept)),
                is_suppressed: !finding.is_open(),
                digests: leak.value_digests.iter().map(ToString::to_string).collect(),
            })
        };
        Self { key: run.value_key.clone(), leaks: run.findings.iter().filter_map(leaked).collect() }
    }
}

/// A time as those of stores are written, so that they compare as texts.
fn in_utc(time: &str) -> Option<String> {
    time.parse::<Timestamp>().ok().map(|time| time.to_string())
}

/// Leaks, and which secrets hold their values.
pub(super) fn facts(
    leaks: Option<&Leaks>,
    holders: &Holders,
    secrets: &BTreeMap<&str, &StoredSecret>,
    people: &People,
) -> (Vec<LeakFact>, Vec<LeakMatch>) {
    let Some(leaks) = leaks else { return (Vec::new(), Vec::new()) };
    let key = leaks.key.as_deref().filter(|key| holders.knows_key(key));
    let (mut facts, mut matches) = (Vec::new(), Vec::new());
    let mut all: Vec<&Leaked> = leaks.leaks.iter().collect();
    all.sort_by_key(|leak| (&leak.path, leak.start.line, leak.start.column, &leak.rule));
    // The same when lines move: baselines and code scanning know findings again by it.
    let mut count: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for leak in all {
        let nth = count.entry((&leak.path, &leak.rule)).or_default();
        *nth += 1;
        let id = match *nth {
            1 => format!("{}#{}", leak.path, leak.rule),
            nth => format!("{}#{}/{nth}", leak.path, leak.rule),
        };
        let mut own: Vec<LeakMatch> = Vec::new();
        for (secret, holding) in by_secret(key, leak, holders) {
            let Some(secret) = secrets.get(secret.as_str()) else { continue };
            own.push(told(&id, leak, secret, &holding, people));
        }
        own.sort_by(|a, b| b.is_current.cmp(&a.is_current).then_with(|| a.secret.cmp(&b.secret)));
        facts.push(LeakFact {
            rule: leak.rule.clone(),
            severity: leak.severity.clone(),
            confidence: leak.confidence.clone(),
            path: leak.path.clone(),
            line: leak.start.line,
            at: Place {
                path: leak.path.clone(),
                line: leak.start.line,
                column: leak.start.column,
                end_line: leak.end.line,
                end_column: leak.end.column,
            },
            commit: leak.commit.clone(),
            committed: leak.committed.clone(),
            author: leak.author.clone(),
            in_head: leak.in_head,
            is_suppressed: leak.is_suppressed,
            matches: own.iter().map(|one| one.id.clone()).collect(),
            is_compared: key.is_some() && !leak.digests.is_empty(),
            id,
        });
        matches.append(&mut own);
    }
    (facts, matches)
}

/// Who holds the leaked value, by secret.
fn by_secret<'a>(
    key: Option<&str>,
    leak: &Leaked,
    holders: &'a Holders,
) -> BTreeMap<&'a String, Vec<&'a Holder>> {
    let mut found: BTreeMap<&String, Vec<&Holder>> = BTreeMap::new();
    let Some(key) = key else { return found };
    for digest in &leak.digests {
        for holder in holders.find(key, digest) {
            found.entry(&holder.secret).or_default().push(holder);
        }
    }
    found
}

fn told(
    id: &str,
    leak: &Leaked,
    secret: &StoredSecret,
    holding: &[&Holder],
    people: &People,
) -> LeakMatch {
    // The current version if it is among them, else the newest.
    let versions = secret.versions.as_deref().unwrap_or_default();
    let age = |holder: &&&Holder| {
        let at = versions.iter().position(|version| version.version == holder.version);
        (!holder.is_current, at.unwrap_or(usize::MAX), holder.field.is_none())
    };
    let newest = holding.iter().min_by_key(age).copied();
    let is_current = newest.is_some_and(|holder| holder.is_current);
    let version = newest.map(|holder| holder.version.clone()).unwrap_or_default();
    let rotated_since = match (is_current, secret.changed.as_deref(), leak.committed.as_deref()) {
        (true, _, _) => Some(false),
        (false, Some(changed), Some(committed)) => Some(later(changed, committed)),
        (false, _, _) => None,
    };
    let readers = people.of(secret);
    LeakMatch {
        id: format!("{id}={}", secret.id),
        leak: id.to_owned(),
        path: leak.path.clone(),
        line: leak.start.line,
        commit: leak.commit.clone(),
        committed: leak.committed.clone(),
        in_head: leak.in_head,
        secret: secret.id.clone(),
        name: secret.name.clone(),
        store: secret.store.clone(),
        field: newest.and_then(|holder| holder.field.clone()),
        state: versions
            .iter()
            .find(|known| known.version == version)
            .map(|known| known.state)
            .or(is_current.then_some("current")),
        version,
        is_current,
        changed: secret.changed.clone(),
        rotated_since,
        reader_count: secret.reader_count,
        unknown_groups: secret.unknown_groups.clone(),
        readers: readers.map(|mut all| {
            all.truncate(MOST_READERS);
            all
        }),
        expires: secret.expires.clone(),
        unread: secret
            .unread
            .iter()
            .filter(|(field, _)| ["changed", "reader_count"].contains(field))
            .map(|(field, why)| (*field, why.clone()))
            .collect(),
    }
}

fn later(one: &str, other: &str) -> bool {
    match (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
        (Ok(one), Ok(other)) => one > other,
        _ => one > other,
    }
}

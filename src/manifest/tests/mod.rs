//! What all kinds have in common, and what helps their tests.

use std::ops::Range;

use super::*;

mod ci;
mod compose;
mod deployments;
mod docker;
mod dotenv;
mod hostile;
mod image;
mod kubernetes;
mod others;
mod pipelines;
mod stacks;
mod terraform;

/// Says that stretches of the text are secrets, as detection does: whatever overlaps them holds one.
pub(super) struct Spans(Vec<Range<usize>>);

impl Spans {
    /// Every place of every one of these values.
    pub(super) fn of(text: &str, secrets: &[&str]) -> Self {
        let places = secrets
            .iter()
            .flat_map(|secret| text.match_indices(secret).map(|(at, found)| at..at + found.len()));
        Self(places.collect())
    }
}

impl Judge for Spans {
    fn judge(&self, value: Range<usize>) -> Option<Judged> {
        self.0.iter().any(|span| span.start < value.end && value.start < span.end).then(|| Judged {
            rule: "a-rule".into(),
            confidence: Certainty::Known,
            counts: true,
        })
    }

    fn secrets(&self) -> Vec<Range<usize>> {
        self.0.clone()
    }
}

/// The value that tests say is a secret.
pub(super) const SECRET: &str = "s3cr3t-v4lue";

/// Reads a file in which [`SECRET`] is a secret; it is in no fact.
pub(super) fn reads(path: &str, text: &str) -> Read {
    assert!(may_be(path), "{path}");
    let judge = Spans::of(text, &[SECRET]);
    let read = read(&File { path, shown: path, text, judge: &judge }).unwrap();
    let json = serde_json::to_string(&read.facts).unwrap();
    assert!(!json.contains(SECRET), "{json}");
    let mut ids: Vec<&str> = read.facts.iter().map(|fact| fact.id.as_str()).collect();
    assert!(ids.iter().all(|id| id.starts_with(&format!("{path}#"))), "{ids:?}");
    ids.sort_unstable();
    assert!(ids.windows(2).all(|two| two[0] != two[1]), "{ids:?}");
    read
}

/// The fact with an id, without the path.
pub(super) fn fact<'a>(read: &'a Read, id: &str) -> &'a Fact {
    let found = read.facts.iter().find(|fact| fact.id.split_once('#').unwrap().1 == id);
    let ids: Vec<&str> = read.facts.iter().map(|fact| fact.id.as_str()).collect();
    found.unwrap_or_else(|| panic!("no {id} among {ids:?}"))
}

/// Line and column of a fact, and its last line and column.
pub(super) fn place(fact: &Fact) -> (u64, u64, u64, u64) {
    let at = fact.at.as_ref().unwrap();
    (at.line, at.column, at.end_line, at.end_column)
}

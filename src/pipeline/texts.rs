//! Tells secrets in texts of stores, by the rules of the scanner.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::Meter;
use super::blank::Known;
use super::collect::Scanner;
use super::manifests::Manifest;
use crate::collect::{Found, Judge};
use crate::detect::{Engine, Scratch};
use crate::model::{Artifact, Confidence, Fact, Finding, Inventory, Origin};
use crate::suppress::Inline;
use crate::unpack;

/// Shortest text that is looked at, in bytes.
const SHORTEST: usize = 8;
/// Most bytes that an archive of a store may unpack to: four times what a function of Lambda may have.
const MOST_UNPACKED: u64 = 1 << 30;

/// What asks the engine about texts.
pub struct Texts {
    engine: Engine,
    idle: Mutex<Vec<Scratch>>,
    /// What was found so far.
    known: Known,
}

impl Texts {
    /// Asks `engine`.
    pub fn new(engine: Engine) -> Self {
        Self { engine, idle: Mutex::default(), known: Known::default() }
    }

    /// Blanks in an inventory what was found in any text since.
    pub fn blank(&self, inventory: &mut Inventory) {
        self.known.blank(inventory);
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Texts {
    /// What is found in a text, and the text as the engine takes it.
    fn scan(&self, path: &str, text: &str) -> (Artifact, Vec<Finding>) {
        let origin = Origin { kind: "store", path: path.to_owned(), ..Origin::default() };
        let artifact = Artifact::new(origin, text.as_bytes().to_vec());
        let mut findings = Vec::new();
        let lock = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        self.engine.scan(&artifact, &mut scratch, &mut findings);
        lock().push(scratch);
        (artifact, findings)
    }
}

impl Judge for Texts {
    fn secrets(&self, path: &str, text: &str) -> Vec<Found> {
        // Shorter than any password that a rule would tell from a word.
        if text.len() < SHORTEST {
            return Vec::new();
        }
        let found = |finding: &Finding| {
            let leak = finding.leak()?;
            // To whole characters: a rule works on bytes.
            let start = (0..=leak.span.start).rev().find(|&at| text.is_char_boundary(at))?;
            let end = (leak.span.end..=text.len()).find(|&at| text.is_char_boundary(at))?;
            let is_known = leak.evidence.probability.is_none();
            Some(Found { range: start..end, rule: finding.rule.id.clone(), is_known })
        };
        let (_, findings) = self.scan(path, text);
        let open = findings.iter().filter(|finding| finding.is_open());
        let told: Vec<Found> = open.filter_map(found).collect();
        // A value is as secret where no rule sees it: `login X password=X`.
        let mut all = told.clone();
        for one in &told {
            let value = text.get(one.range.clone()).unwrap_or_default();
            if value.is_empty() {
                continue;
            }
            self.known.add(value);
            let again = text.match_indices(value).map(|(at, _)| at..at + value.len());
            let new = again.filter(|range| told.iter().all(|other| other.range != *range));
            all.extend(new.map(|range| Found { range, ..one.clone() }));
        }
        all.sort_by_key(|one| (one.range.start, one.range.end));
        all
    }

    fn file(&self, name: &str, bytes: Vec<u8>) -> (Vec<(String, String, bool)>, Vec<String>) {
        let origin = Origin { kind: "store", path: name.to_owned(), ..Origin::default() };
        let (meter, never) = (Meter::default(), BTreeSet::new());
        let scanner = Scanner {
            engine: &self.engine,
            meter: &meter,
            never: &never,
            inline: Inline::Honoured,
            least: Confidence::Low,
            delta: false,
            idle: Mutex::default(),
            limits: unpack::Limits { bytes: MOST_UNPACKED, ..unpack::Limits::default() },
            skipped: Mutex::default(),
        };
        let found = scanner.scan(Artifact::new(origin, bytes), None);
        let mut told: Vec<(String, String, bool)> = found
            .iter()
            .filter(|finding| finding.is_open())
            .filter_map(|finding| {
                let leak = finding.leak()?;
                let path = leak.origin.members.join("!");
                Some((path, finding.rule.id.clone(), leak.evidence.probability.is_none()))
            })
            .collect();
        told.sort();
        told.dedup();
        let skipped = scanner.skipped.into_inner().unwrap_or_else(PoisonError::into_inner);
        let lost = skipped
            .into_iter()
            .filter(|one| one.lost)
            .map(|one| format!("{}: {}", one.what, one.why));
        (told, lost.collect())
    }

    fn facts(&self, path: &str, text: &str) -> Vec<Fact> {
        let (artifact, findings) = self.scan(path, text);
        let read = Manifest::read(&artifact, &findings, Confidence::Low);
        read.map(Manifest::into_facts).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::detect::{Options, Profile, Values};
    use crate::model::DigestKey;

    #[test]
    fn a_value_is_found_wherever_it_stands_in_the_text() {
        let config = config::builtin().unwrap();
        let (key, profile) = (DigestKey::new([1; 32]), Profile::default());
        let options = Options { decode_depth: 5, key, values: Values::Forget, profile };
        let texts = Texts::new(Engine::new(config.rules, options));
        let value = ["Zq8tR2", "vNx0Lw77"].concat();
        let text = format!("login {value} password={value}, then {value}");
        let found = texts.secrets("", &text);
        assert_eq!(found.iter().filter(|one| text[one.range.clone()] == value).count(), 3);
        assert_eq!(texts.secrets("", "a description without any"), []);
    }
}

//! Objects of git before their names are known: whether one holds anything, so that it is looked at again.
//!
//! Versions of a file share most of their lines. What was judged once, with all that the judgement depends
//! on, is not judged again.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use foldhash::quality::RandomState;

use super::candidates::{self, Candidate};
use super::features::{self, Text};
use super::kinds::{Kind, Profile};
use super::places::Place;
use super::trees::MODEL;
use super::{Judged, defaults};
use crate::model::Span;

/// What of a line's surroundings the judgement may depend on, in bytes.
const BEFORE: usize = 400;
const AFTER: usize = 1000;
/// Longest line whose judgement is kept.
const MAX_LINE: usize = 2000;
/// Most lines that are kept: some 16 MiB for each thread.
const MAX_LINES: usize = 1 << 20;

/// Lines that held nothing, by hashes under a key that nobody knows: who writes the lines must not be able
/// to make one look like another.
#[derive(Debug, Default)]
pub(in crate::detect) struct Cleared {
    hasher: RandomState,
    lines: HashSet<u64, FixedState>,
}

/// Hands on values in `text` that may be reported once its names are known, until one is accepted.
pub(in crate::detect) fn any(
    text: &[u8],
    hits: &[u32],
    profile: Profile,
    cleared: &mut Cleared,
    mut accept: impl FnMut(Judged) -> bool,
) {
    let place = Place::unnamed(text);
    for line in lines(text, hits) {
        if line.any(text, place, profile, cleared, &mut accept) {
            return;
        }
    }
}

/// A line with the hits on it that lead to names of secrets; a single hit, on a huge one.
pub(in crate::detect) struct Line<'h> {
    /// The line, or as much of a huge one as is looked at.
    span: Span,
    hits: &'h [u32],
}

/// What is looked at of a line depends on at most so many bytes before a hit on it, and after.
pub(in crate::detect) const REACH: (usize, usize) = (MAX_LINE + BEFORE, MAX_LINE + AFTER);

/// The lines of `hits`, which are sorted.
pub(in crate::detect) fn lines<'a>(
    text: &'a [u8],
    hits: &'a [u32],
) -> impl Iterator<Item = Line<'a>> + 'a {
    let mut rest = hits;
    std::iter::from_fn(move || {
        let &hit = rest.first()?;
        let span = line_of(text, hit as usize);
        let here = if span.len() < MAX_LINE {
            rest.iter().take_while(|hit| (**hit as usize) < span.end).count()
        } else {
            1
        };
        let (hits, others) = rest.split_at(here.max(1));
        rest = others;
        Some(Line { span, hits })
    })
}

impl Line<'_> {
    /// What the judgement depends on: a span, and bytes before and after it.
    pub(in crate::detect) fn dependence(&self) -> (Span, usize, usize) {
        (self.span, BEFORE, AFTER)
    }

    /// Whether it holds a value that is accepted.
    pub(in crate::detect) fn any(
        &self,
        text: &[u8],
        place: Place,
        profile: Profile,
        cleared: &mut Cleared,
        accept: &mut impl FnMut(Judged) -> bool,
    ) -> bool {
        let line = self.span;
        let low = line.start.saturating_sub(BEFORE);
        let high = (line.end + AFTER).min(text.len());
        // Where the line stands in what is hashed counts too, and so does what the place adds.
        let kept = (line.len() < MAX_LINE).then(|| {
            let alike = (line.start - low, place.otherwise().is_some(), &text[low..high]);
            cleared.hasher.hash_one(alike)
        });
        if kept.is_some_and(|key| cleared.lines.contains(&key)) {
            return false;
        }
        let mut judged = Vec::new();
        may_be(text, place, self.hits, profile, &mut judged);
        if let Some(other) = place.otherwise().filter(|_| judged.is_empty()) {
            may_be(text, other, self.hits, profile, &mut judged);
        }
        if let Some(key) = kept.filter(|_| judged.is_empty()) {
            if cleared.lines.len() >= MAX_LINES {
                cleared.lines.clear();
            }
            cleared.lines.insert(key);
        }
        judged.into_iter().any(accept)
    }
}

fn may_be(text: &[u8], place: Place, hits: &[u32], profile: Profile, all: &mut Vec<Judged>) {
    let least = profile.least_probability() * place.caution();
    let within = Text { bytes: text, place };
    candidates::find(text, place, hits.iter().map(|hit| *hit as usize), |candidate| {
        let Candidate { found, name, bytes, joined } = candidate;
        let probability = MODEL.probability(&features::of(within, found, *name, bytes));
        let is_default =
            profile == Profile::Thorough && defaults::is_default(within, found, *name, bytes);
        if probability >= least || is_default {
            all.push(Judged {
                kind: Kind::told(*name, found.operator),
                name: found.name,
                value: found.value.span,
                joined: joined.map(<[u8]>::to_vec),
                probability,
                reasons: Vec::new(),
            });
        }
    });
}

/// The line of `at`, or as much of a huge one as is looked at.
fn line_of(text: &[u8], at: usize) -> Span {
    let low = at.saturating_sub(MAX_LINE);
    let high = (at + MAX_LINE).min(text.len());
    let start = memchr::memrchr(b'\n', &text[low..at]).map_or(low, |found| low + found + 1);
    let end = memchr::memchr(b'\n', &text[at..high]).map_or(high, |found| at + found);
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{VALUE, hits};
    use super::*;

    #[test]
    fn versions_are_judged_as_if_each_were_the_first() {
        let lines = [
            "db:".to_owned(),
            "  password: ${DB_PASSWORD}".to_owned(),
            "  password_field: login".to_owned(),
            format!("  password: {VALUE}"),
            "  token: your-token-here".to_owned(),
            format!("mail_password: {VALUE}9"),
        ];
        let mut cleared = Cleared::default();
        // All versions that hold some of the lines, in turns with and without those that are secret.
        for version in (0..64u32).chain((0..64).rev()) {
            let held = lines.iter().enumerate().filter(|(at, _)| version & (1 << at) != 0);
            let text: String = held.map(|(_, line)| format!("{line}\n")).collect();
            let text = text.as_bytes();
            let judged = |cleared: &mut Cleared, accepted: bool| {
                let mut all = Vec::new();
                any(text, &hits(text), Profile::Balanced, cleared, |judged| {
                    all.push(judged);
                    accepted
                });
                all
            };
            // What is not accepted is no reason to stop.
            for accepted in [true, false] {
                let alone = judged(&mut Cleared::default(), accepted);
                let after = judged(&mut cleared, accepted);
                assert_eq!(after, alone, "{version}");
                let secrets = (version & 0b10_1000).count_ones() as usize;
                let expected = if accepted { secrets.min(1) } else { secrets };
                assert_eq!(after.len(), expected, "{version}");
            }
        }
        assert!(!cleared.lines.is_empty());
    }
}

//! Whether a text may hold a finding, of which nothing but its bytes is known: an object of git before its
//! names are. Of versions of a file only what differs is looked at.
//!
//! ```text
//! copies -> runs and gaps -> hits: those of the base in the runs, new ones in the gaps
//!                         -> units that depend on more than one run: looked at
//!                            all others: as they were in the base
//! ```
//!
//! A unit is what is judged as a whole: the window of a rule, a line with names of secrets, a line with
//! something encoded. What a unit says follows from its bytes and a known number of bytes on either side, its
//! *dependence*. One whose dependence lies within a run says what it said in the base. That makes the answer
//! for a change exactly the one that the whole text would have got; a property test holds it to that.
//!
//! The answer is yes where the engine may find something under a name, and never no where it would find
//! something without: what other parts of a credential must be near, say, is not asked.

mod encoded;
mod live;
mod runs;
#[cfg(test)]
mod tests;
mod units;

use super::context::{HEAD, Place};
use super::engine::{Engine, Level, Look, Scratch};
use super::prefilter::{Hit, Prefilter};
use super::ruleset::RuleSet;
use crate::model::{Copied, Span};
pub use live::Live;
use runs::{Runs, dependence};

/// What was seen in a text: enough to tell about changes of it.
#[derive(Debug)]
pub struct Sifted {
    /// Length of the text in bytes.
    len: usize,
    hits: Hits,
    /// The units that may hold a finding, sorted.
    live: Vec<Unit>,
    /// Of what kind the file seems to be, by its head.
    place: Place,
}

/// A unit that may hold a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    /// Counted as the places of [`Runs`].
    dependence: Span,
    /// Whether what is found in it does not depend on what is found elsewhere: no part of a credential, and none that
    /// has parts.
    is_alone: bool,
}

impl Unit {
    /// Its dependence in a text of `len` bytes, in plain offsets.
    fn plain(&self, len: usize) -> Span {
        let Span { start, end } = self.dependence;
        Span::new(start.saturating_sub(1), (end - 1).min(len))
    }
}

impl Sifted {
    /// Whether the engine may find something in the text once it is known what file it is.
    pub fn may_hold(&self) -> bool {
        !self.live.is_empty()
    }
}

/// The hits of the prefilter in a text, sorted, by what they lead to; some to several things.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hits {
    /// Windows of rules that reach a few bytes.
    near: Vec<Hit>,
    /// Windows of other rules, and gates.
    far: Vec<Hit>,
    /// Names of secrets.
    context: Vec<Hit>,
}

impl Hits {
    /// Adds hits, which are put into order.
    fn add(&mut self, rules: &RuleSet, hits: &mut [Hit]) {
        hits.sort();
        let leads = |hit: &Hit| rules.leads[hit.literal as usize];
        merge(&mut self.near, hits, |hit| leads(hit).near);
        merge(&mut self.far, hits, |hit| leads(hit).far);
        merge(&mut self.context, hits, |hit| leads(hit).context);
    }

    /// The hits of the base that lie in runs.
    fn carry(base: &Self, runs: &Runs, prefilter: &Prefilter) -> Self {
        let carry = |seen: &[Hit]| {
            let mut hits = Vec::with_capacity(seen.len() + 8);
            for (at, from) in runs.plain() {
                let end = from + at.len();
                let rest = &seen[seen.partition_point(|hit| (hit.start as usize) < from)..];
                let within = &rest[..rest.partition_point(|hit| (hit.start as usize) < end)];
                let moved = |hit: &Hit| Hit {
                    start: (hit.start as usize - from + at.start) as u32,
                    literal: hit.literal,
                };
                // Only near its end a run may hold the beginning of a literal and not all of it.
                let safe = end.saturating_sub(prefilter.longest());
                let safe = within.partition_point(|hit| (hit.start as usize) < safe);
                hits.extend(within[..safe].iter().map(moved));
                let is_whole =
                    |hit: &&Hit| hit.start as usize + prefilter.len_of(hit.literal) <= end;
                hits.extend(within[safe..].iter().filter(is_whole).map(moved));
            }
            hits
        };
        Self { near: carry(&base.near), far: carry(&base.far), context: carry(&base.context) }
    }
}

/// Puts those of `more` that `leads` holds for into `list`; both are sorted. From the end, since nearly all of `list` may
/// stand before them.
fn merge(list: &mut Vec<Hit>, more: &[Hit], leads: impl Fn(&Hit) -> bool) {
    let mut old = list.len();
    list.resize(old + more.iter().filter(|hit| leads(hit)).count(), Hit::default());
    let mut end = list.len();
    for hit in more.iter().rev().filter(|hit| leads(hit)) {
        let later = list[..old].iter().rev().take_while(|other| *other > hit).count();
        list.copy_within(old - later..old, end - later);
        (old, end) = (old - later, end - later - 1);
        list[end] = *hit;
    }
}

/// A text on its way through the units.
struct Sieve<'a> {
    engine: &'a Engine,
    text: &'a [u8],
    place: Place,
    hits: &'a Hits,
    /// What it has in common with its base; none where there is none.
    runs: Option<Runs>,
    live: Vec<Unit>,
}

impl Engine {
    /// Looks through a text that was not changed from another, or from one that is not known.
    pub fn sift(&self, text: &[u8], scratch: &mut Scratch) -> Sifted {
        self.sift_change(text, None, &[], scratch)
    }

    /// As [`Engine::sift`], and with the same answer, for a text of which `copies`, ascending and disjoint,
    /// stand in the one that `base` is of.
    pub fn sift_change(
        &self,
        text: &[u8],
        base: Option<&Sifted>,
        copies: &[Copied],
        scratch: &mut Scratch,
    ) -> Sifted {
        // Offsets are 32 bits wide; sources cut what is larger into pieces.
        let text = text.get(..u32::MAX as usize - 1).unwrap_or(text);
        let base = base.filter(|_| !copies.is_empty()).map(|base| {
            let shortest = runs::MIN_RUN.max(self.rules.prefilter.longest());
            (base, Runs::new(copies, shortest, text.len(), base.len))
        });
        let mut live = Vec::new();
        let head = dependence(Span::new(0, HEAD.min(text.len())), 1, 1, text.len());
        let place = match &base {
            Some((base, runs)) if runs.hold(head) => base.place,
            _ => Place::unnamed(text),
        };
        // In what seems to be of another kind every line is judged anew.
        let base = base.filter(|(base, _)| base.place == place);
        let prefilter = &self.rules.prefilter;
        let mut found = std::mem::take(&mut scratch.hits);
        found.clear();
        let mut hits = Hits::default();
        if let Some((base, runs)) = &base {
            hits = Hits::carry(&base.hits, runs, prefilter);
            runs.carry(&base.live, &mut live);
            prefilter.scan_gaps(text, runs.gaps(), &mut found);
        } else {
            prefilter.scan(text, Span::new(0, text.len()), &mut found);
        }
        hits.add(&self.rules, &mut found);
        scratch.hits = found;
        let runs = base.map(|(_, runs)| runs);
        let mut sieve = Sieve { engine: self, text, place, hits: &hits, runs, live };
        sieve.windows(scratch);
        sieve.lines(scratch);
        sieve.encoded(scratch);
        let mut live = sieve.live;
        live.sort_unstable();
        live.dedup();
        Sifted { len: text.len(), hits, live, place }
    }
}

/// A text of which nothing is known yet.
fn unnamed(text: &[u8]) -> Level<'_> {
    Level::of(text, "git-blob", Look::First)
}

impl Sieve<'_> {
    fn level(&self) -> Level<'_> {
        unnamed(self.text)
    }

    /// Whether what depends on this alone is as it was in the base.
    fn is_known(&self, dependence: Span) -> bool {
        self.runs.as_ref().is_some_and(|runs| runs.hold(dependence))
    }
}

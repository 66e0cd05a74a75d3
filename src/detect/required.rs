//! Credentials of several parts: a rule's `required` rules must match near its own matches.

use std::collections::HashMap;

use super::filter::Candidate;
use super::locate::Locator;
use super::rule::Rule;
use super::ruleset::RuleSet;
use super::spec::RequiredSpec;
use crate::model::{DigestKey, Part, Position, Status};

/// Drops candidates whose rule requires another that does not match near them, gives the others their
/// parts, and takes out those that only serve as parts, or are joined to another.
///
/// Distances are between the first lines, and the first columns, of the whole matches, inclusive; what
/// a required rule itself requires is not followed. `candidates` stay in their order.
pub(super) fn attach(
    rules: &RuleSet,
    candidates: &mut Vec<Candidate>,
    locator: &mut Locator<'_>,
    key: &DigestKey,
) {
    let spec_of = |c: &Candidate| &rules.rules[c.rule].spec;
    if candidates.iter().all(|c| spec_of(c).required.is_empty() && !spec_of(c).skip_report) {
        return;
    }
    let offsets = |of: fn(&Candidate) -> usize| candidates.iter().map(of).collect::<Vec<_>>();
    let begins = positions(&offsets(|c| c.matched.start), locator);
    let starts = positions(&offsets(|c| c.span.start), locator);
    let mut places = Places::new();
    for (i, (candidate, begin)) in candidates.iter().zip(&begins).enumerate() {
        places.entry(candidate.rule).or_default().push((begin.line, begin.column, i));
    }
    for of_rule in places.values_mut() {
        of_rule.sort_unstable();
    }
    let all = All { rules, candidates, places, begins, starts, key };
    let mut joined = vec![false; candidates.len()];
    let parts: Vec<Option<Vec<Part>>> =
        (0..candidates.len()).map(|at| all.parts_of(at, &mut joined)).collect();
    let taken = taken(rules, candidates, &joined);
    let mut parts = parts.into_iter().zip(joined).zip(taken);
    candidates.retain_mut(|candidate| match parts.next() {
        Some(((Some(parts), false), false)) if !rules.rules[candidate.rule].spec.skip_report => {
            candidate.parts = parts;
            true
        }
        _ => false,
    });
}

/// Which candidates stand where a more specific rule found a part: a rule on the provider's name finds
/// the id of a credential too, and that is no second credential. A part takes its place from all when it
/// is joined to another, and else, where its rule reports nothing alone, from rules of its provider.
fn taken(rules: &RuleSet, candidates: &[Candidate], joined: &[bool]) -> Vec<bool> {
    let rule_of = |i: usize| &rules.rules[candidates[i].rule];
    let rank = |i: usize| {
        let rule = rule_of(i);
        (!rule.meta.id.contains("generic"), rule.spec.specificity)
    };
    let takes = |i: usize| joined[i] || rule_of(i).spec.skip_report;
    let takes_from = |taker: usize, i: usize| {
        candidates[i].span.overlaps(candidates[taker].span)
            && (joined[taker] || rule_of(i).meta.family == rule_of(taker).meta.family)
            && rank(i) < rank(taker)
    };
    let widest = candidates.iter().map(|c| c.span.len()).max().unwrap_or(0);
    let mut taken = vec![false; candidates.len()];
    for taker in (0..candidates.len()).filter(|&i| takes(i)) {
        let span = candidates[taker].span;
        // They are sorted by place: those that overlap stand near.
        let from = candidates.partition_point(|c| c.span.start + widest < span.start);
        let near = (from..candidates.len()).take_while(|&i| candidates[i].span.start < span.end);
        for i in near.filter(|&i| takes_from(taker, i)) {
            taken[i] = true;
        }
    }
    taken
}

/// Where the matches of each rule begin, sorted: line, column, index of the candidate.
type Places = HashMap<usize, Vec<(u64, u64, usize)>>;

/// The candidates, and where they are.
struct All<'a> {
    rules: &'a RuleSet,
    candidates: &'a [Candidate],
    places: Places,
    /// Of their matches.
    begins: Vec<Position>,
    /// Of their secrets.
    starts: Vec<Position>,
    key: &'a DigestKey,
}

/// The positions of `offsets`, in one pass over the text.
fn positions(offsets: &[usize], locator: &mut Locator<'_>) -> Vec<Position> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_unstable_by_key(|&i| offsets[i]);
    let mut found = vec![Position { line: 1, column: 1 }; offsets.len()];
    for i in order {
        found[i] = locator.position(offsets[i]);
    }
    found
}

/// The candidate among `places` that is nearest to `from`: by lines, then by columns.
fn nearest(
    places: &[(u64, u64, usize)],
    from: Position,
    required: &RequiredSpec,
    is_usable: &dyn Fn(usize) -> bool,
) -> Option<usize> {
    let Position { line, column } = from;
    let reach = required.within_lines.unwrap_or(u64::MAX);
    let first = places.partition_point(|place| place.0 < line.saturating_sub(reach));
    let last = places.partition_point(|place| place.0 <= line.saturating_add(reach));
    let mut rest = &places[first..last.max(first)];
    let mut best = None;
    // On each line the nearest on either side: a file may be one line with a thousand credentials.
    while let Some(&(at, ..)) = rest.first() {
        let (on_line, after) = rest.split_at(rest.partition_point(|place| place.0 == at));
        let (left, right) = on_line.split_at(on_line.partition_point(|place| place.1 < column));
        let usable = |place: &&(u64, u64, usize)| is_usable(place.2);
        for place in
            [left.iter().rev().find(usable), right.iter().find(usable)].into_iter().flatten()
        {
            let columns = place.1.abs_diff(column);
            if required.within_columns.is_none_or(|most| columns <= most) {
                let found = ((at.abs_diff(line), columns), place.2);
                best = Some(best.map_or(found, |best| found.min(best)));
            }
        }
        rest = after;
    }
    best.map(|(_, index)| index)
}

impl All<'_> {
    /// The nearest match of each required rule, sorted by place; none if one is missing.
    fn parts_of(&self, at: usize, joined: &mut [bool]) -> Option<Vec<Part>> {
        let Self { rules, candidates, .. } = self;
        let rule: &Rule = &rules.rules[candidates[at].rule];
        let mut found: Vec<(usize, bool)> = Vec::new();
        for required in &rule.spec.required {
            let wanted = rules.position(&required.id)?;
            let is_usable = |i: usize| {
                let (part, whole) = (&candidates[i], &candidates[at]);
                i != at
                    && part.status == Status::Open
                    && !(required.joined && part.span.overlaps(whole.span))
            };
            let of_rule = self.places.get(&wanted).map_or(&[][..], Vec::as_slice);
            match nearest(of_rule, self.begins[at], required, &is_usable) {
                Some(i) => found.push((i, required.joined)),
                None if required.optional => {}
                None => return None,
            }
        }
        found.sort_unstable();
        // Not before all that is required is there.
        for (i, _) in found.iter().filter(|(_, joins)| *joins) {
            joined[*i] = true;
        }
        let part = |i: usize| {
            let (candidate, meta) = (&candidates[i], &rules.rules[candidates[i].rule].meta);
            Part {
                rule: meta.id.clone(),
                start: self.starts[i],
                preview: candidate.secret.preview(),
                digest: candidate.secret.digest(self.key, &meta.family),
            }
        };
        Some(found.into_iter().map(|(i, _)| part(i)).collect())
    }
}

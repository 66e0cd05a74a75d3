//! Credentials of several parts: a rule's `required` rules must match near its own matches.

use super::filter::Candidate;
use super::locate::Locator;
use super::rule::Rule;
use super::ruleset::RuleSet;
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
    let places: Vec<Position> =
        candidates.iter().map(|c| locator.position(c.matched.start)).collect();
    let mut joined = vec![false; candidates.len()];
    let parts: Vec<Option<Vec<Part>>> = (0..candidates.len())
        .map(|at| parts_of(rules, candidates, &places, at, locator, key, &mut joined))
        .collect();
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
    let takers: Vec<usize> = (0..candidates.len()).filter(|&i| takes(i)).collect();
    let takes_from = |taker: usize, i: usize| {
        candidates[i].span.overlaps(candidates[taker].span)
            && (joined[taker] || rule_of(i).meta.family == rule_of(taker).meta.family)
            && rank(i) < rank(taker)
    };
    (0..candidates.len()).map(|i| takers.iter().any(|&taker| takes_from(taker, i))).collect()
}

/// The nearest match of each required rule, sorted by place; none if one is missing.
fn parts_of(
    rules: &RuleSet,
    candidates: &[Candidate],
    places: &[Position],
    at: usize,
    locator: &mut Locator<'_>,
    key: &DigestKey,
    joined: &mut [bool],
) -> Option<Vec<Part>> {
    let rule: &Rule = &rules.rules[candidates[at].rule];
    let mut nearest: Vec<(usize, bool)> = Vec::new();
    for required in &rule.spec.required {
        let wanted = rules.position(&required.id)?;
        let distance = |i: usize| {
            let lines = places[i].line.abs_diff(places[at].line);
            let columns = places[i].column.abs_diff(places[at].column);
            let near = required.within_lines.is_none_or(|most| lines <= most)
                && required.within_columns.is_none_or(|most| columns <= most);
            near.then_some((lines, columns))
        };
        let best = (0..candidates.len())
            .filter(|&i| i != at && candidates[i].rule == wanted)
            .filter(|&i| candidates[i].status == Status::Open)
            .filter(|&i| !required.joined || !candidates[i].span.overlaps(candidates[at].span))
            .filter_map(|i| distance(i).map(|distance| (distance, i)))
            .min();
        match best {
            Some((_, i)) => nearest.push((i, required.joined)),
            None if required.optional => {}
            None => return None,
        }
    }
    nearest.sort_unstable();
    // Not before all that is required is there.
    for (i, _) in nearest.iter().filter(|(_, joins)| *joins) {
        joined[*i] = true;
    }
    let mut part = |i: usize| {
        let (candidate, meta) = (&candidates[i], &rules.rules[candidates[i].rule].meta);
        Part {
            rule: meta.id.clone(),
            start: locator.position(candidate.span.start),
            preview: candidate.secret.preview(),
            digest: candidate.secret.digest(key, &meta.family),
        }
    };
    Some(nearest.into_iter().map(|(i, _)| part(i)).collect())
}

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
    if candidates.iter().all(|c| rules.rules[c.rule].spec.required.is_empty()) {
        candidates.retain(|c| !rules.rules[c.rule].spec.skip_report);
        return;
    }
    let places: Vec<Position> =
        candidates.iter().map(|c| locator.position(c.matched.start)).collect();
    let mut joined = vec![false; candidates.len()];
    let parts: Vec<Option<Vec<Part>>> = (0..candidates.len())
        .map(|at| parts_of(rules, candidates, &places, at, locator, key, &mut joined))
        .collect();
    let mut parts = parts.into_iter().zip(joined);
    candidates.retain_mut(|candidate| match parts.next() {
        Some((Some(parts), false)) if !rules.rules[candidate.rule].spec.skip_report => {
            candidate.parts = parts;
            true
        }
        _ => false,
    });
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

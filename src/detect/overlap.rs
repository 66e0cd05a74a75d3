//! Which of several candidates for the same bytes is the finding.

use super::filter::Candidate;
use super::rule::Rule;

/// Sorts candidates by place and drops those that yield to another; tells `yielded` of each, by its
/// index after sorting and its winner's.
///
/// Of two whose secrets share a byte the more specific rule wins, then plain text over decoded, then
/// the longer secret, then the longer match (`databox_key` over `box_key`), then the rule with the
/// lower id. A winner without parts takes over those that a loser found for the same bytes. Whose id holds `generic` yields to any other
/// finding on the line's bytes that covers its secret, as in gitleaks.
pub(super) fn resolve(
    rules: &[Rule],
    candidates: &mut Vec<Candidate>,
    mut yielded: impl FnMut(&Candidate, &Candidate),
) {
    candidates.sort_by(|a, b| {
        (a.span, a.rule, a.decoders.len()).cmp(&(b.span, b.rule, b.decoders.len()))
    });
    let mut keep = vec![true; candidates.len()];
    // Winners first: what has lost already takes nothing with it.
    let mut by_rank: Vec<usize> = (0..candidates.len()).collect();
    by_rank.sort_by(|&a, &b| {
        rank(rules, &candidates[b]).cmp(&rank(rules, &candidates[a])).then(a.cmp(&b))
    });
    let widest = candidates.iter().map(|c| c.span.len()).max().unwrap_or(0);
    for &winner in &by_rank {
        if !keep[winner] {
            continue;
        }
        let span = candidates[winner].span;
        let from = candidates.partition_point(|c| c.span.start + widest < span.start);
        for other in from..candidates.len() {
            if candidates[other].span.start >= span.end {
                break;
            }
            if other != winner && keep[other] && candidates[other].span.overlaps(span) {
                keep[other] = false;
                if candidates[other].span == span && candidates[winner].parts.is_empty() {
                    candidates[winner].parts = std::mem::take(&mut candidates[other].parts);
                }
                yielded(&candidates[other], &candidates[winner]);
            }
        }
    }
    let mut index = 0;
    candidates.retain(|_| {
        index += 1;
        keep[index - 1]
    });
}

/// Higher wins.
fn rank(rules: &[Rule], candidate: &Candidate) -> impl Ord + use<> {
    let rule = &rules[candidate.rule];
    let generic = rule.meta.id.contains("generic");
    (
        !generic,
        rule.spec.specificity,
        std::cmp::Reverse(candidate.decoders.len()),
        candidate.span.len(),
        candidate.matched.len(),
        std::cmp::Reverse(candidate.rule),
    )
}

//! Stretches of a text that may be encoded, and which of them are decoded together.
//!
//! What is decoded of a stretch depends on it, on a few bytes of its line on either side, and on stretches near enough to
//! be decoded with it: a text falls into groups of stretches that have nothing to do with each other. That holds for
//! files of one line of megabytes, too, and all that tells a group is near it.

use super::{AFTER, BEFORE, MAX_BREAK, escapes, runs};
use crate::model::Span;

/// Stretches on one line with more bytes than this between them are in two groups.
const APART: usize = BEFORE + AFTER;
/// What tells where a group begins and ends is at most so many bytes beside it: whether another stretch follows. Of a run
/// of digits as many are seen as it has at least, and escapes are shorter.
const BESIDE: usize = APART + runs::MIN_BASE64;
/// Longest escape, in bytes: `\u{000041}`.
const MAX_ESCAPE: usize = 12;

/// Stretches that are decoded together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) struct Group {
    /// From the first byte of the first stretch to the last of the last.
    pub(in crate::detect) stretches: Span,
    /// That, with what is kept around it.
    pub(in crate::detect) span: Span,
    /// What tells that it is a group, in bytes before and after its stretches.
    pub(in crate::detect) reach: (usize, usize),
}

/// Calls `take` with the groups that bytes of `gap` may be in, or beside, and with others near it, where anything of them
/// is decoded. None begins before `done`. Returns from where on no group was looked for.
pub(in crate::detect) fn groups(
    text: &[u8],
    gap: Span,
    done: usize,
    mut take: impl FnMut(Group),
) -> usize {
    // Thousands of gaps may lie in one run of digits: all that this one tells anything of was looked at.
    if gap.end.saturating_add(BESIDE) < done {
        return done;
    }
    let start = first_of(text, gap.start).max(done);
    let end = last_of(text, gap.end).max(start);
    let mut all = Vec::new();
    stretches(text, Span::new(start, end), &mut all);
    let mut rest = all.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let (mut group, mut is_decoded) = (first.span, first.is_decoded);
        rest = others;
        while let Some((next, others)) = rest.split_first()
            && (next.span.start <= group.end || are_chained(text, group, next.span))
        {
            group.end = group.end.max(next.span.end);
            is_decoded |= next.is_decoded;
            rest = others;
        }
        if is_decoded {
            take(of(text, group));
        }
    }
    end
}

/// The group of these stretches.
fn of(text: &[u8], stretches: Span) -> Group {
    /// With the byte that would be a line break.
    const MOST: usize = BESIDE + 1;
    let Span { start, end } = stretches;
    let line_start = line_start(text, start, BESIDE);
    let before = match line_start {
        // It begins its line, and may go on from the one before.
        Some(at) if at > 0 && may_break(&text[at..start]) && begins_with_digits(text, start) => {
            let before = self::line_start(text, at - 1, BESIDE);
            before.map_or(MOST, |before| start - before + 1).min(MOST)
        }
        Some(at) => start - at + 1,
        None => MOST,
    };
    let line_end = line_end(text, end, BESIDE);
    let after = match line_end {
        Some(at) if at < text.len() && may_break(&text[end..at]) && ends_in_digits(text, end) => {
            let after = self::line_end(text, at + 1, BESIDE);
            after.map_or(MOST, |after| after - end + 1).min(MOST)
        }
        Some(at) => at - end + 1,
        None => MOST,
    };
    let span = Span::new(
        start.saturating_sub(BEFORE).max(line_start.unwrap_or(0)),
        (end + AFTER).min(line_end.unwrap_or(text.len())),
    );
    Group { stretches, span, reach: (before, after) }
}

/// A stretch that may be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    span: Span,
    /// Whether it says anything.
    is_decoded: bool,
}

/// Runs of digits and escapes, ascending.
fn stretches(text: &[u8], within: Span, all: &mut Vec<Stretch>) {
    let part = &text[within.range()];
    let moved = |span: Span| Span::new(within.start + span.start, within.start + span.end);
    all.clear();
    runs::each(part, |run| {
        let is_decoded = runs::is_decoded(&part[run.range()]);
        all.push(Stretch { span: moved(run), is_decoded });
    });
    let runs = all.len();
    escapes::each(part, |escape| all.push(Stretch { span: moved(escape), is_decoded: true }));
    if all.len() > runs {
        all.sort_unstable();
    }
}

/// Whether the stretch `next` is decoded together with `one`, which ends before it.
fn are_chained(text: &[u8], one: Span, next: Span) -> bool {
    let between = &text[one.end..next.start];
    match memchr::memchr(b'\n', between) {
        None => between.len() <= APART,
        Some(at) => {
            between.len() <= MAX_BREAK
                && memchr::memchr(b'\n', &between[at + 1..]).is_none()
                && between.iter().all(u8::is_ascii_whitespace)
                && ends_in_digits(text, one.end)
                && begins_with_digits(text, next.start)
        }
    }
}

/// Whether what stands between a stretch and the end of its line may be a part of a break between two that are chained.
fn may_break(between: &[u8]) -> bool {
    between.len() < MAX_BREAK && between.iter().all(u8::is_ascii_whitespace)
}

/// Where the line begins that `at` is in, if that is at most `far` bytes before.
fn line_start(text: &[u8], at: usize, far: usize) -> Option<usize> {
    let low = at.saturating_sub(far + 1);
    let found = memchr::memrchr(b'\n', &text[low..at]).map(|found| low + found + 1);
    found.or((at <= far).then_some(0))
}

/// Where it ends, if that is at most `far` bytes after.
fn line_end(text: &[u8], at: usize, far: usize) -> Option<usize> {
    let high = (at + far + 1).min(text.len());
    let found = memchr::memchr(b'\n', &text[at..high]).map(|found| at + found);
    found.or((text.len() - at <= far).then_some(text.len()))
}

/// Where the first group begins, at the latest, that bytes from `at` on tell anything of: no group has bytes on both
/// sides of it.
fn first_of(text: &[u8], at: usize) -> usize {
    match line_start(text, at, BESIDE) {
        Some(0) => 0,
        Some(start) if !ends_in_digits(text, start - 1) => start,
        Some(start) => clear_before(text, start - 1),
        None => clear_before(text, at - BESIDE),
    }
}

/// Where the last group ends, at the earliest, that bytes before `at` tell anything of.
fn last_of(text: &[u8], at: usize) -> usize {
    match line_end(text, at, BESIDE) {
        Some(end) if end == text.len() => end,
        Some(end) if !begins_with_digits(text, end + 1) => end,
        Some(end) => clear_after(text, end + 1),
        None => clear_after(text, at + BESIDE),
    }
}

/// The last place up to `at` that has no group on both sides.
fn clear_before(text: &[u8], mut at: usize) -> usize {
    let mut beside = Vec::new();
    loop {
        at = run_start(text, at);
        let line = line_start(text, at, BESIDE);
        let low = line.unwrap_or(at.saturating_sub(BESIDE));
        // An escape may stand on both sides.
        let high = (at + MAX_ESCAPE).min(text.len());
        stretches(text, Span::new(low, high), &mut beside);
        let mut spans = beside.iter().map(|stretch| stretch.span);
        match (spans.find(|span| span.start < at && span.end + APART >= at), line) {
            (Some(stretch), _) => at = stretch.start,
            (None, None | Some(0)) => return at,
            (None, Some(start)) => {
                let is_next = may_break(&text[start..at]) && ends_in_digits(text, start - 1);
                if !is_next {
                    return at;
                }
                at = start - 1;
            }
        }
    }
}

/// The first place from `at` on that has no group on both sides.
fn clear_after(text: &[u8], mut at: usize) -> usize {
    let mut beside = Vec::new();
    loop {
        at = run_end(text, at);
        let line = line_end(text, at, BESIDE);
        let high = line.unwrap_or((at + BESIDE).min(text.len()));
        let low = at.saturating_sub(MAX_ESCAPE);
        stretches(text, Span::new(low, high), &mut beside);
        let mut spans = beside.iter().map(|stretch| stretch.span);
        match (spans.rfind(|span| span.end > at && span.start <= at + APART), line) {
            (Some(stretch), _) => at = stretch.end,
            (None, None) => return at,
            (None, Some(end)) if end == text.len() => return at,
            (None, Some(end)) => {
                let is_next = may_break(&text[at..end]) && begins_with_digits(text, end + 1);
                if !is_next {
                    return at;
                }
                at = end + 1;
            }
        }
    }
}

/// `at`, or where the run of digits begins that goes through it.
fn run_start(text: &[u8], at: usize) -> usize {
    if text.get(at).is_none_or(|byte| !runs::is_digit(*byte)) {
        return at;
    }
    let before = text[..at].iter().rev().take_while(|byte| runs::is_digit(**byte)).count();
    at - before
}

/// `at`, or where the run of digits ends that goes through it.
fn run_end(text: &[u8], at: usize) -> usize {
    if !at.checked_sub(1).is_some_and(|before| runs::is_digit(text[before])) {
        return at;
    }
    at + text[at..].iter().take_while(|byte| runs::is_digit(**byte)).count()
}

/// Whether a run of digits that may go on in the next line ends at `end`, but for blanks.
fn ends_in_digits(text: &[u8], end: usize) -> bool {
    let before = &text[end.saturating_sub(MAX_BREAK + runs::MIN_BASE64)..end];
    let before = before.trim_ascii_end();
    before.len() >= runs::MIN_BASE64
        && before[before.len() - runs::MIN_BASE64..].iter().all(|byte| runs::is_digit(*byte))
}

/// Whether a run of digits that may go on from the line before begins at `start`, but for blanks.
fn begins_with_digits(text: &[u8], start: usize) -> bool {
    let after = text.get(start..).unwrap_or_default();
    let after = &after[..after.len().min(MAX_BREAK + runs::MIN_BASE64)];
    let first = after.trim_ascii_start().get(..runs::MIN_BASE64);
    first.is_some_and(|first| first.iter().all(|byte| runs::is_digit(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_tells_as_far_as_it_is_looked_for_and_no_further() {
        let run = "cGFzc3dvcmQgPSAiYWJjZGVmZ2hpaiI";
        for distance in BESIDE - 2..BESIDE + 3 {
            let fill = ".".repeat(distance);
            let text = format!("{}\n{fill}{run}{fill}\n{}", "-".repeat(300), ".".repeat(300));
            let mut found = Vec::new();
            let whole = Span::new(0, text.len());
            groups(text.as_bytes(), whole, 0, |group| found.push(group));
            assert_eq!(found.len(), 1);
            // The break itself is told, too: whether it is there, or not.
            let reach = (distance + 1).min(BESIDE + 1);
            assert_eq!(found[0].reach, (reach, reach), "{distance}");
            assert_eq!(found[0].stretches.len(), run.len());
        }
    }
}

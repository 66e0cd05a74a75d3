//! What a rule's regex tells about where to run it: the literals that every match holds, and how
//! far a match reaches from them.
//!
//! This is done once for each rule, at build time for the built-in ones; the build script shares
//! this file, so it may use `regex_syntax`, `opening` and `spec` alone.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::opening::Opening;
use super::spec::{Anchor, Shape};

/// Most literals that one place in a regex is spelled out into.
const MAX_LITERALS: usize = 96;
/// Shortest literal that is worth a hit, in bytes.
const MIN_LITERAL: usize = 3;

/// The regex for a value that is assigned to one of `names`, in any of the ways that files assign:
/// `NAME=v`, `name: v`, `"name": "v"`, `name => 'v'`, `--name v`, `?name=v&`, `<name>v</name>`, and
/// `<name>NAME</name><value>v</value>`. The value is group 1.
pub fn assignment(names: &[String], value: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| regex_syntax::escape(name)).collect();
    let names = names.join("|");
    let between = r#"(?:[\\"'`\])]{0,3}[ \t]{0,4}(?:=>|:=|\?=|\|\||[=:,>(]|[ \t])["'`(\[ \t=\\]{0,6}|</[a-zA-Z]{1,20}>[ \t\r\n]{0,20}<[a-zA-Z]{1,20}>)"#;
    let end = r#"(?:["'`\s;,<>)\]}&|\\]|$)"#;
    format!(r"(?i:{names})[\w .\-\t]{{0,40}}{between}({value}){end}")
}

/// Parses a regex as keystrel runs it: bytes, Unicode off.
///
/// # Errors
/// The parser's message, with the place in the pattern.
pub fn parse(regex: &str) -> Result<Hir, String> {
    ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(100)
        .build()
        .parse(regex)
        .map_err(|error| error.to_string())
}

/// Where to run `regex`, of whose matches each is taken to be at most `max` bytes long.
///
/// With `keywords`, the anchors are keywords if every match must hold one of them, else whatever
/// literals the regex itself requires; empty when it requires none.
pub fn shape(hir: &Hir, keywords: &[String], max: usize) -> Shape {
    let wanted: Vec<Vec<u8>> =
        keywords.iter().map(|k| k.to_ascii_lowercase().into_bytes()).collect();
    let by_keyword = if wanted.is_empty() { None } else { cover(hir, &wanted, max) };
    let mut anchors = by_keyword.or_else(|| cover(hir, &[], max)).unwrap_or_default();
    for anchor in &mut anchors {
        anchor.before = anchor.before.min(max);
        anchor.after = anchor.after.min(max);
    }
    merge(&mut anchors);
    let begins = anchors.iter().any(|anchor| anchor.before == 0);
    let opening = if begins { Opening::of(hir) } else { Opening::default() };
    let crosses_lines = can_hold_line_break(hir);
    let mut shape = Shape { implied: false, anchors, crosses_lines, opening };
    shape.implied = keywords.is_empty() || anchors_imply(&shape, keywords);
    shape
}

/// Whether every one of the shape's anchors is, or holds, one of `keywords`: then a hit of an anchor
/// says that a keyword is there too.
pub fn anchors_imply(shape: &Shape, keywords: &[String]) -> bool {
    !shape.anchors.is_empty()
        && shape.anchors.iter().all(|anchor| {
            keywords
                .iter()
                .any(|k| find(&anchor.literal, k.to_ascii_lowercase().as_bytes()).is_some())
        })
}

/// The greatest length of a match in bytes, if it is bounded.
pub fn max_len(hir: &Hir) -> Option<usize> {
    hir.properties().maximum_len()
}

/// Anchors of which every match of `hir` holds one, or none if there are no such.
fn cover(hir: &Hir, wanted: &[Vec<u8>], max: usize) -> Option<Vec<Anchor>> {
    if let Some(anchors) = literals(hir).and_then(|set| anchors_in(&set, wanted)) {
        return Some(anchors);
    }
    match hir.kind() {
        HirKind::Capture(capture) => cover(&capture.sub, wanted, max),
        HirKind::Repetition(repeat) if repeat.min >= 1 => {
            let rest = length(hir, max);
            let mut anchors = cover(&repeat.sub, wanted, max)?;
            for anchor in &mut anchors {
                anchor.after = rest;
            }
            Some(anchors)
        }
        HirKind::Alternation(branches) => {
            let mut anchors = Vec::new();
            for branch in branches {
                anchors.extend(cover(branch, wanted, max)?);
            }
            Some(anchors)
        }
        HirKind::Concat(parts) => cover_concat(parts, wanted, max),
        _ => None,
    }
}

/// The best cover among those of the parts of a concatenation, and of runs of parts that spell literals.
fn cover_concat(parts: &[Hir], wanted: &[Vec<u8>], max: usize) -> Option<Vec<Anchor>> {
    let mut best: Option<(u64, Vec<Anchor>)> = None;
    let mut consider = |anchors: Vec<Anchor>, before: usize, after: usize| {
        let score = score(&anchors);
        if best.as_ref().is_none_or(|(high, _)| score > *high) {
            let shifted = anchors.into_iter().map(|anchor| Anchor {
                before: anchor.before.saturating_add(before),
                after: anchor.after.saturating_add(after),
                ..anchor
            });
            best = Some((score, shifted.collect()));
        }
    };
    let total = |parts: &[Hir]| {
        parts.iter().fold(0usize, |sum, part| sum.saturating_add(length(part, max)))
    };
    let mut at = 0;
    while at < parts.len() {
        let mut run: Vec<Vec<u8>> = vec![Vec::new()];
        let mut end = at;
        while let Some(next) = parts.get(end).and_then(literals) {
            if run.len() * next.len() > MAX_LITERALS {
                break;
            }
            run = product(&run, &next);
            end += 1;
        }
        let anchors = anchors_in(&run, wanted).or_else(|| {
            // Where a repetition follows, its beginning adds to literals that are too short alone; its
            // bytes still count as what comes after them.
            let next = parts.get(end).and_then(beginnings)?;
            (run.len() * next.len() <= MAX_LITERALS).then_some(())?;
            anchors_in(&product(&run, &next), wanted).map(|mut anchors| {
                for anchor in &mut anchors {
                    anchor.after = run.iter().map(Vec::len).max().unwrap_or(0) - anchor.before;
                }
                anchors
            })
        });
        if let Some(anchors) = anchors {
            consider(anchors, total(&parts[..at]), total(&parts[end..]));
        }
        if end == at {
            if let Some(anchors) = cover(&parts[at], wanted, max) {
                consider(anchors, total(&parts[..at]), total(&parts[at + 1..]));
            }
            end += 1;
        }
        at = end;
    }
    best.map(|(_, anchors)| anchors)
}

/// Anchors in a set of strings of which a match holds one: in each string the longest wanted
/// keyword, or the whole string when none are wanted.
fn anchors_in(strings: &[Vec<u8>], wanted: &[Vec<u8>]) -> Option<Vec<Anchor>> {
    strings
        .iter()
        .map(|text| {
            if wanted.is_empty() {
                let literal = (text.len() >= MIN_LITERAL).then(|| text.clone())?;
                let after = literal.len();
                return Some(Anchor { literal, before: 0, after });
            }
            let (at, keyword) = wanted
                .iter()
                .filter_map(|k| find(text, k).map(|at| (at, k)))
                .max_by_key(|(_, k)| k.len())?;
            Some(Anchor { literal: keyword.clone(), before: at, after: text.len() - at })
        })
        .collect()
}

/// How good a cover is: its shortest literal counts most, then how few there are.
fn score(anchors: &[Anchor]) -> u64 {
    let shortest = anchors.iter().map(|anchor| anchor.literal.len()).min().unwrap_or(0);
    (shortest.min(12) as u64) * 1_000 + 999 - anchors.len().min(999) as u64
}

/// One anchor for each literal, with the widest reach.
fn merge(anchors: &mut Vec<Anchor>) {
    anchors.sort_by(|a, b| a.literal.cmp(&b.literal));
    anchors.dedup_by(|next, kept| {
        let same = next.literal == kept.literal;
        if same {
            kept.before = kept.before.max(next.before);
            kept.after = kept.after.max(next.after);
        }
        same
    });
}

/// All strings that `hir` can match, in lower case, when they are few. Look-around matches the empty one.
fn literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut set = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_ascii_lowercase()],
        HirKind::Class(class) => class_literals(class)?,
        HirKind::Capture(capture) => literals(&capture.sub)?,
        HirKind::Repetition(repeat) => {
            let max = repeat.max.filter(|max| *max <= 8)?;
            let one = literals(&repeat.sub)?;
            if max == 1 {
                one.into_iter().chain([Vec::new()]).collect()
            } else {
                (one.len() == 1).then_some(())?;
                (repeat.min..=max).map(|count| one[0].repeat(count as usize)).collect()
            }
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(literals(branch)?);
            }
            all
        }
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let next = literals(part)?;
                if all.len() * next.len() > MAX_LITERALS {
                    return None;
                }
                all = product(&all, &next);
            }
            all
        }
    };
    set.sort();
    set.dedup();
    (set.len() <= MAX_LITERALS).then_some(set)
}

/// Every head with every tail.
fn product(heads: &[Vec<u8>], tails: &[Vec<u8>]) -> Vec<Vec<u8>> {
    heads
        .iter()
        .flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat()))
        .collect()
}

/// How every match of a repetition begins, when that is one of a few strings.
fn beginnings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Repetition(repeat) if repeat.min >= 1 => {
            let one = literals(&repeat.sub)?;
            match one.as_slice() {
                [only] => Some(vec![only.repeat(repeat.min.min(32) as usize)]),
                _ => Some(one),
            }
        }
        HirKind::Capture(capture) => beginnings(&capture.sub),
        _ => None,
    }
}

/// The members of a class, in lower case, when they are at most sixteen.
fn class_literals(class: &Class) -> Option<Vec<Vec<u8>>> {
    let Class::Bytes(class) = class else { return None };
    let mut set = Vec::new();
    for range in class.ranges() {
        for byte in range.start()..=range.end() {
            set.push(vec![byte.to_ascii_lowercase()]);
        }
        if set.len() > 32 {
            return None;
        }
    }
    set.sort();
    set.dedup();
    (set.len() <= 16).then_some(set)
}

fn length(hir: &Hir, max: usize) -> usize {
    max_len(hir).map_or(max, |len| len.min(max))
}

fn can_hold_line_break(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&b'\n'))
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n'))
        }
        HirKind::Repetition(repeat) => can_hold_line_break(&repeat.sub),
        HirKind::Capture(capture) => can_hold_line_break(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(can_hold_line_break)
        }
    }
}

/// Offset of `needle` in `text`. Both are short.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len().max(1)).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors(regex: &str, keywords: &[&str]) -> Vec<(String, usize, usize)> {
        let keywords: Vec<String> = keywords.iter().map(|k| (*k).to_owned()).collect();
        let shape = shape(&parse(regex).unwrap(), &keywords, 1_000);
        let tell = |a: &Anchor| (String::from_utf8(a.literal.clone()).unwrap(), a.before, a.after);
        shape.anchors.iter().map(tell).collect()
    }

    fn one(literal: &str, before: usize, after: usize) -> (String, usize, usize) {
        (literal.to_owned(), before, after)
    }

    #[test]
    fn a_prefix_reaches_to_the_end_of_the_match() {
        assert_eq!(anchors(r"\b(ghp_[0-9A-Za-z]{36})\b", &["ghp_"]), [one("ghp_", 0, 40)]);
    }

    #[test]
    fn a_keyword_within_counts_what_is_before_it() {
        let found = anchors(r"[a-z]{0,10}(?i:Key)=[0-9]{4}", &["key"]);
        assert_eq!(found, [one("key", 10, 8)]);
    }

    #[test]
    fn alternatives_and_options_are_spelled_out() {
        let found = anchors(r"(?:api[_-]?key|passw(?:or)?d)=[0-9]{9}", &[]);
        let words: Vec<&str> = found.iter().map(|(word, ..)| word.as_str()).collect();
        assert_eq!(words, ["api-key=", "api_key=", "apikey=", "passwd=", "password="]);
    }

    #[test]
    fn a_class_after_a_short_prefix_adds_to_it() {
        let found = anchors(r"\bSK[0-1]{8}\b", &[]);
        assert_eq!(found, [one("sk0", 0, 10), one("sk1", 0, 10)]);
        assert_eq!(anchors(r"A{5,9}x", &["aaaa"]), [one("aaaa", 0, 10)]);
    }

    #[test]
    fn what_requires_no_literal_has_no_anchor() {
        assert_eq!(anchors(r"[0-9]{12}", &[]), []);
        assert_eq!(anchors(r"(?:key)?[0-9]{12}", &["key"]), []);
        assert_eq!(anchors(r"abcd|[0-9]{12}", &[]), []);
    }

    #[test]
    fn line_breaks_are_seen_wherever_they_hide() {
        let crosses = |regex| shape(&parse(regex).unwrap(), &[], 100).crosses_lines;
        assert!(crosses(r"abc\s{0,3}"));
        assert!(crosses(r"abc[^x]"));
        assert!(!crosses(r"abc[^x\n]."));
    }
}

//! How the matches of a regex begin: a test at a hit, before anything is made of it.
//!
//! Literals are found without case and anywhere in a word: `pat` of a token in `path`, `AC` of an identifier in
//! `account`. The bytes that follow tell nearly all of these at once.
//!
//! Made once for each rule, at build time for the built-in ones; the build script shares this file.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// Most bytes of a match that are looked at.
const MAX: usize = 16;

/// What every match of a regex begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// For each of its first bytes, the sorts that it may be of, a bit for each.
    sorts: Vec<u16>,
    /// Whether the byte before it, if there is one, is none of a word.
    begins_word: bool,
}

/// Sorts of bytes, as far as classes in rules tell them apart: digits of hex and base32, either case of letters, the marks
/// of the alphabets that tokens have.
const SORTS: [u8; 256] = {
    let mut sorts = [15; 256];
    let named: [&[u8]; 15] = [
        b"abcdef",
        b"ghijklmnopqrstuvwxyz",
        b"ABCDEF",
        b"GHIJKLMNOPQRSTUVWXYZ",
        b"234567",
        b"0189",
        b"_",
        b"-",
        b".",
        b"+/",
        b"=",
        b" \t",
        b"\r\n",
        b"\"'`",
        b":@",
    ];
    let mut sort = 0;
    while sort < named.len() {
        let mut at = 0;
        while at < named[sort].len() {
            sorts[named[sort][at] as usize] = sort as u8;
            at += 1;
        }
        sort += 1;
    }
    sorts
};

fn bit(byte: u8) -> u16 {
    1 << SORTS[usize::from(byte)]
}

impl Opening {
    /// That of the matches of `hir`, which was parsed without Unicode.
    pub fn of(hir: &Hir) -> Self {
        let mut sorts = Vec::new();
        add(hir, &mut sorts);
        let is_word = |sorts: &u16| sorts & !(0b11_1111 | bit(b'_')) == 0;
        // Before a byte of a word such a boundary is its beginning.
        let looks = hir.properties().look_set_prefix();
        let begins_word = looks.contains(Look::WordAscii) && sorts.first().is_some_and(is_word);
        Self { sorts, begins_word }
    }

    /// How many bytes it tells of.
    pub fn bytes(&self) -> usize {
        self.sorts.len()
    }

    /// Whether a match may begin at `at` in `text`.
    pub fn admits(&self, text: &[u8], at: usize) -> bool {
        let Some(bytes) = text.get(at..at + self.sorts.len()) else { return false };
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        self.sorts.iter().zip(bytes).all(|(sorts, byte)| sorts & bit(*byte) != 0)
            && !(self.begins_word && text[..at].last().is_some_and(is_word))
    }
}

/// Adds what is known of the bytes that come next. False where it is not known how many `hir` matches.
fn add(hir: &Hir, sorts: &mut Vec<u16>) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => sorts.extend(literal.0.iter().map(|byte| bit(*byte))),
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            sorts.push(bytes.fold(0, |sorts, byte| sorts | bit(byte)));
        }
        // Of how many bytes it is depends on the character.
        HirKind::Class(Class::Unicode(_)) => return false,
        HirKind::Capture(capture) => return add(&capture.sub, sorts),
        HirKind::Repetition(repeat) => {
            for _ in 0..repeat.min.min(MAX as u32) {
                if !add(&repeat.sub, sorts) {
                    return false;
                }
            }
            sorts.truncate(MAX);
            return repeat.max == Some(repeat.min) && sorts.len() < MAX;
        }
        HirKind::Concat(parts) => {
            for part in parts {
                if !add(part, sorts) {
                    return false;
                }
            }
        }
        HirKind::Alternation(branches) => {
            let mut is_known = true;
            let all = branches.iter().map(|branch| {
                let mut own = Vec::new();
                is_known &= add(branch, &mut own);
                own
            });
            let all: Vec<Vec<u16>> = all.collect();
            let least = all.iter().map(Vec::len).min().unwrap_or(0);
            is_known &= all.iter().all(|own| own.len() == least);
            sorts.extend((0..least).map(|at| all.iter().fold(0, |sum, own| sum | own[at])));
            sorts.truncate(MAX);
            return is_known && sorts.len() < MAX;
        }
    }
    sorts.truncate(MAX);
    sorts.len() < MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::analysis::parse;
    use crate::detect::rule::compile;
    use crate::detect::{builtin_examples, builtin_rules, examples};

    fn opening(regex: &str) -> Opening {
        Opening::of(&parse(regex).unwrap())
    }

    #[test]
    fn case_and_what_follows_tell_words_from_tokens() {
        let token = opening(r"\b(pat[0-9A-Za-z]{14}\.[0-9a-f]{64})\b");
        assert_eq!(token.bytes(), MAX);
        let text = b"a pat0123456789abcd. path/to/it spat0123456789abcd. PAT0123456789abcd.";
        let admitted: Vec<usize> = (0..text.len()).filter(|at| token.admits(text, *at)).collect();
        assert_eq!(admitted, [2]);
        // Without case, and without a word's beginning.
        let loose = opening("(?i:pat)[0-9]{2,4}x");
        assert_eq!(loose.bytes(), 5);
        assert!(
            loose.admits(b"sPat12", 1) && !loose.admits(b"pat1x", 0) && !loose.admits(b"pat1", 0)
        );
    }

    #[test]
    fn branches_say_what_all_of_them_have() {
        let either = opening("(?:ab|cde)f");
        assert_eq!(either.bytes(), 2);
        assert!(either.admits(b"ab", 0) && either.admits(b"cd", 0) && !either.admits(b"xb", 0));
        assert_eq!(opening("(?:ab|cd)[0-9]").bytes(), 3);
        assert_eq!(opening("[a-f]*x").bytes(), 0);
        // A boundary in one of the branches is none of the whole.
        assert!(opening(r"(?:\bab|cd)").admits(b"xab", 1));
        assert!(opening(r"\b-x").admits(b"a-x", 1));
    }

    #[test]
    fn no_match_of_a_rule_is_lost() {
        let rules = builtin_rules();
        let mut count = 0;
        for (id, matches, _) in builtin_examples() {
            let rule = rules.iter().find(|rule| rule.id == id).unwrap();
            let Some(pattern) = &rule.regex else { continue };
            let opening = opening(pattern);
            let regex = compile(pattern).unwrap();
            for example in matches {
                let text = examples::fill(&example, rule.checksum.as_deref(), 1).unwrap();
                for found in regex.find_iter(&text) {
                    assert!(opening.admits(text.as_bytes(), found.start()), "{id}");
                    count += usize::from(opening.bytes() > 3);
                }
            }
        }
        assert!(count > 1_000);
    }
}

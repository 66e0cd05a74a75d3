//! Collects the facts of a file: places, unique ids, and values of secrets blanked wherever they are.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use super::pieces::pieces;
use super::yaml::Bad;
use super::{File, Judged, Read};
use crate::model::{Fact, Gap, Lines, PathId, Place, Places, count_chars};

/// What stands for the value of a secret.
pub(super) const BLANK: &str = "***";

/// Bytes after which characters are counted.
const BLOCK: usize = 1 << 10;

/// Most gaps of a file that are told one by one.
const MAX_GAPS: usize = 100;

/// A value with more secrets than that is blanked as a whole.
const MAX_PIECES: usize = 100;

/// Most facts of a file; more are a gap.
const MAX_FACTS: usize = 50_000;

/// Whether a secret is looked for in other fields too. `password` would be found in names, where it is none.
fn is_distinct(secret: &str) -> bool {
    let has = |is: fn(&u8) -> bool| secret.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    secret.len() >= if is_mixed { 8 } else { 20 }
}

/// Facts as they are collected.
pub(super) struct Sheet<'a> {
    file: &'a File<'a>,
    /// Offset at which each line starts.
    lines: Vec<usize>,
    /// Characters before each block of [`BLOCK`] bytes, so that places on huge lines cost no pass over them.
    chars: Vec<u64>,
    /// Where secrets were found, in the text; may overlap.
    secrets: HashSet<(usize, usize)>,
    read: Read,
    /// Facts by kind.
    counts: HashMap<String, usize>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(file: &'a File<'a>) -> Self {
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', file.text.as_bytes()).map(|at| at + 1));
        let mut chars = vec![0];
        let mut sum = 0;
        for block in file.text.as_bytes().chunks(BLOCK) {
            sum += count_chars(block);
            chars.push(sum);
        }
        // Names of what a fact is in are in its fields too, and may be anything.
        let is_secret = |piece| file.judge.judge(piece).is_some();
        let whole = 0..file.text.len();
        let found = if is_secret(whole.clone()) {
            pieces(file.text, &whole, is_secret)
        } else {
            Vec::new()
        };
        let exact = file.judge.secrets();
        let secrets = found.iter().chain(&exact).map(|piece| (piece.start, piece.end)).collect();
        Self { file, lines, chars, secrets, read: Read::default(), counts: HashMap::new() }
    }

    /// What an id is once all are collected, for facts that name others.
    pub(super) fn full_id(&self, id: &str) -> String {
        format!("{}#{id}", self.file.shown)
    }

    /// The text at a range, empty where there is none.
    pub(super) fn raw(&self, range: &Range<usize>) -> &'a str {
        self.file.text.get(range.clone()).unwrap_or_default()
    }

    /// The text from an offset to the end of its line.
    pub(super) fn rest_of_line(&self, offset: usize) -> &'a str {
        self.file.text.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// Adds a fact that stands at `range`; its id is the shown path, `#` and `id`.
    pub(super) fn add(&mut self, kind: &str, id: &str, range: &Range<usize>, fields: Value) {
        if self.read.facts.len() >= MAX_FACTS {
            return self.gap(kind, format!("more than {MAX_FACTS} facts"));
        }
        let mut fact = Fact::new(kind, id, fields);
        fact.at = Some(self.place(range));
        self.read.facts.push(fact);
        *self.counts.entry(kind.to_owned()).or_default() += 1;
    }

    /// Says of the fact that was added last where parts of it stand.
    pub(super) fn parts(&mut self, parts: Vec<(PathId, Range<usize>)>) {
        let lines = |(path, range): (PathId, Range<usize>)| {
            let at = self.place(&range);
            // A file has fewer lines and columns than that.
            let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
            let start = (small(at.line), small(at.column));
            (path, Lines { start, end: (small(at.end_line), small(at.end_column)) })
        };
        let places = Places::new(parts.into_iter().map(lines).collect());
        if let Some(fact) = self.read.facts.last_mut() {
            fact.places = places;
        }
    }

    /// How many facts of a kind there are.
    pub(super) fn count(&self, kind: &str) -> usize {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    /// Says, once for each kind of facts and reason, that some may be missing.
    pub(super) fn gap(&mut self, needs: &str, why: impl Into<String>) {
        let gap = Gap { needs: needs.into(), what: self.file.shown.into(), why: why.into() };
        let gaps = &self.read.gaps;
        let is_told = gaps.len() >= MAX_GAPS && gaps.iter().any(|known| known.needs == gap.needs);
        if !is_told && !gaps.contains(&gap) {
            self.read.gaps.push(gap);
        }
    }

    /// Says of several kinds of facts that some may be missing.
    pub(super) fn gaps(&mut self, needs: &[&str], why: &str) {
        for kind in needs {
            self.gap(kind, why);
        }
    }

    /// Says which documents could not be read.
    pub(super) fn bad(&mut self, needs: &[&str], documents: &[Bad]) {
        for bad in documents {
            match bad.at {
                Some(at) => self.gaps(needs, &format!("line {} is {}", self.line(at), bad.why)),
                None => self.gaps(needs, bad.why),
            }
        }
    }

    /// Whether anything in a value is a secret, be it less sure than counts.
    pub(super) fn holds(&self, range: &Range<usize>) -> bool {
        !self.raw(range).trim().is_empty() && self.file.judge.judge(range.clone()).is_some()
    }

    /// What detection says of a value, which is then blanked in all fields; None if that does not count.
    pub(super) fn judge(&mut self, range: &Range<usize>) -> Option<Judged> {
        if self.raw(range).trim().is_empty() {
            return None;
        }
        let judged = self.file.judge.judge(range.clone())?;
        self.mark(range);
        judged.counts.then_some(judged)
    }

    /// A value with what is secret in it blanked; `shown` is what the text at `range` stands for.
    pub(super) fn blanked(&mut self, range: &Range<usize>, shown: &str) -> String {
        if !self.holds(range) {
            return shown.to_owned();
        }
        let mut text = shown.to_owned();
        let found = self.mark(range);
        if found.len() > MAX_PIECES {
            return BLANK.into();
        }
        for piece in found {
            let raw = self.raw(&piece);
            if !text.contains(raw) {
                return BLANK.into();
            }
            text = text.replace(raw, BLANK);
        }
        if text == shown { BLANK.into() } else { text }
    }

    /// Notes what is secret in a stretch of text, piece by piece; all of it where no piece is.
    fn mark(&mut self, range: &Range<usize>) -> Vec<Range<usize>> {
        let judge = self.file.judge;
        let mut found = pieces(self.file.text, range, |piece| judge.judge(piece).is_some());
        if found.is_empty() {
            found.push(range.clone());
        }
        self.secrets.extend(found.iter().map(|piece| (piece.start, piece.end)));
        found
    }

    /// Notes that a value is a secret whatever detection says of it.
    pub(super) fn hide(&mut self, range: &Range<usize>) {
        self.secrets.insert((range.start, range.end));
    }

    /// The 1-based line of an offset.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    fn place(&self, range: &Range<usize>) -> Place {
        // The start of the last character, and not the line break that may end a block.
        let written = self.raw(range).trim_end();
        let last = range.start + written.char_indices().next_back().map_or(0, |(at, _)| at);
        let (line, column) = self.position(range.start);
        let (end_line, end_column) = self.position(last);
        Place { path: self.file.shown.into(), line, column, end_line, end_column }
    }

    fn position(&self, offset: usize) -> (u64, u64) {
        let offset = offset.min(self.file.text.len());
        let line = self.line(offset);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        if offset - start < BLOCK {
            let before = self.file.text.as_bytes().get(start..offset).map_or(0, count_chars);
            return (line as u64, before + 1);
        }
        (line as u64, self.chars_before(offset).saturating_sub(self.chars_before(start)) + 1)
    }

    fn chars_before(&self, offset: usize) -> u64 {
        let block = offset / BLOCK;
        let rest = self.file.text.as_bytes().get(block * BLOCK..offset).map_or(0, count_chars);
        self.chars.get(block).copied().unwrap_or(0) + rest
    }

    /// The facts with unique ids, and without any secret that was found in any of them.
    pub(super) fn done(mut self) -> Read {
        let text = self.file.text;
        let mut echoes: Vec<&str> = self
            .secrets
            .iter()
            .filter_map(|(start, end)| text.get(*start..*end))
            .filter(|secret| is_distinct(secret))
            .collect();
        echoes.sort_unstable();
        echoes.dedup();
        let finder = (!echoes.is_empty()).then(|| finder(&echoes)).flatten();
        let mut ids: HashSet<String> = HashSet::new();
        let mut copies: HashMap<String, usize> = HashMap::new();
        for fact in &mut self.read.facts {
            if let Some(finder) = &finder {
                blank_string(finder, &mut fact.id);
                fact.fields.values_mut().for_each(|value| blank_value(finder, value));
            }
            let id = format!("{}#{}", self.file.shown, fact.id);
            fact.id.clone_from(&id);
            while !ids.insert(fact.id.clone()) {
                let copy = copies.entry(id.clone()).or_insert(1);
                *copy += 1;
                fact.id = format!("{id}~{copy}");
            }
        }
        self.read
    }
}

/// Without case: names of stages and instructions are told in one.
fn finder(secrets: &[&str]) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true).build(secrets).ok()
}

fn blank_string(finder: &AhoCorasick, text: &mut String) {
    if finder.is_match(text.as_str()) {
        let mut blanked = String::with_capacity(text.len());
        finder.replace_all_with(text, &mut blanked, |_, _, into| {
            into.push_str(BLANK);
            true
        });
        *text = blanked;
    }
}

/// Recursion is as deep as documents may be.
fn blank_value(finder: &AhoCorasick, value: &mut Value) {
    match value {
        Value::String(text) => blank_string(finder, text),
        Value::Array(items) => items.iter_mut().for_each(|item| blank_value(finder, item)),
        Value::Object(fields) => {
            if fields.keys().any(|key| finder.is_match(key.as_str())) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(mut key, value)| {
                        blank_string(finder, &mut key);
                        (key, value)
                    })
                    .collect();
            }
            fields.values_mut().for_each(|value| blank_value(finder, value));
        }
        _ => {}
    }
}

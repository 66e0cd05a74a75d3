//! The lines of a Dockerfile as its instructions have them: continued, without comments, with heredocs.

use std::ops::Range;

/// An instruction with what belongs to it, and where each piece of it stands in the file.
pub(super) struct Line {
    /// The text without continuations and comments.
    pub(super) text: String,
    /// What escapes: a backslash, unless the file says a backtick.
    pub(super) escape: char,
    /// Where pieces begin: in `text`, and in the file.
    pieces: Vec<(usize, usize)>,
}

impl Line {
    /// The place in the file of the byte at `offset` of the text.
    pub(super) fn at(&self, offset: usize) -> Range<usize> {
        let next = self.pieces.partition_point(|(start, _)| *start <= offset);
        let (start, place) = self.pieces.get(next.saturating_sub(1)).copied().unwrap_or_default();
        let at = place + (offset - start);
        at..at + 1
    }

    /// The stretch of the file that holds a stretch of the text.
    pub(super) fn at_range(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.at(range.start).start;
        if range.is_empty() { start..start } else { start..self.at(range.end - 1).end }
    }

    fn push(&mut self, text: &str, place: usize) {
        self.pieces.push((self.text.len(), place));
        self.text.push_str(text);
    }
}

/// All instructions of a file.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let escape = escape(text);
    let mut found = Vec::new();
    let mut offset = 0;
    let mut physical = text.split_inclusive('\n').map(|line| {
        let start = offset;
        offset += line.len();
        (start, line)
    });
    let mut open: Option<Line> = None;
    while let Some((start, line)) = physical.next() {
        let (start, line) = if start == 0 {
            let bare = line.trim_start_matches('\u{feff}');
            (line.len() - bare.len(), bare)
        } else {
            (start, line)
        };
        // Comments and empty lines do not end an instruction that goes on.
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut whole =
            open.take().unwrap_or_else(|| Line { text: String::new(), escape, pieces: Vec::new() });
        let indent = if whole.text.is_empty() { line.len() - line.trim_start().len() } else { 0 };
        let body = line[indent..].trim_end();
        if let Some(body) = body.strip_suffix(escape) {
            whole.push(body, start + indent);
            open = Some(whole);
            continue;
        }
        whole.push(body, start + indent);
        for (word, is_indented) in heredocs(&whole.text) {
            for (start, line) in physical.by_ref() {
                let bare = line.trim_end_matches(['\n', '\r']);
                let end = if is_indented { bare.trim_start_matches('\t') } else { bare };
                if end == word {
                    break;
                }
                // The line break before it is that of the line before, one byte wherever it stands.
                whole.push("\n", start.saturating_sub(1));
                whole.push(bare, start);
            }
        }
        found.push(whole);
    }
    found.extend(open.filter(|line| !line.text.is_empty()));
    found
}

/// What `# escape=` says among the comments at the top.
fn escape(text: &str) -> char {
    for line in text.trim_start_matches('\u{feff}').lines() {
        let Some(directive) = line.trim().strip_prefix('#') else { break };
        let Some((name, value)) = directive.split_once('=') else { break };
        if name.trim().eq_ignore_ascii_case("escape") {
            return if value.trim() == "`" { '`' } else { '\\' };
        }
    }
    '\\'
}

/// The words that end the heredocs of an instruction, and whether tabs may stand before them.
fn heredocs(text: &str) -> Vec<(String, bool)> {
    let mut blanks = text.split_whitespace();
    let takes = blanks.next().is_some_and(|keyword| {
        ["RUN", "COPY", "ADD", "ONBUILD"].iter().any(|taker| keyword.eq_ignore_ascii_case(taker))
    });
    if !takes || !text.contains("<<") {
        return Vec::new();
    }
    let heredoc = |word: &str| {
        let name = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
        let (name, is_indented) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        let name = name.trim_end_matches([';', ')', '&', '|']);
        let bare = name.trim_matches(['"', '\'']);
        let is_name = bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        is_name.then(|| (bare.to_owned(), is_indented))
    };
    blanks.filter_map(heredoc).collect()
}

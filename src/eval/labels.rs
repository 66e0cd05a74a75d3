//! Labelled lines: JSON lines that say of places in files whether they hold a credential.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Deserialize;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Label {
    /// It holds a credential.
    #[serde(rename = "T", alias = "t", alias = "true")]
    True,
    /// It does not.
    #[serde(rename = "F", alias = "f", alias = "false")]
    False,
    /// It looks like one and is a placeholder, an example, or unknown: counts as none.
    #[serde(rename = "X", alias = "x")]
    Lookalike,
}

/// One labelled place. Keys that are not listed here may be there.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    /// Path of the file, `/`-separated, relative to the root.
    pub path: String,
    /// First line, 1-based.
    pub line_start: u64,
    /// Last line, 1-based, inclusive; the first where it is missing.
    pub line_end: Option<u64>,
    /// What it is.
    pub label: Label,
    /// Categories, joined by `:`; any words.
    #[serde(default)]
    pub category: String,
    /// The lines, where the file itself is not at hand.
    pub lines: Option<Vec<String>>,
    /// Lines before them.
    #[serde(default)]
    pub before: Vec<String>,
    /// Lines after them.
    #[serde(default)]
    pub after: Vec<String>,
}

impl Row {
    /// The last line, 1-based, inclusive.
    pub fn last_line(&self) -> u64 {
        self.line_end.unwrap_or(self.line_start).max(self.line_start)
    }
}

/// A file with its labels.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// Path as in the rows.
    pub path: String,
    /// Its bytes, as far as they are known: lines that no row holds are empty.
    pub bytes: Vec<u8>,
    /// Indexes of its rows.
    pub rows: Vec<usize>,
}

/// All rows, and the texts they are about.
#[derive(Debug, Clone, Default)]
pub struct Labelled {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Sorted by path.
    pub texts: Vec<Text>,
}

/// Labels that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// A line is no row.
    #[error("line {line}: {why}")]
    Row {
        /// 1-based line of the labels' file.
        line: usize,
        /// What is wrong, without what is written there: lines hold secrets.
        why: String,
    },
    /// A row is about lines that cannot be.
    #[error("line {line}: `line_start` and `line_end` count from 1, to at most {MAX_LINE}")]
    Lines {
        /// 1-based line of the labels' file.
        line: usize,
    },
    /// A file of a row cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// Its path.
        path: String,
        /// Why not.
        source: io::Error,
    },
}

/// Highest line number of a row without a file: the text is made up to it.
const MAX_LINE: u64 = 10_000_000;

/// Reads labels; rows without `lines` are about files below `root`.
///
/// # Errors
/// When a line is no row, or a file cannot be read.
pub fn read(labels: &str, root: &Path) -> Result<Labelled, LabelError> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, line) in labels.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = index + 1;
        let row: Row = serde_json::from_str(line)
            .map_err(|error| LabelError::Row { line: line_number, why: said(&error) })?;
        if row.line_start == 0 || row.last_line() > MAX_LINE {
            return Err(LabelError::Lines { line: line_number });
        }
        rows.push(row);
    }
    let mut by_path: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_path.entry(&row.path).or_default().push(index);
    }
    let mut texts = Vec::new();
    for (path, indexes) in by_path {
        let embedded = indexes.iter().all(|index| rows[*index].lines.is_some());
        let bytes = if embedded {
            rebuild(indexes.iter().map(|index| &rows[*index]))
        } else {
            std::fs::read(root.join(path))
                .map_err(|source| LabelError::File { path: path.to_owned(), source })?
        };
        texts.push(Text { path: path.to_owned(), bytes, rows: indexes });
    }
    Ok(Labelled { rows, texts })
}

/// An error of a reader, without the text that it quotes.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.find('"'), text.rfind('"')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}\u{2026}{}", &text[..start], &text[end + 1..])
        }
        _ => text,
    }
}

/// The file as far as its rows know it. Labelled lines go before what others saw beside theirs.
fn rebuild<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> Vec<u8> {
    let mut lines: BTreeMap<u64, &str> = BTreeMap::new();
    for row in rows.clone() {
        for (number, line) in (row.line_start..).zip(row.lines.iter().flatten()) {
            lines.entry(number).or_insert(line);
        }
    }
    for row in rows {
        let first = row.line_start.saturating_sub(row.before.len() as u64);
        for (number, line) in (first..).zip(&row.before) {
            lines.entry(number).or_insert(line);
        }
        for (number, line) in (row.last_line() + 1..).zip(&row.after) {
            lines.entry(number).or_insert(line);
        }
    }
    let mut text = Vec::new();
    let mut at = 1;
    for (number, line) in lines {
        while at < number {
            text.push(b'\n');
            at += 1;
        }
        text.extend_from_slice(line.replace(['\n', '\r'], " ").as_bytes());
        text.push(b'\n');
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_make_the_file_they_were_cut_from() {
        let labels = r#"
            {"path": "a.py", "line_start": 3, "label": "T", "before": ["two"], "lines": ["three"], "after": ["four"]}
            {"path": "a.py", "line_start": 4, "label": "F", "before": ["three?"], "lines": ["FOUR"], "more": 1}"#;
        let read = read(labels, Path::new(".")).unwrap();
        assert_eq!(read.rows.len(), 2);
        assert_eq!(read.texts[0].bytes, b"\ntwo\nthree\nFOUR\n");
    }

    #[test]
    fn what_is_no_row_is_named_by_its_line() {
        let wrong = |labels: &str| read(labels, Path::new("/nowhere")).unwrap_err().to_string();
        assert!(wrong("{}\n").starts_with("line 1: missing field `path`"));
        let zero = r#"{"path": "a", "line_start": 0, "label": "T"}"#;
        assert!(wrong(&format!("\n{zero}")).starts_with("line 2: `line_start`"));
        let file = r#"{"path": "a", "line_start": 1, "label": "T"}"#;
        assert_eq!(wrong(file), "cannot read `a`");
    }
}

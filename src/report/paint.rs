//! Colours of a terminal, and lines of advice.

use super::Color;
use crate::model::Severity;

/// Characters of a line of text.
const WIDTH: usize = 96;

/// Select Graphic Rendition parameters (ECMA-48, section 8.3.117).
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Blue,
}

impl Color {
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if self == Self::Plain {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Red => "1;31",
            Paint::Yellow => "33",
            Paint::Green => "32",
            Paint::Blue => "34",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    pub(super) fn severity(self, severity: Severity) -> String {
        let paint = match severity {
            Severity::Critical | Severity::High => Paint::Red,
            Severity::Medium => Paint::Yellow,
            Severity::Low | Severity::Info => Paint::Blue,
        };
        self.paint(paint, severity.name())
    }

    /// A label and text, wrapped, with the line break.
    pub(super) fn line(self, label: &str, text: &str) -> String {
        let head = format!("  {label:>7}: ");
        format!("{}{}\n", self.paint(Paint::Dim, &head), wrapped(text, head.len()))
    }
}

/// Text that begins in column `indent`, from 0, and goes on there in each line.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut width = indent;
    for (i, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if i > 0 && width + 1 + len > WIDTH {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            width = indent;
        } else if i > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += len;
    }
    lines
}

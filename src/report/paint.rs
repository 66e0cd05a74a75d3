//! Colours of a terminal, and lines of advice.

use super::Color;
use crate::model::Severity;

/// Characters of a line of advice.
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
        let mut line = self.paint(Paint::Dim, &head);
        let mut width = head.len();
        let indent = " ".repeat(head.len());
        for (i, word) in text.split(' ').enumerate() {
            let len = word.chars().count();
            if i > 0 && width + 1 + len > WIDTH {
                line.push('\n');
                line.push_str(&indent);
                width = indent.len();
            } else if i > 0 {
                line.push(' ');
                width += 1;
            }
            line.push_str(word);
            width += len;
        }
        line.push('\n');
        line
    }
}

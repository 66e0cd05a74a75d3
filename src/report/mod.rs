//! One run to text, JSON, SARIF and more. A format is a file here and a row in [`FORMATS`].
//!
//! Reports see a [`Run`] and nothing else. They show previews; values only where [`Style`] says so and
//! the run still holds them.

pub mod audit;
mod clean;
mod csv;
mod fingerprint;
mod github;
mod html;
mod json;
mod junit;
mod markup;
mod paint;
mod sarif;
mod text;
mod words;

#[cfg(test)]
mod tests;

use std::io;

use crate::model::Run;

/// A way to write a run, or what else is reported.
#[derive(Debug)]
pub struct Format<T = Run, S = Style> {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Writes the run.
    pub write: fn(&T, &S, &mut dyn io::Write) -> io::Result<()>,
}

/// All formats of a run.
pub static FORMATS: &[Format] = &[
    text::FORMAT,
    json::FORMAT,
    json::LINES,
    sarif::FORMAT,
    csv::FORMAT,
    html::FORMAT,
    junit::FORMAT,
    github::FORMAT,
];

/// Why a run looked at nothing although no target failed.
pub fn nothing(run: &Run) -> &'static str {
    words::nothing(run)
}

/// How a run is written.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// Escape sequences for colours.
    pub color: Color,
    /// Whether values are shown.
    pub secrets: Secrets,
    /// Whether text lists what is suppressed.
    pub suppressed: Suppressed,
    /// When the run ended, RFC 3339 in UTC.
    pub ended: String,
}

/// Escape sequences for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// None.
    #[default]
    Plain,
    /// The sixteen colours of terminals.
    Ansi,
}

/// Whether values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// Previews only.
    #[default]
    Masked,
    /// The values.
    Shown,
}

/// Whether text lists what is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suppressed {
    /// It is counted.
    #[default]
    Counted,
    /// It is listed.
    Listed,
}

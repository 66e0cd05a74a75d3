//! For GitHub Actions: annotations by workflow commands.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>, read
//! November 2026; the escapes are those of actions/toolkit.

use std::io::{self, Write};

use super::clean::clean;
use super::{Format, Style, words};
use crate::model::{Run, Severity};

pub(super) const FORMAT: Format =
    Format { name: "github", about: "annotations of GitHub Actions", write };

fn write(run: &Run, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.open() {
        let site = finding.site();
        let level = match finding.rule.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "notice",
        };
        let message = format!("{}. {}", words::title(finding), finding.rule.about.rotation);
        writeln!(
            out,
            "::{level} file={},line={},endLine={},col={},title={}::{}",
            property(&site.origin.display_path()),
            site.start.line,
            site.end.line,
            site.start.column,
            property(&finding.rule.id),
            data(&message),
        )?;
    }
    for lost in run.lost() {
        let (what, why) = (clean(&lost.what), clean(&lost.why));
        writeln!(out, "::warning title=not scanned::{}", data(&format!("{what}: {why}")))?;
    }
    writeln!(out, "{}", data(&words::scanned(&run.counts, run.elapsed)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

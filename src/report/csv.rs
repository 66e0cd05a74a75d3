//! For spreadsheets: RFC 4180, open findings only.

use std::io::{self, Write};

use super::{Format, Style, words};
use crate::model::Run;

pub(super) const FORMAT: Format = Format { name: "csv", about: "for spreadsheets", write };

const HEADER: [&str; 12] = [
    "path",
    "line",
    "column",
    "severity",
    "confidence",
    "rule",
    "description",
    "preview",
    "commit",
    "author",
    "date",
    "identity",
];

fn write(run: &Run, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(HEADER).map_err(refused)?;
    for finding in run.open() {
        let (site, leak) = (finding.site(), finding.leak());
        let commit = leak.and_then(|leak| leak.introduced.as_ref()?.commit.as_ref());
        let row = [
            site.origin.display_path(),
            site.start.line.to_string(),
            site.start.column.to_string(),
            finding.rule.severity.to_string(),
            finding.confidence.to_string(),
            finding.rule.id.clone(),
            words::title(finding),
            leak.map(|leak| leak.preview.clone()).unwrap_or_default(),
            commit.map(|c| c.id.clone()).unwrap_or_default(),
            commit.map(|c| c.author.clone()).unwrap_or_default(),
            commit.map(|c| c.date.clone()).unwrap_or_default(),
            site.identity.to_string(),
        ];
        table.write_record(row.map(inert)).map_err(refused)?;
    }
    table.flush()
}

/// What the writer says, as it says it: that a reader went away is told from other errors.
pub(super) fn refused(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").
pub(super) fn inert(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

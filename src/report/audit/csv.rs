//! For spreadsheets and auditors: RFC 4180, a row for every check. With frameworks, a row for each requirement
//! that it is evidence for.

use std::io::{self, Write};

use super::{Format, Style};
use crate::model::{Audit, Check, Verdict};
use crate::report::csv::{inert, refused};

pub(super) const FORMAT: Format = Format { name: "csv", about: "for spreadsheets", write };

const HEADER: [&str; 10] = [
    "framework",
    "requirement",
    "control",
    "title",
    "severity",
    "verdict",
    "store",
    "resource",
    "message",
    "accepted",
];

fn write(audit: &Audit, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(HEADER).map_err(refused)?;
    if audit.frameworks.is_empty() {
        for check in &audit.checks {
            table.write_record(row("", "", check).map(inert)).map_err(refused)?;
        }
    }
    for framework in &audit.frameworks {
        for requirement in &framework.requirements {
            for tally in &requirement.controls {
                let checks = audit.checks.iter().filter(|c| c.control.id == tally.control);
                for check in checks {
                    table
                        .write_record(row(&framework.framework, &requirement.id, check).map(inert))
                        .map_err(refused)?;
                }
            }
        }
    }
    table.flush()
}

fn row(framework: &str, requirement: &str, check: &Check) -> [String; 10] {
    let accepted = match &check.verdict {
        Verdict::Accepted(why) => why.clone(),
        _ => String::new(),
    };
    [
        framework.to_owned(),
        requirement.to_owned(),
        check.control.id.clone(),
        check.control.title.clone(),
        check.severity.to_string(),
        check.verdict.name().to_owned(),
        check.source.to_string(),
        check.resource.to_string(),
        check.message.clone(),
        accepted,
    ]
}

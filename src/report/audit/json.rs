//! For programs: JSON, version 1. The schema is `schemas/audit-v1.schema.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Format, Style};
use crate::model::{Audit, Compliance, Control, Gap, Place, Readers, Verdict};

pub(super) const FORMAT: Format = Format { name: "json", about: "for programs", write };

/// The version of the format.
const SCHEMA: &str = "keystrel.audit/v1";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    tool: Tool,
    started: &'a str,
    elapsed_ms: u128,
    stores: Vec<Store<'a>>,
    /// Every control that was asked, by its id.
    controls: BTreeMap<&'a str, &'a Control>,
    checks: Vec<Row<'a>>,
    readers: &'a [Readers],
    frameworks: Vec<Framework<'a>>,
    policy_errors: &'a [String],
    lost: Vec<Lost<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Store<'a> {
    source: &'a str,
    now: &'a str,
    facts: &'a BTreeMap<String, usize>,
    gaps: &'a [Gap],
}

#[derive(Serialize)]
struct Row<'a> {
    control: &'a str,
    store: &'a str,
    resource: &'a str,
    severity: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a Place>,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a str>,
}

#[derive(Serialize)]
struct Framework<'a> {
    score: Option<u8>,
    #[serde(flatten)]
    compliance: &'a Compliance,
}

#[derive(Serialize)]
struct Lost<'a> {
    store: &'a str,
    why: &'a str,
}

fn write(audit: &Audit, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let written = Written {
        schema: SCHEMA,
        tool: Tool { name: "keystrel", version: env!("CARGO_PKG_VERSION") },
        started: &audit.started,
        elapsed_ms: audit.elapsed.as_millis(),
        stores: audit
            .stores
            .iter()
            .map(|store| Store {
                source: &store.source,
                now: &store.now,
                facts: &store.facts,
                gaps: &store.gaps,
            })
            .collect(),
        controls: audit.checks.iter().map(|c| (c.control.id.as_str(), &*c.control)).collect(),
        checks: audit
            .checks
            .iter()
            .map(|check| Row {
                control: &check.control.id,
                store: &check.source,
                resource: &check.resource,
                severity: check.severity.name(),
                verdict: check.verdict.name(),
                at: check.at.as_deref(),
                message: &check.message,
                accepted: match &check.verdict {
                    Verdict::Accepted(why) => Some(why),
                    _ => None,
                },
            })
            .collect(),
        readers: &audit.readers,
        frameworks: audit
            .frameworks
            .iter()
            .map(|compliance| Framework { score: compliance.score(), compliance })
            .collect(),
        policy_errors: &audit.failures,
        lost: audit.lost.iter().map(|(store, why)| Lost { store, why }).collect(),
        warnings: &audit.warnings,
    };
    serde_json::to_writer_pretty(&mut *out, &written)?;
    writeln!(out)
}

//! One run to text, JSON, SARIF and more.
#![allow(missing_docs, clippy::allow_attributes, reason = "placeholder until merge")]
use crate::model::Run;
use std::io;
pub struct Format {
    pub name: &'static str,
    pub write: fn(&Run, &Style, &mut dyn io::Write) -> io::Result<()>,
}
#[derive(Debug, Default, Clone)]
pub struct Style {
    pub color: bool,
    pub show_secrets: bool,
    pub show_suppressed: bool,
}
pub static FORMATS: &[Format] = &[Format { name: "text", write: text }];
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}
fn text(run: &Run, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    for f in &run.findings {
        let l = f.leak().unwrap();
        writeln!(
            out,
            "{}:{}:{}: {} {} {:?} {:?}",
            l.origin.display_path(),
            l.start.line,
            l.start.column,
            f.rule.id,
            l.excerpt.text,
            l.decoders,
            f.status
        )?;
    }
    for s in &run.skipped {
        writeln!(out, "skipped {s:?}")?;
    }
    for s in &run.warnings {
        writeln!(out, "warning {s:?}")?;
    }
    writeln!(out, "{:?} {:?} {} findings", run.counts, run.elapsed, run.findings.len())
}

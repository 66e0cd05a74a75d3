//! For people, on a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::clean::clean;
use super::paint::Paint;
use super::{Color, Format, Secrets, Style, Suppressed, words};
use crate::model::{By, Digest, Finding, Leak, Run, Site, Status};

pub(super) const FORMAT: Format = Format { name: "text", about: "for people", write };

/// Things that are listed before the others are counted.
const LISTED: usize = 20;

fn write(run: &Run, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, color: style.color };
    let mut told = Told::default();
    for finding in &run.findings {
        match finding.status {
            Status::Open => page.finding(finding, style, &mut told)?,
            Status::Suppressed { .. } if style.suppressed == Suppressed::Listed => {
                page.finding(finding, style, &mut told)?;
            }
            Status::Suppressed { .. } => {}
        }
    }
    page.summary(run)
}

/// What was said already: advice is given once for each rule, and a value is met again by its place.
#[derive(Default)]
struct Told<'a> {
    rules: BTreeSet<&'a str>,
    values: BTreeMap<Digest, String>,
}

struct Page<'a> {
    out: &'a mut dyn Write,
    color: Color,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        self.color.paint(paint, text)
    }

    fn finding<'r>(
        &mut self,
        finding: &'r Finding,
        style: &Style,
        told: &mut Told<'r>,
    ) -> io::Result<()> {
        let place = place(&finding.site());
        let (shown, severity) =
            (self.paint(Paint::Bold, &place), self.color.severity(finding.rule.severity));
        let rule = &finding.rule.id;
        let title = words::title(finding);
        writeln!(self.out, "{shown}: {severity} {}: {title}", clean(rule))?;
        if let Some(leak) = finding.leak() {
            self.excerpt(leak)?;
        }
        let first_of_rule = told.rules.insert(rule);
        if let Status::Suppressed { by, reason } = &finding.status {
            let reason =
                if reason.is_empty() { String::new() } else { format!(": {}", clean(reason)) };
            self.line("fine", &format!("accepted by {}{reason}", words::by(*by)))?;
        }
        self.line("why", &clean(&words::reason(finding)))?;
        if let Some(leak) = finding.leak()
            && let Some(introduction) = &leak.introduced
        {
            self.line("history", &clean(&words::past(introduction, leak)))?;
        }
        if let Some(image) = &finding.site().origin.image {
            self.line("image", &clean(&words::in_image(image)))?;
        }
        if let Some(leak) = finding.leak() {
            self.leak(leak, style, told, place)?;
        }
        if first_of_rule && !finding.rule.about.rotation.is_empty() {
            let what = finding.rule.about.description.split_once(": ").map(|(_, what)| what);
            if let Some(what) = what {
                self.line("what", &clean(what))?;
            }
            self.line("do", &clean(&finding.rule.about.rotation))?;
        }
        writeln!(self.out)
    }

    /// What is told of leaks alone.
    fn leak(
        &mut self,
        leak: &Leak,
        style: &Style,
        told: &mut Told<'_>,
        place: String,
    ) -> io::Result<()> {
        if style.secrets == Secrets::Shown
            && let Some(secret) = &leak.secret
        {
            self.line("value", &clean(&String::from_utf8_lossy(secret.expose())))?;
        }
        match told.values.get(&leak.digest) {
            Some(earlier) => self.line("same", &format!("the value of {earlier}"))?,
            None => {
                told.values.insert(leak.digest, place);
            }
        }
        for breach in &leak.breaches {
            self.line("policy", &clean(&format!("{} ({})", breach.message, breach.control)))?;
        }
        Ok(())
    }

    /// The line of source, and carets under the value.
    fn excerpt(&mut self, leak: &Leak) -> io::Result<()> {
        let excerpt = &leak.excerpt;
        if excerpt.text.trim().is_empty() {
            return Ok(());
        }
        let number = leak.start.line.to_string();
        let gutter = " ".repeat(number.len());
        let bar = self.paint(Paint::Dim, "|");
        let carets = "^".repeat(excerpt.caret.1.saturating_sub(excerpt.caret.0).max(1));
        let carets = self.paint(Paint::Red, &carets);
        writeln!(self.out, "  {number} {bar} {}", clean(&excerpt.text))?;
        writeln!(self.out, "  {gutter} {bar} {}{carets}", " ".repeat(excerpt.caret.0))
    }

    fn line(&mut self, label: &str, text: &str) -> io::Result<()> {
        write!(self.out, "{}", self.color.line(label, text))
    }

    fn summary(&mut self, run: &Run) -> io::Result<()> {
        writeln!(self.out, "scanned {}", words::scanned(&run.counts, run.elapsed))?;
        let lost: Vec<_> = run.lost().collect();
        for skipped in lost.iter().take(LISTED) {
            let label = self.paint(Paint::Yellow, "not scanned");
            writeln!(self.out, "{label} {}: {}", clean(&skipped.what), clean(&skipped.why))?;
        }
        if lost.len() > LISTED {
            writeln!(self.out, "not scanned: {} more", lost.len() - LISTED)?;
        }
        for (why, count, first) in words::skipped_by_reason(run, false).into_iter().take(LISTED) {
            let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            writeln!(self.out, "left out {}{more}: {}", clean(first), clean(why))?;
        }
        for warning in &run.warnings {
            let label = self.paint(Paint::Yellow, "warning");
            writeln!(self.out, "{label} {}", clean(warning))?;
        }
        self.suppressed(run)?;
        self.verdict(run, lost.len())
    }

    fn suppressed(&mut self, run: &Run) -> io::Result<()> {
        let kinds = [By::Allowlist, By::Inline, By::IgnoreFile, By::Baseline, By::Exception];
        let counts: Vec<String> = kinds
            .into_iter()
            .filter_map(|kind| {
                let is =
                    |f: &&Finding| matches!(f.status, Status::Suppressed { by, .. } if by == kind);
                let count = run.findings.iter().filter(is).count();
                (count > 0).then(|| format!("{count} by {}", words::by(kind)))
            })
            .collect();
        if counts.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "accepted {}", counts.join(", "))
    }

    fn verdict(&mut self, run: &Run, lost: usize) -> io::Result<()> {
        let counts = words::by_severity(run);
        let mut verdict = if words::is_nothing(run) {
            // What could not be read is the reason where there is any.
            let is_told = lost > 0 && !run.rules.is_empty();
            let nothing = if is_told { "nothing was scanned" } else { words::nothing(run) };
            self.paint(Paint::Yellow, nothing)
        } else if counts.is_empty() {
            self.paint(Paint::Green, "no leaks found")
        } else {
            let list: Vec<String> =
                counts.iter().map(|(severity, count)| format!("{count} {severity}")).collect();
            let total = words::found(run);
            self.paint(Paint::Red, &format!("{total} found: {}", list.join(", ")))
        };
        if lost > 0 {
            verdict
                .push_str(&format!("; {} could not be read", words::plural(lost as u64, "thing")));
        }
        writeln!(self.out, "{verdict}")
    }
}

/// `path:line:column`, which terminals and editors open.
fn place(site: &Site<'_>) -> String {
    let path = clean(&site.origin.display_path());
    format!("{path}:{}:{}", site.start.line, site.start.column)
}

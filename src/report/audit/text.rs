//! For people, on a terminal.

use std::io::{self, Write};

use super::{ESTATE, Format, Style, by_severity, controls, counts, gaps, groups, standings};
use crate::model::{Audit, Check, Compliance, Readers, Standing, Verdict};
use crate::report::clean::clean;
use crate::report::paint::{Paint, wrapped};
use crate::report::words::plural;

pub(super) const FORMAT: Format = Format { name: "text", about: "for people", write };

/// Resources of one control that are listed before the others are counted.
const LISTED: usize = 10;

fn write(audit: &Audit, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, style, audit };
    let failed: Vec<&Check> = audit.failed().collect();
    for group in groups(&failed) {
        page.group(&group)?;
    }
    if style.all {
        page.others()?;
        for readers in &audit.readers {
            page.readers(readers)?;
        }
    }
    for framework in &audit.frameworks {
        page.framework(framework)?;
    }
    page.unread()?;
    page.summary()
}

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
    audit: &'a Audit,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        self.style.color.paint(paint, text)
    }

    /// A control that fails, with the resources.
    fn group(&mut self, checks: &[&Check]) -> io::Result<()> {
        let Some(first) = checks.first() else { return Ok(()) };
        let control = &first.control;
        let severity = self.style.color.severity(first.severity);
        let id = self.paint(Paint::Bold, &control.id);
        writeln!(self.out, "{severity} {id}: {}", clean(&control.title))?;
        let listed = if self.style.all { checks.len() } else { LISTED };
        for check in checks.iter().take(listed) {
            // What goes on is set in, to tell it from the next.
            writeln!(self.out, "  {}", wrapped(&self.place(check), 4))?;
        }
        if checks.len() > listed {
            writeln!(self.out, "  and {} more", checks.len() - listed)?;
        }
        write!(self.out, "{}", self.style.color.line("why", &one_line(&control.description)))?;
        write!(self.out, "{}", self.style.color.line("do", &one_line(&control.remediation)))?;
        writeln!(self.out)
    }

    /// The resource, with its store where there are several, and what is said of it.
    fn place(&self, check: &Check) -> String {
        // What is told of all stores names its own.
        let store = if self.audit.stores.len() > 1 && &*check.source != ESTATE {
            format!("{} ", clean(&check.source))
        } else {
            String::new()
        };
        let message = clean(&check.message);
        // Most messages name the resource, or what it ends in.
        let resource = clean(&check.resource);
        let name = resource.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&resource);
        let is_named = message.contains(name) || check.at.is_some();
        if is_named || message.is_empty() {
            let text = if message.is_empty() { resource } else { message };
            format!("{store}{text}")
        } else {
            format!("{store}{resource}: {message}")
        }
    }

    /// What does not fail.
    fn others(&mut self) -> io::Result<()> {
        for check in self.audit.checks.iter().filter(|check| check.verdict != Verdict::Failed) {
            let (paint, label) = match &check.verdict {
                Verdict::Passed => (Paint::Green, "pass"),
                Verdict::Accepted(_) => (Paint::Blue, "accepted"),
                _ => (Paint::Yellow, "unknown"),
            };
            let label = self.paint(paint, label);
            write!(self.out, "{label} {}: {}", check.control.id, self.place(check))?;
            if let Verdict::Accepted(why) = &check.verdict {
                write!(self.out, ": {}", clean(why))?;
            }
            writeln!(self.out)?;
        }
        writeln!(self.out)
    }

    fn readers(&mut self, readers: &Readers) -> io::Result<()> {
        let secret = self.paint(Paint::Bold, &clean(&readers.secret));
        let who = plural(readers.readers.len() as u64, "principal");
        let limit = if readers.complete { "" } else { " at least" };
        writeln!(self.out, "{secret}: can be reached by{limit} {who}")?;
        for reader in &readers.readers {
            let conditions = if reader.conditional {
                format!(", if {}", reader.conditions.join(" and "))
            } else {
                String::new()
            };
            let text = format!(
                "{} ({}): {} by {}{conditions}",
                reader.principal,
                reader.principal_kind,
                reader.access.join(", "),
                reader.via.join(", "),
            );
            writeln!(self.out, "  {}", clean(&text))?;
        }
        for why in &readers.unknown {
            writeln!(self.out, "  unknown: {}", clean(why))?;
        }
        writeln!(self.out)
    }

    fn framework(&mut self, framework: &Compliance) -> io::Result<()> {
        let title = self.paint(Paint::Bold, &framework.title);
        writeln!(self.out, "{title}")?;
        for requirement in &framework.requirements {
            let paint = match requirement.standing {
                Standing::Met => Paint::Green,
                Standing::NotMet => Paint::Red,
                Standing::Unknown => Paint::Yellow,
                Standing::NotApplicable => Paint::Dim,
            };
            let standing = self.paint(paint, &format!("{:>7}", requirement.standing.name()));
            let title = wrapped(&requirement.title, 22);
            writeln!(self.out, "  {standing}  {:10} {title}", requirement.id)?;
            let told = requirement.controls.iter().filter(|tally| tally.failed + tally.unknown > 0);
            for tally in told {
                writeln!(self.out, "{:22}{}: {}", "", tally.control, counts(tally))?;
            }
        }
        let score = framework.score().map_or("nothing to score".into(), |s| format!("{s} % met"));
        writeln!(self.out, "  {score}: {}\n", standings(framework))
    }

    /// What could not be looked at.
    fn unread(&mut self) -> io::Result<()> {
        let unread = self.paint(Paint::Yellow, "not read");
        for (store, why) in &self.audit.lost {
            let store = clean(store.trim_end_matches(':'));
            writeln!(self.out, "{unread} {store}: {}", clean(why))?;
        }
        let many = self.audit.stores.len() > 1;
        for gap in gaps(self.audit) {
            let store = if many { format!("{} ", clean(gap.store)) } else { String::new() };
            let more = match gap.count {
                1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            let (what, kinds, why) = (clean(gap.what), gap.kinds(), clean(gap.why));
            writeln!(self.out, "{unread} {store}{what}{more} ({}): {why}", clean(&kinds))?;
        }
        // What is not known for another reason than a gap.
        let gaps: Vec<&str> = self
            .audit
            .stores
            .iter()
            .flat_map(|store| store.gaps.iter().map(|gap| gap.what.as_str()))
            .collect();
        let is_own = |check: &&Check| {
            check.verdict == Verdict::Unknown
                && !gaps.iter().any(|gap| *gap == &*check.resource || check.message.contains(gap))
        };
        let unknown: Vec<&Check> = self.audit.checks.iter().filter(is_own).collect();
        for group in groups(&unknown) {
            let Some(first) = group.first() else { continue };
            let more = match group.len() {
                1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            let label = self.paint(Paint::Yellow, "unknown");
            writeln!(self.out, "{label} {}: {}{more}", first.control.id, self.place(first))?;
        }
        for failure in &self.audit.failures {
            writeln!(self.out, "{} {}", self.paint(Paint::Red, "policy error"), clean(failure))?;
        }
        for warning in &self.audit.warnings {
            writeln!(self.out, "{} {}", self.paint(Paint::Yellow, "warning"), clean(warning))?;
        }
        Ok(())
    }

    fn summary(&mut self) -> io::Result<()> {
        let audit = self.audit;
        for store in &audit.stores {
            let facts: usize = store.facts.values().sum();
            writeln!(
                self.out,
                "audited {}: {}, read {}",
                clean(&store.source),
                plural(facts as u64, "fact"),
                clean(&store.now)
            )?;
        }
        let asked = controls(audit, |_| true);
        let unknown = controls(audit, |verdict| *verdict == Verdict::Unknown);
        let counts = by_severity(audit);
        let failed: usize = counts.iter().map(|(_, count)| count).sum();
        let verdict = if audit.asked == 0 {
            self.paint(Paint::Yellow, "nothing was audited")
        } else if asked == 0 {
            self.paint(Paint::Green, "no control is about what is there")
        } else if failed == 0 {
            let held = plural((asked - unknown) as u64, "control");
            let verb = if asked - unknown == 1 { "holds" } else { "hold" };
            let paint = if unknown == 0 { Paint::Green } else { Paint::Yellow };
            self.paint(paint, &format!("{held} {verb}"))
        } else {
            let list: Vec<String> =
                counts.iter().map(|(severity, count)| format!("{count} {severity}")).collect();
            let by = controls(audit, |verdict| *verdict == Verdict::Failed);
            let text = format!(
                "{} by {by} of {}: {}",
                plural(failed as u64, "finding"),
                plural(asked as u64, "control"),
                list.join(", ")
            );
            self.paint(Paint::Red, &text)
        };
        let accepted = audit.checks.iter().filter(|c| matches!(c.verdict, Verdict::Accepted(_)));
        let mut rest = String::new();
        match accepted.count() {
            0 => {}
            count => rest.push_str(&format!("; {count} accepted")),
        }
        if unknown > 0 {
            rest.push_str(&format!("; {} could not tell", plural(unknown as u64, "control")));
        }
        writeln!(self.out, "{verdict}{rest}")
    }
}

/// Text of several lines in one.
fn one_line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

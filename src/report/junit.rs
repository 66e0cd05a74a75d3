//! For CI servers: JUnit's XML, a failed test for each open finding and an error for what was lost.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::clean::clean;
use super::{Format, Style, words};
use crate::model::Run;

pub(super) const FORMAT: Format = Format { name: "junit", about: "for CI servers", write };

fn write(run: &Run, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new("keystrel");
    for finding in run.open() {
        let site = finding.site();
        let place = format!(
            "{}:{}:{}",
            clean(&site.origin.display_path()),
            site.start.line,
            site.start.column
        );
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(format!("{place}: {}", words::title(finding)));
        status.set_type(finding.rule.severity.name());
        status.set_description(format!(
            "{}\n{}",
            clean(&words::reason(finding)),
            finding.rule.about.rotation
        ));
        let mut case = TestCase::new(format!("{} {place}", finding.rule.id), status);
        case.set_classname(finding.rule.id.as_str());
        suite.add_test_case(case);
    }
    for lost in run.lost() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(clean(&lost.why));
        suite.add_test_case(TestCase::new(format!("not scanned {}", clean(&lost.what)), status));
    }
    if suite.test_cases.is_empty() {
        suite.add_test_case(TestCase::new("no leaks found", TestCaseStatus::success()));
    }
    suite.set_time(run.elapsed);
    let mut report = Report::new("keystrel");
    report.add_test_suite(suite);
    report.serialize(&mut *out).map_err(io::Error::other)
}

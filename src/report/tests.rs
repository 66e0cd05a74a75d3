//! Every format on a run with everything in it, and on an empty one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Color, FORMATS, Secrets, Style, Suppressed};
use crate::model::{
    About, AboutText, By, Commit, Confidence, Counts, DigestKey, Evidence, Excerpt, Finding,
    Introduction, Leak, Origin, Part, Position, Refs, RuleMeta, Run, Secret, Severity, Skipped,
    Span, Status, Subject,
};

const VALUE: &str = "demo-0123456789abcdefghij";

fn finding(rule: &str, severity: Severity, status: Status) -> Finding {
    let meta = RuleMeta {
        id: rule.into(),
        family: "demo".into(),
        severity,
        confidence: Confidence::High,
        about: About::Given(Box::new(AboutText {
            description: "Demo key: opens the demo, \u{1b}[31mred.".into(),
            tags: vec!["token".into()],
            references: vec!["https://example.org/keys".into()],
            rotation: "Delete the key.".into(),
            ..AboutText::default()
        })),
    };
    let key = DigestKey::new([3; 32]);
    let secret = Secret::new(VALUE.as_bytes().to_vec());
    let origin = Origin {
        kind: "git-blob",
        path: "dir/ä b\u{202e},:.env".into(),
        root: 0,
        above: String::new(),
        folder: "",
        members: vec!["inner.txt".into()],
        url: Some("https://example.org/blob".into()),
        revision: Some("ab".repeat(20)),
        image: None,
    };
    let commit = Commit {
        id: "cd".repeat(20),
        author: "Ada\u{1b}[2J".into(),
        email: "ada@example.org".into(),
        date: "2026-01-02T03:04:05+00:00".into(),
        summary: "=cmd()".into(),
    };
    let place = Position { line: 3, column: 7 };
    let part = Part {
        rule: "demo-id".into(),
        start: place,
        preview: "****".into(),
        digest: secret.digest(&key, "other"),
    };
    let leak = Leak {
        origin: Arc::new(origin),
        span: Span::new(10, 35),
        start: place,
        end: Position { line: 3, column: 31 },
        matched_line: 2,
        excerpt: Excerpt { text: "key = demo****".into(), caret: (6, 14) },
        preview: secret.preview(),
        digest: secret.digest(&key, "demo"),
        secret: Some(secret),
        value_digests: Vec::new(),
        entropy: 4.5,
        evidence: Evidence {
            keyword: Some("demo-".into()),
            min_entropy: Some(3.0),
            checksum: Some("CRC-32".into()),
            note: Some("account 1".into()),
            ..Evidence::default()
        },
        decoders: vec!["base64"],
        parts: vec![part],
        introduced: Some(Introduction {
            commit: Some(commit),
            in_head: false,
            refs: Refs { names: vec!["main".into(), "v1".into()], more: 3 },
            note: None,
        }),
        versions: 2,
        breaches: Vec::new(),
    };
    Finding {
        rule: Arc::new(meta),
        confidence: Confidence::High,
        subject: Subject::Leak(Box::new(leak)),
        status,
    }
}

fn full() -> Run {
    let suppressed = |by| Status::Suppressed { by, reason: "known".into() };
    let findings = vec![
        finding("demo-key", Severity::Critical, Status::Open),
        finding("demo-key", Severity::Critical, suppressed(By::Inline)),
        finding("demo-id", Severity::Low, suppressed(By::Baseline)),
    ];
    Run {
        targets: vec![".".into()],
        scope: "history".into(),
        started: "2026-01-02T03:04:05Z".into(),
        elapsed: Duration::from_millis(1500),
        rules: findings.iter().map(|f| Arc::clone(&f.rule)).collect(),
        findings,
        skipped: vec![Skipped::lost("object 12", "corrupt"), Skipped::by_design("pipe", "a FIFO")],
        warnings: vec!["c.toml:1: unknown key".into()],
        counts: Counts {
            files: 1,
            objects: 2,
            commits: 1,
            bytes: 3_000_000,
            known: 0,
            excluded: 1,
        },
        stable_identities: true,
        value_key: None,
    }
}

fn written(format: &str, run: &Run, style: &Style) -> String {
    let mut out = Vec::new();
    let found = FORMATS.iter().find(|one| one.name == format).unwrap();
    (found.write)(run, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(format: &str, run: &Run) -> String {
    written(format, run, &Style { ended: "2026-01-02T03:04:06Z".into(), ..Style::default() })
}

#[test]
fn no_format_shows_a_value_unless_asked() {
    for format in FORMATS {
        assert!(!plain(format.name, &full()).contains("0123456789abc"), "{}", format.name);
    }
    let shown = Style { secrets: Secrets::Shown, ..Style::default() };
    assert!(written("text", &full(), &shown).contains(VALUE));
    assert!(written("json", &full(), &shown).contains(VALUE));
    assert!(written("html", &full(), &shown).contains(VALUE));
}

#[test]
fn an_empty_run_is_written_by_every_format() {
    for format in FORMATS {
        assert!(!plain(format.name, &Run::default()).is_empty(), "{}", format.name);
    }
}

#[test]
fn text_passes_no_escape_of_the_scanned_content_on() {
    let style = Style { suppressed: Suppressed::Listed, ..Style::default() };
    let text = written("text", &full(), &style);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    let colored = written("text", &full(), &Style { color: Color::Ansi, ..Style::default() });
    assert!(colored.contains("\u{1b}[1;31m") && !colored.contains("\u{1b}[2J"));
}

/// The configuration may be that of the scanned repository.
#[test]
fn text_passes_no_escape_of_a_rule_on() {
    let mut found = finding("demo\u{1b}[2J", Severity::High, Status::Open);
    let about = AboutText { description: "De\u{1b}[2Jmo: a".into(), ..AboutText::default() };
    Arc::get_mut(&mut found.rule).unwrap().about = About::Given(Box::new(about));
    let text = plain("text", &Run { findings: vec![found], ..full() });
    assert!(text.contains("high demo\u{fffd}[2J: De\u{fffd}[2Jmo\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn json_is_valid_under_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../schemas/report-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let shown = Style { secrets: Secrets::Shown, ..Style::default() };
    for text in
        [plain("json", &full()), plain("json", &Run::default()), written("json", &full(), &shown)]
    {
        let report: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn jsonl_is_a_finding_a_line_and_a_summary() {
    let text = plain("jsonl", &full());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["rule"], "demo-key");
    assert_eq!(lines[3]["summary"]["complete"], false);
}

#[test]
fn sarif_is_what_the_field_s_own_types_read() {
    for run in [full(), Run::default()] {
        let log: serde_sarif::sarif::Sarif = serde_json::from_str(&plain("sarif", &run)).unwrap();
        assert_eq!(log.runs.len(), 1);
    }
}

#[test]
fn sarif_holds_what_code_scanning_asks_for() {
    let log: Value = serde_json::from_str(&plain("sarif", &full())).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "keystrel/history/");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let rule = &run["tool"]["driver"]["rules"][1];
    assert_eq!(rule["id"], "demo-key");
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert!(rule["properties"]["tags"].as_array().unwrap().contains(&"security".into()));
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("Delete the key."));
    let result = &run["results"][0];
    assert_eq!(result["ruleIndex"], 1);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "dir/%C3%A4%20b%E2%80%AE%2C%3A.env");
    assert_eq!(place["region"]["endColumn"], 32);
    assert!(place["region"].get("snippet").is_none());
    assert!(result["partialFingerprints"].get("primaryLocationLineHash").is_none());
    assert_eq!(run["results"][1]["suppressions"][0]["kind"], "inSource");
    assert_eq!(run["results"][2]["suppressions"][0]["kind"], "external");
}

#[test]
fn equal_places_have_fingerprints_of_their_own() {
    let log: Value = serde_json::from_str(&plain("sarif", &full())).unwrap();
    let print =
        |i: usize| log["runs"][0]["results"][i]["partialFingerprints"]["keystrelPlace/v1"].clone();
    assert_ne!(print(0), print(1));
    assert!(print(0).as_str().unwrap().ends_with(":1"));
    assert!(print(1).as_str().unwrap().ends_with(":2"));
}

#[test]
fn more_results_than_code_scanning_takes_are_cut_and_told() {
    let mut run = full();
    run.findings = (0..25_010).map(|_| finding("demo-key", Severity::Low, Status::Open)).collect();
    run.findings.push(finding("demo-top", Severity::Critical, Status::Open));
    let log: Value = serde_json::from_str(&plain("sarif", &run)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["ruleId"], "demo-top");
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("11 results of least severity"), "{notes}");
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let text = plain("csv", &full());
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

/// What `askama` makes of markup, as it was.
fn unescaped(page: &str) -> String {
    page.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'")
}

#[test]
fn html_tells_what_was_scanned_found_and_not_read() {
    let page = plain("html", &full());
    for told in [
        "<h1>Secret scan of <code>.</code></h1>",
        "1 leak found; 1 thing could not be read",
        "<dd>2026-01-02 03:04:05 UTC</dd>",
        "1 file and 2 objects (1 commit), 3.0 MB in 1.5 s (2.0 MB/s)",
        "<h3>Demo key</h3>",
        "Delete the key.",
        ":3:7</code>",
        "<pre>key = <mark>demo****</mark></pre>",
        "since cdcdcdcdcdcd, 2026-01-02, by Ada\u{fffd}[2J; not in HEAD; on main, v1 and 3 more",
        "with demo-id on line 3",
        "<strong>corrupt</strong> (1)",
        "<li class=\"id\">object 12</li>",
        "a FIFO (1)",
        "c.toml:1: unknown key",
        "2 accepted",
        "the baseline: known",
        "<label><input type=\"checkbox\" id=\"show-past\" checked> what is only in history</label>",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("<script") && page.contains("default-src 'none'"));
}

#[test]
fn html_says_that_nothing_was_found_and_where_it_looked() {
    let rules = vec![finding("demo-key", Severity::High, Status::Open).rule];
    let mut run = Run { findings: Vec::new(), skipped: Vec::new(), rules, ..full() };
    let page = plain("html", &run);
    assert!(page.contains("Nothing was found\n<p>1 rules looked for secrets in 1 file"), "{page}");
    assert!(!page.contains("could not be read"), "{page}");
    run.skipped = vec![Skipped::lost("object 12", "corrupt")];
    let page = plain("html", &run);
    assert!(page.contains("Nothing was found in what could be read; 1 thing could"), "{page}");
    run.counts = Counts::default();
    run.skipped.clear();
    let page = plain("html", &run);
    assert!(page.contains("Nothing was scanned\n<p>nothing was scanned: there is no"), "{page}");
    assert!(!page.contains("Nothing was found"), "{page}");
}

#[test]
fn html_passes_no_markup_and_no_mark_of_direction_on() {
    let trap = "\"'><kx onload=x>\u{1b}[2J\u{202e}\u{61c}";
    let mut found = finding(&format!("demo{trap}"), Severity::High, Status::Open);
    let about = AboutText {
        description: format!("De{trap}mo: wh{trap}at"),
        rotation: format!("do `{trap}`"),
        references: vec!["javascript:alert(1)".into(), format!("https://example.org/{trap}")],
        ..AboutText::default()
    };
    Arc::get_mut(&mut found.rule).unwrap().about = About::Given(Box::new(about));
    let leak = found.leak_mut().unwrap();
    let origin = Arc::get_mut(&mut leak.origin).unwrap();
    origin.path = format!("dir/{trap}");
    origin.members = vec![trap.into()];
    origin.url = Some(format!("javascript:{trap}"));
    leak.excerpt = Excerpt { text: format!("{trap} = ****"), caret: (2, 400) };
    leak.introduced = Some(Introduction {
        commit: Some(Commit {
            id: trap.into(),
            author: trap.into(),
            email: trap.into(),
            date: trap.into(),
            summary: trap.into(),
        }),
        in_head: false,
        refs: Refs { names: vec![trap.into()], more: 0 },
        note: Some(trap.into()),
    });
    let mut accepted = finding(trap, Severity::Low, Status::Open);
    accepted.status = Status::Suppressed { by: By::Inline, reason: trap.into() };
    let run = Run {
        targets: vec![trap.into()],
        findings: vec![found, accepted],
        skipped: vec![Skipped::lost(trap, trap), Skipped::by_design(trap, trap)],
        warnings: vec![trap.into()],
        ..full()
    };
    let page = plain("html", &run);
    assert!(!page.contains("<kx") && !page.contains("href=\"javascript:"), "{page}");
    assert!(unescaped(&page).matches("<kx onload=x>").count() > 15, "{page}");
    let is_sound = |c: char| c == '\n' || !c.is_control();
    assert!(page.chars().all(|c| is_sound(c) && !"\u{202e}\u{61c}".contains(c)), "{page}");
}

#[test]
fn html_leads_to_the_other_places_of_a_value() {
    let findings = (0..12).map(|_| finding("demo-key", Severity::High, Status::Open)).collect();
    let page = plain("html", &Run { findings, ..full() });
    let first = page.split("<li id=\"f1\"").nth(1).unwrap().split("</li>").next().unwrap();
    assert!(!first.contains("href=\"#f1\"") && first.contains("href=\"#f2\""), "{first}");
    assert!(first.contains("and 3 more places"), "{first}");
}

#[test]
fn html_cuts_what_browsers_do_not_bear_and_says_so() {
    let mut findings: Vec<Finding> =
        (0..20_001).map(|_| finding("demo-key", Severity::Low, Status::Open)).collect();
    findings.push(finding("demo-top", Severity::Critical, Status::Open));
    let page = plain("html", &Run { findings, ..full() });
    assert_eq!(page.matches("<li id=\"f").count(), 20_000);
    assert!(
        page.contains("<li id=\"f20002\"") && page.contains("2 more findings of least severity")
    );
}

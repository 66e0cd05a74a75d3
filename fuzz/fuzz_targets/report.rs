//! Findings with any words in them, in every format: JSON, SARIF, CSV and XML that others can read, no markup and
//! no escape sequences of a terminal from what was scanned, and never the value.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use keystrel::config;
use keystrel::detect::{Engine, Options, Profile, Scratch, Values};
use keystrel::model::{
    About, AboutText, Artifact, Audit, Audited, By, Check, Commit, Confidence, Control, DigestKey, Finding, Gap,
    Introduction, Misuse, Origin, Position, Refs, RuleMeta, Run, Secret, Severity, Skipped, Status, Subject, Verdict,
};
use keystrel::report::{self, FORMATS, Style};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Markup and a formula, which every text holds.
const TRAP: &str = "=\"'><kx x='\u{1b}[31m&]]>";

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let rules = config::builtin().expect("the build checked the rules").rules;
    let (key, profile) = (DigestKey::new([1; 32]), Profile::default());
    Engine::new(rules, Options { decode_depth: 2, key, values: Values::Keep, profile })
});

/// A value that is in no text by chance.
fn secret(seed: u64) -> String {
    let letters = b"abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789";
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..32).map(|_| next()).collect()
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let text: String = u.arbitrary()?;
    Ok(if u.arbitrary()? { format!("{TRAP}{text}") } else { text })
}

fn commit(u: &mut Unstructured<'_>) -> Result<Commit> {
    Ok(Commit { id: "ab".repeat(20), author: text(u)?, email: text(u)?, date: text(u)?, summary: text(u)? })
}

/// What is found in a text around the value, and a misuse; each with words in all its fields.
fn findings(u: &mut Unstructured<'_>, value: &str) -> Result<Vec<Finding>> {
    let path = text(u)?;
    let (before, after) = (text(u)?, text(u)?);
    let content = format!("{before}\npassword = \"{value}\" {after}\n");
    let artifact = Artifact::new(Origin { members: u.arbitrary()?, ..Origin::file(path.clone()) }, content.into_bytes());
    let mut findings = Vec::new();
    ENGINE.scan(&artifact, &mut Scratch::default(), &mut findings);
    for finding in &mut findings {
        let (commit, names, note) = (commit(u)?, vec![text(u)?], text(u)?);
        let reason = text(u)?;
        if u.ratio(1, 4)? {
            finding.status = Status::Suppressed { by: By::Inline, reason };
        }
        if let Some(leak) = finding.leak_mut() {
            let refs = Refs { names, more: 1 };
            leak.introduced = Some(Introduction { commit: Some(commit), in_head: false, refs, note: Some(note) });
        }
    }
    let key = DigestKey::new([1; 32]);
    let about = AboutText { description: text(u)?, rotation: text(u)?, tags: vec![text(u)?], ..AboutText::default() };
    let place = Position { line: u64::from(u.arbitrary::<u32>()?).max(1), column: 1 };
    findings.push(Finding {
        rule: Arc::new(RuleMeta {
            id: text(u)?,
            family: "policy".into(),
            severity: Severity::High,
            confidence: Confidence::High,
            about: About::Given(Box::new(about)),
        }),
        confidence: Confidence::High,
        subject: Subject::Misuse(Box::new(Misuse {
            origin: Arc::new(Origin::file(path)),
            start: place,
            end: place,
            fact: text(u)?,
            message: text(u)?,
            digest: Secret::new(b"a".to_vec()).digest(&key, "policy"),
        })),
        status: Status::Open,
    });
    Ok(findings)
}

fn run(u: &mut Unstructured<'_>, value: &str) -> Result<Run> {
    let findings = findings(u, value)?;
    Ok(Run {
        targets: vec![text(u)?],
        scope: "worktree".into(),
        started: "2026-01-02T03:04:05Z".into(),
        rules: findings.iter().map(|finding| Arc::clone(&finding.rule)).collect(),
        findings,
        skipped: vec![Skipped::lost(text(u)?, text(u)?), Skipped::by_design(text(u)?, text(u)?)],
        warnings: vec![text(u)?],
        ..Run::default()
    })
}

fn audit(u: &mut Unstructured<'_>) -> Result<Audit> {
    let control = Arc::new(Control {
        id: "a-control".into(),
        title: text(u)?,
        description: text(u)?,
        severity: Severity::High,
        subject: vec!["vault_mount".into()],
        conditions: BTreeMap::new(),
        needs: vec!["vault_mount".into()],
        threshold: None,
        remediation: text(u)?,
        references: vec![text(u)?],
        frameworks: BTreeMap::new(),
        package: "a".into(),
        file: "a.rego".into(),
        line: 1,
    });
    let source: Arc<str> = text(u)?.into();
    let mut checks = Vec::new();
    for verdict in [Verdict::Failed, Verdict::Accepted(text(u)?), Verdict::Unknown, Verdict::Passed] {
        let (control, source) = (control.clone(), source.clone());
        let (resource, message) = (text(u)?.into(), text(u)?);
        checks.push(Check { control, source, resource, at: None, severity: Severity::High, message, verdict });
    }
    let gap = Gap { needs: text(u)?, what: text(u)?, why: text(u)? };
    Ok(Audit {
        started: "2026-01-02T03:04:05Z".into(),
        stores: vec![Audited { source, now: text(u)?, facts: BTreeMap::new(), gaps: vec![gap] }],
        asked: 1,
        checks,
        failures: vec![text(u)?],
        warnings: vec![text(u)?],
        lost: vec![(text(u)?, text(u)?)],
        ..Audit::default()
    })
}

/// What the format's readers need.
fn check(format: &str, text: &str, open: usize, lost: usize) {
    match format {
        "json" => drop(json(text)),
        "jsonl" => text.lines().for_each(|line| drop(json(line))),
        "sarif" => sarif(&json(text)),
        "csv" => {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("CSV of one width")).collect();
            assert_eq!(rows.len(), open);
            for cell in rows.iter().flatten() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a formula: {cell:?}");
            }
        }
        "junit" => xml(text),
        "html" => assert!(!text.contains("<kx"), "{text}"),
        "github" => assert_eq!(text.lines().count(), open + lost + 1, "{text}"),
        "text" => assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}"),
        other => panic!("nothing is known of {other}"),
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    for run in log["runs"].as_array().expect("SARIF has runs") {
        let rules = run["tool"]["driver"]["rules"].as_array().expect("its tool has rules");
        for result in run["results"].as_array().expect("a run has results") {
            assert!(result["message"]["text"].is_string(), "{result}");
            let index = result["ruleIndex"].as_u64().map(|index| &rules[index as usize]["id"]);
            assert!(index.is_none_or(|id| *id == result["ruleId"]), "{result}");
            for location in result["locations"].as_array().into_iter().flatten() {
                let place = &location["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
                assert!(uri.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c)), "{uri}");
                assert!(place["region"]["startLine"].as_u64().is_none_or(|line| line >= 1), "{result}");
            }
        }
    }
}

fn xml(text: &str) {
    let is_xml = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(text.chars().all(is_xml), "{text:?}");
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                assert_ne!(tag.name().as_ref(), b"kx");
                assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{text}");
            }
            _ => {}
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut u = Unstructured::new(bytes);
    let value = secret(u.arbitrary().unwrap_or(1));
    let (Ok(run), Ok(audit)) = (run(&mut u, &value), audit(&mut u)) else { return };
    let (open, lost) = (run.open().count(), run.lost().count());
    for format in FORMATS {
        let mut out = Vec::new();
        (format.write)(&run, &Style::default(), &mut out).expect("a vector takes all");
        let text = String::from_utf8(out).expect("reports are UTF-8");
        assert!(!text.contains(&value), "{} shows the value: {text}", format.name);
        check(format.name, &text, open, lost);
    }
    for format in report::audit::FORMATS {
        let mut out = Vec::new();
        (format.write)(&audit, &report::audit::Style::default(), &mut out).expect("a vector takes all");
        check(format.name, &String::from_utf8(out).expect("reports are UTF-8"), audit.checks.len(), 0);
    }
});

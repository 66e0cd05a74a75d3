//! What is accepted, and what is not.

use std::sync::Arc;

use super::{Baseline, Ignores, Suppressor, mark_inline};
use crate::model::{
    Artifact, By, Commit, DigestKey, Evidence, Excerpt, Finding, Introduction, Leak, Origin,
    Position, Refs, RuleMeta, Run, Secret, Span, Status, Subject,
};

const KEY: [u8; 32] = [9; 32];

fn finding(text: &str, value: &str, line: u64) -> Finding {
    let at = text.find(value).unwrap();
    let secret = Secret::new(value.as_bytes().to_vec());
    let rule = RuleMeta {
        id: "demo-key".into(),
        family: "demo".into(),
        severity: crate::model::Severity::High,
        confidence: crate::model::Confidence::High,
        about: crate::model::About::Given(Box::default()),
    };
    let place = Position { line, column: 1 };
    let leak = Leak {
        origin: Arc::new(Origin::file("dir/a.env")),
        span: Span::new(at, at + value.len()),
        start: place,
        end: place,
        matched_line: line,
        excerpt: Excerpt::default(),
        preview: secret.preview(),
        digest: secret.digest(&DigestKey::new(KEY), &rule.family),
        secret: Some(secret),
        value_digests: Vec::new(),
        entropy: 0.0,
        evidence: Evidence::default(),
        decoders: Vec::new(),
        parts: Vec::new(),
        introduced: None,
        versions: 1,
        breaches: Vec::new(),
    };
    Finding {
        rule: Arc::new(rule),
        confidence: crate::model::Confidence::High,
        subject: Subject::Leak(Box::new(leak)),
        status: Status::Open,
    }
}

fn inline(text: &str) -> Option<String> {
    let mut findings = [finding(text, "VALUE", 1)];
    mark_inline(&Artifact::new(Origin::file("x"), text.to_owned()), &mut findings);
    match &findings[0].status {
        Status::Open => None,
        Status::Suppressed { by, reason } => {
            assert_eq!(*by, By::Inline);
            Some(reason.clone())
        }
    }
}

#[test]
fn comments_of_all_tools_accept_their_line() {
    for text in [
        "k=VALUE # keystrel:allow",
        "k=VALUE // gitleaks:allow",
        "k=VALUE # betterleaks:allow",
        "k=VALUE # trufflehog:ignore",
        "k=VALUE # kingfisher:ignore",
        "k=VALUE # pragma: allowlist secret",
        "k=VALUE # ggignore",
        "# pragma: allowlist nextline secret\nk=VALUE",
        "# keystrel:allow-next-line\nk=VALUE",
    ] {
        assert!(inline(text).is_some(), "{text}");
    }
}

#[test]
fn comments_elsewhere_accept_nothing() {
    for text in [
        "# keystrel:allow\nk=VALUE",
        "k=VALUE\n# gitleaks:allow",
        "k=VALUE # keystrel:allow-next-line",
        "k=VALUE # keystrel:allow(other-rule)",
    ] {
        assert_eq!(inline(text), None, "{text}");
    }
}

#[test]
fn a_comment_names_rules_and_a_reason() {
    let text = "k=VALUE # keystrel:allow(other, demo-key): until May";
    assert_eq!(inline(text).as_deref(), Some("until May"));
    // Each of several comments counts, and of a line of megabytes no more than a reason has.
    let text = "k=VALUE # keystrel:allow(other): no # keystrel:allow(demo-key): yes";
    assert_eq!(inline(text).as_deref(), Some("yes"));
    let text = format!("k=VALUE # keystrel:allow: {}", "long ".repeat(100_000));
    assert!(inline(&text).is_some_and(|reason| reason.len() < 1_100));
}

fn status(suppressor: &Suppressor, mut finding: Finding) -> Status {
    suppressor.mark(std::slice::from_mut(&mut finding));
    finding.status
}

fn own(text: &str) -> Suppressor {
    let mut ignores = Ignores::default();
    ignores.add_own(".keystrelignore", text, &"2026-11-24".to_owned()).unwrap();
    Suppressor { ignores, baseline: None }
}

#[test]
fn an_entry_suppresses_with_its_reason() {
    let suppressor = own("[[ignore]]\npath = 'dir/**'\nrule = 'demo-key'\nreason = 'tests'\n");
    let expected = Status::Suppressed { by: By::IgnoreFile, reason: "tests".into() };
    assert_eq!(status(&suppressor, finding("VALUE", "VALUE", 1)), expected);
}

#[test]
fn an_expired_entry_warns_and_suppresses_nothing() {
    let entry = "[[ignore]]\nrule = 'demo-key'\nreason = 'r'\nexpires = '2026-11-23'\n";
    let suppressor = own(entry);
    assert_eq!(status(&suppressor, finding("VALUE", "VALUE", 1)), Status::Open);
    assert!(suppressor.ignores.warnings[0].contains(".keystrelignore:1: expired"));
}

#[test]
fn entries_that_are_wrong_are_named_with_their_line() {
    for (text, line) in [
        ("[[ignore]]\nreason = 'r'\n", 1),
        ("\n[[ignore]]\nrule = 'x'\n", 2),
        ("[[ignore]]\nrule = 'x'\nreason = 'r'\nexpires = 'soon'\n", 1),
        ("[[ignore]]\nruel = 'x'\nreason = 'r'\n", 2),
    ] {
        let error = Ignores::default().add_own("f", text, &"2026-11-24".to_owned()).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
    }
}

#[test]
fn fingerprints_of_gitleaks_are_read_and_unused_ones_told() {
    let mut ignores = Ignores::default();
    let text = "# why\ndir/a.env:demo-key:1\nabc:dir\\a.env:demo-key:1\nnonsense\n";
    ignores.add_gitleaks(".gitleaksignore", text);
    assert_eq!(ignores.warnings.len(), 1);
    let suppressor = Suppressor { ignores, baseline: None };
    let mut findings = [finding("VALUE", "VALUE", 1)];
    let unused = suppressor.mark(&mut findings);
    assert!(!findings[0].is_open());
    assert_eq!(unused, [".gitleaksignore:3: suppresses nothing"]);
}

#[test]
fn a_fingerprint_with_a_commit_is_for_that_commit_alone() {
    let mut ignores = Ignores::default();
    ignores.add_gitleaks("f", "abc:dir/a.env:demo-key:1\n");
    let suppressor = Suppressor { ignores, baseline: None };
    for (id, open) in [("abc", false), ("def", true)] {
        let mut found = finding("VALUE", "VALUE", 1);
        let text = String::new;
        let commit =
            Commit { id: id.into(), author: text(), email: text(), date: text(), summary: text() };
        let introduction =
            Introduction { commit: Some(commit), in_head: true, refs: Refs::default(), note: None };
        found.leak_mut().unwrap().introduced = Some(introduction);
        assert_eq!(status(&suppressor, found) == Status::Open, open, "{id}");
    }
}

#[test]
fn a_baseline_finds_a_moved_value_again_and_a_changed_one_is_new() {
    let run = Run { findings: vec![finding("VALUE", "VALUE", 1)], ..Run::default() };
    let mut file = Vec::new();
    super::write_baseline(&run, &DigestKey::new(KEY), &mut file).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("VALUE"));
    let baseline = Baseline::read("b.json", &file).unwrap();
    assert_eq!(baseline.key().unwrap().expose(), &KEY);
    let suppressor = Suppressor { ignores: Ignores::default(), baseline: Some(baseline) };
    assert_ne!(status(&suppressor, finding("moved VALUE", "VALUE", 70)), Status::Open);
    assert_eq!(status(&suppressor, finding("OTHER", "OTHER", 1)), Status::Open);
}

#[test]
fn baselines_of_gitleaks_and_detect_secrets_are_read() {
    let gitleaks = r#"[{"RuleID":"x","File":"dir/a.env","StartLine":9,"Secret":"VALUE"}]"#;
    let redacted =
        r#"[{"RuleID":"demo-key","File":"dir/a.env","StartLine":1,"Secret":"REDACTED"}]"#;
    // SHA-1 of VALUE.
    let hash: String = {
        use sha1::Digest as _;
        sha1::Sha1::digest(b"VALUE").iter().map(|b| format!("{b:02x}")).collect()
    };
    let detect = format!(r#"{{"results":{{"dir/a.env":[{{"hashed_secret":"{hash}"}}]}}}}"#);
    for text in [gitleaks, redacted, &detect] {
        let baseline = Some(Baseline::read("b", text.as_bytes()).unwrap());
        let suppressor = Suppressor { ignores: Ignores::default(), baseline };
        assert_ne!(status(&suppressor, finding("VALUE", "VALUE", 1)), Status::Open, "{text}");
        if !text.contains("REDACTED") {
            assert_eq!(status(&suppressor, finding("OTHER", "OTHER", 1)), Status::Open, "{text}");
        }
    }
    assert!(Baseline::read("b", b"{}").is_err());
    assert!(Baseline::read("b", b"[1]").is_err());
}

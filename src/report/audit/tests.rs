use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::model::{Audited, Control, Gap, Reader, Readers, Requirement};

fn control(id: &str, severity: Severity) -> Arc<Control> {
    Arc::new(Control {
        id: id.into(),
        title: format!("Title of {id}"),
        description: "It <b>matters</b>.".into(),
        severity,
        subject: vec!["vault_mount".into()],
        conditions: BTreeMap::new(),
        needs: vec!["vault_mount".into()],
        threshold: None,
        remediation: "vault secrets disable old".into(),
        references: vec!["https://example.org/page".into()],
        frameworks: BTreeMap::from([("soc2".into(), vec!["CC6.1".into()])]),
        package: "keystrel.vault.mount".into(),
        file: "mount.rego".into(),
        line: 1,
    })
}

fn check(control: &Arc<Control>, resource: &str, message: &str, verdict: Verdict) -> Check {
    Check {
        control: control.clone(),
        source: "vault:http://v.example".into(),
        resource: resource.into(),
        at: None,
        severity: control.severity,
        message: message.into(),
        verdict,
    }
}

fn audit() -> Audit {
    let (bad, other) = (control("bad", Severity::High), control("other", Severity::Low));
    let tally = Tally { control: "bad".into(), failed: 2, passed: 1, ..Tally::default() };
    Audit {
        started: "2026-01-02T03:04:05Z".into(),
        stores: vec![Audited {
            source: "vault:http://v.example".into(),
            now: "2026-01-02T03:04:05Z".into(),
            facts: BTreeMap::from([("vault_mount".into(), 4)]),
            gaps: vec![Gap {
                needs: "vault_lease".into(),
                what: "sys/leases".into(),
                why: "permission denied".into(),
            }],
        }],
        asked: 3,
        checks: vec![
            check(&bad, "old/", "`old/` is <old>", Verdict::Failed),
            check(&bad, "older/\u{1b}[2J", "is older", Verdict::Failed),
            check(&bad, "new/", "", Verdict::Passed),
            check(&other, "a/", "=1+1", Verdict::Accepted("for a while (Ada)".into())),
            check(&other, "b/", "the fact does not say its `type`", Verdict::Unknown),
        ],
        readers: vec![Readers {
            store: "vault:http://v.example".into(),
            secret: "secret/metadata/db".into(),
            readers: vec![Reader {
                principal: "auth/approle/role/ci".into(),
                principal_kind: "role".into(),
                access: vec!["read".into()],
                via: vec!["ci".into()],
                conditional: false,
                conditions: Vec::new(),
            }],
            complete: true,
            unknown: Vec::new(),
        }],
        frameworks: vec![Compliance {
            framework: "soc2".into(),
            title: "SOC 2".into(),
            source: "https://example.org/soc2".into(),
            requirements: vec![
                Requirement {
                    id: "CC6.1".into(),
                    title: "Access is limited".into(),
                    standing: Standing::NotMet,
                    controls: vec![tally],
                },
                Requirement {
                    id: "CC7.2".into(),
                    title: "Systems are watched".into(),
                    standing: Standing::Met,
                    controls: Vec::new(),
                },
            ],
        }],
        ..Audit::default()
    }
}

fn written(format: &str, audit: &Audit, style: &Style) -> String {
    let format = FORMATS.iter().find(|one| one.name == format).unwrap();
    let mut out = Vec::new();
    (format.write)(audit, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_tells_each_control_once_and_what_was_not_read() {
    let text = written("text", &audit(), &Style::default());
    let head = "high bad: Title of bad\n  `old/` is <old>\n  older/\u{fffd}[2J: is older\n";
    assert!(text.starts_with(head), "{text}");
    assert_eq!(text.matches("vault secrets disable old").count(), 1);
    assert!(text.contains("not read sys/leases (vault_lease): permission denied\n"));
    assert!(text.contains("unknown other: b/: the fact does not say its `type`\n"));
    assert!(
        text.ends_with(
            "2 findings by 1 of 2 controls: 2 high; 1 accepted; 1 control could not tell\n"
        ),
        "{text}"
    );
    assert!(text.contains("50 % met: 1 met, 1 not met, 0 unknown, 0 not applicable\n"));
    assert!(!text.contains('\u{1b}'), "escapes of a store reach the terminal");
    assert!(!text.contains("secret/metadata/db"));
    let all = written("text", &audit(), &Style { all: true, ..Style::default() });
    assert!(all.contains("secret/metadata/db: can be reached by 1 principal\n"));
    assert!(all.contains("pass bad: new/\n"));
}

/// `--from` reads what others wrote.
#[test]
fn text_passes_no_escape_of_an_inventory_on() {
    let mut audit = audit();
    audit.stores[0].now = "2026\u{1b}[2J".into();
    audit.stores[0].gaps[0].needs = "vault\u{1b}[2J".into();
    let text = written("text", &audit, &Style::default());
    assert!(
        text.contains("read 2026\u{fffd}[2J\n") && text.contains("(vault\u{fffd}[2J)"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn an_empty_audit_is_not_green() {
    let text = written("text", &Audit::default(), &Style::default());
    assert_eq!(text, "nothing was audited\n");
    let text = written("text", &Audit { asked: 2, ..Audit::default() }, &Style::default());
    assert_eq!(text, "no control is about what is there\n");
}

#[test]
fn json_has_every_check() {
    let json: Value = serde_json::from_str(&written("json", &audit(), &Style::default())).unwrap();
    let schema = include_str!("../../../schemas/audit-v1.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&json)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let verdicts: Vec<&str> =
        json["checks"].as_array().unwrap().iter().filter_map(|c| c["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["fail", "fail", "pass", "accepted", "unknown"]);
    assert_eq!(json["controls"]["bad"]["remediation"], "vault secrets disable old");
    assert_eq!(json["frameworks"][0]["score"], 50);
    assert_eq!(json["readers"][0]["readers"][0]["principal"], "auth/approle/role/ci");
}

#[test]
fn sarif_has_resources_as_logical_locations_and_stable_fingerprints() {
    let sarif = written("sarif", &audit(), &Style::default());
    let json: Value = serde_json::from_str(&sarif).unwrap();
    let run = &json["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let first = &results[0];
    let place = &first["locations"][0];
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "vault/old/");
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "vault:http://v.example#old/");
    assert_eq!(results[2]["suppressions"][0]["justification"], "for a while (Ada)");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let mut later = audit();
    later.checks[0].message = "`old/` is a day older".into();
    let later: Value = serde_json::from_str(&written("sarif", &later, &Style::default())).unwrap();
    let print = "/runs/0/results/0/partialFingerprints";
    assert_eq!(json.pointer(print), later.pointer(print));
    assert_ne!(json.pointer(print), json.pointer("/runs/0/results/1/partialFingerprints"));
}

#[test]
fn csv_has_a_row_for_each_requirement_and_no_formula() {
    let mut audit = audit();
    let rows = written("csv", &audit, &Style::default());
    assert_eq!(rows.lines().filter(|line| line.starts_with("soc2,CC6.1,bad,")).count(), 3);
    audit.frameworks.clear();
    let rows = written("csv", &audit, &Style::default());
    assert_eq!(rows.lines().count(), 6);
    assert!(rows.contains(",'=1+1,"), "{rows}");
}

#[test]
fn html_escapes_what_stores_say() {
    let page = written("html", &audit(), &Style::default());
    assert!(page.contains("is &#60;old&#62;") || page.contains("is &lt;old&gt;"), "{page}");
    assert!(!page.contains("<b>matters</b>"));
    assert!(!page.contains("<script"));
    assert!(page.contains("Title of bad") && page.contains("CC7.2"));
}

#[test]
fn html_shows_code_as_such_and_leads_from_requirements_to_what_fails() {
    let mut audit = audit();
    audit.checks[0].message = "`a<b` is one, and ` is none".into();
    let remediation = "Run `vault secrets disable <old>`.".into();
    let told = Control { remediation, ..(*audit.checks[0].control).clone() };
    audit.checks[0].control = Arc::new(told);
    let page = written("html", &audit, &Style::default())
        .replace("&#60;", "&lt;")
        .replace("&#62;", "&gt;");
    assert!(page.contains("Run <code>vault secrets disable &lt;old&gt;</code>."), "{page}");
    assert!(page.contains("<code>a&lt;b</code> is one, and ` is none"), "{page}");
    assert!(page.contains("<a href=\"#bad\">bad</a>"), "{page}");
    assert_eq!(page.matches("id=\"bad\"").count(), 1, "{page}");
    let told = standings(&audit.frameworks[0]);
    assert!(page.contains(&told), "{told}: {page}");
    assert!(!page.contains("class=\"store"), "{page}");
    let mut second = audit.stores[0].clone();
    second.source = "vault:http://w.example".into();
    audit.stores.push(second);
    let page = written("html", &audit, &Style::default());
    assert!(page.contains("<span class=\"store dim id\">vault:http://v.example</span> "), "{page}");
}

//! What is accepted, and until when.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::Place;

fn exception(path: Option<&str>, resource: Option<&str>) -> Exception {
    Exception {
        place: "c:1".into(),
        control: "env-literal-secret".into(),
        path: path.map(Into::into),
        resource: resource.map(Into::into),
        owner: "shop".into(),
        reason: "made for the tests".into(),
        expires: "2026-06-30".into(),
    }
}

fn accepted(exception: Exception, today: &str) -> bool {
    let mut fact = binding("services.web", &json!({}));
    let path = "tests/in/compose.yml".to_owned();
    fact.at = Some(Place { path, line: 1, column: 1, end_line: 1, end_column: 1 });
    let mut evaluation = builtin().evaluate(&files(vec![fact])).unwrap();
    let mut used = BTreeSet::new();
    Exceptions::new(vec![exception]).unwrap().mark(&mut evaluation, today, &mut used);
    let finding = evaluation.findings().next().unwrap();
    assert_eq!(finding.accepted.is_some(), !used.is_empty());
    !finding.is_open()
}

#[test]
fn exceptions_count_through_their_last_day() {
    assert!(accepted(exception(None, None), "2026-06-30T23:59:59Z"));
    assert!(!accepted(exception(None, None), "2026-07-01T00:00:00Z"));
    assert!(!accepted(exception(None, None), "yesterday"));
}

#[test]
fn exceptions_are_for_what_all_their_globs_match() {
    let today = "2026-01-02";
    assert!(accepted(exception(Some("tests/**"), None), today));
    assert!(!accepted(exception(Some("src/**"), None), today));
    assert!(accepted(exception(None, Some("*.web")), today));
    assert!(!accepted(exception(Some("tests/**"), Some("*.db")), today));
}

#[test]
fn exceptions_that_are_over_or_for_nothing_are_told() {
    let mut other = exception(None, None);
    other.control = "nothing".into();
    let exceptions = Exceptions::new(vec![exception(None, None), other]).unwrap();
    let engine = builtin();
    let controls = || engine.controls().iter().map(AsRef::as_ref);
    assert_eq!(exceptions.expired("2026-07-01").len(), 2);
    assert!(exceptions.expired("2026-07-01")[0].contains("expired on 2026-06-30 (owner: shop)"));
    assert_eq!(exceptions.unused("2026-06-30", &BTreeSet::from([0]), |_| true).len(), 1);
    assert_eq!(exceptions.strangers(controls()), ["c:1: there is no control `nothing`"]);
}

#[test]
fn exceptions_need_all_that_makes_them_answerable() {
    for (name, change) in [
        ("owner", (|e| e.owner.clear()) as fn(&mut Exception)),
        ("reason", |e| e.reason = " ".into()),
        ("expires", |e| e.expires = "soon".into()),
        ("control", |e| e.control.clear()),
        ("path", |e| e.path = Some("[".into())),
    ] {
        let mut written = exception(None, None);
        change(&mut written);
        let error = Exceptions::new(vec![written]).unwrap_err();
        assert!(error.why.contains(name), "{name}: {error}");
    }
}

#[test]
fn failures_cannot_be_accepted() {
    let body =
        "x := to_number(input.facts[0].name)\n\tfinding := {\"fact\": \"a\", \"message\": x}";
    let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, body))]);
    let mut evaluation = engine.evaluate(&files(vec![binding("a", &json!({}))])).unwrap();
    let mut written = exception(None, None);
    written.control = "shop-env".into();
    let exceptions = Exceptions::new(vec![written]).unwrap();
    exceptions.mark(&mut evaluation, "2026-01-02", &mut BTreeSet::new());
    assert!(evaluation.findings().filter(|f| f.failure.is_some()).all(ControlFinding::is_open));
}

//! Findings, passes, and what is neither.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::model::{Gap, Place, Severity};

#[test]
fn a_fact_that_is_not_found_passes() {
    let inventory = files(vec![
        binding("bad", &json!({})),
        binding("good", &json!({"value_kind": "reference"})),
    ]);
    let outcome = outcome(&builtin(), &inventory);
    assert_eq!(outcome.control.id, "env-literal-secret");
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.findings[0].fact.as_deref(), Some("bad"));
    assert_eq!(outcome.findings[0].severity, Severity::High);
    assert_eq!(outcome.passes, ["good".into()]);
    assert!(outcome.unknown.is_empty());
}

#[test]
fn findings_have_the_place_of_their_fact_and_are_sorted_by_it() {
    let at =
        |line| Place { path: "Dockerfile".into(), line, column: 1, end_line: line, end_column: 9 };
    let mut facts = vec![binding("a", &json!({})), binding("b", &json!({}))];
    facts[0].at = Some(at(9));
    facts[1].at = Some(at(3));
    let outcome = outcome(&builtin(), &files(facts));
    let lines: Vec<u64> = outcome.findings.iter().map(|f| f.at.as_ref().unwrap().line).collect();
    assert_eq!(lines, [3, 9]);
}

#[test]
fn controls_whose_facts_are_not_there_do_not_apply() {
    let inventory = files(vec![Fact::new("compose_service", "a", json!({}))]);
    assert!(builtin().evaluate(&inventory).unwrap().outcomes.is_empty());
    let config_map = json!({"object_kind": "ConfigMap", "name": "a", "object": {}, "secrets": []});
    let inventory = files(vec![Fact::new("k8s_object", "a", config_map)]);
    let outcomes = builtin().evaluate(&inventory).unwrap().outcomes;
    let told: Vec<&str> = outcomes.iter().map(|outcome| outcome.control.id.as_str()).collect();
    assert_eq!(told.join(" "), "configmap-secret k8s-ingress-snippets");
}

#[test]
fn a_fact_that_does_not_say_what_it_is_is_unknown() {
    let inventory = files(vec![Fact::new("k8s_object", "a", json!({"object": {}}))]);
    let evaluation = builtin().evaluate(&inventory).unwrap();
    assert!(!evaluation.outcomes.is_empty());
    for outcome in &evaluation.outcomes {
        assert!(outcome.findings.is_empty() && outcome.passes.is_empty(), "{outcome:?}");
        assert_eq!(outcome.unknown[0].why, "the fact does not say its `object_kind`");
    }
}

#[test]
fn a_fact_whose_condition_could_not_be_read_is_unknown() {
    let custom = "subject: env_binding\nwhere: {container_format: [compose], holds_secret: [true]}\nneeds: [env_binding]";
    let body = "some fact in input.facts\n\tfact.id == \"bad\"\n\tfinding := {\"fact\": fact.id, \"message\": \"m\"}";
    let engine = engine(&[("a.rego", &policy("shop-env", custom, body))]);
    let judged = |changes: Value| own_outcome(&engine, &files(vec![binding("a", &changes)]));
    let denied = json!({"container_format": "denied: kms:DescribeKey"});
    let outcome = judged(json!({"container_format": null, "unread": denied}));
    assert!(outcome.findings.is_empty() && outcome.passes.is_empty());
    let why = "`container_format` could not be read: denied: kms:DescribeKey".to_owned();
    assert_eq!(outcome.unknown, [Unknown { what: "a".into(), why }]);
    // What is told of another field may rule it out all the same.
    let facts = |changes: Value| files(vec![binding("a", &changes)]);
    let none = [
        json!({"container_format": null, "unread": denied, "holds_secret": false}),
        json!({"container_format": null, "unread": {}}),
        json!({"container_format": null}),
        json!({"container_format": "nomad", "unread": denied}),
    ];
    for changes in none {
        let outcomes = engine.evaluate(&facts(changes)).unwrap().outcomes;
        assert!(outcomes.iter().all(|outcome| outcome.control.package != "user.shop"));
    }
}

#[test]
fn a_gap_is_neither_pass_nor_fail() {
    let mut inventory = files(Vec::new());
    inventory.gaps.push(Gap {
        needs: "env_binding".into(),
        what: "Dockerfile".into(),
        why: "no UTF-8".into(),
    });
    let outcome = outcome(&builtin(), &inventory);
    assert!(outcome.findings.is_empty() && outcome.passes.is_empty());
    let unknown = Unknown { what: "Dockerfile".into(), why: "no UTF-8".into() };
    assert_eq!(outcome.unknown, [unknown]);
}

#[test]
fn a_gap_of_some_facts_of_a_kind_is_none_for_controls_of_others() {
    let custom = "subject: env_binding\nwhere: {container_format: [compose]}\nneeds: [env_binding]";
    let body = "some fact in input.facts\n\tfact.id == \"bad\"\n\tfinding := {\"fact\": fact.id, \"message\": \"m\"}";
    let engine = engine(&[("a.rego", &policy("shop-env", custom, body))]);
    for (needs, is_unknown) in
        [("env_binding:compose", true), ("env_binding", true), ("env_binding:dockerfile", false)]
    {
        let mut inventory = files(vec![binding("good", &json!({"container_format": "compose"}))]);
        let (what, why) = ("web".to_owned(), "denied".to_owned());
        inventory.gaps.push(Gap { needs: needs.into(), what, why });
        let outcome = own_outcome(&engine, &inventory);
        assert_eq!(!outcome.unknown.is_empty(), is_unknown, "{needs}");
    }
}

#[test]
fn what_a_rule_says_it_is_not_about_does_not_pass() {
    let custom = "subject: env_binding\nneeds: [env_binding, docker_instruction]";
    let body = "some fact in input.facts\n\tsome finding in fact.says";
    let engine = engine(&[("a.rego", &policy("shop-env", custom, body))]);
    let aside = |id: &str| json!({"fact": id, "not_applicable": "none of them"});
    let judged = |says: Value| {
        files(vec![binding("a", &json!({"says": says})), binding("b", &json!({"says": []}))])
    };
    let outcome = own_outcome(&engine, &judged(json!([aside("a")])));
    assert!(outcome.findings.is_empty() && outcome.unknown.is_empty());
    assert_eq!(outcome.passes, ["b".into()]);
    let outcome = own_outcome(&engine, &judged(json!([aside("a"), aside("b")])));
    assert!(outcome.findings.is_empty() && outcome.unknown.is_empty() && outcome.passes.is_empty());
    // What else is said of it wins.
    let found = json!({"fact": "a", "message": "m"});
    let outcome = own_outcome(&engine, &judged(json!([aside("a"), found])));
    assert_eq!((outcome.findings.len(), outcome.passes.len()), (1, 1));
    let unknown = json!({"fact": "a", "unknown": "w"});
    let outcome = own_outcome(&engine, &judged(json!([aside("a"), unknown])));
    assert_eq!((outcome.unknown.len(), outcome.passes.len()), (1, 1));
    // That there is none of something must not be believed where that could not be read, nor of a rule that failed.
    let mut blind = judged(json!([aside("a")]));
    let (what, why) = ("web/Dockerfile".to_owned(), "denied".to_owned());
    blind.gaps.push(Gap { needs: "docker_instruction".into(), what, why });
    let outcome = own_outcome(&engine, &blind);
    assert!(outcome.passes.is_empty());
    assert!(outcome.unknown.iter().any(|unknown| &*unknown.what == "a"));
    for wrong in [aside("stranger"), json!({"fact": "a", "message": "m", "not_applicable": "w"})] {
        let outcome = own_outcome(&engine, &judged(json!([aside("a"), wrong])));
        assert!(outcome.findings[0].failure.is_some() && outcome.passes.is_empty());
        assert!(outcome.unknown.iter().any(|unknown| &*unknown.what == "a"));
    }
}

#[test]
fn nothing_passes_where_another_kind_that_is_needed_could_not_be_read() {
    let custom = "subject: env_binding\nneeds: [env_binding, docker_instruction]";
    let body = "some fact in input.facts\n\tfact.id == \"bad\"\n\tfinding := {\"fact\": fact.id, \"message\": \"m\"}";
    let engine = engine(&[("a.rego", &policy("shop-env", custom, body))]);
    let mut inventory = files(vec![binding("bad", &json!({})), binding("good", &json!({}))]);
    inventory.gaps.push(Gap {
        needs: "docker_instruction".into(),
        what: "web/Dockerfile".into(),
        why: "denied".into(),
    });
    let outcome = own_outcome(&engine, &inventory);
    assert_eq!(outcome.findings.len(), 1);
    assert!(outcome.passes.is_empty());
    assert_eq!(&*outcome.unknown[0].what, "good");
    assert_eq!(&*outcome.unknown[1].what, "web/Dockerfile");
}

#[test]
fn what_a_control_cannot_tell_is_unknown() {
    let outcome = outcome(&builtin(), &files(vec![binding("a", &json!({"holds_secret": null}))]));
    assert!(outcome.findings.is_empty() && outcome.passes.is_empty());
    assert_eq!(&*outcome.unknown[0].what, "a");
}

#[test]
fn a_rule_that_fails_is_a_finding_that_quotes_nothing() {
    for body in [
        "x := to_number(input.facts[0].name)\n\tfinding := {\"fact\": \"a\", \"message\": \"m\", \"x\": x}",
        "x := input.facts[0].name + 1\n\tfinding := {\"fact\": \"a\", \"message\": x}",
        "x := regex.match(input.facts[0].name, \"a\")\n\tfinding := {\"fact\": \"a\", \"message\": x}",
        "x := upper(input.facts)\n\tfinding := {\"fact\": \"a\", \"message\": x}",
    ] {
        let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, body))]);
        let outcome =
            own_outcome(&engine, &files(vec![binding("a", &json!({"name": "CANARY(("}))]));
        let [finding] = outcome.findings.as_slice() else { panic!("{body}: {outcome:?}") };
        assert_eq!(finding.id(), POLICY_ERROR, "{body}");
        assert_eq!(finding.failure.as_ref().unwrap().kind, FailureKind::Rule, "{body}");
        assert!(finding.message.ends_with("a.rego:13: cannot be evaluated"), "{}", finding.message);
        assert!(!format!("{outcome:?}").contains("CANARY"), "{outcome:?}");
        assert!(outcome.passes.is_empty(), "{body}");
        assert_eq!(&*outcome.unknown[0].what, "a", "{body}");
    }
}

#[test]
fn a_control_that_fails_leaves_the_others_alone() {
    let body =
        "x := to_number(input.facts[0].name)\n\tfinding := {\"fact\": \"a\", \"message\": x}";
    let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, body))]);
    let evaluation = engine.evaluate(&files(vec![binding("a", &json!({}))])).unwrap();
    let ids: Vec<&str> = evaluation.findings().map(ControlFinding::id).collect();
    assert_eq!(ids, ["env-literal-secret", POLICY_ERROR]);
    assert!(evaluation.has_failures());
}

#[test]
fn findings_that_are_malformed_are_failures() {
    for (finding, kind) in [
        (r#""a""#, FailureKind::Malformed),
        (r#"{"fact": "a"}"#, FailureKind::Malformed),
        (r#"{"fact": "a", "message": 1}"#, FailureKind::Malformed),
        (r#"{"fact": "a", "message": "m", "severity": "awful"}"#, FailureKind::Malformed),
        (r#"{"fact": "a", "message": "m", "unknown": "u"}"#, FailureKind::Malformed),
        (r#"{"fact": "b", "message": "m"}"#, FailureKind::NoSuchFact),
    ] {
        let body = format!("finding := {finding}");
        let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, &body))]);
        let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
        let kinds: Vec<_> =
            outcome.findings.iter().map(|f| f.failure.as_ref().unwrap().kind).collect();
        assert_eq!(kinds, [kind], "{finding}");
        assert!(outcome.passes.is_empty(), "{finding}");
    }
}

#[test]
fn a_finding_may_say_how_bad_it_is() {
    let body = r#"finding := {"fact": "a", "message": "m", "severity": "critical"}"#;
    let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, body))]);
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].severity, Severity::Critical);
}

#[test]
fn a_rule_that_does_not_end_is_stopped() {
    let body = "count([1 | some a in numbers.range(1, 4000); some b in numbers.range(1, 4000); a == b]) > 0\n\
                \tfinding := {\"fact\": \"a\", \"message\": \"m\"}";
    let bundle = bundle(&[("a.rego", &policy("shop-env", ON_BINDINGS, body))]);
    let limit = Duration::from_millis(50);
    let engine = PolicyEngine::with_time_limit(&bundle, &Params::new(), limit).unwrap();
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].failure.as_ref().unwrap().kind, FailureKind::Time);
}

#[test]
fn parameters_replace_thresholds() {
    let bundle = Bundle::builtin().unwrap();
    let params = Params::from([("env-literal-secret".into(), json!("known"))]);
    let engine = PolicyEngine::new(&bundle, &params).unwrap();
    let outcome = outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.passes, ["a".into()]);
}

#[test]
fn parameters_that_are_for_nothing_are_errors() {
    let bundle = Bundle::builtin().unwrap();
    for (control, value, why) in [
        ("env-literal", json!("known"), "there is no such control"),
        ("env-literal-secret", json!(3), "another type than its default, \"likely\""),
        ("env-from-whole-secret", json!(3), "has no threshold"),
    ] {
        let params = Params::from([(control.into(), value)]);
        let error = PolicyEngine::new(&bundle, &params).unwrap_err().to_string();
        assert!(error.contains(why), "{control}: {error}");
    }
}

#[test]
fn an_inventory_that_contradicts_itself_is_an_error() {
    let twice = files(vec![binding("a", &json!({})), binding("a", &json!({}))]);
    assert!(builtin().evaluate(&twice).unwrap_err().to_string().contains("two facts"));
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let deep = files(vec![binding("a", &json!({"x": deep}))]);
    assert!(builtin().evaluate(&deep).unwrap_err().to_string().contains("nested more than 128"));
    let mut other = files(Vec::new());
    other.schema = "keystrel/inventory-v9".into();
    assert!(builtin().evaluate(&other).unwrap_err().to_string().contains("its schema is not"));
}

#[test]
fn evaluations_leave_nothing_to_the_next() {
    let engine = builtin();
    let bad = files(vec![binding("a", &json!({}))]);
    let good = files(vec![binding("a", &json!({"value_kind": "empty"}))]);
    for _ in 0..3 {
        assert_eq!(outcome(&engine, &bad).findings.len(), 1);
        assert!(outcome(&engine, &good).findings.is_empty());
    }
}

#[test]
fn threads_share_an_engine() {
    let engine = builtin();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for n in 0..50 {
                    let id = format!("{thread}-{n}");
                    let outcome = outcome(engine, &files(vec![binding(&id, &json!({}))]));
                    assert_eq!(outcome.findings[0].fact.as_ref(), Some(&id));
                }
            });
        }
    });
}

#[test]
fn a_variable_without_a_value_is_a_failure_and_never_passes() {
    let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, "finding := y"))]);
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].id(), POLICY_ERROR);
    assert!(outcome.passes.is_empty());
}

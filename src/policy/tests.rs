use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::model::{Fact, Gap, Inventory, Place, Severity};

/// A control of its own id, with lines of metadata below `custom` and a body.
fn policy(id: &str, custom: &str, body: &str) -> String {
    let rule = id.replace('-', "_");
    let custom: String = custom.lines().map(|line| format!("#   {line}\n")).collect();
    format!(
        "package user.shop\n\n# METADATA\n# title: A\n# description: B\n# custom:\n#   id: {id}\n\
         #   severity: low\n#   remediation: C\n{custom}{rule} contains finding if {{\n\t{body}\n}}\n"
    )
}

const ON_BINDINGS: &str = "subject: env_binding\nneeds: [env_binding]";

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn bundle(files: &[(&str, &str)]) -> Bundle {
    Bundle::load(&[directory(files).path()]).unwrap()
}

fn problems(files: &[(&str, &str)]) -> String {
    let directory = directory(files);
    let error = Bundle::load(&[directory.path()]).unwrap_err().to_string();
    error.replace(directory.path().to_str().unwrap(), "D")
}

fn engine(files: &[(&str, &str)]) -> PolicyEngine {
    PolicyEngine::new(&bundle(files), &Params::new()).unwrap()
}

fn builtin() -> PolicyEngine {
    PolicyEngine::new(&Bundle::builtin().unwrap(), &Params::new()).unwrap()
}

fn binding(id: &str, changes: &Value) -> Fact {
    let mut fields = json!({
        "name": "DB_PASSWORD", "value_kind": "literal", "holds_secret": true,
        "secret_rule": "generic-password", "secret_confidence": "likely",
        "container_format": "dockerfile", "instruction": "ENV",
    });
    for (key, value) in changes.as_object().unwrap() {
        fields[key] = value.clone();
    }
    Fact::new("env_binding", id, fields)
}

fn files(facts: Vec<Fact>) -> Inventory {
    Inventory::new("files", "2026-01-02T03:04:05Z", facts)
}

/// What the only control that applies said.
fn outcome(engine: &PolicyEngine, inventory: &Inventory) -> Outcome {
    let mut outcomes = engine.evaluate(inventory).unwrap().outcomes;
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0)
}

/// What the control of `user.shop` said.
fn own_outcome(engine: &PolicyEngine, inventory: &Inventory) -> Outcome {
    let outcomes = engine.evaluate(inventory).unwrap().outcomes;
    outcomes.into_iter().find(|outcome| outcome.control.package == "user.shop").unwrap()
}

#[test]
fn built_in_policies_have_nothing_wrong() {
    assert_eq!(check(&Bundle::builtin().unwrap()), []);
}

#[test]
fn built_in_policies_pass_their_tests_and_every_line_of_them_runs() {
    let report = test(&Bundle::builtin().unwrap()).unwrap();
    let failed: Vec<_> =
        report.results.iter().filter(|r| r.outcome != TestOutcome::Passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let missed: Vec<_> = report.coverage.iter().filter(|file| !file.missed.is_empty()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(report.has_passed());
}

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
    assert_eq!(outcome.passes, ["good"]);
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
    let inventory = files(vec![Fact::new("docker_instruction", "a", json!({}))]);
    assert!(builtin().evaluate(&inventory).unwrap().outcomes.is_empty());
    let config_map = json!({"object_kind": "ConfigMap", "name": "a", "object": {}, "secrets": []});
    let inventory = files(vec![Fact::new("k8s_object", "a", config_map)]);
    assert_eq!(outcome(&builtin(), &inventory).control.id, "configmap-secret");
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
    assert_eq!(outcome.unknown[0].what, "good");
    assert_eq!(outcome.unknown[1].what, "web/Dockerfile");
}

#[test]
fn what_a_control_cannot_tell_is_unknown() {
    let outcome = outcome(&builtin(), &files(vec![binding("a", &json!({"holds_secret": null}))]));
    assert!(outcome.findings.is_empty() && outcome.passes.is_empty());
    assert_eq!(outcome.unknown[0].what, "a");
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
        assert_eq!(outcome.unknown[0].what, "a", "{body}");
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
    assert_eq!(outcome.passes, ["a"]);
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
fn metadata_that_is_wrong_is_named_with_its_line() {
    let finding = "finding := {\"fact\": \"a\", \"message\": \"m\"}";
    let good = policy("shop-env", ON_BINDINGS, finding);
    for (from, to, says) in [
        ("#   severity: low", "#   severity: bad", "D/a.rego:8: metadata: "),
        ("#   remediation: C\n", "", "D/a.rego:10: metadata: missing field `remediation`"),
        ("# title: A\n", "", "D/a.rego:3: `shop-env`: `title` is missing"),
        ("id: shop-env", "id: Shop_Env", "D/a.rego:3: `Shop_Env` is no id in kebab-case"),
        (
            "id: shop-env",
            "id: shop-env2",
            "D/a.rego:3: `shop-env2` stands above the rule `shop_env`",
        ),
        ("contains finding", "contains other", "does not begin `shop_env contains finding if`"),
        (
            "needs: [env_binding]",
            "needs: [env_bindings]",
            "there are no facts of kind `env_bindings`",
        ),
        ("needs: [env_binding]", "needs: [k8s_object]", "its subject `env_binding` is not among"),
        (
            "needs: [env_binding]\n",
            "needs: [env_binding]\n#   frameworks: {cis: [4.1]}\n",
            "are strings",
        ),
        (
            "needs: [env_binding]\n",
            "needs: [env_binding]\n#   frameworks: {cos: [\"4.1\"]}\n",
            "`cos` is none of",
        ),
        (
            "needs: [env_binding]\n",
            "needs: [env_binding]\n\n",
            "must stand on the lines above its rule",
        ),
        ("needs: [env_binding]\n", "needs: [env_binding]\n#   treshold: 3\n", "treshold"),
        ("# METADATA", "# MEATDATA", "D/a.rego:12: `shop_env` is a control without metadata"),
        ("package user.shop\n", "", "D/a.rego:1: the package is missing"),
        (
            "user.shop",
            "keystrel.shop",
            "D/a.rego:1: package `keystrel.shop`: packages of keystrel's",
        ),
        ("shop", "env-literal-secret", "is the id of another control"),
    ] {
        let text = match from {
            "shop" => policy("env-literal-secret", ON_BINDINGS, finding),
            _ => good.replace(from, to),
        };
        assert_ne!(text, good, "{from}");
        let said = problems(&[("a.rego", &text)]);
        assert!(said.contains(says), "{from} -> {to}: {said}");
    }
}

#[test]
fn policies_that_are_no_rego_are_named_with_their_line() {
    let text = policy("shop-env", ON_BINDINGS, "x := := 1");
    let bundle = bundle(&[("a.rego", &text)]);
    let error = PolicyEngine::new(&bundle, &Params::new()).unwrap_err().to_string();
    assert!(error.contains("a.rego:13: "), "{error}");
}

#[test]
fn a_variable_without_a_value_is_a_failure_and_never_passes() {
    let engine = engine(&[("a.rego", &policy("shop-env", ON_BINDINGS, "finding := y"))]);
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].id(), POLICY_ERROR);
    assert!(outcome.passes.is_empty());
}

#[test]
fn what_tests_cannot_evaluate_is_a_problem() {
    let text = policy("shop-env", ON_BINDINGS, "finding := y");
    let tests = "package user.shop_test\n\nimport data.user.shop\n\n\
                 test_shop if count(shop.shop_env) == 1\n";
    let said = checked(&[("a.rego", &text), ("a_test.rego", tests)]);
    assert!(said[0].starts_with("D/a.rego:13: var y is unsafe"), "{said:?}");
}

fn checked(files: &[(&str, &str)]) -> Vec<String> {
    let directory = directory(files);
    let found = check(&Bundle::to_test(directory.path()).unwrap());
    let root = directory.path().to_str().unwrap();
    found.iter().map(|problem| problem.to_string().replace(root, "D")).collect()
}

#[test]
fn a_control_without_tests_is_a_problem() {
    let text = policy("shop-env", ON_BINDINGS, r#"finding := {"fact": "a", "message": "m"}"#);
    let said = checked(&[("a.rego", &text)]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("D/a.rego:12: `shop-env` has no test"), "{said:?}");
    let tests = "package user.shop_test\n\nimport data.user.shop\n\n\
                 test_shop if count(shop.shop_env) == 1\n";
    assert_eq!(checked(&[("a.rego", &text), ("a_test.rego", tests)]), [""; 0]);
}

#[test]
fn what_is_not_of_the_inventory_is_a_problem() {
    let text = "package user.lib\n\nage := time.now_ns() - 1\n\n# http.send() is not called\n\
                call := http.send({})\nname := \"opa.runtime()\"\n";
    let said = problems(&[("lib.rego", text)]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("D/lib.rego:3: `time.now_ns` cannot be used"), "{said}");
    assert!(lines[1].starts_with("D/lib.rego:6: `http.send` cannot be used"), "{said}");
}

#[test]
fn tests_that_fail_or_break_are_told_apart() {
    let tests = "package user.a_test\n\ntest_good if true\n\ntest_bad if 1 == 2\n\ntest_broken if to_number(\"x\") == 1\n";
    let directory = directory(&[("a_test.rego", tests)]);
    let report = test(&Bundle::to_test(directory.path()).unwrap()).unwrap();
    let outcomes: Vec<_> =
        report.results.iter().map(|r| (r.line, r.name.as_str(), &r.outcome)).collect();
    assert_eq!(outcomes[0], (3, "test_good", &TestOutcome::Passed));
    assert_eq!(outcomes[1], (5, "test_bad", &TestOutcome::Failed));
    assert!(matches!(outcomes[2], (7, "test_broken", TestOutcome::Error(_))), "{outcomes:?}");
    assert!(!report.has_passed());
}

#[test]
fn coverage_names_the_lines_that_no_test_reaches() {
    let policy =
        "package user.a\n\nbig if input.n > 3\n\nsmall if {\n\tinput.n < 3\n\tinput.n < 2\n}\n";
    let tests =
        "package user.a_test\n\nimport data.user.a\n\ntest_big if a.big with input as {\"n\": 4}\n";
    let directory = directory(&[("a.rego", policy), ("a_test.rego", tests)]);
    let report = test(&Bundle::to_test(directory.path()).unwrap()).unwrap();
    let file = &report.coverage[0];
    assert!(file.missed == [7], "{file:?}");
}

#[test]
fn our_own_tree_of_policies_can_be_tested() {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let bundle = Bundle::to_test(&tree).unwrap();
    assert_eq!(check(&bundle), []);
    assert!(test(&bundle).unwrap().has_passed());
}

#[test]
fn the_example_of_the_documentation_is_a_control() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/policies.md")).unwrap();
    let (_, example) = text.split_once("```rego\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let engine = engine(&[("shop.rego", example)]);
    let inventory = files(vec![
        binding("a", &json!({})),
        binding("b", &json!({"name": "SHOP_HOST"})),
        binding("c", &json!({"container_format": "compose"})),
    ]);
    let outcome = own_outcome(&engine, &inventory);
    assert_eq!(outcome.control.id, "shop-variable-prefix");
    assert_eq!(outcome.passes, ["b"]);
}

#[test]
fn all_kinds_of_facts_are_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/policies.md")).unwrap();
    let missing: Vec<_> =
        KINDS.iter().filter(|kind| !text.contains(&format!("| `{}` |", kind.name))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

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
    assert_eq!(exceptions.unused("2026-06-30", &BTreeSet::from([0])).len(), 1);
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

/// What 10,000 files with a binding each cost: `cargo test policy -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn cost_of_ten_thousand_inventories() {
    let start = std::time::Instant::now();
    let bundle = Bundle::builtin().unwrap();
    println!("bundle: {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let engine = PolicyEngine::new(&bundle, &Params::new()).unwrap();
    println!("engine: {:?}", start.elapsed());
    let mut made = engine::interpreter(&bundle, engine::Tests::Without).unwrap();
    made.eval_query("true".into(), false).unwrap();
    let start = std::time::Instant::now();
    let copies: Vec<_> = (0..100).map(|_| made.clone()).collect();
    println!("a copy of an interpreter: {:?}", start.elapsed() / copies.len() as u32);
    let start = std::time::Instant::now();
    for n in 0..10_000 {
        let outcome = outcome(&engine, &files(vec![binding(&format!("{n}"), &json!({}))]));
        assert_eq!(outcome.findings.len(), 1);
    }
    println!("10,000 inventories: {:?}", start.elapsed());
    let deployment = |n: usize| {
        let spec =
            json!({"containers": [{"name": "a", "envFrom": []}], "serviceAccountName": "web"});
        let object = json!({"spec": {"template": {"spec": spec}}});
        let fields =
            json!({"object_kind": "Deployment", "name": "a", "object": object, "secrets": []});
        Fact::new("k8s_object", n.to_string(), fields)
    };
    let cluster = files((0..5_000).map(deployment).collect());
    let start = std::time::Instant::now();
    assert!(!engine.evaluate(&cluster).unwrap().has_failures());
    println!("an inventory of 5,000 workloads: {:?}", start.elapsed());
}

#[test]
fn functions_that_do_not_exist_are_problems() {
    let text = "package user.lib\n\nimport data.keystrel.lib.facts\nimport data.keystrel.lib.facts as known\n\n\
                a := starts_with(\"a(\", \"b\") # c()\nb := facts.off(\"k\")\nc := own(1)\n\
                d := object.gett({}, 1, 2)\ne := data.user.lib.own(2)\n\
                f := [known.of(\"k\"), facts.of(\"k\"), startswith(\"a\", \"b\"), object.get({}, 1, 2), time.parse_rfc3339_ns(\"x\"), set()]\n\
                own(x) := x\n";
    let unknown: Vec<String> = checked(&[("lib.rego", text)])
        .into_iter()
        .filter(|problem| problem.contains("there is no function"))
        .collect();
    assert_eq!(
        unknown,
        [
            "D/lib.rego:6: there is no function `starts_with`",
            "D/lib.rego:7: there is no function `facts.off`",
            "D/lib.rego:9: there is no function `object.gett`",
        ]
    );
}

/// JSON of the keys that policies read, with anything below them.
fn any_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z%{}]{0,4}".prop_map(Value::from),
    ];
    let keys = &[
        "spec",
        "template",
        "jobTemplate",
        "containers",
        "initContainers",
        "envFrom",
        "secretRef",
        "name",
        "automountServiceAccountToken",
        "serviceAccountName",
        "serviceAccount",
        "sops",
        "mac",
        "data",
    ];
    leaf.prop_recursive(7, 64, 4, move |inner| {
        let key = prop::sample::select(&keys[..]);
        let object = prop::collection::btree_map(key, inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_a_built_in_control_fail(
        objects in prop::collection::vec((any_document(), any_document(), 0..11_usize), 1..4),
    ) {
        let kinds = [
            "Pod", "PodTemplate", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob",
            "ConfigMap", "Secret", "ServiceAccount",
        ];
        let fact = |(n, (object, name, kind)): (usize, (Value, Value, usize))| {
            let fields = json!({
                "api_version": "v1", "object_kind": kinds[kind], "name": name, "namespace": name,
                "object": object, "secrets": [{"path": ["data", 0], "rule": null, "confidence": null}],
            });
            Fact::new("k8s_object", n.to_string(), fields)
        };
        let inventory = files(objects.into_iter().enumerate().map(fact).collect());
        ENGINE.with(|engine| {
            let evaluation = engine.evaluate(&inventory).unwrap();
            assert!(!evaluation.has_failures(), "{evaluation:#?}");
        });
    }
}

thread_local! {
    static ENGINE: PolicyEngine = builtin();
}

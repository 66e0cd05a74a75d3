//! What is wrong with policies, and their own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::model::Control;

fn problems(files: &[(&str, &str)]) -> String {
    let directory = directory(files);
    let error = Bundle::load(&[directory.path()]).unwrap_err().to_string();
    error.replace(directory.path().to_str().unwrap(), "D")
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
    assert_eq!(outcome.passes, ["b".into()]);
}

#[test]
fn all_kinds_of_facts_are_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/policies.md")).unwrap();
    let missing: Vec<_> =
        KINDS.iter().filter(|kind| !text.contains(&format!("| `{}` |", kind.name))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_part_of_a_bundle_has_all_that_its_controls_use() {
    let whole = Bundle::builtin().unwrap();
    let packages: BTreeSet<&str> = whole.controls().iter().map(|c| c.package.as_str()).collect();
    for package in packages {
        let part = whole.clone().only(|control| control.package == package);
        assert!(part.modules().len() < whole.modules().len() / 4, "{package}");
        let functions = calls::Functions::of(&part);
        let missing: Vec<Problem> =
            part.modules().iter().flat_map(|module| calls::unknown(module, &functions)).collect();
        assert_eq!(missing, [], "{package}");
    }
    let part = whole.only(|control| control.id == "vault-kv2-version-age");
    assert!(PolicyEngine::new(&part, &Params::new()).is_ok());
}

#[test]
fn what_is_read_about_a_kind_of_facts_is_all_that_there_is() {
    let whole = Bundle::builtin().unwrap();
    let paths = |bundle: &Bundle| -> Vec<String> {
        bundle.modules().iter().map(|module| module.path.clone()).collect()
    };
    for kind in KINDS {
        let is_for = |control: &Control| control.subject.iter().any(|own| own == kind.name);
        let part = Bundle::builtin_about([kind.name]).unwrap().only(is_for);
        let expected = whole.clone().only(is_for);
        assert_eq!(part.controls(), expected.controls(), "{}", kind.name);
        assert_eq!(paths(&part), paths(&expected), "{}", kind.name);
    }
}

#[test]
fn kinds_of_stores_are_those_that_are_documented() {
    let kinds = kinds();
    assert_eq!(kinds.get("vault_audit_device"), Some(&"an audit device"));
    // Two of one row.
    let pair = (kinds.get("vault_entity"), kinds.get("vault_group"));
    assert_eq!(pair, (Some(&"identities"), Some(&"identities")));
    assert!(!kinds.contains_key("kind"));
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

#[test]
fn directories_are_read_to_their_end_and_hidden_names_passed_over() {
    let text = policy("shop-env", ON_BINDINGS, r#"finding := {"fact": "a", "message": "m"}"#);
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("c.rego"), &text).unwrap();
    fs::create_dir(root.path().join(".data")).unwrap();
    fs::write(root.path().join(".data/c.rego"), &text).unwrap();
    let bundle = Bundle::load(&[root.path()]).unwrap();
    assert!(bundle.find("shop-env").unwrap().file.ends_with("a/b/c.rego"));
}

#[test]
fn a_directory_without_policies_is_an_error() {
    assert!(problems(&[("a.txt", "package a")]).contains("D:1: no policies"));
    let error = Bundle::load(&["no such directory"]).unwrap_err();
    assert!(matches!(error, PolicyError::Read { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let directory = directory(&[("a.rego", "package user.a\n")]);
    std::os::unix::fs::symlink(directory.path(), directory.path().join("again")).unwrap();
    let error = Bundle::load(&[directory.path()]).unwrap_err().to_string();
    assert!(error.contains("more than 16 directories deep"), "{error}");
}

#[test]
fn lines_may_end_as_windows_has_them() {
    let text = policy("shop-env", ON_BINDINGS, r#"finding := {"fact": "a", "message": "m"}"#);
    let engine = engine(&[("a.rego", &text.replace('\n', "\r\n"))]);
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].message, "m");
}

#[test]
fn functions_that_call_themselves_are_errors() {
    let text = "package user.a\n\nimport data.user.b\n\nf(0) := 0\n\nf(n) := f(n - 1) if n > 0\n\n\
                g(n) := b.h(n)\n\nfine(n) := g2(g2(n)) # fine(n)\n\ng2(n) := n\n";
    let other =
        "package user.b\n\nimport data.user.a as back\n\nh(n) := m if {\n\tm := back.g(n)\n}\n";
    let said = problems(&[("a.rego", text), ("b.rego", other)]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "D/a.rego:5: `user.a.f` calls itself, which Rego has not",
            "D/a.rego:9: `user.a.g` calls itself, which Rego has not",
            "D/b.rego:5: `user.b.h` calls itself, which Rego has not",
        ]
    );
}

#[test]
fn rules_that_need_themselves_are_failures() {
    let text =
        policy("shop-env", ON_BINDINGS, "a\n\tfinding := {\"fact\": \"a\", \"message\": \"m\"}");
    let engine = engine(&[("a.rego", &format!("{text}\na if b\n\nb if a\n"))]);
    let outcome = own_outcome(&engine, &files(vec![binding("a", &json!({}))]));
    assert_eq!(outcome.findings[0].id(), POLICY_ERROR);
}

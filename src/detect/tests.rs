//! The engine as a whole.

use super::rule::Rule;
use super::{Engine, Options, RuleSet, Scratch, Values, builtin_examples, builtin_rules, examples};
use crate::model::{Artifact, DigestKey, Finding, Origin};

fn engine() -> Engine {
    let rules = builtin_rules().into_iter().map(|spec| Rule::new(spec).unwrap()).collect();
    let options = Options { decode_depth: 5, key: DigestKey::new([7; 32]), values: Values::Keep };
    Engine::new(RuleSet::new(rules, Vec::new()).unwrap(), options)
}

fn scan(engine: &Engine, text: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let artifact = Artifact::new(Origin::file("x.txt"), text.to_vec());
    engine.scan(&artifact, &mut Scratch::default(), &mut findings);
    findings
}

#[test]
fn every_match_example_is_found_by_its_rule_and_no_skip_example_is() {
    let engine = engine();
    let mut wrong = Vec::new();
    for (id, matches, skip) in builtin_examples() {
        let sum = engine.rules().find(&id).unwrap().spec.checksum.clone();
        for (texts, expected) in [(&matches, true), (&skip, false)] {
            for template in texts {
                let text = examples::fill(template, sum.as_deref(), 1).unwrap();
                let ids: Vec<String> =
                    scan(&engine, text.as_bytes()).iter().map(|f| f.rule.id.clone()).collect();
                if ids.contains(&id) != expected {
                    wrong.push(format!("{id}: `{template}`: expected {expected}, found {ids:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

//! Facts of the kinds that a control needs, with fields that it reads and any values in them: no built-in policy
//! fails, no fact both passes and is found, and the answer does not depend on the order of the facts.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use keystrel::model::{Fact, Inventory};
use keystrel::policy::{Bundle, Evaluation, Module, Outcome, Params, PolicyEngine};
use keystrel_fuzz::{Lists, Words, object, value};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

struct Built {
    bundle: &'static Bundle,
    engine: PolicyEngine,
    /// The words of each file, of its tests and of the libraries that it imports.
    words: BTreeMap<String, Lists<'static>>,
}

/// Facts name each other.
const IDS: [&str; 4] = ["f0", "f1", "f2", "f3"];

static BUILT: LazyLock<Built> = LazyLock::new(|| {
    // It lives as long as the process, and so do the words in it.
    let bundle: &Bundle = Box::leak(Box::new(Bundle::builtin().expect("the build embeds them")));
    let engine = PolicyEngine::new(bundle, &Params::default()).expect("the tests make it too");
    let words = bundle.modules().iter().map(|module| {
        let near = |other: &&Module| {
            let test = module.path.replace(".rego", "_test.rego");
            other.path == test || module.text.contains(&format!("data.{}", other.package))
        };
        let mut words = Words { texts: IDS.into(), ..Words::default() };
        words.add(&module.text);
        bundle.modules().iter().filter(near).for_each(|other| words.add(&other.text));
        (module.path.clone(), words.lists())
    });
    let words = words.collect();
    Built { bundle, engine, words }
});

fn facts(u: &mut Unstructured<'_>) -> Result<Vec<Fact>> {
    let control = u.choose(BUILT.bundle.controls())?;
    let words = BUILT.words.get(&control.file).expect("a control is in a module");
    let mut facts = Vec::new();
    for id in IDS.iter().take(u.int_in_range(1..=IDS.len())?) {
        let mut fields = object(u, words)?;
        for (name, values) in &control.conditions {
            let chosen = if u.ratio(1, 8)? { value(u, words)? } else { u.choose(values)?.clone() };
            fields.insert(name.clone(), chosen);
        }
        for name in ["kind", "id", "at"] {
            fields.remove(name);
        }
        let kinds = if u.ratio(3, 4)? { &control.subject } else { &control.needs };
        facts.push(Fact::new(u.choose(kinds)?.as_str(), *id, fields.into()));
    }
    Ok(facts)
}

fn judge(facts: Vec<Fact>) -> Evaluation {
    let inventory = Inventory::new("fuzz", "2026-06-01T00:00:00Z", facts);
    BUILT.engine.evaluate(&inventory).expect("ids are unique, and nothing is deep")
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(facts) = facts(&mut Unstructured::new(bytes)) else { return };
    let told = judge(facts.clone());
    for finding in told.findings() {
        if let Some(failure) = &finding.failure {
            panic!("{} fails: {failure}: {}", finding.control.id, serde_json::json!(facts));
        }
    }
    for outcome in &told.outcomes {
        for finding in &outcome.findings {
            let fact = finding.fact.as_deref().expect("no control failed");
            assert!(outcome.passes.iter().all(|passed| **passed != *fact), "{}: {fact}", outcome.control.id);
        }
    }
    let mut turned = facts;
    turned.reverse();
    let again = judge(turned);
    let passes = |all: &Evaluation| -> Vec<(String, Vec<Arc<str>>)> {
        let one = |o: &Outcome| {
            let mut passes = o.passes.clone();
            passes.sort();
            (o.control.id.clone(), passes)
        };
        all.outcomes.iter().map(one).collect()
    };
    assert_eq!(passes(&told), passes(&again));
});

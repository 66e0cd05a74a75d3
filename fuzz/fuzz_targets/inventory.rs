//! Anything as what `keystrel audit` is given in files: inventories, reports of scans, baselines and ledgers. An
//! error or an audit that can be written; and what the estate is put together of ends in facts on which no
//! built-in policy fails.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use keystrel::ledger::Ledger;
use keystrel::link::{Leaks, Parts, estate};
use keystrel::model::{Audit, Fact, Inventory};
use keystrel::pipeline::audit::judge;
use keystrel::policy::{Bundle, Exceptions, Params, PolicyEngine};
use keystrel::report::audit::{FORMATS, Style};
use keystrel::suppress::Baseline;
use keystrel_fuzz::{Lists, Words, object};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<PolicyEngine> = LazyLock::new(|| {
    let bundle = Bundle::builtin().expect("the build embeds them");
    PolicyEngine::new(&bundle, &Params::default()).expect("the tests make it too")
});

/// What the facts of each store are called and have, as their pages say.
static STORES: LazyLock<Vec<(&str, Vec<&str>, Lists<'_>)>> = LazyLock::new(|| {
    let pages = [
        ("aws:111122223333", include_str!("../../docs/facts/aws-secrets.md")),
        ("aws:111122223333", include_str!("../../docs/facts/aws-access.md")),
        ("azure:a", include_str!("../../docs/facts/azure.md")),
        ("gcp:a", include_str!("../../docs/facts/gcp.md")),
        ("k8s:a", include_str!("../../docs/facts/kubernetes.md")),
        ("vault:https://vault.example", include_str!("../../docs/facts/vault.md")),
    ];
    let known = keystrel::policy::kinds();
    let store = |(source, page)| {
        let words = coded(page);
        let kinds = words.names.iter().copied().filter(|word| known.contains_key(word)).collect();
        (source, kinds, words.lists())
    };
    pages.into_iter().map(store).collect()
});

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("keystrel-fuzz-ledger-{}", std::process::id())));

/// The words between backticks.
fn coded(page: &'static str) -> Words<'static> {
    let mut all = Words::default();
    for words in page.split('`').skip(1).step_by(2).map(Words::of) {
        all.names.extend(words.names);
        all.texts.extend(words.texts);
    }
    all
}

fn inventory(u: &mut Unstructured<'_>) -> Result<Inventory> {
    let (source, kinds, words) = u.choose(&STORES)?;
    let mut facts = Vec::new();
    for at in 0..u.int_in_range(0..=5)? {
        let mut fields = object(u, words)?;
        for name in ["kind", "id", "at"] {
            fields.remove(name);
        }
        facts.push(Fact::new(*u.choose(kinds)?, format!("f{at}"), fields.into()));
    }
    Ok(Inventory::new(*source, "2026-06-01T00:00:00Z", facts))
}

fn audit(inventories: Vec<Inventory>) {
    let mut audit = Audit { started: "2026-06-01T00:00:00Z".into(), ..Audit::default() };
    if judge(inventories, &ENGINE, &Exceptions::default(), &mut audit).is_ok() {
        for format in FORMATS {
            (format.write)(&audit, &Style::default(), &mut std::io::sink()).expect("a sink takes all");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    match which.wrapping_sub(b'0') % 5 {
        0 => drop(Baseline::read("fuzz", rest)),
        1 => {
            std::fs::write(&*FILE, rest).expect("a file can be written");
            drop(Ledger::read(&FILE, [0; 32]));
        }
        2 => {
            let leaks = Leaks::from_json(rest);
            let linked = estate(&Parts { leaks: leaks.as_ref().ok(), now: "2026-06-01T00:00:00Z", ..Parts::default() });
            assert!(!ENGINE.evaluate(&linked).expect("an estate is sound").has_failures());
        }
        3 => {
            if let Ok(read) = serde_json::from_slice::<Inventory>(rest) {
                audit(vec![read]);
            }
        }
        _ => {
            let mut u = Unstructured::new(rest);
            let Ok(inventories) = (0..2).map(|_| inventory(&mut u)).collect::<Result<Vec<_>>>() else { return };
            let linked =
                estate(&Parts { inventories: &inventories, now: "2026-06-01T00:00:00Z", ..Parts::default() });
            let told = ENGINE.evaluate(&linked).expect("an estate is sound");
            if let Some(failed) = told.findings().find(|finding| finding.failure.is_some()) {
                panic!("{}: {}", failed.message, serde_json::json!(linked));
            }
            audit(inventories);
        }
    }
});

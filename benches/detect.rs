//! Throughput of the detect stage in bytes per second, one thread.
//!
//! The text is keystrel's own sources, rules, policies and documents, each once, with a token in every megabyte: names, keywords
//! and strings as people write them. What is read twice is read faster the second time: processors learn which way branches go.
#![expect(clippy::unwrap_used, reason = "a bench without its text should fail")]

use std::path::Path;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use keystrel::config;
use keystrel::detect::context;
use keystrel::detect::prefilter::Prefilter;
use keystrel::detect::{Engine, Options, Profile, Scratch, Values, examples};
use keystrel::model::{Artifact, DigestKey, Origin};

fn main() {
    divan::main();
}

fn text() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut walk = ignore::WalkBuilder::new(root.join("src"));
    for folder in ["benches", "docs", "policies", "rules", "tests"] {
        walk.add(root.join(folder));
    }
    let token = "token = ghp_${alnum:30}${checksum}\n";
    let token = examples::fill(token, Some("crc32-base62"), 1).unwrap();
    let mut text = Vec::new();
    for entry in walk.sort_by_file_path(Ord::cmp).build() {
        let entry = entry.unwrap();
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let before = text.len() >> 20;
            text.extend(std::fs::read(entry.path()).unwrap());
            if text.len() >> 20 > before {
                text.extend_from_slice(token.as_bytes());
            }
        }
    }
    text
}

fn engine(decode_depth: usize) -> Engine {
    let rules = config::builtin().unwrap().rules;
    let key = DigestKey::new([0; 32]);
    Engine::new(
        rules,
        Options { decode_depth, key, values: Values::Forget, profile: Profile::default() },
    )
}

/// The literals of the built-in rules.
fn literals() -> Vec<Vec<u8>> {
    let rules = config::builtin().unwrap().rules;
    let mut literals: Vec<Vec<u8>> = rules
        .rules()
        .iter()
        .flat_map(|rule| rule.shape.anchors.iter().map(|anchor| anchor.literal.clone()))
        .collect();
    literals.sort();
    literals.dedup();
    literals
}

/// The keyword pass alone.
#[divan::bench]
fn prefilter(bencher: Bencher<'_, '_>) {
    let (text, prefilter) = (text(), Prefilter::new(&literals()));
    let mut hits = Vec::new();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        hits.clear();
        prefilter.scan(black_box(&text), (0..text.len()).into(), &mut hits);
        hits.len()
    });
}

/// The same by the `aho-corasick` crate's fastest automaton.
#[divan::bench]
fn prefilter_by_crate(bencher: Bencher<'_, '_>) {
    let text = text();
    let automaton = aho_corasick::AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(literals())
        .unwrap();
    bencher
        .counter(BytesCount::of_slice(&text))
        .bench_local(|| automaton.find_overlapping_iter(black_box(&text)).count());
}

/// Building the tables, which every start does.
#[divan::bench]
fn prefilter_build(bencher: Bencher<'_, '_>) {
    let literals = literals();
    bencher.bench_local(|| Prefilter::new(black_box(&literals)).longest());
}

/// Loading the built-in rules, which every start does.
#[divan::bench]
fn load_rules(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| config::builtin().unwrap().rules.rules().len());
}

/// The whole stage, without decoders and with them.
#[divan::bench(args = [0, 5])]
fn scan(bencher: Bencher<'_, '_>, decode_depth: usize) {
    let engine = engine(decode_depth);
    let artifact = Artifact::new(Origin::file("bench.rs"), text());
    let mut scratch = Scratch::default();
    let mut findings = Vec::new();
    bencher.counter(BytesCount::of_slice(&artifact.bytes)).bench_local(|| {
        findings.clear();
        engine.scan(black_box(&artifact), &mut scratch, &mut findings);
        findings.len()
    });
}

/// The model alone: from the hit of a word to a probability, for each value that it judges.
#[divan::bench]
fn context(bencher: Bencher<'_, '_>) {
    let text = concat!(
        "def connect(user, password=None):\n",
        "    config = {'host': 'db.internal', 'user': 'app', 'password': 'changeme'}\n",
        "    headers['Authorization'] = 'Bearer ' + token\n",
        "    api_key = os.environ.get('API_KEY', 'not-set')\n",
        "    return Client(key='primary', secret=\"sample-value-17\")\n",
    );
    let text = text.repeat(200);
    let judged = context::candidates("app/main.py", text.as_bytes()).len();
    bencher
        .counter(divan::counter::ItemsCount::new(judged))
        .bench_local(|| context::candidates("app/main.py", black_box(text.as_bytes())).len());
}

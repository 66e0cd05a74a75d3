//! A change is told exactly as the whole text would be.

use std::cell::RefCell;

use proptest::prelude::*;

use crate::detect::tests::{builtin, engine_of, rule};
use crate::detect::{Engine, File, Live, Profile, Scratch, Sifted, builtin_examples, examples};
use crate::model::{Artifact, Copied, Finding, Origin, Span};

fn sift(engine: &Engine, text: &[u8]) -> Sifted {
    engine.sift(text, &mut Scratch::default())
}

/// A text made of another: what is copied of it, and what is put between.
#[derive(Debug, Clone)]
enum Step {
    /// Offset and length, in thousandths of the base.
    Copy(usize, usize),
    Insert(String),
}

fn make(base: &[u8], steps: &[Step]) -> (Vec<u8>, Vec<Copied>) {
    let (mut text, mut copies) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Copy(from, len) => {
                let from = base.len() * from / 1000;
                let len = (base.len() * len / 1000).min(base.len() - from);
                if len > 0 {
                    copies.push(Copied { at: Span::new(text.len(), text.len() + len), from });
                    text.extend_from_slice(&base[from..from + len]);
                }
            }
            Step::Insert(bytes) => text.extend_from_slice(bytes.as_bytes()),
        }
    }
    (text, copies)
}

/// Pieces of texts: what rules find, whole and in parts, and what surrounds it.
fn piece() -> impl Strategy<Value = String> {
    let token = "ghp_${alnum:30}${checksum}";
    let token = examples::fill(token, Some("crc32-base62"), 3).unwrap();
    let pem = examples::fill("${pem:RSA PRIVATE KEY}", None, 4).unwrap();
    let url = examples::fill("postgres://app:${alnum:20}@db.example.org:5432/x", None, 5).unwrap();
    let key = examples::fill("${hex:32}", None, 6).unwrap();
    let encoded = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(format!("password = \"{key}\""))
    };
    let wrapped: String = {
        use base64::Engine as _;
        let long =
            format!("{{\"auth\": \"{token}\", \"more\": \"{url}\", \"pad\": \"{key}{key}\"}}");
        let all = base64::engine::general_purpose::STANDARD.encode(long);
        all.as_bytes()
            .chunks(64)
            .map(|line| format!("  {}\n", str::from_utf8(line).unwrap()))
            .collect()
    };
    let escaped: String = token.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let (head, tail) = token.split_at(11);
    let (open, close) = pem.split_at(400);
    prop_oneof![
        4 => prop::sample::select(vec![
            "\n", " ", "\n\n", "\r\n", "  ", "\"", "'", ",", "}\n", "// words of no use at all\n",
            "fn main() {\n    let value = 5;\n}\n", "import os\n", "name: something\n", "\u{e9}t\u{e9}",
            "token", "password = ", "api_key: ", "secret", "  value: ", "<key>Password</key>\n",
            "<string>", "</string>\n", "AKIA", "-----BEGIN", "password: changeme\n", "xxxxxxxxxxxxxxxx",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            token.clone(), format!("TOKEN = \"{token}\"\n"), head.to_owned(), tail.to_owned(),
            pem.clone(), open.to_owned(), close.to_owned(), url.clone(), format!("password = \"{key}\"\n"),
            key.clone(), encoded, wrapped, escaped, format!("api_key: {key}\n"),
        ]),
        1 => "[a-z0-9 _=.\n]{1,80}",
        1 => (1..30usize).prop_map(|lines| "a line of words, and of nothing else\n".repeat(lines)),
    ]
}

fn text(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), pieces).prop_map(|pieces| pieces.concat())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..1000usize, 1..=1000usize).prop_map(|(from, len)| Step::Copy(from, len)),
        1 => text(1..4).prop_map(Step::Insert),
    ];
    let anything = proptest::collection::vec(step, 1..6);
    // As versions of files are: the same text with something in place of something.
    let edit = (0..1000usize, 0..60usize, text(0..4)).prop_map(|(at, gone, put)| {
        vec![Step::Copy(0, at), Step::Insert(put), Step::Copy((at + gone).min(999), 1000)]
    });
    prop_oneof![1 => anything, 3 => edit]
}

/// Tells each of a line of versions by the one before, and says where that is another than by itself.
fn compare(engine: &Engine, first: &str, changes: &[Vec<Step>]) -> Result<(), TestCaseError> {
    let mut scratch = Scratch::default();
    let mut text = first.as_bytes().to_vec();
    let mut base = engine.sift(&text, &mut scratch);
    for steps in changes {
        let (next, copies) = make(&text, steps);
        let told = engine.sift_change(&next, Some(&base), &copies, &mut scratch);
        let whole = sift(engine, &next);
        let shown = String::from_utf8_lossy(&next);
        prop_assert_eq!(&told.hits, &whole.hits, "hits in {:?}", shown);
        prop_assert_eq!(&told.live, &whole.live, "units in {:?}", shown);
        (text, base) = (next, told);
    }
    Ok(())
}

/// The same on fewer lines, or on one.
fn flat(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    (text(pieces), 0..4usize).prop_map(|(text, lines)| {
        let mut left = lines;
        text.chars()
            .filter(|char| {
                let goes = *char == '\n' && left == 0;
                left -= usize::from(*char == '\n' && !goes);
                !goes
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_change_is_told_as_its_whole_text_is(
        first in text(1..40),
        changes in proptest::collection::vec(steps(), 1..5),
    ) {
        thread_local! {
            static ENGINE: Engine = builtin();
        }
        ENGINE.with(|engine| compare(engine, &first, &changes))?;
    }

    #[test]
    fn so_it_is_on_a_long_line(
        first in flat(1..60),
        changes in proptest::collection::vec(steps(), 1..5),
    ) {
        thread_local! {
            static ENGINE: Engine = builtin();
        }
        ENGINE.with(|engine| compare(engine, &first, &changes))?;
    }

    #[test]
    fn rules_without_bounds_are_told_exactly_too(
        first in text(1..12),
        changes in proptest::collection::vec(steps(), 1..4),
    ) {
        thread_local! {
            static ENGINE: Engine = {
                let mut gated = rule("gated", "[0-9a-f]{32}");
                gated.keywords = vec!["api_key".into()];
                let everywhere = rule("everywhere", "a line [^b]{3,40}nothing");
                let long = rule("long", r"password(?s:.){0,2000}secret");
                let start = rule("start", r"\Atoken");
                let end = rule("end", r"secret\z");
                let chained = rule("chained", r"(?:token[^\n]{0,30}){3}");
                engine_of(vec![gated, everywhere, long, start, end, chained])
            };
        }
        ENGINE.with(|engine| compare(engine, &first, &changes))?;
    }

    #[test]
    fn in_live_places_the_same_is_found_as_in_the_whole_text(
        text in prop_oneof![text(1..60), flat(1..60)],
        path in prop::sample::select(vec!["config/app.yml", "src/app.py", "README.md", "run", "test/x.json"]),
        profile in prop::sample::select(vec![Profile::Balanced, Profile::Thorough]),
    ) {
        thread_local! {
            static ENGINE: RefCell<Engine> = RefCell::new(builtin());
        }
        ENGINE.with_borrow_mut(|engine| {
            engine.set_profile(profile);
            let live = sift(engine, text.as_bytes()).live();
            let shown = format!("{text:?} {live:?}");
            let all = found(engine, path, text.as_bytes(), None);
            let expected: Vec<_> = all.into_iter().filter(|(at, _)| live.holds(*at)).collect();
            prop_assert_eq!(found(engine, path, text.as_bytes(), Some(&live)), expected, "{}", shown);
            Ok(())
        })?;
    }

    #[test]
    fn what_the_engine_finds_the_sieve_keeps(text in text(1..30)) {
        thread_local! {
            static ENGINE: Engine = builtin();
        }
        ENGINE.with(|engine| {
            if finds(engine, text.as_bytes()) {
                prop_assert!(sift(engine, text.as_bytes()).may_hold());
            }
            Ok(())
        })?;
    }
}

/// Where the findings in a file begin, and all that is known of them.
fn found(engine: &Engine, path: &str, text: &[u8], live: Option<&Live>) -> Vec<(usize, String)> {
    let origin = Origin { kind: "git-blob", path: path.to_owned(), ..Origin::default() };
    let artifact = Artifact::new(origin, text.to_vec());
    let mut found = Vec::new();
    engine.scan_file(&artifact, File { live, commit: None }, &mut Scratch::default(), &mut found);
    let told = |finding: &Finding| {
        let start = finding.leak().unwrap().span.start;
        (start, format!("{}: {:?}", finding.rule.id, finding.subject))
    };
    found.iter().map(told).collect()
}

/// Whether a scan of an object without a name finds something.
fn finds(engine: &Engine, text: &[u8]) -> bool {
    let origin = Origin { kind: "git-blob", ..Origin::default() };
    let mut found = Vec::new();
    engine.scan(&Artifact::new(origin, text.to_vec()), &mut Scratch::default(), &mut found);
    !found.is_empty()
}

#[test]
fn the_sieve_keeps_every_example_that_the_engine_finds() {
    let engine = builtin();
    let mut kept = 0;
    for (id, matches, _) in builtin_examples() {
        let checksum = engine
            .rules()
            .rules()
            .iter()
            .find(|r| r.meta.id == id)
            .and_then(|r| r.spec.checksum.clone());
        for example in matches {
            let Ok(text) = examples::fill(&example, checksum.as_deref(), 1) else { continue };
            if finds(&engine, text.as_bytes()) {
                assert!(sift(&engine, text.as_bytes()).may_hold(), "{id}: {example}");
                kept += 1;
            }
        }
    }
    assert!(kept > 5_000, "{kept}");
}

#[test]
fn a_hit_that_a_gap_cuts_joins_windows_no_more() {
    let engine = engine_of(vec![rule("chained", "a line [^b]{3,40}nothing")]);
    let mut scratch = Scratch::default();
    let base = "e of words, and of nothing else\na line \n</string>\n\nof words, and of nothing else\na line of words";
    let sifted = engine.sift(base.as_bytes(), &mut scratch);
    // The second window joins the first, in the base alone.
    let at = base.rfind(" of words").unwrap();
    let text = [&base[..at], "\n\n", &base[at..]].concat();
    let copies = [
        Copied { at: Span::new(0, at), from: 0 },
        Copied { at: Span::new(at + 2, text.len()), from: at },
    ];
    let told = engine.sift_change(text.as_bytes(), Some(&sifted), &copies, &mut scratch);
    assert!(told.may_hold());
    assert_eq!(told.live, sift(&engine, text.as_bytes()).live);
}

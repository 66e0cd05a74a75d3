//! The engine as a whole.

use proptest::prelude::*;

use super::allow::{Allowlist, Effect};
use super::rule::Rule;
use super::spec::{AllowlistSpec, RequiredSpec, RuleSpec};
use super::{Engine, Options, Profile, RuleSet, Scratch, Step, Values, builtin_examples, examples};
use crate::model::{Artifact, DigestKey, Finding, Origin, Status};

pub(super) fn engine_of(specs: Vec<RuleSpec>) -> Engine {
    let ready = |mut spec: RuleSpec| {
        let lists = std::mem::take(&mut spec.allowlists);
        let mut rule = Rule::new(Box::new(spec)).unwrap();
        for list in lists {
            let list = Allowlist::new(list, "test", Effect::Suppress).unwrap();
            rule.allowlists.push(std::sync::Arc::new(list));
        }
        rule
    };
    let rules = specs.into_iter().map(ready).collect();
    let options = Options {
        decode_depth: 5,
        key: DigestKey::new([7; 32]),
        values: Values::Keep,
        profile: Profile::default(),
    };
    Engine::new(RuleSet::new(rules, Vec::new()).unwrap(), options)
}

pub(super) fn builtin() -> Engine {
    let rules = crate::config::builtin().unwrap().rules;
    let options = Options {
        decode_depth: 5,
        key: DigestKey::new([7; 32]),
        values: Values::Keep,
        profile: Profile::default(),
    };
    Engine::new(rules, options)
}

pub(super) fn rule(id: &str, regex: &str) -> RuleSpec {
    RuleSpec { id: id.into(), regex: Some(regex.into()), ..RuleSpec::default() }
}

fn scan(engine: &Engine, text: &[u8]) -> Vec<Finding> {
    scan_at(engine, "dir/x.txt", text)
}

fn scan_at(engine: &Engine, path: &str, text: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let artifact = Artifact::new(Origin::file(path), text.to_vec());
    engine.scan(&artifact, &mut Scratch::default(), &mut findings);
    findings
}

/// Rule, span and decoders of each finding.
fn places(engine: &Engine, text: &[u8]) -> Vec<(String, usize, usize, String)> {
    let place = |f: &Finding| {
        let leak = f.leak().unwrap();
        (f.rule.id.clone(), leak.span.start, leak.span.end, leak.decoders.join(">"))
    };
    scan(engine, text).iter().map(place).collect()
}

#[test]
fn rules_that_name_files_are_for_no_message_and_keep_unnamed_objects() {
    let mut named = rule("named", "password = ([a-z]{8})");
    named.path = Some("[.]conf$".into());
    let engine = engine_of(vec![named]);
    let text = b"password = abcdefgh\n";
    let found = |kind, path: &str| {
        let origin = Origin { kind, path: path.to_owned(), ..Origin::default() };
        let mut findings = Vec::new();
        let artifact = Artifact::new(origin, text.to_vec());
        engine.scan(&artifact, &mut Scratch::default(), &mut findings);
        findings.len()
    };
    assert_eq!(found("file", "app.conf"), 1);
    assert_eq!(found("file", "app.txt"), 0);
    assert_eq!(found("git-commit", ""), 0);
    // No commit has it.
    assert_eq!(found("git-blob", ""), 0);
    // What is looked at again under its names.
    assert!(engine.sift(text, &mut Scratch::default()).may_hold());
}

#[test]
fn every_match_example_is_found_by_its_rule_and_no_skip_example_is() {
    let mut engine = builtin();
    let mut wrong = Vec::new();
    for (id, matches, skip) in builtin_examples() {
        let profile = engine.rules().find(&id).unwrap().profile();
        engine.set_profile(profile.max(Profile::Balanced));
        let sum = engine.rules().find(&id).unwrap().spec.checksum.clone();
        for (texts, expected) in [(&matches, true), (&skip, false)] {
            for template in texts {
                let text = match examples::fill(template, sum.as_deref(), 1) {
                    Ok(text) => text,
                    Err(error) => {
                        wrong.push(format!("{id}: `{template}`: {error}"));
                        continue;
                    }
                };
                let (path, text) = examples::in_file(&text);
                let findings = scan_at(&engine, path, text.as_bytes());
                let parts = findings.iter().flat_map(|f| &f.leak().unwrap().parts);
                // What reports nothing alone is found as a part of another.
                let parts = parts.map(|part| part.rule.clone());
                let ids: Vec<String> =
                    findings.iter().map(|f| f.rule.id.clone()).chain(parts).collect();
                if ids.contains(&id) != expected {
                    wrong.push(format!("{id}: `{template}`: expected {expected}, found {ids:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_built_in_regex_compiles() {
    for rule in builtin().rules().rules() {
        let needs_none = rule.is_path_only() || rule.context().is_some();
        assert!(needs_none || rule.regex().is_some(), "{}", rule.meta.id);
        for list in &rule.allowlists {
            assert_eq!(list.check(), Ok(()), "{}", rule.meta.id);
        }
    }
}

#[test]
fn secrets_are_found_through_each_encoding_with_exact_ranges() {
    use base64::Engine as _;
    let engine = engine_of(vec![rule("demo", r"demo_[a-z0-9]{16}")]);
    let token = "demo_abcdefgh12345678";
    let standard = base64::engine::general_purpose::STANDARD;
    let hex: String = token.bytes().map(|b| format!("{b:02x}")).collect();
    let percent: String = token.bytes().map(|b| format!("%{b:02X}")).collect();
    let unicode: String = token.bytes().map(|b| format!("\\u{b:04x}")).collect();
    let octal: String = token.bytes().map(|b| format!("\\{b:03o}")).collect();
    let utf16: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let twice = standard.encode(standard.encode(token));
    let gzip = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(token.as_bytes()).unwrap();
        standard.encode(encoder.finish().unwrap())
    };
    for (encoded, decoders) in [
        (standard.encode(token), "base64"),
        (hex, "hex"),
        (percent, "percent"),
        (unicode, "unicode"),
        (octal, "octal"),
        (standard.encode(utf16), "base64>utf-16"),
        (twice, "base64>base64"),
        (gzip, "base64>gzip"),
    ] {
        let text = format!("first line\nvalue: {encoded} end\nlast");
        let digits = encoded.trim_end_matches('=').len();
        let expected = ("demo".to_owned(), 18, 18 + digits, decoders.to_owned());
        assert_eq!(places(&engine, text.as_bytes()), [expected], "{decoders}");
    }
}

#[test]
fn a_name_beside_an_encoded_value_counts() {
    use base64::Engine as _;
    let engine = engine_of(vec![rule("named", r"password: ([a-z0-9 ]{20,40})")]);
    let value = base64::engine::general_purpose::STANDARD.encode("correct horse battery");
    let text = format!("data:\n  password: {value}\n");
    assert_eq!(places(&engine, text.as_bytes())[0].3, "base64");
}

#[test]
fn wrapped_base64_is_decoded_as_one() {
    use base64::Engine as _;
    let engine = engine_of(vec![rule("demo", r"demo_[a-z]{90}")]);
    let token = format!("demo_{}", "abcdefghij".repeat(9));
    let all = base64::engine::general_purpose::STANDARD.encode(&token);
    let text = format!("key: |\n  {}\n  {}\n", &all[..76], &all[76..]);
    assert_eq!(places(&engine, text.as_bytes()).len(), 1);
}

#[test]
fn the_more_specific_of_two_overlapping_findings_stays() {
    let generic = rule("generic-key", r"key = ([a-z0-9_]{10,40})");
    let low = RuleSpec { specificity: 60, ..rule("low", r"demo_[a-z0-9]{6,40}") };
    let high = rule("high", r"demo_[0-9]{8}");
    let engine = engine_of(vec![generic, low, high]);
    let found = places(&engine, b"key = demo_12345678");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "high");
}

#[test]
fn parts_of_a_credential_are_one_finding() {
    let id = examples::fill("AKIA${awsid}", None, 1).unwrap();
    let secret = examples::fill("${base64:40}", None, 1).unwrap();
    let text = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let findings = scan(&builtin(), text.as_bytes());
    let ids: Vec<&str> = findings.iter().map(|f| f.rule.id.as_str()).collect();
    assert_eq!(ids, ["aws-secret-access-key"]);
    let parts = &findings[0].leak().unwrap().parts;
    assert_eq!(parts[0].rule, "aws-access-key-id");
    // Alone it is a finding of its own.
    assert_eq!(scan(&builtin(), format!("id = {id}").as_bytes())[0].rule.id, "aws-access-key-id");
}

#[test]
fn a_required_rule_must_match_within_its_distance() {
    let main = RuleSpec {
        required: vec![RequiredSpec {
            id: "part".into(),
            within_lines: Some(1),
            ..RequiredSpec::default()
        }],
        ..rule("main", r"main_[0-9]{8}")
    };
    let part = RuleSpec { skip_report: true, ..rule("part", r"part_[0-9]{8}") };
    let engine = engine_of(vec![main, part]);
    assert!(scan(&engine, b"main_12345678").is_empty());
    assert!(scan(&engine, b"main_12345678\n\npart_12345678").is_empty());
    let found = scan(&engine, b"main_12345678\npart_12345678");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].leak().unwrap().parts[0].rule, "part");
}

#[test]
fn entropy_at_the_threshold_is_dropped() {
    let engine = engine_of(vec![RuleSpec { entropy: 1.0, ..rule("e", r"key ([a-d]{4})") }]);
    assert!(scan(&engine, b"key aabb").is_empty());
    assert_eq!(scan(&engine, b"key abca").len(), 1);
}

#[test]
fn allowlists_of_a_configuration_suppress_and_keep_the_reason() {
    let list = AllowlistSpec {
        description: "made for tests".into(),
        stopwords: vec!["EXAMPLE".into()],
        ..AllowlistSpec::default()
    };
    let spec = RuleSpec { allowlists: vec![list], ..rule("demo", r"demo_[a-z]{10}") };
    let found = scan(&engine_of(vec![spec]), b"demo_myexampleb demo_abcdefghij");
    let Status::Suppressed { reason, .. } = &found[0].status else { panic!("not suppressed") };
    assert_eq!(reason, "made for tests");
    assert!(found[1].is_open());
}

#[test]
fn a_rule_without_literals_runs_everywhere_if_its_keyword_is_there() {
    let spec = RuleSpec { keywords: vec!["magic".into()], ..rule("any", r"\b[0-9]{12}\b") };
    let engine = engine_of(vec![spec]);
    assert!(scan(&engine, b"123456789012").is_empty());
    assert_eq!(scan(&engine, b"123456789012 and far away: MAGIC").len(), 1);
}

#[test]
fn a_rule_on_paths_finds_the_file_once() {
    let spec = RuleSpec { id: "p12".into(), path: Some(r"x\.txt$".into()), ..RuleSpec::default() };
    assert_eq!(scan(&engine_of(vec![spec]), b"anything").len(), 1);
}

#[test]
fn explain_names_the_filter_that_dropped_a_match() {
    let engine = engine_of(vec![RuleSpec { entropy: 3.0, ..rule("demo", r"demo_[a-z]{8}") }]);
    let artifact = Artifact::new(Origin::file("x"), b"demo_aaaaaaaa".to_vec());
    let traces = engine.explain(&artifact, &mut Vec::new());
    let dropped =
        |t: &super::Trace| matches!(&t.step, Step::Dropped { why } if why.contains("entropy"));
    assert!(traces.iter().any(dropped), "{traces:?}");
}

/// All matches of the rules' regexes over the whole text, without prefilter and windows.
fn naive(engine: &Engine, text: &[u8]) -> usize {
    let count = |rule: &Rule| rule.regex().map_or(0, |regex| regex.find_iter(text).count());
    engine.rules().rules().iter().map(count).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn windows_lose_no_match_and_add_none(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "key", "KEY_", "secret", "=", ": ", "\"", "abc123", "x", "\n", " ", "tok-", "aaaaaaaaaaaa", "é",
            ]), 0..200),
    ) {
        let engine = engine_of(vec![
            rule("a", r"(?i)key[a-z_]{0,10}[ :=]{1,3}([a-z0-9]{3,20})"),
            rule("b", r"\btok-[a-z0-9]{2,30}\b"),
            rule("c", r"secret\s{0,3}=\s{0,3}[^ ]{1,40}"),
            rule("d", r#"(?:secret|key)"[a-z]+"#),
        ]);
        let text = words.concat();
        let mut found = Vec::new();
        let artifact = Artifact::new(Origin::file("x"), text.clone().into_bytes());
        let traces = engine.explain(&artifact, &mut found);
        let matches = traces.iter().filter(|t| t.step == Step::Match && t.depth == 0).count();
        prop_assert_eq!(matches, naive(&engine, text.as_bytes()), "{}", text);
    }

    #[test]
    fn any_bytes_give_findings_within_bounds_and_show_no_value(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        at in 0usize..400,
    ) {
        thread_local!(static ENGINE: Engine = builtin());
        let token = examples::fill("ghp_${alnum:30}${checksum}", Some("crc32-base62"), 5).unwrap();
        let mut text = bytes;
        let at = at.min(text.len());
        text.splice(at..at, format!(" {token} ").into_bytes());
        let found = ENGINE.with(|engine| scan(engine, &text));
        for finding in &found {
            let leak = finding.leak().unwrap();
            prop_assert!(leak.span.end <= text.len());
            if leak.decoders.is_empty() {
                prop_assert_eq!(&text[leak.span.range()], leak.secret.as_ref().unwrap().expose());
            }
            let shown = format!("{finding:?}");
            prop_assert!(!shown.contains(&token[8..]), "a value is shown");
        }
    }
}

#[test]
fn every_joined_part_is_in_an_example_that_is_one_finding() {
    let engine = builtin();
    let mut wrong = Vec::new();
    for (id, matches, _) in builtin_examples() {
        let rule = engine.rules().find(&id).unwrap();
        for required in rule.spec.required.iter().filter(|required| required.joined) {
            let one = matches.iter().any(|template| {
                let text = examples::fill(template, rule.spec.checksum.as_deref(), 1).unwrap();
                let findings = scan(&engine, text.as_bytes());
                let parts = &findings.first().unwrap().leak().unwrap().parts;
                findings.len() == 1
                    && findings[0].rule.id == id
                    && parts.iter().any(|part| part.rule == required.id)
            });
            if !one {
                wrong.push(format!("{id}: no example is one finding with `{}`", required.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_finding_takes_over_the_parts_of_a_less_specific_one() {
    let generic = RuleSpec {
        required: vec![RequiredSpec { id: "id".into(), joined: true, ..RequiredSpec::default() }],
        specificity: 30,
        ..rule("any-secret", r"secret=([a-z0-9]{8})")
    };
    let part = RuleSpec { skip_report: true, ..rule("id", r"id=([0-9]{8})") };
    let engine = engine_of(vec![generic, part, rule("acme-secret", r"acme_secret=([a-z0-9]{8})")]);
    let found = scan(&engine, b"id=12345678 acme_secret=abcdefg1");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].rule.id, "acme-secret");
    assert_eq!(found[0].leak().unwrap().parts[0].rule, "id");
}

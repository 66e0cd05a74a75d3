//! Any text under the path that is its first line, or that of any kind of manifest, with a secret anywhere in it: no panic, ids that are unique,
//! places that lie in the text, values that are bounded, and no secret.
#![no_main]

use std::collections::BTreeSet;
use std::ops::Range;

use keystrel::manifest::{Certainty, File, Judge, Judged, kind, read};
use keystrel::model::Place;
use libfuzzer_sys::fuzz_target;

/// A file of each kind.
const PATHS: &[&str] = &[
    "Dockerfile", "compose.yml", ".env", ".github/workflows/a.yml", ".gitlab-ci.yml", ".circleci/config.yml",
    "azure-pipelines.yml", "Jenkinsfile", "a.tf", "a.tfvars", "a.tf.json", "a.tfstate", "a.nomad", "Procfile",
    "kustomization.yaml", "a.service", "task-definition.json", "serverless.yml", "group_vars/all", "roles/a/tasks/main.yml",
    "template.yaml", "pod.yaml", "chart/templates/pod.yaml", "values.yaml", "a.json", "action.yml",
];
/// What says in a file's first bytes that it may be a manifest.
const HEAD: &str = "# apiVersion AWS:: Resources\n";
/// Stands for the secret in what the fuzzer gives.
const MARK: char = '\u{1}';

/// Made of parts, so that no scan finds it here.
fn secret() -> String {
    ["s3cr3t", "v4lue", "0fFuzz"].join("-")
}

struct Secrets(Vec<Range<usize>>);

impl Judge for Secrets {
    fn judge(&self, value: Range<usize>) -> Option<Judged> {
        let is_in = |span: &Range<usize>| span.start < value.end && value.start < span.end;
        let judged =
            Judged { rule: "a-rule".into(), confidence: Certainty::Known, counts: true };
        self.0.iter().any(is_in).then_some(judged)
    }

    fn secrets(&self) -> Vec<Range<usize>> {
        self.0.clone()
    }
}

/// Where a place starts and ends in a text, in bytes.
fn slice(text: &str, at: &Place) -> Option<Range<usize>> {
    let offset = |line: u64, column: u64| {
        let begin = if line == 1 { 0 } else { text.match_indices('\n').nth(line as usize - 2)?.0 + 1 };
        let line = text[begin..].split_inclusive('\n').next().unwrap_or_default();
        let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
        ends.collect::<Vec<_>>().get(column.checked_sub(1)? as usize).map(|at| begin + at)
    };
    Some(offset(at.line, at.column)?..offset(at.end_line, at.end_column)?)
}

fuzz_target!(|bytes: &[u8]| {
    let given = String::from_utf8_lossy(bytes);
    let (path, rest) = given.split_once('\n').unwrap_or(("", &given));
    let secret = secret();
    let mut text = rest.replace(MARK, &secret);
    let path = match kind(path, text.as_bytes()) {
        Some(_) if !path.contains(&secret) => path,
        _ => PATHS[rest.len() % PATHS.len()],
    };
    if kind(path, text.as_bytes()).is_none() {
        text.insert_str(0, HEAD);
    }
    let spans = text.match_indices(&secret).map(|(at, found)| at..at + found.len()).collect();
    let shown = format!("a!{path}");
    let Some(read) = read(&File { path, shown: &shown, text: &text, judge: &Secrets(spans) }) else { return };
    let mut ids = BTreeSet::new();
    for fact in &read.facts {
        assert!(fact.id.starts_with(&format!("{shown}#")), "{}", fact.id);
        assert!(ids.insert(&fact.id), "two facts are {}", fact.id);
        assert!(!fact.is_deeper_than(128), "{} is deep", fact.id);
        let at = fact.at.as_ref().expect("what is read from a file has a place in it");
        assert_eq!(at.path, shown);
        let range = slice(&text, at).unwrap_or_else(|| panic!("{} is at {at:?}", fact.id));
        assert!(range.start <= range.end, "{} is at {at:?}", fact.id);
    }
    let json = serde_json::to_string(&(&read.facts, &read.gaps.iter().map(|gap| &gap.why).collect::<Vec<_>>()))
        .expect("facts are JSON");
    assert!(!json.contains(&secret), "{json}");
    assert!(json.len() <= (1 << 20) + 4096 * text.len(), "{} of {}", json.len(), text.len());
});

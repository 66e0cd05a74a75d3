//! Hides values where other findings do not look for them: in what git says (summaries, names and branches are text of people), and in
//! the line that is shown of another finding.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::detect::{Engine, Scratch, excerpt};
use crate::model::{Artifact, Commit, Excerpt, Finding, Leak, Origin, Secret};

/// Shortest value that is looked for, in bytes: shorter ones are in any word.
const SHORTEST: usize = 6;
/// What stands for a value.
const HIDDEN: &str = "****";

/// Hides in the lines, commits and references of findings every value that was found anywhere, what the engine finds in a summary
/// itself, and what looks random there. Values of findings have to be there still.
pub fn hide(findings: &mut [Finding], engine: &Engine) {
    let values: BTreeSet<&[u8]> = findings
        .iter()
        .filter_map(|finding| finding.leak()?.secret.as_ref())
        .map(Secret::expose)
        .filter(|value| value.len() >= SHORTEST)
        .collect();
    let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values);
    drop(values);
    let hider = Hider { engine, known: built.ok() };
    let mut scratch = Scratch::default();
    for leak in findings.iter_mut().filter_map(Finding::leak_mut) {
        if let Some(excerpt) = hider.excerpt(&leak.excerpt) {
            leak.excerpt = excerpt;
        }
    }
    let mut shown: BTreeMap<String, Commit> = BTreeMap::new();
    for introduction in
        findings.iter_mut().filter_map(Finding::leak_mut).filter_map(introduction_of)
    {
        for name in &mut introduction.refs.names {
            *name = hider.without_known(name);
        }
        if let Some(commit) = &mut introduction.commit {
            *commit = shown
                .entry(commit.id.clone())
                .or_insert_with(|| hider.commit(commit, &mut scratch))
                .clone();
        }
    }
}

fn introduction_of(leak: &mut Leak) -> Option<&mut crate::model::Introduction> {
    leak.introduced.as_mut()
}

struct Hider<'a> {
    engine: &'a Engine,
    /// The values that were found; none if they are too many for a table, which takes 2^31 bytes of them.
    known: Option<AhoCorasick>,
}

impl Hider<'_> {
    fn commit(&self, commit: &Commit, scratch: &mut Scratch) -> Commit {
        Commit {
            id: commit.id.clone(),
            author: self.without_known(&commit.author),
            email: self.without_known(&commit.email),
            date: commit.date.clone(),
            summary: self.summary(&commit.summary, scratch),
        }
    }

    /// The line as the excerpt of a finding shows it.
    fn summary(&self, text: &str, scratch: &mut Scratch) -> String {
        let origin = Origin { kind: "git-commit", ..Origin::default() };
        let artifact = Artifact::new(origin, text.as_bytes().to_vec());
        let mut found = Vec::new();
        self.engine.scan(&artifact, scratch, &mut found);
        let line = found.iter().find_map(|finding| Some(finding.leak()?.excerpt.text.clone()));
        excerpt::plain(&self.without_known(line.as_deref().unwrap_or(text)))
    }

    /// The line of a finding without values that other lines tell; none if it has none of them.
    fn excerpt(&self, excerpt: &Excerpt) -> Option<Excerpt> {
        let Some(known) = &self.known else {
            return Some(Excerpt { text: HIDDEN.to_owned(), caret: (0, HIDDEN.len()) });
        };
        let mut hidden = Excerpt { text: String::new(), caret: excerpt.caret };
        let mut done = 0;
        for found in known.find_iter(excerpt.text.as_str()) {
            // Values are bytes, and may begin within a character.
            let (Some(before), Some(value)) =
                (excerpt.text.get(done..found.start()), excerpt.text.get(found.range()))
            else {
                continue;
            };
            hidden.text.push_str(before);
            hidden.text.push_str(HIDDEN);
            done = found.end();
            // What stands before the caret moves it.
            let at = excerpt.text[..found.start()].chars().count();
            let len = value.chars().count();
            for edge in
                [(excerpt.caret.0, &mut hidden.caret.0), (excerpt.caret.1, &mut hidden.caret.1)]
            {
                if edge.0 >= at + len {
                    *edge.1 = (*edge.1 + HIDDEN.len()).saturating_sub(len);
                }
            }
        }
        hidden.text.push_str(excerpt.text.get(done..)?);
        (done > 0).then_some(hidden)
    }

    fn without_known(&self, text: &str) -> String {
        let Some(known) = &self.known else { return HIDDEN.to_owned() };
        let mut out = Vec::with_capacity(text.len());
        known.replace_all_with_bytes(text.as_bytes(), &mut out, |_, _, out| {
            out.extend_from_slice(HIDDEN.as_bytes());
            true
        });
        String::from_utf8_lossy(&out).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::detect::{Options, Profile, Values};
    use crate::model::DigestKey;

    #[test]
    fn the_caret_stays_under_its_value() {
        let rules = config::builtin().unwrap().rules;
        let (key, profile) = (DigestKey::new([1; 32]), Profile::default());
        let options = Options { decode_depth: 0, key, values: Values::Forget, profile };
        let engine = Engine::new(rules, options);
        let known = AhoCorasick::new(["hidden-one", "two-hidden"]).ok();
        let hider = Hider { engine: &engine, known };
        let text = "é hidden-one = ghp_**** # two-hidden";
        let at = text.chars().position(|c| c == 'g').unwrap();
        let told = hider.excerpt(&Excerpt { text: text.into(), caret: (at, at + 8) }).unwrap();
        assert_eq!(told.text, "é **** = ghp_**** # ****");
        let under: String =
            told.text.chars().skip(told.caret.0).take(told.caret.1 - told.caret.0).collect();
        assert_eq!(under, "ghp_****");
        assert_eq!(hider.excerpt(&Excerpt { text: "nothing".into(), caret: (0, 7) }), None);
    }
}

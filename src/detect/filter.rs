//! From a match of a regex to a candidate: entropy, length, checksum, allowlists.

use std::cell::Cell;

use regex_automata::util::captures::Captures;

use super::allow::{Allowlist, Candidate as Seen, Effect};
use super::checksum::Verdict;
use super::entropy;
use super::language;
use super::rule::Rule;
use crate::model::{By, Confidence, Evidence, Part, Secret, Span, Status};

/// A match that may become a finding.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Index of the rule.
    pub(super) rule: usize,
    /// How sure it is: the rule's, the model's, or what an expression set.
    pub(super) confidence: Confidence,
    /// The whole match, as offsets in the artifact's bytes.
    pub(super) matched: Span,
    /// The secret, as offsets in the artifact's bytes.
    pub(super) span: Span,
    /// Its value, decoded.
    pub(super) secret: Secret,
    pub(super) entropy: f64,
    pub(super) evidence: Evidence,
    pub(super) status: Status,
    /// Encodings, outermost first.
    pub(super) decoders: Vec<&'static str>,
    /// Other parts of the credential.
    pub(super) parts: Vec<Part>,
}

/// What passed the filters.
pub(super) struct Passed {
    pub(super) entropy: f64,
    pub(super) evidence: Evidence,
    pub(super) status: Status,
    pub(super) confidence: Option<Confidence>,
}

/// The span of the secret: the rule's group, else the first group that is not empty; none for the whole
/// match. `offset` is what the offsets of `captures` are relative to.
pub(super) fn secret_span(rule: &Rule, captures: &Captures, offset: usize) -> Option<Span> {
    let group = |index: usize| {
        captures.get_group(index).map(|group| Span::new(group.start + offset, group.end + offset))
    };
    match rule.spec.secret_group {
        0 => (1..captures.group_len()).filter_map(group).find(|span| !span.is_empty()),
        index => group(index),
    }
}

/// The match without line breaks at its ends.
pub(super) fn trim_breaks(text: &[u8], span: Span) -> Span {
    let bytes = &text[span.range()];
    let breaks = |b: &&u8| matches!(b, b'\n' | b'\r');
    let head = bytes.iter().take_while(breaks).count();
    let tail = bytes[head..].iter().rev().take_while(breaks).count();
    Span::new(span.start + head, span.end - tail)
}

/// Puts a secret through the filters of its rule.
///
/// # Errors
/// Why it is dropped, for people, without the value.
pub(super) fn filter(rule: &Rule, seen: Seen<'_>) -> Result<Passed, String> {
    let entropy = entropy::shannon(seen.secret);
    let threshold = rule.spec.entropy;
    if threshold > 0.0 && entropy <= threshold {
        return Err(format!("entropy {entropy:.2} is not above {threshold:.2} bits per byte"));
    }
    if let Some((min, max)) = rule.spec.length
        && !(min..=max).contains(&seen.secret.len())
    {
        return Err(format!("length {} is not within {min} to {max}", seen.secret.len()));
    }
    let is_builtin = !rule.spec.family.is_empty();
    // A value that begins with a literal has a mark of its own.
    let is_unmarked = rule.spec.value.as_ref().is_some_and(|v| v.starts_with(['[', '(']));
    if is_builtin && is_unmarked && !looks_generated(seen.secret) {
        return Err("made of words: no machine made the value".into());
    }
    if is_builtin && is_masked(seen.secret) {
        return Err("masked: a run of x, X, * or # stands for the value".into());
    }
    let mut evidence =
        Evidence { min_entropy: (threshold > 0.0).then_some(threshold), ..Evidence::default() };
    if let Some(checksum) = rule.checksum() {
        match (checksum.verify)(seen.secret) {
            Verdict::Fails => return Err(format!("checksum fails: {}", checksum.what)),
            Verdict::Holds(note) => {
                evidence.checksum = Some(checksum.what.to_owned());
                evidence.note = note;
            }
        }
    }
    let mut status = Status::Open;
    let confidence = Cell::new(None);
    let seen = Seen { confidence: Some(&confidence), ..seen };
    for list in rule.allowlists.iter().filter(|list| list.allows(seen)) {
        match list.effect {
            Effect::Drop => return Err(format!("allowlist: {}", reason(list))),
            Effect::Suppress => {
                status = Status::Suppressed { by: By::Allowlist, reason: reason(list) };
            }
        }
    }
    Ok(Passed { entropy, evidence, status, confidence: confidence.take() })
}

/// Whether a machine made the secret and nobody who writes names: it holds a digit and no word of six
/// letters or more, or letters in mixed case and no word at all. A rule that knows its secret by a name
/// beside it would find every identifier else.
fn looks_generated(secret: &[u8]) -> bool {
    if secret.len() > 200 {
        return true;
    }
    let text = String::from_utf8_lossy(secret);
    if secret.iter().any(u8::is_ascii_digit) {
        // `neo4j-java-driver-5.20.0`: digits and letters each keep to themselves.
        let changes = |w: &[u8]| {
            w[0].is_ascii_alphanumeric()
                && w[1].is_ascii_alphanumeric()
                && w[0].is_ascii_digit() != w[1].is_ascii_digit()
        };
        let longest = secret.split(|b| b"-_.".contains(b)).map(<[u8]>::len).max().unwrap_or(0);
        let is_versioned = secret.len() >= 16
            && longest <= 12
            && secret.windows(2).filter(|w| changes(w)).count() <= 2;
        return !is_versioned && !language::has_word(&text, 6);
    }
    let turns =
        secret.windows(2).filter(|w| w[0].is_ascii_lowercase() != w[1].is_ascii_lowercase());
    turns.count() * 5 >= secret.len() && !language::has_word(&text, 4)
}

/// Whether somebody wrote `xxxxxx`, `XXXXXX`, `******` or `######` where a value belongs.
fn is_masked(secret: &[u8]) -> bool {
    secret.windows(6).any(|run| b"xX*#".contains(&run[0]) && run.iter().all(|b| *b == run[0]))
}

fn reason(list: &Allowlist) -> String {
    if list.description.is_empty() { "no description".into() } else { list.description.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_do_not_look_generated() {
        for made_by_people in [
            "HereApiConfigurationFactory",
            "here_api_key_from_environment",
            "neo4j-java-driver-5.20.0",
            "createSauceLabsLauncher",
            "UseAzureSqlDatabase2019",
            "process.env.ACME_KEY",
        ] {
            assert!(!looks_generated(made_by_people.as_bytes()), "{made_by_people}");
        }
        for generated in ["x8kq2lz9vw4bt7jmpd4r", "9f3ac17e5b2d8046", "qWxZrTbKmPdVgHnJsLfY"] {
            assert!(looks_generated(generated.as_bytes()), "{generated}");
        }
    }

    #[test]
    fn values_that_somebody_masked_are_told() {
        assert!(is_masked(b"ghp_xxxxxxxxxxxx") && is_masked(b"AKIA****************"));
        assert!(!is_masked(b"AAAAAAAAAA00000000") && !is_masked(b"xXxXxX"));
    }
}

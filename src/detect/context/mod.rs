//! Passwords and unknown tokens: values beside names, judged by a model that reads the context.
//!
//! ```text
//! hit of a word -> name around it -> operator and value -> features -> trees -> probability
//! ```
//!
//! The words are among the literals of the prefilter. The model is trained by the scripts in `model/`,
//! on the features that this module computes, so that both agree.

mod apart;
mod assignment;
mod candidates;
mod defaults;
mod features;
mod forms;
mod kinds;
mod names;
mod places;
mod plausible;
mod shape;
#[cfg(test)]
mod tests;
mod translations;
mod trees;
pub(in crate::detect) mod unnamed;
mod value;

use candidates::Candidate;
use features::Text;
pub(in crate::detect) use places::{HEAD, Place};
use trees::MODEL;

pub(in crate::detect) use kinds::confidence;
pub use kinds::{Kind, Profile};

use crate::model::Span;

/// Literals that lead to names of secrets, and `://`, that leads to passwords in URLs.
pub(super) const LITERALS: &[&str] = &[
    "pass",
    "pwd",
    "_pw",
    "pw=",
    "pw:",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "jwt",
    "seed",
    "ticket",
    "identified by",
    "://",
    "-u ",
    "-user ",
    "basic ",
    "connect(",
    "login(",
    "@tcp(",
    "chpasswd",
    "connection(",
    "basicauth(",
    "securestring ",
    "auth=(",
    "senha",
    "contrase",
    "clave",
    "wachtwoord",
    "kennwort",
];

/// A value that the model judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) kind: Kind,
    /// Where the name stands.
    pub(super) name: Span,
    /// Where the value stands.
    pub(super) value: Span,
    /// The value, where it is written as several strings.
    pub(super) joined: Option<Vec<u8>>,
    /// How likely it is a secret, 0 to 1; for a default password the least that is reported.
    pub(super) probability: f32,
    /// What speaks most for it, in words; empty where it was not asked for.
    pub(super) reasons: Vec<&'static str>,
}

impl Judged {
    /// Name and value, and what is between them.
    pub(super) fn matched(&self) -> Span {
        Span::new(self.name.start.min(self.value.start), self.name.end.max(self.value.end))
    }
}

/// How many reasons a finding states.
const REASONS: usize = 3;

/// Whether a name says that what it is given is secret: `db-password`.
pub(super) fn names_secret(name: &[u8]) -> bool {
    names::Name::of(name).is_secret()
}

/// Judges every value that the hits, ascending, lead to, and hands on those that the profile reports; all of
/// them where `watched`.
pub(super) fn judge(
    place: Place,
    text: &[u8],
    hits: &[u32],
    profile: Profile,
    watched: bool,
    each: &mut dyn FnMut(Judged),
) {
    if hits.is_empty() {
        return;
    }
    let least = if watched { 0.0 } else { profile.least_probability() };
    let offsets = hits.iter().map(|hit| *hit as usize);
    let within = Text { bytes: text, place };
    candidates::find(text, place, offsets, |candidate| {
        let Candidate { found, name, bytes, joined } = candidate;
        let features = features::of(within, found, *name, bytes);
        let probability = MODEL.probability(&features);
        let (name_span, value_span) = (found.name, found.value.span);
        if probability >= least {
            each(Judged {
                kind: Kind::told(*name, found.operator),
                name: name_span,
                value: value_span,
                joined: joined.map(<[u8]>::to_vec),
                probability,
                reasons: MODEL.reasons(&features, REASONS),
            });
        }
        if profile == Profile::Thorough
            && probability < profile.least_probability()
            && defaults::is_default(within, found, *name, bytes)
        {
            each(Judged {
                kind: Kind::DefaultPassword,
                name: name_span,
                value: value_span,
                joined: None,
                probability: profile.least_probability(),
                reasons: vec!["it is on every list of default passwords"],
            });
        }
    });
}

/// A value that may be secret, for the training script.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where the name stands.
    pub name: Span,
    /// Where the value stands.
    pub value: Span,
    /// What the model is asked, in the order of [`feature_names`].
    pub features: Vec<f32>,
    /// What it says: how likely the value is a secret, 0 to 1.
    pub probability: f32,
}

/// The names of the features, in the order of [`Found::features`].
pub fn feature_names() -> Vec<&'static str> {
    features::QUESTIONS.iter().map(|question| question.0).collect()
}

/// All candidates of a text, for the training script.
pub fn candidates(path: &str, text: &[u8]) -> Vec<Found> {
    let finder = aho_corasick::AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(LITERALS)
        .expect("a short list of literals");
    let found = finder.find_overlapping_iter(text);
    let mut hits: Vec<usize> = found.map(|found| found.start()).collect();
    hits.sort_unstable();
    let mut all = Vec::new();
    let place = Place::of(path, text);
    candidates::find(text, place, hits.into_iter(), |candidate| {
        let Candidate { found, name, bytes, .. } = candidate;
        let features = features::of(Text { bytes: text, place }, found, *name, bytes);
        all.push(Found {
            name: found.name,
            value: found.value.span,
            probability: MODEL.probability(&features),
            features: features.to_vec(),
        });
    });
    all
}

//! What the engine did at a place, for `keystrel explain`.

use crate::model::Span;

/// Something the engine did with a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A keyword led to a window.
    Window {
        /// The literal that was hit; none for a rule that runs everywhere.
        literal: Option<String>,
    },
    /// The window holds no run of bytes that a match needs.
    Guarded,
    /// The regex does not match in the window.
    NoMatch,
    /// The regex matches.
    Match,
    /// The model judged a value beside a name.
    Judged {
        /// How likely it is a secret, 0 to 1.
        probability: f32,
        /// The least that the profile reports.
        least: f32,
        /// What speaks most for it.
        reasons: Vec<&'static str>,
    },
    /// A filter dropped the match; why, for people, without the value.
    Dropped {
        /// Why, for people, without the value.
        why: String,
    },
    /// An allowlist of the configuration suppressed it.
    Suppressed {
        /// The allowlist's description.
        why: String,
    },
    /// A more specific finding covers it.
    Yielded {
        /// Id of the rule that it yields to.
        to: String,
    },
    /// It is a finding.
    Found,
}

/// A step, where it happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Id of the rule.
    pub rule: String,
    /// The window or match, as offsets in the artifact's bytes.
    pub span: Span,
    /// How deep the text was encoded: 0 for plain text.
    pub depth: usize,
    /// What was done.
    pub step: Step,
}

/// Watches the engine work. The one that scans use does nothing and costs nothing.
pub trait Watch {
    /// Whether somebody watches.
    fn watches(&self) -> bool {
        true
    }

    /// Takes note of a step, which is made only if somebody watches.
    fn note(&mut self, trace: impl FnOnce() -> Trace);
}

impl Watch for () {
    fn watches(&self) -> bool {
        false
    }

    #[inline]
    fn note(&mut self, _: impl FnOnce() -> Trace) {}
}

impl Watch for Vec<Trace> {
    fn note(&mut self, trace: impl FnOnce() -> Trace) {
        self.push(trace());
    }
}

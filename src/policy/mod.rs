//! Facts to findings, by policies in Rego.
//!
//! ```text
//! Inventory -> PolicyEngine -> Evaluation -> Exceptions
//! ```
//!
//! A *control* is one Rego rule with metadata above it. A [`Bundle`] holds the policies that are built in
//! and those of the user; a [`PolicyEngine`] is made of it once and judges inventories from as many
//! threads as there are.
//!
//! Nothing passes in silence: facts that could not be read make a control unknown, and a rule that fails
//! is a finding with the id [`POLICY_ERROR`]. Its message has no word of the facts.
//!
//! ```
//! use keystrel::model::{Fact, Inventory};
//! use keystrel::policy::{Bundle, Params, PolicyEngine};
//!
//! let engine = PolicyEngine::new(&Bundle::builtin()?, &Params::default())?;
//! let fields = serde_json::json!({
//!     "name": "DB_PASSWORD", "value_kind": "literal", "holds_secret": true,
//!     "secret_rule": "generic-password", "secret_confidence": "likely",
//! });
//! let fact = Fact::new("env_binding", "Dockerfile#ENV.DB_PASSWORD", fields);
//! let inventory = Inventory::new("files", "2026-01-02T03:04:05Z", vec![fact]);
//! let evaluation = engine.evaluate(&inventory)?;
//! assert_eq!(evaluation.findings().next().unwrap().id(), "env-literal-secret");
//! # Ok::<(), keystrel::policy::PolicyError>(())
//! ```

mod bundle;
mod calls;
mod case;
mod check;
mod engine;
mod evaluation;
mod exceptions;
mod frameworks;
mod groups;
mod inputs;
mod interpreter;
mod kinds;
mod metadata;
mod outline;
mod pool;
mod testing;

#[cfg(test)]
mod tests;

pub use bundle::{Bundle, Module};
pub use check::{check, is_own};
pub use engine::PolicyEngine;
pub use evaluation::{
    Accepted, ControlFinding, Evaluation, Failure, FailureKind, Outcome, POLICY_ERROR, Unknown,
};
pub use exceptions::{Exception, ExceptionError, Exceptions};
pub use frameworks::{Framework, all as frameworks};
pub use interpreter::Params;
pub use kinds::{KINDS, Kind, kinds};
pub use testing::{Coverage, TestOutcome, TestReport, TestResult, test};

/// Something that is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.why)
    }
}

/// Policies or an inventory that cannot be used. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A file or directory that cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or directory.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Policies that are wrong, with all that is wrong with them; not empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<Problem>),
    /// Parameters that are for no control, or of another type than its own.
    #[error("parameter of `{control}`: {why}")]
    Parameter {
        /// The control.
        control: String,
        /// What is wrong.
        why: String,
    },
    /// An inventory in another format, or one that contradicts itself.
    #[error("inventory of `{origin}`: {why}")]
    Inventory {
        /// Where its facts are from.
        origin: String,
        /// What is wrong.
        why: String,
    },
}

//! Bytes to leaks. Pure, synchronous, no I/O; cannot fail, since rules are checked when they are loaded.
//!
//! ```text
//! bytes -> prefilter -> openings -> windows -> guard -> regex -> filters -> overlap -> findings
//!            ^ literals that rules need                 entropy, checksum, allowlists
//!   decode: what was base64, hex, escapes... goes round again
//! ```

pub mod allow;
pub mod analysis;
pub mod checksum;
pub mod context;
mod decode;
mod encoded;
mod engine;
mod entropy;
pub mod examples;
pub mod excerpt;
pub mod expression;
mod filter;
pub mod go_regex;
mod guard;
mod language;
mod liquid;
mod locate;
mod matching;
pub mod opening;
mod overlap;
mod placeholders;
pub mod prefilter;
mod required;
pub mod rule;
mod ruleset;
mod sift;
pub mod spec;
#[cfg(test)]
mod tests;
mod trace;
mod windows;

pub use context::Profile;
pub use engine::{Engine, File, Options, Scratch, Values};
pub use ruleset::{RuleSet, builtin_examples, builtin_rules, restore_texts};
pub use sift::{Live, Sifted};
pub use trace::{Step, Trace, Watch};

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}`: {what}: {why}")]
pub struct RuleError {
    /// Id of the rule, or `allowlist` for a global one.
    pub rule: String,
    /// The key that is wrong.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: String,
}

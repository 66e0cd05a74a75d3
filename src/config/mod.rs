//! Configuration files to the stages' own options: `.keystrel.toml`, and gitleaks' and betterleaks'
//! files of version 1 as they are.

mod discover;
mod load;
mod policy;
mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod yaml;

pub use discover::{Found, Given, IGNORES, discover, root_of};
pub use load::{Config, Scan, builtin, load};
pub use policy::Policy;

/// A configuration that cannot be used. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("cannot read the configuration `{file}`")]
    Read {
        /// The file.
        file: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Something in a file is wrong.
    #[error("{file}:{line}: {why}")]
    Invalid {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// What is wrong, naming the rule and the key.
        why: String,
    },
    /// The rules of a file do not go together.
    #[error("{file}: {source}")]
    Rules {
        /// The file.
        file: String,
        /// What is wrong.
        source: crate::detect::RuleError,
    },
}

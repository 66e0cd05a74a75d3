//! Exit codes.

use std::io;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::policy::PolicyError;
use crate::source::SourceError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Nothing to act on.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Wrong usage or configuration.
    Usage,
    /// A target could not be scanned, or nothing was although something was asked for.
    NotScanned,
    /// Parts of a target could not be read.
    Partial,
}

impl Exit {
    /// What an error that ended the command comes to.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        if error.chain().any(|cause| cause.is::<SourceError>() || cause.is::<io::Error>()) {
            let is_configuration = |cause: &(dyn std::error::Error + 'static)| {
                cause.is::<ConfigError>() || cause.is::<PolicyError>()
            };
            if !error.chain().any(is_configuration) {
                return Self::NotScanned;
            }
        }
        Self::Usage
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::NotScanned => 3,
            Exit::Partial => 4,
        })
    }
}

/// Whether whoever read our output stopped.
pub(super) fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

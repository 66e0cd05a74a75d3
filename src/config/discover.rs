//! Which configuration a scan uses.

use std::path::{Path, PathBuf};

use super::ConfigError;
use crate::source::Root;

/// Names looked for in the root of a target, in this order.
const NAMES: &[&str] = &[".keystrel.toml", ".gitleaks.toml", ".betterleaks.toml"];

/// Names of ignore files: what else marks a directory as one that paths are told from.
pub const IGNORES: &[&str] = &[".keystrelignore", ".gitleaksignore", ".betterleaksignore"];

/// Where configuration and ignore files of `target` are looked for.
pub fn root_of(target: &Path) -> Option<Root> {
    Root::of(target, |directory| {
        NAMES.iter().chain(IGNORES).any(|name| directory.join(name).is_file())
    })
}

/// What the command line and the environment say.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--config`, else `KEYSTREL_CONFIG`, else `GITLEAKS_CONFIG`.
    pub path: Option<PathBuf>,
    /// `GITLEAKS_CONFIG_TOML`: the content itself.
    pub content: Option<String>,
}

/// A configuration that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name, for messages.
    pub name: String,
    /// Where it lies; none if it came from the environment.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: String,
}

/// Finds a configuration: what was given, else the first of `.keystrel.toml`, `.gitleaks.toml`, `.betterleaks.toml` in
/// the directory `root`.
///
/// # Errors
/// When the one that was given, or found, cannot be read.
pub fn discover(given: &Given, root: Option<&Path>) -> Result<Option<Found>, ConfigError> {
    if let Some(path) = &given.path {
        return read(path).map(Some);
    }
    if let Some(text) = &given.content {
        let name = "GITLEAKS_CONFIG_TOML".to_owned();
        return Ok(Some(Found { name, path: None, text: text.clone() }));
    }
    let Some(root) = root else { return Ok(None) };
    for path in NAMES.iter().map(|name| root.join(name)) {
        match std::fs::metadata(&path) {
            Ok(file) if file.is_file() => return read(&path).map(Some),
            // One that is there, for all that is known, is not passed over.
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(ConfigError::Read { file: crate::model::display_path(&path), source });
            }
            _ => {}
        }
    }
    Ok(None)
}

pub(super) fn read(path: &Path) -> Result<Found, ConfigError> {
    let name = crate::model::display_path(path);
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { file: name.clone(), source })?;
    Ok(Found { name, path: Some(path.to_owned()), text })
}

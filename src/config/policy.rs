//! `[policy]` of `.keystrel.toml`: parameters of controls, and exceptions.

use super::ConfigError;
use super::reader::Table;
use crate::policy::{Exception, Exceptions, Params};

/// What a configuration says of policies.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Parameters of controls.
    pub params: Params,
    /// What is accepted for a while.
    pub exceptions: Exceptions,
}

/// Reads the table.
pub(super) fn read(
    mut table: Table<'_>,
    file: &str,
    warnings: &mut Vec<String>,
) -> Result<Policy, ConfigError> {
    let mut params = Params::new();
    if let Some(controls) = table.table("params")? {
        for (id, mut control) in controls.into_tables()? {
            if let Some(threshold) = control.value("threshold")? {
                params.insert(id, threshold);
            }
            control.warn_of_rest(warnings);
        }
    }
    let mut exceptions = Vec::new();
    for mut entry in table.tables("exceptions")? {
        let line = entry.line();
        let exception = Exception {
            place: format!("{file}:{line}"),
            control: entry.string("control")?.unwrap_or_default(),
            path: entry.string("path")?,
            resource: entry.string("resource")?,
            owner: entry.string("owner")?.unwrap_or_default(),
            reason: entry.string("reason")?.unwrap_or_default(),
            expires: entry.date("expires")?.unwrap_or_default(),
        };
        // Each alone, so that the error has the line of its table.
        Exceptions::new(vec![exception.clone()]).map_err(|error| entry.error(error.why))?;
        exceptions.push(exception);
        entry.warn_of_rest(warnings);
    }
    let exceptions = Exceptions::new(exceptions).map_err(|error| table.error(error.to_string()))?;
    table.warn_of_rest(warnings);
    Ok(Policy { params, exceptions })
}

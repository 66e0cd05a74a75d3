//! Rule files of other tools in YAML. They add to the built-in rules, as they do in those tools.
//!
//! To add a format: a file here, and a row in [`read`].

mod kingfisher;
mod trivy;
mod trufflehog;

use regex_syntax::hir::{Hir, HirKind};
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use super::ConfigError;
use super::discover::Found;
use super::rules::RuleEntry;
use crate::detect::spec::{AllowlistSpec, RuleSpec};

/// What a file of another tool says.
#[derive(Default)]
pub(super) struct Foreign {
    pub(super) rules: Vec<RuleEntry>,
    pub(super) allowlists: Vec<AllowlistSpec>,
    /// Ids of rules that are not to run.
    pub(super) disabled: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Whether the file is one of these, by its name.
pub(super) fn is_yaml(found: &Found) -> bool {
    found.path.as_ref().and_then(|path| path.extension()).is_some_and(|extension| {
        extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml")
    })
}

/// Reads a file by what it holds: TruffleHog's `detectors`, Kingfisher's or Nosey Parker's rules with a
/// `pattern`, else Trivy's.
pub(super) fn read(found: &Found) -> Result<Foreign, ConfigError> {
    let keys: serde_json::Value = parse(found, &mut Vec::new())?;
    let has_patterns = keys["rules"]
        .as_array()
        .is_some_and(|rules| rules.iter().any(|rule| rule.get("pattern").is_some()));
    if keys.get("detectors").is_some() {
        trufflehog::read(found)
    } else if has_patterns {
        kingfisher::read(found)
    } else {
        trivy::read(found)
    }
}

/// Parses the file; keys that nothing reads become warnings.
fn parse<T: DeserializeOwned>(found: &Found, warnings: &mut Vec<String>) -> Result<T, ConfigError> {
    let mut unknown = Vec::new();
    let parsed = serde_saphyr::with_deserializer_from_str(&found.text, |deserializer| {
        // `?` stands for the inside of an option in these paths.
        serde_ignored::deserialize(deserializer, |path| {
            unknown.push(path.to_string().replace(".?", ""));
        })
    });
    unknown.retain(|key| !key.ends_with("__serde_saphyr_private_spanned"));
    warnings.extend(unknown.iter().map(|key| format!("{}: unknown key `{key}`", found.name)));
    parsed.map_err(|error| ConfigError::Invalid {
        file: found.name.clone(),
        line: error.location().map_or(1, |location| location.line() as usize),
        why: error.without_snippet().to_string(),
    })
}

/// A rule that stands in `found`, its regex where `pattern` is.
fn entry<T>(found: &Found, pattern: &Spanned<T>, spec: RuleSpec) -> RuleEntry {
    RuleEntry {
        spec: Box::new(spec),
        has_specificity: false,
        line: pattern.referenced.line() as usize,
        file: found.name.clone(),
    }
}

/// An expression that drops findings, with why.
fn drop_if(description: &str, expression: String) -> AllowlistSpec {
    AllowlistSpec {
        description: description.to_owned(),
        expression: Some(expression),
        ..AllowlistSpec::default()
    }
}

/// A string of the expression language.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list of strings of the expression language.
fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// The groups that have names, by index.
fn group_names(hir: &Hir) -> Vec<(usize, String)> {
    let (own, parts): (_, Vec<&Hir>) = match hir.kind() {
        HirKind::Capture(group) => {
            let own = group.name.as_ref().map(|name| (group.index as usize, name.to_string()));
            (own, vec![&group.sub])
        }
        HirKind::Repetition(repetition) => (None, vec![&repetition.sub]),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => (None, parts.iter().collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {
            (None, Vec::new())
        }
    };
    own.into_iter().chain(parts.into_iter().flat_map(group_names)).collect()
}

//! Rules and allowlists of a configuration file to those of the engine.

use super::ConfigError;
use super::reader::Table;
use crate::detect::allow::EMPTY;
use crate::detect::expression::Expression;
use crate::detect::go_regex::translate;
use crate::detect::spec::{AllowlistSpec, Condition, RegexTarget, RequiredSpec, RuleSpec};

/// In whose regex syntax a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// That of the `regex` crate: `.keystrel.toml`.
    Keystrel,
    /// Go's: gitleaks and betterleaks.
    Gitleaks,
}

impl Dialect {
    pub(super) fn regex(self, pattern: &str) -> String {
        match self {
            Self::Keystrel => pattern.to_owned(),
            Self::Gitleaks => translate(pattern),
        }
    }
}

/// A rule as a file has it: keys that are absent are `None`, since an extending file overrides only
/// what it names.
#[derive(Debug)]
pub(super) struct RuleEntry {
    pub(super) spec: Box<RuleSpec>,
    /// Whether `specificity` was written.
    pub(super) has_specificity: bool,
    /// Line of the rule's header, and of its regex, for messages.
    pub(super) line: usize,
    pub(super) file: String,
}

/// Reads one rule.
pub(super) fn rule(
    mut table: Table<'_>,
    dialect: Dialect,
    file: &str,
    warnings: &mut Vec<String>,
) -> Result<RuleEntry, ConfigError> {
    let id = table.string("id")?.unwrap_or_default();
    if id.is_empty() {
        return Err(table.error("the rule has no `id`"));
    }
    table.rename(format!("rule `{id}`"));
    let mut line = table.line();
    let regex = table.string_at("regex")?.map(|(pattern, at)| {
        line = at;
        dialect.regex(&pattern)
    });
    let path = table.string_at("path")?.map(|(pattern, at)| {
        line = if regex.is_some() { line } else { at };
        dialect.regex(&pattern)
    });
    let specificity = table.number("specificity")?;
    // What betterleaks does with a live secret: keystrel asks nobody.
    for key in ["validate", "analyze", "revoke"] {
        table.ignore(key);
    }
    let value_group = table.number("valuegroup")?;
    let mut spec = RuleSpec {
        id,
        description: table.string("description")?.unwrap_or_default(),
        regex,
        path,
        secret_group: table.number("secretgroup")?.or(value_group).unwrap_or(0) as usize,
        entropy: table.float("entropy")?.unwrap_or(0.0),
        keywords: table.strings("keywords")?.iter().map(|k| k.to_lowercase()).collect(),
        tags: table.strings("tags")?,
        skip_report: table.boolean("skipreport")?.unwrap_or(false),
        specificity: specificity.map_or(100, |value| value.min(1_000_000) as i32),
        rematch: dialect == Dialect::Gitleaks,
        severity: table.string("severity")?,
        confidence: table.string("confidence")?,
        references: table.strings("references")?,
        rotation: table.string("rotation")?.unwrap_or_default(),
        checksum: table.string("checksum")?,
        context: table.string("context")?,
        profile: table.string("profile")?,
        names: table.strings("names")?,
        value: table.string("value")?,
        matches: table.strings("match")?,
        skip: table.strings("skip")?,
        ..RuleSpec::default()
    };
    spec.allowlists = rule_allowlists(&mut table, dialect, warnings)?;
    spec.allowlists.extend(expression(&mut table, "filter")?);
    if table.boolean("tokenefficiency")?.unwrap_or(false) {
        spec.allowlists.push(AllowlistSpec {
            description: "made of words".into(),
            expression: Some(r#"failsTokenEfficiency(finding["secret"])"#.into()),
            ..AllowlistSpec::default()
        });
    }
    let mut parts = table.tables("required")?;
    parts.extend(table.tables("components")?);
    for part in parts {
        spec.required.push(required(part, warnings)?);
    }
    table.warn_of_rest(warnings);
    let spec = Box::new(spec);
    Ok(RuleEntry { spec, has_specificity: specificity.is_some(), line, file: file.to_owned() })
}

/// Reads one part of a credential: `required` of version 1, `components` of version 2.
fn required(mut part: Table<'_>, warnings: &mut Vec<String>) -> Result<RequiredSpec, ConfigError> {
    let mut spec = RequiredSpec {
        id: part.string("id")?.ok_or_else(|| part.error("`id` is missing"))?,
        within_lines: part.number("withinlines")?,
        within_columns: part.number("withincolumns")?,
        optional: part.boolean("optional")?.unwrap_or(false),
        joined: part.boolean("joined")?.unwrap_or(false),
    };
    if part.is_table("within") {
        if let Some(mut within) = part.table("within")? {
            spec.within_lines = within.number("lines")?;
            spec.within_columns = within.number("columns")?;
            within.warn_of_rest(warnings);
        }
    } else if let Some(lines) = part.number("within")? {
        spec.within_lines = Some(lines);
    }
    part.warn_of_rest(warnings);
    Ok(spec)
}

/// Reads an expression that discards: `filter`, `prefilter`.
pub(super) fn expression(
    table: &mut Table<'_>,
    key: &str,
) -> Result<Option<AllowlistSpec>, ConfigError> {
    let Some((source, line)) = table.string_at(key)? else { return Ok(None) };
    if source.trim().is_empty() {
        return Ok(None);
    }
    if let Err(why) = Expression::new(&source) {
        return Err(table.error_at(line, format!("`{key}`: {why}")));
    }
    let description = format!("`{key}` of the configuration");
    Ok(Some(AllowlistSpec { description, expression: Some(source), ..AllowlistSpec::default() }))
}

fn rule_allowlists(
    table: &mut Table<'_>,
    dialect: Dialect,
    warnings: &mut Vec<String>,
) -> Result<Vec<AllowlistSpec>, ConfigError> {
    if table.has("allowlist") && table.has("allowlists") {
        return Err(table.error("both `allowlist` and `allowlists`: use the latter"));
    }
    let mut lists = table.tables("allowlists")?;
    lists.extend(table.tables("allowlist")?);
    lists.into_iter().map(|list| allowlist(list, dialect, warnings)).collect()
}

/// Reads one allowlist.
pub(super) fn allowlist(
    mut table: Table<'_>,
    dialect: Dialect,
    warnings: &mut Vec<String>,
) -> Result<AllowlistSpec, ConfigError> {
    let condition = match table.string("condition")?.as_deref().map(str::to_uppercase).as_deref() {
        None | Some("" | "OR" | "||") => Condition::Or,
        Some("AND" | "&&") => Condition::And,
        Some(other) => return Err(table.error(format!("`condition` is `{other}`, not OR or AND"))),
    };
    let regex_target = match table.string("regextarget")?.as_deref() {
        None | Some("" | "secret") => RegexTarget::Secret,
        Some("match") => RegexTarget::Match,
        Some("line") => RegexTarget::Line,
        Some(other) => {
            let why = format!("`regexTarget` is `{other}`, not secret, match or line");
            return Err(table.error(why));
        }
    };
    let mut patterns = |key: &str| -> Result<Vec<String>, ConfigError> {
        let listed = table.strings(key)?;
        Ok(listed.iter().map(|pattern| dialect.regex(pattern)).collect())
    };
    let (paths, regexes) = (patterns("paths")?, patterns("regexes")?);
    let spec = AllowlistSpec {
        description: table.string("description")?.unwrap_or_default(),
        condition,
        commits: table.strings("commits")?,
        paths,
        regex_target,
        regexes,
        stopwords: table.strings("stopwords")?,
        placeholders: table.boolean("placeholders")?.unwrap_or(false),
        target_rules: table.strings("targetrules")?,
        ..AllowlistSpec::default()
    };
    let empty = spec.commits.is_empty()
        && spec.paths.is_empty()
        && spec.regexes.is_empty()
        && spec.stopwords.is_empty()
        && !spec.placeholders;
    if empty {
        return Err(table.error(EMPTY));
    }
    table.warn_of_rest(warnings);
    Ok(spec)
}

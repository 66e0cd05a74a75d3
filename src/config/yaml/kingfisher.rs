//! Rules of Kingfisher (<https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md>) and of Nosey
//! Parker (<https://github.com/praetorian-inc/noseyparker>), whose format Kingfisher's grew from.

use std::sync::LazyLock;

use serde::Deserialize;

use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Foreign, drop_if, entry, group_names, list, parse};
use crate::config::ConfigError;
use crate::config::discover::Found;
use crate::detect::allow::Allowlist;
use crate::detect::analysis;
use crate::detect::spec::{AllowlistSpec, ChecksumSpec, RequiredSpec, RuleSpec};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<Entry>,
    /// Nosey Parker's selections; every rule of a file that was named is wanted.
    #[serde(default)]
    rulesets: Option<Value>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Entry {
    name: String,
    id: String,
    pattern: Spanned<String>,
    description: Option<String>,
    min_entropy: f64,
    confidence: Option<String>,
    visible: bool,
    examples: Vec<String>,
    negative_examples: Vec<String>,
    references: Vec<String>,
    tags: Vec<String>,
    categories: Vec<String>,
    keywords: Vec<String>,
    path: Option<String>,
    pattern_requirements: Option<Requirements>,
    depends_on_rule: Vec<Option<Dependency>>,
    // What Kingfisher does with a live secret: keystrel asks nobody.
    validation: Option<Value>,
    revocation: Option<Value>,
    fallbacks: Option<Value>,
    tls_mode: Option<Value>,
}

impl Default for Entry {
    fn default() -> Self {
        let nowhere = serde_saphyr::Location::UNKNOWN;
        Self {
            name: String::new(),
            id: String::new(),
            pattern: Spanned::new(String::new(), nowhere, nowhere),
            description: None,
            min_entropy: 0.0,
            confidence: None,
            visible: true,
            examples: Vec::new(),
            negative_examples: Vec::new(),
            references: Vec::new(),
            tags: Vec::new(),
            categories: Vec::new(),
            keywords: Vec::new(),
            path: None,
            pattern_requirements: None,
            depends_on_rule: Vec::new(),
            validation: None,
            revocation: None,
            fallbacks: None,
            tls_mode: None,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Requirements {
    min_digits: usize,
    min_uppercase: usize,
    min_lowercase: usize,
    min_special_chars: usize,
    special_chars: Option<String>,
    ignore_if_contains: Vec<String>,
    checksum: Option<Checksum>,
}

/// Two templates of Liquid that must give the same.
#[derive(Deserialize)]
struct Checksum {
    actual: Actual,
    expected: String,
    #[serde(default)]
    skip_if_missing: bool,
}

#[derive(Deserialize)]
struct Actual {
    template: String,
    requires_capture: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    rule_id: String,
    #[serde(default, rename = "variable")]
    _variable: Option<Value>,
    #[serde(default, rename = "optional")]
    _optional: Option<Value>,
    #[serde(default, rename = "within")]
    _within: Option<Value>,
    #[serde(default, rename = "verify_candidates")]
    _verify_candidates: Option<Value>,
}

/// Reads the rules of a file.
pub(super) fn read(found: &Found) -> Result<Foreign, ConfigError> {
    let mut foreign = Foreign::default();
    let file: File = parse(found, &mut foreign.warnings)?;
    if file.rulesets.is_some() {
        foreign.warnings.push(format!("{}: `rulesets` select nothing here", found.name));
    }
    let ids: Vec<String> = file.rules.iter().map(|rule| rule.id.clone()).collect();
    for mut rule in file.rules {
        let line = rule.pattern.referenced.line() as usize;
        let error = |why: String| ConfigError::Invalid { file: found.name.clone(), line, why };
        if rule.id.is_empty() {
            return Err(error("the rule has no `id`".into()));
        }
        let _ = (&rule.validation, &rule.revocation, &rule.fallbacks, &rule.tls_mode);
        let regex = without_comments(&rule.pattern.value);
        let group = secret_group(&regex)
            .map_err(|why| error(format!("rule `{}`: pattern: {why}", rule.id)))?;
        let mut filters = Vec::new();
        if let Some(requirements) = rule.pattern_requirements.take() {
            filters = requirements.filters();
            if let Some(checksum) = requirements.checksum {
                match checksum.filter() {
                    Ok(filter) => filters.push(filter),
                    Err(why) => {
                        let why = format!("its `checksum` is not applied: {why}");
                        let place = format!("{}:{line}: rule `{}`", found.name, rule.id);
                        foreign.warnings.push(format!("{place}: {why}"));
                    }
                }
            }
        }
        rule.tags.append(&mut rule.categories);
        // The parts matter for live checks alone, so that a missing one drops nothing.
        let parts = rule.depends_on_rule.into_iter().flatten();
        let required = parts.filter(|part| ids.contains(&part.rule_id)).map(|part| RequiredSpec {
            id: part.rule_id,
            optional: true,
            ..RequiredSpec::default()
        });
        let spec = RuleSpec {
            id: rule.id,
            description: rule.description.unwrap_or(rule.name),
            regex: Some(regex),
            path: rule.path,
            secret_group: group,
            entropy: rule.min_entropy,
            keywords: rule.keywords.iter().map(|keyword| keyword.to_lowercase()).collect(),
            tags: rule.tags,
            allowlists: filters,
            required: required.collect(),
            skip_report: !rule.visible,
            confidence: rule.confidence.map(|level| level.to_lowercase()),
            references: rule.references,
            matches: rule.examples,
            skip: rule.negative_examples,
            ..RuleSpec::default()
        };
        foreign.rules.push(entry(found, &rule.pattern, spec));
    }
    Ok(foreign)
}

impl Checksum {
    /// What drops matches whose checksum fails.
    fn filter(self) -> Result<AllowlistSpec, String> {
        let spec = AllowlistSpec {
            description: "checksum fails".into(),
            checksum: Some(ChecksumSpec {
                actual: self.actual.template,
                expected: self.expected,
                requires: self.actual.requires_capture,
                skip_if_missing: self.skip_if_missing,
            }),
            ..AllowlistSpec::default()
        };
        // Templates may say more than is evaluated here; the rule is of use all the same.
        Allowlist::builtin(spec.clone()).check().map(|()| spec)
    }
}

impl Requirements {
    fn filters(&self) -> Vec<AllowlistSpec> {
        let special = match &self.special_chars {
            None => "[^0-9A-Za-z\\s]".to_owned(),
            Some(set) => format!("[{}]", regex::escape(set)),
        };
        let at_least = [
            (self.min_digits, "[0-9]", "digits"),
            (self.min_uppercase, "[A-Z]", "upper-case letters"),
            (self.min_lowercase, "[a-z]", "lower-case letters"),
            (self.min_special_chars, special.as_str(), "special characters"),
        ];
        let mut filters: Vec<AllowlistSpec> = at_least
            .iter()
            .filter(|(least, ..)| *least > 0)
            .map(|(least, class, what)| {
                let pattern = list([format!("(?s)(?:{class}.*?){{{least}}}")]);
                drop_if(
                    &format!("less than {least} {what}"),
                    format!(r#"!matchesAny(finding["secret"], {pattern})"#),
                )
            })
            .collect();
        if !self.ignore_if_contains.is_empty() {
            let terms = list(self.ignore_if_contains.iter().map(|term| term.to_lowercase()));
            let expression = format!(r#"containsAny(finding["secret"], {terms})"#);
            filters.push(drop_if("holds a word that no secret holds", expression));
        }
        filters
    }
}

/// The pattern without `(?# comments )`, which the `regex` crate has no syntax for.
fn without_comments(pattern: &str) -> String {
    static COMMENT: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r"\(\?#[^)]*\)").expect("a fixed pattern"));
    COMMENT.replace_all(pattern.trim(), "").into_owned()
}

/// The group that holds the secret: `TOKEN`, else the first with a name, else the first that matches
/// (0).
fn secret_group(pattern: &str) -> Result<usize, String> {
    let names = group_names(&analysis::parse(pattern)?);
    let token = names.iter().find(|(_, name)| name == "TOKEN").or(names.first());
    Ok(token.map_or(0, |(index, _)| *index))
}

//! Trivy's `trivy-secret.yaml`
//! (<https://trivy.dev/latest/docs/scanner/secret/#configuration>).

use serde::Deserialize;

use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Foreign, entry, group_names, parse};
use crate::config::ConfigError;
use crate::config::discover::Found;
use crate::detect::analysis;
use crate::detect::go_regex::translate;
use crate::detect::spec::{AllowlistSpec, RegexTarget, RuleSpec};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    rules: Vec<Entry>,
    #[serde(default)]
    allow_rules: Vec<AllowRule>,
    /// Ids of the built-in rules that run; all if absent.
    enable_builtin_rules: Option<Vec<String>>,
    #[serde(default)]
    disable_rules: Vec<String>,
    /// keystrel's allowlists are parts of its rules.
    disable_allow_rules: Option<Value>,
    exclude_block: Option<ExcludeBlock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    id: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    severity: String,
    regex: Spanned<String>,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    allow_rules: Vec<AllowRule>,
    exclude_block: Option<ExcludeBlock>,
    secret_group_name: Option<String>,
}

/// Regexes on the whole file: what lies within one of their matches is not reported.
#[derive(Deserialize)]
struct ExcludeBlock {
    #[serde(default)]
    description: String,
    #[serde(default)]
    regexes: Vec<String>,
}

#[derive(Deserialize)]
struct AllowRule {
    #[serde(default)]
    id: String,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    path: Option<String>,
}

/// Reads the rules of a file.
pub(super) fn read(found: &Found) -> Result<Foreign, ConfigError> {
    let mut foreign = Foreign::default();
    let file: File = parse(found, &mut foreign.warnings)?;
    let mut warn = |what: &str| foreign.warnings.push(format!("{}: {what}", found.name));
    if file.enable_builtin_rules.is_some() {
        warn("`enable-builtin-rules` names Trivy's rules: all of keystrel's run");
    }
    if file.disable_allow_rules.is_some() {
        warn("`disable-allow-rules` names Trivy's allow rules: keystrel's are parts of its rules");
    }
    for rule in file.rules {
        let error = |why: String| ConfigError::Invalid {
            file: found.name.clone(),
            line: rule.regex.referenced.line() as usize,
            why: format!("rule `{}`: {why}", rule.id),
        };
        let regex = translate(&rule.regex.value);
        let mut group = 0;
        if let Some(name) = &rule.secret_group_name {
            let hir = analysis::parse(&regex).map_err(|why| error(format!("regex: {why}")))?;
            let names = group_names(&hir);
            let position = names.iter().find(|(_, n)| n == name).map(|(index, _)| *index);
            group = position.ok_or_else(|| {
                error(format!("`secret-group-name` is `{name}`, which is no group of the regex"))
            })?;
        }
        let spec = RuleSpec {
            id: rule.id.clone(),
            description: rule.title,
            secret_group: group,
            path: rule.path.as_deref().map(translate),
            keywords: rule.keywords.iter().map(|keyword| keyword.to_lowercase()).collect(),
            tags: Some(rule.category).filter(|tag| !tag.is_empty()).into_iter().collect(),
            severity: severity(&rule.severity),
            allowlists: allowlists(rule.allow_rules, rule.exclude_block),
            regex: Some(regex),
            ..RuleSpec::default()
        };
        foreign.rules.push(entry(found, &rule.regex, spec));
    }
    foreign.allowlists = allowlists(file.allow_rules, file.exclude_block);
    foreign.disabled = file.disable_rules;
    Ok(foreign)
}

fn allowlists(rules: Vec<AllowRule>, block: Option<ExcludeBlock>) -> Vec<AllowlistSpec> {
    let block = block.filter(|block| !block.regexes.is_empty()).map(|block| AllowlistSpec {
        description: match block.description {
            text if text.is_empty() => "exclude-block".into(),
            text => text,
        },
        blocks: block.regexes.iter().map(|regex| translate(regex)).collect(),
        ..AllowlistSpec::default()
    });
    rules.into_iter().map(allowlist).chain(block).collect()
}

fn severity(written: &str) -> Option<String> {
    let lower = written.to_lowercase();
    (!lower.is_empty() && lower != "unknown").then_some(lower)
}

/// A regex and a path of an allow rule must both hold, the regex on the match.
fn allowlist(rule: AllowRule) -> AllowlistSpec {
    AllowlistSpec {
        description: if rule.description.is_empty() { rule.id } else { rule.description },
        condition: crate::detect::spec::Condition::And,
        regex_target: RegexTarget::Match,
        regexes: rule.regex.iter().map(|regex| translate(regex)).collect(),
        paths: rule.path.iter().map(|path| translate(path)).collect(),
        ..AllowlistSpec::default()
    }
}

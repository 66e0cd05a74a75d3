//! TruffleHog's custom detectors
//! (<https://github.com/trufflesecurity/trufflehog/blob/main/pkg/custom_detectors/CUSTOM_DETECTORS.md>).

use std::collections::BTreeMap;

use serde::Deserialize;

use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Foreign, drop_if, entry, list, parse, quoted};
use crate::config::ConfigError;
use crate::config::discover::Found;
use crate::detect::go_regex::translate;
use crate::detect::spec::{AllowlistSpec, RegexTarget, RequiredSpec, RuleSpec};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    detectors: Vec<Detector>,
    /// Where TruffleHog scans; keystrel is told that on the command line.
    sources: Option<Value>,
}

#[derive(Deserialize)]
struct Detector {
    name: Spanned<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    regex: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    primary_regex_name: Option<String>,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    exclude_words: Vec<String>,
    #[serde(default)]
    exclude_regexes_match: Vec<String>,
    #[serde(default)]
    exclude_regexes_capture: Vec<String>,
    #[serde(default)]
    validations: BTreeMap<String, BTreeMap<String, bool>>,
    /// What TruffleHog does with a live secret: keystrel asks nobody.
    #[serde(default, rename = "verify")]
    _verify: Option<Value>,
}

/// What `validations` may ask of a capture, as regexes that it must match.
const VALIDATIONS: &[(&str, &str)] = &[
    ("contains_digit", "[0-9]"),
    ("contains_lowercase", "[a-z]"),
    ("contains_uppercase", "[A-Z]"),
    ("contains_special_char", "[^0-9A-Za-z\\s]"),
];

/// Reads the rules of a file: one per detector, and one that is not reported for each further regex
/// of it, all of which must match.
pub(super) fn read(found: &Found) -> Result<Foreign, ConfigError> {
    let mut foreign = Foreign::default();
    let file: File = parse(found, &mut foreign.warnings)?;
    if file.sources.is_some() {
        foreign.warnings.push(format!("{}: `sources` are not scanned", found.name));
    }
    for detector in file.detectors {
        let line = detector.name.referenced.line() as usize;
        let error = |why: &str| ConfigError::Invalid {
            file: found.name.clone(),
            line,
            why: format!("detector `{}`: {why}", detector.name.value),
        };
        let primary = match &detector.primary_regex_name {
            Some(name) => name,
            None => detector.regex.keys().next().ok_or_else(|| error("it has no `regex`"))?,
        };
        if !detector.regex.contains_key(primary) {
            return Err(error("`primary_regex_name` is none of its regexes"));
        }
        let base = kebab(&detector.name.value);
        let id = |name: &str| {
            if name == primary { base.clone() } else { format!("{base}-{}", kebab(name)) }
        };
        for (name, pattern) in &detector.regex {
            let is_primary = name == primary;
            let others = detector.regex.keys().filter(|other| is_primary && *other != primary);
            let spec = RuleSpec {
                id: id(name),
                description: match detector.description.as_str() {
                    "" => format!("{}: a custom detector", detector.name.value),
                    text => text.to_owned(),
                },
                regex: Some(translate(&pattern.value)),
                keywords: detector.keywords.iter().map(|k| k.to_lowercase()).collect(),
                entropy: if is_primary { detector.entropy } else { 0.0 },
                allowlists: detector.allowlists(name, is_primary).map_err(|why| error(&why))?,
                required: others
                    .map(|other| RequiredSpec { id: id(other), ..RequiredSpec::default() })
                    .collect(),
                skip_report: !is_primary,
                ..RuleSpec::default()
            };
            foreign.rules.push(entry(found, pattern, spec));
        }
    }
    Ok(foreign)
}

impl Detector {
    fn allowlists(&self, name: &str, is_primary: bool) -> Result<Vec<AllowlistSpec>, String> {
        let mut lists = Vec::new();
        let exclude = |target, patterns: &[String]| AllowlistSpec {
            description: "excluded by the detector".into(),
            regex_target: target,
            regexes: patterns.iter().map(|pattern| translate(pattern)).collect(),
            ..AllowlistSpec::default()
        };
        if is_primary && !self.exclude_words.is_empty() {
            lists.push(AllowlistSpec {
                stopwords: self.exclude_words.clone(),
                ..exclude(RegexTarget::Secret, &[])
            });
        }
        if is_primary && !self.exclude_regexes_match.is_empty() {
            lists.push(exclude(RegexTarget::Match, &self.exclude_regexes_match));
        }
        if is_primary && !self.exclude_regexes_capture.is_empty() {
            lists.push(exclude(RegexTarget::Secret, &self.exclude_regexes_capture));
        }
        for (what, asked) in self.validations.get(name).into_iter().flatten() {
            let (_, class) = VALIDATIONS
                .iter()
                .find(|(known, _)| known == what)
                .ok_or_else(|| format!("`validations` asks for {}", quoted(what)))?;
            if *asked {
                let expression = format!(r#"!matchesAny(finding["secret"], {})"#, list([class]));
                lists.push(drop_if(&format!("not {what}"), expression));
            }
        }
        Ok(lists)
    }
}

/// `My Detector` as an id: `my-detector`.
fn kebab(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

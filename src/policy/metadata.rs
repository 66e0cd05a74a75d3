//! `# METADATA` above a rule to a [`Control`]. The format is OPA's
//! (<https://www.openpolicyagent.org/docs/policy-language#metadata>); what is ours is below `custom`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::outline::{Above, Block, Outline};
use super::{Problem, kinds};
use crate::model::{Control, Fact, Severity};

/// Path of the control's rule, `data.keystrel.vault.token.vault_token_ttl`.
pub(super) fn query(control: &Control) -> String {
    format!("data.{}.{}", control.package, control.rule())
}

/// Whether a control checks the fact.
pub(super) fn applies<'a>(control: &'a Control, fact: &'a Fact) -> Applies<'a> {
    if !control.subject.contains(&fact.kind) {
        return Applies::No;
    }
    let mut applies = Applies::Yes;
    for (field, allowed) in &control.conditions {
        match fact.fields.get(field) {
            Some(value) if allowed.contains(value) => {}
            // Null says nothing, where the field could not be read.
            None | Some(Value::Null) if let Some(why) = unread(fact, field) => {
                applies = Applies::Unknown { field, why: Some(why) };
            }
            Some(_) => return Applies::No,
            None => applies = Applies::Unknown { field, why: None },
        }
    }
    applies
}

/// Why a field of a fact could not be read, if so.
fn unread<'f>(fact: &'f Fact, field: &str) -> Option<&'f str> {
    Some(fact.fields.get("unread")?.get(field)?.as_str().unwrap_or("it is not told why"))
}

/// Whether a control checks a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies<'a> {
    /// It does.
    Yes,
    /// It is for other facts.
    No,
    /// The fact does not say.
    Unknown {
        /// The field that is missing.
        field: &'a str,
        /// Why it could not be read, if the fact tells.
        why: Option<&'a str>,
    },
}

/// A block as it is written. What OPA knows and we do not need is let through.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    related_resources: Vec<Resource>,
    #[serde(default)]
    custom: Option<Custom>,
}

/// OPA takes a bare address too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Resource {
    Address(String),
    Described {
        #[serde(rename = "ref")]
        address: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    id: String,
    severity: Severity,
    subject: OneOrMore,
    #[serde(default)]
    r#where: BTreeMap<String, Vec<Value>>,
    needs: Vec<String>,
    #[serde(default)]
    threshold: Option<Value>,
    remediation: String,
    #[serde(default)]
    frameworks: BTreeMap<String, Vec<Value>>,
}

/// A kind of facts, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// The frameworks that reports know.
const FRAMEWORKS: &[&str] =
    &["cis", "csa_ccm_4", "iso27001_2022", "nist_800_53", "owasp_secrets", "pci_dss_4", "soc2"];

/// Reads the controls of a file, and what is wrong with them.
pub(super) fn controls(file: &str, outline: &Outline) -> (Vec<Control>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut controls: Vec<Control> = Vec::new();
    for block in &outline.blocks {
        match read(file, block, outline) {
            Ok(Some(control)) if controls.iter().any(|other| other.id == control.id) => {
                problems.push(Problem {
                    file: file.to_owned(),
                    line: block.line,
                    why: format!("`{}` has metadata already, above another body", control.id),
                });
            }
            Ok(control) => controls.extend(control),
            Err(found) => problems.extend(found),
        }
    }
    let mut named = BTreeSet::new();
    for rule in outline.rules.iter().filter(|rule| rule.is_control) {
        // Metadata that cannot be read has its own problem.
        let has_block =
            outline.blocks.iter().any(|block| block.above == Above::Rule(rule.name.clone()));
        if named.insert(&rule.name) && !has_block {
            problems.push(Problem {
                file: file.to_owned(),
                line: rule.line,
                why: format!("`{}` is a control without metadata above it", rule.name),
            });
        }
    }
    (controls, problems)
}

fn read(file: &str, block: &Block, outline: &Outline) -> Result<Option<Control>, Vec<Problem>> {
    let problem = |line, why| Problem { file: file.to_owned(), line, why };
    let written: Written = serde_saphyr::from_str(&block.yaml).map_err(|error| {
        // The YAML begins on the line after the word METADATA.
        let line = block.line + error.location().map_or(0, |at| at.line() as usize);
        let why = error.without_snippet().to_string();
        // Its own place counts from the block.
        let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
        vec![problem(line, format!("metadata: {why}"))]
    })?;
    let Some(custom) = written.custom else { return Ok(None) };
    let Above::Rule(name) = &block.above else {
        let why = match block.above {
            Above::Package => "metadata of a control stands above the package",
            _ => "metadata of a control must stand on the lines above its rule",
        };
        return Err(vec![problem(block.line, why.into())]);
    };
    let mut wrong = Vec::new();
    let mut require = |holds: bool, why: String| {
        if !holds {
            wrong.push(problem(block.line, why));
        }
    };
    let id = &custom.id;
    require(is_kebab(id), format!("`{id}` is no id in kebab-case"));
    let rule = outline.rules.iter().find(|rule| rule.name == *name && rule.is_control);
    require(
        id.replace('-', "_") == *name,
        format!("`{id}` stands above the rule `{name}`, not `{}`", id.replace('-', "_")),
    );
    require(rule.is_some(), format!("`{name}` does not begin `{name} contains finding if`"));
    let scope = written.scope.as_deref();
    require(
        matches!(scope, None | Some("rule" | "document")),
        format!("`{id}`: its scope is neither rule nor document"),
    );
    require(!written.title.is_empty(), format!("`{id}`: `title` is missing"));
    require(!written.description.is_empty(), format!("`{id}`: `description` is missing"));
    require(!custom.remediation.is_empty(), format!("`{id}`: `remediation` is empty"));
    let subject: BTreeSet<String> = match custom.subject {
        OneOrMore::One(kind) => BTreeSet::from([kind]),
        OneOrMore::More(kinds) => kinds.into_iter().collect(),
    };
    require(!subject.is_empty(), format!("`{id}`: `subject` is empty"));
    for kind in subject.iter().filter(|kind| !custom.needs.contains(*kind)) {
        require(false, format!("`{id}`: its subject `{kind}` is not among `needs`"));
    }
    for kind in custom.needs.iter().filter(|kind| !kinds::is_known(kind)) {
        require(false, format!("`{id}`: there are no facts of kind `{kind}`"));
    }
    for framework in custom.frameworks.keys().filter(|name| !FRAMEWORKS.contains(&name.as_str())) {
        let known = FRAMEWORKS.join(", ");
        require(false, format!("`{id}`: framework `{framework}` is none of {known}"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    // `8.6.2` is a string and `4.10` would be a number.
    let mut frameworks = BTreeMap::new();
    for (framework, requirements) in custom.frameworks {
        let texts: Option<Vec<String>> =
            requirements.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        let Some(texts) = texts else {
            let why = format!("`{id}`: requirements of `{framework}` are strings: \"4.10\"");
            return Err(vec![problem(block.line, why)]);
        };
        frameworks.insert(framework, texts);
    }
    let needs: BTreeSet<String> = custom.needs.into_iter().collect();
    let references = written.related_resources.into_iter().map(|resource| match resource {
        Resource::Address(address) | Resource::Described { address } => address,
    });
    Ok(Some(Control {
        title: written.title,
        description: written.description.trim_end().to_owned(),
        severity: custom.severity,
        subject: subject.into_iter().collect(),
        conditions: custom.r#where,
        needs: needs.into_iter().collect(),
        threshold: custom.threshold,
        remediation: custom.remediation.trim_end().to_owned(),
        references: references.collect(),
        frameworks,
        package: outline.package.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
        file: file.to_owned(),
        line: rule.map_or(block.line, |rule| rule.line),
        id: custom.id,
    }))
}

fn is_kebab(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.split('-').all(is_part)
}

//! What the text of an ACL policy says (<https://developer.hashicorp.com/vault/docs/concepts/policies>).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::fields;
use super::hcl::{self, Node};
use super::text::Texts;

/// What a policy may allow, and `deny`.
const CAPABILITIES: &[&str] = &[
    "create",
    "delete",
    "deny",
    "list",
    "patch",
    "read",
    "recover",
    "scan",
    "subscribe",
    "sudo",
    "update",
];

/// What a policy says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Policy {
    pub(super) rules: Vec<Rule>,
}

/// What it says of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    /// As written, with templates.
    pub(super) path: String,
    /// Of [`CAPABILITIES`]; `deny` stands alone.
    pub(super) capabilities: BTreeSet<&'static str>,
    pub(super) limits: Limits,
    /// When it ends (OpenBao).
    pub(super) expiration: Option<Timestamp>,
    /// Parameters and the like, as facts have them.
    detail: Map<String, Value>,
    line: usize,
}

/// What narrows a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Limits {
    pub(super) parameters: bool,
    pub(super) control_group: bool,
    pub(super) wrapping: bool,
}

impl Policy {
    /// Reads a text; what the server would refuse is an error, which quotes nothing.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        for item in hcl::parse(text)? {
            let at = |what: &str| format!("line {}: {what}", item.line);
            match (item.keys.as_slice(), &item.value) {
                ([name], Node::Text(_)) if name == "name" => {}
                ([word, path], Node::Object(body)) if word == "path" => {
                    rules.push(rule(path, body, item.line)?);
                }
                // JSON: {"path": {"a": {...}}}, or a list of those.
                ([word], value) if word == "path" => {
                    for node in value.each() {
                        let Node::Object(paths) = node else {
                            return Err(at("a path has no block"));
                        };
                        for path in paths {
                            for body in path.value.each() {
                                let Node::Object(body) = body else {
                                    return Err(at("a path has no block"));
                                };
                                rules.push(rule(&path.keys.join("."), body, path.line)?);
                            }
                        }
                    }
                }
                _ => return Err(at("it is no path")),
            }
        }
        Ok(Self { rules })
    }

    /// Whether a path of it depends on who asks.
    pub(super) fn is_templated(&self) -> bool {
        self.rules.iter().any(|rule| rule.path.contains("{{"))
    }

    /// `paths` of its fact.
    pub(super) fn facts(&self, texts: &mut Texts<'_>) -> Value {
        self.rules
            .iter()
            .map(|rule| {
                let mut fact = Map::new();
                fact.insert("path".into(), texts.blank_text("paths", &rule.path).into());
                fact.insert("capabilities".into(), json!(rule.capabilities));
                for (name, value) in &rule.detail {
                    fact.insert(name.clone(), texts.blank(&format!("paths.{name}"), value));
                }
                fact.insert("control_group".into(), rule.limits.control_group.into());
                fact.insert("line".into(), rule.line.into());
                Value::Object(fact)
            })
            .collect()
    }
}

fn rule(path: &str, body: &[hcl::Item], line: usize) -> Result<Rule, String> {
    let mut capabilities = BTreeSet::new();
    let mut limits = Limits::default();
    let mut expiration = None;
    let mut detail = Map::new();
    for name in [
        "allowed_parameters",
        "denied_parameters",
        "required_parameters",
        "min_wrapping_ttl",
        "max_wrapping_ttl",
        "subscribe_event_types",
    ] {
        detail.insert(name.into(), Value::Null);
    }
    for item in body {
        let wrong = |what: &str| format!("line {}: {what}", item.line);
        let name = item.keys[0].as_str();
        match name {
            "capabilities" => {
                for node in item.value.each() {
                    let word = node.text().unwrap_or_default();
                    let known = CAPABILITIES.iter().find(|known| **known == word);
                    capabilities.insert(*known.ok_or_else(|| wrong("a capability is none"))?);
                }
            }
            "policy" => capabilities.extend(match item.value.text().unwrap_or_default() {
                "deny" => ["deny"].as_slice(),
                "read" => &["read", "list"],
                "write" => &["create", "read", "update", "delete", "list"],
                "sudo" => &["create", "read", "update", "delete", "list", "sudo"],
                _ => return Err(wrong("a policy of the old form is none")),
            }),
            "allowed_parameters" | "denied_parameters" => {
                limits.parameters = true;
                detail.insert(name.into(), parameters(&item.value));
            }
            "required_parameters" => {
                limits.parameters = true;
                detail.insert(name.into(), list(&item.value));
            }
            "min_wrapping_ttl" | "max_wrapping_ttl" => {
                limits.wrapping = true;
                let seconds = fields::as_seconds(&item.value.json());
                let seconds = seconds.ok_or_else(|| wrong("a duration is none"))?;
                detail.insert(name.into(), seconds.into());
            }
            "subscribe_event_types" => {
                detail.insert(name.into(), list(&item.value));
            }
            "control_group" => limits.control_group = true,
            "expiration" => {
                let time = item.value.text().and_then(|text| text.parse().ok());
                expiration = Some(time.ok_or_else(|| wrong("a time is none"))?);
            }
            "comment"
            | "mfa_methods"
            | "pagination_limit"
            | "list_scan_response_keys_filter_path" => {}
            _ => return Err(wrong("an attribute is unknown")),
        }
    }
    if capabilities.contains("deny") {
        capabilities = BTreeSet::from(["deny"]);
    }
    if path.contains("+*") {
        return Err(format!("line {line}: `+*` is no wildcard"));
    }
    Ok(Rule { path: path.to_owned(), capabilities, limits, expiration, detail, line })
}

fn list(node: &Node) -> Value {
    node.each().iter().map(Node::json).collect()
}

/// Parameters to lists of values.
fn parameters(node: &Node) -> Value {
    let mut all = Map::new();
    for node in node.each() {
        if let Node::Object(items) = node {
            all.extend(items.iter().map(|item| (item.keys.join("."), list(&item.value))));
        }
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fact_of_a_path_has_all_its_fields() {
        let text = r#"path "auth/token/create" {
            capabilities = ["update", "create"]
            allowed_parameters = { "policies" = ["a"], "ttl" = [] }
            denied_parameters = { "no_parent" = [true] }
            required_parameters = ["ttl"]
            min_wrapping_ttl = "1m"
            max_wrapping_ttl = 90
            control_group = { factor "ops" { identity { group_names = ["g"] approvals = 1 } } }
        }"#;
        let policy = Policy::parse(text).unwrap();
        let facts = policy.facts(&mut Texts::new(&|_: &str| Vec::new()));
        let expected = json!([{
            "path": "auth/token/create", "capabilities": ["create", "update"],
            "allowed_parameters": {"policies": ["a"], "ttl": []}, "denied_parameters": {"no_parent": [true]},
            "required_parameters": ["ttl"], "min_wrapping_ttl": 60, "max_wrapping_ttl": 90,
            "subscribe_event_types": null, "control_group": true, "line": 1,
        }]);
        assert_eq!(facts, expected);
    }

    #[test]
    fn what_the_server_refuses_is_refused() {
        for text in [
            r#"path "a" { capabilities = ["fly"] }"#,
            r#"path "a" { policy = "most" }"#,
            r#"path "a" { size = 1 }"#,
            r#"path "a/+*" { policy = "read" }"#,
            r#"paths "a" { policy = "read" }"#,
            "path \"a\"",
        ] {
            assert!(Policy::parse(text).is_err(), "{text}");
        }
    }
}

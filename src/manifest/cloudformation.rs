//! Templates of AWS `CloudFormation` and SAM
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>), in YAML and JSON.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::{Value, json};

use super::attributes::{Format, Resource, copy, places, scalar_kind, to_json};
use super::names::names_a_secret;
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::values::{Binding, Syntax, find_near};
use super::yaml::documents;
use super::{File, Read, has_extension};
use crate::model::PathId;

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] =
    &["cfn_output", "cfn_parameter", "env_binding", "iac_attribute", "iac_resource"];

/// Properties that are secrets by the schemas of their resources: of RDS, Redshift, Secrets Manager, `ElastiCache`, `DocumentDB`,
/// `AmazonMQ`, Amplify.
const SECRETS: &[&str] = &[
    "MasterUserPassword",
    "MasterPassword",
    "SecretString",
    "AuthToken",
    "Password",
    "OAuthToken",
    "OauthToken",
    "AccessToken",
];

/// Services whose resources policies look at.
const SERVICES: &[&str] = &[
    "AWS::SecretsManager::",
    "AWS::SSM::Parameter",
    "AWS::KMS::Key",
    "AWS::EKS::Cluster",
    "AWS::CloudTrail::Trail",
    "AWS::IAM::AccessKey",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
];

static FORMAT: Format = Format {
    system: "cloudformation",
    kind,
    takes_secret: |name| SECRETS.contains(&name),
    is_elsewhere: |name| {
        ["Environment", "EnvironmentVariables", "RuntimeEnvironmentVariables"].contains(&name)
    },
};

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    has_extension(path, &["yaml", "yml", "json", "template"])
        && (has("AWSTemplateFormatVersion") || has("AWS::Serverless") || has("AWS::"))
        && has("Resources")
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        template(&mut sheet, root);
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// Reads a template, also as a part of another document.
pub(super) fn template(sheet: &mut Sheet<'_>, root: &Rc<Node>) {
    let is_resource = |(_, resource): &(Rc<Node>, Rc<Node>)| {
        let own = resource.text_at(&["Type"]);
        own.is_some_and(|own| own.starts_with("AWS::") || own.contains("::"))
    };
    let resources = root.get("Resources").map(|all| all.entries()).unwrap_or_default();
    if !resources.iter().any(is_resource) {
        return;
    }
    let mut secrets = HashSet::new();
    for (name, parameter) in root.get("Parameters").map(|all| all.entries()).unwrap_or_default() {
        let Some(name) = name.text() else { continue };
        if parameter_of(sheet, name, parameter) {
            secrets.insert(name);
        }
    }
    if let Some(mappings) = root.get("Mappings") {
        FORMAT.attributes(sheet, "Mappings", "", mappings);
    }
    // What SAM gives all functions.
    if let Some(globals) = root.get("Globals") {
        environments(sheet, "Globals", globals);
    }
    for (name, resource) in resources {
        let (Some(name), Some(own)) = (name.text(), resource.text_at(&["Type"])) else { continue };
        let id = format!("Resources.{name}");
        if SERVICES.iter().any(|service| own.starts_with(service)) {
            let properties = resource
                .get("Properties")
                .map_or_else(|| json!({}), |all| to_json(sheet, all, |key| SECRETS.contains(&key)));
            let mut parts = Vec::new();
            if let Some(all) = resource.get("Properties") {
                places(all, PathId::ROOT.key("properties"), &mut parts);
            }
            let (system, own_type) = (FORMAT.system, own);
            let resource_of = Resource { system, own_type, name, properties, parts };
            resource_of.add(sheet, &id, &resource.span);
        }
        if let Some(properties) = resource.get("Properties") {
            environments(sheet, &id, properties);
            FORMAT.attributes(sheet, &id, "", properties);
        }
    }
    for (name, output) in root.get("Outputs").map(|all| all.entries()).unwrap_or_default() {
        if let (Some(name), Some(value)) = (name.text(), output.get("Value")) {
            output_of(sheet, name, output, value, &secrets);
        }
    }
}

/// Adds the fact of a parameter, and says whether it takes a secret.
fn parameter_of(sheet: &mut Sheet<'_>, name: &str, parameter: &Rc<Node>) -> bool {
    let own = parameter.text_at(&["Type"]).unwrap_or("String");
    let no_echo = match parameter.get("NoEcho").map(|value| value.text()) {
        None => Value::Bool(false),
        Some(Some(text)) => text.eq_ignore_ascii_case("true").into(),
        Some(None) => Value::Null,
    };
    // The value of such a type is the name of what holds it.
    let is_name = own.starts_with("AWS::");
    let names_secret = names_a_secret(name) && !is_name && own != "Number";
    let is_secret = names_secret || no_echo == true;
    let mut fields = json!({
        "name": name, "parameter_type": own, "names_secret": names_secret, "no_echo": no_echo,
        "value_kind": "empty", "holds_secret": false, "secret_rule": null, "secret_confidence": null,
    });
    if let Some(default) = parameter.get("Default") {
        let kind = if is_name { Some("reference") } else { scalar_kind(default, Syntax::None) };
        let (value, kind) = (default.inner.clone(), kind.unwrap_or("literal"));
        let (format, instruction) = (FORMAT.system, "Default");
        copy(&mut fields, &Binding { name, value, kind, format, instruction }.fields(sheet));
        if is_secret && kind == "literal" {
            sheet.hide(&default.inner);
        }
    }
    sheet.add("cfn_parameter", &format!("Parameters.{name}"), &parameter.span, fields);
    is_secret
}

fn output_of(
    sheet: &mut Sheet<'_>,
    name: &str,
    output: &Rc<Node>,
    value: &Rc<Node>,
    parameters: &HashSet<&str>,
) {
    let mut gives: Vec<String> = references(value)
        .into_iter()
        .filter(|name| match name.rsplit_once('.') {
            // What a resource is by name alone is its id.
            None => parameters.contains(name.as_str()),
            Some((_, last)) => names_a_secret(last),
        })
        .collect();
    gives.sort_unstable();
    gives.dedup();
    let judged = sheet.judge(&value.span);
    let fields = json!({
        "name": name,
        "names_secret": names_a_secret(name),
        "secrets": gives,
        "holds_secret": judged.is_some(),
    });
    sheet.add("cfn_output", &format!("Outputs.{name}"), &output.span, fields);
}

/// What a value refers to: `Parameter`, `Resource.Attribute`, and dynamic references as they begin. Recursion is as deep as
/// documents may be.
fn references(node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    let function = node.tag.as_deref();
    match &node.tree {
        Tree::Scalar { text, .. } => match function {
            Some("Ref" | "GetAtt") => found.push(text.clone()),
            _ => found.extend(substituted(text)),
        },
        Tree::List(items) if function == Some("GetAtt") => {
            let parts: Vec<&str> = items.iter().filter_map(|item| item.text()).collect();
            found.push(parts.join("."));
        }
        Tree::List(items) => found.extend(items.iter().flat_map(|item| references(item))),
        Tree::Map(entries) => {
            for (key, value) in entries {
                match (key.text(), value.text()) {
                    (Some("Ref" | "Fn::GetAtt"), Some(text)) => found.push(text.to_owned()),
                    (Some("Fn::GetAtt"), None) => {
                        let parts: Vec<&str> =
                            value.items().iter().filter_map(|item| item.text()).collect();
                        found.push(parts.join("."));
                    }
                    _ => found.extend(references(value)),
                }
            }
        }
    }
    found
}

/// `${Name}` and `{{resolve:secretsmanager:...}}` of a text.
fn substituted(text: &str) -> Vec<String> {
    let names = text.match_indices("${").filter_map(|(at, _)| {
        let rest = &text[at + 2..];
        find_near(rest, "}").map(|end| rest[..end].trim().to_owned())
    });
    let stores = ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"]
        .into_iter()
        .filter(|store| text.contains(store))
        .map(|store| format!("{}.secret", store.trim_matches(['{', ':'])));
    names.chain(stores).collect()
}

/// What docs/policies.md calls `value_kind`; None of lists and maps that are no function.
fn kind(node: &Node) -> Option<&'static str> {
    let function = node.tag.as_deref().or_else(|| match node.entries() {
        [(key, _)] => key
            .text()
            .and_then(|key| if key == "Ref" { Some(key) } else { key.strip_prefix("Fn::") }),
        _ => None,
    });
    match function {
        Some("Sub") => {
            let text = node.text().or_else(|| node.text_at(&["Fn::Sub"]));
            Some(text.map_or("interpolated", substitution))
        }
        Some(
            "Ref" | "GetAtt" | "ImportValue" | "FindInMap" | "Select" | "GetAZs" | "Condition",
        ) => Some("reference"),
        Some(_) => Some("interpolated"),
        None => scalar_kind(node, Syntax::None),
    }
}

fn substitution(text: &str) -> &'static str {
    let bare = text.trim().replace("${!", "");
    match bare.strip_prefix("${") {
        Some(inner) if find_near(inner, "}") == Some(inner.len() - 1) => "reference",
        _ if bare.contains("${") => "interpolated",
        _ if bare.is_empty() => "empty",
        _ if bare.starts_with("{{") => "reference",
        _ => "literal",
    }
}

/// Variables of functions, containers and builds, wherever they are in a resource. Recursion is as deep as documents may be.
fn environments(sheet: &mut Sheet<'_>, id: &str, node: &Rc<Node>) {
    for (key, value) in node.entries() {
        let Some(name) = key.text() else { continue };
        let is_environment = (FORMAT.is_elsewhere)(name);
        if is_environment {
            FORMAT.variables(sheet, id, value.get("Variables"), name);
            for item in value.items() {
                // A build may name a parameter or secret in place of the value.
                let is_plain = item.text_at(&["Type"]).is_none_or(|own| own == "PLAINTEXT");
                if let (Some(name), Some(own), true) =
                    (item.text_at(&["Name"]), item.get("Value"), is_plain)
                {
                    FORMAT.variable(sheet, id, name, own, "Environment");
                }
            }
        }
        environments(sheet, id, value);
    }
    for item in node.items() {
        environments(sheet, id, item);
    }
}

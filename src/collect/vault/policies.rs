//! ACL policies and password policies.

use serde_json::{Map, Value, json};

use super::fields::as_time;
use super::gather::Gather;
use super::hcl::{self, Node};
use super::policy::Policy;

/// Reads the ACL policies of a namespace.
pub(super) async fn acl(gather: &Gather<'_>, namespace: &str) {
    const KIND: &str = "vault_policy";
    if !gather.wants(KIND) {
        return;
    }
    let names = gather.names(KIND, namespace, "sys/policies/acl").await;
    gather
        .each(names, async |name: String| {
            let path = format!("sys/policies/acl/{name}");
            // It has no text; whoever has it may do all.
            let text = if name == "root" {
                Some(json!({"policy": ""}))
            } else {
                gather.read(KIND, namespace, &path).await
            };
            let Some(answer) = text else { return };
            let text =
                answer["policy"].as_str().or_else(|| answer["rules"].as_str()).unwrap_or_default();
            let mut texts = gather.texts();
            texts.blank_text("policy", text);
            let parsed = Policy::parse(text);
            let mut facts = Map::new();
            facts.insert("name".into(), name.as_str().into());
            facts.insert("modified".into(), as_time(&answer["modified"]).into());
            match &parsed {
                Ok(policy) => {
                    facts.insert("parse_error".into(), Value::Null);
                    facts.insert("templated".into(), policy.is_templated().into());
                    facts.insert("paths".into(), policy.facts(&mut texts));
                }
                Err(why) => {
                    facts.insert("parse_error".into(), why.as_str().into());
                    facts.insert("templated".into(), Value::Null);
                    facts.insert("paths".into(), json!([]));
                    gather.gap(KIND, namespace, &path, &format!("it cannot be read: {why}"));
                }
            }
            facts.insert("secret_rules".into(), texts.rules());
            if let Ok(policy) = parsed {
                gather.found().policies.insert((namespace.to_owned(), name.clone()), policy);
            }
            gather.put(KIND, namespace, &path, facts);
        })
        .await;
}

/// Reads the password policies of a namespace.
pub(super) async fn passwords(gather: &Gather<'_>, namespace: &str) {
    const KIND: &str = "vault_password_policy";
    if !gather.wants(KIND) {
        return;
    }
    let names = gather.names(KIND, namespace, "sys/policies/password").await;
    gather
        .each(names, async |name: String| {
            let path = format!("sys/policies/password/{name}");
            let Some(answer) = gather.read(KIND, namespace, &path).await else { return };
            let mut facts = Map::from_iter([("name".to_owned(), Value::from(name))]);
            facts.extend(password(answer["policy"].as_str().unwrap_or_default()));
            gather.put(KIND, namespace, &path, facts);
        })
        .await;
}

/// What a password policy says (<https://developer.hashicorp.com/vault/docs/concepts/password-policies>).
fn password(text: &str) -> Map<String, Value> {
    let (items, error) = match hcl::parse(text) {
        Ok(items) => (items, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let mut length = None;
    let mut rules = Vec::new();
    let mut alphabet: Vec<char> = Vec::new();
    for item in &items {
        match (item.keys[0].as_str(), &item.value) {
            ("length", value) => length = value.json().as_u64(),
            ("rule", Node::Object(body)) => {
                let kind = item.keys.get(1).map_or("charset", String::as_str);
                let value = |name: &str| {
                    body.iter().find(|item| item.keys[0] == name).map(|item| &item.value)
                };
                let mut charset: Vec<char> =
                    value("charset").and_then(Node::text).unwrap_or_default().chars().collect();
                charset.sort_unstable();
                charset.dedup();
                let classes: Vec<&str> = [
                    ("lower", char::is_lowercase as fn(char) -> bool),
                    ("upper", char::is_uppercase),
                    ("digits", char::is_numeric),
                    ("symbols", |c| !c.is_alphanumeric()),
                ]
                .into_iter()
                .filter(|(_, is)| charset.iter().any(|&c| is(c)))
                .map(|(class, _)| class)
                .collect();
                let least = value("min-chars")
                    .or_else(|| value("min_chars"))
                    .and_then(|node| node.json().as_u64());
                rules.push(json!({
                    "type": kind, "charset_length": charset.len(), "classes": classes,
                    "min_chars": least.unwrap_or(0),
                }));
                alphabet.extend(charset);
            }
            _ => {}
        }
    }
    alphabet.sort_unstable();
    alphabet.dedup();
    let fields = json!({
        "length": length, "parse_error": error, "rules": rules, "alphabet": alphabet.len(),
    });
    fields.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_policy_is_its_length_and_alphabet() {
        let policy = r#"
            length = 20
            rule "charset" { charset = "abcabc" min-chars = 1 }
            rule "charset" { charset = "ABC123!" }
        "#;
        let expected = json!({
            "length": 20, "parse_error": null, "alphabet": 10,
            "rules": [
                {"type": "charset", "charset_length": 3, "classes": ["lower"], "min_chars": 1},
                {"type": "charset", "charset_length": 7, "classes": ["upper", "digits", "symbols"], "min_chars": 0},
            ],
        });
        assert_eq!(Value::Object(password(policy)), expected);
        assert!(password("length = {")["parse_error"].is_string());
    }
}

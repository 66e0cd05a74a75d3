//! Policy documents in one shape: docs/facts/aws-access.md, "Policy documents".

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Kinds of principals, as documents name them.
const PRINCIPALS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// A document from its JSON, which IAM encodes as in URLs; `None` if it is no policy.
pub(super) fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.starts_with('%') {
        return parse(&percent_decode_str(text).decode_utf8().ok()?);
    }
    normal(&serde_json::from_str(text).ok()?)
}

/// A document from whatever way to write it; `None` if it is none.
pub(super) fn normal(document: &Value) -> Option<Value> {
    let document = document.as_object()?;
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().map(statement).collect::<Option<Vec<Value>>>()?,
        Some(one @ Value::Object(_)) => vec![statement(one)?],
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return None,
    };
    let version = document.get("Version").and_then(Value::as_str);
    Some(json!({"Version": version, "Statement": statements}))
}

fn statement(statement: &Value) -> Option<Value> {
    let statement = statement.as_object()?;
    let texts = |name: &str| statement.get(name).map_or(Value::Null, texts);
    Some(json!({
        "Sid": statement.get("Sid").and_then(Value::as_str),
        "Effect": statement.get("Effect").and_then(Value::as_str),
        "Action": texts("Action"),
        "NotAction": texts("NotAction"),
        "Resource": texts("Resource"),
        "NotResource": texts("NotResource"),
        "Principal": principal(statement.get("Principal")),
        "NotPrincipal": principal(statement.get("NotPrincipal")),
        "Condition": condition(statement.get("Condition")),
    }))
}

/// A list of texts, of one or many; numbers and bools become texts.
fn texts(value: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => Some(Value::String(text.clone())),
        Value::Number(_) | Value::Bool(_) => Some(Value::String(value.to_string())),
        _ => None,
    };
    match value {
        Value::Null => Value::Null,
        Value::Array(items) => items.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

fn principal(value: Option<&Value>) -> Value {
    let all = |of: &dyn Fn(&str) -> Value| -> Value {
        PRINCIPALS.iter().map(|&name| (name.to_owned(), of(name))).collect::<Map<_, _>>().into()
    };
    match value {
        // Only `*` is written without its kind; anything else would be an account.
        Some(Value::String(text)) => {
            all(&|name| if name == "AWS" { json!([text]) } else { json!([]) })
        }
        Some(Value::Object(kinds)) => {
            all(&|name| kinds.get(name).filter(|list| !list.is_null()).map_or(json!([]), texts))
        }
        _ => Value::Null,
    }
}

fn condition(value: Option<&Value>) -> Value {
    let Some(Value::Object(operators)) = value else { return json!({}) };
    let keys = |keys: &Value| -> Value {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(|(key, values)| (key.clone(), texts(values))).collect::<Map<_, _>>().into()
    };
    operators.iter().map(|(name, of)| (name.clone(), keys(of))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_document_have_one_shape() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*",
            "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"x": [3, "4"]}}}}"#;
        let expected = json!({"Version": "2012-10-17", "Statement": [{
            "Sid": null, "Effect": "Allow", "Action": ["s3:Get*"], "NotAction": null, "Resource": ["*"], "NotResource": null,
            "Principal": {"AWS": ["*"], "Service": [], "Federated": [], "CanonicalUser": []}, "NotPrincipal": null,
            "Condition": {"Bool": {"aws:SecureTransport": ["true"]}, "NumericLessThan": {"x": ["3", "4"]}},
        }]});
        assert_eq!(parse(text), Some(expected.clone()));
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(parse(&encoded), Some(expected));
        let account = normal(
            &json!({"Statement": [{"Principal": {"AWS": "123456789012", "Service": ["a", "b"]}}]}),
        );
        let account = account.unwrap();
        let principal = &account["Statement"][0]["Principal"];
        assert_eq!(principal["AWS"], json!(["123456789012"]));
        assert_eq!(principal["Service"], json!(["a", "b"]));
        assert_eq!(account["Statement"][0]["Condition"], json!({}));
    }

    #[test]
    fn what_is_no_document_is_none() {
        for text in ["", "[]", "{\"Statement\": \"x\"}", "{\"Statement\": [1]}", "%7B", "nonsense"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("{}"), Some(json!({"Version": null, "Statement": []})));
    }
}

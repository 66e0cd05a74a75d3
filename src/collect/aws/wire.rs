//! Requests to bytes and answers to JSON, in the protocols of AWS.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::service::{Operation, Protocol};
use super::xml;

/// What stays as it is in paths and queries: RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) method: &'static str,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// What an answer says of a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The error's code: `AccessDeniedException`; empty if there is none.
    pub(super) code: String,
}

/// A request for `operation` with `input`, an object.
pub(super) fn request(operation: &Operation, input: &Value) -> Outgoing {
    let (method, template) = operation.route;
    let mut outgoing =
        Outgoing { method, target: "/".into(), headers: Vec::new(), body: String::new() };
    match operation.service.protocol {
        Protocol::Json(version, target) => {
            outgoing.headers.push(("content-type", format!("application/x-amz-json-{version}")));
            outgoing.headers.push(("x-amz-target", format!("{target}.{}", operation.name)));
            outgoing.body = input.to_string();
        }
        Protocol::Query(version) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("Action", operation.name).append_pair("Version", version);
            let is_ec2 = operation.service.name == "ec2";
            let mut pairs = Vec::new();
            flatten("", input, is_ec2, &mut pairs);
            form.extend_pairs(pairs);
            outgoing
                .headers
                .push(("content-type", "application/x-www-form-urlencoded; charset=utf-8".into()));
            outgoing.body = form.finish();
        }
        Protocol::Rest | Protocol::Xml => {
            let mut rest = input.as_object().cloned().unwrap_or_default();
            if let Some(Value::String(account)) = rest.remove(ACCOUNT) {
                outgoing.headers.push(("x-amz-account-id", account));
            }
            outgoing.target = path(template, &mut rest);
            if method == "GET" {
                outgoing.target = with_query(&outgoing.target, &rest);
            } else {
                outgoing.headers.push(("content-type", "application/json".into()));
                outgoing.body = Value::Object(rest).to_string();
            }
        }
    }
    outgoing
}

/// The field of an input that goes into the header of that name.
pub(super) const ACCOUNT: &str = "x-amz-account-id";

/// Fills the path in, and takes what it names out of the input.
fn path(template: &str, input: &mut Map<String, Value>) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        path.push_str(before);
        if let Some(Value::String(text)) = input.remove(name) {
            path.extend(utf8_percent_encode(&text, RESERVED));
        }
        rest = after;
    }
    path + rest
}

fn with_query(target: &str, input: &Map<String, Value>) -> String {
    let mut target = target.to_owned();
    let mut add = |name: &str, value: &str| {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.extend(utf8_percent_encode(name, RESERVED));
        target.push('=');
        target.extend(utf8_percent_encode(value, RESERVED));
    };
    for (name, value) in input {
        match value {
            Value::Array(items) => items.iter().for_each(|item| add(name, &plain(item))),
            other => add(name, &plain(other)),
        }
    }
    target
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `Filter.member.1=User`; without `member` in EC2's dialect.
fn flatten(name: &str, value: &Value, is_ec2: bool, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                flatten(&name, value, is_ec2, pairs);
            }
        }
        Value::Array(items) => {
            let member = if is_ec2 { "" } else { ".member" };
            for (index, item) in (1..).zip(items) {
                flatten(&format!("{name}{member}.{index}"), item, is_ec2, pairs);
            }
        }
        Value::Null => {}
        other => pairs.push((name.to_owned(), plain(other))),
    }
}

/// What a successful answer says; `None` if it is broken.
pub(super) fn answer(protocol: Protocol, body: &[u8]) -> Option<Value> {
    match protocol {
        _ if body.iter().all(u8::is_ascii_whitespace) => Some(Value::Object(Map::new())),
        Protocol::Json(..) | Protocol::Rest => serde_json::from_slice(body).ok(),
        Protocol::Query(_) => {
            let answer = xml::parse(body)?;
            // `<ListUsersResponse><ListUsersResult>`; EC2 has no second level.
            let result = answer.as_object().and_then(|fields| {
                fields.iter().find(|(name, _)| name.ends_with("Result")).map(|(_, value)| value)
            });
            Some(result.unwrap_or(&answer).clone())
        }
        Protocol::Xml => xml::parse(body),
    }
}

/// What a failed answer says; `kind` is its header `x-amzn-errortype`.
pub(super) fn refusal(protocol: Protocol, kind: Option<&str>, body: &[u8]) -> Refusal {
    let code = kind.map(str::to_owned).or_else(|| match protocol {
        Protocol::Json(..) | Protocol::Rest => {
            let body: Value = serde_json::from_slice(body).ok()?;
            let code = ["__type", "code", "Code"].into_iter().find_map(|name| body.get(name));
            Some(code?.as_str()?.to_owned())
        }
        Protocol::Query(_) | Protocol::Xml => {
            let body = xml::parse(body)?;
            let error = body.get("Error").or_else(|| body.get("Errors"));
            let error = match error.unwrap_or(&body) {
                Value::Array(errors) => errors.first()?,
                other => other,
            };
            Some(error.get("Code")?.as_str()?.to_owned())
        }
    });
    // `com.amazon.coral.service#AccessDeniedException:http://...`
    let code = code.unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    // Texts of errors may be about values: of what is no name nothing is kept.
    Refusal { code: if code.chars().all(is_name) { code.to_owned() } else { String::new() } }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::service::{EC2, IAM, LAMBDA, SECRETS, get, operation};
    use super::*;

    #[test]
    fn requests_are_as_the_protocol_has_them() {
        let request = |operation: Operation, input: Value| request(&operation, &input);
        let list = request(operation(&SECRETS, "ListSecrets"), json!({"MaxResults": 100}));
        assert_eq!(list.body, r#"{"MaxResults":100}"#);
        assert_eq!(list.headers[1], ("x-amz-target", "secretsmanager.ListSecrets".to_owned()));
        let details =
            request(operation(&IAM, "Get"), json!({"Filter": ["User", "Role"], "Max": 1}));
        let expected =
            "Action=Get&Version=2010-05-08&Filter.member.1=User&Filter.member.2=Role&Max=1";
        assert_eq!(details.body, expected);
        let filters = json!({"Filter": [{"Name": "vpc-id", "Value": ["a b"]}]});
        let networks = request(operation(&EC2, "D"), filters);
        let expected = "Action=D&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=a+b";
        assert_eq!(networks.body, expected);
        let policy = get(&LAMBDA, "GetPolicy", "/2015-03-31/functions/{FunctionName}/policy");
        let policy = request(policy, json!({"FunctionName": "arn:aws:f/1", "Qualifier": "a b"}));
        assert_eq!(policy.target, "/2015-03-31/functions/arn%3Aaws%3Af%2F1/policy?Qualifier=a%20b");
        assert_eq!(policy.body, "");
    }

    #[test]
    fn answers_lose_what_wraps_them() {
        let body = b"<ListResponse xmlns='x'><ListResult><A>1</A></ListResult><M><R>2</R></M></ListResponse>";
        assert_eq!(answer(IAM.protocol, body), Some(json!({"A": "1"})));
        assert_eq!(answer(SECRETS.protocol, b"{\"A\":1}"), Some(json!({"A": 1})));
        assert_eq!(answer(SECRETS.protocol, b"{\"A\":"), None);
        assert_eq!(answer(IAM.protocol, b"<A><B>"), None);
        assert_eq!(answer(LAMBDA.protocol, b""), Some(json!({})));
    }

    #[test]
    fn codes_of_errors_are_bare_and_no_text_is_kept() {
        let code = |protocol, kind, body: &str| refusal(protocol, kind, body.as_bytes()).code;
        let json = r#"{"__type":"com.amazonaws.x#AccessDeniedException","message":"m"}"#;
        assert_eq!(code(SECRETS.protocol, None, json), "AccessDeniedException");
        let kind = Some("NotFoundException:http://internal.amazon.com/");
        assert_eq!(code(LAMBDA.protocol, kind, ""), "NotFoundException");
        let xml =
            "<ErrorResponse><Error><Type>S</Type><Code>NoSuchEntity</Code></Error></ErrorResponse>";
        assert_eq!(code(IAM.protocol, None, xml), "NoSuchEntity");
        let ec2 = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
        assert_eq!(code(EC2.protocol, None, ec2), "UnauthorizedOperation");
        assert_eq!(
            code(Protocol::Xml, None, "<Error><Code>AccessDenied</Code></Error>"),
            "AccessDenied"
        );
        assert_eq!(code(SECRETS.protocol, None, r#"{"__type":"a text of words"}"#), "");
        assert_eq!(code(SECRETS.protocol, None, "<html>"), "");
    }
}

//! What statements of policies say of a request: for certain, or under conditions that cannot be known.
//! Source: "Policy evaluation logic" and "IAM JSON policy elements" in the IAM User Guide.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::conditions;
use super::field::items;

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    No,
    /// Where these conditions are met, which cannot be known.
    If(Vec<String>),
    Yes,
}

impl Fit {
    /// Both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, fit) | (fit, Self::Yes) => fit,
            (Self::If(mut all), Self::If(more)) => {
                all.extend(more);
                all.sort();
                all.dedup();
                Self::If(all)
            }
        }
    }

    /// Either holds.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, fit) | (fit, Self::No) => fit,
            (Self::If(mut all), Self::If(more)) => {
                all.extend(more);
                all.sort();
                all.dedup();
                Self::If(all)
            }
        }
    }

    /// It does not hold.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::If(texts) => Self::If(texts.into_iter().map(|text| negated(&text)).collect()),
        }
    }

    pub(super) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

fn negated(text: &str) -> String {
    text.strip_prefix("not ").map_or_else(|| format!("not {text}"), str::to_owned)
}

/// What is known of a request besides action and resource. Names of keys are in lower case.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    keys: BTreeMap<String, Vec<String>>,
    /// What keys begin with of which all are known: those that are not there are absent.
    whole: Vec<&'static str>,
}

impl Context {
    /// A key that has values; of none it is known to be absent.
    pub(super) fn set(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_ascii_lowercase(), values);
    }

    /// All keys with a beginning, in lower case, are known.
    pub(super) fn know_all(&mut self, beginning: &'static str) {
        self.whole.push(beginning);
    }

    /// The same with what another knows.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.keys.extend(other.keys.iter().map(|(key, values)| (key.clone(), values.clone())));
        all.whole.extend(&other.whole);
        all
    }

    /// The values of a key; `None` if they are not known.
    pub(super) fn get(&self, key: &str) -> Option<&[String]> {
        let key = key.to_ascii_lowercase();
        if let Some(values) = self.keys.get(&key) {
            return Some(values);
        }
        self.whole.iter().any(|beginning| key.starts_with(beginning)).then_some(&[])
    }
}

/// Whether a text is as a pattern with `*` and `?` says.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The star takes one more.
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether a statement is about an action, whatever the resource.
pub(super) fn is_about(statement: &Value, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let is = |pattern: &str| is_like(&pattern.to_ascii_lowercase(), &action);
    let any = |name: &str| items(statement, name).iter().filter_map(Value::as_str).any(is);
    match statement.get("Action") {
        Some(Value::Array(_)) => any("Action"),
        _ => statement.get("NotAction").is_some_and(Value::is_array) && !any("NotAction"),
    }
}

/// Whether a statement holds for a request, apart from whom it names.
pub(super) fn fit(statement: &Value, action: &str, resource: &str, context: &Context) -> Fit {
    if !is_about(statement, action) {
        return Fit::No;
    }
    on_resource(statement, resource, context).and(conditions(statement, context))
}

fn on_resource(statement: &Value, resource: &str, context: &Context) -> Fit {
    let any = |patterns: &[Value]| {
        patterns
            .iter()
            .filter_map(Value::as_str)
            .map(|pattern| names(pattern, resource, context))
            .fold(Fit::No, Fit::or)
    };
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(Value::Array(patterns)), _) => any(patterns),
        (_, Some(Value::Array(patterns))) => any(patterns).not(),
        // Policies of a resource that name none are about it; trust policies have none.
        _ => Fit::Yes,
    }
}

/// Whether a pattern with variables names a resource.
fn names(pattern: &str, resource: &str, context: &Context) -> Fit {
    if !pattern.contains("${") {
        return Fit::of(is_like(pattern, resource));
    }
    let (pattern, unknown) = filled(pattern, context);
    match pattern {
        Some(pattern) if is_like(&pattern, resource) => {
            if unknown.is_empty() {
                Fit::Yes
            } else {
                Fit::If(unknown)
            }
        }
        _ => Fit::No,
    }
}

/// A text with the values of its variables; `*` for those that are not known, which are told. `None` if one is
/// known to have no value: such a text is like nothing.
pub(super) fn filled(pattern: &str, context: &Context) -> (Option<String>, Vec<String>) {
    let mut text = String::new();
    let mut unknown = Vec::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once("${") {
        let Some((variable, after)) = behind.split_once('}') else { break };
        text.push_str(before);
        let (key, default) = match variable.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (variable.trim(), None),
        };
        match (key, context.get(key)) {
            ("*" | "?" | "$", _) => text.push_str(key),
            (_, Some([])) => match default {
                Some(default) => text.push_str(default),
                None => return (None, Vec::new()),
            },
            (_, Some([value])) => text.push_str(value),
            (_, Some(_) | None) => {
                text.push('*');
                unknown.push(format!("${{{key}}} as in {pattern}"));
            }
        }
        rest = after;
    }
    text.push_str(rest);
    (Some(text), unknown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::document;
    use super::*;

    fn statement(mut statement: Value) -> Value {
        statement["Effect"] = "Allow".into();
        document::normal(&json!({"Statement": [statement]})).unwrap()["Statement"][0].clone()
    }

    fn context() -> Context {
        let mut context = Context::default();
        context.set("aws:PrincipalOrgID", vec!["o-1".into()]);
        context.set("aws:username", vec!["ann".into()]);
        context.set("aws:SecureTransport", vec!["true".into()]);
        context.set("secretsmanager:ResourceTag/team", vec!["a".into()]);
        context.set("aws:MultiFactorAuthAge", Vec::new());
        context.set("aws:SourceIp", vec!["10.1.2.3".into()]);
        context.know_all("secretsmanager:resourcetag/");
        context
    }

    #[test]
    fn actions_and_resources_match_by_patterns() {
        let none = Context::default();
        for (of, expected) in [
            (json!({"Action": "*", "Resource": "*"}), Fit::Yes),
            (json!({"Action": "SecretsManager:getsecret*", "Resource": "arn:s:*"}), Fit::Yes),
            (json!({"Action": "secretsmanager:GetSecretValu?", "Resource": "arn:s:a"}), Fit::Yes),
            (json!({"Action": "secretsmanager:Get", "Resource": "*"}), Fit::No),
            (json!({"NotAction": "iam:*", "Resource": "*"}), Fit::Yes),
            (json!({"NotAction": ["iam:*", "secretsmanager:*"], "Resource": "*"}), Fit::No),
            (json!({"Action": "*", "NotResource": "arn:s:a"}), Fit::No),
            (json!({"Action": "*", "NotResource": "arn:s:b"}), Fit::Yes),
            (json!({"Action": "*", "Resource": "ARN:S:A"}), Fit::No),
            (json!({"Resource": "*"}), Fit::No),
        ] {
            let of = statement(of);
            assert_eq!(
                fit(&of, "secretsmanager:GetSecretValue", "arn:s:a", &none),
                expected,
                "{of}"
            );
        }
    }

    #[test]
    fn conditions_are_met_or_told() {
        for (operator, key, value, expected) in [
            ("StringEquals", "aws:principalorgid", json!("o-1"), Some(true)),
            ("StringNotEquals", "aws:PrincipalOrgID", json!(["o-2", "o-1"]), Some(false)),
            (
                "StringEquals",
                "secretsmanager:ResourceTag/team",
                json!("${aws:username}"),
                Some(false),
            ),
            ("StringEquals", "secretsmanager:ResourceTag/none", json!("x"), Some(false)),
            ("StringNotEquals", "secretsmanager:ResourceTag/none", json!("x"), Some(true)),
            ("StringEqualsIfExists", "secretsmanager:ResourceTag/none", json!("x"), Some(true)),
            ("Null", "secretsmanager:ResourceTag/none", json!("true"), Some(true)),
            ("Null", "secretsmanager:ResourceTag/team", json!(true), Some(false)),
            ("Bool", "aws:SecureTransport", json!(false), Some(false)),
            ("NumericLessThan", "aws:MultiFactorAuthAge", json!(3600), Some(false)),
            ("ForAllValues:StringEquals", "aws:MultiFactorAuthAge", json!("x"), Some(true)),
            ("ForAnyValue:StringEquals", "aws:MultiFactorAuthAge", json!("x"), Some(false)),
            ("IpAddress", "aws:SourceIp", json!(["192.0.2.0/24", "10.0.0.0/8"]), Some(true)),
            ("NotIpAddress", "aws:SourceIp", json!("10.1.2.3"), Some(false)),
            ("StringEquals", "aws:SourceVpce", json!("vpce-1"), None),
            ("Strange", "aws:username", json!("x"), None),
        ] {
            let of = statement(
                json!({"Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}),
            );
            let found = fit(&of, "a:b", "r", &context());
            match expected {
                Some(is) => assert_eq!(found, Fit::of(is), "{of}"),
                None => assert!(matches!(found, Fit::If(_)), "{of}"),
            }
        }
    }

    #[test]
    fn variables_take_what_is_known() {
        let found = |resource: &str| {
            let of = statement(json!({"Action": "*", "Resource": resource}));
            fit(&of, "a:b", "arn:s:ann/x", &context())
        };
        assert_eq!(found("arn:s:${aws:username}/*"), Fit::Yes);
        assert_eq!(found("arn:s:${aws:MultiFactorAuthAge}*"), Fit::No);
        assert_eq!(found("arn:s:${aws:MultiFactorAuthAge, 'ann'}/x"), Fit::Yes);
        assert!(matches!(found("arn:s:${aws:userid}/x"), Fit::If(_)));
        assert_eq!(found("arn:s:${aws:userid}/y"), Fit::No);
    }

    /// The same by recursion, as the words say it.
    fn simply_like(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|from| simply_like(rest, &text[from..])),
            Some((&byte, rest)) => text.split_first().is_some_and(|(&first, after)| {
                (byte == b'?' || byte == first) && simply_like(rest, after)
            }),
        }
    }

    proptest! {
        #[test]
        fn patterns_are_as_their_words_say(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(is_like(&pattern, &text), simply_like(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn any_condition_is_decided_without_a_panic(operator in "\\PC{0,12}", key in "\\PC{0,12}", value in "\\PC{0,12}") {
            let of = statement(json!({"Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}));
            let _ = fit(&of, "a:b", "r", &context());
        }
    }
}

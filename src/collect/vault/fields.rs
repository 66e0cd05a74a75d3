//! From an answer of the API to the fields of a fact: an allow-list, so that what nobody named stays out.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::text::Texts;

/// A field of a fact, and how the API has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name in the fact.
    pub(super) name: &'static str,
    /// Its names in the API, the first that is there counts; dots lead into objects.
    from: [&'static str; 2],
    take: Take,
}

/// What is made of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// As it is: a number, text or bool, or a list of them; anything else is left out.
    Plain,
    /// As it is, with objects.
    Whole,
    /// A text that people write, or texts in a list or object: what is a secret in it is blanked.
    Text,
    /// Seconds: also of `72h`.
    Seconds,
    /// RFC 3339 in UTC: also of seconds since 1970.
    Time,
    /// A list: also of a text with commas.
    List,
    /// The names in an object, sorted.
    Keys,
}

/// As the API has it.
pub(super) const fn plain(name: &'static str) -> Field {
    Field { name, from: [name, ""], take: Take::Plain }
}

/// With objects in it.
pub(super) const fn whole(name: &'static str) -> Field {
    Field { take: Take::Whole, ..plain(name) }
}

/// What people write.
pub(super) const fn text(name: &'static str) -> Field {
    Field { take: Take::Text, ..plain(name) }
}

/// A duration.
pub(super) const fn seconds(name: &'static str) -> Field {
    Field { take: Take::Seconds, ..plain(name) }
}

/// A point in time.
pub(super) const fn time(name: &'static str) -> Field {
    Field { take: Take::Time, ..plain(name) }
}

/// A list that may be written as a text.
pub(super) const fn list(name: &'static str) -> Field {
    Field { take: Take::List, ..plain(name) }
}

/// The names in the object `from`.
pub(super) const fn keys(name: &'static str, from: &'static str) -> Field {
    Field { take: Take::Keys, from: [from, ""], ..plain(name) }
}

impl Field {
    /// The same under another name of the API.
    pub(super) const fn of(self, from: &'static str) -> Self {
        Self { from: [from, ""], ..self }
    }

    /// The same, and what older versions call it.
    pub(super) const fn or(self, older: &'static str) -> Self {
        Self { from: [self.from[0], older], ..self }
    }

    /// Whether people write it.
    pub(super) fn is_text(&self) -> bool {
        self.take == Take::Text
    }

    fn read(&self, answer: &Value, texts: &mut Texts<'_>) -> Value {
        let value = self
            .from
            .iter()
            .filter(|from| !from.is_empty())
            .find_map(|from| at(answer, from).filter(|value| !value.is_null()));
        let Some(value) = value else { return Value::Null };
        match self.take {
            Take::Plain => plain_value(value),
            Take::Whole => value.clone(),
            Take::Text => texts.blank(self.name, value),
            Take::Seconds => as_seconds(value).map_or(Value::Null, Value::from),
            Take::Time => as_time(value).map_or(Value::Null, Value::from),
            Take::List => as_list(value),
            Take::Keys => names(value),
        }
    }
}

/// Copies `fields` of an answer.
pub(super) fn copy(
    fields: &[Field],
    answer: &Value,
    texts: &mut Texts<'_>,
    to: &mut Map<String, Value>,
) {
    for field in fields {
        to.insert(field.name.to_owned(), field.read(answer, texts));
    }
}

/// What is at `a.b.c`.
pub(super) fn at<'v>(answer: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(answer, |value, name| value.get(name))
}

/// The texts of a list in an object.
pub(super) fn strings(answer: &Value, name: &str) -> Vec<String> {
    let list = answer.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn plain_value(value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::Null,
        Value::Array(items) => {
            items.iter().filter(|item| !item.is_object() && !item.is_array()).cloned().collect()
        }
        other => other.clone(),
    }
}

fn as_list(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
        }
        Value::Array(_) => plain_value(value),
        _ => Value::Null,
    }
}

/// The names in an object, sorted; of nothing else any.
pub(super) fn names(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return Value::Null };
    let mut names: Vec<&String> = object.keys().collect();
    names.sort();
    names.into_iter().map(String::as_str).collect()
}

/// Seconds of a number, or of a duration of Go, in which the API also takes days: `1h30m`, `7d`, `90`.
/// Parts of a second are cut off.
pub(super) fn as_seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)),
        Value::String(text) => duration(text),
        _ => None,
    }
}

fn duration(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let mut nanos: i128 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit: f64 = match &rest[..unit_end] {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "d" => 86_400e9,
            _ => return None,
        };
        rest = &rest[unit_end..];
        nanos = nanos.checked_add((number * unit) as i128)?;
    }
    (!text.is_empty()).then(|| i64::try_from(nanos / 1_000_000_000).ok()).flatten()
}

/// RFC 3339 in UTC. Zero, in either form, is no time.
pub(super) fn as_time(value: &Value) -> Option<String> {
    let time: Timestamp = match value {
        Value::String(text) => text.parse().ok()?,
        Value::Number(number) => {
            Timestamp::from_second(number.as_i64().filter(|&n| n != 0)?).ok()?
        }
        _ => return None,
    };
    // Go's zero time is in the year 1.
    (time.as_second() > -62_135_596_800).then(|| time.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_are_seconds_in_whatever_form() {
        for (value, seconds) in [
            (json!(3600), Some(3600)),
            (json!("3600"), Some(3600)),
            (json!("1h30m0s"), Some(5400)),
            (json!("7d"), Some(604_800)),
            (json!("1.5h"), Some(5400)),
            (json!("500ms"), Some(0)),
            (json!(""), None),
            (json!("soon"), None),
            (json!("1h 30m"), None),
            (json!(null), None),
        ] {
            assert_eq!(as_seconds(&value), seconds, "{value}");
        }
    }

    #[test]
    fn times_are_utc_and_zero_is_none() {
        for (value, time) in [
            (json!(1_700_000_000), Some("2023-11-14T22:13:20Z")),
            (json!("2024-01-02T03:04:05+02:00"), Some("2024-01-02T01:04:05Z")),
            (json!("0001-01-01T00:00:00Z"), None),
            (json!(0), None),
            (json!(""), None),
            (json!(true), None),
        ] {
            assert_eq!(as_time(&value).as_deref(), time, "{value}");
        }
    }

    #[test]
    fn what_is_not_named_or_not_plain_stays_out() {
        let answer =
            json!({"name": "a", "password": "b", "list": [1, {"c": "d"}], "object": {"e": 1}});
        let mut fields = Map::new();
        let mut texts = Texts::new(&|_: &str| Vec::new());
        copy(
            &[plain("name"), plain("list"), plain("object"), plain("none")],
            &answer,
            &mut texts,
            &mut fields,
        );
        let expected = json!({"name": "a", "list": [1], "object": null, "none": null});
        assert_eq!(Value::Object(fields), expected);
    }

    #[test]
    fn lists_may_be_texts_and_names_may_be_older() {
        let answer = json!({"users": "a, b,,", "policies": ["p"], "meta": {"z": 1, "a": 2}});
        let mut fields = Map::new();
        let mut texts = Texts::new(&|_: &str| Vec::new());
        let wanted =
            [list("users"), plain("token_policies").or("policies"), keys("meta_keys", "meta")];
        copy(&wanted, &answer, &mut texts, &mut fields);
        let expected =
            json!({"users": ["a", "b"], "token_policies": ["p"], "meta_keys": ["a", "z"]});
        assert_eq!(Value::Object(fields), expected);
    }
}

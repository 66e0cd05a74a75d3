//! From an answer of an API to the fields of a fact: an allow-list, so that what nobody named stays out.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A field of a fact, and where the API has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name in the fact.
    pub(super) name: &'static str,
    /// Where an answer has it; dots lead into objects.
    from: &'static str,
    take: Take,
}

/// What is made of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// A text, number or bool, or a list of them; anything else is left out.
    Plain,
    /// A text, number or bool; anything else is null, and so is an empty text.
    Scalar,
    /// As it is, with objects: only of what the API defines to the last field.
    Whole,
    /// True or false, also as a text, as answers in XML have it; nothing is false.
    Flag,
    /// A number, also as a text.
    Number,
    /// RFC 3339 in UTC: also of seconds since 1970.
    Time,
    /// A list; nothing is an empty one.
    List,
    /// A list of texts; nothing is an empty one.
    Texts,
    /// An object of what is no object or list; nothing is an empty one.
    Map,
    /// An object, the key and value of each item of a list of tags; nothing is an empty one.
    Tags,
}

const fn field(name: &'static str, take: Take) -> Field {
    Field { name, from: name, take }
}

/// As the API has it.
pub(super) const fn plain(name: &'static str) -> Field {
    field(name, Take::Plain)
}

/// The same of an API that has an empty text where there is none.
pub(super) const fn scalar(name: &'static str) -> Field {
    field(name, Take::Scalar)
}

/// With objects in it.
pub(super) const fn whole(name: &'static str) -> Field {
    field(name, Take::Whole)
}

/// A bool that is false where the API says nothing.
pub(super) const fn flag(name: &'static str) -> Field {
    field(name, Take::Flag)
}

/// A number.
pub(super) const fn number(name: &'static str) -> Field {
    field(name, Take::Number)
}

/// A point in time.
pub(super) const fn time(name: &'static str) -> Field {
    field(name, Take::Time)
}

/// A list.
pub(super) const fn list(name: &'static str) -> Field {
    field(name, Take::List)
}

/// A list of texts.
pub(super) const fn texts(name: &'static str) -> Field {
    field(name, Take::Texts)
}

/// An object of texts.
pub(super) const fn map(name: &'static str) -> Field {
    field(name, Take::Map)
}

/// Tags.
pub(super) const fn tags(name: &'static str) -> Field {
    field(name, Take::Tags)
}

impl Field {
    /// The same under another name of the API.
    pub(super) const fn of(self, from: &'static str) -> Self {
        Self { from, ..self }
    }

    /// The field's value in an answer.
    pub(super) fn read(&self, answer: &Value) -> Value {
        let value = at(answer, self.from).unwrap_or(&Value::Null);
        match self.take {
            Take::Plain => plain_value(value),
            Take::Scalar => match value {
                Value::String(text) if text.is_empty() => Value::Null,
                Value::Object(_) | Value::Array(_) => Value::Null,
                other => other.clone(),
            },
            Take::Whole => value.clone(),
            Take::Flag => is_true(value).into(),
            Take::Number => as_number(value),
            Take::Time => as_time(value).map_or(Value::Null, Value::from),
            Take::List => match value {
                Value::Array(_) => value.clone(),
                _ => Value::Array(Vec::new()),
            },
            Take::Texts => strings(answer, self.from).into(),
            Take::Map => {
                let pairs = value.as_object().into_iter().flatten();
                let plain = pairs.filter(|(_, value)| !value.is_object() && !value.is_array());
                Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect())
            }
            Take::Tags => as_tags(value),
        }
    }
}

/// What is at `a.b`.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// Copies `fields` of an answer.
pub(super) fn copy(fields: &[Field], answer: &Value, to: &mut Map<String, Value>) {
    for field in fields {
        to.insert(field.name.to_owned(), field.read(answer));
    }
}

/// An object of `fields` of an answer.
pub(super) fn pick(fields: &[Field], answer: &Value) -> Value {
    let mut picked = Map::new();
    copy(fields, answer, &mut picked);
    Value::Object(picked)
}

/// A text of an object; empty ones are none.
pub(super) fn string<'v>(answer: &'v Value, path: &str) -> Option<&'v str> {
    at(answer, path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The items of a list in an object, or of the list itself for no name; none where there is no list.
pub(super) fn items<'v>(answer: &'v Value, path: &str) -> &'v [Value] {
    let list = if path.is_empty() { Some(answer) } else { at(answer, path) };
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list in an object.
pub(super) fn strings(answer: &Value, path: &str) -> Vec<String> {
    items(answer, path).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether it is true, or says so.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is) => *is,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
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

fn as_number(value: &Value) -> Value {
    match value {
        Value::Number(_) => value.clone(),
        Value::String(text) => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
        _ => Value::Null,
    }
}

/// RFC 3339 in UTC, to the second.
pub(super) fn as_time(value: &Value) -> Option<String> {
    let time: Timestamp = match value {
        Value::String(text) => match text.parse() {
            Ok(time) => time,
            // `2024-01-02T03:04:05.000+0000`, of Lambda, and seconds as a text.
            Err(_) => match jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text) {
                Ok(parts) => parts.to_timestamp().ok()?,
                Err(_) => Timestamp::from_second(text.parse().ok()?).ok()?,
            },
        },
        Value::Number(number) => {
            // Milliseconds in some answers: no time of AWS is before 2001 or after 5138 in seconds.
            let seconds = number.as_f64()?;
            let seconds = if seconds >= 1e11 { seconds / 1000.0 } else { seconds };
            Timestamp::from_second(seconds as i64).ok()?
        }
        _ => return None,
    };
    Some(Timestamp::from_second(time.as_second()).ok()?.to_string())
}

fn as_tags(value: &Value) -> Value {
    let name = |tag: &Value, names: [&str; 3]| {
        names.into_iter().find_map(|name| tag.get(name)?.as_str()).map(str::to_owned)
    };
    match value {
        Value::Object(_) => value.clone(),
        Value::Array(items) => Value::Object(
            items
                .iter()
                .filter_map(|tag| {
                    let key = name(tag, ["Key", "TagKey", "key"])?;
                    let value = name(tag, ["Value", "TagValue", "value"]).unwrap_or_default();
                    Some((key, Value::String(value)))
                })
                .collect(),
        ),
        _ => Value::Object(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_utc_in_whatever_form() {
        for (value, time) in [
            (json!(1_700_000_000), Some("2023-11-14T22:13:20Z")),
            (json!(1_700_000_000.123), Some("2023-11-14T22:13:20Z")),
            (json!(1_700_000_000_123_i64), Some("2023-11-14T22:13:20Z")),
            (json!("2024-01-02T03:04:05+02:00"), Some("2024-01-02T01:04:05Z")),
            (json!("2024-01-02T03:04:05.678Z"), Some("2024-01-02T03:04:05Z")),
            (json!("2024-01-02T03:04:05.000+0000"), Some("2024-01-02T03:04:05Z")),
            (json!("1700000000"), Some("2023-11-14T22:13:20Z")),
            (json!("N/A"), None),
            (json!(null), None),
        ] {
            assert_eq!(as_time(&value).as_deref(), time, "{value}");
        }
    }

    #[test]
    fn what_is_not_named_or_not_plain_stays_out() {
        let answer = json!({
            "name": "a", "password": "b", "list": [1, {"c": "d"}], "object": {"e": "true"}, "n": "7",
            "Tags": [{"Key": "a", "Value": "1"}, {"TagKey": "b", "TagValue": "2"}, {"Key": "c"}],
        });
        let fields = [
            plain("name"),
            plain("list"),
            plain("object"),
            plain("none"),
            flag("e").of("object.e"),
            flag("no"),
            number("n"),
            list("empty"),
            tags("Tags"),
            tags("NoTags"),
        ];
        let expected = json!({
            "name": "a", "list": [1], "object": null, "none": null, "e": true, "no": false, "n": 7,
            "empty": [], "Tags": {"a": "1", "b": "2", "c": ""}, "NoTags": {},
        });
        assert_eq!(pick(&fields, &answer), expected);
    }
}

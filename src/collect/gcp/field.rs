//! From JSON of Google's APIs to the fields of a fact: an allow-list, so that what nobody named stays out.
//!
//! That JSON leaves out what has the default of its type: false, zero, an empty text, list or map
//! (<https://protobuf.dev/programming-guides/json/>).

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
    /// A text, number or bool; anything else is null, and so is an empty text.
    Plain,
    /// A bool; nothing is false.
    Flag,
    /// A list of texts; nothing is an empty one.
    Texts,
    /// An object of texts; nothing is an empty one.
    Map,
    /// A point in time, in UTC.
    Time,
    /// A number, also as a text: 64 bits are texts in JSON.
    Number,
}

const fn field(name: &'static str, take: Take) -> Field {
    Field { name, from: name, take }
}

/// As the API has it.
pub(super) const fn plain(name: &'static str) -> Field {
    field(name, Take::Plain)
}

/// A bool that is false where the API says nothing.
pub(super) const fn flag(name: &'static str) -> Field {
    field(name, Take::Flag)
}

/// A list of texts.
pub(super) const fn texts(name: &'static str) -> Field {
    field(name, Take::Texts)
}

/// An object of texts.
pub(super) const fn map(name: &'static str) -> Field {
    field(name, Take::Map)
}

/// A point in time.
pub(super) const fn time(name: &'static str) -> Field {
    field(name, Take::Time)
}

/// A number.
pub(super) const fn number(name: &'static str) -> Field {
    field(name, Take::Number)
}

impl Field {
    /// The same under another name of the API.
    pub(super) const fn of(self, from: &'static str) -> Self {
        Self { from, ..self }
    }

    /// The field's value in an answer.
    pub(super) fn read(&self, answer: &Value) -> Value {
        let value = at(answer, self.from);
        match self.take {
            Take::Plain => match value {
                Value::String(text) if text.is_empty() => Value::Null,
                Value::Object(_) | Value::Array(_) => Value::Null,
                other => other.clone(),
            },
            Take::Flag => (*value == true).into(),
            Take::Texts => strings(answer, self.from).into(),
            Take::Map => {
                let pairs = value.as_object().into_iter().flatten();
                let plain = pairs.filter(|(_, value)| !value.is_object() && !value.is_array());
                Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect())
            }
            Take::Time => as_time(value).map_or(Value::Null, Value::from),
            Take::Number => as_number(value).map_or(Value::Null, Value::from),
        }
    }
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

/// The same, or null if there is no object at `path`.
pub(super) fn pick_at(fields: &[Field], answer: &Value, path: &str) -> Value {
    match at(answer, path) {
        object @ Value::Object(_) => pick(fields, object),
        _ => Value::Null,
    }
}

/// What is at `a.b`; null if there is nothing.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').try_fold(value, |value, name| value.get(name)).unwrap_or(&Value::Null)
}

/// A text of an object; empty ones are none.
pub(super) fn string<'v>(answer: &'v Value, path: &str) -> Option<&'v str> {
    at(answer, path).as_str().filter(|text| !text.is_empty())
}

/// The items of a list in an object; none where there is no list.
pub(super) fn items<'v>(answer: &'v Value, path: &str) -> &'v [Value] {
    at(answer, path).as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list in an object.
pub(super) fn strings(answer: &Value, path: &str) -> Vec<String> {
    items(answer, path).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The last part of a name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What follows `key/` in a name: `shop` of `projects/shop/secrets/db` for `projects`.
pub(super) fn part<'n>(name: &'n str, key: &str) -> Option<&'n str> {
    let mut parts = name.split('/');
    parts.by_ref().find(|part| *part == key)?;
    parts.next().filter(|part| !part.is_empty())
}

/// A point in time.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn as_time(value: &Value) -> Option<String> {
    Some(Timestamp::from_second(timestamp(value)?.as_second()).ok()?.to_string())
}

/// A whole number, also as a text.
pub(super) fn as_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| Some(number.as_f64()? as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_named_or_not_plain_stays_out() {
        let answer = json!({
            "name": "a", "password": "b", "list": ["x", {"c": "d"}], "object": {"e": true}, "n": "7",
            "labels": {"a": "1", "b": {"c": "d"}}, "at": "2026-01-02T03:04:05.678+02:00", "empty": "",
        });
        let fields = [
            plain("name"),
            plain("object"),
            plain("empty"),
            texts("list"),
            texts("none"),
            flag("e").of("object.e"),
            flag("no"),
            number("n"),
            map("labels"),
            map("nothing"),
            time("at"),
        ];
        let expected = json!({
            "name": "a", "object": null, "empty": null, "list": ["x"], "none": [], "e": true, "no": false, "n": 7,
            "labels": {"a": "1"}, "nothing": {}, "at": "2026-01-02T01:04:05Z",
        });
        assert_eq!(pick(&fields, &answer), expected);
        assert_eq!(pick_at(&fields, &answer, "missing"), Value::Null);
    }

    #[test]
    fn names_have_parts() {
        let name = "projects/shop/locations/eu/secrets/db";
        assert_eq!(part(name, "projects"), Some("shop"));
        assert_eq!(part(name, "secrets"), Some("db"));
        assert_eq!(part(name, "folders"), None);
        assert_eq!(part("projects/", "projects"), None);
        assert_eq!(last(name), "db");
    }
}

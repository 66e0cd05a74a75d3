//! What JSON of Google's APIs has of its own.
//!
//! It leaves out what has the default of its type: false, zero, an empty text, list or map
//! (<https://protobuf.dev/programming-guides/json/>).

use jiff::Timestamp;
use serde_json::Value;

pub(super) use crate::collect::field::{
    Field, copy, flag, items, map, number, pick, scalar as plain, string, strings, texts, time,
};

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

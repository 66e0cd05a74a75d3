//! Conditions of statements, as far as the request is known.
//! Source: "IAM JSON policy elements: Condition operators" in the IAM User Guide.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::field::strings;
use super::policy::{Context, Fit, filled, is_like};

/// Most letters of a condition as it is told.
const MAX_TEXT: usize = 160;

/// Whether all conditions of a statement are met.
pub(super) fn conditions(statement: &Value, context: &Context) -> Fit {
    let mut all = Fit::Yes;
    for (operator, keys) in
        statement.get("Condition").and_then(Value::as_object).into_iter().flatten()
    {
        for (key, values) in keys.as_object().into_iter().flatten() {
            all = all.and(condition(operator, key, &strings(values, ""), context));
            if all == Fit::No {
                return all;
            }
        }
    }
    all
}

fn condition(operator: &str, key: &str, values: &[String], context: &Context) -> Fit {
    let unknown = || Fit::If(vec![shown(operator, key, values)]);
    let mut values = values.to_vec();
    for value in &mut values {
        if value.contains("${") {
            match filled(value, context) {
                (Some(text), unknown) if unknown.is_empty() => *value = text,
                _ => return unknown(),
            }
        }
    }
    let (quantifier, rest) = operator.split_once(':').unwrap_or(("", operator));
    let (name, if_exists) = match rest.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (rest, false),
    };
    let Some(actual) = context.get(key) else { return unknown() };
    if name == "Null" {
        let wants_none = values.iter().any(|value| value == "true");
        return Fit::of(actual.is_empty() == wants_none);
    }
    let Some((compare, is_negated)) = comparison(name) else { return unknown() };
    if actual.is_empty() {
        return Fit::of(
            if_exists || is_negated && quantifier != "ForAnyValue" || quantifier == "ForAllValues",
        );
    }
    let one = |actual: &String| values.iter().any(|value| compare(value, actual)) != is_negated;
    Fit::of(match quantifier {
        "ForAllValues" => actual.iter().all(one),
        "ForAnyValue" | "" => actual.iter().any(one),
        _ => return unknown(),
    })
}

type Compare = fn(&str, &str) -> bool;

/// How an operator compares a policy's value with the request's, and whether it wants that not to be.
fn comparison(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "StringEquals" | "BinaryEquals" => (|value, actual| value == actual, false),
        "StringNotEquals" => (|value, actual| value == actual, true),
        "StringEqualsIgnoreCase" => (|value, actual| value.eq_ignore_ascii_case(actual), false),
        "StringNotEqualsIgnoreCase" => (|value, actual| value.eq_ignore_ascii_case(actual), true),
        "StringLike" | "ArnLike" | "ArnEquals" => (is_like, false),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (is_like, true),
        "Bool" => (|value, actual| value.eq_ignore_ascii_case(actual), false),
        "NumericEquals" => {
            (|value, actual| numbers(value, actual, |v, a| (a - v).abs() < f64::EPSILON), false)
        }
        "NumericNotEquals" => {
            (|value, actual| numbers(value, actual, |v, a| (a - v).abs() < f64::EPSILON), true)
        }
        "NumericLessThan" => (|value, actual| numbers(value, actual, |v, a| a < v), false),
        "NumericLessThanEquals" => (|value, actual| numbers(value, actual, |v, a| a <= v), false),
        "NumericGreaterThan" => (|value, actual| numbers(value, actual, |v, a| a > v), false),
        "NumericGreaterThanEquals" => {
            (|value, actual| numbers(value, actual, |v, a| a >= v), false)
        }
        "DateEquals" => (|value, actual| times(value, actual, |v, a| a == v), false),
        "DateNotEquals" => (|value, actual| times(value, actual, |v, a| a == v), true),
        "DateLessThan" => (|value, actual| times(value, actual, |v, a| a < v), false),
        "DateLessThanEquals" => (|value, actual| times(value, actual, |v, a| a <= v), false),
        "DateGreaterThan" => (|value, actual| times(value, actual, |v, a| a > v), false),
        "DateGreaterThanEquals" => (|value, actual| times(value, actual, |v, a| a >= v), false),
        "IpAddress" => (is_in, false),
        "NotIpAddress" => (is_in, true),
        _ => return None,
    })
}

fn numbers(value: &str, actual: &str, compare: fn(f64, f64) -> bool) -> bool {
    matches!((value.parse(), actual.parse()), (Ok(value), Ok(actual)) if compare(value, actual))
}

fn times(value: &str, actual: &str, compare: fn(Timestamp, Timestamp) -> bool) -> bool {
    matches!((value.parse(), actual.parse()), (Ok(value), Ok(actual)) if compare(value, actual))
}

/// Whether an address is in a range such as `10.0.0.0/8`.
fn is_in(range: &str, address: &str) -> bool {
    let (network, bits) = range
        .split_once('/')
        .map_or((range, None), |(network, bits)| (network, bits.parse::<u32>().ok()));
    match (network.parse(), address.parse()) {
        (Ok(IpAddr::V4(network)), Ok(IpAddr::V4(address))) => {
            let shift = 32_u32.saturating_sub(bits.unwrap_or(32));
            u64::from(network.to_bits()) >> shift == u64::from(address.to_bits()) >> shift
        }
        (Ok(IpAddr::V6(network)), Ok(IpAddr::V6(address))) => {
            let shift = 128_u32.saturating_sub(bits.unwrap_or(128));
            network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
        }
        _ => false,
    }
}

fn shown(operator: &str, key: &str, values: &[String]) -> String {
    let mut text = format!("{operator} {key} {}", values.join(", "));
    if let Some((at, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(at);
        text.push('…');
    }
    text
}

//! Answers of AWS, for fuzz targets.

use jiff::Timestamp;
use serde_json::Value;

use super::policy::{Context, fit};
use super::service::Protocol;
use super::{document, schedule, wire};

pub use super::policy::is_like;

/// Every protocol of answers, and of refusals.
pub fn body(body: &[u8]) {
    let protocols =
        [Protocol::Json("1.1", "Target"), Protocol::Query("1"), Protocol::Rest, Protocol::Xml];
    for protocol in protocols {
        let _ = wire::answer(protocol, body);
        let refusal = wire::refusal(protocol, None, body);
        assert!(refusal.code.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
    }
}

/// A policy as IAM sends it.
pub fn policy(text: &str, action: &str, resource: &str) {
    if let Some(document) = document::parse(text) {
        self::document(&document);
        let statements = document.get("Statement").and_then(Value::as_array);
        for statement in statements.into_iter().flatten() {
            let mut context = Context::default();
            context.set("aws:SourceVpc", vec![resource.to_owned()]);
            context.know_all("aws:principaltag/");
            let _ = fit(statement, action, resource, &context);
        }
    }
}

/// A document in one shape has that shape.
pub fn document(document: &Value) {
    if let Some(normal) = document::normal(document) {
        assert_eq!(document::normal(&normal).as_ref(), Some(&normal));
    }
}

/// A schedule of rotations, in days.
pub fn schedule(expression: &str, now: Timestamp) {
    if let Some(days) = schedule::interval(expression, now) {
        assert!(days.is_finite() && days > 0.0, "{days}");
    }
    let hours = schedule::window_hours(Some(expression), Some(expression));
    assert!(hours.is_finite() && hours >= 0.0, "{hours}");
}

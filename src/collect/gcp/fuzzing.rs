//! Answers of Google Cloud, for fuzz targets.

use jiff::Timestamp;

use super::condition::{Resource, Truth, judge};

/// A condition of a binding: what it denies does not hold as well.
pub fn condition(expression: &str, name: &str, now: Timestamp) {
    for is_version in [false, true] {
        let resource = Resource { name, is_version, now };
        let truth = judge(expression, resource);
        let opposite = judge(&format!("!({expression})"), resource);
        assert!(truth == Truth::MayHold || truth != opposite, "{truth:?}");
    }
}

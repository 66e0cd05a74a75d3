//! Answers of Vault, for fuzz targets.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::Value;

use super::acl::Acl;
use super::policy::Policy;
use super::templates::{Identity, resolve, widen};
use super::text::Texts;
use super::{certificate, fields, hcl};

/// A policy in HCL or JSON, and what it allows on a path.
pub fn policy(text: &str, path: &str, now: Timestamp) {
    if let Ok(items) = hcl::parse(text) {
        for item in &items {
            let _ = item.value.json();
        }
    }
    let Ok(policy) = Policy::parse(text) else { return };
    let judge = |_: &str| -> Vec<(Range<usize>, String)> { Vec::new() };
    let facts = policy.facts(&mut Texts::new(&judge));
    assert_eq!(facts.as_array().map(Vec::len), Some(policy.rules.len()));
    let mut acl = Acl::default();
    acl.add("", "a", &policy, now, &widen);
    let (grant, listed) = (acl.of(path), acl.of_list(path));
    for grant in grant.iter().chain(&listed) {
        assert!(!grant.via.is_empty());
        assert!(!(grant.allows("deny") && grant.allows("read")));
    }
}

/// A path with templates, for an identity.
pub fn template(path: &str, answer: &Value) {
    let identity = Identity { entity: answer, groups: vec![answer] };
    let _ = resolve(path, &identity);
    if let Some(wide) = widen(path) {
        assert!(!wide.contains('\0') || path.contains('\0'));
    }
}

/// Certificates, lists of revoked ones and keys.
pub fn certificates(bytes: &[u8]) {
    let _ = certificate::of_der(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = certificate::of_pem(text);
        let _ = certificate::of_crl(text);
        let _ = certificate::of_ssh_key(text);
    }
}

/// Durations and times.
pub fn times(value: &Value) {
    let _ = fields::as_seconds(value);
    if let Some(time) = fields::as_time(value) {
        assert!(time.parse::<Timestamp>().is_ok(), "{time}");
    }
}

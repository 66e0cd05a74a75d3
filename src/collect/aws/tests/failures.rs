//! Denials, logins that end, listings that do not.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::answers::{IDENTITY, denied, rich};
use super::{Counted, collect, kinds, request};
use crate::collect::CollectError;
use crate::collect::aws::kinds::KINDS;
use crate::collect::values::is_of_values;

#[test]
fn what_is_denied_is_missing_of_every_kind() {
    let progress = Counted::default();
    let inventory = collect(denied, &request(&progress, None)).unwrap();
    for kind in KINDS.0.iter().filter(|kind| !is_of_values(kind.name)) {
        let has_gap = inventory.gaps.iter().any(|gap| gap.needs == kind.name);
        let is_unread = |fact: &crate::model::Fact| {
            fact.kind == kind.name
                && fact.fields["unread"].as_object().is_some_and(|unread| !unread.is_empty())
        };
        assert!(has_gap || inventory.facts.iter().any(is_unread), "{}", kind.name);
    }
}

#[test]
fn an_expired_login_ends_the_questions_and_not_the_run() {
    let count = AtomicUsize::new(0);
    let progress = Counted::default();
    let answer = move |asked: &str| match count.fetch_add(1, Ordering::Relaxed) {
        0 => (200, IDENTITY.to_owned()),
        1..20 => rich(asked),
        _ => (403, r#"{"__type":"ExpiredTokenException"}"#.to_owned()),
    };
    let inventory = collect(answer, &request(&progress, None)).unwrap();
    assert!(inventory.gaps.iter().any(|gap| gap.why.contains("login has expired")));
    // Those in flight may fail too, and no more.
    assert!(progress.0.load(Ordering::Relaxed) < 80, "{}", progress.0.load(Ordering::Relaxed));
}

#[test]
fn a_refused_login_is_an_error_without_a_secret() {
    let progress = Counted::default();
    let error = collect(
        |_| (403, "<E><Error><Code>InvalidClientTokenId</Code></Error></E>".into()),
        &request(&progress, None),
    );
    let error = error.unwrap_err();
    assert!(matches!(error, CollectError::Login { .. }), "{error}");
    assert!(error.to_string().contains("InvalidClientTokenId"), "{error}");
}

#[test]
fn a_listing_that_repeats_itself_ends() {
    let progress = Counted::default();
    let wanted = kinds(&["aws_secret"]);
    let answer = |asked: &str| match asked {
        _ if asked.starts_with("ListSecrets") => {
            (200, json!({"SecretList": [], "NextToken": "same"}).to_string())
        }
        _ => denied(asked),
    };
    let inventory = collect(answer, &request(&progress, Some(&wanted))).unwrap();
    assert!(
        inventory.gaps.iter().any(|gap| gap.needs == "aws_secret" && gap.why.contains("repeats")),
        "{:?}",
        inventory.gaps
    );
}

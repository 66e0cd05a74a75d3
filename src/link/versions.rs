//! Versions of a secret in the estate's words.

use super::facts::Version;

/// Most versions that are told.
const MOST: usize = 100;

/// Newest first, each with the time at which the next newer one was made. Those without a time stand after the current
/// one, in the order that they had.
pub(super) fn in_order(mut all: Vec<Version>) -> Vec<Version> {
    all.sort_by(|a, b| {
        let rank = |version: &Version| match version.state {
            "current" => 0,
            _ => 1,
        };
        b.created.cmp(&a.created).then_with(|| rank(a).cmp(&rank(b)))
    });
    let mut newer: Option<String> = None;
    for version in &mut all {
        version.superseded.clone_from(&newer);
        if version.created.is_some() {
            newer.clone_from(&version.created);
        }
    }
    all.truncate(MOST);
    all
}

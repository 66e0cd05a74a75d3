//! A live cluster: its objects as manifests.

#[cfg(feature = "kubernetes")]
use std::time::Duration;

#[cfg(feature = "kubernetes")]
use jiff::Timestamp;

use super::Scanner;
use super::scan::{Scanned, Settings};
use crate::source::SourceError;

/// Longest time of one request, and of all.
#[cfg(feature = "kubernetes")]
const TIMEOUT: Duration = Duration::from_secs(30);
#[cfg(feature = "kubernetes")]
const DEADLINE: Duration = Duration::from_mins(30);

/// Scans the cluster at `address`, what follows `k8s:`, and lets policies judge its objects.
#[cfg(feature = "kubernetes")]
pub(super) fn cluster(
    scanner: &Scanner<'_>,
    address: &str,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    use super::Collector;
    use super::policies::Case;
    use crate::collect::kubernetes::{Live, walk};
    use crate::collect::{NoJudge, Request, Silent};
    use crate::model::{Artifact, Origin, Skipped};
    use crate::source::Sink as _;

    let refused = |why: String| SourceError::Cluster { cluster: format!("k8s:{address}"), why };
    let request = Request {
        address,
        now: Timestamp::UNIX_EPOCH,
        environment: &settings.surroundings.variable,
        home: settings.surroundings.home.as_deref(),
        kinds: None,
        concurrency: 1,
        timeout: TIMEOUT,
        deadline: DEADLINE,
        progress: &Silent,
        values: None,
        judge: &NoJudge,
    };
    let collector = match settings.policies {
        Some(_) => Collector::with_manifests(scanner),
        None => Collector::new(scanner),
    };
    let place = format!("k8s:{address}");
    let take = |object: Live| {
        let path = format!("{place}/{}", object.path());
        let origin = Origin { kind: "kubernetes", path, ..Origin::default() };
        collector.artifact(Artifact::new(origin, object.text()));
    };
    let walked = walk(&request, &take).map_err(|error| refused(error.to_string()))?;
    let manifests = collector.take_manifests();
    let (findings, mut skipped) = collector.into_parts();
    skipped.extend(walked.gaps.into_iter().map(|gap| Skipped::lost(gap.what, gap.why)));
    skipped.extend(walked.made.into_iter().map(|(kind, count)| {
        let what = format!("{place}: {count} objects of kind {kind}");
        Skipped::by_design(what, "what they were made of was looked at")
    }));
    let mut scanned = Scanned { findings, skipped, scope: "cluster".to_owned() };
    if let Some(policies) = &settings.policies {
        let case = Case { told: manifests, ..Case::default() };
        policies.judge(case, scanner, &mut scanned);
    }
    Ok(scanned)
}

#[cfg(not(feature = "kubernetes"))]
pub(super) fn cluster(
    _: &Scanner<'_>,
    address: &str,
    _: &Settings,
) -> Result<Scanned, SourceError> {
    let why = "this keystrel was built without the feature `kubernetes`".to_owned();
    Err(SourceError::Cluster { cluster: format!("k8s:{address}"), why })
}

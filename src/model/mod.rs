//! The data that stages exchange. No I/O, no regexes, no command line, no threads.

mod artifact;
mod audit;
mod control;
mod copied;
mod fact;
mod finding;
mod image;
mod places;
mod rule;
mod run;
mod secret;
mod settings;
mod shape;
mod span;

pub use artifact::{Artifact, Base, Commit, Origin, Skipped, display_path};
pub use audit::{
    Audit, Audited, Check, Compliance, Reader, Readers, Requirement, Standing, Tally, Verdict,
};
pub use control::Control;
pub use copied::Copied;
pub use fact::{Fact, Gap, Inventory, Place};
pub use finding::{
    Breach, By, Evidence, Excerpt, Finding, Introduction, Leak, Misuse, Part, Refs, Site, Status,
    Subject,
};
pub use image::{Fate, InImage, Layer, LayerFile, Maker};
pub use places::{Lines, PathId, Places};
pub use rule::{About, AboutText, Confidence, RuleMeta, Severity};
pub use run::{Counts, Run};
pub use secret::{Digest, DigestKey, Secret};
pub use settings::{cluster_settings, kubelet_settings};
pub use shape::{Paths, Shape, fate};
pub use span::{MAX_MATCH, Position, Span, count_chars};

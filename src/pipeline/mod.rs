//! Puts the stages together: sources push, the engine scans on the threads that push, suppressions
//! mark, and a run comes out. The only module that knows more than one stage.

pub mod audit;
mod blank;
mod cluster;
mod collect;
mod court;
mod fold;
mod hide;
mod history;
mod image;
mod manifests;
mod meter;
mod policies;
mod repository;
pub mod scan;
mod sift;
mod snapshots;
pub mod texts;

pub use collect::{Collector, Scanner};
pub use hide::hide;
pub use meter::Meter;
pub use policies::Policies;

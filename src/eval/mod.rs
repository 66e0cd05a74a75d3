//! How well the rules do on labelled lines: precision, recall, calibration.
//!
//! ```text
//! labels -> texts -> detect -> findings by line -> scores
//! ```
//!
//! Scores are by line. A finding on a line that is labelled true is right; on any other line, labelled or
//! not, it is a false alarm; several on one line count once; a true line without one is missed.

mod labels;
mod score;

pub use labels::{Label, LabelError, Labelled, Row, Text, read};
pub use score::{Score, Scores, Spot, score, spots};

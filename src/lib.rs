//! keystrel finds leaked secrets (in files, in what is staged, in whole git histories, in images and clusters), and audits
//! the stores that should hold them.
//!
//! ```text
//! target -> source -> unpack -> detect ----+-> suppress -> report -> exit code
//!           Artifact  Artifact  Finding    |   Finding     Run
//!                        +-> manifest -> policy
//!                            Fact       Finding
//! store  -> collect ----------+---------> policy ---------> report -> exit code
//!           Inventory        |           Evaluation        Audit
//! leaks of a scan --> link --+
//!                     Inventory (the estate)
//! ```
//!
//! Data flows one way. A stage takes the type on its left and gives the type on its right; it
//! knows [`model`] and no other stage. Only [`pipeline`] knows more than one stage, and only
//! [`cli`] reads the environment, the clock and the command line. What a stage does not look at
//! becomes a [`model::Skipped`] and reaches the report.

pub mod cli;
pub mod collect;
pub mod config;
pub mod detect;
pub mod eval;
pub mod ledger;
pub mod link;
pub mod manifest;
pub mod model;
pub mod pipeline;
pub mod policy;
pub mod report;
pub mod source;
pub mod suppress;
mod threads;
pub mod unpack;
mod whole;

//! What reads the answers of stores, for `fuzz/fuzz_targets/stores.rs`: it is there under `--cfg fuzzing` alone, which
//! `cargo fuzz` gives. Each function asserts what holds of whatever is answered.

#[cfg(all(feature = "aws", feature = "azure"))]
use serde_json::Value;

#[cfg(feature = "aws")]
pub use super::aws::fuzzing as aws;
#[cfg(feature = "azure")]
pub use super::azure::fuzzing as azure;
#[cfg(feature = "gcp")]
pub use super::gcp::fuzzing as gcp;
#[cfg(feature = "vault")]
pub use super::vault::fuzzing as vault;

/// Two stores have patterns with `*`, and read them alike.
#[cfg(all(feature = "aws", feature = "azure"))]
pub fn patterns(pattern: &str, text: &str) {
    if !pattern.contains('?') {
        assert_eq!(aws::is_like(pattern, text), azure::fits(pattern, text));
    }
}

/// An answer in JSON, and what is read of it without asking further.
#[cfg(all(feature = "aws", feature = "azure"))]
pub fn answer(answer: &Value) {
    aws::document(answer);
    azure::roles(answer);
}

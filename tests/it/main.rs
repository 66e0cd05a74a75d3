//! Black-box tests: the binary, on real files and repositories.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

#[cfg(feature = "aws")]
mod aws;
#[cfg(all(unix, feature = "azure"))]
mod azure;
mod cases;
mod docs;
#[cfg(feature = "gcp")]
mod gcp;
mod history;
mod hook;
mod hostile;
mod images;
#[cfg(all(unix, feature = "kubernetes"))]
mod kubernetes;
#[cfg(unix)]
mod manifests;
mod policy;
#[cfg(all(unix, any(feature = "kubernetes", feature = "vault")))]
mod proxy;
mod roots;
#[cfg(all(unix, feature = "vault"))]
mod vault;

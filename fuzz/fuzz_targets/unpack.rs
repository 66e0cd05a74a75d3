//! Any bytes as a container: no panic, and no more out than the limits allow.
#![no_main]

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keystrel::model::{Artifact, Origin, Skipped};
use keystrel::source::{Input, Sink};
use keystrel::unpack::{self, Limits};
use libfuzzer_sys::fuzz_target;

struct Count(AtomicUsize);

impl Sink for Count {
    fn artifact(&self, artifact: Artifact) {
        self.0.fetch_add(artifact.bytes.len(), Ordering::Relaxed);
    }
    fn skipped(&self, _: Skipped) {}
}

fuzz_target!(|bytes: &[u8]| {
    let count = Count(AtomicUsize::new(0));
    let limits = Limits { bytes: 1 << 20, held: 1 << 20, ..Limits::default() };
    let input = Input::Whole(Cursor::new(bytes.to_vec().into()));
    unpack::unpack(&Arc::new(Origin::file("fuzz")), input, &limits, &count);
    // What fails is pushed raw as well, once for each level at most.
    assert!(count.0.into_inner() <= (1 << 21) + 16 * bytes.len());
});

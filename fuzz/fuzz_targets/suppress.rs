//! Any ignore file or baseline: an error or entries, never a panic.
#![no_main]

use keystrel::suppress::{Baseline, Ignores};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Baseline::read("fuzz", bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut ignores = Ignores::default();
        ignores.add_gitleaks("fuzz", text);
        let _ = ignores.add_own("fuzz", text, &"2026-01-01".to_owned());
    }
});

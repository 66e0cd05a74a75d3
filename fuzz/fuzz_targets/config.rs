//! Any configuration: an error or rules, never a panic.
#![no_main]

use keystrel::config::{self, Found};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for name in [".gitleaks.toml", ".keystrel.toml"] {
        let found = Found { name: name.into(), path: Some(name.into()), text: text.into() };
        if let Ok(config) = config::load(&found) {
            assert!(config.rules.rules().iter().all(|rule| !rule.meta.id.is_empty()));
        }
    }
});

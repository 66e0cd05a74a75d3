//! Tells secrets in texts of stores, by the rules of the scanner.

use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::collect::Judge;
use crate::detect::{Engine, Scratch};
use crate::model::{Artifact, Origin};

/// What asks the engine about texts.
pub struct Texts {
    engine: Engine,
    scratch: Mutex<Scratch>,
}

impl Texts {
    /// Asks `engine`.
    pub fn new(engine: Engine) -> Self {
        Self { engine, scratch: Mutex::default() }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Judge for Texts {
    fn secrets(&self, text: &str) -> Vec<(Range<usize>, String)> {
        // Shorter than any password that a rule would tell from a word.
        if text.len() < 8 {
            return Vec::new();
        }
        let origin = Origin { kind: "store", ..Origin::default() };
        let artifact = Artifact::new(origin, text.as_bytes().to_vec());
        let mut found = Vec::new();
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        self.engine.scan(&artifact, &mut scratch, &mut found);
        found
            .into_iter()
            .filter(crate::model::Finding::is_open)
            .filter_map(|finding| {
                let span = finding.leak()?.span;
                // To whole characters: a rule works on bytes.
                let start = (0..=span.start).rev().find(|&at| text.is_char_boundary(at))?;
                let end = (span.end..=text.len()).find(|&at| text.is_char_boundary(at))?;
                Some((start..end, finding.rule.id.clone()))
            })
            .collect()
    }
}

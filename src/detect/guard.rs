//! A cheap test before a regex runs: most matches hold a long run of bytes of one class, and most
//! windows around a keyword do not.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::model::Span;

/// Every match holds `min` consecutive bytes of the class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    class: [u64; 4],
    min: usize,
}

/// Shorter runs tell nothing.
const MIN_RUN: usize = 8;

impl Guard {
    /// The longest run that every match of `hir` must hold.
    pub fn of(hir: &Hir) -> Option<Self> {
        match hir.kind() {
            HirKind::Repetition(repeat) if repeat.min as usize >= MIN_RUN => {
                let HirKind::Class(Class::Bytes(class)) = repeat.sub.kind() else { return None };
                let mut bits = [0u64; 4];
                for range in class.ranges() {
                    for byte in range.start()..=range.end() {
                        bits[usize::from(byte >> 6)] |= 1 << (byte & 63);
                    }
                }
                Some(Self { class: bits, min: repeat.min as usize })
            }
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => {
                parts.iter().filter_map(Self::of).max_by_key(|guard| guard.min)
            }
            HirKind::Alternation(branches) => {
                // A run of the union of the classes, as long as the shortest of the branches' runs.
                let guards: Option<Vec<Self>> = branches.iter().map(Self::of).collect();
                guards?.into_iter().reduce(|a, b| Self {
                    class: std::array::from_fn(|i| a.class[i] | b.class[i]),
                    min: a.min.min(b.min),
                })
            }
            _ => None,
        }
    }

    /// Whether `text[window]` holds such a run. Looks at every `min`th byte and backwards from there.
    pub fn admits(&self, text: &[u8], window: Span) -> bool {
        let Some(text) = text.get(window.range()) else { return false };
        let mut run_start = 0;
        while let Some(stretch) = text.get(run_start..run_start + self.min) {
            match stretch.iter().rposition(|&byte| !self.holds(byte)) {
                None => return true,
                Some(at) => run_start += at + 1,
            }
        }
        false
    }

    fn holds(&self, byte: u8) -> bool {
        self.class[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::analysis::parse;

    fn admits(regex: &str, text: &str) -> bool {
        let guard = Guard::of(&parse(regex).unwrap()).expect("the regex has a run");
        guard.admits(text.as_bytes(), Span::new(0, text.len()))
    }

    #[test]
    fn a_run_that_is_long_enough_is_admitted_wherever_it_is() {
        assert!(admits("key=([0-9a-f]{8})", "key=0123abcd"));
        assert!(admits("key=([0-9a-f]{8})", "0123abcd zz"));
        assert!(!admits("key=([0-9a-f]{8})", "key=0123abc 0123abc"));
    }

    #[test]
    fn branches_admit_what_any_of_them_needs() {
        assert!(admits("(?:[0-9]{9}|[a-f]{12})", "xx1234567ab"));
        assert!(!admits("(?:[0-9]{9}|[a-f]{12})", "xx1234567 ab"));
    }
}

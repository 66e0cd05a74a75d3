//! Where in a text findings may be: what is looked at again once its names are known.

use super::Sifted;
use crate::model::Span;

/// Bytes around a unit that are looked at with it. Its dependence is all that it depends on; this is for what stands
/// beside it and is no finding itself: another secret in the excerpt, or a part of a credential in its place.
const AROUND: usize = 512;

/// Where in a text the engine may find something under a name: in these places, and nowhere else.
///
/// A text with few of them is scanned there alone: versions of a long file are many, and most hold one old leak.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Ascending and disjoint; none where findings may be anywhere.
    places: Option<Box<[Span]>>,
}

impl Sifted {
    /// Where in the text the engine may find something.
    pub fn live(&self) -> Live {
        if !self.live.iter().all(|unit| unit.is_alone) {
            return Live::default();
        }
        let mut places: Vec<Span> = Vec::with_capacity(self.live.len());
        for unit in &self.live {
            let plain = unit.plain(self.len);
            match places.last_mut().filter(|last| plain.start <= last.end) {
                Some(last) => last.end = last.end.max(plain.end),
                None => places.push(plain),
            }
        }
        Live { places: Some(places.into_boxed_slice()) }
    }
}

impl Live {
    /// The parts of a text of `len` bytes that have to be looked at, ascending and disjoint.
    pub(in crate::detect) fn parts(&self, len: usize) -> Vec<Span> {
        let Some(places) = &self.places else { return vec![Span::new(0, len)] };
        let mut parts: Vec<Span> = Vec::new();
        for place in places {
            let start = place.start.saturating_sub(AROUND);
            let end = (place.end + AROUND).min(len);
            match parts.last_mut().filter(|last| start <= last.end) {
                Some(last) => last.end = end,
                None => parts.push(Span::new(start, end)),
            }
        }
        parts
    }

    /// Whether what begins at `at` is a finding, if it is one at all.
    pub(in crate::detect) fn holds(&self, at: usize) -> bool {
        let Some(places) = &self.places else { return true };
        let next = places.partition_point(|place| place.end < at);
        places.get(next).is_some_and(|place| place.start <= at)
    }
}

//! Where in a text findings may be: what is looked at again once its names are known.

use super::Sifted;
use crate::model::Span;

/// Bytes around the lines of a unit that are looked at with it. Its dependence is all that it depends on; this is for what
/// stands beside it: another secret in the excerpt, a part of a credential in its place, a value that was not likely enough
/// while its file had no name.
const AROUND: usize = 512;
/// As much of a line is looked at to either side of a value, in bytes: `context::features`.
const LINE: usize = 2000;

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
    /// The parts of a text that have to be looked at, ascending and disjoint.
    pub(in crate::detect) fn parts(&self, text: &[u8]) -> Vec<Span> {
        let Some(places) = &self.places else { return vec![Span::new(0, text.len())] };
        let mut parts: Vec<Span> = Vec::new();
        for place in places {
            let place = Span::new(place.start.min(text.len()), place.end.min(text.len()));
            let low = place.start.saturating_sub(LINE);
            let line = memchr::memrchr(b'\n', &text[low..place.start]).map_or(low, |at| low + at);
            let start = line.saturating_sub(AROUND);
            let high = (place.end + LINE).min(text.len());
            let line = memchr::memchr(b'\n', &text[place.end..high]);
            let end = (line.map_or(high, |at| place.end + at) + AROUND).min(text.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, place: Span) -> Vec<Span> {
        Live { places: Some([place].into()) }.parts(text.as_bytes())
    }

    #[test]
    fn lines_are_looked_at_as_far_as_their_values_depend_on_them() {
        let short = format!("{0}\n{1}\n{0}", "a".repeat(3000), "b".repeat(100));
        // The breaks stand at 3,000 and 3,101.
        assert_eq!(parts(&short, Span::new(3050, 3060)), [Span::new(3000 - AROUND, 3101 + AROUND)]);
        let long = "a".repeat(9000);
        let reach = LINE + AROUND;
        assert_eq!(parts(&long, Span::new(4000, 4100)), [Span::new(4000 - reach, 4100 + reach)]);
        assert_eq!(parts(&long, Span::new(100, 8900)), [Span::new(0, 9000)]);
        assert_eq!(parts("", Span::new(0, 1)), [Span::default()]);
    }
}

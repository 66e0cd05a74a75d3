//! Objects that are stored as changes of others.
//!
//! The format is that of `Documentation/gitformat-pack.adoc` of git, "Deltified representation" (read
//! November 2026): the sizes of base and result, then instructions that copy a run of the base or insert
//! bytes of their own.

use crate::model::{Copied, Span};

/// Most bytes that are set aside for a result on its delta's word alone.
const RESERVED: usize = 16 << 20;

/// Applies `delta` to `base`: the result in `out`, and what of it was copied in `copies`, ascending, runs
/// that touch on both sides joined.
///
/// # Errors
/// What is wrong with the delta; `out` and `copies` then hold part of the result. A result of more than
/// `max` bytes is an error before anything is allocated.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    max: usize,
    out: &mut Vec<u8>,
    copies: &mut Vec<Copied>,
) -> Result<(), String> {
    out.clear();
    copies.clear();
    let mut rest = delta;
    if size(&mut rest)? != base.len() as u64 {
        return Err("a delta of another base".into());
    }
    let result = usize::try_from(size(&mut rest)?).unwrap_or(usize::MAX);
    if result > max {
        return Err(format!("{result} bytes, the limit is {max}"));
    }
    out.reserve(result.min(RESERVED));
    while let Some((&code, after)) = rest.split_first() {
        rest = after;
        let bytes = if code & 0x80 != 0 {
            let (from, len) = copy(code, &mut rest)?;
            let bytes = base.get(from..from + len).ok_or("a delta copies from beyond its base")?;
            let at = Span::new(out.len(), out.len() + len);
            match copies.last_mut() {
                Some(last) if last.at.end == at.start && last.from + last.at.len() == from => {
                    last.at.end = at.end;
                }
                _ => copies.push(Copied { at, from }),
            }
            bytes
        } else {
            if code == 0 {
                return Err("a delta with a reserved instruction".into());
            }
            let (bytes, after) =
                rest.split_at_checked(usize::from(code)).ok_or("a delta that is cut short")?;
            rest = after;
            bytes
        };
        if out.len() + bytes.len() > result {
            return Err("a delta whose result is longer than it says".into());
        }
        out.extend_from_slice(bytes);
    }
    if out.len() == result { Ok(()) } else { Err("a delta that is cut short".into()) }
}

/// Offset in the base and length of a copy. The low bits of `code` say which of their bytes, the lowest
/// first, are there.
fn copy(code: u8, rest: &mut &[u8]) -> Result<(usize, usize), &'static str> {
    let mut read = |bits: std::ops::Range<u32>| {
        let mut value = 0usize;
        for (shift, bit) in bits.enumerate() {
            if code & (1 << bit) != 0 {
                let (&byte, after) = rest.split_first().ok_or("a delta that is cut short")?;
                *rest = after;
                value |= usize::from(byte) << (8 * shift);
            }
        }
        Ok::<_, &'static str>(value)
    };
    let (from, len) = (read(0..4)?, read(4..7)?);
    Ok((from, if len == 0 { 0x1_0000 } else { len }))
}

/// A size: seven bits a byte, the lowest first, the high bit of all but the last set.
fn size(rest: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or("a delta that is cut short")?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a delta with a size beyond all bounds")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One instruction.
    #[derive(Debug, Clone)]
    enum Step {
        Copy(usize, usize),
        Insert(Vec<u8>),
    }

    fn encode(base: usize, result: usize, steps: &[Step]) -> Vec<u8> {
        let mut delta = Vec::new();
        for mut size in [base, result] {
            while size > 0x7f {
                delta.push(size as u8 | 0x80);
                size >>= 7;
            }
            delta.push(size as u8);
        }
        for step in steps {
            match step {
                Step::Copy(from, len) => {
                    let at = delta.len();
                    delta.push(0x80);
                    for (bit, byte) in from.to_le_bytes()[..4].iter().enumerate() {
                        if *byte != 0 {
                            delta[at] |= 1 << bit;
                            delta.push(*byte);
                        }
                    }
                    let len = if *len == 0x1_0000 { 0 } else { *len };
                    for (bit, byte) in len.to_le_bytes()[..3].iter().enumerate() {
                        if *byte != 0 {
                            delta[at] |= 0x10 << bit;
                            delta.push(*byte);
                        }
                    }
                }
                Step::Insert(bytes) => {
                    delta.push(bytes.len() as u8);
                    delta.extend_from_slice(bytes);
                }
            }
        }
        delta
    }

    fn steps(base: usize) -> impl Strategy<Value = Vec<Step>> {
        let copy = (0..base, 1..=base)
            .prop_map(move |(from, len)| Step::Copy(from, len.min(base - from).max(1)));
        let insert = proptest::collection::vec(any::<u8>(), 1..=127).prop_map(Step::Insert);
        proptest::collection::vec(prop_oneof![copy, insert], 0..20)
    }

    proptest! {
        #[test]
        fn instructions_give_their_result_and_what_they_copied(steps in steps(70_000)) {
            let base: Vec<u8> = (0..70_000u32).map(|n| (n * 7 + n / 251) as u8).collect();
            let mut expected = Vec::new();
            for step in &steps {
                match step {
                    Step::Copy(from, len) => expected.extend_from_slice(&base[*from..from + len]),
                    Step::Insert(bytes) => expected.extend_from_slice(bytes),
                }
            }
            let delta = encode(base.len(), expected.len(), &steps);
            let (mut out, mut copies) = (Vec::new(), Vec::new());
            apply(&base, &delta, usize::MAX, &mut out, &mut copies).unwrap();
            prop_assert_eq!(&out, &expected);
            let copied: usize = copies.iter().map(|copied| copied.at.len()).sum();
            let asked: usize = steps.iter().map(|step| match step {
                Step::Copy(_, len) => *len,
                Step::Insert(_) => 0,
            }).sum();
            prop_assert_eq!(copied, asked);
            for Copied { at, from } in copies {
                prop_assert_eq!(&out[at.range()], &base[from..from + at.len()]);
            }
        }

        #[test]
        fn no_bytes_panic_or_give_more_than_the_limit(
            base in proptest::collection::vec(any::<u8>(), 0..300),
            delta in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let (mut out, mut copies) = (Vec::new(), Vec::new());
            let _either = apply(&base, &delta, 10_000, &mut out, &mut copies);
            prop_assert!(out.len() <= 10_000);
        }
    }

    #[test]
    fn a_copy_without_a_length_is_of_64_kib() {
        let base = vec![7; 0x1_0000];
        let delta = encode(base.len(), base.len(), &[Step::Copy(0, 0x1_0000)]);
        let (mut out, mut copies) = (Vec::new(), Vec::new());
        apply(&base, &delta, usize::MAX, &mut out, &mut copies).unwrap();
        assert_eq!(out, base);
    }

    #[test]
    fn lies_about_sizes_are_errors() {
        let (mut out, mut copies) = (Vec::new(), Vec::new());
        let insert = [Step::Insert(vec![1, 2, 3])];
        for (base, result) in [(5, 3), (4, 2), (4, 4)] {
            let delta = encode(base, result, &insert);
            assert!(apply(b"base", &delta, 100, &mut out, &mut copies).is_err(), "{base} {result}");
        }
        let delta = encode(4, 3, &insert);
        assert!(apply(b"base", &delta, 2, &mut out, &mut copies).is_err(), "over the limit");
        assert!(apply(b"base", &delta, 3, &mut out, &mut copies).is_ok());
    }
}

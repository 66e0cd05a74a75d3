//! Shannon entropy.

/// Shannon entropy of `bytes` in bits per byte, from 0 to 8 (C. E. Shannon, "A Mathematical Theory of
/// Communication", 1948); 0 for no bytes.
pub(super) fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_the_definition() {
        assert!((shannon(b"aabb") - 1.0).abs() < 1e-12);
        assert!((shannon(b"abcd") - 2.0).abs() < 1e-12);
        assert!(shannon(b"aaaa").abs() < 1e-12);
        assert!(shannon(b"").abs() < 1e-12);
    }
}

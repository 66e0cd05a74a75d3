//! Marvin32, a keyed hash of 64 bits by Microsoft (`lib/marvin32.c` of `SymCrypt`, read November 2026).

/// The hash of `data`, its halves xored: the form that checksums of keys have.
pub(super) fn hash32(data: &[u8], seed: u64) -> u32 {
    let hash = hash64(data, seed);
    (hash >> 32) as u32 ^ hash as u32
}

fn hash64(data: &[u8], seed: u64) -> u64 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        state = mix(state, u32::from_le_bytes(*word));
    }
    // What is left, then a byte 0x80, then zeros.
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    let (low, high) = mix(mix(state, u32::from_le_bytes(last)), 0);
    u64::from(high) << 32 | u64::from(low)
}

fn mix((low, high): (u32, u32), word: u32) -> (u32, u32) {
    let low = low.wrapping_add(word);
    let high = high ^ low;
    let low = low.rotate_left(20).wrapping_add(high);
    let high = high.rotate_left(9) ^ low;
    let low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_symcrypt() {
        assert_eq!(hash64(b"abc", 0xd53c_d9ce_cd08_93b7), 0x22c7_4339_4927_69bf);
        assert_eq!(
            hash64(b"abcdefghijklmnopqrstuvwxyz", 0x0ddd_deee_efff_f000),
            0xa128_eb7e_7260_aca2
        );
    }
}

//! The Luhn check digit (ISO/IEC 7812-1).

use super::Checksum;

/// Digits of which the last makes the weighted sum a multiple of ten; other characters are skipped.
pub(super) const LUHN: Checksum = Checksum {
    name: "luhn",
    what: "Luhn check digit",
    verify: |secret| {
        let digits: Vec<u32> = digits(secret);
        (digits.len() > 1 && sum(&digits).is_multiple_of(10)).into()
    },
    complete: Some(|text| {
        let run = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let mut digits = digits(&text[text.len() - run..]);
        digits.push(0);
        let check = (10 - sum(&digits) % 10) % 10;
        vec![b'0' + check as u8]
    }),
};

fn digits(text: &[u8]) -> Vec<u32> {
    text.iter().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0')).collect()
}

fn sum(digits: &[u32]) -> u32 {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    digits.iter().rev().enumerate().map(|(i, &d)| if i % 2 == 1 { doubled(d) } else { d }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::checksum::Verdict;

    #[test]
    fn the_usual_test_number_holds_and_its_neighbour_does_not() {
        assert_eq!((LUHN.verify)(b"4111 1111 1111 1111"), Verdict::Holds(None));
        assert_eq!((LUHN.verify)(b"4111 1111 1111 1112"), Verdict::Fails);
    }
}

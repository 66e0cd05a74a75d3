//! What of a stretch of text is a secret, told by asking of ever larger pieces of it.

use std::ops::Range;

/// The smallest pieces of `text[range]` that `is_secret` holds of: between punctuation, else between blanks, else
/// between quotes, else lines; none if it is only the whole.
pub(super) fn pieces(
    text: &str,
    range: &Range<usize>,
    is_secret: impl Fn(Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    let Some(stretch) = text.get(range.clone()) else { return Vec::new() };
    let fine = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '`' | '=' | ':' | '@' | ',' | ';' | '\\')
            || matches!(c, '(' | ')' | '{' | '}' | '[' | ']' | '&' | '|' | '<' | '>')
    };
    let word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let quote = |c: char| matches!(c, '"' | '\'' | '\n' | '\r');
    let line = |c: char| matches!(c, '\n' | '\r');
    let cuts: [&dyn Fn(char) -> bool; 4] = [&fine, &word, &quote, &line];
    let mut found: Vec<Range<usize>> = Vec::new();
    for cut in cuts {
        let smaller = found.len();
        for piece in split(stretch, range.start, cut) {
            // Sorted, since pieces of one size are walked in order.
            let first = found[..smaller].partition_point(|known| known.end <= piece.start);
            let holds_known = found[..smaller].get(first).is_some_and(|k| k.start < piece.end);
            if !holds_known && is_secret(piece.clone()) {
                found.push(piece);
            }
        }
        found.sort_unstable_by_key(|piece| piece.start);
    }
    found
}

fn split<'a>(
    stretch: &'a str,
    start: usize,
    cut: &'a dyn Fn(char) -> bool,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let base = stretch.as_ptr() as usize;
    stretch.split(cut).filter(|piece| !piece.trim().is_empty()).map(move |piece| {
        let blanks = piece.len() - piece.trim_start().len();
        let from = start + (piece.as_ptr() as usize - base) + blanks;
        from..from + piece.trim().len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_piece_is_taken() {
        let text = "x curl -u me:a1b2 'one two' y";
        let secret = text.find("a1b2").unwrap();
        let phrase = text.find("one").unwrap();
        let overlaps = |piece: Range<usize>| piece.start < secret + 4 && secret < piece.end;
        let told =
            |found: Vec<Range<usize>>| found.iter().map(|at| &text[at.clone()]).collect::<Vec<_>>();
        assert_eq!(told(pieces(text, &(2..text.len()), overlaps)), ["a1b2"]);
        let exact = |piece: Range<usize>| piece == (phrase..phrase + 7);
        assert_eq!(told(pieces(text, &(2..text.len()), exact)), ["one two"]);
        assert!(pieces(text, &(2..text.len()), |_| false).is_empty());
    }
}

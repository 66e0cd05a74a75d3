//! Words for HTML pages. Templates escape them; here they lose what escaping leaves.

use super::clean::clean;

/// The text in one line, without what changes the direction of reading.
pub(super) fn line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text in pieces, and whether each stood between backticks: `why `a=b` matters`.
pub(super) fn pieces(text: &str) -> Vec<(bool, String)> {
    let text = line(text);
    let (paired, last) = match text.rsplit_once('`') {
        // One without another half is a character like any other.
        Some((before, after)) if text.matches('`').count() % 2 == 1 => {
            (before.to_owned(), Some(format!("`{after}")))
        }
        _ => (text, None),
    };
    let pieces = paired.split('`').enumerate();
    let pieces = pieces.map(|(index, piece)| (index % 2 == 1, piece.to_owned()));
    pieces.chain(last.map(|piece| (false, piece))).collect()
}

/// Whether the address is of the web: a configuration may be that of the repository, and `javascript:` is one too.
pub(super) fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert!(is_web("https://example.org/a") && is_web("http://example.org"));
        for other in ["javascript:alert(1)", "data:text/html,a", "https://", "//example.org", ""] {
            assert!(!is_web(other), "{other}");
        }
    }
}

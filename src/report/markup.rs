//! Words for HTML pages. Templates escape them; here they lose what escaping leaves.

use super::clean::clean;

/// The text in one line, without what changes the direction of reading.
pub(super) fn line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text in one line, with a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let text = line(text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// RFC 3339 in UTC, for people: `2026-01-02 03:04:05 UTC`. Anything else is as it was.
pub(super) fn time(text: &str) -> String {
    match text.strip_suffix('Z').and_then(|rest| rest.split_once('T')) {
        Some((day, time)) => format!("{day} {} UTC", time.split('.').next().unwrap_or(time)),
        None => line(text),
    }
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

/// Whether the address is of the web, and shown as it is: a configuration may be that of the repository, and `javascript:` is one
/// too.
pub(super) fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && line(rest) == rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_to_the_second() {
        assert_eq!(time("2026-01-02T03:04:05.678Z"), "2026-01-02 03:04:05 UTC");
        assert_eq!(time("2026-01-02T03:04:05Z"), "2026-01-02 03:04:05 UTC");
        assert_eq!(time(""), "");
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert!(is_web("https://example.org/a") && is_web("http://example.org"));
        for other in [
            "javascript:alert(1)",
            "data:text/html,a",
            "https://",
            "//example.org",
            "",
            "https://a\u{202e}",
        ] {
            assert!(!is_web(other), "{other}");
        }
    }
}

//! Go's regex syntax (RE2, `regexp/syntax`) to that of the `regex` crate.
//!
//! The engines match alike; what differs is how some things are written. Source: the syntax pages of
//! both, <https://pkg.go.dev/regexp/syntax> and <https://docs.rs/regex/latest/regex/#syntax>, read in
//! November 2026.

/// The same regex for the `regex` crate. What neither knows is left for its parser to name.
pub fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\\' => escape(rest, Place::Outside, &mut out),
            '[' => class(rest, &mut out),
            '{' => brace(rest, &mut out),
            '}' => {
                out.push_str("\\}");
                1
            }
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    InClass,
}

/// Translates the escape that `rest` begins with; gives the bytes taken.
fn escape(rest: &str, place: Place, out: &mut String) -> usize {
    let Some(next) = rest[1..].chars().next() else {
        out.push('\\');
        return 1;
    };
    let len = 1 + next.len_utf8();
    match next {
        // Go's `\s` has no vertical tab.
        's' if place == Place::Outside => out.push_str(r"[\t\n\f\r ]"),
        's' => out.push_str(r"\t\n\f\r\x20"),
        'S' if place == Place::Outside => out.push_str(r"[^\t\n\f\r ]"),
        'Q' => {
            let body = &rest[2..];
            let end = body.find("\\E").unwrap_or(body.len());
            out.push_str(&regex_syntax::escape(&body[..end]));
            return (2 + end + 2).min(rest.len());
        }
        'E' => {}
        'C' => out.push_str("(?s:.)"),
        // In the `regex` crate these are the start and end of a word.
        '<' | '>' => out.push(next),
        'p' | 'P' => return unicode_class(rest, place, out),
        '0'..='7' => {
            let digits =
                rest[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let code = u32::from_str_radix(&rest[1..=digits], 8).unwrap_or(0);
            out.push_str(&["\\x{", &format!("{code:x}"), "}"].concat());
            return 1 + digits;
        }
        // Go lets any punctuation be escaped, and so does the crate; other characters it does not.
        c if c.is_ascii() => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    }
    len
}

/// `\pL`, `\p{Greek}`: classes of characters, in a regex that is otherwise one of bytes.
fn unicode_class(rest: &str, place: Place, out: &mut String) -> usize {
    let len = if rest[2..].starts_with('{') {
        rest.find('}').map_or(rest.len(), |at| at + 1)
    } else {
        2 + rest[2..].chars().next().map_or(0, char::len_utf8)
    };
    if place == Place::Outside {
        out.push_str(&["(?u:", &rest[..len], ")"].concat());
    } else {
        out.push_str(&rest[..len]);
    }
    len
}

/// A class: within it `[`, `&&`, `--` and `~~` are literal in Go and operators in the crate.
fn class(rest: &str, out: &mut String) -> usize {
    out.push('[');
    let mut at = 1;
    if rest[at..].starts_with('^') {
        out.push('^');
        at += 1;
    }
    if rest[at..].starts_with(']') {
        out.push_str("\\]");
        at += 1;
    }
    while let Some(c) = rest[at..].chars().next() {
        let here = &rest[at..];
        at += match c {
            ']' => {
                out.push(']');
                return at + 1;
            }
            '[' if here.starts_with("[:") && here.contains(":]") => {
                let len = here.find(":]").map_or(1, |end| end + 2);
                out.push_str(&here[..len]);
                len
            }
            '[' => {
                out.push_str("\\[");
                1
            }
            '&' | '~' => {
                out.push('\\');
                out.push(c);
                1
            }
            // A range that ends in a hyphen, or two of them.
            '-' if here.starts_with("--") => {
                out.push_str("-\\-");
                2
            }
            '\\' => escape(here, Place::InClass, out),
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
    }
    at
}

/// A `{` that begins no counted repeat is literal in Go.
fn brace(rest: &str, out: &mut String) -> usize {
    let end = rest.find('}').unwrap_or(0);
    let counts = rest.get(1..end).unwrap_or_default();
    let (low, high) = counts.split_once(',').unwrap_or((counts, "0"));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if end > 0 && number(low) && (high.is_empty() || number(high)) {
        out.push_str(&rest[..=end]);
        end + 1
    } else {
        out.push_str("\\{");
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, text: &str) -> bool {
        regex::bytes::RegexBuilder::new(&translate(pattern))
            .unicode(false)
            .build()
            .unwrap_or_else(|error| panic!("{pattern}: {error}"))
            .is_match(text.as_bytes())
    }

    #[test]
    fn what_go_takes_literally_is_literal() {
        for (pattern, text) in [
            (r"^\{\{x{{$", "{{x{{"),
            (r"^{\d+}$", "{12}"),
            (r"^a{2,}b{1}c{1,2}$", "aabcc"),
            (r"^[[a]+$", "[a["),
            (r"^[a&&b]+$", "a&b"),
            (r"^[+--]+$", "+,-"),
            (r"^\<x\>$", "<x>"),
            (r"^\Qa.b\E$", "a.b"),
            (r"^\101$", "A"),
            (r"^[[:alpha:]_]+$", "ab_"),
            (r"^[]a]+$", "]a"),
            (r"^\pL+$", "né"),
            (r"(?P<n>a)(?i)B", "ab"),
        ] {
            assert!(is_match(pattern, text), "{pattern} on {text}");
        }
    }

    #[test]
    fn white_space_has_no_vertical_tab() {
        assert!(!is_match(r"^\s$", "\u{b}"));
        assert!(!is_match(r"^[\s]$", "\u{b}"));
        assert!(is_match(r"^\S$", "\u{b}"));
    }

    #[test]
    fn an_operator_of_the_crate_in_a_class_is_not_one() {
        assert!(is_match(r"^[\w.=-]+$", "a-b=c."));
        assert!(is_match(r"^[a-z~~]+$", "a~"));
    }
}

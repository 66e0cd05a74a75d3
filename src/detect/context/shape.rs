//! What a value looks like, by its bytes alone.

use crate::detect::{entropy, language};

/// Measures of a value's bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) len: usize,
    pub(super) digits: usize,
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) spaces: usize,
    /// Neither letters, digits nor blanks.
    pub(super) marks: usize,
    /// Of those, `-`, `_` and `.`, which join words.
    pub(super) joiners: usize,
    pub(super) slashes: usize,
    /// Bytes over 0x7f.
    pub(super) wide: usize,
    /// Different bytes.
    pub(super) distinct: usize,
    /// Steps between letter, digit and mark.
    pub(super) turns: usize,
    /// Steps from lower case to upper case.
    pub(super) humps: usize,
    /// Longest run of letters, of digits, of one byte, and of steps by one (`abcd`, `4321`).
    pub(super) letters_run: usize,
    pub(super) digits_run: usize,
    pub(super) same_run: usize,
    pub(super) sequence: usize,
    /// Shannon entropy in bits per byte.
    pub(super) entropy: f64,
    /// Letters that dictionary words of four letters or more cover, and the longest word.
    pub(super) covered: usize,
    pub(super) longest_word: usize,
    /// Mean and worst surprise of its pairs of letters, in bits.
    pub(super) surprise: f64,
    pub(super) worst: f64,
    /// Vowels among the letters.
    pub(super) vowels: usize,
    /// Hex digits only.
    pub(super) hex: bool,
    /// `8-4-4-4-12` hex digits.
    pub(super) uuid: bool,
}

impl Shape {
    /// Measures `value`.
    pub(super) fn of(value: &[u8]) -> Self {
        #[derive(PartialEq, Clone, Copy)]
        enum Class {
            Letter,
            Digit,
            Mark,
        }
        let mut shape =
            Self { len: value.len(), hex: true, uuid: is_uuid(value), ..Self::default() };
        let mut seen = [false; 256];
        let (mut letters, mut digits, mut same, mut up, mut down) = (0, 0, 0, 1, 1);
        let mut previous: Option<(u8, Class)> = None;
        for &byte in value {
            seen[usize::from(byte)] = true;
            let class = match byte {
                b'0'..=b'9' => {
                    shape.digits += 1;
                    Class::Digit
                }
                b'a'..=b'z' => {
                    shape.lower += 1;
                    Class::Letter
                }
                b'A'..=b'Z' => {
                    shape.upper += 1;
                    Class::Letter
                }
                0x80.. => {
                    shape.wide += 1;
                    Class::Letter
                }
                _ => {
                    match byte {
                        b' ' | b'\t' => shape.spaces += 1,
                        b'-' | b'_' | b'.' => shape.joiners += 1,
                        b'/' | b'\\' => shape.slashes += 1,
                        _ => {}
                    }
                    shape.marks += usize::from(!matches!(byte, b' ' | b'\t'));
                    Class::Mark
                }
            };
            shape.hex &= byte.is_ascii_hexdigit();
            shape.vowels += usize::from(b"aeiouyAEIOUY".contains(&byte));
            letters = if class == Class::Letter { letters + 1 } else { 0 };
            digits = if class == Class::Digit { digits + 1 } else { 0 };
            if let Some((last, last_class)) = previous {
                shape.turns += usize::from(class != last_class);
                shape.humps += usize::from(last.is_ascii_lowercase() && byte.is_ascii_uppercase());
                same = if last == byte { same + 1 } else { 0 };
                up = if byte == last.wrapping_add(1) { up + 1 } else { 1 };
                down = if last == byte.wrapping_add(1) { down + 1 } else { 1 };
            }
            shape.letters_run = shape.letters_run.max(letters);
            shape.digits_run = shape.digits_run.max(digits);
            shape.same_run = shape.same_run.max(same + 1);
            shape.sequence = shape.sequence.max(up).max(down);
            previous = Some((byte, class));
        }
        shape.distinct = seen.iter().filter(|seen| **seen).count();
        shape.entropy = entropy::shannon(value);
        let words = language::words(value);
        (shape.covered, shape.longest_word) = (words.covered, words.longest);
        (shape.surprise, shape.worst) = language::surprise(value);
        shape
    }

    /// Letters.
    pub(super) fn letters(&self) -> usize {
        self.upper + self.lower
    }
}

/// RFC 9562, section 4.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A date with a time of day, as RFC 3339 has them and most logs: `2026-05-29T00:00:00Z`.
pub(super) fn is_time(value: &[u8]) -> bool {
    let is_digit = |at: usize| value.get(at).is_some_and(u8::is_ascii_digit);
    let is = |at: usize, bytes: &[u8]| value.get(at).is_some_and(|byte| bytes.contains(byte));
    let digits = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15];
    value.len() <= 35
        && digits.into_iter().all(is_digit)
        && is(4, b"-")
        && is(7, b"-")
        && is(10, b"Tt ")
        && is(13, b":")
        && value[16..].iter().all(|byte| byte.is_ascii_digit() || b":.,+-Zz ".contains(byte))
}

/// Words that stand where a value belongs: in documentation, examples and tests.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "your",
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "foo",
    "bar",
    "baz",
    "xxx",
    "sample",
    "fake",
    "todo",
    "insert",
    "here",
    "none",
    "null",
    "true",
    "false",
    "undefined",
    "placeholder",
    "redacted",
    "replace",
    "abc",
    "123",
    "test",
    "mock",
    "invalid",
    "wrong",
    "bogus",
    "some",
    "demo",
    "my_",
    "my-",
    "secret",
    "pass",
    "token",
    "key",
    "user",
    "admin",
    "string",
    "value",
    "hello",
    "default",
    "root",
    "guest",
    "qwerty",
    "letmein",
    "...",
    "***",
    "enter",
    "put",
    "goes",
    "random",
    "new",
    "old",
    "temp",
    "optional",
    "required",
    "empty",
    "always",
    "never",
    "unset",
    "blank",
    "auth",
    "api",
    "client",
    "login",
    "credential",
    "expected",
    "unused",
    "whatever",
    "postgres",
    "mysql",
    "redis",
    "mongo",
    "env",
    "config",
    "field",
    "name",
    "type",
    "error",
    "must",
    "not",
];

const USERS: &[&str] = &["username", "user", "login", "email", "account"];
const HOSTS: &[&str] = &["host", "server", "url", "port", "database", "jdbc", "endpoint"];

/// What words a text mentions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Of users.
    pub(super) users: bool,
    /// Of hosts.
    pub(super) hosts: bool,
    /// How many that stand for values.
    pub(super) placeholders: usize,
    /// How many bytes those cover.
    pub(super) covered: usize,
}

/// The words of users, hosts and placeholders in a text, in any case.
pub(super) fn words_of(text: &[u8]) -> Mentions {
    static WORDS: std::sync::LazyLock<aho_corasick::AhoCorasick> = std::sync::LazyLock::new(|| {
        aho_corasick::AhoCorasick::builder()
            .kind(Some(aho_corasick::AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(PLACEHOLDERS.iter().chain(USERS).chain(HOSTS))
            .expect("a short list of literals")
    });
    let mut found = Mentions::default();
    for word in WORDS.find_iter(text) {
        let index = word.pattern().as_usize();
        let literal = PLACEHOLDERS.get(index);
        if literal.is_some() {
            found.placeholders += 1;
            found.covered += word.len();
        }
        let is_user = literal.is_some_and(|word| USERS.contains(word));
        found.users |=
            is_user || (PLACEHOLDERS.len()..PLACEHOLDERS.len() + USERS.len()).contains(&index);
        found.hosts |= index >= PLACEHOLDERS.len() + USERS.len();
    }
    found
}

/// Whether it refers to a value elsewhere: `${X}`, `{{ x }}`, `$(x)`, `%X%`, `<x>`, `@x@`, `#{x}`, `[x]`.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let (Some(first), Some(last)) = (value.first(), value.last()) else { return true };
    let starts = |prefix: &[u8]| value.starts_with(prefix);
    // `prefix-${NAME}`: put together elsewhere.
    let opens = |w: &[u8]| matches!(w, b"${" | b"{{" | b"#{" | b"<%" | b"%{" | b"$(");
    if value.windows(2).any(opens) {
        return true;
    }
    match first {
        b'$' => {
            starts(b"${")
                || starts(b"$(")
                || starts(b"${{")
                || starts(b"$[")
                || starts(b"$$")
                || value[1..].iter().all(|b| b.is_ascii_alphanumeric() || b"_>-:.[]".contains(b))
                    && !is_crypt(value)
        }
        b'{' => {
            starts(b"{{") || starts(b"{%") || *last == b'}' && is_word(&value[1..value.len() - 1])
        }
        b'%' => *last == b'%' || starts(b"%(") || starts(b"%{") || value.len() <= 4,
        b'<' => *last == b'>' || starts(b"<%") || starts(b"<?"),
        b'@' => *last == b'@' || starts(b"@{") || starts(b"@("),
        b'#' => starts(b"#{"),
        b'[' => *last == b']' && is_word(&value[1..value.len() - 1]),
        b'&' | b'*' => value[1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_'),
        b'!' => starts(b"!Ref") || starts(b"!Sub") || starts(b"!Get") || starts(b"!secret"),
        _ => false,
    }
}

fn is_word(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(b))
}

/// `$2b$10$...`, `scrypt:32768:8:1$...`, `{SSHA}...`: a hash of crypt(3), Django, Werkzeug, a directory or the like, which rules of their own know.
pub(super) fn is_crypt(value: &[u8]) -> bool {
    const MARKS: [&[u8]; 10] = [
        b"$2a$", b"$2b$", b"$2y$", b"$1$", b"$5$", b"$6$", b"$y$", b"$apr1$", b"$argon2",
        b"$pbkdf2",
    ];
    const STARTS: [&[u8]; 3] = [b"pbkdf2_sha", b"pbkdf2:sha", b"scrypt:"];
    // RFC 2307, section 5.3, and the schemes that directories and Spring Security added.
    const SCHEMES: [&[u8]; 9] = [
        b"{SHA",
        b"{SSHA",
        b"{MD5}",
        b"{MD4}",
        b"{SMD5}",
        b"{CRYPT}",
        b"{PBKDF2",
        b"{BCRYPT}",
        b"{SCRYPT",
    ];
    let begins = |scheme: &&[u8]| {
        value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    value.len() > 20 && SCHEMES.iter().any(begins)
        || value.len() > 20
            && (MARKS.iter().any(|mark| memchr::memmem::find(value, mark).is_some())
                || STARTS.iter().any(|start| value.starts_with(start)) && value.contains(&b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_counts_classes_and_runs() {
        let shape = Shape::of(b"aaaB1234_x");
        assert_eq!(
            (shape.len, shape.digits, shape.upper, shape.lower, shape.marks),
            (10, 4, 1, 4, 1)
        );
        assert_eq!((shape.same_run, shape.digits_run, shape.sequence), (3, 4, 4));
        assert!(Shape::of(b"123e4567-e89b-12d3-a456-426614174000").uuid);
        for time in ["2026-05-29T00:00:00Z", "2026-05-29 00:00:00.123+02:00", "2026-05-29T00:00"] {
            assert!(is_time(time.as_bytes()), "{time}");
        }
        for other in ["2026-05-29", "2026-05-29T00:00:00Zx", "2026-05-29T0a:00:00Z"] {
            assert!(!is_time(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn references_are_told_from_values() {
        for reference in
            ["${DB_PASS}", "$DB_PASS", "{{ vault.x }}", "<password>", "%PASS%", "$(cat x)"]
        {
            assert!(is_reference(reference.as_bytes()), "{reference}");
        }
        for value in ["$ecr3t!pass", "p@ss%word", "@dm1n2020"] {
            assert!(!is_reference(value.as_bytes()), "{value}");
        }
    }
}

//! Cheap tests that spare the model most of what it would refuse.

use super::assignment::{Assignment, Operator};
use super::names::{Name, Word};
use super::places::Family;
use super::shape;
use super::value::Wrapper;
use crate::detect::language;

/// Whether the model should look at it at all: cheap tests that what people call a secret passes.
pub(super) fn is_plausible(text: &[u8], found: &Assignment, name: Name, family: Family) -> bool {
    let span = found.value.span;
    let (value, next) = (&text[span.range()], text.get(span.end).copied().unwrap_or(b'\n'));
    if value.len() < 3 || shape::is_reference(value) || is_known(value) {
        return false;
    }
    if found.value.wrapper == Wrapper::Numbers && is_ascending(value) {
        return false;
    }
    let alphanumeric = value.iter().filter(|b| b.is_ascii_alphanumeric() || **b >= 0x80).count();
    if alphanumeric * 3 < value.len() || alphanumeric < 2 {
        return false;
    }
    // Bytes that are no text: a picture, a compiled file.
    if value.iter().any(u8::is_ascii_control) || !value.is_ascii() && str::from_utf8(value).is_err()
    {
        return false;
    }
    if is_of_entry(text, found) || is_public(text, found) {
        return false;
    }
    let quoted = found.value.is_quoted();
    if !quoted && (found.operator == Operator::Compare || next == b'(') {
        return false;
    }
    // `secrets: inherit`, of a workflow that calls another.
    if !quoted && value == b"inherit" {
        return false;
    }
    // `$x = Get-Item`: what stands alone there is a command.
    let after_blank = span.start.checked_sub(1).is_some_and(|at| text[at] == b' ');
    if !quoted && family == Family::Shell && found.operator == Operator::Assign && after_blank {
        return false;
    }
    if !quoted && matches!(family, Family::Code | Family::Shell) && !found.operator.implies_secret()
    {
        // Code, if it is no comment: members, types, keywords.
        let is_type = value[0].is_ascii_uppercase()
            && value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'.')
            && (family == Family::Code || found.operator == Operator::Colon);
        let is_code = family == Family::Code
            && (value.iter().any(|b| b"([{.".contains(b)) || value.windows(2).any(|w| w == b"::"));
        // `password: password)`: a variable.
        let is_variable = family == Family::Code
            && matches!(next, b';' | b')' | b'.' | b'(' | b'[')
            && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && !in_string(line_before(text, found.name.start));
        let is_constant = matches!(
            value,
            b"true"
                | b"false"
                | b"inherit"
                | b"null"
                | b"nil"
                | b"None"
                | b"undefined"
                | b"string"
                | b"str"
        );
        if is_type || is_code || is_variable || is_constant {
            return false;
        }
    }
    if found.operator.implies_secret() {
        return true;
    }
    // `pass `x` to`, `identified by its key`: what the word is in prose.
    let in_prose = found.operator == Operator::Prose
        || found.operator == Operator::Space
            && (found.value.quote == b'`' || matches!(family, Family::Code | Family::Prose));
    if in_prose && matches!(found.name.len(), 3 | 4) {
        return false;
    }
    // `log in with pass: CODE`: in a sentence, a word in capitals names what is meant.
    if !quoted
        && found.operator == Operator::Colon
        && begins_with_capitals(value)
        && is_sentence(line_before(text, found.name.start))
    {
        return false;
    }
    // Headers that prove a password and do not hold it: Digest, NTLM, Negotiate, AWS signatures.
    if name.has(Word::Auth)
        && value.contains(&b' ')
        && !quoted
        && found.value.wrapper != Wrapper::Numbers
    {
        return false;
    }
    let weak = !name.has(Word::Password) && !name.has(Word::Secret) && !name.has(Word::Token);
    if weak && (value.len() < 5 || name.has(Word::Public) && name.before_last == Some(Word::Public))
    {
        return false;
    }
    // Rows are keyed by UUIDs everywhere; API keys are few of them.
    !(weak && shape::is_uuid(value) && !name.has(Word::Qualifier))
}

/// Schemes of authentication (RFC 9110, section 11), which configurations name.
const SCHEMES: [&[u8]; 8] =
    [b"basic", b"bearer", b"digest", b"oauth", b"oauth2", b"ntlm", b"kerberos", b"negotiate"];

/// Whether its form says what it is, and that is no secret, or one that a rule of its own knows: JSON web
/// tokens, hashes with their algorithm, addresses, paths, times.
fn is_known(value: &[u8]) -> bool {
    if shape::is_time(value) {
        return true;
    }
    let starts = |prefix: &[u8]| {
        value.len() >= prefix.len() && value[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    if starts(b"eyJ") && memchr::memchr(b'.', value).is_some() || starts(b"-----BEGIN") {
        return true;
    }
    if starts(b"sha") && value.len() > 7 && value[3].is_ascii_digit() {
        let digits = value[3..].iter().take_while(|b| b.is_ascii_digit()).count();
        return matches!(value.get(3 + digits), Some(b'-' | b':' | b'/' | b'='));
    }
    if SCHEMES.iter().any(|scheme| value.eq_ignore_ascii_case(scheme)) {
        return true;
    }
    if is_algorithm(value) || shape::is_crypt(value) || is_file(value) {
        return true;
    }
    // A pattern of values, and none itself.
    let has = |literal: &[u8]| memchr::memmem::find(value, literal).is_some();
    if [&b"[^"[..], b"[0-9", b"[a-z", b"[A-Z", b"[a-f", b"(?", b"\\d", b"\\w", b"\\s"]
        .into_iter()
        .any(has)
    {
        return true;
    }
    // Encrypted by Jasypt, SOPS.
    if starts(b"ENC(") || starts(b"ENC[") {
        return true;
    }
    if starts(b"http://") || starts(b"https://") {
        return true;
    }
    let is_path = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/._-".contains(b);
    let slashes = memchr::memchr_iter(b'/', value).count();
    // `/secrets`: a route.
    let is_route =
        value[0] == b'/' && value[1..].iter().all(|b| b.is_ascii_lowercase() || *b == b'-');
    is_route
        || slashes >= 2 && value.iter().all(is_path) && matches!(value[0], b'/' | b'.' | b'~')
        || slashes >= 3 && value.iter().all(is_path)
}

/// `settings.xml`, `tls-key.pem`: the name of a file that settings and keys are in.
fn is_file(value: &[u8]) -> bool {
    const KINDS: [&[u8]; 16] = [
        b"conf",
        b"crt",
        b"env",
        b"ini",
        b"jks",
        b"json",
        b"key",
        b"md",
        b"p12",
        b"pem",
        b"pfx",
        b"properties",
        b"toml",
        b"xml",
        b"yaml",
        b"yml",
    ];
    let mut parts = value.rsplitn(2, |byte| *byte == b'.');
    let (Some(kind), Some(stem)) = (parts.next(), parts.next()) else { return false };
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || b"-_.".contains(byte);
    KINDS.contains(&kind) && stem.len() >= 3 && stem.iter().all(is_name)
}

/// `SCRAM-SHA-256`, `pbkdf2_sha512`, `AWS_SIGV4`: the name of an algorithm or a mechanism.
fn is_algorithm(value: &[u8]) -> bool {
    const PARTS: [&[u8]; 20] = [
        b"md5",
        b"sha1",
        b"sha-1",
        b"sha2",
        b"sha-2",
        b"sha3",
        b"sha512",
        b"sha384",
        b"sigv4",
        b"hmac",
        b"pbkdf2",
        b"crypt",
        b"aes-",
        b"aes128",
        b"aes256",
        b"chacha20",
        b"argon2",
        b"base32",
        b"base58",
        b"base64",
    ];
    let lower = value.to_ascii_lowercase();
    value.len() <= 24
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"-_/.".contains(b))
        && PARTS.iter().any(|part| memchr::memmem::find(&lower, part).is_some())
}

/// `"pass": [0, 1, 4, 17]`, of an index of words: numbers of pages or lines, where bytes of a key would be in no order.
fn is_ascending(value: &[u8]) -> bool {
    let number = |item: &[u8]| str::from_utf8(item.trim_ascii()).ok()?.parse::<u32>().ok();
    let numbers: Vec<_> = value.split(|byte| *byte == b',').map(number).collect();
    // The last may be cut off.
    let whole = numbers.split_last().map_or(&[][..], |(_, whole)| whole);
    whole.iter().all(Option::is_some) && whole.is_sorted_by(|one, next| one < next)
}

/// Whether the name says that the value is no secret, or one of a moment: the fingerprint of a key of `OpenPGP`, the token of a
/// form of Rails, which nobody can use without its session, the key of a project or of what is stored.
fn is_public(text: &[u8], found: &Assignment) -> bool {
    /// Longest name that is looked at, in bytes.
    const MAX_NAME: usize = 64;
    let value = &text[found.value.span.range()];
    let name = &text[found.name.range()];
    let lower: Vec<u8> = name
        .iter()
        .take(MAX_NAME)
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    // RFC 9580, section 5.5.4, and the ids cut from it.
    let is_fingerprint =
        matches!(value.len(), 8 | 16 | 32 | 40) && value.iter().all(u8::is_ascii_hexdigit);
    // `Uploaded file to key: x`, of logs.
    let is_stored = || {
        let before = &text[found.name.start.saturating_sub(6)..found.name.start];
        [&b" to "[..], b" at ", b" from "].iter().any(|word| before.ends_with(word))
    };
    has(b"authenticitytoken")
        || is_fingerprint && (has(b"gpg") || has(b"pgp") || has(b"fingerprint"))
        || lower.ends_with(b"projectkey")
        // `MovedAttribute("ProxyBasicAuthHandler", "urllib2")`: what handles passwords is none.
        || lower.ends_with(b"handler")
        || name == b"key" && found.operator == Operator::Colon && is_stored()
        // `assert.pass("x")`, of tests.
        || name.ends_with(b".pass") && found.operator == Operator::Call
}

/// `key: app`, and below it `operator: In` or `path: app.conf`: which label or entry is meant (Kubernetes, kinds
/// `LabelSelectorRequirement`, `Toleration` and `KeyToPath`: <https://kubernetes.io/docs/reference/kubernetes-api/>).
fn is_of_entry(text: &[u8], found: &Assignment) -> bool {
    const SIBLINGS: [&[u8]; 3] = [b"operator", b"mode", b"path"];
    /// Longest that is looked for the end of the line, in bytes.
    const REST: usize = 16;
    if &text[found.name.range()] != b"key" {
        return false;
    }
    let column = line_before(text, found.name.start).len();
    let rest = &text[found.value.span.end..];
    let Some(end) = memchr::memchr(b'\n', &rest[..rest.len().min(REST)]) else { return false };
    let Some((indent, below)) = rest[end + 1..].split_at_checked(column) else { return false };
    // Of JSON the quote before the name is the last byte there.
    let indent = indent.strip_suffix(b"\"").unwrap_or(indent);
    let is_colon = |rest: &[u8]| rest.strip_prefix(b"\"").unwrap_or(rest).starts_with(b":");
    let mut siblings = SIBLINGS.iter().filter_map(|name| below.strip_prefix(*name));
    indent.iter().all(|byte| *byte == b' ') && siblings.any(is_colon)
}

/// Whether it is a word of the dictionary in capitals (or one too short for that), and at most further words of a sentence.
fn begins_with_capitals(value: &[u8]) -> bool {
    let mut words = value.split(|b| *b == b' ');
    let is_capital = |word: &[u8]| {
        let is_known = word.len() < 4 || language::words(word).covered == word.len();
        word.iter().all(u8::is_ascii_uppercase) && is_known
    };
    words.next().is_some_and(|first| is_capital(unpunctuated(first))) && words.all(is_word)
}

/// Whether a sentence has begun: two words or more, before a name.
fn is_sentence(before: &[u8]) -> bool {
    let words = before.split(|b| *b == b' ').filter(|part| is_word(part));
    before.ends_with(b" ") && words.count() >= 2
}

/// Whether it is letters alone, but for what ends a part of a sentence.
fn is_word(part: &[u8]) -> bool {
    let part = unpunctuated(part);
    !part.is_empty() && part.iter().all(u8::is_ascii_alphabetic)
}

fn unpunctuated(part: &[u8]) -> &[u8] {
    part.strip_suffix(b",").or_else(|| part.strip_suffix(b".")).unwrap_or(part)
}

/// What stands before `at` on its line, at most 500 bytes.
fn line_before(text: &[u8], at: usize) -> &[u8] {
    let before = &text[at.saturating_sub(500)..at];
    &before[memchr::memrchr(b'\n', before).map_or(0, |found| found + 1)..]
}

/// Whether an odd number of quotes opens before.
pub(super) fn in_string(before: &[u8]) -> bool {
    let quotes = |quote| memchr::memchr_iter(quote, before).count() % 2 == 1;
    quotes(b'"') || quotes(b'\'') || quotes(b'`')
}

//! Cheap tests that spare the model most of what it would refuse.

use super::assignment::{Assignment, Operator};
use super::names::{Name, Word};
use super::places::Family;
use super::shape;
use super::value::Wrapper;

/// Whether the model should look at it at all: cheap tests that what people call a secret passes.
pub(super) fn is_plausible(text: &[u8], found: &Assignment, name: Name, family: Family) -> bool {
    let span = found.value.span;
    let (value, next) = (&text[span.range()], text.get(span.end).copied().unwrap_or(b'\n'));
    if value.len() < 3 || shape::is_reference(value) || is_known(value) {
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
    let quoted = found.value.is_quoted();
    if !quoted && found.operator == Operator::Compare {
        return false;
    }
    if !quoted && matches!(family, Family::Code | Family::Shell) && !found.operator.implies_secret()
    {
        // Code, if it is no comment: members, types, keywords.
        let is_type = value[0].is_ascii_uppercase()
            && value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'.')
            && (family == Family::Code || found.operator == Operator::Colon);
        let is_code = family == Family::Code && value.iter().any(|b| b"([{.".contains(b));
        // `password: password)`: a variable.
        let is_variable = family == Family::Code
            && matches!(next, b';' | b')' | b'.' | b'(' | b'[')
            && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let is_constant = matches!(
            value,
            b"true" | b"false" | b"null" | b"nil" | b"None" | b"undefined" | b"string" | b"str"
        );
        if is_type || is_code || is_variable || is_constant {
            return false;
        }
    }
    if found.operator.implies_secret() {
        return true;
    }
    // `pass `x` to`, `identified by its key`: what the word is in prose.
    let loose = matches!(found.operator, Operator::Prose | Operator::Space);
    if loose
        && matches!(found.name.len(), 3 | 4)
        && (found.operator == Operator::Prose || found.value.quote == b'`')
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

/// Whether its form says what it is, and that is no secret, or one that a rule of its own knows: JSON web
/// tokens, hashes with their algorithm, addresses, paths.
fn is_known(value: &[u8]) -> bool {
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
    // A pattern of values, and none itself.
    let has = |literal: &[u8]| memchr::memmem::find(value, literal).is_some();
    if [&b"[0-9"[..], b"[a-z", b"[A-Z", b"[a-f", b"(?", b"\\d", b"\\w", b"\\s"].into_iter().any(has) {
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
    slashes >= 2 && value.iter().all(is_path) && matches!(value[0], b'/' | b'.' | b'~')
        || slashes >= 3 && value.iter().all(is_path)
}

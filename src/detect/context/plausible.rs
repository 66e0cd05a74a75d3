//! Cheap tests that spare the model most of what it would refuse.

use super::assignment::{Assignment, Operator};
use super::forms::{is_ascending, is_known};
use super::names::{Name, Word};
use super::places::{Family, Place};
use super::shape;
use super::value::Wrapper;
use crate::detect::language;

/// Whether the model should look at it at all: cheap tests that what people call a secret passes.
pub(super) fn is_plausible(text: &[u8], found: &Assignment, name: Name, place: Place) -> bool {
    let family = place.family;
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
    let is_made = value.iter().any(u8::is_ascii_digit)
        && !value.contains(&b' ')
        && memchr::memmem::find(value, b"\\u").is_none();
    if place.is_translation && !is_made {
        return false;
    }
    if is_of_entry(text, found) || is_public(text, found) {
        return false;
    }
    let quoted = found.value.is_quoted();
    if !quoted && (found.operator == Operator::Compare || next == b'(') {
        return false;
    }
    // `{SSHA}...`: the scheme of a hash, where a bare value ends at braces.
    if !quoted && value[0] == b'{' && next == b'}' {
        return false;
    }
    // `{{- $password = randAlphaNum 10 }}`: an expression of a template.
    if !quoted && is_in_template(line_before(text, found.name.start)) {
        return false;
    }
    // `secrets: inherit`, of a workflow that calls another; `update_password: on_create`, of a module of Ansible.
    if !quoted && matches!(value, b"inherit" | b"on_create" | b"always") {
        return false;
    }
    // `error presenting token: gandiv5: unexpected`: what goes on behind another colon is a message.
    if !quoted
        && found.operator == Operator::Colon
        && next == b':'
        && text.get(span.end + 1) == Some(&b' ')
    {
        return false;
    }
    // `secret = stack.sensitive.result`: what HCL does not quote is an expression.
    if !quoted
        && family == Family::Data
        && found.operator == Operator::Assign
        && value.contains(&b'.')
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-*[]".contains(b))
    {
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
        // `secret = stdout`, where a statement begins with the name: a variable.
        let is_read = family == Family::Code
            && found.operator == Operator::Assign
            && matches!(next, b'\n' | b'\r')
            && after_blank
            && value.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
            && line_before(text, found.name.start).iter().all(|b| matches!(b, b' ' | b'\t'));
        if is_type || is_code || is_variable || is_constant || is_read {
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
    // `SESSION_KEY = "banner-dismissed"`: what is nothing but words is the key of an entry.
    let letters = value.iter().filter(|b| b.is_ascii_lowercase()).count();
    if weak
        && value.iter().all(|b| b.is_ascii_lowercase() || b"-_".contains(b))
        && language::words(value).covered == letters
    {
        return false;
    }
    // Rows are keyed by UUIDs everywhere; API keys are few of them.
    !(weak && shape::is_uuid(value) && !name.has(Word::Qualifier))
}

/// Whether the name says that the value is no secret, or one of a moment: the fingerprint of a key of `OpenPGP`, the token of a
/// form of Rails, which nobody can use without its session, the key of a project or of what is stored, what is encrypted.
fn is_public(text: &[u8], found: &Assignment) -> bool {
    /// Longest name that is looked at, in bytes.
    const MAX_NAME: usize = 64;
    /// What names end in that say which Secret of Kubernetes is meant.
    const NAMED: [&[u8]; 7] = [
        b"existingsecret",
        b"tlssecret",
        b"certsecret",
        b"certssecret",
        b"scriptssecret",
        b"pullsecret",
        b"casecret",
    ];
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
    let before = &text[found.name.start.saturating_sub(7)..found.name.start];
    // `Uploaded file to key: x`, of logs.
    let is_stored = || [&b" to "[..], b" at ", b" from "].iter().any(|word| before.ends_with(word));
    has(b"authenticitytoken")
        // What a password was made to; a rule of its own knows what forms that has.
        || has(b"encodedpassword")
        || is_fingerprint && (has(b"gpg") || has(b"pgp") || has(b"fingerprint"))
        || lower.ends_with(b"projectkey")
        || lower.ends_with(b"rspauth")
        || NAMED.iter().any(|end| lower.ends_with(end)) && is_name_of_object(value)
        // `verify it with the public key "x"`.
        || before.eq_ignore_ascii_case(b"public ")
        // `MovedAttribute("ProxyBasicAuthHandler", "urllib2")`: what handles passwords is none.
        || lower.ends_with(b"handler")
        || name == b"key" && found.operator == Operator::Colon && is_stored()
        // `EncryptedPrivateKey`, `wrappedUserKey`: what only another key opens.
        || (has(b"encrypted") || has(b"sealed") || has(b"wrapped")) && !has(b"pass")
        // `passwd: compat`, of nsswitch.conf(5): where accounts are looked up.
        || name == b"passwd" && value.split(|b| *b == b' ').next().is_some_and(is_account_source)
        // `assert.pass("x")`, of tests.
        || name.ends_with(b".pass") && found.operator == Operator::Call
}

/// Whether an object of Kubernetes may be called so (RFC 1123 labels), and is by people.
fn is_name_of_object(value: &[u8]) -> bool {
    value.iter().all(|b| b.is_ascii_lowercase() || b"-.".contains(b))
}

/// Services of nsswitch.conf(5).
fn is_account_source(word: &[u8]) -> bool {
    matches!(
        word,
        b"compat" | b"db" | b"files" | b"ldap" | b"nis" | b"sss" | b"systemd" | b"winbind"
    )
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

/// Whether braces of a template are open: those of Go, Jinja and their like.
fn is_in_template(before: &[u8]) -> bool {
    let opens = memchr::memmem::rfind(before, b"{{");
    opens.is_some_and(|at| memchr::memmem::find(&before[at..], b"}}").is_none())
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

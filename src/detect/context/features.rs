//! What the model knows of a candidate: one number for each of a list of questions.

use super::assignment::{Assignment, Operator};
use super::names::{Name, WORDS, Word};
use super::places::Place;
use super::plausible::in_string;
use super::shape::{self, Shape};
use super::value::Wrapper;
use crate::model::Span;

/// How many features there are.
pub(super) const COUNT: usize = QUESTIONS.len();

/// A candidate's answers, in the order of [`QUESTIONS`].
pub(super) type Features = [f32; COUNT];

/// A feature: its name in the training script, and what a low and a high answer mean, for people; empty
/// where no word says it.
pub(super) type Question = (&'static str, &'static str, &'static str);

/// All features. The model is trained on this list in this order.
pub(super) const QUESTIONS: &[Question] = &[
    ("name.last", "", ""),
    ("name.before_last", "", ""),
    ("name.after_secret", "", ""),
    ("name.count", "", ""),
    ("name.unknown", "", ""),
    ("name.password", "", "the name says password"),
    ("name.secret", "", "the name says secret"),
    ("name.token", "", "the name says token"),
    ("name.key", "", "the name says key"),
    ("name.auth", "", "the name is about authentication"),
    ("name.qualifier", "the name does not say what for", "the name says what it is for"),
    (
        "name.negated",
        "nothing in the name negates it",
        "the name says id, type, path, length or the like",
    ),
    ("name.user", "", "the name is about users"),
    ("name.test", "", "the name is of a test"),
    ("name.action", "", "the name is of an action"),
    ("name.upper", "", ""),
    ("name.quoted", "", ""),
    ("name.spaced", "", ""),
    ("name.flag", "", "a flag of a command"),
    ("name.previous", "", ""),
    ("operator", "", ""),
    ("value.quote", "", ""),
    ("value.wrapper", "", ""),
    ("value.next", "", ""),
    ("value.len", "short", "long"),
    ("value.entropy", "characters repeat", "high entropy"),
    ("value.distinct", "characters repeat", "characters vary"),
    ("value.digits", "few digits", "many digits"),
    ("value.digit_share", "few digits", "many digits"),
    ("value.upper", "few capitals", "many capitals"),
    ("value.lower", "few small letters", "many small letters"),
    ("value.letter_share", "few letters", "mostly letters"),
    ("value.marks", "few marks", "many marks"),
    ("value.joiners", "no words joined by - _ or .", "words joined by - _ or ."),
    ("value.slashes", "no slashes", "slashes, as in paths"),
    ("value.spaces", "no blanks", "blanks, as in sentences"),
    ("value.wide", "ASCII", "letters beyond ASCII"),
    (
        "value.turns",
        "letters and digits keep to themselves",
        "letters, digits and marks take turns",
    ),
    ("value.humps", "no camel case", "camel case"),
    ("value.letters_run", "letters in short runs", "letters in a long run"),
    ("value.digits_run", "short runs of digits", "a long run of digits"),
    ("value.same_run", "no repetition", "one character repeats"),
    ("value.sequence", "no sequence", "a sequence such as abcd or 1234"),
    ("value.covered", "no dictionary words", "made of dictionary words"),
    ("value.word", "no long word", "a long dictionary word"),
    ("value.surprise", "it reads like words", "random-looking letters"),
    ("value.worst", "it reads like words", "random-looking letters"),
    ("value.vowels", "few vowels", "vowels as in words"),
    ("value.hex", "no hex number", "a hex number"),
    ("value.hash_len", "not of a hash's length", "of a hash's length"),
    ("value.uuid", "no UUID", "a UUID"),
    ("value.placeholders", "no placeholder word", "placeholder words"),
    ("value.placeholder_share", "no placeholder word", "made of placeholder words"),
    ("value.is_name", "unlike its name", "like its name"),
    ("value.first", "", ""),
    ("value.last", "", ""),
    ("value.code", "no code", "code"),
    ("value.url", "no address", "an address"),
    ("value.user_like", "unlike the values beside it", "like a value beside it"),
    ("place.family", "", ""),
    ("place.test", "not in a test", "in a test"),
    ("place.example", "not in documentation", "in documentation or an example"),
    ("place.foreign", "not in others' code", "in others' or generated code"),
    ("line.comment", "not in a comment", "in a comment"),
    ("line.string", "not within a string", "within a string"),
    ("line.user", "no user beside it", "a user beside it"),
    ("line.len", "", ""),
    ("line.before", "", ""),
    ("near.user", "no user near it", "a user near it"),
    ("near.host", "no host near it", "a host near it"),
    ("near.placeholders", "no placeholders near it", "placeholders near it"),
    ("near.alike", "", ""),
];

/// A text with what is known of its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) place: Place,
}

/// The answers for one candidate.
pub(super) fn of(text: Text<'_>, found: &Assignment, name: Name, value: &[u8]) -> Features {
    let bytes = text.bytes;
    let lower = value.to_ascii_lowercase();
    let shape = Shape::of(value);
    let line = line_of(bytes, found.value.span);
    let near = near(bytes, line);
    let beside = shape::words_of(window(bytes, line, found.value.span, 80));
    let own = shape::words_of(value);
    let (words, covered) = (own.placeholders, own.covered);
    let len = shape.len.max(1) as f32;
    let letters = shape.letters().max(1) as f32;
    let name_bytes = &bytes[found.name.range()];
    let before = bytes.get(found.name.start.wrapping_sub(1)).copied().unwrap_or(b'\n');
    let mut all = [0.0; COUNT];
    let mut at = 0;
    let mut push = |answer: f32| {
        all[at] = answer;
        at += 1;
    };
    let flag = |holds: bool| f32::from(u8::from(holds));
    push(word(name.last));
    push(word(name.before_last));
    push(word(name.after_secret));
    push(f32::from(name.count));
    push(f32::from(name.unknown));
    push(flag(name.has(Word::Password)));
    push(flag(name.has(Word::Secret)));
    push(flag(name.has(Word::Token)));
    push(flag(name.has(Word::Key)));
    push(flag(name.has(Word::Auth) || name.has(Word::Credential)));
    push(flag(name.has(Word::Qualifier) || name.has(Word::Crypto) || name.has(Word::Service)));
    push(NEGATING.iter().filter(|word| name.has(**word)).count() as f32);
    push(flag(name.has(Word::User)));
    push(flag(name.has(Word::Test)));
    push(flag(name.has(Word::Action)));
    push(flag(!name_bytes.iter().any(u8::is_ascii_lowercase)));
    push(flag(found.quoted_name));
    push(flag(before == b' ' && found.quoted_name));
    push(flag(before == b'-'));
    push(previous_word(bytes, found.name));
    push(f32::from(found.operator as u8));
    push(f32::from(found.value.quote));
    push(f32::from(found.value.wrapper as u8));
    push(next_class(bytes, found));
    push(len);
    push(shape.entropy as f32);
    push(shape.distinct as f32 / len);
    push(shape.digits as f32);
    push(shape.digits as f32 / len);
    push(shape.upper as f32 / len);
    push(shape.lower as f32 / len);
    push(shape.letters() as f32 / len);
    push(shape.marks as f32);
    push(shape.joiners as f32);
    push(shape.slashes as f32);
    push(shape.spaces as f32);
    push(shape.wide as f32);
    push(shape.turns as f32 / len);
    push(shape.humps as f32);
    push(shape.letters_run as f32);
    push(shape.digits_run as f32);
    push(shape.same_run as f32);
    push(shape.sequence as f32);
    push(shape.covered as f32 / letters);
    push(shape.longest_word as f32);
    push(shape.surprise as f32);
    push(shape.worst as f32);
    push(shape.vowels as f32 / letters);
    push(flag(shape.hex));
    push(flag(shape.hex && matches!(shape.len, 32 | 40 | 56 | 64 | 96 | 128)));
    push(flag(shape.uuid));
    push(words as f32);
    push(covered as f32 / len);
    push(likeness(name_bytes, &lower));
    push(class(value.first()));
    push(class(value.last()));
    push(code(value));
    push(flag(
        memchr::memmem::find(value, b"://").is_some()
            || memchr::memmem::find(&lower, b"www.").is_some(),
    ));
    push(flag(repeats(window(bytes, line, found.value.span, 80), value)));
    push(f32::from(text.place.family as u8));
    push(flag(text.place.is_test));
    push(flag(text.place.is_example));
    push(flag(text.place.is_foreign));
    push(flag(is_comment(&bytes[line.range()])));
    push(flag(in_string(&bytes[line.start..found.name.start.max(line.start)])));
    push(flag(beside.users));
    push((line.len().min(2000)) as f32);
    push((found.value.span.start - line.start).min(2000) as f32);
    push(flag(near.users));
    push(flag(near.hosts));
    push(near.placeholders.min(20) as f32);
    push(alike(bytes, line));
    debug_assert_eq!(at, COUNT);
    all
}

const NEGATING: &[Word] = &[
    Word::Id,
    Word::Public,
    Word::Name,
    Word::Type,
    Word::Number,
    Word::Path,
    Word::Address,
    Word::Digest,
    Word::Label,
    Word::Field,
    Word::Time,
    Word::State,
];

/// Words that are alike have neighbouring numbers; no word and an unknown one have the highest.
fn word(word: Option<Word>) -> f32 {
    word.map_or(WORDS as f32, |word| f32::from(word as u8))
}

/// The meaning of the word right before the name: `secret key:`, `String password`, `new Token`.
fn previous_word(bytes: &[u8], name: Span) -> f32 {
    let Some(end) = name.start.checked_sub(1).filter(|at| bytes[*at] == b' ') else {
        return WORDS as f32 + 2.0;
    };
    let low = end.saturating_sub(24);
    let len = bytes[low..end].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    match Name::of(&bytes[end - len..end]).last {
        Some(found) => word(Some(found)),
        None if len > 0 => WORDS as f32 + 1.0,
        None => WORDS as f32,
    }
}

/// What stands after the value: 0 the line's end, then `,`, `;`, closing brackets, and what goes on.
fn next_class(bytes: &[u8], found: &Assignment) -> f32 {
    let rest = &bytes[found.value.outer.end.min(bytes.len())..];
    let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match rest.get(blanks) {
        None | Some(b'\n' | b'\r') => 0.0,
        Some(b',') => 1.0,
        Some(b';') => 2.0,
        Some(b')' | b']' | b'}') => 3.0,
        Some(b'<' | b'>' | b'/') => 4.0,
        Some(b'"' | b'\'' | b'`' | b'\\') => 5.0,
        Some(b'+' | b'.' | b'%') => 7.0,
        Some(b'(' | b'[' | b'{') => 8.0,
        Some(b'&' | b'|') => 9.0,
        Some(_) => 6.0,
    }
}

fn class(byte: Option<&u8>) -> f32 {
    match byte {
        Some(b'a'..=b'z') => 0.0,
        Some(b'A'..=b'Z') => 1.0,
        Some(b'0'..=b'9') => 2.0,
        Some(b'=') => 3.0,
        Some(b'_' | b'-' | b'.') => 4.0,
        Some(b'/' | b'\\') => 5.0,
        Some(b'$' | b'%' | b'@' | b'#' | b'&' | b'!' | b'*' | b'+') => 6.0,
        Some(b'(' | b'{' | b'[' | b'<') => 7.0,
        Some(b')' | b'}' | b']' | b'>') => 8.0,
        Some(b' ') => 9.0,
        Some(0x80..) => 10.0,
        _ => 11.0,
    }
}

/// How much it looks like code: calls, members, brackets, format verbs.
fn code(value: &[u8]) -> f32 {
    let mut signs = 0;
    for (at, byte) in value.iter().enumerate() {
        let next = value.get(at + 1).copied().unwrap_or(b' ');
        let previous = at.checked_sub(1).map_or(b' ', |at| value[at]);
        signs += match byte {
            b'(' | b')' | b'{' | b'}' | b'[' => 1,
            b'>' => u8::from(previous == b'-'),
            b':' | b'=' => u8::from(next == *byte),
            b'%' => u8::from(matches!(next, b's' | b'v' | b'd')),
            b'.' => u8::from(previous.is_ascii_lowercase() && next.is_ascii_alphabetic()),
            _ => 0,
        };
    }
    f32::from(signs.min(20))
}

/// 2 where value and name are one, 1 where one holds the other; letters alone count.
fn likeness(name: &[u8], value: &[u8]) -> f32 {
    let letters = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (name, value) = (letters(name), letters(value));
    if name == value {
        2.0
    } else if value.len() >= 3
        && (memchr::memmem::find(&name, &value).is_some()
            || name.len() >= 3 && memchr::memmem::find(&value, &name).is_some())
    {
        1.0
    } else {
        0.0
    }
}

/// Whether the value stands on its line more than once, as in `user:user`.
fn repeats(line: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find_iter(line, value).take(2).count() > 1
}

/// The line of a span, at most 2,000 bytes to either side.
fn line_of(bytes: &[u8], span: Span) -> Span {
    let low = span.start.saturating_sub(2000);
    let high = (span.end + 2000).min(bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |at| low + at + 1);
    let end = memchr::memchr(b'\n', &bytes[span.end..high]).map_or(high, |at| span.end + at);
    Span::new(start, end)
}

/// What of `line` is within `reach` bytes of `span`.
fn window(bytes: &[u8], line: Span, span: Span, reach: usize) -> &[u8] {
    &bytes[span.start.saturating_sub(reach).max(line.start)..(span.end + reach).min(line.end)]
}

/// Up to two lines before `line` and two after it, at most 80 bytes each side.
fn near(bytes: &[u8], line: Span) -> shape::Mentions {
    let before = &bytes[line.start.saturating_sub(80)..line.start];
    let skip = memchr::memrchr_iter(b'\n', before).nth(2).map_or(0, |at| at + 1);
    let after = &bytes[line.end..(line.end + 80).min(bytes.len())];
    let take = memchr::memchr_iter(b'\n', after).nth(2).unwrap_or(after.len());
    let (one, other) = (shape::words_of(&before[skip..]), shape::words_of(&after[..take]));
    shape::Mentions {
        users: one.users || other.users,
        hosts: one.hosts || other.hosts,
        placeholders: one.placeholders + other.placeholders,
        covered: one.covered + other.covered,
    }
}

fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    [&b"#"[..], b"//", b"/*", b"*", b"--", b"<!--", b";", b"%"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// How many of the two neighbouring lines begin as this one does: tables of translations, enums.
fn alike(bytes: &[u8], line: Span) -> f32 {
    let head = |line: &[u8]| -> Vec<u8> {
        line.iter()
            .take(24)
            .filter(|b| !b.is_ascii_alphanumeric() && **b != b'_')
            .copied()
            .take(6)
            .collect()
    };
    let own = head(&bytes[line.range()]);
    let low = line.start.saturating_sub(400);
    let before = line.start.checked_sub(1).map_or(&[][..], |end| {
        let start = memchr::memrchr(b'\n', &bytes[low..end]).map_or(low, |at| low + at + 1);
        &bytes[start..end]
    });
    let after = bytes.get(line.end + 1..).map_or(&[][..], |rest| {
        let rest = &rest[..rest.len().min(400)];
        &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
    });
    f32::from(u8::from(head(before) == own)) + f32::from(u8::from(head(after) == own))
}

/// For [`Operator`] and [`Wrapper`], whose numbers the model was trained with.
const _: () = assert!(Operator::User as u8 == 12 && Wrapper::Numbers as u8 == 4);

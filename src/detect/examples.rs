//! The holes of `match` and `skip` examples: `ghp_${alnum:30}${checksum}` to text.
//!
//! No literal secret is stored with the rules. Holes are filled from a seed, so that the same example
//! is always the same text.

use super::checksum;

/// Alphabets that holes and `charset` name.
pub const CHARSETS: &[(&str, &str)] = &[
    ("digit", "0123456789"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("alpha", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("alnum", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
    ("loweralnum", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("upperalnum", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    ("hex", "0123456789abcdef"),
    ("HEX", "0123456789ABCDEF"),
    ("base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    ("base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ("word", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"),
    (
        "printable",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%&*+-./:;=?@^_~",
    ),
];

/// A hole that cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hole `${{{hole}}}`: {why}")]
pub struct HoleError {
    /// What stands between the braces.
    pub hole: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The path and the text of an example: of `@path` and a line break, when it begins so, for rules that
/// look at paths; else `example`.
pub fn in_file(example: &str) -> (&str, &str) {
    match example.strip_prefix('@') {
        None => ("example", example),
        Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
    }
}

/// Fills the holes of `template`. `sum` is the rule's checksum, for `${checksum}`; `seed` chooses the
/// text.
///
/// # Errors
/// When a hole is not one that exists.
pub fn fill(template: &str, sum: Option<&str>, seed: u64) -> Result<String, HoleError> {
    let mut random = Random(seed ^ 0x9E37_79B9_7F4A_7C15);
    // Each example of a rule is its own text, whatever the seed.
    for byte in template.bytes() {
        random.0 = random.0.wrapping_mul(0x100_0000_01B3) ^ u64::from(byte);
    }
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        let (plain, hole) = rest.split_at(at);
        out.push_str(plain);
        let Some(end) = closing_brace(hole) else { break };
        let name = &hole[2..end];
        if is_hole(name) {
            let filled = fill_hole(name, &out, sum, &mut random)
                .map_err(|why| HoleError { hole: name.to_owned(), why })?;
            out.push_str(&filled);
        } else {
            // `${VARIABLE}` of a shell or a template.
            out.push_str(&hole[..=end]);
        }
        rest = &hole[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Offset of the brace that closes the first one of `hole`.
fn closing_brace(hole: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in hole.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Whether `name` begins as one of our holes does.
fn is_hole(name: &str) -> bool {
    let head = name.split(':').next().unwrap_or_default();
    let plain = ["uuid", "checksum", "jwt", "awsid", "devops-token", "fly-macaroon"];
    let with_argument = ["pem", "pem-escaped", "b64", "mnemonic", "base58check"];
    plain.contains(&name)
        || name.contains(':')
            && (with_argument.contains(&head) || CHARSETS.iter().any(|(set, _)| *set == head))
}

fn fill_hole(
    name: &str,
    before: &str,
    sum: Option<&str>,
    random: &mut Random,
) -> Result<String, &'static str> {
    let (head, argument) = name.split_once(':').unwrap_or((name, ""));
    match head {
        "uuid" => Ok(uuid(random)),
        "checksum" => {
            let complete = sum
                .and_then(checksum::find)
                .and_then(|sum| sum.complete)
                .ok_or("the rule has no checksum that can be completed")?;
            let bytes = complete(token_at_end(before).as_bytes());
            String::from_utf8(bytes).map_err(|_| "the checksum is not text")
        }
        "jwt" => Ok(jwt(random)),
        "awsid" => Ok(aws_id(random)),
        "devops-token" => {
            Ok(checksum::devops_token(std::array::from_fn(|_| random.below(256) as u8)))
        }
        "fly-macaroon" => {
            let random = std::array::from_fn(|_| random.below(256) as u8);
            Ok(base64(&checksum::fly_macaroon(&random)))
        }
        "pem" => Ok(pem(argument, "\n", random)),
        "pem-escaped" => Ok(pem(argument, "\\n", random)),
        "mnemonic" => Ok(mnemonic(length(argument, random)?, random)),
        "base58check" => base58check(argument, random),
        "b64" => Ok(base64(fill_simple(argument, random)?.as_bytes())),
        set => {
            let (_, alphabet) =
                CHARSETS.iter().find(|(n, _)| *n == set).ok_or("no such alphabet")?;
            let len = length(argument, random)?;
            Ok(random.text(alphabet, len))
        }
    }
}

/// `N` or `N-M`.
fn length(argument: &str, random: &mut Random) -> Result<usize, &'static str> {
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| "a length is a number, or two: `32-40`");
    match argument.split_once('-') {
        None => number(argument),
        Some((low, high)) => {
            let (low, high) = (number(low)?, number(high)?);
            Ok(low + random.below(high.saturating_sub(low) + 1))
        }
    }
}

/// Fills `<alnum:16>` within a hole.
fn fill_simple(text: &str, random: &mut Random) -> Result<String, &'static str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('<') {
        out.push_str(plain);
        let (hole, after) = after.split_once('>').ok_or("`<` without `>`")?;
        out.push_str(&fill_hole(hole, "", None, random)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The characters of tokens at the end of `text`.
fn token_at_end(text: &str) -> &str {
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_.~=+/-".contains(c)))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    &text[start..]
}

fn uuid(random: &mut Random) -> String {
    let hex = "0123456789abcdef";
    let mut part = |len| random.text(hex, len);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn jwt(random: &mut Random) -> String {
    let subject = random.text("0123456789", 10);
    let claims = format!(r#"{{"sub":"{subject}","iat":1516239022}}"#);
    let url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let part = |text: &str| base64(text.as_bytes()).trim_end_matches('=').to_owned();
    let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    format!("{header}.{}.{}", part(&claims), random.text(url, 43))
}

/// 16 digits that decode to an account number below 10^12: the first is below the bound's.
fn aws_id(random: &mut Random) -> String {
    let first = random.text("QRSTUVWXYZ234567", 1);
    let second = random.text("ABCDEFGHIJKLMNOP", 1);
    format!("{first}{second}{}", random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 14))
}

fn pem(label: &str, newline: &str, random: &mut Random) -> String {
    let mut der = match label {
        _ if label.starts_with("OPENSSH") => b"openssh-key-v1\0\0\0\0\x04none".to_vec(),
        _ if label.starts_with("PGP") => vec![0x95, 0x03],
        // SEQUENCE of 600 bytes.
        _ => vec![0x30, 0x82, 0x02, 0x58],
    };
    while der.len() < 604 {
        der.push(random.below(256) as u8);
    }
    let body = base64(&der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    let gap = if label.starts_with("PGP") { newline } else { "" };
    format!(
        "-----BEGIN {label}-----{newline}{gap}{}{newline}-----END {label}-----",
        lines.join(newline)
    )
}

/// `words` (12, 15, 18, 21 or 24) words of BIP-39 with their checksum.
fn mnemonic(words: usize, random: &mut Random) -> String {
    let entropy: Vec<u8> = (0..words / 3 * 4).map(|_| random.below(256) as u8).collect();
    bip39::Mnemonic::from_entropy(&entropy).map_or_else(|_| String::new(), |m| m.to_string())
}

/// `VERSION,N`: N random bytes behind a version in hexadecimal, with their checksum.
fn base58check(argument: &str, random: &mut Random) -> Result<String, &'static str> {
    let wrong = "it is a version in hexadecimal and a number of bytes: `80,32`";
    let (version, count) = argument.split_once(',').ok_or(wrong)?;
    let digit = |c: char| c.to_digit(16).map(|d| d as u8).ok_or(wrong);
    let version = version.chars().map(digit).collect::<Result<Vec<u8>, _>>()?;
    let mut bytes: Vec<u8> = version.chunks(2).map(|p| p[0] << 4 | p[p.len() - 1]).collect();
    bytes.extend((0..count.parse().map_err(|_| wrong)?).map(|_| random.below(256) as u8));
    Ok(bs58::encode(bytes).with_check().into_string())
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// `len` characters; from eight on at least one of each kind that the alphabet has, as random
    /// tokens nearly always do and rules may ask for.
    fn text(&mut self, alphabet: &str, len: usize) -> String {
        let letters = alphabet.as_bytes();
        loop {
            let text: String =
                (0..len).map(|_| char::from(letters[self.below(letters.len())])).collect();
            let has = |kind: fn(&u8) -> bool| {
                !letters.iter().any(kind) || text.as_bytes().iter().any(kind)
            };
            let all = has(u8::is_ascii_digit)
                && has(u8::is_ascii_lowercase)
                && has(u8::is_ascii_uppercase);
            if len < 8 || all {
                return text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_text() {
        let a = fill("k=${alnum:20} ${hex:8-16} ${uuid}", None, 7).unwrap();
        assert_eq!(a, fill("k=${alnum:20} ${hex:8-16} ${uuid}", None, 7).unwrap());
        assert_ne!(a, fill("k=${alnum:20} ${hex:8-16} ${uuid}", None, 8).unwrap());
    }

    #[test]
    fn what_is_no_hole_stays() {
        assert_eq!(
            fill("p=${PASSWORD} ${{ secrets.X }}", None, 1).unwrap(),
            "p=${PASSWORD} ${{ secrets.X }}"
        );
    }

    #[test]
    fn an_unknown_length_is_named() {
        let error = fill("${hex:many}", None, 1).unwrap_err();
        assert_eq!(error.hole, "hex:many");
    }
}

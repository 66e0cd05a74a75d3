//! What the form of a value says that it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::shape;
use crate::detect::placeholders::is_placeholder;

/// Schemes of authentication (RFC 9110, section 11), which configurations name.
const SCHEMES: [&[u8]; 8] =
    [b"basic", b"bearer", b"digest", b"oauth", b"oauth2", b"ntlm", b"kerberos", b"negotiate"];

/// How the key of the account that Azurite, the emulator of Azure Storage, comes with begins:
/// <https://learn.microsoft.com/azure/storage/common/storage-connect-azurite>.
const AZURITE: &[u8] = b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1";

/// Whether its form says what it is, and that is no secret, or one that a rule of its own knows: JSON web
/// tokens, hashes with their algorithm, addresses, paths, times.
pub(super) fn is_known(value: &[u8]) -> bool {
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
    // `'password' => 'hashed'`, `'confirmed'`: how a field is kept or checked (Laravel's casts and rules).
    if [&b"hashed"[..], b"encrypted", b"confirmed"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word))
    {
        return true;
    }
    if is_algorithm(value) || shape::is_crypt(value) || is_file(value) {
        return true;
    }
    if is_address(value) || is_version(value) || is_empty_pem(value) {
        return true;
    }
    if stands_for_another(value) || is_public_key(value) || value.starts_with(AZURITE) {
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
    // Signatures of requests to AWS, and the scope that they name beside an access key's id:
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
    if starts(b"AWS4-HMAC-SHA256") || has(b"aws4_request") {
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

/// `cGFzc3dvcmQ=`, `VEVTVEtFWTE=`: base64 (RFC 4648, section 4), as data of Kubernetes' Secrets is, of words that stand for a
/// value.
fn stands_for_another(value: &[u8]) -> bool {
    if value.len() < 8 || !value.len().is_multiple_of(4) {
        return false;
    }
    let Ok(decoded) = STANDARD.decode(value) else { return false };
    let is_words = |byte: &u8| byte.is_ascii_alphanumeric() || b" ._-@!\n".contains(byte);
    let letters = decoded.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    decoded.iter().all(is_words)
        && (is_placeholder(decoded.trim_ascii())
            || shape::words_of(&decoded).covered * 3 >= letters * 2)
}

/// A block of PEM (RFC 7468) in base64 in which there is no private key: a certificate or public key, or too short for any.
fn is_empty_pem(value: &[u8]) -> bool {
    /// In base64, of the shortest private key: Ed25519 in PKCS #8 is 119 bytes of PEM.
    const SHORTEST: usize = 156;
    let Some(head) = value.get(..value.len().min(56) / 4 * 4) else { return false };
    if !head.starts_with(b"LS0tLS1CRUdJTi") {
        return false;
    }
    let Ok(head) = STANDARD.decode(head) else { return false };
    let has = |word: &[u8]| memchr::memmem::find(&head, word).is_some();
    value.len() < SHORTEST || has(b"CERTIFICATE") || has(b"PUBLIC")
}

/// A public key in base64 of DER (RFC 5280, section 4.1, `SubjectPublicKeyInfo`): of RSA, of the curves P-256 and P-384, of
/// Ed25519. Private keys (RFC 5958) have other bytes there.
fn is_public_key(value: &[u8]) -> bool {
    const STARTS: [&[u8]; 4] = [
        b"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB",
        b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        b"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE",
        b"MCowBQYDK2VwAyEA",
    ];
    // After a header with a length of two bytes.
    let is_rsa = value.get(7..).is_some_and(|rest| rest.starts_with(b"NBgkqhkiG9w0BAQEFAAOCA"));
    is_rsa || STARTS.iter().any(|start| value.starts_with(start))
}

/// `10.0.0.1`, `2a03:4000::42/64`, `localhost:8080`: an address of the internet protocol, a block of them, or a host's with a
/// port.
fn is_address(value: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(value) else { return false };
    let is_ip = |host: &str| host.parse::<std::net::IpAddr>().is_ok();
    if is_ip(text.split('/').next().unwrap_or_default()) {
        return true;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    port.parse::<u16>().is_ok() && (host == "localhost" || is_ip(host))
}

/// `^7.1.2`, `npm:^3.0.0`, `workspace:*`, `1.124.0-debian-12`: the version of a package, or which ones a manifest or lock of npm
/// or Yarn asks for (<https://semver.org>).
fn is_version(value: &[u8]) -> bool {
    const PROTOCOLS: [&[u8]; 5] = [b"npm:", b"workspace:", b"patch:", b"portal:", b"link:"];
    if PROTOCOLS.iter().any(|protocol| value.starts_with(protocol)) {
        return true;
    }
    let (is_range, version) = match value {
        [b'^' | b'~', version @ ..] => (true, version),
        version => (false, version),
    };
    let end = version.iter().position(|b| matches!(b, b'-' | b'+')).unwrap_or(version.len());
    let numbers = version[..end].split(|byte| *byte == b'.');
    let is_number = |part: &[u8]| {
        (1..=4).contains(&part.len()) && part.iter().all(|b| b.is_ascii_digit() || *b == b'x')
    };
    let count = numbers.clone().count();
    numbers.clone().all(is_number)
        && (count == 3 || is_range && count > 1)
        && version[end..].iter().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(b))
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
pub(super) fn is_ascending(value: &[u8]) -> bool {
    let number = |item: &[u8]| str::from_utf8(item.trim_ascii()).ok()?.parse::<u32>().ok();
    let numbers: Vec<_> = value.split(|byte| *byte == b',').map(number).collect();
    // The last may be cut off.
    let whole = numbers.split_last().map_or(&[][..], |(_, whole)| whole);
    whole.iter().all(Option::is_some) && whole.is_sorted_by(|one, next| one < next)
}

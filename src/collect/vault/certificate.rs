//! What certificates, lists of revoked ones, and public keys of SSH say of themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::time::ASN1Time;

/// The fields of a certificate.
pub(super) const FIELDS: &[&str] = &[
    "subject",
    "issuer",
    "serial_number",
    "not_before",
    "not_after",
    "dns_names",
    "self_signed",
    "is_ca",
    "public_key_algorithm",
    "public_key_bits",
    "signature_algorithm",
];

/// What the first certificate of a PEM says; None if there is none that can be read.
pub(super) fn of_pem(pem: &str) -> Option<Map<String, Value>> {
    of_der(&der(pem)?)
}

/// The same of DER.
pub(super) fn of_der(der: &[u8]) -> Option<Map<String, Value>> {
    let (_, read) = X509Certificate::from_der(der).ok()?;
    let (algorithm, bits) = match read.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => ("rsa".to_owned(), Some(key.key_size())),
        Ok(PublicKey::EC(point)) => ("ec".to_owned(), Some(point.key_size())),
        _ if read.public_key().algorithm.algorithm.to_id_string() == "1.3.101.112" => {
            ("ed25519".to_owned(), Some(256))
        }
        _ => (name(&read.public_key().algorithm.algorithm), None),
    };
    let dns_names: Vec<&str> = read
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        })
        .flatten()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(*name),
            _ => None,
        })
        .collect();
    let values = [
        read.subject().to_string().into(),
        read.issuer().to_string().into(),
        read.raw_serial_as_string().into(),
        time(read.validity().not_before),
        time(read.validity().not_after),
        dns_names.into(),
        (read.subject().as_raw() == read.issuer().as_raw()).into(),
        read.is_ca().into(),
        algorithm.into(),
        bits.into(),
        name(&read.signature_algorithm.algorithm).into(),
    ];
    Some(FIELDS.iter().map(|field| (*field).to_owned()).zip(values).collect())
}

/// `this_update`, `next_update` and `revoked_count` of a list in PEM; null if it cannot be read.
pub(super) fn of_crl(pem: &str) -> Map<String, Value> {
    let der = der(pem).unwrap_or_default();
    let read = CertificateRevocationList::from_der(&der).ok();
    let (last, next, count) = read.map_or((Value::Null, Value::Null, Value::Null), |(_, list)| {
        let next = list.next_update().map_or(Value::Null, time);
        (time(list.last_update()), next, list.iter_revoked_certificates().count().into())
    });
    let fields = json!({"this_update": last, "next_update": next, "revoked_count": count});
    fields.as_object().cloned().unwrap_or_default()
}

/// Algorithm and bits of a public key as OpenSSH writes it (RFC 4253, section 6.6).
pub(super) fn of_ssh_key(line: &str) -> Option<(&'static str, usize)> {
    let mut words = line.split_whitespace();
    let (kind, key) = (words.next()?, words.next()?);
    let key = STANDARD.decode(key).ok()?;
    let mut rest = key.as_slice();
    let mut field = || {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let value = tail.get(..length)?;
        rest = &tail[length..];
        Some(value)
    };
    field()?;
    match kind {
        "ssh-rsa" => {
            field()?;
            let modulus = field()?;
            let first = modulus.iter().position(|&byte| byte != 0)?;
            let modulus = &modulus[first..];
            Some(("rsa", modulus.len() * 8 - modulus[0].leading_zeros() as usize))
        }
        "ecdsa-sha2-nistp256" => Some(("ec", 256)),
        "ecdsa-sha2-nistp384" => Some(("ec", 384)),
        "ecdsa-sha2-nistp521" => Some(("ec", 521)),
        "ssh-ed25519" => Some(("ed25519", 256)),
        _ => None,
    }
}

/// What is between the first two marks of a PEM.
fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

fn time(time: ASN1Time) -> Value {
    Timestamp::from_second(time.timestamp()).map_or(Value::Null, |time| time.to_string().into())
}

/// The short name of an algorithm, or its OID.
fn name(oid: &x509_parser::der_parser::Oid<'_>) -> String {
    match x509_parser::objects::oid2sn(oid, x509_parser::objects::oid_registry()) {
        Ok(name) => name.to_owned(),
        Err(_) => oid.to_id_string(),
    }
}

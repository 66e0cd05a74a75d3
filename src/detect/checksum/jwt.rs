//! JSON Web Tokens (RFC 7519).

use serde_json::Value;

use super::{Checksum, Verdict, lenient_base64};

/// Three base64url parts of which the first is a JOSE header (RFC 7515, section 4: an object with
/// `alg`) and the second an object of claims (or, in an encrypted token, anything).
pub(super) const JWT: Checksum = Checksum {
    name: "jwt",
    what: "header and claims are JSON",
    verify: |secret| {
        let mut parts = secret.split(|&b| b == b'.');
        let Some(header) = parts.next().and_then(object) else { return Verdict::Fails };
        let Some(algorithm) = header.get("alg").and_then(Value::as_str) else {
            return Verdict::Fails;
        };
        let encrypted = header.get("enc").is_some();
        let Some(claims) = parts.next() else { return Verdict::Fails };
        if !encrypted && object(claims).is_none() {
            return Verdict::Fails;
        }
        let plain = algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+_".contains(&b));
        Verdict::Holds((plain && algorithm.len() <= 20).then(|| format!("algorithm {algorithm}")))
    },
    complete: None,
};

fn object(part: &[u8]) -> Option<serde_json::Map<String, Value>> {
    serde_json::from_slice(&lenient_base64(part)?).ok()
}

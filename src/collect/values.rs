//! Values that a collector was allowed to read: kept as keyed digests alone, so that equal ones are told, in other
//! stores and in what a scan found.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use super::Judge;
use crate::model::{Digest, DigestKey, Fact, Secret};

/// Kind of the facts that are kept.
pub const KIND: &str = "stored_value";

/// Whether facts of a kind are read only where values may be: they come of values, or of files and logs in which there may be
/// some. Without them there is neither a fact nor a gap.
pub fn is_of_values(kind: &str) -> bool {
    kind == KIND
        || kind.ends_with("_values")
        || kind.ends_with("_secret_value")
        || ["aws_lambda_package", "aws_log_group"].contains(&kind)
}

/// Shortest value that is kept, in bytes: what is as short as a port or a user's name is equal by chance.
const SHORTEST: usize = 8;
/// Most parts of one value: more are no fields of a secret, but a document.
const MOST_PARTS: usize = 256;
/// Deepest objects as texts in objects that are read.
const DEEPEST: usize = 3;
/// Longest text in which detection looks for secrets, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// Takes values, and keeps digests of them under one key.
pub struct Values<'a> {
    key: &'a DigestKey,
    judge: &'a dyn Judge,
    kept: Mutex<Vec<Fact>>,
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

/// Whose value it is.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Id of the fact of its secret.
    pub secret: &'a str,
    /// Name of the version in its store; empty where a store keeps none.
    pub version: &'a str,
    /// Whether that is the version that readers get.
    pub is_current: bool,
}

impl<'a> Values<'a> {
    /// Digests are made with `key`; `judge` tells which parts of a text are secrets.
    pub fn new(key: &'a DigestKey, judge: &'a dyn Judge) -> Self {
        Self { key, judge, kept: Mutex::default() }
    }

    /// The key, for what a collector compares by itself.
    pub fn key(&self) -> &'a DigestKey {
        self.key
    }

    /// Keeps what can be compared of a value: all of it, its fields if it is an object of JSON or a list of
    /// assignments, and what detection takes for a secret in it. The caller wipes the value.
    pub fn keep(&self, held: Held<'_>, value: &[u8]) {
        let Ok(text) = std::str::from_utf8(value) else {
            let digest = Secret::new(value.to_vec()).value_digest(self.key);
            return self.put(held, vec![Part { field: None, digest, is_secret: true }], &[]);
        };
        let mut parts: Vec<Part> = Vec::new();
        let mut found = Vec::new();
        pieces(text, "", 0, &mut |field, part| self.take(field, part, &mut parts), &mut found);
        let is_one = parts.is_empty();
        if text.len() <= LONGEST_TEXT {
            for found in self.judge.secrets("", text) {
                put(&mut parts, self.key, None, text.get(found.range).unwrap_or_default(), true);
            }
        }
        // A text that is no object is a secret as it is: nobody keeps anything else in such a place.
        put(&mut parts, self.key, None, text, is_one);
        self.put(held, parts, &found);
    }

    /// Takes a field, with what its name and form say of it.
    fn take(&self, field: Option<&str>, part: &str, parts: &mut Vec<Part>) {
        let name = field.and_then(|field| field.rsplit('.').next()).unwrap_or_default();
        // As a line of such a file, where the name counts too.
        let line = Zeroizing::new(format!("{name}={part}"));
        let is_secret = part.len() <= LONGEST_TEXT && !self.judge.secrets(".env", &line).is_empty();
        put(parts, self.key, field, part, is_secret || is_secret_name(name));
    }

    fn put(&self, held: Held<'_>, parts: Vec<Part>, credentials: &[Value]) {
        let Held { secret, version, is_current } = held;
        let key = self.key.id();
        let parts: Vec<Value> = parts
            .into_iter()
            .map(|Part { field, digest, is_secret }| {
                json!({"field": field, "digest": digest.to_string(), "is_secret": is_secret})
            })
            .collect();
        let fact = Fact::new(
            KIND,
            format!("{secret}#stored/{version}"),
            json!({
                "secret": secret, "version": version, "is_current": is_current, "key": key,
                "parts": parts, "credentials": credentials,
            }),
        );
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(fact);
    }

    /// What was kept, sorted by id.
    pub fn into_facts(self) -> Vec<Fact> {
        let mut kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.sort_by(|a, b| a.id.cmp(&b.id));
        kept.dedup_by(|a, b| a.id == b.id);
        kept
    }
}

/// A part of a value.
struct Part {
    field: Option<String>,
    digest: Digest,
    /// Whether it is secret by itself, and no name, host or port beside a secret.
    is_secret: bool,
}

/// Adds a part, and the password in it if it is a URI with a login.
fn put(parts: &mut Vec<Part>, key: &DigestKey, field: Option<&str>, part: &str, is_secret: bool) {
    if part.trim().len() < SHORTEST {
        return;
    }
    for digest in Secret::new(part.as_bytes().to_vec()).value_digests(key) {
        if let Some(known) = parts.iter_mut().find(|known| known.digest == digest) {
            known.is_secret |= is_secret;
        } else if parts.len() < MOST_PARTS {
            parts.push(Part { field: field.map(str::to_owned), digest, is_secret });
        }
    }
}

/// Whether a field's name says that its value is secret.
fn is_secret_name(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "accesskey",
        "credential",
        "credentials",
        "authkey",
        "signingkey",
        "encryptionkey",
        "connectionstring",
    ];
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    // `token_url` and `secret_name` tell where, and not what.
    WORDS.iter().any(|word| name.ends_with(word))
}

/// The fields of a text that is an object of JSON, also in another one, or a list of assignments; and the credentials.
fn pieces(
    text: &str,
    path: &str,
    depth: usize,
    take: &mut impl FnMut(Option<&str>, &str),
    found: &mut Vec<Value>,
) {
    let is_object = depth < DEEPEST && text.trim_start().starts_with('{');
    let parsed = is_object.then(|| serde_json::from_str::<Value>(text).ok()).flatten();
    for credential in credentials(text, parsed.as_ref()) {
        if !found.contains(&credential) {
            found.push(credential);
        }
    }
    let Some(mut object) = parsed else { return assignments(text, path, take) };
    leaves(&object, path, &mut |path, leaf| {
        pieces(leaf, path, depth + 1, take, found);
        take(Some(path), leaf);
    });
    wipe(&mut object);
}

/// The texts and numbers of an object, by their path.
fn leaves(value: &Value, path: &str, take: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &below(path, name), take);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                leaves(value, &below(path, &at.to_string()), take);
            }
        }
        Value::String(text) => take(path, text),
        Value::Number(number) => take(path, &Zeroizing::new(number.to_string())),
        Value::Bool(_) | Value::Null => {}
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The values of lines as `NAME=VALUE` and `name: value`.
fn assignments(text: &str, path: &str, take: &mut impl FnMut(Option<&str>, &str)) {
    for line in text.lines() {
        let line = line.trim().trim_start_matches("export ");
        let Some((name, value)) = line.split_once('=').or_else(|| line.split_once(": ")) else {
            continue;
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if !name.is_empty() && name.len() <= 128 && name.chars().all(is_name) {
            take(Some(&below(path, name)), value.trim().trim_matches(['"', '\'']));
        }
    }
}

/// Public ids of the long-lived credentials in a value.
///
/// Key ids of AWS are `AKIA` and 16 more of A to Z and 2 to 7
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>); a key of a service account of
/// Google Cloud is a JSON document with `private_key_id`
/// (<https://cloud.google.com/iam/docs/keys-create-delete>); of Entra an application's id stands beside its secret.
fn credentials(text: &str, parsed: Option<&Value>) -> Vec<Value> {
    const AWS: usize = 20;
    let is_id = |byte: &u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(byte);
    let mut found: Vec<Value> = text
        .match_indices("AKIA")
        .filter_map(|(at, _)| {
            let before = text[..at].bytes().next_back();
            let after = text.as_bytes().get(at + AWS);
            let is_apart = [before.as_ref(), after]
                .into_iter()
                .flatten()
                .all(|byte| !byte.is_ascii_alphanumeric());
            let id =
                text.get(at..at + AWS).filter(|id| is_apart && id.bytes().all(|b| is_id(&b)))?;
            Some(json!({"issuer": "aws", "id": id}))
        })
        .collect();
    let field = |names: &[&str]| {
        let of = |value: &Value| {
            names.iter().find_map(|name| value.get(*name)?.as_str().map(str::to_owned))
        };
        parsed.and_then(of)
    };
    if let Some(id) = field(&["private_key_id"]) {
        found.push(json!({"issuer": "gcp", "id": id, "principal": field(&["client_email"])}));
    }
    if let Some(id) = field(&["appId", "clientId", "client_id", "AZURE_CLIENT_ID"])
        && field(&["password", "clientSecret", "client_secret", "AZURE_CLIENT_SECRET"]).is_some()
    {
        found.push(json!({"issuer": "azure", "id": id}));
    }
    found.dedup();
    found
}

/// Overwrites the texts of an answer.
pub fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::NoJudge;

    fn kept(value: &str) -> Vec<(Option<String>, String)> {
        let key = DigestKey::new([1; 32]);
        let values = Values::new(&key, &NoJudge);
        values.keep(Held { secret: "s", version: "1", is_current: true }, value.as_bytes());
        let fact = values.into_facts().remove(0);
        assert!(!value.is_empty() && !fact.fields.values().any(|v| v.to_string().contains(value)));
        let parts = fact.fields["parts"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        parts.iter().map(|p| (text(&p["field"]), text(&p["digest"]).unwrap())).collect()
    }

    fn of(value: &str) -> String {
        Secret::new(value.as_bytes().to_vec()).value_digest(&DigestKey::new([1; 32])).to_string()
    }

    #[test]
    fn fields_of_an_object_are_kept_by_their_path() {
        let parts = kept(r#"{"db": {"password": "correct horse"}, "port": 5432, "ok": true}"#);
        assert_eq!(parts[0], (Some("db.password".into()), of("correct horse")));
        // The whole, and no port: it is too short to tell anything.
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].0, None);
    }

    #[test]
    fn an_object_in_a_field_and_a_file_in_a_field_are_read_too() {
        let inner = r#"{\"password\": \"correct horse\"}"#;
        let parts = kept(&format!(r#"{{"config.json": "{inner}"}}"#));
        assert_eq!(parts[0], (Some("config.json.password".into()), of("correct horse")));
        let parts = kept(r#"{".env": "A=1\nDB_PASSWORD=correct horse\n"}"#);
        assert_eq!(parts[0], (Some(".env.DB_PASSWORD".into()), of("correct horse")));
    }

    #[test]
    fn assignments_and_white_space_do_not_hide_a_value() {
        let parts = kept("# note\nexport DB_PASSWORD=\"correct horse\"\n");
        assert_eq!(parts[0], (Some("DB_PASSWORD".into()), of("correct horse")));
        assert_eq!(kept("correct horse\n"), kept(" correct horse"));
        assert_eq!(kept("short").len(), 0);
    }

    #[test]
    fn ids_of_credentials_are_told_and_nothing_else() {
        let id = format!("AKIA{}", "ABCDEFGH234567AB");
        let ids = |text: &str| credentials(text, serde_json::from_str(text).ok().as_ref());
        assert_eq!(ids(&format!("{{\"k\": \"{id}\"}}")), [json!({"issuer": "aws", "id": id})]);
        assert_eq!(ids(&format!("x{id}")), Vec::<Value>::new());
        assert_eq!(ids(&format!("{id}9")), Vec::<Value>::new());
        let key = r#"{"private_key_id": "0123", "client_email": "a@b", "private_key": "x"}"#;
        assert_eq!(ids(key), [json!({"issuer": "gcp", "id": "0123", "principal": "a@b"})]);
    }
}

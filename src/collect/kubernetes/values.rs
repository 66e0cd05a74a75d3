//! What only values tell, for those who let them be read (`--read-values`): compared by keyed digests, in memory, and
//! wiped. Certificates are public, and come with their keys.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::certificates;
use super::live::Live;
use crate::collect::Judge;
use crate::collect::values::{Held, Values};
use crate::model::{Digest, DigestKey, Fact, Secret};

pub(super) const VALUE: &str = "k8s_secret_value";

/// Longest length that is told, in characters: more says nothing.
const LONGEST: usize = 256;
/// Least score of a password that is not found within a million guesses (zxcvbn, `score`).
const UNGUESSABLE: u8 = 2;

/// A Secret whose values were looked at.
pub(super) struct Looked {
    fact: Fact,
    kind: String,
    namespace: Option<String>,
    digests: BTreeSet<Digest>,
}

/// Looks at a Secret as the API gives it whole.
pub(super) fn look(secret: &Value, keep: &Values<'_>, judge: &dyn Judge) -> (Looked, Option<Fact>) {
    let text = |path: &str| secret.pointer(path).and_then(Value::as_str);
    let live = Live::new("v1", "Secret", json!({ "metadata": secret.get("metadata") }));
    let id = live.id();
    let kind = text("/type").unwrap_or_default();
    let data = secret.get("data").and_then(Value::as_object);
    let data: BTreeMap<&str, Zeroizing<Vec<u8>>> = data
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| {
            Some((key.as_str(), Zeroizing::new(STANDARD.decode(value.as_str()?).ok()?)))
        })
        .collect();
    let values: Vec<Value> =
        data.iter().map(|(name, value)| told(name, value, &live.name)).collect();
    let rules: Option<BTreeSet<String>> = match kind {
        "helm.sh/release.v1" => data.get("release").map(|value| {
            let text = Zeroizing::new(String::from_utf8_lossy(value).into_owned());
            judge.secrets("release.yaml", &text).into_iter().map(|found| found.rule).collect()
        }),
        _ => Some(BTreeSet::new()),
    };
    let fact = Fact::new(
        VALUE,
        format!("{id}#value"),
        json!({
            "secret": id,
            "namespace": live.namespace,
            "type": kind,
            "values": values,
            "rules": rules,
        }),
    );
    let certificate = (kind == "kubernetes.io/tls").then(|| {
        let pem = data.get("tls.crt").map(|pem| pem.as_slice());
        certificates::of_secret(&id, pem.unwrap_or_default())
    });
    let digests = digests(kind, &data, keep.key());
    keep.keep(
        Held { secret: &id, version: "", is_current: true },
        Zeroizing::new(as_object(&data)).as_bytes(),
    );
    (Looked { fact, kind: kind.into(), namespace: live.namespace, digests }, certificate)
}

/// The data as an object of JSON; what is no text is left out.
fn as_object(data: &BTreeMap<&str, Zeroizing<Vec<u8>>>) -> String {
    let texts: BTreeMap<&str, &str> = data
        .iter()
        .filter_map(|(name, value)| Some((*name, std::str::from_utf8(value).ok()?)))
        .collect();
    serde_json::to_string(&texts).unwrap_or_default()
}

fn told(name: &str, value: &[u8], secret: &str) -> Value {
    let text = std::str::from_utf8(value).ok();
    let is_name =
        |text: &str| [name, secret].iter().any(|other| other.eq_ignore_ascii_case(text.trim()));
    let length = text.map(|text| text.chars().count().min(LONGEST));
    let is_guessed = |text: &str| {
        // Long texts are no passwords, and take long.
        text.len() <= 64 && u8::from(zxcvbn::zxcvbn(text, &[]).score()) < UNGUESSABLE
    };
    json!({
        "key": name,
        "length": length,
        "is_common": text.is_some_and(is_guessed),
        "equals_name": text.is_some_and(is_name),
    })
}

/// What equal Secrets have in common: all of it, or of logins to registries each password with its user.
fn digests(
    kind: &str,
    data: &BTreeMap<&str, Zeroizing<Vec<u8>>>,
    key: &DigestKey,
) -> BTreeSet<Digest> {
    let digest = |parts: &[&[u8]]| {
        let mut joined = Vec::new();
        for part in parts {
            joined.extend_from_slice(&(part.len() as u64).to_le_bytes());
            joined.extend_from_slice(part);
        }
        Secret::new(joined).digest(key, VALUE)
    };
    if kind == "kubernetes.io/dockerconfigjson" {
        let config = data.get(".dockerconfigjson");
        let config: Option<Value> = config.and_then(|text| serde_json::from_slice(text).ok());
        let logins = config.as_ref().and_then(|c| c.get("auths")?.as_object());
        return logins
            .into_iter()
            .flatten()
            .filter_map(|(registry, login)| {
                let text = |field: &str| login.get(field)?.as_str();
                let whole =
                    text("auth").map(|auth| digest(&[registry.as_bytes(), auth.as_bytes()]));
                let pair = text("username").zip(text("password"));
                whole.or_else(|| {
                    pair.map(|(user, password)| {
                        digest(&[registry.as_bytes(), user.as_bytes(), password.as_bytes()])
                    })
                })
            })
            .collect();
    }
    let parts: Vec<&[u8]> =
        data.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_slice()]).collect();
    if parts.is_empty() { BTreeSet::new() } else { BTreeSet::from([digest(&parts)]) }
}

/// The facts, each with the other Secrets of its type that hold the same.
pub(super) fn joined(looked: Vec<Looked>) -> Vec<Fact> {
    let mut holders: BTreeMap<(&str, Digest), Vec<usize>> = BTreeMap::new();
    for (at, one) in looked.iter().enumerate() {
        for digest in &one.digests {
            holders.entry((&one.kind, *digest)).or_default().push(at);
        }
    }
    let others = |at: usize, one: &Looked| -> Vec<Value> {
        let same: BTreeSet<usize> = one
            .digests
            .iter()
            .filter_map(|digest| holders.get(&(one.kind.as_str(), *digest)))
            .flatten()
            .copied()
            .filter(|other| *other != at)
            .collect();
        let named = |other: usize| {
            let other: &Looked = &looked[other];
            json!({ "secret": other.fact.fields["secret"], "namespace": other.namespace })
        };
        same.into_iter().map(named).collect()
    };
    let same: Vec<Vec<Value>> =
        looked.iter().enumerate().map(|(at, one)| others(at, one)).collect();
    let facts = looked.into_iter().map(|one| one.fact).zip(same);
    facts
        .map(|(mut fact, same)| {
            fact.fields.insert("same_in".into(), same.into());
            fact
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::NoJudge;

    fn secret(name: &str, kind: &str, data: &[(&str, &str)]) -> Value {
        let data: serde_json::Map<String, Value> =
            data.iter().map(|(k, v)| ((*k).to_owned(), STANDARD.encode(v).into())).collect();
        json!({"metadata": {"name": name, "namespace": "shop"}, "type": kind, "data": data})
    }

    fn facts(secrets: &[Value]) -> Vec<Fact> {
        let key = DigestKey::new([7; 32]);
        joined(
            secrets
                .iter()
                .map(|secret| look(secret, &Values::new(&key, &NoJudge), &NoJudge).0)
                .collect(),
        )
    }

    #[test]
    fn equal_secrets_are_joined_and_no_value_is_told() {
        let (same, other) = ("CANARY-same-value", "CANARY-other-value");
        let facts = facts(&[
            secret("a", "Opaque", &[("password", same)]),
            secret("b", "Opaque", &[("password", same)]),
            secret("c", "Opaque", &[("password", other)]),
            // Of another type, and so for another use.
            secret("d", "kubernetes.io/basic-auth", &[("password", same)]),
        ]);
        let joined: Vec<&Value> = facts.iter().map(|fact| &fact.fields["same_in"]).collect();
        let to =
            |name: &str| json!([{"secret": format!("Secret/shop/{name}"), "namespace": "shop"}]);
        assert_eq!(joined, [&to("b"), &to("a"), &json!([]), &json!([])]);
        assert!(!serde_json::to_string(&facts).unwrap().contains("CANARY"));
    }

    #[test]
    fn logins_are_the_same_by_registry_user_and_password() {
        let config = |registry: &str, password: &str| {
            json!({"auths": {registry: {"username": "ci", "password": password}}}).to_string()
        };
        let kind = "kubernetes.io/dockerconfigjson";
        let one = |name: &str, text: &str| secret(name, kind, &[(".dockerconfigjson", text)]);
        let facts = facts(&[
            one("a", &config("r.example", "p1")),
            one("b", &(config("r.example", "p1") + " ")),
            one("c", &config("other.example", "p1")),
        ]);
        let counts: Vec<usize> =
            facts.iter().map(|f| f.fields["same_in"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [1, 1, 0]);
    }

    #[test]
    fn weak_values_are_told_by_what_they_are_like() {
        let facts = facts(&[secret(
            "db",
            "Opaque",
            &[("a", "letmein"), ("user", "User"), ("z", "v9Q2-kd8Lw-0xZpT")],
        )]);
        let values = &facts[0].fields["values"];
        assert_eq!((&values[0]["is_common"], &values[0]["length"]), (&json!(true), &json!(7)));
        assert_eq!(values[1]["equals_name"], true);
        assert_eq!(
            (&values[2]["is_common"], &values[2]["equals_name"]),
            (&json!(false), &json!(false))
        );
    }

    #[test]
    fn a_certificate_that_is_none_says_so() {
        let (_, fact) = look(
            &secret("web", "kubernetes.io/tls", &[("tls.crt", "x")]),
            &Values::new(&DigestKey::new([7; 32]), &NoJudge),
            &NoJudge,
        );
        let fact = fact.unwrap();
        assert_eq!(fact.id, "Secret/shop/web#tls.crt");
        assert!(fact.fields["parse_error"].is_string() && fact.fields["not_after"].is_null());
    }
}

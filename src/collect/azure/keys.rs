//! Keys of vaults and managed HSMs: the management plane first, which answers for those behind a firewall, too.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

use super::calls::{
    ARM_HSM_KEY_VERSIONS, ARM_HSM_KEYS, ARM_KEY_VERSIONS, ARM_KEYS, HSM_KEY, HSM_KEY_VERSIONS,
    HSM_KEYS, HSM_ROTATION, KEY, KEY_VERSIONS, KEYS, ROTATION,
};
use super::context::Azure;
use super::objects::{ATTRIBUTES, Objects, part, short, unasked, versions};
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{is_true, items, string, strings};
use crate::collect::rest::Listed;

pub(super) const KIND: &str = "azure_key";

/// Fields that one key has and lists have not.
const OF_KEY: &[&str] =
    &["kty", "keySize", "curveName", "keyOps", "exportable", "release_policy", "rotation_policy"];

/// Reads the keys of a vault or managed HSM; `certificates` are the names of its certificates.
pub(super) async fn read(
    azure: &Azure<'_>,
    vault: &Vault,
    certificates: &Result<BTreeSet<String>, String>,
) -> Objects {
    let path = format!("{}/keys", vault.arm);
    let call = if vault.is_hsm { &ARM_HSM_KEYS } else { &ARM_KEYS };
    let by_arm = azure.list(call, &path, "").await;
    let mut objects = if by_arm.failure.is_none() {
        let made = by_arm.items.iter().filter_map(|item| of_arm(vault, item, certificates));
        let made: Vec<Draft> = made.collect();
        let drafts = super::each(made, |draft| whole_of_arm(azure, vault, draft)).await;
        Objects { drafts, failure: None }
    } else {
        of_data(azure, vault, &path, by_arm).await
    };
    for draft in &mut objects.drafts {
        draft.set("store_kind", if vault.is_hsm { "managed_hsm" } else { "vault" });
        draft.tell_leaks(azure.judge, &[]);
    }
    objects
}

fn of_arm(
    vault: &Vault,
    item: &Value,
    certificates: &Result<BTreeSet<String>, String>,
) -> Option<Draft> {
    let name = string(item, "name")?;
    let mut draft = vault.child(KIND, "keys", name);
    draft.tags(item);
    draft.copy(ATTRIBUTES, item.get("properties")?);
    let managed = certificates.as_ref().map(|names| names.contains(&name.to_lowercase()));
    if vault.is_hsm {
        // There are no certificates.
        draft.set("managed", false);
    } else {
        draft.read("managed", managed.map_err(String::as_str));
    }
    Some(draft)
}

async fn whole_of_arm(azure: &Azure<'_>, vault: &Vault, mut draft: Draft) -> Draft {
    let path = format!("{}/keys/{}", vault.arm, draft.text("name"));
    let call = if vault.is_hsm { &ARM_HSM_KEYS } else { &ARM_KEYS };
    match azure.get(call, &path, "").await {
        Ok(Some(key)) => {
            let properties = &key["properties"];
            draft.copy(ATTRIBUTES, properties);
            let url = string(properties, "keyUriWithVersion").unwrap_or_default();
            draft.version = part(url, "keys", 1).unwrap_or_default();
            draft.set("exportable", properties["attributes"]["exportable"].clone());
            for name in ["kty", "keySize", "curveName"] {
                draft.set(name, properties[name].clone());
            }
            draft.set("keyOps", strings(properties, "keyOps"));
            let release = ["release_policy", "releasePolicy"].map(|name| &properties[name]);
            let release = release.into_iter().find(|policy| policy.is_object());
            draft.set("release_policy", release.map(release_policy));
            draft.set("rotation_policy", rotation_policy(&properties["rotationPolicy"]));
        }
        Ok(None) => draft.unread(OF_KEY, "there is no such thing at arm key"),
        Err(failure) => draft.unread(OF_KEY, &failure.why),
    }
    let path = format!("{path}/versions");
    let call = if vault.is_hsm { &ARM_HSM_KEY_VERSIONS } else { &ARM_KEY_VERSIONS };
    let listed = azure.list(call, &path, "").await;
    let version = |item: &Value| string(item, "id").and_then(|id| part(id, "versions", 0));
    match versions(listed, "/properties/attributes", version) {
        Ok(all) => set_versions(&mut draft, &all),
        Err(why) => match of_data_versions(azure, vault, &draft).await {
            Ok(all) => set_versions(&mut draft, &all),
            Err(_) => draft.unread(&["versions", "current_version_created"], &why),
        },
    }
    draft
}

/// Keys of the data plane, where the management plane is denied.
async fn of_data(azure: &Azure<'_>, vault: &Vault, path: &str, by_arm: Listed) -> Objects {
    let call = if vault.is_hsm { &HSM_KEYS } else { &KEYS };
    let listed = match &vault.base {
        Ok(base) => azure.list_at(call, base, "/keys", "maxresults=25").await,
        Err(why) => unasked(why),
    };
    let mut failure = None;
    if listed.failure.is_some() {
        // What was asked first says more: it is what an audit needs.
        failure = by_arm.failure.map(|failure| failure.why);
        let why = failure.clone().unwrap_or_default();
        azure.sheet.gap(&[KIND], path, &why);
    }
    let drafts: Vec<Draft> = listed
        .items
        .iter()
        .filter_map(|item| {
            let name = part(string(item, "kid")?, "keys", 0)?;
            let mut draft = vault.child(KIND, "keys", &name);
            draft.tags(item);
            draft.copy(ATTRIBUTES, item);
            draft.set("managed", is_true(&item["managed"]));
            Some(draft)
        })
        .collect();
    let drafts = super::each(drafts, |draft| whole_of_data(azure, vault, draft)).await;
    Objects { drafts, failure }
}

async fn whole_of_data(azure: &Azure<'_>, vault: &Vault, mut draft: Draft) -> Draft {
    let Ok(base) = &vault.base else { return draft };
    let path = format!("/keys/{}", draft.text("name"));
    let call = if vault.is_hsm { &HSM_KEY } else { &KEY };
    match azure.get_at(call, base, &path, "").await {
        Ok(Some(answer)) => {
            let key = &answer["key"];
            draft.copy(ATTRIBUTES, &answer);
            draft.set("exportable", answer["attributes"]["exportable"].clone());
            draft.set("kty", key["kty"].clone());
            draft.set("keySize", string(key, "n").and_then(bits));
            draft.set("curveName", key["crv"].clone());
            draft.set("keyOps", strings(key, "key_ops"));
            let release = Some(&answer["release_policy"]).filter(|policy| policy.is_object());
            draft.set("release_policy", release.map(release_policy));
        }
        Ok(None) => draft.unread(&OF_KEY[..6], "there is no such thing at key"),
        Err(failure) => draft.unread(&OF_KEY[..6], &failure.why),
    }
    let rotation = format!("{path}/rotationpolicy");
    let call = if vault.is_hsm { &HSM_ROTATION } else { &ROTATION };
    match azure.get_at(call, base, &rotation, "").await {
        Ok(policy) => draft.set("rotation_policy", policy.as_ref().map(rotation_policy)),
        Err(failure) => draft.unread(&["rotation_policy"], &failure.why),
    }
    match of_data_versions(azure, vault, &draft).await {
        Ok(all) => set_versions(&mut draft, &all),
        Err(why) => draft.unread(&["versions", "current_version_created"], &why),
    }
    draft
}

async fn of_data_versions(
    azure: &Azure<'_>,
    vault: &Vault,
    draft: &Draft,
) -> Result<Vec<Value>, String> {
    let base = vault.base.as_ref().map_err(Clone::clone)?;
    let path = format!("/keys/{}/versions", draft.text("name"));
    let call = if vault.is_hsm { &HSM_KEY_VERSIONS } else { &KEY_VERSIONS };
    let listed = azure.list_at(call, base, &path, "maxresults=25").await;
    versions(listed, "/attributes", |item| part(string(item, "kid")?, "keys", 1))
}

fn set_versions(draft: &mut Draft, all: &[Value]) {
    draft.set("current_version_created", all.first().map(|one| one["created"].clone()));
    draft.set("versions", short(all));
}

/// Reads base64url with or without padding.
static BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bits of a modulus.
fn bits(modulus: &str) -> Option<usize> {
    let bytes = BASE64.decode(modulus).ok()?;
    let bytes = bytes.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<u8>>();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - first.leading_zeros() as usize)
}

/// A policy of release, without the values that its claims must have.
fn release_policy(policy: &Value) -> Value {
    let data = string(policy, "data").and_then(|data| BASE64.decode(data).ok());
    let data: Value = data.and_then(|data| serde_json::from_slice(&data).ok()).unwrap_or_default();
    let rules = ["anyOf", "allOf"].into_iter().flat_map(|name| items(&data, name));
    let authority = |rule: &Value| {
        let mut claims = BTreeSet::new();
        claims_of(rule, &mut claims, 0);
        json!({"authority": string(rule, "authority"), "claims": claims})
    };
    let authorities: Value = rules.map(authority).collect();
    json!({"immutable": is_true(&policy["immutable"]), "authorities": authorities})
}

/// Conditions may be in conditions.
fn claims_of(rule: &Value, claims: &mut BTreeSet<String>, depth: usize) {
    if depth > 16 {
        return;
    }
    claims.extend(string(rule, "claim").map(str::to_owned));
    for inner in ["anyOf", "allOf"].into_iter().flat_map(|name| items(rule, name)) {
        claims_of(inner, claims, depth + 1);
    }
}

/// A policy of rotation, with its durations in days; null if there is none.
fn rotation_policy(policy: &Value) -> Value {
    if !policy.is_object() {
        return Value::Null;
    }
    let action = |one: &Value| {
        let after = ["trigger.timeAfterCreate", "trigger.time_after_create"];
        let before = ["trigger.timeBeforeExpiry", "trigger.time_before_expiry"];
        let of =
            |names: [&str; 2]| names.into_iter().find_map(|name| string(one, name)).and_then(days);
        json!({
            "action": string(one, "action.type").map(str::to_lowercase),
            "days_after_create": of(after), "days_before_expiry": of(before),
        })
    };
    let actions: Value = items(policy, "lifetimeActions").iter().map(action).collect();
    let expiry = ["attributes.expiryTime", "attributes.expiry_time"];
    let expiry = expiry.into_iter().find_map(|name| string(policy, name)).and_then(days);
    json!({"expiry_days": expiry, "actions": actions})
}

/// Days of a duration of ISO 8601: a year is 365 of them, a month 30, parts of one none.
fn days(duration: &str) -> Option<i64> {
    let date = duration.strip_prefix('P')?.split('T').next()?;
    let mut days: i64 = 0;
    let mut number = String::new();
    for c in date.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'Y' => 365,
            'M' => 30,
            'W' => 7,
            'D' => 1,
            _ => return None,
        };
        let count: i64 = std::mem::take(&mut number).parse().ok()?;
        days = days.checked_add(count.checked_mul(unit)?)?;
    }
    number.is_empty().then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_days() {
        for (duration, expected) in [
            ("P90D", Some(90)),
            ("P1Y2M", Some(425)),
            ("P2W", Some(14)),
            ("P1DT12H", Some(1)),
            ("PT12H", Some(0)),
            ("P", Some(0)),
            ("90D", None),
            ("P9", None),
            ("PxD", None),
            ("P99999999999999999999D", None),
        ] {
            assert_eq!(days(duration), expected, "{duration}");
        }
    }

    #[test]
    fn a_modulus_has_the_bits_of_its_first_byte() {
        let modulus = |bytes: &[u8]| BASE64.encode(bytes);
        assert_eq!(bits(&modulus(&[0x80; 256])), Some(2048));
        assert_eq!(bits(modulus(&[0, 1, 0]).trim_end_matches('=')), Some(9));
        assert_eq!(bits("?"), None);
        assert_eq!(bits(""), None);
    }

    #[test]
    fn policies_of_release_keep_authorities_and_names_of_claims() {
        let data = json!({"version": "1.0.0", "anyOf": [{
            "authority": "https://attest.example",
            "allOf": [{"claim": "sdk-test", "equals": "x"}, {"anyOf": [{"claim": "b", "equals": true}]}],
        }]});
        let policy = json!({"data": BASE64.encode(data.to_string()), "immutable": true});
        let expected = json!({"immutable": true, "authorities": [
            {"authority": "https://attest.example", "claims": ["b", "sdk-test"]},
        ]});
        assert_eq!(release_policy(&policy), expected);
        assert_eq!(
            release_policy(&json!({"data": "!"})),
            json!({"immutable": false, "authorities": []})
        );
    }
}

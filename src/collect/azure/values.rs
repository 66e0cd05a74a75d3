//! What can be said of values, where they may be read: how long and how random each is, and which are equal. Values
//! are wiped as soon as that is known.

use serde_json::Value;

use super::calls::SECRET;
use super::context::Azure;
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{items, string};
use crate::collect::strength::strength;
use crate::collect::values::{self, Held, Values, wipe};

pub(super) const KIND: &str = "azure_secret_value";

/// Most versions of a secret whose values are read: the newest.
const VERSIONS: usize = 5;

/// Reads the values of a vault's secrets.
pub(super) async fn read(azure: &Azure<'_>, vault: &Vault, secrets: &[Draft]) {
    let Some(values) = azure.values else { return };
    azure.reads("values");
    let is_one =
        |secret: &&Draft| *secret.get("enabled") != false && *secret.get("managed") != true;
    super::each(secrets.iter().filter(is_one), |secret| one(azure, vault, secret, values)).await;
}

async fn one(azure: &Azure<'_>, vault: &Vault, secret: &Draft, values: &Values<'_>) {
    let id = secret.id();
    let kinds = [KIND, values::KIND];
    let base = match &vault.base {
        Ok(base) => base,
        Err(why) => return azure.sheet.gap(&kinds, id, why),
    };
    let path = format!("/secrets/{}", secret.key);
    let mut answer = match azure.get_at(&SECRET, base, &path, "").await {
        Ok(answer) => answer.unwrap_or_default(),
        Err(failure) => return azure.sheet.gap(&kinds, id, &failure.why),
    };
    let current = version_of(&answer);
    let strength = string(&answer, "value").map(|value| {
        let held = Held { secret: id, version: &current, is_current: true };
        values.keep(held, value.as_bytes());
        strength(value)
    });
    wipe(&mut answer);
    // A leaked value may be one of those before.
    let before = items(secret.get("versions"), "").iter().filter(|one| one["enabled"] == true);
    let before = before.filter_map(|one| string(one, "version"));
    for version in before.filter(|version| *version != current).take(VERSIONS - 1) {
        let path = format!("{path}/{version}");
        match azure.get_at(&SECRET, base, &path, "").await {
            Ok(answer) => {
                let mut answer = answer.unwrap_or_default();
                if let Some(value) = string(&answer, "value") {
                    let held = Held { secret: id, version, is_current: false };
                    values.keep(held, value.as_bytes());
                }
                wipe(&mut answer);
            }
            Err(failure) => azure.sheet.gap(&[values::KIND], id, &failure.why),
        }
    }
    let Some(strength) = strength else { return };
    let mut draft = Draft::new(KIND, &format!("{id}#value"), Some(&vault.scope.tenant));
    draft.set("secret", id);
    draft.set("name", secret.get("name").clone());
    draft.set("length", strength.length);
    draft.set("entropy_bits", Value::from(strength.bits));
    draft.set("is_common", strength.is_common);
    azure.sheet.fact(draft);
}

/// The version that an answer is of.
fn version_of(answer: &Value) -> String {
    let url = string(answer, "id").unwrap_or_default();
    super::objects::part(url, "secrets", 1).unwrap_or_default()
}

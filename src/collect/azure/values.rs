//! What can be said of values, where they may be read: how long and how random each is. Values are wiped as soon as
//! that is known.

use serde_json::Value;

use super::apps::wipe;
use super::calls::SECRET;
use super::context::Azure;
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::string;
use crate::collect::strength::Strength;

pub(super) const KIND: &str = "azure_secret_value";

/// Reads the values of a vault's secrets.
pub(super) async fn read(azure: &Azure<'_>, vault: &Vault, secrets: &[Draft]) {
    if !azure.reads_values || !azure.wants(&[KIND]) {
        return;
    }
    azure.reads("values");
    let is_one =
        |secret: &&Draft| *secret.get("enabled") != false && *secret.get("managed") != true;
    super::each(secrets.iter().filter(is_one), |secret| one(azure, vault, secret)).await;
}

async fn one(azure: &Azure<'_>, vault: &Vault, secret: &Draft) {
    let id = secret.id();
    let base = match &vault.base {
        Ok(base) => base,
        Err(why) => return azure.sheet.gap(&[KIND], id, why),
    };
    let path = format!("/secrets/{}", secret.key);
    let mut answer = match azure.get_at(&SECRET, base, &path, "").await {
        Ok(answer) => answer.unwrap_or_default(),
        Err(failure) => return azure.sheet.gap(&[KIND], id, &failure.why),
    };
    let strength = string(&answer, "value").map(Strength::of);
    wipe(&mut answer);
    let Some(strength) = strength else { return };
    let mut draft = Draft::new(KIND, &format!("{id}#value"), Some(&vault.scope.tenant));
    draft.set("secret", id);
    draft.set("name", secret.get("name").clone());
    draft.set("length", strength.length);
    draft.set("entropy_bits", Value::from(strength.bits));
    draft.set("is_common", strength.is_common);
    azure.sheet.fact(draft);
}

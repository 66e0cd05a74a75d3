//! Secrets: their attributes and versions, never their values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::calls::{ARM_SECRETS, SECRET_VERSIONS, SECRETS};
use super::context::Azure;
use super::objects::{ATTRIBUTES, Objects, part, unasked, versions};
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{is_true, string};

pub(super) const KIND: &str = "azure_secret";

/// Reads the secrets of a vault; `certificates` are the names of its certificates.
pub(super) async fn read(
    azure: &Azure<'_>,
    vault: &Vault,
    certificates: &Result<BTreeSet<String>, String>,
) -> Objects {
    let listed = match &vault.base {
        Ok(base) => azure.list_at(&SECRETS, base, "/secrets", "maxresults=25").await,
        Err(why) => unasked(why),
    };
    let Some(failure) = listed.failure else {
        let one = |item: &Value| of_vault(vault, item);
        let drafts: Vec<Draft> = listed.items.iter().filter_map(one).collect();
        let drafts = super::each(drafts, |draft| with_versions(azure, vault, draft)).await;
        return Objects { drafts: told(azure, drafts), failure: None };
    };
    // The management plane answers for vaults behind a firewall, too.
    let path = format!("{}/secrets", vault.arm);
    let by_arm = azure.list(&ARM_SECRETS, &path, "").await;
    if by_arm.failure.is_none() {
        let one = |item: &Value| of_arm(vault, item, certificates, &failure.why);
        let drafts = by_arm.items.iter().filter_map(one).collect();
        return Objects { drafts: told(azure, drafts), failure: None };
    }
    // Neither is whole: what there is, and a gap.
    azure.sheet.gap(&[KIND], &path, &failure.why);
    let drafts = if listed.items.is_empty() {
        by_arm
            .items
            .iter()
            .filter_map(|item| of_arm(vault, item, certificates, &failure.why))
            .collect()
    } else {
        let drafts: Vec<Draft> =
            listed.items.iter().filter_map(|one| of_vault(vault, one)).collect();
        super::each(drafts, |draft| with_versions(azure, vault, draft)).await
    };
    Objects { drafts: told(azure, drafts), failure: Some(failure.why) }
}

fn of_vault(vault: &Vault, item: &Value) -> Option<Draft> {
    let name = part(string(item, "id")?, "secrets", 0)?;
    let mut draft = vault.child(KIND, "secrets", &name);
    draft.copy(ATTRIBUTES, item);
    draft.tags(item);
    draft.set("contentType", string(item, "contentType"));
    draft.set("managed", is_true(&item["managed"]));
    Some(draft)
}

fn of_arm(
    vault: &Vault,
    item: &Value,
    certificates: &Result<BTreeSet<String>, String>,
    why: &str,
) -> Option<Draft> {
    let name = string(item, "name")?;
    let mut draft = vault.child(KIND, "secrets", name);
    draft.copy(ATTRIBUTES, item.get("properties")?);
    draft.tags(item);
    draft.set("contentType", string(item, "properties.contentType"));
    let managed = certificates.as_ref().map(|names| names.contains(&name.to_lowercase()));
    draft.read("managed", managed.map_err(String::as_str));
    let url = string(item, "properties.secretUriWithVersion").unwrap_or_default();
    draft.version = part(url, "secrets", 1).unwrap_or_default();
    draft.unread(&["recoveryLevel", "versions", "current_version_created"], why);
    Some(draft)
}

async fn with_versions(azure: &Azure<'_>, vault: &Vault, mut draft: Draft) -> Draft {
    let Ok(base) = &vault.base else { return draft };
    let path = format!("/secrets/{}/versions", draft.text("name"));
    let listed = azure.list_at(&SECRET_VERSIONS, base, &path, "maxresults=25").await;
    let version = |item: &Value| part(string(item, "id")?, "secrets", 1);
    match versions(listed, "/attributes", version) {
        Ok(all) => {
            let current = all.iter().find(|version| version["enabled"] == true);
            draft.set("current_version_created", current.map(|one| one["created"].clone()));
            draft.set("versions", all);
        }
        Err(why) => draft.unread(&["versions", "current_version_created"], &why),
    }
    draft
}

fn told(azure: &Azure<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    for draft in &mut drafts {
        draft.tell_leaks(azure.judge, &["contentType"]);
    }
    drafts
}

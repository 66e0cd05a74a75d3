//! What is audited: `azure:[SUBSCRIPTION,...]` or `azure:VAULT`.

use reqwest::Url;

use super::cloud::Cloud;
use crate::collect::CollectError;

/// Longest name of a vault. Source: `^[a-zA-Z0-9-]{3,24}$` of the Key Vault API.
const MAX_VAULT: usize = 24;

/// What follows `azure:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// All subscriptions that the login may see.
    All,
    /// These, by id; in lower case.
    Subscriptions(Vec<String>),
    /// One vault, by its name.
    Vault(String),
    /// One vault, by the id of its resource.
    Resource(String),
}

impl Address {
    /// Reads an address; without one, `AZURE_SUBSCRIPTION_ID` counts, and without that all subscriptions.
    pub(super) fn parse(
        address: &str,
        cloud: &Cloud,
        own: Option<String>,
    ) -> Result<Self, CollectError> {
        let wrong = |why: &str| CollectError::Address {
            what: format!("azure:{address}"),
            why: why.to_owned(),
        };
        let own = own.filter(|id| !id.is_empty());
        let given = match (address, &own) {
            ("", None) | ("all", _) => return Ok(Self::All),
            ("", Some(own)) => own.as_str(),
            (given, _) => given,
        };
        if given.starts_with("https://") || given.starts_with("http://") {
            let of_vault = |uri: String| {
                let url: Url = uri.parse().ok()?;
                let host = url.host_str()?;
                host.strip_suffix(&cloud.vault_suffix)?.strip_suffix('.').map(str::to_owned)
            };
            let name = cloud.vault(given).and_then(of_vault);
            let name = name.filter(|name| is_vault(name));
            return name.map(Self::Vault).ok_or_else(|| {
                wrong(&format!("that is no vault: https://NAME.{}", cloud.vault_suffix))
            });
        }
        if given.starts_with('/') {
            let parts: Vec<&str> = given.split('/').collect();
            // `/subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/V`
            let is_vault = parts.len() == 9
                && parts[1].eq_ignore_ascii_case("subscriptions")
                && is_id(parts[2])
                && parts[7].eq_ignore_ascii_case("vaults")
                && is_vault(parts[8]);
            if is_vault {
                return Ok(Self::Resource(given.to_owned()));
            }
            if parts.len() == 3 && parts[1].eq_ignore_ascii_case("subscriptions") && is_id(parts[2])
            {
                return Ok(Self::Subscriptions(vec![parts[2].to_ascii_lowercase()]));
            }
            return Err(wrong("that is the id of neither a vault nor a subscription"));
        }
        let mut ids: Vec<String> = Vec::new();
        let parts: Vec<&str> = given.split(',').map(str::trim).collect();
        for part in &parts {
            if is_id(part) {
                let id = part.to_ascii_lowercase();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            } else if parts.len() == 1 && is_vault(part) {
                return Ok(Self::Vault((*part).to_owned()));
            } else {
                return Err(wrong("there are ids of subscriptions, or the name of one vault"));
            }
        }
        Ok(Self::Subscriptions(ids))
    }
}

/// Whether a text is a UUID, as ids of subscriptions are.
pub(super) fn is_id(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

fn is_vault(name: &str) -> bool {
    (3..=MAX_VAULT).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

//! The clouds of Azure: where each plane is asked, and for whom its tokens are.
//!
//! Source: the endpoints of Azure CLI's clouds (`az cloud show`), and
//! <https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers>,
//! <https://learn.microsoft.com/graph/deployments>, read in November 2026.

use reqwest::Url;

use crate::collect::{CollectError, Request};

/// One cloud, with what the environment sets of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cloud {
    /// `AzureCloud`, as Azure CLI has it.
    pub(super) name: &'static str,
    /// Where tokens are from; without a slash at the end.
    pub(super) authority: String,
    /// Azure Resource Manager.
    pub(super) management: Plane,
    /// Key Vault; its base is empty, since each vault has a host of its own.
    pub(super) vaults: Plane,
    /// Managed HSM; likewise.
    pub(super) hsms: Plane,
    /// Microsoft Graph.
    pub(super) graph: Plane,
    /// Azure Monitor Logs.
    pub(super) logs: Plane,
    /// What hosts of vaults end in: `vault.azure.net`.
    pub(super) vault_suffix: String,
    /// What hosts of managed HSMs end in.
    pub(super) hsm_suffix: String,
}

/// A service with tokens of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plane {
    /// Without a slash at the end.
    pub(super) base: String,
    /// What tokens are asked for: `https://management.azure.com/.default`.
    pub(super) scope: String,
}

/// A cloud as Microsoft runs it.
struct Known {
    name: &'static str,
    /// What people call it in `AZURE_CLOUD`.
    aliases: &'static [&'static str],
    authority: &'static str,
    management: &'static str,
    vaults: &'static str,
    hsms: &'static str,
    graph: &'static str,
    logs: &'static str,
}

static CLOUDS: &[Known] = &[
    Known {
        name: "AzureCloud",
        aliases: &["azurecloud", "azurepublic", "azurepubliccloud", "public"],
        authority: "login.microsoftonline.com",
        management: "management.azure.com",
        vaults: "vault.azure.net",
        hsms: "managedhsm.azure.net",
        graph: "graph.microsoft.com",
        logs: "api.loganalytics.azure.com",
    },
    Known {
        name: "AzureUSGovernment",
        aliases: &["azureusgovernment", "azureusgovernmentcloud", "usgovernment"],
        authority: "login.microsoftonline.us",
        management: "management.usgovcloudapi.net",
        vaults: "vault.usgovcloudapi.net",
        hsms: "managedhsm.usgovcloudapi.net",
        graph: "graph.microsoft.us",
        logs: "api.loganalytics.us",
    },
    Known {
        name: "AzureChinaCloud",
        aliases: &["azurechinacloud", "azurechina", "china"],
        authority: "login.chinacloudapi.cn",
        management: "management.chinacloudapi.cn",
        vaults: "vault.azure.cn",
        hsms: "managedhsm.azure.cn",
        graph: "microsoftgraph.chinacloudapi.cn",
        logs: "api.loganalytics.azure.cn",
    },
];

impl Cloud {
    /// The cloud that `AZURE_CLOUD` names, else the one that `AZURE_AUTHORITY_HOST` belongs to, else the public one.
    /// Endpoints of their own (Azure Stack Hub, emulators) are `AZURE_RESOURCE_MANAGER_ENDPOINT`,
    /// `AZURE_GRAPH_ENDPOINT`, `AZURE_LOG_ANALYTICS_ENDPOINT`, `AZURE_KEYVAULT_DNS_SUFFIX` and
    /// `AZURE_MANAGEDHSM_DNS_SUFFIX`.
    pub(super) fn of(request: &Request<'_>) -> Result<Self, CollectError> {
        let variable = |name: &str| (request.environment)(name).filter(|value| !value.is_empty());
        let authority = variable("AZURE_AUTHORITY_HOST");
        let known = if let Some(name) = variable("AZURE_CLOUD") {
            let wanted = name.to_ascii_lowercase();
            let is_meant = |known: &&Known| known.aliases.contains(&wanted.as_str());
            CLOUDS.iter().find(is_meant).ok_or_else(|| CollectError::Address {
                what: "AZURE_CLOUD".into(),
                why: "is none of AzureCloud, AzureUSGovernment, AzureChinaCloud".into(),
            })?
        } else {
            let host = authority.as_deref().map(host).unwrap_or_default();
            CLOUDS.iter().find(|known| known.authority == host).unwrap_or(&CLOUDS[0])
        };
        let authority = match authority {
            Some(given) if given.contains("://") => address("AZURE_AUTHORITY_HOST", &given)?,
            Some(given) => address("AZURE_AUTHORITY_HOST", &format!("https://{given}"))?,
            None => format!("https://{}", known.authority),
        };
        let plane = |name: &str, host: &str| -> Result<Plane, CollectError> {
            let own = format!("https://{host}");
            let base = match variable(name) {
                Some(given) => address(name, &given)?,
                None => own.clone(),
            };
            // Tokens are for the cloud's own name of the service, wherever it is asked.
            Ok(Plane { base, scope: format!("{own}/.default") })
        };
        let of_hosts =
            |host: &str| Plane { base: String::new(), scope: format!("https://{host}/.default") };
        let suffix = |name: &str, own: &str| {
            variable(name).map_or_else(
                || own.to_owned(),
                |given| given.trim_start_matches('.').to_ascii_lowercase(),
            )
        };
        Ok(Self {
            name: known.name,
            authority,
            management: plane("AZURE_RESOURCE_MANAGER_ENDPOINT", known.management)?,
            vaults: of_hosts(known.vaults),
            hsms: of_hosts(known.hsms),
            graph: plane("AZURE_GRAPH_ENDPOINT", known.graph)?,
            logs: plane("AZURE_LOG_ANALYTICS_ENDPOINT", known.logs)?,
            vault_suffix: suffix("AZURE_KEYVAULT_DNS_SUFFIX", known.vaults),
            hsm_suffix: suffix("AZURE_MANAGEDHSM_DNS_SUFFIX", known.hsms),
        })
    }

    /// The address of a vault that its properties name, without a slash at the end; `None` if that is no host of
    /// this cloud's Key Vault, for which its tokens are not.
    pub(super) fn vault(&self, uri: &str) -> Option<String> {
        own(uri, &self.vault_suffix)
    }

    /// The same of a managed HSM.
    pub(super) fn hsm(&self, uri: &str) -> Option<String> {
        own(uri, &self.hsm_suffix)
    }
}

/// An address without a slash at its end, if its host ends in `suffix`.
fn own(uri: &str, suffix: &str) -> Option<String> {
    let url: Url = uri.parse().ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let is_own =
        host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_own && is_plain && is_safe(&url)).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// What is set as an endpoint, without a slash at its end.
fn address(name: &str, given: &str) -> Result<String, CollectError> {
    let wrong = |why: &str| CollectError::Address { what: name.to_owned(), why: why.to_owned() };
    let url: Url = given.parse().map_err(|_| wrong("is no URL"))?;
    if !is_safe(&url) {
        return Err(wrong("is no https URL: tokens go there"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong("has more than a host and a path"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether tokens may go there: HTTPS, or this machine.
fn is_safe(url: &Url) -> bool {
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::collect::{NoJudge, Silent};

    fn cloud(variables: &[(&str, &str)]) -> Result<Cloud, CollectError> {
        let environment = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Cloud::of(&Request {
            address: "",
            now: jiff::Timestamp::UNIX_EPOCH,
            environment: &environment,
            home: None,
            kinds: None,
            concurrency: 1,
            timeout: Duration::from_secs(1),
            deadline: Duration::from_secs(1),
            progress: &Silent,
            values: None,
            judge: &NoJudge,
        })
    }

    #[test]
    fn the_authority_tells_the_cloud() {
        assert_eq!(cloud(&[]).unwrap().management.base, "https://management.azure.com");
        let china = cloud(&[("AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/")]).unwrap();
        assert_eq!(china.name, "AzureChinaCloud");
        assert_eq!(china.authority, "https://login.chinacloudapi.cn");
        assert_eq!(china.vaults.scope, "https://vault.azure.cn/.default");
        let government = cloud(&[("AZURE_CLOUD", "AzureUSGovernment")]).unwrap();
        assert_eq!(government.graph.base, "https://graph.microsoft.us");
        assert!(cloud(&[("AZURE_CLOUD", "AzureMoonCloud")]).is_err());
    }

    #[test]
    fn endpoints_of_their_own_keep_the_audience() {
        let stack = cloud(&[
            ("AZURE_RESOURCE_MANAGER_ENDPOINT", "https://management.local.example/"),
            ("AZURE_KEYVAULT_DNS_SUFFIX", ".vault.local.example"),
        ])
        .unwrap();
        assert_eq!(stack.management.base, "https://management.local.example");
        assert_eq!(stack.management.scope, "https://management.azure.com/.default");
        assert!(stack.vault("https://a.vault.local.example/").is_some());
        for given in ["http://management.example", "https://u:p@h", "no url", "https://h/?a=b"] {
            assert!(cloud(&[("AZURE_RESOURCE_MANAGER_ENDPOINT", given)]).is_err(), "{given}");
        }
        assert!(cloud(&[("AZURE_RESOURCE_MANAGER_ENDPOINT", "http://127.0.0.1:1")]).is_ok());
    }

    #[test]
    fn tokens_go_to_vaults_of_the_cloud_alone() {
        let cloud = cloud(&[]).unwrap();
        let own = cloud.vault("https://Prod.vault.azure.net/");
        assert_eq!(own.as_deref(), Some("https://prod.vault.azure.net"));
        for uri in [
            "https://evil.example/",
            "https://prodvault.azure.net/",
            "http://prod.vault.azure.net/",
            "https://prod.vault.azure.net.evil.example/",
            "https://a:b@prod.vault.azure.net/",
            "https://prod.managedhsm.azure.net/",
            "",
        ] {
            assert_eq!(cloud.vault(uri), None, "{uri}");
        }
        assert!(cloud.hsm("https://prod.managedhsm.azure.net/").is_some());
    }
}

//! Logins: the chain of `DefaultAzureCredential`, of the credentials that `azure_identity` has.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{ClientOptions, Transport};
use azure_core::time::{Duration as Span, OffsetDateTime};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use tokio::sync::Mutex;

use super::cloud::Cloud;
use crate::collect::Request;
use crate::collect::rest::{Asked, Token, Tokens};

// Names of the credentials, as `AZURE_TOKEN_CREDENTIALS` has them.
const ENVIRONMENT: &str = "EnvironmentCredential";
const WORKLOAD: &str = "WorkloadIdentityCredential";
const MANAGED: &str = "ManagedIdentityCredential";
const CLI: &str = "AzureCliCredential";
const DEVELOPER_CLI: &str = "AzureDeveloperCliCredential";

/// How long the metadata service of a virtual machine has to take a connection.
const PROBE: Duration = Duration::from_secs(1);
/// How long before its end a token may be asked for anew.
const SPARE: Span = Span::minutes(5);

/// Makes a credential: also anew, since credentials keep tokens that are no longer taken.
type Make = Box<dyn Fn() -> Result<Arc<dyn TokenCredential>, Error>>;

/// A chain of credentials, of which the first that gives a token gives all.
pub(super) struct Login {
    chain: Vec<(&'static str, Make)>,
    /// Why credentials are not in the chain.
    missing: Vec<String>,
    /// Whether a managed identity would be that of a virtual machine.
    needs_metadata: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    chosen: Option<(usize, Arc<dyn TokenCredential>)>,
    /// When the last token for a scope ends.
    ends: BTreeMap<String, OffsetDateTime>,
}

impl Login {
    /// The chain of the environment. `AZURE_TOKEN_CREDENTIALS` narrows it, as for the SDKs: `prod`, `dev`, or the
    /// name of a credential.
    pub(super) fn new(request: &Request<'_>, cloud: &Cloud, http: reqwest::Client) -> Self {
        let variable = |name: &str| (request.environment)(name).filter(|value| !value.is_empty());
        let wanted = variable("AZURE_TOKEN_CREDENTIALS").map(|name| name.to_ascii_lowercase());
        let is_wanted = |name: &str, is_deployed: bool| match wanted.as_deref() {
            None => true,
            Some("prod") => is_deployed,
            Some("dev") => !is_deployed,
            Some(one) => one == name.to_ascii_lowercase(),
        };
        let options = options(cloud, http);
        let mut login = Self {
            chain: Vec::new(),
            missing: Vec::new(),
            needs_metadata: false,
            state: Mutex::default(),
        };
        let (tenant, client) = (variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID"));
        if is_wanted(ENVIRONMENT, true) {
            match (&tenant, &client, variable("AZURE_CLIENT_SECRET")) {
                (Some(tenant), Some(client), Some(secret)) => {
                    let (tenant, client) = (tenant.clone(), client.clone());
                    let (secret, options) = (Secret::new(secret), options.clone());
                    login.add(ENVIRONMENT, move || {
                        let all = ClientSecretCredentialOptions { client_options: options.clone() };
                        let (client, secret) = (client.clone(), secret.clone());
                        Ok(ClientSecretCredential::new(&tenant, client, secret, Some(all))?)
                    });
                }
                _ => login.lacks(
                    ENVIRONMENT,
                    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not all set",
                ),
            }
        }
        if is_wanted(WORKLOAD, true) {
            match (&tenant, &client, variable("AZURE_FEDERATED_TOKEN_FILE")) {
                (Some(tenant), Some(client), Some(file)) => {
                    let (tenant, client) = (tenant.clone(), client.clone());
                    let options = options.clone();
                    login.add(WORKLOAD, move || {
                        let mut all = WorkloadIdentityCredentialOptions::default();
                        all.credential_options.client_options = options.clone();
                        all.client_id = Some(client.clone());
                        all.tenant_id = Some(tenant.clone());
                        all.token_file_path = Some(file.clone().into());
                        Ok(WorkloadIdentityCredential::new(Some(all))?)
                    });
                }
                _ => login.lacks(
                    WORKLOAD,
                    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set",
                ),
            }
        }
        if is_wanted(MANAGED, true) {
            let endpoints = ["IDENTITY_ENDPOINT", "MSI_ENDPOINT"];
            login.needs_metadata = endpoints.iter().all(|name| variable(name).is_none());
            let (client, options) = (client.clone(), options.clone());
            login.add(MANAGED, move || {
                let all = ManagedIdentityCredentialOptions {
                    user_assigned_id: client.clone().map(UserAssignedId::ClientId),
                    client_options: options.clone(),
                };
                Ok(ManagedIdentityCredential::new(Some(all))?)
            });
        }
        if is_wanted(CLI, false) {
            let tenant = tenant.clone();
            login.add(CLI, move || {
                let all =
                    AzureCliCredentialOptions { tenant_id: tenant.clone(), ..Default::default() };
                Ok(AzureCliCredential::new(Some(all))?)
            });
        }
        if is_wanted(DEVELOPER_CLI, false) {
            login.add(DEVELOPER_CLI, move || {
                let all = AzureDeveloperCliCredentialOptions {
                    tenant_id: tenant.clone(),
                    ..Default::default()
                };
                Ok(AzureDeveloperCliCredential::new(Some(all))?)
            });
        }
        if login.chain.is_empty() && login.missing.is_empty() {
            login.missing.push("AZURE_TOKEN_CREDENTIALS names none that is known here".into());
        }
        login
    }

    fn add(
        &mut self,
        name: &'static str,
        make: impl Fn() -> Result<Arc<dyn TokenCredential>, Error> + 'static,
    ) {
        self.chain.push((name, Box::new(make)));
    }

    fn lacks(&mut self, name: &str, why: &str) {
        self.missing.push(format!("{name}: {why}"));
    }

    /// A token for a scope. No error holds a token or an answer.
    async fn ask(&self, scope: &str) -> Result<Token, String> {
        let mut state = self.state.lock().await;
        let now = OffsetDateTime::now_utc();
        if let Some((index, mut credential)) = state.chosen.clone() {
            let Some((name, make)) = self.chain.get(index) else {
                return Err("no credential".into());
            };
            let because = |error: Error| format!("{name}: {}", reason(&error));
            // Whoever asks before a token ends had it refused. Credentials would give the same again.
            if state.ends.get(scope).is_some_and(|end| *end > now + SPARE) {
                credential = make().map_err(because)?;
                state.chosen = Some((index, Arc::clone(&credential)));
            }
            let token = credential.get_token(&[scope], None).await.map_err(because)?;
            state.ends.insert(scope.to_owned(), token.expires_on);
            return bearer(&token, now);
        }
        let mut reasons = self.missing.clone();
        for (index, (name, make)) in self.chain.iter().enumerate() {
            if *name == MANAGED && self.needs_metadata && !has_metadata_service().await {
                reasons.push(format!("{name}: there is no metadata service here"));
                continue;
            }
            let token = match make() {
                Ok(credential) => match credential.get_token(&[scope], None).await {
                    Ok(token) => {
                        state.chosen = Some((index, credential));
                        Ok(token)
                    }
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
            match token {
                Ok(token) => {
                    state.ends.insert(scope.to_owned(), token.expires_on);
                    return bearer(&token, now);
                }
                Err(error) => reasons.push(format!("{name}: {}", reason(&error))),
            }
        }
        Err(reasons.join("; "))
    }
}

impl Tokens for Login {
    fn token<'t>(&'t self, audience: &'t str) -> Asked<'t> {
        Box::pin(self.ask(audience))
    }
}

fn bearer(token: &AccessToken, now: OffsetDateTime) -> Result<Token, String> {
    let lasts = Duration::try_from(token.expires_on - now).unwrap_or_default();
    Token::bearer(token.token.secret(), Some(lasts))
}

/// Options of all credentials: the cloud, and what sends.
fn options(cloud: &Cloud, http: reqwest::Client) -> ClientOptions {
    let mut custom = CustomConfiguration::default();
    custom.authority_host.clone_from(&cloud.authority);
    ClientOptions {
        transport: Some(Transport::new(Arc::new(http))),
        cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
        ..ClientOptions::default()
    }
}

/// Whether the metadata service of a virtual machine takes connections. `azure_identity` alone would try for more than
/// a minute where there is none.
async fn has_metadata_service() -> bool {
    let address = SocketAddr::from((Ipv4Addr::new(169, 254, 169, 254), 80));
    let connected = tokio::time::timeout(PROBE, tokio::net::TcpStream::connect(address)).await;
    matches!(connected, Ok(Ok(_)))
}

/// Why there is no token, without what was answered: that may quote what was sent.
fn reason(error: &Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(ErrorKind::HttpResponse { status, error_code, .. }) =
            one.downcast_ref::<Error>().map(Error::kind)
        {
            let code = error_code.as_deref().map(code).unwrap_or_default();
            return format!("HTTP {}{code}", u16::from(*status));
        }
        cause = one.source();
    }
    match error.kind() {
        ErrorKind::Connection => "it cannot be reached".into(),
        ErrorKind::Io => "the answer breaks off".into(),
        ErrorKind::DataConversion => "the answer is broken".into(),
        _ => {
            let text = error.to_string();
            let text = text.lines().next().unwrap_or_default();
            // Words of a program on this machine, such as `az`.
            if text.contains("not found on PATH") {
                "not found on PATH".into()
            } else if text.contains("az login") || text.contains("azd auth login") {
                "it is not logged in".into()
            } else {
                "it gave no token".into()
            }
        }
    }
}

/// Numbers of Entra ID's errors: `AADSTS7000215`.
fn code(codes: &str) -> String {
    let is_plain = |c: char| c.is_ascii_digit() || c == ',';
    if !codes.is_empty() && codes.chars().all(is_plain) {
        format!(" (AADSTS{codes})")
    } else {
        String::new()
    }
}

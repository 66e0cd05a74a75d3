//! A server that speaks the REST APIs of Azure as far as the collector asks them, over TLS: Entra ID's tokens, Azure
//! Resource Manager, Key Vault, Managed HSM, Microsoft Graph and Azure Monitor Logs, each on a port of its own.
//!
//! Shapes of answers are those of the examples in Azure/azure-rest-api-specs and of the references of Microsoft Graph.
//! It takes no token of another audience, no version of an API that a route does not have, and, if it is told what
//! the caller may do, no request beyond that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A service of Azure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plane {
    Login,
    Management,
    Vaults,
    Hsms,
    Graph,
    Logs,
}

pub(super) const PLANES: [Plane; 6] =
    [Plane::Login, Plane::Management, Plane::Vaults, Plane::Hsms, Plane::Graph, Plane::Logs];

impl Plane {
    fn audience(self) -> &'static str {
        match self {
            Self::Login => "",
            Self::Management => "https://management.azure.com/.default",
            Self::Vaults => "https://vault.azure.net/.default",
            Self::Hsms => "https://managedhsm.azure.net/.default",
            Self::Graph => "https://graph.microsoft.com/.default",
            Self::Logs => "https://api.loganalytics.azure.com/.default",
        }
    }
}

/// What is at a path.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// One object.
    One(Value),
    /// A list, in pages.
    Many(Vec<Value>),
    /// A refusal: status and code of the error, and the code inside it.
    No(u16, &'static str, &'static str),
}

/// What a caller needs for a path, in the store's own words.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) content: Content,
    /// `Microsoft.KeyVault/vaults/read`; a permission of Graph; a data action.
    pub(super) right: String,
}

/// Everything that there is: by plane and path, in lower case and without the query.
pub(super) type World = BTreeMap<(Plane, String), Route>;

/// What is done with a request.
pub(super) enum Deed {
    Pass,
    /// Answers with a status and the code of an error.
    Refuse(u16, &'static str),
    /// Sends so many bytes of the answer, and closes.
    Cut(usize),
    /// Never answers.
    Hang,
}

/// A request, as it is decided about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) plane: Plane,
    /// Without the query, in lower case.
    pub(super) path: String,
    pub(super) query: String,
    /// What its route needs; empty if there is none.
    pub(super) right: String,
}

type Decide = dyn Fn(&Asked, usize) -> Deed + Send + Sync;

struct State {
    world: World,
    decide: Box<Decide>,
    /// What the caller may do; everything if it is not said.
    rights: Option<BTreeSet<String>>,
    /// Items of a page.
    page: usize,
    /// Seconds that a token lasts.
    lasts: u64,
    tokens: Mutex<BTreeMap<String, &'static str>>,
    count: AtomicUsize,
    log: Mutex<Vec<Asked>>,
    ports: BTreeMap<Plane, u16>,
}

/// A server that ends with the process.
pub(super) struct Server {
    directory: TempDir,
    state: Arc<State>,
}

/// How a server behaves.
pub(super) struct Options {
    pub(super) decide: Box<Decide>,
    pub(super) rights: Option<BTreeSet<String>>,
    pub(super) page: usize,
    pub(super) lasts: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { decide: Box::new(|_, _| Deed::Pass), rights: None, page: 3, lasts: 3600 }
    }
}

impl Server {
    /// A server with what `make` makes for its ports.
    pub(super) fn start(
        make: impl FnOnce(&BTreeMap<Plane, u16>) -> World,
        options: Options,
    ) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            let why = "left out: a subscription of Azure (missing: openssl)";
            assert!(std::env::var_os("KEYSTREL_SERVERS").is_none(), "{why}");
            // Not by a macro that the harness captures.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "{why}; see tests/servers/README.md").unwrap();
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let tls = tls(directory.path());
        let listeners: Vec<(Plane, TcpListener)> = PLANES
            .into_iter()
            .map(|plane| (plane, TcpListener::bind("127.0.0.1:0").unwrap()))
            .collect();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let ports: BTreeMap<Plane, u16> =
            listeners.iter().map(|(plane, listener)| (*plane, port(listener))).collect();
        let state = Arc::new(State {
            world: make(&ports),
            decide: options.decide,
            rights: options.rights,
            page: options.page,
            lasts: options.lasts,
            tokens: Mutex::default(),
            count: AtomicUsize::new(0),
            log: Mutex::default(),
            ports,
        });
        for (plane, listener) in listeners {
            let (state, tls) = (Arc::clone(&state), Arc::clone(&tls));
            // It ends with the process: nothing waits for it.
            thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    let (state, tls) = (Arc::clone(&state), Arc::clone(&tls));
                    thread::spawn(move || serve(client, plane, tls, &state));
                }
            });
        }
        Some(Self { directory, state })
    }

    /// The variables with which keystrel finds it and logs in, by a client secret.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let at = |plane: Plane| format!("https://127.0.0.1:{}", self.state.ports[&plane]);
        vec![
            ("AZURE_AUTHORITY_HOST", at(Plane::Login)),
            ("AZURE_CLOUD", "AzureCloud".into()),
            ("AZURE_RESOURCE_MANAGER_ENDPOINT", at(Plane::Management)),
            ("AZURE_GRAPH_ENDPOINT", at(Plane::Graph)),
            ("AZURE_LOG_ANALYTICS_ENDPOINT", at(Plane::Logs)),
            ("AZURE_KEYVAULT_DNS_SUFFIX", "127.0.0.1".into()),
            ("AZURE_MANAGEDHSM_DNS_SUFFIX", "127.0.0.1".into()),
            ("AZURE_TENANT_ID", TENANT.into()),
            ("AZURE_CLIENT_ID", CLIENT.into()),
            ("AZURE_CLIENT_SECRET", secret()),
            ("SSL_CERT_FILE", self.authority().to_string_lossy().into_owned()),
        ]
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    pub(super) fn port(&self, plane: Plane) -> u16 {
        self.state.ports[&plane]
    }

    /// How many requests there were.
    pub(super) fn count(&self) -> usize {
        self.state.count.load(Ordering::SeqCst)
    }

    /// What was asked.
    pub(super) fn log(&self) -> Vec<Asked> {
        self.state.log.lock().unwrap().clone()
    }
}

pub(super) const TENANT: &str = "0e7a0000-0000-4000-8000-0000000000ff";
pub(super) const CLIENT: &str = "c11e0000-0000-4000-8000-0000000000ff";

/// The secret of the login, in parts.
pub(super) fn secret() -> String {
    ["planted", "client", "login"].join("+")
}

/// Answers the requests of one connection.
fn serve(
    client: TcpStream,
    plane: Plane,
    tls: Arc<rustls::ServerConfig>,
    state: &State,
) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let connection = rustls::ServerConnection::new(tls).ok()?;
    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, client));
    loop {
        let message = Message::read(&mut stream)?;
        let (path, query) = message.target.split_once('?').unwrap_or((&message.target, ""));
        let path = decoded(path).to_lowercase();
        let right = state.world.get(&(plane, path.clone())).map(|route| route.right.clone());
        let asked = Asked { plane, path, query: decoded(query), right: right.unwrap_or_default() };
        let deed = (state.decide)(&asked, state.count.fetch_add(1, Ordering::SeqCst));
        state.log.lock().unwrap().push(asked.clone());
        let (status, body) = match deed {
            Deed::Hang => {
                thread::sleep(Duration::from_mins(2));
                return None;
            }
            Deed::Refuse(status, code) => (status, failure(code, "")),
            Deed::Pass | Deed::Cut(_) => state.answer(&asked, &message),
        };
        let body = body.to_string();
        let mut answer = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        if status == 429 || status == 503 {
            answer.push_str("retry-after: 0\r\n");
        }
        answer.push_str("\r\n");
        answer.push_str(&body);
        let stream = stream.get_mut();
        if let Deed::Cut(most) = deed {
            let most = answer.len().saturating_sub(body.len()) + most.min(body.len() - 1);
            stream.write_all(&answer.as_bytes()[..most]).ok()?;
            stream.flush().ok()?;
            return None;
        }
        stream.write_all(answer.as_bytes()).ok()?;
        stream.flush().ok()?;
    }
}

/// An error as Azure writes it; its message quotes, so that whoever shows it is caught.
fn failure(code: &str, inner: &str) -> Value {
    let mut error = json!({"code": code, "message": format!("this message {QUOTE} quotes")});
    if !inner.is_empty() {
        error["innererror"] = json!({"code": inner});
    }
    json!({"error": error})
}

/// What is in the message of every error.
pub(super) const QUOTE: &str = "quoted-by-the-server";

impl State {
    fn answer(&self, asked: &Asked, message: &Message) -> (u16, Value) {
        if asked.plane == Plane::Login {
            return self.login(asked, message);
        }
        let token = message.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let audience = token.and_then(|token| self.tokens.lock().unwrap().get(token).copied());
        if audience != Some(asked.plane.audience()) {
            return (401, failure("InvalidAuthenticationToken", ""));
        }
        let versioned = matches!(asked.plane, Plane::Management | Plane::Vaults | Plane::Hsms);
        if versioned
            && !asked.query.contains("api-version=20")
            && !asked.query.contains("api-version=7.")
        {
            return (400, failure("MissingApiVersionParameter", ""));
        }
        let Some(route) = self.world.get(&(asked.plane, asked.path.clone())) else {
            return (404, failure("ResourceNotFound", ""));
        };
        if self.rights.as_ref().is_some_and(|rights| !may(rights, &route.right)) {
            return (403, failure("AuthorizationFailed", ""));
        }
        match &route.content {
            Content::No(status, code, inner) => (*status, failure(code, inner)),
            Content::One(value) => (200, value.clone()),
            Content::Many(items) => {
                let at: usize = parameter(&asked.query, "$skiptoken")
                    .and_then(|token| token.parse().ok())
                    .unwrap_or(0);
                let end = (at + self.page).min(items.len());
                let mut page = json!({"value": items[at.min(end)..end]});
                if end < items.len() {
                    let rest: Vec<&str> = asked
                        .query
                        .split('&')
                        .filter(|part| !part.starts_with("$skiptoken=") && !part.is_empty())
                        .collect();
                    let query = rest.join("&").replace(' ', "%20");
                    let next = format!(
                        "https://127.0.0.1:{}{}?{query}&$skiptoken={end}",
                        self.ports[&asked.plane], asked.path,
                    );
                    let name =
                        if asked.plane == Plane::Graph { "@odata.nextLink" } else { "nextLink" };
                    page[name] = next.into();
                } else if asked.plane != Plane::Graph {
                    page["nextLink"] = Value::Null;
                }
                (200, page)
            }
        }
    }

    /// Tokens: for a client secret, an assertion, or the managed identity of App Service.
    fn login(&self, asked: &Asked, message: &Message) -> (u16, Value) {
        let is_managed = asked.path == "/msi/token";
        let form = if is_managed { asked.query.clone() } else { decoded(&message.body) };
        let scope = if is_managed {
            let resource = parameter(&form, "resource").unwrap_or_default();
            format!("{resource}/.default")
        } else {
            parameter(&form, "scope").unwrap_or_default().to_owned()
        };
        let is_known = if is_managed {
            message.header("x-identity-header") == Some("planted")
        } else {
            parameter(&form, "client_id") == Some(CLIENT)
                && (parameter(&form, "client_secret").map(|given| given.replace(' ', "+"))
                    == Some(secret())
                    || parameter(&form, "client_assertion") == Some("planted"))
        };
        if !is_known {
            let error = json!({
                "error": "invalid_client", "error_codes": [7_000_215],
                "error_description": format!("AADSTS7000215: Invalid client secret {QUOTE}"),
            });
            return (401, error);
        }
        let planes = PLANES.into_iter().map(Plane::audience);
        let Some(audience) = planes.filter(|one| !one.is_empty()).find(|one| *one == scope) else {
            let error = json!({"error": "invalid_scope", "error_codes": [70_011], "error_description": QUOTE});
            return (400, error);
        };
        let mut tokens = self.tokens.lock().unwrap();
        let token = format!("planted-token-{}", tokens.len());
        tokens.insert(token.clone(), audience);
        let now = jiff::Timestamp::now().as_second();
        let end = now + i64::try_from(self.lasts).unwrap();
        let answer = json!({
            "token_type": "Bearer", "expires_in": self.lasts, "ext_expires_in": self.lasts,
            "expires_on": end.to_string(), "resource": scope, "access_token": token,
        });
        (200, answer)
    }
}

/// Whether one of the rights, in which `*` stands for anything, is the one that is needed.
fn may(rights: &BTreeSet<String>, needed: &str) -> bool {
    needed.is_empty() || rights.iter().any(|right| right.eq_ignore_ascii_case(needed))
}

/// A request.
struct Message {
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Message {
    fn read(stream: &mut impl std::io::BufRead) -> Option<Self> {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let target = line.split(' ').nth(1)?.to_owned();
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { target, headers, body: String::new() };
        let length = message.header("content-length").and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        message.body = String::from_utf8(body).ok()?;
        Some(message)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A parameter of a query or form that was decoded.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let of = |part: &'q str| part.split_once('=').filter(|(known, _)| *known == name);
    query.split('&').find_map(of).map(|(_, value)| value)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A certificate of a day for 127.0.0.1, of an authority beside it.
fn tls(at: &Path) -> Arc<rustls::ServerConfig> {
    let openssl = |args: &[&str]| {
        let output = Command::new("openssl").args(args).current_dir(at).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let extensions = "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n";
    fs::write(at.join("extensions"), extensions).unwrap();
    let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let authority = "-x509 -days 1 -subj /CN=authority -keyout authority.key -out authority.pem";
    let request = "-subj /CN=server -keyout server.key -out server.csr";
    let sign = "x509 -req -days 1 -in server.csr -CA authority.pem -CAkey authority.key \
                -CAcreateserial -extfile extensions -out server.pem";
    let words = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
    openssl(&[new.as_slice(), &words(authority)].concat());
    openssl(&[new.as_slice(), &words(request)].concat());
    openssl(&words(sign));
    let chain = vec![CertificateDer::from_pem_file(at.join("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(at.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

//! Where the server is, who we are, and how TLS is checked: from the address and the variables that the vendors'
//! own tools read (<https://developer.hashicorp.com/vault/docs/commands#environment-variables>,
//! <https://openbao.org/docs/commands/>).

use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder, Identity, NoProxy, Proxy, Url, redirect};
use zeroize::Zeroizing;

use crate::collect::{CollectError, Request};

/// Variables that name the server, the first first, after `VAULT_` or `BAO_`.
const ADDRESSES: [&str; 3] = ["PROXY_ADDR", "AGENT_ADDR", "ADDR"];
/// Where Kubernetes puts the token of a service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How to log in.
pub(super) enum Login {
    Token(Zeroizing<String>),
    /// By a POST to `auth/<mount>/login` with this body.
    Method {
        mount: String,
        body: Zeroizing<String>,
    },
}

/// The variables of a request: those of OpenBao count before those of Vault, as for its own tool.
pub(super) struct Settings<'a> {
    request: &'a Request<'a>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Self { request }
    }

    /// `BAO_<name>` or `VAULT_<name>`; empty is none.
    fn variable(&self, name: &str) -> Option<String> {
        ["BAO_", "VAULT_"]
            .iter()
            .filter_map(|prefix| (self.request.environment)(&format!("{prefix}{name}")))
            .find(|value| !value.is_empty())
    }

    fn flag(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| {
            matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True")
        })
    }

    /// Whether nobody said where the server is.
    pub(super) fn is_assumed(&self) -> bool {
        self.request.address.is_empty()
            && ADDRESSES.iter().all(|name| self.variable(name).is_none())
    }

    /// The server's address, and the socket that it is behind, if it is one.
    pub(super) fn address(&self) -> Result<(Url, Option<PathBuf>), CollectError> {
        let (what, text) = if self.request.address.is_empty() {
            ADDRESSES
                .iter()
                .find_map(|name| Some((format!("VAULT_{name}"), self.variable(name)?)))
                .unwrap_or_else(|| ("vault".into(), "https://127.0.0.1:8200".into()))
        } else {
            ("vault".to_owned(), self.request.address.to_owned())
        };
        let wrong = |why: &str| CollectError::Address { what: what.clone(), why: why.into() };
        if let Some(path) = text.strip_prefix("unix://") {
            let url = Url::parse("http://localhost/").map_err(|_| wrong("it is no address"))?;
            return Ok((url, Some(PathBuf::from(path))));
        }
        let text = if text.contains("://") { text } else { format!("https://{text}") };
        let mut url = Url::parse(&text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it is not http:// or https:// with a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("no user or password belongs into it"));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok((url, None))
    }

    /// The namespace to begin with: empty, or ending in a slash.
    pub(super) fn namespace(&self) -> String {
        let namespace = self.variable("NAMESPACE").unwrap_or_default();
        match namespace.trim_matches('/') {
            "" | "root" => String::new(),
            namespace => format!("{namespace}/"),
        }
    }

    /// Whether certificates are not checked.
    pub(super) fn skips_verification(&self) -> bool {
        self.flag("SKIP_VERIFY")
    }

    /// What asks the server.
    pub(super) fn http(
        &self,
        url: &Url,
        socket: Option<&Path>,
    ) -> Result<(reqwest::Client, Url), CollectError> {
        let mut builder = ClientBuilder::new()
            .user_agent(concat!("keystrel/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .tls_info(true)
            .no_proxy();
        let mut url = url.clone();
        #[cfg(unix)]
        if let Some(path) = socket {
            builder = builder.unix_socket(path);
        }
        if socket.is_some() {
            // Nothing is between us and it.
        } else if let Some(proxy) = self.proxy(&url)? {
            builder = builder.proxy(proxy);
        }
        if self.skips_verification() {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        let authorities = self.authorities()?;
        if !authorities.is_empty() {
            // In place of those of the system.
            builder = builder.tls_certs_only(authorities);
        }
        if let Some(identity) = self.identity()? {
            builder = builder.identity(identity);
        }
        if let Some(name) = self.variable("TLS_SERVER_NAME") {
            let wrong =
                |why: String| CollectError::Address { what: "VAULT_TLS_SERVER_NAME".into(), why };
            let host = url.host_str().unwrap_or_default().to_owned();
            let port = url.port_or_known_default().unwrap_or(443);
            let places: Vec<_> = (host.as_str(), port)
                .to_socket_addrs()
                .map_err(|error| CollectError::Unreachable {
                    store: url.to_string(),
                    why: error.to_string(),
                })?
                .collect();
            url.set_host(Some(&name)).map_err(|error| wrong(error.to_string()))?;
            builder = builder.resolve_to_addrs(&name, &places);
        }
        let http = builder.build().map_err(|error| CollectError::Address {
            what: "TLS".into(),
            why: crate::collect::http::network(&error),
        })?;
        Ok((http, url))
    }

    fn proxy(&self, url: &Url) -> Result<Option<Proxy>, CollectError> {
        let plain = |name: &str| (self.request.environment)(name).filter(|value| !value.is_empty());
        let found = self.variable("HTTP_PROXY").or_else(|| {
            let names = match url.scheme() {
                "https" => ["HTTPS_PROXY", "https_proxy"],
                _ => ["HTTP_PROXY", "http_proxy"],
            };
            names.iter().find_map(|name| plain(name))
        });
        let Some(address) = found else { return Ok(None) };
        let proxy = Proxy::all(address).map_err(|_| CollectError::Address {
            what: "the proxy".into(),
            // Without it: it may have a password.
            why: "it is no address".into(),
        })?;
        let except = plain("NO_PROXY").or_else(|| plain("no_proxy")).unwrap_or_default();
        Ok(Some(proxy.no_proxy(NoProxy::from_string(&except))))
    }

    fn authorities(&self) -> Result<Vec<Certificate>, CollectError> {
        let mut all = Vec::new();
        let mut add = |what: &str, pem: &[u8]| {
            let certificates =
                Certificate::from_pem_bundle(pem).ok().filter(|found| !found.is_empty());
            let wrong = || CollectError::Address {
                what: what.into(),
                why: "it holds no certificate".into(),
            };
            all.extend(certificates.ok_or_else(wrong)?);
            Ok::<(), CollectError>(())
        };
        if let Some(pem) = self.variable("CACERT_BYTES") {
            add("VAULT_CACERT_BYTES", pem.as_bytes())?;
        } else if let Some(path) = self.variable("CACERT") {
            add(&path, &read(&path)?)?;
        } else if let Some(directory) = self.variable("CAPATH") {
            let wrong = |error: std::io::Error| CollectError::Address {
                what: directory.clone(),
                why: error.to_string(),
            };
            for entry in std::fs::read_dir(&directory).map_err(wrong)? {
                let path = entry.map_err(wrong)?.path();
                if path.is_file() {
                    let path = path.to_string_lossy();
                    add(&path, &read(&path)?)?;
                }
            }
        }
        Ok(all)
    }

    fn identity(&self) -> Result<Option<Identity>, CollectError> {
        let (Some(certificate), Some(key)) =
            (self.variable("CLIENT_CERT"), self.variable("CLIENT_KEY"))
        else {
            return Ok(None);
        };
        let mut pem = read(&key)?;
        pem.push(b'\n');
        pem.extend_from_slice(&read(&certificate)?);
        Identity::from_pem(&pem).map(Some).map_err(|_| CollectError::Address {
            what: key,
            why: "it is no private key of the certificate".into(),
        })
    }

    /// How to log in: a token, then what a method needs, then the token that the vendor's tool keeps.
    pub(super) fn login(&self) -> Result<Option<Login>, CollectError> {
        if let Some(token) = self.variable("TOKEN") {
            return Ok(Some(Login::Token(Zeroizing::new(token))));
        }
        if let Some(login) = self.method()? {
            return Ok(Some(login));
        }
        let path = match self.variable("TOKEN_PATH") {
            Some(path) => Some(PathBuf::from(path)),
            None => self.request.home.map(|home| home.join(".vault-token")),
        };
        let token = path.and_then(|path| std::fs::read_to_string(path).ok()).map(Zeroizing::new);
        Ok(token.filter(|token| !token.trim().is_empty()).map(Login::Token))
    }

    fn method(&self) -> Result<Option<Login>, CollectError> {
        let chosen = self
            .variable("AUTH_METHOD")
            .or_else(|| self.variable("ROLE_ID").map(|_| "approle".to_owned()));
        let Some(method) = chosen else { return Ok(None) };
        let missing = |name: &str| CollectError::Address {
            what: "VAULT_AUTH_METHOD".into(),
            why: format!("{method} needs VAULT_{name}"),
        };
        let needed = |name: &str| self.variable(name).ok_or_else(|| missing(name));
        // Not by a map, whose texts would stay in memory.
        let mut fields: Vec<(&str, Zeroizing<String>)> = Vec::new();
        match method.as_str() {
            "approle" => {
                fields.push(("role_id", Zeroizing::new(needed("ROLE_ID")?)));
                if let Some(secret) = self.secret("SECRET_ID")? {
                    fields.push(("secret_id", secret));
                }
            }
            "kubernetes" | "jwt" => {
                fields.push(("role", Zeroizing::new(needed("AUTH_ROLE")?)));
                let token = match self.secret("AUTH_JWT")? {
                    Some(token) => token,
                    None if method == "kubernetes" => secret_file(SERVICE_ACCOUNT)?,
                    None => return Err(missing("AUTH_JWT or VAULT_AUTH_JWT_FILE")),
                };
                fields.push(("jwt", token));
            }
            "cert" => {
                if let Some(role) = self.variable("AUTH_ROLE") {
                    fields.push(("name", Zeroizing::new(role)));
                }
            }
            _ => {
                return Err(CollectError::Address {
                    what: "VAULT_AUTH_METHOD".into(),
                    why: "it is none of approle, kubernetes, jwt and cert".into(),
                });
            }
        }
        let mut body = Zeroizing::new(String::from("{"));
        for (index, (name, value)) in fields.iter().enumerate() {
            let value = Zeroizing::new(serde_json::to_string(value.trim()).unwrap_or_default());
            body.push_str(if index == 0 { "\"" } else { ",\"" });
            body.push_str(name);
            body.push_str("\":");
            body.push_str(&value);
        }
        body.push('}');
        let mount = self.variable("AUTH_PATH").unwrap_or(method);
        let mount = mount.trim_start_matches("auth/").trim_matches('/').to_owned();
        Ok(Some(Login::Method { mount, body }))
    }

    /// A secret in a variable, or in the file that another names.
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, CollectError> {
        if let Some(value) = self.variable(name) {
            return Ok(Some(Zeroizing::new(value)));
        }
        self.variable(&format!("{name}_FILE")).map(|path| secret_file(&path)).transpose()
    }
}

fn read(path: &str) -> Result<Zeroizing<Vec<u8>>, CollectError> {
    let bytes = std::fs::read(path).map(Zeroizing::new);
    bytes.map_err(|error| CollectError::Address { what: path.to_owned(), why: error.to_string() })
}

fn secret_file(path: &str) -> Result<Zeroizing<String>, CollectError> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| CollectError::Address {
        what: path.to_owned(),
        why: "it is no text".into(),
    })?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(test)]
#[expect(clippy::redundant_closure_for_method_calls, reason = "a method is for one lifetime alone")]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::collect::vault::tests::{Quiet, request};

    fn with<T>(
        address: &str,
        variables: &[(&str, &str)],
        test: impl FnOnce(&Settings<'_>) -> T,
    ) -> T {
        let variables: HashMap<&str, &str> = variables.iter().copied().collect();
        let environment = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        let request = request(address, &environment, &Quiet);
        test(&Settings::new(&request))
    }

    #[test]
    fn the_address_is_what_is_said_or_what_the_tools_read() {
        for (address, variables, expected) in [
            ("", vec![], "https://127.0.0.1:8200/"),
            ("", vec![("VAULT_ADDR", "http://a:1")], "http://a:1/"),
            ("", vec![("VAULT_ADDR", "http://a:1"), ("BAO_ADDR", "http://b:1")], "http://b:1/"),
            (
                "",
                vec![("VAULT_ADDR", "http://a:1"), ("VAULT_AGENT_ADDR", "http://b:1")],
                "http://b:1/",
            ),
            ("c:8200", vec![("VAULT_ADDR", "http://a:1")], "https://c:8200/"),
            ("https://c/vault", vec![], "https://c/vault/"),
        ] {
            let url = with(address, &variables, |settings| settings.address().unwrap().0);
            assert_eq!(url.as_str(), expected);
        }
        for address in ["ftp://a", "https://", "https://user:word@host", "https://ho st"] {
            with(address, &[], |settings| assert!(settings.address().is_err(), "{address}"));
        }
        for (address, variables, expected) in [
            ("", vec![], true),
            ("", vec![("BAO_ADDR", "http://a:1")], false),
            ("https://127.0.0.1:8200", vec![], false),
        ] {
            assert_eq!(with(address, &variables, |settings| settings.is_assumed()), expected);
        }
    }

    #[test]
    fn a_login_is_the_nearest() {
        let login = |variables: &[(&str, &str)]| with("", variables, |settings| settings.login());
        let Ok(Some(Login::Token(token))) = login(&[("VAULT_TOKEN", "t"), ("VAULT_ROLE_ID", "r")])
        else {
            unreachable!("a token")
        };
        assert_eq!(token.as_str(), "t");
        let Ok(Some(Login::Method { mount, body })) = login(&[
            ("VAULT_ROLE_ID", "r\""),
            ("VAULT_SECRET_ID", "s"),
            ("VAULT_AUTH_PATH", "auth/apps/"),
        ]) else {
            unreachable!("a method")
        };
        assert_eq!(
            (mount.as_str(), body.as_str()),
            ("apps", r#"{"role_id":"r\"","secret_id":"s"}"#)
        );
        assert!(matches!(login(&[]), Ok(None)));
        assert!(login(&[("VAULT_AUTH_METHOD", "jwt"), ("VAULT_AUTH_ROLE", "r")]).is_err());
        assert!(login(&[("VAULT_AUTH_METHOD", "magic")]).is_err());
    }

    #[test]
    fn namespaces_end_in_a_slash() {
        for (value, expected) in [("a/b", "a/b/"), ("/a/", "a/"), ("root", ""), ("", "")] {
            let namespace =
                with("", &[("VAULT_NAMESPACE", value)], |settings| settings.namespace());
            assert_eq!(namespace, expected);
        }
    }
}

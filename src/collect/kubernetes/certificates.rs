//! Certificates: of Secrets, of the API server as it shows itself, and of files that somebody gives.

use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::Config;
use kube::client::ConfigExt as _;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;

use crate::model::Fact;

pub(super) const KIND: &str = "k8s_certificate";

/// The id of the API server's own.
pub(super) const ENDPOINT: &str = "cluster#endpoint";
/// What begins a certificate (RFC 7468, section 5).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// That of a Secret of type `kubernetes.io/tls`: the first of its chain.
pub(super) fn of_secret(secret: &str, pem: &[u8]) -> Fact {
    fact(format!("{secret}#tls.crt"), "secret", Some(secret), first(pem))
}

/// All of a file in PEM; keys that are there too are left alone. None if there is no certificate.
pub(super) fn of_pem(path: &str, text: &str) -> Vec<Fact> {
    if !text.contains(BEGIN) {
        return Vec::new();
    }
    let blocks = Pem::iter_from_buffer(text.as_bytes()).map(|block| match block {
        Ok(block) if block.label != "CERTIFICATE" => None,
        Ok(block) => Some(told(&block.contents)),
        Err(error) => Some(Err(error.to_string())),
    });
    let numbered = blocks.flatten().zip(1..);
    numbered.map(|(told, number)| fact(format!("{path}#{number}"), "file", None, told)).collect()
}

/// Those of users and clusters in a kubeconfig, as in `/etc/kubernetes/admin.conf`; never their keys.
pub(super) fn of_kubeconfig(path: &str, document: &Value) -> Vec<Fact> {
    let parts = [
        ("users", "/user/client-certificate-data", "user"),
        ("clusters", "/cluster/certificate-authority-data", "cluster"),
    ];
    let mut facts = Vec::new();
    for (list, data, what) in parts {
        for one in document.get(list).and_then(Value::as_array).into_iter().flatten() {
            let Some(data) = one.pointer(data).and_then(Value::as_str) else { continue };
            let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
            let pem = STANDARD.decode(data).map_err(|error| error.to_string());
            let told = pem.and_then(|pem| first(&pem));
            facts.push(fact(format!("{path}#{what}/{name}"), "file", None, told));
        }
    }
    facts
}

/// The API server's, as the handshake shows it to somebody without a login.
///
/// # Errors
/// Why it cannot be told.
pub(super) fn of_endpoint(config: &Config, time: Duration) -> Result<Fact, String> {
    let host = config.cluster_url.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = config.cluster_url.port_u16().unwrap_or(443);
    let shake = || -> io::Result<Vec<u8>> {
        let settings = config.rustls_client_config().map_err(io::Error::other)?;
        let name = config.tls_server_name.as_deref().unwrap_or(host).to_owned();
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        let mut shaken =
            rustls::ClientConnection::new(Arc::new(settings), name).map_err(io::Error::other)?;
        let mut stream = connect(host, port, time)?;
        stream.set_read_timeout(Some(time))?;
        stream.set_write_timeout(Some(time))?;
        while shaken.is_handshaking() {
            shaken.complete_io(&mut stream)?;
        }
        let chain = shaken.peer_certificates().unwrap_or_default();
        chain.first().map(|own| own.to_vec()).ok_or_else(|| io::Error::other("it showed none"))
    };
    let der = shake().map_err(|error| error.to_string())?;
    Ok(fact(ENDPOINT.into(), "endpoint", None, told(&der)))
}

fn connect(host: &str, port: u16, time: Duration) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, time) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// What the first certificate of a chain in PEM says.
fn first(pem: &[u8]) -> Result<Value, String> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem).map_err(|error| error.to_string())?;
    told(&pem.contents)
}

/// What a certificate in DER says.
fn told(der: &[u8]) -> Result<Value, String> {
    let (_, read) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    let names = read.subject_alternative_name().ok().flatten();
    let names: Vec<String> = names
        .iter()
        .flat_map(|names| &names.value.general_names)
        .filter_map(|name| match name {
            x509_parser::extensions::GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect();
    let time = |time: x509_parser::time::ASN1Time| {
        jiff::Timestamp::from_second(time.timestamp()).ok().map(|time| time.to_string())
    };
    let validity = read.validity();
    Ok(json!({
        "subject": read.subject().to_string(),
        "issuer": read.issuer().to_string(),
        "dns_names": names,
        "not_before": time(validity.not_before),
        "not_after": time(validity.not_after),
    }))
}

fn fact(id: String, source: &str, secret: Option<&str>, told: Result<Value, String>) -> Fact {
    let mut fields = json!({
        "source": source, "secret": secret, "subject": null, "issuer": null, "dns_names": null,
        "not_before": null, "not_after": null, "parse_error": null,
    });
    match (told, &mut fields) {
        (Ok(Value::Object(told)), Value::Object(fields)) => fields.extend(told),
        (Err(error), Value::Object(fields)) => {
            fields.insert("parse_error".into(), error.into());
        }
        _ => {}
    }
    Fact::new(KIND, id, fields)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// A certificate of `name` and its key, both in PEM; none where there is no openssl.
    fn made(name: &str) -> Option<(String, String)> {
        let directory = tempfile::tempdir().ok()?;
        let file = |name: &str| directory.path().join(name);
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj"])
            .arg(format!("/CN={name}"))
            .args(["-addext", &format!("subjectAltName=DNS:{name}.example"), "-keyout"])
            .arg(file("key"))
            .arg("-out")
            .arg(file("certificate"))
            .output();
        made.ok().filter(|made| made.status.success())?;
        Some((read(&file("certificate")), read(&file("key"))))
    }

    #[test]
    fn certificates_of_files_are_told_without_their_keys() {
        let Some(((one, key), (other, _))) = made("etcd").zip(made("api")) else {
            return eprintln!("left out: there is no openssl");
        };
        let facts = of_pem("pki/all.pem", &format!("{key}{one}{other}"));
        let told: Vec<(&str, &Value)> =
            facts.iter().map(|fact| (fact.id.as_str(), &fact.fields["subject"])).collect();
        assert_eq!(
            told,
            [("pki/all.pem#1", &json!("CN=etcd")), ("pki/all.pem#2", &json!("CN=api"))]
        );
        assert_eq!(facts[0].fields["dns_names"], json!(["etcd.example"]));
        assert_eq!(facts[0].fields["source"], "file");
        assert!(facts[0].fields["not_after"].as_str() > facts[0].fields["not_before"].as_str());
        assert!(of_pem("sa.key", &key).is_empty());

        let config = json!({
            "clusters": [{"name": "c", "cluster": {"certificate-authority-data": STANDARD.encode(&other)}}],
            "users": [
                {"name": "admin", "user": {
                    "client-certificate-data": STANDARD.encode(&one), "client-key-data": STANDARD.encode(&key),
                }},
                {"name": "broken", "user": {"client-certificate-data": "no"}},
                {"name": "ci", "user": {"token": "CANARY"}},
            ],
        });
        let facts = of_kubeconfig("admin.conf", &config);
        let ids: Vec<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
        assert_eq!(
            ids,
            ["admin.conf#user/admin", "admin.conf#user/broken", "admin.conf#cluster/c"]
        );
        assert_eq!(facts[0].fields["subject"], "CN=etcd");
        assert!(
            facts[1].fields["parse_error"].is_string() && facts[1].fields["not_after"].is_null()
        );
        let shown = serde_json::to_string(&facts).unwrap();
        assert!(!shown.contains("CANARY") && !shown.contains(&STANDARD.encode(&key)));
    }
}

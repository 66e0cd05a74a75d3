//! The certificate of the endpoint, and which old versions of TLS it would still speak.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use reqwest::Url;
use serde_json::{Map, Value};

use super::certificate;
use super::gather::Gather;

/// Longest time of one handshake.
const PATIENCE: Duration = Duration::from_secs(5);
/// Versions as TLS writes them (RFC 2246, RFC 4346).
const TLS10: u16 = 0x0301;
const TLS11: u16 = 0x0302;

/// Adds `vault_tls`, if the endpoint speaks TLS.
pub(super) async fn read(
    gather: &Gather<'_>,
    url: &Url,
    is_behind_socket: bool,
    is_verified: Option<bool>,
) {
    if !gather.wants("vault_tls") || url.scheme() != "https" || is_behind_socket {
        return;
    }
    let certificate = match gather.client.certificate().await {
        Ok(der) => certificate::of_der(&der),
        Err(why) => {
            gather.gap("vault_tls", "", "sys#tls", &why);
            return;
        }
    };
    let Some(certificate) = certificate else {
        gather.gap("vault_tls", "", "sys#tls", "its certificate cannot be read");
        return;
    };
    let mut fields: Map<String, Value> = certificate
        .into_iter()
        .filter(|(name, _)| !matches!(name.as_str(), "serial_number" | "is_ca"))
        .collect();
    for (name, version) in [("accepts_tls10", TLS10), ("accepts_tls11", TLS11)] {
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        // Blocking, since it is no request of HTTP and there are two.
        let accepts = tokio::task::spawn_blocking(move || accepts(&host, port, version)).await;
        fields.insert(name.into(), accepts.ok().flatten().into());
    }
    fields.insert("verified".into(), is_verified.into());
    gather.put("vault_tls", "", "sys#tls", fields);
}

/// Whether a server goes on with a handshake in this version; None if it cannot be told.
fn accepts(host: &str, port: u16, version: u16) -> Option<bool> {
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs().ok()?.next()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(&hello(host, version)).ok()?;
    let mut answer = [0; 11];
    match stream.read_exact(&mut answer[..7]) {
        Ok(()) => {}
        // It hangs up without a word.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Some(false),
        Err(_) => return None,
    }
    match answer[0] {
        // An alert.
        0x15 => Some(false),
        // A handshake: the server's hello says which version it chose.
        0x16 => {
            stream.read_exact(&mut answer[7..]).ok()?;
            Some(answer[5] == 2 && u16::from_be_bytes([answer[9], answer[10]]) <= version)
        }
        _ => None,
    }
}

/// A client's hello that offers nothing newer than `version`.
fn hello(host: &str, version: u16) -> Vec<u8> {
    let mut extensions = Vec::new();
    if host.parse::<std::net::IpAddr>().is_err() && host.len() < 256 {
        let name = host.as_bytes();
        let length = name.len() as u16;
        extensions.extend([0, 0]);
        extensions.extend((length + 5).to_be_bytes());
        extensions.extend((length + 3).to_be_bytes());
        extensions.push(0);
        extensions.extend(length.to_be_bytes());
        extensions.extend(name);
    }
    // Curves P-256, P-384, P-521 and X25519; points uncompressed.
    extensions.extend([0, 10, 0, 10, 0, 8, 0, 23, 0, 24, 0, 25, 0, 29, 0, 11, 0, 2, 1, 0]);
    let mut body = version.to_be_bytes().to_vec();
    body.extend([0x5a; 32]);
    body.push(0);
    // What servers of those versions had in common: CBC with ECDHE or RSA.
    let suites: [u16; 8] = [0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x000a, 0x00ff];
    body.extend((suites.len() as u16 * 2).to_be_bytes());
    body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
    body.extend([1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend((body.len() as u16).to_be_bytes());
    handshake.extend(body);
    let mut record = vec![0x16, 3, 1];
    record.extend((handshake.len() as u16).to_be_bytes());
    record.extend(handshake);
    record
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn against(answer: &'static [u8]) -> Option<bool> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut hello = [0; 9];
            stream.read_exact(&mut hello).unwrap();
            stream.write_all(answer).unwrap();
            let mut rest = vec![0; 512];
            drop(stream.read(&mut rest));
            hello
        });
        let accepts = accepts("127.0.0.1", port, TLS11);
        let hello = server.join().unwrap();
        assert_eq!((hello[0], hello[5]), (0x16, 1));
        accepts
    }

    #[test]
    fn a_hello_in_return_is_a_yes_and_an_alert_a_no() {
        assert_eq!(against(&[0x16, 3, 2, 0, 90, 2, 0, 0, 86, 3, 2]), Some(true));
        assert_eq!(against(&[0x15, 3, 1, 0, 2, 2, 70]), Some(false));
        assert_eq!(against(b"HTTP/1.1 400"), None);
    }
}

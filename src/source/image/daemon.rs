//! Images that a local Docker or Podman has, by the API of their sockets (Docker Engine API, "Export an image";
//! Podman serves the same).

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::answers::network;
use super::stream::Stream;

/// What the engine answers for: any host will do over a socket.
const HOST: &str = "http://localhost";

/// The image `reference` of the engine at `socket`.
///
/// # Errors
/// When there is no such image, or the engine does not answer.
pub(super) fn open(reference: &str, socket: &Path) -> Result<Stream, String> {
    let engine =
        Engine { socket: socket.to_owned(), path: format!("/images/{}/get", escaped(reference)) };
    // Exporting what is not there ends without a word.
    engine.get(&format!("/images/{}/json", escaped(reference)))?;
    Stream::new(Box::new(move || {
        engine
            .get(&engine.path)
            .map(|body| Box::new(body) as Box<dyn Read + Send>)
            .map_err(io::Error::other)
    }))
    .map_err(|error| error.to_string())
}

struct Engine {
    socket: PathBuf,
    path: String,
}

impl Engine {
    fn get(&self, path: &str) -> Result<reqwest::blocking::Response, String> {
        let client = reqwest::blocking::Client::builder()
            .unix_socket(self.socket.as_path())
            .timeout(None)
            .build()
            .map_err(|error| network(&error))?;
        let response =
            client.get(format!("{HOST}{path}")).send().map_err(|error| network(&error))?;
        match response.status().as_u16() {
            200 => Ok(response),
            404 => Err("it has no such image".into()),
            code => Err(format!("it answers with HTTP {code}")),
        }
    }
}

/// A name in a path: `/` and `:` stand for themselves there (Docker does not decode them in names).
fn escaped(reference: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte);
    reference
        .bytes()
        .map(
            |byte| {
                if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

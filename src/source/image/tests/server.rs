//! A server that answers as a test says, one request for each connection.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A request.
#[derive(Clone, Default)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) host: String,
    pub(super) authorization: Option<String>,
    /// Where the range begins that is asked for.
    pub(super) range: Option<usize>,
    pub(super) body: String,
}

/// What is answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Bytes of the body after which the connection ends.
    pub(super) cut: Option<usize>,
    /// How long nothing is said.
    pub(super) delay: Duration,
}

impl Answer {
    pub(super) fn ok(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
            cut: None,
            delay: Duration::ZERO,
        }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, ..Self::ok(b"") }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        std::thread::sleep(self.delay);
        write!(out, "HTTP/1.1 {} Status\r\nConnection: close\r\n", self.status)?;
        write!(out, "Content-Length: {}\r\n", self.body.len())?;
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        out.write_all(b"\r\n")?;
        out.write_all(&self.body[..self.cut.unwrap_or(self.body.len())])?;
        out.flush()
    }
}

fn read(stream: impl Read) -> io::Result<Asked> {
    let mut asked = Asked::default();
    let mut reader = BufReader::new(stream);
    let mut size = 0;
    for at in 0.. {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if at == 0 {
            let target = line.split(' ').nth(1).unwrap_or_default();
            // Who asks a mirror says for which registry, in a query.
            asked.path = target.split("?ns=").next().unwrap_or_default().to_owned();
            continue;
        }
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => size = value.parse().unwrap_or(0),
            "host" => value.clone_into(&mut asked.host),
            "authorization" => asked.authorization = Some(value.to_owned()),
            "range" => {
                let from = value.trim_start_matches("bytes=").trim_end_matches('-');
                asked.range = from.parse().ok();
            }
            _ => {}
        }
    }
    let mut body = vec![0; size];
    reader.read_exact(&mut body)?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Ok(asked)
}

/// A server on this machine. Its threads end with the process.
pub(super) struct Server {
    address: SocketAddr,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answer.clone();
                std::thread::spawn(move || {
                    // A client that went away is a part of some tests.
                    drop(read(&stream).and_then(|asked| answer(&asked).write(&mut &stream)));
                });
            }
        });
        Self { address }
    }

    pub(super) fn on_socket(
        path: &Path,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) {
        let listener = UnixListener::bind(path).unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                drop(read(&stream).and_then(|asked| answer(&asked).write(&mut &stream)));
            }
        });
    }

    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The name of an image that it has.
    pub(super) fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.host())
    }
}

//! An AWS account that moto emulates, and a proxy before it that makes trouble.

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Where tests/servers/install.sh puts it.
fn python() -> Option<PathBuf> {
    let cache =
        std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("keystrel/moto-5.2.5/bin/python")).filter(|path| path.is_file())
}

/// A server that ends with the test.
pub(super) struct Server {
    process: Child,
    stdin: Option<ChildStdin>,
    pub(super) port: u16,
    /// What is planted: ids by control.
    pub(super) planted: Value,
    /// Values that nothing may hold.
    pub(super) values: Vec<String>,
}

impl Server {
    /// An account of tests/servers/moto/serve.py; `None` where moto is missing, which is said, or fails where
    /// nothing may be left out.
    pub(super) fn start(arguments: &[&str]) -> Option<Self> {
        let Some(python) = python() else {
            let why = "left out: an AWS account (missing: moto)";
            assert!(std::env::var_os("KEYSTREL_SERVERS").is_none(), "{why}");
            // Not by a macro that the harness captures.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "{why}; see tests/servers/README.md").unwrap();
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/moto/serve.py");
        let mut process = Command::new(python)
            .arg("-B")
            .arg(script)
            .args(arguments)
            .env_remove("PYTHONPATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("the server says what it planted");
        let values = told["values"].as_array().unwrap().iter();
        Some(Self {
            process,
            stdin,
            port: told["port"].as_u64().unwrap().try_into().unwrap(),
            planted: told["planted"].clone(),
            values: values.map(|value| value.as_str().unwrap().to_owned()).collect(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What a proxy does with a request.
pub(super) enum Deed {
    /// Hands it on.
    Pass,
    /// Answers with a status and the code of an error.
    Refuse(u16, &'static str),
    /// Hands it on and sends back so many bytes of the answer.
    Cut(usize),
    /// Never answers.
    Hang,
}

type Decide = dyn Fn(&str, usize) -> Deed + Send + Sync;

/// A proxy before a server, on a port of its own.
pub(super) struct Proxy {
    pub(super) port: u16,
    pub(super) count: Arc<AtomicUsize>,
}

impl Proxy {
    /// Decides on each request by the name of its operation and how many there were before it.
    pub(super) fn start(
        to: u16,
        decide: impl Fn(&str, usize) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let decide: Arc<Decide> = Arc::new(decide);
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        // It ends with the process: nothing waits for it.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (decide, counted) = (Arc::clone(&decide), Arc::clone(&counted));
                thread::spawn(move || serve(client, to, &*decide, &counted));
            }
        });
        Self { port, count }
    }
}

/// Answers the requests of one connection.
fn serve(mut client: TcpStream, to: u16, decide: &Decide, count: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    loop {
        let (head, body) = message(&mut reader)?;
        let name = operation(&head, &body);
        let deed = decide(&name, count.fetch_add(1, Ordering::SeqCst));
        match deed {
            Deed::Hang => {
                thread::sleep(Duration::from_mins(1));
                return None;
            }
            Deed::Refuse(status, code) => {
                let is_xml = !head.contains("x-amz-target")
                    && (body.starts_with(b"Action=") || is_s3(&head));
                let body = if is_xml {
                    format!(
                        "<ErrorResponse><Error><Code>{code}</Code></Error><Code>{code}</Code></ErrorResponse>"
                    )
                } else {
                    format!("{{\"__type\":\"{code}\"}}")
                };
                let length = body.len();
                write!(client, "HTTP/1.1 {status} No\r\ncontent-length: {length}\r\n\r\n{body}")
                    .ok()?;
            }
            Deed::Pass | Deed::Cut(_) => {
                let mut server = TcpStream::connect(("127.0.0.1", to)).ok()?;
                let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
                server.write_all(head.as_bytes()).ok()?;
                server.write_all(&body).ok()?;
                let mut answer = Vec::new();
                server.read_to_end(&mut answer).ok()?;
                if let Deed::Cut(most) = deed {
                    answer.truncate(most);
                }
                client.write_all(&answer).ok()?;
                // The server has closed too.
                return None;
            }
        }
    }
}

/// Head and body of a request.
fn message(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// `secretsmanager:ListSecrets`; of REST the service, method and path.
fn operation(head: &str, body: &[u8]) -> String {
    let scope = head
        .split("Credential=")
        .nth(1)
        .and_then(|rest| rest.split('/').nth(3))
        .unwrap_or_default();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .starts_with(name)
                .then(|| line[name.len()..].trim().to_owned())
        })
    };
    let name = header("x-amz-target:")
        .map(|target| target.rsplit('.').next().unwrap_or_default().to_owned());
    let name = name.or_else(|| {
        let body = std::str::from_utf8(body).ok()?;
        Some(body.strip_prefix("Action=")?.split('&').next()?.to_owned())
    });
    let name = name.unwrap_or_else(|| head.split(' ').take(2).collect::<Vec<_>>().join(" "));
    format!("{scope}:{name}")
}

fn is_s3(head: &str) -> bool {
    head.contains("/s3/aws4_request")
}

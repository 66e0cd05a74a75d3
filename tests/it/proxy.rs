//! Stands between keystrel and a server, and spoils what it is told to.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::Client;

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// It is passed on.
    None,
    /// An answer of this status, with a body and perhaps `Retry-After`.
    Status(u16, &'static str, Option<u64>),
    /// The answer of the server, cut in half.
    Cut,
    /// The answer of the server, whole by its length but cut in half.
    Halved,
    /// No answer for so long.
    Silence(Duration),
    /// The connection ends.
    Hangup,
}

/// Decides by the name of what is asked, `GET sys/mounts`, and how often that was asked before.
pub(super) type Decide = dyn Fn(&str, usize) -> Fault + Send + Sync;

/// A header of a request, by its name in lower case.
pub(super) type Header<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a proxy stands before.
#[derive(Clone)]
pub(super) struct Upstream {
    /// `http://127.0.0.1:8200`.
    pub(super) address: String,
    pub(super) http: Client,
    /// Whether a header, in lower case, is passed on.
    pub(super) passes: fn(&str) -> bool,
    /// What a request is called, by its method, what it is sent to, and its headers.
    pub(super) name: fn(&str, &str, &Header<'_>) -> String,
}

impl Upstream {
    /// A client that asks for what it is told and nothing else.
    pub(super) fn client() -> reqwest::blocking::ClientBuilder {
        Client::builder().no_proxy().timeout(Duration::from_mins(1))
    }
}

pub(super) struct Proxy {
    pub(super) address: String,
    /// What was asked, in order.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
    decide: Arc<Mutex<Arc<Decide>>>,
    /// Most requests that were in flight together.
    pub(super) most: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    pub(super) fn start(
        upstream: Upstream,
        decide: impl Fn(&str, usize) -> Fault + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self {
            address,
            asked: Arc::default(),
            decide: Arc::new(Mutex::new(Arc::new(decide))),
            most: Arc::default(),
            stop: Arc::default(),
        };
        let seen: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let flying = Arc::new(AtomicUsize::new(0));
        let (asked, decide, most) = (proxy.asked.clone(), proxy.decide.clone(), proxy.most.clone());
        let stop = proxy.stop.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (upstream, asked, seen) = (upstream.clone(), asked.clone(), seen.clone());
                let (decide, most, flying) = (decide.clone(), most.clone(), flying.clone());
                thread::spawn(move || {
                    let each = |name: &str| {
                        asked.lock().unwrap().push(name.to_owned());
                        let mut seen = seen.lock().unwrap();
                        let count = seen.entry(name.to_owned()).or_default();
                        *count += 1;
                        let decide = decide.lock().unwrap().clone();
                        decide(name, *count - 1)
                    };
                    // What breaks off is what the test wants, or what it ends with.
                    drop(serve(&stream, &upstream, &each, (&flying, &most)));
                });
            }
        });
        proxy
    }

    /// Decides otherwise from now on.
    pub(super) fn decide(&self, decide: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) {
        *self.decide.lock().unwrap() = Arc::new(decide);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address.trim_start_matches("http://")));
    }
}

fn serve(
    stream: &TcpStream,
    upstream: &Upstream,
    each: &dyn Fn(&str) -> Fault,
    (flying, most): (&AtomicUsize, &AtomicUsize),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default().to_owned(),
            words.next().unwrap_or_default().to_owned(),
        );
        let mut headers: Vec<(String, String)> = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim().split_once(':') {
                Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let header = |name: &str| {
            headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
        };
        let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let name = (upstream.name)(&method, &target, &header);
        most.fetch_max(flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let fault = each(&name);
        let answer = |status: u16, body: &[u8], length: usize, more: &str| {
            let mut all = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n").into_bytes();
            all.extend(body);
            all
        };
        let passed = || -> (u16, Vec<u8>) {
            let address = format!("{}{target}", upstream.address);
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = upstream.http.request(method, address);
            for (name, value) in headers.iter().filter(|(name, _)| (upstream.passes)(name)) {
                request = request.header(name, value);
            }
            match request.body(body.clone()).send() {
                Ok(response) => {
                    (response.status().as_u16(), response.bytes().unwrap_or_default().to_vec())
                }
                Err(_) => (502, Vec::new()),
            }
        };
        let bytes = match fault {
            Fault::None => {
                let (status, body) = passed();
                Some(answer(status, &body, body.len(), ""))
            }
            Fault::Status(status, body, wait) => {
                let more =
                    wait.map_or(String::new(), |seconds| format!("retry-after: {seconds}\r\n"));
                Some(answer(status, body.as_bytes(), body.len(), &more))
            }
            Fault::Halved => {
                let (status, body) = passed();
                let half = &body[..body.len() / 2];
                Some(answer(status, half, half.len(), ""))
            }
            Fault::Cut => {
                let (status, body) = passed();
                Some(answer(status, &body[..body.len() / 2], body.len(), ""))
            }
            Fault::Silence(time) => {
                thread::sleep(time);
                None
            }
            Fault::Hangup => None,
        };
        flying.fetch_sub(1, Ordering::SeqCst);
        match bytes {
            Some(bytes) => stream.write_all(&bytes)?,
            None => return stream.shutdown(std::net::Shutdown::Both),
        }
        if fault == Fault::Cut {
            return stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

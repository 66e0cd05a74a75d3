//! A server on this machine that speaks the REST of Google's APIs, as far as they are asked, with one world behind it.
//!
//! Shapes are those of the discovery documents and protocol buffers of the APIs. It pages, checks the token and the
//! permission of each call, and makes the trouble that a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::routes::{How, find};

/// The token that is taken.
pub(super) const TOKEN: &str = "planted-token";

/// What there is: by API and path, with ids of projects.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// Numbers of projects, by id.
    pub(super) numbers: BTreeMap<String, String>,
    pub(super) objects: BTreeMap<String, Value>,
    pub(super) lists: BTreeMap<String, Vec<Value>>,
    pub(super) policies: BTreeMap<String, Value>,
    pub(super) entries: Vec<Value>,
    /// APIs that are switched off: the API, and the consumer that an error names.
    pub(super) off: BTreeMap<String, String>,
    /// Most items of a page; 0 for as many as are asked for.
    pub(super) page: usize,
}

impl World {
    pub(super) fn object(&mut self, api: &str, path: &str, value: Value) {
        self.objects.insert(format!("{api} {path}"), value);
    }

    pub(super) fn list(&mut self, api: &str, path: &str, items: Vec<Value>) {
        self.lists.entry(format!("{api} {path}")).or_default().extend(items);
    }

    pub(super) fn policy(&mut self, name: &str, value: Value) {
        self.policies.insert(name.to_owned(), value);
    }

    /// A path with ids where it has numbers of projects.
    fn plain(&self, path: &str) -> String {
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        for index in 1..parts.len() {
            if parts[index - 1] == "projects" {
                let number = parts[index].split(':').next().unwrap().to_owned();
                if let Some((id, _)) = self.numbers.iter().find(|(_, known)| **known == number) {
                    parts[index] = parts[index].replacen(&number, id, 1);
                }
            }
        }
        parts.join("/")
    }
}

/// What is done with a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// Answers.
    Pass,
    /// Answers with a status and the code of an error.
    Refuse(u16, &'static str),
    /// Sends so many bytes of the answer, and ends the connection.
    Cut(usize),
    /// Sends so many bytes of the body, as if they were all.
    Halve,
    /// Answers with things of other types than they have, by chance from this seed.
    Odd(u64),
    /// Never answers.
    Hang,
}

type Decide = dyn Fn(&Asked, usize) -> Deed + Send + Sync;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The permission that it needs.
    pub(super) permission: String,
    /// With its query, as it came.
    pub(super) path: String,
}

/// A server that runs until the process ends.
pub(super) struct Server {
    pub(super) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    world: World,
    granted: Option<BTreeSet<String>>,
    decide: Box<Decide>,
    asked: Mutex<Vec<Asked>>,
    strange: Mutex<Vec<String>>,
    /// Assets, by what is asked of them: put together once.
    assets: Mutex<BTreeMap<String, Arc<Vec<Value>>>>,
}

impl Server {
    /// All is allowed and answered.
    pub(super) fn start(world: World) -> Self {
        Self::with(world, None, |_, _| Deed::Pass)
    }

    /// Only what is granted is allowed; `decide` makes trouble.
    pub(super) fn with(
        world: World,
        granted: Option<BTreeSet<String>>,
        decide: impl Fn(&Asked, usize) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            world,
            granted,
            decide: Box::new(decide),
            asked: Mutex::default(),
            strange: Mutex::default(),
            assets: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || drop(serve(&shared, stream)));
            }
        });
        Self { port, shared }
    }

    /// What was asked, without what no route has.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Requests that no API would answer.
    pub(super) fn strange(&self) -> Vec<String> {
        self.shared.strange.lock().unwrap().clone()
    }
}

fn serve(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let (mut login, mut length) = (String::new(), 0_usize);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? < 3 {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "authorization" => value.trim().clone_into(&mut login),
                "content-length" => length = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (deed, status, answer) = shared.answer(method, target, &login, &body);
        let text = answer.to_string();
        let whole = |text: &str| {
            format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
                text.len()
            )
        };
        match deed {
            Deed::Hang => loop {
                thread::sleep(Duration::from_hours(1));
            },
            Deed::Cut(most) => {
                let whole = whole(&text);
                stream.write_all(&whole.as_bytes()[..most.min(whole.len())])?;
                return Ok(());
            }
            Deed::Halve => stream.write_all(whole(&text[..text.len() / 2]).as_bytes())?,
            Deed::Odd(seed) => {
                let mut answer = answer;
                confuse(&mut answer, &mut (seed + target.len() as u64));
                stream.write_all(whole(&answer.to_string()).as_bytes())?;
            }
            Deed::Pass | Deed::Refuse(..) => stream.write_all(whole(&text).as_bytes())?,
        }
    }
}

impl Shared {
    fn answer(&self, method: &str, target: &str, login: &str, body: &Value) -> (Deed, u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (api, path) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        // Slashes within a segment stay escaped, as of points to which deny policies are attached.
        let path = unescape(&path.replace("%2F", "%252F"));
        let Some((_, _, _, permission, how)) = find(api, method, &path) else {
            self.strange.lock().unwrap().push(format!("{method} {target}"));
            return (Deed::Pass, 404, json!({"error": {"code": 404, "message": "no such route"}}));
        };
        let query: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), unescape(&value.replace('+', " "))))
            .collect();
        let mut permission = (*permission).to_owned();
        if *how == How::Assets && query.get("contentType").is_some_and(|kind| kind == "IAM_POLICY")
        {
            "cloudasset.assets.listIamPolicy".clone_into(&mut permission);
        }
        let asked = Asked { permission: permission.clone(), path: target.to_owned() };
        let count = {
            let mut all = self.asked.lock().unwrap();
            all.push(asked.clone());
            all.len() - 1
        };
        let deed = (self.decide)(&asked, count);
        if let Deed::Refuse(status, code) = deed {
            return (deed, status, error(status, code));
        }
        if login != format!("Bearer {TOKEN}") {
            return (deed, 401, error(401, "UNAUTHENTICATED"));
        }
        if let Some(consumer) = self.world.off.get(api) {
            let mut error = error(403, "PERMISSION_DENIED");
            error["error"]["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com", "metadata": {"service": format!("{api}.googleapis.com"), "consumer": consumer},
            }]);
            return (deed, 403, error);
        }
        if !permission.is_empty()
            && self.granted.as_ref().is_some_and(|granted| !granted.contains(&permission))
        {
            return (deed, 403, error(403, "PERMISSION_DENIED"));
        }
        let key = format!("{api} {}", self.world.plain(&path));
        let (status, answer) = self.found(*how, &key, &path, &query, body);
        (deed, status, answer)
    }

    fn found(
        &self,
        how: How,
        key: &str,
        path: &str,
        query: &BTreeMap<String, String>,
        body: &Value,
    ) -> (u16, Value) {
        let world = &self.world;
        match how {
            How::Object => match world.objects.get(key) {
                Some(object) => (200, object.clone()),
                None => (404, error(404, "NOT_FOUND")),
            },
            How::Verify => match world.objects.get(key) {
                Some(_) => (400, error(400, "FAILED_PRECONDITION")),
                None => (200, json!({})),
            },
            How::List(field, size) => {
                let beside = ["parent", "cryptoKey"].iter().find_map(|name| query.get(*name));
                let key = beside.map_or_else(|| key.to_owned(), |beside| format!("{key}?{beside}"));
                if path.ends_with("/keys") && path.contains("/serviceAccounts/") {
                    assert_eq!(query.get("keyTypes").map(String::as_str), Some("USER_MANAGED"));
                }
                let items = world.lists.get(&key).map_or(&[][..], Vec::as_slice);
                (200, page(items, field, size, world.page, query))
            }
            How::Policy => {
                let version = query.get("options.requestedPolicyVersion").map(String::as_str);
                let asked = body["options"]["requestedPolicyVersion"].as_i64();
                assert!(
                    version == Some("3") || asked == Some(3),
                    "{path}: conditions are left out"
                );
                let plain = world.plain(path.split(':').next().unwrap());
                let name = plain.split_once('/').unwrap().1;
                (200, world.policies.get(name).cloned().unwrap_or_else(|| json!({"etag": "ACAB"})))
            }
            How::Entries => {
                let filter = body["filter"].as_str().unwrap();
                let fits = |entry: &&Value| {
                    let payload = &entry["protoPayload"];
                    let method = payload["methodName"].as_str().unwrap();
                    let name = payload["resourceName"].as_str().unwrap();
                    let wanted = filter.split("resourceName:\"").nth(1);
                    filter.contains(&format!("\"{method}\""))
                        && wanted
                            .is_none_or(|wanted| name.contains(wanted.split('"').next().unwrap()))
                        && body["resourceNames"][0] == entry["project"]
                };
                let found: Vec<Value> = world.entries.iter().filter(fits).cloned().collect();
                let size = body["pageSize"].as_u64().unwrap().to_string();
                let token = body["pageToken"].as_str().unwrap_or_default().to_owned();
                let query =
                    BTreeMap::from([("pageSize".into(), size), ("pageToken".into(), token)]);
                (200, page(&found, "entries", "pageSize", world.page, &query))
            }
            How::Series => {
                let kind = if query["filter"].contains("net_usage") { "usage" } else { "limit" };
                let items =
                    world.lists.get(&format!("{key}#{kind}")).map_or(&[][..], Vec::as_slice);
                (200, page(items, "timeSeries", "pageSize", world.page, query))
            }
            How::Assets => (200, self.assets(key, query)),
        }
    }

    /// What Cloud Asset Inventory says of secrets, of which all is there already.
    fn assets(&self, key: &str, query: &BTreeMap<String, String>) -> Value {
        let content = format!("{} {}", query["contentType"], query["assetTypes"]);
        let mut kept = self.assets.lock().unwrap();
        let assets = kept
            .entry(format!("{key} {content}"))
            .or_insert_with(|| Arc::new(self.all_assets(key, &content)));
        page(assets, "assets", "pageSize", self.world.page, query)
    }

    fn all_assets(&self, key: &str, content: &str) -> Vec<Value> {
        let world = &self.world;
        let project = key.split('/').nth(2).unwrap();
        let is_of_keys = content.contains("cloudkms");
        let (host, api, parts) = if is_of_keys {
            ("cloudkms.googleapis.com", "cloudkms", "cryptoKeyVersions")
        } else {
            ("secretmanager.googleapis.com", "secretmanager", "versions")
        };
        let base = format!("{api} v1/projects/{project}/");
        let end = if is_of_keys { "/cryptoKeys" } else { "/secrets" };
        let listings =
            world.lists.iter().filter(|(key, _)| key.starts_with(&base) && key.ends_with(end));
        let mut assets = Vec::new();
        for whole in listings.flat_map(|(_, items)| items) {
            let own = whole["name"].as_str().unwrap();
            let plain = world.plain(own);
            let name = |path: &str| format!("//{host}/{path}");
            if content.starts_with("IAM_POLICY") {
                if let Some(policy) = world.policies.get(&plain) {
                    assets.push(json!({"name": name(own), "iamPolicy": policy}));
                }
                continue;
            }
            assets.push(json!({"name": name(own), "resource": {"data": whole}}));
            let versions = world.lists.get(&format!("{api} v1/{plain}/{parts}"));
            for version in versions.into_iter().flatten() {
                let own = version["name"].as_str().unwrap();
                assets.push(json!({"name": name(own), "resource": {"data": version}}));
            }
        }
        assets
    }
}

fn page(
    items: &[Value],
    field: &str,
    size: &str,
    most: usize,
    query: &BTreeMap<String, String>,
) -> Value {
    let start: usize = query.get("pageToken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let wanted = query.get(size).and_then(|size| size.parse().ok());
    let size = match (wanted, size) {
        (_, "") => items.len(),
        (wanted, _) => wanted.unwrap_or(100).min(if most == 0 { usize::MAX } else { most }),
    };
    let end = (start + size.max(1)).min(items.len());
    let shown = &items[start.min(end)..end];
    let mut page = json!({});
    // Empty lists are left out, as all defaults are.
    if !shown.is_empty() {
        page[field] = shown.to_vec().into();
    }
    if end < items.len() {
        page["nextPageToken"] = end.to_string().into();
    }
    page
}

/// Makes every tenth thing another: a number of a text, a text of an object...
fn confuse(value: &mut Value, seed: &mut u64) {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    if (*seed >> 33).is_multiple_of(10) {
        *value = match value {
            Value::String(_) => json!(7),
            Value::Number(_) | Value::Bool(_) => json!(["x"]),
            Value::Array(_) => json!({"a": {"b": "c"}}),
            Value::Object(_) => json!("x"),
            Value::Null => json!({}),
        };
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| confuse(item, seed)),
        Value::Object(fields) => fields.values_mut().for_each(|field| confuse(field, seed)),
        _ => {}
    }
}

fn error(status: u16, code: &str) -> Value {
    json!({"error": {"code": status, "status": code, "message": "the private words of an error"}})
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

//! Registries that answer as they should, and as they should not.
#![cfg(feature = "registry")]

mod server;

use std::io::{self, Read as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;
use server::{Answer, Asked, Server};

fn digest(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}

/// A registry that has one image, of one layer.
struct Held {
    manifest: Vec<u8>,
    config: Vec<u8>,
    layer: Vec<u8>,
}

impl Held {
    fn new() -> Self {
        let layer: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let config = br#"{"os":"linux","architecture":"amd64","config":{"Env":["A=1"]}}"#.to_vec();
        let describe = |bytes: &[u8]| {
            json!({ "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest(bytes), "size": bytes.len() })
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": describe(&config),
            "layers": [describe(&layer)],
        });
        Self { manifest: manifest.to_string().into_bytes(), config, layer }
    }

    /// What a registry should answer.
    fn answer(&self, asked: &Asked) -> Answer {
        let blob = |bytes: &[u8]| {
            let end = format!("/blobs/{}", digest(bytes));
            asked.path.ends_with(&end)
        };
        if asked.path == "/v2/" {
            Answer::ok(b"{}")
        } else if asked.path.contains("/manifests/") {
            Answer::ok(&self.manifest)
                .header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
                .header("Docker-Content-Digest", &digest(&self.manifest))
        } else if blob(&self.config) {
            Answer::ok(&self.config)
        } else if blob(&self.layer) {
            match asked.range {
                Some(from) => Answer { status: 206, ..Answer::ok(&self.layer[from..]) },
                None => Answer::ok(&self.layer),
            }
        } else {
            Answer::status(404)
        }
    }
}

fn options(access: Access) -> Options {
    let patience = Patience {
        retries: 3,
        pause: Duration::from_millis(5),
        silence: Duration::from_millis(400),
    };
    Options { access: Access { patience, ..access }, ..Options::default() }
}

/// The layer of the image at `server`, or why there is none.
fn pull(reference: &str, access: Access) -> Result<Vec<u8>, String> {
    let target = Target::Named(reference.to_owned());
    let found = open(&target, &options(access)).map_err(|error| error.to_string())?;
    assert_eq!(found.images.len(), 1, "{:?}", found.skipped);
    let image = &found.images[0];
    assert_eq!(image.config.env, ["A=1"]);
    let read = Mutex::new(Err("it was not visited".to_owned()));
    found.blobs.each(&image.layers, &|at, reader| {
        let bytes = reader.and_then(|reader| {
            let mut bytes = Vec::new();
            Verified::new(reader, &image.layers[at]).read_to_end(&mut bytes).map(|_| bytes)
        });
        *read.lock().unwrap() = bytes.map_err(|error: io::Error| error.to_string());
    });
    read.into_inner().unwrap()
}

#[test]
fn an_image_is_read_from_its_registry() {
    let held = Held::new();
    let expected = held.layer.clone();
    let server = Server::start(move |asked| held.answer(asked));
    assert_eq!(pull(&server.image("demo/app:1"), Access::default()).unwrap(), expected);
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_ended() {
    for takes_ranges in [true, false] {
        let held = Held::new();
        let expected = held.layer.clone();
        let (tries, size) = (AtomicUsize::new(0), held.layer.len());
        let server = Server::start(move |asked| {
            let mut asked = asked.clone();
            if !takes_ranges {
                asked.range = None;
            }
            let answer = held.answer(&asked);
            // All but the third time something is missing.
            let is_layer = answer.body.len() > 100_000;
            if is_layer && tries.fetch_add(1, Ordering::SeqCst) < 2 {
                return Answer { cut: Some(answer.body.len() - size / 3), ..answer };
            }
            answer
        });
        let read = pull(&server.image("demo/app:1"), Access::default());
        assert_eq!(read.unwrap(), expected, "ranges: {takes_ranges}");
    }
}

#[test]
fn what_never_comes_to_its_end_is_an_error() {
    let held = Held::new();
    let server = Server::start(move |asked| {
        let answer = held.answer(asked);
        let cut = (answer.body.len() > 10_000).then_some(1000);
        Answer { cut, ..answer }
    });
    let why = pull(&server.image("demo/app:1"), Access::default()).unwrap_err();
    assert!(why.contains("error") || why.contains("breaks off"), "{why}");
}

#[test]
fn content_of_another_digest_is_refused_at_once() {
    let held = Held::new();
    let asked_for_layer = std::sync::Arc::new(AtomicUsize::new(0));
    let count = asked_for_layer.clone();
    let server = Server::start(move |asked| {
        let mut answer = held.answer(asked);
        if answer.body.len() > 100_000 {
            count.fetch_add(1, Ordering::SeqCst);
            answer.body[70_000] ^= 1;
        }
        answer
    });
    let why = pull(&server.image("demo/app:1"), Access::default()).unwrap_err();
    assert!(why.to_lowercase().contains("digest"), "{why}");
    assert_eq!(asked_for_layer.load(Ordering::SeqCst), 1);
}

#[test]
fn a_manifest_of_another_digest_than_asked_for_is_refused() {
    let held = Held::new();
    let server = Server::start(move |asked| held.answer(asked));
    let name = format!("demo/app@{}", digest(b"other"));
    let why = pull(&server.image(&name), Access::default()).unwrap_err();
    assert!(why.contains("other content"), "{why}");
}

#[test]
fn a_registry_that_is_busy_is_asked_again_and_one_that_stays_so_is_named() {
    for code in [429, 500, 503] {
        let held = Held::new();
        let expected = held.layer.clone();
        let count = AtomicUsize::new(0);
        let server = Server::start(move |asked| {
            if count.fetch_add(1, Ordering::SeqCst) % 3 < 2 {
                return Answer::status(code);
            }
            held.answer(asked)
        });
        let read = pull(&server.image("demo/app:1"), Access::default());
        assert_eq!(read.unwrap(), expected, "{code}");
        let server = Server::start(move |_| Answer::status(code));
        let why = pull(&server.image("demo/app:1"), Access::default()).unwrap_err();
        assert!(why.contains(&code.to_string()), "{why}");
    }
}

#[test]
fn a_registry_that_says_nothing_is_not_waited_for_forever() {
    let server = Server::start(|_| Answer { delay: Duration::from_secs(20), ..Answer::ok(b"{}") });
    let access = Access::default();
    let began = std::time::Instant::now();
    let why = pull(&server.image("demo/app:1"), access).unwrap_err();
    assert!(why.contains("in time"), "{why}");
    assert!(began.elapsed() < Duration::from_secs(15));
}

/// A file of logins, for `host`.
fn logins(host: &str, login: &str) -> (tempfile::TempDir, Access) {
    use base64::Engine as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let auth = base64::engine::general_purpose::STANDARD.encode(login);
    let config = json!({ "auths": { host: { "auth": auth } } });
    std::fs::write(&path, config.to_string()).unwrap();
    let missing = directory.path().join("none.json");
    (directory, Access { credentials: vec![missing, path], ..Access::default() })
}

fn basic(login: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login))
}

#[test]
fn a_login_is_given_to_who_asks_for_one() {
    let held = Held::new();
    let expected = held.layer.clone();
    let server = Server::start(move |asked| {
        if asked.authorization == Some(basic("ada:lovelace")) {
            held.answer(asked)
        } else {
            Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"")
        }
    });
    let (_kept, access) = logins(&server.host(), "ada:lovelace");
    assert_eq!(pull(&server.image("demo/app:1"), access).unwrap(), expected);
    let (_kept, wrong) = logins(&server.host(), "ada:byron");
    for access in [Access::default(), wrong] {
        let why = pull(&server.image("demo/app:1"), access).unwrap_err();
        assert!(why.contains("login"), "{why}");
        assert!(!why.contains("byron"), "{why}");
    }
}

#[test]
fn a_token_is_fetched_where_the_registry_says() {
    let held = Held::new();
    let expected = held.layer.clone();
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/token") {
            if asked.authorization.as_ref().is_some_and(|given| *given != basic("ada:lovelace")) {
                return Answer::status(401);
            }
            return Answer::ok(br#"{"token":"the-token","expires_in":300}"#);
        }
        if asked.authorization.as_deref() == Some("Bearer the-token") {
            return held.answer(asked);
        }
        let realm = format!("Bearer realm=\"http://{}/token\",service=\"registry\"", asked.host);
        Answer::status(401).header("WWW-Authenticate", &realm)
    });
    assert_eq!(pull(&server.image("demo/app:1"), Access::default()).unwrap(), expected);
    let (_kept, access) = logins(&server.host(), "ada:lovelace");
    assert_eq!(pull(&server.image("demo/app:1"), access).unwrap(), expected);
    let (_kept, access) = logins(&server.host(), "ada:byron");
    let why = pull(&server.image("demo/app:1"), access).unwrap_err();
    assert!(!why.contains("byron"), "{why}");
}

/// What `docker login` keeps of Azure's registries.
#[test]
fn an_identity_token_is_exchanged_at_the_token_service() {
    let held = Held::new();
    let expected = held.layer.clone();
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/oauth2/token") {
            let is_it = [
                ("grant_type", "refresh%5Ftoken"),
                ("scope", "repository%3Ademo%2Fapp%3Apull"),
                ("refresh_token", "example"),
            ]
            .iter()
            .all(|field| asked.body.split('&').any(|given| given.split_once('=') == Some(*field)));
            return if is_it {
                Answer::ok(br#"{"access_token":"the-token"}"#)
            } else {
                Answer::status(401)
            };
        }
        if asked.authorization.as_deref() == Some("Bearer the-token") {
            return held.answer(asked);
        }
        let realm = format!("Bearer realm=\"http://{}/oauth2/token\",service=\"{0}\"", asked.host);
        Answer::status(401).header("WWW-Authenticate", &realm)
    });
    let access = |token: &str| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let login = json!({ "auth": "", "identitytoken": token });
        std::fs::write(&path, json!({ "auths": { server.host(): login } }).to_string()).unwrap();
        (directory, Access { credentials: vec![path], ..Access::default() })
    };
    let (_kept, right) = access("example");
    assert_eq!(pull(&server.image("demo/app:1"), right).unwrap(), expected);
    let (_kept, wrong) = access("another-one");
    let why = pull(&server.image("demo/app:1"), wrong).unwrap_err();
    assert!(why.contains("HTTP 401") && !why.contains("another-one"), "{why}");
}

#[test]
fn the_login_of_the_nearest_namespace_counts() {
    use base64::Engine as _;
    let held = Held::new();
    let expected = held.layer.clone();
    let server = Server::start(move |asked| {
        let user = if asked.path.contains("/demo/app/") { "app" } else { "demo" };
        if asked.authorization == Some(basic(&format!("{user}:word"))) || asked.path == "/v2/" {
            let challenge = asked.path == "/v2/" && asked.authorization.is_none();
            if !challenge {
                return held.answer(asked);
            }
        }
        Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"")
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("auth.json");
    let auth = |user: &str| {
        let login = base64::engine::general_purpose::STANDARD.encode(format!("{user}:word"));
        json!({ "auth": login })
    };
    let host = server.host();
    let auths = json!({ host.as_str(): auth("all"), format!("{host}/demo"): auth("demo"), format!("{host}/demo/app"): auth("app") });
    std::fs::write(&path, json!({ "auths": auths }).to_string()).unwrap();
    for name in ["demo/app:1", "demo/other:1"] {
        let access = Access { credentials: vec![path.clone()], ..Access::default() };
        assert_eq!(pull(&server.image(name), access).as_ref(), Ok(&expected), "{name}");
    }
    let access = Access { credentials: vec![path], ..Access::default() };
    assert!(pull(&server.image("demos/other:1"), access).unwrap_err().contains("login"));
}

#[test]
fn a_scheme_that_is_not_known_is_an_error() {
    let server = Server::start(|_| Answer::status(401).header("WWW-Authenticate", "Negotiate"));
    let why = pull(&server.image("demo/app:1"), Access::default()).unwrap_err();
    assert!(why.contains("login"), "{why}");
}

#[test]
fn a_mirror_is_asked_first_and_its_registry_where_it_fails() {
    let held = Held::new();
    let expected = held.layer.clone();
    let mirror = Server::start(move |asked| held.answer(asked));
    let origin = Server::start(|_| Answer::status(404));
    let access =
        |host: String| Access { mirrors: vec![(origin.host(), host)], ..Access::default() };
    let image = origin.image("demo/app:1");
    assert_eq!(pull(&image, access(mirror.host())).unwrap(), expected);
    let why = pull(&image, access(origin.host())).unwrap_err();
    assert!(why.contains("no such image"), "{why}");
    assert_eq!(pull(&mirror.image("demo/app:1"), access(origin.host())).unwrap(), expected);
}

#[test]
fn what_no_registry_has_is_asked_of_the_engines_of_this_machine() {
    let layer = b"content of the layer".repeat(5000);
    let archive = {
        let mut builder = tar::Builder::new(Vec::new());
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","config":{{"Env":["A=1"]}},"rootfs":{{"diff_ids":["{}"]}}}}"#,
            digest(&layer)
        );
        let manifest = br#"[{"Config":"c.json","RepoTags":null,"Layers":["l/layer.tar"]}]"#;
        let files = [
            ("l/layer.tar", &layer[..]),
            ("c.json", config.as_bytes()),
            ("manifest.json", manifest),
        ];
        for (name, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, bytes).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("docker.sock");
    Server::on_socket(&socket, move |asked| match asked.path.as_str() {
        path if path.ends_with("demo/app:1/json") => Answer::ok(b"{}"),
        path if path.ends_with("demo/app:1/get") => Answer::ok(&archive),
        _ => Answer::status(404),
    });
    let registry = Server::start(|_| Answer::status(404));
    let access = Access {
        sockets: vec![directory.path().join("none.sock"), socket.clone()],
        ..Access::default()
    };
    assert_eq!(pull(&registry.image("demo/app:1"), access.clone()).unwrap(), layer);
    let why = pull(&registry.image("demo/other:1"), access).unwrap_err();
    assert_eq!(why.matches("no such image").count(), 2, "{why}");
}

//! Logins by Application Default Credentials: federation of workloads, with and without an account that is acted as, and
//! what is told when they are refused.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::server::{Server, TOKEN};
use super::{command, world};

/// Gives tokens as the Security Token Service and the IAM Credentials API do, or refuses; keeps what it was asked.
fn issuer(status: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut text = String::new();
            let mut part = [0; 4096];
            // The head and the body may come apart.
            loop {
                let count = stream.read(&mut part).unwrap();
                text.push_str(&String::from_utf8_lossy(&part[..count]));
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                let length = head.to_ascii_lowercase();
                let length = length
                    .split("content-length: ")
                    .nth(1)
                    .map(|rest| rest.lines().next().unwrap().to_owned());
                if count == 0
                    || length.is_some_and(|length| body.len() >= length.trim().parse().unwrap())
                {
                    break;
                }
            }
            let answer = if status != 200 {
                json!({"error": "invalid_grant", "error_description": "hidden words"})
            } else if text.contains(":generateAccessToken") {
                json!({"accessToken": TOKEN, "expireTime": world::ago(-1)})
            } else {
                json!({
                    "access_token": if text.contains("acted-as") { "federated" } else { TOKEN }, "expires_in": 3600,
                    "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                })
            };
            seen.lock().unwrap().push(text);
            let body = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    (port, log)
}

/// Collects the shop with a file of credentials.
fn collect(port: u16, home: &Path, credentials: &serde_json::Value) -> Output {
    let file = home.join("credentials.json");
    std::fs::write(&file, credentials.to_string()).unwrap();
    command(port, home)
        .env("GOOGLE_APPLICATION_CREDENTIALS", &file)
        .args(["collect", "gcp:shop", "--deadline", "60"])
        .output()
        .unwrap()
}

/// Credentials of a workload whose identity is a file.
fn federated(home: &Path, issuer: u16, audience: &str) -> serde_json::Value {
    let subject = home.join("subject");
    std::fs::write(&subject, "signed-by-somebody").unwrap();
    json!({
        "type": "external_account",
        "audience": format!("//iam.googleapis.com/projects/415/locations/global/workloadIdentityPools/ci/providers/{audience}"),
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("http://127.0.0.1:{issuer}/v1/token"),
        "credential_source": {"file": subject},
    })
}

#[test]
fn a_workload_logs_in_by_federation() {
    let server = Server::start(world::good());
    let home = tempfile::tempdir().unwrap();
    let (port, log) = issuer(200);
    let output = collect(server.port, home.path(), &federated(home.path(), port, "github"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(log.lock().unwrap()[0].contains("signed-by-somebody"));
    assert!(server.asked().len() > 50);
}

#[test]
fn a_workload_may_act_as_an_account() {
    let server = Server::start(world::good());
    let home = tempfile::tempdir().unwrap();
    let (port, log) = issuer(200);
    let mut credentials = federated(home.path(), port, "acted-as");
    credentials["service_account_impersonation_url"] =
        format!("http://127.0.0.1:{port}/v1/projects/-/serviceAccounts/auditor@shop.iam.gserviceaccount.com:generateAccessToken").into();
    let output = collect(server.port, home.path(), &credentials);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let log = log.lock().unwrap();
    assert!(
        log.iter()
            .any(|asked| asked.contains(":generateAccessToken")
                && asked.contains("Bearer federated"))
    );
}

#[test]
fn a_user_logs_in_by_the_file_of_gcloud() {
    let server = Server::start(world::good());
    let home = tempfile::tempdir().unwrap();
    let (port, log) = issuer(200);
    let refresh = ["refresh", "planted"].join("-");
    let credentials = json!({
        "type": "authorized_user", "client_id": "gcloud", "client_secret": "public", "refresh_token": refresh,
        "token_uri": format!("http://127.0.0.1:{port}/token"), "quota_project_id": "shop",
    });
    // Where `gcloud auth application-default login` writes it.
    let directory = home.path().join(".config/gcloud");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("application_default_credentials.json"), credentials.to_string())
        .unwrap();
    let output = command(server.port, home.path())
        .args(["collect", "gcp:shop", "--deadline", "60"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(log.lock().unwrap().iter().any(|asked| asked.contains(&refresh)));
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&refresh));
}

#[test]
fn a_refusal_is_told_without_its_words() {
    let server = Server::start(world::good());
    let home = tempfile::tempdir().unwrap();
    let (port, _) = issuer(400);
    let output = collect(server.port, home.path(), &federated(home.path(), port, "github"));
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the login is refused (invalid_grant)"), "{said}");
    assert!(!said.contains("hidden words") && !said.contains("signed-by-somebody"), "{said}");
    let output = collect(
        server.port,
        home.path(),
        &json!({"type": "made-up", "private_key": "hidden words"}),
    );
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot log in to GCP") && !said.contains("hidden words"), "{said}");
    assert_eq!(server.asked().len(), 0);
}

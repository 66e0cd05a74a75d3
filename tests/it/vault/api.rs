//! Speaks to a server, to plant things.

use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Method};
use serde_json::Value;

pub(super) struct Api {
    http: Client,
    base: String,
    token: String,
    namespace: String,
}

impl Api {
    pub(super) fn new(address: &str, token: &str, authority: Option<&Path>) -> Self {
        let mut builder = ClientBuilder::new().no_proxy().timeout(Duration::from_mins(1));
        if let Some(path) = authority {
            let pem = std::fs::read(path).unwrap();
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem).unwrap());
        }
        Self {
            http: builder.build().unwrap(),
            base: format!("{address}/v1/"),
            token: token.to_owned(),
            namespace: String::new(),
        }
    }

    /// The same in a namespace.
    pub(super) fn within(&self, namespace: &str) -> Self {
        Self {
            http: self.http.clone(),
            base: self.base.clone(),
            token: self.token.clone(),
            namespace: namespace.to_owned(),
        }
    }

    /// The same with another token.
    pub(super) fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.within(&self.namespace) }
    }

    /// The status and what is answered.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("x-vault-token", &self.token);
        }
        if !self.namespace.is_empty() {
            request = request.header("x-vault-namespace", &self.namespace);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let response = request.send().unwrap();
        let status = response.status().as_u16();
        let text = response.text().unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// What an answer is wrapped in, for 500 hours.
    pub(super) fn wrapped(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base));
        let request =
            request.header("x-vault-token", &self.token).header("x-vault-wrap-ttl", "500h");
        serde_json::from_str(&request.body(body.to_string()).send().unwrap().text().unwrap())
            .unwrap()
    }

    /// Writes something, which has to work.
    pub(super) fn post(&self, path: &str, body: &Value) -> Value {
        loop {
            let (status, answer) = self.ask("POST", path, Some(body));
            // A new mount of KV needs a moment.
            if status == 400 && answer.to_string().contains("Upgrading from non-versioned") {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
            return answer;
        }
    }

    /// Reads something that is there.
    pub(super) fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, None);
        assert!((200..300).contains(&status), "GET {path}: {status} {answer}");
        answer
    }
}

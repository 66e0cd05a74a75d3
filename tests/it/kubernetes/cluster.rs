//! kube-apiserver and etcd: started by tests/servers/kubernetes, ended with the test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::quiet;
use crate::proxy::{Fault, Header, Proxy, Upstream};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/kubernetes");

pub(super) struct Cluster {
    directory: TempDir,
    programs: PathBuf,
}

impl Cluster {
    /// A cluster; None if it is not installed, which is said, or fails where no test may be left out.
    pub(super) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let why = "left out: Kubernetes (missing: kube-apiserver)";
            assert!(std::env::var_os("KEYSTREL_SERVERS").is_none(), "{why}");
            // Not by a macro that the harness captures.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "{why}; see tests/servers/README.md").unwrap();
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let cluster = Self { directory, programs };
        cluster.script("start.sh", &[cluster.directory.path()]);
        Some(cluster)
    }

    fn script(&self, name: &str, args: &[&Path]) {
        let mut command = Command::new("sh");
        command.arg(format!("{SCRIPTS}/{name}")).args(args).stdin(Stdio::null());
        // What it leaves running keeps its pipes open, so that there are none.
        let log = self.directory.path().join(format!("{name}.log"));
        let file = std::fs::File::create(&log).unwrap();
        let status = command.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
        assert!(status.success(), "{name}: {}", std::fs::read_to_string(&log).unwrap());
    }

    fn kubeconfig(&self) -> PathBuf {
        self.directory.path().join("kubeconfig")
    }

    /// Plants what planted.tsv lists.
    pub(super) fn seed(&self) {
        self.script("seed.sh", &[&self.kubeconfig()]);
    }

    pub(super) fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Where a file of the cluster is.
    pub(super) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs keystrel with the logins of the cluster.
    pub(super) fn keystrel(&self, args: &[&str]) -> Output {
        let mut command =
            quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), self.directory.path());
        command.env("KUBECONFIG", self.kubeconfig()).args(args).output().unwrap()
    }

    /// The address of the API server, and the administrator's token.
    pub(super) fn admin(&self) -> (String, String) {
        let text = std::fs::read_to_string(self.kubeconfig()).unwrap();
        let after = |text: &str, mark: &str| {
            let rest = text.split_once(mark).unwrap().1;
            rest.split(['\n', '}']).next().unwrap().trim().to_owned()
        };
        let (_, users) = text.split_once("users:").unwrap();
        (after(&text, "server:"), after(users, "token:"))
    }

    /// A client that trusts the API server.
    pub(super) fn http(&self) -> reqwest::blocking::Client {
        let pem = std::fs::read(self.directory.path().join("certs/apiserver.crt")).unwrap();
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap();
        Upstream::client().tls_certs_only(certificates).build().unwrap()
    }

    /// A proxy before the API server, which decides by paths: `/api/v1/secrets`, with ` next` for another page than
    /// the first, and ` anonymous` for what is asked without a login.
    pub(super) fn proxy(
        &self,
        decide: impl Fn(&str, usize) -> Fault + Send + Sync + 'static,
    ) -> Proxy {
        let name = |_: &str, target: &str, header: &Header<'_>| {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let next = if query.contains("continue=") { " next" } else { "" };
            let anonymous = if header("authorization").is_none() { " anonymous" } else { "" };
            format!("{path}{next}{anonymous}")
        };
        let upstream = Upstream {
            address: self.admin().0,
            http: self.http(),
            passes: |header| matches!(header, "accept" | "authorization"),
            name,
        };
        Proxy::start(upstream, decide)
    }

    /// Runs keystrel with the administrator's login, through a proxy.
    pub(super) fn through(&self, proxy: &Proxy, args: &[&str]) -> Output {
        let (server, token) = (&proxy.address, self.admin().1);
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: admin\n\
             clusters: [{{name: test, cluster: {{server: \"{server}\"}}}}]\n\
             contexts: [{{name: admin, context: {{cluster: test, user: admin}}}}]\n\
             users: [{{name: admin, user: {{token: {token}}}}}]\n"
        );
        let kubeconfig = self
            .file(&format!("through-{}", proxy.address.rsplit(':').next().unwrap()), &kubeconfig);
        let mut command =
            quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), self.directory.path());
        command.env("KUBECONFIG", kubeconfig).args(args).output().unwrap()
    }

    /// Runs kubectl as the administrator.
    pub(super) fn kubectl(&self, args: &[&str], input: &str) -> String {
        let mut child = Command::new(self.programs.join("kubectl"))
            .arg("--kubeconfig")
            .arg(self.kubeconfig())
            .args(["--context", "admin"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The values of all Secrets, in both forms; public certificates and short words are none.
    pub(super) fn secret_values(&self) -> Vec<String> {
        let list: Value =
            serde_json::from_str(&self.kubectl(&["get", "secrets", "-A", "-o", "json"], ""))
                .unwrap();
        let secrets = list["items"].as_array().unwrap().iter();
        let data = secrets.filter_map(|secret| secret["data"].as_object());
        let pairs = data.flatten().filter(|(key, _)| !matches!(key.as_str(), "tls.crt" | "ca.crt"));
        let mut values = Vec::new();
        for (_, value) in pairs {
            let encoded = value.as_str().unwrap();
            let plain = String::from_utf8_lossy(&STANDARD.decode(encoded).unwrap()).into_owned();
            if plain.len() >= 16 && !plain.contains("BEGIN") {
                values.extend([encoded.to_owned(), plain]);
            }
        }
        values
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = Command::new("sh");
        // A test that fails is told of by itself.
        let _ = stop.arg(format!("{SCRIPTS}/stop.sh")).arg(self.directory.path()).status();
    }
}

/// Where kubernetes/build.sh puts the programs.
fn programs() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let versions = std::fs::read_dir(cache.join("keystrel")).ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("kube-apiserver").is_file())
        .collect();
    found.sort();
    found.pop()
}

//! OpenBao, and a PostgreSQL for its database engine: started for a test, ended with it.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::api::Api;

/// Where tests/servers/install.sh puts it.
const OPENBAO: &str = "keystrel/openbao-2.6.2/bao";

/// The program; None if it is not installed, which is said, or fails where no test may be left out.
pub(super) fn openbao() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let installed = cache.map(|cache| cache.join(OPENBAO)).filter(|program| program.is_file());
    if installed.is_none() {
        left_out("OpenBao");
    }
    installed
}

fn left_out(what: &str) {
    let why = format!("left out: Vault (missing: {what})");
    assert!(std::env::var_os("KEYSTREL_SERVERS").is_none(), "{why}");
    // Not by a macro that the harness captures.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{why}; see tests/servers/README.md").unwrap();
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Process {
    /// Starts a command and waits until it listens.
    fn start(command: &mut Command, port: u16, log: &Path) -> Self {
        let file = fs::File::create(log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file).stdin(Stdio::null());
        let mut process = Self(command.spawn().unwrap());
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.0.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", fs::read_to_string(log).unwrap());
            assert!(began.elapsed() < Duration::from_mins(1), "it does not listen: {command:?}");
            std::thread::sleep(Duration::from_millis(30));
        }
        process
    }
}

/// A running server, unsealed.
pub(super) struct Server {
    _process: Process,
    pub(super) address: String,
    pub(super) root: String,
    /// One of the keys that unseal it.
    pub(super) keys: Vec<String>,
    pub(super) directory: TempDir,
    /// The authority of its certificate, if it has one.
    pub(super) authority: Option<PathBuf>,
}

/// How a server is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As nobody should run it.
    Careless,
    /// As it should be.
    Careful,
    /// Without anything: in files, which are faster than its memory where there are many secrets.
    Plain,
}

impl Server {
    /// Starts one; None if none is installed.
    pub(super) fn start(kind: Kind) -> Option<Self> {
        let program = openbao()?;
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let at = directory.path();
        let (config, scheme, authority) = match kind {
            Kind::Careless => (careless(port, at), "http", None),
            Kind::Careful => (careful(port, at), "https", Some(certificates(at))),
            Kind::Plain => (plain(port, at), "http", None),
        };
        fs::write(at.join("bao.hcl"), config).unwrap();
        let mut command = Command::new(program);
        command.args(["server", "-config=bao.hcl"]).current_dir(at).env_remove("VAULT_ADDR");
        let process = Process::start(&mut command, port, &at.join("log"));
        let address = format!("{scheme}://127.0.0.1:{port}");
        let mut server = Self {
            _process: process,
            address,
            root: String::new(),
            keys: Vec::new(),
            directory,
            authority,
        };
        let (shares, threshold) = if kind == Kind::Careful { (5, 3) } else { (1, 1) };
        let api = server.api();
        let body = json!({"secret_shares": shares, "secret_threshold": threshold});
        let made = api.post("sys/init", &body);
        made["root_token"].as_str().unwrap().clone_into(&mut server.root);
        server.keys = made["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap().to_owned())
            .collect();
        server.unseal(threshold);
        Some(server)
    }

    fn unseal(&self, threshold: usize) {
        for key in &self.keys[..threshold] {
            self.api().post("sys/unseal", &json!({"key": key}));
        }
        let began = Instant::now();
        let is_active = || {
            let (status, _) = self.api().ask("GET", "sys/health", None);
            status == 200
        };
        while !is_active() {
            assert!(began.elapsed() < Duration::from_mins(1), "it does not become active");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Speaks to it as root.
    pub(super) fn api(&self) -> Api {
        Api::new(&self.address, &self.root, self.authority.as_deref())
    }

    /// A token with one policy.
    pub(super) fn token(&self, policy: &str, text: &str) -> String {
        let api = self.api();
        api.post(&format!("sys/policies/acl/{policy}"), &json!({"policy": text}));
        let body = json!({"policies": [policy], "ttl": "1h"});
        let made = api.post("auth/token/create", &body);
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }
}

fn careless(port: u16, at: &Path) -> String {
    format!(
        r#"
storage "inmem" {{}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  tls_disable = true
  x_forwarded_for_authorized_addrs = "0.0.0.0/0"
  disable_unauthed_rekey_endpoints = false
  telemetry {{ unauthenticated_metrics_access = true }}
  profiling {{ unauthenticated_pprof_access = true }}
  inflight_requests_logging {{ unauthenticated_in_flight_requests_access = true }}
}}
audit "file" "raw" {{
  options {{
    file_path = "{log}"
    log_raw = "true"
    hmac_accessor = "false"
    mode = "0644"
  }}
}}
raw_storage_endpoint = true
introspection_endpoint = true
ui = true
log_level = "trace"
max_lease_ttl = "8760h"
default_lease_ttl = "1440h"
"#,
        log = at.join("audit.log").display()
    )
}

fn plain(port: u16, at: &Path) -> String {
    let data = at.join("data");
    format!(
        "storage \"file\" {{ path = \"{}\" }}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = true\n}}\n",
        data.display()
    )
}

fn careful(port: u16, at: &Path) -> String {
    let cluster = free_port();
    fs::create_dir(at.join("raft")).unwrap();
    format!(
        r#"
storage "raft" {{
  path = "{at}/raft"
  node_id = "one"
}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_cert_file = "{at}/server.pem"
  tls_key_file = "{at}/server.key"
  tls_min_version = "tls12"
}}
audit "file" "one" {{
  options {{
    file_path = "{at}/one.log"
    mode = "0600"
  }}
}}
audit "file" "two" {{
  options {{
    file_path = "{at}/more/two.log"
    mode = "0600"
  }}
}}
telemetry {{
  prometheus_retention_time = "24h"
}}
api_addr = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster}"
max_lease_ttl = "768h"
"#,
        at = at.display()
    )
}

/// A certificate of a year for 127.0.0.1, and its authority.
fn certificates(at: &Path) -> PathBuf {
    let openssl = |args: &[&str]| {
        let output = Command::new("openssl").args(args).current_dir(at).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    fs::create_dir(at.join("more")).unwrap();
    fs::write(at.join("extensions"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        .unwrap();
    let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let authority = [
        "-x509",
        "-days",
        "365",
        "-subj",
        "/CN=authority",
        "-keyout",
        "authority.key",
        "-out",
        "authority.pem",
    ];
    openssl(&[new.as_slice(), &authority].concat());
    openssl(
        &[new.as_slice(), &["-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr"]]
            .concat(),
    );
    openssl(&[
        "x509",
        "-req",
        "-days",
        "365",
        "-in",
        "server.csr",
        "-CA",
        "authority.pem",
        "-CAkey",
        "authority.key",
        "-CAcreateserial",
        "-extfile",
        "extensions",
        "-out",
        "server.pem",
    ]);
    at.join("authority.pem")
}

/// A PostgreSQL with one user, who is given; None if none is installed.
pub(super) struct Postgres {
    _process: Process,
    _directory: TempDir,
    pub(super) port: u16,
}

impl Postgres {
    pub(super) fn start(user: &str, password: &str) -> Option<Self> {
        let Some(programs) = postgres() else {
            left_out("PostgreSQL");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        fs::write(at.join("password"), password).unwrap();
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if is_root {
            // It does not run as root.
            let status =
                Command::new("chown").args(["-R", "postgres", &at.to_string_lossy()]).status();
            assert!(status.unwrap().success());
        }
        let as_user = |program: &str| {
            let program = programs.join(program);
            if !is_root {
                return Command::new(program);
            }
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        };
        let (data, file) = (at.join("data"), at.join("password"));
        let output = as_user("initdb")
            .args(["--auth=scram-sha-256", "--username", user, "--pwfile"])
            .arg(&file)
            .arg(&data)
            .current_dir(at)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let port = free_port();
        let mut command = as_user("postgres");
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
            .current_dir(at);
        let process = Process::start(
            &mut command,
            port,
            &std::env::temp_dir().join(format!("keystrel-postgres-{port}.log")),
        );
        drop(fs::remove_file(std::env::temp_dir().join(format!("keystrel-postgres-{port}.log"))));
        Some(Self { _process: process, _directory: directory, port })
    }
}

fn postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let found = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    found.filter(|programs| programs.join("initdb").is_file()).max()
}

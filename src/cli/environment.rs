//! What the process was given besides its arguments.

use std::io::IsTerminal;
use std::path::PathBuf;

use jiff::Timestamp;

/// The environment, read once.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the process")]
pub(super) struct Environment {
    /// When the command began.
    pub(super) now: Timestamp,
    /// `KEYSTREL_CONFIG`, else `GITLEAKS_CONFIG`.
    pub(super) config: Option<PathBuf>,
    /// `GITLEAKS_CONFIG_TOML`.
    pub(super) config_content: Option<String>,
    /// `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF`, as pre-commit sets them for ranges.
    pub(super) pre_commit_range: Option<(String, String)>,
    /// `PRE_COMMIT_LOCAL_BRANCH` and `PRE_COMMIT_REMOTE_NAME`, as pre-commit sets them for pushes.
    pub(super) pre_commit_push: Option<(String, String)>,
    /// `PRE_COMMIT`: whether pre-commit runs the hook.
    pub(super) pre_commit: bool,
    /// `GIT_INDEX_FILE`: the index of the commit that a hook runs for, when it is of some files only.
    pub(super) index: Option<PathBuf>,
    /// Where clones are kept: `KEYSTREL_CACHE`, else `XDG_CACHE_HOME/keystrel`, else `~/.cache/keystrel`.
    pub(super) cache: Option<PathBuf>,
    /// Where logins for registries are kept: `DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; then
    /// Podman's `REGISTRY_AUTH_FILE`, else `XDG_RUNTIME_DIR/containers/auth.json`, then that in the directory for
    /// configuration.
    pub(super) registry_logins: Vec<PathBuf>,
    /// Sockets of Docker (`DOCKER_HOST`, else the usual one) and Podman (of the user, and of the system).
    pub(super) engine_sockets: Vec<PathBuf>,
    /// Where Docker, containerd and Podman keep images unless they are told otherwise, each of the system and of
    /// the user (`XDG_DATA_HOME`, else `~/.local/share`).
    pub(super) engine_stores: Vec<PathBuf>,
    /// Where they are told otherwise: `CONTAINERS_STORAGE_CONF`, else the usual files.
    pub(super) engine_settings: Vec<PathBuf>,
    /// The home directory.
    pub(super) home: Option<PathBuf>,
    /// Whether standard output is a terminal, and colours are not refused (<https://no-color.org>).
    pub(super) color: bool,
    /// Whether standard output is a terminal.
    pub(super) stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(super) stderr_is_terminal: bool,
}

/// Stores of the system: Docker's, containerd's with those that Kubernetes distributions put elsewhere, and Podman's.
const OF_SYSTEM: &[&str] = &[
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/rancher/k3s/agent/containerd",
    "/var/lib/rancher/rke2/agent/containerd",
    "/var/lib/k0s/containerd",
    "/var/snap/microk8s/common/var/lib/containerd",
    "/var/lib/containers/storage",
];
/// Stores of a user, in the directory for data.
const OF_USER: &[&str] = &["docker", "containerd", "containers/storage"];
/// Settings of Docker and containerd, and those of containers/storage.
const ENGINE_SETTINGS: &[&str] = &["/etc/docker/daemon.json", "/etc/containerd/config.toml"];
const STORAGE_SETTINGS: &[&str] =
    &["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub(super) fn of_process() -> Self {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let cache = path("KEYSTREL_CACHE")
            .or_else(|| path("XDG_CACHE_HOME").map(|dir| dir.join("keystrel")))
            .or_else(|| path("HOME").map(|dir| dir.join(".cache/keystrel")))
            .or_else(|| path("LOCALAPPDATA").map(|dir| dir.join("keystrel")));
        let runtime = path("XDG_RUNTIME_DIR");
        let docker = path("DOCKER_CONFIG").or_else(|| path("HOME").map(|dir| dir.join(".docker")));
        let podman = path("REGISTRY_AUTH_FILE")
            .or_else(|| runtime.as_ref().map(|dir| dir.join("containers/auth.json")));
        let socket = match var("DOCKER_HOST") {
            Some(host) => host.strip_prefix("unix://").map(PathBuf::from),
            None => Some("/var/run/docker.sock".into()),
        };
        let of_user = runtime.as_ref().map(|dir| dir.join("podman/podman.sock"));
        let stdout_is_terminal = std::io::stdout().is_terminal();
        let data =
            path("XDG_DATA_HOME").or_else(|| path("HOME").map(|dir| dir.join(".local/share")));
        let settings =
            path("XDG_CONFIG_HOME").or_else(|| path("HOME").map(|dir| dir.join(".config")));
        let storage = match path("CONTAINERS_STORAGE_CONF") {
            Some(path) => vec![path],
            None => settings
                .iter()
                .map(|dir| dir.join("containers/storage.conf"))
                .chain(STORAGE_SETTINGS.iter().map(PathBuf::from))
                .collect(),
        };
        Self {
            // To the second: nobody reads more.
            now: Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default(),
            config: path("KEYSTREL_CONFIG").or_else(|| path("GITLEAKS_CONFIG")),
            config_content: var("GITLEAKS_CONFIG_TOML"),
            pre_commit_range: var("PRE_COMMIT_FROM_REF").zip(var("PRE_COMMIT_TO_REF")),
            pre_commit_push: var("PRE_COMMIT_LOCAL_BRANCH").zip(var("PRE_COMMIT_REMOTE_NAME")),
            pre_commit: var("PRE_COMMIT").is_some(),
            index: path("GIT_INDEX_FILE"),
            cache,
            registry_logins: docker
                .map(|dir| dir.join("config.json"))
                .into_iter()
                .chain(podman)
                .chain(settings.iter().map(|dir| dir.join("containers/auth.json")))
                .collect(),
            engine_sockets: socket
                .into_iter()
                .chain(of_user)
                .chain([PathBuf::from("/run/podman/podman.sock")])
                .collect(),
            engine_stores: OF_SYSTEM
                .iter()
                .map(PathBuf::from)
                .chain(data.iter().flat_map(|dir| OF_USER.iter().map(|name| dir.join(name))))
                .collect(),
            engine_settings: ENGINE_SETTINGS
                .iter()
                .map(PathBuf::from)
                .chain(settings.iter().map(|dir| dir.join("docker/daemon.json")))
                .chain(storage)
                .collect(),
            home: path("HOME").or_else(|| path("USERPROFILE")),
            color: stdout_is_terminal
                && var("NO_COLOR").is_none()
                && var("TERM").as_deref() != Some("dumb"),
            stdout_is_terminal,
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Whether whoever reads standard error reads a report too that is written to standard output in the format of that name,
    /// so that nothing has to be said twice: both are before the same eyes, or go into one log.
    pub(super) fn is_read(&self, format: &str) -> bool {
        let for_people = matches!(format, "text" | "github");
        for_people && (self.stdout_is_terminal || !self.stderr_is_terminal)
    }

    /// A variable of the environment that only some stores know; none if it is empty.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub(super) fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

//! How registries and the engines of this machine are reached.

use std::path::PathBuf;
use std::time::Duration;

/// How patient one is with registries.
#[derive(Debug, Clone)]
pub struct Patience {
    /// How often something is asked again.
    pub retries: u32,
    /// The pause before it is asked again; twice as long each time.
    pub pause: Duration,
    /// How long a registry may say nothing.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 4, pause: Duration::from_millis(500), silence: Duration::from_mins(1) }
    }
}

/// How registries are reached.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Registries, as `HOST[:PORT]`, that are spoken to without TLS, besides those on this machine.
    pub insecure: Vec<String>,
    /// What is asked in place of a registry, in this order, and then the registry itself.
    pub mirrors: Vec<(String, String)>,
    /// Where credentials are: files of the format of Docker's `config.json`; the first one that has some counts.
    pub credentials: Vec<PathBuf>,
    /// Sockets of Docker and Podman on this machine, which are asked in this order for what no registry has.
    pub sockets: Vec<PathBuf>,
    /// Directories in which engines keep images, which are looked into in this order for what no socket has.
    pub stores: Vec<PathBuf>,
    /// Files in which engines are told of others such directories.
    pub store_settings: Vec<PathBuf>,
    /// What `$HOME` is in those files.
    pub home: Option<PathBuf>,
    /// Whether nothing but `stores` is asked.
    pub is_offline: bool,
    /// How patient one is.
    pub patience: Patience,
}

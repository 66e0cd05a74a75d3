//! Where engines keep their stores, as their own configuration says it: `storage.conf` (containers-storage.conf(5)),
//! `/etc/docker/daemon.json` (`data-root`) and `/etc/containerd/config.toml` (`root`).

use std::path::{Path, PathBuf};

use super::read_if_there;

/// The stores that a configuration file names; none if it is missing, broken, or leaves it to the engine.
pub(in super::super) fn stores(file: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    let Ok(Some(bytes)) = read_if_there(file) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let named = if file.extension().is_some_and(|ending| ending == "json") {
        serde_json::from_str(&text).map(|all: serde_json::Value| docker(&all)).unwrap_or_default()
    } else {
        text.parse::<toml::Table>().map(|all| others(&all)).unwrap_or_default()
    };
    named.iter().filter_map(|path| expanded(path, home)).collect()
}

fn docker(all: &serde_json::Value) -> Vec<String> {
    all["data-root"].as_str().map(str::to_owned).into_iter().collect()
}

fn others(all: &toml::Table) -> Vec<String> {
    let text = |table: &toml::Table, key: &str| table.get(key)?.as_str().map(str::to_owned);
    let mut named: Vec<String> = text(all, "root").into_iter().collect();
    if let Some(storage) = all.get("storage").and_then(toml::Value::as_table) {
        named.extend(
            ["rootless_storage_path", "graphroot"].iter().filter_map(|key| text(storage, key)),
        );
        let more = storage.get("options").and_then(|options| options.get("additionalimagestores"));
        let more = more.and_then(toml::Value::as_array).into_iter().flatten();
        named.extend(more.filter_map(|path| path.as_str().map(str::to_owned)));
    }
    named
}

/// A path whose variables are known.
fn expanded(path: &str, home: Option<&Path>) -> Option<PathBuf> {
    let path = match home {
        Some(home) if path.contains("$HOME") => path.replace("$HOME", home.to_str()?),
        _ => path.to_owned(),
    };
    (!path.is_empty() && !path.contains('$')).then(|| path.into())
}

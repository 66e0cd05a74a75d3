//! From arguments to configuration and engine.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use super::args::{ConfigArgs, SuppressArgs};
use super::environment::Environment;
use crate::config::{self, Config, Given};
use crate::detect::{Engine, Options, Profile, Values};
use crate::model::{DigestKey, display_path};
use crate::suppress::{Baseline, Day, Ignores, Suppressor};

/// A configuration that is ready, and where it came from.
pub(super) struct Loaded {
    /// The configuration.
    pub(super) config: Config,
    /// Its file, which is not scanned; none for the built-in rules.
    pub(super) file: Option<PathBuf>,
}

/// The directory with the configuration that counts here.
pub(super) fn here() -> Option<PathBuf> {
    config::root_of(Path::new(".")).map(|root| root.directory)
}

/// Loads the configuration that was given, or is in the directory `root`.
pub(super) fn load(
    args: &ConfigArgs,
    environment: &Environment,
    root: Option<&Path>,
) -> anyhow::Result<Loaded> {
    let given = Given {
        path: args.config.clone().or_else(|| environment.config.clone()),
        content: environment.config_content.clone(),
    };
    let found = config::discover(&given, root)?;
    let mut config = match &found {
        Some(found) => config::load(found)?,
        None => config::builtin()?,
    };
    if !args.rule.is_empty() {
        if let Some(id) = args.rule.iter().find(|id| config.rules.find(id).is_none()) {
            bail!("there is no rule `{id}`: `keystrel rules list` names them all");
        }
        config.rules = config.rules.only(&args.rule);
    }
    Ok(Loaded { config, file: found.and_then(|found| found.path) })
}

/// What is accepted: the ignore files in the directory `root`, or the one that was given, and the baseline.
pub(super) fn suppressor(
    args: &SuppressArgs,
    environment: &Environment,
    root: Option<&Path>,
) -> anyhow::Result<Suppressor> {
    let mut ignores = Ignores::default();
    // The first ten characters of RFC 3339 are the date.
    let today: Day = environment.now.to_string().chars().take(10).collect();
    if let Some(path) = &args.ignore_file {
        add_ignores(&mut ignores, path, &read(path)?, &today)?;
    } else if let Some(root) = root {
        for name in config::IGNORES {
            let path = root.join(name);
            if path.is_file() {
                add_ignores(&mut ignores, &path, &read(&path)?, &today)?;
            }
        }
    }
    let baseline = match &args.baseline {
        None => None,
        Some(path) => Some(Baseline::read(&display_path(path), read(path)?.as_bytes())?),
    };
    Ok(Suppressor { ignores, baseline })
}

fn add_ignores(ignores: &mut Ignores, path: &Path, text: &str, today: &Day) -> anyhow::Result<()> {
    let shown = display_path(path);
    if shown.ends_with("leaksignore") {
        ignores.add_gitleaks(&shown, text);
        return Ok(());
    }
    Ok(ignores.add_own(&shown, text, today)?)
}

pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    // Not a target: whatever is wrong with it is a matter of usage.
    std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("cannot read `{}`: {error}", path.display()))
}

/// A random key: identities then hold for this run alone.
///
/// # Errors
/// [`io::Error`] where the system gives no random numbers: nothing can be scanned then.
pub(super) fn random_key() -> anyhow::Result<DigestKey> {
    let mut bytes = [0; 32];
    let none = |error| io::Error::other(format!("the system gives no random numbers: {error}"));
    getrandom::fill(&mut bytes).map_err(none)?;
    Ok(DigestKey::new(bytes))
}

/// The key in a file, by which values of a scan and of an audit that run apart are compared: 64 hex digits. A file that
/// is not there is made, for its owner alone.
pub(super) fn value_key(path: &Path) -> anyhow::Result<DigestKey> {
    let cannot = || format!("--value-key: cannot use `{}`", path.display());
    // As in `read`, no target.
    let refused = |error: io::Error| anyhow::anyhow!("{}: {error}", cannot());
    match std::fs::read_to_string(path) {
        Ok(text) => DigestKey::from_hex(&Zeroizing::new(text))
            .with_context(|| format!("{}: it has no 64 hex digits", cannot())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = random_key()?;
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path).map_err(refused)?;
            if let Err(error) = writeln!(file, "{}", *key.to_hex()) {
                // Half a key would be in the way of the next run.
                let _ = std::fs::remove_file(path);
                return Err(refused(error));
            }
            Ok(key)
        }
        Err(error) => Err(refused(error)),
    }
}

/// The engine of a configuration.
pub(super) fn engine(
    config: Config,
    decode_depth: Option<usize>,
    profile: Profile,
    key: DigestKey,
    values: Values,
) -> Engine {
    let decode_depth = decode_depth.or(config.scan.decode_depth).unwrap_or(5);
    Engine::new(config.rules, Options { decode_depth, key, values, profile })
}

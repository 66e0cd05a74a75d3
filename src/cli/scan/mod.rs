//! `keystrel scan`.

mod settings;

use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::bail;

use super::args::{
    ConfigArgs, ImageArgs, PoliciesArgs, ReportArgs, ScanArgs, SelectionArgs, SuppressArgs, When,
};
use super::environment::Environment;
use super::exit::Exit;
use super::output::{self, Outputs};
use super::progress::with_progress;
use super::setup;
use crate::config;
use crate::detect::{Engine, Values};
use crate::model::{DigestKey, Finding, Run, Severity, Skipped, display_path};
use crate::pipeline::scan::{self, Scanned, Selection, Settings, Target};
use crate::pipeline::{Meter, Policies, hide};
use crate::policy::Bundle;
use crate::report::{self, Color, FORMATS, Secrets, Style, Suppressed};
use crate::source::git;
use crate::suppress;
use settings::{profile, root_of, settings, severity, targets};

/// What `-` among the targets stands for.
struct Piped<'a> {
    /// What reports call it.
    name: &'a str,
    /// Where it is read.
    reader: &'a mut (dyn Read + Send),
    /// Where configuration and ignore files are looked for, if nowhere else.
    root: Option<&'a Path>,
}

impl<'a> Piped<'a> {
    fn stdin(reader: &'a mut io::Stdin) -> Self {
        Self { name: "(standard input)", reader, root: None }
    }
}

/// Runs the command.
pub(super) fn run(args: &ScanArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let outputs = outputs(&args.report)?;
    let done = scan(args, &outputs, environment, Piped::stdin(&mut io::stdin()))?;
    let exit = done.exit();
    // Text says so itself.
    if exit == Exit::NotScanned
        && done.failures == 0
        && !(outputs.stdout.name == "text" && environment.is_read("text"))
    {
        output::note(report::nothing(&done.run));
    }
    Ok(exit)
}

/// Least severity of a misuse that a hook stops for, unless the configuration says otherwise: nobody's commit waits for
/// hardening. Leaks stop it whatever their severity is.
const LEAST_MISUSE: Severity = Severity::Medium;

/// A scan that is over.
struct Done {
    run: Run,
    /// Targets that could not be scanned at all.
    failures: usize,
    /// Least severity that makes the exit code 1, if anybody said.
    fail_on: Option<Severity>,
    /// The key of the findings' identities.
    key: DigestKey,
}

impl Done {
    /// Whether there is nothing that anybody has to know of.
    fn is_quiet(&self) -> bool {
        let run = &self.run;
        self.failures == 0
            && run.open().next().is_none()
            && run.lost().next().is_none()
            && run.warnings.is_empty()
            && !run.rules.is_empty()
    }

    /// Findings come first: they are what a hook or a pipeline stops for.
    fn exit(&self) -> Exit {
        let counts = &self.run.counts;
        let looked_at = counts.files + counts.objects + counts.excluded;
        let least = self.fail_on.unwrap_or(Severity::Info);
        if self.run.open().any(|finding| finding.rule.severity >= least) {
            Exit::Findings
        } else if self.failures > 0 || looked_at == 0 || self.run.rules.is_empty() {
            Exit::NotScanned
        } else if self.run.lost().next().is_some() {
            Exit::Partial
        } else {
            Exit::Clean
        }
    }
}

fn scan(
    args: &ScanArgs,
    outputs: &Outputs<Run, Style>,
    environment: &Environment,
    piped: Piped<'_>,
) -> anyhow::Result<Done> {
    if args.report.show_secrets && !(environment.stdout_is_terminal && outputs.files.is_empty()) {
        bail!(
            "--show-secrets is for a terminal: it is refused where values would be written to a file or pipe"
        );
    }
    let value_key = args.report.value_key.as_deref().map(setup::value_key).transpose()?;
    let is_read = environment.is_read(outputs.stdout.name);
    let done = look(args, environment, value_key.as_ref(), piped, is_read)?;
    if let Some(path) = &args.suppress.write_baseline {
        output::write_file(path, |out| suppress::write_baseline(&done.run, &done.key, out))?;
    }
    write(outputs, &args.report, environment, &done.run)?;
    Ok(done)
}

/// Scans, and reports nothing. Values get digests under `value_key`. What could not be scanned at all is said on standard
/// error, unless a report that `is_read` there too will say it.
fn look(
    args: &ScanArgs,
    environment: &Environment,
    value_key: Option<&DigestKey>,
    piped: Piped<'_>,
    is_read: bool,
) -> anyhow::Result<Done> {
    let started = Instant::now();
    let targets = targets(args, piped.name);
    let root = root_of(&targets).or_else(|| piped.root.and_then(config::root_of));
    let directory = root.as_ref().map(|root| root.directory.as_path());
    let stdin = piped.reader;
    let loaded = setup::load(&args.config, environment, directory)?;
    let mut run = Run {
        targets: args.targets.iter().map(|target| shown(target)).collect(),
        started: environment.now.to_string(),
        warnings: loaded.config.warnings.clone(),
        rules: loaded.config.rules.rules().iter().map(|r| Arc::clone(&r.meta)).collect(),
        ..Run::default()
    };
    let suppressor = setup::suppressor(&args.suppress, environment, directory)?;
    let scan_config = loaded.config.scan.clone();
    let profile = profile(args, &scan_config)?;
    let fail_on = severity(args.suppress.fail_on, scan_config.fail_on.as_deref())?;
    let mut settings = settings(args, &scan_config, environment)?;
    if !args.policies.no_policies {
        let config::Policy { params, exceptions } = loaded.config.policy.clone();
        run.warnings.extend(exceptions.expired(&run.started));
        let now = run.started.clone();
        let directories = &args.policies.policy;
        let policies = Policies::new(directories, &params, exceptions, now)?;
        // Files without a control judge nothing, and would pass in silence.
        if !directories.is_empty() && policies.controls() <= Bundle::builtin()?.controls().len() {
            bail!(
                "--policy: there is no control in it: a rule with `# METADATA` above it (docs/policies.md)"
            );
        }
        settings.policies = Some(Arc::new(policies));
    }
    let is_whole = is_whole_tree(&targets, &settings, loaded.file.as_deref());
    let own = [
        &loaded.file,
        &args.suppress.baseline,
        &args.suppress.write_baseline,
        &args.selection.ledger,
    ];
    settings.never.extend(own.into_iter().flatten().map(|path| display_path(path)));
    settings.root = root;
    let given_key = suppressor.baseline.as_ref().and_then(suppress::Baseline::key);
    run.stable_identities = given_key.is_some();
    let key = given_key.map_or_else(setup::random_key, Ok)?;
    let written_key = DigestKey::new(*key.expose());
    // The process ends soon: taking thousands of rules apart would only cost time.
    let engine = ManuallyDrop::new(setup::engine(
        loaded.config,
        args.decode_depth,
        profile,
        key,
        Values::Keep,
    ));
    let policies = settings.policies.clone();
    let meter = Meter::default();
    let show = environment.stderr_is_terminal && !args.report.no_progress;
    let failures = with_progress(&meter, show, || {
        targets
            .iter()
            .filter(|target| {
                !scan_target(target, &engine, &meter, &settings, stdin, is_read, &mut run)
            })
            .count()
    });
    if let Some(policies) = policies.filter(|_| failures == 0 && is_whole) {
        run.warnings.extend(policies.unused());
    }
    let unused = suppressor.mark(&mut run.findings);
    run.warnings.extend(suppressor.ignores.warnings.iter().cloned());
    if args.suppress.report_unused_ignores {
        run.warnings.extend(unused);
    }
    if let Some(key) = value_key {
        run.value_key = Some(key.id());
        for leak in run.findings.iter_mut().filter_map(Finding::leak_mut) {
            leak.value_digests =
                leak.secret.as_ref().map_or_else(Vec::new, |secret| secret.value_digests(key));
        }
    }
    if !args.report.show_secrets {
        hide(&mut run.findings, &engine);
        run.findings.iter_mut().filter_map(|f| f.leak_mut()).for_each(|leak| leak.secret = None);
    }
    run.counts = meter.counts();
    run.elapsed = started.elapsed();
    Ok(Done { run, failures, fail_on, key: written_key })
}

/// A target as reports show it: of an address without what grants access.
fn shown(target: &str) -> String {
    if git::is_url(target) && !Path::new(target).exists() {
        return git::without_account(target);
    }
    target.to_owned()
}

/// Whether all is scanned that a configuration is for: the files of the directory that it lies in.
fn is_whole_tree(targets: &[Target], settings: &Settings, config: Option<&Path>) -> bool {
    let of_all = matches!(settings.selection, Selection::Everything | Selection::WorkTree);
    let directory = config.and_then(Path::parent);
    match targets {
        [Target::Path(path)] if of_all && path.is_dir() => directory.is_some_and(|directory| {
            let directory = if directory == Path::new("") { Path::new(".") } else { directory };
            matches!((directory.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
        }),
        _ => false,
    }
}

/// Adds what one target holds to the run; false when it could not be scanned at all, which the run
/// then says, and standard error too unless the report `is_read` there.
fn scan_target(
    target: &Target,
    engine: &Engine,
    meter: &Meter,
    settings: &Settings,
    stdin: &mut (dyn Read + Send),
    is_read: bool,
    run: &mut Run,
) -> bool {
    match scan::scan(target, engine, meter, settings, stdin) {
        Ok(Scanned { findings, skipped, scope }) => {
            run.findings.extend(findings);
            run.skipped.extend(skipped);
            run.scope = scope;
            true
        }
        Err(error) => {
            let what = match target {
                Target::Path(path) => display_path(path),
                Target::Stdin(name) => name.clone(),
                Target::Url(_) => "the repository".to_owned(),
                Target::Image(target) => target.name(),
                Target::Cluster(address) => format!("k8s:{address}"),
            };
            let error = anyhow::Error::from(error);
            if !is_read {
                output::complain(&error);
            }
            run.skipped.push(Skipped::lost(what, format!("{error:#}")));
            false
        }
    }
}

fn style(args: &ReportArgs, environment: &Environment, run: &Run) -> Style {
    let color = match args.color {
        When::Auto => environment.color,
        When::Always => true,
        When::Never => false,
    };
    let ended = environment.now.checked_add(run.elapsed).unwrap_or(environment.now);
    Style {
        color: if color { Color::Ansi } else { Color::Plain },
        secrets: if args.show_secrets { Secrets::Shown } else { Secrets::Masked },
        suppressed: if args.show_suppressed { Suppressed::Listed } else { Suppressed::Counted },
        ended: ended.to_string(),
    }
}

fn outputs(args: &ReportArgs) -> anyhow::Result<Outputs<Run, Style>> {
    Outputs::parse(FORMATS, &args.format, &args.report)
}

fn write(
    outputs: &Outputs<Run, Style>,
    args: &ReportArgs,
    environment: &Environment,
    run: &Run,
) -> anyhow::Result<()> {
    let style = style(args, environment, run);
    outputs.write(run, &style, &Style { color: Color::Plain, ..style.clone() })
}

/// As `keystrel scan` does it by default.
fn by_default(targets: Vec<String>, selection: SelectionArgs, config: &ConfigArgs) -> ScanArgs {
    ScanArgs {
        targets,
        selection,
        no_ignore: false,
        max_file_size: None,
        decode_depth: None,
        images: ImageArgs::default(),
        policies: PoliciesArgs::default(),
        config: config.clone(),
        suppress: SuppressArgs::default(),
        report: ReportArgs::for_hook(),
        threads: None,
    }
}

/// Scans for a hook. Nothing to scan is clean: a commit may be empty.
pub(super) fn run_hook(
    targets: &[PathBuf],
    selection: SelectionArgs,
    config: &ConfigArgs,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let targets = targets.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let args = by_default(targets, selection, config);
    hook(&args, environment, Piped::stdin(&mut io::stdin()))
}

/// Scans a text for a hook, under a name that reports show, with the configuration of the current directory.
pub(super) fn run_hook_on(
    text: &[u8],
    name: &str,
    config: &ConfigArgs,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let piped = Piped { name, reader: &mut io::Cursor::new(text), root: Some(Path::new(".")) };
    let args = by_default(vec!["-".into()], SelectionArgs::default(), config);
    hook(&args, environment, piped)
}

fn hook(args: &ScanArgs, environment: &Environment, piped: Piped<'_>) -> anyhow::Result<Exit> {
    let mut done = look(args, environment, None, piped, environment.is_read("text"))?;
    let least = done.fail_on.unwrap_or(LEAST_MISUSE);
    let counts = |finding: &Finding| finding.leak().is_some() || finding.rule.severity >= least;
    done.run.findings.retain(counts);
    // Whoever commits wants to hear of what is wrong, and of nothing else.
    if !done.is_quiet() {
        write(&outputs(&args.report)?, &args.report, environment, &done.run)?;
    }
    Ok(match done.exit() {
        Exit::NotScanned if done.failures == 0 => Exit::Clean,
        exit => exit,
    })
}

/// Scans for an audit: what leaked, with digests of values, and what was not looked at, which is said on standard error too
/// unless the report `is_read` there.
pub(super) fn run_for_audit(
    targets: &[String],
    config: &ConfigArgs,
    key: &DigestKey,
    environment: &Environment,
    is_read: bool,
) -> anyhow::Result<Run> {
    let args = by_default(targets.to_vec(), SelectionArgs::default(), config);
    let mut stdin = io::stdin();
    Ok(look(&args, environment, Some(key), Piped::stdin(&mut stdin), is_read)?.run)
}

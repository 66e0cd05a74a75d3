//! `keystrel hook`: git hooks.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::args::{ConfigArgs, SelectionArgs};
use super::environment::Environment;
use super::exit::Exit;
use super::{output, scan};
use crate::model::{Artifact, Skipped, display_path};
use crate::source::git::{self, Staged, StagedOptions, Update};
use crate::source::{Sink, Source as _, SourceError};
use crate::whole::{self, Mode};

#[derive(Debug, ClapArgs)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    pub(super) command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Install git hooks in a repository
    Install {
        /// The repository
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Which hooks
        #[arg(
            long = "type",
            value_name = "HOOK",
            value_delimiter = ',',
            default_value = "pre-commit"
        )]
        hooks: Vec<HookKind>,
        /// Replace existing hooks
        #[arg(long)]
        force: bool,
    },
    /// Scan what is about to be committed
    ///
    /// What is staged of the files, or the range that `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF` name, or the
    /// files themselves. Prints nothing when all is well.
    PreCommit {
        /// The files, as pre-commit passes them
        files: Vec<PathBuf>,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Scan what a push brings to the remote
    ///
    /// The commits and tags, as git tells them on standard input, or pre-commit by its variables.
    PrePush {
        /// Name of the remote, as git passes it
        #[arg(default_value = "")]
        remote: String,
        /// Address of the remote, as git passes it; it is not used
        #[arg(hide = true)]
        address: Option<String>,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Scan the message of a commit
    CommitMsg {
        /// The file that holds it, as git passes it
        file: PathBuf,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// A hook that can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HookKind {
    /// What is staged, before each commit
    PreCommit,
    /// What the remote does not have, before each push
    PrePush,
    /// The message, before each commit
    CommitMsg,
}

/// What to do with a hook that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Leave it, and say how to call keystrel from it.
    Keep,
    /// Replace it.
    Replace,
}

/// Runs the command.
pub(super) fn run(args: &HookArgs, environment: &Environment) -> anyhow::Result<Exit> {
    match &args.command {
        HookCommand::Install { path, hooks, force } => {
            install(path, hooks, if *force { Existing::Replace } else { Existing::Keep })
        }
        HookCommand::PreCommit { files, config } => {
            pre_commit(files, config, environment).map(|exit| told(exit, COMMIT))
        }
        HookCommand::PrePush { remote, address: _, config } => {
            pre_push(remote, config, environment).map(|exit| told(exit, PUSH))
        }
        HookCommand::CommitMsg { file, config } => {
            commit_msg(file, config, environment).map(|exit| told(exit, COMMIT))
        }
    }
}

/// What somebody can do whose commit is stopped.
const COMMIT: &str = "to go on, take out what is real (and rotate it if it was ever pushed), or accept what is not with a \
                      comment `keystrel:allow` on its line; `git commit --no-verify` skips all hooks";
/// What somebody can do whose push is stopped: a comment changes no commit that is there.
const PUSH: &str = "to go on, rotate what is real and rewrite the commits that hold it, or accept what is not in \
                    `.keystrelignore`; `git push --no-verify` skips all hooks";

/// Says what to do about findings.
fn told(exit: Exit, help: &str) -> Exit {
    if exit == Exit::Findings {
        output::note(help);
    }
    exit
}

/// Installs hooks of the repository at `path`.
pub(super) fn install(path: &Path, hooks: &[HookKind], existing: Existing) -> anyhow::Result<Exit> {
    let directory = hooks_directory(path)?;
    let mut exit = Exit::Clean;
    for hook in hooks {
        if !install_one(&directory, *hook, existing)? {
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}

/// Installs one hook; false where another is in its place.
fn install_one(directory: &Path, kind: HookKind, existing: Existing) -> anyhow::Result<bool> {
    let (name, call, git) = match kind {
        HookKind::PreCommit => ("pre-commit", "keystrel hook pre-commit", "commit"),
        HookKind::PrePush => ("pre-push", "keystrel hook pre-push \"$@\"", "push"),
        HookKind::CommitMsg => ("commit-msg", "keystrel hook commit-msg \"$1\"", "commit"),
    };
    // It finds out nothing but whether keystrel is there: what is scanned is keystrel's business.
    let text = format!(
        "#!/bin/sh
# Installed by `keystrel hook install`. Skip once with: git {git} --no-verify
command -v keystrel > /dev/null || {{
  echo 'keystrel: it is not on PATH, so nothing was looked at; `git {git} --no-verify` goes on without it' >&2
  exit 1
}}
exec {call}
"
    );
    let hook = directory.join(name);
    let shown = hook.display();
    if let Ok(present) = std::fs::read_to_string(&hook) {
        if present == text {
            output::note(&format!("{shown} is installed already"));
            return Ok(true);
        }
        if existing == Existing::Keep {
            output::note(&format!(
                "not installed: {shown} is there and stays as it is; add the line `{call} || exit $?` to it, or use \
                 `keystrel hook install --force`"
            ));
            return Ok(false);
        }
    }
    // Half a script could pass everything.
    std::fs::create_dir_all(directory)
        .and_then(|()| whole::write(&hook, Mode::Program, |out| out.write_all(text.as_bytes())))
        .with_context(|| format!("cannot write `{shown}`"))?;
    output::note(&format!("installed {shown}"));
    Ok(true)
}

/// Where git looks for hooks: `core.hooksPath`, else `hooks` of the repository that worktrees share.
fn hooks_directory(path: &Path) -> anyhow::Result<PathBuf> {
    let repository = gix::discover(path)
        .with_context(|| format!("`{}` is in no repository that can be opened", path.display()))?;
    match repository.config_snapshot().trusted_path("core.hooksPath") {
        // Relative to the top of the work tree, where hooks run.
        Ok(Some(directory)) => {
            Ok(repository.workdir().unwrap_or(repository.git_dir()).join(directory))
        }
        Ok(None) => Ok(repository.common_dir().join("hooks")),
        Err(error) => bail!("core.hooksPath: {error}"),
    }
}

/// What is about to be committed, in all modes of pre-commit: a range when it names one; else what is
/// staged of the files; else, when nothing of them is (`--all-files`), the files themselves.
fn pre_commit(
    files: &[PathBuf],
    config: &ConfigArgs,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    if let Some((from, to)) = &environment.pre_commit_range {
        let range = Some(format!("{from}..{to}"));
        let selection = SelectionArgs { range, ..SelectionArgs::default() };
        return scan::run_hook(&[PathBuf::from(".")], selection, config, environment);
    }
    let staged = SelectionArgs { staged: true, ..SelectionArgs::default() };
    if files.is_empty() || is_anything_staged(files, environment)? {
        let targets = if files.is_empty() { vec![PathBuf::from(".")] } else { files.to_vec() };
        return scan::run_hook(&targets, staged, config, environment);
    }
    // Together, since pre-commit gives long lists in parts.
    let together = SelectionArgs { files: true, ..SelectionArgs::default() };
    scan::run_hook(files, together, config, environment)
}

/// What the remote is about to get. git tells it on standard input; pre-commit reads that itself, and names a range, or
/// only the branch if all of its history is new.
fn pre_push(remote: &str, config: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let range = if let Some((from, to)) = &environment.pre_commit_range {
        Some(format!("{from}..{to}"))
    } else if let Some((branch, remote)) = &environment.pre_commit_push {
        of_push(remote, &[Update { to: Some(branch.clone()), from: None }])?
    } else if environment.pre_commit {
        // Run by hand: no push is under way.
        let work_tree = SelectionArgs { no_history: true, ..SelectionArgs::default() };
        return scan::run_hook(&[PathBuf::from(".")], work_tree, config, environment);
    } else {
        let mut lines = String::new();
        std::io::stdin().read_to_string(&mut lines).context("standard input")?;
        let updates = git::updates(&lines).map_err(anyhow::Error::msg)?;
        of_push(remote, &updates)?
    };
    let Some(range) = range else { return Ok(Exit::Clean) };
    let selection = SelectionArgs { range: Some(range), ..SelectionArgs::default() };
    scan::run_hook(&[PathBuf::from(".")], selection, config, environment)
}

fn of_push(remote: &str, updates: &[Update]) -> anyhow::Result<Option<String>> {
    let refused = |why: &str| SourceError::Repository { path: ".".into(), why: why.to_owned() };
    let repo = git::open(Path::new("."))?.ok_or_else(|| refused("there is none"))?;
    Ok(git::brings_in(&repo, remote, updates).map_err(|why| refused(&why))?)
}

/// The message of a commit, without the diff that `git commit --verbose` shows below it.
fn commit_msg(file: &Path, config: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let mut text =
        std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    text.truncate(end_of_message(&text));
    scan::run_hook_on(&text, "commit message", config, environment)
}

/// Where the message ends: git removes what is at and below this line, which begins with the comment character.
/// Source: wt-status.c of git, `cut_line`.
fn end_of_message(text: &[u8]) -> usize {
    const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (_, rest) = line.split_at(line.len().min(1));
        if rest.trim_ascii_end() == SCISSORS {
            return start;
        }
        start += line.len();
    }
    text.len()
}

/// Whether the index differs from HEAD for any of the files.
fn is_anything_staged(files: &[PathBuf], environment: &Environment) -> anyhow::Result<bool> {
    let Some(repo) = git::open(Path::new("."))? else { return Ok(false) };
    let paths = files.iter().map(|path| display_path(path)).collect();
    let index = environment.index.clone();
    let staged = Staged::new(repo, StagedOptions { index, paths, ..StagedOptions::default() });
    staged.walk(&Nobody)?;
    Ok(staged.counts().files > 0)
}

/// A sink that takes no note: the source counts.
struct Nobody;

impl Sink for Nobody {
    fn artifact(&self, _: Artifact) {}
    fn skipped(&self, _: Skipped) {}
}

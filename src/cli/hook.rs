//! `keystrel hook`: git hooks.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::args::{ConfigArgs, HookArgs, HookCommand, SelectionArgs};
use super::environment::Environment;
use super::exit::Exit;
use super::{output, scan};
use crate::model::{Artifact, Skipped, display_path};
use crate::source::git::{self, Staged, StagedOptions};
use crate::source::{Sink, Source as _};

/// The hook as it is installed. It finds nothing out by itself: what is scanned is keystrel's business.
const HOOK: &str = "#!/bin/sh\n# Installed by `keystrel hook install`. Skip once with: git commit --no-verify\nexec keystrel hook pre-commit\n";

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
        HookCommand::Install { path, force } => {
            install(path, if *force { Existing::Replace } else { Existing::Keep })
        }
        HookCommand::PreCommit { files, config } => pre_commit(files, config, environment),
    }
}

/// Installs the pre-commit hook of the repository at `path`.
pub(super) fn install(path: &Path, existing: Existing) -> anyhow::Result<Exit> {
    let directory = hooks_directory(path)?;
    let hook = directory.join("pre-commit");
    let shown = hook.display();
    if let Ok(present) = std::fs::read_to_string(&hook) {
        if present == HOOK {
            output::note(&format!("{shown} is installed already"));
            return Ok(Exit::Clean);
        }
        if existing == Existing::Keep {
            output::note(&format!(
                "{shown} is there and stays as it is: add the line `keystrel hook pre-commit || exit $?` \
                 to it, or use `keystrel hook install --force`"
            ));
            return Ok(Exit::Clean);
        }
    }
    std::fs::create_dir_all(&directory)
        .and_then(|()| std::fs::write(&hook, HOOK))
        .and_then(|()| make_executable(&hook))
        .with_context(|| format!("cannot write `{shown}`"))?;
    output::note(&format!("installed {shown}"));
    Ok(Exit::Clean)
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

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
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
    let work_tree = SelectionArgs { no_history: true, ..SelectionArgs::default() };
    scan::run_hook(files, work_tree, config, environment)
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

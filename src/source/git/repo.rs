//! Finds and opens repositories.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};

use super::objects::chain;
use crate::source::SourceError;

/// A repository: its object database, references and index.
///
/// Cheap to clone into threads. Git refuses repositories that other users own, since their hooks and
/// configuration could run programs. Those are opened here: objects are read and nothing that the
/// repository configures is ever run. Neither the environment nor the user's own configuration is
/// read, and `refs/replace` is not followed, for it would hide objects.
#[derive(Clone)]
pub struct Repo {
    inner: gix::ThreadSafeRepository,
    shown: String,
}

/// A submodule of HEAD's tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Submodule {
    /// Path in the work tree, `/`-separated.
    pub path: String,
    /// What [`open`] takes to enter it; `None` where it is not cloned.
    pub repository: Option<PathBuf>,
}

/// Opens the repository that `path` is in: a work tree or a directory below one, a linked work tree,
/// a `.git` directory or file, or a bare repository. `None` where there is none.
///
/// # Errors
/// [`SourceError::Repository`] when a repository is there and cannot be read.
pub fn open(path: &Path) -> Result<Option<Repo>, SourceError> {
    use gix::discover::upwards;
    let refused =
        |why: String| SourceError::Repository { path: crate::model::display_path(path), why };
    // A gitfile is itself no place to search from.
    let kind = |path: &Path| match std::fs::metadata(path) {
        Ok(file) => Ok(Some(file.file_type())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        // Nobody knows what is there, so it is not said that nothing is.
        Err(source) => Err(SourceError::Open { path: crate::model::display_path(path), source }),
    };
    let is_file = kind(path)?.is_some_and(|kind| kind.is_file());
    let start = match path.parent() {
        Some(parent) if is_file && !parent.as_os_str().is_empty() => parent,
        Some(_) if is_file => Path::new("."),
        _ => path,
    };
    if !kind(start)?.is_some_and(|kind| kind.is_dir()) {
        return Ok(None);
    }
    let options = upwards::Options {
        trust: upwards::TrustPolicy::Assume(gix::sec::Trust::Full),
        ..upwards::Options::default()
    };
    let (found, _) = match gix::discover::upwards_opts(start, options) {
        Ok(found) => found,
        Err(error) => {
            // A `.git` that no repository can be read from is broken, not absent. What is above `../other` its words do
            // not tell.
            let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
            let is_there = start.join(".git").try_exists().unwrap_or(true)
                || start.ancestors().any(|directory| directory.join(".git").exists());
            return if is_there { Err(refused(chain(&error))) } else { Ok(None) };
        }
    };
    let (git_dir, _) = found.into_repository_and_work_tree_directories();
    let open = gix::open::Options::isolated()
        .with(gix::sec::Trust::Full)
        .config_overrides(["core.useReplaceRefs=false"])
        .open_path_as_is(true);
    let inner = gix::ThreadSafeRepository::open_opts(git_dir, open)
        .map_err(|error| refused(chain(&error)))?;
    Ok(Some(Repo { inner, shown: crate::model::display_path(path) }))
}

/// Whether `target` is the address of a repository on another machine, or a `file://` URL, and not a
/// path: a URL of a scheme that git knows, or `user@host:path`.
pub fn is_url(target: &str) -> bool {
    const SCHEMES: [&str; 5] = ["https://", "http://", "ssh://", "git://", "file://"];
    let lower = target.to_ascii_lowercase();
    if SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
        return true;
    }
    // git's own rule for the short form of ssh: no slash before the first colon. A user is asked for
    // as well, so that `C:\x` and files with a colon stay paths.
    target.split_once(':').is_some_and(|(host, path)| {
        host.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
            && !host.contains(['/', '\\'])
            && !path.is_empty()
    })
}

/// The address of a repository without what grants access to it; anything else as it is.
pub fn without_account(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if let Some((_, host)) = authority.rsplit_once('@') {
        return format!("{scheme}://{host}{path}");
    }
    // A password that is not escaped may hold a slash; what is before it is no port then.
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit() || b == b']');
    match (authority.rsplit_once(':'), rest.rsplit_once('@')) {
        (Some((_, port)), Some((_, host))) if !is_port(port) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}

impl Repo {
    /// The root of the work tree, if there is one.
    pub fn work_tree(&self) -> Option<&Path> {
        self.inner.work_dir()
    }

    /// The directory that holds `HEAD` and the index: for a linked work tree not the one that holds
    /// the objects.
    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// The submodules that HEAD's tree names, sorted by path; empty for an unborn HEAD.
    ///
    /// Those whose repository lies in `.git/modules` or in the work tree can be entered; the others
    /// were not cloned.
    pub fn submodules(&self) -> Vec<Submodule> {
        let repo = self.local();
        let Ok(tree) = repo.head_tree_id() else { return Vec::new() };
        let links = gitlinks(&repo, tree.detach());
        if links.is_empty() {
            return Vec::new();
        }
        let names = module_names(&repo, tree.detach());
        let modules = repo.common_dir().join("modules");
        let mut submodules: Vec<Submodule> = links
            .into_iter()
            .map(|path| {
                let name = names.iter().find(|(_, p)| *p == path).map_or(&path, |(name, _)| name);
                let inside = gix::path::from_bstr(name.as_bstr())
                    .ok()
                    // A name is the repository's to choose: it must not lead elsewhere.
                    .filter(|name| name.components().all(is_normal))
                    .map(|name| modules.join(name));
                let checked_out = self
                    .work_tree()
                    .zip(gix::path::from_bstr(path.as_bstr()).ok())
                    .filter(|(_, path)| path.components().all(is_normal))
                    .map(|(root, path)| root.join(path));
                let repository = inside
                    .filter(|dir| dir.join("HEAD").is_file())
                    .or_else(|| checked_out.filter(|dir| dir.join(".git").exists()));
                Submodule { path: path.to_string(), repository }
            })
            .collect();
        submodules.sort();
        submodules
    }

    pub(super) fn local(&self) -> gix::Repository {
        self.inner.to_thread_local()
    }

    pub(super) fn refused(&self, why: impl std::fmt::Display) -> SourceError {
        SourceError::Repository { path: self.shown.clone(), why: format!("{why}") }
    }

    /// Commits at which a shallow clone ends; sorted, empty for complete clones.
    pub(super) fn shallow(&self) -> Result<Vec<ObjectId>, String> {
        match self.local().shallow_commits() {
            Ok(Some(commits)) => Ok(commits.iter().copied().collect()),
            Ok(None) => Ok(Vec::new()),
            Err(error) => Err(chain(&error)),
        }
    }
}

fn is_normal(component: std::path::Component<'_>) -> bool {
    matches!(component, std::path::Component::Normal(_))
}

/// The paths of all entries that are commits of other repositories.
fn gitlinks(repo: &gix::Repository, tree: ObjectId) -> Vec<BString> {
    let mut links = Vec::new();
    let mut next = vec![(tree, BString::default())];
    while let Some((tree, path)) = next.pop() {
        // What cannot be read is reported by the pass over the objects.
        let Ok(object) = repo.find_object(tree) else { continue };
        for entry in gix::objs::TreeRefIter::from_bytes(&object.data, tree.kind()).flatten() {
            if !entry.mode.is_commit() && !entry.mode.is_tree() {
                continue;
            }
            let mut path = path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.filename);
            if entry.mode.is_commit() {
                links.push(path);
            } else {
                next.push((entry.oid.to_owned(), path));
            }
        }
    }
    links
}

/// (name, path) of the submodules in the tree's `.gitmodules`.
fn module_names(repo: &gix::Repository, tree: ObjectId) -> Vec<(BString, BString)> {
    let blob = repo
        .find_tree(tree)
        .ok()
        .and_then(|tree| tree.lookup_entry_by_path(".gitmodules").ok().flatten())
        .and_then(|entry| entry.object().ok());
    let Some(blob) = blob else { return Vec::new() };
    let Ok(text) = std::str::from_utf8(&blob.data) else { return Vec::new() };
    let Ok(config) = gix::config::File::try_from(text) else { return Vec::new() };
    let Some(sections) = config.sections_by_name("submodule") else { return Vec::new() };
    sections
        .filter_map(|section| {
            let name = section.header().subsection_name()?.to_owned();
            let path = section.value("path")?;
            Some((name, path))
        })
        .collect()
}

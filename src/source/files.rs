//! Files and directories.
//!
//! Inside a repository what git ignores is left out, save files that hold secrets by nature (`.env`,
//! private keys, credential files): those are what people forget, and an image build or an upload
//! takes them along whether git ignores them or not.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Input, Sink, Source, SourceError};
use crate::model::{Artifact, Base, Origin, Skipped, display_path as display};

/// Bytes read at once; larger files are scanned in pieces of this size. Bounds memory per thread.
pub(crate) const PIECE: usize = 16 << 20;
/// Bytes that neighbouring pieces share: twice the widest window of a rule, so that every match is
/// whole in the piece that owns its start.
const OVERLAP: usize = 2 * crate::model::MAX_MATCH;

/// File names that hold secrets by nature, as globs on the name alone, lower case.
const SECRET_BY_NATURE: &[&str] = &[
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    ".npmrc",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".git-credentials",
    ".dockercfg",
    ".htpasswd",
    "credentials",
    "credentials.json",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "*.pem",
    "*.key",
    "*.ppk",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ovpn",
    "*.tfvars",
    "*.tfstate",
    "*.tfstate.backup",
    "kubeconfig",
    "master.key",
    "secrets.yml",
    "secrets.yaml",
    "secrets.json",
    "*.secret",
    "service-account*.json",
    "local.settings.json",
    "wp-config.php",
];

/// Directories whose names tell what lies in them, which somebody may give as a target.
const FOLDERS: &[&str] = &[
    ".circleci/",
    ".forgejo/",
    ".forgejo/workflows/",
    ".gitea/",
    ".gitea/workflows/",
    ".github/",
    ".github/workflows/",
];

/// Which of these a target is, or lies in as a file; links are followed. Empty if it is none.
fn folder_of(root: &Path) -> &'static str {
    let Ok(mut real) = root.canonicalize() else { return "" };
    if !real.is_dir() {
        real.pop();
    }
    FOLDERS.iter().find(|folder| real.ends_with(folder)).copied().unwrap_or_default()
}

/// What of a tree is walked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads; at least 1.
    pub threads: usize,
    /// Which files are left out.
    pub ignores: Ignores,
    /// Largest file, in bytes.
    pub max_file: u64,
}

/// Which files of a tree are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignores {
    /// What git ignores, inside repositories, save files that hold secrets by nature.
    Git,
    /// None but `.git` itself.
    None,
}

/// A file, or a directory with all that is under it.
pub struct Files {
    root: PathBuf,
    options: Options,
    /// Of the root, or of the file's directory: [`Origin::above`].
    above: Option<String>,
    /// [`Origin::folder`].
    folder: &'static str,
}

impl Files {
    /// The tree at `root`.
    pub fn new(root: impl Into<PathBuf>, options: Options) -> Self {
        let root = root.into();
        let folder = folder_of(&root);
        Self { root, options, above: None, folder }
    }

    /// The same, at a known place in its repository: the directories above it, or above the file, as in
    /// [`Origin::above`].
    #[must_use]
    pub fn below(self, above: Option<String>) -> Self {
        Self { above, ..self }
    }

    /// The origin of the file that is shown as `shown`, of which the last `inner` bytes are what the root does not name.
    fn origin(&self, shown: String, inner: usize) -> Origin {
        let root = shown.len().saturating_sub(inner);
        let above = self.above.clone().unwrap_or_default();
        Origin { root, above, folder: self.folder, ..Origin::file(shown) }
    }
}

impl Source for Files {
    fn walk(&self, sink: &dyn Sink) -> Result<(), SourceError> {
        let open = |source| SourceError::Open { path: display(&self.root), source };
        let metadata = fs::metadata(&self.root).map_err(open)?;
        if !metadata.is_dir() {
            // Named by the user, so whatever it is: `keystrel scan <(command)` is a FIFO.
            let mut file = File::open(&self.root).map_err(open)?;
            let input =
                if metadata.is_file() { Input::Seek(&mut file) } else { Input::Stream(&mut file) };
            let shown = display(&self.root);
            let name =
                self.root.file_name().map_or(shown.len(), |name| display(name.as_ref()).len());
            let inner = if self.above.is_some() { name } else { shown.len() };
            return sink.stream(self.origin(shown, inner), input).map_err(open);
        }
        fs::read_dir(&self.root).map_err(open)?;
        self.walk_tree(sink);
        Ok(())
    }
}

impl Files {
    fn walk_tree(&self, sink: &dyn Sink) {
        let git = self.options.ignores == Ignores::Git;
        let by_nature = names_of_secrets();
        let mut builder = WalkBuilder::new(&self.root);
        builder
            .standard_filters(false)
            .git_ignore(git)
            .git_exclude(git)
            .git_global(git)
            .parents(git)
            .follow_links(false)
            .filter_entry(|entry| entry.file_name() != ".git");
        let by_nature = git.then_some(&by_nature);
        let take = |entry: Result<DirEntry, ignore::Error>, buffer: &mut Vec<u8>| match entry {
            Ok(entry) => self.visit(&entry, by_nature, buffer, sink),
            Err(error) => sink.skipped(lost_entry(&self.root, &error)),
        };
        // The walk waits for ever for a thread that it does not get.
        match crate::threads::to_be_had(self.options.threads) {
            0 => {
                let mut buffer = Vec::new();
                builder.build().for_each(|entry| take(entry, &mut buffer));
            }
            threads => builder.threads(threads).build_parallel().run(|| {
                let mut buffer = Vec::new();
                let take = &take;
                Box::new(move |entry| {
                    take(entry, &mut buffer);
                    WalkState::Continue
                })
            }),
        }
    }

    /// Scans one entry. With `by_nature`, files of such names are left to the visit of their
    /// directory, which sees them whether git ignores them or not.
    fn visit(
        &self,
        entry: &DirEntry,
        by_nature: Option<&globset::GlobSet>,
        buffer: &mut Vec<u8>,
        sink: &dyn Sink,
    ) {
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            let Some(by_nature) = by_nature else { return };
            // The walk reads the directory too, but one may be refused what the other gets.
            let lost = |error| sink.skipped(Skipped::lost(display(entry.path()), error));
            let entries = match fs::read_dir(entry.path()) {
                Ok(entries) => entries,
                Err(error) => return lost(error),
            };
            for child in entries {
                let (child, kind) = match child.and_then(|child| Ok((child.file_type()?, child))) {
                    Ok((kind, child)) => (child, kind),
                    Err(error) => {
                        lost(error);
                        continue;
                    }
                };
                if kind.is_file() && is_by_nature(by_nature, Path::new(&child.file_name())) {
                    self.scan(&child.path(), buffer, sink);
                }
            }
        } else if kind.is_file() {
            let name = Path::new(entry.file_name());
            if !by_nature.is_some_and(|set| is_by_nature(set, name)) {
                self.scan(entry.path(), buffer, sink);
            }
        } else if kind.is_symlink() {
            // What it points to is scanned where it lies, or is outside of what was asked for.
            let why = "symbolic links are not followed";
            sink.skipped(Skipped::by_design(display(entry.path()), why));
        } else {
            let why = "not a regular file (a socket, FIFO or device)";
            sink.skipped(Skipped::by_design(display(entry.path()), why));
        }
    }

    fn scan(&self, path: &Path, buffer: &mut Vec<u8>, sink: &dyn Sink) {
        let shown = display(path);
        let inner = path.strip_prefix(&self.root).map_or(shown.len(), |inner| display(inner).len());
        let result = File::open(path).and_then(|mut file| {
            let size = file.metadata()?.len();
            if size > self.options.max_file {
                let why = format!("{size} bytes, the limit is {}", self.options.max_file);
                sink.skipped(Skipped::by_design(&shown, why));
                return Ok(());
            }
            let origin = self.origin(shown.clone(), inner);
            if size as usize > PIECE {
                return sink.stream(origin, Input::Seek(&mut file));
            }
            buffer.clear();
            // One byte more than the size, so that the end of the file is seen without a second read.
            buffer.reserve(size as usize + 1);
            file.by_ref().take(PIECE as u64 + 1).read_to_end(buffer)?;
            if buffer.len() > PIECE {
                // It grew meanwhile, or its size was not told.
                file.rewind()?;
                return sink.stream(origin, Input::Seek(&mut file));
            }
            let bytes = Bytes::from(std::mem::take(buffer));
            sink.artifact(Artifact::new(origin, bytes.clone()));
            // Nobody kept the bytes: take the allocation back for the next file.
            *buffer = bytes.try_into_mut().map(Vec::from).unwrap_or_default();
            Ok(())
        });
        if let Err(error) = result {
            sink.skipped(Skipped::lost(shown, error));
        }
    }
}

/// Pushes all that `reader` gives: as one artifact, or in overlapping pieces when it is huge.
///
/// # Errors
/// The reader's; what was read before is scanned.
pub(crate) fn push_reader(
    origin: Origin,
    reader: &mut dyn Read,
    sink: &dyn Sink,
) -> io::Result<()> {
    let origin = std::sync::Arc::new(origin);
    let mut base = Base::whole(0);
    let mut piece = Vec::new();
    let mut owned_from = 0;
    loop {
        let error = reader.take((PIECE - piece.len()) as u64).read_to_end(&mut piece).err();
        let last = piece.len() < PIECE || error.is_some();
        let owned_to = if last { piece.len() + 1 } else { PIECE - OVERLAP };
        base.owned = owned_from..owned_to;
        let bytes = Bytes::from(piece);
        sink.artifact(Artifact {
            origin: origin.clone(),
            bytes: bytes.clone(),
            base: base.clone(),
        });
        if let Some(error) = error {
            return Err(error);
        }
        if last {
            return Ok(());
        }
        // The next piece begins one overlap before what it owns: context for boundaries and decoders.
        let cut = owned_to - OVERLAP;
        let dropped = &bytes[..cut];
        let breaks = memchr::memchr_iter(b'\n', dropped).count() as u64;
        let tail = memchr::memrchr(b'\n', dropped).map_or(dropped, |at| &dropped[at + 1..]);
        let columns = crate::model::count_chars(tail);
        base.columns = if breaks == 0 { base.columns + columns } else { columns };
        base.offset += cut as u64;
        base.lines += breaks;
        piece = bytes[cut..].to_vec();
        owned_from = OVERLAP;
    }
}

fn names_of_secrets() -> globset::GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for name in SECRET_BY_NATURE {
        set.add(globset::Glob::new(name).expect("the table's globs are tested"));
    }
    set.build().expect("the table's globs are tested")
}

fn is_by_nature(set: &globset::GlobSet, name: &Path) -> bool {
    set.is_match(name.to_string_lossy().to_ascii_lowercase())
}

fn lost_entry(root: &Path, error: &ignore::Error) -> Skipped {
    match error {
        ignore::Error::WithPath { path, err } => Skipped::lost(display(path), err),
        ignore::Error::WithDepth { err, .. } => lost_entry(root, err),
        _ => Skipped::lost(display(root), error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Seen(Mutex<Vec<(Base, Vec<u8>)>>);

    impl Sink for Seen {
        fn artifact(&self, artifact: Artifact) {
            self.0.lock().unwrap().push((artifact.base, artifact.bytes.to_vec()));
        }
        fn skipped(&self, _: Skipped) {}
    }

    #[test]
    fn pieces_of_a_huge_stream_own_each_byte_once() {
        let mut text = Vec::new();
        for line in 0..1_500_000 {
            text.extend_from_slice(format!("line number {line}\n").as_bytes());
        }
        let seen = Seen::default();
        push_reader(Origin::file("x"), &mut text.as_slice(), &seen).unwrap();
        let pieces = seen.0.into_inner().unwrap();
        assert!(pieces.len() > 1, "one piece only");
        let mut next = 0;
        for (base, bytes) in &pieces {
            let at = base.offset as usize;
            assert_eq!(&text[at..at + bytes.len()], bytes);
            assert_eq!(at + base.owned.start, next, "owned ranges touch");
            next = at + base.owned.end;
            let lines = memchr::memchr_iter(b'\n', &text[..at]).count() as u64;
            assert_eq!(base.lines, lines, "lines before the piece");
        }
        assert_eq!(next, text.len() + 1);
    }

    #[test]
    fn every_glob_of_the_table_is_valid() {
        let set = names_of_secrets();
        assert!(is_by_nature(&set, Path::new(".env.local")));
        assert!(is_by_nature(&set, Path::new("ID_RSA")));
        assert!(!is_by_nature(&set, Path::new("main.rs")));
    }
}

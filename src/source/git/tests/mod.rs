//! Tests on repositories that the `git` program makes.

mod attribution;
mod broken;
mod clones;
mod histories;
mod index;
mod ranges;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::{Attribution, History, Options, Repo, STAGED, Version, Versions, open};
use crate::model::{Artifact, Origin, Skipped};
use crate::source::{Sink, Source};

/// A repository in a directory that goes with it.
struct Fixture {
    root: tempfile::TempDir,
    at: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        Self::with(&[])
    }

    /// A repository made by `git init` with more arguments.
    fn with(init: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let at = root.path().join("work");
        let fixture = Self { root, at };
        let at = fixture.at.to_str().unwrap();
        Self::run(&[&["init", "-q", "-b", "main"], init, &[at]].concat(), Path::new("/"), 0);
        fixture
    }

    fn run(arguments: &[&str], directory: &Path, minute: u32) -> String {
        let date = format!("2024-01-01T00:{minute:02}:00 +0000");
        let output = Command::new("git")
            .args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"])
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_AUTHOR_NAME", "Ada"),
                ("GIT_AUTHOR_EMAIL", "ada@example.org"),
                ("GIT_COMMITTER_NAME", "Ada"),
                ("GIT_COMMITTER_EMAIL", "ada@example.org"),
                ("GIT_AUTHOR_DATE", &date),
                ("GIT_COMMITTER_DATE", &date),
            ])
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn git(&self, arguments: &[&str]) -> String {
        Self::run(arguments, &self.at, 0)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.at.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes a file and commits everything; `minute` dates the commit.
    fn commit(&self, path: &str, content: &str, minute: u32) -> String {
        self.write(path, content);
        Self::run(&["add", "-A"], &self.at, minute);
        let message = format!("change {path} at {minute}");
        Self::run(&["commit", "-qm", &message], &self.at, minute);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The id that `content` has as a blob.
    fn blob(&self, content: &str) -> String {
        let file = self.root.path().join("blob");
        std::fs::write(&file, content).unwrap();
        self.git(&["hash-object", "--no-filters", file.to_str().unwrap()])
    }

    fn repo(&self) -> Repo {
        open(&self.at).unwrap().unwrap()
    }

    fn attribution(&self, contents: &[&str]) -> Attribution {
        let wanted: BTreeSet<String> = contents.iter().map(|text| self.blob(text)).collect();
        attribute(self.repo(), &wanted, 2)
    }

    /// (path, commit's id, in HEAD, note) of the places of `content`.
    fn places(&self, content: &str) -> Vec<(String, Option<String>, bool, Option<String>)> {
        let found = self.attribution(&[content]);
        found[&self.blob(content)].iter().map(row).collect()
    }

    /// The file of a loose object.
    fn loose(&self, id: &str) -> PathBuf {
        self.at.join(".git/objects").join(&id[..2]).join(&id[2..])
    }
}

fn attribute(repo: Repo, wanted: &BTreeSet<String>, threads: usize) -> Attribution {
    let history = History::new(repo, Options { threads, ..Options::default() });
    history.walk(&Seen::default()).unwrap();
    history.attribute(wanted).unwrap()
}

fn row(place: &super::Introduced) -> (String, Option<String>, bool, Option<String>) {
    let introduction = &place.introduction;
    let commit = introduction.commit.as_ref().map(|commit| commit.id.clone());
    (place.path.clone(), commit, introduction.in_head, introduction.note.clone())
}

/// What a source pushed.
#[derive(Default)]
struct Seen {
    artifacts: Mutex<Vec<Artifact>>,
    skipped: Mutex<Vec<Skipped>>,
}

impl Sink for Seen {
    fn artifact(&self, artifact: Artifact) {
        self.artifacts.lock().unwrap().push(artifact);
    }

    fn skipped(&self, skipped: Skipped) {
        self.skipped.lock().unwrap().push(skipped);
    }
}

impl Versions for Seen {
    type Kept = Vec<u8>;

    fn version(&self, version: &Version<'_>, base: Option<&Vec<u8>>) -> Option<Vec<u8>> {
        for copied in version.copies {
            let base = base.expect("what has copies has a base");
            let from = copied.from..copied.from + copied.at.len();
            assert_eq!(version.bytes[copied.at.range()], base[from], "{}", version.id);
        }
        let revision = Some(version.id.to_string());
        let origin = Origin { kind: version.kind, revision, ..Origin::default() };
        self.artifact(Artifact::new(origin, version.bytes.to_vec()));
        Some(version.bytes.to_vec())
    }

    fn skipped(&self, skipped: Skipped) {
        Sink::skipped(self, skipped);
    }

    fn piece(&self, piece: Artifact) {
        self.artifact(piece);
    }

    fn expect(&self, _: u64) {}

    fn read(&self, _: u64) {}
}

impl Seen {
    fn of(source: &dyn Source) -> Self {
        let seen = Self::default();
        source.walk(&seen).unwrap();
        seen
    }

    fn walked(history: &History) -> Self {
        let seen = Self::default();
        history.walk(&seen).unwrap();
        seen
    }

    fn history(repo: Repo) -> Self {
        Self::walked(&History::new(repo, Options { threads: 2, ..Options::default() }))
    }

    /// Contents of one kind, sorted.
    fn texts(&self, kind: &str) -> Vec<String> {
        let artifacts = self.artifacts.lock().unwrap();
        let of_kind = artifacts.iter().filter(|artifact| artifact.origin.kind == kind);
        let mut texts: Vec<String> =
            of_kind.map(|a| String::from_utf8_lossy(&a.bytes).into_owned()).collect();
        texts.sort();
        texts
    }

    /// Paths of one kind, sorted.
    fn paths(&self, kind: &str) -> Vec<String> {
        let artifacts = self.artifacts.lock().unwrap();
        let of_kind = artifacts.iter().filter(|artifact| artifact.origin.kind == kind);
        let mut paths: Vec<String> = of_kind.map(|a| a.origin.path.clone()).collect();
        paths.sort();
        paths
    }

    fn skipped(&self, lost: bool) -> Vec<Skipped> {
        self.skipped.lock().unwrap().iter().filter(|s| s.lost == lost).cloned().collect()
    }
}

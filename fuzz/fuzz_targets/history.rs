//! A repository whose pack and index are overwritten anywhere: no panic, and no object is given that is
//! not what its id says or that was not reported as lost.
#![no_main]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use keystrel::model::{Artifact, Skipped};
use keystrel::source::git::{History, Options, Version, Versions, open};
use libfuzzer_sys::fuzz_target;

/// A repository with one pack of deltas, and its pack and index as git wrote them.
struct Repository {
    root: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

static REPOSITORY: LazyLock<Mutex<Repository>> = LazyLock::new(|| {
    let root = std::env::temp_dir().join(format!("keystrel-fuzz-{}", std::process::id()));
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(arguments)
            .current_dir(&root)
            .status()
            .expect("git is there");
        assert!(done.success(), "git {arguments:?}");
    };
    std::fs::create_dir_all(&root).expect("a directory for temporary files");
    git(&["init", "-q", "."]);
    let mut text: String = (0..300).map(|n| format!("line {n} {}\n", n * 7919)).collect();
    for version in 0..12 {
        text.insert_str(version * 40, "another line\n");
        std::fs::write(root.join("file"), &text).expect("a file can be written");
        git(&["add", "-A"]);
        git(&["commit", "-qm", "change"]);
    }
    git(&["gc", "-q", "--aggressive"]);
    let packs = std::fs::read_dir(root.join(".git/objects/pack")).expect("there is a pack");
    let paths = packs.map(|entry| entry.expect("a readable directory").path());
    let mut files: Vec<(PathBuf, Vec<u8>)> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "pack" || e == "idx"))
        .map(|path| (path.clone(), std::fs::read(&path).expect("a readable file")))
        .collect();
    files.sort();
    Mutex::new(Repository { root, files })
});

#[derive(Default)]
struct Seen(Mutex<usize>);

impl Versions for Seen {
    type Kept = Vec<u8>;

    fn version(&self, version: &Version<'_>, base: Option<&Vec<u8>>) -> Option<Vec<u8>> {
        *self.0.lock().expect("no thread panics") += 1;
        for copied in version.copies {
            let base = base.expect("what has copies has a base");
            let from = copied.from..copied.from + copied.at.len();
            assert_eq!(version.bytes[copied.at.range()], base[from]);
        }
        Some(version.bytes.to_vec())
    }

    fn piece(&self, _: Artifact) {}
    fn skipped(&self, _: Skipped) {}
    fn expect(&self, _: u64) {}
    fn read(&self, _: u64) {}
}

fn write(path: &Path, bytes: &[u8]) {
    drop(std::fs::remove_file(path));
    std::fs::write(path, bytes).expect("a file can be written");
}

fuzz_target!(|edits: Vec<(bool, u16, Vec<u8>)>| {
    let repository = REPOSITORY.lock().expect("no target panics");
    let mut files = repository.files.clone();
    for (which, at, bytes) in edits {
        let (_, content) = &mut files[usize::from(which)];
        let at = usize::from(at) % content.len();
        let end = (at + bytes.len()).min(content.len());
        content[at..end].copy_from_slice(&bytes[..end - at]);
    }
    for (path, content) in &files {
        write(path, content);
    }
    if let Ok(Some(repo)) = open(&repository.root) {
        let history = History::new(repo, Options { threads: 1, max_object: 1 << 24 });
        drop(history.walk(&Seen::default()));
        drop(history.attribute(&["1".repeat(40)].into()));
        history.read(&["1".repeat(40)].into(), |_| {});
    }
});

//! What is staged.

use super::super::{Staged, StagedOptions};
use super::*;

fn staged(f: &Fixture) -> (Seen, String) {
    let seen = Seen::of(&Staged::new(f.repo(), StagedOptions::default()));
    (seen, format!("{}/", f.at.display()))
}

#[test]
fn before_the_first_commit_everything_is_staged() {
    let f = Fixture::new();
    assert!(staged(&f).0.paths("git-index").is_empty(), "no index yet");
    f.write("a", "one\n");
    f.write("dir/b", "two\n");
    f.git(&["add", "."]);
    let (seen, root) = staged(&f);
    assert_eq!(seen.paths("git-index"), [format!("{root}a"), format!("{root}dir/b")]);
}

#[test]
fn only_what_differs_from_head_is_staged_and_in_its_staged_form() {
    let f = Fixture::new();
    f.write("dir/deep/same", "same\n");
    f.write("gone", "gone\n");
    f.commit("dir/a", "old\n", 1);
    assert!(staged(&f).0.texts("git-index").is_empty());
    f.write("dir/a", "new\n");
    f.write("dir/added", "added\n");
    f.git(&["add", "."]);
    f.git(&["rm", "-q", "gone"]);
    f.write("dir/a", "not staged\n");
    f.write("unstaged", "x\n");
    let (seen, root) = staged(&f);
    assert_eq!(seen.texts("git-index"), ["added\n", "new\n"]);
    assert_eq!(seen.paths("git-index"), [format!("{root}dir/a"), format!("{root}dir/added")]);
}

#[test]
fn heads_version_can_be_asked_for() {
    let f = Fixture::new();
    f.commit("dir/a", "old\n", 1);
    f.write("dir/a", "new\n");
    f.write("b", "b\n");
    f.git(&["add", "."]);
    let staged = Staged::new(f.repo(), StagedOptions::default());
    let root = f.at.display();
    assert_eq!(staged.previous(&format!("{root}/dir/a")), Some(b"old\n".to_vec()));
    assert_eq!(staged.previous(&format!("{root}/b")), None);
    assert_eq!(staged.previous(&format!("{root}/dir")), None);
}

#[test]
fn an_announced_file_is_not_staged() {
    let f = Fixture::new();
    f.commit("a", "x\n", 1);
    f.write("later", "content\n");
    f.git(&["add", "--intent-to-add", "later"]);
    assert!(staged(&f).0.texts("git-index").is_empty());
}

#[test]
fn paths_restrict_what_is_read() {
    let f = Fixture::new();
    for path in ["a", "dir/b", "dirt"] {
        f.write(path, path);
    }
    f.git(&["add", "."]);
    let options = StagedOptions { paths: vec!["./dir/".to_owned()], ..StagedOptions::default() };
    let seen = Seen::of(&Staged::new(f.repo(), options));
    assert_eq!(seen.texts("git-index"), ["dir/b"]);
}

#[test]
fn all_sides_of_a_conflict_are_read() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.git(&["checkout", "-q", "-b", "side"]);
    f.commit("a", "theirs\n", 2);
    f.git(&["checkout", "-q", "main"]);
    f.commit("a", "ours\n", 3);
    let merge = std::panic::catch_unwind(|| f.git(&["merge", "-q", "side"]));
    assert!(merge.is_err(), "no conflict");
    assert_eq!(staged(&f).0.texts("git-index"), ["base\n", "theirs\n"]);
}

#[cfg(unix)]
#[test]
fn the_target_of_a_link_is_read_and_a_submodule_is_not() {
    let f = Fixture::new();
    f.commit("a", "x\n", 1);
    std::os::unix::fs::symlink("/some/target", f.at.join("link")).unwrap();
    f.git(&["add", "link"]);
    let id = f.git(&["rev-parse", "HEAD"]);
    f.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    let seen = staged(&f).0;
    assert_eq!(seen.texts("git-index"), ["/some/target"]);
    assert!(seen.skipped(true).is_empty());
}

#[test]
fn another_index_can_be_read() {
    let f = Fixture::new();
    f.commit("a", "x\n", 1);
    f.write("a", "y\n");
    f.git(&["add", "."]);
    let other = f.root.path().join("index");
    std::fs::rename(f.at.join(".git/index"), &other).unwrap();
    f.git(&["reset", "-q"]);
    assert!(staged(&f).0.texts("git-index").is_empty());
    let options = StagedOptions { index: Some(other), ..StagedOptions::default() };
    assert_eq!(Seen::of(&Staged::new(f.repo(), options)).texts("git-index"), ["y\n"]);
}

#[test]
fn a_damaged_index_is_an_error() {
    let f = Fixture::new();
    f.commit("a", "x\n", 1);
    let index = f.at.join(".git/index");
    let whole = std::fs::read(&index).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&index, &bytes).unwrap();
        let staged = Staged::new(f.repo(), StagedOptions::default());
        assert!(staged.walk(&Seen::default()).is_err(), "byte {at}");
    }
}

#[test]
fn a_staged_blob_that_is_missing_is_lost() {
    let f = Fixture::new();
    f.write("a", "gone\n");
    f.git(&["add", "."]);
    std::fs::remove_file(f.loose(&f.blob("gone\n"))).unwrap();
    assert_eq!(staged(&f).0.skipped(true).len(), 1);
}

//! Whole histories: what is pushed, and what is said to be missing.

use super::*;

#[test]
fn every_blob_and_message_is_pushed_once() {
    let f = Fixture::new();
    f.commit("a.txt", "one\n", 1);
    f.commit("a.txt", "two\n", 2);
    f.commit("copy.txt", "two\n", 3);
    for packed in [false, true] {
        if packed {
            f.git(&["gc", "-q"]);
        }
        let history = History::new(f.repo(), Options::default());
        let seen = Seen::walked(&history);
        assert_eq!(seen.texts("git-blob"), ["one\n", "two\n"], "packed: {packed}");
        assert_eq!(seen.texts("git-commit").len(), 3, "packed: {packed}");
        assert!(seen.skipped.lock().unwrap().is_empty());
    }
}

#[test]
fn objects_in_several_places_are_pushed_once() {
    let f = Fixture::new();
    f.commit("a.txt", "one\n", 1);
    f.git(&["repack", "-q"]);
    f.commit("b.txt", "two\n", 2);
    f.git(&["repack", "-q", "-a"]);
    assert_eq!(Seen::history(f.repo()).texts("git-blob"), ["one\n", "two\n"]);
}

#[test]
fn a_message_is_pushed_with_its_authors_and_without_ids() {
    let f = Fixture::new();
    let tree = f.commit("a", "x", 1);
    f.git(&["commit", "-q", "--allow-empty", "-m", "subject\n\nbody line"]);
    let texts = Seen::history(f.repo()).texts("git-commit");
    let text = texts.iter().find(|text| text.contains("body line")).unwrap();
    assert!(text.starts_with("author Ada <ada@example.org> 1704067200 +0000\n"), "{text}");
    assert!(text.ends_with("\n\nsubject\n\nbody line\n"), "{text}");
    assert!(!text.contains(&tree), "{text}");
}

#[test]
fn the_message_of_an_annotated_tag_is_pushed() {
    let f = Fixture::new();
    f.commit("a", "x", 1);
    f.git(&["tag", "-a", "v1", "-m", "tag text"]);
    let tags = Seen::history(f.repo()).texts("git-tag");
    assert_eq!(tags.len(), 1);
    assert!(tags[0].contains("tag v1\n") && tags[0].ends_with("tag text\n"), "{}", tags[0]);
}

#[test]
fn bare_repositories_subdirectories_and_linked_work_trees_are_found() {
    let f = Fixture::new();
    f.commit("dir/a", "x\n", 1);
    let bare = f.root.path().join("bare.git");
    let linked = f.root.path().join("linked");
    f.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    f.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    let paths = [
        f.at.join("dir"),
        f.at.join(".git"),
        bare,
        linked.clone(),
        linked.join(".git"),
        linked.join("dir"),
    ];
    for path in paths {
        let repo = open(&path).unwrap().unwrap_or_else(|| panic!("nothing at {path:?}"));
        assert_eq!(Seen::history(repo).texts("git-blob"), ["x\n"], "{path:?}");
    }
}

#[test]
fn a_directory_without_a_repository_is_no_error_and_a_broken_one_is() {
    let dir = tempfile::tempdir().unwrap();
    assert!(open(dir.path()).unwrap().is_none());
    assert!(open(&dir.path().join("absent")).unwrap().is_none());
    std::fs::write(dir.path().join(".git"), "gitdir: /nowhere/at/all\n").unwrap();
    assert!(open(dir.path()).is_err());
}

#[test]
fn sha256_repositories_are_read() {
    let f = Fixture::with(&["--object-format=sha256"]);
    let commit = f.commit("a", "wide\n", 1);
    assert_eq!(commit.len(), 64);
    f.commit("b", "wider\n", 2);
    f.git(&["gc", "-q"]);
    assert_eq!(Seen::history(f.repo()).texts("git-blob"), ["wide\n", "wider\n"]);
    assert_eq!(f.places("wide\n"), [("a".to_owned(), Some(commit), true, None)]);
}

#[test]
fn objects_of_alternates_are_part_of_the_history() {
    let f = Fixture::new();
    let commit = f.commit("a", "shared\n", 1);
    let other = f.root.path().join("other");
    f.git(&["clone", "-q", "--shared", ".", other.to_str().unwrap()]);
    let repo = || open(&other).unwrap().unwrap();
    assert_eq!(Seen::history(repo()).texts("git-blob"), ["shared\n"]);
    let wanted = BTreeSet::from([f.blob("shared\n")]);
    let found = attribute(repo(), &wanted, 1);
    let places = &found[&f.blob("shared\n")];
    assert_eq!(places[0].introduction.commit.as_ref().unwrap().id, commit);
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let f = Fixture::new();
    f.commit("a", "old\n", 1);
    let last = f.commit("a", "new\n", 2);
    let other = f.root.path().join("other");
    let url = format!("file://{}", f.at.display());
    f.git(&["clone", "-q", "--depth=1", &url, other.to_str().unwrap()]);
    let seen = Seen::history(open(&other).unwrap().unwrap());
    assert_eq!(seen.texts("git-blob"), ["new\n"]);
    assert_eq!(seen.skipped(true), []);
    let left_out = seen.skipped(false);
    assert!(left_out[0].what.contains(&last), "{left_out:?}");
}

#[test]
fn a_partial_clone_counts_what_it_does_not_have() {
    let f = Fixture::new();
    f.commit("a", "one\n", 1);
    f.commit("b", "two\n", 2);
    f.git(&["config", "uploadpack.allowFilter", "true"]);
    let other = f.root.path().join("other.git");
    let url = format!("file://{}", f.at.display());
    f.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, other.to_str().unwrap()]);
    let lost = Seen::history(open(&other).unwrap().unwrap()).skipped(true);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].what.starts_with("2 objects of a partial clone"), "{lost:?}");
}

#[test]
fn a_partial_clone_counts_versions_that_no_branch_has_now() {
    let f = Fixture::new();
    f.commit("a", "one\n", 1);
    f.commit("a", "two\n", 2);
    f.git(&["config", "uploadpack.allowFilter", "true"]);
    let other = f.root.path().join("other");
    let url = format!("file://{}", f.at.display());
    // What HEAD has is fetched when it is checked out.
    f.git(&["clone", "-q", "--filter=blob:none", &url, other.to_str().unwrap()]);
    let lost = Seen::history(open(&other).unwrap().unwrap()).skipped(true);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].what.ends_with(&f.blob("one\n")), "{lost:?}");
}

#[test]
fn an_lfs_pointer_is_scanned_and_its_object_reported_once() {
    let f = Fixture::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n";
    f.commit("a.bin", pointer, 1);
    f.commit("b.bin", &pointer.replace("size 3", "size 4"), 2);
    let seen = Seen::history(f.repo());
    assert_eq!(seen.texts("git-blob").len(), 2);
    let left_out = seen.skipped(false);
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0].what, "LFS object sha256:abc");
}

#[test]
fn submodules_are_entered_where_they_are_cloned() {
    let library = Fixture::new();
    library.commit("lib", "library\n", 1);
    let f = Fixture::new();
    f.commit("a", "x", 1);
    f.git(&["submodule", "--quiet", "add", library.at.to_str().unwrap(), "deps/lib"]);
    f.git(&["commit", "-qm", "add"]);
    let submodules = f.repo().submodules();
    assert_eq!(submodules.len(), 1);
    assert_eq!(submodules[0].path, "deps/lib");
    let inner = open(submodules[0].repository.as_ref().unwrap()).unwrap().unwrap();
    assert_eq!(Seen::history(inner).texts("git-blob"), ["library\n"]);

    let other = f.root.path().join("other");
    f.git(&["clone", "-q", ".", other.to_str().unwrap()]);
    let seen = Seen::history(open(&other).unwrap().unwrap());
    let left_out = seen.skipped(false);
    assert_eq!(
        (left_out[0].what.as_str(), left_out[0].why.as_str()),
        ("submodule deps/lib", "not cloned")
    );
}

#[test]
fn a_submodule_cannot_name_a_directory_outside() {
    let library = Fixture::new();
    library.commit("lib", "library\n", 1);
    let f = Fixture::new();
    let id = library.git(&["rev-parse", "HEAD"]);
    f.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    f.write(".gitmodules", "[submodule \"../../../work\"]\n\tpath = sub\n\turl = x\n");
    f.git(&["add", ".gitmodules"]);
    f.git(&["commit", "-qm", "x"]);
    assert_eq!(f.repo().submodules()[0].repository, None);
}

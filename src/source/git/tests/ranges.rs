//! Ranges of commits.

use super::super::Range;
use super::*;
use crate::source::SourceError;

fn range(f: &Fixture, spec: &str) -> (Range, Seen) {
    let range = Range::open(f.repo(), spec, Options { threads: 2, ..Options::default() }).unwrap();
    let seen = Seen::of(&range);
    (range, seen)
}

/// main: base, main; side from base: side; then a merge that brings in a file of its own.
fn merged() -> Fixture {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.git(&["checkout", "-q", "-b", "side"]);
    f.commit("b", "side\n", 2);
    f.git(&["checkout", "-q", "main"]);
    f.commit("c", "main\n", 3);
    f.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    f.commit("evil", "merge only\n", 4);
    f
}

#[test]
fn a_range_with_a_merge_has_what_the_merge_brings_in() {
    let f = merged();
    let (range, seen) = range(&f, "HEAD^1..HEAD");
    assert_eq!(range.commits(), 2);
    assert_eq!(seen.texts("git-blob"), ["merge only\n", "side\n"]);
    assert_eq!(seen.paths("git-blob"), ["b", "evil"]);
    assert_eq!(seen.texts("git-commit").len(), 2);
    let wanted = BTreeSet::from([f.blob("side\n"), f.blob("merge only\n")]);
    let found = range.attribution(&wanted);
    let commit = |content| row(&found[&f.blob(content)][0]);
    let id = |revision| Some(f.git(&["rev-parse", revision]));
    assert_eq!(commit("side\n"), ("b".to_owned(), id("side"), true, None));
    assert_eq!(commit("merge only\n"), ("evil".to_owned(), id("HEAD"), true, None));
}

#[test]
fn three_dots_and_a_single_revision_mean_what_came_since() {
    let f = merged();
    f.git(&["branch", "-q", "old", "HEAD~1"]);
    assert_eq!(range(&f, "old...side").1.texts("git-blob"), ["side\n"]);
    assert_eq!(range(&f, "old..side").1.texts("git-blob"), ["side\n"]);
    assert_eq!(range(&f, "old").1.texts("git-blob"), ["merge only\n", "side\n"]);
    assert_eq!(range(&f, "old..").1.texts("git-blob"), ["merge only\n", "side\n"]);
}

#[test]
fn what_was_added_and_removed_within_the_range_is_found() {
    let f = Fixture::new();
    let first = f.commit("a", "base\n", 1);
    f.commit("a", "value\n", 2);
    f.commit("a", "base\n", 3);
    let (range, seen) = range(&f, &format!("{first}..HEAD"));
    assert_eq!(seen.texts("git-blob"), ["base\n", "value\n"]);
    let found = range.attribution(&BTreeSet::from([f.blob("value\n")]));
    assert!(!found[&f.blob("value\n")][0].introduction.in_head);
}

#[test]
fn tags_on_commits_of_the_range_are_read() {
    let f = Fixture::new();
    f.commit("a", "1\n", 1);
    f.git(&["tag", "-a", "v1", "-m", "old tag"]);
    f.commit("a", "2\n", 2);
    f.git(&["tag", "-a", "v2", "-m", "new tag"]);
    let tags = range(&f, "v1..HEAD").1.texts("git-tag");
    assert_eq!(tags.len(), 1);
    assert!(tags[0].contains("new tag"), "{tags:?}");
}

#[test]
fn a_tag_that_the_range_names_is_read_wherever_it_points() {
    let f = Fixture::new();
    f.commit("a", "1\n", 1);
    f.git(&["tag", "-a", "v1", "-m", "old tag"]);
    let tag = f.git(&["rev-parse", "v1"]);
    f.git(&["tag", "-d", "v1"]);
    let (range, seen) = range(&f, &format!("HEAD..{tag}"));
    assert_eq!((range.commits(), seen.texts("git-tag").len()), (0, 1));
    assert!(seen.texts("git-tag")[0].contains("old tag"));
}

#[test]
fn several_ends_are_those_of_rev_list() {
    let f = Fixture::new();
    let base = f.commit("a", "base\n", 1);
    for (branch, minute) in [("one", 2), ("two", 3), ("three", 4)] {
        f.git(&["checkout", "-q", "-b", branch, &base]);
        f.commit(branch, &format!("{branch}\n"), minute);
    }
    assert_eq!(range(&f, "one two ^main").1.texts("git-blob"), ["one\n", "two\n"]);
    assert_eq!(range(&f, "one two ^main ^two").1.texts("git-blob"), ["one\n"]);
    assert_eq!(range(&f, "one two ^one ^two").0.commits(), 0);
    let all = format!("one ^{}", "0".repeat(40));
    assert_eq!(range(&f, &all).1.texts("git-blob"), ["base\n", "one\n"]);
    let error = Range::open(f.repo(), "one ^nope", Options::default()).err();
    assert!(matches!(error, Some(SourceError::Revision { .. })), "{error:?}");
}

#[test]
fn an_empty_range_has_no_commits_and_is_no_error() {
    let f = merged();
    let (range, seen) = range(&f, "HEAD..HEAD");
    assert_eq!(range.commits(), 0);
    assert!(seen.artifacts.lock().unwrap().is_empty());
}

#[test]
fn a_revision_that_does_not_resolve_is_an_error() {
    let f = merged();
    for spec in ["nope..HEAD", "HEAD..nope", "nope", "", &format!("{}..HEAD", "1".repeat(40))] {
        let spec = if spec.is_empty() { "@{99}.." } else { spec };
        let error = Range::open(f.repo(), spec, Options::default()).err();
        assert!(matches!(error, Some(SourceError::Revision { .. })), "{spec}: {error:?}");
    }
}

#[test]
fn all_zeros_stand_for_what_other_branches_have() {
    let f = merged();
    f.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    f.git(&["checkout", "-q", "-b", "topic"]);
    f.commit("t", "topic\n", 5);
    f.git(&["update-ref", "refs/remotes/origin/topic", "topic"]);
    let zeros = "0".repeat(40);
    assert_eq!(range(&f, &format!("{zeros}..topic")).1.texts("git-blob"), ["topic\n"]);
    assert_eq!(range(&f, &format!("topic..{zeros}")).0.commits(), 0);
    // The first push of the first branch: nothing is known elsewhere.
    let first = Fixture::new();
    first.commit("a", "only\n", 1);
    assert_eq!(range(&first, &format!("{zeros}..HEAD")).1.texts("git-blob"), ["only\n"]);
}

#[test]
fn a_base_that_a_shallow_clone_lacks_says_how_to_get_it() {
    let f = merged();
    let base = f.git(&["rev-parse", "HEAD~2"]);
    let other = f.root.path().join("other");
    let url = format!("file://{}", f.at.display());
    f.git(&["clone", "-q", "--depth=1", &url, other.to_str().unwrap()]);
    let repo = open(&other).unwrap().unwrap();
    let error = Range::open(repo, &format!("{base}..HEAD"), Options::default()).err().unwrap();
    assert!(error.to_string().contains("git fetch --unshallow"), "{error}");
}

#[test]
fn a_range_that_runs_into_the_end_of_a_shallow_clone_is_partial() {
    let f = merged();
    f.git(&["branch", "-q", "-f", "side", "HEAD"]);
    f.commit("d", "last\n", 5);
    let other = f.root.path().join("other");
    let url = format!("file://{}", f.at.display());
    let to = other.to_str().unwrap();
    f.git(&["clone", "-q", "--depth=1", "--no-single-branch", "--branch=side", &url, to]);
    let repo = open(&other).unwrap().unwrap();
    let range = Range::open(repo, "side..origin/main", Options::default()).unwrap();
    let seen = Seen::of(&range);
    assert!(seen.texts("git-blob").contains(&"last\n".to_owned()));
    assert_eq!(seen.skipped(true).len(), 1, "{:?}", seen.skipped(true));
}

#[test]
fn a_tree_that_is_missing_is_lost() {
    let f = Fixture::new();
    f.commit("a", "1\n", 1);
    f.commit("dir/b", "2\n", 2);
    let tree = f.git(&["rev-parse", "HEAD:dir"]);
    std::fs::remove_file(f.loose(&tree)).unwrap();
    let lost = range(&f, "HEAD~1..HEAD").1.skipped(true);
    assert_eq!(lost[0].what, format!("object {tree}"));
}

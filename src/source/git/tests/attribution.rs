//! Which commit brought a blob in.

use super::*;

fn at(path: &str, commit: &str, in_head: bool, note: Option<&str>) -> Row {
    (path.to_owned(), Some(commit.to_owned()), in_head, note.map(ToOwned::to_owned))
}

type Row = (String, Option<String>, bool, Option<String>);

#[test]
fn the_first_commit_counts_and_its_author_is_named() {
    let f = Fixture::new();
    let first = f.commit("dir/a", "value\n", 1);
    f.commit("dir/b", "other\n", 2);
    let found = f.attribution(&["value\n"]);
    let place = &found[&f.blob("value\n")][0];
    let commit = place.introduction.commit.as_ref().unwrap();
    assert_eq!((place.path.as_str(), commit.id.as_str()), ("dir/a", first.as_str()));
    assert_eq!((commit.author.as_str(), commit.email.as_str()), ("Ada", "ada@example.org"));
    assert_eq!(commit.date, "2024-01-01T00:01:00+00:00");
    assert_eq!(commit.summary, "change dir/a at 1");
}

#[test]
fn a_deleted_file_is_not_in_head() {
    let f = Fixture::new();
    let first = f.commit("a", "value\n", 1);
    f.commit("a", "clean\n", 2);
    assert_eq!(f.places("value\n"), [at("a", &first, false, None)]);
    assert!(f.places("clean\n")[0].2);
}

#[test]
fn a_rename_gives_two_paths() {
    let f = Fixture::new();
    let first = f.commit("old/a", "value\n", 1);
    f.git(&["mv", "old", "new"]);
    let second = f.commit("b", "x\n", 2);
    assert_eq!(
        f.places("value\n"),
        [at("new/a", &second, true, None), at("old/a", &first, false, None)]
    );
}

#[test]
fn a_value_that_comes_back_counts_from_its_first_commit() {
    let f = Fixture::new();
    // The clock of the first committer was ahead.
    let first = f.commit("a", "value\n", 9);
    f.commit("a", "clean\n", 2);
    f.commit("a", "value\n", 3);
    assert_eq!(f.places("value\n"), [at("a", &first, true, None)]);
}

#[test]
fn what_only_a_merge_brings_in_is_found() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.git(&["checkout", "-q", "-b", "side"]);
    f.commit("b", "side\n", 2);
    f.git(&["checkout", "-q", "main"]);
    f.commit("c", "main\n", 3);
    f.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let merge = f.commit("evil", "merge only\n", 4);
    assert_eq!(f.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3);
    assert_eq!(f.places("merge only\n"), [at("evil", &merge, true, None)]);
    let side = f.git(&["rev-parse", "side"]);
    assert_eq!(f.places("side\n"), [at("b", &side, true, None)]);
}

#[test]
fn a_stash_is_named() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.write("a", "stashed\n");
    f.write("untracked", "also stashed\n");
    f.git(&["stash", "-q", "-u"]);
    for (content, path) in [("stashed\n", "a"), ("also stashed\n", "untracked")] {
        let places = f.places(content);
        assert_eq!(places.len(), 1, "{places:?}");
        assert_eq!((places[0].0.as_str(), places[0].3.as_deref()), (path, Some("stash")));
    }
}

#[test]
fn an_older_stash_is_only_in_the_log_of_the_stash() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    for content in ["first\n", "second\n"] {
        f.write("a", content);
        f.git(&["stash", "-q"]);
    }
    assert_eq!(f.places("first\n")[0].3.as_deref(), Some("stash"));
}

#[test]
fn a_note_is_named() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.git(&["notes", "add", "-m", "noted"]);
    assert_eq!(f.places("noted\n")[0].3.as_deref(), Some("note"));
}

#[test]
fn what_only_a_log_reaches_is_named() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    let dropped = f.commit("a", "dropped\n", 2);
    f.git(&["reset", "-q", "--hard", "HEAD~1"]);
    std::fs::remove_file(f.at.join(".git/ORIG_HEAD")).unwrap();
    assert_eq!(f.places("dropped\n"), [at("a", &dropped, false, Some("reflog"))]);
}

#[test]
fn what_nothing_reaches_is_named() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    let dropped = f.commit("a", "dropped\n", 2);
    f.git(&["reset", "-q", "--hard", "HEAD~1"]);
    std::fs::remove_file(f.at.join(".git/ORIG_HEAD")).unwrap();
    std::fs::remove_dir_all(f.at.join(".git/logs")).unwrap();
    assert_eq!(f.places("dropped\n"), [at("a", &dropped, false, Some("unreachable"))]);
    assert_eq!(Seen::history(f.repo()).texts("git-blob"), ["base\n", "dropped\n"]);
}

#[test]
fn a_branch_is_named_before_what_was_amended_away() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.commit("b", "value\n", 2);
    Fixture::run(&["commit", "-q", "--amend", "-m", "amended"], &f.at, 3);
    let kept = f.git(&["rev-parse", "HEAD"]);
    assert_eq!(f.places("value\n"), [at("b", &kept, true, None)]);
}

#[test]
fn a_blob_that_no_commit_holds_has_the_paths_of_the_index() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    for path in ["b", "dir/c"] {
        f.write(path, "added only\n");
        f.git(&["add", path]);
    }
    let staged = |path: &str| (path.to_owned(), None, false, Some(STAGED.to_owned()));
    assert_eq!(f.places("added only\n"), [staged("b"), staged("dir/c")]);
}

#[test]
fn a_blob_that_neither_a_commit_nor_the_index_holds_has_no_path() {
    let f = Fixture::new();
    f.commit("a", "base\n", 1);
    f.write("b", "added once\n");
    f.git(&["add", "b"]);
    f.write("b", "added again\n");
    f.git(&["add", "b"]);
    f.write("c", "tagged\n");
    let id = f.git(&["hash-object", "-w", "c"]);
    f.git(&["tag", "-a", "key", "-m", "x", &id]);
    let unreachable = Some("unreachable".to_owned());
    assert_eq!(f.places("added once\n"), [(String::new(), None, false, unreachable)]);
    let named = Some("reference key".to_owned());
    assert_eq!(f.places("tagged\n"), [(String::new(), None, false, named)]);
}

#[test]
fn messages_name_themselves() {
    let f = Fixture::new();
    let commit = f.commit("a", "x\n", 1);
    f.git(&["tag", "-a", "v1", "-m", "text"]);
    let tag = f.git(&["rev-parse", "v1"]);
    let wanted = BTreeSet::from([commit.clone(), tag.clone()]);
    let found = attribute(f.repo(), &wanted, 1);
    assert_eq!(row(&found[&commit][0]), at("", &commit, false, Some("commit message")));
    let note = Some("tag message of v1".to_owned());
    assert_eq!(row(&found[&tag][0]), (String::new(), None, false, note));
}

#[test]
fn packed_and_loose_objects_give_the_same_on_any_number_of_threads() {
    let f = Fixture::new();
    let contents: Vec<String> = (0..40).map(|n| format!("content {n}\n")).collect();
    for (n, content) in contents.iter().enumerate() {
        f.commit(&format!("dir{}/sub/file{}", n % 5, n % 7), content, n as u32);
    }
    let wanted: BTreeSet<String> = contents.iter().map(|content| f.blob(content)).collect();
    let run = |threads| attribute(f.repo(), &wanted, threads);
    let loose = run(1);
    assert!(loose.values().all(|places| places[0].introduction.commit.is_some()));
    f.git(&["gc", "-q"]);
    assert_eq!(run(1), loose);
    assert_eq!(run(4), loose);
}

#[test]
fn the_branches_and_tags_that_contain_a_commit_are_told() {
    let f = Fixture::new();
    let first = f.commit("a", "one\n", 1);
    f.git(&["branch", "old"]);
    let second = f.commit("a", "two\n", 2);
    f.git(&["tag", "-a", "v1", "-m", "one"]);
    f.git(&["checkout", "-q", "-b", "side", "old"]);
    let third = f.commit("b", "three\n", 3);
    let history = History::new(f.repo(), Options::default());
    history.walk(&Seen::default()).unwrap();
    let commits = [&first, &second, &third].map(Clone::clone).into();
    let refs = history.containing(&commits);
    let names = |id: &String| refs[id].names.join(" ");
    assert_eq!(names(&first), "main old side v1");
    assert_eq!(names(&second), "main v1");
    assert_eq!(names(&third), "side");
    for n in 0..12 {
        f.git(&["branch", &format!("more-{n:02}")]);
    }
    let history = History::new(f.repo(), Options::default());
    history.walk(&Seen::default()).unwrap();
    let refs = &history.containing(&[third.clone()].into())[&third];
    assert_eq!((refs.names.len(), refs.more), (10, 3));
    assert!(history.containing(&["1".repeat(40)].into()).is_empty());
}

//! Addresses, and clones of them.

use super::super::{is_url, without_account};

#[test]
fn addresses_are_told_from_paths() {
    for url in [
        "https://example.org/x",
        "HTTP://example.org/x",
        "ssh://git@example.org/x",
        "git://example.org/x",
        "file:///tmp/x",
        "git@example.org:group/x.git",
    ] {
        assert!(is_url(url), "{url}");
    }
    for path in ["", ".", "src/a", "C:\\x", "C:/x", "a:b", "./user@host:x", "@scope/x:y", "https:"]
    {
        assert!(!is_url(path), "{path}");
    }
}

#[test]
fn what_grants_access_is_no_part_of_a_name() {
    let pass = concat!("pa", "ss");
    for (url, shown) in [
        (format!("https://user:{pass}@host/x.git"), "https://host/x.git"),
        (format!("https://{pass}@host:8443/x@y"), "https://host:8443/x@y"),
        (format!("https://user:{pass}/{pass}@host/x"), "https://host/x"),
        (format!("ssh://git:{pass}@host/x"), "ssh://host/x"),
        ("https://host/@scope/x".into(), "https://host/@scope/x"),
        ("https://[::1]/@scope/x".into(), "https://[::1]/@scope/x"),
        ("git@host:group/x.git".into(), "git@host:group/x.git"),
    ] {
        assert_eq!(without_account(&url), shown);
    }
}

#[cfg(feature = "clone")]
#[test]
fn a_clone_has_all_references_and_is_brought_up_to_date() {
    use super::super::clone::clone_url;
    use super::*;
    let f = Fixture::new();
    f.commit("a", "one\n", 1);
    f.git(&["update-ref", "refs/pull/1/head", "HEAD"]);
    f.git(&["notes", "add", "-m", "noted"]);
    let cache = f.root.path().join("cache");
    let url = format!("file://{}", f.at.display());
    let clone = clone_url(&url, &cache).unwrap();
    let repo = open(&clone).unwrap().unwrap();
    assert_eq!(Seen::history(repo).texts("git-blob"), ["noted\n", "one\n"]);
    let references = Fixture::run(&["for-each-ref", "--format=%(refname)"], &clone, 0);
    assert!(references.contains("refs/pull/1/head"), "{references}");
    f.commit("a", "two\n", 2);
    assert_eq!(clone_url(&url, &cache).unwrap(), clone);
    let repo = open(&clone).unwrap().unwrap();
    assert_eq!(Seen::history(repo).texts("git-blob"), ["noted\n", "one\n", "two\n"]);
}

#[cfg(feature = "clone")]
#[test]
fn a_clone_that_fails_leaves_nothing() {
    use super::super::clone::clone_url;
    let root = tempfile::tempdir().unwrap();
    let url = format!("file://{}/absent", root.path().display());
    let cache = root.path().join("cache");
    assert!(clone_url(&url, &cache).is_err());
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 0);
}

//! Repositories that are damaged: what is whole is scanned, what is not is named.

use super::*;

/// Makes a file of the object database writable, which git does not.
fn make_writable(path: &Path) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file in a temporary directory")]
    permissions.set_readonly(false);
    std::fs::set_permissions(path, permissions).unwrap();
}

fn overwrite(path: &Path, bytes: &[u8]) {
    make_writable(path);
    std::fs::write(path, bytes).unwrap();
}

fn ids(skipped: &[Skipped]) -> Vec<String> {
    let mut ids: Vec<String> = skipped.iter().map(|s| s.what.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn a_corrupt_loose_object_is_lost_alone() {
    let f = Fixture::new();
    f.commit("a", "good\n", 1);
    f.commit("b", "bad\n", 2);
    let id = f.blob("bad\n");
    for garbage in [&b""[..], b"garbage", b"x\x01\x4b\xca\xc9\x4f\x52"] {
        overwrite(&f.loose(&id), garbage);
        let seen = Seen::history(f.repo());
        assert_eq!(seen.texts("git-blob"), ["good\n"], "{garbage:?}");
        assert_eq!(ids(&seen.skipped(true)), [format!("object {id}")], "{garbage:?}");
    }
}

#[test]
fn a_loose_object_over_the_limit_is_lost_whatever_it_declares() {
    let f = Fixture::new();
    f.commit("a", "small\n", 1);
    f.commit("b", &"0".repeat(100_000), 2);
    let options = Options { max_object: 50_000, ..Options::default() };
    let seen = Seen::walked(&History::new(f.repo(), options));
    assert_eq!(seen.texts("git-blob"), ["small\n"]);
    assert_eq!(seen.skipped(true).len(), 1);

    // Declares 6 bytes and inflates to many.
    let id = f.blob("small\n");
    let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let body = [&b"blob 6\0"[..], &vec![0; 1 << 20]].concat();
    std::io::Write::write_all(&mut bomb, &body).unwrap();
    overwrite(&f.loose(&id), &bomb.finish().unwrap());
    let seen = Seen::walked(&History::new(f.repo(), options));
    assert_eq!(seen.texts("git-blob"), Vec::<String>::new());
    assert_eq!(seen.skipped(true).len(), 2);
}

#[test]
fn a_packed_object_over_the_limit_is_lost_alone() {
    let f = Fixture::new();
    f.commit("a", "small\n", 1);
    f.commit("b", &"0".repeat(100_000), 2);
    f.git(&["gc", "-q"]);
    let options = Options { max_object: 50_000, ..Options::default() };
    let seen = Seen::walked(&History::new(f.repo(), options));
    assert_eq!(seen.texts("git-blob"), ["small\n"]);
    assert_eq!(ids(&seen.skipped(true)), [format!("object {}", f.blob(&"0".repeat(100_000)))]);
}

#[test]
fn a_missing_object_is_reported() {
    let f = Fixture::new();
    f.commit("dir/a", "here\n", 1);
    f.commit("dir/b", "gone\n", 2);
    let blob = f.blob("gone\n");
    std::fs::remove_file(f.loose(&blob)).unwrap();
    let parent = f.git(&["rev-parse", "HEAD~1"]);
    std::fs::remove_file(f.loose(&parent)).unwrap();
    let mut expected = vec![format!("object {blob}"), format!("object {parent}")];
    expected.sort();
    let seen = Seen::history(f.repo());
    assert_eq!(ids(&seen.skipped(true)), expected);
    assert_eq!(seen.texts("git-blob"), ["here\n"]);
}

/// A repository with one pack of deltas, its pack's path, and the contents of its blobs.
fn packed() -> (Fixture, PathBuf, Vec<String>) {
    let f = Fixture::new();
    // Not compressible, so that deltas pay.
    let noise: String = (0..4_000u64)
        .map(|n| char::from(b'a' + (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as u8 % 26))
        .collect();
    let mut contents = Vec::new();
    for n in 0..30 {
        contents.push(format!("{noise}version {n}\n"));
        f.commit("a", &contents[n], n as u32);
    }
    f.git(&["gc", "-q", "--aggressive"]);
    let pack = std::fs::read_dir(f.at.join(".git/objects/pack")).unwrap();
    let pack = pack.map(|e| e.unwrap().path()).find(|p| p.extension().unwrap() == "pack").unwrap();
    contents.sort();
    (f, pack, contents)
}

#[test]
fn a_truncated_pack_loses_only_what_was_cut_off() {
    let (f, pack, contents) = packed();
    assert_eq!(Seen::history(f.repo()).texts("git-blob"), contents);
    let whole = std::fs::read(&pack).unwrap();
    for keep in [whole.len() - 21, whole.len() / 2, 100, 40, 12, 0] {
        overwrite(&pack, &whole[..keep]);
        let Ok(Some(repo)) = open(&f.at) else { continue };
        let seen = Seen::history(repo);
        let texts = seen.texts("git-blob");
        assert!(texts.iter().all(|text| contents.contains(text)), "kept {keep}");
        assert!(!seen.skipped(true).is_empty(), "kept {keep}");
    }
}

#[test]
fn a_flipped_bit_loses_no_object_in_silence() {
    let (f, pack, contents) = packed();
    let whole = std::fs::read(&pack).unwrap();
    for at in (12..whole.len() - 20).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        overwrite(&pack, &bytes);
        let seen = Seen::history(f.repo());
        let texts = seen.texts("git-blob");
        let right = contents.iter().filter(|content| texts.contains(content)).count();
        let lost = seen.skipped(true).len();
        // The bit may be in a tree, which is not pushed, or where inflating does not see it.
        assert!(right == contents.len() || lost > 0 || texts.len() == contents.len(), "at {at}");
    }
}

#[test]
fn a_damaged_index_is_no_panic() {
    let (f, pack, _) = packed();
    let index = pack.with_extension("idx");
    let whole = std::fs::read(&index).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        overwrite(&index, &bytes);
        // The reference to HEAD may be unreadable now, which is an answer as well.
        let Ok(Some(repo)) = open(&f.at) else { continue };
        let seen = Seen::default();
        let history = History::new(repo.clone(), Options { threads: 2, ..Options::default() });
        drop(history.walk(&seen));
        drop(history.attribute(&BTreeSet::from(["1".repeat(40)])));
    }
    overwrite(&index, &whole[..whole.len() / 3]);
    let seen = Seen::history(f.repo());
    assert!(
        seen.skipped(true)
            .iter()
            .any(|s| Path::new(&s.what).extension().is_some_and(|e| e == "idx")),
        "{:?}",
        seen.skipped(true)
    );
}

#[test]
fn a_pack_without_an_index_is_lost() {
    let (f, pack, _) = packed();
    std::fs::remove_file(pack.with_extension("idx")).unwrap();
    let lost = Seen::history(f.repo()).skipped(true);
    assert!(lost.iter().any(|s| s.why == "the pack has no index"), "{lost:?}");
}

/// Something to write over a file, and where: file, place in thousandths, bytes.
type Edit = (bool, usize, Vec<u8>);

/// Overwrites pack and index; what is given is right all the same, or lost.
fn survives(pack: &Path, at: &Path, contents: &[String], edits: &[Edit], files: &[Vec<u8>; 2]) {
    let mut files = files.clone();
    for (is_index, place, bytes) in edits {
        let content = &mut files[usize::from(*is_index)];
        let start = content.len() * place / 1000;
        let end = (start + bytes.len()).min(content.len());
        content[start..end].copy_from_slice(&bytes[..end - start]);
    }
    overwrite(pack, &files[0]);
    overwrite(&pack.with_extension("idx"), &files[1]);
    let Ok(Some(repo)) = open(at) else { return };
    let history = History::new(repo, Options { threads: 2, max_object: 1 << 20 });
    let seen = Seen::default();
    history.walk(&seen).unwrap();
    // A wrong id in the index is the one thing that is not looked through: the object is scanned.
    let is_index = edits.iter().any(|(is_index, ..)| *is_index);
    let texts = seen.texts("git-blob");
    let wrong = texts.iter().filter(|text| !contents.contains(text)).count();
    assert!(is_index || wrong == 0, "{wrong} objects are none");
    let wanted: BTreeSet<String> = (0..300).map(|n| format!("{n:040x}")).collect();
    history.attribute(&wanted).unwrap();
    history.read(&wanted, |_| {});
}

#[test]
fn a_pack_that_is_overwritten_anywhere_gives_nothing_wrong() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    let (f, pack, contents) = packed();
    let files = [&pack, &pack.with_extension("idx")].map(|path| std::fs::read(path).unwrap());
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..12),
        (1..400usize, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ];
    let edit = (any::<bool>(), 0..1000usize, bytes);
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    let edits = proptest::collection::vec(edit, 1..4);
    TestRunner::new(config)
        .run(&edits, |edits| {
            survives(&pack, &f.at, &contents, &edits, &files);
            Ok(())
        })
        .unwrap();
}

#[test]
fn references_that_cannot_be_read_are_named() {
    let f = Fixture::new();
    f.commit("a", "one\n", 1);
    f.git(&["tag", "v1"]);
    let refs = f.at.join(".git/refs");
    let named = || {
        let named = ids(&Seen::history(f.repo()).skipped(true));
        named.iter().map(|what| what.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // What is no reference names nothing.
    std::fs::write(refs.join("tags/v2"), "none\n").unwrap();
    assert_eq!(named(), Vec::<String>::new());
    std::fs::rename(refs.join("tags"), f.at.join("tags")).unwrap();
    std::fs::write(refs.join("tags"), "no directory\n").unwrap();
    assert_eq!(named(), ["tags"]);
    std::fs::remove_file(refs.join("tags")).unwrap();
    std::fs::rename(f.at.join("tags"), refs.join("tags")).unwrap();
    std::fs::write(f.at.join(".git/packed-refs"), "no line of it\n").unwrap();
    assert_eq!(named(), ["references"]);
    std::fs::remove_file(f.at.join(".git/packed-refs")).unwrap();
    assert_eq!(named(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn references_that_may_not_be_listed_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let f = Fixture::new();
    f.commit("a", "one\n", 1);
    f.git(&["tag", "v1"]);
    let tags = f.at.join(".git/refs/tags");
    let may = |mode| {
        std::fs::set_permissions(&tags, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    may(0o000);
    // The superuser may list all.
    let is_refused = std::fs::read_dir(&tags).is_err();
    let seen = Seen::history(f.repo());
    may(0o755);
    let named = ids(&seen.skipped(true));
    assert_eq!(named.iter().any(|what| what.ends_with(".git/refs/tags")), is_refused, "{named:?}");
}

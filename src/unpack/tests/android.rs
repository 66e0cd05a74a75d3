//! Compiled resources, written here after `ResourceTypes.h`.

use super::*;

fn words<const N: usize>(numbers: [u32; N]) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

fn halves<const N: usize>(numbers: [u16; N]) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_le_bytes).collect()
}

/// A chunk whose header goes on with `about`.
fn chunk(kind: u16, about: &[u8], content: &[u8]) -> Vec<u8> {
    let header = about.len() + 8;
    let sizes = [halves([kind, header as u16]), words([(header + content.len()) as u32])].concat();
    [&sizes, about, content].concat()
}

fn pool(texts: &[&str], is_utf8: bool) -> Vec<u8> {
    let (mut offsets, mut data) = (Vec::new(), Vec::new());
    for text in texts {
        offsets.extend(words([data.len() as u32]));
        if is_utf8 {
            let length = |length: usize| match length {
                0..128 => vec![length as u8],
                _ => vec![0x80 | (length >> 8) as u8, length as u8],
            };
            data.extend([length(text.chars().count()), length(text.len())].concat());
            data.extend(text.bytes().chain([0]));
        } else {
            let units: Vec<u16> = text.encode_utf16().collect();
            data.extend(halves([units.len() as u16]));
            data.extend(units.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()));
        }
    }
    let flags = if is_utf8 { 1 << 8 } else { 0 };
    let about = words([texts.len() as u32, 0, flags, 28 + offsets.len() as u32, 0]);
    chunk(1, &about, &[offsets, data].concat())
}

/// An element and its attributes, each the numbers of a name and a text.
fn element(name: u32, attributes: &[(u32, u32)]) -> Vec<u8> {
    let mut content = words([u32::MAX, name]);
    content.extend(halves([20, 20, attributes.len() as u16, 0, 0, 0]));
    for (name, value) in attributes {
        content.extend(words([u32::MAX, *name, *value]));
        content.extend([8, 0, 0, 3]);
        content.extend(words([*value]));
    }
    chunk(0x102, &words([1, u32::MAX]), &content)
}

fn manifest() -> Vec<u8> {
    let texts =
        ["meta-data", "name", "value", "com.example.API_KEY", "the value \u{e4}", "nowhere", ""];
    let nodes = [
        element(0, &[(1, 3), (2, 4), (6, 6)]),
        chunk(0x104, &words([1, u32::MAX]), &words([4, 0, 0])),
    ];
    chunk(3, &[], &[pool(&texts, false), nodes.concat()].concat())
}

/// A table of two resources, one of several values, and one whose value is no text.
fn table() -> Vec<u8> {
    let long = "long ".repeat(40);
    let values = pool(&["first value", "second", long.as_str(), "unused"], true);
    let value = |kind: u8, data: u32| [&[8, 0, 0, kind], words([data]).as_slice()].concat();
    let entries = [
        [halves([8, 0]), words([0]), value(3, 0)].concat(),
        [halves([16, 1]), words([1, 0, 2, 7]), value(3, 1), words([8]), value(3, 2)].concat(),
        [halves([8, 0]), words([2]), value(0x10, 1)].concat(),
    ];
    let mut offsets = Vec::new();
    for at in 0..entries.len() {
        offsets.extend(words([entries[..at].iter().map(Vec::len).sum::<usize>() as u32]));
    }
    offsets.extend(words([u32::MAX]));
    let about = |count: u32| [vec![1, 0, 0, 0], words([count, 20 + 4 + 16]), words([4])].concat();
    let first = chunk(0x201, &about(4), &[offsets, entries.concat()].concat());
    // The same in another language, where nothing is new.
    let types = pool(&["string"], false);
    let names = pool(&["api_key", "list", "number"], true);
    let start = 288;
    let mut package = words([0x7f]);
    package.resize(package.len() + 256, 0);
    package.extend(words([start, 0, start + types.len() as u32, 0, 0]));
    let package = chunk(0x200, &package, &[types, names, first.clone(), first].concat());
    chunk(2, &words([1]), &[values, package].concat())
}

#[test]
fn names_and_values_of_resources_stand_beside_each_other() {
    let long = "long ".repeat(40);
    let expected = [
        (manifest(), "meta-data name=\"com.example.API_KEY\" value=\"the value \u{e4}\"\nthe value \u{e4}\nname\nvalue\nnowhere\n".to_owned()),
        (table(), format!("api_key=\"first value\"\nlist=\"second\"\nlist=\"{long}\"\nunused\n")),
    ];
    for (bytes, text) in expected {
        let (members, skipped) = unpacked("x.apk", &zip(&[("AndroidManifest.xml", &bytes)]));
        assert_eq!(skipped, []);
        assert_eq!(members[0], ("x.apk!AndroidManifest.xml".to_owned(), bytes));
        let (name, found) = &members[1];
        assert_eq!(name, "x.apk!AndroidManifest.xml!resources");
        assert_eq!(String::from_utf8_lossy(found), text);
    }
    assert!(!is_container(b"\x03\0\x08\0some bytes that begin so"));
}

#[test]
fn what_is_broken_is_lost_and_its_bytes_are_scanned() {
    for bytes in [manifest(), table()] {
        let (members, skipped) = unpacked("x", &bytes[..bytes.len() - 3]);
        assert!(members.iter().any(|(name, _)| name == "x"), "{:?}", names(&members));
        assert_eq!(skipped, [Skipped::lost("x", "Android resources: its chunks are broken")]);
    }
}

proptest! {
    #[test]
    fn any_resources_are_read_without_a_panic(
        is_table in any::<bool>(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = if is_table { table() } else { manifest() };
        for (at, byte) in changes {
            let at = 12 + at.index(bytes.len() - 12);
            bytes[at] = byte;
        }
        bytes.extend(noise);
        unpacked("x", &bytes);
    }
}

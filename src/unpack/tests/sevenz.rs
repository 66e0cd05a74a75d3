//! 7z, written here after 7zFormat.txt.

use super::*;

/// A number as headers have it.
fn number(value: usize) -> Vec<u8> {
    match value {
        0..0x80 => vec![value as u8],
        0x80..0x4000 => vec![0x80 | (value >> 8) as u8, value as u8],
        _ => [&[0xe0], &(value as u32).to_le_bytes()[..3]].concat(),
    }
}

/// Steps of a folder: its coders and how they are bound, and the bytes that each gives.
struct Steps {
    coders: Vec<u8>,
    sizes: Vec<usize>,
}

/// Tells of one folder.
fn streams(at: usize, packed: &[usize], steps: &Steps, parts: &[&[u8]]) -> Vec<u8> {
    let numbers = |all: &[usize]| all.iter().flat_map(|n| number(*n)).collect::<Vec<u8>>();
    let mut header = [vec![6], number(at), number(packed.len()), vec![9]].concat();
    header.extend([numbers(packed), vec![0, 7, 0x0b, 1, 0], steps.coders.clone()].concat());
    header.extend([vec![0x0c], numbers(&steps.sizes), vec![0, 8, 0x0d]].concat());
    header.extend(number(parts.len()));
    if parts.len() > 1 {
        header.push(9);
        header.extend(parts[1..].iter().zip(parts).flat_map(|(_, part)| number(part.len())));
    }
    header.extend([0x0a, 1]);
    header.extend(parts.iter().flat_map(|part| crc32fast::hash(part).to_le_bytes()));
    header.extend([0, 0]);
    header
}

/// What tells of files with content, and of an empty one and a directory.
fn files(names: &[&str]) -> Vec<u8> {
    let all = [names, &["empty", "directory"]].concat();
    let text: Vec<u8> = all
        .iter()
        .flat_map(|name| name.encode_utf16().chain([0]))
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut header = [vec![5], number(all.len()), vec![0x11], number(text.len() + 1)].concat();
    header.push(0);
    header.extend(text);
    let mut empty = [0_u8];
    for at in names.len()..all.len() {
        empty[0] |= 0x80 >> at;
    }
    header.extend([0x0e, 1, empty[0], 0x0f, 1, 0x80, 0]);
    header
}

fn archive(packed: &[u8], header: &[u8]) -> Vec<u8> {
    let start = [
        (packed.len() as u64).to_le_bytes().as_slice(),
        &(header.len() as u64).to_le_bytes(),
        &crc32fast::hash(header).to_le_bytes(),
    ]
    .concat();
    let crc = crc32fast::hash(&start).to_le_bytes();
    [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &crc, &start, packed, header].concat()
}

fn header(packed: &[usize], steps: &Steps, contents: &[(&str, &[u8])]) -> Vec<u8> {
    let parts: Vec<&[u8]> = contents.iter().map(|(_, part)| *part).collect();
    let names: Vec<&str> = contents.iter().map(|(name, _)| *name).collect();
    [vec![1, 4], streams(0, packed, steps, &parts), files(&names), vec![0]].concat()
}

fn lzma2(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::Lzma2Options::with_preset(1);
    let mut writer = lzma_rust2::Lzma2Writer::new(Vec::new(), options);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

const LZMA2: &[u8] = &[1, 0x21, 0x21, 1, 0x18];
const CONTENTS: &[(&str, &[u8])] =
    &[("a/one.txt", TEXT), ("zwei \u{e4}.txt", b"odd"), ("../three", TEXT)];

fn solid(contents: &[(&str, &[u8])]) -> Vec<u8> {
    let all: Vec<u8> = contents.iter().flat_map(|(_, part)| part.to_vec()).collect();
    let packed = lzma2(&all);
    let steps = Steps { coders: LZMA2.to_vec(), sizes: vec![all.len()] };
    archive(&packed, &header(&[packed.len()], &steps, contents))
}

fn expected(contents: &[(&str, &[u8])]) -> Members {
    let empty: &[(&str, &[u8])] = &[("empty", b"")];
    let all = empty.iter().chain(contents);
    all.map(|(name, text)| (format!("x.7z!{name}"), text.to_vec())).collect()
}

#[test]
fn a_solid_archive_gives_its_files() {
    let (members, skipped) = unpacked("x.7z", &solid(CONTENTS));
    assert_eq!(skipped, []);
    assert_eq!(members, expected(CONTENTS));
}

#[test]
fn a_packed_header_is_read() {
    let all: Vec<u8> = CONTENTS.iter().flat_map(|(_, part)| part.to_vec()).collect();
    let steps = Steps { coders: vec![1, 1, 0], sizes: vec![all.len()] };
    let plain = header(&[all.len()], &steps, CONTENTS);
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut writer = lzma_rust2::LzmaWriter::new_no_header(Vec::new(), &options, false).unwrap();
    let properties = [vec![writer.props()], options.dict_size.to_le_bytes().to_vec()].concat();
    writer.write_all(&plain).unwrap();
    let packed = writer.finish().unwrap();
    let coders = [&[1, 0x23, 3, 1, 1, 5], properties.as_slice()].concat();
    let steps = Steps { coders, sizes: vec![plain.len()] };
    let encoded = [vec![0x17], streams(all.len(), &[packed.len()], &steps, &[&plain])].concat();
    let (members, skipped) = unpacked("x.7z", &archive(&[all, packed].concat(), &encoded));
    assert_eq!(skipped, []);
    assert_eq!(members, expected(CONTENTS));
}

#[test]
fn filters_are_undone() {
    // Delta, of what LZMA2 gives: two coders, of which the first takes in the second.
    let contents: &[(&str, &[u8])] = &[("one", TEXT)];
    let delta: Vec<u8> = (0..TEXT.len())
        .map(|at| TEXT[at].wrapping_sub(if at > 0 { TEXT[at - 1] } else { 0 }))
        .collect();
    let packed = lzma2(&delta);
    let coders = [&[2, 0x21, 3, 1, 0], &LZMA2[1..], &[0, 1]].concat();
    let steps = Steps { coders, sizes: vec![TEXT.len(); 2] };
    let bytes = archive(&packed, &header(&[packed.len()], &steps, contents));
    let (members, skipped) = unpacked("x.7z", &bytes);
    assert_eq!(skipped, []);
    assert_eq!(members, expected(contents));
}

#[test]
fn ppmd_and_deflate64_are_read() {
    let all: Vec<u8> = CONTENTS.iter().flat_map(|(_, part)| part.to_vec()).collect();
    let (order, memory) = (6, 1 << 20);
    let mut writer = ppmd_rust::Ppmd7Encoder::new(Vec::new(), order, memory).unwrap();
    writer.write_all(&all).unwrap();
    let ppmd = writer.finish(false).unwrap();
    let coder = [&[1, 0x23, 3, 4, 1, 5, order as u8], memory.to_le_bytes().as_slice()].concat();
    // One block that is stored.
    let length = all.len() as u16;
    let stored = [&[1], length.to_le_bytes().as_slice(), &(!length).to_le_bytes(), &all].concat();
    for (coders, packed) in [(coder, ppmd), (vec![1, 3, 4, 1, 9], stored)] {
        let steps = Steps { coders, sizes: vec![all.len()] };
        let bytes = archive(&packed, &header(&[packed.len()], &steps, CONTENTS));
        let (members, skipped) = unpacked("x.7z", &bytes);
        assert_eq!(skipped, []);
        assert_eq!(members, expected(CONTENTS));
    }
}

#[test]
fn what_is_encrypted_or_not_known_is_lost_by_name() {
    let all = [
        (vec![1, 0x24, 6, 0xf1, 7, 1, 0], "it is encrypted"),
        (vec![1, 0x23, 3, 4, 1, 1, 6], "its compression is not known: 030401"),
        (vec![1, 0x23, 3, 4, 1, 5, 6, 0, 0, 0, 0x20], "limit: its model has 536870912 bytes"),
        (vec![1, 2, 0x7f, 1], "its compression is not known: 7f01"),
        (vec![1, 0x21, 0x21, 1, 40], "limit: its dictionary has 4294967295 bytes"),
    ];
    for (coders, why) in all {
        let size = if why.starts_with("limit") { usize::pow(2, 23) } else { 3 };
        let steps = Steps { coders, sizes: vec![size] };
        let mut header = header(&[3], &steps, &[("one", b"abc")]);
        let (_, skipped) = unpacked("x.7z", &archive(b"xyz", &header));
        if !why.starts_with("limit") {
            assert!(skipped.contains(&Skipped::lost("x.7z!one", why)), "{why}: {skipped:?}");
        }
        // The list of files can be encrypted too.
        header = [vec![0x17], streams(0, &[3], &steps, &[b"abc"])].concat();
        let (_, skipped) = unpacked("x.7z", &archive(b"xyz", &header));
        assert!(skipped[0].lost && !skipped[0].why.is_empty(), "{skipped:?}");
    }
}

#[test]
fn what_is_broken_is_lost_and_what_is_before_it_is_read() {
    let sound = solid(CONTENTS);
    // A byte of the second file, of a block that is not compressed.
    let mut all: Vec<u8> = CONTENTS.iter().flat_map(|(_, part)| part.to_vec()).collect();
    let steps = Steps { coders: vec![1, 1, 0], sizes: vec![all.len()] };
    let header = header(&[all.len()], &steps, CONTENTS);
    all[TEXT.len()] ^= 0x20;
    let (members, skipped) = unpacked("x.7z", &archive(&all, &header));
    assert_eq!(members[1], ("x.7z!a/one.txt".to_owned(), TEXT.to_vec()));
    assert_eq!(members[3], ("x.7z!../three".to_owned(), TEXT.to_vec()));
    assert_eq!(skipped, [Skipped::lost("x.7z!zwei \u{e4}.txt", "its checksum is wrong")]);
    // A block that is broken from its start.
    let mut bytes = sound.clone();
    bytes[32] = 0x55;
    let (_, skipped) = unpacked("x.7z", &bytes);
    let lost: Vec<&str> = skipped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(lost, ["x.7z!a/one.txt", "x.7z!zwei \u{e4}.txt", "x.7z!../three"]);
    for length in [8, 31, 40, sound.len() - 1] {
        let (_, skipped) = unpacked("x.7z", &sound[..length]);
        assert!(skipped.iter().all(|one| one.lost) && !skipped.is_empty(), "{length}");
    }
    // One that was never finished tells of nothing.
    let mut bytes = sound;
    bytes[12..32].fill(0);
    let (_, skipped) = unpacked("x.7z", &bytes);
    assert!(skipped[0].lost, "{skipped:?}");
}

#[test]
fn a_decoder_that_failed_is_not_asked_again() {
    // A chunk that is stored, and one of LZMA before there are properties: after that error the
    // decoder would go on without an end.
    let packed = b"\x01\0\0a\x80\0\x08\0\0xxxxxxxx\0";
    let contents: &[(&str, &[u8])] = &[("one", b"a123"), ("two", b"567890")];
    let steps = Steps { coders: LZMA2.to_vec(), sizes: vec![10] };
    let bytes = archive(packed, &header(&[packed.len()], &steps, contents));
    let (_, skipped) = unpacked("x.7z", &bytes);
    let lost: Vec<&str> = skipped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(lost, ["x.7z!one", "x.7z!two"]);
}

proptest! {
    #[test]
    fn any_header_is_read_without_a_panic(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let all: Vec<u8> = CONTENTS.iter().flat_map(|(_, part)| part.to_vec()).collect();
        let steps = Steps { coders: vec![1, 1, 0], sizes: vec![all.len()] };
        let mut header = header(&[all.len()], &steps, CONTENTS);
        let at = at.index(header.len());
        header[at] = byte;
        // Of the sum that its start says, so that it is read.
        unpacked("x.7z", &archive(&all, &header));
        header.truncate(at);
        header.extend(noise);
        unpacked("x.7z", &archive(&all, &header));
    }
}

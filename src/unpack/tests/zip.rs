//! Zip: what the crate does not unpack itself, and what is encrypted.

use super::*;

/// A zip of one file, packed with a method that the writer does not know.
fn packed(method: u16, name: &str, content: &[u8], packed: &[u8]) -> Vec<u8> {
    let mut about = [20_u16, 0, method, 0, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
    let words = [crc32fast::hash(content), packed.len() as u32, content.len() as u32];
    Vec::extend(&mut about, words.iter().flat_map(|n| n.to_le_bytes()));
    Vec::extend(&mut about, (name.len() as u16).to_le_bytes());
    let about: Vec<u8> = about;
    let local = [b"PK\x03\x04", about.as_slice(), &[0; 2], name.as_bytes(), packed].concat();
    let entry = [b"PK\x01\x02\x14\x03", about.as_slice(), &[0; 16], name.as_bytes()].concat();
    let (size, at) = (entry.len() as u32, local.len() as u32);
    let counts = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &size.to_le_bytes()].concat();
    [local, entry, counts, at.to_le_bytes().to_vec(), vec![0; 2]].concat()
}

/// LZMA as zip has it: a version and the properties before it.
fn lzma(content: &[u8], has_mark: bool) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut writer = lzma_rust2::LzmaWriter::new_no_header(Vec::new(), &options, has_mark).unwrap();
    let properties = writer.props();
    writer.write_all(content).unwrap();
    let stream = writer.finish().unwrap();
    let head = [b"\x10\x02\x05\0".as_slice(), &[properties], &options.dict_size.to_le_bytes()];
    [head.concat(), stream].concat()
}

#[test]
fn every_method_in_zips_is_read() {
    let all = [
        (95, xz(TEXT)),
        (93, zstd(TEXT)),
        (20, zstd(TEXT)),
        (14, lzma(TEXT, true)),
        (14, lzma(TEXT, false)),
        (12, bzip2(TEXT)),
        (98, ppmd(TEXT)),
        (0, TEXT.to_vec()),
    ];
    for (method, stream) in all {
        let (members, skipped) = unpacked("x.zip", &packed(method, "one", TEXT, &stream));
        assert_eq!(skipped, [], "method {method}");
        assert_eq!(members, [("x.zip!one".to_owned(), TEXT.to_vec())], "method {method}");
    }
}

/// `PPMd` as zip has it: order, memory and method before it.
fn ppmd(content: &[u8]) -> Vec<u8> {
    let (order, mebibytes) = (8, 2);
    let restore = ppmd_rust::RestoreMethod::Restart;
    let mut writer =
        ppmd_rust::Ppmd8Encoder::new(Vec::new(), order, mebibytes << 20, restore).unwrap();
    writer.write_all(content).unwrap();
    let stream = writer.finish(false).unwrap();
    let head = (order - 1) | (mebibytes - 1) << 4;
    [&(head as u16).to_le_bytes(), stream.as_slice()].concat()
}

/// 60,000 bytes that are stored, and again the first 1,000 of them, which DEFLATE could not reach: length
/// 1,000 with the 16 further bits of code 285, distance 60,000 with code 31 (APPNOTE 5.7 and 4.4.5, method 9).
fn deflate64() -> (Vec<u8>, Vec<u8>) {
    let text: Vec<u8> = (0..60_000_u32).map(|at| b'a' + (at * 7 % 1009 % 26) as u8).collect();
    let mut packed =
        [&[0], 60_000_u16.to_le_bytes().as_slice(), &(!60_000_u16).to_le_bytes()].concat();
    packed.extend_from_slice(&text);
    let mut bits: Vec<bool> = Vec::new();
    let mut number =
        |value: u32, count: u32| bits.extend((0..count).map(|at| value >> at & 1 == 1));
    // The last block, of fixed codes.
    number(0b011, 3);
    // Codes come with their highest bit first, the bits that follow them with the lowest. 285 is 11000101.
    number(0b1010_0011, 8);
    number(1_000 - 3, 16);
    // 31: 49,153 and 14 bits.
    number(0b11111, 5);
    number(60_000 - 49_153, 14);
    // The end: code 256.
    number(0, 7);
    packed.extend(
        bits.chunks(8)
            .map(|byte| byte.iter().enumerate().map(|(at, bit)| u8::from(*bit) << at).sum::<u8>()),
    );
    let all = [text.as_slice(), &text[..1_000]].concat();
    (all, packed)
}

#[test]
fn deflate64_reaches_twice_as_far_as_deflate() {
    let (text, stream) = deflate64();
    let (members, skipped) = unpacked("x.zip", &packed(9, "one", &text, &stream));
    assert_eq!(skipped, []);
    assert_eq!(members, [("x.zip!one".to_owned(), text)]);
}

#[test]
fn what_is_packed_wrongly_is_lost_by_name() {
    // Another text than the checksum says, less than the size says, no method of that number, and a
    // dictionary of 4 GiB.
    let mut huge = lzma(TEXT, true);
    huge[5..9].fill(0xff);
    let all = [
        (93, zstd(b"FIRST line\nsecond line\n"), "checksum"),
        (95, xz(b"first"), "cut off"),
        (14, b"\x10\x02\x04\0".to_vec(), "fill"),
        (14, huge, "dictionary"),
        (98, b"\xff\x0fxxxxxxxx".to_vec(), "cut off"),
        (98, b"\xff\x2fxxxxxxxx".to_vec(), "PPMd"),
        (98, b"\xff".to_vec(), "fill"),
        (9, b"\x07xxx".to_vec(), "deflate64"),
        (9, b"\x01\x05\0\xfa\xfffirst".to_vec(), "cut off"),
        (1, TEXT.to_vec(), "not supported"),
    ];
    for (method, stream, why) in all {
        let (_, skipped) = unpacked("x.zip", &packed(method, "one", TEXT, &stream));
        assert_eq!(skipped.len(), 1, "method {method}: {skipped:?}");
        assert_eq!((skipped[0].what.as_str(), skipped[0].lost), ("x.zip!one", true));
        assert!(skipped[0].why.contains(why), "method {method}: {skipped:?}");
    }
}

#[test]
fn encrypted_members_are_lost_by_name() {
    let mut archive = zip(&[("secret.txt", TEXT)]);
    // Bit 0 of the flags, in the local header and in the directory (APPNOTE 4.4.4).
    archive[6] |= 1;
    let directory = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    archive[directory + 8] |= 1;
    let (members, skipped) = unpacked("x.zip", &archive);
    assert_eq!(members, []);
    assert_eq!(skipped, [Skipped::lost("x.zip!secret.txt", "it is encrypted")]);
}

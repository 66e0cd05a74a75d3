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
fn xz_lzma_and_zstd_in_zips_are_read() {
    let all = [
        (95, xz(TEXT)),
        (93, zstd(TEXT)),
        (20, zstd(TEXT)),
        (14, lzma(TEXT, true)),
        (14, lzma(TEXT, false)),
    ];
    for (method, stream) in all {
        let (members, skipped) = unpacked("x.zip", &packed(method, "one", TEXT, &stream));
        assert_eq!(skipped, [], "method {method}");
        assert_eq!(members, [("x.zip!one".to_owned(), TEXT.to_vec())], "method {method}");
    }
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
        (98, TEXT.to_vec(), "not supported"),
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

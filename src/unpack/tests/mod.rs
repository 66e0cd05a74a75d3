//! Archives made here, sound and hostile.

mod android;
mod binary;
mod iso;
mod json;
mod office;
mod pdf;
mod sevenz;
mod sqlite;
mod tar;
mod zip;

use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::model::{Artifact, Origin, Skipped};
use crate::source::{Input, Sink};

#[derive(Default)]
struct Seen {
    members: Mutex<Vec<(String, Vec<u8>)>>,
    skipped: Mutex<Vec<Skipped>>,
}

impl Sink for Seen {
    fn artifact(&self, artifact: Artifact) {
        let name = artifact.origin.display_path();
        self.members.lock().unwrap().push((name, artifact.bytes.to_vec()));
    }
    fn skipped(&self, skipped: Skipped) {
        self.skipped.lock().unwrap().push(skipped);
    }
}

type Pack = fn(&[u8]) -> Vec<u8>;
type Members = Vec<(String, Vec<u8>)>;

fn unpacked_as(path: &str, bytes: &[u8], limits: &Limits) -> (Members, Vec<Skipped>) {
    let origin = Arc::new(Origin::file(path));
    let whole = Seen::default();
    let input = Input::Whole(Cursor::new(Bytes::copy_from_slice(bytes)));
    unpack(&origin, input, limits, &whole);
    let whole = (whole.members.into_inner().unwrap(), whole.skipped.into_inner().unwrap());
    if whole.1.is_empty() {
        // All ways to read it come to the same.
        let (file, stream) = (Seen::default(), Seen::default());
        unpack(&origin, Input::Seek(&mut Cursor::new(bytes)), limits, &file);
        let mut reader = bytes;
        unpack(&origin, Input::Stream(&mut reader), limits, &stream);
        for other in [file, stream] {
            assert_eq!(other.members.into_inner().unwrap(), whole.0);
            assert_eq!(*other.skipped.lock().unwrap(), []);
        }
    }
    whole
}

fn unpacked(path: &str, bytes: &[u8]) -> (Members, Vec<Skipped>) {
    unpacked_as(path, bytes, &Limits::default())
}

fn names(members: &Members) -> Vec<&str> {
    members.iter().map(|(name, _)| name.as_str()).collect()
}

const TEXT: &[u8] = b"first line\nsecond line\n";

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // Set by hand: the builder refuses names that leave the directory.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = ::zip::write::SimpleFileOptions::default()
            .compression_method(::zip::CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut reader = ::bzip2::read::BzEncoder::new(bytes, ::bzip2::Compression::fast());
    let mut packed = Vec::new();
    reader.read_to_end(&mut packed).unwrap();
    packed
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn ar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, content) in files {
        let size = content.len();
        archive
            .extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).bytes());
        archive.extend_from_slice(content);
        archive.resize(archive.len() + size % 2, b'\n');
    }
    archive
}

fn cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files.iter().chain(&[("TRAILER!!!", b"".as_slice())]) {
        let (size, length) = (content.len(), name.len() + 1);
        let zeros = "00000000";
        let (before, between) = (zeros.repeat(4), zeros.repeat(4));
        archive.extend(
            format!("070701{zeros}000081A4{before}{size:08X}{between}{length:08X}{zeros}{name}\0")
                .bytes(),
        );
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}

fn cpio_odc(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files.iter().chain(&[("TRAILER!!!", b"".as_slice())]) {
        let (size, length) = (content.len(), name.len() + 1);
        let (six, eleven) = ("000000", "00000000000");
        archive.extend(format!("070707{six}{six}100644{six}{six}{six}{six}{eleven}").bytes());
        archive.extend(format!("{length:06o}{size:011o}{name}\0").bytes());
        archive.extend_from_slice(content);
    }
    archive
}

fn rpm(payload: &[u8]) -> Vec<u8> {
    let header = |store: &[u8]| {
        let length = u32::try_from(store.len()).unwrap().to_be_bytes();
        [b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\x01".as_slice(), &length, &[0; 16], store].concat()
    };
    let mut package = b"\xed\xab\xee\xdb".to_vec();
    package.resize(96, 0);
    // Three bytes of store, and so five of padding.
    package.extend(header(b"sig"));
    package.extend([0; 5]);
    package.extend(header(b"%post script"));
    package.extend_from_slice(payload);
    package
}

#[test]
fn every_archive_gives_its_files() {
    let files: &[(&str, &[u8])] = &[("a/one.txt", TEXT), ("two", b"odd"), ("empty", b"")];
    let all: [(&str, Vec<u8>); 5] = [
        ("x.tar", tar(files)),
        ("x.jar", zip(files)),
        ("x.a", ar(files)),
        ("x.cpio", cpio(files)),
        ("x.odc", cpio_odc(files)),
    ];
    for (path, bytes) in all {
        let (members, skipped) = unpacked(path, &bytes);
        assert_eq!(skipped, [], "{path}");
        let expected: Members =
            files.iter().map(|(name, text)| (format!("{path}!{name}"), text.to_vec())).collect();
        assert_eq!(members, expected, "{path}");
    }
}

#[test]
fn every_compression_gives_its_content_and_streams_that_follow() {
    let all: [(&str, Pack); 5] =
        [("gz", gzip), ("bz2", bzip2), ("xz", xz), ("zst", zstd), ("lz4", lz4)];
    for (ending, pack) in all {
        let path = format!("d/x.log.{ending}");
        let twice = [pack(TEXT), pack(b"third\n")].concat();
        let (members, skipped) = unpacked(&path, &twice);
        assert_eq!(skipped, [], "{path}");
        assert_eq!(members, [(format!("{path}!x.log"), [TEXT, b"third\n"].concat())]);
        // A compressed tar is one file to everybody.
        let path = format!("x.tar.{ending}");
        let (members, _) = unpacked(&path, &pack(&tar(&[("one", TEXT)])));
        assert_eq!(members, [(format!("{path}!one"), TEXT.to_vec())]);
    }
}

#[test]
fn skippable_frames_of_zstd_are_skipped() {
    let frame = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".as_slice(), &zstd(TEXT)].concat();
    let (members, skipped) = unpacked("x.zst", &frame);
    assert_eq!((members.len(), skipped.len()), (1, 0));
    assert_eq!(members[0].1, TEXT);
}

#[test]
fn packages_give_their_payload_and_scripts() {
    let (members, skipped) = unpacked("x.rpm", &rpm(&zstd(&cpio(&[("./etc/x.conf", TEXT)]))));
    assert_eq!(skipped, []);
    assert_eq!(names(&members), ["x.rpm!header", "x.rpm!./etc/x.conf"]);
    assert_eq!(members[0].1, b"%post script");
    let deb = ar(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar.xz", &xz(&tar(&[("./postinst", TEXT)]))),
        ("data.tar.zst/", &zstd(&tar(&[("./etc/x", TEXT)]))),
    ]);
    let (members, skipped) = unpacked("x.deb", &deb);
    assert_eq!(skipped, []);
    let expected =
        ["x.deb!debian-binary", "x.deb!control.tar.xz!./postinst", "x.deb!data.tar.zst!./etc/x"];
    assert_eq!(names(&members), expected);
}

#[test]
fn long_names_of_ar_are_resolved() {
    let table = b"a-name-that-is-longer.txt/\n";
    let gnu = ar(&[("//", table), ("/0", TEXT)]);
    assert_eq!(names(&unpacked("x.a", &gnu).0), ["x.a!a-name-that-is-longer.txt"]);
    let bsd = ar(&[("#1/8", [b"name.txt", TEXT].concat().as_slice())]);
    assert_eq!(unpacked("x.a", &bsd).0, [("x.a!name.txt".to_owned(), TEXT.to_vec())]);
}

#[test]
fn what_is_concatenated_to_a_cpio_is_read() {
    let both = [cpio(&[("early", TEXT)]), vec![0; 300], gzip(&cpio(&[("init", TEXT)]))].concat();
    let (members, skipped) = unpacked("initrd", &both);
    assert_eq!(skipped, []);
    assert_eq!(names(&members), ["initrd!early", "initrd!init"]);
}

#[test]
fn archives_in_archives_are_read_up_to_the_limit() {
    let mut nested = zip(&[("deep.txt", TEXT)]);
    for level in 0..7 {
        nested = if level % 2 == 0 { tar(&[("t", &nested)]) } else { zip(&[("z", &nested)]) };
    }
    let (members, skipped) = unpacked("x", &nested);
    assert_eq!((names(&members), skipped.len()), (vec!["x!t!z!t!z!t!z!t!deep.txt"], 0));
    let (members, skipped) = unpacked("x", &zip(&[("nested", &nested), ("beside", TEXT)]));
    assert_eq!(names(&members), ["x!beside"]);
    assert!(skipped[0].lost && skipped[0].why.contains("nested deeper than 8"), "{skipped:?}");
}

#[test]
fn bombs_end_alone_and_say_which_limit() {
    let limits = Limits { ratio: 100, spare: 10_000, ..Limits::default() };
    let bomb = gzip(&vec![0; 5_000_000]);
    let files: &[(&str, &[u8])] = &[("bomb.gz", &bomb), ("beside", TEXT)];
    let (members, skipped) = unpacked_as("x.tar", &tar(files), &limits);
    assert!(names(&members).contains(&"x.tar!beside"));
    assert_eq!(skipped[0].what, "x.tar!bomb.gz");
    assert!(skipped[0].lost && skipped[0].why.contains("more than 100 bytes out"), "{skipped:?}");
}

#[test]
fn limits_on_bytes_members_and_time_end_everything() {
    let files = tar(&[("one", TEXT), ("two", TEXT), ("three", TEXT)]);
    let limits = Limits { entries: 2, ..Limits::default() };
    let (members, skipped) = unpacked_as("x.tar", &files, &limits);
    assert_eq!(members.len(), 2);
    assert_eq!(skipped, [Skipped::lost("x.tar", "limit: more than 2 members")]);
    let limits = Limits { bytes: 30, ..Limits::default() };
    let (_, skipped) = unpacked_as("x.zip", &zip(&[("one", TEXT), ("two", TEXT)]), &limits);
    assert_eq!(skipped, [Skipped::lost("x.zip", "limit: more than 30 bytes unpacked")]);
    let limits = Limits { time: std::time::Duration::ZERO, ..Limits::default() };
    let (_, skipped) = unpacked_as("x.tar.gz", &gzip(&files), &limits);
    assert_eq!(skipped, [Skipped::lost("x.tar.gz", "limit: more than 0 s")]);
}

#[test]
fn what_is_cut_or_changed_is_lost_by_name_and_the_rest_is_read() {
    let files: &[(&str, &[u8])] = &[("one", TEXT), ("two", TEXT)];
    for (path, bytes) in [("x.tar", tar(files)), ("x.cpio", cpio(files)), ("x.a", ar(files))] {
        // Cut within the second file.
        let at = memchr::memmem::rfind(&bytes, TEXT).unwrap() + 5;
        let (members, skipped) = unpacked(path, &bytes[..at]);
        assert_eq!(members[0], (format!("{path}!one"), TEXT.to_vec()));
        assert!(skipped.iter().any(|skipped| skipped.lost), "{path}");
    }
    let mut archive = zip(files);
    // A byte of the first file's content, after a header of 30 bytes and a name of three.
    archive[30 + 3 + 4] ^= 0x55;
    let (members, skipped) = unpacked("x.zip", &archive);
    assert!(members.contains(&("x.zip!two".to_owned(), TEXT.to_vec())));
    assert!(skipped.iter().any(|one| one.lost && one.what == "x.zip!one"), "{skipped:?}");
    for pack in [gzip, bzip2, xz, zstd, lz4] {
        let packed = pack(TEXT);
        let (_, skipped) = unpacked("x", &packed[..packed.len() - 3]);
        assert!(skipped.iter().any(|skipped| skipped.lost));
    }
}

#[test]
fn a_wrong_checksum_is_lost() {
    let mut packed = gzip(TEXT);
    let at = packed.len() - 7;
    packed[at] ^= 1;
    let (members, skipped) = unpacked("x.gz", &packed);
    assert_eq!(members[0].1, TEXT, "what came out before is scanned");
    assert!(skipped[0].lost);
}

#[test]
fn names_that_leave_the_archive_are_names_and_nothing_else() {
    let files: &[(&str, &[u8])] = &[("../../etc/passwd", TEXT), ("/etc/shadow", TEXT)];
    for bytes in [tar(files), zip(files), cpio(files)] {
        let (members, _) = unpacked("x", &bytes);
        assert_eq!(names(&members), ["x!../../etc/passwd", "x!/etc/shadow"]);
    }
}

#[test]
fn links_are_counted_and_not_followed() {
    let mut builder = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "link", "/etc/passwd").unwrap();
    let (members, skipped) = unpacked("x.tar", &builder.into_inner().unwrap());
    assert_eq!(members, []);
    let why = "symbolic links are not followed (1 in it)";
    assert_eq!(skipped, [Skipped::by_design("x.tar", why)]);
}

#[test]
fn text_that_begins_like_an_archive_is_text() {
    for text in ["BZh is how bzip2 begins", "070701 is a date", "PK and so on", "!<arch>"] {
        assert!(!is_container(text.as_bytes()), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_after_any_magic_are_read_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        kind in 0_usize..12,
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let files: &[(&str, &[u8])] = &[("one", &bytes), ("two", TEXT)];
        let mut archive = match kind {
            0 => tar(files),
            1 => zip(files),
            2 => ar(files),
            3 => cpio(files),
            4 => cpio_odc(files),
            5 => rpm(&gzip(&cpio(files))),
            6 => gzip(&bytes),
            7 => bzip2(&bytes),
            8 => xz(&bytes),
            9 => zstd(&bytes),
            10 => lz4(&bytes),
            _ => bytes.clone(),
        };
        if !archive.is_empty() {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        let limits = Limits { bytes: 1 << 20, ..Limits::default() };
        let seen = Seen::default();
        let origin = Arc::new(Origin::file("x"));
        unpack(&origin, Input::Whole(Cursor::new(Bytes::from(archive))), &limits, &seen);
    }
}

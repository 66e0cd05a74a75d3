//! Tar: sparse files in all four forms (the manual of GNU tar, "Storing Sparse Files"), and what tells of entries.

use super::*;

/// A file of two runs of data between holes, which is 30,000 bytes long.
const RUNS: &[(u64, &[u8])] = &[(512, b"token=first\n"), (20_480, b"and second\n")];
const SIZE: u64 = 30_000;

fn whole() -> Vec<u8> {
    let mut bytes = vec![0; SIZE as usize];
    for (at, data) in RUNS {
        bytes[*at as usize..][..data.len()].copy_from_slice(data);
    }
    bytes
}

/// An entry and what follows it, which has to be found too.
fn archive(attributes: &[(&str, String)], name: &str, content: &[u8]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    let pairs = attributes.iter().map(|(key, value)| (*key, value.as_bytes()));
    builder.append_pax_extensions(pairs).unwrap();
    let mut header = ::tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    builder.append_data(&mut header, name, content).unwrap();
    let mut header = ::tar::Header::new_ustar();
    header.set_size(TEXT.len() as u64);
    builder.append_data(&mut header, "next", TEXT).unwrap();
    builder.into_inner().unwrap()
}

fn data() -> Vec<u8> {
    RUNS.iter().flat_map(|(_, data)| data.to_vec()).collect()
}

fn pair(key: &'static str, value: impl std::fmt::Display) -> (&'static str, String) {
    (key, format!("{value}"))
}

/// Form 0.0: an attribute for each number, and the name in the header.
fn first_form() -> Vec<u8> {
    let mut all = vec![pair("GNU.sparse.size", SIZE), pair("GNU.sparse.numblocks", RUNS.len())];
    for (at, data) in RUNS {
        all.extend([pair("GNU.sparse.offset", at), pair("GNU.sparse.numbytes", data.len())]);
    }
    archive(&all, "dir/sparse", &data())
}

/// Form 0.1: all numbers in one attribute, and the name in another.
fn second_form(map: &str) -> Vec<u8> {
    let all = [
        pair("GNU.sparse.size", SIZE),
        pair("GNU.sparse.numblocks", RUNS.len()),
        pair("GNU.sparse.name", "dir/sparse"),
        pair("GNU.sparse.map", map),
    ];
    archive(&all, "dir/GNUSparseFile.7/sparse", &data())
}

/// Form 1.0: the numbers before the data.
fn third_form(map: &[u8]) -> Vec<u8> {
    let all = [
        pair("GNU.sparse.major", 1),
        pair("GNU.sparse.minor", 0),
        pair("GNU.sparse.name", "dir/sparse"),
        pair("GNU.sparse.realsize", SIZE),
    ];
    let mut content = map.to_vec();
    content.resize(content.len().next_multiple_of(512), 0);
    content.extend(data());
    archive(&all, "dir/GNUSparseFile.7/sparse", &content)
}

/// The old form of GNU tar: the numbers in the header.
fn old_form() -> Vec<u8> {
    let mut header = ::tar::Header::new_gnu();
    header.set_path("dir/sparse").unwrap();
    header.set_mode(0o600);
    header.set_entry_type(::tar::EntryType::GNUSparse);
    // Runs are whole blocks there, save for the last.
    let mut content = RUNS[0].1.to_vec();
    content.resize(512, 0);
    content.extend_from_slice(RUNS[1].1);
    header.set_size(content.len() as u64);
    let gnu = header.as_gnu_mut().unwrap();
    let octal = |field: &mut [u8], number: u64| {
        let digits = format!("{number:0width$o}\0", width = field.len() - 1);
        field.copy_from_slice(digits.as_bytes());
    };
    octal(&mut gnu.realsize, SIZE);
    let ends = [(512, 512), (20_480, RUNS[1].1.len() as u64), (SIZE, 0)];
    for (block, (at, size)) in gnu.sparse.iter_mut().zip(ends) {
        octal(&mut block.offset, at);
        octal(&mut block.numbytes, size);
    }
    header.set_cksum();
    let mut builder = ::tar::Builder::new(Vec::new());
    builder.append(&header, content.as_slice()).unwrap();
    let mut header = ::tar::Header::new_ustar();
    header.set_size(TEXT.len() as u64);
    builder.append_data(&mut header, "next", TEXT).unwrap();
    builder.into_inner().unwrap()
}

const MAP: &str = "512,12,20480,11";
const LINES: &[u8] = b"2\n512\n12\n20480\n11\n";

#[test]
fn sparse_files_have_their_name_size_and_holes_in_every_form() {
    for (form, bytes) in [
        ("old", old_form()),
        ("0.0", first_form()),
        ("0.1", second_form(MAP)),
        ("1.0", third_form(LINES)),
    ] {
        let (members, skipped) = unpacked("x.tar", &bytes);
        assert_eq!(skipped, [], "{form}");
        let expected =
            [("x.tar!dir/sparse".to_owned(), whole()), ("x.tar!next".to_owned(), TEXT.to_vec())];
        assert!(members == expected, "{form}: {:?}", names(&members));
        let mut told = Vec::new();
        layer(&mut bytes.as_slice(), &Limits::for_layers(), &mut |entry| {
            let LayerEntry::File(path, file, content) = entry else { panic!("no file") };
            let mut all = Vec::new();
            content.read_to_end(&mut all)?;
            told.push((path, file.size, all.len() as u64));
            Ok(())
        })
        .unwrap();
        let size = TEXT.len() as u64;
        assert_eq!(
            told,
            [("dir/sparse".into(), SIZE, SIZE), ("next".into(), size, size)],
            "{form}"
        );
    }
}

#[test]
fn holes_that_are_told_wrongly_lose_one_file_and_no_other() {
    let all = [
        second_form("512,12,600,99999999"),
        second_form("512,12,20480"),
        second_form("20480,11,512,12"),
        second_form("x,12"),
        // More data than there is.
        second_form("512,12,20480,12"),
        third_form(b"3\n512\n12\n20480\n11\n"),
        third_form(b"99999999999\n"),
        third_form(&[b'1'; 600]),
        third_form(b"2\n512\n-12\n20480\n11\n"),
    ];
    for (at, bytes) in all.iter().enumerate() {
        let (members, skipped) = unpacked("x.tar", bytes);
        assert!(
            members.contains(&("x.tar!next".to_owned(), TEXT.to_vec())),
            "{at}: {:?}",
            names(&members)
        );
        let lost: Vec<&str> = skipped.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(lost, ["x.tar!dir/sparse"], "{at}: {skipped:?}");
    }
}

/// A hole may be of any size: what it would be unpacked to counts.
#[test]
fn a_hole_of_a_terabyte_is_a_bomb() {
    let all = [
        pair("GNU.sparse.major", 1),
        pair("GNU.sparse.minor", 0),
        pair("GNU.sparse.name", "bomb"),
        pair("GNU.sparse.realsize", 1_u64 << 40),
    ];
    let mut content = b"0\n".to_vec();
    content.resize(512, 0);
    let (members, skipped) = unpacked("x.tar", &archive(&all, "GNUSparseFile.7/bomb", &content));
    assert!(skipped.contains(&Skipped::lost(
        "x.tar!bomb",
        "limit: more than 1100 bytes out for each byte in"
    )));
    assert_eq!(members.last().unwrap().0, "x.tar!next");
}

/// What is compressed to nothing, and would be held in memory as a name.
#[test]
fn a_name_of_a_gigabyte_is_not_held() {
    let mut header = ::tar::Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_entry_type(::tar::EntryType::GNULongName);
    header.set_size(1 << 30);
    header.set_cksum();
    let mut bytes = Cursor::new(header.as_bytes().to_vec()).chain(std::io::repeat(b'a'));
    let (seen, origin) = (Seen::default(), Arc::new(Origin::file("x.tar")));
    unpack(&origin, Input::Stream(&mut bytes), &Limits::default(), &seen);
    let why = "tar: limit: what tells of a member is larger than 67108864 bytes";
    assert_eq!(*seen.skipped.lock().unwrap(), [Skipped::lost("x.tar", why)]);
    // Zeros between archives are no name, however many there are.
    let parts = [tar(&[("one", TEXT)]), vec![0; 70 << 20], tar(&[("two", TEXT)])].concat();
    let (members, skipped) = unpacked("x.tar", &parts);
    assert_eq!((names(&members), skipped), (vec!["x.tar!one", "x.tar!two"], vec![]));
}

#[test]
fn one_that_ends_right_behind_its_last_file_is_read_and_named() {
    // As `umoci insert` leaves layers: neither the rest of the block nor the end of the archive.
    let bytes = tar(&[("one", TEXT)]);
    let end = memchr::memmem::rfind(&bytes, TEXT).unwrap() + TEXT.len();
    let (members, skipped) = unpacked("x.tar", &bytes[..end]);
    assert_eq!(members[0], ("x.tar!one".to_owned(), TEXT.to_vec()));
    assert_eq!(skipped, [Skipped::lost("x.tar", "tar: it is cut off")]);
}

//! Images of discs, written here after ECMA-119.

use super::*;

const SECTOR: usize = 2048;

/// A record of a directory.
fn record(block: u32, size: usize, flags: u8, name: &[u8], extra: &[u8]) -> Vec<u8> {
    let mut record = vec![0; 33];
    record[2..6].copy_from_slice(&block.to_le_bytes());
    record[10..14].copy_from_slice(&(size as u32).to_le_bytes());
    record[25] = flags;
    record[32] = name.len() as u8;
    record.extend_from_slice(name);
    if name.len().is_multiple_of(2) {
        record.push(0);
    }
    record.extend_from_slice(extra);
    record.resize(record.len().next_multiple_of(2), 0);
    record[0] = record.len() as u8;
    record
}

fn descriptor(kind: u8, root: u32) -> Vec<u8> {
    let mut descriptor = vec![0; SECTOR];
    descriptor[0] = kind;
    descriptor[1..7].copy_from_slice(b"CD001\x01");
    descriptor[128..130].copy_from_slice(&2048_u16.to_le_bytes());
    if kind == 2 {
        descriptor[88..91].copy_from_slice(b"%/E");
    }
    let root = record(root, SECTOR, 2, &[0], &[]);
    descriptor[156..156 + root.len()].copy_from_slice(&root);
    descriptor
}

/// An image of descriptors from sector 16 on, and of what lies in the sectors from 20 on.
fn image(descriptors: &[Vec<u8>], sectors: &[Vec<u8>]) -> Vec<u8> {
    let mut image = vec![0; 16 * SECTOR];
    image.extend(descriptors.concat());
    image.extend(descriptor(255, 0));
    image.resize(20 * SECTOR, 0);
    for sector in sectors {
        image.extend_from_slice(sector);
        image.resize(image.len().next_multiple_of(SECTOR), 0);
    }
    image
}

fn directory(own: u32, extra: &[u8], records: &[Vec<u8>]) -> Vec<u8> {
    let dots = [record(own, SECTOR, 2, &[0], extra), record(own, SECTOR, 2, &[1], &[])].concat();
    [dots, records.concat()].concat()
}

#[test]
fn files_of_an_image_are_read_by_their_plain_names() {
    let bytes = image(
        &[descriptor(1, 20)],
        &[
            directory(
                20,
                &[],
                &[record(22, TEXT.len(), 0, b"ONE.TXT;1", &[]), record(21, SECTOR, 2, b"SUB", &[])],
            ),
            directory(
                21,
                &[],
                &[record(23, 3, 0, b"TWO.;1", &[]), record(20, SECTOR, 2, b"LOOP", &[])],
            ),
            TEXT.to_vec(),
            b"two".to_vec(),
        ],
    );
    let (members, skipped) = unpacked("x.iso", &bytes);
    assert_eq!(skipped, []);
    let expected = [("x.iso!ONE.TXT", TEXT), ("x.iso!SUB/TWO", b"two")];
    assert_eq!(members, expected.map(|(name, text)| (name.to_owned(), text.to_vec())));
}

#[test]
fn rock_ridge_and_joliet_give_the_real_names() {
    let joliet: Vec<u8> = "a long name.txt".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let only: Vec<u8> = "only here".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let first = b"NM\x0a\x01\x01first";
    let more = b"NM\x0c\x01\0-second";
    let link = b"SL\x05\x01\0";
    let root = |extra: &[u8], names: &[u8]| {
        let link = if names.is_empty() { b"".as_slice() } else { link };
        let records = [
            record(22, TEXT.len(), 0, b"ALONGNAM.TXT;1", names),
            record(22, 0, 0, b"LINK;1", link),
        ];
        directory(20, extra, if names.is_empty() { &records[..1] } else { &records })
    };
    let second = directory(
        21,
        &[],
        &[record(22, TEXT.len(), 0, &joliet, &[]), record(23, 3, 0, &only, &[])],
    );
    let both = [descriptor(1, 20), descriptor(2, 21)];
    let rest = [second, TEXT.to_vec(), b"two".to_vec()];
    let long = [first.as_slice(), more].concat();
    let bytes = image(&both, &[&[root(b"SP\x07\x01\xbe\xef\0", &long)], rest.as_slice()].concat());
    let (members, skipped) = unpacked("x.iso", &bytes);
    assert_eq!(names(&members), ["x.iso!first-second", "x.iso!only here"]);
    let why = "symbolic links are not followed (1 in it)";
    assert_eq!(skipped, [Skipped::by_design("x.iso", why)]);
    let bytes = image(&both, &[&[root(&[], &[])], rest.as_slice()].concat());
    let (members, skipped) = unpacked("x.iso", &bytes);
    assert_eq!(names(&members), ["x.iso!a long name.txt", "x.iso!only here"]);
    assert_eq!(skipped, []);
}

#[test]
fn files_of_several_extents_are_one() {
    let records = [record(21, SECTOR, 0x80, b"BIG", &[]), record(22, 3, 0, b"BIG", &[])];
    let bytes = image(
        &[descriptor(1, 20)],
        &[directory(20, &[], &records), vec![b'a'; SECTOR], b"end".to_vec()],
    );
    let (members, skipped) = unpacked("x.iso", &bytes);
    assert_eq!(skipped, []);
    assert_eq!((members.len(), members[0].1.len()), (1, SECTOR + 3));
    assert!(members[0].1.ends_with(b"aend"));
}

#[test]
fn what_leaves_the_image_is_lost() {
    let records = [
        record(21, 5000, 0, b"LONG", &[]),
        record(900, 5, 0, b"FAR", &[]),
        record(901, SECTOR, 2, b"DIR", &[]),
        record(21, 5, 0, b"Z", b"ZF\x10\x01pz\x0f\x0f\0\0\0\0\0\0\0\0"),
        record(21, 5, 0x80, b"OPEN", &[]),
    ];
    let bytes = image(&[descriptor(1, 20)], &[directory(20, &[], &records), TEXT.to_vec()]);
    let (_, skipped) = unpacked("x.iso", &bytes);
    let lost: Vec<&str> =
        skipped.iter().filter(|one| one.lost).map(|one| one.what.as_str()).collect();
    assert_eq!(lost, ["x.iso!LONG", "x.iso!FAR", "x.iso!Z", "x.iso!/", "x.iso!DIR"]);
}

proptest! {
    #[test]
    fn any_directory_is_read_without_a_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..400),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let records = [record(22, 9, 0, b"A", &noise[..noise.len().min(200)]), record(21, SECTOR, 2, b"D", &[])];
        let mut bytes =
            image(&[descriptor(1, 20)], &[directory(20, b"SP\x07\x01\xbe\xef\0", &records), noise]);
        let from = 16 * SECTOR;
        let at = from + at.index(bytes.len() - from);
        bytes[at] = byte;
        unpacked("x.iso", &bytes);
    }
}

//! Class files and executables.

use super::*;

fn two(number: usize) -> [u8; 2] {
    (number as u16).to_be_bytes()
}

/// A class of these constants, with what follows them.
fn class(constants: &[Vec<u8>], rest: &[u8]) -> Vec<u8> {
    let head = [b"\xca\xfe\xba\xbe\0\0\0\x34".as_slice(), &two(constants.len() + 1)].concat();
    [head, constants.concat(), rest.to_vec()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&[1], two(text.len()).as_slice(), text.as_bytes()].concat()
}

fn with(tag: u8, numbers: &[usize]) -> Vec<u8> {
    let mut constant = vec![tag];
    constant.extend(numbers.iter().flat_map(|number| two(*number)));
    constant
}

#[test]
fn texts_of_classes_stand_beside_what_is_set_to_them() {
    let constants = [
        text("TOKEN"),         // 1
        text("ConstantValue"), // 2
        text("of a field"),    // 3
        with(8, &[3]),         // 4
        text("password"),      // 5
        text("of code"),       // 6
        with(8, &[6]),         // 7
        with(12, &[5, 1]),     // 8
        with(9, &[1, 8]),      // 9
        with(8, &[5]),         // 10
        text("alone"),         // 11
    ];
    // No interfaces; one field with one attribute; and then instructions.
    let field = [two(0), two(1), two(1), two(1), two(2), two(0), two(2), two(4)].concat();
    let code = b"\x12\x07\xb5\0\x09\x12\x0a\x13\0\x07\xb6";
    let rest = [[0; 8].as_slice(), &two(1), &field, code].concat();
    let (members, skipped) = unpacked("X.class", &class(&constants, &rest));
    assert_eq!(skipped, []);
    let expected = "TOKEN = \"of a field\"\npassword = \"of code\"\n(\"password\", \"of code\")\n\
                    TOKEN\nConstantValue\npassword\nalone\n";
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].0, "X.class!constants");
    assert!(members[0].1.starts_with(expected.as_bytes()), "{:?}", members[0].1.escape_ascii());
}

#[test]
fn a_broken_class_is_lost_and_scanned_as_it_is() {
    let bytes = class(&[text("one"), vec![99]], TEXT);
    let (members, skipped) = unpacked("X.class", &bytes);
    assert_eq!(members, [("X.class".to_owned(), bytes)]);
    assert_eq!(skipped, [Skipped::lost("X.class", "Java class: its constants are broken")]);
}

#[test]
fn utf_16_of_executables_is_a_member() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut windows = b"MZ".to_vec();
    windows.resize(60, 0);
    windows.extend(64_u32.to_le_bytes());
    windows.extend(b"PE\0\0");
    let magics: [&[u8]; 4] =
        [&windows, b"\x7fELF\x02\x01", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe\0\0\0\x02"];
    for magic in magics {
        // At an even and at an odd place, before and after what is no text, and one that is too short.
        let bytes = [
            magic,
            b"plain ascii text\0\0",
            &wide("first one"),
            b"\x01g",
            &wide("second\ttwo"),
            b"\0\0",
            &wide("short"),
            b"\xff",
            &wide("at the end"),
        ]
        .concat();
        let (members, skipped) = unpacked("x.exe", &bytes);
        assert_eq!(skipped, []);
        assert_eq!(members[0], ("x.exe".to_owned(), bytes.clone()));
        let text = b"first one\nsecond\ttwo\nat the end\n".to_vec();
        assert_eq!(members[1..], [("x.exe!UTF-16 strings".to_owned(), text)]);
        // Without such text there is nothing but the file.
        assert_eq!(unpacked("x.exe", magic).0.len(), 1);
    }
    assert!(!is_container(
        b"MZ is how DOS programs begin, and so may a text that is longer than 64 bytes."
    ));
}

/// Compiled Python of a version: instructions, and constants and names as they are stored.
fn python(magic: u16, head: usize, numbers: usize, code: &[u8], texts: [&[u8]; 2]) -> Vec<u8> {
    let mut bytes = magic.to_le_bytes().to_vec();
    bytes.extend(b"\r\n");
    bytes.resize(head, 0);
    bytes.push(b'c' | 0x80);
    bytes.resize(bytes.len() + 4 * numbers, 0);
    bytes.push(b's');
    bytes.extend((code.len() as u32).to_le_bytes());
    bytes.extend_from_slice(code);
    bytes.extend(texts.concat());
    // No variables; two lists or strings that do not matter; file and name; a line and its table.
    bytes.extend(b"(\0\0\0\0(\0\0\0\0(\0\0\0\0s\0\0\0\0s\0\0\0\0\x01\0\0\0s\0\0\0\0");
    if (3450..4000).contains(&magic) {
        bytes.extend(b"s\0\0\0\0");
    }
    bytes
}

#[test]
fn constants_of_python_stand_beside_what_is_set_to_them() {
    // A text, a list of another one, a reference to the first, and names of arguments.
    let constants = b")\x04\xfa\x05hello)\x02z\x03one\xe9\x07\0\0\0r\x01\0\0\0)\x01Z\x04user";
    let names = b")\x02z\x04wordz\x05other";
    let code = b"\x64\0\x5a\0\x64\x02\x64\x03\x8d\x01\x64\x01";
    for (magic, head, numbers) in [(3379, 12, 5), (3394, 16, 5), (3413, 16, 6), (3495, 16, 5)] {
        let bytes = python(magic, head, numbers, code, [constants, names]);
        let (members, skipped) = unpacked("x.pyc", &bytes);
        assert_eq!(skipped, [], "{magic}");
        let text = "word = \"hello\"\nuser = \"hello\"\none\nuser\n".to_owned();
        assert_eq!(members, [("x.pyc!constants".to_owned(), text.into_bytes())], "{magic}");
    }
    // Of 3.13, whose instructions have other numbers.
    let newer = b"\x53\0\x72\0\x53\x02\x53\x03\x39\x01\x53\x01";
    let (members, _) = unpacked("x.pyc", &python(3571, 16, 5, newer, [constants, names]));
    assert_eq!(members[0].1, b"word = \"hello\"\nuser = \"hello\"\none\nuser\n");
    // Lists of lists that refer to each other tell of more than there could be.
    let mut bomb = b")\x01\xa9\x02NN".to_vec();
    for at in 1..40_u8 {
        bomb.splice(2..2, [0xa9, 2]);
        bomb.extend([b'r', 41 - at, 0, 0, 0]);
    }
    let limits = Limits { held: 1 << 16, ..Limits::default() };
    let (_, skipped) = unpacked_as("x.pyc", &python(3495, 16, 5, code, [&bomb, names]), &limits);
    assert_eq!(skipped.len(), 1);
    // Nor may references nest lists deeper than anybody can go.
    let mut deep = b"(\x40\x0d\x03\0\xa9\0".to_vec();
    for at in 1..200_000_u32 {
        deep.extend(b"\xa9\x01r");
        deep.extend(at.to_le_bytes());
    }
    let (_, skipped) = unpacked("x.pyc", &python(3495, 16, 5, code, [&deep, names]));
    assert!(skipped[0].lost, "{skipped:?}");
    // Python 2: instructions of one and of three bytes, and references to strings by another list.
    let constants = b"(\x02\0\0\0t\x05\0\0\0helloR\0\0\0\0";
    let names = b"(\x01\0\0\0t\x04\0\0\0word";
    let bytes = python(62_211, 8, 4, b"\x01\x64\x01\0\x5a\0\0", [constants, names]);
    let (members, skipped) = unpacked("x.pyc", &bytes);
    assert_eq!(skipped, []);
    assert_eq!(members[0].1, b"word = \"hello\"\nhello\n");
    // One that is cut off is lost, and scanned as it is.
    let (members, skipped) = unpacked("x.pyc", &bytes[..bytes.len() - 30]);
    assert!(skipped[0].lost && members.iter().any(|(name, _)| name == "x.pyc"), "{skipped:?}");
}

proptest! {
    #[test]
    fn any_class_and_executable_is_read_without_a_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..300),
        count in 0_usize..20,
    ) {
        let mut constants = vec![text("x"); count];
        constants.push(with(8, &[1]));
        unpacked("X.class", &class(&constants, &noise));
        unpacked("X.class", &[b"\xca\xfe\xba\xbe\0\0\0\x34\0\x09".as_slice(), &noise].concat());
        unpacked("x", &[b"\x7fELF".as_slice(), &noise].concat());
        unpacked("x.pyc", &python(3495, 16, 5, &noise, [b")\x01\xfa\x01a", &noise]));
        unpacked("x.pyc", &python(62_211, 8, 4, &noise, [b"(\x01\0\0\0Na", b"(\x01\0\0\0t\x01\0\0\0x"]));
    }
}

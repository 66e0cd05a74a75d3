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
    }
}

//! PDF, written here after ISO 32000-1.

use super::*;

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A document of these objects, numbered from 1.
fn document(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        bytes.extend(format!("{} 0 obj\n", at + 1).bytes());
        bytes.extend_from_slice(object);
        bytes.extend(b"\nendobj\n");
    }
    bytes.extend(format!("trailer\n<< {trailer} >>\n%%EOF\n").bytes());
    bytes
}

fn stream(dict: &str, content: &[u8]) -> Vec<u8> {
    let packed = zlib(content);
    let head = format!("<< {dict} /Filter /FlateDecode /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream"].concat()
}

/// A page of one stream and one font.
fn page(content: &[u8], font: &str, map: &[u8]) -> Vec<u8> {
    let objects = [
        b"<< /Type /Page /Parent 5 0 R /Contents 2 0 R >>".to_vec(),
        stream("", content),
        font.as_bytes().to_vec(),
        stream("", map),
        b"<< /Type /Pages /Resources << /Font << /F1 3 0 R >> >> >>".to_vec(),
    ];
    document(&objects, "/Size 6")
}

fn text_of(bytes: &[u8]) -> String {
    let (members, skipped) = unpacked("x.pdf", bytes);
    assert_eq!(skipped, []);
    assert_eq!(members[0], ("x.pdf".to_owned(), bytes.to_vec()));
    assert_eq!(members[1].0, "x.pdf!page 1");
    String::from_utf8(members[1].1.clone()).unwrap()
}

#[test]
fn text_of_pages_is_read_in_lines() {
    let content = br"BT /F1 10 Tf 1 0 0 1 50 700 Tm (user = ) Tj (ann\141) Tj
        0 -12 Td [(pass) 20 (word) -300 (=) -300 <78>] TJ T* (next) ' 14 TL (last) '
        1 0 0 1 200 100 Tm (a) Tj 1 0 0 1 205 100 Tm (b) Tj 1 0 0 1 300 100 Tm (c) Tj ET
        BI /W 1 ID (not text) EI BT (end) Tj ET";
    let text = text_of(&page(content, "<< /Subtype /Type1 >>", b""));
    assert_eq!(text, "user = anna\npassword = x\nnext\nlast\nab cend");
}

#[test]
fn codes_of_fonts_are_mapped_to_characters() {
    let map = b"1 begincodespacerange <0000> <FFFF> endcodespacerange
        2 beginbfchar <0003> <0041> <0004> <00660069> endbfchar
        2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <D83DDE00>] endbfrange";
    let content = b"BT /F1 10 Tf <00030004001000110012> Tj <00200021> Tj ET";
    let text = text_of(&page(content, "<< /Subtype /Type0 /ToUnicode 4 0 R >>", map));
    assert_eq!(text, "Afiabcx\u{1f600}");
}

#[test]
fn objects_in_streams_files_and_scripts_are_read() {
    let objects = [
        // A page, and its font, within another stream.
        stream(
            "/Type /ObjStm /N 2 /First 9",
            b"5 0 6 60 << /Type /Page /Contents 2 0 R /Resources 6 0 R >>         << >>",
        ),
        stream("", b"BT (on the page) Tj ET"),
        stream("/Type /EmbeddedFile", &zip(&[("inner.txt", TEXT)])),
        b"<< /Filter [/ASCII85Decode /FlateDecode] /Length 9 >>\nstream\nGhQ?\n~>\nendstream"
            .to_vec(),
    ];
    let (members, _) = unpacked("x.pdf", &document(&objects, ""));
    let text = members.iter().find(|(name, _)| name == "x.pdf!page 1").unwrap();
    assert_eq!(text.1, b"on the page");
    assert!(members.contains(&("x.pdf!object 3!inner.txt".to_owned(), TEXT.to_vec())));
    assert!(members.iter().any(|(name, _)| name == "x.pdf!object 1"));
}

fn filtered(filter: &str, packed: &[u8]) -> Vec<u8> {
    let head = format!("<< {filter} /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), packed, b"\nendstream"].concat()
}

/// Rows of PNG, each with the filter that is asked for, of one byte a pixel.
fn png_rows(text: &[u8], columns: usize, kinds: &[u8]) -> Vec<u8> {
    let mut rows = Vec::new();
    let mut above = vec![0; columns];
    for (at, row) in text.chunks(columns).enumerate() {
        let kind = kinds[at % kinds.len()];
        rows.push(kind);
        for (at, byte) in row.iter().enumerate() {
            let left = if at > 0 { row[at - 1] } else { 0 };
            let corner = if at > 0 { above[at - 1] } else { 0 };
            let [a, b, c] = [left, above[at], corner].map(i32::from);
            let nearest = [left, above[at], corner]
                .into_iter()
                .min_by_key(|it| (a + b - c - i32::from(*it)).abs())
                .unwrap();
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => u8::midpoint(left, above[at]),
                _ => nearest,
            };
            rows.push(byte.wrapping_sub(guess));
        }
        above[..row.len()].copy_from_slice(row);
    }
    rows
}

#[test]
fn every_filter_and_predictor_is_undone() {
    let text: Vec<u8> =
        (0..40).flat_map(|at| format!("line {at} of some text\n").into_bytes()).collect();
    let lzw = |early: bool| {
        let mut encoder = if early {
            weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
        } else {
            weezl::encode::Encoder::new(weezl::BitOrder::Msb, 8)
        };
        encoder.encode(&text).unwrap()
    };
    let hex: String = text.iter().map(|byte| format!("{byte:02X}\n")).collect();
    let mut runs: Vec<u8> =
        text.chunks(100).flat_map(|run| [&[run.len() as u8 - 1], run].concat()).collect();
    runs.extend([255, b'!', 254, b'?', 128, 9]);
    let mut tiff = text.clone();
    for row in tiff.chunks_mut(20) {
        for at in (1..row.len()).rev() {
            row[at] = row[at].wrapping_sub(row[at - 1]);
        }
    }
    let png = png_rows(&text, 16, &[0, 1, 2, 3, 4]);
    let all = [
        ("/Filter /LZWDecode", lzw(true), ""),
        ("/Filter [/LZW] /DecodeParms [<< /EarlyChange 0 >>]", lzw(false), ""),
        ("/Filter /ASCIIHexDecode", format!("{hex}>").into_bytes(), ""),
        (
            "/Filter [/AHx /Fl]",
            zlib(&text).iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes(),
            "",
        ),
        ("/Filter /RunLengthDecode", runs, "!!???"),
        ("/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 16 >>", zlib(&png), ""),
        ("/Filter /FlateDecode /DecodeParms 2 0 R", zlib(&tiff), ""),
    ];
    for (filter, packed, end) in all {
        let parameters = b"<< /Predictor 2 /Columns 20 >>".to_vec();
        let (members, skipped) =
            unpacked("x.pdf", &document(&[filtered(filter, &packed), parameters], ""));
        assert_eq!(skipped, [], "{filter}");
        let expected = [text.as_slice(), end.as_bytes()].concat();
        assert!(members.contains(&("x.pdf!object 1".to_owned(), expected)), "{filter}");
    }
    // A table of objects that is packed as rows.
    let inner = b"5 0 << /Type /Page /Contents 2 0 R >>   ";
    let packed = zlib(&png_rows(inner, 4, &[2]));
    let table = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>";
    let objects = [filtered(table, &packed), stream("", b"BT (on the page) Tj ET")];
    let (members, skipped) = unpacked("x.pdf", &document(&objects, ""));
    assert_eq!(skipped, []);
    assert!(members.contains(&("x.pdf!page 1".to_owned(), b"on the page".to_vec())), "{members:?}");
}

#[test]
fn what_cannot_be_read_is_lost_by_name() {
    let (_, skipped) = unpacked("x.pdf", &document(&[stream("", TEXT)], "/Encrypt 1 0 R"));
    assert_eq!(skipped, [Skipped::lost("x.pdf", "PDF: it is encrypted")]);
    let objects = [
        b"<< /Filter /MadeUpDecode >>\nstream\nx\nendstream".to_vec(),
        b"<< /Filter /FlateDecode /Length 3 >>\nstream\nxxx\nendstream".to_vec(),
        stream("", TEXT),
    ];
    let (members, skipped) = unpacked("x.pdf", &document(&objects, ""));
    assert!(members.contains(&("x.pdf!object 3".to_owned(), TEXT.to_vec())));
    let lost: Vec<&str> = skipped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(lost, ["x.pdf!object 1", "x.pdf!object 2"]);
    let font = "<< /Subtype /Type0 /BaseFont /Some >>";
    let (_, skipped) = unpacked("x.pdf", &page(b"BT /F1 1 Tf <0003> Tj ET", font, b""));
    let why = "it does not say what its characters are";
    assert_eq!(skipped, [Skipped::lost("x.pdf!font Some", why)]);
}

#[test]
fn objects_that_overlap_end_at_the_limit() {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    for number in 1..2000 {
        bytes.extend(format!("{number} 0 obj (").bytes());
    }
    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let (_, skipped) = unpacked_as("x.pdf", &bytes, &limits);
    assert_eq!(skipped, [Skipped::lost("x.pdf", "limit: more than 1048576 bytes unpacked")]);
}

proptest! {
    #[test]
    fn any_document_is_read_without_a_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..300),
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "<<", ">>", "[", "]", "(", ")", "<", ">", "/Type", "/Page", "/Contents", "1", "2", "0", "R", "obj",
                "stream\n", "endstream", "Tj", "TJ", "Tf", "Td", "Tm", "'", "\"", "-5.5", "\\", "%", "\n", "ID", "EI",
                "endbfchar", "endbfrange", "endcodespacerange", "/First", "/ObjStm", "/Parent", "trailer", "99999999999",
                "/Filter", "/LZW", "/RL", "/A85", "/AHx", "/DP", "/Predictor", "12", "/Columns", "/Colors", "3",
            ]),
            0..60,
        ),
    ) {
        let words = words.join(" ");
        unpacked("x.pdf", &[b"%PDF-1.7\n", words.as_bytes(), noise.as_slice()].concat());
        let font = "<< /Subtype /Type0 /ToUnicode 4 0 R >>";
        unpacked("x.pdf", &page(words.as_bytes(), font, words.as_bytes()));
    }
}

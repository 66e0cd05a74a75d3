//! Documents as editors write them.

use super::*;

fn text_of(document: &str) -> Option<String> {
    let (members, skipped) = unpacked("x.zip", &zip(&[("part.xml", document.as_bytes())]));
    assert_eq!(skipped, []);
    assert_eq!(members[0], ("x.zip!part.xml".to_owned(), document.as_bytes().to_vec()));
    let (name, text) = members.get(1)?;
    assert_eq!(name, "x.zip!part.xml!text");
    Some(String::from_utf8(text.clone()).unwrap())
}

#[test]
fn words_that_editors_cut_are_whole() {
    let all = [
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a < b --><w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>token=abc</w:t></w:r>\
             <w:proofErr w:type=\"spellStart\"/><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">def &amp;&#38;&#x3c; </w:t></w:r></w:p>\
             <w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:delText>gone</w:delText></w:r></w:p></w:body></w:document>",
            Some("token=abcdef &&< \na\tb\ngone\n"),
        ),
        (
            "<?xml version=\"1.0\"?><p:sld><p:txBody><a:p><a:r><a:t>one</a:t></a:r><a:r><a:t>two</a:t></a:r></a:p><a:p/></p:txBody></p:sld>",
            Some("onetwo\n"),
        ),
        (
            "\u{feff}<?xml version=\"1.0\"?>\n<sst count=\"2\"><si><t>first</t></si><si><r><t>sec</t></r><r><t>ond</t></r></si></sst>",
            Some("first\nsecond\n"),
        ),
        (
            "<?xml version=\"1.0\"?><office:document-content><office:body><text:p>key=<text:span>val</text:span>ue<text:s/>&unknown;&</text:p>\
             <text:h>head</text:h></office:body></office:document-content>",
            Some("key=value &unknown;&\nhead\n"),
        ),
        // No text, no document, and one that ends in a tag.
        ("<?xml version=\"1.0\"?><w:document><w:body/></w:document>", None),
        ("<?xml version=\"1.0\"?><project><t>x</t></project>", None),
        ("<?xml version=\"1.0\"?><w:document><w:p><w:t>cut</w:t><w:", Some("cut")),
    ];
    for (document, text) in all {
        assert_eq!(text_of(document).as_deref(), text, "{document}");
    }
}

proptest! {
    #[test]
    fn any_document_is_read_without_a_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "<w:t>", "</w:t>", "<w:p>", "</w:p>", "<", ">", "/>", "</", "&", "&#", "&#x110000;", "&lt;", ";", "<t", "text", "\u{e4}",
            ]),
            0..60,
        ),
    ) {
        let document = format!("<?xml version=\"1.0\"?><w:document>{}", parts.concat());
        unpacked("x.xml", document.as_bytes());
    }
}

use super::*;

#[test]
fn variables() {
    let text = format!(
        "# {SECRET}\r\nA=1\r\nexport PW = '{SECRET}' # x\r\nB=\"{SECRET}\nx\"\nC=\nD=$A\nE='$A'\nF\nG=a # b\nH=a#b\nI=\"open\nno variable\nA=2"
    );
    let read = reads("a/.env.dev", &text);
    for (id, kind, holds) in [
        ("A", "literal", false),
        ("PW", "literal", true),
        ("B", "literal", true),
        ("C", "empty", false),
        ("D", "reference", false),
        ("E", "literal", false),
        ("F", "reference", false),
        ("G", "literal", false),
        ("H", "literal", false),
        ("I", "literal", false),
        ("A~2", "literal", false),
    ] {
        let fact = fact(&read, id);
        assert_eq!(fact.fields["value_kind"], kind, "{id}");
        assert_eq!(fact.fields["holds_secret"], holds, "{id}");
    }
    assert_eq!(place(fact(&read, "PW")), (3, 1, 3, 30));
    assert_eq!(place(fact(&read, "B")), (4, 1, 5, 2));
    assert_eq!(read.gaps.len(), 1);
    assert_eq!(read.gaps[0].why, "line 13 binds no variable");
}

#[test]
fn which_files_are() {
    for path in [".env", "a/.env.local", "prod.env"] {
        assert_eq!(kind(path, b""), Some("dotenv"), "{path}");
    }
    for path in ["env", ".envrc", "a.env.js"] {
        assert_eq!(kind(path, b""), None, "{path}");
    }
}

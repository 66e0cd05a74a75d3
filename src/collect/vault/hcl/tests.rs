//! What Vault takes for HCL.

use proptest::prelude::*;

use super::*;

fn one(text: &str) -> Item {
    let mut items = parse(text).unwrap();
    assert_eq!(items.len(), 1, "{text}");
    items.remove(0)
}

#[test]
fn all_ways_to_write_a_path_are_read() {
    let expected = one("path \"a/*\" {\n  capabilities = [\"read\", \"list\"]\n}");
    assert_eq!(expected.keys, ["path", "a/*"]);
    for text in [
        r#"path "a/*" { capabilities = ["read", "list"] }"#,
        r#"path "a/*" = { capabilities = ["read", "list",], }"#,
        r#""path" "a/*" { "capabilities" = ["read" "list"] } # end"#,
        "/* first */ path \"a/*\" { // here\n capabilities = [ # there\n \"read\",\n\"list\" ] }",
    ] {
        let item = one(text);
        let Node::Object(inner) = item.value else { unreachable!("{text}") };
        assert_eq!(item.keys, expected.keys, "{text}");
        assert_eq!(inner[0].value.json(), serde_json::json!(["read", "list"]), "{text}");
    }
}

#[test]
fn json_is_read_with_names_that_come_twice() {
    let item = one(r#"{"path": {"a": {"policy": "read"}, "a": {"policy": "write"}}}"#);
    let Node::Object(paths) = item.value else { unreachable!() };
    let keys: Vec<&str> = paths.iter().map(|path| path.keys[0].as_str()).collect();
    assert_eq!(keys, ["a", "a"]);
}

#[test]
fn texts_keep_what_is_in_them() {
    for (text, expected) in [
        (r#"a = "x\"y\\z\n""#, "x\"y\\z\n"),
        (r#"a = "${lookup("b")}c""#, "${lookup(\"b\")}c"),
        ("a = \"{{identity.entity.name}}/*\"", "{{identity.entity.name}}/*"),
        ("a = <<EOT\nx\n y\nEOT\n", "x\n y\n"),
        (r#"a = "\u00e9""#, "é"),
    ] {
        assert_eq!(one(text).value.text(), Some(expected), "{text}");
    }
}

#[test]
fn lines_are_those_of_names() {
    let items = parse("a = 1\n\n# c\nb {\n}\n").unwrap();
    assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn what_is_wrong_is_an_error_with_its_line() {
    for text in [
        "path",
        "path \"a\"",
        "path \"a\" {",
        "path \"a\" { capabilities = }",
        "a = b",
        "a = [",
        "a = \"b",
        "a = \"b\nc\"",
        "/* a",
        "a = <<E\n",
        "a / b",
        "{\"a\": 1} b",
        "= 1",
        "a = \"\\q\"",
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with("line "), "{text}: {error}");
    }
}

#[test]
fn depth_is_bounded() {
    assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    assert!(parse(&"a {".repeat(100_000)).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z{}\\[\\]\"=:,#/*<\\\\$\n E]{0,60}") {
        drop(parse(&text));
    }
}

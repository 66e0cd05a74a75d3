//! Notebooks, HAR and collections.

use serde_json::json;

use super::*;

/// The members but the file itself, which is always first and as it is.
fn texts(path: &str, json: &str) -> Vec<(String, String)> {
    let (mut members, skipped) = unpacked(path, json.as_bytes());
    assert_eq!(skipped, []);
    assert_eq!(members.remove(0), (path.to_owned(), json.as_bytes().to_vec()));
    let text = |(name, bytes): (String, Vec<u8>)| (name, String::from_utf8(bytes).unwrap());
    members.into_iter().map(text).collect()
}

#[test]
fn cells_of_notebooks_are_read_without_their_escapes() {
    let notebook = json!({
        "cells": [
            { "cell_type": "markdown", "source": ["plain\n", "text"] },
            {
                "cell_type": "code",
                "source": ["key = \"value\"\n", "print(key)"],
                "outputs": [
                    { "output_type": "stream", "text": "a = b\nc = d\n" },
                    { "data": { "text/plain": ["'it is \"x\"'"], "text/html": "<b>" } },
                    { "traceback": ["\u{1b}[0;31mError\u{1b}[0m\u{1b}[2K"] },
                ],
            },
        ],
        "nbformat": 4,
    });
    let found = texts("x.ipynb", &notebook.to_string());
    let expected = [
        ("x.ipynb!cell 2", "key = \"value\"\nprint(key)"),
        ("x.ipynb!cell 2 output 1", "a = b\nc = d\n"),
        ("x.ipynb!cell 2 output 2 text/plain", "'it is \"x\"'"),
        ("x.ipynb!cell 2 output 3 traceback", "Error\u{1b}[2K"),
    ];
    assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let pretty = serde_json::to_string_pretty(&notebook).unwrap();
    assert_eq!(texts("x.ipynb", &pretty), found);
    assert_eq!(texts("x.ipynb", &format!("\u{feff}{pretty}")), found);
}

#[test]
fn bodies_of_recorded_traffic_are_read() {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(TEXT);
    let har = json!({ "log": { "version": "1.2", "creator": {}, "entries": [{
        "request": { "headers": [{ "name": "A", "value": "b" }], "postData": { "text": "{\"a\": 1}" } },
        "response": { "content": { "text": body, "encoding": "base64" } },
    }] } });
    let found = texts("x.har", &har.to_string());
    let expected = [
        ("x.har!log.entries[0].request.postData.text", "{\"a\": 1}"),
        ("x.har!log.entries[0].response.content.text", "first line\nsecond line\n"),
    ];
    assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn scripts_and_bodies_of_collections_are_read() {
    let collection = json!({
        "info": { "_postman_id": "0", "name": "x" },
        "item": [{
            "event": [{ "script": { "exec": ["pm.set('a', \"b\");", "done();"] } }],
            "request": { "body": { "mode": "raw", "raw": "{\n\t\"a\": 1\n}" }, "url": "https://x" },
        }],
    });
    let found = texts("x.json", &collection.to_string());
    let expected = [
        ("x.json!item[0].event[0].script.exec", "pm.set('a', \"b\");\ndone();"),
        ("x.json!item[0].request.body.raw", "{\n\t\"a\": 1\n}"),
    ];
    assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn other_json_is_no_container() {
    let all = [
        "{\"name\": \"x\", \"cells\": []}",
        "{\"cells\": 3}",
        "{\"log\": {\"level\": \"debug\"}}",
        "{\"info\": {\"title\": \"An API\"}}",
        "{\"metadata\": {\"name\": \"a pod\"}}",
        "[{\"cells\": []}]",
        "{",
        "{\"cells",
        "",
    ];
    for text in all {
        assert!(!is_container(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_is_broken_is_scanned_as_it_is_and_lost() {
    for text in
        ["{\"cells\": [{\"source\": \"a\\nb\"}", &format!("{{\"cells\": {}", "[".repeat(999))]
    {
        let (members, skipped) = unpacked("x.ipynb", text.as_bytes());
        assert_eq!(members[0], ("x.ipynb".to_owned(), text.as_bytes().to_vec()));
        assert!(skipped[0].lost && skipped[0].what == "x.ipynb", "{skipped:?}");
    }
}

//! Documents that are made from the code.

use std::path::Path;
use std::process::Command;

#[test]
fn the_table_of_rules_is_that_of_the_binary() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let output = Command::new(env!("CARGO_BIN_EXE_keystrel"))
        .args(["rules", "list", "--format", "markdown"])
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert!(stored == made, "docs/rules.md is out of date: UPDATE_CASES=1 cargo test --test it");
}

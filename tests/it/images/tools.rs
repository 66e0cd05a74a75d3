//! Tools of the field that make images.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::cases::quiet;

/// Whether all of `tools` are there; else the test of `what` is left out, which is said, or fails where none may be.
pub(super) fn are_there(what: &str, tools: &[&str]) -> bool {
    let is_there = |tool: &&&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|directory| directory.join(tool).is_file())
    };
    let missing: Vec<&str> = tools.iter().filter(|tool| !is_there(tool)).copied().collect();
    missing.is_empty() || {
        left_out(what, &format!("missing: {}", missing.join(", ")));
        false
    }
}

/// Says that a test is left out.
pub(super) fn left_out(what: &str, why: &str) {
    let why = format!("left out: {what} ({why})");
    assert!(std::env::var_os("KEYSTREL_SERVERS").is_none(), "{why}");
    // Not by a macro that the harness captures.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{why}; see tests/servers/README.md").unwrap();
}

pub(super) fn run(directory: &Path, program: &str, args: &[&str]) {
    let output = quiet(Command::new(program), directory).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{program} {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

pub(super) fn umoci(root: &Path, args: &[&str]) {
    run(root, "umoci", args);
}

/// Adds a layer with what is in a directory of its own to the image `test` of the layout `L`.
pub(super) fn add_layer(root: &Path, at: usize, instruction: &str, files: &[(&str, &str)]) {
    let directory = root.join(format!("l{at}"));
    for (path, content) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let (name, tar) = (format!("l{at}"), format!("l{at}.tar"));
    run(root, "tar", &["--sort=name", "-C", &name, "-cf", &tar, "."]);
    umoci(
        root,
        &["raw", "add-layer", "--image", "L:test", "--history.created_by", instruction, &tar],
    );
}

/// What `skopeo` believes: everything, of images that were made here.
pub(super) fn policy(root: &Path) {
    fs::write(root.join("policy.json"), r#"{"default":[{"type":"insecureAcceptAnything"}]}"#)
        .unwrap();
}

//! `keystrel init`: a configuration to start from, and the hook.

use super::args::InitArgs;
use super::exit::Exit;
use super::hook::HookKind;
use super::{hook, output};

const CONFIG: &str = r#"# keystrel's configuration. Every key is optional; the built-in rules are always on.
# gitleaks' keys for [[rules]] and [[allowlists]] work here too.

[scan]
# Least severity that makes the exit code 1: info, low, medium, high or critical.
fail-on = "info"
# Least confidence that is reported: low, medium or high.
min-confidence = "low"

# Rules that are not wanted:
# [extend]
# disabledRules = ["generic-api-key"]

# What is fine, and why. It stays in the reports as suppressed.
# [[allowlists]]
# description = "keys made for the tests"
# paths = ['''^tests/fixtures/''']
"#;

/// Runs the command.
pub(super) fn run(args: &InitArgs) -> anyhow::Result<Exit> {
    let path = args.path.join(".keystrel.toml");
    if std::fs::symlink_metadata(&path).is_ok() {
        output::note(&format!("{} is there already and stays as it is", path.display()));
    } else {
        output::write_file(&path, |out| out.write_all(CONFIG.as_bytes()))?;
        output::note(&format!("wrote {}", path.display()));
    }
    hook::install(&args.path, &[HookKind::PreCommit], hook::Existing::Keep)
}

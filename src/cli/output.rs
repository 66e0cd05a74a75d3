//! Writing to the terminal and to files.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;

use super::exit::{Exit, is_broken_pipe};
use crate::whole::{self, Mode};

/// Lets `write` print on standard output. A reader that went away (`| head`) has what it wanted: that is no error, and what the
/// command comes to stays what it is.
pub(super) fn print_with(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if !is_broken_pipe(&error) => Err(error).context("cannot write standard output"),
        _ => Ok(Exit::Clean),
    }
}

/// Prints text on standard output.
pub(super) fn print(text: &str) -> anyhow::Result<Exit> {
    print_with(|out| out.write_all(text.as_bytes()))
}

/// Writes a file whole or not at all, so that a full disk does not leave half a report.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    whole::write(path, Mode::Usual, write)
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Prints an error with its causes on standard error.
pub(super) fn complain(error: &anyhow::Error) {
    note(&format!("{error:#}"));
}

/// Prints a note on standard error.
pub(super) fn note(text: &str) {
    // Where that cannot be written there is nobody to tell; the exit code stays what it is.
    let _ = writeln!(io::stderr(), "keystrel: {text}");
}

//! Writing to the terminal and to files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;

use super::exit::Exit;

/// Lets `write` print on standard output.
pub(super) fn print_with(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Prints text on standard output.
pub(super) fn print(text: &str) -> anyhow::Result<Exit> {
    print_with(|out| out.write_all(text.as_bytes()))
}

/// Writes a file whole or not at all, so that a full disk does not leave half a report: to a file
/// beside it first, which then takes its name.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    if path.exists() && !path.is_file() {
        // A device or a FIFO, such as /dev/stderr: nothing takes its name.
        let mut out = BufWriter::new(File::create(path).with_context(cannot)?);
        return write(&mut out).and_then(|()| out.flush()).with_context(cannot);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = File::create(&partial).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&partial, path)
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&partial);
    }
    written.with_context(cannot)
}

/// Prints an error with its causes on standard error.
#[expect(clippy::print_stderr, reason = "this is where errors reach people")]
pub(super) fn complain(error: &anyhow::Error) {
    eprintln!("keystrel: {error:#}");
}

/// Prints a note on standard error.
#[expect(clippy::print_stderr, reason = "this is where notes reach people")]
pub(super) fn note(text: &str) {
    eprintln!("keystrel: {text}");
}

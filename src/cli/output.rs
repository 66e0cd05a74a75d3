//! Writing to the terminal and to files.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::exit::{Exit, is_broken_pipe};
use crate::report::Format;
use crate::whole::{self, Mode};

/// Where reports go.
pub(super) struct Outputs<T: 'static, S: 'static> {
    /// The format of standard output.
    pub(super) stdout: &'static Format<T, S>,
    /// Formats of files.
    pub(super) files: Vec<(&'static Format<T, S>, PathBuf)>,
}

impl<T, S> Outputs<T, S> {
    /// Of `all` formats the one named for standard output, and those of `reports`: `FORMAT=FILE`, or `FORMAT=-` for
    /// standard output too.
    ///
    /// # Errors
    /// When a report is nothing of the kind, or there is no such format.
    pub(super) fn parse(
        all: &'static [Format<T, S>],
        stdout: &str,
        reports: &[String],
    ) -> anyhow::Result<Self> {
        let names = || all.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        let find = |name: &str| {
            let found = all.iter().find(|format| format.name == name);
            found.with_context(|| format!("there is no format `{name}`: there are {}", names()))
        };
        let mut outputs = Self { stdout: find(stdout)?, files: Vec::new() };
        for report in reports {
            match report.split_once('=') {
                None => {
                    bail!("`--report {report}` is not FORMAT=FILE; formats are {}", names());
                }
                Some((_, "")) => bail!("`--report {report}` names no file"),
                Some((name, "-")) => outputs.stdout = find(name)?,
                Some((name, file)) => outputs.files.push((find(name)?, PathBuf::from(file))),
            }
        }
        Ok(outputs)
    }

    /// Writes each report, files first and as `plain`.
    ///
    /// # Errors
    /// When a file or standard output cannot be written.
    pub(super) fn write(&self, what: &T, style: &S, plain: &S) -> anyhow::Result<()> {
        for (format, path) in &self.files {
            write_file(path, |out| (format.write)(what, plain, out))?;
        }
        print_with(|out| (self.stdout.write)(what, style, out))?;
        Ok(())
    }
}

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

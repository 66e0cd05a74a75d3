//! Files that are written whole or not at all.
//!
//! What is written goes to a file beside the one that is meant, which then takes its name. So whatever happens meanwhile (a full
//! disk, a kill, a loss of power), what was there before is there still, and half a file never passes for one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is read.
    Usual,
    /// Whoever may read it may run it.
    Program,
}

/// Writes the file at `path`, in place of what is there. A file that was there keeps its permissions, and a symbolic link what it
/// points to. A device, a FIFO or a socket is written to, since nothing can take its name.
///
/// # Errors
/// When it, or one beside it, cannot be written: then what was there is as it was.
pub(crate) fn write(
    path: &Path,
    mode: Mode,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let place = place(path);
    let before = fs::metadata(&place).ok();
    if before.as_ref().is_some_and(|file| !file.is_file()) {
        let mut out = BufWriter::new(File::create(&place)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let (partial, file) = beside(&place, mode)?;
    let written =
        before.map_or(Ok(()), |file| keep(&partial, &file.permissions(), mode)).and_then(|()| {
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&partial, &place)
        });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Where `path` leads: a link stays one, and what it points to is written.
fn place(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink());
    let target = is_link.then(|| fs::canonicalize(path).ok()).flatten();
    target.unwrap_or_else(|| path.to_owned())
}

/// A new file beside `path`. Its name has the number of the process, so that two that write the same file do not write into
/// each other's; one that is there already was left by a process that is gone, or is somebody's link: it is removed, not opened.
fn beside(path: &Path, mode: Mode) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut partial = name.to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let mut partial = path.with_file_name(partial);
    let mut made = create(&partial, mode);
    if made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::InvalidFilename) {
        // The longest name that there can be has no room for an ending.
        partial = path.with_file_name(format!(".keystrel.{}.partial", std::process::id()));
        made = create(&partial, mode);
    }
    if made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
        fs::remove_file(&partial)?;
        made = create(&partial, mode);
    }
    Ok((partial, made?))
}

#[cfg(unix)]
fn create(path: &Path, mode: Mode) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let bits = match mode {
        Mode::Usual => 0o666,
        Mode::Program => 0o777,
    };
    OpenOptions::new().write(true).create_new(true).mode(bits).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: Mode) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn keep(path: &Path, permissions: &fs::Permissions, mode: Mode) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut bits = permissions.mode() & 0o777;
    if mode == Mode::Program {
        bits |= (bits & 0o444) >> 2;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(bits))
}

#[cfg(not(unix))]
fn keep(_: &Path, _: &fs::Permissions, _: Mode) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn put(path: &Path, mode: Mode, text: &str) -> io::Result<()> {
        write(path, mode, |out| out.write_all(text.as_bytes()))
    }

    #[test]
    fn what_fails_half_way_leaves_what_was_there_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        put(&path, Mode::Usual, "old").unwrap();
        let failed = write(&path, Mode::Usual, |out| {
            out.write_all(&vec![b'x'; 100_000])?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(directory.path()), ["report"]);
    }

    #[test]
    fn the_longest_name_is_written_too() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("n".repeat(255));
        put(&path, Mode::Usual, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()).len(), 1);
        assert!(put(&directory.path().join("n".repeat(256)), Mode::Usual, "new").is_err());
        assert_eq!(names(directory.path()).len(), 1);
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        fn bits(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn a_file_keeps_its_permissions_and_a_link_its_target() {
            let directory = tempfile::tempdir().unwrap();
            let (path, link) = (directory.path().join("file"), directory.path().join("link"));
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            symlink("file", &link).unwrap();
            put(&link, Mode::Usual, "new").unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&path).unwrap(), "new");
            assert_eq!(bits(&path), 0o640);
            put(&path, Mode::Program, "run").unwrap();
            assert_eq!(bits(&path), 0o750);
        }

        #[test]
        fn a_program_can_be_run() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("program");
            put(&path, Mode::Program, "run").unwrap();
            assert_eq!(bits(&path) & 0o500, 0o500);
        }

        #[test]
        fn a_link_that_lies_in_wait_is_not_written_through() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("report");
            let other = directory.path().join("other");
            fs::write(&other, "mine").unwrap();
            let partial = format!("report.{}.partial", std::process::id());
            symlink(&other, directory.path().join(partial)).unwrap();
            put(&path, Mode::Usual, "new").unwrap();
            assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
            assert_eq!(names(directory.path()), ["other", "report"]);
        }
    }
}

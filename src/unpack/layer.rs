//! Layers of container images: tars of what a step of a build changed (`layer.md` of the OCI image
//! specification), compressed or not.

use std::io::{self, Cursor, Read};

use super::capped::{Budget, Limits, decoder, is_of_member, member};
use super::formats::{self, Format};
use super::walk::read_head;
use crate::model::LayerFile;

/// What marks a name as one that the layer deletes.
const WHITEOUT: &str = ".wh.";
/// What deletes all that lower layers have in a directory.
const OPAQUE: &str = ".wh..wh..opq";
/// Other names that begin so are notes of the AUFS driver, and no files.
const AUFS: &str = ".wh..wh.";

/// What a layer says of one path, which is relative to the root of the image.
pub enum LayerEntry<'a> {
    /// There is a file.
    File(String, LayerFile, &'a mut dyn Read),
    /// The file that was handed on last could not be read to its end; what follows is sound.
    Lost(String, io::Error),
    /// There is a directory.
    Directory(String),
    /// There is another name of the file at the second path, which the layer has too.
    Link(String, String),
    /// There is something else: a symbolic link, a device.
    Other(String),
    /// What lower layers have there is deleted.
    Deleted(String),
    /// All that lower layers have in the directory is deleted.
    Opaque(String),
    /// The layer is no tar: all of it. Indexes may hold anything: charts, signatures, bills of materials.
    Content(&'a mut dyn Read),
}

/// Hands on what is in a layer, in its order.
///
/// # Errors
/// When the layer cannot be read to its end, a limit is hit, or `take` fails; what was handed on before is
/// sound.
pub fn layer(
    reader: &mut dyn Read,
    limits: &Limits,
    take: &mut dyn FnMut(LayerEntry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let budget = Budget::new(limits.clone());
    within(reader, &budget, &mut |reader| {
        let (head, result) = read_head(reader);
        let is_tar = formats::find(&head).is_some_and(|format| format.name == "tar");
        // Two blocks of zeros are an empty tar.
        let is_empty = head.len() >= 1024 && head.iter().all(|byte| *byte == 0);
        let mut all = Cursor::new(head).chain(Rest::of(result, reader));
        if is_tar || is_empty {
            entries(&mut all, &budget, take)?;
            // An error behind the end, as a digest that is wrong, may have come with the head.
            io::copy(&mut all, &mut io::sink()).map(|_| ())
        } else {
            take(LayerEntry::Content(&mut all))
        }
    })
}

fn entries(
    reader: &mut dyn Read,
    budget: &Budget,
    take: &mut dyn FnMut(LayerEntry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    super::entries::entries(reader, false, &mut |entry| {
        budget.entry()?;
        let path = clean(&entry.path);
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if name == OPAQUE {
            return take(LayerEntry::Opaque(parent.to_owned()));
        }
        if name.starts_with(AUFS) {
            return Ok(());
        }
        if let Some(name) = name.strip_prefix(WHITEOUT) {
            let separator = if parent.is_empty() { "" } else { "/" };
            return take(LayerEntry::Deleted(format!("{parent}{separator}{name}")));
        }
        if entry.is_file() {
            let (uid, gid, mode) = entry.owner;
            let file = LayerFile { size: entry.size, uid, gid, mode };
            let mut content = member(entry.content, entry.packed, budget);
            return match take(LayerEntry::File(path.clone(), file, &mut content)) {
                Err(why) if is_of_member(&why) && budget.spent().is_none() => {
                    take(LayerEntry::Lost(path, why))
                }
                result => result,
            };
        }
        match entry.kind {
            kind if kind.is_dir() => take(LayerEntry::Directory(path)),
            kind if kind.is_pax_global_extensions() || kind.is_pax_local_extensions() => Ok(()),
            kind if kind.is_hard_link() => {
                take(LayerEntry::Link(path, clean(&entry.link.unwrap_or_default())))
            }
            _ => take(LayerEntry::Other(path)),
        }
    })
}

/// Hands on what `reader` gives, decompressed if it is compressed.
///
/// # Errors
/// As reading it, and as `take`.
pub fn decompressed(
    reader: &mut dyn Read,
    limits: &Limits,
    take: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    within(reader, &Budget::new(limits.clone()), take)
}

fn within(
    reader: &mut dyn Read,
    budget: &Budget,
    take: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let (head, result) = read_head(reader);
    let codec = formats::find(&head).map(|format| format.read);
    let mut all = Cursor::new(head).chain(Rest::of(result, reader));
    match codec {
        Some(formats::Read::Stream(codec)) => {
            let mut stream = decoder(codec, &mut all, budget);
            take(&mut stream)?;
            // What follows the end of a tar is read too: the checksums of compressions are at the end.
            io::copy(&mut stream, &mut io::sink())?;
        }
        _ => take(&mut all)?,
    }
    io::copy(&mut all, &mut io::sink()).map(|_| ())
}

/// What follows a head: the rest, or the error that ended it. What came before the error is sound.
enum Rest<'a> {
    More(&'a mut dyn Read),
    Failed(Option<io::Error>),
}

impl<'a> Rest<'a> {
    fn of(result: io::Result<()>, reader: &'a mut dyn Read) -> Self {
        match result {
            Ok(()) => Self::More(reader),
            Err(error) => Self::Failed(Some(error)),
        }
    }
}

impl Read for Rest<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::More(reader) => reader.read(buffer),
            Self::Failed(error) => error.take().map_or(Ok(0), Err),
        }
    }
}

/// Whether something that begins with `head` is one compressed stream.
pub fn is_compressed(head: &[u8]) -> bool {
    let format: Option<&Format> = formats::find(head);
    format.is_some_and(|format| matches!(format.read, formats::Read::Stream(_)))
}

/// The path from the root of the image. What leads above the root is a name like any other: nothing is written.
fn clean(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o640);
            header.set_uid(7);
            let is_dir = path.ends_with('/');
            header.set_entry_type(if is_dir {
                tar::EntryType::Directory
            } else {
                tar::EntryType::Regular
            });
            builder.append_data(&mut header, path, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn seen(bytes: &[u8]) -> (Vec<String>, io::Result<()>) {
        let mut all = Vec::new();
        let result = layer(&mut &*bytes, &Limits::for_layers(), &mut |entry| {
            let told = match entry {
                LayerEntry::File(path, file, reader) => {
                    let mut text = String::new();
                    // What came before an error is sound.
                    let result = reader.read_to_string(&mut text);
                    all.push(format!("{path} {:o} {} {text}", file.mode, file.uid));
                    result?;
                    return Ok(());
                }
                LayerEntry::Lost(path, why) => format!("{path}! {why}"),
                LayerEntry::Directory(path) => format!("{path}/"),
                LayerEntry::Link(path, to) => format!("{path}={to}"),
                LayerEntry::Other(path) => format!("{path}?"),
                LayerEntry::Deleted(path) => format!("-{path}"),
                LayerEntry::Opaque(path) => format!("-{path}/*"),
                LayerEntry::Content(reader) => {
                    let mut text = String::new();
                    reader.read_to_string(&mut text)?;
                    format!("={text}")
                }
            };
            all.push(told);
            Ok(())
        });
        (all, result)
    }

    #[test]
    fn whiteouts_are_no_files() {
        let bytes = tar(&[
            ("./etc/", ""),
            ("./etc/app.conf", "a"),
            ("app/.wh..env", ""),
            ("app/sub/.wh..wh..opq", ""),
            (".wh..wh.plnk", ""),
            (".wh.top", ""),
        ]);
        let (all, result) = seen(&bytes);
        result.unwrap();
        assert_eq!(all, ["etc/", "etc/app.conf 640 7 a", "-app/.env", "-app/sub/*", "-top"]);
    }

    #[test]
    fn a_file_that_is_a_bomb_or_badly_told_ends_alone() {
        let sparse = |map: &str, size: u64| {
            let mut builder = tar::Builder::new(Vec::new());
            let size = size.to_string();
            let all = [("GNU.sparse.size", size.as_bytes()), ("GNU.sparse.map", map.as_bytes())];
            builder.append_pax_extensions(all).unwrap();
            let mut bytes = builder.get_ref().clone();
            bytes.extend(tar(&[("sparse", "ab"), ("next", "1")]));
            bytes
        };
        assert_eq!(seen(&sparse("1,2", 4)).0, ["sparse 640 7 \0ab\0", "next 640 7 1"]);
        let limits = Limits { spare: 1 << 20, ..Limits::for_layers() };
        for (map, size, why) in [
            ("0,1,9,1", 5 << 20, "limit: more than 1100 bytes out for each byte in"),
            ("0,9,1,1", 10, "what tells of its holes is broken"),
            ("0,3", 3, "it has less data than is told"),
        ] {
            let mut all = Vec::new();
            layer(&mut &*sparse(map, size), &limits, &mut |entry| {
                match entry {
                    LayerEntry::File(path, _, reader) => {
                        all.push(path);
                        io::copy(reader, &mut io::sink())?;
                    }
                    LayerEntry::Lost(path, why) => all.push(format!("{path}: {why}")),
                    _ => {}
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(all, ["sparse", &format!("sparse: {why}"), "next"]);
        }
    }

    /// What says at its end that something is wrong, as what compares digests does.
    struct Wrong<'a>(&'a [u8]);

    impl Read for Wrong<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("wrong at the end")),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn an_error_behind_the_end_is_one_however_small_the_layer_is() {
        for size in [10, 100_000] {
            let plain = tar(&[("a", &"1".repeat(size))]);
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
            io::copy(&mut plain.as_slice(), &mut gzip).unwrap();
            for bytes in [plain, gzip.finish().unwrap()] {
                let mut names = Vec::new();
                let result = layer(&mut Wrong(&bytes), &Limits::for_layers(), &mut |entry| {
                    if let LayerEntry::File(path, _, reader) = entry {
                        names.push(path);
                        io::copy(reader, &mut io::sink())?;
                    }
                    Ok(())
                });
                assert_eq!(names, ["a"], "{size}");
                assert_eq!(result.unwrap_err().to_string(), "wrong at the end", "{size}");
            }
        }
    }

    #[test]
    fn what_is_no_tar_is_content_and_what_is_cut_off_is_an_error() {
        assert_eq!(seen(b"{\"a\": 1}").0, ["={\"a\": 1}"]);
        assert!(seen(&[0; 1024]).0.is_empty());
        let bytes = tar(&[("a", "1"), ("b", &"2".repeat(3000))]);
        let (all, result) = seen(&bytes[..1024 + 512 + 100]);
        assert_eq!(all, ["a 640 7 1".to_owned(), format!("b 640 7 {}", "2".repeat(100))]);
        assert!(result.is_err());
    }
}

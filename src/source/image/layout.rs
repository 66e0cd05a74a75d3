//! A directory in the OCI image layout (`image-layout.md`).

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

use super::blob::{Blob, Blobs, Visit, read_small};

struct Layout {
    root: PathBuf,
}

/// The layout at `root`.
pub(super) fn open(root: &Path) -> io::Result<Box<dyn Blobs>> {
    fs::metadata(root.join("index.json"))?;
    Ok(Box::new(Layout { root: root.to_owned() }))
}

impl Blobs for Layout {
    fn small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match File::open(self.root.join(name)) {
            Ok(mut file) => read_small(&mut file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn each(&self, wanted: &[Blob], visit: &Visit<'_>) {
        wanted.par_iter().with_max_len(1).enumerate().for_each(|(at, blob)| {
            match File::open(self.root.join(&blob.name)) {
                Ok(mut file) => visit(at, Ok(&mut file as &mut dyn Read)),
                Err(error) => visit(at, Err(error)),
            }
        });
    }
}

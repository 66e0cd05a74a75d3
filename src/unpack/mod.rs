//! Encodings of whole files to bytes that rules can read, and archives to their members.
//!
//! [`unpack`] knows a container by its first bytes (`formats`), reads its members as a stream, and pushes
//! them into a [`Sink`] as they are read: nothing is written to disk, and links are not followed.
//! Containers in containers go the same way. `capped` builds every decompressor and holds all of them to
//! the [`Limits`].

mod android;
mod ar;
mod capped;
mod checked;
mod class;
mod cpio;
mod entries;
mod executable;
mod formats;
mod frames;
mod iso;
mod json;
mod layer;
mod lines;
mod office;
mod part;
mod pdf;
mod python;
mod rpm;
mod sevenz;
mod sqlite;
mod tar;
mod text;
mod walk;
mod zip;

#[cfg(test)]
mod tests;

pub use capped::Limits;
pub use entries::{TarEntry, entries};
pub use formats::{HEAD, is_container};
pub use layer::{LayerEntry, decompressed, is_compressed, layer};
pub use text::{Marked, decode, mark};
pub use walk::unpack;

#[cfg(doc)]
use crate::source::Sink;

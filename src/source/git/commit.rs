//! What is read of commits and tags without trusting that they are well-formed.

use bytes::Bytes;
use gix::ObjectId;
use gix::bstr::ByteSlice;

use crate::model::Commit;

/// What people wrote of a commit or tag: its headers without object ids and signatures, and its
/// message.
pub(super) fn readable(object: &[u8]) -> Bytes {
    /// Headers that hold ids and signatures; their further lines begin with a space.
    const LEFT_OUT: [&[u8]; 6] =
        [b"tree ", b"parent ", b"object ", b"type ", b"gpgsig ", b"gpgsig-sha256 "];
    let mut text = Vec::with_capacity(object.len());
    let mut rest = object;
    let mut kept = true;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at(end + 1);
        if line.len() == 1 {
            break;
        }
        kept = if line[0] == b' ' { kept } else { !LEFT_OUT.iter().any(|h| line.starts_with(h)) };
        if kept {
            text.extend_from_slice(line);
        }
        rest = after;
    }
    text.extend_from_slice(rest);
    Bytes::from(text)
}

/// An object that a commit names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Tree(ObjectId),
    Parent(ObjectId),
}

impl Link {
    pub(super) fn id(self) -> ObjectId {
        match self {
            Self::Tree(id) | Self::Parent(id) => id,
        }
    }
}

/// The objects that a commit names, in its order: the tree, then the parents.
pub(super) fn links(commit: &[u8]) -> impl Iterator<Item = Link> + '_ {
    commit
        .split(|&b| b == b'\n')
        .map_while(|line| match line.strip_prefix(b"tree ") {
            Some(hex) => Some(ObjectId::from_hex(hex).map(Link::Tree)),
            None => line.strip_prefix(b"parent ").map(|h| ObjectId::from_hex(h).map(Link::Parent)),
        })
        .filter_map(Result::ok)
}

/// The object that a tag names.
pub(super) fn tagged(tag: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(tag.lines().next()?.strip_prefix(b"object ")?).ok()
}

/// When it was committed, in seconds since 1970; 0 where the commit does not say.
pub(super) fn committed_at(commit: &[u8]) -> i64 {
    header(commit, b"committer ")
        .and_then(|line| gix::actor::SignatureRef::from_bytes(line).ok())
        .map_or(0, |signature| signature.seconds())
}

/// The value of the header that begins with `name`.
pub(super) fn header<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    object.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name))
}

/// What reports name of the commit `id`.
pub(super) fn describe(id: ObjectId, commit: &[u8]) -> Commit {
    let author = header(commit, b"author ")
        .and_then(|line| gix::actor::SignatureRef::from_bytes(line).ok())
        .map(|signature| signature.trim());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let message = commit.find(b"\n\n").map_or(&b""[..], |at| &commit[at + 2..]);
    Commit {
        id: id.to_string(),
        author: author.map_or_else(String::new, |a| text(a.name)),
        email: author.map_or_else(String::new, |a| text(a.email)),
        date: author.and_then(|a| a.time().ok()).map_or_else(String::new, |t| {
            t.format_or_unix(gix::date::time::format::ISO8601_STRICT)
        }),
        summary: message
            .lines()
            .map(<[u8]>::trim)
            .find(|line| !line.is_empty())
            .map_or_else(String::new, text),
    }
}

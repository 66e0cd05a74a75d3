//! Trees as lists of numbers. Of one that is stored as a change of another only what differs is read.

use gix::oid;

use super::graph::NONE;
use super::objects::Object;

/// What an entry of a tree is (git, `Documentation/gitformat-index.adoc` and `object.h`, read November 2026).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Blob,
    Tree,
    /// The commit of a submodule.
    Commit,
}

/// The entries of a tree, in its order.
#[derive(Debug, Default)]
pub(super) struct Tree {
    entries: Vec<Entry>,
    /// Bytes of the object that were understood: all, of a tree that git wrote.
    len: u32,
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Offset of its first byte in the object.
    offset: u32,
    /// What it leads to, or [`NONE`] where it is not followed.
    number: u32,
    name: u32,
}

impl Tree {
    /// Reads a tree; `base` is what was read of the one that `object.copies` are of. `follow` is asked for
    /// the numbers of object and name of entries that are not there.
    pub(super) fn of(
        object: &Object<'_>,
        base: Option<&Self>,
        follow: impl Fn(Mode, &[u8], &oid) -> Option<(u32, u32)>,
    ) -> Self {
        let hash_len = object.id.as_bytes().len();
        let bytes = object.bytes;
        let mut entries = Vec::with_capacity(base.map_or(16, |base| base.entries.len() + 4));
        let mut at = 0;
        let mut runs = object.copies.iter().peekable();
        while at < bytes.len() {
            while runs.next_if(|run| run.at.end <= at).is_some() {}
            if let (Some(base), Some(run)) = (base, runs.peek())
                && run.at.start <= at
            {
                let from = run.from + (at - run.at.start);
                let taken = base.carry(from, run.from + run.at.len(), at, &mut entries);
                if taken > 0 {
                    at += taken;
                    continue;
                }
            }
            let Some((mode, name, id, len)) = parse(&bytes[at..], hash_len) else { break };
            let (number, name) = follow(mode, name, id).unwrap_or((NONE, NONE));
            entries.push(Entry { offset: at as u32, number, name });
            at += len;
        }
        Self { entries, len: at as u32 }
    }

    /// Numbers of object and name of the entries that are followed.
    pub(super) fn links(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let followed = self.entries.iter().filter(|entry| entry.number != NONE);
        followed.map(|entry| (entry.number, entry.name))
    }

    /// Takes over the entries that lie in `from..end` one after the other; `at` is where the first lies now.
    /// Returns their length.
    fn carry(&self, from: usize, end: usize, at: usize, entries: &mut Vec<Entry>) -> usize {
        let first = self.entries.partition_point(|entry| (entry.offset as usize) < from);
        if self.entries.get(first).is_none_or(|entry| entry.offset as usize != from) {
            return 0;
        }
        // An entry ends where the next begins.
        let last = self.entries.partition_point(|entry| (entry.offset as usize) <= end) - 1;
        let last = if self.len as usize <= end { self.entries.len() } else { last };
        let taken = self.entries.get(first..last).unwrap_or_default();
        let until = self.entries.get(last).map_or(self.len, |entry| entry.offset) as usize;
        entries.extend(
            taken.iter().map(|entry| Entry {
                offset: (entry.offset as usize - from + at) as u32,
                ..*entry
            }),
        );
        if taken.is_empty() { 0 } else { until - from }
    }
}

/// The first entry in `bytes`: mode, name, id, and its length.
fn parse(bytes: &[u8], hash_len: usize) -> Option<(Mode, &[u8], &oid, usize)> {
    let space = memchr::memchr(b' ', bytes.get(..bytes.len().min(8))?)?;
    let mode = match bytes.get(..space)? {
        b"40000" | b"040000" => Mode::Tree,
        b"160000" => Mode::Commit,
        _ => Mode::Blob,
    };
    let rest = &bytes[space + 1..];
    let end = memchr::memchr(0, rest)?;
    let id = rest.get(end + 1..end + 1 + hash_len)?;
    Some((mode, &rest[..end], oid::try_from_bytes(id).ok()?, space + 1 + end + 1 + hash_len))
}

#[cfg(test)]
mod tests {
    use gix::objs::Kind;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Copied, Span};

    fn follow(mode: Mode, name: &[u8], id: &oid) -> Option<(u32, u32)> {
        let id = u32::from(id.as_bytes()[0]);
        (mode != Mode::Commit).then_some((
            id << 8 | mode as u32,
            u32::from(name.first().copied().unwrap_or_default()),
        ))
    }

    fn read(bytes: &[u8], base: Option<&Tree>, copies: &[Copied]) -> Tree {
        let id = gix::ObjectId::null(gix::hash::Kind::Sha1);
        let object = Object { number: 0, id: &id, kind: Kind::Tree, bytes, copies };
        Tree::of(&object, base, follow)
    }

    fn entry(mode: &str, name: &str, id: u8) -> Vec<u8> {
        [format!("{mode} {name}\0").as_bytes(), &[id; 20]].concat()
    }

    fn tree() -> impl Strategy<Value = Vec<u8>> {
        let mode = prop::sample::select(vec!["100644", "40000", "160000", "120000"]);
        let entry = (mode, "[a-z]{1,9}", any::<u8>()).prop_map(|(m, n, id)| entry(m, &n, id));
        proptest::collection::vec(entry, 0..12).prop_map(|entries| entries.concat())
    }

    #[test]
    fn modes_names_and_ids_are_read() {
        let bytes =
            [entry("40000", "lib", 1), entry("100755", "run", 2), entry("160000", "sub", 3)];
        let tree = read(&bytes.concat(), None, &[]);
        let links: Vec<(u32, u32)> = tree.links().collect();
        assert_eq!(links, [(0x101, u32::from(b'l')), (0x200, u32::from(b'r'))]);
    }

    proptest! {
        #[test]
        fn a_change_reads_as_the_whole_tree_does(
            base in tree(),
            cuts in proptest::collection::vec((0..=100usize, 0..=100usize), 0..5),
            inserts in proptest::collection::vec(tree(), 5),
        ) {
            let (mut bytes, mut copies) = (Vec::new(), Vec::new());
            for ((from, len), insert) in cuts.iter().zip(inserts) {
                let from = base.len() * from / 100;
                let len = (base.len() * len / 100).min(base.len() - from);
                if len > 0 {
                    copies.push(Copied { at: Span::new(bytes.len(), bytes.len() + len), from });
                    bytes.extend_from_slice(&base[from..from + len]);
                }
                bytes.extend_from_slice(&insert);
            }
            let told = read(&bytes, Some(&read(&base, None, &[])), &copies);
            let whole = read(&bytes, None, &[]);
            prop_assert_eq!(told.entries, whole.entries);
        }
    }
}

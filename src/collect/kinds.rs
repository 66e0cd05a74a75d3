//! The kinds of facts of a store: what each is read with, and which others it is put together of.

use std::collections::BTreeSet;

/// A kind of facts; `C` is what the store calls a request.
pub(super) struct Kind<C: 'static> {
    pub(super) name: &'static str,
    /// What is asked for it.
    pub(super) calls: &'static [&'static C],
    /// Kinds that it is put together of.
    pub(super) from: &'static [&'static str],
}

pub(super) const fn kind<C>(
    name: &'static str,
    calls: &'static [&'static C],
    from: &'static [&'static str],
) -> Kind<C> {
    Kind { name, calls, from }
}

/// All kinds of a store.
pub(super) struct Kinds<C: 'static>(pub(super) &'static [Kind<C>]);

impl<C> Kinds<C> {
    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|kind| kind.name)
    }

    /// These kinds, and all that they are put together of. Kinds of other stores are passed over.
    pub(super) fn with_sources<'k>(
        &self,
        kinds: impl Iterator<Item = &'k str>,
    ) -> BTreeSet<&'static str> {
        let mut all = BTreeSet::new();
        let mut left: Vec<&Kind<C>> = kinds.filter_map(|name| self.find(name)).collect();
        while let Some(kind) = left.pop() {
            if all.insert(kind.name) {
                left.extend(kind.from.iter().filter_map(|name| self.find(name)));
            }
        }
        all
    }

    /// What is asked for these kinds and all that they are put together of; some of it several times.
    pub(super) fn calls<'k>(&self, kinds: impl Iterator<Item = &'k str>) -> Vec<&'static C> {
        let kinds = self.with_sources(kinds).into_iter().filter_map(|name| self.find(name));
        kinds.flat_map(|kind| kind.calls).copied().collect()
    }

    fn find(&self, name: &str) -> Option<&'static Kind<C>> {
        self.0.iter().find(|kind| kind.name == name)
    }
}

#[cfg(test)]
impl<C> Kinds<C> {
    /// That each is there once, and is put together of others that are there.
    pub(super) fn check(&self) {
        let names: BTreeSet<&str> = self.names().collect();
        assert_eq!(names.len(), self.0.len());
        for kind in self.0 {
            assert!(kind.from.iter().all(|name| names.contains(name)), "{}", kind.name);
        }
    }
}

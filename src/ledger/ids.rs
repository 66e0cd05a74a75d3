//! A set of object ids: one after the other, sorted.

use serde::{Deserialize, Serialize};

/// Ids of one length, 20 bytes (SHA-1) or 32 (SHA-256), each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// Length of each, in bytes.
    each: u8,
    #[serde(with = "as_run")]
    bytes: Vec<u8>,
}

impl Ids {
    /// The set of `ids`, which are of one length; others than of the first one's are left out.
    pub fn new(mut ids: Vec<Vec<u8>>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let each = ids.first().map_or(0, Vec::len);
        ids.retain(|id| id.len() == each);
        Self { each: each as u8, bytes: ids.concat() }
    }

    /// Whether the id is in the set.
    pub fn contains(&self, id: &[u8]) -> bool {
        let each = usize::from(self.each);
        if id.len() != each || each == 0 {
            return false;
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.bytes[middle * each..(middle + 1) * each].cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return true,
            }
        }
        false
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len() / usize::from(self.each.max(1))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Bytes as one run: serde's own way for lists goes through each.
mod as_run {
    use serde::de::{Deserializer, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }

        from.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let id = |n: u8| vec![n; 20];
        let set = Ids::new([5, 1, 9, 5].map(id).to_vec());
        assert_eq!(set.len(), 3);
        for n in 0..12 {
            assert_eq!(set.contains(&id(n)), [1, 5, 9].contains(&n), "{n}");
        }
        assert!(!set.contains(&[1; 32]) && !set.contains(&[]));
        assert!(!Ids::default().contains(&[]) && Ids::default().is_empty());
    }
}

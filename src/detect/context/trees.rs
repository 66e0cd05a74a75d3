//! Gradient-boosted trees: what `model/train.py` learnt, as one table.
//!
//! The file begins with `KSTM\x01`, the number of trees (`u16`), and Platt's scale and shift (`f32`). A
//! tree is a number of nodes (`u16`), and for each node the feature (`u8`, 255 for a leaf), a byte of
//! nothing, the index of the right child (`u16`; the left one follows its parent), the threshold, at or
//! below which one goes left, and the value (`f32`): of a leaf the score, else the mean below it, which
//! explanations need. Little endian throughout.

use std::sync::LazyLock;

use super::features::{COUNT, Features, QUESTIONS};

#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f32,
    value: f32,
    right: u16,
    feature: u8,
}

const LEAF: u8 = 255;
const MAGIC: &[u8] = b"KSTM\x01";

/// The trained model.
pub(super) struct Trees {
    nodes: Vec<Node>,
    /// Where each tree's root is.
    roots: Vec<u32>,
    scale: f32,
    shift: f32,
}

/// The model that is built in.
pub(super) static MODEL: LazyLock<Trees> = LazyLock::new(|| {
    Trees::read(include_bytes!("../data/context.bin")).expect("`tests` read the same bytes")
});

impl Trees {
    /// Reads a model; none where the bytes are no model for these features.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let trees = u16::from_le_bytes(take(&mut rest)?);
        let scale = f32::from_le_bytes(take(&mut rest)?);
        let shift = f32::from_le_bytes(take(&mut rest)?);
        let mut model = Self { nodes: Vec::new(), roots: Vec::new(), scale, shift };
        for _ in 0..trees {
            model.roots.push(model.nodes.len() as u32);
            let count = u16::from_le_bytes(take(&mut rest)?);
            for at in 0..count {
                let [feature, _] = take(&mut rest)?;
                let right = u16::from_le_bytes(take(&mut rest)?);
                let threshold = f32::from_le_bytes(take(&mut rest)?);
                let value = f32::from_le_bytes(take(&mut rest)?);
                let is_node = usize::from(feature) < COUNT && right > at && right < count;
                if feature != LEAF && !is_node {
                    return None;
                }
                model.nodes.push(Node { threshold, value, right, feature });
            }
        }
        rest.is_empty().then_some(model)
    }

    /// How likely the candidate is a secret, 0 to 1, calibrated on repositories that were held out.
    pub(super) fn probability(&self, features: &Features) -> f32 {
        let mut score = 0.0;
        for &root in &self.roots {
            let mut at = root as usize;
            loop {
                let node = self.nodes[at];
                if node.feature == LEAF {
                    score += node.value;
                    break;
                }
                let left = features[usize::from(node.feature)] <= node.threshold;
                at = if left { at + 1 } else { root as usize + usize::from(node.right) };
            }
        }
        1.0 / (1.0 + (-(score * self.scale + self.shift)).exp())
    }

    /// What speaks most for a secret, in words, strongest first: at most `count` reasons.
    ///
    /// Each step down a tree changes the mean below; the change is the feature's share.
    pub(super) fn reasons(&self, features: &Features, count: usize) -> Vec<&'static str> {
        if count == 0 {
            return Vec::new();
        }
        let mut shares = [[0.0f32; 2]; COUNT];
        for &root in &self.roots {
            let mut at = root as usize;
            while self.nodes[at].feature != LEAF {
                let node = self.nodes[at];
                let feature = usize::from(node.feature);
                let left = features[feature] <= node.threshold;
                at = if left { at + 1 } else { root as usize + usize::from(node.right) };
                shares[feature][usize::from(!left)] += self.nodes[at].value - node.value;
            }
        }
        let mut ranked: Vec<(f32, &'static str)> = QUESTIONS
            .iter()
            .zip(shares)
            .map(|((_, low, high), [left, right])| {
                (left + right, if right > left { *high } else { *low })
            })
            .filter(|(share, _)| *share > 0.1)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut reasons: Vec<&'static str> = Vec::new();
        for (_, words) in ranked {
            if reasons.len() < count && !words.is_empty() && !reasons.contains(&words) {
                reasons.push(words);
            }
        }
        reasons
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_fits_the_features_and_nothing_else_is_read() {
        let bytes = include_bytes!("../data/context.bin");
        let model = Trees::read(bytes).expect("a model");
        assert!(model.roots.len() > 50 && bytes.len() < 2 << 20);
        let probability = model.probability(&[0.0; COUNT]);
        assert!((0.0..=1.0).contains(&probability));
        assert!(Trees::read(&bytes[..bytes.len() - 1]).is_none());
        assert!(Trees::read(b"KSTM\x02").is_none());
    }
}

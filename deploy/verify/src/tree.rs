//! The tree of RFC 6962 as it grows to the right: the roots of its complete subtrees, each with its height.

use crate::hash::{Hash, node, sha256};
use crate::many::nodes;

/// The right edge of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// Complete subtrees from left to right; heights strictly fall.
    peaks: Vec<(u32, Hash)>,
    size: u64,
}

impl Tree {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a complete subtree on the right. Its height must not exceed that of the last one, which holds for a leaf, and
    /// for subtrees whose first leaf is a multiple of their own size.
    pub(crate) fn add(&mut self, mut height: u32, mut hash: Hash) {
        self.size += 1 << height;
        while let Some((_, left)) = self.peaks.pop_if(|(left, _)| *left == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        self.peaks.push((height, hash));
    }

    /// Adds complete blocks or leaves of another tree that begins where this one ends.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (height, hash) in &other.peaks {
            self.add(*height, *hash);
        }
    }

    /// The root over everything so far.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else {
            return sha256(&[]);
        };
        peaks.fold(last, |right, left| node(&left, &right))
    }
}

/// Hashes a power of two of leaves up to their root, level by level.
pub(crate) fn complete(leaves: &mut Vec<Hash>) -> Option<(u32, Hash)> {
    if !leaves.len().is_power_of_two() {
        return None;
    }
    let height = leaves.len().ilog2();
    while leaves.len() > 1 {
        *leaves = nodes(leaves);
    }
    leaves.first().map(|root| (height, *root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf;

    /// RFC 6962, section 2.1, word for word.
    fn by_definition(entries: &[Vec<u8>]) -> Hash {
        match entries {
            [] => sha256(&[]),
            [one] => leaf(one),
            more => {
                let middle = (more.len() - 1).ilog2();
                let (left, right) = more.split_at(1 << middle);
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_for_every_small_size_and_split() {
        let entries: Vec<Vec<u8>> = (0..70_u8).map(|number| vec![number; 5]).collect();
        for size in 0..entries.len() {
            let mut tree = Tree::default();
            entries[..size]
                .iter()
                .for_each(|entry| tree.add(0, leaf(entry)));
            assert_eq!(
                tree.root(),
                by_definition(&entries[..size]),
                "{size} leaves"
            );
            let split = size / 16 * 16;
            let mut left = Tree::default();
            for block in entries[..split].chunks(16) {
                let mut leaves: Vec<Hash> = block.iter().map(|entry| leaf(entry)).collect();
                let (height, root) = complete(&mut leaves).expect("sixteen");
                left.add(height, root);
            }
            let mut right = Tree::default();
            entries[split..size]
                .iter()
                .for_each(|entry| right.add(0, leaf(entry)));
            left.extend(&right);
            assert_eq!((left.root(), left.size()), (tree.root(), size as u64));
        }
    }
}

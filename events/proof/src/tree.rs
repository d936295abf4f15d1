//! The Merkle tree of RFC 6962, section 2.1, over SHA-256: hashes, the growing frontier, inclusion and consistency proofs.

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root of the empty tree: the hash of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest first. At most 64 hashes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of a tree of known size; `None` when the number of peaks does not fit the size.
    #[must_use]
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Adds a leaf on the right. `completed` is told every subtree of more than one leaf that it completes: its level (1
    /// for two leaves), its index on that level, its hash.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(u32, u64, &Hash)) {
        let mut hash = leaf;
        for level in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().unwrap_or(hash);
            hash = node_hash(&left, &hash);
            completed(level + 1, self.size >> (level + 1), &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The peaks, largest subtree first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The ranges of leaves whose hashes prove that the leaf `index` is in a tree of `size` leaves, nearest first.
#[must_use]
pub fn inclusion_path(index: u64, size: u64) -> Vec<Needed> {
    let mut path = Vec::new();
    if index < size {
        walk(index, 0, size, &mut path);
    }
    path
}

/// What a proof needs hashed: the leaves from `start` to `end` (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// First leaf.
    pub start: u64,
    /// One past the last leaf.
    pub end: u64,
}

/// The largest power of two smaller than `n` (RFC 6962's k); `n` is at least 2.
fn split_point(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

fn walk(index: u64, start: u64, end: u64, path: &mut Vec<Needed>) {
    if end - start == 1 {
        return;
    }
    let middle = start + split_point(end - start);
    if index < middle {
        walk(index, start, middle, path);
        path.push(Needed { start: middle, end });
    } else {
        walk(index, middle, end, path);
        path.push(Needed { start, end: middle });
    }
}

/// The ranges of leaves whose hashes prove that the tree of `old` leaves is a beginning of the tree of `new` leaves
/// (RFC 6962, section 2.1.2), in the order of the proof; none when there is nothing to prove or `old` is the larger.
#[must_use]
pub fn consistency_path(old: u64, new: u64) -> Vec<Needed> {
    let mut path = Vec::new();
    if 0 < old && old < new {
        descend(old, 0, new, true, &mut path);
    }
    path
}

/// `old` is a position; `whole` says that the old tree's root itself is the beginning of the range, which its holder knows.
fn descend(old: u64, start: u64, end: u64, whole: bool, path: &mut Vec<Needed>) {
    if old == end {
        if !whole {
            path.push(Needed { start, end });
        }
        return;
    }
    let middle = start + split_point(end - start);
    if old <= middle {
        descend(old, start, middle, whole, path);
        path.push(Needed { start: middle, end });
    } else {
        descend(old, middle, end, false, path);
        path.push(Needed { start, end: middle });
    }
}

/// The complete, aligned subtrees as (level, index) that make up the leaves from `start` to `end`, left to right.
#[must_use]
pub fn subtrees(needed: Needed) -> Vec<(u32, u64)> {
    let mut found = Vec::new();
    let mut at = needed.start;
    while at < needed.end {
        let aligned = if at == 0 { 63 } else { at.trailing_zeros() };
        let fitting = 63 - (needed.end - at).leading_zeros();
        let level = aligned.min(fitting);
        found.push((level, at >> level));
        at += 1 << level;
    }
    found
}

/// The hash over the leaves of neighbouring complete subtrees, given left to right with falling sizes.
#[must_use]
pub fn fold_right(hashes: &[Hash]) -> Hash {
    let mut hashes = hashes.iter().rev();
    let Some(last) = hashes.next() else {
        return empty_root();
    };
    hashes.fold(*last, |right, left| node_hash(left, &right))
}

/// The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2); `None` when its length does not fit.
#[must_use]
pub fn root_from_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Whether a proof shows that the tree of `old_size` and `old_root` is a beginning of the tree of `new_size` and
/// `new_root` (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn is_consistent(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> bool {
    if old_size == new_size {
        return path.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return path.is_empty() && *old_root == empty_root();
    }
    if old_size > new_size {
        return false;
    }
    let mut path = path.iter();
    let seed = if old_size.is_power_of_two() {
        Some(old_root)
    } else {
        path.next()
    };
    let Some(seed) = seed else { return false };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*seed, *seed);
    for hash in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *new_root
}

/// Lower-case hexadecimal.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Bytes from hexadecimal; `None` when it is not.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    /// RFC 6962, section 2.1, word for word: slow, and the measure of everything else.
    fn plain_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split_point(many.len() as u64) as usize);
                node_hash(&plain_root(left), &plain_root(right))
            }
        }
    }

    fn frontier(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        leaves
            .iter()
            .for_each(|leaf| frontier.push(*leaf, |_, _, _| {}));
        frontier
    }

    #[test]
    fn the_frontier_gives_the_root_of_the_rfc() {
        let all = leaves(200);
        for size in 0..=all.len() {
            assert_eq!(
                frontier(&all[..size]).root(),
                plain_root(&all[..size]),
                "size {size}"
            );
        }
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
        let all = leaves(70);
        for size in 1..=all.len() {
            let root = plain_root(&all[..size]);
            for index in 0..size {
                let path: Vec<Hash> = inclusion_path(index as u64, size as u64)
                    .iter()
                    .map(|needed| plain_root(&all[needed.start as usize..needed.end as usize]))
                    .collect();
                assert_eq!(
                    root_from_inclusion(all[index], index as u64, size as u64, &path),
                    Some(root)
                );
                let other =
                    root_from_inclusion(leaf_hash(b"other"), index as u64, size as u64, &path);
                assert_ne!(other, Some(root));
            }
        }
    }

    #[test]
    fn every_small_tree_is_proven_to_begin_every_larger_one_and_no_other() {
        let all = leaves(70);
        let mut other = all.clone();
        other[0] = leaf_hash(b"other");
        for new in 1..=all.len() {
            let root = plain_root(&all[..new]);
            for old in 0..=new {
                let path: Vec<Hash> = consistency_path(old as u64, new as u64)
                    .iter()
                    .map(|needed| plain_root(&all[needed.start as usize..needed.end as usize]))
                    .collect();
                let shown = |old_root: &Hash, path: &[Hash]| {
                    is_consistent(old as u64, old_root, new as u64, &root, path)
                };
                assert!(shown(&plain_root(&all[..old]), &path), "{old} to {new}");
                if old > 0 {
                    assert!(!shown(&plain_root(&other[..old]), &path), "{old} to {new}");
                }
                let longer = [path.as_slice(), &[root]].concat();
                assert!(!shown(&plain_root(&all[..old]), &longer), "{old} to {new}");
            }
        }
    }

    #[test]
    fn ranges_are_made_of_complete_subtrees() {
        let all = leaves(70);
        for end in 1..=70_u64 {
            for needed in inclusion_path(end / 2, end) {
                let parts: Vec<Hash> = subtrees(needed)
                    .iter()
                    .map(|(level, index)| {
                        let start = (index << level) as usize;
                        plain_root(&all[start..start + (1 << level)])
                    })
                    .collect();
                let expected = plain_root(&all[needed.start as usize..needed.end as usize]);
                assert_eq!(fold_right(&parts), expected);
            }
        }
    }

    #[test]
    fn completed_subtrees_are_told_with_their_place() {
        let all = leaves(64);
        let mut frontier = Frontier::default();
        for leaf in &all {
            frontier.push(*leaf, |level, index, hash| {
                let start = (index << level) as usize;
                assert_eq!(
                    *hash,
                    plain_root(&all[start..start + (1 << level)]),
                    "level {level} index {index}"
                );
            });
        }
    }

    #[test]
    fn hexadecimal_goes_there_and_back() {
        assert_eq!(from_hex(&to_hex(&[0, 171, 255])), Some(vec![0, 171, 255]));
        assert_eq!(from_hex("0g"), None);
        assert_eq!(from_hex("ü"), None);
    }
}

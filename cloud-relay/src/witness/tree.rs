//! Consistency of RFC 6962 trees, computed as section 2.1.2 defines it: the proof is taken apart from its end, and both roots are
//! put together on the way back.

use ring::digest::{Context, SHA256};

/// A node of the tree.
pub(super) type Hash = [u8; 32];

/// The root of the empty tree: SHA-256 of nothing.
pub(super) const EMPTY: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[1]);
    context.update(left);
    context.update(right);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The root of a tree whose last leaf is an entry: all its siblings stand on the left, nearest first.
pub(super) fn root_of_last(entry: &[u8], siblings: &[Hash]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(entry);
    let mut leaf = [0; 32];
    leaf.copy_from_slice(context.finish().as_ref());
    siblings.iter().fold(leaf, |hash, left| node(left, &hash))
}

/// Whether a proof shows that the old tree is the beginning of the new one.
pub(super) fn has_grown(old: (u64, Hash), new: (u64, Hash), proof: &[Hash]) -> bool {
    if old.0 == 0 {
        return proof.is_empty() && old.1 == EMPTY && (new.0 > 0 || new.1 == EMPTY);
    }
    if old.0 > new.0 {
        return false;
    }
    let mut rest = proof;
    roots(old.0, new.0, Some(old.1), &mut rest) == Some((old.1, new.1)) && rest.is_empty()
}

/// The roots of the first `old` and of all `new` leaves of a subtree; `whole` is the old root where the old tree itself begins here.
fn roots(old: u64, new: u64, whole: Option<Hash>, proof: &mut &[Hash]) -> Option<(Hash, Hash)> {
    if old == new {
        let root = match whole {
            Some(root) => root,
            None => take_last(proof)?,
        };
        return Some((root, root));
    }
    let split = 1 << (new - 1).ilog2();
    let sibling = take_last(proof)?;
    if old <= split {
        let (first, all) = roots(old, split, whole, proof)?;
        Some((first, node(&all, &sibling)))
    } else {
        let (first, all) = roots(old - split, new - split, None, proof)?;
        Some((node(&sibling, &first), node(&sibling, &all)))
    }
}

fn take_last(proof: &mut &[Hash]) -> Option<Hash> {
    let (last, rest) = proof.split_last()?;
    *proof = rest;
    Some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u64) -> Hash {
        let mut context = Context::new(&SHA256);
        context.update(&[0]);
        context.update(&number.to_be_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }

    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY,
            [one] => *one,
            many => {
                let split = 1 << (many.len() - 1).ilog2();
                node(&root(&many[..split]), &root(&many[split..]))
            }
        }
    }

    /// RFC 6962, section 2.1.2, word for word.
    fn proof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole { vec![] } else { vec![root(leaves)] };
        }
        let split = 1 << (leaves.len() - 1).ilog2();
        let (left, right) = leaves.split_at(split);
        if old <= split {
            let mut path = proof(old, left, whole);
            path.push(root(right));
            path
        } else {
            let mut path = proof(old - split, right, false);
            path.push(root(left));
            path
        }
    }

    #[test]
    fn every_beginning_of_every_small_tree_is_shown_and_no_other() {
        let leaves: Vec<Hash> = (0..40).map(leaf).collect();
        let mut other = leaves.clone();
        other[0] = leaf(99);
        for new in 1..=leaves.len() {
            let all = (new as u64, root(&leaves[..new]));
            for old in 1..=new {
                let path = proof(old, &leaves[..new], true);
                let first = (old as u64, root(&leaves[..old]));
                assert!(has_grown(first, all, &path), "{old} to {new}");
                let forged = (old as u64, root(&other[..old]));
                assert!(!has_grown(forged, all, &path), "{old} to {new}");
                let longer = [path.as_slice(), &[leaf(5)]].concat();
                assert!(!has_grown(first, all, &longer), "{old} to {new}");
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!has_grown(first, all, shorter), "{old} to {new}");
                }
            }
            assert!(has_grown((0, EMPTY), all, &[]));
            assert!(!has_grown((new as u64 + 1, all.1), all, &[]));
        }
    }
}

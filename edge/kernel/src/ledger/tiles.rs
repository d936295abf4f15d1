//! The tree as it grows: the frontier, and the tiles of 256 hashes that complete on the way.

use events_proof::tree::{Frontier, Hash};

/// Hashes in a tile (C2SP tlog-tiles).
pub(crate) const WIDTH: usize = 256;
/// A tile spans eight levels of the tree.
pub(crate) const SPAN: u32 = 8;

/// A complete tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) level: u32,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<u8>,
}

/// The frontier and the unfinished tile of each level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tiles {
    frontier: Frontier,
    partial: Vec<Vec<Hash>>,
}

impl Tiles {
    /// Goes on from a frontier and the unfinished tiles, lowest level first.
    pub(crate) fn new(frontier: Frontier, partial: Vec<Vec<Hash>>) -> Self {
        Self { frontier, partial }
    }

    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Adds a leaf; complete tiles go to `done`, but for those of the lowest level, which are the leaves.
    pub(crate) fn push(&mut self, leaf: Hash, done: &mut Vec<Tile>) {
        let Self { frontier, partial } = self;
        add(partial, 0, frontier.size(), leaf, done);
        frontier.push(leaf, |level, index, hash| {
            if level % SPAN == 0 {
                add(partial, level / SPAN, index, *hash, done);
            }
        });
    }
}

fn add(partial: &mut Vec<Vec<Hash>>, level: u32, index: u64, hash: Hash, done: &mut Vec<Tile>) {
    let slot = level as usize;
    while partial.len() <= slot {
        partial.push(Vec::with_capacity(WIDTH));
    }
    let tile = &mut partial[slot];
    tile.push(hash);
    if tile.len() == WIDTH {
        // The lowest level follows from the events.
        if level > 0 {
            done.push(Tile {
                level,
                index: index / WIDTH as u64,
                hashes: tile.concat(),
            });
        }
        tile.clear();
    }
}

/// The hashes of a stored tile; `None` when it is not whole.
pub(crate) fn parse(hashes: &[u8]) -> Option<Vec<Hash>> {
    let (chunks, rest) = hashes.as_chunks::<32>();
    (rest.is_empty() && chunks.len() == WIDTH).then(|| chunks.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use events_proof::tree::{fold_right, leaf_hash};

    #[test]
    fn tiles_of_the_second_level_hold_the_roots_of_the_first() {
        let mut tiles = Tiles::default();
        let mut done = Vec::new();
        let total = WIDTH * WIDTH + 3;
        let mut first = Frontier::default();
        for n in 0..total {
            let leaf = leaf_hash(&n.to_le_bytes());
            if n < WIDTH {
                first.push(leaf, |_, _, _| {});
            }
            tiles.push(leaf, &mut done);
        }
        assert!(done.iter().all(|tile| tile.level > 0));
        let upper = done
            .iter()
            .find(|tile| tile.level == 1)
            .expect("a tile of the second level");
        let roots = parse(&upper.hashes).expect("whole");
        assert_eq!(roots[0], first.root());
        let left = fold_right(tiles.frontier().peaks());
        assert_eq!(left, tiles.frontier().root());
    }
}

//! Proofs: what an auditor's browser needs to see for itself that an entry is in the log, and what a witness or a returning
//! browser needs to see that the log has only grown.

use super::error::database;
use super::rows;
use super::tiles::{SPAN, WIDTH};
use super::{Ledger, LedgerError};
use crate::database::Connection;
use events::Position;
use events_proof::tree::{
    Frontier, Hash, Needed, consistency_path, fold_right, inclusion_path, subtrees,
};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Hashes of complete subtrees held: proofs to today's head share nearly all of theirs, and a morning brings a whole school.
const HELD: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// Hashes of complete subtrees by level and index; they never change.
pub(crate) struct Nodes(Mutex<LruCache<(u32, u64), Hash>>);

impl Default for Nodes {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(HELD)))
    }
}

impl Nodes {
    /// The hashes of the ranges, in their order.
    async fn hashes(
        &self,
        db: &mut Connection,
        ranges: Vec<Needed>,
        size: u64,
    ) -> sqlx::Result<Vec<Hash>> {
        let mut path = Vec::with_capacity(ranges.len());
        for needed in ranges {
            let mut parts = Vec::new();
            for (level, index) in subtrees(needed) {
                parts.push(self.hash(db, level, index, size).await?);
            }
            path.push(fold_right(&parts));
        }
        Ok(path)
    }

    async fn hash(
        &self,
        db: &mut Connection,
        level: u32,
        index: u64,
        size: u64,
    ) -> sqlx::Result<Hash> {
        let held = |nodes: &Self| {
            let mut nodes = nodes.0.lock().unwrap_or_else(PoisonError::into_inner);
            nodes.get(&(level, index)).copied()
        };
        if let Some(hash) = held(self) {
            return Ok(hash);
        }
        let hash = node(db, level, index, size).await?;
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.put((level, index), hash);
        Ok(hash)
    }
}

/// An entry with the proof that it is in the log, and the signed root it is proven against.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The canonical entry.
    pub entry: Vec<u8>,
    /// Its leaf index: position − 1.
    pub index: u64,
    /// The number of leaves of the tree.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
    /// The path from the leaf to the root, nearest first.
    pub path: Vec<Hash>,
    /// The signed checkpoint over size and root.
    pub checkpoint: String,
    /// The verifier key of the checkpoint.
    pub key: String,
}

impl Ledger {
    /// Proves that a position is in the log as it is now; none when there is no such position, or its entry was dropped.
    pub async fn prove(&self, position: Position) -> Result<Option<Proof>, LedgerError> {
        let mut snapshot = self.kept().snapshot().await.map_err(database("read"))?;
        let db = &mut snapshot;
        let Some(Ok(head)) = rows::head(db).await.map_err(database("read"))? else {
            return Ok(None);
        };
        let size = head.frontier.size();
        if position == 0 || position > size {
            return Ok(None);
        }
        let found = rows::after(db, position - 1, 1)
            .await
            .map_err(database("read"))?;
        let Some(entry) = found.into_iter().next().and_then(|row| row.entry) else {
            return Ok(None);
        };
        let path = self
            .nodes
            .hashes(db, inclusion_path(position - 1, size), size)
            .await
            .map_err(database("read"))?;
        let checkpoint = self.signing.checkpoint(size, head.root);
        Ok(Some(Proof {
            entry,
            index: position - 1,
            size,
            root: head.root,
            path,
            checkpoint,
            key: self.verifier_key(),
        }))
    }
}

impl Ledger {
    /// Proves that the tree of `old` leaves is a beginning of the tree of `new` leaves (RFC 6962, section 2.1.2); none when the
    /// log has not come so far, or `old` is the larger. From 0 there is nothing to prove: the proof is empty.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Option<Vec<Hash>>, LedgerError> {
        let mut snapshot = self.kept().snapshot().await.map_err(database("read"))?;
        let db = &mut snapshot;
        let size = match rows::head(db).await.map_err(database("read"))? {
            Some(Ok(head)) => head.frontier.size(),
            Some(Err(_)) | None => 0,
        };
        if old > new || new > size {
            return Ok(None);
        }
        self.nodes
            .hashes(db, consistency_path(old, new), size)
            .await
            .map(Some)
            .map_err(database("read"))
    }
}

/// The path from a leaf to the root of the tree of `within` leaves, nearest first.
pub(super) async fn inclusion(
    ledger: &Ledger,
    db: &mut Connection,
    index: u64,
    within: u64,
) -> sqlx::Result<Vec<Hash>> {
    let ranges = inclusion_path(index, within);
    ledger.nodes.hashes(db, ranges, ledger.size()).await
}

/// The hash of a complete subtree: from the tile it lies in when that is complete, else from what is below.
pub(crate) async fn node(
    db: &mut Connection,
    level: u32,
    index: u64,
    size: u64,
) -> sqlx::Result<Hash> {
    let tile_level = level / SPAN;
    let within = level % SPAN;
    let first = index << within;
    let count = 1_u64 << within;
    let tile_index = first / WIDTH as u64;
    let complete = size >> (tile_level * SPAN) >= (tile_index + 1) * WIDTH as u64;
    if complete && let Some(tile) = rows::tile(db, tile_level, tile_index).await? {
        let start = usize::try_from(first % WIDTH as u64).unwrap_or_default();
        let end = start + usize::try_from(count).unwrap_or_default();
        return Ok(tile.get(start..end).map_or_else(|| fold_right(&[]), root));
    }
    if tile_level == 0 {
        let count = u32::try_from(count).unwrap_or(WIDTH as u32);
        return Ok(root(&rows::leaves(db, first, count).await?));
    }
    let mut hashes = Vec::new();
    for at in first..first + count {
        let below = rows::tile(db, tile_level - 1, at).await?;
        hashes.push(root(&below.unwrap_or_default()));
    }
    Ok(root(&hashes))
}

fn root(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    hashes
        .iter()
        .for_each(|hash| frontier.push(*hash, |_, _, _| {}));
    frontier.root()
}

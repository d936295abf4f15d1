//! The log as public tools read it (c2sp.org/tlog-tiles): tiles of hashes and bundles of entries, as bytes. Paths and headers
//! are the doors' affair.

use super::error::database;
use super::tiles::{SPAN, WIDTH};
use super::{Ledger, LedgerError, proof, rows};
use events::Position;

/// A bundle of entries, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bundle {
    /// Each entry behind its length in two bytes, big-endian.
    Bytes(Vec<u8>),
    /// The log has not come so far.
    NotYet,
    /// An erasure has destroyed the entry at this position, the first such of the bundle; its hash in the tile stays.
    Erased(Position),
}

impl Ledger {
    /// The first `width` hashes of a tile, 32 bytes each; none when the log has not come so far. A tile's beginning never
    /// changes, so that every width up to what there is can be asked for.
    pub async fn tile(
        &self,
        level: u32,
        index: u64,
        width: usize,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut snapshot = self.kept().snapshot().await.map_err(database("read"))?;
        let db = &mut snapshot;
        let Some(first) = self.first_of(level, index, width) else {
            return Ok(None);
        };
        // The lowest level follows from the events.
        if level == 0 {
            let width = u32::try_from(width).unwrap_or_default();
            let leaves = rows::leaves(db, first, width).await;
            return Ok(Some(leaves.map_err(database("read"))?.concat()));
        }
        let complete = self.first_of(level, index, WIDTH).is_some();
        if complete
            && let Some(tile) = rows::tile(db, level, index)
                .await
                .map_err(database("read"))?
        {
            return Ok(tile.get(..width).map(<[_]>::concat));
        }
        let (size, mut hashes) = (self.size(), Vec::with_capacity(width * 32));
        for at in first..first + width as u64 {
            let hash = proof::node(db, level * SPAN, at, size).await;
            hashes.extend(hash.map_err(database("read"))?);
        }
        Ok(Some(hashes))
    }

    /// The index of a tile's first hash on its level, when the published log has all of the first `width`.
    fn first_of(&self, level: u32, index: u64, width: usize) -> Option<u64> {
        let span = level.checked_mul(SPAN).filter(|span| *span < 64)?;
        let first = index.checked_mul(WIDTH as u64)?;
        let end = first.checked_add(width as u64)?;
        ((1..=WIDTH).contains(&width) && end <= self.size() >> span).then_some(first)
    }

    /// The first `width` entries of a bundle.
    pub async fn entries_bundle(&self, index: u64, width: usize) -> Result<Bundle, LedgerError> {
        let Some(first) = self.first_of(0, index, width) else {
            return Ok(Bundle::NotYet);
        };
        let limit = u32::try_from(width).unwrap_or_default();
        let mut bytes = Vec::new();
        for row in self.stored(first, limit).await? {
            let Some(entry) = row.entry else {
                return Ok(Bundle::Erased(row.position));
            };
            // An entry has a few hundred bytes; one beyond 65,535 is none that we wrote.
            let Ok(length) = u16::try_from(entry.len()) else {
                return Ok(Bundle::Erased(row.position));
            };
            bytes.extend(length.to_be_bytes());
            bytes.extend(entry);
        }
        Ok(Bundle::Bytes(bytes))
    }
}

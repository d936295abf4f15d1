//! What is held in memory of a log, as it follows from what is stored: where streams end, the tree's unfinished tiles, access.

use super::heads::{Head, Heads};
use super::rows;
use super::tiles::{Tiles, WIDTH};
use super::{Ledger, LedgerError};
use crate::database::Connection;
use events::Position;
use events::access::Access;
use events_proof::tree::{Frontier, Hash, fold_right};
use std::collections::HashMap;
use std::sync::PoisonError;

impl Ledger {
    pub(crate) async fn fold_access(
        &self,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<(), LedgerError> {
        let mut access = Access::default();
        let size = self.size();
        self.fold_all(0, size, |event| {
            access.apply(event);
            if event.position.is_multiple_of(10_000) {
                progress("access", event.position, size);
            }
        })
        .await?;
        self.put_access(access).await
    }

    /// Puts a picture of access in place of the one that is held. What was appended meanwhile is folded first: nobody may see
    /// access go back.
    async fn put_access(&self, mut access: Access) -> Result<(), LedgerError> {
        loop {
            let behind = {
                let mut held = self
                    .shared
                    .access
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                let behind = access.position() < held.position();
                if !behind {
                    *held = std::mem::take(&mut access);
                }
                behind
            };
            if !behind {
                return Ok(());
            }
            let from = access.position();
            self.fold_all(from, self.size(), |event| access.apply(event))
                .await?;
        }
    }
}

/// Where the streams end that moved after a position.
pub(super) async fn catch_up_heads(
    db: &mut Connection,
    heads: &Heads,
    after: Position,
) -> sqlx::Result<()> {
    let mut at = after;
    loop {
        let found = rows::after(db, at, 4096).await?;
        let Some(last) = found.last() else {
            return Ok(());
        };
        at = last.position;
        let mut moved = HashMap::new();
        for row in &found {
            if let Some(entry) = rows::entry(row) {
                moved.insert(
                    entry.stream,
                    Head {
                        position: row.position,
                        version: entry.version,
                    },
                );
            }
        }
        heads.put_all(moved);
    }
}

/// The unfinished tiles at the right edge: leaves from the newest events, upper levels from the complete tiles below.
pub(super) async fn tiles_at(db: &mut Connection, frontier: &Frontier) -> sqlx::Result<Tiles> {
    let mut partial = Vec::new();
    let mut count = frontier.size();
    let mut level = 0;
    while count > 0 {
        let open = count % WIDTH as u64;
        let first = count - open;
        let mut hashes: Vec<Hash> = Vec::with_capacity(WIDTH);
        if level == 0 {
            hashes.extend(rows::leaves(db, first, WIDTH as u32).await?);
        } else {
            for index in first..count {
                let below = rows::tile(db, level - 1, index).await?.unwrap_or_default();
                hashes.push(fold_tile(&below));
            }
        }
        partial.push(hashes);
        count /= WIDTH as u64;
        level += 1;
    }
    Ok(Tiles::new(frontier.clone(), partial))
}

fn fold_tile(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    hashes
        .iter()
        .for_each(|hash| frontier.push(*hash, |_, _, _| {}));
    if frontier.size() == 0 {
        fold_right(&[])
    } else {
        frontier.root()
    }
}

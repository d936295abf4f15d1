//! What a backup takes from a log that goes on growing: one moment of it, with what is kept beside it; pieces of any length
//! that lead from the tree before them to the tree after them; and what lies beside the entries of a piece. Where it is
//! brought is the edge's affair.

use super::error::{Problem, database};
use super::export::frontier_at;
use super::rows;
use super::segment::{self, SegmentsError, Written, write_one};
use super::{Ledger, LedgerError, kept};
use events::Position;
use events::privacy::{Depth, PrivacyEvent, Span, covers};
use events_proof::tree::Hash;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows read at once.
const PAGE: u32 = 4096;

/// One moment of the log.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// How many events there were.
    pub size: Position,
    /// The log's time then, in milliseconds since 1970, UTC.
    pub at: u64,
    /// The root over the events.
    pub root: Hash,
    /// A signed checkpoint over both.
    pub checkpoint: String,
    /// What was kept beside the log, sealed under a key of the keyring.
    pub kept: Vec<u8>,
    /// How often the keyring has been written anew.
    pub epoch: u32,
}

/// What belongs to the entries of a piece and is not in its segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The signed checkpoints of these sizes.
    pub checkpoints: Vec<(Position, String)>,
    /// Where the previous event of the same stream is, as far as entries that an erasure dropped no longer tell.
    pub links: Vec<(Position, Position)>,
}

impl Ledger {
    /// The log as it is now. A log that is not sure of itself is not backed up: it would take the place of a good one.
    pub async fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        if self.is_stopped() {
            let what = "the log has stopped; nothing of it is backed up".into();
            return Err(LedgerError::Tampered(vec![Problem {
                position: self.size(),
                what,
            }]));
        }
        let (head, kept) = match &self.server {
            None => kept::take(&self.directory.join("log.db"), &self.keyring).await?,
            Some(_) => kept::take_from_server(&mut self.reading().await?, &self.keyring).await?,
        };
        let size = head.frontier.size();
        Ok(Snapshot {
            size,
            at: head.at,
            root: head.root,
            checkpoint: self.signing.checkpoint(size, head.root),
            kept,
            epoch: self.keyring.epoch(),
        })
    }

    /// The root over the first events.
    pub async fn root_at(&self, size: Position) -> Result<Hash, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        let tree = frontier_at(&mut db, size, self.size()).await;
        Ok(tree.map_err(database("read"))?.root())
    }

    /// Writes the events after a position, up to and with another, as one segment into a directory that exists. Entries that do
    /// not lead from the tree before them to the tree after them are refused: what is damaged here must not replace what
    /// is whole elsewhere.
    pub async fn write_piece(
        &self,
        into: &Path,
        after: Position,
        until: Position,
    ) -> Result<Written, SegmentsError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        let all = self.size().max(until);
        let mut tree = frontier_at(&mut db, after, all)
            .await
            .map_err(database("read"))?;
        let span = segment::Span { after, until };
        let mut grow = |leaf: &Hash| tree.push(*leaf, |_, _, _| {});
        let written = write_one(&mut db, into, span, &mut grow, &|_| {}).await?;
        let told = frontier_at(&mut db, until, all)
            .await
            .map_err(database("read"))?;
        if tree.root() == told.root() {
            return Ok(written);
        }
        let what = "from here on the entries do not lead to the log's root".into();
        let position = after + 1;
        Err(LedgerError::Tampered(vec![Problem { position, what }]).into())
    }

    /// What lies beside the entries after a position, up to and with another.
    pub async fn beside(&self, after: Position, until: Position) -> Result<Beside, LedgerError> {
        let headers = self.dropped_spans().await?;
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        let checkpoints = rows::checkpoints(&mut db, after, until, u32::MAX)
            .await
            .map_err(database("read"))?;
        let mut links = Vec::new();
        let mut at = if headers.is_empty() { until } else { after };
        while at < until {
            let found = rows::after(&mut db, at, PAGE)
                .await
                .map_err(database("read"))?;
            let Some(last) = found.last() else { break };
            at = last.position;
            let untold = |row: &&rows::Stored| {
                let follows_dropped = headers.iter().any(|spans| covers(spans, row.before));
                row.position <= until && (row.is_dropped() || follows_dropped)
            };
            let told = found.iter().filter(untold);
            links.extend(told.map(|row| (row.position, row.before)));
        }
        Ok(Beside { checkpoints, links })
    }

    async fn dropped_spans(&self) -> Result<Vec<Vec<Span>>, LedgerError> {
        let said = self.erasures().await?;
        let headers = said.into_iter().filter_map(|said| match said.event {
            PrivacyEvent::ErasureExecuted {
                depth: Depth::Header,
                headers,
                ..
            } => Some(headers),
            _ => None,
        });
        Ok(headers.collect())
    }
}

//! What an export of the log takes from the log: its segments, its checkpoints, and signatures by the log's own key. It
//! reads beside a running server. What the package around them looks like is the console's affair.

use super::LedgerError;
use super::erased::{self, Said};
use super::error::{Problem, database};
use super::proof::node;
use super::reading::{connect_to_read, signing_of};
use super::rows;
use super::segment::{SegmentsError, Span, Written, write_segments};
use super::signing::SigningKey;
use super::succession::{self, HandedOver};
use crate::database::{Connection, Server, query};
use events::Position;
use events_proof::tree::{Frontier, Hash};
use std::path::Path;

/// A log that is being exported.
pub struct Export {
    db: Connection,
    signing: SigningKey,
    size: Position,
    root: Hash,
}

impl Export {
    /// Opens the log in a data directory for reading, as it is now or as it was at a position.
    pub async fn open(directory: &Path, until: Option<Position>) -> Result<Self, LedgerError> {
        Self::open_at(directory, None, until).await
    }

    /// The same for a log that may be on a database server; its keys are in the directory.
    pub async fn open_at(
        directory: &Path,
        server: Option<&Server>,
        until: Option<Position>,
    ) -> Result<Self, LedgerError> {
        let mut db = connect_to_read(directory, server).await?;
        let signing = signing_of(directory, server, &mut db).await?;
        let (size, root) = head(&mut db, until).await?;
        Ok(Self {
            db,
            signing,
            size,
            root,
        })
    }

    /// How many events are exported.
    #[must_use]
    pub fn size(&self) -> Position {
        self.size
    }

    /// The root over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The key that verifies the signatures, as text.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.signing.verifier_key()
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.signing.origin()
    }

    /// Writes the segments into a directory that exists. A log whose entries do not lead to its own root is refused: nothing
    /// must be signed that does not verify here.
    pub async fn segments(
        &mut self,
        into: &Path,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Vec<Written>, SegmentsError> {
        let mut tree = Frontier::default();
        let span = Span {
            after: 0,
            until: self.size,
        };
        let mut grow = |leaf: &Hash| tree.push(*leaf, |_, _, _| {});
        let written = write_segments(&mut self.db, into, span, &mut grow, progress).await?;
        if tree.root() == self.root {
            return Ok(written);
        }
        Err(LedgerError::Tampered(vec![Problem {
            position: self.size,
            what: "the entries do not lead to the log's root".into(),
        }])
        .into())
    }

    /// The checkpoint over what is exported: the one that is stored, with whatever others have signed on it, else a new one.
    pub async fn newest_checkpoint(&mut self) -> Result<String, LedgerError> {
        let sql = "SELECT size, note FROM kernel_checkpoint WHERE size = ?";
        let stored = query(sql)
            .bind(self.size)
            .fetch_optional(&mut self.db)
            .await
            .and_then(|row| row.map(|row| row.try_get(1)).transpose())
            .map_err(database("read"))?;
        Ok(stored.unwrap_or_else(|| self.signing.checkpoint(self.size, self.root)))
    }

    /// Up to `limit` older checkpoints of more than `after` events, in order: size and note.
    pub async fn older_checkpoints(
        &mut self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<(Position, String)>, LedgerError> {
        let until = self.size.saturating_sub(1);
        let found = rows::checkpoints(&mut self.db, after, until, limit).await;
        found.map_err(database("read"))
    }

    /// The erasures that the whole log says, in order: one behind what is exported may have emptied something in it.
    pub async fn erasures(&mut self) -> Result<Vec<Said>, LedgerError> {
        erased::said(&mut self.db).await.map_err(database("read"))
    }

    /// Every handover of the log from one signing key to the next, in order.
    pub async fn handed_over(&mut self) -> Result<Vec<HandedOver>, LedgerError> {
        let found = succession::handovers(&mut self.db).await;
        found.map_err(database("read"))
    }

    /// Signs bytes with the log's key. Whoever calls this begins them with what they are, so that no signature can be taken
    /// for one over a checkpoint, which begins with the log's name.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes)
    }
}

/// Size and root of the log, now or at a position.
async fn head(
    db: &mut Connection,
    until: Option<Position>,
) -> Result<(Position, Hash), LedgerError> {
    let empty = Frontier::default();
    let (all, root) = match rows::head(db).await.map_err(database("read"))? {
        None => (0, empty.root()),
        Some(Ok(head)) => (head.frontier.size(), head.root),
        Some(Err(problem)) => return Err(LedgerError::Tampered(vec![problem])),
    };
    let size = until.unwrap_or(all).min(all);
    if size == all {
        return Ok((size, root));
    }
    let tree = frontier_at(db, size, all).await.map_err(database("read"))?;
    Ok((size, tree.root()))
}

/// The tree as it was at a size, in a log that has `all` events.
pub(super) async fn frontier_at(
    db: &mut Connection,
    size: Position,
    all: Position,
) -> sqlx::Result<Frontier> {
    let mut peaks = Vec::new();
    let mut before = 0;
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        peaks.push(node(db, level, before >> level, all).await?);
        before += 1 << level;
    }
    Ok(Frontier::from_parts(size, peaks).unwrap_or_default())
}

//! A commit on a server: everything of a batch in one statement, which moves the head only from where the batch began and writes
//! nothing when it does not. Sent by itself it is a transaction of its own, and the one way there and back that a batch takes.

use crate::database::Connection;
use crate::ledger::commit::Commit;
use crate::ledger::rows::{self, signed};

const WRITE: &str = "WITH head AS (
        UPDATE kernel_head SET size = $1, at = $2, root = $3, frontier = $4, streams_at = greatest(streams_at, $5)
            WHERE id = 1 AND size = $6 RETURNING size),
    block AS (INSERT INTO kernel_block (first, data)
        SELECT given.first, given.data FROM head, unnest($7::bigint[], $8::bytea[]) AS given (first, data)),
    name AS (INSERT INTO kernel_name (number, id)
        SELECT $9 + given.row - 1, given.id FROM head, unnest($10::bytea[]) WITH ORDINALITY AS given (id, row)),
    tile AS (INSERT INTO kernel_tile (level, idx, hashes)
        SELECT given.level, given.idx, given.hashes
            FROM head, unnest($11::bigint[], $12::bigint[], $13::bytea[]) AS given (level, idx, hashes)),
    once AS (INSERT INTO kernel_once (key, first, last, at)
        SELECT done.key, done.first, done.last, $2
            FROM head, unnest($14::bytea[], $15::bigint[], $16::bigint[]) AS done (key, first, last)),
    erasure AS (INSERT INTO kernel_erasure (position)
        SELECT given.position FROM head, unnest($17::bigint[]) AS given (position))
    SELECT size FROM head";

const ONCE: &str = "INSERT INTO kernel_once (key, first, last, at)
    SELECT done.key, done.first, done.last, $4
        FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS done (key, first, last)";

impl Commit {
    /// Whether there is something to write.
    pub(super) fn changes(&self) -> bool {
        self.head.is_some() || !self.once.is_empty()
    }

    /// Writes everything within a transaction that is begun and holds the head.
    pub(in crate::ledger) async fn write_begun(&self, db: &mut Connection) -> sqlx::Result<()> {
        if self.head.is_none() {
            return self.write_once(db).await;
        }
        // The lock keeps the head where it was; should it ever not, nothing of this stays.
        let is_moved = self.write_from_head(db).await?;
        is_moved.then_some(()).ok_or_else(|| {
            sqlx::Error::Protocol("the log's head is not where this batch began".into())
        })
    }

    /// Idempotency keys of appends without events.
    async fn write_once(&self, db: &mut Connection) -> sqlx::Result<()> {
        if self.once.is_empty() {
            return Ok(());
        }
        let (keys, firsts, lasts) = self.done();
        let write = sqlx::query(ONCE).bind(keys).bind(firsts).bind(lasts);
        let write = write.bind(signed(self.at)).execute(db.server()?);
        write.await.map(|_| ())
    }

    /// Moves the head and writes what is new, if the head is still where this began. Gives whether it was; without events there is
    /// nothing to move.
    pub(super) async fn write_from_head(&self, db: &mut Connection) -> sqlx::Result<bool> {
        let Some(head) = &self.head else {
            return Ok(false);
        };
        let (keys, firsts, lasts) = self.done();
        let at: Vec<i64> = self.blocks.iter().map(|(at, _)| signed(*at)).collect();
        let blocks: Vec<&[u8]> = self.blocks.iter().map(|(_, data)| &data[..]).collect();
        let names: Vec<&[u8]> = self.names.ids.iter().map(<[u8; 16]>::as_slice).collect();
        let levels: Vec<i64> = self.tiles.iter().map(|tile| tile.level.into()).collect();
        let indexes: Vec<i64> = self.tiles.iter().map(|tile| signed(tile.index)).collect();
        let hashes: Vec<&[u8]> = self.tiles.iter().map(|tile| &tile.hashes[..]).collect();
        let erasures: Vec<i64> = self.erasures.iter().copied().map(signed).collect();
        let moved = sqlx::query(WRITE)
            .bind(signed(head.frontier.size()))
            .bind(signed(head.at))
            .bind(head.root.as_slice())
            .bind(head.frontier.peaks().concat())
            .bind(signed(head.streams_at))
            .bind(signed(self.upon))
            .bind(at)
            .bind(blocks)
            .bind(i64::from(self.names.first))
            .bind(names)
            .bind(levels)
            .bind(indexes)
            .bind(hashes)
            .bind(keys)
            .bind(firsts)
            .bind(lasts)
            .bind(erasures)
            .fetch_optional(db.server()?)
            .await?;
        Ok(moved.is_some())
    }

    /// Whether this very batch is in the log: its first event's random id, and so its hash, is in no other, also when an erasure
    /// has emptied it meanwhile.
    pub(super) async fn is_written(&self, db: &mut Connection) -> sqlx::Result<bool> {
        let found = rows::after(db, self.upon, 1).await?;
        let found = found.iter().find(|row| row.position == self.upon + 1);
        Ok(found.is_some_and(|row| Some(row.leaf()) == self.first))
    }

    fn done(&self) -> (Vec<&[u8]>, Vec<i64>, Vec<i64>) {
        (
            self.once.iter().map(|(key, _)| key.as_slice()).collect(),
            self.once.iter().map(|(_, at)| signed(at.first)).collect(),
            self.once.iter().map(|(_, at)| signed(at.last)).collect(),
        )
    }
}

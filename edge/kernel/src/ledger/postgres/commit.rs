//! A commit on a server: everything of a batch in one statement, which moves the head only from where the batch began, and says
//! to the other machines how far the log has come.

use crate::database::Connection;
use crate::ledger::commit::Commit;
use crate::ledger::rows::signed;

/// The channel on which the log's size is said.
pub(super) const CHANNEL: &str = "schulhof_head";

const WRITE: &str = "WITH head AS (
        UPDATE kernel_head SET size = $1, at = $2, root = $3, frontier = $4, streams_at = greatest(streams_at, $5)
            WHERE id = 1 AND size = $6 RETURNING size),
    block AS (INSERT INTO kernel_block (first, data) SELECT * FROM unnest($7::bigint[], $8::bytea[])),
    name AS (INSERT INTO kernel_name (number, id)
        SELECT $9 + given.row - 1, given.id FROM unnest($10::bytea[]) WITH ORDINALITY AS given (id, row)),
    tile AS (INSERT INTO kernel_tile (level, idx, hashes)
        SELECT * FROM unnest($11::bigint[], $12::bigint[], $13::bytea[])),
    once AS (INSERT INTO kernel_once (key, first, last, at)
        SELECT done.key, done.first, done.last, $2
            FROM unnest($14::bytea[], $15::bigint[], $16::bigint[]) AS done (key, first, last)),
    erasure AS (INSERT INTO kernel_erasure (position) SELECT * FROM unnest($17::bigint[]))
    SELECT pg_notify('schulhof_head', size::text) FROM head";

const ONCE: &str = "INSERT INTO kernel_once (key, first, last, at)
    SELECT done.key, done.first, done.last, $4
        FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS done (key, first, last)";

impl Commit {
    /// Writes everything within a transaction that is begun.
    pub(crate) async fn write_to_server(self, db: &mut Connection) -> sqlx::Result<()> {
        let db = db.server()?;
        let keys: Vec<&[u8]> = self.once.iter().map(|(key, _)| key.as_slice()).collect();
        let firsts: Vec<i64> = self.once.iter().map(|(_, at)| signed(at.first)).collect();
        let lasts: Vec<i64> = self.once.iter().map(|(_, at)| signed(at.last)).collect();
        let Some(head) = self.head else {
            if keys.is_empty() {
                return Ok(());
            }
            let write = sqlx::query(ONCE).bind(keys).bind(firsts).bind(lasts);
            return write.bind(signed(self.at)).execute(db).await.map(|_| ());
        };
        let (at, blocks): (Vec<i64>, Vec<Vec<u8>>) = self
            .blocks
            .into_iter()
            .map(|(first, data)| (signed(first), data))
            .unzip();
        let names: Vec<&[u8]> = self.names.ids.iter().map(<[u8; 16]>::as_slice).collect();
        let levels: Vec<i64> = self.tiles.iter().map(|tile| tile.level.into()).collect();
        let indexes: Vec<i64> = self.tiles.iter().map(|tile| signed(tile.index)).collect();
        let hashes: Vec<&[u8]> = self
            .tiles
            .iter()
            .map(|tile| tile.hashes.as_slice())
            .collect();
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
            .fetch_optional(db)
            .await?;
        // The lock keeps the head where it was; should it ever not, nothing of this stays.
        moved.map(|_| ()).ok_or_else(|| {
            sqlx::Error::Protocol("the log's head is not where this batch began".into())
        })
    }
}

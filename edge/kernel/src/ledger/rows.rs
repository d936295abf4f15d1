//! How the log's rows are read and written: the only place that knows their columns.

use super::append::Appended;
use super::entry::Entry;
use super::error::Problem;
use super::heads::Head;
use super::tiles::{self, Tile};
use events::Position;
use events::ids::StreamId;
use events::privacy::{Depth, Span};
use events_proof::tree::{Frontier, Hash, leaf_hash};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection};

/// A row of the log as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where.
    pub position: Position,
    /// The position of the previous event of the same stream.
    pub(crate) before: Position,
    /// The first four bytes of the entry's leaf hash.
    pub(crate) sum: u32,
    /// The canonical entry; empty after an erasure that went so far.
    pub entry: Option<Vec<u8>>,
    /// The ciphertexts; the first alone after an erasure of what was personal.
    pub body: Option<Vec<u8>>,
    /// What is left of a dropped entry: its leaf hash.
    pub(crate) left: Option<Hash>,
}

impl Stored {
    /// Whether an erasure has dropped the entry.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.left.is_some()
    }

    /// The leaf hash: of the entry, or what is left of it.
    pub(crate) fn leaf(&self) -> Hash {
        self.left
            .unwrap_or_else(|| leaf_hash(self.entry.as_deref().unwrap_or_default()))
    }
}

/// The head row: how far the log has come.
#[derive(Clone, Debug)]
pub(crate) struct HeadRow {
    pub(crate) at: u64,
    pub(crate) root: Hash,
    pub(crate) frontier: Frontier,
    pub(crate) streams_at: Position,
}

/// What is stored beside an entry to tell it from its neighbours when one of them was changed.
pub(crate) fn sum(leaf: &Hash) -> u32 {
    u32::from_be_bytes([leaf[0], leaf[1], leaf[2], leaf[3]])
}

pub(crate) fn number(row: &SqliteRow, column: usize) -> sqlx::Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or_default())
}

/// SQLite's integers are signed; positions never come near the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn stored(row: &SqliteRow) -> sqlx::Result<Stored> {
    let entry: Option<Vec<u8>> = row.try_get(3)?;
    let body: Option<Vec<u8>> = row.try_get(4)?;
    // A dropped entry leaves its leaf hash where its body was.
    let left = match (&entry, &body) {
        (None, Some(left)) => Hash::try_from(left.as_slice()).ok(),
        _ => None,
    };
    Ok(Stored {
        position: number(row, 0)?,
        before: number(row, 1)?,
        // A value that does not fit was changed; zero then fails to match like any other.
        sum: u32::try_from(number(row, 2)?).unwrap_or_default(),
        entry,
        body: body.filter(|_| left.is_none()),
        left,
    })
}

/// Rows after a position, in order.
pub(crate) async fn after(
    db: &mut SqliteConnection,
    position: Position,
    limit: u32,
) -> sqlx::Result<Vec<Stored>> {
    let sql = "SELECT position, before, sum, entry, body FROM kernel_event WHERE position > ? ORDER BY position LIMIT ?";
    let rows = sqlx::query(sql)
        .bind(signed(position))
        .bind(i64::from(limit))
        .fetch_all(db)
        .await?;
    rows.iter().map(stored).collect()
}

/// A stream's rows up to its head, in order.
pub(crate) async fn stream(db: &mut SqliteConnection, head: Position) -> sqlx::Result<Vec<Stored>> {
    let sql = "WITH RECURSIVE chain(position, before, sum, entry, body) AS (
            SELECT position, before, sum, entry, body FROM kernel_event WHERE position = ?
            UNION ALL
            SELECT e.position, e.before, e.sum, e.entry, e.body FROM kernel_event e, chain c
            WHERE e.position = c.before AND c.before > 0
        ) SELECT position, before, sum, entry, body FROM chain";
    let rows = sqlx::query(sql).bind(signed(head)).fetch_all(db).await?;
    let mut chain = rows.iter().map(stored).collect::<sqlx::Result<Vec<_>>>()?;
    chain.reverse();
    Ok(chain)
}

/// Adds rows. Statements come in a few sizes only, so that each is prepared once per connection.
pub(crate) async fn insert(db: &mut SqliteConnection, rows: &[Stored]) -> sqlx::Result<()> {
    let mut rest = rows;
    while !rest.is_empty() {
        let size = [256, 64, 16, 4, 1]
            .into_iter()
            .find(|size| *size <= rest.len())
            .unwrap_or(1);
        let (now, later) = rest.split_at(size);
        let sql = format!(
            "INSERT INTO kernel_event (position, before, sum, entry, body) VALUES (?, ?, ?, ?, ?){}",
            ", (?, ?, ?, ?, ?)".repeat(size - 1)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for row in now {
            query = query
                .bind(signed(row.position))
                .bind(signed(row.before))
                .bind(i64::from(row.sum))
                .bind(row.entry.as_deref())
                .bind(row.body.as_deref());
        }
        query.execute(&mut *db).await?;
        rest = later;
    }
    Ok(())
}

pub(crate) async fn insert_tiles(db: &mut SqliteConnection, tiles: &[Tile]) -> sqlx::Result<()> {
    for tile in tiles {
        sqlx::query("INSERT INTO kernel_tile (level, idx, hashes) VALUES (?, ?, ?)")
            .bind(i64::from(tile.level))
            .bind(signed(tile.index))
            .bind(tile.hashes.as_slice())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// A complete tile; none when it is not complete yet or not whole.
pub(crate) async fn tile(
    db: &mut SqliteConnection,
    level: u32,
    index: u64,
) -> sqlx::Result<Option<Vec<Hash>>> {
    let row = sqlx::query("SELECT hashes FROM kernel_tile WHERE level = ? AND idx = ?")
        .bind(i64::from(level))
        .bind(signed(index))
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(tiles::parse(row.try_get::<&[u8], _>(0)?))
}

pub(crate) async fn head(
    db: &mut SqliteConnection,
) -> sqlx::Result<Option<Result<HeadRow, Problem>>> {
    let row =
        sqlx::query("SELECT size, at, root, frontier, streams_at FROM kernel_head WHERE id = 1")
            .fetch_optional(db)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let size = number(&row, 0)?;
    let root = Hash::try_from(row.try_get::<&[u8], _>(2)?).ok();
    let (peaks, rest) = row.try_get::<&[u8], _>(3)?.as_chunks::<32>();
    let frontier = rest
        .is_empty()
        .then(|| Frontier::from_parts(size, peaks.to_vec()))
        .flatten();
    let damaged = Problem {
        position: 0,
        what: "the head row's root or frontier has the wrong length".into(),
    };
    Ok(Some(match (root, frontier) {
        (Some(root), Some(frontier)) => Ok(HeadRow {
            at: number(&row, 1)?,
            root,
            frontier,
            streams_at: number(&row, 4)?,
        }),
        _ => Err(damaged),
    }))
}

pub(crate) async fn put_head(db: &mut SqliteConnection, head: &HeadRow) -> sqlx::Result<()> {
    let sql = "INSERT INTO kernel_head (id, size, at, root, frontier, streams_at) VALUES (1, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET size = excluded.size, at = excluded.at, root = excluded.root,
            frontier = excluded.frontier, streams_at = excluded.streams_at";
    sqlx::query(sql)
        .bind(signed(head.frontier.size()))
        .bind(signed(head.at))
        .bind(head.root.as_slice())
        .bind(head.frontier.peaks().concat())
        .bind(signed(head.streams_at))
        .execute(db)
        .await?;
    Ok(())
}

/// Where the request of an idempotency key ended up, if it was carried out.
pub(crate) async fn once(db: &mut SqliteConnection, key: &[u8]) -> sqlx::Result<Option<Appended>> {
    let row = sqlx::query("SELECT first, last FROM kernel_once WHERE key = ?")
        .bind(key)
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Appended {
        first: number(&row, 0)?,
        last: number(&row, 1)?,
        repeated: true,
    }))
}

pub(crate) async fn save_streams(
    db: &mut SqliteConnection,
    heads: &[(StreamId, Head)],
) -> sqlx::Result<()> {
    for chunk in heads.chunks(256) {
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT INTO kernel_stream (stream, head, version) ");
        query.push_values(chunk, |mut row, (stream, head)| {
            row.push_bind(stream.0.as_bytes().to_vec())
                .push_bind(signed(head.position))
                .push_bind(i64::from(head.version));
        });
        query.push(
            " ON CONFLICT (stream) DO UPDATE SET head = excluded.head, version = excluded.version",
        );
        query.build().execute(&mut *db).await?;
    }
    Ok(())
}

/// Empties rows, as far as they are not empty already: the ciphertext of what was personal, or the whole entry but for its
/// leaf hash. Gives how many it emptied.
pub(crate) async fn empty(
    db: &mut SqliteConnection,
    positions: &[Span],
    depth: Depth,
) -> sqlx::Result<u64> {
    let mut emptied = 0;
    for Span(first, last) in positions {
        let mut at = first.saturating_sub(1);
        while at < *last {
            let found = after(db, at, 512).await?;
            let Some(end) = found.last().map(|row| row.position) else {
                break;
            };
            for row in found.iter().filter(|row| row.position <= *last) {
                emptied += match depth {
                    Depth::Key => 0,
                    Depth::Ciphertext => empty_ciphertext(db, row).await?,
                    Depth::Header => drop_entry(db, row).await?,
                };
            }
            at = end;
        }
    }
    Ok(emptied)
}

async fn empty_ciphertext(db: &mut SqliteConnection, row: &Stored) -> sqlx::Result<u64> {
    let (Some(entry), Some(body)) = (entry(row), &row.body) else {
        return Ok(0);
    };
    let Some([structure, _]) = entry.cut(body).as_deref().and_then(|parts| {
        let parts: Option<[&[u8]; 2]> = parts.try_into().ok();
        parts
    }) else {
        return Ok(0);
    };
    sqlx::query("UPDATE kernel_event SET body = ? WHERE position = ?")
        .bind(structure)
        .bind(signed(row.position))
        .execute(db)
        .await
        .map(|done| done.rows_affected())
}

async fn drop_entry(db: &mut SqliteConnection, row: &Stored) -> sqlx::Result<u64> {
    let Some(entry) = &row.entry else {
        return Ok(0);
    };
    sqlx::query("UPDATE kernel_event SET entry = NULL, body = ? WHERE position = ?")
        .bind(leaf_hash(entry).as_slice())
        .bind(signed(row.position))
        .execute(db)
        .await
        .map(|done| done.rows_affected())
}

/// Remembers where an erasure is said, so that verification finds it before it meets what is missing.
pub(crate) async fn note_erasure(db: &mut SqliteConnection, at: Position) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO kernel_erasure (position) VALUES (?)")
        .bind(signed(at))
        .execute(db)
        .await
        .map(|_| ())
}

/// Where erasures are said.
pub(crate) async fn erasures(db: &mut SqliteConnection) -> sqlx::Result<Vec<Position>> {
    let rows = sqlx::query("SELECT position FROM kernel_erasure ORDER BY position")
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| number(row, 0)).collect()
}

/// The entry of a row, when it has one that can be read.
pub(crate) fn entry(row: &Stored) -> Option<Entry> {
    row.entry
        .as_deref()
        .and_then(|bytes| Entry::decode(bytes).ok())
}

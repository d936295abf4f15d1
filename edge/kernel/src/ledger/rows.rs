//! How the log's rows are read and written: the only place that knows their columns.

use super::append::Appended;
use super::block::{Block, Content, Record, records};
use super::entry::Entry;
use super::error::Problem;
use super::heads::Head;
use super::names;
use super::tiles::{self, WIDTH};
use crate::database::{Connection, Row, Value, query};
use events::Position;
use events::ids::StreamId;
use events_proof::tree::{Frontier, Hash, leaf_hash};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

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

pub(crate) fn number(row: &Row, column: usize) -> sqlx::Result<u64> {
    Ok(u64::try_from(row.try_get::<i64>(column)?).unwrap_or_default())
}

/// The database's integers are signed; positions never come near the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn stored(
    position: Position,
    record: Option<Record<'_>>,
    names: &HashMap<u32, [u8; 16]>,
) -> Stored {
    let mut row = Stored {
        position,
        before: 0,
        sum: 0,
        // What can no longer be read: its bytes mean nothing.
        entry: Some(Vec::new()),
        body: None,
        left: None,
    };
    let Some(record) = record else { return row };
    row.before = record.before;
    row.sum = record.sum;
    match record.content {
        Content::Leaf(leaf) => {
            row.entry = None;
            row.left = Some(leaf);
        }
        Content::Event(header, body) => {
            let name = |number| names.get(&number).copied();
            if let Some(entry) = header.entry(position, &body, name) {
                row.entry = Some(entry.encode());
                row.body = (entry.parts.len() > body.cut.len() || body.cut.is_empty())
                    .then(|| body.sealed.to_vec());
            }
        }
    }
    row
}

/// Some blocks: the position of the first event of each, and its bytes.
type Blocks = Vec<(Position, Vec<u8>)>;

/// The blocks in which the events after a position lie, up to another; the next one when there is none of them. Positions
/// have no gaps, so that there are never more than is asked for.
async fn blocks(db: &mut Connection, after: Position, until: Position) -> sqlx::Result<Blocks> {
    let read = |row: &Row| Ok((number(row, 0)?, row.try_get(1)?));
    let sql = "SELECT first, data FROM kernel_block WHERE first <= ?2 AND first >= coalesce(
        (SELECT max(first) FROM kernel_block WHERE first <= ?1), 0) ORDER BY first";
    let rows = query(sql)
        .bind(after.saturating_add(1))
        .bind(until)
        .fetch_all(&mut *db)
        .await?;
    let found: Blocks = rows.iter().map(read).collect::<sqlx::Result<_>>()?;
    let reaches = |(first, data): &(Position, Vec<u8>)| {
        *first > after || records(*first, data).any(|(at, _)| at > after)
    };
    if found.last().is_some_and(reaches) {
        return Ok(found);
    }
    let next = "SELECT first, data FROM kernel_block WHERE first > ? ORDER BY first LIMIT 1";
    let row = query(next).bind(until).fetch_optional(db).await?;
    row.iter().map(read).collect()
}

/// Events after a position, in order.
pub(crate) async fn after(
    db: &mut Connection,
    position: Position,
    limit: u32,
) -> sqlx::Result<Vec<Stored>> {
    let until = position.saturating_add(u64::from(limit));
    let blocks = blocks(db, position, until).await?;
    let found: Vec<_> = blocks
        .iter()
        .flat_map(|(first, data)| records(*first, data))
        .filter(|(at, _)| *at > position)
        .take(limit as usize)
        .collect();
    resolve(db, found).await
}

async fn resolve(
    db: &mut Connection,
    found: Vec<(Position, Option<Record<'_>>)>,
) -> sqlx::Result<Vec<Stored>> {
    let headers = found.iter().filter_map(|(_, record)| match record {
        Some(Record {
            content: Content::Event(header, _),
            ..
        }) => Some(header),
        Some(_) | None => None,
    });
    let names = names::find(db, headers.flat_map(|header| header.numbers())).await?;
    let found = found.into_iter();
    Ok(found
        .map(|(at, record)| stored(at, record, &names))
        .collect())
}

/// A stream's events up to its head, in order.
pub(crate) async fn stream(db: &mut Connection, head: Position) -> sqlx::Result<Vec<Stored>> {
    let mut held: Blocks = Vec::new();
    let mut chain = Vec::new();
    let mut at = head;
    while at > 0 {
        // Neighbours in a stream are often neighbours in the log.
        if held.first().is_none_or(|(first, _)| *first > at) {
            held = blocks(db, at - 1, at).await?;
        }
        let found = held
            .iter()
            .find_map(|(first, data)| alone(*first, data, at));
        let Some((before, one)) = found else { break };
        chain.push((at, one));
        at = before;
    }
    let found = chain.iter().rev().flat_map(|(at, one)| records(*at, one));
    resolve(db, found.collect()).await
}

/// One event of a block in a block of its own, and the position of the event before it in its stream: a history is not
/// held with everything that happened beside it.
fn alone(first: Position, data: &[u8], at: Position) -> Option<(Position, Vec<u8>)> {
    let mut read = records(first, data);
    let base = read.base()?;
    let record = read.find(|(position, _)| *position == at)?.1?;
    let mut block = Block::new(at, base);
    block.push(&record);
    Some((record.before, block.finish().1))
}

/// A complete tile; none when it is not complete yet or not whole. Those of the lowest level follow from the events.
pub(crate) async fn tile(
    db: &mut Connection,
    level: u32,
    index: u64,
) -> sqlx::Result<Option<Vec<Hash>>> {
    if level == 0 {
        let leaves = leaves(db, index.saturating_mul(WIDTH as u64), WIDTH as u32).await?;
        return Ok((leaves.len() == WIDTH).then_some(leaves));
    }
    let row = query("SELECT hashes FROM kernel_tile WHERE level = ? AND idx = ?")
        .bind(level)
        .bind(index)
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(tiles::parse(row.try_get::<&[u8]>(0)?))
}

/// The leaf hashes of the events after a position.
pub(crate) async fn leaves(
    db: &mut Connection,
    position: Position,
    count: u32,
) -> sqlx::Result<Vec<Hash>> {
    let found = after(db, position, count).await?;
    Ok(found.iter().map(Stored::leaf).collect())
}

pub(crate) async fn head(db: &mut Connection) -> sqlx::Result<Option<Result<HeadRow, Problem>>> {
    // On a server the row is there from the beginning, so that it can be locked.
    let sql =
        "SELECT size, at, root, frontier, streams_at FROM kernel_head WHERE id = 1 AND size > 0";
    let row = query(sql).fetch_optional(db).await?;
    let Some(row) = row else { return Ok(None) };
    let size = number(&row, 0)?;
    let root = Hash::try_from(row.try_get::<&[u8]>(2)?).ok();
    let (peaks, rest) = row.try_get::<&[u8]>(3)?.as_chunks::<32>();
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

/// Where the request of an idempotency key ended up, if it was carried out.
pub(crate) async fn once(db: &mut Connection, key: &[u8]) -> sqlx::Result<Option<Appended>> {
    let row = query("SELECT first, last FROM kernel_once WHERE key = ?")
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
    db: &mut Connection,
    heads: &[(StreamId, Head)],
) -> sqlx::Result<()> {
    for chunk in heads.chunks(256) {
        let rows = ["(?, ?, ?)"].repeat(chunk.len()).join(", ");
        let sql = format!(
            "INSERT INTO kernel_stream (stream, head, version) VALUES {rows}
            ON CONFLICT (stream) DO UPDATE SET head = excluded.head, version = excluded.version"
        );
        let values = chunk.iter().flat_map(|(stream, head)| {
            let id = stream.0.as_bytes().as_slice();
            [id.into(), head.position.into(), Value::from(head.version)]
        });
        let saved = query(AssertSqlSafe(sql)).bind_all(values);
        saved.execute(&mut *db).await?;
    }
    Ok(())
}

/// The signed checkpoints of more than one size, up to and with another, in order; at most so many.
pub(crate) async fn checkpoints(
    db: &mut Connection,
    after: Position,
    until: Position,
    limit: u32,
) -> sqlx::Result<Vec<(Position, String)>> {
    let sql = "SELECT size, note FROM kernel_checkpoint WHERE size > ? AND size <= ? ORDER BY size LIMIT ?";
    let found = query(sql)
        .bind(after)
        .bind(until)
        .bind(limit)
        .fetch_all(db)
        .await?;
    let read = found
        .iter()
        .map(|row| Ok((number(row, 0)?, row.try_get(1)?)));
    read.collect()
}

/// Where erasures are said.
pub(crate) async fn erasures(db: &mut Connection) -> sqlx::Result<Vec<Position>> {
    let rows = query("SELECT position FROM kernel_erasure ORDER BY position")
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

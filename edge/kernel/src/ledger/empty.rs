//! Emptying events within their blocks: the only way in which a block changes. The leaf hash of everything stays, so that
//! tree and proofs do; nothing else in the block moves.

use super::block::{Block, Body, Content, Header, Record, records};
use super::names;
use super::rows::number;
use crate::database::{Connection, query};
use events::Position;
use events::privacy::{Depth, Span, covers};
use events_proof::tree::leaf_hash;
use std::collections::HashMap;

/// Empties events, as far as they are not empty already: the ciphertext of what was personal, or the whole entry but for its
/// leaf hash. Gives how many it emptied. The caller has the reason in the log already, runs this in a transaction, and
/// folds the write-ahead log back afterwards, in which the old pages still lie.
pub(crate) async fn empty(db: &mut Connection, spans: &[Span], depth: Depth) -> sqlx::Result<u64> {
    if depth == Depth::Key {
        return Ok(0);
    }
    let allow = "INSERT INTO kernel_erasing (id) VALUES (1)";
    query(allow).execute(&mut *db).await?;
    let (mut emptied, mut next) = (0, 0);
    for Span(first, last) in spans {
        next = next.max(*first);
        while next <= *last {
            let Some((first, data)) = block_of(db, next).await? else {
                break;
            };
            let (end, events) = empty_block(db, first, &data, spans, depth).await?;
            emptied += events;
            next = end.max(next) + 1;
        }
    }
    query("DELETE FROM kernel_erasing").execute(db).await?;
    Ok(emptied)
}

/// The block that a position lies in, if it is there: its first position and its bytes.
async fn block_of(
    db: &mut Connection,
    position: Position,
) -> sqlx::Result<Option<(Position, Vec<u8>)>> {
    let sql = "SELECT first, data FROM kernel_block WHERE first <= ? ORDER BY first DESC LIMIT 1";
    let row = query(sql).bind(position).fetch_optional(db).await?;
    row.map(|row| Ok((number(&row, 0)?, row.try_get(1)?)))
        .transpose()
}

/// Writes a block anew without what is to go. Gives its last position, and how many events were emptied.
async fn empty_block(
    db: &mut Connection,
    first: Position,
    data: &[u8],
    spans: &[Span],
    depth: Depth,
) -> sqlx::Result<(Position, u64)> {
    let read = records(first, data);
    let base = read.base();
    let found: Vec<_> = read.collect();
    let last = found.last().map_or(first, |(at, _)| *at);
    // What cannot be read is left for verification to tell.
    let whole: Option<Vec<_>> = found
        .into_iter()
        .map(|(at, one)| Some((at, one?)))
        .collect();
    let (Some(base), Some(mut whole)) = (base, whole) else {
        return Ok((last, 0));
    };
    let numbers = whole.iter().filter_map(|(_, record)| header(record));
    let names = names::find(db, numbers.flat_map(Header::numbers)).await?;
    let mut emptied = 0;
    let mut written = Block::new(first, base);
    for (at, record) in &mut whole {
        if covers(spans, *at)
            && let Some(left) = left(*at, record, depth, &names)
        {
            record.content = left;
            emptied += 1;
        }
        written.push(record);
    }
    if emptied > 0 {
        let put = match db {
            Connection::Sqlite(_) => "UPDATE kernel_block SET data = ?2 WHERE first = ?1",
            // The server's role may not change blocks by itself.
            Connection::Postgres(_) => "SELECT kernel_put_emptied(?1, ?2)",
        };
        query(put)
            .bind(first)
            .bind(written.finish().1)
            .execute(db)
            .await?;
    }
    Ok((last, emptied))
}

fn header<'a>(record: &'a Record<'_>) -> Option<&'a Header> {
    match &record.content {
        Content::Event(header, _) => Some(header),
        Content::Leaf(_) => None,
    }
}

/// What is left of an event; none when nothing of it is to go.
fn left<'a>(
    at: Position,
    record: &Record<'a>,
    depth: Depth,
    names: &HashMap<u32, [u8; 16]>,
) -> Option<Content<'a>> {
    let Content::Event(header, body) = &record.content else {
        return None;
    };
    let entry = header.entry(at, body, |number| names.get(&number).copied())?;
    if depth == Depth::Header {
        return Some(Content::Leaf(leaf_hash(&entry.encode())));
    }
    let [structure, personal] = entry.parts.as_slice() else {
        return None;
    };
    let (sealed, _) = body.sealed.split_at_checked(structure.length as usize)?;
    body.cut.is_empty().then(|| {
        let cut = vec![personal.hash];
        Content::Event(header.clone(), Body { sealed, cut })
    })
}

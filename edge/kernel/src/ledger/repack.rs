//! Brings a log along that was written when every event was a row of its own: its events go into blocks, all or none. What
//! is not as it was written is told, and nothing is moved.

use super::LedgerError;
use super::batch::pack;
use super::block::{Block, Body, Content, Header, Record};
use super::commit::{insert_blocks, insert_names};
use super::entry::Entry;
use super::error::{Problem, database};
use super::names::Naming;
use super::rows::{number, sum};
use crate::database::{Connection, Row, query};
use events::Position;
use events_proof::tree::{Hash, leaf_hash};
use ring::digest::{SHA256, digest};

/// Events read and packed at once.
const PAGE: u64 = 2048;

/// Packs the events of an older log, if there are such.
pub(super) async fn repack(
    db: &mut Connection,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<(), LedgerError> {
    if !is_older(db).await.map_err(database("read"))? {
        return Ok(());
    }
    db.begin().await.map_err(database("write"))?;
    let moved = move_all(db, progress).await;
    let end = if moved.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = db.run(end).await.map_err(database("write"));
    moved.and(ended)
}

async fn move_all(
    db: &mut Connection,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<(), LedgerError> {
    let last = query("SELECT coalesce(max(position), 0) FROM kernel_event")
        .fetch_one(&mut *db)
        .await
        .and_then(|row| number(&row, 0))
        .map_err(database("read"))?;
    let mut naming = Naming::load(db).await.map_err(database("read"))?;
    let mut at = 0;
    while at < last {
        move_page(db, at, &mut naming).await?;
        at += PAGE;
        progress("repack", at.min(last), last);
    }
    // The leaves follow from the events.
    for end in [
        "DELETE FROM kernel_tile WHERE level = 0",
        "DROP TABLE kernel_event",
    ] {
        db.run(end).await.map_err(database("write"))?;
    }
    Ok(())
}

/// Whether a log has its events in rows still.
pub(super) async fn is_older(db: &mut Connection) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'kernel_event')";
    query(sql).fetch_one(db).await?.try_get(0)
}

async fn move_page(
    db: &mut Connection,
    after: Position,
    naming: &mut Naming,
) -> Result<(), LedgerError> {
    let sql = "SELECT position, before, sum, entry, body FROM kernel_event
        WHERE position > ? AND position <= ? ORDER BY position";
    let rows = query(sql)
        .bind(after)
        .bind(after + PAGE)
        .fetch_all(&mut *db)
        .await
        .map_err(database("read"))?;
    let mut blocks: Vec<Block> = Vec::new();
    for (expected, row) in (after + 1..).zip(&rows) {
        let packed = pack_row(row, expected, &mut blocks, naming).map_err(database("read"))?;
        if !packed {
            let what = "the entry is not what was written".into();
            let position = expected;
            return Err(LedgerError::Tampered(vec![Problem { position, what }]));
        }
    }
    let blocks = blocks.into_iter().map(Block::finish).collect();
    let names = naming.take();
    let written = async {
        let db = db.file()?;
        insert_blocks(db, "", blocks).await?;
        insert_names(db, names).await
    };
    written.await.map_err(database("write"))
}

/// Packs one row; false when it is not what was written.
fn pack_row(
    row: &Row,
    expected: Position,
    blocks: &mut Vec<Block>,
    naming: &mut Naming,
) -> sqlx::Result<bool> {
    let (position, before) = (number(row, 0)?, number(row, 1)?);
    let told = u32::try_from(number(row, 2)?).unwrap_or_default();
    let (entry, body): (Option<&[u8]>, Option<&[u8]>) = (row.try_get(3)?, row.try_get(4)?);
    let body = body.unwrap_or_default();
    let left = match entry {
        // An erasure dropped the entry and left its leaf hash where the body was.
        None => match Hash::try_from(body) {
            Ok(leaf) => Left::Leaf(leaf),
            Err(_) => return Ok(false),
        },
        Some(entry) => Left::Entry { entry, body },
    };
    let is_here = position == expected && before < position;
    let leaf = pack_event((position, before), left, blocks, naming);
    Ok(is_here && leaf.is_some_and(|leaf| told == sum(&leaf)))
}

/// What there is of an event outside of blocks.
pub(super) enum Left<'a> {
    /// The canonical entry, and its ciphertexts but for those that an erasure cut off at the end.
    Entry { entry: &'a [u8], body: &'a [u8] },
    /// An erasure dropped the entry.
    Leaf(Hash),
}

/// Packs the event of a position, with the previous position of its stream, and gives its leaf hash; none, and nothing packed,
/// when it is not what was written.
pub(super) fn pack_event(
    (position, before): (Position, Position),
    left: Left<'_>,
    blocks: &mut Vec<Block>,
    naming: &mut Naming,
) -> Option<Hash> {
    let (leaf, at, content) = match left {
        Left::Leaf(leaf) => (leaf, 0, Content::Leaf(leaf)),
        Left::Entry { entry: bytes, body } => {
            let (entry, cut) = read(bytes, body)?;
            if entry.position != position {
                return None;
            }
            let body = Body { sealed: body, cut };
            let header = Header::of(&entry, |id| naming.name(id));
            (leaf_hash(bytes), entry.at, Content::Event(header, body))
        }
    };
    let record = Record {
        before,
        sum: sum(&leaf),
        content,
    };
    pack(blocks, position, at, &record);
    Some(leaf)
}

/// An entry whose bytes and ciphertexts are what they say, with the hashes of the ciphertexts that are gone.
fn read(bytes: &[u8], body: &[u8]) -> Option<(Entry, Vec<Hash>)> {
    let entry = Entry::decode(bytes).ok()?;
    let mut rest = body;
    let mut cut = Vec::new();
    for part in &entry.parts {
        // An erasure cuts off the parts at the end.
        if rest.is_empty() && part.length > 0 {
            cut.push(part.hash);
            continue;
        }
        let (sealed, more) = rest.split_at_checked(part.length as usize)?;
        rest = more;
        if digest(&SHA256, sealed).as_ref() != part.hash {
            return None;
        }
    }
    rest.is_empty().then_some((entry, cut))
}

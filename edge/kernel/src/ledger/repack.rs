//! Brings a log along that was written when every event was a row of its own: its events go into blocks, all or none. What
//! is not as it was written is told, and nothing is moved.

use super::LedgerError;
use super::batch::pack;
use super::block::{Block, Body, Content, Header, Record};
use super::commit::{insert_blocks, insert_names};
use super::entry::Entry;
use super::error::{Problem, database};
use super::names::Naming;
use super::rows::{number, signed, sum};
use events::Position;
use events_proof::tree::{Hash, leaf_hash};
use ring::digest::{SHA256, digest};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

/// Events read and packed at once.
const PAGE: u64 = 2048;

/// Packs the events of an older log, if there are such.
pub(super) async fn repack(
    db: &mut SqliteConnection,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<(), LedgerError> {
    if !is_older(db).await.map_err(database("read"))? {
        return Ok(());
    }
    let begun = db.begin_with("BEGIN IMMEDIATE").await;
    let mut transaction = begun.map_err(database("write"))?;
    let last = "SELECT coalesce(max(position), 0) FROM kernel_event";
    let last: i64 = sqlx::query_scalar(last)
        .fetch_one(&mut *transaction)
        .await
        .map_err(database("read"))?;
    let last = u64::try_from(last).unwrap_or_default();
    let mut naming = Naming::load(&mut transaction)
        .await
        .map_err(database("read"))?;
    let mut at = 0;
    while at < last {
        move_page(&mut transaction, at, &mut naming).await?;
        at += PAGE;
        progress("repack", at.min(last), last);
    }
    // The leaves follow from the events.
    let end = "DELETE FROM kernel_tile WHERE level = 0; DROP TABLE kernel_event;";
    sqlx::raw_sql(end)
        .execute(&mut *transaction)
        .await
        .map_err(database("write"))?;
    transaction.commit().await.map_err(database("write"))
}

/// Whether a log has its events in rows still.
pub(super) async fn is_older(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'kernel_event')";
    sqlx::query_scalar(sql).fetch_one(db).await
}

async fn move_page(
    db: &mut SqliteConnection,
    after: Position,
    naming: &mut Naming,
) -> Result<(), LedgerError> {
    let sql = "SELECT position, before, sum, entry, body FROM kernel_event
        WHERE position > ? AND position <= ? ORDER BY position";
    let rows = sqlx::query(sql)
        .bind(signed(after))
        .bind(signed(after + PAGE))
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
        insert_blocks(db, "", blocks).await?;
        insert_names(db, names).await
    };
    written.await.map_err(database("write"))
}

/// Packs one row; false when it is not what was written.
fn pack_row(
    row: &SqliteRow,
    expected: Position,
    blocks: &mut Vec<Block>,
    naming: &mut Naming,
) -> sqlx::Result<bool> {
    let (position, before) = (number(row, 0)?, number(row, 1)?);
    let told = u32::try_from(number(row, 2)?).unwrap_or_default();
    let (entry, body): (Option<&[u8]>, Option<&[u8]>) = (row.try_get(3)?, row.try_get(4)?);
    let body = body.unwrap_or_default();
    let mut at = 0;
    let (leaf, content) = match entry {
        // An erasure dropped the entry and left its leaf hash where the body was.
        None => match Hash::try_from(body) {
            Ok(leaf) => (leaf, Content::Leaf(leaf)),
            Err(_) => return Ok(false),
        },
        Some(bytes) => {
            let Some((entry, cut)) = read(bytes, body) else {
                return Ok(false);
            };
            if entry.position != expected {
                return Ok(false);
            }
            at = entry.at;
            let body = Body { sealed: body, cut };
            let header = Header::of(&entry, |id| naming.name(id));
            (leaf_hash(bytes), Content::Event(header, body))
        }
    };
    if position != expected || told != sum(&leaf) || before >= position {
        return Ok(false);
    }
    let record = Record {
        before,
        sum: told,
        content,
    };
    pack(blocks, position, at, &record);
    Ok(true)
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

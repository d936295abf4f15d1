//! Verification: every byte of the log is accounted for, or the position where it is not is named.

use super::LedgerError;
use super::entry::Entry;
use super::error::{Problem, database};
use super::heads::Head;
use super::rows::{self, HeadRow, Stored};
use super::tiles::{Tile, Tiles};
use events::Position;
use events::ids::StreamId;
use events_proof::tree::{Hash, leaf_hash, to_hex};
use sqlx::{Row, SqliteConnection};
use std::collections::HashMap;

/// Rows checked between two reports of progress.
const PAGE: u32 = 4096;
/// Problems listed; after so many the picture is clear.
const LISTED: usize = 100;

/// What verification found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Events in the log.
    pub size: Position,
    /// The root over them.
    pub root: Hash,
    /// What is wrong; empty when the log verifies. At most 100.
    pub problems: Vec<Problem>,
}

#[derive(Default)]
struct Check {
    tiles: Tiles,
    streams: HashMap<StreamId, Head>,
    problems: Vec<Problem>,
    roots: HashMap<u64, Hash>,
}

impl Check {
    fn note(&mut self, position: Position, what: impl Into<String>) {
        if self.problems.len() < LISTED {
            self.problems.push(Problem {
                position,
                what: what.into(),
            });
        }
    }

    fn size(&self) -> u64 {
        self.tiles.frontier().size()
    }

    /// Takes one row in order and gives the tiles it completes.
    fn row(&mut self, row: &Stored) -> Vec<Tile> {
        let expected = self.size() + 1;
        if row.position != expected {
            self.note(
                expected,
                format!("missing; the next event is at position {}", row.position),
            );
        }
        let bytes = row.entry.as_deref().unwrap_or_default();
        match Entry::decode(bytes) {
            Ok(entry) => self.entry(row, &entry),
            Err(_) if row.entry.is_none() => {
                self.note(row.position, "the entry is gone without an erasure")
            }
            Err(_) => self.note(row.position, "the entry cannot be read"),
        }
        let mut done = Vec::new();
        self.tiles.push(leaf_hash(bytes), &mut done);
        done
    }

    fn entry(&mut self, row: &Stored, entry: &Entry) {
        if entry.position != row.position {
            self.note(
                row.position,
                format!("the entry says it is at position {}", entry.position),
            );
        }
        let last = self.streams.get(&entry.stream).copied().unwrap_or_default();
        if entry.version != last.version + 1 || row.before != last.position {
            self.note(
                row.position,
                "the entry does not follow the one before it in its stream",
            );
        }
        self.streams.insert(
            entry.stream,
            Head {
                position: row.position,
                version: entry.version,
            },
        );
        let Some(parts) = row.body.as_deref().and_then(|body| entry.cut(body)) else {
            self.note(
                row.position,
                "the body does not have the length that the entry says",
            );
            return;
        };
        for (number, (part, bytes)) in entry.parts.iter().zip(parts).enumerate() {
            if ring::digest::digest(&ring::digest::SHA256, bytes).as_ref() != part.hash {
                self.note(
                    row.position,
                    format!("part {number} of the body is not what was written"),
                );
            }
        }
    }
}

/// Verifies everything: rows, tree, tiles, head, saved stream heads and signed checkpoints.
pub(crate) async fn verify(
    db: &mut SqliteConnection,
    key: &str,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    begin(db).await?;
    let mut check = Check::default();
    for broken in integrity(db).await {
        check.note(0, broken);
    }
    let notes = checkpoints(db, key, &mut check)
        .await
        .map_err(database("read"))?;
    let mut report = chain(db, check, progress, &notes).await?;
    for (size, root) in &notes {
        if report.roots.get(size) != Some(root) {
            report.note(*size, "the signed checkpoint of this size has another root");
        }
    }
    let root = report.tiles.frontier().root();
    end(db).await;
    Ok(Report {
        size: report.size(),
        root,
        problems: report.problems,
    })
}

/// Verifies the rows, the tree, the tiles and the head.
pub(crate) async fn verify_chain(
    db: &mut SqliteConnection,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    begin(db).await?;
    let check = chain(db, Check::default(), progress, &HashMap::new()).await?;
    end(db).await;
    Ok(Report {
        size: check.size(),
        root: check.tiles.frontier().root(),
        problems: check.problems,
    })
}

/// All reads of one verification see the same moment of a log that goes on growing.
async fn begin(db: &mut SqliteConnection) -> Result<(), LedgerError> {
    sqlx::query("BEGIN")
        .execute(db)
        .await
        .map_err(database("read"))
        .map(|_| ())
}

async fn end(db: &mut SqliteConnection) {
    // Ending a reading transaction can fail only when the connection is gone, and then it has ended.
    let _ = sqlx::query("ROLLBACK").execute(db).await;
}

async fn chain(
    db: &mut SqliteConnection,
    mut check: Check,
    progress: &(dyn Fn(u64, u64) + Sync),
    wanted: &HashMap<u64, Hash>,
) -> Result<Check, LedgerError> {
    let head = rows::head(db).await.map_err(database("read"))?;
    let size = head
        .as_ref()
        .and_then(|head| head.as_ref().ok())
        .map_or(0, |head| head.frontier.size());
    let mut at = 0;
    loop {
        let found = match rows::after(db, at, PAGE).await {
            Ok(found) => found,
            Err(error) => {
                check.note(
                    at + 1,
                    format!("from here on the database cannot be read: {error}"),
                );
                break;
            }
        };
        let Some(last) = found.last() else { break };
        at = last.position;
        for row in &found {
            let done = check.row(row);
            if wanted.contains_key(&check.size()) {
                let root = check.tiles.frontier().root();
                check.roots.insert(check.size(), root);
            }
            for tile in done {
                compare_tile(db, &mut check, &tile).await;
            }
        }
        progress(at, size);
    }
    compare_head(&mut check, head);
    compare_streams(db, &mut check).await;
    Ok(check)
}

async fn compare_tile(db: &mut SqliteConnection, check: &mut Check, tile: &Tile) {
    let stored = rows::tile(db, tile.level, tile.index).await.ok().flatten();
    if stored.is_none_or(|hashes| hashes.concat() != tile.hashes) {
        let position = check.size();
        check.note(
            position,
            format!(
                "tile {}/{} is not what follows from the entries",
                tile.level, tile.index
            ),
        );
    }
}

fn compare_head(check: &mut Check, head: Option<Result<HeadRow, Problem>>) {
    match head {
        None if check.size() == 0 => {}
        None => check.note(0, "the head row is missing"),
        Some(Err(problem)) => check.note(problem.position, problem.what),
        Some(Ok(head)) => {
            if head.frontier != *check.tiles.frontier()
                || head.root != check.tiles.frontier().root()
            {
                let (stored, found) = (head.frontier.size(), check.size());
                check.note(
                    stored.min(found),
                    format!(
                        "the head says {stored} events with root {}, the entries give {found} with root {}",
                        to_hex(&head.root),
                        to_hex(&check.tiles.frontier().root())
                    ),
                );
            }
        }
    }
}

async fn compare_streams(db: &mut SqliteConnection, check: &mut Check) {
    let sql = "SELECT stream, head, version FROM kernel_stream";
    let saved = match sqlx::query(sql).fetch_all(db).await {
        Ok(saved) => saved,
        Err(error) => return check.note(0, format!("the stream heads cannot be read: {error}")),
    };
    for row in saved {
        let stream = row
            .try_get::<&[u8], _>(0)
            .ok()
            .and_then(|bytes| uuid::Uuid::from_slice(bytes).ok());
        let (Ok(head), Ok(version)) = (rows::number(&row, 1), rows::number(&row, 2)) else {
            check.note(0, "a stream head cannot be read");
            continue;
        };
        let actual = stream
            .and_then(|stream| check.streams.get(&StreamId(stream)).copied())
            .unwrap_or_default();
        // A saved head may lie behind the log, never beside it or before it.
        if actual.position < head || u64::from(actual.version) < version {
            check.note(head, "a saved stream head does not follow from the entries");
        }
    }
}

async fn checkpoints(
    db: &mut SqliteConnection,
    key: &str,
    check: &mut Check,
) -> sqlx::Result<HashMap<u64, Hash>> {
    let mut notes = HashMap::new();
    for row in sqlx::query("SELECT size, note FROM kernel_checkpoint")
        .fetch_all(db)
        .await?
    {
        let size = rows::number(&row, 0)?;
        let note = row.try_get::<&[u8], _>(1).map(String::from_utf8_lossy)?;
        match events_proof::note::verify(&note, key) {
            Ok(checkpoint) if checkpoint.size == size => {
                notes.insert(size, checkpoint.root);
            }
            Ok(_) => check.note(size, "the signed checkpoint speaks of another size"),
            Err(error) => check.note(size, format!("the checkpoint cannot be believed: {error}")),
        }
    }
    Ok(notes)
}

/// What SQLite itself finds wrong with the file.
async fn integrity(db: &mut SqliteConnection) -> Vec<String> {
    match sqlx::query("PRAGMA integrity_check(20)")
        .fetch_all(db)
        .await
    {
        Ok(rows) => rows
            .iter()
            .filter_map(|row| row.try_get::<String, _>(0).ok())
            .filter(|line| line != "ok")
            .map(|line| format!("the database file is damaged: {line}"))
            .collect(),
        Err(error) => vec![format!("the database file is damaged: {error}")],
    }
}

/// For large logs at start: everything since the saved stream heads is read and must lead to the stored head.
pub(crate) async fn verify_edge(
    db: &mut SqliteConnection,
    head: &HeadRow,
) -> Result<Vec<Problem>, LedgerError> {
    let mut problems = Vec::new();
    if head.frontier.root() != head.root {
        problems.push(Problem {
            position: head.frontier.size(),
            what: "the head's root is not its frontier's".into(),
        });
    }
    let mut at = head.streams_at.saturating_sub(1);
    while at < head.frontier.size() {
        let found = rows::after(db, at, PAGE).await.map_err(database("read"))?;
        let Some(last) = found.last().map(|row| row.position) else {
            problems.push(Problem {
                position: at + 1,
                what: "missing".into(),
            });
            break;
        };
        for row in &found {
            at += 1;
            let whole = rows::entry(row).filter(|entry| entry.position == at && row.position == at);
            let sound = whole.is_some_and(|entry| {
                row.body
                    .as_deref()
                    .and_then(|body| entry.cut(body))
                    .is_some_and(|parts| {
                        entry.parts.iter().zip(parts).all(|(part, bytes)| {
                            ring::digest::digest(&ring::digest::SHA256, bytes).as_ref() == part.hash
                        })
                    })
            });
            if !sound && problems.len() < LISTED {
                problems.push(Problem {
                    position: at,
                    what: "the event is not what was written".into(),
                });
            }
        }
        at = last;
    }
    Ok(problems)
}

//! Verification: every byte of the log is accounted for, or the position where it is not is named.

mod beside;
mod compare;
mod edge;

use super::LedgerError;
use super::entry::{Entry, PUBLIC};
use super::erased::Erased;
use super::error::{Problem, database};
use super::heads::Head;
use super::rows::{self, Stored};
use super::sqlite;
use super::succession::Succession;
use super::tiles::{Tile, Tiles};
use crate::database::{Connection, query};
use crate::keyring::KeyId;
use beside::{compare_beside, compare_origin};
use compare::{compare_head, compare_streams, compare_tile};
pub(crate) use edge::verify_edge;
use events::ids::StreamId;
use events::{Kind, Millis, Position};
use events_proof::tree::Hash;
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

/// The kind of the event that hands the log over.
const SEALED: Kind = Kind(402);

/// The keys that exist, by their ids.
pub(crate) type Keys<'a> = &'a (dyn Fn(&KeyId) -> bool + Sync);

struct Check<'a> {
    keys: Keys<'a>,
    erased: Erased,
    /// The position of the last row: one too many or too few must not be told of every row behind it.
    at: Position,
    tiles: Tiles,
    streams: HashMap<StreamId, Head>,
    problems: Vec<Problem>,
    roots: HashMap<u64, Hash>,
    /// The time of the last entry, and whether it is rounded.
    last: Option<(Millis, bool)>,
    /// Where handovers of the log are noted beside it; not known when the notes cannot be read.
    handed: Option<Vec<Position>>,
}

impl<'a> Check<'a> {
    fn new(keys: Keys<'a>, erased: Erased) -> Self {
        Self {
            keys,
            erased,
            at: 0,
            tiles: Tiles::default(),
            streams: HashMap::new(),
            problems: Vec::new(),
            roots: HashMap::new(),
            last: None,
            handed: None,
        }
    }

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

    fn report(self) -> Report {
        Report {
            size: self.size(),
            root: self.tiles.frontier().root(),
            problems: self.problems,
        }
    }

    /// Takes one row in order and gives the tiles it completes.
    fn row(&mut self, row: &Stored) -> Vec<Tile> {
        let expected = self.at + 1;
        self.at = row.position;
        if row.position != expected {
            self.note(
                expected,
                format!("missing; the next event is at position {}", row.position),
            );
        }
        let bytes = row.entry.as_deref().unwrap_or_default();
        match Entry::decode(bytes) {
            Ok(entry) => self.entry(row, &entry),
            Err(_) if row.is_dropped() && self.erased.has_header(row.position) => {}
            Err(_) if row.entry.is_none() => {
                self.note(row.position, "the entry is gone without an erasure")
            }
            Err(_) => self.note(row.position, "the entry cannot be read"),
        }
        let leaf = row.leaf();
        if row.sum != rows::sum(&leaf) {
            self.note(row.position, "the entry is not what was written");
        }
        let mut done = Vec::new();
        self.tiles.push(leaf, &mut done);
        done
    }

    fn entry(&mut self, row: &Stored, entry: &Entry) {
        if entry.position != row.position {
            self.note(
                row.position,
                format!("the entry says it is at position {}", entry.position),
            );
        }
        self.last = Some((entry.at, entry.coarse));
        if entry.kind == SEALED
            && let Some(handed) = &self.handed
            && !handed.contains(&row.position)
        {
            self.note(
                row.position,
                "the log was handed over here, but the note of it is gone: the machine that has this log would go on with it",
            );
        }
        let last = self.streams.get(&entry.stream).copied().unwrap_or_default();
        let follows = entry.version == last.version + 1 && row.before == last.position;
        let after_dropped = entry.version > last.version && self.erased.has_header(row.before);
        if !follows && !after_dropped {
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
        // The hashes in the entry were made from the ciphertexts, so its own hash tells whether those are what was written.
        let is_whole = |body| match entry.cut(body) {
            None if self.erased.has_ciphertext(row.position) => entry.cut_structure(body).is_some(),
            cut => cut.is_some(),
        };
        if !row.body.as_deref().is_some_and(is_whole) {
            self.note(
                row.position,
                "a part of the body is gone without an erasure",
            );
            return;
        }
        for (number, part) in entry.parts.iter().enumerate() {
            let is_known = part.key == PUBLIC || (self.keys)(&part.key);
            if !is_known && !self.erased.has_key(&part.key) {
                self.note(
                    row.position,
                    format!("the key of part {number} is gone without an erasure; restore the keys directory from its own backup"),
                );
            }
        }
    }
}

/// Verifies everything: rows, tree, tiles, head, saved stream heads, signed checkpoints, and what lies beside them.
pub(crate) async fn verify(
    db: &mut Connection,
    key: &str,
    keys: Keys<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    begin(db).await?;
    let mut check = Check::new(keys, erased(db).await);
    for broken in integrity(db).await {
        check.note(0, broken);
    }
    compare_origin(db, &mut check).await;
    let notes = checkpoints(db, key, u32::MAX, &mut check).await;
    let mut checked = chain(db, check, progress, &notes).await;
    compare_handovers(&mut checked, &notes);
    compare_beside(db, &mut checked).await;
    end(db).await;
    Ok(checked.report())
}

/// Verifies the rows, the tree, the tiles, the head, the saved stream heads and the newest signed checkpoint.
pub(crate) async fn verify_chain(
    db: &mut Connection,
    key: &str,
    keys: Keys<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    begin(db).await?;
    let mut check = Check::new(keys, erased(db).await);
    let notes = checkpoints(db, key, 1, &mut check).await;
    let checked = chain(db, check, progress, &notes).await;
    end(db).await;
    Ok(checked.report())
}

/// Whoever hands the log over signs it up to there, once and for all.
fn compare_handovers(check: &mut Check<'_>, notes: &HashMap<u64, Hash>) {
    let size = check.size();
    let handed = check.handed.take().unwrap_or_default();
    for position in handed.iter().filter(|position| **position < size) {
        if !notes.contains_key(position) {
            check.note(
                *position,
                "the log was handed over here, but the key of before has not signed it up to here",
            );
        }
    }
}

/// What may be missing. When that cannot be read, nothing may, and whatever is missing is told.
pub(super) async fn erased(db: &mut Connection) -> Erased {
    Erased::load(db).await.unwrap_or_default()
}

/// All reads of one verification see the same moment of a log that goes on growing.
async fn begin(db: &mut Connection) -> Result<(), LedgerError> {
    db.begin_reading().await.map_err(database("read"))
}

async fn end(db: &mut Connection) {
    // Ending a reading transaction can fail only when the connection is gone, and then it has ended.
    let _ = db.run("ROLLBACK").await;
}

async fn chain<'a>(
    db: &mut Connection,
    mut check: Check<'a>,
    progress: &(dyn Fn(u64, u64) + Sync),
    wanted: &HashMap<u64, Hash>,
) -> Check<'a> {
    let head = match rows::head(db).await {
        Ok(head) => head,
        Err(error) => Some(Err(Problem {
            position: 0,
            what: format!("the head row cannot be read: {error}"),
        })),
    };
    let sound = head.as_ref().and_then(|head| head.as_ref().ok());
    let size = sound.map_or(0, |head| head.frontier.size());
    let streams_at = sound.map_or(0, |head| head.streams_at);
    let mut at = 0;
    let mut page = PAGE;
    loop {
        let found = match rows::after(db, at, page).await {
            Ok(found) => found,
            // Row by row from here on, to name the one that is broken.
            Err(_) if page > 1 => {
                page = 1;
                continue;
            }
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
    compare_streams(db, &mut check, streams_at).await;
    for (size, root) in wanted {
        match check.roots.get(size) {
            Some(found) if found == root => {}
            Some(_) => check.note(*size, "the signed checkpoint of this size has another root"),
            None => {
                let found = check.size();
                check.note(
                    found + 1,
                    format!("missing: a signed checkpoint says that there were {size} events, the log ends at {found}"),
                );
            }
        }
    }
    check
}

/// The roots that the newest checkpoints sign, by size.
async fn checkpoints(
    db: &mut Connection,
    key: &str,
    newest: u32,
    check: &mut Check<'_>,
) -> HashMap<u64, Hash> {
    let mut notes = HashMap::new();
    let succession = match Succession::load(db, key).await {
        Ok(succession) => succession,
        Err(error) => {
            check.note(
                0,
                format!("the signing keys of before cannot be read: {error}"),
            );
            return notes;
        }
    };
    for problem in succession.problems(db).await {
        check.note(problem.position, problem.what);
    }
    check.handed = Some(succession.positions());
    let sql = "SELECT size, note FROM kernel_checkpoint ORDER BY size DESC LIMIT ?";
    let rows = query(sql).bind(newest).fetch_all(db).await;
    let rows = rows.unwrap_or_else(|error| {
        check.note(0, format!("the checkpoints cannot be read: {error}"));
        Vec::new()
    });
    for row in rows {
        let size = rows::number(&row, 0).unwrap_or_default();
        let note = row.try_bytes(1).map(String::from_utf8_lossy);
        let note = note.unwrap_or_default();
        match events_proof::note::verify(&note, succession.key_at(size)) {
            Ok(checkpoint) if checkpoint.size == size => {
                notes.insert(size, checkpoint.root);
            }
            Ok(_) => check.note(size, "the signed checkpoint speaks of another size"),
            Err(error) => check.note(size, format!("the checkpoint cannot be believed: {error}")),
        }
    }
    notes
}

/// What the database itself finds wrong with its files. PostgreSQL looks at its pages' sums whenever it reads one.
async fn integrity(db: &mut Connection) -> Vec<String> {
    match db {
        Connection::Sqlite(db) => sqlite::integrity(db).await,
        Connection::Postgres(_) => Vec::new(),
    }
}

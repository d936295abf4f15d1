//! A log out of its segments, the opposite of `backup.rs`: the entries of one piece after the other are put into a new
//! database, and everything that follows from them is made anew: links within streams, tiles, heads, marks of erasures. Nothing is
//! trusted here; whoever restores verifies the result.

use super::block;
use super::commit::Commit;
use super::entry::Entry;
use super::erased;
use super::error::database;
use super::heads::{self, Head};
use super::kept;
use super::names::{Given, Naming};
use super::postgres;
use super::repack::{Left, pack_event};
use super::resume::tiles_at;
use super::rows::{self, HeadRow};
use super::segment::{Block, Head as Kept, Piece};
use super::signing::SigningKey;
use super::sqlite;
use super::sqlite::{bring_along, found};
use super::tiles::Tiles;
use super::{Beside, LedgerError};
use crate::database::{Connection, Server, query};
use crate::keyring::{Keyring, KeyringError};
use events::Position;
use events::ids::StreamId;
use events_proof::tree::{Frontier, Hash};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A log cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database.
    #[error("cannot write the restored log")]
    Ledger(#[from] LedgerError),
    /// An event is not what was written, or not where it belongs.
    #[error("position {position}: {what}")]
    Unfit {
        /// Where.
        position: Position,
        /// What is wrong.
        what: &'static str,
    },
    /// What was kept beside the log cannot be opened.
    #[error("it is damaged, or was sealed under another keyring")]
    Kept,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How many events.
    pub size: Position,
    /// The root over them.
    pub root: Hash,
}

/// A log that is being restored.
pub struct Restore {
    db: Connection,
    /// The file, when it is in one.
    path: Option<PathBuf>,
    tiles: Tiles,
    naming: Naming,
    streams: HashMap<StreamId, Head>,
    links: HashMap<Position, Position>,
    /// What was there when it was begun.
    there: Position,
}

impl Restore {
    /// Begins a log on a database server that has none.
    pub async fn begin_on(server: &Server) -> Result<Self, RestoreError> {
        // Nothing waits for the disk before the end: whatever is cut off is begun again.
        let mut db = postgres::connect(server, false).await?;
        postgres::refuse_used(&mut db).await?;
        postgres::bring_along(&mut db).await?;
        Self::begin_with(db, None).await
    }

    /// Begins a log in a directory that exists and has none.
    pub async fn begin(directory: &Path) -> Result<Self, RestoreError> {
        let path = directory.join("log.db");
        // Nothing waits for the disk before the end: whatever is cut off is begun again.
        let mut db = found(&path, false).await?;
        // The tables are those of every version; what older ones left goes, as at every start.
        bring_along(&mut db, &|_, _, _| {}).await?;
        Self::begin_with(db, Some(path)).await
    }

    async fn begin_with(mut db: Connection, path: Option<PathBuf>) -> Result<Self, RestoreError> {
        let naming = Naming::load(&mut db).await.map_err(database("read"))?;
        Ok(Self {
            db,
            path,
            tiles: Tiles::default(),
            naming,
            streams: HashMap::new(),
            links: HashMap::new(),
            there: 0,
        })
    }

    /// Goes on with a log that was restored from an earlier copy and not changed since. Events that are there already are passed over.
    pub async fn go_on(directory: &Path) -> Result<Self, RestoreError> {
        let path = directory.join("log.db");
        let mut db = found(&path, false).await?;
        let naming = Naming::load(&mut db).await.map_err(database("read"))?;
        let head = rows::head(&mut db).await.map_err(database("read"))?;
        let frontier = match head {
            Some(Ok(head)) => head.frontier,
            Some(Err(problem)) => return Err(LedgerError::Tampered(vec![problem]).into()),
            None => Frontier::default(),
        };
        let tiles = tiles_at(&mut db, &frontier)
            .await
            .map_err(database("read"))?;
        let streams = heads::saved(&mut db).await.map_err(database("read"))?;
        Ok(Self {
            db,
            path: Some(path),
            there: frontier.size(),
            tiles,
            naming,
            streams,
            links: HashMap::new(),
        })
    }

    /// How many events there are so far.
    #[must_use]
    pub fn size(&self) -> Position {
        self.tiles.frontier().size()
    }

    /// Puts in what belongs to the entries of the next piece.
    pub async fn add_beside(&mut self, beside: Beside) -> Result<(), RestoreError> {
        self.links.extend(beside.links);
        let db = &mut self.db;
        db.begin().await.map_err(database("write"))?;
        let written = put_checkpoints(db, &beside.checkpoints).await;
        Ok(db.end(written).await.map_err(database("write"))?)
    }

    /// Puts in the next events, in order.
    pub async fn add(&mut self, block: &Block) -> Result<(), RestoreError> {
        let (mut blocks, mut done, mut erasures) = (Vec::new(), Vec::new(), Vec::new());
        let upon = self.size();
        for piece in block.iter() {
            if piece.position <= self.there {
                continue;
            }
            if piece.position != self.size() + 1 {
                return Err(unfit(piece.position, "it is not the next event"));
            }
            let (before, is_erasure) = self.place(&piece)?;
            if is_erasure {
                erasures.push(piece.position);
            }
            let left = match piece.head {
                Kept::Entry(entry) => Left::Entry {
                    entry,
                    body: piece.body.unwrap_or_default(),
                },
                Kept::Erased(leaf) => Left::Leaf(leaf),
                Kept::Short(_) => return Err(unfit(piece.position, "it was not checked")),
            };
            let place = (piece.position, before);
            let leaf = pack_event(place, left, &mut blocks, &mut self.naming);
            let what = "the ciphertexts are not those that the entry names";
            self.tiles
                .push(leaf.ok_or(unfit(piece.position, what))?, &mut done);
        }
        let commit = Commit {
            upon,
            blocks: blocks.into_iter().map(block::Block::finish).collect(),
            names: self.naming.take(),
            tiles: done,
            erasures,
            ..commit(self.head(0))
        };
        if let Connection::Postgres(_) = &self.db {
            let room = postgres::make_room(&mut self.db, self.tiles.frontier().size()).await;
            room.map_err(database("write"))?;
        }
        Ok(commit
            .write(&mut self.db)
            .await
            .map_err(database("write"))?)
    }

    fn head(&self, at: u64) -> HeadRow {
        let frontier = self.tiles.frontier().clone();
        HeadRow {
            at,
            root: frontier.root(),
            streams_at: frontier.size(),
            frontier,
        }
    }

    /// Where the previous event of the same stream is, and whether this one says an erasure.
    fn place(&mut self, piece: &Piece<'_>) -> Result<(Position, bool), RestoreError> {
        let position = piece.position;
        let told = self.links.remove(&position);
        let Kept::Entry(bytes) = piece.head else {
            let what = "nothing tells where the dropped entry's stream goes on";
            return Ok((told.ok_or(unfit(position, what))?, false));
        };
        let entry = Entry::decode(bytes).ok();
        let entry = entry.filter(|entry| entry.position == position);
        let entry = entry.ok_or(unfit(position, "the entry cannot be read"))?;
        let version = entry.version;
        let head = Head { position, version };
        let last = self.streams.insert(entry.stream, head).unwrap_or_default();
        let said = piece.body.and_then(|body| erased::read(&entry, body));
        Ok((told.unwrap_or(last.position), said.is_some()))
    }

    /// Puts in what was kept beside the log, and ends it; it is on the disk when this returns.
    pub async fn finish(
        mut self,
        at: u64,
        kept: &[u8],
        keyring: &Keyring,
    ) -> Result<Whole, RestoreError> {
        let kept = kept::unseal(kept, keyring).ok_or(RestoreError::Kept)?;
        let streams: Vec<_> = self.streams.drain().collect();
        let head = self.head(at);
        let whole = Whole {
            size: head.frontier.size(),
            root: head.root,
        };
        end(self.db, &streams, head, kept)
            .await
            .map_err(database("write"))?;
        if let Some(path) = self.path {
            let synced = std::fs::File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(|source| LedgerError::Io {
                doing: "sync",
                path,
                source,
            })?;
        }
        Ok(whole)
    }
}

/// A commit that only moves the head.
fn commit(head: HeadRow) -> Commit {
    Commit {
        upon: head.frontier.size(),
        is_begun: false,
        first: None,
        blocks: Vec::new(),
        names: Given::default(),
        tiles: Vec::new(),
        once: Vec::new(),
        erasures: Vec::new(),
        at: head.at,
        head: Some(head),
    }
}

async fn put_checkpoints(
    db: &mut Connection,
    checkpoints: &[(Position, String)],
) -> sqlx::Result<()> {
    let sql = "INSERT INTO kernel_checkpoint (size, note) VALUES (?, ?) ON CONFLICT DO NOTHING";
    for (size, note) in checkpoints {
        let put = query(sql).bind(*size).bind(note.as_str());
        put.execute(&mut *db).await?;
    }
    Ok(())
}

async fn end(
    mut db: Connection,
    streams: &[(StreamId, Head)],
    head: HeadRow,
    kept: Vec<u8>,
) -> sqlx::Result<()> {
    kept::put(&mut db, kept).await?;
    db.begin().await?;
    let saved = rows::save_streams(&mut db, streams).await;
    db.end(saved).await?;
    commit(head).write(&mut db).await?;
    match &mut db {
        Connection::Sqlite(db) => drop(sqlite::fold_back(db).await?),
        // One commit that waits for the disk takes all those before it along.
        Connection::Postgres(_) => {
            db.run("SET synchronous_commit = on").await?;
            db.begin().await?;
            let marked = query("UPDATE kernel_head SET id = id")
                .execute(&mut db)
                .await;
            db.end(marked).await?;
        }
    }
    db.close().await
}

fn unfit(position: Position, what: &'static str) -> RestoreError {
    RestoreError::Unfit { position, what }
}

/// The key with which the checkpoints of a log are verified, from the keys in a directory.
pub fn verifier_key(keys: &Path, origin: &str) -> Result<String, KeyringError> {
    let path = keys.join("signing.key");
    std::fs::metadata(&path).map_err(|source| KeyringError::Io {
        doing: "read",
        path: path.clone(),
        source,
    })?;
    Ok(SigningKey::open(&path, origin.to_owned())?.verifier_key())
}

//! Opening a log: take the directory, bring the tables up to date, verify, and only then let the writer run.

use super::error::database;
use super::heads::{Head, Heads};
use super::lost::{refuse_lost_events, refuse_lost_log};
use super::names::Naming;
use super::once::Round;
use super::repack::{is_older, repack};
use super::rows::{self, HeadRow};
use super::signing::SigningKey;
use super::succession::Standing;
use super::tiles::{Tiles, WIDTH};
use super::verify::{self, Report};
use super::writer::{BUSY, Writer};
use super::{Ledger, LedgerError, Shared};
use crate::clock::Clock;
use crate::keyring::{KeyId, Keyring, key_ids};
use events::access::Access;
use events_proof::tree::{Frontier, Hash, fold_right};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqliteConnection, SqlitePool};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{mpsc, watch};

/// Requests that may wait for the writer; more wait before they are sent.
const WAITING: usize = 8192;
/// Logs up to this size are verified whole at every start; it takes a second or two.
const VERIFIED_AT_START: u64 = 300_000;

/// How a log is opened.
pub struct Opening<'a> {
    /// The data directory.
    pub directory: &'a Path,
    /// What dates events.
    pub clock: Clock,
    /// Told how far long work has come: what is done, of how much.
    pub progress: &'a (dyn Fn(&str, u64, u64) + Sync),
    /// Whether every commit waits for the disk. Off only to measure what waiting costs.
    pub durable: bool,
}

impl Opening<'_> {
    /// Opens the log, or founds it.
    pub async fn open(self) -> Result<Ledger, LedgerError> {
        self.open_if(false).await
    }

    /// The same, but takes no appends when the log was given to another machine, or is on its way here: to look at it, and to
    /// hand it on.
    pub async fn open_still(self) -> Result<Ledger, LedgerError> {
        self.open_if(true).await
    }

    async fn open_if(self, may_be_still: bool) -> Result<Ledger, LedgerError> {
        let directory = self.directory.to_owned();
        create(&directory)?;
        let lock = lock(&directory)?;
        refuse_lost_log(&directory)?;
        let path = directory.join("log.db");
        found_private(&path).map_err(|source| LedgerError::Io {
            doing: "create",
            path: path.clone(),
            source,
        })?;
        let mut db = connect(&path, self.durable).await?;
        refuse_lost_events(&directory, &mut db).await?;
        let standing = Standing::of(&directory, &mut db).await?;
        let is_still = standing != Standing::Ours;
        if let Some(refusal) = standing.refusal(&directory)
            && !(may_be_still && directory.join("keys").join("signing.key").exists())
        {
            return Err(refusal);
        }
        let keyring = Arc::new(Keyring::open(&directory.join("keys"))?);
        sqlx::migrate!("../../migrations/sqlite")
            .run(&mut db)
            .await?;
        repack(&mut db, self.progress).await?;
        let signing = Arc::new(open_signing(&directory, &mut db).await?);
        let pool = reading_pool(&path).await?;
        let size = size_of(&mut db).await.map_err(database("read"))?;
        let keys = |id: &KeyId| {
            keyring.by_id(id).is_some() || keyring.destroyed(id).is_some_and(|by| by > size)
        };
        let head = trusted_head(&mut db, &self, &signing.verifier_key(), &keys).await?;
        let size = head.frontier.size();
        let heads = Arc::new(Heads::default());
        catch_up_heads(&mut db, &heads, &head)
            .await
            .map_err(database("read"))?;
        let tiles = tiles_at(&mut db, &head.frontier)
            .await
            .map_err(database("read"))?;
        let naming = Naming::load(&mut db).await.map_err(database("read"))?;
        let shared = Arc::new(Shared::new(Access::default(), size));
        shared.seal(is_still);
        let (requests, received) = mpsc::channel(WAITING);
        let writer = Writer {
            db: Some(db),
            lookup: connect_to_read(&path).await?,
            durable: head.frontier.clone(),
            tiles,
            naming,
            at: head.at,
            streams_at: head.streams_at,
            checkpointed: 0,
            once: Round::default(),
            heads: Arc::clone(&heads),
            clock: self.clock.clone(),
            signing: Arc::clone(&signing),
            shared: Arc::clone(&shared),
            wal: path.with_extension("db-wal"),
        };
        let (alive, ended) = watch::channel(());
        let ledger = Ledger {
            requests,
            pool,
            heads,
            keyring,
            signing,
            nodes: Arc::default(),
            shared,
            clock: self.clock,
            directory: Arc::new(directory),
            ended,
            _lock: Arc::new(lock),
        };
        ledger.fold_access(self.progress).await?;
        tokio::spawn(async move {
            writer.run(received).await;
            drop(alive);
        });
        Ok(ledger)
    }
}

impl Ledger {
    pub(crate) async fn fold_access(
        &self,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<(), LedgerError> {
        let mut access = Access::default();
        let size = self.size();
        self.fold_all(0, size, |event| {
            access.apply(event);
            if event.position.is_multiple_of(10_000) {
                progress("access", event.position, size);
            }
        })
        .await?;
        self.put_access(access).await
    }

    /// Puts a picture of access in place of the one that is held. What was appended meanwhile is folded first: nobody may see
    /// access go back.
    async fn put_access(&self, mut access: Access) -> Result<(), LedgerError> {
        loop {
            let behind = {
                let mut held = self
                    .shared
                    .access
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                let behind = access.position() < held.position();
                if !behind {
                    *held = std::mem::take(&mut access);
                }
                behind
            };
            if !behind {
                return Ok(());
            }
            let from = access.position();
            self.fold_all(from, self.size(), |event| access.apply(event))
                .await?;
        }
    }

    /// Verifies the whole log beside a running writer.
    pub async fn verify(
        &self,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Report, LedgerError> {
        self.verify_copy(&self.directory, progress).await
    }

    /// Verifies a copy of this log in another directory, such as one that was restored to see whether it can be, with the keys
    /// that are here.
    pub async fn verify_copy(
        &self,
        directory: &Path,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Report, LedgerError> {
        let mut db = connect_to_read(&directory.join("log.db")).await?;
        let size = self.size();
        let keys = |id: &KeyId| {
            let is_here = self.keyring.by_id(id).is_some();
            is_here || self.keyring.destroyed(id).is_some_and(|by| by > size)
        };
        verify::verify(&mut db, &self.verifier_key(), &keys, progress).await
    }

    /// Whether this log is too large to have been verified whole at start, so that somebody must do it meanwhile.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.size() > VERIFIED_AT_START
    }

    /// Stops the log: appends are refused from now on.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

/// Verifies a log without opening it for writing: for auditors, beside a running server.
pub async fn verify_directory(
    directory: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    refuse_lost_log(directory)?;
    let mut db = connect_to_read(&directory.join("log.db")).await?;
    refuse_lost_events(directory, &mut db).await?;
    // Whoever has moved may have destroyed the keys.
    if let Some(refusal) = Standing::of(directory, &mut db).await?.refusal(directory)
        && !directory.join("keys").join("signing.key").exists()
    {
        return Err(refusal);
    }
    let key = signing_of(directory, &mut db).await?.verifier_key();
    let keys = directory.join("keys");
    // The log as it is after the keys were read may refer to newer ones; then they are read again.
    let size = size_of(&mut db).await.map_err(database("read"))?;
    let held = RwLock::new(key_ids(&keys, size)?);
    let exists = |id: &KeyId| {
        let holds = |held: &RwLock<HashSet<KeyId>>| {
            held.read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(id)
        };
        if !holds(&held)
            && let Ok(now) = key_ids(&keys, size)
        {
            *held.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        holds(&held)
    };
    verify::verify(&mut db, &key, &exists, progress).await
}

/// The signing key of a log that is only read. Opening would found what is missing; whoever verifies must not write.
pub(super) async fn signing_of(
    directory: &Path,
    db: &mut SqliteConnection,
) -> Result<SigningKey, LedgerError> {
    // Verification names a log that has lost its name.
    let origin = origin(db).await.ok().flatten().unwrap_or_default();
    let keys = directory.join("keys");
    for name in ["signing.key", "master.key", "keyring"] {
        must_exist(&keys.join(name))?;
    }
    Ok(SigningKey::open(&keys.join("signing.key"), origin)?)
}

/// How many events the head row speaks of.
async fn size_of(db: &mut SqliteConnection) -> sqlx::Result<u64> {
    let head = rows::head(db).await?.and_then(Result::ok);
    Ok(head.map_or(0, |head| head.frontier.size()))
}

pub(super) fn must_exist(path: &Path) -> Result<(), LedgerError> {
    path.metadata()
        .map(|_| ())
        .map_err(|source| LedgerError::Io {
            doing: "find",
            path: path.to_owned(),
            source,
        })
}

fn create(directory: &Path) -> Result<(), LedgerError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| LedgerError::Io {
            doing: "create",
            path: directory.to_owned(),
            source,
        })
}

/// Founds a database file that only its owner may read, whoever made the directory; SQLite gives the files beside it the
/// same mode.
pub(crate) fn found_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// One process at a time; the lock goes with the process, however it ends.
fn lock(directory: &Path) -> Result<File, LedgerError> {
    let path = directory.join("lock");
    let io = |source| LedgerError::Io {
        doing: "lock",
        path: path.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LedgerError::Locked {
            path: directory.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

pub(super) async fn connect(path: &Path, durable: bool) -> Result<SqliteConnection, LedgerError> {
    let synchronous = if durable {
        SqliteSynchronous::Full
    } else {
        SqliteSynchronous::Off
    };
    options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("secure_delete", "ON")
        .connect()
        .await
        .map_err(database("open"))
}

pub(super) async fn connect_to_read(path: &Path) -> Result<SqliteConnection, LedgerError> {
    must_exist(path)?;
    let mut db = options(path)
        .pragma("query_only", "ON")
        .connect()
        .await
        .map_err(database("open"))?;
    // What cannot be read is told by whoever reads on.
    if is_older(&mut db).await.unwrap_or(false) {
        let path = path.to_owned();
        return Err(LedgerError::Older { path });
    }
    Ok(db)
}

async fn reading_pool(path: &Path) -> Result<SqlitePool, LedgerError> {
    SqlitePoolOptions::new()
        .max_connections(6)
        .connect_with(options(path).pragma("query_only", "ON"))
        .await
        .map_err(database("open"))
}

async fn origin(db: &mut SqliteConnection) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM kernel_meta WHERE name = 'origin'")
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(String::from_utf8_lossy(row.try_get::<&[u8], _>(0)?).into_owned()))
        .transpose()
}

async fn open_signing(
    directory: &Path,
    db: &mut SqliteConnection,
) -> Result<SigningKey, LedgerError> {
    let named = origin(&mut *db).await.map_err(database("read"))?;
    let origin = match named {
        Some(origin) => origin,
        None => {
            let origin = format!("schulhof/{}", uuid::Uuid::new_v4());
            sqlx::query("INSERT INTO kernel_meta (name, value) VALUES ('origin', ?)")
                .bind(origin.as_bytes())
                .execute(db)
                .await
                .map_err(database("write"))?;
            origin
        }
    };
    Ok(SigningKey::open(
        &directory.join("keys").join("signing.key"),
        origin,
    )?)
}

/// The head, after the log was verified: whole when it is small, else its newest part from the last saved heads on.
async fn trusted_head(
    db: &mut SqliteConnection,
    opening: &Opening<'_>,
    key: &str,
    keys: verify::Keys<'_>,
) -> Result<HeadRow, LedgerError> {
    let found = rows::head(db).await.map_err(database("read"))?;
    let head = match found {
        None => {
            let empty = Frontier::default();
            HeadRow {
                at: 0,
                root: empty.root(),
                frontier: empty,
                streams_at: 0,
            }
        }
        Some(Ok(head)) => head,
        Some(Err(problem)) => return Err(LedgerError::Tampered(vec![problem])),
    };
    let progress = |done, of| (opening.progress)("verify", done, of);
    let problems = if head.frontier.size() <= VERIFIED_AT_START {
        verify::verify_chain(db, key, keys, &progress)
            .await?
            .problems
    } else {
        verify::verify_edge(db, &head, keys).await?
    };
    if problems.is_empty() {
        Ok(head)
    } else {
        Err(LedgerError::Tampered(problems))
    }
}

async fn catch_up_heads(
    db: &mut SqliteConnection,
    heads: &Heads,
    head: &HeadRow,
) -> sqlx::Result<()> {
    let mut at = head.streams_at;
    loop {
        let found = rows::after(db, at, 4096).await?;
        let Some(last) = found.last() else {
            return Ok(());
        };
        at = last.position;
        let mut moved = HashMap::new();
        for row in &found {
            if let Some(entry) = rows::entry(row) {
                moved.insert(
                    entry.stream,
                    Head {
                        position: row.position,
                        version: entry.version,
                    },
                );
            }
        }
        heads.put_all(moved);
    }
}

/// The unfinished tiles at the right edge: leaves from the newest events, upper levels from the complete tiles below.
pub(super) async fn tiles_at(
    db: &mut SqliteConnection,
    frontier: &Frontier,
) -> sqlx::Result<Tiles> {
    let mut partial = Vec::new();
    let mut count = frontier.size();
    let mut level = 0;
    while count > 0 {
        let open = count % WIDTH as u64;
        let first = count - open;
        let mut hashes: Vec<Hash> = Vec::with_capacity(WIDTH);
        if level == 0 {
            hashes.extend(rows::leaves(db, first, WIDTH as u32).await?);
        } else {
            for index in first..count {
                let below = rows::tile(db, level - 1, index).await?.unwrap_or_default();
                hashes.push(fold_tile(&below));
            }
        }
        partial.push(hashes);
        count /= WIDTH as u64;
        level += 1;
    }
    Ok(Tiles::new(frontier.clone(), partial))
}

fn fold_tile(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    hashes
        .iter()
        .for_each(|hash| frontier.push(*hash, |_, _, _| {}));
    if frontier.size() == 0 {
        fold_right(&[])
    } else {
        frontier.root()
    }
}

/// Where the data lies, for messages.
impl Ledger {
    /// The data directory.
    #[must_use]
    pub fn directory(&self) -> &PathBuf {
        &self.directory
    }
}

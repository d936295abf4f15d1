//! Opening a log: take the directory, bring the tables up to date, verify, and only then let the writer run.

use super::error::database;
use super::heads::Heads;
use super::lost::{refuse_lost_events, refuse_lost_log, refuse_without_keys};
use super::names::Naming;
use super::once::Round;
use super::reading::connect_to_read;
use super::resume::{catch_up_heads, tiles_at};
use super::rows::{self, HeadRow};
use super::signing::SigningKey;
use super::succession::Standing;
use super::verify::{self, Report};
use super::writer::Writer;
use super::{Ledger, LedgerError, Shared};
use super::{postgres, sqlite};
use crate::clock::Clock;
use crate::database::{Connection, Pool, Server, query};
use crate::keyring::{KeyId, Keyring};
use events::access::Access;
use events_proof::tree::Frontier;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
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
    /// Where the log is, when it is not in a file of the data directory.
    pub server: Option<Server>,
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
        let path = directory.join("log.db");
        let mut db = self.connect(&directory, &path).await?;
        let keys_at = self.server.as_ref().and_then(Server::keys).cloned();
        refuse_lost_events(&directory, &mut db, keys_at.as_ref()).await?;
        let standing = Standing::of(&directory, &mut db).await?;
        let is_still = standing != Standing::Ours;
        if let Some(refusal) = standing.refusal(&directory)
            && !(may_be_still && directory.join("keys").join("signing.key").exists())
        {
            return Err(refusal);
        }
        // Keys that are drawn anew beside a log in use open nothing of it, and sign as somebody else. A log of an older version,
        // whose head does not read yet, says so when it is verified.
        if !is_still && size_of(&mut db).await.is_ok_and(|size| size > 0) {
            refuse_without_keys(&directory, self.server.as_ref())?;
        }
        // The log's tables are there before the keys are looked for, whose database must not be the same.
        if self.server.is_some() {
            postgres::bring_along(&mut db).await?;
        }
        let keyring = Keyring::open_at(&directory.join("keys"), keys_at.as_ref())?;
        let keyring = Arc::new(keyring);
        if self.server.is_none() {
            sqlite::bring_along(&mut db, self.progress).await?;
        }
        let signing = Arc::new(open_signing(&directory, &mut db).await?);
        let size = size_of(&mut db).await.map_err(database("read"))?;
        let known = |id: &KeyId| {
            keyring.by_id(id).is_some() || keyring.destroyed(id).is_some_and(|by| by > size)
        };
        // Another machine may have minted it since the keyring was read here.
        let is_shared = self.server.is_some();
        let keys = |id: &KeyId| known(id) || (is_shared && keyring.refresh().is_ok() && known(id));
        let head = trusted_head(&mut db, &self, &signing.verifier_key(), &keys).await?;
        let size = head.frontier.size();
        let heads = Arc::new(Heads::default());
        catch_up_heads(&mut db, &heads, head.streams_at)
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
            keyring: Arc::clone(&keyring),
            wal: path.with_extension("db-wal"),
            server: self.server.clone(),
            is_durable: self.durable,
            turns: postgres::Turns::default(),
        };
        let (alive, ended) = watch::channel(());
        let ledger = Ledger {
            requests,
            pool: reading_pool(&path, self.server.as_ref()).await?,
            heads,
            keyring,
            signing,
            nodes: Arc::default(),
            shared,
            clock: self.clock,
            directory: Arc::new(directory),
            server: self.server.clone(),
            ended,
            _lock: Arc::new(lock),
        };
        ledger.fold_access(self.progress).await?;
        match self.server {
            None => {
                let lookup = sqlite::connect_to_read(&path).await?;
                tokio::spawn(async move {
                    writer.run(lookup, received).await;
                    drop(alive);
                });
            }
            Some(server) => {
                let (hear, heard) = watch::channel(0);
                tokio::spawn(postgres::listen(server.clone(), hear));
                tokio::spawn(async move {
                    writer.run_on_server(server, received, heard).await;
                    drop(alive);
                });
            }
        }
        Ok(ledger)
    }

    async fn connect(&self, directory: &Path, path: &Path) -> Result<Connection, LedgerError> {
        let Some(server) = &self.server else {
            refuse_lost_log(directory)?;
            return sqlite::found(path, self.durable).await;
        };
        let mut db = postgres::connect(server, self.durable).await?;
        let size = size_of(&mut db).await.unwrap_or_default();
        if size > 0 {
            refuse_without_keys(directory, Some(server))?;
        }
        Ok(db)
    }
}

impl Ledger {
    /// Verifies the whole log beside a running writer.
    pub async fn verify(
        &self,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Report, LedgerError> {
        let mut db = self.reading().await?;
        self.verify_with(&mut db, progress).await
    }

    /// A connection of one's own for reading, for as long as it takes.
    pub(super) async fn reading(&self) -> Result<Connection, LedgerError> {
        connect_to_read(&self.directory, self.server.as_ref()).await
    }

    /// Verifies a copy of this log in another directory, such as one that was restored to see whether it can be, with the keys
    /// that are here.
    pub async fn verify_copy(
        &self,
        directory: &Path,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Report, LedgerError> {
        let mut db = connect_to_read(directory, None).await?;
        self.verify_with(&mut db, progress).await
    }

    async fn verify_with(
        &self,
        db: &mut Connection,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Report, LedgerError> {
        let size = self.size();
        let keys = |id: &KeyId| {
            let is_here = self.keyring.by_id(id).is_some();
            is_here || self.keyring.destroyed(id).is_some_and(|by| by > size)
        };
        verify::verify(db, &self.verifier_key(), &keys, progress).await
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

async fn reading_pool(path: &Path, server: Option<&Server>) -> Result<Pool, LedgerError> {
    match server {
        Some(server) => server.reading_pool().await.map_err(database("open")),
        None => sqlite::reading_pool(path).await,
    }
}

/// How many events the head row speaks of.
pub(super) async fn size_of(db: &mut Connection) -> sqlx::Result<u64> {
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

/// Takes a data directory: one process at a time has it, until the file is dropped or the process ends, however it does.
pub fn lock(directory: &Path) -> Result<File, LedgerError> {
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

pub(super) async fn origin(db: &mut Connection) -> sqlx::Result<Option<String>> {
    let row = query("SELECT value FROM kernel_meta WHERE name = 'origin'")
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(String::from_utf8_lossy(row.try_get::<&[u8]>(0)?).into_owned()))
        .transpose()
}

async fn open_signing(directory: &Path, db: &mut Connection) -> Result<SigningKey, LedgerError> {
    let named = origin(&mut *db).await.map_err(database("read"))?;
    let origin = match named {
        Some(origin) => origin,
        None => {
            let origin = format!("schulhof/{}", uuid::Uuid::new_v4());
            query("INSERT INTO kernel_meta (name, value) VALUES ('origin', ?)")
                .bind(origin.as_bytes().to_vec())
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
    db: &mut Connection,
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

/// Where the data lies, for messages.
impl Ledger {
    /// The data directory.
    #[must_use]
    pub fn directory(&self) -> &PathBuf {
        &self.directory
    }
}

//! The keyring's bytes in a database of their own on a server. Whoever changes them says what they have seen, and is told when another
//! machine was first. The keyring is used from code that does not wait as tasks do, so the connection has a thread while it is used.

use super::KeyringError;
use crate::database::{Connection, Server, code, query};
use sqlx::migrate::Migrator;
use std::ops::AsyncFn;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/keyring");

/// How long the server may take to answer before whoever needs a key is told that it does not.
const PATIENCE: Duration = Duration::from_secs(10);
/// A school's keyring grows by a megabyte or two a year; anything far larger is none.
const LARGEST: u64 = 1 << 30;
/// Bytes in one row.
const PIECE: usize = 1 << 20;
/// How often it is read anew while others replace it.
const TRIES: u32 = 5;

/// What is there.
pub(super) struct There {
    /// How often it has been written anew.
    pub(super) epoch: u32,
    /// The keyring, sealed; empty when there is none yet.
    pub(super) bytes: Vec<u8>,
    /// Each epoch's master key, sealed under that of the epoch before, in order.
    pub(super) masters: Vec<(u32, Vec<u8>)>,
    /// Whether what was replaced may still lie in the write-ahead log.
    pub(super) is_unwritten: bool,
}

/// The way to the database.
pub(super) struct Link {
    server: Server,
    db: Option<Connection>,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

impl Link {
    /// Opens the way, and brings the tables up to date.
    pub(super) fn open(server: &Server) -> Result<Self, KeyringError> {
        let mut this = Self::to(server)?;
        let is_log = this.ask("read", async |db: &mut Connection| {
            let sql = "SELECT to_regclass('kernel_meta') IS NOT NULL";
            query(sql).fetch_one(db).await?.try_get::<bool>(0)
        })?;
        if is_log {
            return Err(KeyringError::WithLog);
        }
        this.ask("change", async |db: &mut Connection| {
            Ok(MIGRATIONS.run_direct(None, db.server()?, false).await)
        })??;
        Ok(this)
    }

    /// A way to tables that are there.
    pub(super) fn to(server: &Server) -> Result<Self, KeyringError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| KeyringError::Server {
            doing: "open the way to",
            source: source.into(),
        })?;
        Ok(Self {
            server: server.clone(),
            db: None,
            runtime: Some(runtime),
        })
    }

    /// Where it leads, without a password.
    pub(super) fn shown(&self) -> String {
        self.server.to_string()
    }

    /// Whether it is still of this epoch and this long.
    pub(super) fn is(&mut self, epoch: u32, length: u64) -> Result<bool, KeyringError> {
        self.ask("read", async |db: &mut Connection| {
            let (there, long, _) = head(db).await?;
            Ok((there, long) == (epoch, length))
        })
    }

    /// Everything, as it is at one moment.
    pub(super) fn look(&mut self) -> Result<There, KeyringError> {
        self.ask("read", async |db: &mut Connection| {
            for _ in 0..TRIES {
                db.begin_reading().await?;
                let read = read(db).await;
                if let Some(there) = db.end(read).await? {
                    return Ok(there);
                }
            }
            Err(sqlx::Error::Protocol(
                "the pieces of the keyring do not have its length".into(),
            ))
        })
    }

    /// Puts a whole keyring where there is none; false when there is another one.
    pub(super) fn found(&mut self, epoch: u32, bytes: &[u8]) -> Result<bool, KeyringError> {
        self.ask("write to", async |db: &mut Connection| {
            db.begin().await?;
            let founded = found(db, epoch, bytes).await;
            db.end(founded).await
        })
    }

    /// Adds bytes to a keyring of this epoch and length; false when it is another one.
    pub(super) fn append(
        &mut self,
        epoch: u32,
        at: u64,
        bytes: &[u8],
    ) -> Result<bool, KeyringError> {
        self.ask("write to", async |db: &mut Connection| {
            db.begin().await?;
            let added = append(db, epoch, at, bytes).await;
            db.end(added).await
        })
    }

    /// Puts another keyring in the place of one of this epoch and length, with its master key sealed under the one before; false when it
    /// is another one.
    pub(super) fn replace(
        &mut self,
        (epoch, length): (u32, u64),
        bytes: &[u8],
        master: &[u8],
    ) -> Result<bool, KeyringError> {
        self.ask("write to", async |db: &mut Connection| {
            db.begin().await?;
            let replaced = replace(db, (epoch, length), bytes, master).await;
            db.end(replaced).await
        })
    }

    /// Leaves nothing there, for whoever takes the keyring elsewhere.
    pub(super) fn empty(&mut self) -> Result<(), KeyringError> {
        self.ask("empty", async |db: &mut Connection| {
            db.begin().await?;
            let emptied = empty(db).await;
            db.end(emptied).await
        })?;
        self.clean()
    }

    /// Leaves nothing of what was replaced: its files went when it was; its write-ahead log goes now.
    pub(super) fn clean(&mut self) -> Result<(), KeyringError> {
        self.ask("clean up after", async |db: &mut Connection| {
            if let Some(step) = db.cut_write_ahead_log().await? {
                tracing::warn!(
                    step,
                    "the keys' role may not do this: what was replaced stays in the write-ahead log until that is reused, and opens under no key"
                );
            }
            let sql = "UPDATE kernel_keyring SET is_unwritten = false WHERE is_unwritten";
            query(sql).execute(db).await.map(|_| ())
        })
    }

    /// Has something done on the connection, which is made anew once when it was cut. Everything that is asked can be asked again.
    fn ask<T: Send>(
        &mut self,
        doing: &'static str,
        work: impl AsyncFn(&mut Connection) -> sqlx::Result<T> + Send + Sync,
    ) -> Result<T, KeyringError> {
        let Self {
            server,
            db,
            runtime,
        } = self;
        let Some(runtime) = runtime else {
            return Err(KeyringError::NoRandomness);
        };
        let was_open = db.is_some();
        let mut attempt = async || {
            let mut connection = match db.take() {
                Some(connection) => connection,
                None => server.connect(true).await?,
            };
            let done = work(&mut connection).await;
            if !done.as_ref().is_err_and(is_cut) {
                *db = Some(connection);
            }
            done
        };
        let asking = || {
            runtime.block_on(async {
                let done = async {
                    match attempt().await {
                        Err(error) if was_open && is_cut(&error) => attempt().await,
                        done => done,
                    }
                };
                tokio::time::timeout(PATIENCE, done).await
            })
        };
        let done = std::thread::scope(|scope| scope.spawn(asking).join());
        let done = match done {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(sqlx::Error::PoolTimedOut),
            Err(panic) => std::panic::resume_unwind(panic),
        };
        done.map_err(|source| KeyringError::Server { doing, source })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.db.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn is_cut(error: &sqlx::Error) -> bool {
    // The server says 57P01 and the like when it ends a connection.
    matches!(error, sqlx::Error::Io(_)) || code(error).is_some_and(|code| code.starts_with("57P"))
}

async fn head(db: &mut Connection) -> sqlx::Result<(u32, u64, bool)> {
    let sql = "SELECT epoch, length, is_unwritten FROM kernel_keyring WHERE id = 1";
    let row = query(sql).fetch_one(db).await?;
    let (epoch, length) = (row.try_get::<i64>(0)?, row.try_get::<i64>(1)?);
    let (epoch, length) = (u32::try_from(epoch), u64::try_from(length));
    match (epoch, length) {
        (Ok(epoch), Ok(length)) if length <= LARGEST => Ok((epoch, length, row.try_get(2)?)),
        _ => Err(sqlx::Error::Protocol("this is no keyring".into())),
    }
}

/// None when it was replaced meanwhile: a table that was emptied looks empty from moments before, too.
async fn read(db: &mut Connection) -> sqlx::Result<Option<There>> {
    let (epoch, length, is_unwritten) = head(db).await?;
    let sql = "SELECT bytes FROM kernel_keyring_piece ORDER BY start";
    let mut bytes = Vec::new();
    for row in query(sql).fetch_all(&mut *db).await? {
        bytes.extend_from_slice(row.try_get(0)?);
    }
    let sql = "SELECT epoch, sealed FROM kernel_keyring_master ORDER BY epoch";
    let rows = query(sql).fetch_all(db).await?;
    let masters = rows.iter().map(|row| {
        let epoch = u32::try_from(row.try_get::<i64>(0)?).unwrap_or_default();
        Ok((epoch, row.try_get::<Vec<u8>>(1)?))
    });
    let there = There {
        epoch,
        masters: masters.collect::<sqlx::Result<_>>()?,
        is_unwritten,
        bytes,
    };
    Ok((there.bytes.len() as u64 == length).then_some(there))
}

async fn found(db: &mut Connection, epoch: u32, bytes: &[u8]) -> sqlx::Result<bool> {
    let sql = "UPDATE kernel_keyring SET epoch = ?, length = ? WHERE id = 1 AND length = 0";
    let moved = query(sql).bind(epoch).bind(bytes.len() as u64);
    if moved.execute(&mut *db).await? == 1 {
        put(db, 0, bytes).await?;
        return Ok(true);
    }
    lies(db, 0, bytes).await
}

async fn append(db: &mut Connection, epoch: u32, at: u64, bytes: &[u8]) -> sqlx::Result<bool> {
    let sql = "UPDATE kernel_keyring SET length = ? WHERE id = 1 AND epoch = ? AND length = ?";
    let moved = query(sql)
        .bind(at + bytes.len() as u64)
        .bind(epoch)
        .bind(at);
    if moved.execute(&mut *db).await? == 1 {
        put(db, at, bytes).await?;
        return Ok(true);
    }
    lies(db, at, bytes).await
}

async fn replace(
    db: &mut Connection,
    (epoch, length): (u32, u64),
    bytes: &[u8],
    master: &[u8],
) -> sqlx::Result<bool> {
    let sql = "UPDATE kernel_keyring SET epoch = ?, length = ?, is_unwritten = true
        WHERE id = 1 AND epoch = ? AND length = ?";
    let moved = query(sql)
        .bind(epoch + 1)
        .bind(bytes.len() as u64)
        .bind(epoch)
        .bind(length);
    if moved.execute(&mut *db).await? == 0 {
        return lies(db, 0, bytes).await;
    }
    // Emptied as a whole, so that its files go, and no page keeps a row.
    db.run("TRUNCATE kernel_keyring_piece").await?;
    put(db, 0, bytes).await?;
    // Whoever was away for longer is given the master key by hand.
    db.run("DELETE FROM kernel_keyring_master WHERE drawn < now() - interval '90 days'")
        .await?;
    let sql = "INSERT INTO kernel_keyring_master (epoch, sealed) VALUES (?, ?)";
    let handed = query(sql).bind(epoch + 1).bind(master);
    handed.execute(db).await.map(|_| true)
}

async fn empty(db: &mut Connection) -> sqlx::Result<()> {
    let sql = "UPDATE kernel_keyring SET epoch = 0, length = 0, is_unwritten = true WHERE id = 1";
    query(sql).execute(&mut *db).await?;
    db.run("TRUNCATE kernel_keyring_piece, kernel_keyring_master")
        .await
}

async fn put(db: &mut Connection, at: u64, bytes: &[u8]) -> sqlx::Result<()> {
    let mut start = at;
    for piece in bytes.chunks(PIECE) {
        let sql = "INSERT INTO kernel_keyring_piece (start, bytes) VALUES (?, ?)";
        query(sql).bind(start).bind(piece).execute(&mut *db).await?;
        start += piece.len() as u64;
    }
    Ok(())
}

/// Whether these bytes begin there: then it was done before, by whoever did not hear of it. No two machines ever write the same.
async fn lies(db: &mut Connection, at: u64, bytes: &[u8]) -> sqlx::Result<bool> {
    let sql = "SELECT bytes FROM kernel_keyring_piece WHERE start = ?";
    let row = query(sql).bind(at).fetch_optional(db).await?;
    let there = row.map(|row| row.try_get::<Vec<u8>>(0)).transpose()?;
    Ok(there.is_some_and(|there| !there.is_empty() && bytes.starts_with(&there)))
}

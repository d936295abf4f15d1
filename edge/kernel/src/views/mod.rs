//! Views as tables: folded from the log into a database of their own, which may be deleted at any time and comes back.
//!
//! All views share one shape of table — key, scope, sort text, search text, row — so that folding, paging, searching and
//! filtering by scope are written once. A view's checkpoint is in the same transaction as its rows.

mod projector;
mod query;
mod rebuild;
mod table;

use crate::ledger::{Ledger, LedgerError, found_private};
use events::{Position, View};
use projector::Projector;
pub use query::{Found, Page, Query, Sorting};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use table::{AnyTable, Table};
use tokio::sync::{mpsc, oneshot, watch};

/// The views cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The database failed.
    #[error(
        "cannot {doing} the views' database; when the disk is full, make room and try again; should the file be damaged, delete views.db: it is folded again from the log"
    )]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: sqlx::Error,
    },
    /// The log could not be read.
    #[error("cannot read the log to fold it")]
    Ledger(#[from] LedgerError),
    /// A stored row is not of its view's shape.
    #[error("a row of the view {view} cannot be read; delete views.db and start again")]
    Row {
        /// The view.
        view: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// The views know of events that the log no longer has.
    #[error(
        "the views were folded from a log of {views} events, but log.db has only {log}: its newest events are missing. \
         If log.db was restored from a backup on purpose, delete views.db and start again; otherwise restore the whole log"
    )]
    AheadOfLog {
        /// Events that the views have seen.
        views: Position,
        /// Events in the log.
        log: Position,
    },
    /// The projection has not come so far yet.
    #[error("the view has not caught up yet")]
    NotYet,
}

fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> ViewError {
    move |source| ViewError::Database { doing, source }
}

/// How long a query waits for what it asks to see at least.
const PATIENCE: Duration = Duration::from_secs(2);

/// The views that the edge keeps; cheap to clone.
#[derive(Clone)]
pub struct Views {
    pool: SqlitePool,
    position: watch::Receiver<Position>,
    rebuilding: mpsc::Sender<Rebuilding>,
}

/// Where the answer to a wish for new views goes.
type Rebuilding = oneshot::Sender<Result<(), ViewError>>;

/// The views to keep, named before the projector starts.
#[derive(Default)]
pub struct Registry(Vec<Arc<dyn AnyTable>>);

impl Registry {
    /// Keeps a view.
    #[must_use]
    pub fn with<V: View>(mut self) -> Self {
        self.0.push(Arc::new(Table::<V>::default()));
        self
    }
}

impl Views {
    /// Opens the views, folds what is missing, and goes on folding. Told how far it has come: done, of how much.
    pub async fn open(
        directory: &Path,
        ledger: Ledger,
        registry: Registry,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self, ViewError> {
        let path = directory.join("views.db");
        found_private(&path).map_err(|source| database("create")(sqlx::Error::Io(source)))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(256)
            .pragma("secure_delete", "ON");
        let writing = writing().connect_with(options.clone()).await;
        let mut projector =
            Projector::open(writing.map_err(database("open"))?, ledger, registry.0).await?;
        projector.catch_up(progress).await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(6)
            .connect_with(options.pragma("query_only", "ON"))
            .await;
        let (moved, position) = watch::channel(projector.position());
        let pool = pool.map_err(database("open"))?;
        let (rebuilding, asked) = mpsc::channel(1);
        tokio::spawn(projector.run(moved, asked));
        Ok(Self {
            pool,
            position,
            rebuilding,
        })
    }

    /// Up to where the views are folded.
    #[must_use]
    pub fn position(&self) -> Position {
        *self.position.borrow()
    }

    /// Waits until the views have come to a position, for a bounded time.
    pub async fn wait(&self, position: Position) -> Result<(), ViewError> {
        self.wait_for(position, PATIENCE).await
    }

    /// The same with a patience of the caller's own.
    pub async fn wait_for(&self, position: Position, patience: Duration) -> Result<(), ViewError> {
        let mut moving = self.position.clone();
        let waited = tokio::time::timeout(patience, moving.wait_for(|at| *at >= position)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(ViewError::NotYet),
        }
    }

    /// Folds every view anew and leaves nothing of the old rows in the file, as an erasure asks. Readers see the old picture
    /// until the new one takes its place.
    pub async fn rebuild(&self) -> Result<(), ViewError> {
        let (answer, answered) = oneshot::channel();
        let asked = self.rebuilding.send(answer).await;
        asked.map_err(|_| ViewError::NotYet)?;
        answered.await.map_err(|_| ViewError::NotYet)?
    }

    /// Has every view folded anew whenever something moves, such as the keys that another machine has destroyed; for as long as it
    /// can move. It keeps neither the views nor the log open.
    pub(crate) fn rebuild_when(
        &self,
        mut moves: watch::Receiver<u64>,
        before: impl Fn() + Send + 'static,
    ) {
        let rebuilding = self.rebuilding.downgrade();
        tokio::spawn(async move {
            while moves.changed().await.is_ok() {
                before();
                let Some(rebuilding) = rebuilding.upgrade() else {
                    return;
                };
                let (answer, answered) = oneshot::channel();
                let asked = rebuilding.send(answer).await;
                drop(rebuilding);
                match (asked, answered.await) {
                    (Ok(()), Ok(Ok(()))) => {}
                    (Ok(()), Ok(Err(error))) => tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "views still hold what was forgotten, until the next start"
                    ),
                    _ => return,
                }
            }
        });
    }

    /// Closes the connections of readers.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The one connection that writes. When the disk fails, SQLite takes a transaction back by itself, and sqlx counts on: what is begun and
/// committed on the connection later may be neither, and nobody else sees it.
fn writing() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(1)
        .after_release(|db, _| {
            Box::pin(async move {
                db.ping().await?;
                Ok(!db.is_in_transaction())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(db: &SqlitePool, sql: &'static str) {
        sqlx::raw_sql(sql).execute(db).await.expect(sql);
    }

    /// Adds a row; the transaction is taken back by being dropped when it fails.
    async fn add(db: &SqlitePool, sql: &'static str) -> sqlx::Result<()> {
        let mut transaction = db.begin().await?;
        sqlx::raw_sql(sql).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    #[tokio::test]
    async fn what_is_folded_after_a_full_disk_is_seen_by_those_who_read() {
        let folder = tempfile::tempdir().expect("a directory");
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("views.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let db = writing()
            .connect_with(options.clone())
            .await
            .expect("opens");
        run(
            &db,
            "CREATE TABLE one (id INTEGER PRIMARY KEY, data BLOB); PRAGMA max_page_count = 2",
        )
        .await;
        let full = add(&db, "INSERT INTO one (data) VALUES (zeroblob(100000))").await;
        full.expect_err("there is no room");
        run(&db, "PRAGMA max_page_count = 100000").await;
        add(&db, "INSERT INTO one (id) VALUES (7), (7)")
            .await
            .expect_err("is one too many");
        add(&db, "INSERT INTO one (id) VALUES (1)")
            .await
            .expect("there is room again");
        let reading = SqlitePool::connect_with(options).await.expect("opens");
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM one")
            .fetch_one(&reading)
            .await
            .expect("reads");
        assert_eq!(count, 1);
    }
}

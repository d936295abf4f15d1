//! What the writer does beside appending, at moments at which no batch is on its way: checkpoints, saving heads, folding the
//! write-ahead log back, emptying what was erased.

use super::empty::empty;
use super::error::AppendError;
use super::heads::UNSAVED;
use super::rows;
use super::writer::{BUSY, Request, Writer, from_sqlx};
use events::Position;
use events::privacy::{Depth, Span};
use sqlx::{Connection, Row, SqliteConnection};

/// Positions after which heads are saved even when few streams moved, so that a start has little to catch up.
const HEADS_SPAN: Position = 65_536;
/// The write-ahead log's size, in bytes, from which the writer itself stops to fold it back.
const WAL_LIMIT: u64 = 256 << 20;

impl Writer {
    /// Serves a request that is no append.
    pub(super) async fn serve_beside(&mut self, request: Request) {
        match request {
            Request::Checkpoint(answer) => {
                let _ = answer.send(self.checkpoint().await);
            }
            Request::Limit(more, answer) => {
                let _ = answer.send(self.limit(more).await);
            }
            Request::Empty(spans, depth, answer) => {
                let emptied = self.empty(&spans, depth).await;
                let _ = answer.send(emptied.map_err(from_sqlx));
            }
            Request::FoldBack(answer) => {
                let _ = answer.send(self.fold_back().await.map_err(from_sqlx));
            }
            Request::Append(_, answer) => {
                let _ = answer.send(Err(AppendError::Stopped));
            }
        }
    }

    async fn housekeep(&mut self) -> sqlx::Result<()> {
        let size = self.durable.size();
        if self.heads.len() >= UNSAVED || size - self.streams_at >= HEADS_SPAN {
            self.save_heads().await?;
        }
        let now = self.at.max(self.clock.now());
        let db = self.db.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        self.once.go_on(db, now, size).await?;
        let wal = std::fs::metadata(&self.wal)
            .map(|data| data.len())
            .unwrap_or_default();
        if wal > WAL_LIMIT {
            let _ = self.fold_back().await?;
        }
        Ok(())
    }

    /// Folds the write-ahead log back, unless somebody reads an old state of it: a verification may do so for minutes, and
    /// appends must not wait for it. Then the next housekeeping tries again. Gives whether it is folded back.
    async fn fold_back(&mut self) -> sqlx::Result<bool> {
        let db = self.db.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        sqlx::raw_sql("PRAGMA busy_timeout = 50")
            .execute(&mut *db)
            .await?;
        let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *db)
            .await
            .and_then(|row| row.try_get::<i64, _>(0));
        let patient = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
        sqlx::raw_sql(sqlx::AssertSqlSafe(patient))
            .execute(db)
            .await?;
        Ok(folded? == 0)
    }

    /// Empties what an erasure has named. The heads are saved first: a dropped header no longer tells where its stream ends.
    async fn empty(&mut self, spans: &[Span], depth: Depth) -> sqlx::Result<u64> {
        self.save_heads().await?;
        let db = self.db.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        begin(db).await?;
        let emptied = empty(db, spans, depth).await;
        end(db, emptied).await
    }

    async fn save_heads(&mut self) -> sqlx::Result<()> {
        let size = self.durable.size();
        let unsaved = self.heads.all();
        if unsaved.is_empty() {
            return Ok(());
        }
        let db = self.db.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        begin(db).await?;
        let saved = async {
            rows::save_streams(db, &unsaved).await?;
            sqlx::query("UPDATE kernel_head SET streams_at = ? WHERE id = 1")
                .bind(rows::signed(size))
                .execute(&mut *db)
                .await
        };
        let saved = saved.await.map(|_| ());
        end(db, saved).await?;
        self.streams_at = size;
        self.heads.saved(&unsaved);
        Ok(())
    }

    /// Signs the head if it moved since the last signature, and does what is due from time to time.
    async fn checkpoint(&mut self) -> Result<(), AppendError> {
        // A log that is not sure of itself signs nothing.
        if self.shared.is_stopped() {
            return Err(AppendError::Stopped);
        }
        self.housekeep().await.map_err(from_sqlx)?;
        let size = self.durable.size();
        if size == self.checkpointed {
            return Ok(());
        }
        let note = self.signing.checkpoint(size, self.durable.root());
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        sqlx::query("INSERT OR IGNORE INTO kernel_checkpoint (size, note) VALUES (?, ?)")
            .bind(rows::signed(size))
            .bind(note)
            .execute(db)
            .await
            .map_err(from_sqlx)?;
        self.checkpointed = size;
        Ok(())
    }

    async fn limit(&mut self, more: Option<u32>) -> Result<(), AppendError> {
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        let used: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&mut *db)
            .await
            .map_err(from_sqlx)?;
        let most = more.map_or(i64::from(u32::MAX) - 2, |more| used + i64::from(more));
        let sql = format!("PRAGMA max_page_count = {most}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(db)
            .await
            .map_err(from_sqlx)
            .map(|_| ())
    }

    pub(super) async fn close(mut self) -> Result<(), AppendError> {
        if !self.shared.is_stopped() {
            self.save_heads().await.map_err(from_sqlx)?;
            self.checkpoint().await?;
        }
        self.lookup.close().await.map_err(from_sqlx)?;
        match self.db {
            Some(db) => db.close().await.map_err(from_sqlx),
            None => Ok(()),
        }
    }
}

async fn begin(db: &mut SqliteConnection) -> sqlx::Result<()> {
    let begun = sqlx::query("BEGIN IMMEDIATE").execute(db).await;
    begun.map(|_| ())
}

/// Commits what went well and takes back what did not. Not with sqlx's transactions: when the disk fails, SQLite takes back by
/// itself, their own attempt is refused then, they count on, and nothing can be begun on the connection ever again.
async fn end<T>(db: &mut SqliteConnection, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
    let outcome = match outcome {
        Ok(done) => {
            let committed = sqlx::query("COMMIT").execute(&mut *db).await;
            committed.map(|_| done)
        }
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        // It is refused when nothing is begun any more, which is what it is for.
        let _ = sqlx::query("ROLLBACK").execute(db).await;
    }
    outcome
}

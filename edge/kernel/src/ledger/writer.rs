//! The one writer. While one commit is synced the next batch collects itself; every batch ends with the tree's root and
//! frontier in the same transaction, so that whatever was acknowledged is durable and proven.

use super::append::{Append, Appended};
use super::error::AppendError;
use super::heads::{Head, Heads, UNSAVED};
use super::once::Round;
use super::rows::{self, HeadRow, Stored};
use super::signing::SigningKey;
use super::stage::{Staging, stage};
use super::tiles::Tiles;
use super::{Published, Shared};
use crate::clock::Clock;
use events::ids::StreamId;
use events::privacy::{Depth, PrivacyEvent, Span};
use events::{AnyEvent, Position};
use sqlx::{Connection, Row, SqliteConnection};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Events in one commit; it bounds the memory of a batch and the time a single append waits.
const BATCH_EVENTS: usize = 8192;
/// Positions after which heads are saved even when few streams moved, so that a start has little to catch up.
const HEADS_SPAN: Position = 65_536;
/// The write-ahead log's size, in bytes, from which the writer itself stops to fold it back.
const WAL_LIMIT: u64 = 256 << 20;

/// How long a connection waits for another one's lock.
pub(crate) const BUSY: Duration = Duration::from_secs(10);

pub(crate) enum Request {
    Append(Append, oneshot::Sender<Result<Appended, AppendError>>),
    Checkpoint(oneshot::Sender<Result<(), AppendError>>),
    Limit(Option<u32>, oneshot::Sender<Result<(), AppendError>>),
    Empty(Vec<Span>, Depth, oneshot::Sender<Result<u64, AppendError>>),
    FoldBack(oneshot::Sender<Result<bool, AppendError>>),
}

pub(crate) struct Writer {
    pub(crate) db: SqliteConnection,
    pub(crate) tiles: Tiles,
    pub(crate) at: u64,
    pub(crate) streams_at: Position,
    pub(crate) checkpointed: Position,
    pub(crate) once: Round,
    pub(crate) heads: Arc<Heads>,
    pub(crate) clock: Clock,
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) wal: std::path::PathBuf,
}

/// What a batch adds, before it is durable.
pub(crate) struct Batch {
    pub(crate) tiles: Tiles,
    pub(crate) at: u64,
    pub(crate) rows: Vec<Stored>,
    pub(crate) done: Vec<super::tiles::Tile>,
    pub(crate) heads: HashMap<StreamId, Head>,
    pub(crate) published: Vec<events::Recorded>,
    pub(crate) once: Vec<(Vec<u8>, Appended)>,
}

type Answer = (
    oneshot::Sender<Result<Appended, AppendError>>,
    Result<Appended, AppendError>,
);

impl Writer {
    /// Serves requests until every sender is gone, then signs a last checkpoint and saves the heads.
    pub(crate) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(first) = requests.recv().await {
            let mut appends = Vec::new();
            let mut checkpoints = Vec::new();
            let mut events = 0;
            let mut next = Some(first);
            while let Some(request) = next {
                match request {
                    Request::Append(append, answer) => {
                        events += append.sealed.len();
                        appends.push((append, answer));
                    }
                    Request::Checkpoint(answer) => checkpoints.push(answer),
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
                }
                next = if events < BATCH_EVENTS {
                    requests.try_recv().ok()
                } else {
                    None
                };
            }
            if !appends.is_empty() {
                self.serve(appends).await;
            }
            for answer in checkpoints {
                let _ = answer.send(self.checkpoint().await);
            }
        }
        if let Err(error) = self.close().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot save the log's heads at the end"
            );
        }
    }

    async fn serve(
        &mut self,
        appends: Vec<(Append, oneshot::Sender<Result<Appended, AppendError>>)>,
    ) {
        if self.shared.is_stopped() {
            for (_, answer) in appends {
                let _ = answer.send(Err(AppendError::Stopped));
            }
            return;
        }
        let mut answers = Vec::with_capacity(appends.len());
        match self.commit(appends, &mut answers).await {
            Ok(batch) => self.publish(batch),
            Err(error) => {
                self.recover(&error).await;
                for (_, outcome) in &mut answers {
                    *outcome = Err(again(&error));
                }
            }
        }
        for (answer, outcome) in answers {
            let _ = answer.send(outcome);
        }
    }

    async fn commit(
        &mut self,
        appends: Vec<(Append, oneshot::Sender<Result<Appended, AppendError>>)>,
        answers: &mut Vec<Answer>,
    ) -> Result<Batch, AppendError> {
        let mut batch = Batch {
            tiles: self.tiles.clone(),
            at: self.at.max(self.clock.now()),
            rows: Vec::new(),
            done: Vec::new(),
            heads: HashMap::new(),
            published: Vec::new(),
            once: Vec::new(),
        };
        let mut failed = None;
        let begun = sqlx::query("BEGIN IMMEDIATE").execute(&mut self.db).await;
        if let Err(source) = begun {
            failed = Some(from_sqlx(source));
        }
        for (append, answer) in appends {
            let outcome = match &failed {
                Some(error) => Err(again(error)),
                None => {
                    let mut staging = Staging {
                        db: &mut self.db,
                        heads: &self.heads,
                        batch: &mut batch,
                    };
                    stage(&mut staging, append).await
                }
            };
            // What one request did wrong is its own; what the database did wrong ends the batch.
            if let Err(error @ (AppendError::DiskFull | AppendError::Database(_))) = &outcome {
                failed.get_or_insert_with(|| again(error));
            }
            answers.push((answer, outcome));
        }
        match failed {
            Some(error) => Err(error),
            None => self
                .write(&mut batch)
                .await
                .map_err(from_sqlx)
                .map(|()| batch),
        }
    }

    async fn write(&mut self, batch: &mut Batch) -> sqlx::Result<()> {
        rows::insert(&mut self.db, &batch.rows).await?;
        rows::insert_tiles(&mut self.db, &batch.done).await?;
        for (key, appended) in &batch.once {
            sqlx::query("INSERT INTO kernel_once (key, first, last, at) VALUES (?, ?, ?, ?)")
                .bind(key.as_slice())
                .bind(rows::signed(appended.first))
                .bind(rows::signed(appended.last))
                .bind(rows::signed(batch.at))
                .execute(&mut self.db)
                .await?;
        }
        let is_erasure = |event: &AnyEvent| {
            matches!(
                event,
                AnyEvent::Privacy(PrivacyEvent::ErasureExecuted { .. })
            )
        };
        for said in batch.published.iter().filter(|one| is_erasure(&one.event)) {
            rows::note_erasure(&mut self.db, said.position).await?;
        }
        if !batch.rows.is_empty() {
            let head = HeadRow {
                at: batch.at,
                root: batch.tiles.frontier().root(),
                frontier: batch.tiles.frontier().clone(),
                streams_at: self.streams_at,
            };
            rows::put_head(&mut self.db, &head).await?;
        }
        sqlx::query("COMMIT")
            .execute(&mut self.db)
            .await
            .map(|_| ())
    }

    fn publish(&mut self, batch: Batch) {
        self.tiles = batch.tiles;
        self.at = batch.at;
        self.heads.put_all(batch.heads);
        if !batch.published.is_empty() {
            self.shared.publish(Published::from(batch.published));
        }
    }

    /// After a failed commit: rolls back, and makes sure that the database stands where memory thinks it does.
    async fn recover(&mut self, error: &AppendError) {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a batch was not written"
        );
        let _ = sqlx::query("ROLLBACK").execute(&mut self.db).await;
        let size = match rows::head(&mut self.db).await {
            Ok(Some(Ok(head))) => head.frontier.size(),
            Ok(None) => 0,
            // Unreadable now; if the commit did take, the next insert meets its own position and fails again.
            Ok(Some(Err(_))) | Err(_) => return,
        };
        if size != self.tiles.frontier().size() {
            tracing::error!(
                "the database has events that were not acknowledged; the log stops rather than fork"
            );
            self.shared.stop();
        }
    }

    async fn housekeep(&mut self) -> sqlx::Result<()> {
        let size = self.tiles.frontier().size();
        if self.heads.len() >= UNSAVED || size - self.streams_at >= HEADS_SPAN {
            self.save_heads().await?;
        }
        let now = self.at.max(self.clock.now());
        self.once.go_on(&mut self.db, now).await?;
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
        sqlx::raw_sql("PRAGMA busy_timeout = 50")
            .execute(&mut self.db)
            .await?;
        let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut self.db)
            .await
            .and_then(|row| row.try_get::<i64, _>(0));
        let patient = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
        sqlx::raw_sql(sqlx::AssertSqlSafe(patient))
            .execute(&mut self.db)
            .await?;
        Ok(folded? == 0)
    }

    /// Empties what an erasure has named. The heads are saved first: a dropped header no longer tells where its stream ends.
    async fn empty(&mut self, spans: &[Span], depth: Depth) -> sqlx::Result<u64> {
        self.save_heads().await?;
        let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
        let emptied = rows::empty(&mut transaction, spans, depth).await?;
        transaction.commit().await?;
        Ok(emptied)
    }

    async fn save_heads(&mut self) -> sqlx::Result<()> {
        let size = self.tiles.frontier().size();
        let unsaved = self.heads.all();
        if unsaved.is_empty() {
            return Ok(());
        }
        let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
        rows::save_streams(&mut transaction, &unsaved).await?;
        sqlx::query("UPDATE kernel_head SET streams_at = ? WHERE id = 1")
            .bind(rows::signed(size))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
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
        let frontier = self.tiles.frontier();
        if frontier.size() == self.checkpointed {
            return Ok(());
        }
        let note = self.signing.checkpoint(frontier.size(), frontier.root());
        sqlx::query("INSERT OR IGNORE INTO kernel_checkpoint (size, note) VALUES (?, ?)")
            .bind(rows::signed(frontier.size()))
            .bind(note)
            .execute(&mut self.db)
            .await
            .map_err(from_sqlx)?;
        self.checkpointed = frontier.size();
        Ok(())
    }

    async fn limit(&mut self, more: Option<u32>) -> Result<(), AppendError> {
        let used: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&mut self.db)
            .await
            .map_err(from_sqlx)?;
        let most = more.map_or(i64::from(u32::MAX) - 2, |more| used + i64::from(more));
        let sql = format!("PRAGMA max_page_count = {most}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut self.db)
            .await
            .map_err(from_sqlx)
            .map(|_| ())
    }

    async fn close(mut self) -> Result<(), AppendError> {
        if !self.shared.is_stopped() {
            self.save_heads().await.map_err(from_sqlx)?;
            self.checkpoint().await?;
        }
        self.db.close().await.map_err(from_sqlx)
    }
}

/// SQLite's codes for "no room": FULL, and the I/O errors that a full disk gives while writing, growing or syncing a file.
const NO_ROOM: [&str; 6] = ["13", "778", "1034", "1546", "4874", "5386"];

pub(crate) fn from_sqlx(error: sqlx::Error) -> AppendError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code())
        .unwrap_or_default();
    if NO_ROOM.contains(&code.as_ref()) {
        AppendError::DiskFull
    } else {
        AppendError::Database(error)
    }
}

/// The same error for another request of the failed batch.
fn again(error: &AppendError) -> AppendError {
    match error {
        AppendError::DiskFull => AppendError::DiskFull,
        AppendError::Database(source) => {
            AppendError::Database(sqlx::Error::Protocol(source.to_string()))
        }
        _ => AppendError::Stopped,
    }
}

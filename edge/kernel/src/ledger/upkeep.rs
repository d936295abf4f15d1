//! What the writer does beside appending, at moments at which no batch is on its way: checkpoints, saving heads, folding the
//! write-ahead log back, emptying what was erased.

use super::empty::empty;
use super::error::AppendError;
use super::heads::{Head, UNSAVED};
use super::postgres::{leave_nothing, make_room};
use super::rows;
use super::sqlite;
use super::writer::{Request, Writer, from_sqlx};
use crate::database::{Connection, query};
use events::Position;
use events::ids::StreamId;
use events::privacy::{Depth, Span};

/// Positions after which heads are saved even when few streams moved, so that a start has little to catch up.
const HEADS_SPAN: Position = 65_536;

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
                let _ = answer.send(emptied);
            }
            Request::FoldBack(answer) => {
                let _ = answer.send(self.fold_back().await.map_err(from_sqlx));
            }
            Request::Append(_, answer) => {
                let _ = answer.send(Err(AppendError::Stopped));
            }
        }
    }

    async fn housekeep(&mut self) -> Result<(), AppendError> {
        let size = self.durable.size();
        if self.heads.len() >= UNSAVED || size - self.streams_at >= HEADS_SPAN {
            self.save_heads().await?;
        }
        let now = self.at.max(self.clock.now());
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        self.once.go_on(db, now, size).await.map_err(from_sqlx)?;
        match db {
            Connection::Postgres(_) => make_room(db, size).await.map_err(from_sqlx)?,
            Connection::Sqlite(db) if sqlite::is_wal_long(&self.wal) => {
                let _ = sqlite::fold_back(db).await.map_err(from_sqlx)?;
            }
            Connection::Sqlite(_) => {}
        }
        Ok(())
    }

    /// Leaves nothing of what was emptied in pages of before. Gives whether that is done.
    async fn fold_back(&mut self) -> sqlx::Result<bool> {
        match self.db.as_mut().ok_or(sqlx::Error::WorkerCrashed)? {
            Connection::Sqlite(db) => sqlite::fold_back(db).await,
            db @ Connection::Postgres(_) => leave_nothing(db).await,
        }
    }

    /// Begins to change what all who write share: on a server it waits for its turn, and catches up.
    async fn begin(&mut self) -> Result<(), AppendError> {
        if self.server.is_some() {
            let (db, _) = self.begin_at_head().await?;
            self.db = Some(db);
            return Ok(());
        }
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        db.begin().await.map_err(from_sqlx)
    }

    /// Empties what an erasure has named. The heads are saved first: a dropped header no longer tells where its stream ends.
    async fn empty(&mut self, spans: &[Span], depth: Depth) -> Result<u64, AppendError> {
        self.save_heads().await?;
        self.begin().await?;
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        let emptied = empty(db, spans, depth).await;
        db.end(emptied).await.map_err(from_sqlx)
    }

    async fn save_heads(&mut self) -> Result<(), AppendError> {
        if self.heads.len() == 0 {
            return Ok(());
        }
        self.begin().await?;
        let (size, unsaved) = (self.durable.size(), self.heads.all());
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        let saved = save(db, &unsaved, size).await;
        db.end(saved).await.map_err(from_sqlx)?;
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
        self.housekeep().await?;
        let size = self.durable.size();
        if size == self.checkpointed {
            return Ok(());
        }
        let note = self.signing.checkpoint(size, self.durable.root());
        let db = self.db.as_mut().ok_or(AppendError::Stopped)?;
        query("INSERT INTO kernel_checkpoint (size, note) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(size)
            .bind(note)
            .execute(db)
            .await
            .map_err(from_sqlx)?;
        self.checkpointed = size;
        Ok(())
    }

    async fn limit(&mut self, more: Option<u32>) -> Result<(), AppendError> {
        match self.db.as_mut().ok_or(AppendError::Stopped)? {
            Connection::Sqlite(db) => sqlite::limit_pages(db, more).await.map_err(from_sqlx),
            // Its server has no such limit.
            Connection::Postgres(_) => Ok(()),
        }
    }

    pub(super) async fn close(mut self) -> Result<(), AppendError> {
        if !self.shared.is_stopped() {
            self.save_heads().await?;
            self.checkpoint().await?;
        }
        match self.db {
            Some(db) => db.close().await.map_err(from_sqlx),
            None => Ok(()),
        }
    }
}

async fn save(
    db: &mut Connection,
    unsaved: &[(StreamId, Head)],
    size: Position,
) -> sqlx::Result<()> {
    rows::save_streams(db, unsaved).await?;
    query("UPDATE kernel_head SET streams_at = ? WHERE id = 1")
        .bind(size)
        .execute(db)
        .await
        .map(|_| ())
}

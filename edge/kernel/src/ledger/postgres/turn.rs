//! Taking a turn: the head is locked, memory caught up, everything that waits is staged upon it and committed in one transaction.
//! Machines that write at the same time take turns; nobody stages in vain.

use super::found::Question;
use super::writer::Serving;
use crate::database::{Connection, query};
use crate::ledger::batch::{Answer, Batch};
use crate::ledger::error::AppendError;
use crate::ledger::names::Naming;
use crate::ledger::writer::{Writer, again, ends_batch, from_sqlx};
use events::Position;
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// One way there and back: the transaction begins, the head is locked, and the transaction has a number by which one can ask
/// what became of it.
const BEGIN: &str =
    "BEGIN; SELECT size, pg_current_xact_id()::text FROM kernel_head WHERE id = 1 FOR UPDATE";
/// Tries to reach a server that was there a moment ago, before those who wait are told.
const TRIES: u32 = 6;
/// Pause before the second of them; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

impl Writer {
    /// Begins a transaction that holds the head, with memory where the log is. Gives its number.
    pub(in crate::ledger) async fn begin_at_head(
        &mut self,
    ) -> Result<(Connection, String), AppendError> {
        let mut tries = if self.shared.is_reached() { TRIES } else { 1 };
        let mut pause = PAUSE;
        loop {
            let error = match self.try_begin().await {
                Err(AppendError::Database(error)) => error,
                begun_or_refused => return begun_or_refused,
            };
            tries -= 1;
            if tries == 0 {
                self.shared.reached(false);
                return Err(AppendError::Database(error));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn try_begin(&mut self) -> Result<(Connection, String), AppendError> {
        let mut db = self.connection().await.map_err(from_sqlx)?;
        let begun = lock(&mut db).await.map_err(from_sqlx);
        let outcome = match begun {
            Ok((size, number)) => self.come_to(&mut db, size).await.map(|()| number),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(number) => {
                self.shared.reached(true);
                Ok((db, number))
            }
            Err(error) => {
                let is_back = db.run("ROLLBACK").await.is_ok();
                self.give_back(db, is_back);
                Err(error)
            }
        }
    }

    /// Brings memory to the size of the log that is locked.
    async fn come_to(&mut self, db: &mut Connection, size: Position) -> Result<(), AppendError> {
        if size == self.durable.size() {
            self.turns.met_nobody();
        } else {
            self.catch_up(db).await?;
        }
        if self.naming.is_closed() {
            self.naming = Naming::load(db).await.map_err(from_sqlx)?;
        }
        Ok(())
    }

    async fn roll_back(
        &mut self,
        mut db: Connection,
        outcome: Result<(), AppendError>,
    ) -> Result<(), AppendError> {
        let is_back = db.run("ROLLBACK").await.is_ok();
        self.give_back(db, is_back);
        outcome
    }

    /// Whether a transaction was committed; none while it is under way.
    async fn became_of(&mut self, number: &str) -> sqlx::Result<Option<bool>> {
        let mut db = self.connection().await?;
        let digits = number
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>();
        let sql = format!("SELECT pg_xact_status('{digits}'::xid8)");
        let row = query(AssertSqlSafe(sql)).fetch_one(&mut db).await?;
        let status = row.try_get::<Option<&str>>(0)?;
        let known = match status {
            Some("committed") => Some(true),
            Some("in progress") => None,
            Some(_) => Some(false),
            // The server has forgotten it, which takes it millions of transactions.
            None => {
                self.shared.stop();
                Some(false)
            }
        };
        self.give_back(db, true);
        Ok(known)
    }
}

impl Serving {
    /// Stages what waits and commits it. Nothing is staged or on its way when it begins.
    pub(super) async fn take_a_turn(&mut self) {
        if self.writer.shared.is_stopped() {
            return self.refuse_waiting(&AppendError::Stopped);
        }
        let (mut db, number) = match self.writer.begin_at_head().await {
            Ok(begun) => begun,
            Err(error) => return self.refuse_waiting(&error),
        };
        let mut batch = self.writer.gather();
        batch.is_begun = true;
        let outcome = match self.stage_begun(&mut batch, &mut db).await {
            Ok(has_kept) => {
                let names = self.writer.naming.take();
                let commit = batch.commit(names, self.writer.streams_at);
                match commit.write_begun(&mut db).await {
                    Ok(()) if has_kept || commit.changes() => self.commit(db, number).await,
                    Ok(()) => self.writer.roll_back(db, Ok(())).await,
                    Err(error) => self.writer.roll_back(db, Err(from_sqlx(error))).await,
                }
            }
            Err(error) => self.writer.roll_back(db, Err(error)).await,
        };
        match outcome {
            Ok(()) => {
                self.writer.tiles = batch.tiles.clone();
                self.writer.at = batch.at;
                self.settle(batch);
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a batch was not written"
                );
                // Numbers that were given and not written must not be used; the next batch reads them anew.
                self.writer.naming.give_no_more();
                for mut answer in batch.answers {
                    answer.outcome = Err(again(&error));
                    answer.send();
                }
            }
        }
        self.batch = self.writer.gather();
    }

    /// Stages what waits. Gives whether something was kept beside the log.
    async fn stage_begun(
        &mut self,
        batch: &mut Batch,
        db: &mut Connection,
    ) -> Result<bool, AppendError> {
        let appends = self.waiting.appends.iter().map(|(append, _)| append);
        let question = Question::of(appends, |stream| {
            self.writer.heads.unsaved(stream).is_some()
        });
        let mut has_kept = false;
        let mut broken = None;
        match question.ask(db).await {
            Ok(found) => batch.found = Some(found),
            Err(error) => broken = Some(from_sqlx(error)),
        }
        while !batch.is_full()
            && let Some((mut append, to)) = self.waiting.appends.pop_front()
        {
            let outcome = match &broken {
                Some(error) => Err(again(error)),
                None => self.writer.stage(&mut append, batch, None, db).await,
            };
            has_kept |= append.touches_beside() && outcome.is_ok();
            let error = outcome.as_ref().err().filter(|error| ends_batch(error));
            broken = broken.or(error.map(again));
            batch.answers.push(Answer {
                append,
                to,
                outcome,
            });
        }
        broken.map_or(Ok(has_kept), Err)
    }

    /// Commits. When it is not known what became of that, the server is asked by the transaction's number until it says so.
    async fn commit(&mut self, mut db: Connection, number: String) -> Result<(), AppendError> {
        let error = match db.run("COMMIT").await {
            Ok(()) => {
                self.writer.give_back(db, true);
                return Ok(());
            }
            Err(error) => error,
        };
        drop(db);
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a commit was cut off; the server is asked what became of it"
        );
        let mut pause = PAUSE;
        loop {
            match self.writer.became_of(&number).await {
                Ok(Some(true)) => return Ok(()),
                Ok(Some(false)) => return Err(from_sqlx(error)),
                // It is still at it.
                Ok(None) => {}
                Err(unknown) if self.requests.is_closed() && self.requests.is_empty() => {
                    tracing::error!(
                        error = &unknown as &dyn std::error::Error,
                        "what became of a commit is not known"
                    );
                    return Err(AppendError::Stopped);
                }
                Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

async fn lock(db: &mut Connection) -> sqlx::Result<(Position, String)> {
    let rows = sqlx::raw_sql(BEGIN).fetch_all(db.server()?).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let size: i64 = sqlx::Row::try_get(row, 0)?;
    Ok((
        u64::try_from(size).unwrap_or_default(),
        sqlx::Row::try_get(row, 1)?,
    ))
}

//! Writing ahead: a batch is staged upon what this machine has written itself, and its one statement writes and commits if the head is
//! still there. Whoever was overtaken has everything staged anew, in its turn. A statement whose answer was cut off is sent once more:
//! the log holds a batch once or not at all, however often and late it is sent, since the head leaves the place where it begins only once.

use super::found::{Found, Question};
use super::writer::Serving;
use crate::database::Connection;
use crate::ledger::batch::{Answer, Batch};
use crate::ledger::commit::Commit;
use crate::ledger::error::AppendError;
use crate::ledger::tiles::Tiles;
use crate::ledger::writer::{again, from_sqlx};
use sqlx::error::ErrorKind;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Pause before a server that was cut off is tried again; it doubles up to a second.
const PAUSE: Duration = Duration::from_millis(50);
/// Tries after which those are told who came after the batch whose fate is not known.
const TRIES: u32 = 6;

/// What came back: whether the head was moved from where the batch began.
pub(super) struct Written {
    db: Connection,
    commit: Commit,
    outcome: sqlx::Result<bool>,
}

/// A batch on its way, and the tree and the time to go back to if it does not arrive.
pub(super) struct Leaving {
    pub(super) batch: Batch,
    before: (Tiles, u64),
    written: Pin<Box<dyn Future<Output = Written> + Send>>,
}

/// The batch that is on its way, when it arrives; never, when there is none.
pub(super) async fn arrival(leaving: &mut Option<Leaving>) -> Written {
    match leaving {
        Some(leaving) => leaving.written.as_mut().await,
        None => std::future::pending().await,
    }
}

impl Serving {
    /// Stages what waits, upon the batch that is on its way.
    pub(super) async fn stage_ahead(&mut self) {
        if self.waiting.appends.is_empty() {
            return;
        }
        let (found, mut lookup) = match self.look_up().await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cannot look up what is to be written"
                );
                return self.writer.turns.met_others();
            }
        };
        self.batch.found = Some(found);
        let leaving = self.leaving.as_ref().map(|leaving| &leaving.batch);
        while !self.batch.is_full()
            && let Some((mut append, to)) = self.waiting.appends.pop_front()
        {
            let staged = self
                .writer
                .stage(&mut append, &mut self.batch, leaving, &mut lookup);
            let outcome = staged.await;
            self.batch.answers.push(Answer {
                append,
                to,
                outcome,
            });
        }
        self.lookup = Some(lookup);
    }

    async fn look_up(&mut self) -> sqlx::Result<(Found, Connection)> {
        let mut lookup = match (self.lookup.take(), &self.writer.server) {
            (Some(lookup), _) => lookup,
            (None, Some(server)) => server.connect_to_read().await?,
            (None, None) => return Err(sqlx::Error::WorkerCrashed),
        };
        let appends = self.waiting.appends.iter().map(|(append, _)| append);
        let leaving = self.leaving.as_ref().map(|leaving| &leaving.batch);
        let question = Question::of(appends, |stream| {
            self.writer.heads.unsaved(stream).is_some()
                || self.batch.heads.contains_key(&stream)
                || leaving.is_some_and(|batch| batch.heads.contains_key(&stream))
        });
        let found = question.ask(&mut lookup).await?;
        Ok((found, lookup))
    }

    /// Sends the batch on its way, and begins the next.
    pub(super) fn send(&mut self) {
        let writer = &mut self.writer;
        let Some(mut db) = writer.db.take() else {
            return;
        };
        let before = (writer.tiles.clone(), writer.at);
        writer.tiles = self.batch.tiles.clone();
        writer.at = self.batch.at;
        let mut batch = std::mem::replace(&mut self.batch, writer.gather());
        let commit = batch.commit(writer.naming.take(), writer.streams_at);
        let written = Box::pin(async move {
            let outcome = commit.write_from_head(&mut db).await;
            Written {
                db,
                commit,
                outcome,
            }
        });
        self.leaving = Some(Leaving {
            batch,
            before,
            written,
        });
    }

    /// A batch is durable, or it is not written and waits to be staged anew with all that was staged upon it.
    pub(super) async fn arrived(&mut self, left: Leaving, written: Written) {
        let Written {
            db,
            commit,
            outcome,
        } = written;
        let is_written = match outcome {
            Ok(is_written) => {
                self.writer.give_back(db, true);
                Ok(is_written)
            }
            Err(error) if is_refusal(&error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a batch is staged anew"
                );
                self.writer.give_back(db, true);
                Ok(false)
            }
            Err(error) => {
                drop(db);
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a commit was cut off; it is sent once more"
                );
                self.send_until_known(&commit).await
            }
        };
        if let Ok(true) = is_written {
            return self.settle(left.batch);
        }
        (self.writer.tiles, self.writer.at) = left.before;
        self.writer.naming.take_back(commit.names);
        self.writer.turns.met_others();
        self.put_back();
        match is_written {
            Ok(_) => self.wait_again(left.batch),
            Err(error) => {
                for mut answer in left.batch.answers {
                    answer.outcome = Err(again(&error));
                    answer.send();
                }
            }
        }
    }

    /// Sends a commit whose answer was cut off until it is known what became of it. What was sent before may still come to the server,
    /// but whichever comes first moves the head, and the others find that it has gone.
    async fn send_until_known(&mut self, commit: &Commit) -> Result<bool, AppendError> {
        let (mut tries, mut pause) = (TRIES, PAUSE);
        loop {
            let error = match self.send_again(commit).await {
                Ok(is_written) => return Ok(is_written),
                Err(error) => error,
            };
            // Something lies there that nobody of ours has written.
            let is_foreign = error.as_database_error().is_some_and(|error| {
                matches!(
                    error.kind(),
                    ErrorKind::UniqueViolation | ErrorKind::CheckViolation
                )
            });
            let is_over = self.requests.is_closed() && self.requests.is_empty();
            if is_foreign || is_over {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "what became of a commit is not known"
                );
                self.writer.shared.stop();
                return Err(AppendError::Stopped);
            }
            tries = tries.saturating_sub(1);
            if tries == 0 {
                self.refuse_later(&from_sqlx(error));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    async fn send_again(&mut self, commit: &Commit) -> sqlx::Result<bool> {
        let mut db = self.writer.connection().await?;
        let is_written =
            commit.write_from_head(&mut db).await? || commit.is_written(&mut db).await?;
        self.writer.give_back(db, true);
        Ok(is_written)
    }

    /// Tells those who came after a batch whose fate is not known: of them nothing was sent.
    fn refuse_later(&mut self, error: &AppendError) {
        self.put_back();
        while let Ok(request) = self.requests.try_recv() {
            request.refuse(again(error));
        }
        while let Some(request) = self.waiting.others.pop_front() {
            request.refuse(again(error));
        }
        self.refuse_waiting(error);
    }
}

/// Whether the server itself says that nothing of a statement stays. It says so too when it ends a connection, perhaps after the
/// statement was committed.
fn is_refusal(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| {
        let error = error.try_downcast_ref::<PgDatabaseError>();
        error.is_some_and(|error| error.severity() == PgSeverity::Error)
    })
}

//! The one writer. While one batch is on its way to the disk the next is gathered, hashed and packed; every batch ends with
//! the tree's root and frontier in the same transaction, so that whatever was acknowledged is durable and proven.

use super::append::{Append, Appended};
use super::batch::{Answer, Asked, Batch};
use super::error::AppendError;
use super::heads::Heads;
use super::names::Naming;
use super::once::Round;
use super::postgres::Turns;
use super::rows;
use super::signing::SigningKey;
use super::stage::{Staging, stage};
use super::tiles::Tiles;
use super::{Published, Shared};
use crate::clock::Clock;
use crate::database::{Connection, Server, code};
use crate::keyring::Keyring;
use events::audit::AuditEvent;
use events::privacy::{Depth, Span};
use events::{AnyEvent, Position};
use events_proof::tree::Frontier;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Requests taken from the queue at once.
pub(crate) const TAKEN: usize = 1024;

pub(crate) type Outcome<T> = oneshot::Sender<Result<T, AppendError>>;

pub(crate) enum Request {
    Append(Append, Outcome<Appended>),
    Checkpoint(Outcome<()>),
    Limit(Option<u32>, Outcome<()>),
    Empty(Vec<Span>, Depth, Outcome<u64>),
    FoldBack(Outcome<bool>),
}

impl Request {
    /// Answers that it cannot be done.
    pub(crate) fn refuse(self, error: AppendError) {
        // Whoever asked may have gone.
        match self {
            Self::Append(_, answer) => drop(answer.send(Err(error))),
            Self::Checkpoint(answer) | Self::Limit(_, answer) => drop(answer.send(Err(error))),
            Self::Empty(_, _, answer) => drop(answer.send(Err(error))),
            Self::FoldBack(answer) => drop(answer.send(Err(error))),
        }
    }
}

pub(crate) struct Writer {
    /// The connection that writes; it is away while a batch is.
    pub(crate) db: Option<Connection>,
    /// The tree as it is durable.
    pub(crate) durable: Frontier,
    /// The tree, the names and the time with everything that was taken, durable or not.
    pub(crate) tiles: Tiles,
    pub(crate) naming: Naming,
    pub(crate) at: u64,
    pub(crate) streams_at: Position,
    pub(crate) checkpointed: Position,
    pub(crate) once: Round,
    pub(crate) heads: Arc<Heads>,
    pub(crate) clock: Clock,
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) keyring: Arc<Keyring>,
    /// The write-ahead log of a log in a file.
    pub(crate) wal: std::path::PathBuf,
    /// Where the log is when it is in no file, and whether its commits wait for the disk.
    pub(crate) server: Option<Server>,
    pub(crate) is_durable: bool,
    /// Whether others write to it too.
    pub(crate) turns: Turns,
}

type Written = (Connection, Result<(), AppendError>);

/// A batch on its way to the disk, and the tree and the time to go back to if it does not arrive.
struct Leaving {
    batch: Batch,
    before: (Tiles, u64),
    written: Pin<Box<dyn Future<Output = Written> + Send>>,
}

/// What waits for a moment at which no batch is on its way.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) appends: VecDeque<Asked>,
    pub(crate) others: VecDeque<Request>,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.others.is_empty()
    }
}

impl Writer {
    /// Serves requests until every sender is gone, then signs a last checkpoint and saves the heads. `lookup` is for what memory
    /// does not hold, beside a batch on its way.
    pub(crate) async fn run(
        mut self,
        mut lookup: Connection,
        mut requests: mpsc::Receiver<Request>,
    ) {
        let mut waiting = Waiting::default();
        let mut batch = self.gather();
        let mut leaving: Option<Leaving> = None;
        let mut taken = Vec::with_capacity(TAKEN);
        let mut is_open = true;
        while is_open || leaving.is_some() {
            tokio::select! {
                biased;
                (db, outcome) = arrival(&mut leaving) => {
                    self.db = Some(db);
                    if let Some(left) = leaving.take() {
                        self.arrived(left, outcome, &mut batch).await;
                    }
                }
                count = requests.recv_many(&mut taken, TAKEN), if is_open && !batch.is_full() => {
                    is_open = count > 0;
                    for request in taken.drain(..) {
                        let leaving = leaving.as_ref().map(|leaving| &leaving.batch);
                        self.take(request, &mut batch, leaving, &mut waiting, &mut lookup).await;
                    }
                }
            }
            if leaving.is_none() {
                self.serve(&mut waiting, &mut batch).await;
                if !batch.is_empty() {
                    leaving = self.send(&mut batch);
                }
            }
        }
        let looked = lookup.close().await.map_err(from_sqlx);
        if let Err(error) = self.close().await.and(looked) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot save the log's heads at the end"
            );
        }
    }

    pub(super) fn gather(&self) -> Batch {
        Batch::new(self.tiles.clone(), self.at.max(self.clock.now()))
    }

    async fn take(
        &mut self,
        request: Request,
        batch: &mut Batch,
        leaving: Option<&Batch>,
        waiting: &mut Waiting,
        lookup: &mut Connection,
    ) {
        if let Request::Append(append, _) = &request
            && let Some(refusal) = self.shared.refusal(append)
        {
            if let Request::Append(_, answer) = request {
                let _ = answer.send(Err(refusal));
            }
            return;
        }
        match request {
            Request::Append(append, answer) if append.touches_beside() => {
                waiting.appends.push_back((append, answer));
            }
            Request::Append(mut append, to) => {
                let outcome = self.stage(&mut append, batch, leaving, lookup).await;
                batch.answers.push(Answer {
                    append,
                    to,
                    outcome,
                });
            }
            other => waiting.others.push_back(other),
        }
    }

    /// Takes an append into a batch; `db` is for looking up, and in a transaction when it touches what lies beside the log.
    pub(super) async fn stage(
        &mut self,
        append: &mut Append,
        batch: &mut Batch,
        leaving: Option<&Batch>,
        db: &mut Connection,
    ) -> Result<Appended, AppendError> {
        if batch.is_empty() {
            batch.at = self.at.max(self.clock.now());
        }
        let mut staging = Staging {
            db,
            heads: &self.heads,
            leaving,
            batch,
            naming: &mut self.naming,
        };
        stage(&mut staging, append).await
    }

    /// Does what waited for the batch before to arrive.
    async fn serve(&mut self, waiting: &mut Waiting, batch: &mut Batch) {
        while let Some(request) = waiting.others.pop_front() {
            self.serve_beside(request).await;
        }
        while !batch.is_full()
            && let Some((mut append, to)) = waiting.appends.pop_front()
        {
            let outcome = self.stage_begun(&mut append, batch).await;
            let is_broken = outcome.as_ref().is_err_and(ends_batch);
            batch.answers.push(Answer {
                append,
                to,
                outcome,
            });
            if is_broken {
                break;
            }
        }
    }

    async fn stage_begun(
        &mut self,
        append: &mut Append,
        batch: &mut Batch,
    ) -> Result<Appended, AppendError> {
        if let Some(refusal) = self.shared.refusal(append) {
            return Err(refusal);
        }
        let seals = append.seals.is_some();
        let mut db = self.db.take().ok_or(AppendError::Stopped)?;
        let outcome = match begin(&mut db, batch).await {
            Ok(()) => self.stage(append, batch, None, &mut db).await,
            Err(error) => Err(from_sqlx(error)),
        };
        self.db = Some(db);
        if seals && outcome.is_ok() {
            self.shared.seal(true);
        }
        outcome
    }

    /// Sends a batch on its way, and begins the next.
    fn send(&mut self, batch: &mut Batch) -> Option<Leaving> {
        let mut db = self.db.take()?;
        let before = (self.tiles.clone(), self.at);
        self.tiles = batch.tiles.clone();
        self.at = batch.at;
        let mut batch = std::mem::replace(batch, self.gather());
        // What one request did wrong is its own; what the database did wrong ends the batch.
        let errors = batch
            .answers
            .iter()
            .filter_map(|answer| answer.outcome.as_ref().err());
        let broken = errors.filter(|error| ends_batch(error)).map(again).next();
        let commit = batch.commit(self.naming.take(), self.streams_at);
        let written = Box::pin(async move {
            let outcome = match broken {
                Some(error) => Err(error),
                None => commit.write(&mut db).await.map_err(from_sqlx),
            };
            (db, outcome)
        });
        Some(Leaving {
            batch,
            before,
            written,
        })
    }

    /// A batch is durable, or it failed; then what was gathered upon it fails with it.
    async fn arrived(&mut self, left: Leaving, outcome: Result<(), AppendError>, next: &mut Batch) {
        let Leaving { batch, before, .. } = left;
        let mut answers = batch.answers;
        match outcome {
            Ok(()) => {
                self.durable = batch.tiles.frontier().clone();
                self.heads.put_all(batch.heads);
                if let Some(last) = batch.published.last().map(|event| event.position) {
                    self.shared.publish(Published::from(batch.published), last);
                }
            }
            Err(error) => {
                (self.tiles, self.at) = before;
                if batch.published.iter().any(|one| is_seal(&one.event)) {
                    self.shared.seal(false);
                }
                self.recover(&error).await;
                let failed = std::mem::replace(next, self.gather());
                answers.extend(failed.answers);
                for answer in &mut answers {
                    answer.outcome = Err(again(&error));
                }
            }
        }
        answers.into_iter().for_each(Answer::send);
    }

    /// After a failed commit: rolls back, and makes sure that the database stands where memory thinks it does.
    async fn recover(&mut self, error: &AppendError) {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a batch was not written"
        );
        let Some(db) = self.db.as_mut() else { return };
        let _ = db.run("ROLLBACK").await;
        match Naming::load(db).await {
            Ok(naming) => self.naming = naming,
            // Numbers that were given and not written must not be used.
            Err(_) => self.naming.give_no_more(),
        }
        let size = match rows::head(db).await {
            Ok(Some(Ok(head))) => head.frontier.size(),
            Ok(None) => 0,
            // Unreadable now; if the commit did take, the next insert meets its own position and fails again.
            Ok(Some(Err(_))) | Err(_) => return,
        };
        if size != self.durable.size() {
            tracing::error!(
                "the database has events that were not acknowledged; the log stops rather than fork"
            );
            self.shared.stop();
        }
    }
}

/// The batch that is on its way, when it arrives; never, when there is none.
async fn arrival(leaving: &mut Option<Leaving>) -> Written {
    match leaving {
        Some(leaving) => leaving.written.as_mut().await,
        None => std::future::pending().await,
    }
}

/// Begins the transaction of a batch that touches what lies beside the log, once.
async fn begin(db: &mut Connection, batch: &mut Batch) -> sqlx::Result<()> {
    if !batch.is_begun {
        db.begin().await?;
        batch.is_begun = true;
    }
    Ok(())
}

fn is_seal(event: &AnyEvent) -> bool {
    matches!(event, AnyEvent::Audit(AuditEvent::LogSealed { .. }))
}

pub(crate) fn ends_batch(error: &AppendError) -> bool {
    matches!(error, AppendError::DiskFull | AppendError::Database(_))
}

/// SQLite's codes for "no room": FULL, and the I/O errors that a full disk gives while writing, growing or syncing a file; and
/// PostgreSQL's one.
const NO_ROOM: [&str; 7] = ["13", "778", "1034", "1546", "4874", "5386", "53100"];

pub(crate) fn from_sqlx(error: sqlx::Error) -> AppendError {
    if code(&error).is_some_and(|code| NO_ROOM.contains(&code.as_ref())) {
        AppendError::DiskFull
    } else {
        AppendError::Database(error)
    }
}

/// The same error for another request of the failed batch.
pub(crate) fn again(error: &AppendError) -> AppendError {
    match error {
        AppendError::DiskFull => AppendError::DiskFull,
        AppendError::Database(source) => {
            AppendError::Database(sqlx::Error::Protocol(source.to_string()))
        }
        _ => AppendError::Stopped,
    }
}

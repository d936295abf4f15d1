//! The ledger: the append-only log of everything that happened, gapless, sealed, and provable.
//!
//! All appends go through one writer task. Acknowledged means durable. Reading goes through a pool of its own and never
//! waits for the writer. What people have a right to lose is destroyed by `erase.rs`, after the log has said so.

mod append;
mod backup;
mod batch;
mod block;
mod checkpoints;
mod commit;
mod cosigning;
mod empty;
pub mod entry;
pub mod erase;
mod erased;
mod error;
mod export;
mod heads;
mod kept;
mod lost;
mod moving;
mod names;
mod once;
mod open;
mod opener;
mod postgres;
mod proof;
mod read;
mod reading;
mod repack;
mod restore;
mod resume;
mod rows;
mod seal;
pub mod segment;
mod served;
mod signing;
mod sqlite;
mod stage;
mod succession;
#[cfg(test)]
mod tests;
mod tiles;
mod upkeep;
mod verify;
mod writer;

use crate::clock::Clock;
pub use crate::database::Value;
use crate::database::{Pool, Server};
use crate::keyring::Keyring;
pub(crate) use append::{Append, Claim};
pub use append::{Appended, Kept};
pub use backup::{Beside, Snapshot};
pub use cosigning::CosigningKey;
pub use erased::Said;
pub use error::{AppendError, LedgerError, Problem};
use events::access::Access;
use events::ids::StreamId;
use events::{Position, Recorded};
pub use export::Export;
use heads::Heads;
pub use lost::refuse_lost_log;
pub use open::{Opening, lock};
pub use opener::{OpenError, Opener};
use proof::Nodes;
pub use proof::Proof;
pub use reading::{verify_directory, verify_log};
pub use restore::{Restore, RestoreError, Whole, verifier_key};
pub use rows::Stored;
pub(crate) use rows::number;
pub use seal::SealError;
pub(crate) use seal::seal_all;
pub use served::Bundle;
use signing::SigningKey;
pub use signing::verifier_key_of;
pub(crate) use sqlite::found_private;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
pub use succession::{HandedOver, await_handover, handed_here, moved_away};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
pub use verify::Report;
use writer::Request;

/// Batches a slow follower may fall behind before it must read from the log instead.
const FOLLOWERS_BACKLOG: usize = 1024;

/// A committed batch as followers receive it, in the order of the log.
pub type Published = Arc<[Recorded]>;

/// What the writer shares with everybody else.
pub(crate) struct Shared {
    access: RwLock<Access>,
    size: watch::Sender<Position>,
    published: broadcast::Sender<Published>,
    stopped: AtomicBool,
    reached: AtomicBool,
    /// How often another machine has destroyed keys.
    forgotten: watch::Sender<u64>,
    /// Whether the school moves to another machine: nothing is taken but the seal.
    moving: AtomicBool,
    /// Whether the log is sealed, or is about to be: nothing is taken at all.
    sealed: AtomicBool,
}

impl Shared {
    fn new(access: Access, size: Position) -> Self {
        Self {
            access: RwLock::new(access),
            size: watch::Sender::new(size),
            published: broadcast::Sender::new(FOLLOWERS_BACKLOG),
            stopped: AtomicBool::new(false),
            reached: AtomicBool::new(true),
            forgotten: watch::Sender::new(0),
            moving: AtomicBool::new(false),
            sealed: AtomicBool::new(false),
        }
    }

    /// Access first, then the position: whoever sees a position finds access caught up to it.
    fn publish(&self, batch: Published, last: Position) {
        let mut access = self.access.write().unwrap_or_else(PoisonError::into_inner);
        batch.iter().for_each(|event| access.apply(event));
        drop(access);
        self.size.send_replace(last);
        // Nobody following is not an error.
        let _ = self.published.send(batch);
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Notes that another machine has destroyed keys.
    fn forget(&self) {
        self.forgotten.send_modify(|times| *times += 1);
    }

    /// Notes whether the database could be reached.
    fn reached(&self, is_reached: bool) {
        if self.reached.swap(is_reached, Ordering::SeqCst) != is_reached {
            tracing::warn!(is_reached, "the database server");
        }
    }

    fn is_reached(&self) -> bool {
        self.reached.load(Ordering::SeqCst)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn seal(&self, is_sealed: bool) {
        self.sealed.store(is_sealed, Ordering::SeqCst);
    }

    /// Why an append is not taken, if it is not.
    fn refusal(&self, append: &Append) -> Option<AppendError> {
        let is_moving = self.moving.load(Ordering::SeqCst);
        // Whoever gave a move up meanwhile must not be sealed by it.
        let fits = is_moving == append.seals.is_some();
        match self.is_stopped() {
            true => Some(AppendError::Stopped),
            false if fits && !self.sealed.load(Ordering::SeqCst) => None,
            false => Some(AppendError::Moving),
        }
    }
}

/// A handle on the log; cheap to clone. The writer ends when the last handle is dropped.
#[derive(Clone)]
pub struct Ledger {
    requests: mpsc::Sender<Request>,
    pool: Pool,
    heads: Arc<Heads>,
    keyring: Arc<Keyring>,
    signing: Arc<SigningKey>,
    nodes: Arc<Nodes>,
    shared: Arc<Shared>,
    clock: Clock,
    directory: Arc<PathBuf>,
    server: Option<Server>,
    ended: watch::Receiver<()>,
    _lock: Arc<std::fs::File>,
}

impl Ledger {
    /// The position of the last event; 0 when there is none.
    #[must_use]
    pub fn size(&self) -> Position {
        *self.shared.size.borrow()
    }

    /// The version that a stream is known to have, without asking the database; none when it has not moved for long.
    pub(crate) fn recent_version(&self, stream: StreamId) -> Option<u32> {
        self.heads.unsaved(stream).map(|head| head.version)
    }

    /// Who may see what, caught up to the head. Hold it briefly: the writer waits for it.
    pub fn access(&self) -> RwLockReadGuard<'_, Access> {
        self.shared
            .access
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Every batch committed from now on, in order. A follower that lags is told so and reads the log instead.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Published> {
        self.shared.published.subscribe()
    }

    /// The head's position as it moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.shared.size.subscribe()
    }

    /// Moves when another machine has destroyed keys, so that what was opened with them has to go here too.
    #[must_use]
    pub fn forgotten(&self) -> watch::Receiver<u64> {
        self.shared.forgotten.subscribe()
    }

    /// The clock that dates events.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The keys.
    #[must_use]
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// The database server that the log lies on, if it does.
    pub(crate) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Whether the log lies on a database server, which several machines may share.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        matches!(self.pool, Pool::Postgres(_))
    }

    /// The pool for reading what is kept beside the log. Writing to it goes through appends.
    #[must_use]
    pub fn kept(&self) -> &Pool {
        &self.pool
    }

    /// The key with which auditors verify checkpoints, as text.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.signing.verifier_key()
    }

    /// Whether the log has stopped because it could not be sure of itself.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.is_stopped()
    }

    /// Whether the database was there when it was needed last. A log in a file has none that could be away.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.shared.is_reached()
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.ask(|answer| Request::Append(append, answer)).await
    }

    /// Signs the head as a checkpoint, if it moved since the last one, and does the writer's housekeeping.
    pub async fn checkpoint(&self) -> Result<(), AppendError> {
        self.ask(Request::Checkpoint).await
    }

    /// Limits how far the database may grow beyond what it is, in pages, as a full disk would; none lifts the limit. For
    /// drills: what happens then must be known before it happens.
    pub async fn limit_pages(&self, more: Option<u32>) -> Result<(), AppendError> {
        self.ask(|answer| Request::Limit(more, answer)).await
    }

    /// Asks the writer and waits for its answer.
    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, AppendError>>) -> Request,
    ) -> Result<T, AppendError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.requests.send(request(answer)).await;
        sent.map_err(|_| AppendError::Stopped)?;
        answered.await.map_err(|_| AppendError::Stopped)?
    }

    /// Waits until the writer has ended, which it does once every other handle is dropped.
    pub async fn close(self) {
        let Self {
            requests,
            pool,
            mut ended,
            ..
        } = self;
        drop(requests);
        // The writer holds the other end and never sends: an error means that it is gone.
        let _ = ended.changed().await;
        pool.close().await;
    }
}

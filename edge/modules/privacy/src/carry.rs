//! The act that follows an erasure's saying, to its end, whatever cuts it off: a caller that gives up, a step that fails, a
//! reader of an old state who holds the last step up, a crash. While the server runs it goes on by itself.

use crate::Privacy;
use crate::decide::Batch;
use crate::error::PrivacyError;
use edge_kernel::keyring::Point;
use edge_kernel::ledger::Said;
use edge_kernel::ledger::erase::EraseError;
use edge_kernel::{Actor, Order};
use events::Position;
use events::ids::{BatchId, StreamId};
use events::privacy::PrivacyCommand;
use events::privacy::view::Stage;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The pauses between attempts double from the first to the second.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(600);

/// What is not carried out to its end.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    /// Wakes who carries on.
    some: Notify,
    /// Of which batches only pages of before are left, and how often the keyring had been written anew: an attempt that waits
    /// for a reader must not fold all views again.
    cleaned: Mutex<HashMap<BatchId, u32>>,
}

impl Unfinished {
    pub(crate) fn wake(&self) {
        self.some.notify_one();
    }

    fn cleaned(&self, batch: BatchId) -> Option<u32> {
        let cleaned = self.cleaned.lock().unwrap_or_else(PoisonError::into_inner);
        cleaned.get(&batch).copied()
    }

    fn note(&self, batch: BatchId, epoch: u32) {
        let mut cleaned = self.cleaned.lock().unwrap_or_else(PoisonError::into_inner);
        cleaned.insert(batch, epoch);
    }

    fn done(&self, batch: BatchId) {
        let mut cleaned = self.cleaned.lock().unwrap_or_else(PoisonError::into_inner);
        cleaned.remove(&batch);
    }
}

/// Wakes who carries on when an act ends before its end: by an error, or because nobody waits for it any more.
struct CutOff<'a>(Option<&'a Unfinished>);

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        if let Some(unfinished) = self.0 {
            unfinished.wake();
        }
    }
}

impl Privacy {
    /// Carries out what the log says about a batch, to its end. Doing it twice does no harm; what is cut off
    /// [`Privacy::keep_on`] carries on.
    pub async fn carry_out(
        &self,
        batch: BatchId,
        point: Point<'_>,
    ) -> Result<Position, PrivacyError> {
        let mut cut_off = CutOff(Some(&self.unfinished));
        let position = self.carry(batch, point).await?;
        cut_off.0 = None;
        Ok(position)
    }

    async fn carry(&self, batch: BatchId, point: Point<'_>) -> Result<Position, PrivacyError> {
        let _one = self.acting.lock().await;
        let said = self.said(batch).await?;
        let said = said.ok_or(crate::BatchRefusal::Unknown)?;
        let (state, _) = self.kernel.load::<Batch>(StreamId(batch.0)).await?;
        if state.stage == Some(Stage::Completed) {
            return Ok(self.kernel.ledger.size());
        }
        let epoch = match self.unfinished.cleaned(batch) {
            Some(epoch) => epoch,
            None => self.clean(&said, &state, point).await?,
        };
        self.unfinished.note(batch, epoch);
        self.kernel.leave_nothing(point).await?;
        let command = PrivacyCommand::CompleteErasure {
            batch,
            destroyed: state.counts,
            epoch,
        };
        let order = Order::by(Actor::Machine).because_of(said.position);
        point("say that it is done").map_err(EraseError::Stopped)?;
        let done = self
            .kernel
            .execute::<Batch>(StreamId(batch.0), command, order)
            .await?;
        self.unfinished.done(batch);
        Ok(done.position)
    }

    /// All but pages of before: after it nobody finds anything of what was erased.
    async fn clean(
        &self,
        said: &Said,
        state: &Batch,
        point: Point<'_>,
    ) -> Result<u32, PrivacyError> {
        let between = async { self.remove_files(said, &state.people).await };
        let epoch = self.kernel.erase(said, between, point).await?;
        self.packages.discard();
        Ok(epoch)
    }

    /// Carries on, while the server runs, with every erasure that was cut off or failed, later and later until it is done.
    pub async fn keep_on(&self) {
        loop {
            self.unfinished.some.notified().await;
            let mut pause = PAUSE;
            while let Err(error) = self.finish().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    again_in_seconds = pause.as_secs(),
                    "an erasure was not carried out to its end yet"
                );
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = self.unfinished.some.notified() => {}
                }
                pause = (pause * 2).min(LONGEST);
            }
        }
    }

    /// Carries on with every erasure that is said and not completed, as after a crash; and says again those that a log
    /// restored from a backup does not know of. Somebody who reads an old state holds nobody's start up: [`Privacy::keep_on`]
    /// does the rest.
    pub async fn resume(&self) -> Result<(), PrivacyError> {
        self.say_again().await?;
        match self.finish().await {
            Err(PrivacyError::Erase(error @ EraseError::Read)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an erasure is carried on beside the running server"
                );
                self.unfinished.wake();
                Ok(())
            }
            finished => finished,
        }
    }

    /// One that cannot be finished does not keep the others from it.
    async fn finish(&self) -> Result<(), PrivacyError> {
        let mut finished = Ok(());
        for said in self.kernel.ledger.erasures().await? {
            let Some(batch) = said.event.batch() else {
                continue;
            };
            let (state, _) = self.kernel.load::<Batch>(StreamId(batch.0)).await?;
            if state.stage == Some(Stage::Executed)
                && let Err(error) = self.carry(batch, &|_| Ok(())).await
            {
                finished = Err(error);
            }
        }
        finished
    }
}

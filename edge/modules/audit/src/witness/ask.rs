//! Asking the witnesses of this school's log: bring them the newest checkpoint with a proof from the one they know, and keep
//! what they sign.

use super::{Tries, Trouble};
use crate::error::AuditError;
use crate::needs::{Answer, Way};
use crate::store::Kept;
use crate::witness::{Outlook, Peer};
use crate::{Audit, store};
use edge_kernel::ledger::AppendError;
use edge_kernel::{Actor, Order};
use events::Millis;
use events_proof::cosignature::with_cosignature;
use events_proof::note::Checkpoint;
use events_proof::witness::AddCheckpoint;
use futures::future::join_all;

/// A log that stands still is cosigned again after so long, well before the alarm; in milliseconds.
const RENEW: Millis = 30 * 60 * 1000;
/// The first pause after a failure, and the longest; in milliseconds.
const PAUSE: Millis = 10_000;
const LONGEST_PAUSE: Millis = 5 * 60 * 1000;
/// Checkpoints looked at for the one to show: signed every ten seconds, they reach back a few minutes.
const NEWEST: u32 = 32;
/// How often two witnesses' lines may meet on one note before one waits for the next round.
const TRIES: u32 = 8;

/// What came of asking one witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It has cosigned.
    Cosigned,
    /// It has not.
    Failed(Trouble),
}

impl Audit {
    /// Asks every witness that is due for its cosignature on the newest checkpoint, all at the same time.
    pub async fn ask_witnesses(&self, way: &impl Way) -> Result<(), AuditError> {
        let Some(note) = self.kernel.ledger.checkpoints(1).await?.pop() else {
            return Ok(());
        };
        let kept = store::witnesses(&self.kernel).await?;
        let asking = self.policy.peers().iter().map(|peer| {
            let kept = kept.iter().find(|kept| kept.key == peer.key);
            self.ask_when_due(way, peer, &note, kept)
        });
        join_all(asking).await.into_iter().collect()
    }

    async fn ask_when_due(
        &self,
        way: &impl Way,
        peer: &Peer,
        note: &str,
        kept: Option<&Kept>,
    ) -> Result<(), AuditError> {
        let now = self.kernel.clock.now();
        let tries = self.witnesses.of(&peer.key);
        let size = Checkpoint::claimed(note).map_or(0, |checkpoint| checkpoint.size);
        let is_new = kept.is_none_or(|kept| kept.size != size);
        let is_old = kept.is_none_or(|kept| kept.at.is_none_or(|at| at + RENEW <= now));
        if now < tries.not_before || !(is_new || is_old) {
            return Ok(());
        }
        if kept.is_none() {
            store::first_asked(&self.kernel, &peer.key, now).await?;
        }
        let known = kept.map_or(0, |kept| kept.size);
        let asked = self.ask_one(way, peer, note, (size, now), known).await?;
        self.witnesses.note(&peer.key, next(tries, asked, now));
        if let (Asked::Failed(trouble), None | Some(Trouble::Silent)) = (asked, tries.trouble)
            && tries.trouble != Some(trouble)
        {
            tracing::warn!(witness = peer.name, ?trouble, "a witness does not cosign");
        }
        Ok(())
    }

    async fn ask_one(
        &self,
        way: &impl Way,
        peer: &Peer,
        note: &str,
        when: (u64, Millis),
        old: u64,
    ) -> Result<Asked, AuditError> {
        let mut carried = self.carry(way, peer, (note, when.0), old).await?;
        // After a move the witness knows the key of before, until it is shown the handover.
        if carried == Err(Trouble::Unknown)
            && let Some(position) = self.introduce(way, peer, old).await?
        {
            carried = self.carry(way, peer, (note, when.0), position).await?;
        }
        match carried {
            Ok(body) => self.keep_cosignature(peer, when, note, &body).await,
            Err(trouble) => Ok(Asked::Failed(trouble)),
        }
    }

    /// Brings a checkpoint with a proof from a size on, and gives the answer when it is cosigned.
    async fn carry(
        &self,
        way: &impl Way,
        peer: &Peer,
        (note, size): (&str, u64),
        mut old: u64,
    ) -> Result<Result<String, Trouble>, AuditError> {
        // The second time with the size that the witness itself names.
        for _ in 0..2 {
            let Some(proof) = self.kernel.ledger.consistency(old, size).await? else {
                return Ok(Err(Trouble::Ahead));
            };
            let note = note.to_owned();
            let asked = AddCheckpoint { old, proof, note };
            let Some(Answer { status, body }) = way.carry(&peer.name, asked.body()).await else {
                return Ok(Err(Trouble::Silent));
            };
            match status {
                200 => return Ok(Ok(body)),
                409 => match body.trim().parse::<u64>() {
                    Ok(known) if known > size => return Ok(Err(Trouble::Ahead)),
                    Ok(known) if known != old => old = known,
                    Ok(_) => return Ok(Err(Trouble::Disagrees)),
                    Err(_) => return Ok(Err(Trouble::Silent)),
                },
                422 => return Ok(Err(Trouble::Disagrees)),
                403 | 404 => return Ok(Err(Trouble::Unknown)),
                _ => return Ok(Err(Trouble::Silent)),
            }
        }
        Ok(Err(Trouble::Silent))
    }

    /// Shows a witness how the signing key has changed: for each handover that it does not know, the last checkpoint of the key of
    /// before, and then the handover itself. Gives the position of the last that it took.
    async fn introduce(
        &self,
        way: &impl Way,
        peer: &Peer,
        mut old: u64,
    ) -> Result<Option<u64>, AuditError> {
        let mut taken = None;
        for handover in self.kernel.ledger.handovers_from(0).await? {
            let last = (handover.note.as_str(), handover.position);
            let from = old.min(handover.position);
            if self.carry(way, peer, last, from).await?.is_err() {
                // It has followed this one already, or will be told what is wrong by the next.
                continue;
            }
            let answer = way.carry(&peer.name, handover.body()).await;
            if answer.is_some_and(|answer| answer.status == 200) {
                old = handover.position;
                taken = Some(old);
            }
        }
        Ok(taken)
    }

    /// Keeps what a witness has signed, dated when it was asked: an answer that was long on its way is no fresher for it.
    async fn keep_cosignature(
        &self,
        peer: &Peer,
        (size, asked): (u64, Millis),
        note: &str,
        answer: &str,
    ) -> Result<Asked, AuditError> {
        let mut before = note.to_owned();
        for _ in 0..TRIES {
            let Some(now) = with_cosignature(&before, answer, &peer.key) else {
                return Ok(Asked::Failed(Trouble::OtherKey));
            };
            let kept = self.kernel.ledger.replace_checkpoint(size, before, now);
            match kept.await {
                Ok(()) => break,
                // Another witness' line came first: ours goes below it.
                Err(AppendError::KeptChanged) => {}
                Err(error) => return Err(error.into()),
            }
            let newest = self.kernel.ledger.checkpoints(NEWEST).await?;
            let same = |note: &String| {
                Checkpoint::claimed(note).is_some_and(|checkpoint| checkpoint.size == size)
            };
            let Some(found) = newest.into_iter().find(same) else {
                break;
            };
            before = found;
        }
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        store::cosigned(&mut unit, &peer.key, size, asked);
        unit.commit().await?;
        Ok(Asked::Cosigned)
    }

    /// How far the log is witnessed.
    pub async fn outlook(&self) -> Result<Outlook, AuditError> {
        let kept = store::witnesses(&self.kernel).await?;
        let now = self.kernel.clock.now();
        Ok(Outlook::of(&self.policy, &kept, &self.witnesses, now))
    }

    /// The checkpoint to show: cosigned by enough witnesses, when there are such. None before the first was signed.
    pub(crate) async fn shown_checkpoint(&self) -> Result<Option<String>, AuditError> {
        let notes = self.kernel.ledger.checkpoints(NEWEST).await?;
        let now = self.kernel.clock.now();
        Ok(self.policy.shown(&notes, now).cloned())
    }

    /// The same, but not smaller than what somebody has already seen, unless there is none such: before witnesses have answered, a
    /// newer checkpoint may have been shown than the one that they cosign then.
    pub(crate) async fn checkpoint_from(&self, seen: u64) -> Result<Option<String>, AuditError> {
        let shown = self.shown_checkpoint().await?;
        let size = |note: &String| Checkpoint::claimed(note).map_or(0, |found| found.size);
        match shown {
            Some(note) if size(&note) >= seen => Ok(Some(note)),
            _ => Ok(self.kernel.ledger.checkpoints(1).await?.pop()),
        }
    }
}

/// When to ask again: a witness that fails is left alone for longer each time.
fn next(before: Tries, asked: Asked, now: Millis) -> Tries {
    match asked {
        Asked::Cosigned => Tries::default(),
        Asked::Failed(trouble) => {
            let pause = PAUSE.saturating_mul(1 << before.failures.min(8));
            Tries {
                trouble: Some(trouble),
                failures: before.failures.saturating_add(1),
                not_before: now + pause.min(LONGEST_PAUSE),
            }
        }
    }
}

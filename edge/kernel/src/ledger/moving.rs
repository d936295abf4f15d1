//! Giving the log to another machine, and taking it up there. From [`Ledger::pause`] on nothing is appended; the log is given away
//! for good by one durable write, [`Ledger::seal_log`]: the event that names the successor's key, and the note beside it that every
//! later start finds. Until then [`Ledger::go_on`] takes the pause back.

use super::append::{Append, Kept};
use super::error::{AppendError, LedgerError, database};
use super::succession::{self, HandedOver};
use super::{Ledger, proof, rows, seal_all};
use crate::Actor;
use events::audit::AuditEvent;
use events::ids::StreamId;
use events::{AnyEvent, Position};
use events_proof::handover::Handover;
use events_proof::note::Checkpoint;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// The stream of handovers.
const HANDOVERS: StreamId = StreamId(Uuid::from_u128(3));

impl Ledger {
    /// Appends are refused from now on, as [`AppendError::Moving`]; what was taken before is still written.
    pub fn pause(&self) {
        self.shared.moving.store(true, Ordering::SeqCst);
    }

    /// Appends are taken again, unless the log was sealed meanwhile or is being sealed. Gives whether they are.
    pub async fn go_on(&self) -> Result<bool, LedgerError> {
        self.shared.moving.store(false, Ordering::SeqCst);
        let is_sealed = self.shared.sealed.load(Ordering::SeqCst);
        Ok(!is_sealed && self.given_to().await?.is_none())
    }

    /// Whether the log was given to another machine: nothing is appended here any more.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.shared.sealed.load(Ordering::SeqCst)
    }

    /// Whether appends are refused because the school moves or has moved.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        let shared = &self.shared;
        shared.moving.load(Ordering::SeqCst) || shared.sealed.load(Ordering::SeqCst)
    }

    /// Gives the log to another key, for good: when this returns, or any later start looks, nothing is appended here any more. Gives
    /// where. Call [`Ledger::pause`] before.
    pub async fn seal_log(&self, successor: &str) -> Result<Position, AppendError> {
        self.pause();
        let before = self.handed_over().await.map_err(unread)?;
        let mut handover = HandedOver {
            position: 0,
            at: self.clock.now(),
            epoch: before.last().map_or(1, |last| last.epoch) + 1,
            key: self.verifier_key(),
            successor: successor.to_owned(),
        };
        let event = AnyEvent::from(AuditEvent::LogSealed {
            epoch: handover.epoch,
            key: handover.key.clone(),
            successor: handover.successor.clone(),
        });
        let staged = [(HANDOVERS, event.clone())];
        let year = self.clock.school_year();
        let sealed = seal_all(&self.keyring, year, Actor::Machine, &staged).await?;
        // What was taken before the pause is written when this is served, so that the event's place is known.
        loop {
            self.checkpoint().await?;
            handover.position = self.size() + 1;
            let note = Kept {
                sql: succession::NOTE,
                arguments: vec![handover.name().into(), handover.text().into_bytes().into()],
                rows: Some(1),
            };
            let expected = Some(handover.position);
            let append = Append {
                sealed: sealed.clone(),
                typed: vec![event.clone()],
                kept: vec![note],
                seals: expected,
                ..Append::default()
            };
            match self.append(append).await {
                Ok(appended) => return Ok(appended.last),
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Goes on with a log that another machine has sealed for this one. Gives whether that was to do.
    pub async fn resume_log(&self) -> Result<bool, AppendError> {
        let last = self.handed_over().await.map_err(unread)?.pop();
        let Some(last) = last.filter(|last| last.position == self.size()) else {
            return Ok(false);
        };
        if last.successor != self.verifier_key() {
            return Err(AppendError::Moving);
        }
        let event = AnyEvent::from(AuditEvent::LogResumed {
            epoch: last.epoch,
            key: last.successor,
        });
        let staged = [(HANDOVERS, event.clone())];
        let year = self.clock.school_year();
        let append = Append {
            sealed: seal_all(&self.keyring, year, Actor::Machine, &staged).await?,
            typed: vec![event],
            kept: vec![Kept {
                sql: "DELETE FROM kernel_meta WHERE name = 'awaited'",
                arguments: Vec::new(),
                rows: None,
            }],
            ..Append::default()
        };
        self.append(append).await.map(|_| true)
    }

    /// Every handover of this log, in order.
    pub async fn handed_over(&self) -> Result<Vec<HandedOver>, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        succession::handovers(&mut db)
            .await
            .map_err(database("read"))
    }

    /// The handover by which this machine has given the log away, if it has.
    pub async fn given_to(&self) -> Result<Option<HandedOver>, LedgerError> {
        let last = self.handed_over().await?.pop();
        Ok(last.filter(|last| last.successor != self.verifier_key()))
    }

    /// The keys that have signed this log, as text, each with the position up to which it may.
    pub async fn signing_keys(&self) -> Result<Vec<(String, Position)>, LedgerError> {
        let before = self.handed_over().await?;
        let last = before
            .last()
            .map_or_else(|| self.verifier_key(), |last| last.successor.clone());
        let before = before.into_iter().map(|one| (one.key, one.position));
        Ok(before.chain([(last, Position::MAX)]).collect())
    }

    /// The proofs of the handovers from a size on, in order: for whoever believes a key of before.
    pub async fn handovers_from(&self, size: Position) -> Result<Vec<Handover>, LedgerError> {
        let mut proofs = Vec::new();
        for one in self.handed_over().await? {
            if one.position >= size {
                proofs.extend(self.handover(one.position).await?);
            }
        }
        Ok(proofs)
    }

    async fn handover(&self, position: Position) -> Result<Option<Handover>, LedgerError> {
        let mut snapshot = self.kept().snapshot().await.map_err(database("read"))?;
        let db = &mut snapshot;
        let found = rows::after(db, position.saturating_sub(1), 1).await;
        let row = found.map_err(database("read"))?.into_iter().next();
        let Some((entry, part)) = row.and_then(|row| row.entry.zip(row.body)) else {
            return Ok(None);
        };
        let notes = rows::checkpoints(db, position - 1, position, 1).await;
        let note = notes.map_err(database("read"))?.pop();
        let note = note.map(|(_, note)| note);
        let is_over =
            |note: &String| Checkpoint::claimed(note).is_some_and(|one| one.size == position);
        let Some(note) = note.filter(is_over) else {
            return Ok(None);
        };
        let proof = proof::inclusion(self, db, position - 1, position).await;
        let proof = proof.map_err(database("read"))?;
        Ok(Some(Handover {
            position,
            entry,
            part,
            proof,
            note,
        }))
    }
}

/// Reading failed, and so nothing was appended.
fn unread(error: LedgerError) -> AppendError {
    match error {
        LedgerError::Database { source, .. } => AppendError::Database(source),
        _ => AppendError::Stopped,
    }
}

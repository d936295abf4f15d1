//! The act of an erasure: what the log has said is gone for good from keys, log, caches and views. Every step can be done
//! again without harm, so that an act that was cut off is carried out once more from its beginning. What somebody else's
//! reading can hold up comes last and apart: by then nobody finds the person any more.

use super::erased::{self, Said};
use super::error::database;
use super::rows;
use super::writer::Request;
use super::{AppendError, Ledger, LedgerError};
use crate::Kernel;
use crate::keyring::{KeyId, KeyringError, Point, Tombstone};
use crate::views::ViewError;
use events::ids::{Pseudonym, StreamId};
use events::privacy::{Depth, PrivacyEvent, Span, spans_of};
use events::{Kind, Owner, Position};
use events_proof::tree::{from_hex, to_hex};
use std::collections::HashSet;
use std::time::Duration;

/// Rows read at once.
const PAGE: u32 = 2048;
/// Spans emptied in one transaction, so that appends need not wait long.
const SPANS: usize = 256;
/// How long readers of an old state are waited for at once; appends take turns with the attempts.
const READERS: Duration = Duration::from_secs(10);

/// An erasure was not carried out to its end; it has to be carried on.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The keyring.
    #[error("cannot destroy keys")]
    Keyring(#[from] KeyringError),
    /// The log.
    #[error("cannot empty what was erased in the log")]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error("cannot read what is to be erased")]
    Ledger(#[from] LedgerError),
    /// The views.
    #[error("cannot fold the views anew")]
    Views(#[from] ViewError),
    /// A stored file.
    #[error("cannot remove a stored file")]
    Blobs(#[from] crate::blobs::BlobError),
    /// Somebody still reads an old state.
    #[error(
        "an old state of the log is still being read: what was erased is found nowhere, but pages of before cannot be cleared away yet"
    )]
    Read,
    /// A drill stopped it.
    #[error("stopped before a step")]
    Stopped(#[source] std::io::Error),
}

/// What one person's erasure would cover.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The keys, by id.
    pub keys: Vec<KeyId>,
    /// Where something is sealed under them.
    pub ciphertexts: Vec<Span>,
    /// What concerns the people alone.
    pub headers: Vec<Span>,
    /// How many positions the first have.
    pub events: u64,
    /// The streams in which these are, and who acted there.
    pub streams: HashSet<StreamId>,
    /// By the pseudonyms in the headers.
    pub actors: HashSet<Pseudonym>,
}

/// Which entries concern the people alone, so that nobody misses them.
#[derive(Clone, Debug, Default)]
pub struct Alone {
    /// Whole streams.
    pub streams: HashSet<StreamId>,
    /// Kinds, as far as the people themselves acted.
    pub kinds: HashSet<Kind>,
}

impl Kernel {
    /// What erasing owners would cover, from the headers alone.
    pub async fn survey(&self, owners: &[Owner], alone: &Alone) -> Result<Survey, LedgerError> {
        let keyring = self.ledger.keyring();
        let buckets: Vec<_> = owners
            .iter()
            .flat_map(|owner| keyring.buckets_of(*owner))
            .collect();
        let keys: HashSet<KeyId> = buckets.iter().map(|bucket| bucket.id).collect();
        let actors: HashSet<Pseudonym> = buckets.iter().map(|bucket| bucket.pseudonym).collect();
        self.survey_keys(keys, &actors, alone).await
    }

    /// The same for keys, whoever's they were.
    pub async fn survey_keys(
        &self,
        keys: HashSet<KeyId>,
        actors: &HashSet<Pseudonym>,
        alone: &Alone,
    ) -> Result<Survey, LedgerError> {
        let (mut sealed, mut dropped) = (Vec::new(), Vec::new());
        let (mut streams, mut acting) = (HashSet::new(), HashSet::new());
        let size = self.ledger.size();
        let mut at = 0;
        while at < size {
            let found = self.ledger.stored(at, PAGE).await?;
            let Some(last) = found.last() else { break };
            at = last.position;
            for entry in found.iter().filter_map(rows::entry) {
                if entry.parts.iter().any(|part| keys.contains(&part.key)) {
                    sealed.push(entry.position);
                    streams.insert(entry.stream);
                    acting.insert(entry.actor);
                }
                let acted = actors.contains(&entry.actor) && alone.kinds.contains(&entry.kind);
                if acted || alone.streams.contains(&entry.stream) {
                    dropped.push(entry.position);
                }
            }
        }
        let mut keys: Vec<KeyId> = keys.into_iter().collect();
        keys.sort_unstable();
        Ok(Survey {
            keys,
            events: sealed.len() as u64,
            ciphertexts: spans_of(sealed),
            headers: spans_of(dropped),
            streams,
            actors: acting,
        })
    }

    /// Carries out what the log says about one erasure, from keys to views, and gives how often the keyring has been written
    /// anew. `between` is what else has to go once the keys are dead and before headers are dropped: files. `point` is called
    /// before each step, those of the keyring included. [`Kernel::leave_nothing`] has to follow.
    pub async fn erase(
        &self,
        said: &Said,
        between: impl Future<Output = Result<(), EraseError>>,
        point: Point<'_>,
    ) -> Result<u32, EraseError> {
        let PrivacyEvent::ErasureExecuted {
            depth,
            keys,
            ciphertexts,
            headers,
            ..
        } = &said.event
        else {
            return Err(EraseError::Stopped(std::io::Error::other("not an erasure")));
        };
        let at = |step: &'static str| point(step).map_err(EraseError::Stopped);
        let dead: HashSet<KeyId> = keys
            .iter()
            .filter_map(|key| from_hex(key)?.try_into().ok())
            .collect();
        at("destroy keys")?;
        let stone = Tombstone {
            by: said.position,
            depth: *depth,
        };
        let epoch = self.ledger.keyring().renew(&dead, stone, point)?;
        at("remove files")?;
        between.await?;
        if *depth >= Depth::Ciphertext {
            at("empty ciphertexts")?;
            self.ledger.empty(ciphertexts, Depth::Ciphertext).await?;
        }
        if *depth == Depth::Header {
            at("drop headers")?;
            self.ledger.empty(headers, Depth::Header).await?;
        }
        at("forget what is cached")?;
        self.cache.clear();
        if *depth == Depth::Header {
            self.ledger.fold_access(&|_, _, _| {}).await?;
        }
        at("fold the views anew")?;
        self.views.rebuild().await?;
        Ok(epoch)
    }

    /// Clears away the pages of before an erasure. Whoever still reads an old state of the log holds this up:
    /// [`EraseError::Read`] says that it has to be tried again.
    pub async fn leave_nothing(&self, point: Point<'_>) -> Result<(), EraseError> {
        point("fold the log back").map_err(EraseError::Stopped)?;
        self.ledger.fold_back().await
    }
}

impl Ledger {
    /// Every erasure that the log says, in order.
    pub async fn erasures(&self) -> Result<Vec<Said>, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        erased::said(&mut db).await.map_err(database("read"))
    }

    async fn empty(&self, spans: &[Span], depth: Depth) -> Result<(), AppendError> {
        for spans in spans.chunks(SPANS) {
            self.ask(|answer| Request::Empty(spans.to_vec(), depth, answer))
                .await?;
        }
        Ok(())
    }

    /// Folds the write-ahead log back into the database and empties it: pages of before are in neither then.
    async fn fold_back(&self) -> Result<(), EraseError> {
        let patient = async {
            while !self.ask(Request::FoldBack).await? {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok::<_, AppendError>(())
        };
        match tokio::time::timeout(READERS, patient).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(EraseError::Read),
        }
    }

    /// Signs a text with the log's key, as a note. The text ends with a newline and has no blank line.
    #[must_use]
    pub fn sign_note(&self, text: &str) -> String {
        self.signing.note(text)
    }

    /// The size and the root of the log as it is, in hexadecimal digits.
    pub async fn root(&self) -> Result<(Position, String), LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        let head = rows::head(&mut db).await.map_err(database("read"))?;
        match head {
            Some(Ok(head)) => Ok((head.frontier.size(), to_hex(&head.root))),
            Some(Err(problem)) => Err(LedgerError::Tampered(vec![problem])),
            None => Ok((0, String::new())),
        }
    }
}

//! What a batch adds, before it is durable: the tree as it becomes, the events packed into blocks, who waits for them.

use super::append::{Append, Appended};
use super::block::{Block, Body, Content, Header, Id, Record};
use super::commit::Commit;
use super::entry::Entry;
use super::error::AppendError;
use super::heads::Head;
use super::names::Given;
use super::postgres::Found;
use super::rows::{self, HeadRow};
use super::tiles::{Tile, Tiles};
use events::ids::StreamId;
use events::privacy::PrivacyEvent;
use events::{AnyEvent, Position, Recorded};
use events_proof::tree::{Hash, leaf_hash};
use std::collections::HashMap;
use tokio::sync::oneshot;

/// A block is full with so many events or bytes: whoever looks for one event reads all of them.
const BLOCK_EVENTS: u64 = 128;
const BLOCK_BYTES: usize = 32 << 10;

/// Events in one commit, and requests that wait for it: it bounds the memory of a batch and the time a single append waits.
const EVENTS: usize = 8192;

/// An append, and who waits for it.
pub(crate) type Asked = (Append, oneshot::Sender<Result<Appended, AppendError>>);

/// An append that was taken or refused, who waits for it, and what they will be told.
pub(crate) struct Answer {
    /// What is left of it: all but what the batch holds.
    pub(crate) append: Append,
    pub(crate) to: oneshot::Sender<Result<Appended, AppendError>>,
    pub(crate) outcome: Result<Appended, AppendError>,
}

impl Answer {
    pub(crate) fn send(self) {
        // Whoever asked may have gone.
        let _ = self.to.send(self.outcome);
    }
}

/// What a batch adds.
pub(crate) struct Batch {
    /// How many events there are before it.
    upon: Position,
    pub(crate) tiles: Tiles,
    pub(crate) at: u64,
    pub(crate) heads: HashMap<StreamId, Head>,
    pub(crate) published: Vec<Recorded>,
    pub(crate) once: HashMap<Vec<u8>, Appended>,
    pub(crate) answers: Vec<Answer>,
    /// What was looked up for all of it at once; what is not there then is not in the database.
    pub(crate) found: Option<Found>,
    /// Whether its transaction is begun.
    pub(crate) is_begun: bool,
    /// The hash of its first event, by which a batch is told from every other.
    first: Option<Hash>,
    blocks: Vec<Block>,
    /// The tiles that it completes, but for those of the lowest level: they follow from the events.
    done: Vec<Tile>,
}

impl Batch {
    /// An empty batch that goes on from a tree at a moment.
    pub(crate) fn new(tiles: Tiles, at: u64) -> Self {
        Self {
            upon: tiles.frontier().size(),
            tiles,
            at,
            heads: HashMap::new(),
            published: Vec::new(),
            once: HashMap::new(),
            answers: Vec::new(),
            found: None,
            is_begun: false,
            first: None,
            blocks: Vec::new(),
            done: Vec::new(),
        }
    }

    /// What has to be written for it. What later appends look up stays.
    pub(crate) fn commit(&mut self, names: Given, streams_at: Position) -> Commit {
        let blocks = std::mem::take(&mut self.blocks);
        let frontier = self.tiles.frontier();
        let erasures = self.published.iter().filter(|one| is_erasure(&one.event));
        Commit {
            upon: self.upon,
            is_begun: self.is_begun,
            first: self.first,
            blocks: blocks.into_iter().map(Block::finish).collect(),
            names,
            tiles: std::mem::take(&mut self.done),
            once: self
                .once
                .iter()
                .map(|(key, at)| (key.clone(), *at))
                .collect(),
            erasures: erasures.map(|one| one.position).collect(),
            at: self.at,
            head: (!self.published.is_empty()).then(|| HeadRow {
                at: self.at,
                root: frontier.root(),
                frontier: frontier.clone(),
                streams_at,
            }),
        }
    }

    /// What was asked of it, as it was before it was taken, in the same order: to be taken anew by another batch.
    pub(crate) fn take_back(self) -> impl Iterator<Item = Asked> {
        let mut published = self.published.into_iter();
        self.answers.into_iter().map(move |answer| {
            let mut append = answer.append;
            let taken = append.sealed.len() - append.typed.len();
            let events = published.by_ref().take(taken).map(|one| one.event);
            append.typed.extend(events);
            (append, answer.to)
        })
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.published.is_empty()
    }

    /// The position of the last event.
    pub(crate) fn size(&self) -> Position {
        self.tiles.frontier().size()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.published.len() >= EVENTS || self.answers.len() >= EVENTS
    }

    /// Hashes an entry into the tree and packs it.
    pub(crate) fn add(
        &mut self,
        entry: &Entry,
        before: Position,
        sealed: &[u8],
        name: impl FnMut([u8; 16]) -> Id,
    ) {
        let leaf = leaf_hash(&entry.encode());
        self.first.get_or_insert(leaf);
        self.tiles.push(leaf, &mut self.done);
        let body = Body {
            sealed,
            cut: Vec::new(),
        };
        let record = Record {
            before,
            sum: rows::sum(&leaf),
            content: Content::Event(Header::of(entry, name), body),
        };
        pack(&mut self.blocks, entry.position, self.at, &record);
    }
}

fn is_erasure(event: &AnyEvent) -> bool {
    matches!(
        event,
        AnyEvent::Privacy(PrivacyEvent::ErasureExecuted { .. })
    )
}

/// Adds the event of a position to the last block, or to a new one when that is full.
pub(crate) fn pack(blocks: &mut Vec<Block>, position: Position, at: u64, record: &Record<'_>) {
    let has_room = |block: &&mut Block| block.events() < BLOCK_EVENTS && block.len() < BLOCK_BYTES;
    match blocks.last_mut().filter(has_room) {
        Some(block) => block.push(record),
        None => {
            let mut block = Block::new(position, at);
            block.push(record);
            blocks.push(block);
        }
    }
}

//! How events lie together in one row of `kernel_block`: everything of an entry that does not follow from where it lies or
//! from its ciphertexts. The canonical entry is made again from it, bit for bit.
//!
//! A block: format u8 (1) · base time; then its events, one after the other, until it ends. The first has the position
//! that the block is stored under. Numbers are LEB128 (`n`), differences wrap around, ids are a number of `kernel_name`,
//! or 0 and the 16 bytes themselves (`id`).
//!
//! An event: form u8 (bit 0 coarse time · bit 1 has a cause · bits 2–3: 0 whole, 1 cut, 2 only its leaf)
//! · sum 4 · position − before, 0 for a stream's first `n`; only its leaf: leaf hash 32; else: codec × 32 + parts `n` · event
//! id 16 · stream `id` · version `n` · kind `n` · schema `n` · actor `id` · time − base time, zigzag `n` · position − cause
//! `n` when it has one · for each part: key `id` · length `n`; of a cut event: how many of its last parts are gone `n`;
//! then the ciphertexts, and for those that are gone SHA-256 of each.

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::entry::{Entry, Part};
use events::any::COARSE_MILLIS;
use events::ids::{EventId, Pseudonym, StreamId};
use events::{Kind, Millis, Position};
use events_proof::tree::Hash;
pub(crate) use read::records;
use ring::digest::{SHA256, digest};
use uuid::Uuid;
pub(crate) use write::Block;

const FORMAT: u8 = 1;
const COARSE: u8 = 1;
const CAUSE: u8 = 2;
const STATE: u8 = 12;
const WHOLE: u8 = 0;
const CUT: u8 = 4;
const LEAF: u8 = 8;
const PARTS: u64 = 32;

/// A stream, a pseudonym or a key, by its number in the table of names or by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Number(u32),
    Itself([u8; 16]),
}

/// An event as it lies in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The position of the previous event of the same stream; 0 for its first.
    pub(crate) before: Position,
    /// The first four bytes of the leaf hash.
    pub(crate) sum: u32,
    pub(crate) content: Content<'a>,
}

/// What is left of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    Event(Header, Body<'a>),
    /// An erasure dropped the entry; the leaf's hash keeps the tree whole.
    Leaf(Hash),
}

/// The ciphertexts one after the other, and the hashes of those that an erasure cut off behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body<'a> {
    pub(crate) sealed: &'a [u8],
    pub(crate) cut: Vec<Hash>,
}

/// An entry without what follows from its place and its ciphertexts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    coarse: bool,
    codec: u8,
    at: Millis,
    event: [u8; 16],
    stream: Id,
    version: u32,
    kind: u16,
    schema: u16,
    actor: Id,
    cause: Position,
    parts: Vec<(Id, u32)>,
}

impl Header {
    /// What is stored of an entry; `name` says how an id is written.
    pub(crate) fn of(entry: &Entry, mut name: impl FnMut([u8; 16]) -> Id) -> Self {
        Self {
            coarse: entry.coarse,
            codec: entry.codec,
            at: entry.at,
            event: *entry.event.0.as_bytes(),
            stream: name(*entry.stream.0.as_bytes()),
            version: entry.version,
            kind: entry.kind.0,
            schema: entry.schema,
            actor: name(*entry.actor.0.as_bytes()),
            cause: entry.cause,
            parts: entry
                .parts
                .iter()
                .map(|part| (name(part.key), part.length))
                .collect(),
        }
    }

    /// The numbers that the table of names must resolve.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        let ids = [self.stream, self.actor].into_iter();
        let ids = ids.chain(self.parts.iter().map(|(key, _)| *key));
        ids.filter_map(|id| match id {
            Id::Number(number) => Some(number),
            Id::Itself(_) => None,
        })
    }

    /// The entry again; none when a name or a ciphertext is not there.
    pub(crate) fn entry(
        &self,
        position: Position,
        body: &Body<'_>,
        names: impl Fn(u32) -> Option<[u8; 16]>,
    ) -> Option<Entry> {
        let id = |id| match id {
            Id::Number(number) => names(number),
            Id::Itself(id) => Some(id),
        };
        let whole = self.parts.len().checked_sub(body.cut.len())?;
        let mut rest = body.sealed;
        let mut parts = Vec::with_capacity(self.parts.len());
        for (number, (key, length)) in self.parts.iter().enumerate() {
            let hash = if number < whole {
                let (part, more) = rest.split_at_checked(*length as usize)?;
                rest = more;
                sha256(part)
            } else {
                *body.cut.get(number - whole)?
            };
            parts.push(Part {
                key: id(*key)?,
                length: *length,
                hash,
            });
        }
        Some(Entry {
            coarse: self.coarse,
            codec: self.codec,
            position,
            at: self.at,
            event: EventId(Uuid::from_bytes(self.event)),
            stream: StreamId(Uuid::from_bytes(id(self.stream)?)),
            version: self.version,
            kind: Kind(self.kind),
            schema: self.schema,
            actor: Pseudonym(Uuid::from_bytes(id(self.actor)?)),
            cause: self.cause,
            parts,
        })
    }
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// The time that an event of a block most likely has.
fn expected(base: Millis, coarse: bool) -> Millis {
    if coarse {
        base - base % COARSE_MILLIS
    } else {
        base
    }
}

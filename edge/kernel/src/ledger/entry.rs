//! The entry: the fixed layout whose bytes are the Merkle leaf. It holds hashes of ciphertexts only, so that an entry
//! stays provable when its key, or its body, is gone.
//!
//! Version 1, little-endian: format u8 (1) · flags u8 (bit 0: coarse time) · codec u8 · parts u8 · position u64 · time u64
//! (ms, UTC) · event id 16 · stream 16 · version u32 · kind u16 · schema u16 · actor pseudonym 16 · cause u64; then for
//! each part: place u8 (0 inline, 1 blob) · key id 16 · length u32 · SHA-256 of the ciphertext 32.

use crate::keyring::KeyId;
use events::ids::{EventId, Pseudonym, StreamId};
use events::{Codec, Kind, Millis, Position};
use uuid::Uuid;

const FORMAT: u8 = 1;
const COARSE: u8 = 1;
const HEAD: usize = 84;
const PART: usize = 53;
/// A header names at most this many parts; the first formats use two.
pub(crate) const MAX_PARTS: usize = 16;
/// The length of an entry with as many parts as there can be.
pub(crate) const LONGEST: usize = HEAD + PART * MAX_PARTS;

/// Body codec 1: JSON padded with spaces. Read, no longer written.
pub const CODEC_JSON: u8 = Codec::Json.number();
/// Body codec 2: CBOR with numbers for names, padded with nulls.
pub const CODEC_CBOR: u8 = Codec::Cbor.number();

/// A sealed part of a body, as the header names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The key that seals it.
    pub key: KeyId,
    /// Length of the ciphertext in bytes.
    pub length: u32,
    /// SHA-256 of the ciphertext.
    pub hash: [u8; 32],
}

/// An entry's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether the time is rounded down to a quarter of an hour.
    pub coarse: bool,
    /// How the parts are written before sealing.
    pub codec: u8,
    /// Place in the log.
    pub position: Position,
    /// When.
    pub at: Millis,
    /// The event's random id.
    pub event: EventId,
    /// The history it belongs to.
    pub stream: StreamId,
    /// Place in that history, from 1.
    pub version: u32,
    /// The event type's number.
    pub kind: Kind,
    /// The version of its shape.
    pub schema: u16,
    /// Who acted.
    pub actor: Pseudonym,
    /// The event that this one follows from; 0 for none.
    pub cause: Position,
    /// The sealed parts: the structure first, then what is personal.
    pub parts: Vec<Part>,
}

/// An entry's header without what only the tree needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) codec: u8,
    pub(crate) position: Position,
    pub(crate) at: Millis,
    pub(crate) event: EventId,
    pub(crate) stream: StreamId,
    pub(crate) version: u32,
    pub(crate) kind: Kind,
    pub(crate) schema: u16,
    pub(crate) actor: Pseudonym,
}

/// The bytes are not an entry of a format known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an entry of format 1")]
pub struct NotAnEntry;

impl Entry {
    pub(crate) fn head(&self) -> Head {
        Head {
            codec: self.codec,
            position: self.position,
            at: self.at,
            event: self.event,
            stream: self.stream,
            version: self.version,
            kind: self.kind,
            schema: self.schema,
            actor: self.actor,
        }
    }

    /// The canonical bytes: what is hashed as the leaf.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + PART * self.parts.len());
        let parts = u8::try_from(self.parts.len()).unwrap_or(u8::MAX);
        bytes.extend([
            FORMAT,
            if self.coarse { COARSE } else { 0 },
            self.codec,
            parts,
        ]);
        bytes.extend(self.position.to_le_bytes());
        bytes.extend(self.at.to_le_bytes());
        bytes.extend(self.event.0.as_bytes());
        bytes.extend(self.stream.0.as_bytes());
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.kind.0.to_le_bytes());
        bytes.extend(self.schema.to_le_bytes());
        bytes.extend(self.actor.0.as_bytes());
        bytes.extend(self.cause.to_le_bytes());
        for part in &self.parts {
            bytes.push(0);
            bytes.extend(part.key);
            bytes.extend(part.length.to_le_bytes());
            bytes.extend(part.hash);
        }
        bytes
    }

    /// Reads canonical bytes; every byte must be accounted for.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotAnEntry> {
        let mut reader = Reader(bytes);
        let [format, flags, codec, parts] = reader.take()?;
        let parts = usize::from(parts);
        if format != FORMAT || flags > COARSE || parts > MAX_PARTS {
            return Err(NotAnEntry);
        }
        let mut entry = Self {
            coarse: flags == COARSE,
            codec,
            position: u64::from_le_bytes(reader.take()?),
            at: u64::from_le_bytes(reader.take()?),
            event: EventId(Uuid::from_bytes(reader.take()?)),
            stream: StreamId(Uuid::from_bytes(reader.take()?)),
            version: u32::from_le_bytes(reader.take()?),
            kind: Kind(u16::from_le_bytes(reader.take()?)),
            schema: u16::from_le_bytes(reader.take()?),
            actor: Pseudonym(Uuid::from_bytes(reader.take()?)),
            cause: u64::from_le_bytes(reader.take()?),
            parts: Vec::with_capacity(parts),
        };
        for _ in 0..parts {
            if reader.take::<1>()? != [0] {
                return Err(NotAnEntry);
            }
            entry.parts.push(Part {
                key: reader.take()?,
                length: u32::from_le_bytes(reader.take()?),
                hash: reader.take()?,
            });
        }
        if reader.0.is_empty() {
            Ok(entry)
        } else {
            Err(NotAnEntry)
        }
    }

    /// The ciphertexts of the parts, cut from the stored body; `None` when the lengths do not add up.
    #[must_use]
    pub fn cut<'a>(&self, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let mut rest = body;
        let mut cut = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let (one, more) = rest.split_at_checked(part.length as usize)?;
            cut.push(one);
            rest = more;
        }
        rest.is_empty().then_some(cut)
    }
}

/// The key id of a part that is not sealed, because whoever has no key must be able to read it.
pub const PUBLIC: KeyId = [0; 16];

impl Entry {
    /// The structure of a body whose personal part an erasure has emptied.
    #[must_use]
    pub(crate) fn cut_structure<'a>(&self, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        match self.parts.as_slice() {
            [structure, _] if structure.length as usize == body.len() => Some(vec![body]),
            _ => None,
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], NotAnEntry> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(NotAnEntry)?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(parts: usize) -> Entry {
        Entry {
            coarse: true,
            codec: CODEC_CBOR,
            position: 7,
            at: 1_790_000_000_000,
            event: EventId(Uuid::from_u128(1)),
            stream: StreamId(Uuid::from_u128(2)),
            version: 3,
            kind: Kind(301),
            schema: 1,
            actor: Pseudonym(Uuid::from_u128(4)),
            cause: 5,
            parts: (0..parts)
                .map(|n| Part {
                    key: [n as u8; 16],
                    length: 9,
                    hash: [8; 32],
                })
                .collect(),
        }
    }

    #[test]
    fn an_entry_has_the_promised_length_and_reads_back() {
        for parts in 0..3 {
            let bytes = entry(parts).encode();
            assert_eq!(bytes.len(), HEAD + PART * parts);
            assert_eq!(Entry::decode(&bytes), Ok(entry(parts)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read_back_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode(), bytes);
            }
        }

        #[test]
        fn a_changed_byte_never_reads_as_the_same_entry(at in 0_usize..190, bit in 0_u8..8) {
            let mut bytes = entry(2).encode();
            bytes[at] ^= 1 << bit;
            prop_assert_ne!(Entry::decode(&bytes), Ok(entry(2)));
        }
    }
}

//! Short entries: what a segment holds of an entry. What follows from the bytes around it is left out: the position, and the
//! hashes of the ciphertexts that are there. Every field has its place, so there is one way to write an entry, and its leaf
//! covers every byte.
//!
//! The canonical entry without its position (76 bytes), then for each part place · key · length (21 bytes), then SHA-256 of
//! each ciphertext that the body does not have any more.

use crate::keyring::KeyId;
use crate::ledger::entry::{Entry, Head};
use events::Kind;
use events::Position;
use events::ids::{EventId, Pseudonym, StreamId};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

const HEAD: usize = 76;
const PART: usize = 21;
const HASH: usize = 32;
/// Where the canonical entry has its position.
const POSITION: usize = 4;

/// A short entry as it lies in a segment, cut into its pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short<'a> {
    head: &'a [u8; HEAD],
    parts: &'a [[u8; PART]],
    /// The hashes of the last parts, which are gone.
    gone: &'a [[u8; HASH]],
}

impl<'a> Short<'a> {
    /// Cuts a short entry whose body has so many bytes; none when its length is not the one that follows.
    pub(crate) fn cut(bytes: &'a [u8], body: usize) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (parts, gone) = rest.split_at_checked(usize::from(head[3]) * PART)?;
        let parts = parts.as_chunks::<PART>().0;
        let (gone, after) = gone.as_chunks::<HASH>();
        let short = Self { head, parts, gone };
        let fits = after.is_empty() && gone.len() + there(short.lengths(), body)? == parts.len();
        fits.then_some(short)
    }

    /// How many of the parts are there.
    fn there(&self) -> usize {
        self.parts.len() - self.gone.len()
    }

    fn lengths(&self) -> impl ExactSizeIterator<Item = usize> + use<'a> {
        self.parts
            .iter()
            .map(|part| u32::from_le_bytes(at(part, 17)) as usize)
    }

    /// The fields of the header, and the keys and lengths of the parts; none when they are not those of format 1.
    pub(crate) fn read(
        &self,
        position: Position,
    ) -> Option<(Head, impl Iterator<Item = (KeyId, u32)> + Clone + use<'a>)> {
        let head = self.head;
        let places = self.parts.iter().all(|part| part[0] == 0);
        if head[0] != 1 || head[1] > 1 || !places {
            return None;
        }
        let parts = self.parts.iter();
        let parts = parts.map(|part| (at(part, 1), u32::from_le_bytes(at(part, 17))));
        let head = Head {
            codec: head[2],
            position,
            at: u64::from_le_bytes(at(head, 4)),
            event: EventId(Uuid::from_bytes(at(head, 12))),
            stream: StreamId(Uuid::from_bytes(at(head, 28))),
            version: u32::from_le_bytes(at(head, 44)),
            kind: Kind(u16::from_le_bytes(at(head, 48))),
            schema: u16::from_le_bytes(at(head, 50)),
            actor: Pseudonym(Uuid::from_bytes(at(head, 52))),
        };
        Some((head, parts))
    }

    /// Writes the canonical entry.
    pub(crate) fn lengthen(&self, position: Position, mut body: &[u8], into: &mut Vec<u8>) {
        into.extend(&self.head[..POSITION]);
        into.extend(position.to_le_bytes());
        into.extend(&self.head[POSITION..]);
        for (number, (part, length)) in self.parts.iter().zip(self.lengths()).enumerate() {
            into.extend(part);
            match number.checked_sub(self.there()) {
                Some(gone) => into.extend(self.gone[gone]),
                None => {
                    let (bytes, rest) = body.split_at(length.min(body.len()));
                    body = rest;
                    into.extend(digest(&SHA256, bytes).as_ref());
                }
            }
        }
    }
}

/// Writes a canonical entry as a short one. False, and nothing is written, when it is no entry of format 1 or when the body does
/// not end where a part ends.
pub(super) fn shorten(entry: &[u8], body: &[u8], into: &mut Vec<u8>) -> bool {
    let Ok(read) = Entry::decode(entry) else {
        return false;
    };
    let lengths = read.parts.iter().map(|part| part.length as usize);
    let Some(there) = there(lengths, body.len()) else {
        return false;
    };
    into.extend(&entry[..POSITION]);
    into.extend(&entry[POSITION + 8..HEAD + 8]);
    let (parts, _) = entry[HEAD + 8..].as_chunks::<{ PART + HASH }>();
    into.extend(parts.iter().flat_map(|part| &part[..PART]));
    into.extend(parts[there..].iter().flat_map(|part| &part[PART..]));
    true
}

/// How many of the first parts fill a body; none when it ends within one.
fn there(lengths: impl ExactSizeIterator<Item = usize>, body: usize) -> Option<usize> {
    let (count, mut rest) = (lengths.len(), body);
    for (number, length) in lengths.enumerate() {
        match rest.checked_sub(length) {
            Some(less) => rest = less,
            None => return (rest == 0).then_some(number),
        }
    }
    (rest == 0).then_some(count)
}

/// A field at a fixed place of a record that has it.
fn at<const N: usize, const OF: usize>(record: &[u8; OF], from: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&record[from..from + N]);
    field
}

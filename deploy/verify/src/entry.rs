//! An entry of version 1, little-endian: format u8 (1) · flags u8 · codec u8 · parts u8 · position u64 · time u64 · event 16 ·
//! stream 16 · version u32 · kind u16 · schema u16 · actor 16 · cause u64 (84 bytes), then for each part 53 bytes: place
//! u8 (0) · key 16 · length u32 · SHA-256 of the ciphertext 32.

use crate::hash::Hash;

const HEAD: usize = 84;
const PART: usize = 53;
const MOST_PARTS: usize = 16;
/// The kind of `ErasureExecuted`.
const ERASURE: u16 = 502;
/// The kind of `LogSealed`.
const HANDOVER: u16 = 402;
/// No entry is longer.
pub(crate) const LONGEST: usize = 1024;

/// What the verifier reads of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) position: u64,
    pub(crate) stream: [u8; 16],
    pub(crate) version: u32,
    kind: u16,
    parts: &'a [[u8; PART]],
}

/// A sealed part of the body: its length and the hash of its ciphertext.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) length: u32,
    pub(crate) hash: Hash,
}

/// Why bytes are not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// They are shorter or longer than they say; what follows cannot be placed either.
    Length,
    /// A field has a value that it cannot have.
    Field,
}

impl<'a> Entry<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(Wrong::Length)?;
        let (parts, after) = rest.as_chunks::<PART>();
        let [format, flags, _, count, ..] = *head;
        if !after.is_empty() || parts.len() != usize::from(count) {
            return Err(Wrong::Length);
        }
        let places = parts.iter().all(|part| part[0] == 0);
        if format != 1 || flags > 1 || parts.len() > MOST_PARTS || !places {
            return Err(Wrong::Field);
        }
        Ok(Self {
            position: u64::from_le_bytes(at(head, 4)),
            stream: at(head, 36),
            version: u32::from_le_bytes(at(head, 52)),
            kind: u16::from_le_bytes(at(head, 56)),
            parts,
        })
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + use<'a> {
        self.parts.iter().map(|part| Part {
            length: u32::from_le_bytes(at(part, 17)),
            hash: at(part, 21),
        })
    }

    /// Whether a body may be so long: all parts, or after an erasure only the first ones.
    pub(crate) fn may_have(&self, body: u64) -> bool {
        let mut length = 0;
        let mut ends = self.parts().map(|part| {
            length += u64::from(part.length);
            length
        });
        body == 0 || ends.any(|end| end == body)
    }

    /// Whether this is an `ErasureExecuted`, whose first part is not sealed.
    pub(crate) fn says_an_erasure(&self) -> bool {
        self.kind == ERASURE && self.is_unsealed()
    }

    /// Whether this is a `LogSealed`, whose first part is not sealed.
    pub(crate) fn hands_over(&self) -> bool {
        self.kind == HANDOVER && self.is_unsealed()
    }

    fn is_unsealed(&self) -> bool {
        let key: Option<[u8; 16]> = self.parts.first().map(|part| at(part, 1));
        key == Some([0; 16])
    }
}

/// A field at a fixed place of a fixed record.
fn at<const N: usize, const OF: usize>(record: &[u8; OF], from: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&record[from..from + N]);
    field
}

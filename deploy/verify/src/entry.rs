//! An entry of version 1, little-endian: format u8 (1) · flags u8 · codec u8 · parts u8 · position u64 · time u64 · event 16 ·
//! stream 16 · version u32 · kind u16 · schema u16 · actor 16 · cause u64 (84 bytes), then for each part 53 bytes: place
//! u8 (0) · key 16 · length u32 · SHA-256 of the ciphertext 32.
//!
//! A segment of version 2 leaves out what follows from the bytes around it: the position, and the hashes of the ciphertexts that
//! are there. Behind the parts are the hashes of those that are not.

use crate::hash::Hash;

const HEAD: usize = 84;
const PART: usize = 53;
/// The same without position and hash.
const SHORT_HEAD: usize = 76;
const SHORT_PART: usize = 21;
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
    /// What it says about its position; a short one says nothing.
    pub(crate) position: Option<u64>,
    pub(crate) stream: [u8; 16],
    pub(crate) version: u32,
    kind: u16,
    parts: Parts<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Parts<'a> {
    Whole(&'a [[u8; PART]]),
    Short(&'a [[u8; SHORT_PART]]),
}

/// Why bytes are not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// They are shorter or longer than they say; what follows cannot be placed either.
    Length,
    /// The body does not have the length that they say.
    Body,
    /// A field has a value that it cannot have.
    Field,
}

impl<'a> Entry<'a> {
    /// Reads a whole entry.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(Wrong::Length)?;
        let (parts, after) = rest.as_chunks::<PART>();
        if !after.is_empty() || parts.len() != usize::from(head[3]) {
            return Err(Wrong::Length);
        }
        let places = parts.iter().all(|part| part[0] == 0);
        let tail = &head[HEAD - SHORT_HEAD..];
        let position = u64::from_le_bytes(at(head, 4));
        Self::checked(head, tail, places, Parts::Whole(parts), Some(position))
    }

    /// Reads a short entry with a body of so many bytes; and how many parts are there.
    pub(crate) fn read_short(bytes: &'a [u8], body: u64) -> Result<(Self, usize), Wrong> {
        let (head, rest) = bytes
            .split_first_chunk::<SHORT_HEAD>()
            .ok_or(Wrong::Length)?;
        let count = usize::from(head[3]);
        let Some((parts, hashes)) = rest.split_at_checked(count * SHORT_PART) else {
            return Err(Wrong::Length);
        };
        let parts = parts.as_chunks::<SHORT_PART>().0;
        let there = there(parts, body).ok_or(Wrong::Body)?;
        if hashes.len() != 32 * (count - there) {
            return Err(Wrong::Length);
        }
        let places = parts.iter().all(|part| part[0] == 0);
        let entry = Self::checked(head, head, places, Parts::Short(parts), None)?;
        Ok((entry, there))
    }

    /// `tail` has the fields from eight bytes after where a whole entry has them.
    fn checked(
        head: &[u8],
        tail: &[u8],
        places: bool,
        parts: Parts<'a>,
        position: Option<u64>,
    ) -> Result<Self, Wrong> {
        if head[0] != 1 || head[1] > 1 || parts.len() > MOST_PARTS || !places {
            return Err(Wrong::Field);
        }
        Ok(Self {
            position,
            stream: at(tail, 28),
            version: u32::from_le_bytes(at(tail, 44)),
            kind: u16::from_le_bytes(at(tail, 48)),
            parts,
        })
    }

    /// The lengths of the parts.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> + use<'a> {
        let parts = self.parts;
        (0..parts.len()).map(move |number| parts.length(number) as usize)
    }

    /// The hash that a whole entry says a part has.
    pub(crate) fn hash(&self, number: usize) -> Option<Hash> {
        match self.parts {
            Parts::Whole(parts) => Some(at(parts.get(number)?, 21)),
            Parts::Short(_) => None,
        }
    }

    /// Whether a body may be so long: all parts, or after an erasure only the first ones.
    pub(crate) fn may_have(&self, body: u64) -> bool {
        let mut length = 0;
        let mut ends = self.lengths().map(|part| {
            length += part as u64;
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
        let key: Option<[u8; 16]> = match self.parts {
            Parts::Whole(parts) => parts.first().map(|part| at(part, 1)),
            Parts::Short(parts) => parts.first().map(|part| at(part, 1)),
        };
        key == Some([0; 16])
    }
}

impl Parts<'_> {
    fn len(self) -> usize {
        match self {
            Self::Whole(parts) => parts.len(),
            Self::Short(parts) => parts.len(),
        }
    }

    fn length(self, number: usize) -> u32 {
        u32::from_le_bytes(match self {
            Self::Whole(parts) => at(&parts[number], 17),
            Self::Short(parts) => at(&parts[number], 17),
        })
    }
}

/// How many of the first parts fill a body; none when the body ends within one.
fn there(parts: &[[u8; SHORT_PART]], body: u64) -> Option<usize> {
    let mut rest = body;
    for (number, part) in parts.iter().enumerate() {
        match rest.checked_sub(u32::from_le_bytes(at(part, 17)).into()) {
            Some(less) => rest = less,
            None => return (rest == 0).then_some(number),
        }
    }
    (rest == 0).then_some(parts.len())
}

/// Writes a short entry as the whole one that is a leaf of the tree; `hashes` are those of the parts that are there.
pub(crate) fn whole(short: &[u8], position: u64, hashes: &[Hash], into: &mut Vec<u8>) {
    let Some((head, rest)) = short.split_first_chunk::<SHORT_HEAD>() else {
        return;
    };
    into.extend(&head[..4]);
    into.extend(position.to_le_bytes());
    into.extend(&head[4..]);
    let (parts, gone) = rest.split_at(rest.len().min(SHORT_PART * usize::from(head[3])));
    let gone = gone.as_chunks::<32>().0;
    let parts = parts.as_chunks::<SHORT_PART>().0;
    for (part, hash) in parts.iter().zip(hashes.iter().chain(gone)) {
        into.extend(part);
        into.extend(hash);
    }
}

/// A field at a fixed place of a record that is long enough.
fn at<const N: usize>(record: &[u8], from: usize) -> [u8; N] {
    let field = record.get(from..).and_then(<[u8]>::first_chunk);
    field.copied().unwrap_or([0; N])
}

//! Segments: immutable files of 65,536 consecutive events, the one format for replay, audit, backup and moving. This file
//! has the layout and the words for it; `write` makes segments, `read` reads them, `fill` fills them from the log.
//!
//! Version 2, little-endian. Header, 32 bytes: `schulhof segment` · version u32 (2) · count u32 · first position u64.
//! Then blocks of 1,024 events, the last of what is left; the columns of a block of n events:
//! entry lengths n × u16 (0 when the entry was erased) · body lengths n × u32 · marks n × 4 (the first bytes of each leaf
//! hash) · leaf hashes, 32 for each event without entry · short entries (`short.rs`) · bodies.
//! Footer, 88 bytes: `segment complete` · length u64 of everything before the footer · root of the tree over the leaves of
//! these events · SHA-256 of everything before it but short entries and bodies, which the leaves cover.
//!
//! Version 1 is read, and no longer written. Its blocks: state n × u8 (3 entry and body, 1 without body, 0 neither) · entry
//! lengths n × u16 · body lengths n × u32 · marks n × 4 · leaf hashes of events without entry · length u32 of the packed entries,
//! then the entries one after another as one zstd frame (length 0 and no frame when there is none) · bodies. Its footer, 56
//! bytes: `segment complete` · length u64 · SHA-256 of everything before it.

mod fill;
mod read;
mod short;
mod write;

use super::entry;
use events::Position;
use events_proof::tree::{Hash, from_hex, to_hex};
pub use fill::{SegmentsError, Written};
pub(crate) use fill::{Span, write_one, write_segments};
pub use read::{Block, SegmentReader};
pub(crate) use short::Short;
pub use write::{Finished, SegmentWriter};

/// Events in a segment; the last of an export may have fewer.
pub const SEGMENT: u64 = 65_536;
/// Events in a block: what is read, unpacked and checked at once.
pub const BLOCK: usize = 1024;

const MAGIC: &[u8; 16] = b"schulhof segment";
const COMPLETE: &[u8; 16] = b"segment complete";
const VERSION: u32 = 2;
/// The version whose entries are whole and packed.
const PACKED: u32 = 1;
const HEADER: usize = 32;
/// Bytes of a block's fixed columns for each event; in version 1 there is a state before them.
const COLUMNS: usize = 10;
/// No entry is longer: the header and sixteen parts take 932 bytes.
const ENTRY: usize = 1024;
/// Bodies of one block; a thousand events of a megabyte each. It bounds the memory of a reader.
const BODIES: u64 = 1 << 30;

const _: () = assert!(
    entry::LONGEST <= ENTRY,
    "every entry fits into the entry column"
);

/// What is known of an event's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// The canonical entry.
    Entry(&'a [u8]),
    /// What a segment holds of it, as it is read by those who know the segment and only open its events.
    Short(&'a [u8]),
    /// The entry was erased; its leaf hash is left.
    Erased(Hash),
}

/// An event in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where in the log.
    pub position: Position,
    /// The entry, or what is left of it.
    pub head: Head<'a>,
    /// The ciphertexts; none after they were erased.
    pub body: Option<&'a [u8]>,
}

/// A segment cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The file failed.
    #[error("cannot read or write a segment")]
    Io(#[from] std::io::Error),
    /// The bytes are not those of a segment.
    #[error("byte {offset} of the segment: {what}")]
    Malformed {
        /// Where the reader was, in bytes from the beginning.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// An event does not fit into a segment, or not in this place.
    #[error("position {position} cannot be put into a segment: {what}")]
    Unfit {
        /// Where.
        position: Position,
        /// Why not.
        what: &'static str,
    },
}

/// What a segment's file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// The first position.
    pub first: Position,
    /// How many events.
    pub count: u32,
    /// The SHA-256 in the footer, which leads to every byte.
    pub sha256: Hash,
}

impl SegmentName {
    /// Reads a file's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut fields = name.strip_suffix(".segment")?.splitn(3, '-');
        let parsed = Self {
            first: fields.next()?.parse().ok()?,
            count: fields.next()?.parse().ok()?,
            sha256: from_hex(fields.next()?)?.try_into().ok()?,
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl std::fmt::Display for SegmentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            first,
            count,
            sha256,
        } = self;
        write!(f, "{first:020}-{count}-{}.segment", to_hex(sha256))
    }
}

#[cfg(test)]
mod tests;

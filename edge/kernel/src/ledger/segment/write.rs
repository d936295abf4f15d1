//! Writing a segment: events are pushed in order; a block is packed and hashed when it is full, so that never more than one
//! is in memory.

use super::{
    BLOCK, BODIES, COLUMNS, COMPLETE, ENTRY, FOOTER, HEADER, Head, MAGIC, Piece, SegmentError,
    SegmentName, VERSION,
};
use events::Position;
use events_proof::tree::{Hash, leaf_hash};
use ring::digest::{Context, SHA256};
use std::io::Write;

/// Level of zstd: hashes and random ids hardly shrink further at higher ones.
const LEVEL: i32 = 1;

/// Writes one segment.
pub struct SegmentWriter<W> {
    into: W,
    hash: Context,
    written: u64,
    first: Position,
    count: u32,
    pushed: u32,
    states: Vec<u8>,
    entry_lengths: Vec<u16>,
    body_lengths: Vec<u32>,
    leaves: Vec<Hash>,
    entries: Vec<u8>,
    bodies: Vec<u8>,
    packed: Vec<u8>,
    packer: zstd::bulk::Compressor<'static>,
}

/// A segment that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its name.
    pub name: SegmentName,
    /// The file's length in bytes.
    pub bytes: u64,
    /// SHA-256 of the whole file.
    pub file_sha256: Hash,
}

impl<W: Write> SegmentWriter<W> {
    /// Begins a segment of so many events from a position on.
    pub fn begin(into: W, first: Position, count: u32) -> Result<Self, SegmentError> {
        if count == 0 || u64::from(count) > super::SEGMENT || first == 0 {
            let what = "a segment holds 1 to 65,536 events, from position 1 on";
            return Err(SegmentError::Unfit {
                position: first,
                what,
            });
        }
        let mut writer = Self {
            into,
            hash: Context::new(&SHA256),
            written: 0,
            first,
            count,
            pushed: 0,
            states: Vec::with_capacity(BLOCK),
            entry_lengths: Vec::with_capacity(BLOCK),
            body_lengths: Vec::with_capacity(BLOCK),
            leaves: Vec::with_capacity(BLOCK),
            entries: Vec::new(),
            bodies: Vec::new(),
            packed: Vec::new(),
            packer: zstd::bulk::Compressor::new(LEVEL)?,
        };
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(count.to_le_bytes());
        header.extend(first.to_le_bytes());
        writer.put(&header)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SegmentError> {
        self.into.write_all(bytes)?;
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Adds the next event and gives its leaf hash.
    pub fn push(&mut self, piece: &Piece<'_>) -> Result<Hash, SegmentError> {
        let unfit = |what| SegmentError::Unfit {
            position: piece.position,
            what,
        };
        if piece.position != self.first + u64::from(self.pushed) || self.pushed == self.count {
            return Err(unfit("it is not the next one"));
        }
        let body = piece.body.unwrap_or_default();
        let length = u32::try_from(body.len())
            .ok()
            .filter(|length| (self.bodies.len() as u64) + u64::from(*length) <= BODIES)
            .ok_or_else(|| unfit("the bodies around it are too long"))?;
        let (leaf, entry): (Hash, &[u8]) = match piece.head {
            Head::Entry(entry) => (leaf_hash(entry), entry),
            Head::Erased(leaf) => (leaf, &[]),
        };
        let is_erased = matches!(piece.head, Head::Erased(_));
        if entry.len() > ENTRY || entry.is_empty() != is_erased {
            return Err(unfit("the entry is empty or longer than 1,024 bytes"));
        }
        if is_erased && piece.body.is_some() {
            return Err(unfit(
                "there is a body without an entry that tells its hash",
            ));
        }
        self.states
            .push(u8::from(!is_erased) + 2 * u8::from(piece.body.is_some()));
        self.entry_lengths
            .push(u16::try_from(entry.len()).unwrap_or(u16::MAX));
        self.body_lengths.push(length);
        self.leaves.push(leaf);
        self.entries.extend_from_slice(entry);
        self.bodies.extend_from_slice(body);
        self.pushed += 1;
        if self.states.len() == BLOCK {
            self.end_block()?;
        }
        Ok(leaf)
    }

    fn end_block(&mut self) -> Result<(), SegmentError> {
        let mut columns = Vec::with_capacity(self.states.len() * COLUMNS);
        columns.extend(&self.states);
        columns.extend(self.entry_lengths.iter().flat_map(|n| n.to_le_bytes()));
        columns.extend(self.body_lengths.iter().flat_map(|n| n.to_le_bytes()));
        columns.extend(self.leaves.iter().flat_map(|leaf| &leaf[..4]));
        let erased = self.states.iter().zip(&self.leaves);
        for (_, leaf) in erased.filter(|(state, _)| **state == 0) {
            columns.extend(leaf);
        }
        self.packed.clear();
        if !self.entries.is_empty() {
            let bound = zstd::zstd_safe::compress_bound(self.entries.len());
            self.packed.reserve(bound);
            self.packer
                .compress_to_buffer(&self.entries, &mut self.packed)?;
        }
        columns.extend(
            u32::try_from(self.packed.len())
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        );
        self.put(&columns)?;
        let (packed, bodies) = (
            std::mem::take(&mut self.packed),
            std::mem::take(&mut self.bodies),
        );
        self.put(&packed)?;
        self.put(&bodies)?;
        (self.packed, self.bodies) = (packed, bodies);
        self.bodies.clear();
        self.entries.clear();
        self.states.clear();
        self.entry_lengths.clear();
        self.body_lengths.clear();
        self.leaves.clear();
        Ok(())
    }

    /// Ends the segment; every event that was announced must be there.
    pub fn finish(mut self) -> Result<(W, Finished), SegmentError> {
        if self.pushed != self.count {
            return Err(SegmentError::Unfit {
                position: self.first + u64::from(self.pushed),
                what: "it is missing",
            });
        }
        if !self.states.is_empty() {
            self.end_block()?;
        }
        let mut footer = Vec::with_capacity(FOOTER);
        footer.extend(COMPLETE);
        footer.extend(self.written.to_le_bytes());
        self.put(&footer)?;
        let sha256 = digest(self.hash.clone());
        self.put(&sha256)?;
        self.into.flush()?;
        let finished = Finished {
            name: SegmentName {
                first: self.first,
                count: self.count,
                sha256,
            },
            bytes: self.written,
            file_sha256: digest(self.hash),
        };
        Ok((self.into, finished))
    }
}

pub(super) fn digest(hash: Context) -> Hash {
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.finish().as_ref());
    digest
}

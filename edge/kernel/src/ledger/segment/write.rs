//! Writing a segment: events are pushed in order; a block is written when it is full, so that never more than one is in memory.

use super::short::{Short, shorten};
use super::{
    BLOCK, BODIES, COLUMNS, COMPLETE, ENTRY, HEADER, Head, MAGIC, Piece, SegmentError, SegmentName,
    VERSION,
};
use events::Position;
use events_proof::tree::{Frontier, Hash, leaf_hash};
use ring::digest::{Context, SHA256};
use std::io::Write;

/// Writes one segment.
pub struct SegmentWriter<W> {
    into: W,
    hash: Context,
    written: u64,
    first: Position,
    count: u32,
    pushed: u32,
    tree: Frontier,
    entry_lengths: Vec<u16>,
    body_lengths: Vec<u32>,
    marks: Vec<u8>,
    erased: Vec<Hash>,
    entries: Vec<u8>,
    bodies: Vec<u8>,
}

/// A segment that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its name.
    pub name: SegmentName,
    /// The file's length in bytes.
    pub bytes: u64,
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
            tree: Frontier::default(),
            entry_lengths: Vec::with_capacity(BLOCK),
            body_lengths: Vec::with_capacity(BLOCK),
            marks: Vec::with_capacity(4 * BLOCK),
            erased: Vec::new(),
            entries: Vec::new(),
            bodies: Vec::new(),
        };
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(count.to_le_bytes());
        header.extend(first.to_le_bytes());
        writer.put(&header)?;
        Ok(writer)
    }

    /// Writes what the hash at the end covers.
    fn put(&mut self, bytes: &[u8]) -> Result<(), SegmentError> {
        self.hash.update(bytes);
        self.put_leaves(bytes)
    }

    /// Writes what the leaves cover.
    fn put_leaves(&mut self, bytes: &[u8]) -> Result<(), SegmentError> {
        self.into.write_all(bytes)?;
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
        let before = self.entries.len();
        let leaf = match piece.head {
            Head::Erased(_) if piece.body.is_some() => {
                let what = "there is a body without an entry that tells its hash";
                return Err(unfit(what));
            }
            Head::Erased(leaf) => leaf,
            Head::Short(short) if Short::cut(short, body.len()).is_some() => {
                self.entries.extend_from_slice(short);
                piece.leaf()
            }
            Head::Entry(entry) if shorten(entry, body, &mut self.entries) => leaf_hash(entry),
            Head::Entry(_) | Head::Short(_) => {
                let what = "it is not an entry of format 1 with such a body";
                return Err(unfit(what));
            }
        };
        let length = (self.entries.len() - before, length);
        let (Ok(entry), true) = (u16::try_from(length.0), length.0 <= ENTRY) else {
            return Err(unfit("its entry is longer than 1,024 bytes"));
        };
        self.entry_lengths.push(entry);
        self.body_lengths.push(length.1);
        if let Head::Erased(leaf) = piece.head {
            self.erased.push(leaf);
        }
        self.marks.extend(&leaf[..4]);
        self.tree.push(leaf, |_, _, _| {});
        self.bodies.extend_from_slice(body);
        self.pushed += 1;
        if self.entry_lengths.len() == BLOCK {
            self.end_block()?;
        }
        Ok(leaf)
    }

    fn end_block(&mut self) -> Result<(), SegmentError> {
        let mut columns = Vec::with_capacity(self.entry_lengths.len() * COLUMNS);
        columns.extend(self.entry_lengths.iter().flat_map(|n| n.to_le_bytes()));
        columns.extend(self.body_lengths.iter().flat_map(|n| n.to_le_bytes()));
        columns.extend(&self.marks);
        columns.extend(self.erased.iter().flatten());
        self.put(&columns)?;
        let (entries, bodies) = (
            std::mem::take(&mut self.entries),
            std::mem::take(&mut self.bodies),
        );
        self.put_leaves(&entries)?;
        self.put_leaves(&bodies)?;
        (self.entries, self.bodies) = (entries, bodies);
        self.bodies.clear();
        self.entries.clear();
        self.entry_lengths.clear();
        self.body_lengths.clear();
        self.marks.clear();
        self.erased.clear();
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
        if !self.entry_lengths.is_empty() {
            self.end_block()?;
        }
        let length = self.written.to_le_bytes();
        self.put(COMPLETE)?;
        self.put(&length)?;
        let root = self.tree.root();
        self.put(&root)?;
        let sha256 = digest(self.hash);
        self.into.write_all(&sha256)?;
        self.into.flush()?;
        let finished = Finished {
            name: SegmentName {
                first: self.first,
                count: self.count,
                sha256,
            },
            bytes: self.written + sha256.len() as u64,
        };
        Ok((self.into, finished))
    }
}

pub(super) fn digest(hash: Context) -> Hash {
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.finish().as_ref());
    digest
}

//! One segment, checked block by block: layout, entries, bodies, hashes. FORMAT.md in every export has the layout. Nothing
//! outside the segment is known here; what needs its neighbours is handed on to `chain`.

mod events;

use crate::columns::Columns;
use crate::entry::LONGEST;
use crate::erasures::{Absent, Erasures};
use crate::handovers::Handovers;
use crate::hash::Hash;
use crate::report::{Problem, Problems};
use crate::tree::{Tree, complete};
use events::{Lying, place};
use sha2::{Digest, Sha256};
use std::io::Read;

/// Events in a whole segment, and in a whole block.
pub(crate) const SEGMENT: u64 = 65_536;
const BLOCK: usize = 1024;
const HEADER: usize = 32;

/// An event's place in its stream; none when the entry is gone.
pub(crate) type Step = Option<([u8; 16], u32)>;

/// What a segment gave.
#[derive(Default)]
pub(crate) struct Checked {
    /// Whether every event could be read; only then tree and steps are complete.
    pub(crate) is_whole: bool,
    /// The tree over this segment's leaves alone.
    pub(crate) tree: Tree,
    /// The same as it was at the sizes asked for.
    pub(crate) trees: Vec<Tree>,
    pub(crate) steps: Vec<Step>,
    pub(crate) absent: Vec<(u64, Absent)>,
    /// Where an event says an erasure, or a handover, that the export knows.
    pub(crate) said: Vec<u64>,
    pub(crate) problems: Vec<Problem>,
    /// Length of the whole file, and its hash in version 1. In version 2 the file's name has a hash that leads to every byte.
    pub(crate) bytes: u64,
    pub(crate) sha256: Option<Hash>,
}

/// What is asked about a segment.
pub(crate) struct Asked<'a> {
    /// Its path in the export.
    pub(crate) file: &'a str,
    /// What its name says.
    pub(crate) first: u64,
    pub(crate) count: u32,
    pub(crate) footer: Hash,
    /// Sizes of checkpoints that end within it, in order.
    pub(crate) sizes: &'a [u64],
    pub(crate) erasures: &'a Erasures,
    pub(crate) handovers: &'a Handovers,
    /// Told how many events more were checked.
    pub(crate) progress: &'a (dyn Fn(u64) + Sync),
}

/// Checks a segment to its end, or to where nothing more can be placed.
pub(crate) fn check(source: impl Read, asked: &Asked<'_>) -> Checked {
    let mut check = Check {
        source,
        hash: Sha256::new(),
        offset: 0,
        is_short: false,
        asked,
        problems: Problems::default(),
        out: Checked::default(),
        leaves: Vec::with_capacity(BLOCK),
        buffers: Buffers::default(),
        unpacker: zstd::bulk::Decompressor::default(),
    };
    let read = check.header().and_then(|()| check.blocks());
    let whole = read.and_then(|is_whole| check.footer().map(|()| is_whole));
    // What stopped the reading is noted already.
    check.out.is_whole = whole.unwrap_or(false);
    check.finish()
}

/// Nothing more of the segment can be placed; the problem was noted.
struct Stop;

/// Column bytes, leaf hashes of erased entries, packed and plain entries, bodies.
#[derive(Default)]
struct Buffers {
    columns: Vec<u8>,
    erased: Vec<u8>,
    packed: Vec<u8>,
    entries: Vec<u8>,
    bodies: Vec<u8>,
    /// Entries of version 2 with what they leave out.
    whole: Vec<u8>,
}

struct Check<'a, R> {
    source: R,
    /// Of everything in version 1; in version 2 not of what the leaves cover.
    hash: Sha256,
    offset: u64,
    /// Whether it is of version 2.
    is_short: bool,
    asked: &'a Asked<'a>,
    problems: Problems,
    out: Checked,
    leaves: Vec<Hash>,
    buffers: Buffers,
    unpacker: zstd::bulk::Decompressor<'static>,
}

impl<R: Read> Check<'_, R> {
    fn note(&mut self, position: u64, offset: u64, what: impl Into<String>) {
        self.problems.add(Problem {
            position,
            file: self.asked.file.to_owned(),
            offset: Some(offset),
            what: what.into(),
        });
    }

    /// Fills a buffer with so many bytes that the hash at the end covers.
    fn take(&mut self, buffer: &mut Vec<u8>, length: u64, position: u64) -> Result<(), Stop> {
        self.fill(buffer, length, position, true)
    }

    /// The same with bytes that the leaves cover; in version 1 the hash covers them as well.
    fn take_leaves(
        &mut self,
        buffer: &mut Vec<u8>,
        length: u64,
        position: u64,
    ) -> Result<(), Stop> {
        self.fill(buffer, length, position, !self.is_short)
    }

    /// The buffer grows with what arrives, not with what was promised.
    fn fill(
        &mut self,
        buffer: &mut Vec<u8>,
        length: u64,
        position: u64,
        is_hashed: bool,
    ) -> Result<(), Stop> {
        buffer.clear();
        let read = (&mut self.source).take(length).read_to_end(buffer);
        if is_hashed {
            self.hash.update(&buffer[..]);
        }
        self.offset += buffer.len() as u64;
        match read {
            Ok(_) if buffer.len() as u64 == length => Ok(()),
            Ok(_) => {
                self.note(position, self.offset, "the segment ends too early");
                Err(Stop)
            }
            Err(error) => {
                self.note(position, self.offset, format!("it cannot be read: {error}"));
                Err(Stop)
            }
        }
    }

    fn header(&mut self) -> Result<(), Stop> {
        let first = self.asked.first;
        let mut header = Vec::new();
        self.take(&mut header, HEADER as u64, first)?;
        self.is_short = header.get(16) == Some(&2);
        let mut expected = b"schulhof segment".to_vec();
        expected.extend((1 + u32::from(self.is_short)).to_le_bytes());
        expected.extend(self.asked.count.to_le_bytes());
        expected.extend(first.to_le_bytes());
        let wrong = header
            .iter()
            .zip(&expected)
            .position(|(one, other)| one != other);
        if let Some(at) = wrong {
            let what = "the header is not that of a segment of version 1 or 2 with the position and count of its name";
            self.note(first, at as u64, what);
        }
        Ok(())
    }

    fn blocks(&mut self) -> Result<bool, Stop> {
        let (mut at, end) = (
            self.asked.first,
            self.asked.first + u64::from(self.asked.count),
        );
        let mut is_whole = true;
        while at < end {
            let n = BLOCK.min(usize::try_from(end - at).unwrap_or(BLOCK));
            let mut buffers = std::mem::take(&mut self.buffers);
            let read = self.block(&mut buffers, at, n);
            self.buffers = buffers;
            is_whole &= read?;
            at += n as u64;
            (self.asked.progress)(n as u64);
        }
        Ok(is_whole)
    }

    /// Whether every event of the block could be read.
    fn block(&mut self, buffers: &mut Buffers, first: u64, n: usize) -> Result<bool, Stop> {
        let Buffers {
            columns,
            erased,
            packed,
            entries,
            bodies,
            whole,
        } = buffers;
        let began = self.offset;
        let states = usize::from(!self.is_short);
        self.take(columns, (n * Columns::width(states)) as u64, first)?;
        let columns = Columns {
            bytes: columns,
            n,
            states,
        };
        self.shape(columns, began, first)?;
        let gone = (0..n).filter(|at| columns.entry(*at) == 0).count() as u64;
        self.take(erased, 32 * gone, first)?;
        let entries_at = self.offset;
        bodies.clear();
        let read = if self.is_short {
            let length = (0..n).map(|at| columns.entry(at) as u64).sum();
            self.take_leaves(entries, length, first).map(|()| true)
        } else {
            self.packed(packed, entries, n, first)
        };
        let bodies_at = self.offset;
        let length = (0..n).map(|at| columns.body(at)).sum();
        let read = read.and_then(|is_unpacked| {
            self.take_leaves(bodies, length, first)
                .map(|()| is_unpacked)
        });
        let is_unpacked = read.as_ref().is_ok_and(|is_unpacked| *is_unpacked);
        // Where the segment ends too early a length may be to blame, and can be told.
        if is_unpacked || self.is_short {
            let lying = Lying {
                columns,
                entries,
                erased,
                bodies,
                began,
                entries_at,
                bodies_at,
                first,
            };
            match place(&lying) {
                Ok(placed) if is_unpacked => self.events(&lying, &placed, whole),
                Ok(_) => {}
                Err(misfit) => {
                    self.note(misfit.position, misfit.offset, misfit.what);
                    return Err(Stop);
                }
            }
        }
        if is_unpacked {
            self.grow(first);
        }
        read
    }

    /// The entries of version 1; whether they could be unpacked.
    fn packed(
        &mut self,
        packed: &mut Vec<u8>,
        entries: &mut Vec<u8>,
        n: usize,
        first: u64,
    ) -> Result<bool, Stop> {
        self.take(packed, 4, first)?;
        let length = packed.first_chunk().copied().map_or(0, u32::from_le_bytes);
        if length as usize > zstd::zstd_safe::compress_bound(n * LONGEST) {
            self.note(first, self.offset - 4, "the packed entries are too long");
            return Err(Stop);
        }
        let at = self.offset;
        self.take(packed, length.into(), first)?;
        let is_unpacked = self.unpack(packed, entries, n);
        if !is_unpacked {
            let last = first + n as u64 - 1;
            self.note(
                first,
                at,
                format!("the entries {first} to {last} cannot be unpacked"),
            );
        }
        Ok(is_unpacked)
    }

    fn unpack(&mut self, packed: &[u8], entries: &mut Vec<u8>, n: usize) -> bool {
        entries.clear();
        entries.reserve(n * LONGEST);
        packed.is_empty() || self.unpacker.decompress_to_buffer(packed, entries).is_ok()
    }

    fn shape(&mut self, columns: Columns<'_>, began: u64, first: u64) -> Result<(), Stop> {
        match columns.first_misfit() {
            None => Ok(()),
            Some(at) => {
                let what = "its state and lengths do not fit together";
                self.note(first + at as u64, began + at as u64, what);
                Err(Stop)
            }
        }
    }

    /// Adds the block's leaves to the tree, one by one only where a checkpoint ends among them.
    fn grow(&mut self, first: u64) {
        let last = first + self.leaves.len() as u64 - 1;
        let from = self.asked.sizes.partition_point(|size| *size < first);
        let mut sizes = self.asked.sizes[from..]
            .iter()
            .take_while(|size| **size <= last)
            .peekable();
        if sizes.peek().is_none()
            && self.leaves.len() == BLOCK
            && let Some((height, root)) = complete(&mut self.leaves)
        {
            self.out.tree.add(height, root);
        } else {
            for (position, leaf) in (first..).zip(&self.leaves) {
                self.out.tree.add(0, *leaf);
                if sizes.next_if(|size| **size == position).is_some() {
                    self.out.trees.push(self.out.tree.clone());
                }
            }
        }
        self.leaves.clear();
    }

    fn footer(&mut self) -> Result<(), Stop> {
        let last = self.asked.first + u64::from(self.asked.count) - 1;
        let at = self.offset;
        let mut footer = Vec::new();
        self.take(&mut footer, 24, last)?;
        let length = at.to_le_bytes();
        if footer != [&b"segment complete"[..], &length].concat() {
            self.note(last, at, "the segment does not end here as it should");
        }
        if self.is_short {
            let mut root = Vec::new();
            let at = self.offset;
            self.take(&mut root, 32, last)?;
            if root != self.out.tree.root() && self.problems.is_empty() {
                let what = "the root at the end is not the one that follows from the entries";
                self.note(self.asked.first, at, what);
            }
        }
        let hash: Hash = self.hash.clone().finalize().into();
        let at = self.offset;
        self.take(&mut footer, 32, last)?;
        // What was named already is why.
        if footer != hash && self.problems.is_empty() {
            let first = self.asked.first;
            let what = format!(
                "the hash at the end is not that of the segment with the entries {first} to {last}"
            );
            self.note(first, at, what);
        }
        if footer != self.asked.footer {
            self.problems.file(
                self.asked.file,
                "the hash in its name is not the one at its end",
            );
        }
        Ok(())
    }

    /// Hashes what was not read, which in a sound segment is nothing.
    fn finish(mut self) -> Checked {
        let end = self.offset;
        let mut buffer = vec![0; 1 << 16];
        while let Ok(got) = self.source.read(&mut buffer)
            && got > 0
        {
            self.hash.update(&buffer[..got]);
            self.offset += got as u64;
        }
        if self.out.is_whole && self.offset > end {
            self.problems.add(Problem {
                position: 0,
                file: self.asked.file.to_owned(),
                offset: Some(end),
                what: format!("{} bytes follow the segment", self.offset - end),
            });
        }
        self.out.bytes = self.offset;
        self.out.sha256 = (!self.is_short).then(|| self.hash.finalize().into());
        self.out.problems = self.problems.into_list();
        self.out
    }
}

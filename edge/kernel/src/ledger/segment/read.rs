//! Reading a segment, block by block: large reads into buffers that are used again, so that nothing is allocated for an
//! event. Whatever does not have the layout is refused with its place; nothing is trusted to be as long as it says.

use super::short::Short;
use super::write::digest;
use super::{
    BLOCK, BODIES, COLUMNS, COMPLETE, ENTRY, HEADER, Head, MAGIC, PACKED, Piece, SEGMENT,
    SegmentError, VERSION,
};
use events::Position;
use events_proof::tree::{Frontier, Hash, leaf_hash};
use ring::digest::{Context, SHA256};
use std::io::Read;

/// Reads one segment.
pub struct SegmentReader<R> {
    from: R,
    hash: Context,
    /// Whether every byte is compared with what covers it, and entries are given as they are hashed.
    is_checked: bool,
    tree: Frontier,
    version: u32,
    offset: u64,
    first: Position,
    count: u32,
    taken: u32,
    block: Block,
    buffer: Vec<u8>,
    unpacker: zstd::bulk::Decompressor<'static>,
}

/// The events of one block.
#[derive(Default)]
pub struct Block {
    first: Position,
    n: usize,
    /// Bytes of a state before each event's lengths; none since version 2.
    states: usize,
    columns: Vec<u8>,
    leaves: Vec<u8>,
    entries: Vec<u8>,
    /// Where each entry ends when they were made whole; otherwise they are short and the columns tell.
    whole: Option<Vec<usize>>,
    bodies: Vec<u8>,
}

impl<R: Read> SegmentReader<R> {
    /// Reads the header.
    pub fn open(from: R) -> Result<Self, SegmentError> {
        Self::begin(from, true)
    }

    /// The same for a segment that was checked when it came, such as for replay: the layout is checked, hashes are not.
    pub fn open_known(from: R) -> Result<Self, SegmentError> {
        Self::begin(from, false)
    }

    fn begin(from: R, is_checked: bool) -> Result<Self, SegmentError> {
        let mut reader = Self {
            from,
            hash: Context::new(&SHA256),
            is_checked,
            tree: Frontier::default(),
            version: VERSION,
            offset: 0,
            first: 0,
            count: 0,
            taken: 0,
            block: Block::default(),
            buffer: Vec::new(),
            unpacker: zstd::bulk::Decompressor::new()?,
        };
        let mut header = Vec::new();
        reader.take(&mut header, HEADER)?;
        let mut fields = Fields(&header);
        let magic = fields.bytes::<16>();
        reader.version = u32::from_le_bytes(fields.bytes());
        if &magic != MAGIC {
            return Err(malformed(0, "this is not the beginning of a segment"));
        }
        if ![PACKED, VERSION].contains(&reader.version) {
            return Err(malformed(16, "the version is not one known here"));
        }
        reader.count = u32::from_le_bytes(fields.bytes());
        reader.first = u64::from_le_bytes(fields.bytes());
        let last = reader.first.checked_add(SEGMENT);
        if reader.count == 0 || u64::from(reader.count) > SEGMENT || last.is_none() {
            return Err(malformed(20, "a segment holds 1 to 65,536 events"));
        }
        if reader.first == 0 {
            return Err(malformed(24, "positions begin with 1"));
        }
        Ok(reader)
    }

    /// The first position.
    #[must_use]
    pub fn first(&self) -> Position {
        self.first
    }

    /// How many events.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Reads the next block; none at the end, after the footer was found to be right.
    pub fn next_block(&mut self) -> Result<Option<&Block>, SegmentError> {
        if self.taken == self.count {
            return self.end().map(|()| None);
        }
        let n = BLOCK.min((self.count - self.taken) as usize);
        let began = self.offset;
        let mut block = std::mem::take(&mut self.block);
        block.first = self.first + u64::from(self.taken);
        block.n = n;
        block.whole = None;
        block.states = usize::from(self.version == PACKED);
        self.take(&mut block.columns, n * (block.states + COLUMNS))?;
        let (mut erased, mut entries, mut bodies) = (0, 0, 0_u64);
        for at in 0..n {
            let (entry, body) = block.lengths(at);
            let fits = match (block.states, block.columns[at]) {
                (0, _) => entry > 0 || body == 0,
                (_, 3) => entry > 0,
                (_, 1) => entry > 0 && body == 0,
                (_, 0) => entry == 0 && body == 0,
                _ => false,
            };
            if !fits || entry > ENTRY {
                return Err(malformed(
                    began + at as u64,
                    "an event's state and lengths do not fit together",
                ));
            }
            erased += usize::from(entry == 0);
            entries += entry;
            bodies += body as u64;
        }
        if bodies > BODIES {
            return Err(malformed(began, "the bodies of a block are too long"));
        }
        self.take(&mut block.leaves, erased * 32)?;
        let entries_at = self.offset;
        if self.version == PACKED {
            self.unpack(&mut block.entries, entries)?;
        } else {
            self.fill(&mut block.entries, entries)?;
        }
        let bodies = usize::try_from(bodies).unwrap_or(usize::MAX);
        if self.version == PACKED {
            self.take(&mut block.bodies, bodies)?;
        } else {
            self.fill(&mut block.bodies, bodies)?;
        }
        if self.version != PACKED && self.is_checked {
            self.check(&mut block, entries_at)?;
        }
        self.taken += u32::try_from(n).unwrap_or(u32::MAX);
        self.block = block;
        Ok(Some(&self.block))
    }

    fn unpack(&mut self, entries: &mut Vec<u8>, length: usize) -> Result<(), SegmentError> {
        let at = self.offset;
        let mut packed = std::mem::take(&mut self.buffer);
        self.take(&mut packed, 4)?;
        let packed_length = u32::from_le_bytes(Fields(&packed).bytes()) as usize;
        let most = match length {
            0 => 0,
            _ => zstd::zstd_safe::compress_bound(length),
        };
        if packed_length > most {
            return Err(malformed(at, "the packed entries are too long"));
        }
        self.take(&mut packed, packed_length)?;
        entries.clear();
        entries.reserve(length);
        let unpacked = match length {
            0 => Ok(0),
            _ => self.unpacker.decompress_to_buffer(&packed, entries),
        };
        self.buffer = packed;
        match unpacked {
            Ok(got) if got == length => Ok(()),
            _ => Err(malformed(at + 4, "the entries cannot be unpacked")),
        }
    }

    /// Makes short entries whole and compares their leaves with the marks.
    fn check(&mut self, block: &mut Block, mut offset: u64) -> Result<(), SegmentError> {
        let mut whole = std::mem::take(&mut self.buffer);
        whole.clear();
        let mut ends = Vec::with_capacity(block.n);
        for piece in block.iter() {
            let began = whole.len();
            let leaf = match piece.head {
                Head::Short(bytes) => {
                    let body = piece.body.unwrap_or_default();
                    let short = Short::cut(bytes, body.len());
                    let short = short.ok_or(malformed(offset, MISFIT))?;
                    short.lengthen(piece.position, body, &mut whole);
                    offset += bytes.len() as u64;
                    leaf_hash(&whole[began..])
                }
                Head::Entry(_) | Head::Erased(_) => piece.leaf(),
            };
            if block.mark(piece.position).as_ref() != leaf.first_chunk() {
                let what = "an event is not what was written";
                return Err(malformed(offset, what));
            }
            self.tree.push(leaf, |_, _, _| {});
            ends.push(whole.len());
        }
        if ends.len() != block.n {
            return Err(malformed(offset, MISFIT));
        }
        self.buffer = std::mem::replace(&mut block.entries, whole);
        block.whole = Some(ends);
        Ok(())
    }

    fn end(&mut self) -> Result<(), SegmentError> {
        let at = self.offset;
        let mut footer = Vec::new();
        self.take(&mut footer, 24)?;
        let mut fields = Fields(&footer);
        if &fields.bytes::<16>() != COMPLETE || u64::from_le_bytes(fields.bytes()) != at {
            return Err(malformed(at, "the segment does not end here as it should"));
        }
        if self.version != PACKED {
            self.take(&mut footer, 32)?;
            if self.is_checked && footer != self.tree.root() {
                return Err(malformed(at + 24, "the root is not that of the entries"));
            }
        }
        let hash = digest(self.hash.clone());
        let at = self.offset;
        self.take(&mut footer, 32)?;
        if self.is_checked && footer != hash {
            return Err(malformed(at, "the bytes are not those that were written"));
        }
        match self.from.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(malformed(self.offset, "something follows the segment")),
        }
    }

    /// Fills a buffer with exactly so many bytes that the hash at the end covers.
    fn take(&mut self, buffer: &mut Vec<u8>, length: usize) -> Result<(), SegmentError> {
        let filled = self.fill(buffer, length);
        if self.is_checked {
            self.hash.update(buffer);
        }
        filled
    }

    /// Fills a buffer with exactly so many bytes. The buffer grows with what arrives, not with what was promised.
    fn fill(&mut self, buffer: &mut Vec<u8>, length: usize) -> Result<(), SegmentError> {
        buffer.clear();
        let got = (&mut self.from).take(length as u64).read_to_end(buffer)?;
        self.offset += got as u64;
        if got == length {
            Ok(())
        } else {
            Err(malformed(self.offset, "the segment ends too early"))
        }
    }
}

const MISFIT: &str = "an entry and its body do not have the lengths that they should have";

fn malformed(offset: u64, what: &'static str) -> SegmentError {
    SegmentError::Malformed { offset, what }
}

impl Block {
    /// Entry length and body length of an event, as the columns say.
    fn lengths(&self, at: usize) -> (usize, usize) {
        let entry = self.column(self.states * self.n + 2 * at);
        let body = self.column((self.states + 2) * self.n + 4 * at);
        let length = usize::try_from(u32::from_le_bytes(body)).unwrap_or(usize::MAX);
        (usize::from(u16::from_le_bytes(entry)), length)
    }

    fn column<const N: usize>(&self, from: usize) -> [u8; N] {
        let field = self.columns.get(from..).and_then(<[u8]>::first_chunk);
        field.copied().unwrap_or([0; N])
    }

    /// The events in order; nothing is allocated or copied.
    pub fn iter(&self) -> impl Iterator<Item = Piece<'_>> {
        let (mut leaves, mut bodies) = (&self.leaves[..], &self.bodies[..]);
        let mut began = 0;
        (0..self.n).map_while(move |at| {
            let (length, body) = self.lengths(at);
            let body = cut(&mut bodies, body)?;
            let end = match &self.whole {
                Some(ends) => *ends.get(at)?,
                None => began + length,
            };
            let entry = self.entries.get(std::mem::replace(&mut began, end)..end)?;
            let (head, has_body) = match (length, self.states, &self.whole) {
                (0, ..) => {
                    let (leaf, rest) = leaves.split_first_chunk::<32>()?;
                    leaves = rest;
                    (Head::Erased(*leaf), false)
                }
                (_, 1, _) => (Head::Entry(entry), self.columns[at] == 3),
                (_, _, Some(_)) => (Head::Entry(entry), is_there(entry, body)),
                (_, _, None) => (Head::Short(entry), is_there(entry, body)),
            };
            Some(Piece {
                position: self.first + at as u64,
                head,
                body: has_body.then_some(body),
            })
        })
    }

    /// The first bytes of an event's leaf hash, as the segment remembers them.
    #[must_use]
    pub fn mark(&self, position: Position) -> Option<[u8; 4]> {
        let at = usize::try_from(position.checked_sub(self.first)?).ok()?;
        let marks = self.columns.get((self.states + 6) * self.n..)?;
        marks.get(4 * at..)?.first_chunk().copied()
    }
}

/// Whether anything is left of a body: when an entry names no part, nothing can be gone.
fn is_there(entry: &[u8], body: &[u8]) -> bool {
    !body.is_empty() || entry.get(3) == Some(&0)
}

fn cut<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (one, more) = rest.split_at_checked(length)?;
    *rest = more;
    Some(one)
}

/// Fixed fields of bytes whose number was checked when they were read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let Some((taken, rest)) = self.0.split_first_chunk() else {
            return [0; N];
        };
        self.0 = rest;
        *taken
    }
}

/// The hash that a piece contributes to the tree.
impl Piece<'_> {
    /// The leaf hash: of the entry, or what is left of it.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        match self.head {
            Head::Entry(entry) => leaf_hash(entry),
            Head::Short(short) => {
                let body = self.body.unwrap_or_default();
                let mut entry = Vec::new();
                if let Some(short) = Short::cut(short, body.len()) {
                    short.lengthen(self.position, body, &mut entry);
                }
                leaf_hash(&entry)
            }
            Head::Erased(leaf) => leaf,
        }
    }
}

//! Reading a segment, block by block: large reads into buffers that are used again, so that nothing is allocated for an
//! event. Whatever does not have the layout is refused with its place; nothing is trusted to be as long as it says.

use super::write::digest;
use super::{
    BLOCK, BODIES, COLUMNS, COMPLETE, ENTRY, FOOTER, HEADER, Head, MAGIC, Piece, SEGMENT,
    SegmentError, VERSION,
};
use events::Position;
use events_proof::tree::Hash;
use ring::digest::{Context, SHA256};
use std::io::Read;

/// Reads one segment.
pub struct SegmentReader<R> {
    from: R,
    hash: Option<Context>,
    offset: u64,
    first: Position,
    count: u32,
    taken: u32,
    block: Block,
    packed: Vec<u8>,
    unpacker: zstd::bulk::Decompressor<'static>,
}

/// The events of one block.
#[derive(Default)]
pub struct Block {
    first: Position,
    columns: Vec<u8>,
    leaves: Vec<u8>,
    entries: Vec<u8>,
    bodies: Vec<u8>,
}

impl<R: Read> SegmentReader<R> {
    /// Reads the header.
    pub fn open(from: R) -> Result<Self, SegmentError> {
        Self::begin(from, Some(Context::new(&SHA256)))
    }

    /// The same for a segment whose hash was checked when it came, such as for replay: the layout is checked, the hash at the
    /// end is not.
    pub fn open_known(from: R) -> Result<Self, SegmentError> {
        Self::begin(from, None)
    }

    fn begin(from: R, hash: Option<Context>) -> Result<Self, SegmentError> {
        let mut reader = Self {
            from,
            hash,
            offset: 0,
            first: 0,
            count: 0,
            taken: 0,
            block: Block::default(),
            packed: Vec::new(),
            unpacker: zstd::bulk::Decompressor::new()?,
        };
        let mut header = Vec::new();
        reader.take(&mut header, HEADER)?;
        let mut fields = Fields(&header);
        let (magic, version) = (fields.bytes::<16>(), u32::from_le_bytes(fields.bytes()));
        if &magic != MAGIC {
            return Err(malformed(0, "this is not the beginning of a segment"));
        }
        if version != VERSION {
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
        self.take(&mut block.columns, n * COLUMNS)?;
        block.first = self.first + u64::from(self.taken);
        let (mut erased, mut entries, mut bodies) = (0, 0, 0_u64);
        for at in 0..n {
            let (state, entry, body) = block.lengths(at, n);
            let fits = match state {
                3 => entry > 0,
                1 => entry > 0 && body == 0,
                0 => entry == 0 && body == 0,
                _ => false,
            };
            if !fits || entry > ENTRY {
                return Err(malformed(
                    began + at as u64,
                    "an event's state and lengths do not fit together",
                ));
            }
            erased += usize::from(state == 0);
            entries += entry;
            bodies += body as u64;
        }
        if bodies > BODIES {
            return Err(malformed(began, "the bodies of a block are too long"));
        }
        self.take(&mut block.leaves, erased * 32)?;
        self.unpack(&mut block.entries, entries)?;
        self.take(
            &mut block.bodies,
            usize::try_from(bodies).unwrap_or(usize::MAX),
        )?;
        self.taken += u32::try_from(n).unwrap_or(u32::MAX);
        self.block = block;
        Ok(Some(&self.block))
    }

    fn unpack(&mut self, entries: &mut Vec<u8>, length: usize) -> Result<(), SegmentError> {
        let at = self.offset;
        let mut packed = std::mem::take(&mut self.packed);
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
        self.packed = packed;
        match unpacked {
            Ok(got) if got == length => Ok(()),
            _ => Err(malformed(at + 4, "the entries cannot be unpacked")),
        }
    }

    fn end(&mut self) -> Result<(), SegmentError> {
        let at = self.offset;
        let mut footer = Vec::new();
        self.take(&mut footer, FOOTER - 32)?;
        let hash = self.hash.clone().map(digest);
        let mut fields = Fields(&footer);
        if &fields.bytes::<16>() != COMPLETE || u64::from_le_bytes(fields.bytes()) != at {
            return Err(malformed(at, "the segment does not end here as it should"));
        }
        self.take(&mut footer, 32)?;
        if hash.is_some_and(|hash| footer != hash) {
            return Err(malformed(
                at + 24,
                "the bytes are not those that were written",
            ));
        }
        match self.from.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(malformed(self.offset, "something follows the segment")),
        }
    }

    /// Fills a buffer with exactly so many bytes. The buffer grows with what arrives, not with what was promised.
    fn take(&mut self, buffer: &mut Vec<u8>, length: usize) -> Result<(), SegmentError> {
        buffer.clear();
        let got = (&mut self.from).take(length as u64).read_to_end(buffer)?;
        if let Some(hash) = &mut self.hash {
            hash.update(buffer);
        }
        self.offset += got as u64;
        if got == length {
            Ok(())
        } else {
            Err(malformed(self.offset, "the segment ends too early"))
        }
    }
}

fn malformed(offset: u64, what: &'static str) -> SegmentError {
    SegmentError::Malformed { offset, what }
}

impl Block {
    /// State, entry length and body length of an event, of `n`.
    fn lengths(&self, at: usize, n: usize) -> (u8, usize, usize) {
        let state = self.columns.get(at).copied().unwrap_or(u8::MAX);
        let entry = Fields(&self.columns[n + 2 * at..]).bytes();
        let body = Fields(&self.columns[3 * n + 4 * at..]).bytes();
        let length = usize::try_from(u32::from_le_bytes(body)).unwrap_or(usize::MAX);
        (state, usize::from(u16::from_le_bytes(entry)), length)
    }

    /// The events in order; nothing is allocated or copied.
    pub fn iter(&self) -> impl Iterator<Item = Piece<'_>> {
        let n = self.columns.len() / COLUMNS;
        let (mut leaves, mut entries, mut bodies) =
            (&self.leaves[..], &self.entries[..], &self.bodies[..]);
        (0..n).map_while(move |at| {
            let (state, entry, body) = self.lengths(at, n);
            let head = if state == 0 {
                let (leaf, rest) = leaves.split_first_chunk::<32>()?;
                leaves = rest;
                Head::Erased(*leaf)
            } else {
                Head::Entry(cut(&mut entries, entry)?)
            };
            let body = cut(&mut bodies, body)?;
            Some(Piece {
                position: self.first + at as u64,
                head,
                body: (state == 3).then_some(body),
            })
        })
    }

    /// The first bytes of an event's leaf hash, as the segment remembers them.
    #[must_use]
    pub fn mark(&self, position: Position) -> Option<[u8; 4]> {
        let n = self.columns.len() / COLUMNS;
        let at = usize::try_from(position.checked_sub(self.first)?).ok()?;
        let marks = self.columns.get(7 * n..)?;
        marks.get(4 * at..)?.first_chunk().copied()
    }
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
            Head::Entry(entry) => events_proof::tree::leaf_hash(entry),
            Head::Erased(leaf) => leaf,
        }
    }
}

//! A block's columns: in version 1 state, length of the entry, length of the body, mark; in version 2 the same without the state,
//! which follows from the lengths and the entry.

use crate::entry::LONGEST;

/// Bodies of one block; it bounds the memory.
const BODIES: u64 = 1 << 30;

/// A block's columns. Every event's lengths and mark have their place.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) n: usize,
    /// Bytes for each event before the lengths: 1 in version 1.
    pub(crate) states: usize,
}

impl Columns<'_> {
    /// Bytes of the columns for each event.
    pub(crate) fn width(states: usize) -> usize {
        states + 10
    }

    fn field<const N: usize>(&self, from: usize) -> [u8; N] {
        let field = self.bytes.get(from..).and_then(<[u8]>::first_chunk);
        field.copied().unwrap_or([0; N])
    }
    pub(crate) fn state(&self, at: usize) -> u8 {
        u8::from_le_bytes(self.field(at))
    }
    pub(crate) fn entry(&self, at: usize) -> usize {
        u16::from_le_bytes(self.field(self.place_of_entry(at))).into()
    }
    pub(crate) fn body(&self, at: usize) -> u64 {
        u32::from_le_bytes(self.field(self.place_of_body(at))).into()
    }
    pub(crate) fn mark(&self, at: usize) -> [u8; 4] {
        self.field(self.place_of_mark(at))
    }

    /// Where the length of an entry lies, from the beginning of the block.
    pub(crate) fn place_of_entry(&self, at: usize) -> usize {
        self.states * self.n + 2 * at
    }
    /// Where the length of a body lies.
    pub(crate) fn place_of_body(&self, at: usize) -> usize {
        (self.states + 2) * self.n + 4 * at
    }
    /// Where a mark lies.
    pub(crate) fn place_of_mark(&self, at: usize) -> usize {
        (self.states + 6) * self.n + 4 * at
    }

    /// The first event whose state and lengths do not fit together.
    pub(crate) fn first_misfit(&self) -> Option<usize> {
        let mut bodies = 0;
        (0..self.n).find(|at| {
            let (entry, body) = (self.entry(*at), self.body(*at));
            bodies += body;
            let fits = match (self.states, self.state(*at)) {
                (0, _) => entry > 0 || body == 0,
                (_, 3) => entry > 0,
                (_, 1) => entry > 0 && body == 0,
                (_, 0) => entry == 0 && body == 0,
                _ => false,
            };
            !fits || entry > LONGEST || bodies > BODIES
        })
    }
}

/// Cuts bytes from the front; fewer when there are no more.
pub(crate) fn cut<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (one, more) = rest.split_at(length.min(rest.len()));
    *rest = more;
    one
}

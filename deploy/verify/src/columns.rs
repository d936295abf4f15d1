//! A block's columns: state, length of the entry, length of the body, mark.

use crate::entry::LONGEST;

/// Bytes of the columns for each event.
pub(crate) const COLUMNS: usize = 11;
/// Bodies of one block; it bounds the memory.
const BODIES: u64 = 1 << 30;

/// A block's columns. Every event's state, lengths and mark have their place.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) n: usize,
}

impl Columns<'_> {
    fn field<const N: usize>(&self, before: usize, at: usize) -> [u8; N] {
        let from = before * self.n + N * at;
        let field = self.bytes.get(from..).and_then(<[u8]>::first_chunk);
        field.copied().unwrap_or([0; N])
    }
    pub(crate) fn state(&self, at: usize) -> u8 {
        u8::from_le_bytes(self.field(0, at))
    }
    pub(crate) fn entry(&self, at: usize) -> usize {
        u16::from_le_bytes(self.field(1, at)).into()
    }
    pub(crate) fn body(&self, at: usize) -> u64 {
        u32::from_le_bytes(self.field(3, at)).into()
    }
    pub(crate) fn mark(&self, at: usize) -> [u8; 4] {
        self.field(7, at)
    }

    /// The first event whose state and lengths do not fit together.
    pub(crate) fn first_misfit(&self) -> Option<usize> {
        let mut bodies = 0;
        (0..self.n).find(|at| {
            let (entry, body) = (self.entry(*at), self.body(*at));
            bodies += body;
            let fits = match self.state(*at) {
                3 => entry > 0,
                1 => entry > 0 && body == 0,
                0 => entry == 0 && body == 0,
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

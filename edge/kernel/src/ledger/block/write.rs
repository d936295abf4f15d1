//! Writing a block, one event after the other.

use super::{
    CAUSE, COARSE, CUT, Content, FORMAT, Header, Id, LEAF, PARTS, Record, WHOLE, expected,
};
use events::{Millis, Position};

/// A block as it grows.
#[derive(Debug)]
pub(crate) struct Block {
    first: Position,
    next: Position,
    base: Millis,
    data: Vec<u8>,
}

impl Block {
    /// An empty block whose first event will have this position.
    pub(crate) fn new(first: Position, base: Millis) -> Self {
        let mut data = vec![FORMAT];
        put(&mut data, base);
        Self {
            first,
            next: first,
            base,
            data,
        }
    }

    /// How many events it holds.
    pub(crate) fn events(&self) -> u64 {
        self.next - self.first
    }

    /// How many bytes.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// The position of its first event, and its bytes.
    pub(crate) fn finish(self) -> (Position, Vec<u8>) {
        (self.first, self.data)
    }

    /// Adds the next event.
    pub(crate) fn push(&mut self, record: &Record<'_>) {
        let position = self.next;
        self.next += 1;
        let data = &mut self.data;
        data.push(form(&record.content));
        data.extend(record.sum.to_le_bytes());
        let back = match record.before {
            0 => 0,
            before => position.wrapping_sub(before),
        };
        put(data, back);
        match &record.content {
            Content::Leaf(leaf) => data.extend(leaf),
            Content::Event(header, body) => {
                put_header(data, header, position, self.base);
                if !body.cut.is_empty() {
                    put(data, body.cut.len() as u64);
                }
                data.extend_from_slice(body.sealed);
                body.cut.iter().for_each(|hash| data.extend(hash));
            }
        }
    }
}

fn form(content: &Content<'_>) -> u8 {
    let Content::Event(header, body) = content else {
        return LEAF;
    };
    let state = if body.cut.is_empty() { WHOLE } else { CUT };
    let coarse = if header.coarse { COARSE } else { 0 };
    let cause = if header.cause == 0 { 0 } else { CAUSE };
    state | coarse | cause
}

fn put_header(data: &mut Vec<u8>, header: &Header, position: Position, base: Millis) {
    let parts = header.parts.len() as u64;
    put(data, u64::from(header.codec) * PARTS + parts);
    data.extend(header.event);
    put_id(data, header.stream);
    put(data, u64::from(header.version));
    put(data, u64::from(header.kind));
    put(data, u64::from(header.schema));
    put_id(data, header.actor);
    let late = header.at.wrapping_sub(expected(base, header.coarse));
    let sign = (late.cast_signed() >> 63).cast_unsigned();
    put(data, (late << 1) ^ sign);
    if header.cause != 0 {
        put(data, position.wrapping_sub(header.cause));
    }
    for (key, length) in &header.parts {
        put_id(data, *key);
        put(data, u64::from(*length));
    }
}

fn put(data: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        data.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    data.push(number.to_le_bytes()[0]);
}

fn put_id(data: &mut Vec<u8>, id: Id) {
    match id {
        Id::Number(number) => put(data, u64::from(number)),
        Id::Itself(bytes) => {
            data.push(0);
            data.extend(bytes);
        }
    }
}

//! Reading a block: bytes of a file that anybody may have changed, so every one of them is bounded or refused.

use super::{
    Body, CAUSE, COARSE, CUT, Content, FORMAT, Header, Id, LEAF, PARTS, Record, STATE, WHOLE,
    expected,
};
use crate::ledger::entry::MAX_PARTS;
use events::{Millis, Position};

/// The events of a stored block in order, at least one; the last is `None` where the bytes mean nothing any more.
pub(crate) struct Records<'a> {
    rest: &'a [u8],
    base: Option<Millis>,
    position: Position,
    is_over: bool,
}

/// Reads a block that is stored under the position of its first event.
pub(crate) fn records(first: Position, data: &[u8]) -> Records<'_> {
    let mut rest = data;
    let base = match take::<1>(&mut rest) {
        Some([FORMAT]) => number(&mut rest),
        _ => None,
    };
    Records {
        rest,
        base,
        position: first,
        is_over: false,
    }
}

impl<'a> Records<'a> {
    /// The time from which the events' times are counted.
    pub(crate) fn base(&self) -> Option<Millis> {
        self.base
    }

    fn record(&mut self, base: Millis, position: Position) -> Option<Record<'a>> {
        let rest = &mut self.rest;
        let [form] = take(rest)?;
        let sum = u32::from_le_bytes(take(rest)?);
        let before = match number(rest)? {
            0 => 0,
            // A back-pointer leads back.
            back => position.checked_sub(back).filter(|before| *before > 0)?,
        };
        let content = match form & STATE {
            LEAF if form == LEAF => Content::Leaf(take(rest)?),
            state @ (WHOLE | CUT) if form & !(STATE | COARSE | CAUSE) == 0 => {
                let header = header(rest, form, position, base)?;
                let body = body(rest, &header, state == CUT)?;
                Content::Event(header, body)
            }
            _ => return None,
        };
        Some(Record {
            before,
            sum,
            content,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (Position, Option<Record<'a>>);

    fn next(&mut self) -> Option<Self::Item> {
        let position = self.position;
        if self.is_over {
            return None;
        }
        self.position = position.checked_add(1)?;
        let record = self.base.and_then(|base| self.record(base, position));
        self.is_over = record.is_none() || self.rest.is_empty();
        Some((position, record))
    }
}

fn header(rest: &mut &[u8], form: u8, position: Position, base: Millis) -> Option<Header> {
    let codec_and_parts = number(rest)?;
    let parts = usize::try_from(codec_and_parts % PARTS).ok()?;
    if parts > MAX_PARTS {
        return None;
    }
    let coarse = form & COARSE != 0;
    let mut header = Header {
        coarse,
        codec: u8::try_from(codec_and_parts / PARTS).ok()?,
        event: take(rest)?,
        stream: id(rest)?,
        version: u32::try_from(number(rest)?).ok()?,
        kind: u16::try_from(number(rest)?).ok()?,
        schema: u16::try_from(number(rest)?).ok()?,
        actor: id(rest)?,
        at: {
            let late = number(rest)?;
            let late = (late >> 1) ^ (late & 1).wrapping_neg();
            expected(base, coarse).wrapping_add(late)
        },
        cause: 0,
        parts: Vec::with_capacity(parts),
    };
    if form & CAUSE != 0 {
        header.cause = position.wrapping_sub(number(rest)?);
        if header.cause == 0 {
            return None;
        }
    }
    for _ in 0..parts {
        let key = id(rest)?;
        header.parts.push((key, u32::try_from(number(rest)?).ok()?));
    }
    Some(header)
}

fn body<'a>(rest: &mut &'a [u8], header: &Header, is_cut: bool) -> Option<Body<'a>> {
    let gone = match is_cut {
        false => 0,
        true => usize::try_from(number(rest)?)
            .ok()
            .filter(|gone| *gone > 0)?,
    };
    let whole = header.parts.len().checked_sub(gone)?;
    let lengths = header.parts.iter().take(whole);
    let length: u64 = lengths.map(|(_, length)| u64::from(*length)).sum();
    let (sealed, more) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = more;
    let cut = (0..gone).map(|_| take(rest)).collect::<Option<_>>()?;
    Some(Body { sealed, cut })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, more) = rest.split_first_chunk::<N>()?;
    *rest = more;
    Some(*taken)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let [byte] = take(rest)?;
        let bits = u64::from(byte & 0x7f);
        // Written one way only: nothing shifted out, no needless zero at the end.
        if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn id(rest: &mut &[u8]) -> Option<Id> {
    match number(rest)? {
        0 => Some(Id::Itself(take(rest)?)),
        number => Some(Id::Number(u32::try_from(number).ok()?)),
    }
}

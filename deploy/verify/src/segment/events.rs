//! The events of a block: first where each lies, then whether each is what was written. The hashes of a block are made together.

use super::{Check, Step};
use crate::columns::{Columns, cut};
use crate::entry::{Entry, Wrong, whole};
use crate::erasures::Absent;
use crate::hash::Hash;
use crate::many;
use std::io::Read;
use std::ops::Range;

/// A block as it was read, and where in the file each of its pieces began.
pub(super) struct Lying<'a> {
    pub(super) columns: Columns<'a>,
    pub(super) entries: &'a [u8],
    pub(super) erased: &'a [u8],
    pub(super) bodies: &'a [u8],
    pub(super) began: u64,
    pub(super) entries_at: u64,
    pub(super) bodies_at: u64,
    pub(super) first: u64,
}

/// An event in its place.
struct Event<'a> {
    position: u64,
    /// As it is stored; empty when it was erased.
    stored: &'a [u8],
    /// None when it was erased or has a field that it cannot have.
    entry: Option<Entry<'a>>,
    /// Which of the block's parts are its own: those that are there.
    parts: Range<usize>,
    /// Where a problem of it is said to be: the entry in version 2, the body in version 1, where entries are packed.
    offset: u64,
    body_at: u64,
}

/// The events of a block, and the parts that are there, one after another.
pub(super) struct Placed<'a> {
    events: Vec<Event<'a>>,
    parts: Vec<&'a [u8]>,
}

/// The first event that cannot be placed, and so nothing after it.
pub(super) struct Misfit {
    pub(super) position: u64,
    pub(super) offset: u64,
    pub(super) what: &'static str,
}

/// Places every event: each entry has the length that the columns say, and so has each body.
pub(super) fn place<'a>(lying: &Lying<'a>) -> Result<Placed<'a>, Misfit> {
    let columns = lying.columns;
    let is_short = columns.states == 0;
    let (mut entries, mut bodies) = (lying.entries, lying.bodies);
    let (mut entry_at, mut body_at) = (lying.entries_at, lying.bodies_at);
    let mut events = Vec::with_capacity(columns.n);
    let mut parts = Vec::with_capacity(2 * columns.n);
    for at in 0..columns.n {
        let position = lying.first + at as u64;
        let misfit = |place: usize, what| Misfit {
            position,
            offset: lying.began + place as u64,
            what,
        };
        let length = columns.entry(at);
        let Some((stored, more)) = entries.split_at_checked(length) else {
            return Err(misfit(columns.place_of_entry(at), "the entry is cut off"));
        };
        entries = more;
        let body_length = columns.body(at);
        let body = cut(
            &mut bodies,
            usize::try_from(body_length).unwrap_or(usize::MAX),
        );
        let read = match is_short {
            true => Entry::read_short(stored, body_length),
            false => Entry::read(stored).map(|entry| (entry, 0)),
        };
        let wrong_length = "the entry does not have the length that it should have";
        let wrong_body = "the body does not have the length that the entry says";
        let entry = match read {
            Err(Wrong::Length) if length > 0 => {
                return Err(misfit(columns.place_of_entry(at), wrong_length));
            }
            Err(Wrong::Body) => return Err(misfit(columns.place_of_body(at), wrong_body)),
            Ok((entry, _)) if !is_short && !entry.may_have(body_length) => {
                return Err(misfit(columns.place_of_body(at), wrong_body));
            }
            Ok(read) => Some(read),
            Err(_) => None,
        };
        let offset = if is_short { entry_at } else { body_at };
        let before = parts.len();
        add_parts(entry, is_short, body, &mut parts);
        events.push(Event {
            position,
            stored,
            entry: entry.map(|(entry, _)| entry),
            parts: before..parts.len(),
            offset,
            body_at,
        });
        entry_at += length as u64;
        body_at += body_length;
    }
    if entries.is_empty() {
        return Ok(Placed { events, parts });
    }
    Err(Misfit {
        position: lying.first + columns.n as u64 - 1,
        offset: lying.bodies_at,
        what: "something follows the entries of the block",
    })
}

fn add_parts<'a>(
    entry: Option<(Entry<'a>, usize)>,
    is_short: bool,
    mut body: &'a [u8],
    parts: &mut Vec<&'a [u8]>,
) {
    let Some((entry, there)) = entry else { return };
    for (number, length) in entry.lengths().enumerate() {
        // Version 1 ends with the body, version 2 says how many are there.
        let is_there = match is_short {
            true => number < there,
            false => !body.is_empty() || length == 0,
        };
        if !is_there {
            break;
        }
        parts.push(cut(&mut body, length));
    }
}

impl<R: Read> Check<'_, R> {
    /// Hashes the block's events and names what is not what was written.
    pub(super) fn events(&mut self, lying: &Lying<'_>, placed: &Placed<'_>, entries: &mut Vec<u8>) {
        let hashes = many::plain(&placed.parts);
        let is_short = lying.columns.states == 0;
        let mut leaves = leaves(is_short, &placed.events, &hashes, entries).into_iter();
        let mut erased = lying.erased.as_chunks::<32>().0.iter();
        for (at, event) in placed.events.iter().enumerate() {
            let own = event.parts.clone();
            let own = placed.parts[own.clone()].iter().zip(&hashes[own]);
            let leaf = match event.stored {
                [] => erased.next().copied(),
                _ => leaves.next(),
            };
            let leaf = leaf.unwrap_or_default();
            if leaf[..4] != lying.columns.mark(at) {
                let (offset, what) = match is_short {
                    true => (
                        event.offset,
                        "the entry or its body is not what was written",
                    ),
                    false => {
                        let mark = lying.columns.place_of_mark(at) as u64;
                        (lying.began + mark, "the entry is not what was written")
                    }
                };
                self.note(event.position, offset, what);
            }
            self.leaves.push(leaf);
            let step = match event.stored {
                [] => {
                    self.out.absent.push((event.position, Absent::Entry));
                    None
                }
                _ => {
                    let is_erased = !is_short && lying.columns.state(at) == 1;
                    self.entry(event, own, is_erased)
                }
            };
            self.out.steps.push(step);
        }
    }

    fn entry<'p>(
        &mut self,
        event: &Event<'_>,
        parts: impl Iterator<Item = (&'p &'p [u8], &'p Hash)>,
        is_erased: bool,
    ) -> Step {
        let position = event.position;
        let Some(entry) = event.entry else {
            let what = "the entry does not have the layout of version 1";
            self.note(position, event.offset, what);
            return None;
        };
        if let Some(said) = entry.position.filter(|said| *said != position) {
            let what = format!("the entry says that it is at position {said}");
            self.note(position, event.offset, what);
        }
        let mut offset = event.body_at;
        for (number, (part, hash)) in parts.enumerate() {
            if entry.hash(number).is_some_and(|said| said != *hash) {
                let what = format!("part {number} of the body is not what was written");
                self.note(position, offset, what);
            } else if number == 0 {
                self.unsealed(position, offset, &entry, part);
            }
            offset += part.len() as u64;
        }
        if is_erased || event.parts.len() < entry.lengths().count() {
            self.out.absent.push((position, Absent::Body));
        }
        Some((entry.stream, entry.version))
    }

    /// What an event says to whoever has no key.
    fn unsealed(&mut self, position: u64, offset: u64, entry: &Entry<'_>, part: &[u8]) {
        let is_erasure = entry.says_an_erasure() && self.asked.erasures.are_said(position, part);
        let is_handover = entry.hands_over() && self.asked.handovers.are_said(position, part);
        if is_erasure || is_handover {
            self.out.said.push(position);
        } else if entry.hands_over() {
            let what = "the signing key changes here, and handovers.json does not tell";
            self.note(position, offset, what);
        }
    }
}

/// The leaf hashes of the entries that are there, in order.
fn leaves(
    is_short: bool,
    events: &[Event<'_>],
    hashes: &[Hash],
    whole_into: &mut Vec<u8>,
) -> Vec<Hash> {
    let there = events.iter().filter(|event| !event.stored.is_empty());
    if !is_short {
        return many::leaves(&there.map(|event| event.stored).collect::<Vec<_>>());
    }
    whole_into.clear();
    let mut ends = Vec::with_capacity(events.len());
    for event in there {
        let own = &hashes[event.parts.clone()];
        whole(event.stored, event.position, own, whole_into);
        ends.push(whole_into.len());
    }
    let mut began = 0;
    let entries = ends
        .into_iter()
        .map(|end| &whole_into[std::mem::replace(&mut began, end)..end]);
    many::leaves(&entries.collect::<Vec<_>>())
}

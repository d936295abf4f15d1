//! An entry's envelope, read from the very bytes that the proof is about: what is shown is what is proven. The layout is
//! that of the ledger's entry in format 1: fixed places, numbers little-endian.

use events::ids::{Pseudonym, StreamId};
use events::{Millis, Position};
use uuid::Uuid;

/// What an entry says about its event, without its content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Envelope {
    pub(super) position: Position,
    pub(super) at: Millis,
    /// Whether the time is rounded down to a quarter of an hour.
    pub(super) coarse: bool,
    pub(super) stream: StreamId,
    pub(super) version: u32,
    /// The event type's number.
    pub(super) kind: u16,
    pub(super) actor: Pseudonym,
}

/// The flag of a rounded time.
const COARSE: u8 = 1;

/// Takes fixed places out of the bytes, one after the other.
struct Places<'a>(&'a [u8]);

impl Places<'_> {
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.next().map(u64::from_le_bytes)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.next().map(Uuid::from_bytes)
    }
}

impl Envelope {
    /// Reads an entry; none when it is in a format that this page does not know.
    pub(super) fn read(entry: &[u8]) -> Option<Self> {
        let mut places = Places(entry);
        let [format, flags, _codec, _parts] = places.next()?;
        if format != 1 {
            return None;
        }
        let (position, at) = (places.number()?, places.number()?);
        let _event = places.id()?;
        let stream = StreamId(places.id()?);
        let version = u32::from_le_bytes(places.next()?);
        let kind = u16::from_le_bytes(places.next()?);
        let _schema: [u8; 2] = places.next()?;
        let actor = Pseudonym(places.id()?);
        Some(Self {
            position,
            at,
            coarse: flags & COARSE != 0,
            stream,
            version,
            kind,
            actor,
        })
    }
}

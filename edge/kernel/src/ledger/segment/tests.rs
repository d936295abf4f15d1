//! Segments: what is written is read back; whatever was changed is refused, and nothing panics or grows without need.

use super::*;
use crate::ledger::entry::{Entry, Part};
use events::Kind;
use events::ids::{EventId, Pseudonym, StreamId};
use events_proof::tree::leaf_hash;
use proptest::prelude::*;
use ring::digest::{SHA256, digest};
use uuid::Uuid;

/// An event as a test makes it: entry and body.
type Made = (Option<Vec<u8>>, Option<Vec<u8>>);

/// What an event is made of: whether its entry is there, the lengths of its parts, how many of them are there.
type Plan = (bool, Vec<u8>, usize);

fn plans(most: usize) -> impl Strategy<Value = Vec<Plan>> {
    let lengths = proptest::collection::vec(1..=u8::MAX, 0..4);
    let plan = (proptest::bool::weighted(0.9), lengths, 0_usize..9);
    proptest::collection::vec(plan, 1..most)
}

fn made(first: Position, plans: &[Plan]) -> Vec<Made> {
    (first..)
        .zip(plans)
        .map(|(position, (is_there, lengths, there))| {
            let bodies: Vec<Vec<u8>> = lengths
                .iter()
                .map(|length| vec![length ^ position as u8; usize::from(*length)])
                .collect();
            let body = bodies
                .iter()
                .take(*there)
                .flatten()
                .copied()
                .collect::<Vec<_>>();
            let body = Some(body).filter(|body| !body.is_empty() || lengths.is_empty());
            let entry = entry(position, &bodies);
            if *is_there {
                (Some(entry), body)
            } else {
                (None, None)
            }
        })
        .collect()
}

fn entry(position: Position, bodies: &[Vec<u8>]) -> Vec<u8> {
    let part = |body: &Vec<u8>| Part {
        key: [7; 16],
        length: u32::try_from(body.len()).expect("short"),
        hash: digest(&SHA256, body).as_ref().try_into().expect("32 bytes"),
    };
    let id = |number: u128| Uuid::from_u128(number + u128::from(position));
    let entry = Entry {
        coarse: position.is_multiple_of(2),
        codec: 2,
        position,
        at: 1_790_000_000_000 + position,
        event: EventId(id(1 << 100)),
        stream: StreamId(id(1 << 90)),
        version: 1,
        kind: Kind(301),
        schema: 1,
        actor: Pseudonym(id(1 << 80)),
        cause: position / 2,
        parts: bodies.iter().map(part).collect(),
    };
    entry.encode()
}

fn write(first: Position, events: &[Made]) -> (Vec<u8>, Finished) {
    let count = u32::try_from(events.len()).expect("few");
    let mut writer = SegmentWriter::begin(Vec::new(), first, count).expect("begins");
    for (position, (entry, body)) in (first..).zip(events) {
        let head = entry.as_deref().map_or(Head::Erased([9; 32]), Head::Entry);
        let body = body.as_deref();
        let leaf = writer
            .push(&Piece {
                position,
                head,
                body,
            })
            .expect("fits");
        assert_eq!(leaf, entry.as_deref().map_or([9; 32], leaf_hash));
    }
    writer.finish().expect("finishes")
}

/// A segment of version 1, as they were written until version 2.
fn packed(first: Position, events: &[Made]) -> Vec<u8> {
    let mut bytes = b"schulhof segment\x01\0\0\0".to_vec();
    bytes.extend(u32::try_from(events.len()).expect("few").to_le_bytes());
    bytes.extend(first.to_le_bytes());
    for block in events.chunks(BLOCK) {
        let leaf = |made: &Made| made.0.as_deref().map_or([9; 32], leaf_hash);
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        bytes.extend(
            block
                .iter()
                .map(|made| u8::from(made.0.is_some()) + 2 * u8::from(made.1.is_some())),
        );
        bytes.extend(
            block
                .iter()
                .flat_map(|made| (length(&made.0) as u16).to_le_bytes()),
        );
        bytes.extend(
            block
                .iter()
                .flat_map(|made| (length(&made.1) as u32).to_le_bytes()),
        );
        bytes.extend(block.iter().flat_map(|made| leaf(made)[..4].to_vec()));
        bytes.extend(block.iter().filter(|made| made.0.is_none()).flat_map(leaf));
        let entries: Vec<u8> = block
            .iter()
            .flat_map(|made| made.0.clone().unwrap_or_default())
            .collect();
        let packed = match entries.is_empty() {
            true => Vec::new(),
            false => zstd::bulk::compress(&entries, 1).expect("packs"),
        };
        bytes.extend((packed.len() as u32).to_le_bytes());
        bytes.extend(packed);
        bytes.extend(
            block
                .iter()
                .flat_map(|made| made.1.clone().unwrap_or_default()),
        );
    }
    let length = bytes.len() as u64;
    bytes.extend(COMPLETE);
    bytes.extend(length.to_le_bytes());
    let sum = digest(&SHA256, &bytes);
    bytes.extend(sum.as_ref());
    bytes
}

fn read(bytes: &[u8]) -> Result<Vec<Made>, SegmentError> {
    let mut reader = SegmentReader::open(bytes)?;
    let mut expected = reader.first();
    let mut events = Vec::new();
    while let Some(block) = reader.next_block()? {
        for piece in block.iter() {
            assert_eq!(piece.position, expected);
            expected += 1;
            let entry = match piece.head {
                Head::Entry(entry) => Some(entry.to_vec()),
                Head::Erased(_) => None,
                Head::Short(_) => panic!("entries that are checked are whole"),
            };
            if block.mark(piece.position).as_ref() != piece.leaf().first_chunk() {
                let what = "a mark is not that of its leaf";
                return Err(SegmentError::Malformed { offset: 0, what });
            }
            events.push((entry, piece.body.map(<[u8]>::to_vec)));
        }
    }
    Ok(events)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_written_is_read_back(plans in plans(80), first in 1_u64..1 << 40) {
        let events = made(first, &plans);
        let (bytes, finished) = write(first, &events);
        prop_assert_eq!(finished.bytes, bytes.len() as u64);
        prop_assert_eq!(SegmentName::parse(&finished.name.to_string()), Some(finished.name));
        prop_assert_eq!(read(&bytes).expect("is whole"), events.clone());
        prop_assert_eq!(read(&packed(first, &events)).expect("is whole"), events);
    }

    #[test]
    fn a_changed_bit_a_cut_and_an_addition_are_refused(
        plans in plans(20), at in any::<prop::sample::Index>(), bit in 0_u8..8, is_old in any::<bool>(),
    ) {
        let events = made(1, &plans);
        let mut bytes = if is_old { packed(1, &events) } else { write(1, &events).0 };
        let at = at.index(bytes.len());
        prop_assert!(read(&bytes[..at]).is_err());
        bytes.push(0);
        prop_assert!(read(&bytes).is_err());
        bytes.pop();
        bytes[at] ^= 1 << bit;
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), count in 0_u32..3) {
        drop(read(&bytes));
        for version in [1_u32, 2] {
            let mut header = b"schulhof segment".to_vec();
            header.extend(version.to_le_bytes());
            header.extend(count.to_le_bytes());
            header.extend(1_u64.to_le_bytes());
            header.extend(&bytes);
            prop_assert!(read(&header).is_err());
        }
    }
}

#[test]
fn a_whole_segment_of_many_blocks_reads_back() {
    let plans: Vec<Plan> = (0..3000_usize)
        .map(|number| (number % 71 > 0, vec![7, number as u8 | 1], number % 5))
        .collect();
    let events = made(65_537, &plans);
    let (bytes, _) = write(65_537, &events);
    assert_eq!(read(&bytes).expect("is whole"), events);
    let mut known = SegmentReader::open_known(&bytes[..]).expect("is a segment");
    let mut count = 0;
    while let Some(block) = known.next_block().expect("is whole") {
        for piece in block.iter() {
            let (entry, body) = &events[count];
            let leaf = entry.as_deref().map_or([9; 32], leaf_hash);
            assert_eq!((piece.leaf(), piece.body), (leaf, body.as_deref()));
            count += 1;
        }
    }
    assert_eq!(count, events.len());
}

#[test]
fn what_does_not_fit_is_refused_with_its_position() {
    let bodies = [b"body".to_vec()];
    let (sound, other) = (entry(7, &bodies), entry(8, &bodies));
    let piece = |position, head, body| Piece {
        position,
        head,
        body,
    };
    let body = Some(&bodies[0][..]);
    for (wrong, position) in [
        (piece(8, Head::Entry(&other), body), 8),
        (piece(7, Head::Entry(b""), body), 7),
        (piece(7, Head::Entry(&[0; 1025]), body), 7),
        (piece(7, Head::Entry(&sound), Some(b"bod")), 7),
        (piece(7, Head::Short(&sound), body), 7),
        (piece(7, Head::Erased([0; 32]), body), 7),
    ] {
        let mut writer = SegmentWriter::begin(Vec::new(), 7, 1).expect("begins");
        let error = writer.push(&wrong).expect_err("is refused").to_string();
        assert!(error.contains(&format!("position {position} ")), "{error}");
        assert!(writer.finish().is_err(), "an event is missing");
    }
}

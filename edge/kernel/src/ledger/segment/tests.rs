//! Segments: what is written is read back; whatever was changed is refused, and nothing panics or grows without need.

use super::*;
use events_proof::tree::leaf_hash;
use proptest::prelude::*;

/// An event as a test makes it.
type Made = (Option<Vec<u8>>, Option<Vec<u8>>);

fn made() -> impl Strategy<Value = Made> {
    let bytes = |longest| proptest::collection::vec(any::<u8>(), 1..longest);
    (
        proptest::option::weighted(0.9, bytes(200)),
        proptest::option::weighted(0.9, bytes(300)),
    )
        .prop_map(|(entry, body)| {
            let body = body.filter(|_| entry.is_some());
            (entry, body)
        })
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
    fn what_is_written_is_read_back(events in proptest::collection::vec(made(), 1..80), first in 1_u64..1 << 40) {
        let (bytes, finished) = write(first, &events);
        prop_assert_eq!(finished.bytes, bytes.len() as u64);
        prop_assert_eq!(SegmentName::parse(&finished.name.to_string()), Some(finished.name));
        prop_assert_eq!(read(&bytes).expect("is whole"), events);
    }

    #[test]
    fn a_changed_bit_a_cut_and_an_addition_are_refused(
        events in proptest::collection::vec(made(), 1..20), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let (mut bytes, _) = write(1, &events);
        let at = at.index(bytes.len());
        prop_assert!(read(&bytes[..at]).is_err());
        bytes.push(0);
        prop_assert!(read(&bytes).is_err());
        bytes.pop();
        bytes[at] ^= 1 << bit;
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), count in 0_u32..3) {
        drop(read(&bytes));
        let mut header = b"schulhof segment\x01\0\0\0".to_vec();
        header.extend(count.to_le_bytes());
        header.extend(1_u64.to_le_bytes());
        header.append(&mut bytes);
        prop_assert!(read(&header).is_err());
    }
}

#[test]
fn a_whole_segment_of_many_blocks_reads_back() {
    let events: Vec<Made> = (0..3000_u32)
        .map(|number| {
            (
                Some(number.to_le_bytes().repeat(40)),
                Some(vec![7; number as usize % 90]),
            )
        })
        .collect();
    let (bytes, _) = write(65_537, &events);
    assert_eq!(read(&bytes).expect("is whole"), events);
    let mut known = SegmentReader::open_known(&bytes[..]).expect("is a segment");
    let mut count = 0;
    while let Some(block) = known.next_block().expect("is whole") {
        count += block.iter().count();
    }
    assert_eq!(count, events.len());
}

#[test]
fn what_does_not_fit_is_refused_with_its_position() {
    let piece = |position, head| Piece {
        position,
        head,
        body: Some(b"body"),
    };
    for (wrong, position) in [
        (piece(8, Head::Entry(b"entry")), 8),
        (piece(7, Head::Entry(b"")), 7),
        (piece(7, Head::Entry(&[0; 1025])), 7),
        (piece(7, Head::Erased([0; 32])), 7),
    ] {
        let mut writer = SegmentWriter::begin(Vec::new(), 7, 1).expect("begins");
        let error = writer.push(&wrong).expect_err("is refused").to_string();
        assert!(error.contains(&format!("position {position} ")), "{error}");
        assert!(writer.finish().is_err(), "an event is missing");
    }
}

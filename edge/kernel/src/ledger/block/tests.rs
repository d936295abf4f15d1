//! Blocks are made again bit for bit, and a changed bit changes the event it lies in and none before.

use super::*;
use proptest::prelude::*;

fn entry(position: Position, parts: &[Vec<u8>], coarse: bool, cause: u64) -> Entry {
    Entry {
        coarse,
        codec: 1,
        position,
        at: 1_795_420_800_000,
        event: EventId(Uuid::from_u128(u128::from(position) << 64 | 9)),
        stream: StreamId(Uuid::from_u128(2)),
        version: 300,
        kind: Kind(301),
        schema: 1,
        actor: Pseudonym(Uuid::from_u128(4)),
        cause,
        parts: parts
            .iter()
            .map(|part| Part {
                key: [7; 16],
                length: part.len() as u32,
                hash: sha256(part),
            })
            .collect(),
    }
}

const KEY: u32 = 300;

fn name(id: [u8; 16]) -> Id {
    if id == [7; 16] {
        Id::Number(KEY)
    } else {
        Id::Itself(id)
    }
}

fn names(number: u32) -> Option<[u8; 16]> {
    (number == KEY).then_some([7; 16])
}

fn whole(sealed: &[u8]) -> Body<'_> {
    Body {
        sealed,
        cut: Vec::new(),
    }
}

#[test]
fn a_flipped_bit_changes_the_event_it_lies_in_and_none_before() {
    let mut block = Block::new(300, 1_795_420_800_000);
    let mut ends = vec![block.len()];
    for position in 300..305 {
        let parts = [vec![position as u8; 40], vec![9; 32]];
        let entry = entry(position, &parts, position % 2 == 0, position % 3);
        let body = parts.concat();
        block.push(&Record {
            before: position / 2,
            sum: 5,
            content: Content::Event(Header::of(&entry, Id::Itself), whole(&body)),
        });
        ends.push(block.len());
    }
    let (first, data) = block.finish();
    // What verification sees of an event: the entry that it gives, what it points back to, and its sum.
    let seen = |data: &[u8]| -> Vec<_> {
        let seen = |(position, record): (Position, Option<Record<'_>>)| {
            let record = record?;
            let Content::Event(header, body) = record.content else {
                return None;
            };
            let entry = header.entry(position, &body, names)?;
            Some((entry, record.before, record.sum))
        };
        records(first, data).map(seen).collect()
    };
    let whole = seen(&data);
    for byte in 0..data.len() {
        for bit in 0..8 {
            let mut flipped = data.clone();
            flipped[byte] ^= 1 << bit;
            let found = seen(&flipped);
            let event = ends.partition_point(|end| *end <= byte).saturating_sub(1);
            assert_eq!(found.get(..event), whole.get(..event), "{byte}:{bit}");
            let is_noticed = found.get(event) != whole.get(event);
            // Of the base time, the first event with an exact time may be another than the first.
            let is_header = byte < ends[0] && found != whole;
            assert!(is_noticed || is_header, "byte {byte}, bit {bit}");
        }
    }
}

#[test]
fn what_is_cut_off_leaves_its_hash_and_the_same_entry() {
    let parts = [vec![1; 40], vec![9; 32]];
    let entry = entry(300, &parts, false, 0);
    let mut block = Block::new(300, 7);
    let body = Body {
        sealed: &parts[0],
        cut: vec![sha256(&parts[1])],
    };
    let record = Record {
        before: 0,
        sum: 5,
        content: Content::Event(Header::of(&entry, name), body),
    };
    let left = Record {
        before: 300,
        sum: 6,
        content: Content::Leaf([3; 32]),
    };
    block.push(&record);
    block.push(&left);
    let (first, data) = block.finish();
    let read: Vec<_> = records(first, &data).collect();
    assert_eq!(read, [(300, Some(record)), (301, Some(left))]);
    let Some(Record {
        content: Content::Event(header, body),
        ..
    }) = &read[0].1
    else {
        panic!("it is an event");
    };
    assert_eq!(header.entry(300, body, names), Some(entry));
    assert_eq!(header.numbers().collect::<Vec<_>>(), [KEY, KEY]);
}

proptest! {
    #[test]
    fn every_entry_is_made_again_bit_for_bit(
        bodies in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..3), 1..9),
        coarse: bool,
        cause in 0_u64..200,
        base: u64,
    ) {
        let entries: Vec<Entry> = (100..).zip(&bodies).map(|(position, parts)| entry(position, parts, coarse, cause)).collect();
        let mut block = Block::new(100, base);
        for (entry, parts) in entries.iter().zip(&bodies) {
            let body = parts.concat();
            let content = Content::Event(Header::of(entry, name), whole(&body));
            block.push(&Record { before: entry.position - 40, sum: 5, content });
        }
        let (first, data) = block.finish();
        let read: Vec<_> = records(first, &data).collect();
        prop_assert_eq!(read.len(), entries.len());
        for ((position, record), entry) in read.into_iter().zip(entries) {
            let record = record.expect("can be read");
            prop_assert_eq!((position, record.before), (entry.position, entry.position - 40));
            let Content::Event(header, body) = record.content else { panic!("is whole") };
            prop_assert_eq!(header.entry(position, &body, names), Some(entry));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_what_is_read_is_written_the_same(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut data = data;
        data.insert(0, FORMAT);
        let read = records(1 << 40, &data);
        let Some(base) = read.base() else { return Ok(()) };
        let read: Vec<_> = read.collect();
        if read.iter().all(|(_, record)| record.is_some()) {
            let mut block = Block::new(1 << 40, base);
            read.iter().filter_map(|(_, record)| record.as_ref()).for_each(|record| block.push(record));
            prop_assert_eq!(block.finish().1, data);
        }
    }
}

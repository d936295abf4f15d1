//! A segment of any bytes: no panic, no more memory than the bytes deserve, and whatever is accepted and holds
//! entries is written back to a segment that reads the same.
#![no_main]

use edge_kernel::ledger::segment::{SegmentReader, SegmentWriter};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    // Most noise fails at the header; behind a sound one it comes further.
    for version in [1, 2] {
        let mut behind = b"schulhof segment".to_vec();
        behind.extend([version, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        behind.extend(bytes);
        read(&behind);
    }
});

fn read(bytes: &[u8]) {
    let Ok(mut reader) = SegmentReader::open(bytes) else {
        return;
    };
    let Ok(mut writer) = SegmentWriter::begin(Vec::new(), reader.first(), reader.count()) else {
        return;
    };
    loop {
        match reader.next_block() {
            // Version 1 takes any bytes for an entry, version 2 only entries.
            Ok(Some(block)) => {
                for piece in block.iter() {
                    if writer.push(&piece).is_err() {
                        return;
                    }
                }
            }
            Ok(None) => break,
            Err(_) => return,
        }
    }
    let (again, _) = writer.finish().expect("is complete");
    let mut reader = SegmentReader::open(&again[..]).expect("reads");
    while reader.next_block().expect("reads").is_some() {}
}

//! The ClientHello parser: no panic on any bytes, no more than its bound in memory, and the same answer however the bytes are cut.
#![no_main]

// The file alone: the whole relay would be built with instrumentation for a parser of one page.
#[path = "../../src/hello.rs"]
#[expect(dead_code, reason = "the alerts are sent by the relay")]
mod hello;

use hello::{Hello, LONGEST, Progress};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    assert_eq!(read(bytes, usize::from(cut) + 1), read(bytes, usize::MAX));
});

fn read(bytes: &[u8], segment: usize) -> Progress {
    let mut hello = Hello::default();
    for piece in bytes.chunks(segment) {
        let progress = hello.push(piece);
        assert!(hello.received().len() <= LONGEST);
        if progress != Progress::More {
            return progress;
        }
    }
    Progress::More
}

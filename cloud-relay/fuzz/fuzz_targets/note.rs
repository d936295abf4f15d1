//! Requests to add a checkpoint, as strangers bring them: no panic on any text, and nobody's signature is found where there is none.
#![no_main]

// The files alone: the whole relay would be built with instrumentation for a parser of one page.
#[path = "../../src/witness/note.rs"]
#[expect(dead_code, reason = "the relay keeps the text of keys")]
mod note;
#[path = "../../src/witness/tree.rs"]
mod tree;

use libfuzzer_sys::fuzz_target;
use note::{AddCheckpoint, LogKey};

fuzz_target!(|text: &str| {
    let key = LogKey::parse(text);
    if let Some(asked) = AddCheckpoint::parse(text) {
        if let Some(key) = &key {
            assert!(!asked.is_signed_by(key));
        }
        let known = (asked.old, tree::EMPTY);
        let _grown = tree::has_grown(known, (asked.size, asked.root), &asked.proof);
    }
});

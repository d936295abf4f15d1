//! What strangers bring to a witness and what witnesses answer: no panic on any text, and a body that is read is written back to
//! one that reads the same.
#![no_main]

use events_proof::cosignature::{cosigned_at, with_cosignature, witness_key};
use events_proof::note::{Checkpoint, verifier_key, verify};
use events_proof::witness::AddCheckpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(asked) = AddCheckpoint::parse(text) {
        assert_eq!(AddCheckpoint::parse(&asked.body()), Some(asked));
    }
    let witness = witness_key("witness.test/w", &[3; 32]);
    assert_eq!(cosigned_at(text, &witness), None, "nobody has signed it");
    assert_eq!(with_cosignature(text, text, &witness), None);
    let _anything = Checkpoint::claimed(text);
    assert!(verify(text, &verifier_key("log.test", &[3; 32])).is_err());
    let _no_key = cosigned_at(text, text);
});

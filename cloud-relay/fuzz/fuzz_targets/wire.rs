//! Frames, prologues, sealed headers and tokens: no panic on any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relay_wire::enrol::{Answer, Request};
use relay_wire::{Frame, Hex, HostName, LinkKeys, PROLOGUE_LENGTH, Prologue, SchoolId, Token, Visitor, frame};

fuzz_target!(|bytes: &[u8]| {
    let mut received = bytes.to_vec();
    while let Ok(Some(_)) = frame::decode::<Frame>(&mut received) {}
    let _ = frame::decode::<Request>(&mut bytes.to_vec());
    let _ = frame::decode::<Answer>(&mut bytes.to_vec());
    let keys = LinkKeys::new(Hex([1; 16]), &[2; 32]);
    assert!(Visitor::open(&keys, 0, bytes).is_err());
    if let Some(prologue) = bytes.first_chunk::<PROLOGUE_LENGTH>() {
        let believed = Prologue::decode(prologue).and_then(|prologue| prologue.verify(&keys));
        assert!(believed.is_err());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (Token::parse(text), HostName::parse(text), HostName::from_authority(text), SchoolId::parse(text));
    }
});

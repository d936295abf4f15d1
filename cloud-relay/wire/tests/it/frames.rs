//! Frames of the control link.

use proptest::prelude::*;
use relay_wire::frame::{self, LONGEST_FRAME, Refusal};
use relay_wire::{Frame, FrameError, Hex, HostName};

fn examples() -> Vec<Frame> {
    let names = HostName::parse("kgs.relay.localhost").into_iter().collect();
    vec![
        Frame::Hello {
            version: 1,
            build: "0.1.0".into(),
            epoch: 7,
            names,
        },
        Frame::Welcome {
            link: Hex([7; 16]),
            relay: "r1".into(),
            time: 1,
            ceiling: 64,
        },
        Frame::Ping { sent: u64::MAX },
        Frame::Pong { sent: 0 },
        Frame::Want { count: 3 },
        Frame::Drain {},
        Frame::Refused {
            reason: Refusal::Superseded,
        },
    ]
}

fn encode(frame: &Frame) -> Vec<u8> {
    frame::encode(frame).expect("an example fits a frame")
}

#[test]
fn every_frame_comes_back_in_whatever_pieces_it_arrives() {
    let sent = examples();
    let bytes: Vec<u8> = sent.iter().flat_map(encode).collect();
    for size in [1, 2, 7, bytes.len()] {
        let (mut buffer, mut received) = (Vec::new(), Vec::new());
        for piece in bytes.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(frame) = frame::decode::<Frame>(&mut buffer).expect("well-formed") {
                received.push(frame);
            }
        }
        assert_eq!(received, sent, "in pieces of {size}");
        assert!(buffer.is_empty());
    }
}

#[test]
fn a_field_added_by_a_later_version_does_no_harm() {
    let body = br#"{"frame":"want","count":2,"why":"burst"}"#;
    let mut bytes = vec![0, u8::try_from(body.len()).expect("short")];
    bytes.extend_from_slice(body);
    assert_eq!(
        frame::decode(&mut bytes).expect("readable"),
        Some(Frame::Want { count: 2 })
    );
}

#[test]
fn a_frame_too_long_is_refused_before_its_body_arrives() {
    let mut bytes = u16::try_from(LONGEST_FRAME + 1)
        .expect("fits")
        .to_be_bytes()
        .to_vec();
    assert!(matches!(
        frame::decode::<Frame>(&mut bytes),
        Err(FrameError::TooLong(_))
    ));
    let build = "x".repeat(LONGEST_FRAME);
    let hello = Frame::Hello {
        version: 1,
        build,
        epoch: 0,
        names: Vec::new(),
    };
    assert!(matches!(frame::encode(&hello), Err(FrameError::TooLong(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        while let Ok(Some(_)) = frame::decode::<Frame>(&mut bytes) {}
    }
}

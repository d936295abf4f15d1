//! Work connections: the prologue that parks one and the sealed header that activates it.

use std::net::SocketAddr;

use proptest::prelude::*;
use relay_wire::header::LENGTH_FIELD;
use relay_wire::{Hex, HostName, LinkKeys, PROLOGUE_LENGTH, Prologue, PrologueError, Visitor};

fn keys(link: u8, secret: u8) -> LinkKeys {
    LinkKeys::new(Hex([link; 16]), &[secret; 32])
}

fn visitor(address: &str, listener: &str, authority: &str) -> Visitor {
    Visitor {
        address: address.parse().expect("an address"),
        listener: listener.parse().expect("an address"),
        authority: HostName::parse(authority).expect("a name"),
        id: [9; 16],
    }
}

#[test]
fn a_prologue_proves_its_link_and_number_and_no_other() {
    let bytes = Prologue::encode(&keys(1, 2), 77);
    let prologue = Prologue::decode(&bytes).expect("well-formed");
    assert_eq!((prologue.link, prologue.counter), (Hex([1; 16]), 77));
    assert_eq!(prologue.verify(&keys(1, 2)), Ok(()));
    assert_eq!(prologue.verify(&keys(1, 3)), Err(PrologueError::Proof));
    assert_eq!(prologue.verify(&keys(2, 2)), Err(PrologueError::Proof));

    for at in 0..PROLOGUE_LENGTH {
        let mut changed = bytes;
        changed[at] ^= 1;
        let believed = Prologue::decode(&changed).and_then(|prologue| prologue.verify(&keys(1, 2)));
        assert!(believed.is_err(), "byte {at} can be changed unnoticed");
    }
}

#[test]
fn a_header_opens_only_for_its_own_link_and_number() {
    let sent = visitor(
        "203.0.113.7:54321",
        "198.51.100.1:8443",
        "kgs.relay.localhost",
    );
    let bytes = sent.seal(&keys(1, 2), 5);
    let sealed = &bytes[LENGTH_FIELD..];
    assert_eq!(
        usize::from(u16::from_be_bytes([bytes[0], bytes[1]])),
        sealed.len()
    );
    assert_eq!(Visitor::open(&keys(1, 2), 5, sealed), Ok(sent));
    assert!(Visitor::open(&keys(1, 2), 6, sealed).is_err());
    assert!(Visitor::open(&keys(1, 3), 5, sealed).is_err());
    assert!(Visitor::open(&keys(2, 2), 5, sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.to_vec();
        changed[at] ^= 1;
        assert!(
            Visitor::open(&keys(1, 2), 5, &changed).is_err(),
            "byte {at} can be changed unnoticed"
        );
    }
}

#[test]
fn neither_address_nor_name_can_be_read_from_a_sealed_header() {
    let sealed = visitor(
        "203.0.113.7:54321",
        "198.51.100.1:8443",
        "kgs.relay.localhost",
    )
    .seal(&keys(1, 2), 5);
    for secret in [b"kgs.".as_slice(), &[203, 0, 113, 7], b"QUIT"] {
        assert!(!sealed.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn addresses_of_either_family_arrive_as_they_were() {
    let name = "kgs.relay.localhost";
    for sent in [
        visitor("[2001:db8::1]:1", "[2001:db8::2]:443", name),
        visitor("10.0.0.1:1", "[2001:db8::2]:443", name),
    ] {
        let bytes = sent.seal(&keys(1, 2), 0);
        assert_eq!(
            Visitor::open(&keys(1, 2), 0, &bytes[LENGTH_FIELD..]),
            Ok(sent)
        );
    }
}

proptest! {
    #[test]
    fn every_visitor_comes_back(address: SocketAddr, listener: SocketAddr, authority in "[a-z]{1,60}(\\.[a-z]{1,60}){0,3}", counter: u64, id: [u8; 16]) {
        let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let authority = HostName::parse(&authority).expect("made of letters");
        let sent = Visitor { address: canonical(address), listener: canonical(listener), authority, id };
        let bytes = sent.seal(&keys(1, 2), counter);
        prop_assert_eq!(Visitor::open(&keys(1, 2), counter, &bytes[LENGTH_FIELD..]), Ok(sent));
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
        prop_assert!(Visitor::open(&keys(1, 2), 0, &bytes).is_err());
    }

    #[test]
    fn any_prologue_is_refused_without_panic(bytes in proptest::array::uniform32(any::<u8>())) {
        let mut prologue = [0; PROLOGUE_LENGTH];
        prologue[..32].copy_from_slice(&bytes);
        let believed = Prologue::decode(&prologue).and_then(|prologue| prologue.verify(&keys(1, 2)));
        prop_assert!(believed.is_err());
    }
}

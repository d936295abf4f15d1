//! What a school's machine and the blind relay say to one another: frames of the control link, the first bytes of a work
//! connection, the sealed header that activates one, and enrolment. Pure: bytes in, values out; no socket, no clock.
//!
//! Invariant: this crate uses nothing of ours, and the relay uses nothing of ours but this crate.

mod crc32c;
pub mod enrol;
pub mod frame;
pub mod header;
pub mod hex;
mod keys;
pub mod name;
pub mod nats;
mod prologue;
mod proxy;
pub mod school;
pub mod token;

pub use frame::{Frame, FrameError};
pub use header::{SealedHeaderError, Visitor};
pub use hex::Hex;
pub use keys::{LinkKeys, WorkKey};
pub use name::HostName;
pub use prologue::{PROLOGUE_LENGTH, Prologue, PrologueError};
pub use school::SchoolId;
pub use token::Token;

/// Application protocol (ALPN) of the control link.
pub const LINK_PROTOCOL: &[u8] = b"schulhof-link/1";
/// Application protocol (ALPN) of enrolment.
pub const ENROL_PROTOCOL: &[u8] = b"schulhof-enrol/1";
/// The name in the relay's own certificate. It is never looked up: the edge pins the relay's private authority.
pub const RELAY_NAME: &str = "relay.schulhof.internal";

/// One link, chosen at random by the relay when the link is accepted; the same on both ends.
pub type LinkId = Hex<16>;
/// An edge's public link key (Ed25519).
pub type LinkKey = Hex<32>;

/// The DER form of an Ed25519 public key (RFC 8410, section 4), as TLS raw public keys (RFC 7250) carry it.
#[must_use]
pub fn public_key_der(key: &LinkKey) -> Vec<u8> {
    let mut der = ED25519_PREFIX.to_vec();
    der.extend_from_slice(&key.0);
    der
}

/// The inverse of [`public_key_der`]; nothing when it is another kind of key.
#[must_use]
pub fn public_key_from_der(der: &[u8]) -> Option<LinkKey> {
    let key = der.strip_prefix(ED25519_PREFIX)?;
    Some(Hex(key.try_into().ok()?))
}

const ED25519_PREFIX: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

//! The sealed header that turns a parked work connection into a visitor's stream: a PROXY v2 header under AES-256-GCM.
//! A visitor's address is personal data: between relay and school nobody may read it, and nobody may forge it.

use std::net::SocketAddr;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::{HostName, LinkKeys, WorkKey, proxy};

/// Length of the field in front of the sealed bytes.
pub const LENGTH_FIELD: usize = 2;
/// No sealed header is longer than this; a longer announcement is refused unread.
pub const LONGEST_SEALED: usize = proxy::LONGEST + 16;

/// Who is at the other end of an activated work connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The visitor's address as the relay saw it. Personal.
    pub address: SocketAddr,
    /// The relay's listener the visitor came to; its port tells the service (443, 993, 465 …).
    pub listener: SocketAddr,
    /// The name the visitor asked for (SNI), normalised.
    pub authority: HostName,
    /// Random id of this stream, the same on both ends.
    pub id: [u8; 16],
}

/// A sealed header that cannot be believed. Deliberately one kind: a peer learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the header of a work connection is not from this relay")]
pub struct SealedHeaderError;

impl Visitor {
    /// The bytes that activate work connection number `counter`: length, then the sealed header. The stream follows.
    /// The key is used for this one header, so the nonce may be constant.
    #[must_use]
    pub fn seal(&self, keys: &LinkKeys, counter: u64) -> Vec<u8> {
        let work = keys.work(counter);
        let mut sealed = proxy::encode(self);
        let done = cipher(&work)
            .map(|key| key.seal_in_place_append_tag(nonce(), Aad::from(work.context), &mut sealed));
        assert!(
            matches!(done, Some(Ok(()))),
            "AES-256-GCM seals a few hundred bytes under a 32-byte key"
        );
        let mut bytes = u16::try_from(sealed.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes()
            .to_vec();
        bytes.append(&mut sealed);
        bytes
    }

    /// Opens what follows the length field.
    ///
    /// # Errors
    /// When the seal does not fit this link and number, or what it holds is no header.
    pub fn open(keys: &LinkKeys, counter: u64, sealed: &[u8]) -> Result<Self, SealedHeaderError> {
        if sealed.len() > LONGEST_SEALED {
            return Err(SealedHeaderError);
        }
        let work = keys.work(counter);
        let mut bytes = sealed.to_vec();
        let key = cipher(&work).ok_or(SealedHeaderError)?;
        let header = key
            .open_in_place(nonce(), Aad::from(work.context), &mut bytes)
            .map_err(|_| SealedHeaderError)?;
        proxy::decode(header).ok_or(SealedHeaderError)
    }
}

fn cipher(work: &WorkKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, &work.header)
        .ok()
        .map(LessSafeKey::new)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

//! SHA-256 of one message, in the shapes that the log needs. `many` hashes the short ones that come by the million.

use sha2::{Digest, Sha256};

pub(crate) type Hash = [u8; 32];

pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    joined([bytes])
}

/// The hash of an entry: `SHA-256(0x00 || entry)`.
#[cfg(test)]
pub(crate) fn leaf(entry: &[u8]) -> Hash {
    joined([&[0], entry])
}

/// The hash of two halves: `SHA-256(0x01 || left || right)`.
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    joined([&[1], &left[..], right])
}

/// The hash of pieces, one after another.
pub(crate) fn joined<const N: usize>(pieces: [&[u8]; N]) -> Hash {
    let mut hash = Sha256::new();
    pieces.iter().for_each(|piece| hash.update(piece));
    hash.finalize().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

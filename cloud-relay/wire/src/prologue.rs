//! The first bytes of a work connection: which link it belongs to, its number, and the proof. 60 bytes, one segment, no answer.

use ring::hmac;

use crate::{LinkId, LinkKeys};

/// Length of a prologue on the wire.
pub const PROLOGUE_LENGTH: usize = 60;
/// Never the first bytes of a TLS connection (those are 0x16 0x03), so one port can serve links and work connections.
const MAGIC: &[u8; 4] = b"SWK1";

/// A prologue that was read but not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prologue {
    /// The link that the sender claims to belong to.
    pub link: LinkId,
    /// Number of this work connection; never used twice within a link.
    pub counter: u64,
    proof: [u8; 32],
}

/// The bytes are not a prologue, or its proof is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrologueError {
    /// Not the form of a prologue.
    #[error("not the beginning of a work connection")]
    Malformed,
    /// The proof does not fit the link's key.
    #[error("the proof of a work connection is wrong")]
    Proof,
}

impl Prologue {
    /// The bytes that open work connection number `counter` of a link.
    #[must_use]
    pub fn encode(keys: &LinkKeys, counter: u64) -> [u8; PROLOGUE_LENGTH] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.work(counter).prologue);
        let mut bytes = [0; PROLOGUE_LENGTH];
        let (body, proof) = bytes.split_at_mut(28);
        let (magic, context) = body.split_at_mut(4);
        magic.copy_from_slice(MAGIC);
        context.copy_from_slice(&keys.work(counter).context);
        proof.copy_from_slice(hmac::sign(&key, body).as_ref());
        bytes
    }

    /// Reads the form; call [`Prologue::verify`] before believing it.
    ///
    /// # Errors
    /// [`PrologueError::Malformed`] for a wrong magic.
    pub fn decode(bytes: &[u8; PROLOGUE_LENGTH]) -> Result<Self, PrologueError> {
        let malformed = PrologueError::Malformed;
        let rest = bytes.strip_prefix(MAGIC).ok_or(malformed)?;
        let (link, rest) = rest.split_first_chunk::<16>().ok_or(malformed)?;
        let (counter, rest) = rest.split_first_chunk::<8>().ok_or(malformed)?;
        let proof = rest.try_into().map_err(|_| malformed)?;
        Ok(Self {
            link: crate::Hex(*link),
            counter: u64::from_be_bytes(*counter),
            proof,
        })
    }

    /// Checks the proof in constant time. Replays are the caller's to notice: the same counter must not pass twice.
    ///
    /// # Errors
    /// [`PrologueError::Proof`] when the keys are not those of the sender's link.
    pub fn verify(&self, keys: &LinkKeys) -> Result<(), PrologueError> {
        let work = keys.work(self.counter);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &work.prologue);
        let mut body = MAGIC.to_vec();
        body.extend_from_slice(&self.link.0);
        body.extend_from_slice(&self.counter.to_be_bytes());
        hmac::verify(&key, &body, &self.proof).map_err(|_| PrologueError::Proof)
    }
}

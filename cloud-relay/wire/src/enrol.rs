//! Enrolment: one question and one answer inside TLS, framed like the control link.
//!
//! The edge knows the token and nothing of the relay's certificate; the relay knows the token's hashes and nothing of the edge.
//! Each proves the token over the exporter of their common TLS connection, so a man in the middle, who has two different
//! connections, can pass neither proof on. The token itself is never sent.

use ring::{hmac, signature};
use serde::{Deserialize, Serialize};

use crate::token::TokenHashes;
use crate::{Hex, HostName, LinkKey, SchoolId};

/// Label under which both ends export the connection's value, without context, 32 bytes.
pub const EXPORTER: &[u8] = b"EXPORTER-schulhof-enrol/1";

/// What an edge asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Version of this protocol, 1.
    pub version: u16,
    /// Finds the token.
    pub lookup: Hex<16>,
    /// The edge's public link key, made on the edge.
    pub key: LinkKey,
    /// Proof of the token over exporter and key.
    pub proof: Hex<32>,
    /// The link key's signature over the same, so that nobody enrols a key that is not theirs.
    pub signature: Hex<64>,
}

/// What a relay answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The key is enrolled. `grant` is the JSON of a [`Grant`], kept as text because the proof covers its bytes.
    Accepted {
        /// JSON of [`Grant`].
        grant: String,
        /// The relay's proof of the token over exporter and grant.
        proof: Hex<32>,
    },
    /// Not enrolled.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

/// What the school gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The school this token was made for.
    pub school: SchoolId,
    /// Grows when the school's key is replaced.
    pub epoch: u64,
    /// Names the relay routes to this school.
    pub names: Vec<HostName>,
    /// Home relays for the control link, `host:port`.
    pub links: Vec<String>,
    /// The port visitors use.
    pub port: u16,
    /// The relays' private authority as PEM; the edge trusts no other.
    pub authority: String,
    /// Where NATS is, if the relay knows one.
    pub nats: Option<String>,
}

/// Why an enrolment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No such token.
    #[error("the relay does not know this token")]
    Unknown,
    /// The token was used before, with another key.
    #[error("this token was used before; if that was not you, tell the relay's operator")]
    Used,
    /// The token is too old.
    #[error("this token has expired; ask the relay's operator for a new one")]
    Expired,
    /// The school has a key already, and the token was not made to replace it.
    #[error(
        "this school is enrolled already; a token made with --replace can move it to a new machine"
    )]
    Enrolled,
    /// Too many tries from this address.
    #[error("too many tries; wait a minute")]
    Rate,
    /// A proof or signature is wrong, or the question was not understood.
    #[error("the relay did not understand the question or its proof")]
    Malformed,
}

impl Request {
    /// What the edge's proof and signature cover.
    #[must_use]
    pub fn transcript(exporter: &[u8; 32], key: &LinkKey) -> Vec<u8> {
        [b"schulhof-enrol/1 edge".as_slice(), exporter, &key.0].concat()
    }

    /// A question; `sign` is the edge's Ed25519 key at work.
    pub fn new(
        hashes: &TokenHashes,
        exporter: &[u8; 32],
        key: LinkKey,
        sign: impl FnOnce(&[u8]) -> Hex<64>,
    ) -> Self {
        let transcript = Self::transcript(exporter, &key);
        let proof = prove(&hashes.proof, &transcript);
        Self {
            version: 1,
            lookup: hashes.lookup,
            key,
            proof,
            signature: sign(&transcript),
        }
    }

    /// Whether proof and signature are right.
    #[must_use]
    pub fn is_proven(&self, proof: &Hex<32>, exporter: &[u8; 32]) -> bool {
        let transcript = Self::transcript(exporter, &self.key);
        let signer = signature::UnparsedPublicKey::new(&signature::ED25519, &self.key.0);
        self.version == 1
            && is_proof(proof, &transcript, &self.proof)
            && signer.verify(&transcript, &self.signature.0).is_ok()
    }
}

impl Answer {
    /// The answer that grants; the proof covers the grant's bytes.
    ///
    /// # Errors
    /// When the grant cannot be written as JSON, which its types rule out.
    pub fn accept(
        grant: &Grant,
        proof: &Hex<32>,
        exporter: &[u8; 32],
    ) -> Result<Self, serde_json::Error> {
        let grant = serde_json::to_string(grant)?;
        let proof = prove(proof, &Self::transcript(exporter, &grant));
        Ok(Self::Accepted { grant, proof })
    }

    /// The grant, if this answer is one and comes from somebody who knows the token.
    ///
    /// # Errors
    /// The relay's refusal; [`Refusal::Malformed`] when its own proof is wrong.
    pub fn granted(&self, proof: &Hex<32>, exporter: &[u8; 32]) -> Result<Grant, Refusal> {
        match self {
            Self::Refused { reason } => Err(*reason),
            Self::Accepted {
                grant,
                proof: given,
            } => {
                let transcript = Self::transcript(exporter, grant);
                let grant = serde_json::from_str(grant)
                    .ok()
                    .filter(|_| is_proof(proof, &transcript, given));
                grant.ok_or(Refusal::Malformed)
            }
        }
    }

    fn transcript(exporter: &[u8; 32], grant: &str) -> Vec<u8> {
        [
            b"schulhof-enrol/1 relay".as_slice(),
            exporter,
            grant.as_bytes(),
        ]
        .concat()
    }
}

fn prove(key: &Hex<32>, transcript: &[u8]) -> Hex<32> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.0), transcript);
    Hex(tag.as_ref().try_into().unwrap_or([0; 32]))
}

fn is_proof(key: &Hex<32>, transcript: &[u8], given: &Hex<32>) -> bool {
    hmac::verify(
        &hmac::Key::new(hmac::HMAC_SHA256, &key.0),
        transcript,
        &given.0,
    )
    .is_ok()
}

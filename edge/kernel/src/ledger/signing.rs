//! A name and the key that signs under it: the log's checkpoints, or what this machine witnesses of others.

use crate::keyring::KeyringError;
use crate::keyring::master::{draw, write_secret};
use events_proof::cosignature::{cosign, witness_key};
use events_proof::note::{self, Checkpoint, key_name, verifier_key};
use events_proof::tree::{Hash, from_hex, to_hex};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::path::Path;

/// The verifier key of a signing key, as both lie in files, for the log that another verifier key names.
#[must_use]
pub fn verifier_key_of(signing: &str, of: &str) -> Option<String> {
    let seed = from_hex(signing.trim())?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let origin = key_name(of)?.to_owned();
    Some(SigningKey { origin, pair }.verifier_key())
}

/// Signs under one name.
pub(crate) struct SigningKey {
    origin: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// Reads the key from its file, or draws a new one.
    pub(crate) fn open(path: &Path, origin: String) -> Result<Self, KeyringError> {
        let seed = match std::fs::read_to_string(path) {
            Ok(text) => from_hex(text.trim()).ok_or(KeyringError::MasterKey)?,
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                let seed = draw(&SystemRandom::new())?;
                write_secret(path, to_hex(&seed).as_bytes())?;
                seed.to_vec()
            }
            Err(source) => {
                return Err(KeyringError::Io {
                    doing: "read",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyringError::MasterKey)?;
        Ok(Self { origin, pair })
    }

    fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        public
    }

    /// The verifier key as text, for auditors.
    pub(crate) fn verifier_key(&self) -> String {
        verifier_key(&self.origin, &self.public())
    }

    /// The log's name.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The signature over bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(bytes).as_ref());
        signature
    }

    /// A signed note over a size and a root.
    pub(crate) fn checkpoint(&self, size: u64, root: Hash) -> String {
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        };
        checkpoint.signed(&self.public(), |text| self.sign(text))
    }

    /// The verifier key of a witness, as text.
    pub(crate) fn witness_key(&self) -> String {
        witness_key(&self.origin, &self.public())
    }

    /// A witness' line under somebody's note.
    pub(crate) fn cosign(&self, note: &str, seconds: u64) -> Option<String> {
        cosign(note, &self.origin, &self.public(), seconds, |text| {
            self.sign(text)
        })
    }

    /// A signed note over any text.
    pub(crate) fn note(&self, text: &str) -> String {
        note::sign(text, &self.origin, &self.public(), |text| self.sign(text))
    }
}

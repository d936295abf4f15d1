//! The witness' own key: a seed in a file of the data folder, mode 0600. Relays that share the folder are one witness.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::note::key_hash;
use crate::authority::AuthorityError;

const FILE: &str = "witness.key";
/// The algorithm byte of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;

/// Cosigns checkpoints (c2sp.org/tlog-cosignature).
pub(crate) struct WitnessKey {
    name: String,
    pair: Ed25519KeyPair,
}

impl WitnessKey {
    /// Reads the key, or draws one at the first start. `domain` is the relay's, which names the witness.
    pub(crate) fn open(folder: &Path, domain: &str) -> Result<Self, AuthorityError> {
        let path = folder.join(FILE);
        let seed = read_or_draw(&path).map_err(|source| AuthorityError::File {
            path: path.clone(),
            source,
        })?;
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| AuthorityError::File {
                path,
                source: io::Error::from(io::ErrorKind::InvalidData),
            })?;
        Ok(Self {
            name: format!("{domain}/witness"),
            pair,
        })
    }

    fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        public
    }

    /// The verifier key as schools enter it: `name+hash+key`.
    pub(crate) fn verifier_key(&self) -> String {
        let public = self.public();
        let hash = u32::from_be_bytes(key_hash(&self.name, COSIGNATURE, &public));
        let key = [&[COSIGNATURE][..], &public].concat();
        format!("{}+{hash:08x}+{}", self.name, STANDARD.encode(key))
    }

    /// The signature line over a note's text at a moment in seconds since 1970.
    pub(crate) fn cosign(&self, text: &str, seconds: u64) -> String {
        let message = format!("cosignature/v1\ntime {seconds}\n{text}");
        let mut blob = key_hash(&self.name, COSIGNATURE, &self.public()).to_vec();
        blob.extend(seconds.to_be_bytes());
        blob.extend(self.pair.sign(message.as_bytes()).as_ref());
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(blob))
    }
}

fn read_or_draw(path: &Path) -> io::Result<Vec<u8>> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| io::Error::other("the system has no randomness for a key"))?;
    let beside = path.with_extension(format!("new{}", std::process::id()));
    if !path.exists() {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(STANDARD.encode(seed).as_bytes())?;
        file.sync_all()?;
        // Whole or not at all, and whoever was first has drawn it.
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) | Ok(()) => {}
        }
    }
    STANDARD
        .decode(fs::read_to_string(path)?.trim())
        .map_err(|_| io::ErrorKind::InvalidData.into())
}

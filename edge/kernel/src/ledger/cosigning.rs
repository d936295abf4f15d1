//! The key with which this machine cosigns as a witness of other schools' logs. Another key than the log's own: a cosignature
//! does not say whose it is, so no key may speak for two.

use super::Ledger;
use super::signing::SigningKey;
use crate::keyring::KeyringError;

/// The key and its name.
pub struct CosigningKey(SigningKey);

impl Ledger {
    /// The machine's key as a witness, drawn when there is none yet. Its name follows from the log's.
    pub fn cosigning_key(&self) -> Result<CosigningKey, KeyringError> {
        let name = format!("{}/witness", self.signing.origin());
        let path = self.directory().join("keys").join("witness.key");
        SigningKey::open(&path, name).map(CosigningKey)
    }

    /// The log's stable name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.signing.origin()
    }
}

impl CosigningKey {
    /// The verifier key as text, for the schools that are witnessed.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.0.witness_key()
    }

    /// The line to add to a note; none when it is no note. `seconds` since 1970, UTC.
    #[must_use]
    pub fn cosign(&self, note: &str, seconds: u64) -> Option<String> {
        self.0.cosign(note, seconds)
    }
}

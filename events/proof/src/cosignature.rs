//! Cosignatures of witnesses on checkpoints (c2sp.org/tlog-cosignature, Ed25519): "at this second the largest tree that I have
//! seen of this log had this root, and every earlier one was a beginning of it".

use crate::note::{blobs, key_hash, parse_key, split, write_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// The algorithm byte of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;

/// A witness' verifier key as text: `name+hash+key`.
#[must_use]
pub fn witness_key(name: &str, public_key: &[u8; 32]) -> String {
    write_key(name, COSIGNATURE, public_key)
}

/// The name in a witness' verifier key; none when it is not one.
#[must_use]
pub fn witness_name(key: &str) -> Option<&str> {
    parse_key(key, COSIGNATURE).map(|(name, _)| name)
}

fn message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// The line, with its end, that a witness adds to a note at a moment (seconds since 1970, UTC); none when it is no note.
#[must_use]
pub fn cosign(
    note: &str,
    name: &str,
    public_key: &[u8; 32],
    seconds: u64,
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> Option<String> {
    let (text, _) = split(note)?;
    let mut blob = key_hash(name, COSIGNATURE, public_key).to_vec();
    blob.extend(seconds.to_be_bytes());
    blob.extend(sign(message(seconds, text).as_bytes()));
    Some(format!("\u{2014} {name} {}\n", STANDARD.encode(blob)))
}

/// When the witness of this key last cosigned the note, in seconds since 1970, UTC; none when it did not.
#[must_use]
pub fn cosigned_at(note: &str, key: &str) -> Option<u64> {
    let (name, public) = parse_key(key, COSIGNATURE)?;
    let (text, signatures) = split(note)?;
    let verifying = VerifyingKey::from_bytes(&public).ok()?;
    blobs(signatures, name, key_hash(name, COSIGNATURE, &public))
        .filter_map(|blob| {
            let (seconds, signature) = blob.split_first_chunk::<8>()?;
            let seconds = u64::from_be_bytes(*seconds);
            let signature = Signature::from_slice(signature).ok()?;
            let message = message(seconds, text);
            verifying
                .verify_strict(message.as_bytes(), &signature)
                .ok()
                .map(|()| seconds)
        })
        .max()
}

/// The note with the newest cosignature of this key out of a witness' answer, in the place of an older one. None when the
/// answer holds none: lines of unknown keys never come into the note.
#[must_use]
pub fn with_cosignature(note: &str, answer: &str, key: &str) -> Option<String> {
    let (name, _) = parse_key(key, COSIGNATURE)?;
    let (text, signatures) = split(note)?;
    let own = format!("\u{2014} {name} ");
    let newest = answer
        .lines()
        .filter(|line| line.starts_with(&own))
        .filter_map(|line| cosigned_at(&format!("{text}\n{line}\n"), key).map(|at| (at, line)))
        .max()?;
    let mut kept: String = signatures
        .split_inclusive('\n')
        .filter(|line| cosigned_at(&format!("{text}\n{line}"), key).is_none())
        .collect();
    kept.push_str(newest.1);
    kept.push('\n');
    Some(format!("{text}\n{kept}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Checkpoint, verifier_key, verify};
    use ed25519_dalek::{Signer, SigningKey};

    struct Witness(SigningKey);

    impl Witness {
        fn public(&self) -> [u8; 32] {
            self.0.verifying_key().to_bytes()
        }

        fn key(&self) -> String {
            witness_key("witness.test/w1", &self.public())
        }

        fn line(&self, note: &str, seconds: u64) -> String {
            let sign = |text: &[u8]| self.0.sign(text).to_bytes();
            cosign(note, "witness.test/w1", &self.public(), seconds, sign).expect("a note")
        }
    }

    fn note() -> (String, String) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key().to_bytes();
        let checkpoint = Checkpoint {
            origin: "schulhof.test/log".into(),
            size: 42,
            root: [9; 32],
        };
        let note = checkpoint.signed(&public, |text| key.sign(text).to_bytes());
        (note, verifier_key("schulhof.test/log", &public))
    }

    #[test]
    fn a_cosignature_tells_when_and_leaves_the_logs_own_signature_alone() {
        let (note, key) = note();
        let witness = Witness(SigningKey::from_bytes(&[8; 32]));
        let cosigned = with_cosignature(&note, &witness.line(&note, 1000), &witness.key());
        let cosigned = cosigned.expect("cosigned");
        assert_eq!(cosigned_at(&cosigned, &witness.key()), Some(1000));
        assert!(verify(&cosigned, &key).is_ok());
        assert_eq!(cosigned_at(&note, &witness.key()), None);
    }

    #[test]
    fn a_newer_cosignature_takes_the_place_of_the_older() {
        let (note, _) = note();
        let witness = Witness(SigningKey::from_bytes(&[8; 32]));
        let key = witness.key();
        let once = with_cosignature(&note, &witness.line(&note, 1000), &key).expect("cosigned");
        let twice = with_cosignature(&once, &witness.line(&note, 2000), &key).expect("cosigned");
        assert_eq!(cosigned_at(&twice, &key), Some(2000));
        assert_eq!(once.lines().count(), twice.lines().count());
    }

    #[test]
    fn neither_another_witness_nor_another_moment_nor_another_text_counts() {
        let (note, _) = note();
        let witness = Witness(SigningKey::from_bytes(&[8; 32]));
        let other = Witness(SigningKey::from_bytes(&[5; 32]));
        let line = witness.line(&note, 1000);
        assert_eq!(with_cosignature(&note, &line, &other.key()), None);
        let elsewhere = note.replacen("42", "43", 1);
        assert_eq!(with_cosignature(&elsewhere, &line, &witness.key()), None);
        assert_eq!(witness_name("schulhof.test/log"), None);
        assert_eq!(witness_name(&witness.key()), Some("witness.test/w1"));
    }
}

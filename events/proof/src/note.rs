//! C2SP signed notes and log checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with Ed25519.

use crate::tree::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

/// The algorithm byte of Ed25519 in key hashes and verifier keys.
pub(crate) const ED25519: u8 = 1;

/// What a checkpoint says: the log's name, its size and its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's stable name.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A note cannot be believed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It does not have the form of a signed checkpoint.
    Malformed,
    /// The verifier key does not have the form `name+hash+key`.
    MalformedKey,
    /// No signature of this key, or a wrong one.
    NotSigned,
}

impl std::fmt::Display for NoteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the note is not a signed checkpoint",
            Self::MalformedKey => "the verifier key is not of the form name+hash+key",
            Self::NotSigned => "the note carries no valid signature of this key",
        })
    }
}

impl std::error::Error for NoteError {}

impl Checkpoint {
    /// The text that is signed: origin, size, root, each on a line.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// What a note says, whoever signed it: believe nothing of it before [`verify`].
    #[must_use]
    pub fn claimed(note: &str) -> Option<Self> {
        let (text, _) = split(note)?;
        Self::parse(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
        let size = lines.next()?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let canonical = size == "0" || !size.starts_with('0');
        Some(Self {
            origin,
            size: size.parse().ok().filter(|_| canonical)?,
            root,
        })
    }

    /// The whole note: the text, a blank line, and the signature that `sign` makes over the text.
    #[must_use]
    pub fn signed(&self, public_key: &[u8; 32], sign: impl FnOnce(&[u8]) -> [u8; 64]) -> String {
        self::sign(&self.text(), &self.origin, public_key, sign)
    }
}

/// A note over any text that ends with a newline and has no blank line: the text, a blank line, and the signature.
#[must_use]
pub fn sign(
    text: &str,
    name: &str,
    public_key: &[u8; 32],
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> String {
    let mut blob = key_hash(name, ED25519, public_key).to_vec();
    blob.extend(sign(text.as_bytes()));
    format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(blob))
}

/// The text that is signed, its last line end included, and the lines of the signatures.
pub(crate) fn split(note: &str) -> Option<(&str, &str)> {
    let at = note.find("\n\n")?;
    Some((note.get(..=at)?, note.get(at + 2..)?))
}

pub(crate) fn key_hash(name: &str, algorithm: u8, public_key: &[u8; 32]) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', algorithm])
        .chain_update(public_key)
        .finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// The verifier key as text: `name+hash+key`.
#[must_use]
pub fn verifier_key(name: &str, public_key: &[u8; 32]) -> String {
    write_key(name, ED25519, public_key)
}

pub(crate) fn write_key(name: &str, algorithm: u8, public_key: &[u8; 32]) -> String {
    let mut key = vec![algorithm];
    key.extend(public_key);
    let hash = u32::from_be_bytes(key_hash(name, algorithm, public_key));
    format!("{name}+{hash:08x}+{}", STANDARD.encode(key))
}

/// The name in a verifier key of a log; none when it is not one.
#[must_use]
pub fn key_name(key: &str) -> Option<&str> {
    parse_key(key, ED25519).map(|(name, _)| name)
}

pub(crate) fn parse_key(text: &str, algorithm: u8) -> Option<(&str, [u8; 32])> {
    // The key itself may contain a plus sign, so split from the left.
    let mut parts = text.splitn(3, '+');
    let (name, hash, key) = (parts.next()?, parts.next()?, parts.next()?);
    let key: [u8; 33] = STANDARD.decode(key).ok()?.try_into().ok()?;
    let public: [u8; 32] = key[1..].try_into().ok()?;
    let expected = format!(
        "{:08x}",
        u32::from_be_bytes(key_hash(name, algorithm, &public))
    );
    (key[0] == algorithm && hash == expected).then_some((name, public))
}

/// What the signatures of one key on a note's lines decode to, without the key's hash.
pub(crate) fn blobs<'a>(
    signatures: &'a str,
    name: &'a str,
    hash: [u8; 4],
) -> impl Iterator<Item = Vec<u8>> + 'a {
    let of_key = move |line: &'a str| {
        let encoded = line.strip_prefix("\u{2014} ")?.strip_prefix(name)?;
        let blob = STANDARD.decode(encoded.strip_prefix(' ')?).ok()?;
        let (found, signature) = blob.split_at_checked(4)?;
        (found == hash).then(|| signature.to_vec())
    };
    signatures.lines().filter_map(of_key)
}

/// The checkpoint in a note, if the note is signed by the key.
pub fn verify(note: &str, key: &str) -> Result<Checkpoint, NoteError> {
    let (text, _) = split(note).ok_or(NoteError::Malformed)?;
    let checkpoint = Checkpoint::parse(text).ok_or(NoteError::Malformed);
    verify_text(note, key).and(checkpoint)
}

/// The text of a note, if the note is signed by the key.
pub fn verify_text(note: &str, key: &str) -> Result<String, NoteError> {
    let (name, public) = parse_key(key, ED25519).ok_or(NoteError::MalformedKey)?;
    let (text, signatures) = split(note).ok_or(NoteError::Malformed)?;
    let verifying = VerifyingKey::from_bytes(&public).map_err(|_| NoteError::MalformedKey)?;
    let signed = blobs(signatures, name, key_hash(name, ED25519, &public)).any(|signature| {
        Signature::from_slice(&signature)
            .is_ok_and(|signature| verifying.verify_strict(text.as_bytes(), &signature).is_ok())
    });
    if signed {
        Ok(text.to_owned())
    } else {
        Err(NoteError::NotSigned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    fn signed() -> (String, String, Checkpoint) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key().to_bytes();
        let checkpoint = Checkpoint {
            origin: "schulhof.test/log".into(),
            size: 42,
            root: [9; 32],
        };
        let note = checkpoint.signed(&public, |text| key.sign(text).to_bytes());
        (note, verifier_key(&checkpoint.origin, &public), checkpoint)
    }

    #[test]
    fn a_signed_checkpoint_is_believed_and_read() {
        let (note, key, checkpoint) = signed();
        assert_eq!(verify(&note, &key), Ok(checkpoint));
    }

    #[test]
    fn a_changed_size_is_not_believed() {
        let (note, key, _) = signed();
        assert_eq!(
            verify(&note.replacen("42", "43", 1), &key),
            Err(NoteError::NotSigned)
        );
    }

    #[test]
    fn another_key_is_not_believed() {
        let (note, _, checkpoint) = signed();
        let other = verifier_key(
            &checkpoint.origin,
            &SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes(),
        );
        assert_eq!(verify(&note, &other), Err(NoteError::NotSigned));
        assert_eq!(verify(&note, "no key"), Err(NoteError::MalformedKey));
        assert_eq!(verify("no note", &other), Err(NoteError::Malformed));
    }
}

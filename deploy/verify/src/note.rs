//! Signed notes and checkpoints as C2SP describes them (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature): three lines
//! of text, a blank line, and signatures, each with the first bytes of the hash of its key.

use crate::hash::{Hash, sha256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// Kinds of keys: a log's own, and a witness's.
const LOG: u8 = 1;
const WITNESS: u8 = 4;

/// A public key with the name that it signs under.
pub(crate) struct Key {
    pub(crate) name: String,
    kind: u8,
    id: [u8; 4],
    key: VerifyingKey,
}

/// What a checkpoint says.
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Key {
    /// Reads `name+id+key`, where the key itself may contain plus signs.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.splitn(3, '+');
        let (name, id, key) = (fields.next()?, fields.next()?, fields.next()?);
        let bytes: [u8; 33] = STANDARD.decode(key).ok()?.try_into().ok()?;
        let (kind, public) = bytes.split_first()?;
        let hashed = sha256(&[name.as_bytes(), b"\n", &bytes].concat());
        let expected = *hashed.first_chunk::<4>()?;
        let fits = id == format!("{:08x}", u32::from_be_bytes(expected)) && !name.is_empty();
        let key = VerifyingKey::try_from(public).ok()?;
        (fits && [LOG, WITNESS].contains(kind)).then_some(Self {
            name: name.to_owned(),
            kind: *kind,
            id: expected,
            key,
        })
    }

    /// Whether this is the key of a log.
    pub(crate) fn is_of_a_log(&self) -> bool {
        self.kind == LOG
    }

    /// Whether a signature over bytes is this key's.
    pub(crate) fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(bytes, &signature).is_ok())
    }

    /// Whether a note carries this key's signature, or cosignature, over its text.
    fn has_signed(&self, text: &str, signatures: &str) -> bool {
        let prefix = format!("\u{2014} {} ", self.name);
        let mut lines = signatures
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix));
        lines.any(|line| {
            let blob = STANDARD.decode(line).unwrap_or_default();
            match blob.strip_prefix(&self.id) {
                Some(signature) if self.kind == LOG => self.signed(text.as_bytes(), signature),
                Some(cosignature) => self.cosigned(text, cosignature),
                None => false,
            }
        })
    }

    /// A cosignature is eight bytes of time and a signature over the time and the text.
    fn cosigned(&self, text: &str, cosignature: &[u8]) -> bool {
        let Some((time, signature)) = cosignature.split_first_chunk::<8>() else {
            return false;
        };
        let time = u64::from_be_bytes(*time);
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        self.signed(message.as_bytes(), signature)
    }
}

/// The checkpoint in a note that a log's key has signed; and which of the witnesses have cosigned it.
pub(crate) fn open(note: &str, key: &Key, witnesses: &[Key]) -> Option<(Checkpoint, Vec<bool>)> {
    let (text, signatures) = note.split_once("\n\n")?;
    let text = format!("{text}\n");
    let mut lines = text.lines();
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let size: u64 = size
        .parse()
        .ok()
        .filter(|number: &u64| number.to_string() == size)?;
    let root: Hash = STANDARD.decode(root).ok()?.try_into().ok()?;
    if origin != key.name || !key.has_signed(&text, signatures) {
        return None;
    }
    let cosigned = witnesses
        .iter()
        .map(|witness| witness.has_signed(&text, signatures));
    Some((Checkpoint { size, root }, cosigned.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    fn key(seed: u8, name: &str, kind: u8) -> (SigningKey, String, [u8; 4]) {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let mut public = vec![kind];
        public.extend(signing.verifying_key().to_bytes());
        let hash = sha256(&[name.as_bytes(), b"\n", &public].concat());
        let id = [hash[0], hash[1], hash[2], hash[3]];
        let text = format!(
            "{name}+{:08x}+{}",
            u32::from_be_bytes(id),
            STANDARD.encode(public)
        );
        (signing, text, id)
    }

    #[test]
    fn a_note_is_believed_with_its_signature_and_its_witness_with_theirs() {
        let (log, log_key, log_id) = key(1, "school.test/log", LOG);
        let (witness, witness_key, witness_id) = key(2, "witness.test", WITNESS);
        let text = format!("school.test/log\n7\n{}\n", STANDARD.encode([3; 32]));
        let signature = [&log_id[..], &log.sign(text.as_bytes()).to_bytes()].concat();
        let stamped = witness.sign(format!("cosignature/v1\ntime 99\n{text}").as_bytes());
        let cosignature = [&witness_id[..], &99_u64.to_be_bytes(), &stamped.to_bytes()].concat();
        let note = format!(
            "{text}\n\u{2014} school.test/log {}\n\u{2014} witness.test {}\n",
            STANDARD.encode(signature),
            STANDARD.encode(cosignature)
        );
        let log_key = Key::parse(&log_key).expect("a key");
        let witnesses = [Key::parse(&witness_key).expect("a key")];
        assert!(log_key.is_of_a_log() && !witnesses[0].is_of_a_log());
        let (checkpoint, cosigned) = open(&note, &log_key, &witnesses).expect("is signed");
        assert_eq!(
            (checkpoint.size, checkpoint.root, cosigned),
            (7, [3; 32], vec![true])
        );
        assert!(open(&note.replacen("\n7\n", "\n8\n", 1), &log_key, &witnesses).is_none());
        assert!(
            open(
                &note,
                &Key::parse(&key(3, "school.test/log", LOG).1).expect("a key"),
                &[]
            )
            .is_none()
        );
        let other = note.replace("\u{2014} witness.test", "\u{2014} witness.best");
        assert_eq!(
            open(&other, &log_key, &witnesses).map(|found| found.1),
            Some(vec![false])
        );
        for wrong in ["", "a+b+c", "school.test/log+00000000+AAAA"] {
            assert!(Key::parse(wrong).is_none(), "{wrong}");
        }
    }
}

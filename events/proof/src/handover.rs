//! The proof that a log is signed by another key from some position on: the event that says so, which the key of before has signed
//! the log up to and with. Whoever believes the key of before believes its successor for what comes later, and the key of before for
//! nothing that comes later. Pure; who asks whom for it is the hosts' affair.

use crate::note::{Checkpoint, NoteError, key_name, verify};
use crate::tree::{Hash, leaf_hash, root_from_inclusion};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The kind of `LogSealed` in an entry's header.
const KIND: u16 = 402;
/// Bytes of an entry's header, and of each part's place in it.
const HEADER: usize = 84;
const PART: usize = 53;
/// Hashes that a proof may have: a tree of 2⁶³ leaves needs no more.
const LONGEST_PROOF: usize = 63;

/// A handover as it travels: nothing of it is believed before [`Handover::prove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Where the log was sealed.
    pub position: u64,
    /// The canonical entry there.
    pub entry: Vec<u8>,
    /// Its one part, which is not sealed.
    pub part: Vec<u8>,
    /// The inclusion proof in the tree that ends with the entry.
    pub proof: Vec<Hash>,
    /// The checkpoint over that tree, signed by the key of before.
    pub note: String,
}

/// What a handover proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The last state of the log that the key of before signs.
    pub checkpoint: Checkpoint,
    /// The verifier key of what comes later, as text.
    pub successor: String,
}

/// Why a handover is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The checkpoint is not one of the key of before.
    Checkpoint(NoteError),
    /// The entry is not the one that seals the log, or does not lie at the end of what is signed.
    Entry,
    /// The entry does not name the key of before and one successor.
    Keys,
}

impl std::fmt::Display for Unproven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Checkpoint(error) => error.fmt(f),
            Self::Entry => {
                f.write_str("the entry does not seal the log at the end of what is signed")
            }
            Self::Keys => {
                f.write_str("the entry does not name the key of before and one successor")
            }
        }
    }
}

impl std::error::Error for Unproven {}

impl Handover {
    /// The body as it travels.
    #[must_use]
    pub fn body(&self) -> String {
        let (entry, part) = (STANDARD.encode(&self.entry), STANDARD.encode(&self.part));
        let proof = self
            .proof
            .iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)));
        let proof: String = proof.collect();
        format!(
            "handover {}\n{entry}\n{part}\n{proof}\n{}",
            self.position, self.note
        )
    }

    /// Reads a body; none when it has not the form.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let position = lines.next()?.strip_prefix("handover ")?;
        let position = position
            .parse()
            .ok()
            .filter(|at: &u64| at.to_string() == position)?;
        let (entry, part) = (
            STANDARD.decode(lines.next()?).ok()?,
            STANDARD.decode(lines.next()?).ok()?,
        );
        let decode = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let proof: Vec<Hash> = lines.map(decode).collect::<Option<_>>()?;
        (proof.len() <= LONGEST_PROOF).then(|| Self {
            position,
            entry,
            part,
            proof,
            note: note.to_owned(),
        })
    }

    /// What follows for whoever believes `key`, the verifier key of before.
    ///
    /// # Errors
    /// What is missing to believe it.
    pub fn prove(&self, key: &str) -> Result<Proven, Unproven> {
        let checkpoint = verify(&self.note, key).map_err(Unproven::Checkpoint)?;
        let root = (checkpoint.size == self.position)
            .then(|| self.position.checked_sub(1))
            .flatten()
            .and_then(|index| {
                root_from_inclusion(leaf_hash(&self.entry), index, self.position, &self.proof)
            });
        if root != Some(checkpoint.root) || !self.seals() {
            return Err(Unproven::Entry);
        }
        let successor = successor(&self.part, key).ok_or(Unproven::Keys)?;
        Ok(Proven {
            checkpoint,
            successor,
        })
    }

    /// Whether the entry is a `LogSealed` at this position whose one part is the one that is given.
    fn seals(&self) -> bool {
        let entry = &self.entry;
        let is_at = |at: usize, bytes: &[u8]| entry.get(at..at + bytes.len()) == Some(bytes);
        let length = u32::try_from(self.part.len()).unwrap_or(u32::MAX);
        entry.len() == HEADER + PART
            && is_at(0, &[1])
            && is_at(3, &[1])
            && is_at(4, &self.position.to_le_bytes())
            && is_at(56, &KIND.to_le_bytes())
            && is_at(HEADER, &[0; 17])
            && is_at(HEADER + 17, &length.to_le_bytes())
            && is_at(HEADER + 21, Sha256::digest(&self.part).as_slice())
    }
}

/// The second of the two keys of one log that stand as text in an unsealed part, if the first is `key`. Two and no more: one machine
/// has one successor.
#[must_use]
pub fn successor(part: &[u8], key: &str) -> Option<String> {
    let name = key_name(key)?;
    let mark = format!("{name}+");
    let places = part.windows(mark.len()).enumerate();
    let places = places.filter(|(_, window)| *window == mark.as_bytes());
    let mut keys = places.map(|(at, _)| {
        // The name, eight digits, a plus sign, and 33 bytes in base64.
        let text = part.get(at..at + mark.len() + 8 + 1 + 44)?;
        let text = std::str::from_utf8(text).ok()?;
        key_name(text).map(|_| text.to_owned())
    });
    let (before, after) = (keys.next()??, keys.next()??);
    (keys.next().is_none() && before == key && after != key).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::verifier_key;
    use crate::tree::Frontier;
    use ed25519_dalek::{Signer, SigningKey};

    const NAME: &str = "school.test/log";

    fn key(seed: u8) -> (SigningKey, String) {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let text = verifier_key(NAME, &signing.verifying_key().to_bytes());
        (signing, text)
    }

    fn signed(by: &SigningKey, size: u64, root: Hash) -> String {
        let origin = NAME.to_owned();
        let checkpoint = Checkpoint { origin, size, root };
        checkpoint.signed(&by.verifying_key().to_bytes(), |text| {
            by.sign(text).to_bytes()
        })
    }

    fn entry(position: u64, kind: u16, part: &[u8]) -> Vec<u8> {
        let mut entry = vec![0; HEADER + PART];
        entry[0] = 1;
        entry[3] = 1;
        entry[4..12].copy_from_slice(&position.to_le_bytes());
        entry[56..58].copy_from_slice(&kind.to_le_bytes());
        entry[HEADER + 17..HEADER + 21].copy_from_slice(&(part.len() as u32).to_le_bytes());
        entry[HEADER + 21..].copy_from_slice(&Sha256::digest(part));
        entry
    }

    fn handover(position: u64, kind: u16, part: &[u8]) -> Handover {
        let (old, _) = key(1);
        let mut tree = Frontier::default();
        (1..position).for_each(|at| tree.push(leaf_hash(&at.to_le_bytes()), |_, _, _| {}));
        let proof: Vec<Hash> = Vec::from_iter(tree.peaks().iter().copied());
        let entry = entry(position, kind, part);
        tree.push(leaf_hash(&entry), |_, _, _| {});
        // The last leaf of a tree of an odd size is a peak itself, so that the others are its whole proof.
        let proof = proof.into_iter().rev().collect();
        let note = signed(&old, position, tree.root());
        Handover {
            position,
            entry,
            part: part.to_vec(),
            proof,
            note,
        }
    }

    fn part(keys: &[&str]) -> Vec<u8> {
        keys.iter()
            .flat_map(|key| [&b"\x02x"[..], key.as_bytes()].concat())
            .collect()
    }

    #[test]
    fn whoever_believes_the_key_of_before_believes_its_successor() {
        let ((_, old), (_, new)) = (key(1), key(2));
        for position in [1, 3, 7, 1001] {
            let handover = handover(position, KIND, &part(&[&old, &new]));
            let read = Handover::parse(&handover.body()).expect("has the form");
            assert_eq!(read, handover);
            let proven = read.prove(&old).expect("is proven");
            assert_eq!(
                (proven.checkpoint.size, &proven.successor),
                (position, &new)
            );
            let other = read.prove(&new);
            assert_eq!(other, Err(Unproven::Checkpoint(NoteError::NotSigned)));
        }
    }

    #[test]
    fn what_does_not_seal_the_log_hands_nothing_over() {
        let ((_, old), (_, new), (_, third)) = (key(1), key(2), key(3));
        let good = part(&[&old, &new]);
        assert_eq!(handover(7, 401, &good).prove(&old), Err(Unproven::Entry));
        for keys in [
            vec![],
            vec![&old],
            vec![&new, &old],
            vec![&old, &old],
            vec![&old, &new, &third],
        ] {
            let keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
            let refused = handover(7, KIND, &part(&keys)).prove(&old);
            assert_eq!(refused, Err(Unproven::Keys), "{keys:?}");
        }
        let whole = handover(7, KIND, &good);
        let with = |change: fn(&mut Handover)| {
            let mut changed = whole.clone();
            change(&mut changed);
            changed.prove(&old)
        };
        assert!(with(|_| {}).is_ok());
        assert_eq!(with(|one| one.part[5] ^= 1), Err(Unproven::Entry));
        assert_eq!(with(|one| one.entry[30] ^= 1), Err(Unproven::Entry));
        assert_eq!(with(|one| one.position = 8), Err(Unproven::Entry));
        assert_eq!(with(|one| one.proof.truncate(1)), Err(Unproven::Entry));
        for body in [
            "",
            "old 1\n\nnote",
            "handover 07\nAA==\nAA==\n\nnote",
            "handover 7\nAA==\n\nnote",
        ] {
            assert_eq!(Handover::parse(body), None, "{body:?}");
        }
    }
}

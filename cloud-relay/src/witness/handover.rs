//! A log's change of its signing key, read strictly and believed only with proof: the entry that seals the log for the successor, which
//! the key of before has signed the log up to and with. What comes later is the successor's alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::note::{AddCheckpoint, LogKey};
use super::tree::{Hash, root_of_last};

/// Hashes that a proof may have.
const LONGEST_PROOF: usize = 63;
/// Bytes of an entry with one part, and where in it things stand.
const ENTRY: usize = 137;
const PART: usize = 84;
/// The kind of the entry.
const KIND: [u8; 2] = 402_u16.to_le_bytes();

/// A handover that somebody brings, not believed yet: `handover POSITION`, entry, part and hashes in base64, a line each; an empty line;
/// the checkpoint.
pub(super) struct Handover<'a> {
    position: u64,
    entry: Vec<u8>,
    part: Vec<u8>,
    proof: Vec<Hash>,
    /// The checkpoint, read as one that grows from nothing.
    note: String,
    pub(super) origin: &'a str,
}

/// What a handover proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proven {
    pub(super) head: (u64, Hash),
    pub(super) successor: String,
}

impl<'a> Handover<'a> {
    /// Whether a body may be one, told by its first word.
    pub(super) fn is_one(body: &str) -> bool {
        body.starts_with("handover ")
    }

    pub(super) fn parse(body: &'a str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let position = lines.next()?.strip_prefix("handover ")?;
        let position: u64 = position
            .parse()
            .ok()
            .filter(|at: &u64| at.to_string() == position)?;
        let mut bytes = || STANDARD.decode(lines.next()?).ok();
        let (entry, part) = (bytes()?, bytes()?);
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let proof: Vec<Hash> = lines.map(hash).collect::<Option<_>>()?;
        let origin = note.lines().next()?;
        let note = format!("old 0\n\n{note}");
        (proof.len() <= LONGEST_PROOF).then_some(Self {
            position,
            entry,
            part,
            proof,
            note,
            origin,
        })
    }

    /// What follows for whoever believes this key of before.
    pub(super) fn prove(&self, key: &LogKey<'_>) -> Option<Proven> {
        let signed = AddCheckpoint::parse(&self.note).filter(|signed| signed.is_signed_by(key))?;
        let leads = root_of_last(&self.entry, &self.proof) == signed.root;
        let head = (signed.size, signed.root);
        (signed.size == self.position && leads && self.seals()).then_some(())?;
        let successor = self.successor(key)?;
        Some(Proven { head, successor })
    }

    /// Whether the entry is of the kind that seals a log, at this position, with this one part that is not sealed itself.
    fn seals(&self) -> bool {
        let entry = &self.entry;
        let is_at = |at: usize, bytes: &[u8]| entry.get(at..at + bytes.len()) == Some(bytes);
        let length = u32::try_from(self.part.len()).unwrap_or(u32::MAX);
        entry.len() == ENTRY
            && is_at(0, &[1])
            && is_at(3, &[1])
            && is_at(4, &self.position.to_le_bytes())
            && is_at(56, &KIND)
            && is_at(PART, &[0; 17])
            && is_at(PART + 17, &length.to_le_bytes())
            && is_at(PART + 21, digest(&SHA256, &self.part).as_ref())
    }

    /// The part holds two keys of this log as text, and no third: the one of before, and its successor.
    fn successor(&self, key: &LogKey<'_>) -> Option<String> {
        let mark = format!("{}+", key.name);
        let starts = |at: &usize| {
            self.part
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(mark.as_bytes()))
        };
        let places: Vec<usize> = (0..self.part.len()).filter(starts).collect();
        let [first, second] = places[..] else {
            return None;
        };
        let text = |at: usize| std::str::from_utf8(self.part.get(at..at + key.text.len())?).ok();
        let successor = text(second).filter(|text| LogKey::parse(text).is_some())?;
        (text(first)? == key.text && successor != key.text).then(|| successor.to_owned())
    }
}

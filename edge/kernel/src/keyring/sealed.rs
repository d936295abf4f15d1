//! What the keyring says, as it is written: records sealed under a master key, one after the other. Wherever the bytes lie, they are
//! the same; an erasure writes them anew under a new master key, and nothing else ever changes one.
//!
//! Layout: `"schulhof keyring 1\n"`, then records of `length u32 LE || nonce 12 || AES-256-GCM(JSON)`, the record's number
//! as associated data. The first record holds the pepper.

use super::master::draw;
use super::{BucketName, KeyId, KeyringError, key_id};
use events::Position;
use events::ids::Pseudonym;
use events::privacy::Depth;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

const MAGIC: &[u8] = b"schulhof keyring 1\n";
/// A record is about 250 bytes; anything far longer is damage, not data.
const MAX_RECORD: usize = 4096;
/// Tells a sealed master key from a record.
const MASTER: &[u8] = b"schulhof master key ";

/// A key as it is written.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) name: BucketName,
    pub(super) key: [u8; 32],
    pub(super) pseudonym: Pseudonym,
}

#[derive(Serialize, Deserialize)]
enum Sealed {
    Pepper([u8; 32]),
    Bucket(Record),
    /// How often the keyring has been written anew.
    Epoch(u32),
    /// A key that an erasure destroyed, and where the log says so.
    Destroyed {
        key: KeyId,
        by: Position,
        /// Keyrings of before this was kept had such erasures repeated at the middle depth.
        #[serde(default = "middle")]
        depth: Depth,
    },
}

fn middle() -> Depth {
    Depth::Ciphertext
}

/// What is remembered of a key that is gone on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Where the log says so.
    pub by: Position,
    /// How deep that erasure went.
    pub depth: Depth,
}

/// A keyring as it was read or written last, without its keys.
pub(super) struct Contents {
    master: LessSafeKey,
    records: u64,
    /// Up to the end of the last whole record.
    pub(super) length: u64,
    pub(super) pepper: [u8; 32],
    pub(super) epoch: u32,
    /// The ids of keys that are gone on purpose: a log restored from before the erasure does not have the event that says so.
    pub(super) destroyed: HashMap<KeyId, Tombstone>,
}

impl Contents {
    /// An empty keyring, and the bytes with which it begins.
    pub(super) fn found(
        master: LessSafeKey,
        random: &SystemRandom,
    ) -> Result<(Self, Vec<u8>), KeyringError> {
        let mut this = Self::new(master);
        this.pepper = draw(random)?;
        let pepper = Sealed::Pepper(this.pepper);
        let bytes = this.write(&[pepper], random)?;
        Ok((this, bytes))
    }

    fn new(master: LessSafeKey) -> Self {
        Self {
            master,
            records: 0,
            length: 0,
            pepper: [0; 32],
            epoch: 0,
            destroyed: HashMap::new(),
        }
    }

    /// Reads a keyring; none when its founding was cut off. Bytes behind the last whole record are not counted in its length.
    pub(super) fn read(
        master: LessSafeKey,
        bytes: &[u8],
    ) -> Result<Option<(Self, Vec<Record>)>, KeyringError> {
        if !bytes.starts_with(MAGIC) {
            return match bytes.len() < MAGIC.len() {
                true => Ok(None),
                false => Err(KeyringError::Damaged { record: 0 }),
            };
        }
        let mut this = Self::new(master);
        let mut found = Vec::new();
        let mut at = MAGIC.len();
        while let Some(record) = this.next(bytes, at)? {
            at += 4 + record.len();
            let damaged = KeyringError::Damaged {
                record: this.records,
            };
            match this.unseal(record).ok_or(damaged)? {
                Sealed::Pepper(pepper) => this.pepper = pepper,
                Sealed::Bucket(record) => found.push(record),
                Sealed::Epoch(epoch) => this.epoch = epoch,
                Sealed::Destroyed { key, by, depth } => {
                    this.destroyed.insert(key, Tombstone { by, depth });
                }
            }
            this.records += 1;
        }
        this.length = at as u64;
        Ok((this.records > 0).then_some((this, found)))
    }

    /// The next whole record, or none at the end: a record that a crash cut off was never acknowledged.
    fn next<'a>(&self, bytes: &'a [u8], at: usize) -> Result<Option<&'a [u8]>, KeyringError> {
        let Some(length) = bytes
            .get(at..at + 4)
            .and_then(|b| <[u8; 4]>::try_from(b).ok())
        else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(length) as usize;
        if !(NONCE_LEN..=MAX_RECORD).contains(&length) {
            return Err(KeyringError::Damaged {
                record: self.records,
            });
        }
        Ok(bytes.get(at + 4..at + 4 + length))
    }

    fn unseal(&self, record: &[u8]) -> Option<Sealed> {
        let plain = open(&self.master, &self.records.to_le_bytes(), record)?;
        serde_json::from_slice(&plain).ok()
    }

    /// The bytes of further keys, which belong at the end; [`Contents::added`] once they are there.
    pub(super) fn seal(
        &self,
        records: &[Record],
        random: &SystemRandom,
    ) -> Result<Vec<u8>, KeyringError> {
        let records: Vec<_> = records.iter().cloned().map(Sealed::Bucket).collect();
        self.sealed(&records, random)
    }

    /// So many records, in so many bytes, are at the end.
    pub(super) fn added(&mut self, records: usize, bytes: usize) {
        self.records += records as u64;
        self.length += bytes as u64;
    }

    /// The same without some keys, under another master key, and its bytes. `by` is what the log says of it.
    pub(super) fn without(
        &self,
        records: Vec<Record>,
        (dead, by): (&HashSet<KeyId>, Tombstone),
        master: LessSafeKey,
        random: &SystemRandom,
    ) -> Result<(Self, Vec<u8>), KeyringError> {
        let mut next = Self {
            pepper: self.pepper,
            epoch: self.epoch + 1,
            destroyed: self.destroyed.clone(),
            ..Self::new(master)
        };
        let mut sealed = vec![Sealed::Pepper(next.pepper), Sealed::Epoch(next.epoch)];
        for record in records {
            let id = key_id(&record.key);
            if dead.contains(&id) {
                next.destroyed.insert(id, by);
            } else {
                sealed.push(Sealed::Bucket(record));
            }
        }
        let tombs = next.destroyed.iter();
        sealed.extend(tombs.map(|(key, stone)| Sealed::Destroyed {
            key: *key,
            by: stone.by,
            depth: stone.depth,
        }));
        let bytes = next.write(&sealed, random)?;
        Ok((next, bytes))
    }

    /// A whole keyring of these records.
    fn write(
        &mut self,
        records: &[Sealed],
        random: &SystemRandom,
    ) -> Result<Vec<u8>, KeyringError> {
        let bytes = [MAGIC, &self.sealed(records, random)?].concat();
        self.added(records.len(), bytes.len());
        Ok(bytes)
    }

    fn sealed(&self, records: &[Sealed], random: &SystemRandom) -> Result<Vec<u8>, KeyringError> {
        let mut bytes = Vec::new();
        for (number, record) in (self.records..).zip(records) {
            let plain =
                serde_json::to_vec(record).map_err(|_| KeyringError::Damaged { record: number })?;
            let sealed = seal(&self.master, &number.to_le_bytes(), plain, random)?;
            let length = u32::try_from(sealed.len()).map_err(|_| KeyringError::NoRandomness)?;
            bytes.extend(length.to_le_bytes());
            bytes.extend(sealed);
        }
        Ok(bytes)
    }

    /// The master key of the epoch after this one, for whoever has that of this one.
    pub(super) fn seal_master(
        &self,
        next: &[u8; 32],
        random: &SystemRandom,
    ) -> Result<Vec<u8>, KeyringError> {
        seal(
            &self.master,
            &of_epoch(self.epoch + 1),
            next.to_vec(),
            random,
        )
    }
}

/// The master key of an epoch, sealed under that of the epoch before.
pub(super) fn open_master(before: &LessSafeKey, epoch: u32, sealed: &[u8]) -> Option<[u8; 32]> {
    open(before, &of_epoch(epoch), sealed)?.try_into().ok()
}

/// Whether a keyring's first record opens under a master key.
pub(super) fn opens(bytes: &[u8], master: &LessSafeKey) -> bool {
    let Some((length, rest)) = bytes
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.split_first_chunk::<4>())
    else {
        return false;
    };
    let record = rest.get(..u32::from_le_bytes(*length) as usize);
    record.is_some_and(|record| open(master, &0_u64.to_le_bytes(), record).is_some())
}

/// A master key, ready for use.
pub(super) fn sealing(key: &[u8; 32]) -> Result<LessSafeKey, KeyringError> {
    let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyringError::MasterKey)?;
    Ok(LessSafeKey::new(unbound))
}

fn of_epoch(epoch: u32) -> Vec<u8> {
    [MASTER, &epoch.to_le_bytes()].concat()
}

fn open(key: &LessSafeKey, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(about), &mut sealed);
    plain.ok().map(|plain| plain.to_vec())
}

fn seal(
    key: &LessSafeKey,
    about: &[u8],
    mut plain: Vec<u8>,
    random: &SystemRandom,
) -> Result<Vec<u8>, KeyringError> {
    let mut nonce = [0; NONCE_LEN];
    random
        .fill(&mut nonce)
        .map_err(|_| KeyringError::NoRandomness)?;
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(about),
        &mut plain,
    )
    .map_err(|_| KeyringError::NoRandomness)?;
    Ok([&nonce[..], &plain].concat())
}

//! The keys that seal what the log holds: one per owner × module × school year, random, never derived from one another,
//! kept in a small file beside the log so that losing a key is final. They express retention, not access.
//!
//! A bucket also holds the pseudonym under which its owner acts in that module and year; only here are the two linked.

pub(crate) mod file;

use events::ids::{PersonId, Pseudonym};
use events::{Owner, Term};
pub use file::KeyringError;
use file::KeyringFile;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Names a key and commits to it: the first 16 bytes of SHA-256 over a label and the key. A ciphertext therefore opens to
/// one text only, whoever holds the keys.
pub type KeyId = [u8; 16];

/// What a key is for. The standing key of an owner has the year 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct BucketName {
    /// Whose.
    pub owner: Owner,
    /// Which module's facts.
    pub module: String,
    /// The calendar year in which the school year began; 0 for facts that outlive a year.
    pub year: u16,
}

impl BucketName {
    /// The bucket for an owner's facts of a term, in a running school year.
    #[must_use]
    pub fn of(owner: Owner, term: Term, module: &str, year: u16) -> Self {
        let year = match term {
            Term::Standing => 0,
            Term::Yearly => year,
        };
        Self {
            owner,
            module: module.to_owned(),
            year,
        }
    }
}

/// A key with its purpose.
pub struct Bucket {
    /// The key's name.
    pub id: KeyId,
    /// What it is for.
    pub name: BucketName,
    /// How the owner is called in the log's headers, as far as this bucket reaches.
    pub pseudonym: Pseudonym,
    /// The key, ready for use.
    pub key: LessSafeKey,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<BucketName, Arc<Bucket>>,
    by_id: HashMap<KeyId, Arc<Bucket>>,
    by_pseudonym: HashMap<Pseudonym, PersonId>,
}

/// All keys of the school. Reading takes a shared lock; minting appends to the file and waits until it is durable.
pub struct Keyring {
    known: RwLock<Known>,
    file: Mutex<KeyringFile>,
    random: SystemRandom,
}

impl Keyring {
    /// Opens the keyring in a directory, or founds it there.
    pub fn open(directory: &Path) -> Result<Self, KeyringError> {
        let random = SystemRandom::new();
        let (file, records) = KeyringFile::open(directory, &random)?;
        let mut known = Known::default();
        for record in records {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        Ok(Self {
            known: RwLock::new(known),
            file: Mutex::new(file),
            random,
        })
    }

    /// The key of a bucket, if it exists.
    #[must_use]
    pub fn get(&self, name: &BucketName) -> Option<Arc<Bucket>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_name
            .get(name)
            .cloned()
    }

    /// A key by its id; `None` means that it was destroyed or never was.
    #[must_use]
    pub fn by_id(&self, id: &KeyId) -> Option<Arc<Bucket>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_id
            .get(id)
            .cloned()
    }

    /// The person behind a pseudonym.
    #[must_use]
    pub fn person(&self, pseudonym: Pseudonym) -> Option<PersonId> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_pseudonym
            .get(&pseudonym)
            .copied()
    }

    /// The keys of the named buckets, in order. Those that do not exist are minted together and are durable when this
    /// returns: an entry never refers to a key that a crash could lose.
    pub fn buckets(&self, names: &[BucketName]) -> Result<Vec<Arc<Bucket>>, KeyringError> {
        if let Some(found) = self.find_all(names) {
            return Ok(found);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missing: Vec<&BucketName> = Vec::new();
        for name in names {
            if self.get(name).is_none() && !missing.contains(&name) {
                missing.push(name);
            }
        }
        let mut minted = Vec::with_capacity(missing.len());
        for name in missing {
            minted.push(file::Record {
                name: name.clone(),
                key: self.draw()?,
                pseudonym: Pseudonym(uuid::Uuid::new_v4()),
            });
        }
        file.append(&minted, &self.random)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for record in minted {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        drop(known);
        self.find_all(names).ok_or(KeyringError::NoRandomness)
    }

    fn find_all(&self, names: &[BucketName]) -> Option<Vec<Arc<Bucket>>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        names
            .iter()
            .map(|name| known.by_name.get(name).cloned())
            .collect()
    }

    fn draw(&self) -> Result<[u8; 32], KeyringError> {
        let mut key = [0; 32];
        self.random
            .fill(&mut key)
            .map_err(|_| KeyringError::NoRandomness)?;
        Ok(key)
    }

    /// A secret of the keyring's own, the same for ever: the pepper under which claims and codes are hashed.
    #[must_use]
    pub fn pepper(&self) -> [u8; 32] {
        self.file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pepper()
    }
}

impl Known {
    fn add(&mut self, bucket: Bucket) {
        let bucket = Arc::new(bucket);
        if let Owner::Person(person) = bucket.name.owner {
            self.by_pseudonym.insert(bucket.pseudonym, person);
        }
        self.by_id.insert(bucket.id, Arc::clone(&bucket));
        self.by_name.insert(bucket.name.clone(), bucket);
    }
}

fn bucket(name: BucketName, key: &[u8; 32], pseudonym: Pseudonym) -> Result<Bucket, KeyringError> {
    let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyringError::NoRandomness)?;
    Ok(Bucket {
        id: key_id(key),
        name,
        pseudonym,
        key: LessSafeKey::new(unbound),
    })
}

fn key_id(key: &[u8; 32]) -> KeyId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"schulhof/key/v1");
    context.update(key);
    let mut id = KeyId::default();
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(year: u16) -> BucketName {
        BucketName::of(
            Owner::Person(PersonId(uuid::Uuid::from_u128(5))),
            Term::Yearly,
            "messenger",
            year,
        )
    }

    #[test]
    fn a_minted_key_is_the_same_after_reopening() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Keyring::open(directory.path()).expect("opens");
        let minted = ring
            .buckets(&[name(2025), name(2026), name(2025)])
            .expect("mints");
        assert_eq!(minted[0].id, minted[2].id);
        assert_ne!(minted[0].id, minted[1].id);
        let pepper = ring.pepper();
        drop(ring);
        let again = Keyring::open(directory.path()).expect("opens again");
        assert_eq!(again.get(&name(2025)).expect("is there").id, minted[0].id);
        assert!(again.by_id(&minted[1].id).is_some());
        assert_eq!(
            again.person(minted[0].pseudonym),
            Some(PersonId(uuid::Uuid::from_u128(5)))
        );
        assert_eq!(again.pepper(), pepper);
    }

    #[test]
    fn a_record_torn_by_a_crash_is_dropped_and_the_rest_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Keyring::open(directory.path()).expect("opens");
        ring.buckets(&[name(2025)]).expect("mints");
        drop(ring);
        let path = directory.path().join("keyring");
        let mut bytes = std::fs::read(&path).expect("reads");
        bytes.extend([200, 0, 0, 0, 1, 2, 3]);
        std::fs::write(&path, &bytes).expect("writes");
        let again = Keyring::open(directory.path()).expect("opens in spite of the torn end");
        assert!(again.get(&name(2025)).is_some());
        again
            .buckets(&[name(2026)])
            .expect("mints after the torn end");
        drop(again);
        let third = Keyring::open(directory.path()).expect("opens");
        assert!(third.get(&name(2026)).is_some());
    }

    #[test]
    fn a_flipped_bit_is_told_and_not_taken_for_a_torn_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Keyring::open(directory.path()).expect("opens");
        ring.buckets(&[name(2025), name(2026)]).expect("mints");
        drop(ring);
        let path = directory.path().join("keyring");
        let mut bytes = std::fs::read(&path).expect("reads");
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).expect("writes");
        assert!(matches!(
            Keyring::open(directory.path()),
            Err(KeyringError::Damaged { .. })
        ));
    }
}

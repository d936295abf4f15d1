//! The keys that seal what the log holds: one per owner × module × school year, random, never derived from one another,
//! kept in a small file beside the log so that losing a key is final. They express retention, not access.
//!
//! A bucket also holds the pseudonym under which its owner acts in that module and year; only here are the two linked.

pub(crate) mod file;
mod renew;
mod shared;

use events::ids::{PersonId, Pseudonym};
use events::privacy::Depth;
use events::{Owner, Position, Term};
use file::KeyringFile;
pub use file::{KeyringError, Tombstone};
pub use renew::Point;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

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

/// The files of the keys as they were at one moment.
pub struct Copied {
    /// How often the keyring had been written anew.
    pub epoch: u32,
    /// The files, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<BucketName, Arc<Bucket>>,
    by_id: HashMap<KeyId, Arc<Bucket>>,
    by_pseudonym: HashMap<Pseudonym, PersonId>,
    destroyed: HashMap<KeyId, Tombstone>,
}

/// All keys of the school. Reading takes a shared lock; minting appends to the file and waits until it is durable.
pub struct Keyring {
    known: RwLock<Known>,
    file: Mutex<KeyringFile>,
    /// Buckets that somebody waits for: whoever writes next mints them all with one sync.
    wanted: Mutex<Vec<BucketName>>,
    /// Held while keys are minted, so that those who wait do so without a thread.
    minting: tokio::sync::Mutex<()>,
    pepper: ring::hmac::Key,
    random: SystemRandom,
    /// How often the keyring had been written anew when somebody was last told that keys are gone.
    told: AtomicU32,
}

impl Keyring {
    /// Opens the keyring in a directory, or founds it there.
    pub fn open(directory: &Path) -> Result<Self, KeyringError> {
        let random = SystemRandom::new();
        let (file, records) = KeyringFile::open(directory, &random)?;
        let mut known = Known {
            destroyed: file.destroyed.clone(),
            ..Known::default()
        };
        for record in records {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        Ok(Self {
            known: RwLock::new(known),
            pepper: ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &file.pepper()),
            told: AtomicU32::new(file.epoch),
            file: Mutex::new(file),
            wanted: Mutex::default(),
            minting: tokio::sync::Mutex::default(),
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

    /// Every bucket of an owner.
    #[must_use]
    pub fn buckets_of(&self, owner: Owner) -> Vec<Arc<Bucket>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> = known
            .by_name
            .values()
            .filter(|bucket| bucket.name.owner == owner)
            .cloned()
            .collect();
        found.sort_by_key(|bucket| bucket.id);
        found
    }

    /// Where the log says that a key was destroyed; none for one that is here or never was.
    #[must_use]
    pub fn destroyed(&self, id: &KeyId) -> Option<Position> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.destroyed.get(id).map(|stone| stone.by)
    }

    /// The keys that were destroyed by an erasure that a log of this size does not know of, for it was restored from before; and
    /// how deep that erasure went.
    #[must_use]
    pub fn destroyed_after(&self, size: Position) -> Vec<(KeyId, Depth)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let later = known.destroyed.iter().filter(|(_, stone)| stone.by > size);
        later.map(|(id, stone)| (*id, stone.depth)).collect()
    }

    /// Destroys keys for good: the keyring is written anew without them under a new master key. Gives how often that has
    /// happened. Keys that are gone already are none of its business. `by` is what the log says of it.
    pub fn renew(
        &self,
        dead: &HashSet<KeyId>,
        by: Tombstone,
        point: Point<'_>,
    ) -> Result<u32, KeyringError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = file.turn()?;
        self.take_over(&mut file)?;
        if !dead.iter().any(|id| self.by_id(id).is_some()) {
            return Ok(file.epoch);
        }
        file.renew(dead, by, &self.random, point)?;
        self.told.store(file.epoch, Ordering::SeqCst);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for id in dead {
            if let Some(bucket) = known.by_id.remove(id) {
                known.by_name.remove(&bucket.name);
                known.by_pseudonym.remove(&bucket.pseudonym);
                known.destroyed.insert(*id, by);
            }
        }
        Ok(file.epoch)
    }

    /// The keys of the named buckets, in order. Those that do not exist are minted and are durable when this returns: an
    /// entry never refers to a key that a crash could lose. Whoever comes while keys are written waits for the next
    /// writing, which is shared by all who wait.
    pub async fn buckets(
        self: &Arc<Self>,
        names: &[BucketName],
    ) -> Result<Vec<Arc<Bucket>>, KeyringError> {
        if let Some(found) = self.find_all(names) {
            return Ok(found);
        }
        self.lock_wanted().extend_from_slice(names);
        let _turn = self.minting.lock().await;
        if let Some(found) = self.find_all(names) {
            return Ok(found);
        }
        let (keyring, own) = (Arc::clone(self), names.to_vec());
        tokio::task::spawn_blocking(move || keyring.mint(own))
            .await
            .map_err(|_| KeyringError::NoRandomness)??;
        self.find_all(names).ok_or(KeyringError::NoRandomness)
    }

    /// Mints what is missing of these buckets and of all that are wanted.
    fn mint(&self, mut names: Vec<BucketName>) -> Result<(), KeyringError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = file.turn()?;
        self.take_over(&mut file)?;
        names.append(&mut self.lock_wanted());
        let mut seen = HashSet::new();
        let mut minted = Vec::new();
        for name in names {
            if self.get(&name).is_none() && seen.insert(name.clone()) {
                minted.push(file::Record {
                    name,
                    key: self.draw()?,
                    pseudonym: Pseudonym(uuid::Uuid::new_v4()),
                });
            }
        }
        file.append(&minted, &self.random)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for record in minted {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        Ok(())
    }

    fn lock_wanted(&self) -> MutexGuard<'_, Vec<BucketName>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// A key for sealing what is no event, such as a backup of what is kept beside the log: the same for ever for one purpose.
    pub(crate) fn sealing_key(&self, purpose: &str) -> Result<LessSafeKey, KeyringError> {
        let secret = ring::hmac::sign(&self.pepper, purpose.as_bytes());
        let unbound = UnboundKey::new(&AES_256_GCM, secret.as_ref());
        unbound
            .map(LessSafeKey::new)
            .map_err(|_| KeyringError::NoRandomness)
    }

    /// How often the keyring has been written anew.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.epoch
    }

    /// Everything in the directory of the keys as it is between two changes. For a backup of the keys, which must be sealed
    /// before it is written anywhere.
    pub fn copy(&self) -> Result<Copied, KeyringError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = file.path.parent().unwrap_or(Path::new("."));
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(file::io("read", directory))? {
            let path = entry.map_err(file::io("read", directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let (Some(name), true) = (name, path.is_file()) {
                let bytes = std::fs::read(&path).map_err(file::io("read", &path))?;
                files.push((name.to_owned(), bytes));
            }
        }
        files.sort();
        Ok(Copied {
            epoch: file.epoch,
            files,
        })
    }

    /// A secret of the keyring's own, the same for ever: the pepper under which claims and codes are hashed.
    #[must_use]
    pub fn pepper(&self) -> &ring::hmac::Key {
        &self.pepper
    }
}

/// The ids of all keys in a directory, read beside whoever writes there; those of keys too that were destroyed by an erasure
/// which a log of this size does not know of.
pub(crate) fn key_ids(directory: &Path, size: Position) -> Result<HashSet<KeyId>, KeyringError> {
    let (records, destroyed) = KeyringFile::records(directory)?;
    let here = records.iter().map(|record| key_id(&record.key));
    let later = destroyed.into_iter().filter(|(_, stone)| stone.by > size);
    Ok(here.chain(later.map(|(id, _)| id)).collect())
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

    #[tokio::test]
    async fn a_minted_key_is_the_same_after_reopening() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
        let minted = ring
            .buckets(&[name(2025), name(2026), name(2025)])
            .await
            .expect("mints");
        assert_eq!(minted[0].id, minted[2].id);
        assert_ne!(minted[0].id, minted[1].id);
        let tag = |ring: &Keyring| ring::hmac::sign(ring.pepper(), b"value");
        let pepper = tag(&ring);
        drop(ring);
        let again = Keyring::open(directory.path()).expect("opens again");
        assert_eq!(again.get(&name(2025)).expect("is there").id, minted[0].id);
        assert!(again.by_id(&minted[1].id).is_some());
        assert_eq!(
            again.person(minted[0].pseudonym),
            Some(PersonId(uuid::Uuid::from_u128(5)))
        );
        assert_eq!(tag(&again).as_ref(), pepper.as_ref());
    }

    #[tokio::test]
    async fn a_hundred_who_want_keys_at_once_get_them_and_agree_on_the_shared_one() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
        let asking = (1..=100).map(|year| {
            let ring = Arc::clone(&ring);
            tokio::spawn(async move { ring.buckets(&[name(0), name(year)]).await })
        });
        let mut shared = HashSet::new();
        let mut own = HashSet::new();
        for asked in asking.collect::<Vec<_>>() {
            let got = asked.await.expect("ends").expect("mints");
            shared.insert(got[0].id);
            own.insert(got[1].id);
        }
        assert_eq!((shared.len(), own.len()), (1, 100));
        drop(ring);
        let again = Keyring::open(directory.path()).expect("opens");
        assert!((0..=100).all(|year| again.get(&name(year)).is_some()));
    }

    #[tokio::test]
    async fn a_record_torn_by_a_crash_is_dropped_and_the_rest_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
        ring.buckets(&[name(2025)]).await.expect("mints");
        drop(ring);
        let path = directory.path().join("keyring");
        let mut bytes = std::fs::read(&path).expect("reads");
        bytes.extend([200, 0, 0, 0, 1, 2, 3]);
        std::fs::write(&path, &bytes).expect("writes");
        let again =
            Arc::new(Keyring::open(directory.path()).expect("opens in spite of the torn end"));
        assert!(again.get(&name(2025)).is_some());
        again
            .buckets(&[name(2026)])
            .await
            .expect("mints after the torn end");
        drop(again);
        let third = Keyring::open(directory.path()).expect("opens");
        assert!(third.get(&name(2026)).is_some());
    }

    #[tokio::test]
    async fn a_flipped_bit_is_told_and_not_taken_for_a_torn_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
        ring.buckets(&[name(2025), name(2026)])
            .await
            .expect("mints");
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

//! The keys that seal what the log holds: one per owner × module × school year, random, never derived from one another,
//! kept in a small file beside the log, or in a database of their own, so that losing a key is final. They express retention, not
//! access.
//!
//! A bucket also holds the pseudonym under which its owner acts in that module and year; only here are the two linked.

mod error;
mod file;
pub(crate) mod master;
mod place;
mod sealed;
mod server;
mod transfer;

use crate::database::Server;
pub use error::KeyringError;
use events::ids::{PersonId, Pseudonym};
use events::privacy::Depth;
use events::{Owner, Position, Term};
use place::Held;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::SystemRandom;
use sealed::Record;
pub use sealed::Tombstone;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Names a key and commits to it: the first 16 bytes of SHA-256 over a label and the key. A ciphertext therefore opens to
/// one text only, whoever holds the keys.
pub type KeyId = [u8; 16];

/// Called before each step that changes a file or the database. An error stops there, as a power cut would: for drills.
pub type Point<'a> = &'a (dyn Fn(&'static str) -> std::io::Result<()> + Send + Sync);

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

/// The files of the keys as they were at one moment; a keyring that lies in a database is one of them.
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

/// All keys of the school. Reading takes a shared lock; minting adds to the keyring and waits until it is durable.
pub struct Keyring {
    known: RwLock<Known>,
    held: Mutex<Held>,
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
        Self::open_at(directory, None)
    }

    /// The same for a keyring that may lie in a database on a server; its master key is in the directory.
    pub fn open_at(directory: &Path, server: Option<&Server>) -> Result<Self, KeyringError> {
        let random = SystemRandom::new();
        let (held, records) = Held::open(directory, server, &random)?;
        let contents = &held.contents;
        Ok(Self {
            known: RwLock::new(Known::of(records, contents.destroyed.clone())?),
            pepper: ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &contents.pepper),
            told: AtomicU32::new(contents.epoch),
            held: Mutex::new(held),
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
        let mut held = self.hold();
        let _turn = held.turn()?;
        loop {
            self.take_over(&mut held)?;
            if !dead.iter().any(|id| self.by_id(id).is_some()) {
                held.clean()?;
                return Ok(held.contents.epoch);
            }
            if held.renew((dead, by), &self.random, point)? {
                break;
            }
        }
        self.told.store(held.contents.epoch, Ordering::SeqCst);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for id in dead {
            if let Some(bucket) = known.by_id.remove(id) {
                known.by_name.remove(&bucket.name);
                known.by_pseudonym.remove(&bucket.pseudonym);
                known.destroyed.insert(*id, by);
            }
        }
        Ok(held.contents.epoch)
    }

    /// Reads what another machine that shares the keyring has minted or destroyed meanwhile. Gives whether keys are gone.
    pub fn refresh(&self) -> Result<bool, KeyringError> {
        let mut held = self.hold();
        let _turn = held.turn()?;
        self.take_over(&mut held)?;
        let epoch = held.contents.epoch;
        Ok(self.told.swap(epoch, Ordering::SeqCst) != epoch)
    }

    fn take_over(&self, held: &mut Held) -> Result<(), KeyringError> {
        let Some(records) = held.news()? else {
            return Ok(());
        };
        let now = Known::of(records, held.contents.destroyed.clone())?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut held = self.hold();
        let _turn = held.turn()?;
        names.append(&mut self.lock_wanted());
        let minted = loop {
            self.take_over(&mut held)?;
            let minted = self.missing(&names)?;
            if held.append(&minted, &self.random)? {
                break minted;
            }
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for record in minted {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        Ok(())
    }

    /// New keys for those of these buckets that have none.
    fn missing(&self, names: &[BucketName]) -> Result<Vec<Record>, KeyringError> {
        let mut seen = HashSet::new();
        let mut missing = Vec::new();
        for name in names {
            if self.get(name).is_none() && seen.insert(name) {
                missing.push(Record {
                    name: name.clone(),
                    key: master::draw(&self.random)?,
                    pseudonym: Pseudonym(uuid::Uuid::new_v4()),
                });
            }
        }
        Ok(missing)
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
        self.hold().contents.epoch
    }

    /// Everything in the directory of the keys, and the keyring, as it is between two changes. For a backup of the keys, which must be
    /// sealed before it is written anywhere.
    pub fn copy(&self) -> Result<Copied, KeyringError> {
        let mut held = self.hold();
        let _turn = held.turn()?;
        self.take_over(&mut held)?;
        Ok(Copied {
            epoch: held.contents.epoch,
            files: held.files()?,
        })
    }

    /// A secret of the keyring's own, the same for ever: the pepper under which claims and codes are hashed.
    #[must_use]
    pub fn pepper(&self) -> &ring::hmac::Key {
        &self.pepper
    }
}

/// The ids of all keys, read beside whoever writes there; those of keys too that were destroyed by an erasure which a log of this size
/// does not know of.
pub(crate) fn key_ids(
    directory: &Path,
    server: Option<&Server>,
    size: Position,
) -> Result<HashSet<KeyId>, KeyringError> {
    let (contents, records) = Held::look(directory, server)?;
    let here = records.iter().map(|record| key_id(&record.key));
    let destroyed = contents.destroyed.into_iter();
    let later = destroyed.filter(|(_, stone)| stone.by > size);
    Ok(here.chain(later.map(|(id, _)| id)).collect())
}

impl Known {
    fn of(
        records: Vec<Record>,
        destroyed: HashMap<KeyId, Tombstone>,
    ) -> Result<Self, KeyringError> {
        let mut known = Self {
            destroyed,
            ..Self::default()
        };
        for record in records {
            known.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        Ok(known)
    }

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
mod tests;

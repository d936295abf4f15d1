//! Destroying keys: the keyring is written anew without them under a new master key, and the old master key is destroyed,
//! so that an older copy of the keyring opens nothing any more, unless its master key was copied with it.
//!
//! In order: the new master key as `master.next`; the new keyring as `keyring.next`; the new keyring takes the old one's
//! place, which is the moment it counts; the old keyring and the old master key are overwritten. Whoever opens the keyring
//! after a crash finishes or undoes what was begun: the master key that opens the keyring is the one that counts.

use super::KeyId;
use super::file::{
    KeyringError, KeyringFile, MAGIC, Sealed, Tombstone, io, sync_directory, write_secret,
};
use events_proof::tree::{from_hex, to_hex};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Called before each step that changes a file or the database. An error stops there, as a power cut would: for drills.
pub type Point<'a> = &'a (dyn Fn(&'static str) -> std::io::Result<()> + Send + Sync);

impl KeyringFile {
    /// Writes the keyring without some keys under a new master key, and destroys the old one. `by` is where the log says so.
    pub(super) fn renew(
        &mut self,
        dead: &HashSet<KeyId>,
        by: Tombstone,
        random: &SystemRandom,
        point: Point<'_>,
    ) -> Result<(), KeyringError> {
        let directory = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        let beside = directory.join("keyring.next");
        let at = |step: &'static str| point(step).map_err(io(step, &beside));
        let mut secret = [0; 32];
        random
            .fill(&mut secret)
            .map_err(|_| KeyringError::NoRandomness)?;
        at("prepare a master key beside")?;
        write_secret(&directory.join("master.next"), to_hex(&secret).as_bytes())?;
        at("write")?;
        let mut next = self.without(dead, by, &secret, &beside, random)?;
        at("put into place")?;
        std::fs::rename(&beside, &self.path).map_err(io("rename", &beside))?;
        sync_directory(&directory)?;
        at("destroy the keyring before")?;
        let length = self.length;
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| std::io::copy(&mut std::io::repeat(0).take(length), &mut self.file))
            .and_then(|_| self.file.sync_all())
            .map_err(io("overwrite", &self.path))?;
        next.path.clone_from(&self.path);
        *self = next;
        at("destroy the master key before")?;
        finish(&directory)
    }

    fn without(
        &mut self,
        dead: &HashSet<KeyId>,
        by: Tombstone,
        secret: &[u8; 32],
        beside: &Path,
        random: &SystemRandom,
    ) -> Result<Self, KeyringError> {
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(io("read", &self.path))?;
        self.records = 0;
        let records = self.read(&bytes)?;
        let mut destroyed = self.destroyed.clone();
        let mut sealed = vec![Sealed::Pepper(self.pepper), Sealed::Epoch(self.epoch + 1)];
        for record in records {
            let id = super::key_id(&record.key);
            if dead.contains(&id) {
                destroyed.insert(id, by);
            } else {
                sealed.push(Sealed::Bucket(record));
            }
        }
        let tombs = destroyed.iter();
        sealed.extend(tombs.map(|(key, stone)| Sealed::Destroyed {
            key: *key,
            by: stone.by,
            depth: stone.depth,
        }));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(beside)
            .map_err(io("create", beside))?;
        let mut next = Self {
            file,
            path: beside.to_owned(),
            master: sealing(secret)?,
            records: 0,
            length: MAGIC.len() as u64,
            pepper: self.pepper,
            epoch: self.epoch + 1,
            destroyed,
        };
        next.write_at(0, MAGIC)?;
        next.append_sealed(&sealed, random)?;
        Ok(next)
    }
}

/// The master key that opens the keyring, after what a crash left half done was finished or undone. None when there is
/// none yet.
pub(super) fn settled_master(directory: &Path) -> Result<Option<LessSafeKey>, KeyringError> {
    if !directory.join("master.next").exists() {
        return read_key(&directory.join("master.key"));
    }
    if is_renewed(directory)? {
        finish(directory)?;
    } else {
        destroy(&directory.join("keyring.next"))?;
        destroy(&directory.join("master.next"))?;
    }
    read_key(&directory.join("master.key"))
}

/// The same without changing anything, beside whoever may be at work.
pub(super) fn current_master(directory: &Path) -> Result<Option<LessSafeKey>, KeyringError> {
    if directory.join("master.next").exists() && is_renewed(directory)? {
        return read_key(&directory.join("master.next"));
    }
    read_key(&directory.join("master.key"))
}

/// Whether the keyring in its place is the new one.
fn is_renewed(directory: &Path) -> Result<bool, KeyringError> {
    let Ok(Some(next)) = read_key(&directory.join("master.next")) else {
        return Ok(false);
    };
    let path = directory.join("keyring");
    let bytes = std::fs::read(&path).map_err(io("read", &path))?;
    Ok(KeyringFile::opens(&bytes, &next))
}

/// The new master key takes the old one's place, which is overwritten first.
fn finish(directory: &Path) -> Result<(), KeyringError> {
    let (next, current) = (directory.join("master.next"), directory.join("master.key"));
    destroy(&directory.join("keyring.torn"))?;
    destroy(&current)?;
    std::fs::rename(&next, &current).map_err(io("rename", &next))?;
    sync_directory(directory)
}

fn read_key(path: &Path) -> Result<Option<LessSafeKey>, KeyringError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let key = from_hex(text.trim()).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            sealing(&key.ok_or(KeyringError::MasterKey)?).map(Some)
        }
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io("read", path)(source)),
    }
}

fn sealing(key: &[u8; 32]) -> Result<LessSafeKey, KeyringError> {
    let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyringError::MasterKey)?;
    Ok(LessSafeKey::new(unbound))
}

/// Overwrites and removes a file; one that is not there is gone already. On flash the old blocks may live on for a while
/// below the file system: against that only an encrypted disk helps.
fn destroy(path: &Path) -> Result<(), KeyringError> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io("open", path)(source)),
    };
    let length = file.metadata().map_err(io("read", path))?.len();
    let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
    file.write_all(&zeros)
        .and_then(|()| file.sync_all())
        .map_err(io("overwrite", path))?;
    std::fs::remove_file(path).map_err(io("remove", path))
}

#[cfg(test)]
mod tests {
    use crate::keyring::{BucketName, Keyring, Tombstone};
    use events::ids::PersonId;
    use events::privacy::Depth;
    use events::{Owner, Term};
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    const STONE: Tombstone = Tombstone {
        by: 7,
        depth: Depth::Header,
    };

    fn name(person: u128) -> BucketName {
        let owner = Owner::Person(PersonId(uuid::Uuid::from_u128(person)));
        BucketName::of(owner, Term::Standing, "accounts", 0)
    }

    /// Stops before the step of this number, counted from 0.
    fn stopping_at(number: u32) -> impl Fn(&'static str) -> std::io::Result<()> {
        let seen = AtomicU32::new(0);
        move |_| match seen.fetch_add(1, Ordering::SeqCst) == number {
            true => Err(std::io::Error::other("the power is cut")),
            false => Ok(()),
        }
    }

    #[tokio::test]
    async fn a_destroyed_key_is_gone_and_an_older_copy_of_the_keyring_opens_no_more() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let ring = Arc::new(Keyring::open(path).expect("opens"));
        let keys = ring.buckets(&[name(1), name(2)]).await.expect("mints");
        let before = std::fs::read(path.join("keyring")).expect("reads");
        let dead = HashSet::from([keys[0].id]);
        assert_eq!(ring.renew(&dead, STONE, &|_| Ok(())).expect("renews"), 1);
        assert!(ring.by_id(&keys[0].id).is_none() && ring.get(&name(1)).is_none());
        assert_eq!(ring.person(keys[0].pseudonym), None);
        assert_eq!(ring.renew(&dead, STONE, &|_| Ok(())).expect("is done"), 1);
        let later = ring.buckets(&[name(3)]).await.expect("mints on");
        drop(ring);
        let again = Keyring::open(path).expect("opens");
        assert!(again.by_id(&keys[0].id).is_none());
        assert!(again.by_id(&keys[1].id).is_some() && again.by_id(&later[0].id).is_some());
        assert_eq!(again.destroyed(&keys[0].id), Some(7));
        assert_eq!(again.destroyed_after(6), [(keys[0].id, Depth::Header)]);
        assert_eq!(again.destroyed_after(7), []);
        drop(again);
        std::fs::write(path.join("keyring"), before).expect("puts the old copy back");
        assert!(Keyring::open(path).is_err());
    }

    #[tokio::test]
    async fn cut_off_at_any_step_the_keyring_opens_and_the_next_attempt_ends_it() {
        let mut number = 0;
        loop {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path();
            let ring = Arc::new(Keyring::open(path).expect("opens"));
            let keys = ring.buckets(&[name(1), name(2)]).await.expect("mints");
            let dead = HashSet::from([keys[0].id]);
            let cut = ring.renew(&dead, STONE, &stopping_at(number)).is_err();
            drop(ring);
            let again = Keyring::open(path).expect("opens after the cut");
            assert!(again.by_id(&keys[1].id).is_some(), "step {number}");
            again.renew(&dead, STONE, &|_| Ok(())).expect("ends");
            assert!(again.by_id(&keys[0].id).is_none(), "step {number}");
            drop(again);
            let names: HashSet<_> = std::fs::read_dir(path)
                .expect("lists")
                .map(|entry| entry.expect("an entry").file_name())
                .collect();
            let expected = ["keyring", "master.key"].map(std::ffi::OsString::from);
            assert_eq!(names, HashSet::from(expected));
            if !cut {
                assert_eq!(number, 5, "all steps were tried");
                break;
            }
            number += 1;
        }
    }
}

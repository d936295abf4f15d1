//! The keyring's file: records sealed under a master key, appended and synced. An erasure writes it anew under a new
//! master key (`renew.rs`); nothing else ever changes a byte of it.
//!
//! Layout: `"schulhof keyring 1\n"`, then records of `length u32 LE || nonce 12 || AES-256-GCM(JSON)`, the record's number
//! as associated data. The first record holds the pepper.

use super::renew::settled_master;
use super::{BucketName, KeyId};
use events::Position;
use events::ids::Pseudonym;
use events::privacy::Depth;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub(super) const MAGIC: &[u8] = b"schulhof keyring 1\n";
/// A record is about 250 bytes; anything far longer is damage, not data.
const MAX_RECORD: usize = 4096;

/// The keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Reading or writing failed.
    #[error("cannot {doing} {path}", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not what was written.
    #[error(
        "the keyring is damaged at record {record}; restore the keys directory from its own backup"
    )]
    Damaged {
        /// Counted from 0.
        record: u64,
    },
    /// The master key does not have 32 bytes in hexadecimal.
    #[error(
        "the master key is not 64 hexadecimal digits; restore the keys directory from its own backup"
    )]
    MasterKey,
    /// The operating system gave no random bytes, or the cipher refused them.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl KeyringError {
    /// Whether the disk is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded))
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) name: BucketName,
    pub(super) key: [u8; 32],
    pub(super) pseudonym: Pseudonym,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Sealed {
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

pub(super) struct KeyringFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) master: LessSafeKey,
    pub(super) records: u64,
    pub(super) length: u64,
    pub(super) pepper: [u8; 32],
    pub(super) epoch: u32,
    /// The ids of keys that are gone on purpose: a log restored from before the erasure does not have the event that says so.
    pub(super) destroyed: HashMap<KeyId, Tombstone>,
}

pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> KeyringError {
    move |source| KeyringError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

impl KeyringFile {
    pub(super) fn open(
        directory: &Path,
        random: &SystemRandom,
    ) -> Result<(Self, Vec<Record>), KeyringError> {
        create(directory)?;
        let path = directory.join("keyring");
        let master = settled_master(directory)?;
        let master = match master {
            Some(master) => master,
            None => master_key(&directory.join("master.key"), random)?,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io("open", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read", &path))?;
        let mut this = Self {
            file,
            path,
            master,
            records: 0,
            length: 0,
            pepper: [0; 32],
            epoch: 0,
            destroyed: HashMap::new(),
        };
        if !bytes.starts_with(MAGIC) {
            if bytes.len() >= MAGIC.len() {
                return Err(KeyringError::Damaged { record: 0 });
            }
            this.found(directory, random)?;
            return Ok((this, Vec::new()));
        }
        let records = this.read(&bytes)?;
        this.put_aside(&bytes)?;
        if this.records == 0 {
            this.found(directory, random)?;
        }
        Ok((this, records))
    }

    /// The records of a keyring that exists, without writing anything: a torn end may be what somebody writes just now.
    pub(super) fn records(
        directory: &Path,
    ) -> Result<(Vec<Record>, HashMap<KeyId, Tombstone>), KeyringError> {
        let path = directory.join("keyring");
        let master = super::renew::current_master(directory)?.ok_or(KeyringError::MasterKey)?;
        let mut file = File::open(&path).map_err(io("open", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read", &path))?;
        if !bytes.starts_with(MAGIC) {
            return Err(KeyringError::Damaged { record: 0 });
        }
        let mut this = Self {
            file,
            path,
            master,
            records: 0,
            length: 0,
            pepper: [0; 32],
            epoch: 0,
            destroyed: HashMap::new(),
        };
        let records = this.read(&bytes)?;
        Ok((records, this.destroyed))
    }

    fn found(&mut self, directory: &Path, random: &SystemRandom) -> Result<(), KeyringError> {
        self.write_at(0, MAGIC)?;
        self.length = MAGIC.len() as u64;
        random
            .fill(&mut self.pepper)
            .map_err(|_| KeyringError::NoRandomness)?;
        let pepper = Sealed::Pepper(self.pepper);
        self.append_sealed(&[pepper], random)?;
        sync_directory(directory)
    }

    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Vec<Record>, KeyringError> {
        let mut found = Vec::new();
        let mut at = MAGIC.len();
        while let Some(record) = self.next(bytes, at)? {
            at += 4 + record.len();
            let damaged = KeyringError::Damaged {
                record: self.records,
            };
            match self.unseal(record).ok_or(damaged)? {
                Sealed::Pepper(pepper) => self.pepper = pepper,
                Sealed::Bucket(record) => found.push(record),
                Sealed::Epoch(epoch) => self.epoch = epoch,
                Sealed::Destroyed { key, by, depth } => {
                    self.destroyed.insert(key, Tombstone { by, depth });
                }
            }
            self.records += 1;
        }
        self.length = at as u64;
        Ok(found)
    }

    /// Bytes after the last whole record are what a crash cut off, or damage that looks like it: the next key would overwrite
    /// them, so they are kept beside the keyring for whoever has to find out.
    fn put_aside(&self, bytes: &[u8]) -> Result<(), KeyringError> {
        let whole = usize::try_from(self.length).unwrap_or(usize::MAX);
        match bytes.get(whole..) {
            None | Some([]) => Ok(()),
            Some(torn) => {
                tracing::warn!(
                    bytes = torn.len(),
                    "the keyring ends with a torn record; it is kept as keyring.torn"
                );
                write_secret(&self.path.with_extension("torn"), torn)
            }
        }
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
        let (nonce, sealed) = record.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self
            .master
            .open_in_place(nonce, Aad::from(self.records.to_le_bytes()), &mut sealed)
            .ok()?;
        serde_json::from_slice(plain).ok()
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
        let Some((nonce, sealed)) = record.and_then(|record| record.split_at_checked(NONCE_LEN))
        else {
            return false;
        };
        Nonce::try_assume_unique_for_key(nonce).is_ok_and(|nonce| {
            let first = Aad::from(0_u64.to_le_bytes());
            master
                .open_in_place(nonce, first, &mut sealed.to_vec())
                .is_ok()
        })
    }

    pub(super) fn append(
        &mut self,
        records: &[Record],
        random: &SystemRandom,
    ) -> Result<(), KeyringError> {
        let sealed = records.iter().map(|record| {
            Sealed::Bucket(Record {
                name: record.name.clone(),
                key: record.key,
                pseudonym: record.pseudonym,
            })
        });
        self.append_sealed(&sealed.collect::<Vec<_>>(), random)
    }

    pub(super) fn append_sealed(
        &mut self,
        records: &[Sealed],
        random: &SystemRandom,
    ) -> Result<(), KeyringError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for (number, record) in (self.records..).zip(records) {
            let mut plain =
                serde_json::to_vec(record).map_err(|_| KeyringError::Damaged { record: number })?;
            let mut nonce = [0; NONCE_LEN];
            random
                .fill(&mut nonce)
                .map_err(|_| KeyringError::NoRandomness)?;
            let aad = Aad::from(number.to_le_bytes());
            self.master
                .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut plain)
                .map_err(|_| KeyringError::NoRandomness)?;
            let length =
                u32::try_from(NONCE_LEN + plain.len()).map_err(|_| KeyringError::NoRandomness)?;
            bytes.extend(length.to_le_bytes());
            bytes.extend(nonce);
            bytes.extend(plain);
        }
        self.write_at(self.length, &bytes)?;
        self.length += bytes.len() as u64;
        self.records += records.len() as u64;
        Ok(())
    }

    /// Writes and syncs. A write that failed half-way is overwritten by the next one, since `length` did not move.
    pub(super) fn write_at(&mut self, at: u64, bytes: &[u8]) -> Result<(), KeyringError> {
        let Self { file, path, .. } = self;
        file.seek(SeekFrom::Start(at))
            .map_err(io("seek in", path))?;
        file.write_all(bytes).map_err(io("write", path))?;
        file.set_len(at + bytes.len() as u64)
            .map_err(io("cut", path))?;
        file.sync_all().map_err(io("sync", path))
    }

    pub(super) fn pepper(&self) -> [u8; 32] {
        self.pepper
    }
}

fn master_key(path: &Path, random: &SystemRandom) -> Result<LessSafeKey, KeyringError> {
    let key = match std::fs::read_to_string(path) {
        Ok(text) => events_proof::tree::from_hex(text.trim())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or(KeyringError::MasterKey)?,
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            random
                .fill(&mut key)
                .map_err(|_| KeyringError::NoRandomness)?;
            write_secret(path, events_proof::tree::to_hex(&key).as_bytes())?;
            key
        }
        Err(source) => {
            return Err(KeyringError::Io {
                doing: "read",
                path: path.to_owned(),
                source,
            });
        }
    };
    let unbound = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| KeyringError::MasterKey)?;
    Ok(LessSafeKey::new(unbound))
}

/// Writes a small secret file whole, readable by its owner alone, durable when this returns.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), KeyringError> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(io("create", &beside))?;
    file.write_all(bytes).map_err(io("write", &beside))?;
    file.sync_all().map_err(io("sync", &beside))?;
    std::fs::rename(&beside, path).map_err(io("rename", &beside))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// The directory of the keys, for its owner alone, and durable before anything in it.
fn create(directory: &Path) -> Result<(), KeyringError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(io("create", directory))?;
    directory.parent().map_or(Ok(()), sync_directory)
}

pub(super) fn sync_directory(directory: &Path) -> Result<(), KeyringError> {
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(io("sync", directory))
}

//! A keyring in a file of its directory, which several machines may share: one at a time changes it, and the others read it anew.
//!
//! An erasure, in order: the new master key as `master.next`; the new keyring as `keyring.next`; the new keyring takes the old one's
//! place, which is the moment it counts; the old keyring and the old master key are overwritten.

use super::master::{self, create, destroy, io, sync_directory, write_secret};
use super::sealed::{Contents, Record};
use super::{KeyringError, Point};
use ring::aead::LessSafeKey;
use ring::rand::SystemRandom;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub(super) const KEYRING: &str = "keyring";
const NEXT: &str = "keyring.next";
/// What a crash cut off at its end.
const TORN: &str = "keyring.torn";

/// The directory, and the keyring's file in it.
pub(super) struct Directory {
    path: PathBuf,
    file: File,
}

impl Directory {
    /// Opens a keyring, or founds it.
    pub(super) fn open(
        path: &Path,
        random: &SystemRandom,
    ) -> Result<(Self, Contents, Vec<Record>), KeyringError> {
        create(path)?;
        let mut this = Self {
            path: path.to_owned(),
            file: open(&path.join(KEYRING))?,
        };
        let bytes = this.bytes()?;
        let master = match this.settle(&bytes)? {
            Some(master) => master,
            None => master::first(path, random)?,
        };
        let read = Contents::read(master, &bytes)?;
        let Some((contents, records)) = read else {
            let (contents, bytes) = Contents::found(master::first(path, random)?, random)?;
            this.append(0, &bytes)?;
            sync_directory(path)?;
            return Ok((this, contents, Vec::new()));
        };
        this.put_aside(&bytes, contents.length)?;
        // Whoever wrote it may have been cut off before it was durable.
        this.file
            .sync_all()
            .map_err(io("sync", &path.join(KEYRING)))?;
        Ok((this, contents, records))
    }

    /// What the keyring says, without writing anything: a torn end may be what somebody writes just now.
    pub(super) fn look(path: &Path) -> Result<(Contents, Vec<Record>), KeyringError> {
        let file = path.join(KEYRING);
        let bytes = std::fs::read(&file).map_err(io("read", &file))?;
        let master = master::current(path, &bytes, &[])?.ok_or(KeyringError::MasterKey)?;
        Contents::read(master, &bytes)?.ok_or(KeyringError::Damaged { record: 0 })
    }

    /// Ends or undoes what an erasure was cut off from, in whichever process that was. Gives the master key that opens the keyring.
    fn settle(&self, keyring: &[u8]) -> Result<Option<LessSafeKey>, KeyringError> {
        let master = master::settled(&self.path, keyring, &[])?;
        destroy(&self.path.join(NEXT))?;
        Ok(master)
    }

    /// Ends what an erasure was cut off from: nothing of the keyring before stays. There must be no news.
    pub(super) fn clean(&mut self) -> Result<(), KeyringError> {
        let bytes = self.bytes()?;
        self.settle(&bytes)?;
        destroy(&self.path.join(TORN))
    }

    /// Bytes after the last whole record are what a crash cut off, or damage that looks like it: the next key would overwrite
    /// them, so they are kept beside the keyring for whoever has to find out.
    fn put_aside(&self, bytes: &[u8], length: u64) -> Result<(), KeyringError> {
        let whole = usize::try_from(length).unwrap_or(usize::MAX);
        match bytes.get(whole..) {
            None | Some([]) => Ok(()),
            Some(torn) => {
                tracing::warn!(
                    bytes = torn.len(),
                    "the keyring ends with a torn record; it is kept as keyring.torn"
                );
                write_secret(&self.path.join(TORN), torn)
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until nobody else changes the directory; it is this one's turn until the file is dropped.
    pub(super) fn turn(&self) -> Result<File, KeyringError> {
        let held = File::open(&self.path).map_err(io("open", &self.path))?;
        held.lock().map_err(io("lock", &self.path))?;
        Ok(held)
    }

    /// What the keyring says, when it is not what it was when it was read or written here last.
    pub(super) fn news(
        &mut self,
        known: &Contents,
    ) -> Result<Option<(Contents, Vec<Record>)>, KeyringError> {
        let path = self.path.join(KEYRING);
        let there = std::fs::metadata(&path).map_err(io("read", &path))?;
        let here = self.file.metadata().map_err(io("read", &path))?;
        if (there.dev(), there.ino(), there.len()) == (here.dev(), here.ino(), known.length) {
            return Ok(None);
        }
        let found = Self::look(&self.path)?;
        self.file = open(&path)?;
        // Whoever wrote it may have been cut off before it was durable.
        self.file.sync_all().map_err(io("sync", &path))?;
        Ok(Some(found))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, KeyringError> {
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(io("read", &self.path.join(KEYRING)))?;
        Ok(bytes)
    }

    /// Writes and syncs. What failed is cut off again: keys whose sync failed must not be taken over as if they were durable.
    pub(super) fn append(&mut self, at: u64, bytes: &[u8]) -> Result<(), KeyringError> {
        let written = self.write(at, bytes);
        if written.is_err() {
            self.file.set_len(at).ok();
        }
        written
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), KeyringError> {
        let path = self.path.join(KEYRING);
        let end = at + bytes.len() as u64;
        self.file
            .seek(SeekFrom::Start(at))
            .map_err(io("seek in", &path))?;
        self.file.write_all(bytes).map_err(io("write", &path))?;
        self.file.set_len(end).map_err(io("cut", &path))?;
        self.file.sync_all().map_err(io("sync", &path))
    }

    /// Puts another keyring and its master key in the place of this one, and destroys both that were. The contents are made
    /// of this one's records. There must be no news; whoever fails behind the renaming has some.
    pub(super) fn replace(
        &mut self,
        secret: &[u8; 32],
        without: impl FnOnce(Vec<Record>) -> Result<(Contents, Vec<u8>), KeyringError>,
        point: Point<'_>,
    ) -> Result<Contents, KeyringError> {
        let (path, beside) = (self.path.join(KEYRING), self.path.join(NEXT));
        let at = |step: &'static str| point(step).map_err(io(step, &beside));
        let before = self.bytes()?;
        // An earlier attempt may have failed where `master.next` was all that opens the keyring.
        let master = self.settle(&before)?.ok_or(KeyringError::MasterKey)?;
        let (_, records) =
            Contents::read(master, &before)?.ok_or(KeyringError::Damaged { record: 0 })?;
        at("prepare a master key beside")?;
        master::prepare(&self.path, secret)?;
        at("write")?;
        let (contents, bytes) = without(records)?;
        let mut next = Self {
            path: self.path.clone(),
            file: open(&beside)?,
        };
        next.append(0, &bytes)?;
        at("put into place")?;
        std::fs::rename(&beside, &path).map_err(io("rename", &beside))?;
        sync_directory(&self.path)?;
        at("destroy the keyring before")?;
        let length = before.len() as u64;
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| std::io::copy(&mut std::io::repeat(0).take(length), &mut self.file))
            .and_then(|_| self.file.sync_all())
            .map_err(io("overwrite", &path))?;
        at("destroy the master key before")?;
        destroy(&self.path.join(TORN))?;
        master::finish(&self.path)?;
        *self = next;
        Ok(contents)
    }
}

fn open(path: &Path) -> Result<File, KeyringError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(io("open", path))
}

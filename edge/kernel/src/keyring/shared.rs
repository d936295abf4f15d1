//! A directory of keys that several machines share: one at a time changes it, and the others read it anew.

use super::file::{KeyringError, KeyringFile, Record, io};
use super::renew::current_master;
use super::{Keyring, Known, bucket};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

impl Keyring {
    /// Reads what another machine that shares the directory has minted or destroyed meanwhile. Gives whether keys are gone.
    pub fn refresh(&self) -> Result<bool, KeyringError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = file.turn()?;
        self.take_over(&mut file)?;
        Ok(self.told.swap(file.epoch, Ordering::SeqCst) != file.epoch)
    }

    pub(super) fn take_over(&self, file: &mut KeyringFile) -> Result<(), KeyringError> {
        let Some(records) = file.news()? else {
            return Ok(());
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut now = Known {
            destroyed: file.destroyed.clone(),
            ..Known::default()
        };
        for record in records {
            now.add(bucket(record.name, &record.key, record.pseudonym)?);
        }
        *known = now;
        Ok(())
    }
}

impl KeyringFile {
    /// Waits until nobody else changes the directory; it is this one's turn until the file is dropped.
    pub(super) fn turn(&self) -> Result<File, KeyringError> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let held = File::open(directory).map_err(io("open", directory))?;
        held.lock().map_err(io("lock", directory))?;
        Ok(held)
    }

    /// Every record, when the keyring is not what it was when it was read or written here last.
    pub(super) fn news(&mut self) -> Result<Option<Vec<Record>>, KeyringError> {
        let there = std::fs::metadata(&self.path).map_err(io("read", &self.path))?;
        let here = self.file.metadata().map_err(io("read", &self.path))?;
        if (there.dev(), there.ino(), there.len()) == (here.dev(), here.ino(), self.length) {
            return Ok(None);
        }
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let bytes = std::fs::read(&self.path).map_err(io("read", &self.path))?;
        self.master = current_master(directory)?.ok_or(KeyringError::MasterKey)?;
        self.file = File::options()
            .read(true)
            .write(true)
            .open(&self.path)
            .map_err(io("open", &self.path))?;
        self.records = 0;
        self.destroyed.clear();
        self.read(&bytes).map(Some)
    }
}

//! Where sealed copies of the keys were written. A copy of before an erasure still holds the keys that the erasure destroyed: it is
//! sealed anew in its place and removed, as far as it can be reached. Only a file that is still byte for byte ours is removed.

use super::Backup;
use super::keys::pack;
use crate::private;
use anyhow::{Context, Result};
use edge_kernel::keyring::Keyring;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

const FILE: &str = "key-copies.json";

/// One copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Copy {
    /// As it was named, without the epoch.
    to: PathBuf,
    recipient: String,
    path: PathBuf,
    epoch: u32,
    /// SHA-256 of its bytes.
    hash: Vec<u8>,
}

/// What became of copies of earlier epochs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Renewed {
    /// Sealed anew.
    pub(crate) written: Vec<PathBuf>,
    /// Removed.
    pub(crate) removed: Vec<PathBuf>,
    /// Not reached: they have to be destroyed by hand.
    pub(crate) left: Vec<PathBuf>,
}

impl Backup {
    /// Seals the keys to a recipient into a file whose name gets the epoch, and gives it with what became of earlier copies.
    pub(crate) fn seal_keys(
        &self,
        keyring: &Keyring,
        to: &Path,
        recipient: &str,
    ) -> Result<(Renewed, u32)> {
        let _turn = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = write(keyring, to, recipient)?;
        let (path, epoch) = (copy.path.clone(), copy.epoch);
        let mut copies = self.read_copies()?;
        // The place is there, so that a copy which is not has been taken away.
        copies.retain(|old| {
            old.path != path && (old.path.parent() != path.parent() || old.path.exists())
        });
        copies.push(copy);
        self.write_copies(&copies)?;
        let mut renewed = self.renew(keyring, copies)?;
        renewed.written.insert(0, path);
        Ok((renewed, epoch))
    }

    /// Seals anew and removes every copy of before the last erasure.
    pub(crate) fn renew_keys(&self, keyring: &Keyring) -> Result<Renewed> {
        let _turn = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        self.renew(keyring, self.read_copies()?)
    }

    fn renew(&self, keyring: &Keyring, copies: Vec<Copy>) -> Result<Renewed> {
        let epoch = keyring.epoch();
        let mut renewed = Renewed::default();
        let (old, mut kept): (Vec<_>, Vec<_>) =
            copies.into_iter().partition(|copy| copy.epoch < epoch);
        if old.is_empty() {
            return Ok(renewed);
        }
        let (mut replaced, mut left) = (Vec::new(), Vec::new());
        for copy in old {
            match seal_anew(keyring, &copy, &kept) {
                Ok(new) => {
                    let path = new.as_ref().map(|new| new.path.clone());
                    renewed.written.extend(path);
                    kept.extend(new);
                    replaced.push(copy);
                }
                Err(_) => left.push(copy),
            }
        }
        // The list names the new ones before the old ones go: whoever is cut off in between finds both.
        self.write_copies(&[&kept[..], &left, &replaced].concat())?;
        for copy in replaced {
            match remove(&copy.path) {
                Ok(()) => renewed.removed.push(copy.path),
                Err(_) => left.push(copy),
            }
        }
        renewed.left = left.iter().map(|copy| copy.path.clone()).collect();
        kept.extend(left);
        self.write_copies(&kept)?;
        Ok(renewed)
    }

    /// A list that cannot be read is no empty one: whoever wrote it anew would forget where earlier copies are.
    fn read_copies(&self) -> Result<Vec<Copy>> {
        let path = self.directory.join(FILE);
        let bytes = match std::fs::read(&path) {
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.with_context(|| format!("reading {}", path.display()))?,
        };
        serde_json::from_slice(&bytes).with_context(|| {
            format!(
                "{} does not say where earlier copies of the keys are; destroy them by hand, and remove it",
                path.display()
            )
        })
    }

    fn write_copies(&self, copies: &[Copy]) -> Result<()> {
        let path = self.directory.join(FILE);
        put(&path, &serde_json::to_vec_pretty(copies)?)
    }
}

/// Seals anew beside an old copy, unless that was done. Fails when the old one is not there as it was written: its medium may be
/// elsewhere, and nothing must be written where that usually is.
fn seal_anew(keyring: &Keyring, old: &Copy, others: &[Copy]) -> Result<Option<Copy>> {
    let new = others.iter().find(|other| {
        other.to == old.to && other.recipient == old.recipient && other.epoch > old.epoch
    });
    // The medium is here, so that a copy which is not has been taken away.
    let is_here = |new: &Copy| new.path.parent() == old.path.parent() && new.path.exists();
    if !old.path.exists() && new.is_some_and(is_here) {
        return Ok(None);
    }
    let bytes = std::fs::read(&old.path).context("reading an earlier copy of the keys")?;
    anyhow::ensure!(
        hash(&bytes) == old.hash,
        "it is not the copy that was written"
    );
    match new {
        Some(_) => Ok(None),
        None => write(keyring, &old.to, &old.recipient).map(Some),
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn write(keyring: &Keyring, to: &Path, recipient: &str) -> Result<Copy> {
    let (epoch, sealed) = pack(keyring, recipient)?;
    let path = with_epoch(to, epoch);
    put(&path, &sealed)?;
    Ok(Copy {
        to: to.to_owned(),
        recipient: recipient.to_owned(),
        path,
        epoch,
        hash: hash(&sealed),
    })
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    private::replace(path, bytes).with_context(|| format!("writing {}", path.display()))
}

fn with_epoch(to: &Path, epoch: u32) -> PathBuf {
    if to.is_dir() {
        return to.join(format!("schulhof-keys-epoch-{epoch}.age"));
    }
    let stem = to.file_stem().unwrap_or_default().to_string_lossy();
    let ending = to.extension().unwrap_or("age".as_ref()).to_string_lossy();
    to.with_file_name(format!("{stem}-epoch-{epoch}.{ending}"))
}

#[cfg(test)]
mod tests;

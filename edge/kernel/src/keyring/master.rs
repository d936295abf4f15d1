//! The master key's file. It is only ever replaced: the new one lies beside as `master.next` before the keyring is written under it,
//! and takes the old one's place, which is overwritten, once it is. Whoever comes after a crash finishes or undoes what was begun: the
//! master key that opens the keyring is the one that counts.

use super::KeyringError;
use super::sealed::{open_master, opens, sealing};
use events_proof::tree::{from_hex, to_hex};
use ring::aead::LessSafeKey;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

const CURRENT: &str = "master.key";
const NEXT: &str = "master.next";

/// Each epoch's master key, sealed under that of the epoch before, in order.
pub(super) type Handed = [(u32, Vec<u8>)];

pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> KeyringError {
    move |source| KeyringError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

/// The directory of the keys, for its owner alone, and durable before anything in it.
pub(super) fn create(directory: &Path) -> Result<(), KeyringError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(io("create", directory))?;
    directory.parent().map_or(Ok(()), sync_directory)
}

/// The master key of a keyring that is still to be founded: the one that is there, or a new one.
pub(super) fn first(directory: &Path, random: &SystemRandom) -> Result<LessSafeKey, KeyringError> {
    let path = directory.join(CURRENT);
    if let Some(key) = read_key(&path)? {
        return Ok(key);
    }
    let key = draw(random)?;
    write_secret(&path, to_hex(&key).as_bytes())?;
    sealing(&key)
}

/// A key.
pub(crate) fn draw(random: &SystemRandom) -> Result<[u8; 32], KeyringError> {
    let mut key = [0; 32];
    random
        .fill(&mut key)
        .map_err(|_| KeyringError::NoRandomness)?;
    Ok(key)
}

/// Puts a new master key beside the one in use.
pub(super) fn prepare(directory: &Path, secret: &[u8; 32]) -> Result<(), KeyringError> {
    write_secret(&directory.join(NEXT), to_hex(secret).as_bytes())
}

/// The keyring was not written under the new master key after all.
pub(super) fn undo(directory: &Path) -> Result<(), KeyringError> {
    destroy(&directory.join(NEXT))
}

/// The new master key takes the old one's place, which is overwritten first.
pub(super) fn finish(directory: &Path) -> Result<(), KeyringError> {
    let (next, current) = (directory.join(NEXT), directory.join(CURRENT));
    destroy(&current)?;
    std::fs::rename(&next, &current).map_err(io("rename", &next))?;
    sync_directory(directory)
}

/// The master key that opens a keyring, after what a crash left half done was finished or undone. None when there is none; one that
/// opens nothing is for whoever reads the keyring to complain about.
pub(super) fn settled(
    directory: &Path,
    keyring: &[u8],
    handed: &Handed,
) -> Result<Option<LessSafeKey>, KeyringError> {
    if directory.join(NEXT).exists() {
        match is_renewed(directory, keyring)? {
            true => finish(directory)?,
            false => undo(directory)?,
        }
    }
    let Some(current) = read_key(&directory.join(CURRENT))? else {
        return Ok(None);
    };
    let Some(secret) = handed_on(&current, keyring, handed)? else {
        return Ok(Some(current));
    };
    prepare(directory, &secret)?;
    finish(directory)?;
    sealing(&secret).map(Some)
}

/// The same without changing anything, beside whoever may be at work.
pub(super) fn current(
    directory: &Path,
    keyring: &[u8],
    handed: &Handed,
) -> Result<Option<LessSafeKey>, KeyringError> {
    if directory.join(NEXT).exists() && is_renewed(directory, keyring)? {
        return read_key(&directory.join(NEXT));
    }
    let Some(current) = read_key(&directory.join(CURRENT))? else {
        return Ok(None);
    };
    match handed_on(&current, keyring, handed)? {
        Some(secret) => sealing(&secret).map(Some),
        None => Ok(Some(current)),
    }
}

/// Whether the keyring is the new one already. A new master key that cannot be read just now may be all that opens it; one that is
/// none was being written when something cut it off.
fn is_renewed(directory: &Path, keyring: &[u8]) -> Result<bool, KeyringError> {
    match read_key(&directory.join(NEXT)) {
        Ok(next) => Ok(next.is_some_and(|next| opens(keyring, &next))),
        Err(KeyringError::MasterKey) => Ok(false),
        Err(unread) => Err(unread),
    }
}

/// The master key that was drawn elsewhere, from an older one on; none when that opens the keyring itself, or none of them leads there.
fn handed_on(
    from: &LessSafeKey,
    keyring: &[u8],
    handed: &Handed,
) -> Result<Option<[u8; 32]>, KeyringError> {
    if opens(keyring, from) {
        return Ok(None);
    }
    let mut at: Option<[u8; 32]> = None;
    for (epoch, sealed) in handed {
        let key = at.as_ref().map(sealing).transpose()?;
        let opened = open_master(key.as_ref().unwrap_or(from), *epoch, sealed);
        at = opened.or(at);
    }
    let leads_there = |secret: &[u8; 32]| sealing(secret).is_ok_and(|key| opens(keyring, &key));
    Ok(at.filter(leads_there))
}

fn read_key(path: &Path) -> Result<Option<LessSafeKey>, KeyringError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let key = from_hex(text.trim()).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            sealing(&key.ok_or(KeyringError::MasterKey)?).map(Some)
        }
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(wrong) if wrong.kind() == std::io::ErrorKind::InvalidData => {
            Err(KeyringError::MasterKey)
        }
        Err(source) => Err(io("read", path)(source)),
    }
}

/// Overwrites and removes a file; one that is not there is gone already. On flash the old blocks may live on for a while
/// below the file system: against that only an encrypted disk helps.
pub(super) fn destroy(path: &Path) -> Result<(), KeyringError> {
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

pub(super) fn sync_directory(directory: &Path) -> Result<(), KeyringError> {
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(io("sync", directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_master_key_that_cannot_be_read_just_now_is_not_taken_for_none() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(directory.path().join(NEXT)).expect("ours");
        let renewed = is_renewed(directory.path(), b"some keyring");
        assert!(matches!(renewed, Err(KeyringError::Io { .. })));
    }

    #[test]
    fn a_new_master_key_that_is_none_counts_for_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        for text in [&b"00"[..], b"\xff\xff"] {
            std::fs::write(directory.path().join(NEXT), text).expect("ours");
            let renewed = is_renewed(directory.path(), b"some keyring");
            assert!(matches!(renewed, Ok(false)));
        }
    }
}

//! What only the owner of a data directory may read: keys, the authority of the school's network, the identity at the relay, the
//! configuration. Sealed to a recipient that the new machine drew for this, before it goes over a line that is encrypted as well. The
//! key that signs the log stays: the new machine has its own.

use super::back::remove_successor;
use crate::private;
use age::x25519::{Identity, Recipient};
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_kernel::keyring::Keyring;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

const FORMAT: &str = "schulhof move secrets 1";
/// The keys of a large school have some megabytes.
pub(super) const LARGEST: u64 = 1 << 30;
pub(super) const SIGNING: &str = "signing.key";
pub(super) const KEYS: &str = "keys";
/// Folders that move as they are, if they are there.
const FOLDERS: [&str; 2] = ["tls", "relay"];
const CONFIG: &str = "schulhof.toml";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    format: String,
    /// Contents in base64, by folder (empty for the data directory itself) and name.
    files: BTreeMap<String, BTreeMap<String, String>>,
}

/// Seals what a data directory has to a recipient.
pub(super) fn pack(keyring: &Keyring, data: &Path, recipient: &str) -> Result<Vec<u8>> {
    let recipient: Recipient = recipient
        .parse()
        .map_err(|_| anyhow::anyhow!("the new machine names no recipient"))?;
    let mut files: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut add = |folder: &str, name: String, bytes: &[u8]| {
        files
            .entry(folder.to_owned())
            .or_default()
            .insert(name, STANDARD.encode(bytes));
    };
    for (name, bytes) in keyring.copy()?.files {
        if name != SIGNING {
            add(KEYS, name, &bytes);
        }
    }
    for folder in FOLDERS {
        for entry in fs::read_dir(data.join(folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let (path, name) = (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            );
            if path.is_file() {
                add(
                    folder,
                    name,
                    &fs::read(&path).with_context(|| format!("reading {}", path.display()))?,
                );
            }
        }
    }
    if let Ok(bytes) = fs::read(data.join(CONFIG)) {
        add("", CONFIG.to_owned(), &bytes);
    }
    let plain = serde_json::to_vec(&Packed {
        format: FORMAT.to_owned(),
        files,
    })?;
    age::encrypt(&recipient, &plain).context("sealing the keys")
}

/// Writes what was sealed into a directory, each folder whole or not at all. `signing` is the key that signs from now on.
pub(super) fn unpack(
    sealed: &[u8],
    identity: &Identity,
    data: &Path,
    signing: &[u8],
) -> Result<()> {
    let decryptor = age::Decryptor::new(sealed).context("what was sealed is damaged")?;
    let opened = decryptor.decrypt([identity as &dyn age::Identity].into_iter());
    let opened = opened.context(
        "the keys were not sealed for this machine; begin the move again on the old one",
    )?;
    let mut plain = Vec::new();
    opened
        .take(LARGEST)
        .read_to_end(&mut plain)
        .context("what was sealed is damaged")?;
    let packed: Packed = serde_json::from_slice(&plain).context("what was sealed are no keys")?;
    ensure!(
        packed.format == FORMAT,
        "the old machine runs another version of this program; install the same on both"
    );
    for (folder, files) in &packed.files {
        let is_known = folder.is_empty() || folder == KEYS || FOLDERS.contains(&folder.as_str());
        ensure!(
            is_known,
            "the old machine sends what this one does not know; install the same version on both"
        );
        if folder.is_empty() {
            let config = files
                .get(CONFIG)
                .context("what was sealed names a file that is none of ours")?;
            write(&data.join(CONFIG), &STANDARD.decode(config)?)?;
            continue;
        }
        replace(data, folder, files, (folder == KEYS).then_some(signing))?;
    }
    Ok(())
}

fn replace(
    data: &Path,
    folder: &str,
    files: &BTreeMap<String, String>,
    signing: Option<&[u8]>,
) -> Result<()> {
    let (place, beside) = (data.join(folder), data.join(format!("{folder}.new")));
    let failed = || format!("writing {}", place.display());
    if beside.exists() {
        fs::remove_dir_all(&beside).with_context(failed)?;
    }
    DirBuilder::new()
        .mode(0o700)
        .create(&beside)
        .with_context(failed)?;
    for (name, content) in files {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        ensure!(
            !name.starts_with('.') && name.bytes().all(is_plain),
            "what was sealed names a file that is none of ours"
        );
        write(
            &beside.join(name),
            &STANDARD
                .decode(content)
                .context("what was sealed is damaged")?,
        )?;
    }
    if let Some(signing) = signing {
        write(&beside.join(SIGNING), signing)?;
    }
    if place.exists() {
        fs::remove_dir_all(&place).with_context(failed)?;
    }
    fs::rename(&beside, &place).with_context(failed)?;
    sync(data)
}

/// Writes a file for its owner alone.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    private::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// Makes what has changed in a directory durable.
pub(super) fn sync(directory: &Path) -> Result<()> {
    private::sync(directory).with_context(|| format!("syncing {}", directory.display()))
}

/// Overwrites and removes what a machine must not keep once its school has moved, and the views, which are plain text.
pub(super) fn destroy(data: &Path) -> Result<()> {
    // From here on there is no key, however far the rest comes.
    let (keys, gone) = (data.join(KEYS), data.join("keys.gone"));
    if keys.exists() {
        fs::rename(&keys, &gone).with_context(|| format!("removing {}", keys.display()))?;
        sync(data)?;
    }
    remove_successor(data)?;
    for folder in ["keys.gone", "tls", "relay"] {
        let path = data.join(folder);
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            overwrite(&entry.path())?;
        }
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    for name in ["views.db", "views.db-wal", "views.db-shm"] {
        let path = data.join(name);
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    sync(data)
}

pub(super) fn overwrite(path: &Path) -> Result<()> {
    if !path.is_file() {
        return Ok(());
    }
    let overwritten = || {
        let mut file = File::options().write(true).open(path)?;
        let length = file.metadata()?.len();
        std::io::copy(&mut std::io::repeat(0).take(length), &mut file)?;
        file.sync_all()
    };
    overwritten().with_context(|| format!("overwriting {}", path.display()))
}

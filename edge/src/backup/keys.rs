//! The backup of the keys: the files of `keys/`, sealed to somebody's age recipient. It lies apart from the backup of the log, for both
//! together are everything. Each time somebody is forgotten it has to be made anew and the older ones have to go: they still hold the keys
//! that were destroyed, and whoever has one and its identity opens backups of before.
//!
//! Within the age file: JSON with `format`, `epoch`, and `files`, whose contents are in base64.

use crate::private;
use age::x25519;
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_kernel::keyring::{Copied, Keyring};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

const FORMAT: &str = "schulhof keys 1";
/// A school's keyring grows by a megabyte or two a year.
const LARGEST: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    format: String,
    epoch: u32,
    files: BTreeMap<String, String>,
}

/// The files of the keys, by name.
pub struct Unpacked {
    /// How often the keyring has been written anew.
    pub epoch: u32,
    files: BTreeMap<String, Vec<u8>>,
}

/// Seals the keys to a recipient, such as `age1…`. Gives how often they have been written anew, too.
pub fn pack(keyring: &Keyring, recipient: &str) -> Result<(u32, Vec<u8>)> {
    let recipient = self::recipient(recipient)?;
    let Copied { epoch, files } = keyring.copy()?;
    let files = files
        .into_iter()
        .map(|(name, bytes)| (name, STANDARD.encode(bytes)));
    let packed = Packed {
        format: FORMAT.to_owned(),
        epoch,
        files: files.collect(),
    };
    let plain = serde_json::to_vec(&packed)?;
    let sealed = age::encrypt(&recipient, &plain).context("sealing the keys")?;
    Ok((epoch, sealed))
}

/// Reads a recipient.
pub(super) fn recipient(text: &str) -> Result<x25519::Recipient> {
    text.trim().parse().map_err(|_| {
        anyhow::anyhow!("this is no recipient: it is the line that begins with age1 and that `age-keygen` prints with the identity; copy it whole")
    })
}

/// Opens a backup of the keys with an identity, the text of a file as `age-keygen` writes it.
pub fn unpack(sealed: &[u8], identity: &str) -> Result<Unpacked> {
    let lines = identity.lines().map(str::trim);
    let identities: Vec<x25519::Identity> = lines.filter_map(|line| line.parse().ok()).collect();
    ensure!(
        !identities.is_empty(),
        "there is no identity in the file of identities: a line that begins with AGE-SECRET-KEY-1"
    );
    let decryptor = age::Decryptor::new(sealed).context("the backup of the keys is damaged")?;
    let identities = identities.iter().map(|one| one as &dyn age::Identity);
    let opened = decryptor.decrypt(identities);
    let opened = opened.context("the keys were not sealed to this identity, or are damaged")?;
    let mut plain = Vec::new();
    opened
        .take(LARGEST)
        .read_to_end(&mut plain)
        .context("the backup of the keys is damaged")?;
    let packed: Packed =
        serde_json::from_slice(&plain).context("what was sealed is no backup of keys")?;
    ensure!(
        packed.format == FORMAT,
        "the backup of the keys was written by another version of this program"
    );
    let mut files = BTreeMap::new();
    for (name, content) in packed.files {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
        if name.starts_with('.') || !name.bytes().all(is_plain) {
            bail!("the backup of the keys names a file that cannot be one of them");
        }
        let content = STANDARD
            .decode(content)
            .context("the backup of the keys is damaged")?;
        files.insert(name, content);
    }
    Ok(Unpacked {
        epoch: packed.epoch,
        files,
    })
}

/// Writes the keys into a data directory that has none, for its owner alone.
pub(super) fn write(keys: &Unpacked, data: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let directory = data.join("keys");
    let failed = || format!("writing the keys to {}", directory.display());
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&directory)
        .with_context(failed)?;
    for (name, bytes) in &keys.files {
        private::write(&directory.join(name), bytes).with_context(failed)?;
    }
    Ok(())
}

//! What the new machine keeps while a school arrives, beside the place that it will have: `DATA.receiving/` with the pairing, the
//! objects as they came (`objects/`), and the data directory that is built out of them (`school/`). It takes its place by one rename.

use super::Code;
use super::secrets::sync;
use crate::private;
use crate::room::Room;
use anyhow::{Context, Result, bail, ensure};
use edge_kernel::ledger::verifier_key_of;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The directory of an arrival; locked while this is held.
pub(super) struct Work {
    data: PathBuf,
    root: PathBuf,
    _lock: File,
}

/// Who moves here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairing {
    pub(super) address: String,
    pub(super) secret: [u8; 16],
    /// Until when the code may be used the first time, in milliseconds since 1970, UTC.
    pub(super) until: u64,
    /// The verifier key of the machine that has used it.
    pub(super) key: Option<String>,
}

/// The seal has arrived: from here on this machine finishes alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seal {
    pub(super) position: u64,
    pub(super) root: String,
}

impl Work {
    pub(super) fn open(data: &Path) -> Result<Self> {
        let mut name = data
            .file_name()
            .map_or_else(|| OsString::from("data"), OsString::from);
        name.push(".receiving");
        let root = data.with_file_name(name);
        let failed = || format!("preparing {}", root.display());
        let is_begun = root.join("pairing.json").exists();
        let is_free = match std::fs::read_dir(data) {
            Ok(mut entries) => entries.next().is_none(),
            Err(missing) => missing.kind() == std::io::ErrorKind::NotFound,
        };
        ensure!(
            is_free || is_begun,
            "{} is not empty; a school moves into a directory that is not there yet",
            data.display()
        );
        for directory in [
            &root,
            &root.join("objects"),
            &root.join("school"),
            &root.join("school/blobs"),
        ] {
            if is_free || directory == &root {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(directory)
                    .with_context(failed)?;
            }
        }
        let lock = File::options()
            .create(true)
            .append(true)
            .open(root.join("lock"))
            .with_context(failed)?;
        if lock.try_lock().is_err() {
            bail!(
                "another schulhof process receives a school into {}",
                data.display()
            );
        }
        Ok(Self {
            data: data.to_owned(),
            root,
            _lock: lock,
        })
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    pub(super) fn school(&self) -> PathBuf {
        self.root.join("school")
    }

    /// Where an object lies: files are at once where they will be.
    pub(super) fn object(&self, name: &str) -> PathBuf {
        match name.starts_with("blobs/") {
            true => self.school().join(name),
            false => self.objects().join(name),
        }
    }

    /// What has arrived, and what else fits.
    pub(super) fn room(&self) -> Result<Room> {
        Room::of(&self.root)
    }

    /// Whether the school has its place already.
    pub(super) fn has_arrived(&self) -> bool {
        self.data.join("log.db").exists()
    }

    /// Gives the school its place.
    pub(super) fn arrive(&self) -> Result<()> {
        let (from, to) = (self.school(), &self.data);
        if to.exists() {
            std::fs::remove_dir(to).with_context(|| format!("{} is not empty", to.display()))?;
        }
        std::fs::rename(&from, to)
            .with_context(|| format!("putting the school into {}", to.display()))?;
        sync(to.parent().unwrap_or(Path::new(".")))
    }

    /// Removes everything but the school.
    pub(super) fn clear(&self) -> Result<()> {
        std::fs::remove_dir_all(&self.root)
            .with_context(|| format!("removing {}", self.root.display()))
    }

    pub(super) fn pairing(&self) -> Result<Option<Pairing>> {
        self.read("pairing.json")
    }

    pub(super) fn keep(&self, pairing: &Pairing) -> Result<()> {
        self.put("pairing.json", &serde_json::to_vec(pairing)?)
    }

    pub(super) fn seal(&self) -> Result<Option<Seal>> {
        self.read("seal.json")
    }

    /// The one write after which this machine finishes alone.
    pub(super) fn keep_seal(&self, seal: &Seal) -> Result<()> {
        self.put("seal.json", &serde_json::to_vec(seal)?)
    }

    fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.root.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .with_context(|| format!("reading {}", path.display())),
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(name);
        private::replace(&path, bytes).with_context(|| format!("writing {}", path.display()))
    }

    /// The seed of the key that will sign here, as it lies in `keys/`; drawn once.
    pub(super) fn signing(&self) -> Result<Vec<u8>> {
        let path = self.root.join("signing.key");
        if !path.exists() {
            let mut seed = [0; 32];
            let drawn = SystemRandom::new().fill(&mut seed);
            drawn.map_err(|_| anyhow::anyhow!("the system has no randomness for a key"))?;
            self.put("signing.key", events_proof::tree::to_hex(&seed).as_bytes())?;
        }
        std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// The verifier key of that key, for the log of another.
    pub(super) fn verifier_key(&self, of: &str) -> Result<String> {
        let signing = String::from_utf8(self.signing()?).context("the signing key is damaged")?;
        verifier_key_of(&signing, of).context("the signing key is damaged")
    }
}

impl Pairing {
    pub(super) fn new(code: &Code, until: u64) -> Self {
        Self {
            address: code.address.clone(),
            secret: code.secret,
            until,
            key: None,
        }
    }

    pub(super) fn code(&self) -> Code {
        Code {
            address: self.address.clone(),
            secret: self.secret,
        }
    }
}

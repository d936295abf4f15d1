//! Where a backup lies: a directory, or whatever else `object_store` reaches; or the machine that the school moves to, which
//! takes the same objects. Everything is put once; that it is there already is no error, for a name says what the content is.

use crate::moving::Remote;
use crate::objects::S3;
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a large object handed to the store at once; S3 asks for at least 5 MiB a part.
const PART: usize = 8 << 20;
/// No small object, such as a manifest or a segment, is larger.
const SMALL: u64 = 2 << 30;

/// A place for backups; cheap to clone.
#[derive(Clone)]
pub struct Target(Place);

#[derive(Clone)]
enum Place {
    Store(Arc<dyn ObjectStore>),
    Machine(Arc<Remote>),
}

impl Target {
    /// Opens a place by its address: a path, or `file:///…`. The directory must exist: one that is made where a disk should have
    /// been mounted would be a backup on the disk that it is a backup of.
    pub fn open(address: &str) -> Result<Self> {
        Self::open_with(address, &S3::default())
    }

    /// The same, or `s3://bucket/prefix` in a store that is reached in this way.
    pub fn open_with(address: &str, stores: &S3) -> Result<Self> {
        if S3::is_named_by(address) {
            return stores.open(address).map(Self::in_store);
        }
        let path = local(address)?;
        ensure!(
            path.is_dir(),
            "the place for backups is not there; mount it, or create the directory"
        );
        let store = LocalFileSystem::new_with_prefix(path)
            .context("opening the place for backups")?
            .with_fsync(true);
        Ok(Self(Place::Store(Arc::new(store))))
    }

    /// The machine that the school moves to.
    pub(crate) fn machine(remote: Arc<Remote>) -> Self {
        Self(Place::Machine(remote))
    }

    /// Whether it is the machine that the school moves to.
    pub(super) fn is_machine(&self) -> bool {
        matches!(self.0, Place::Machine(_))
    }

    /// A store of any kind.
    #[must_use]
    pub fn in_store(store: Arc<dyn ObjectStore>) -> Self {
        Self(Place::Store(store))
    }

    /// Puts an object unless one of this name is there. Gives whether it was new.
    pub(super) async fn put(&self, name: &str, content: Bytes) -> Result<bool> {
        let store = match &self.0 {
            Place::Machine(machine) => return machine.put(name, content).await,
            Place::Store(store) => store,
        };
        let length = content.len() as u64;
        let options = PutOptions::from(PutMode::Create);
        let payload = PutPayload::from_bytes(content);
        match store.put_opts(&path(name), payload, options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let there = self.length(name).await?;
                ensure!(
                    there == Some(length),
                    "{name} is in the backup already, with another length; the place for backups is damaged"
                );
                Ok(false)
            }
            Err(error) => Err(error).with_context(|| format!("writing {name}")),
        }
    }

    /// Puts a large object from a stream, unless one of its name and length is there. `sha256` is its hash in hexadecimal digits.
    pub(super) async fn put_stream(
        &self,
        name: &str,
        length: u64,
        sha256: &str,
        content: impl Stream<Item = Result<Bytes>> + Send + 'static,
    ) -> Result<bool> {
        let store = match &self.0 {
            Place::Machine(machine) => {
                return machine.put_stream(name, length, sha256, content).await;
            }
            Place::Store(store) => store,
        };
        if self.length(name).await? == Some(length) {
            return Ok(false);
        }
        if length <= PART as u64 {
            let content: Vec<Bytes> = content.try_collect().await?;
            return self.put(name, content.concat().into()).await;
        }
        let upload = store.put_multipart(&path(name)).await;
        let mut upload = upload.with_context(|| format!("writing {name}"))?;
        let written = async {
            let mut content = std::pin::pin!(content);
            let mut part = Vec::new();
            while let Some(piece) = content.next().await {
                part.extend_from_slice(&piece?);
                if part.len() >= PART {
                    upload.put_part(std::mem::take(&mut part).into()).await?;
                }
            }
            if !part.is_empty() {
                upload.put_part(part.into()).await?;
            }
            upload.complete().await?;
            anyhow::Ok(())
        };
        if let Err(error) = written.await {
            // What was begun is cleared away by the store sooner or later; nobody sees it meanwhile.
            let _ = upload.abort().await;
            return Err(error).with_context(|| format!("writing {name}"));
        }
        Ok(true)
    }

    /// An object's length; none when it is not there.
    pub(super) async fn length(&self, name: &str) -> Result<Option<u64>> {
        let store = match &self.0 {
            Place::Machine(machine) => return machine.length(name).await,
            Place::Store(store) => store,
        };
        match store.head(&path(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("looking for {name}")),
        }
    }

    /// An object whole.
    pub(super) async fn get(&self, name: &str) -> Result<Bytes> {
        let store = match &self.0 {
            Place::Machine(machine) => return machine.get(name).await,
            Place::Store(store) => store,
        };
        let found = store.get(&path(name)).await;
        let found = found.with_context(|| format!("reading {name} from the backup"))?;
        ensure!(
            found.meta.size <= SMALL,
            "{name} in the backup is larger than anything that was written there"
        );
        let bytes = found.bytes().await;
        bytes.with_context(|| format!("reading {name} from the backup"))
    }

    /// An object as a stream.
    pub(super) async fn stream(
        &self,
        name: &str,
    ) -> Result<impl Stream<Item = object_store::Result<Bytes>> + use<>> {
        let store = match &self.0 {
            Place::Machine(_) => bail!("files are not fetched from the machine that they go to"),
            Place::Store(store) => store,
        };
        let found = store.get(&path(name)).await;
        let found = found.with_context(|| format!("reading {name} from the backup"))?;
        Ok(found.into_stream())
    }

    /// The names of the objects in a folder.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let store = match &self.0 {
            Place::Machine(machine) => return machine.list(folder).await,
            Place::Store(store) => store,
        };
        let found: Vec<_> = store.list(Some(&path(folder))).try_collect().await?;
        Ok(found
            .into_iter()
            .map(|one| one.location.to_string())
            .collect())
    }

    /// Removes an object; one that is not there is gone already.
    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let store = match &self.0 {
            Place::Machine(machine) => return machine.remove(name).await,
            Place::Store(store) => store,
        };
        match store.delete(&path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("removing {name}")),
        }
    }
}

fn path(name: &str) -> ObjectPath {
    ObjectPath::from(name)
}

/// The directory that an address names; none for an object store.
pub(super) fn directory(address: &str) -> Result<Option<PathBuf>> {
    match S3::is_named_by(address) {
        true => Ok(None),
        false => local(address).map(Some),
    }
}

fn local(address: &str) -> Result<PathBuf> {
    if let Some(rest) = address.strip_prefix("file://") {
        ensure!(
            rest.starts_with('/'),
            "write a place on this machine as file:///path, with three slashes"
        );
        return Ok(Path::new(rest).to_owned());
    }
    if let Some((scheme, _)) = address.split_once("://") {
        bail!(
            "{scheme}:// is no place for backups that is known here; name a directory, such as a mounted disk, as a path or file:///path, or s3://bucket/prefix"
        );
    }
    ensure!(!address.is_empty(), "name a place for backups");
    Ok(Path::new(address).to_owned())
}

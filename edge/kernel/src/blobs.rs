//! Blobs: the bytes of files, encrypted in chunks under a key of their own, in an object store. A file of any size
//! streams through; at most a few chunks are in memory.
//!
//! Format: chunks of 64 KiB plain text, each sealed with AES-256-GCM (16 bytes more); the nonce is the chunk's number
//! as u64 big-endian behind four zero bytes, its first byte 1 for the last chunk (the STREAM construction, Hoang et al.
//! 2015), so that no chunk can be dropped, doubled or moved. The key is random and used for this one object.

mod sweep;
mod upload;

use bytes::{Bytes, BytesMut};
use events::Withheld;
use events::files::BlobRef;
use events::ids::BlobId;
use events_proof::tree::{from_hex, to_hex};
use futures::{Stream, StreamExt, stream};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use sweep::Own;
pub use sweep::Swept;
use uuid::Uuid;

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const SEALED: u64 = (CHUNK + TAG) as u64;
/// Bytes handed to the store at once; S3 asks for at least 5 MiB a part.
const PART: usize = 8 << 20;

/// A blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The store failed.
    #[error("cannot {doing} a stored file")]
    Store {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: object_store::Error,
    },
    /// The directory cannot be used.
    #[error("cannot create the directory of stored files")]
    Directory(#[source] std::io::Error),
    /// The upload ended early or with an error.
    #[error("the upload was cut off")]
    Upload(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The upload is larger than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// What is stored is not what was written.
    #[error("a stored file is damaged; restore it from backup")]
    Damaged,
    /// The key was destroyed, or withheld.
    #[error("the key of a stored file is gone")]
    Forgotten,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl BlobError {
    /// Whether the disk is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            if let Some(io) = error.downcast_ref::<std::io::Error>()
                && matches!(
                    io.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                )
            {
                return true;
            }
            source = error.source();
        }
        false
    }
}

fn store(doing: &'static str) -> impl Fn(object_store::Error) -> BlobError {
    move |source| BlobError::Store { doing, source }
}

/// The blob store; cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// When they are in a directory of this machine, and nobody else's.
    directory: Option<Arc<Path>>,
    own: Own,
}

impl Blobs {
    /// Blobs in a local directory.
    pub fn open(directory: &Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(directory).map_err(BlobError::Directory)?;
        let store = LocalFileSystem::new_with_prefix(directory)
            .map_err(store("open"))?
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            directory: Some(Arc::from(directory)),
            own: Own::new(),
        })
    }

    /// Blobs in a store that several machines may share.
    #[must_use]
    pub fn in_store(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            directory: None,
            own: Own::new(),
        }
    }

    /// Stores a stream of bytes under a new id and a new key. Nothing stays when it fails.
    pub async fn put<E>(
        &self,
        mut content: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
        media_type: String,
        limit: u64,
    ) -> Result<BlobRef, BlobError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let blob = BlobId(Uuid::new_v4());
        self.own.add(blob);
        let mut secret = [0; 32];
        SystemRandom::new()
            .fill(&mut secret)
            .map_err(|_| BlobError::NoRandomness)?;
        let mut sealer = Sealer::new(&secret)?;
        let mut upload = self.begin(blob).await?;
        let mut size = 0_u64;
        let written = async {
            while let Some(piece) = content.next().await {
                let piece = piece.map_err(|error| BlobError::Upload(error.into()))?;
                size += piece.len() as u64;
                if size > limit {
                    return Err(BlobError::TooLarge { limit });
                }
                sealer.take(&piece)?;
                if sealer.out.len() >= PART {
                    upload.part(sealer.flush()).await?;
                }
            }
            let (rest, sha256) = sealer.finish()?;
            upload.part(rest).await?;
            Ok(sha256)
        };
        let written = written.await;
        Ok(BlobRef {
            blob,
            sha256: upload.end(written).await?,
            size,
            media_type,
            key: Withheld::new(to_hex(&secret)),
        })
    }

    /// Streams a range of a blob's content in bytes.
    pub fn get(
        &self,
        blob: &BlobRef,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, BlobError>> + Send + use<>, BlobError> {
        let key = open_key(blob)?;
        let range = range.start.min(blob.size)..range.end.min(blob.size);
        let last = blob.size.saturating_sub(1) / CHUNK as u64;
        let chunks = match range.is_empty() {
            true => 0..0,
            false => range.start / CHUNK as u64..(range.end - 1) / CHUNK as u64 + 1,
        };
        let store = Arc::clone(&self.store);
        let path = path(blob.blob);
        // Sixteen chunks, one MiB, are fetched at a time.
        let groups: Vec<Range<u64>> = chunks
            .clone()
            .step_by(16)
            .map(|first| first..(first + 16).min(chunks.end))
            .collect();
        let key = Arc::new(key);
        Ok(stream::iter(groups).then(move |group| {
            let (store, path, key, range) = (
                Arc::clone(&store),
                path.clone(),
                Arc::clone(&key),
                range.clone(),
            );
            async move { read_group(&*store, &path, &key, group, last, &range).await }
        }))
    }

    /// Removes a blob that nobody can open any more; one that is not there is gone already.
    pub async fn forget(&self, blob: BlobId) -> Result<(), BlobError> {
        match self.store.delete(&path(blob)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(store("remove")(source)),
        }
    }

    /// A blob as it is stored, sealed; none when it is not there.
    pub async fn sealed(
        &self,
        blob: BlobId,
    ) -> Result<
        Option<impl Stream<Item = Result<Bytes, object_store::Error>> + Send + use<>>,
        BlobError,
    > {
        match self.store.get(&path(blob)).await {
            Ok(found) => Ok(Some(found.into_stream())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(store("read")(source)),
        }
    }

    /// How long a blob is as it is stored; none when it is not there.
    pub async fn length(&self, blob: BlobId) -> Result<Option<u64>, BlobError> {
        match self.store.head(&path(blob)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(store("look for")(source)),
        }
    }

    /// Stores a blob that was sealed before, such as one from a backup. Nothing stays when it is not what the event names.
    pub async fn put_sealed<E>(
        &self,
        blob: &BlobRef,
        mut content: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<(), BlobError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut upload = self.begin(blob.blob).await?;
        let written = async {
            let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
            let mut part = BytesMut::new();
            while let Some(piece) = content.next().await {
                let piece = piece.map_err(|error| BlobError::Upload(error.into()))?;
                digest.update(&piece);
                part.extend_from_slice(&piece);
                if part.len() >= PART {
                    upload.part(part.split().freeze()).await?;
                }
            }
            if to_hex(digest.finish().as_ref()) != blob.sha256 {
                return Err(BlobError::Damaged);
            }
            upload.part(part.freeze()).await
        };
        let written = written.await;
        upload.end(written).await
    }

    /// Removes a blob, for uploads whose event was refused.
    pub async fn remove(&self, blob: BlobId) -> Result<(), BlobError> {
        self.store
            .delete(&path(blob))
            .await
            .map_err(store("remove"))
    }
}

fn path(blob: BlobId) -> ObjectPath {
    ObjectPath::from(name(blob))
}

/// The length of a blob as it is stored, for a content of so many bytes.
#[must_use]
pub fn sealed_length(size: u64) -> u64 {
    size + TAG as u64 * size.div_ceil(CHUNK as u64).max(1)
}

/// What a blob is called, within a store of its own.
#[must_use]
pub fn name(blob: BlobId) -> String {
    // Two levels keep directories small; ids are random, so they fill evenly.
    let name = blob.to_string();
    let folder = name.get(..2).unwrap_or_default();
    format!("{folder}/{name}")
}

fn open_key(blob: &BlobRef) -> Result<LessSafeKey, BlobError> {
    let bytes = blob
        .key
        .get()
        .and_then(|hex| from_hex(hex))
        .ok_or(BlobError::Forgotten)?;
    UnboundKey::new(&AES_256_GCM, &bytes)
        .map(LessSafeKey::new)
        .map_err(|_| BlobError::Forgotten)
}

fn nonce(chunk: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[0] = u8::from(last);
    bytes[4..].copy_from_slice(&chunk.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

async fn read_group(
    store_: &dyn ObjectStore,
    path: &ObjectPath,
    key: &LessSafeKey,
    group: Range<u64>,
    last: u64,
    range: &Range<u64>,
) -> Result<Bytes, BlobError> {
    let bounded = GetRange::Bounded(group.start * SEALED..group.end * SEALED);
    let options = GetOptions {
        range: Some(bounded),
        ..GetOptions::default()
    };
    let got = store_
        .get_opts(path, options)
        .await
        .map_err(store("read"))?;
    let mut sealed = BytesMut::from(got.bytes().await.map_err(store("read"))?);
    let mut plain = BytesMut::with_capacity(sealed.len());
    for number in group {
        let length = sealed.len().min(CHUNK + TAG);
        let mut chunk = sealed.split_to(length);
        let opened = key.open_in_place(nonce(number, number == last), Aad::empty(), &mut chunk);
        let opened = opened.map_err(|_| BlobError::Damaged)?;
        let start = number * CHUNK as u64;
        let from = range.start.saturating_sub(start).min(opened.len() as u64);
        let to = range.end.saturating_sub(start).min(opened.len() as u64);
        let (from, to) = (
            usize::try_from(from).unwrap_or_default(),
            usize::try_from(to).unwrap_or_default(),
        );
        plain.extend_from_slice(opened.get(from..to).unwrap_or_default());
    }
    Ok(plain.freeze())
}

struct Sealer {
    key: LessSafeKey,
    digest: ring::digest::Context,
    pending: Vec<u8>,
    out: BytesMut,
    chunk: u64,
}

impl Sealer {
    fn new(secret: &[u8; 32]) -> Result<Self, BlobError> {
        let key = UnboundKey::new(&AES_256_GCM, secret).map_err(|_| BlobError::NoRandomness)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            digest: ring::digest::Context::new(&ring::digest::SHA256),
            pending: Vec::with_capacity(CHUNK + TAG),
            out: BytesMut::new(),
            chunk: 0,
        })
    }

    fn take(&mut self, mut piece: &[u8]) -> Result<(), BlobError> {
        while !piece.is_empty() {
            // A full chunk is sealed only when more follows: the last one has a nonce of its own.
            if self.pending.len() == CHUNK {
                self.seal(false)?;
            }
            let (now, later) = piece.split_at(piece.len().min(CHUNK - self.pending.len()));
            self.pending.extend_from_slice(now);
            piece = later;
        }
        Ok(())
    }

    fn seal(&mut self, last: bool) -> Result<(), BlobError> {
        let nonce = nonce(self.chunk, last);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.pending)
            .map_err(|_| BlobError::NoRandomness)?;
        self.digest.update(&self.pending);
        self.out.extend_from_slice(&self.pending);
        self.pending.clear();
        self.chunk += 1;
        Ok(())
    }

    fn flush(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    fn finish(mut self) -> Result<(Bytes, String), BlobError> {
        self.seal(true)?;
        let rest = self.flush();
        Ok((rest, to_hex(self.digest.finish().as_ref())))
    }
}

#[cfg(test)]
mod tests;

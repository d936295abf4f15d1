//! Clearing away what a killed process left: parts of uploads that never ended, and blobs whose event was never written.
//! Whatever this process has stored itself stays, so nothing depends on clocks; another process cannot be at work, because
//! the log's directory is locked. Where several machines share a store, what is young stays as well, by the store's own clock;
//! parts of uploads are the store's to clear away.

use super::{BlobError, Blobs};
use bytes::Bytes;
use events::ids::BlobId;
use futures::StreamExt;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt, PutPayload};
use std::collections::HashSet;
use std::fs::DirEntry;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How long an event may take to name what was stored for it: a shared store holds uploads of other machines.
const YOUNG: i64 = 24;
/// What tells the store's time.
const CLOCK: &str = "clock";

/// What was cleared away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Parts of uploads that never ended.
    pub parts: u64,
    /// Whole blobs that no event names.
    pub blobs: u64,
    /// Bytes that are free again.
    pub bytes: u64,
}

/// The blobs that this process has begun to store, until the sweep is over: later ones need no protection.
#[derive(Clone)]
pub(super) struct Own(Arc<Mutex<Option<HashSet<BlobId>>>>);

impl Own {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(HashSet::new()))))
    }

    pub(super) fn add(&self, blob: BlobId) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = own.as_mut() {
            own.insert(blob);
        }
    }

    fn holds(&self, blob: BlobId) -> bool {
        let own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        own.as_ref().is_none_or(|own| own.contains(&blob))
    }

    fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Blobs {
    /// Clears away what an earlier process left unfinished: every part, and every blob that is not among `named`, which must
    /// hold the name of every blob that any event in the log names. Works once per process; later calls do nothing.
    pub async fn sweep(&self, named: HashSet<BlobId>) -> Result<Swept, BlobError> {
        let Some(directory) = self.directory.clone() else {
            let swept = self.sweep_store(&named, YOUNG).await;
            self.own.end();
            return swept;
        };
        let own = self.own.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&directory, &own, &named));
        let swept = swept
            .await
            .map_err(|ended| BlobError::Directory(std::io::Error::other(ended)))?;
        self.own.end();
        swept.map_err(BlobError::Directory)
    }

    pub(super) async fn sweep_store(
        &self,
        named: &HashSet<BlobId>,
        hours: i64,
    ) -> Result<Swept, BlobError> {
        let failed = super::store("clear away");
        let clock = ObjectPath::from(CLOCK);
        let set = self.store.put(&clock, PutPayload::from_bytes(Bytes::new()));
        set.await.map_err(&failed)?;
        let now = self.store.head(&clock).await.map_err(&failed)?;
        let mut swept = Swept::default();
        let mut listed = self.store.list(None);
        while let Some(found) = listed.next().await {
            let found = found.map_err(&failed)?;
            let age = now.last_modified - found.last_modified;
            let Some(blob) = blob_at(&found.location) else {
                continue;
            };
            if age.num_hours() < hours || self.own.holds(blob) || named.contains(&blob) {
                continue;
            }
            self.store.delete(&found.location).await.map_err(&failed)?;
            swept.blobs += 1;
            swept.bytes += found.size;
        }
        Ok(swept)
    }
}

/// The blob that an object is, by its name; others are not touched.
fn blob_at(location: &ObjectPath) -> Option<BlobId> {
    let name = location.filename()?;
    let blob = BlobId(name.parse().ok()?);
    (super::path(blob) == *location).then_some(blob)
}

fn sweep(directory: &Path, own: &Own, named: &HashSet<BlobId>) -> std::io::Result<Swept> {
    let mut swept = Swept::default();
    for folder in std::fs::read_dir(directory)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder.path())? {
            let entry = entry?;
            let Some(stored) = stored(&entry) else {
                continue;
            };
            if own.holds(stored.blob) || (!stored.is_part && named.contains(&stored.blob)) {
                continue;
            }
            let bytes = entry.metadata().map_or(0, |found| found.len());
            std::fs::remove_file(entry.path())?;
            swept.bytes += bytes;
            match stored.is_part {
                true => swept.parts += 1,
                false => swept.blobs += 1,
            }
        }
    }
    Ok(swept)
}

struct Stored {
    blob: BlobId,
    is_part: bool,
}

/// A file of ours: named by a blob's id, with `#` and a number behind it while it is being written. Others are not touched.
fn stored(entry: &DirEntry) -> Option<Stored> {
    let name = entry.file_name().into_string().ok()?;
    let (id, part) = match name.split_once('#') {
        Some((id, part)) => (id, Some(part)),
        None => (name.as_str(), None),
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if part.is_some_and(|part| !is_number(part)) {
        return None;
    }
    let blob = BlobId(id.parse().ok()?);
    // Only the one spelling under which blobs are stored.
    (blob.to_string() == id).then_some(Stored {
        blob,
        is_part: part.is_some(),
    })
}

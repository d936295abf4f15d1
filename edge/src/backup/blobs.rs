//! The files in a backup: as they are stored, encrypted, under their ids. Whether one is whole, the event tells that names it.

use super::target::Target;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use edge_kernel::Kernel;
use edge_kernel::blobs::{Blobs, name, sealed_length};
use edge_kernel::ledger::Ledger;
use events::files::{BlobRef, FilesEvent};
use events::ids::BlobId;
use events::{AnyEvent, Position, Recorded};
use events_proof::tree::to_hex;
use futures::{Stream, StreamExt};
use ring::digest::{Context as Digest, SHA256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub(super) const FOLDER: &str = "blobs";

/// The files that events after a position name and that somebody can still open. Files are the only module that stores bytes;
/// whoever comes second adds its names here.
pub(crate) async fn named(
    ledger: &Ledger,
    after: Position,
    until: Position,
) -> Result<BTreeMap<BlobId, BlobRef>> {
    let mut named = BTreeMap::new();
    let note = |event: &Recorded| {
        if let AnyEvent::Files(FilesEvent::FileAdded { blob, .. }) = &event.event
            && blob.key.get().is_some()
        {
            named.insert(blob.blob, blob.clone());
        }
    };
    ledger.fold_all(after, until, note).await?;
    Ok(named)
}

/// What a file is called in a backup.
pub(super) fn object(blob: BlobId) -> String {
    format!("{FOLDER}/{}", name(blob))
}

/// Brings a file; gives how many bytes were new. A file that is damaged here is not brought.
pub(super) async fn bring(kernel: &Kernel, target: &Target, blob: &BlobRef) -> Result<u64> {
    let (object, length) = (object(blob.blob), sealed_length(blob.size));
    if target.length(&object).await? == Some(length) {
        return Ok(0);
    }
    let content = kernel.blobs.sealed(blob.blob).await?;
    let content = content.with_context(|| format!("the stored file {} is missing", blob.blob))?;
    let checked = checked(content.map(|piece| Ok(piece?)), blob.clone());
    let put = target.put_stream(&object, length, &blob.sha256, checked);
    let is_new = put.await?;
    Ok(if is_new { length } else { 0 })
}

/// The same bytes, and an error at their end when they are not those that the event names.
fn checked(
    content: impl Stream<Item = Result<Bytes>> + Send + 'static,
    blob: BlobRef,
) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
    let content = content.map(Some).chain(futures::stream::iter([None]));
    let mut digest = Digest::new(&SHA256);
    content.filter_map(move |piece| {
        let passed = match piece {
            Some(Ok(bytes)) => {
                digest.update(&bytes);
                Some(Ok(bytes))
            }
            Some(Err(error)) => Some(Err(error)),
            None if to_hex(digest.clone().finish().as_ref()) == blob.sha256 => None,
            None => Some(Err(anyhow::anyhow!(
                "the stored file {} is damaged",
                blob.blob
            ))),
        };
        std::future::ready(passed)
    })
}

/// Fetches a file into a store of blobs, unless it is there already. Gives its length.
pub(super) async fn fetch_into(target: &Target, blob: &BlobRef, blobs: &Blobs) -> Result<u64> {
    let length = sealed_length(blob.size);
    if blobs.length(blob.blob).await? == Some(length) {
        return Ok(length);
    }
    let object = object(blob.blob);
    let content = target.stream(&object).await?;
    let put = blobs.put_sealed(blob, std::pin::pin!(content)).await;
    put.with_context(|| format!("fetching {object} from the backup"))?;
    Ok(length)
}

/// Fetches a file into a directory of blobs, unless it is there already. Gives its length.
pub(super) async fn fetch(target: &Target, blob: &BlobRef, blobs: &Path) -> Result<u64> {
    let path = blobs.join(name(blob.blob));
    let folder = path.parent().unwrap_or(blobs);
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    if is_whole(&path, blob)? {
        return Ok(sealed_length(blob.size));
    }
    let object = object(blob.blob);
    let part = path.with_extension("part");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .with_context(|| format!("creating {}", part.display()))?;
    let mut digest = Digest::new(&SHA256);
    let mut content = target.stream(&object).await?;
    while let Some(piece) = content.next().await {
        let piece = piece.with_context(|| format!("reading {object} from the backup"))?;
        digest.update(&piece);
        file.write_all(&piece)
            .with_context(|| format!("writing {}", part.display()))?;
    }
    ensure!(
        to_hex(digest.finish().as_ref()) == blob.sha256,
        "{object} in the backup is damaged"
    );
    file.sync_all()
        .and_then(|()| std::fs::rename(&part, &path))
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(sealed_length(blob.size))
}

fn is_whole(path: &Path, blob: &BlobRef) -> Result<bool> {
    let Ok(mut file) = File::open(path) else {
        return Ok(false);
    };
    let mut digest = Digest::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file
            .read(&mut buffer)
            .with_context(|| format!("reading {}", path.display()))?;
        if read == 0 {
            return Ok(to_hex(digest.finish().as_ref()) == blob.sha256);
        }
        digest.update(&buffer[..read]);
    }
}

//! Bytes on their way into the store: there when they are complete, and not at all when something failed.

use super::{BlobError, Blobs, path, store};
use bytes::Bytes;
use events::ids::BlobId;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

/// An upload that is under way. [`Upload::end`] has to follow.
pub(super) struct Upload(Box<dyn MultipartUpload>);

impl Blobs {
    pub(super) async fn begin(&self, blob: BlobId) -> Result<Upload, BlobError> {
        let upload = self.store.put_multipart(&path(blob)).await;
        Ok(Upload(upload.map_err(store("begin"))?))
    }
}

impl Upload {
    pub(super) async fn part(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let part = self.0.put_part(PutPayload::from_bytes(bytes));
        part.await.map_err(store("write"))
    }

    /// Completes it when all was written, and gives what `written` has; else nothing stays.
    pub(super) async fn end<T>(mut self, written: Result<T, BlobError>) -> Result<T, BlobError> {
        let ended = match written {
            Ok(told) => self
                .0
                .complete()
                .await
                .map(|_| told)
                .map_err(store("finish")),
            Err(error) => Err(error),
        };
        if ended.is_err()
            && let Err(left) = self.0.abort().await
        {
            tracing::warn!(
                error = &left as &dyn std::error::Error,
                "an unfinished upload was left behind"
            );
        }
        ended
    }
}

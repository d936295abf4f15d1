//! Where the files are, answered to the audit module on behalf of files.

use axum::response::Response;
use edge_audit::Shelf;
use edge_files::{Content, Files};
use edge_kernel::http::Problem;
use events::Position;
use events::files::BlobRef;
use events::files::view::FileRow;
use events::ids::{NodeId, SpaceId};
use futures::FutureExt;
use futures::future::BoxFuture;

/// The files of the house.
pub(crate) struct FilesShelf(pub(crate) Files);

impl Shelf for FilesShelf {
    fn at(
        &self,
        space: SpaceId,
        node: NodeId,
        until: Position,
    ) -> BoxFuture<'_, Result<Option<FileRow>, Problem>> {
        async move { Ok(self.0.node_at(space, node, until).await?) }.boxed()
    }

    fn hand_out(&self, name: String, blob: BlobRef) -> BoxFuture<'_, Result<Response, Problem>> {
        async move {
            let name = Some(name);
            self.0.saved(&Content { name, blob }).await
        }
        .boxed()
    }
}

//! What this module wants answered by others: somebody who carries a question to a witness, and somebody who has the files.

use axum::response::Response;
use edge_kernel::http::Problem;
use events::Position;
use events::files::BlobRef;
use events::files::view::FileRow;
use events::ids::{NodeId, SpaceId};
use futures::future::BoxFuture;
use std::future::Future;

/// A witness' answer, as HTTP would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// The way to the witnesses.
pub trait Way: Sync {
    /// Brings a body to `add-checkpoint` of the witness of this name in the policy; none when there was no answer.
    fn carry(&self, witness: &str, body: String) -> impl Future<Output = Option<Answer>> + Send;
}

/// Where the files are. It knows of no consent and asks for none.
pub trait Shelf: Send + Sync {
    /// A file or folder as it was at a position; none when it was not there.
    fn at(
        &self,
        space: SpaceId,
        node: NodeId,
        until: Position,
    ) -> BoxFuture<'_, Result<Option<FileRow>, Problem>>;

    /// The bytes of a file, to be saved under its name and never run or shown.
    fn hand_out(&self, name: String, blob: BlobRef) -> BoxFuture<'_, Result<Response, Problem>>;
}

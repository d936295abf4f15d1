//! What can be asked of a space. Plain data; who may ask is the module's policy.

use super::event::BlobRef;
use crate::ids::{NodeId, PersonId};
use crate::scope::Audience;
use serde::{Deserialize, Serialize};

/// A command to one space. Ids of new nodes are drawn by whoever asks, so that asking twice makes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FilesCommand {
    /// Open the space.
    OpenSpace { audience: Audience },
    /// Add a folder.
    AddFolder {
        node: NodeId,
        parent: Option<NodeId>,
        name: String,
        author: PersonId,
    },
    /// Add a file whose bytes are already stored.
    AddFile {
        node: NodeId,
        parent: Option<NodeId>,
        name: String,
        author: PersonId,
        blob: BlobRef,
    },
    /// Give a node another name.
    RenameNode { node: NodeId, name: String },
    /// Put a node into another folder of the space.
    MoveNode {
        node: NodeId,
        parent: Option<NodeId>,
    },
    /// Delete a node; it can be restored.
    DeleteNode { node: NodeId },
    /// Take a deletion back.
    RestoreNode { node: NodeId },
}

//! What has happened in spaces.

use crate::any::{Described, Kind, Owner, Term};
use crate::ids::{BlobId, NodeId, PersonId, SpaceId};
use crate::personal::{Personal, Withheld};
use crate::scope::{Audience, Scope};
use serde::{Deserialize, Serialize};

/// Where a file's bytes are and how to read them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobRef {
    /// The stored object.
    pub blob: BlobId,
    /// Length of the plain content, in bytes.
    pub size: u64,
    /// Media type after RFC 6838, as the uploader said.
    pub media_type: String,
    /// SHA-256 of the stored ciphertext, in hexadecimal.
    pub sha256: String,
    /// The file's own random key, in hexadecimal; never leaves the machine.
    pub key: Withheld<String>,
}

/// An event in a space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FilesEvent {
    /// A space exists from now on.
    SpaceOpened {
        /// Which.
        space: SpaceId,
        /// Whom it is for.
        audience: Audience,
    },
    /// A folder was added.
    FolderAdded {
        /// Where.
        space: SpaceId,
        /// The folder.
        node: NodeId,
        /// The folder it is in; none at the top.
        parent: Option<NodeId>,
        /// Its name, unique among the living nodes of its parent.
        name: Personal<String>,
        /// Who added it.
        author: PersonId,
    },
    /// A file was added.
    FileAdded {
        /// Where.
        space: SpaceId,
        /// The file.
        node: NodeId,
        /// The folder it is in; none at the top.
        parent: Option<NodeId>,
        /// Its name, unique among the living nodes of its parent.
        name: Personal<String>,
        /// Who added it.
        author: PersonId,
        /// Its content.
        blob: BlobRef,
    },
    /// A node has another name.
    NodeRenamed {
        /// Where.
        space: SpaceId,
        /// Which.
        node: NodeId,
        /// The new name.
        name: Personal<String>,
        /// Whose key governs the new name: who added the node.
        author: PersonId,
    },
    /// A node is in another folder.
    NodeMoved {
        /// Where.
        space: SpaceId,
        /// Which.
        node: NodeId,
        /// The new folder; none at the top.
        parent: Option<NodeId>,
        /// The name it has there, after clashes are solved.
        name: Personal<String>,
        /// Who added the node.
        author: PersonId,
    },
    /// A node was deleted, and with it what is below.
    NodeDeleted {
        /// Where.
        space: SpaceId,
        /// Which.
        node: NodeId,
        /// Who deleted it: what a teacher took away, a pupil cannot bring back.
        by: PersonId,
    },
    /// A deletion was taken back.
    NodeRestored {
        /// Where.
        space: SpaceId,
        /// Which.
        node: NodeId,
        /// The name it has again, after clashes are solved.
        name: Personal<String>,
        /// Who added the node.
        author: PersonId,
    },
}

impl FilesEvent {
    /// The space this happened in.
    #[must_use]
    pub fn space(&self) -> SpaceId {
        match self {
            Self::SpaceOpened { space, .. }
            | Self::FolderAdded { space, .. }
            | Self::FileAdded { space, .. }
            | Self::NodeRenamed { space, .. }
            | Self::NodeMoved { space, .. }
            | Self::NodeDeleted { space, .. }
            | Self::NodeRestored { space, .. } => *space,
        }
    }

    fn author(&self) -> Option<PersonId> {
        match self {
            Self::FolderAdded { author, .. }
            | Self::FileAdded { author, .. }
            | Self::NodeRenamed { author, .. }
            | Self::NodeMoved { author, .. }
            | Self::NodeRestored { author, .. } => Some(*author),
            Self::SpaceOpened { .. } | Self::NodeDeleted { .. } => None,
        }
    }
}

impl Described for FilesEvent {
    const MODULE: &'static str = "files";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::SpaceOpened { .. } => (200, "SpaceOpened"),
            Self::FolderAdded { .. } => (201, "FolderAdded"),
            Self::FileAdded { .. } => (202, "FileAdded"),
            Self::NodeRenamed { .. } => (203, "NodeRenamed"),
            Self::NodeMoved { .. } => (204, "NodeMoved"),
            Self::NodeDeleted { .. } => (205, "NodeDeleted"),
            Self::NodeRestored { .. } => (206, "NodeRestored"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        (
            self.author().map_or(Owner::School, Owner::Person),
            Term::Yearly,
        )
    }

    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Space(self.space())]
    }
}

#[cfg(feature = "cqrs")]
impl cqrs_es::DomainEvent for FilesEvent {
    fn event_type(&self) -> String {
        Described::kind(self).1.to_owned()
    }

    fn event_version(&self) -> String {
        Described::schema(self).to_string()
    }
}

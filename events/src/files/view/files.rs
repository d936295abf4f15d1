//! `files`: files and folders. A row knows its parent, never its path; deleting a folder marks the folder alone, and
//! whoever lists hides what is below.

use crate::any::AnyEvent;
use crate::files::{BlobRef, FilesEvent as E};
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{NodeId, PersonId, SpaceId};
use crate::personal::Personal;
use crate::recorded::{Millis, Recorded};
use crate::scope::Scope;
use crate::text::{folded, natural};
use serde::{Deserialize, Serialize};

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NodeKind {
    /// Holds other nodes.
    Folder,
    /// Holds bytes.
    File(BlobRef),
}

/// One file or folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileRow {
    /// Which.
    pub node: NodeId,
    /// Where.
    pub space: SpaceId,
    /// The folder it is in; none at the top.
    pub parent: Option<NodeId>,
    /// Its name.
    pub name: Personal<String>,
    /// What it is.
    pub kind: NodeKind,
    /// Who added it.
    pub author: PersonId,
    /// When it was last changed.
    pub changed: Millis,
    /// When it was deleted, while it is.
    pub deleted: Option<Millis>,
}

/// The view of all files and folders.
pub struct Files;

impl Files {
    /// The beginning of the sort text of all living nodes in a folder: what a listing of that folder selects.
    #[must_use]
    pub fn inside(parent: Option<NodeId>) -> String {
        match parent {
            Some(node) => format!("{node}/"),
            None => "top/".to_owned(),
        }
    }

    /// The beginning of the sort text of all deleted nodes of a space.
    pub const DELETED: &'static str = "~deleted/";
}

fn node_of(event: &E) -> Option<NodeId> {
    match event {
        E::SpaceOpened { .. } => None,
        E::FolderAdded { node, .. }
        | E::FileAdded { node, .. }
        | E::NodeRenamed { node, .. }
        | E::NodeMoved { node, .. }
        | E::NodeDeleted { node, .. }
        | E::NodeRestored { node, .. } => Some(*node),
    }
}

impl View for Files {
    type Row = FileRow;
    const NAME: &'static str = "files";
    const MODULE: &'static str = "files";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Files(event) => node_of(event)
                .map(|node| node.to_string())
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }
    }

    fn apply(recorded: &Recorded, rows: &mut Touched<FileRow>) {
        let AnyEvent::Files(event) = &recorded.event else {
            return;
        };
        let Some(key) = node_of(event).map(|node| node.to_string()) else {
            return;
        };
        // Ids are drawn by whoever asks: one that names a node of another space says nothing about that node.
        if rows.get(&key).is_some_and(|row| row.space != event.space()) {
            return;
        }
        let changed = recorded.at;
        let added = |node: &NodeId,
                     parent: &Option<NodeId>,
                     name: &Personal<String>,
                     author: &PersonId,
                     kind| FileRow {
            node: *node,
            space: event.space(),
            parent: *parent,
            name: name.clone(),
            kind,
            author: *author,
            changed,
            deleted: None,
        };
        match event {
            E::SpaceOpened { .. } => return,
            E::FolderAdded {
                node,
                parent,
                name,
                author,
                ..
            } => {
                rows.put(key, added(node, parent, name, author, NodeKind::Folder));
                return;
            }
            E::FileAdded {
                node,
                parent,
                name,
                author,
                blob,
                ..
            } => {
                rows.put(
                    key,
                    added(node, parent, name, author, NodeKind::File(blob.clone())),
                );
                return;
            }
            _ => {}
        }
        let Some(row) = rows.get_mut(&key) else {
            return;
        };
        row.changed = changed;
        match event {
            E::NodeRenamed { name, .. } => row.name = name.clone(),
            E::NodeMoved { parent, name, .. } => {
                row.parent = *parent;
                row.name = name.clone();
            }
            E::NodeDeleted { .. } => row.deleted = Some(changed),
            E::NodeRestored { name, .. } => {
                row.deleted = None;
                row.name = name.clone();
            }
            E::SpaceOpened { .. } | E::FolderAdded { .. } | E::FileAdded { .. } => {}
        }
    }

    fn place(row: &FileRow) -> Place {
        let name = row.name.get().map(String::as_str).unwrap_or_default();
        let rank = match row.kind {
            NodeKind::Folder => '0',
            NodeKind::File(_) => '1',
        };
        let sort = match row.deleted {
            None => format!("{}{rank}{}", Self::inside(row.parent), natural(name)),
            Some(at) => format!("{}{:020}", Self::DELETED, u64::MAX - at),
        };
        Place {
            scope: Scope::Space(row.space),
            sort,
            text: folded(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Pseudonym, StreamId};
    use uuid::Uuid;

    fn folder(position: u64, space: u128, name: &str) -> Recorded {
        let event = E::FolderAdded {
            space: SpaceId(Uuid::from_u128(space)),
            node: NodeId(Uuid::from_u128(7)),
            parent: None,
            name: Personal::new(name.to_owned()),
            author: PersonId(Uuid::from_u128(space)),
        };
        Recorded {
            position,
            at: 0,
            stream: StreamId(Uuid::from_u128(space)),
            version: 1,
            actor: Pseudonym::MACHINE,
            event: event.into(),
        }
    }

    #[test]
    fn a_node_of_the_same_id_in_another_space_takes_nothing_over() {
        let mut view = crate::Folded::<Files>::default();
        view.fold(&folder(1, 1, "Unsere Klasse"));
        view.fold(&folder(2, 2, "Meins"));
        let rows: Vec<&FileRow> = view.rows().values().collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(
            rows[0].name.get().map(String::as_str),
            Some("Unsere Klasse")
        );
    }
}

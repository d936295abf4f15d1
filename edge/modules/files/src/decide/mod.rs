//! The aggregate of a space: which files and folders it holds, and what may become of them. Pure; who may ask is said
//! beforehand, by [`By`].
//!
//! A restored node comes back where it was, under the first free name. When its folder is gone too, it comes back at the
//! top of the space: an undo always finds what it looks for.

mod change;
mod name;
#[cfg(test)]
mod tests;
mod tree;

use crate::error::SpaceRefusal;
use crate::policy::Reach;
use change::Hand;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::files::view::NodeKind;
use events::files::{BlobRef, FilesCommand, FilesEvent};
use events::ids::{NodeId, PersonId, SpaceId};
use events::{Audience, Personal};
use serde::{Deserialize, Serialize};
use tree::{Node, Tree};

/// Folders that may lie in one another: what a person can still find, and what a walk upwards costs.
pub(crate) const DEEPEST: usize = 50;
/// Nodes in one space, the deleted ones included: an aggregate is held in memory.
pub(crate) const MOST: usize = 100_000;

/// On whose behalf a space is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The machine: opens spaces.
    Machine,
    /// A person, who may change so much of what is there.
    Person(PersonId, Reach),
}

/// A command to a space, with what the space cannot know by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which space.
    pub space: SpaceId,
    /// On whose behalf.
    pub by: By,
    /// What.
    pub command: FilesCommand,
}

/// A space. It is never stored as a snapshot, so nothing of it is serialised.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Space {
    #[serde(skip)]
    audience: Option<Audience>,
    #[serde(skip)]
    tree: Tree,
}

impl Space {
    /// Whether a node is there, and no folder above it is deleted.
    #[must_use]
    pub fn is_visible(&self, node: NodeId) -> bool {
        self.tree.is_visible(node)
    }

    /// The name and the content of a visible file. The name is none once it is forgotten.
    #[must_use]
    pub fn file(&self, node: NodeId) -> Option<(Option<&str>, &BlobRef)> {
        let found = self.tree.node(node).filter(|_| self.is_visible(node))?;
        match &found.kind {
            NodeKind::File(blob) => Some((found.name.as_deref(), blob)),
            NodeKind::Folder => None,
        }
    }

    /// A node's name, deleted or not.
    #[must_use]
    pub fn name(&self, node: NodeId) -> Option<&str> {
        self.tree.node(node)?.name.as_deref()
    }

    /// Whether a node is deleted and this person may bring it back.
    #[must_use]
    pub fn may_restore(&self, node: NodeId, person: PersonId, reach: Reach) -> bool {
        let deleted = self
            .tree
            .node(node)
            .and_then(|found| Some((found.author, found.deleted?)));
        deleted.is_some_and(|(author, by)| {
            reach == Reach::Everything || (author == person && by == person)
        })
    }

    /// Whether a file of this person is there under this id already; refuses what could not be added. Asked before an
    /// upload, so that nobody sends a film only to hear that its name is too long.
    pub fn expects(
        &self,
        node: NodeId,
        parent: Option<NodeId>,
        name: &str,
        author: PersonId,
    ) -> Result<bool, SpaceRefusal> {
        if let Some(found) = self.tree.node(node) {
            return match found.author == author && !found.is_folder() {
                true => Ok(true),
                false => Err(SpaceRefusal::IdTaken),
            };
        }
        self.place(parent, name, false).map(|_| false)
    }

    fn decide(&self, asked: Asked) -> Result<Vec<FilesEvent>, SpaceRefusal> {
        let Asked { space, by, command } = asked;
        match (by, command) {
            (By::Machine, FilesCommand::OpenSpace { audience }) => self.open(space, audience),
            (By::Machine, _) | (By::Person(..), FilesCommand::OpenSpace { .. }) => {
                Err(SpaceRefusal::NotYours)
            }
            (By::Person(..), _) if self.audience.is_none() => Err(SpaceRefusal::NotOpen),
            (By::Person(person, reach), command) => self.change(
                Hand {
                    space,
                    person,
                    reach,
                },
                command,
            ),
        }
    }

    fn open(&self, space: SpaceId, audience: Audience) -> Result<Vec<FilesEvent>, SpaceRefusal> {
        match self.audience {
            None => Ok(vec![FilesEvent::SpaceOpened { space, audience }]),
            Some(before) if before == audience => Ok(Vec::new()),
            Some(_) => Err(SpaceRefusal::IdTaken),
        }
    }
}

impl Aggregate for Space {
    const TYPE: &'static str = "files/space";
    type Command = Asked;
    type Event = FilesEvent;
    type Error = SpaceRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        asked: Asked,
        _: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), SpaceRefusal> {
        for event in self.decide(asked)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: FilesEvent) {
        use FilesEvent as E;
        match event {
            E::SpaceOpened { audience, .. } => self.audience = Some(audience),
            E::FolderAdded {
                node,
                parent,
                name,
                author,
                ..
            } => self
                .tree
                .put(node, added(parent, &name, author, NodeKind::Folder)),
            E::FileAdded {
                node,
                parent,
                name,
                author,
                blob,
                ..
            } => self
                .tree
                .put(node, added(parent, &name, author, NodeKind::File(blob))),
            E::NodeRenamed { node, name, .. } => self
                .tree
                .change(node, |found| found.name = name.get().cloned()),
            E::NodeMoved {
                node, parent, name, ..
            } => self.tree.change(node, |found| {
                found.parent = parent;
                found.name = name.get().cloned();
            }),
            E::NodeDeleted { node, by, .. } => {
                self.tree.change(node, |found| found.deleted = Some(by));
            }
            E::NodeRestored { node, name, .. } => self.tree.change(node, |found| {
                found.deleted = None;
                found.name = name.get().cloned();
            }),
        }
    }
}

fn added(
    parent: Option<NodeId>,
    name: &Personal<String>,
    author: PersonId,
    kind: NodeKind,
) -> Node {
    Node {
        parent,
        name: name.get().cloned(),
        author,
        kind,
        deleted: None,
    }
}

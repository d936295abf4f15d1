//! What a person's command does to a space, and when it is refused. A command that asks for what is already so changes
//! nothing: whoever asks twice gets the same answer.

use super::tree::Node;
use super::{DEEPEST, MOST, Space, name};
use crate::error::SpaceRefusal;
use crate::policy::Reach;
use events::Personal;
use events::files::{BlobRef, FilesCommand, FilesEvent};
use events::ids::{NodeId, PersonId, SpaceId};

type Decided = Result<Vec<FilesEvent>, SpaceRefusal>;

/// Whose hand changes what in which space.
#[derive(Clone, Copy)]
pub(super) struct Hand {
    pub(super) space: SpaceId,
    pub(super) person: PersonId,
    pub(super) reach: Reach,
}

/// A node to add.
struct New {
    node: NodeId,
    parent: Option<NodeId>,
    name: String,
    author: PersonId,
    blob: Option<BlobRef>,
}

impl Space {
    pub(super) fn change(&self, hand: Hand, command: FilesCommand) -> Decided {
        use FilesCommand as C;
        match command {
            C::OpenSpace { .. } => Err(SpaceRefusal::NotYours),
            C::AddFolder {
                node,
                parent,
                name,
                author,
            } => self.add(
                hand,
                New {
                    node,
                    parent,
                    name,
                    author,
                    blob: None,
                },
            ),
            C::AddFile {
                node,
                parent,
                name,
                author,
                blob,
            } => self.add(
                hand,
                New {
                    node,
                    parent,
                    name,
                    author,
                    blob: Some(blob),
                },
            ),
            C::RenameNode { node, name } => self.rename(hand, node, &name),
            C::MoveNode { node, parent } => self.put_into(hand, node, parent),
            C::DeleteNode { node } => self.delete(hand, node),
            C::RestoreNode { node } => self.restore(hand, node),
        }
    }

    fn add(&self, hand: Hand, new: New) -> Decided {
        let New {
            node,
            parent,
            name,
            author,
            blob,
        } = new;
        if author != hand.person {
            return Err(SpaceRefusal::NotYours);
        }
        if let Some(found) = self.tree.node(node) {
            return match found.author == author && found.is_folder() == blob.is_none() {
                true => Ok(Vec::new()),
                false => Err(SpaceRefusal::IdTaken),
            };
        }
        let name = Personal::new(self.place(parent, &name, blob.is_none())?);
        let space = hand.space;
        Ok(vec![match blob {
            None => FilesEvent::FolderAdded {
                space,
                node,
                parent,
                name,
                author,
            },
            Some(blob) => FilesEvent::FileAdded {
                space,
                node,
                parent,
                name,
                author,
                blob,
            },
        }])
    }

    /// The name that a new node gets in a place.
    pub(super) fn place(
        &self,
        parent: Option<NodeId>,
        name: &str,
        is_folder: bool,
    ) -> Result<String, SpaceRefusal> {
        let name = name::clean(name)?;
        self.enter(parent, 1)?;
        if self.tree.len() >= MOST {
            return Err(SpaceRefusal::TooMany);
        }
        Ok(self.tree.free_name(parent, &name, is_folder))
    }

    /// Refuses a place that is not open, or that has no room for so many levels.
    fn enter(&self, place: Option<NodeId>, levels: usize) -> Result<(), SpaceRefusal> {
        if !self.tree.is_open_folder(place) {
            return Err(SpaceRefusal::NoSuchFolder);
        }
        match self.tree.depth(place) + levels > DEEPEST {
            true => Err(SpaceRefusal::TooDeep),
            false => Ok(()),
        }
    }

    /// A visible node that this hand may change.
    fn within_reach(&self, hand: Hand, node: NodeId) -> Result<&Node, SpaceRefusal> {
        let found = self
            .tree
            .node(node)
            .filter(|_| self.tree.is_visible(node))
            .ok_or(SpaceRefusal::NoSuchNode)?;
        match hand.reach == Reach::Everything || found.author == hand.person {
            true => Ok(found),
            false => Err(SpaceRefusal::NotYours),
        }
    }

    fn rename(&self, hand: Hand, node: NodeId, to: &str) -> Decided {
        let found = self.within_reach(hand, node)?;
        let name = name::clean(to)?;
        if found.name.as_deref() == Some(name.as_str()) {
            return Ok(Vec::new());
        }
        // Who types a name means that name: a taken one is refused here, and numbered everywhere else.
        let holder = self.tree.named(found.parent, &name::key(&name));
        if holder.is_some_and(|holder| holder != node) {
            return Err(SpaceRefusal::NameTaken);
        }
        Ok(vec![FilesEvent::NodeRenamed {
            space: hand.space,
            node,
            name: Personal::new(name),
            author: found.author,
        }])
    }

    fn put_into(&self, hand: Hand, node: NodeId, parent: Option<NodeId>) -> Decided {
        let found = self.within_reach(hand, node)?;
        if found.parent == parent {
            return Ok(Vec::new());
        }
        if self.tree.is_within(parent, node) {
            return Err(SpaceRefusal::IntoItself);
        }
        self.enter(parent, self.tree.height(node))?;
        Ok(vec![self.moved(hand.space, node, found, parent)])
    }

    fn moved(
        &self,
        space: SpaceId,
        node: NodeId,
        found: &Node,
        parent: Option<NodeId>,
    ) -> FilesEvent {
        FilesEvent::NodeMoved {
            space,
            node,
            parent,
            name: self.name_in(found, parent),
            author: found.author,
        }
    }

    fn name_in(&self, found: &Node, place: Option<NodeId>) -> Personal<String> {
        match &found.name {
            Some(name) => Personal::new(self.tree.free_name(place, name, found.is_folder())),
            None => Personal::forgotten(),
        }
    }

    fn delete(&self, hand: Hand, node: NodeId) -> Decided {
        if self
            .tree
            .node(node)
            .is_some_and(|found| found.deleted.is_some())
        {
            return Ok(Vec::new());
        }
        self.within_reach(hand, node)?;
        // A folder takes what is in it along; what others put there is not one's own to delete.
        if hand.reach == Reach::Own && self.tree.holds_of_others(node, hand.person) {
            return Err(SpaceRefusal::HoldsOfOthers);
        }
        Ok(vec![FilesEvent::NodeDeleted {
            space: hand.space,
            node,
            by: hand.person,
        }])
    }

    fn restore(&self, hand: Hand, node: NodeId) -> Decided {
        let found = self.tree.node(node).ok_or(SpaceRefusal::NoSuchNode)?;
        if found.deleted.is_none() {
            return match self.tree.is_visible(node) {
                true => Ok(Vec::new()),
                false => Err(SpaceRefusal::NoSuchNode),
            };
        }
        if !self.may_restore(node, hand.person, hand.reach) {
            return Err(SpaceRefusal::NotYours);
        }
        let stays = self.enter(found.parent, self.tree.height(node)).is_ok();
        let place = if stays { found.parent } else { None };
        let moved = (!stays).then(|| self.moved(hand.space, node, found, None));
        let restored = FilesEvent::NodeRestored {
            space: hand.space,
            node,
            name: self.name_in(found, place),
            author: found.author,
        };
        Ok(moved.into_iter().chain([restored]).collect())
    }
}
